"""What judges answered about control pairs: it counts for the whole study, whichever run asked."""

from sqlalchemy import ColumnElement, select

from advisor.store.engine import Store
from advisor.store.generations import BESIDES, CallKey, key_of
from advisor.store.tables import GenerationRow, GenerationTextRow, RunRow
from advisor.types import FailureKind, Lane

CONTROL = "control"
"""Begins, after ``BESIDES``, the subject of a call about a control pair."""


def load_controls(store: Store, study_id: int, judge_id: int) -> list[tuple[CallKey, str | None]]:
    """(key, text) of a judge's answers in all runs of a study, the oldest first."""
    query = (
        select(GenerationRow, GenerationTextRow.text)
        .outerjoin(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
        .where(*_of(study_id, judge_id), GenerationRow.failure.is_(None))
        .order_by(GenerationRow.at, GenerationRow.id)
    )
    with store.read() as session:
        return [(key_of(row), text) for row, text in session.execute(query)]


def load_refused(store: Store, study_id: int, judge_id: int) -> list[tuple[int, str]]:
    """(sample id, subject) of the calls that the same request would fail again."""
    query = select(GenerationRow.sample_id, GenerationRow.subject).where(
        *_of(study_id, judge_id),
        GenerationRow.failure.in_([kind for kind in FailureKind if kind.is_refusal_of_call]),
    )
    with store.read() as session:
        return [(sample_id, subject) for sample_id, subject in session.execute(query)]


def _of(study_id: int, judge_id: int) -> tuple[ColumnElement[bool], ...]:
    """A judge's calls about control pairs."""
    return (
        GenerationRow.run_id.in_(select(RunRow.id).where(RunRow.study_id == study_id)),
        GenerationRow.model_id == judge_id,
        GenerationRow.lane == Lane.JUDGE,
        GenerationRow.subject.startswith(f"{BESIDES}{CONTROL}:"),
    )
