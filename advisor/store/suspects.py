"""Which answers of a candidate may be worse than others, told by the database without loading those that are not."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Store
from advisor.store.tables import GenerationRow, GenerationTextRow, ScoreRow
from advisor.types import Lane

FINE = "stop"
"""The finish reason of an answer that ended by itself; no other is taken for one."""


def list_suspects(
    store: Store, run_id: int, model_id: int, scorer: str, *, below: float, spoilt_by: Collection[str], longest: int
) -> dict[int, bool]:
    """Sample id -> whether its first answer may be worse; of every sample that the model was asked about.

    It may be where the call failed, or the score by ``scorer`` is missing or under ``below``. With any ``spoilt_by``
    also where one of these scorers does not pass it, it did not end by itself, or it is so short (``longest``
    characters) that it may say nothing.
    """
    scored = aliased(ScoreRow)
    text = GenerationTextRow
    worse: list[ColumnElement[bool]] = [
        GenerationRow.failure.is_not(None),
        scored.value.is_(None),
        scored.value < below,
    ]
    if spoilt_by:
        spoilt = select(ScoreRow.sample_id).where(
            ScoreRow.run_id == run_id,
            ScoreRow.model_id == model_id,
            ScoreRow.scorer.in_(list(spoilt_by)),
            ScoreRow.passed.is_(False),
        )
        worse += [
            GenerationRow.finish_reason != FINE,
            func.length(text.text) <= longest,
            GenerationRow.sample_id.in_(spoilt),
        ]
    same = and_(
        scored.run_id == run_id,
        scored.model_id == model_id,
        scored.scorer == scorer,
        scored.sample_id == GenerationRow.sample_id,
    )
    query = (
        select(GenerationRow.sample_id, or_(*worse))
        .outerjoin(scored, same)
        .where(
            GenerationRow.run_id == run_id,
            GenerationRow.lane == Lane.CANDIDATE,
            GenerationRow.model_id == model_id,
            GenerationRow.epoch == 1,
            GenerationRow.subject == "",
        )
    )
    if spoilt_by:
        query = query.outerjoin(text, text.generation_id == GenerationRow.id)
    with store.read() as session:
        return {sample_id: may_be is not False for sample_id, may_be in session.execute(query)}
