"""What the calls of a run add up to, without loading an answer: counts, dollars, tokens, and what was left out."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Store
from advisor.store.run.generations import BESIDES, CallKey
from advisor.store.tables import GenerationRow, JudgementRow, RunRow, RunSampleRow
from advisor.types import FailureKind, JudgeTally, Lane, Run, Tally

LOST = [kind for kind in FailureKind if not kind.is_model_fault]


def spent_usd(store: Store, run_id: int) -> float:
    """What the stored calls of a run cost so far, in dollars; unpriced and reused ones count as nothing here."""
    query = select(func.coalesce(func.sum(GenerationRow.cost_usd), 0.0)).where(
        GenerationRow.run_id == run_id, GenerationRow.reused.is_not(True)
    )
    with store.read() as session:
        return float(session.execute(query).scalar_one() or 0.0)


def list_without_usage(store: Store, run_id: int) -> list[CallKey]:
    """The calls of a run that were made and answered without a word on usage, so that their cost is not known."""
    query = select(*(getattr(GenerationRow, name) for name in CallKey._fields)).where(
        GenerationRow.run_id == run_id,
        GenerationRow.failure.is_(None),
        GenerationRow.output_tokens.is_(None),
        GenerationRow.reused.is_not(True),
    )
    with store.read() as session:
        return [CallKey(sample, Lane(lane), *rest) for sample, lane, *rest in session.execute(query)]


def tally_run(store: Store, run_id: int) -> Tally:
    """Counts and spend of a run."""
    judge = GenerationRow.lane == Lane.JUDGE
    besides = GenerationRow.subject.startswith(BESIDES)
    failed = GenerationRow.failure.is_not(None)
    query = (
        select(
            judge.label("judge"),
            besides.label("besides"),
            func.sum(case((failed, 0), else_=1)),
            func.sum(case((failed, 1), else_=0)),
            func.sum(case((GenerationRow.reused.is_(True), 0.0), else_=GenerationRow.cost_usd)),
            func.sum(case((failed, 0), (GenerationRow.cost_usd.is_(None), 1), else_=0)),
            func.sum(case((GenerationRow.failure.in_(LOST), 1), else_=0)),
            func.sum(case((GenerationRow.reused.is_(True), 1), else_=0)),
            func.min(case((GenerationRow.failure.is_(None), GenerationRow.at))),
        )
        .where(GenerationRow.run_id == run_id)
        .group_by(judge, besides)
    )
    with store.read() as session:
        planned, planned_judge, spared, models = session.execute(
            select(RunRow.planned, RunRow.planned_judge, RunRow.spared, RunRow.models).where(RunRow.id == run_id)
        ).one_or_none() or (0, 0, 0, [])
        own = JudgementRow.run_id == run_id, JudgementRow.judge_id.in_(models)
        words = session.scalar(select(func.count()).select_from(JudgementRow).where(*own)) if planned_judge else 0
        rows = {(bool(is_judge), bool(is_besides)): values for is_judge, is_besides, *values in session.execute(query)}
    done, bad, cost, unpriced, lost, reused, oldest_at = rows.get((False, False), [0, 0, 0.0, 0, 0, 0, None])
    judged, judge_bad, *_ = rows.get((True, False), [0, 0])
    costs = [values[2] for (is_judge, _), values in rows.items() if is_judge and values[2] is not None]
    return Tally(
        planned=planned,
        succeeded=int(done),
        failed=int(bad),
        cost_usd=cost,
        unpriced=int(unpriced),
        judge=JudgeTally(
            planned=int(planned_judge or 0),
            succeeded=int(judged),
            failed=int(judge_bad),
            cost_usd=sum(costs) if costs else (None if any(is_judge for is_judge, _ in rows) else 0.0),
            voted=int(words or 0),
        ),
        spared=int(spared or 0),
        lost=int(lost),
        reused=int(reused),
        oldest_at=oldest_at,
    )


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
    with store.read() as session:
        return session.scalar(query)


def count_failures(store: Store, run_id: int) -> list[tuple[int, Lane, FailureKind, str, int]]:
    """Why calls of a run failed: (model id, lane, kind, an example message, count), the most frequent first."""
    query = (
        select(
            GenerationRow.model_id,
            GenerationRow.lane,
            GenerationRow.failure,
            func.max(GenerationRow.error),
            func.count(),
        )
        .where(GenerationRow.run_id == run_id, GenerationRow.failure.is_not(None))
        .group_by(GenerationRow.model_id, GenerationRow.lane, GenerationRow.failure)
        .order_by(func.count().desc())
    )
    with store.read() as session:
        return [
            (model, Lane(lane), FailureKind(str(kind)), str(message), count)
            for model, lane, kind, message, count in session.execute(query)
        ]


class LaneKey(NamedTuple):
    """One model's calls of a run; a judge's about pairs and those besides apart."""

    model_id: int
    besides: bool = False


@dataclass(frozen=True, kw_only=True)
class LaneTally:
    """Calls that were really made: no answer of an earlier run counts. Tokens are sums."""

    made: int
    """Answered or failed."""
    expected_input: int
    """Of the samples of these calls, as the run planned them."""
    expected_output: int
    cost_usd: float
    unpriced: int
    """Answers without a price."""
    answered: int
    """With usage; the tokens below are theirs."""
    answered_input: int
    """Expected of the samples of these answers."""
    answered_output: int
    input_tokens: int
    """All input, cached or not."""
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    timed: int
    busy_s: float
    """Seconds that the timed calls took, waiting included."""


def tally_lanes(store: Store, run_id: int) -> dict[LaneKey, LaneTally]:
    """Of one run."""
    return _tally(store, _query().where(GenerationRow.run_id == run_id))


def tally_lanes_of_study(store: Store, study_id: int, before: int | None = None) -> dict[LaneKey, LaneTally]:
    """Of all runs of a study that kept what is expected of each sample; ``before``: of those before this run."""
    query = _query().join(RunRow, RunRow.id == GenerationRow.run_id)
    query = query.where(RunRow.study_id == study_id, RunSampleRow.input_tokens.is_not(None))
    return _tally(store, query if before is None else query.where(RunRow.id < before))


def _query() -> Select[Any]:
    row, sample = GenerationRow, RunSampleRow
    answer = row.failure.is_(None)
    with_usage = answer & row.output_tokens.is_not(None)
    cached = func.coalesce(row.cache_read_tokens, 0) + func.coalesce(row.cache_write_tokens, 0)
    timed = row.latency_s.is_not(None)

    def total(what: Any, where: Any = None) -> Any:
        return func.coalesce(func.sum(what if where is None else case((where, what))), 0)

    return (
        select(
            row.model_id,
            row.subject.startswith(BESIDES).label("besides"),
            func.count(),
            total(sample.input_tokens),
            total(sample.output_tokens),
            total(row.cost_usd),
            total(1, answer & row.cost_usd.is_(None)),
            total(1, with_usage),
            total(sample.input_tokens, with_usage),
            total(sample.output_tokens, with_usage),
            total(row.input_tokens + cached, with_usage),
            total(row.cache_read_tokens, with_usage),
            total(row.cache_write_tokens, with_usage),
            total(row.output_tokens, with_usage),
            total(1, timed),
            total(row.latency_s + row.waited_s, timed),
        )
        .join(RunSampleRow, (sample.run_id == row.run_id) & (sample.sample_id == row.sample_id))
        .where(row.reused.is_not(True))
        .group_by(row.model_id, "besides")
    )


def _tally(store: Store, query: Select[Any]) -> dict[LaneKey, LaneTally]:
    with store.read() as session:
        rows = session.execute(query).all()
    names = list(LaneTally.__dataclass_fields__)
    tallies = {}
    for model_id, besides, *values in rows:
        found: dict[str, Any] = {name: int(value) for name, value in zip(names, values, strict=True)}
        found |= {"cost_usd": float(values[names.index("cost_usd")]), "busy_s": float(values[names.index("busy_s")])}
        tallies[LaneKey(model_id, bool(besides))] = LaneTally(**found)
    return tallies


def count_dropped(store: Store, run_id: int) -> list[tuple[int, str, int]]:
    """(model id, parameter, calls) of logged parameters that a model's provider does not take, most calls first."""
    query = (
        select(GenerationRow.model_id, GenerationRow.dropped_params, func.count())
        .where(GenerationRow.run_id == run_id, GenerationRow.dropped_params.is_not(None))
        .group_by(GenerationRow.model_id, GenerationRow.dropped_params)
    )
    counts: Counter[tuple[int, str]] = Counter()
    with store.read() as session:
        for model_id, names, calls in session.execute(query):
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
    with store.read() as session:
        rows = session.execute(select(each.c.asked_in, func.count()).group_by(each.c.asked_in)).all()
    return sorted(((asked, answers) for asked, answers in rows), key=lambda row: row[0] or 0)
