"""Scores and judges' votes. Scoring again replaces what was there."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import case, delete, func, insert, literal, null, select

from advisor.store.engine import Store, study_of
from advisor.store.generations import storable
from advisor.store.log_tables import GroupRow, SampleRow, UseCaseRow
from advisor.store.pairs import in_parts
from advisor.store.tables import JudgementRow, RunRow, ScoreRow
from advisor.types import Finding, Json, Judgement, Preference, Score, ScoreCode

RECORDED = 0
"""Stands for the recorded answer where a score needs the model that was scored."""
DRAW = 0.5
"""Neither of two answers is better."""


class ScoreKey(NamedTuple):
    """Which answer a score is about."""

    sample_id: int
    model_id: int
    scorer: str


class Vote(NamedTuple):
    """A judge's vote on one pair."""

    sample_id: int
    model_id: int
    judgement: Judgement
    judge_id: int


def stored_findings(findings: Sequence[Finding]) -> Json:
    """Findings as a column holds them; None for none."""
    rows: list[Json] = [
        [code, [storable(detail) or "" for detail in details], more] for code, details, more in findings
    ]
    return rows or None


def read_findings(stored: Json) -> tuple[Finding, ...]:
    """Findings from what a column holds."""
    rows: Any = stored or ()
    return tuple(Finding(ScoreCode(code), tuple(details), more) for code, details, more in rows)


def save_scores(store: Store, run_id: int, sample_ids: Sequence[int], scores: Iterable[tuple[int, int, Score]]) -> int:
    """Replace the scores of some samples in a run by these (sample id, model id, score); returns how many."""
    rows = [
        {
            "run_id": run_id,
            "sample_id": sample_id,
            "model_id": model_id,
            "scorer": score.scorer,
            "value": score.value,
            "passed": score.passed,
            "reason": storable(score.reason),
            "code": score.code,
            "details": stored_findings(score.findings),
        }
        for sample_id, model_id, score in scores
    ]
    with store.write(study_of(RunRow, run_id)) as session:
        session.execute(delete(ScoreRow).where(ScoreRow.run_id == run_id, ScoreRow.sample_id.in_(sample_ids)))
        if rows:
            session.execute(insert(ScoreRow), rows)
    return len(rows)


def load_scores(
    store: Store,
    run_id: int,
    *,
    scorers: Collection[str] | None = None,
    model_ids: Collection[int] | None = None,
    sample_ids: Iterable[int] | None = None,
    explained: bool = True,
    only_failed: bool = False,
) -> dict[ScoreKey, Score]:
    """Every score of a run, or those of some scorers, models and samples, or of answers that did not pass.

    Without ``explained`` findings and reasons are left empty: they are by far the most of what is stored.
    """
    said: tuple[Any, ...] = (ScoreRow.details, ScoreRow.reason) if explained else (null(), literal(""))
    query = select(
        ScoreRow.sample_id, ScoreRow.model_id, ScoreRow.scorer, ScoreRow.value, ScoreRow.passed, *said
    ).where(ScoreRow.run_id == run_id)
    if scorers is not None:
        query = query.where(ScoreRow.scorer.in_(list(scorers)))
    if model_ids is not None:
        query = query.where(ScoreRow.model_id.in_(list(model_ids)))
    if only_failed:
        query = query.where(ScoreRow.passed.is_(False))
    found: dict[ScoreKey, Score] = {}
    parts: Iterable[list[int] | None] = [None] if sample_ids is None else in_parts(sorted(set(sample_ids)))
    for some in parts:
        with store.read() as session:
            rows = session.execute(query if some is None else query.where(ScoreRow.sample_id.in_(some)))
            for sample, model, scorer, value, passed, found_there, reason in rows:
                found[ScoreKey(sample, model, scorer)] = Score(
                    scorer=scorer,
                    value=value,
                    passed=passed,
                    findings=read_findings(found_there),
                    reason=reason,
                )
    return found


def save_judgements(
    store: Store, run_id: int, sample_ids: Sequence[int], votes: Sequence[Vote], *, prompt_version: str
) -> None:
    """Replace the judgements of some samples in a run by these."""
    rows = [
        {
            "run_id": run_id,
            "sample_id": vote.sample_id,
            "model_id": vote.model_id,
            "judge_id": vote.judge_id,
            "candidate_first": vote.judgement.candidate_first,
            "preference": vote.judgement.preference,
            "reason": storable(vote.judgement.reason),
            "parsed": vote.judgement.parsed,
            "prompt_version": prompt_version,
        }
        for vote in votes
    ]
    with store.write(study_of(RunRow, run_id)) as session:
        session.execute(
            delete(JudgementRow).where(JudgementRow.run_id == run_id, JudgementRow.sample_id.in_(sample_ids))
        )
        if rows:
            session.execute(insert(JudgementRow), rows)


def load_votes(store: Store, run_id: int) -> list[Vote]:
    """Every judgement of a run without its reason, each candidate's pairs in order of sample."""
    query = (
        select(
            JudgementRow.sample_id,
            JudgementRow.model_id,
            JudgementRow.candidate_first,
            JudgementRow.preference,
            JudgementRow.parsed,
            JudgementRow.judge_id,
        )
        .where(JudgementRow.run_id == run_id)
        .order_by(JudgementRow.model_id, JudgementRow.sample_id, JudgementRow.id)
    )
    with store.read() as session:
        return [
            Vote(sample, model, Judgement(candidate_first=first, preference=Preference(p), parsed=parsed), judge)
            for sample, model, first, p, parsed, judge in session.execute(query)
        ]


def count_turned(store: Store, run_id: int) -> dict[str, tuple[int, int]]:
    """Use case -> (readings in which a judge's word turned with the order, readings of a pair in both orders).

    Each judge of a panel counts on its own; words that could not be read do not count.
    """
    turned = func.min(JudgementRow.preference) != func.max(JudgementRow.preference)
    pairs = (
        select(JudgementRow.sample_id, turned.label("turned"))
        .where(JudgementRow.run_id == run_id, JudgementRow.parsed.is_(True))
        .group_by(JudgementRow.sample_id, JudgementRow.model_id, JudgementRow.judge_id)
        .having(func.count() == 2)
        .subquery()
    )
    query = (
        select(UseCaseRow.name, func.sum(case((pairs.c.turned, 1), else_=0)), func.count())
        .select_from(pairs)
        .join(SampleRow, SampleRow.id == pairs.c.sample_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
        .group_by(UseCaseRow.name)
    )
    with store.read() as session:
        return {name: (int(number), both) for name, number, both in session.execute(query)}
