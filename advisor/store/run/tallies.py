"""What the calls of a run add up to, without loading an answer: counts, dollars, tokens, and what was left out."""

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Store
from advisor.store.run.generations import IS_BESIDES, CallKey, read_keys
from advisor.store.run.replies import count_unread
from advisor.store.tables import GenerationRow, JudgementRow, ModelRow, RunRow, RunSampleRow
from advisor.types import FailureKind, JudgeTally, Lane, Role, Run, StoredModel, Tally
from advisor.types.scores import is_hopeless

LOST = [kind for kind in FailureKind if not kind.is_model_fault]
REFUSED = [kind for kind in FailureKind if kind.is_refusal_of_call]


def spent_usd(store: Store, run_id: int) -> float:
    """Dollars that the calls of a run cost, those of deleted models too; unpriced and reused ones count as nothing."""
    return store.scalar(spent_query(run_id)) or 0.0


def spent_query(run_id: int) -> Select[float | None]:
    """The same as a part of a larger transaction."""
    row = GenerationRow
    stored = select(func.sum(row.cost_usd)).where(row.run_id == run_id, row.reused.is_not(True)).scalar_subquery()
    now, removed, of_judges = (
        func.coalesce(each, 0.0) for each in (stored, RunRow.removed_usd, RunRow.removed_judge_usd)
    )
    return select(now + removed + of_judges).where(RunRow.id == run_id)


def list_without_usage(store: Store, run_id: int) -> list[CallKey]:
    """The calls of a run that were made and answered without a word on usage, so that their cost is not known.

    A judge's reply that can't be read took time; a call that failed otherwise took none.
    """
    row = GenerationRow
    untold = (row.failure.is_(None) | row.latency_s.is_not(None), row.output_tokens.is_(None), row.reused.is_not(True))
    return list(read_keys(store, run_id, *untold))


def tally_run(store: Store, run_id: int) -> Tally:
    """Counts and spend of a run."""
    judge = GenerationRow.lane == Lane.JUDGE
    failed = GenerationRow.failure.is_not(None)
    query = (
        select(
            judge.label("judge"),
            IS_BESIDES.label("besides"),
            func.sum(case((failed, 0), else_=1)),
            func.sum(case((failed, 1), else_=0)),
            func.sum(case((GenerationRow.reused.is_(True), 0.0), else_=GenerationRow.cost_usd)),
            func.sum(case((failed, 0), (GenerationRow.cost_usd.is_(None), 1), else_=0)),
            func.sum(case((GenerationRow.failure.in_(LOST), 1), else_=0)),
            func.sum(case((GenerationRow.reused.is_(True), 1), else_=0)),
            func.min(case((GenerationRow.failure.is_(None), GenerationRow.at))),
        )
        .where(GenerationRow.run_id == run_id)
        .group_by(judge, IS_BESIDES)
    )
    with store.read() as session:
        of_run = (RunRow.planned, RunRow.planned_judge, RunRow.spared, RunRow.models)
        removed = (RunRow.removed_usd, RunRow.removed_judge_usd)
        planned, planned_judge, spared, models, *gone = session.execute(
            select(*of_run, *removed).where(RunRow.id == run_id)
        ).one_or_none() or (0, 0, 0, [], None, None)
        refused = GenerationRow.failure.in_(REFUSED) & GenerationRow.about_model_id.in_(models)
        query = query.add_columns(func.sum(case((refused, 1), else_=0)))
        own = JudgementRow.run_id == run_id, JudgementRow.judge_id.in_(models), JudgementRow.parsed
        words = session.scalar(select(func.count()).select_from(JudgementRow).where(*own))
        judges = select(func.count()).where(ModelRow.id.in_(models), ModelRow.role == Role.JUDGE)
        each = int(planned_judge or 0) // max(session.scalar(judges) or 0, 1)
        rows = {(bool(is_judge), bool(is_besides)): values for is_judge, is_besides, *values in session.execute(query)}
    done, bad, cost, unpriced, lost, reused, oldest_at, _ = rows.get((False, False), [0, 0, 0.0, 0, 0, 0, None, 0])
    judged, judge_bad, *_, judge_refused = rows.get((True, False), [0, 0, 0])
    spared = min(int(spared or 0), max(planned - int(done) - int(bad), 0))  # of models deleted since, none is
    costs = [values[2] for (is_judge, _), values in rows.items() if is_judge and values[2] is not None]
    costs += [gone[1]] if gone[1] is not None else []
    return Tally(
        planned=planned,
        succeeded=int(done),
        failed=int(bad),
        cost_usd=cost if gone[0] is None else (cost or 0.0) + gone[0],
        unpriced=int(unpriced),
        judge=JudgeTally(
            planned=int(planned_judge or 0),
            succeeded=int(judged),
            failed=int(judge_bad),
            cost_usd=sum(costs) if costs else (None if any(is_judge for is_judge, _ in rows) else 0.0),
            voted=int(words or 0),
            refused=int(judge_refused),
            given_up=_given_up(store, run_id, models, each) if judge_bad else 0,
        ),
        spared=spared,
        lost=int(lost),
        reused=int(reused),
        oldest_at=oldest_at,
    )


