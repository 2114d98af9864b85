"""Scores and judges' votes. Scoring again replaces what was there."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, delete, func, insert, literal, null, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Change, Store, in_parts, study_of
from advisor.store.log_tables import GroupRow, SampleRow, UseCaseRow
from advisor.store.run.generations import storable
from advisor.store.tables import JudgementRow, RunRow, ScoreRow
from advisor.types import UNCHECKED, Finding, Json, Judgement, Preference, Score, ScoreCode

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
    with store.write(study_of(RunRow, run_id), Change.ANSWERS) as session:
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
) -> dict[ScoreKey, Score]:
    """Every score of a run, or those of some scorers, models and samples.

    Without ``explained`` findings and reasons are left empty: they are by far the most of what is stored.
    """
    query = _scores_of(run_id, scorers, model_ids, explained=explained)
    parts = [query]
    if sample_ids is not None:
        parts = [query.where(ScoreRow.sample_id.in_(some)) for some in in_parts(sorted(set(sample_ids)))]
    return {key: score for part in parts for key, score in _read(store, part)}


def load_failed(
    store: Store, run_id: int, scorers: Collection[str], model_ids: Collection[int] | None = None
) -> dict[ScoreKey, Score]:
    """The scores of answers that did not pass."""
    query = _scores_of(run_id, scorers, model_ids, explained=True)
    return dict(_read(store, query.where(ScoreRow.passed.is_(False))))


def _scores_of(
    run_id: int, scorers: Collection[str] | None, model_ids: Collection[int] | None, *, explained: bool
) -> Select[Any]:
    said: tuple[Any, ...] = (ScoreRow.details, ScoreRow.reason) if explained else (null(), literal(""))
    query = select(
        ScoreRow.sample_id, ScoreRow.model_id, ScoreRow.scorer, ScoreRow.value, ScoreRow.passed, *said
    ).where(ScoreRow.run_id == run_id)
    if scorers is not None:
        query = query.where(ScoreRow.scorer.in_(list(scorers)))
    if model_ids is not None:
        query = query.where(ScoreRow.model_id.in_(list(model_ids)))
    return query


def _read(store: Store, query: Select[Any]) -> Iterator[tuple[ScoreKey, Score]]:
    with store.read() as session:
        for sample, model, scorer, value, passed, details, reason in session.execute(query):
            score = Score(scorer=scorer, value=value, passed=passed, findings=read_findings(details), reason=reason)
            yield ScoreKey(sample, model, scorer), score


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
    with store.write(study_of(RunRow, run_id), Change.ANSWERS) as session:
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
