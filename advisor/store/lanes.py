"""What the calls that were made took, model by model, beside what was expected of the same samples."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select

from advisor.store.engine import Store
from advisor.store.generations import BESIDES
from advisor.store.tables import GenerationRow, RunRow, RunSampleRow


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
