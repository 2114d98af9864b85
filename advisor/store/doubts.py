"""Which pairs a candidate lost or judges leave in doubt, told by the database without loading the others."""

from collections import Counter
from typing import Any

from sqlalchemy import and_, case, func, null, or_, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Store
from advisor.store.log_tables import GroupRow, SampleRow
from advisor.store.scores import DRAW, ScoreKey, read_findings
from advisor.store.tables import JudgementRow, ScoreRow
from advisor.types import Score


def list_doubts(store: Store, run_id: int, scorer: str) -> Counter[tuple[int, int]]:
    """(sample id, candidate's model id) -> how many of three doubts there are about it; pairs without any are left out.

    A judge changed its word with the order of the answers; the judges differ from one another; the pair's score by
    ``scorer`` is a draw. A pair without a score is in no doubt.
    """
    word = JudgementRow.preference
    pair = (JudgementRow.sample_id, JudgementRow.model_id)
    of_run = select(*pair).where(JudgementRow.run_id == run_id)
    unlike = of_run.group_by(*pair).having(func.min(word) != func.max(word)).subquery()  # few; the rest needs no more
    said = (
        of_run.add_columns(func.min(word).label("low"), func.max(word).label("high"))
        .join(unlike, and_(unlike.c.sample_id == pair[0], unlike.c.model_id == pair[1]))
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
    scored = and_(ScoreRow.run_id == run_id, ScoreRow.scorer == scorer, ScoreRow.value.is_not(None))
    same = and_(scored, told.c.sample_id == ScoreRow.sample_id, told.c.model_id == ScoreRow.model_id)
    of_words = select(told.c.sample_id, told.c.model_id, told.c.reasons).join(ScoreRow, same)
    draws = select(ScoreRow.sample_id, ScoreRow.model_id).where(scored, ScoreRow.value == DRAW)
    with store.read() as session:  # two statements: together they take twice the time
        doubts = Counter({(sample, model): number for sample, model, number in session.execute(of_words)})
        doubts.update((sample, model) for sample, model in session.execute(draws))
    return doubts


def load_lower(
    store: Store, run_id: int, scorer: str, model_id: int, *, baseline_id: int | None
) -> dict[ScoreKey, Score]:
    """A candidate's scores that are lower than the baseline's on the same sample, and the latter, its value only.

    All are of 0 to 1, so that of two answers with the highest score none is looked at.

    Without ``baseline_id`` those below one half, where one score says which of two answers is better.
    """
    query: Any = select(ScoreRow.sample_id, ScoreRow.value, ScoreRow.passed, ScoreRow.details, ScoreRow.reason)
    query = query.where(ScoreRow.run_id == run_id, ScoreRow.scorer == scorer, ScoreRow.model_id == model_id)
    if baseline_id is None:
        query = query.add_columns(null()).where(ScoreRow.value < DRAW)
    else:
        other = aliased(ScoreRow)
        same = (
            other.run_id == run_id,
            other.sample_id == ScoreRow.sample_id,
            other.model_id == baseline_id,
            other.scorer == scorer,
        )
        query = query.add_columns(other.value).join(other, and_(*same))
        query = query.where(ScoreRow.value < 1, ScoreRow.value < other.value)
    found = {}
    with store.read() as session:
        for sample, value, passed, details, reason, its in session.execute(query):
            key = ScoreKey(sample, model_id, scorer)
            findings = read_findings(details)
            found[key] = Score(scorer=scorer, value=value, passed=passed, findings=findings, reason=reason)
            if baseline_id is not None:
                found[key._replace(model_id=baseline_id)] = Score(scorer=scorer, value=its)
    return found


def has_scores(store: Store, run_id: int, scorer: str, model_id: int, use_case_id: int) -> bool:
    """Whether any answer of a model in a use case has a score."""
    query = (
        select(ScoreRow.id)
        .join(SampleRow, SampleRow.id == ScoreRow.sample_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .where(
            ScoreRow.run_id == run_id,
            ScoreRow.scorer == scorer,
            ScoreRow.model_id == model_id,
            GroupRow.use_case_id == use_case_id,
        )
        .limit(1)
    )
    with store.read() as session:
        return session.scalar(query) is not None
