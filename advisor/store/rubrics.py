"""Rubrics: what judges check answers against, by use case; every version a person made is kept."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select

from advisor.store.engine import Store, study_of
from advisor.store.log_tables import RubricRow, UseCaseRow
from advisor.types import Rubric


def add_rubric(store: Store, use_case_id: int, questions: Sequence[str]) -> Rubric:
    """Put a new version in force."""
    newest = select(func.max(RubricRow.version)).where(RubricRow.use_case_id == use_case_id)
    with store.write(study_of(UseCaseRow, use_case_id), setup=True) as session:
        row = RubricRow(
            use_case_id=use_case_id,
            version=(session.scalar(newest) or 0) + 1,
            questions=list(questions),
            created_at=datetime.now(UTC),
        )
        session.add(row)
        return _rubric(row)


def list_rubrics(store: Store, use_case_id: int) -> list[Rubric]:
    """Every version of a use case, the newest, which is in force, first."""
    query = select(RubricRow).where(RubricRow.use_case_id == use_case_id).order_by(RubricRow.version.desc())
    with store.read() as session:
        return [_rubric(row) for row in session.scalars(query)]


def load_rubrics(store: Store, study_id: int) -> dict[str, list[Rubric]]:
    """Every version by name of the use case, the newest first; use cases without one are left out."""
    query = (
        select(UseCaseRow.name, RubricRow)
        .join(RubricRow, RubricRow.use_case_id == UseCaseRow.id)
        .where(UseCaseRow.study_id == study_id)
        .order_by(RubricRow.version.desc())
    )
    found: dict[str, list[Rubric]] = {}
    with store.read() as session:
        for name, row in session.execute(query):
            found.setdefault(name, []).append(_rubric(row))
    return found


def _rubric(row: RubricRow) -> Rubric:
    return Rubric(version=row.version, questions=tuple(row.questions), created_at=row.created_at)
