"""Scores and judges' votes. Scoring again replaces what was there."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, func, insert, literal, null, select
from sqlalchemy.orm import aliased

from advisor.store.engine import ROWS, Change, Store, in_parts, study_of
from advisor.store.log.logs import join_use_case
from advisor.store.log_tables import UseCaseRow
from advisor.store.run.generations import storable
from advisor.store.tables import JudgementRow, RunRow, ScoreRow
from advisor.types import UNCHECKED, Finding, Json, Judgement, Preference, Score, ScoreCode

RECORDED = 0
"""Stands for the recorded answer where a score needs the model that was scored."""

DRAW = 0.5
"""Neither of two answers is better."""


MANY = 5_000
"""Samples above which reading the scores of all is faster than naming them."""


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
            **{name: getattr(score, name) for name in ("scorer", "value", "passed", "code")},
            "reason": storable(score.reason),
            "details": stored_findings(score.findings),
        }
        for sample_id, model_id, score in scores
    ]
    _replace(store, ScoreRow, run_id, sample_ids, rows)
    return len(rows)


def save_judgements(
    store: Store, run_id: int, sample_ids: Sequence[int], votes: Sequence[Vote], *, prompt_version: str
) -> None:
    """Replace the judgements of some samples in a run by these."""
    rows = [
        {
            **vars(vote.judgement),
            "run_id": run_id,
            "sample_id": vote.sample_id,
            "model_id": vote.model_id,
            "judge_id": vote.judge_id,
            "reason": storable(vote.judgement.reason),
            "prompt_version": prompt_version,
        }
        for vote in votes
    ]
    _replace(store, JudgementRow, run_id, sample_ids, rows)


def _replace(
    store: Store, table: type[ScoreRow | JudgementRow], run_id: int, sample_ids: Sequence[int], rows: list[Any]
) -> None:
    with store.write(study_of(RunRow, run_id), Change.ANSWERS) as session:
        session.execute(delete(table).where(table.run_id == run_id, table.sample_id.in_(sample_ids)))
        if rows:
            # Not through the session: it sends a statement of its own for each change between NULL and a value
            session.connection().execute(insert(table), rows)


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
    if sample_ids is None:
        return dict(_read(store, query))
    wanted = set(sample_ids)
    if len(wanted) > MANY:
        return {key: score for key, score in _read(store, query) if key.sample_id in wanted}
    parts = (query.where(ScoreRow.sample_id.in_(some)) for some in in_parts(sorted(wanted)))
    return {key: score for part in parts for key, score in _read(store, part)}


def list_scored(store: Store, run_id: int, scorer: str, model_ids: Collection[int], use_case_id: int) -> set[int]:
    """Samples of a use case on which the answers of all these models have a value of a scorer."""
    query = (
        join_use_case(select(ScoreRow.sample_id), ScoreRow.sample_id)
        .where(
            ScoreRow.run_id == run_id,
            ScoreRow.scorer == scorer,
            ScoreRow.model_id.in_(list(model_ids)),
            ScoreRow.value.is_not(None),
            UseCaseRow.id == use_case_id,
        )
        .group_by(ScoreRow.sample_id)
        .having(func.count() == len(model_ids))
    )
    return set(store.scalars(query))


def load_failed(
    store: Store, run_id: int, scorers: Collection[str], model_ids: Collection[int] | None = None
) -> dict[ScoreKey, Score]:
    """The scores of answers that did not pass."""
    return dict(_read(store, _scores_of(run_id, scorers, model_ids).where(ScoreRow.passed.is_(False))))


def _scores_of(
    run_id: int,
    scorers: Collection[str] | None = None,
    model_ids: Collection[int] | None = None,
    *,
    explained: bool = True,
) -> Any:
    said: tuple[Any, ...] = (ScoreRow.details, ScoreRow.reason) if explained else (null(), literal(""))
    query = select(
        ScoreRow.sample_id, ScoreRow.model_id, ScoreRow.scorer, ScoreRow.value, ScoreRow.passed, *said
    ).where(ScoreRow.run_id == run_id)
    if scorers is not None:
        query = query.where(ScoreRow.scorer.in_(list(scorers)))
    if model_ids is not None:
        query = query.where(ScoreRow.model_id.in_(list(model_ids)))
    return query


def _read(store: Store, query: Any) -> Iterator[tuple[ScoreKey, Score]]:
    with store.read() as session:
        for row in session.execute(query.execution_options(yield_per=ROWS)):
            yield _score(*row)


def _score(
    sample_id: int, model_id: int, scorer: str, value: float | None, passed: bool | None, *said: Any
) -> tuple[ScoreKey, Score]:
    details, reason = said
    score = _unexplained(scorer, value, passed)
    if details or reason:
        score = replace(score, findings=read_findings(details), reason=reason)
    return ScoreKey(sample_id, model_id, scorer), score


@lru_cache(10_000)
def _unexplained(scorer: str, value: float | None, passed: bool | None) -> Score:
    """Of a large run nearly all scores are one of few."""
    return Score(scorer=scorer, value=value, passed=passed)


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
    return [
        Vote(sample, model, Judgement(candidate_first=first, preference=Preference(p), parsed=parsed), judge)
        for sample, model, first, p, parsed, judge in store.rows(query)
    ]


class Unchecked(NamedTuple):
    """How many answers of one use case a scorer could not check."""

    use_case: str
    scorer: str
    answers: int
    findings: tuple[Finding, ...]
    """Of the first of them."""


def list_unchecked(store: Store, run_id: int, scorers: Collection[str]) -> list[Unchecked]:
    """By use case and scorer the answers of a run that could not be checked, the most first."""
    counts = select(
        UseCaseRow.name, ScoreRow.scorer, func.count().label("answers"), func.min(ScoreRow.id).label("first")
    )
    found = (
        join_use_case(counts, ScoreRow.sample_id)
        .where(ScoreRow.run_id == run_id, ScoreRow.scorer.in_(list(scorers)), ScoreRow.code.in_(UNCHECKED))
        .group_by(UseCaseRow.name, ScoreRow.scorer)
        .subquery()
    )
    query = (
        select(found.c.name, found.c.scorer, found.c.answers, ScoreRow.details)
        .join(ScoreRow, ScoreRow.id == found.c.first)
        .order_by(found.c.answers.desc(), found.c.name, found.c.scorer)
    )
    return [Unchecked(name, scorer, n, read_findings(details)) for name, scorer, n, details in store.rows(query)]


def load_lower(store: Store, run_id: int, scorer: str, model_id: int, other_id: int) -> dict[ScoreKey, Score]:
    """A model's scores that are lower than another's on the same sample, and the latter, its value only.

    All are of 0 to 1, so that of two answers with the highest score none is looked at.
    """
    other = aliased(ScoreRow)
    same = and_(
        other.run_id == run_id,
        other.sample_id == ScoreRow.sample_id,
        other.model_id == other_id,
        other.scorer == scorer,
    )
    query = _scores_of(run_id, [scorer], [model_id]).add_columns(other.value).join(other, same)
    found = {}
    for *row, its in store.rows(query.where(ScoreRow.value < 1, ScoreRow.value < other.value)):
        key, score = _score(*row)
        found[key] = score
        found[key._replace(model_id=other_id)] = Score(scorer=scorer, value=its)
    return found


def load_leaning(store: Store, run_id: int, scorer: str, model_id: int, *, to_candidate: bool) -> dict[ScoreKey, Score]:
    """Where one score says which of two answers is better: those for the candidate, or those for the baseline."""
    leans = ScoreRow.value > DRAW if to_candidate else ScoreRow.value < DRAW
    return dict(_read(store, _scores_of(run_id, [scorer], [model_id]).where(leans)))


def has_scores(store: Store, run_id: int, scorer: str, model_id: int, use_case_id: int) -> bool:
    """Whether any answer of a model in a use case has a score."""
    query = join_use_case(select(ScoreRow.id), ScoreRow.sample_id).where(
        ScoreRow.run_id == run_id,
        ScoreRow.scorer == scorer,
        ScoreRow.model_id == model_id,
        UseCaseRow.id == use_case_id,
    )
    return store.scalar(query.limit(1)) is not None
