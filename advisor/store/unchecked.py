"""Answers of which a scorer could say nothing or not all, counted by the database."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import func, select

from advisor.store.engine import Store
from advisor.store.log_tables import GroupRow, SampleRow, UseCaseRow
from advisor.store.tables import ScoreRow


class Unchecked(NamedTuple):
    """How many answers of one use case a scorer could not check."""

    use_case: str
    scorer: str
    answers: int
    reason: str
    """What the scorer wrote of the first of them."""


def list_unchecked(store: Store, run_id: int, beginning: str, scorers: Collection[str]) -> list[Unchecked]:
    """By use case and scorer the scores of a run whose explanation begins so, the most first."""
    found = (
        select(
            UseCaseRow.name.label("use_case"),
            ScoreRow.scorer.label("scorer"),
            func.count().label("answers"),
            func.min(ScoreRow.id).label("first"),
        )
        .join(SampleRow, SampleRow.id == ScoreRow.sample_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
        .where(
            ScoreRow.run_id == run_id,
            ScoreRow.scorer.in_(list(scorers)),
            ScoreRow.explanation.startswith(beginning, autoescape=True),
        )
        .group_by(UseCaseRow.name, ScoreRow.scorer)
        .subquery()
    )
    query = (
        select(found.c.use_case, found.c.scorer, found.c.answers, ScoreRow.explanation)
        .join(ScoreRow, ScoreRow.id == found.c.first)
        .order_by(found.c.answers.desc(), found.c.use_case, found.c.scorer)
    )
    with store.read() as session:
        return [
            Unchecked(use_case, scorer, answers, words.removeprefix(beginning))
            for use_case, scorer, answers, words in session.execute(query)
        ]
