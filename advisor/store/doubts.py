"""Which pairs of a run their judges leave in doubt, told by the database without loading the others."""

from sqlalchemy import and_, case, func, or_, select

from advisor.store.engine import Store
from advisor.store.tables import JudgementRow, ScoreRow

DRAW = 0.5


def list_doubts(store: Store, run_id: int, scorer: str) -> dict[tuple[int, int], int]:
    """(sample id, candidate's model id) -> how many of three doubts there are about it; pairs without any are left out.

    A judge changed its word with the order of the answers; the judges differ from one another; the pair's score by
    ``scorer`` is a draw. A pair without a score is in no doubt.
    """
    word = JudgementRow.preference
    pair = (JudgementRow.sample_id, JudgementRow.model_id)
    said = (
        select(*pair, func.min(word).label("low"), func.max(word).label("high"))
        .where(JudgementRow.run_id == run_id)
        .group_by(*pair, JudgementRow.judge_id)
        .subquery()
    )
    low, high = said.c.low, said.c.high
    differ = or_(func.min(low) != func.max(low), func.min(high) != func.max(high))
    reasons = func.max(case((low != high, 1), else_=0)) + case((differ, 1), else_=0)
    told = (
        select(said.c.sample_id, said.c.model_id, reasons.label("reasons"))
        .group_by(said.c.sample_id, said.c.model_id)
        .having(reasons > 0)
        .subquery()
    )
    same = and_(told.c.sample_id == ScoreRow.sample_id, told.c.model_id == ScoreRow.model_id)
    doubts = func.coalesce(told.c.reasons, 0) + case((ScoreRow.value == DRAW, 1), else_=0)
    query = (
        select(ScoreRow.sample_id, ScoreRow.model_id, doubts)
        .outerjoin(told, same)
        .where(ScoreRow.run_id == run_id, ScoreRow.scorer == scorer, ScoreRow.value.is_not(None), doubts > 0)
    )
    with store.read() as session:
        return {(sample, model): number for sample, model, number in session.execute(query)}