def _given_up(store: Store, run_id: int, models: Collection[int], planned: int) -> int:
    """Of so many votes of each judge of the run those that it isn't asked for any more, or has given unreadably."""
    votes = (replies.votes for judge, replies in count_unread(store, run_id).items() if judge in models)
    return sum(max(planned - (of - unread), 0) for unread, of in votes if is_hopeless(unread, of))


def median_latency_s(store: Store, run_id: int) -> float | None:
    """The median latency of the baseline and candidate calls that a run made itself; None where nothing was timed."""
    timed = (
        GenerationRow.run_id == run_id,
        GenerationRow.lane != Lane.JUDGE,
        GenerationRow.failure.is_(None),
        GenerationRow.latency_s.is_not(None),
        GenerationRow.reused.is_not(True),
    )
    count = select(func.count() // 2).where(*timed).scalar_subquery()
    query = select(GenerationRow.latency_s).where(*timed).order_by(GenerationRow.latency_s).limit(1).offset(count)
    return store.scalar(query)


def count_failures(store: Store, run_id: int) -> list[tuple[int, Lane, FailureKind, str, int]]:
    """Why calls of a run failed: (model id, lane, kind, an example message, count), the most frequent first.

    Of judges, calls about pairs, also about models that were deleted since.
    """
    query = (
        select(
            GenerationRow.model_id,
            GenerationRow.lane,
            GenerationRow.failure,
            func.max(GenerationRow.error),
            func.count(),
        )
        .where(GenerationRow.run_id == run_id, GenerationRow.failure.is_not(None), ~IS_BESIDES)
        .group_by(GenerationRow.model_id, GenerationRow.lane, GenerationRow.failure)
        .order_by(func.count().desc())
    )
    return [
        (model, Lane(lane), FailureKind(str(kind)), str(message), count)
        for model, lane, kind, message, count in store.rows(query)
    ]


class LaneKey(NamedTuple):
    """One model's calls of a run; a judge's about pairs and those besides apart."""

    model_id: int
    besides: bool = False


class WithUsage(NamedTuple):
    """Answers that told their tokens. All but the first are sums of tokens."""

    answers: int
    expected_input: int
    """Of the samples of these answers."""
    expected_output: int
    input_tokens: int
    """All input, cached or not."""
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    squared: int = 0
    """Sum of the squares of what is expected of each answer's output ..."""
    crossed: int = 0
    """... and of that times the output it had: with both, output follows as a line."""


class LaneTally(NamedTuple):
    """Calls that were really made: no answer of an earlier run counts."""

    with_usage: WithUsage
    cost_usd: float
    busy_s: float
    """Seconds that the timed calls took, waiting included."""
    made: int
    """Answered or failed."""
    expected_input: int
    """Tokens of the samples of these calls, as the run planned them."""
    expected_output: int
    timed: int


def tally_lanes(store: Store, run_id: int) -> dict[LaneKey, LaneTally]:
    """Of one run."""
    return _tally(store, _query().where(GenerationRow.run_id == run_id))


def tally_lanes_of_study(store: Store, study_id: int, before: int | None = None) -> dict[LaneKey, LaneTally]:
    """Of all runs of a study that kept what is expected of each sample; ``before``: of those before this run."""
    query = _query().join(RunRow, RunRow.id == GenerationRow.run_id)
    query = query.where(RunRow.study_id == study_id, RunSampleRow.input_tokens.is_not(None))
    return _tally(store, query if before is None else query.where(RunRow.id < before))


def tally_lanes_elsewhere(store: Store, models: Collection[StoredModel]) -> dict[LaneKey, LaneTally]:
    """What the same models took in other studies, by the ids they have here; the newest study of each counts."""
    found: dict[LaneKey, LaneTally] = {}
    for model in models:
        alike = ModelRow.litellm_id == model.litellm_id, ModelRow.role == model.role, ModelRow.id != model.id
        query = select(ModelRow.id, ModelRow.study_id, ModelRow.api_base, ModelRow.params).where(*alike)
        for id_, study_id, *asked in store.rows(query.order_by(ModelRow.id.desc())):
            if asked != [model.api_base, model.params]:
                continue
            lanes = _query().join(RunRow, RunRow.id == GenerationRow.run_id).where(GenerationRow.model_id == id_)
            kept = RunRow.study_id == study_id, RunSampleRow.input_tokens.is_not(None)
            if tallies := _tally(store, lanes.where(*kept)):
                found |= {key._replace(model_id=model.id): tally for key, tally in tallies.items()}
                break
    return found


def _query() -> Any:
    row, sample = GenerationRow, RunSampleRow
    with_usage = row.failure.is_(None) & row.output_tokens.is_not(None)
    cached = func.coalesce(row.cache_read_tokens, 0) + func.coalesce(row.cache_write_tokens, 0)
    timed = row.latency_s.is_not(None)

    def total(what: Any, where: Any = None) -> Any:
        return func.coalesce(func.sum(what if where is None else case((where, what))), 0)

    return (
        select(
            row.model_id,
            IS_BESIDES.label("besides"),
            total(1, with_usage),
            total(sample.input_tokens, with_usage),
            total(sample.output_tokens, with_usage),
            total(row.input_tokens + cached, with_usage),
            total(row.cache_read_tokens, with_usage),
            total(row.cache_write_tokens, with_usage),
            total(row.output_tokens, with_usage),
            total(sample.output_tokens * 1.0 * sample.output_tokens, with_usage),
            total(sample.output_tokens * 1.0 * row.output_tokens, with_usage),
            func.count(),
            total(sample.input_tokens),
            total(sample.output_tokens),
            total(1, timed),
            total(row.cost_usd),
            total(row.latency_s + row.waited_s, timed),
        )
        .join(RunSampleRow, (sample.run_id == row.run_id) & (sample.sample_id == row.sample_id))
        .where(row.reused.is_not(True))
        .group_by(row.model_id, "besides")
    )


def _tally(store: Store, query: Any) -> dict[LaneKey, LaneTally]:
    tallies = {}
    for model_id, besides, *values, cost_usd, busy_s in store.rows(query):
        counts = [int(value) for value in values]
        of_usage = WithUsage(*counts[: len(WithUsage._fields)])
        made = counts[len(of_usage) :]
        tallies[LaneKey(model_id, bool(besides))] = LaneTally(of_usage, float(cost_usd), float(busy_s), *made)
    return tallies


def count_dropped(store: Store, run_id: int) -> list[tuple[int, str, int]]:
    """(model id, parameter, calls) of logged parameters that a model's provider does not take, most calls first."""
    query = (
        select(GenerationRow.model_id, GenerationRow.dropped_params, func.count())
        .where(GenerationRow.run_id == run_id, GenerationRow.dropped_params.is_not(None))
        .group_by(GenerationRow.model_id, GenerationRow.dropped_params)
    )
    counts: Counter[tuple[int, str]] = Counter()
    for model_id, names, calls in store.rows(query):
        for name in str(names).split(","):
            counts[model_id, name] += calls
    return sorted(((model_id, name, calls) for (model_id, name), calls in counts.items()), key=lambda row: -row[2])


def count_reused(store: Store, run: Run) -> list[tuple[int | None, int]]:
    """(run that asked, answers taken from it), judges' left out, in order of the runs.

    None: what was asked there was deleted since.
    """
    source = aliased(GenerationRow)
    asked_in = (
        select(func.max(source.run_id))
        .join(RunRow, RunRow.id == source.run_id)
        .where(
            source.call_digest == GenerationRow.call_digest,
            source.at == GenerationRow.at,  # an answer keeps the time at which it was asked for
            source.reused.is_not(True),
            RunRow.study_id == run.study_id,
        )
        .scalar_subquery()
    )
    reused = (
        GenerationRow.run_id == run.id,
        GenerationRow.reused.is_(True),
        GenerationRow.lane != Lane.JUDGE,
    )
    each = select(asked_in.label("asked_in")).where(*reused).subquery()
    rows = store.rows(select(each.c.asked_in, func.count()).group_by(each.c.asked_in))
    return sorted(((asked, answers) for asked, answers in rows), key=lambda row: row[0] or 0)
