"""Answers of which a scorer could say nothing or not all, counted by the database."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import func, select

from advisor.store.engine import Store
from advisor.store.log_tables import GroupRow, SampleRow, UseCaseRow
from advisor.store.scores import read_findings
from advisor.store.tables import ScoreRow
from advisor.types import UNCHECKED, Finding


class Unchecked(NamedTuple):
    """How many answers of one use case a scorer could not check."""

    use_case: str
    scorer: str
    answers: int
    findings: tuple[Finding, ...]
    """Of the first of them."""


def list_unchecked(store: Store, run_id: int, scorers: Collection[str]) -> list[Unchecked]:
    """By use case and scorer the answers of a run that could not be checked, the most first."""
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
            ScoreRow.code.in_(UNCHECKED),
        )
        .group_by(UseCaseRow.name, ScoreRow.scorer)
        .subquery()
    )
    query = (
        select(found.c.use_case, found.c.scorer, found.c.answers, ScoreRow.details)
        .join(ScoreRow, ScoreRow.id == found.c.first)
        .order_by(found.c.answers.desc(), found.c.use_case, found.c.scorer)
    )
    with store.read() as session:
        return [
            Unchecked(use_case, scorer, answers, read_findings(details))
            for use_case, scorer, answers, details in session.execute(query)
        ]
