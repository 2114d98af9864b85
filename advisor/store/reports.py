"""Decisions with all that is shown of them: page and PDF show one stored Report, and read what was decided."""

from datetime import UTC, datetime

from sqlalchemy import insert, select

from advisor.store.choice_tables import RecommendationRow
from advisor.store.columns import adapter, typed
from advisor.store.engine import Store
from advisor.types import Json, Report


def save_report(store: Store, study_id: int, run_id: int, report: Report) -> None:
    """Keep a decision with all that is shown of it."""
    with store.write(study_id) as session:
        values = {"study_id": study_id, "run_id": run_id, "report": report_to_json(report)}
        session.execute(insert(RecommendationRow).values(created_at=datetime.now(UTC), **values))


def latest_report(store: Store, study_id: int) -> Report | None:
    """The newest decision of a study; None where there is none, or only one of another version's shape."""
    query = select(RecommendationRow.report).where(RecommendationRow.study_id == study_id)
    stored = store.scalar(query.order_by(RecommendationRow.id.desc()).limit(1))
    return None if stored is None else report_from_json(stored)


def report_to_json(report: Report) -> Json:
    """Plain dicts, lists, strings and numbers."""
    return adapter(Report).dump_python(report, mode="json")


def report_from_json(value: Json) -> Report | None:
    """The Report that :func:`report_to_json` was given; None when it is of another version's shape."""
    from pydantic import ValidationError

    try:
        report: Report = typed(Report, value)
    except ValidationError:
        return None
    return report
