"""What judges answered about control pairs: it counts for the whole study, whichever run asked."""

from collections.abc import Collection

from sqlalchemy import select

from advisor.store.engine import Store
from advisor.store.generations import BESIDES, CallKey, key_of
from advisor.store.tables import GenerationRow, GenerationTextRow, RunRow
from advisor.types import Lane

CONTROL = "control"
"""Begins, after ``BESIDES``, the subject of a call about a control pair."""


def load_controls(store: Store, study_id: int, judge_ids: Collection[int]) -> list[tuple[CallKey, str | None]]:
    """(key, text) of the answers of these judges in all runs of a study, the oldest first."""
    query = (
        select(GenerationRow, GenerationTextRow.text)
        .join(RunRow, RunRow.id == GenerationRow.run_id)
        .outerjoin(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
        .where(
            RunRow.study_id == study_id,
            GenerationRow.model_id.in_(list(judge_ids)),
            GenerationRow.lane == Lane.JUDGE,
            GenerationRow.failure.is_(None),
            GenerationRow.subject.startswith(f"{BESIDES}{CONTROL}:"),
        )
        .order_by(GenerationRow.at, GenerationRow.id)
    )
    with store.read() as session:
        return [(key_of(row), text) for row, text in session.execute(query)]
