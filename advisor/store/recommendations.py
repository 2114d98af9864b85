"""Decisions as they were made: the page and the PDF show one stored value."""

from datetime import UTC, datetime

from sqlalchemy import select

from advisor.store.engine import Store
from advisor.store.tables import RecommendationRow
from advisor.types import Json


def save_recommendation(store: Store, study_id: int, run_id: int, report: Json) -> int:
    """Keep a decision with all that its report shows; returns its id."""
    with store.write(study_id) as session:
        row = RecommendationRow(study_id=study_id, run_id=run_id, created_at=datetime.now(UTC), report=report)
        session.add(row)
        session.flush()
        return row.id


def latest_recommendation(store: Store, study_id: int) -> tuple[int, Json] | None:
    """The newest decision of a study as (id, report), or None."""
    query = (
        select(RecommendationRow)
        .where(RecommendationRow.study_id == study_id)
        .order_by(RecommendationRow.id.desc())
        .limit(1)
    )
    with store.read() as session:
        row = session.scalar(query)
        return None if row is None else (row.id, row.report)
