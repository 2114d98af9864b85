"""Whether today's prices would decide a study otherwise: its tokens, priced again, and the same evidence once more.

What is stored stays as it is: the decision is made twice in memory, at the stored costs and at those of today, so that
nothing but the prices can make the difference. A call that was served at other terms than the list price (in a batch,
on another tier), or of which no list knows a price, keeps its stored cost.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.analysis.wording import dollars, named
from advisor.catalog.dated_prices import dated_list, sold_by_the_hour
from advisor.catalog.prices import Place, place_of, place_of_logged, price_call, price_logged
from advisor.store import Store
from advisor.store.generations import load_generation_facts
from advisor.store.logs import load_sample_facts
from advisor.store.models import list_models
from advisor.store.runs import list_run_samples
from advisor.study.decisions import recommend_run
from advisor.study.evidence import gather_evidence
from advisor.study.facts import RunFacts
from advisor.types import Lane, Model, Money, Run, Study, Usage, UseCaseDecision, Verdict

if TYPE_CHECKING:
    import pandas as pd

LEAST = 0.005
"""A smaller change of what the calls cost is rounding."""
LOOKED_AT = 200
"""Calls of each model by which it is seen whether its price changed at all."""
_WEEK = timedelta(days=7)
AS_LOGGED, OWN = "as logged", "own price list"
"""How the sources of such costs begin."""
_STANDS = {
    Verdict.SWITCH: "moves to {}",
    Verdict.ROUTE: "is routed to {}",
    Verdict.KEEP: "stays",
    Verdict.NEED_MORE_DATA: "needs more data",
}


@dataclass(frozen=True, kw_only=True)
class PriceMove:
    """What the calls of one model cost, then and now."""

    model: str
    before_usd: float
    now_usd: float

    @property
    def change(self) -> float:
        """As a fraction of what it was."""
        return self.now_usd / self.before_usd - 1


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A use case that would be decided otherwise."""

    use_case: str
    before: str
    now: str
    why: str


@dataclass(frozen=True, kw_only=True)
class PriceWatch:
    """What today's prices change."""

    prices: str
    """The list that was asked."""
    moves: tuple[PriceMove, ...] = ()
    turns: tuple[Turn, ...] = ()
    savings_before: Money | None = None
    """A month; None where it is not known, or no price moved."""
    savings_now: Money | None = None


@dataclass(frozen=True, kw_only=True)
class _Priced:
    """One call: its place in the evidence and its costs."""

    sample_id: int
    before_usd: float
    now_usd: float


def watch_prices(store: Store, study: Study, run: Run, now: datetime) -> PriceWatch:
    """Price the calls of a run at ``now`` (aware) and decide again where that makes a difference."""
    calls = {(lane, name): priced for lane, name, priced in _moved(store, study, run, now)}
    moves = tuple(_move(name, priced) for (_, name), priced in calls.items())
    if not moves:
        return PriceWatch(prices=dated_list())
    facts = RunFacts(store, study, run)
    evidence = gather_evidence(facts)
    before, after = (
        recommend_run(store, facts, some, margin=study.margin, confidence=study.confidence, at=now)
        for some in (evidence, [_at_new_prices(item, calls) for item in evidence])
    )
    turned = (_turn(*pair) for pair in zip(before.use_cases, after.use_cases, strict=True))
    return PriceWatch(
        prices=dated_list(),
        moves=moves,
        turns=tuple(turn for turn in turned if turn is not None),
        savings_before=before.monthly.savings_usd if before.monthly else None,
        savings_now=after.monthly.savings_usd if after.monthly else None,
    )


Moved = tuple[Lane, str, list[_Priced]]
"""Lane, model, and its calls."""
Moment = Callable[[datetime], datetime]
"""At which time of today a call is priced."""


def _moved(store: Store, study: Study, run: Run, now: datetime) -> Iterator[Moved]:
    """The models whose price has changed, each with all of its first answers that have a cost."""
    facts = load_generation_facts(store, run.id)
    facts = facts[facts["cost_usd"].notna() & facts["input_tokens"].notna() & (facts["epoch"] == 1)]
    for model in list_models(store, study.id):
        calls = facts[facts["model_id"] == model.id]
        place = place_of(model)
        moment = _moment(place, now)

        def reprice(row: Any, model: Model = model, at: Moment = moment) -> tuple[float, str] | None:
            return price_call(model, _usage(row), at(row.at))

        if found := _all_if_changed(calls, reprice):
            yield Lane(calls["lane"].iloc[0]), model.name, found
    if run.baseline_lane is Lane.RECORDED:
        yield from _moved_recorded(store, study, run, now)


def _moved_recorded(store: Store, study: Study, run: Run, now: datetime) -> Iterator[Moved]:
    """The same for the models that wrote the log's answers; a cost that the log itself told moves with the list."""
    facts = load_sample_facts(store, study.id)
    facts = facts[facts["id"].isin(list_run_samples(store, run.id)) & facts["model"].notna()]
    facts = facts[facts["cost_usd"].notna() & facts["input_tokens"].notna()]
    for name, calls in facts.rename(columns={"id": "sample_id"}).groupby("model"):
        moment = _moment(place_of_logged(str(name)), now)

        def reprice(row: Any, name: str = str(name), at: Moment = moment) -> tuple[float, str] | None:
            usage, called = _usage(row), row.at if row.at == row.at else now  # not equal to itself: not known
            today = price_logged(name, usage, at(called))
            if today is None or row.price_source != AS_LOGGED:
                return today
            then = price_logged(name, usage, called)
            return (row.cost_usd * today[0] / then[0], today[1]) if then and then[0] else None

        if found := _all_if_changed(calls, reprice):
            yield Lane.RECORDED, str(name), found


def _all_if_changed(calls: "pd.DataFrame", reprice: Callable[[Any], tuple[float, str] | None]) -> list[_Priced]:
    """All calls at today's price, or none where the first of them cost what they did."""

    def price(rows: "pd.DataFrame") -> list[_Priced]:
        found = []
        row: Any
        for row in rows.itertuples(index=False):
            today = reprice(row) if _is_plain(row.price_source) else None
            now_usd = today[0] if today else float(row.cost_usd)
            found.append(_Priced(sample_id=int(row.sample_id), before_usd=float(row.cost_usd), now_usd=now_usd))
        return found

    first = price(calls.head(LOOKED_AT))
    before, now = sum(one.before_usd for one in first), sum(one.now_usd for one in first)
    if not before or abs(now / before - 1) <= LEAST:
        return []
    return [*first, *price(calls.iloc[LOOKED_AT:])]


def _moment(place: Place | None, now: datetime) -> Moment:
    """Now; where a model is sold by the hour, the last time that it was the weekday and hour of the call."""
    if place is None or sold_by_the_hour(place.name, place.provider) is None:
        return lambda _: now
    return lambda at: at + (now - at) // _WEEK * _WEEK


def _is_plain(source: object) -> bool:
    """Whether a cost is at list price: names of other terms stand behind a comma."""
    return isinstance(source, str) and (source == AS_LOGGED or source.startswith(OWN) or ", " not in source)


def _usage(row: Any) -> Usage:
    kinds = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
    counts = {kind: getattr(row, kind) for kind in kinds}
    return Usage(**{kind: int(count) for kind, count in counts.items() if count == count})


def _move(name: str, calls: Sequence[_Priced]) -> PriceMove:
    return PriceMove(
        model=name,
        before_usd=sum(call.before_usd for call in calls),
        now_usd=sum(call.now_usd for call in calls),
    )


def _at_new_prices(item: UseCaseEvidence, moved: Mapping[tuple[Lane, str], list[_Priced]]) -> UseCaseEvidence:
    """The same evidence at today's costs; what the log's calls cost moves as the baseline's calls of the sample do."""
    own = {name: {call.sample_id: call.now_usd for call in calls} for (_, name), calls in moved.items()}
    baseline = [calls for (lane, _), calls in moved.items() if lane is not Lane.CANDIDATE]
    theirs = {call.sample_id: call.now_usd for calls in baseline for call in calls}
    every = (pair for pairs in item.pairs.values() for pair in pairs)
    stored = {pair.sample_id: pair.baseline_cost_usd for pair in every if pair.baseline_cost_usd is not None}
    before, now = sum(stored.values()), sum(theirs.get(sample_id, usd) for sample_id, usd in stored.items())
    factor = now / before if before else 1.0

    def at_new(pair: Pair, name: str) -> Pair:
        mine = own.get(name, {})
        return replace(
            pair,
            baseline_cost_usd=theirs.get(pair.sample_id, pair.baseline_cost_usd),
            candidate_cost_usd=mine.get(pair.sample_id, pair.candidate_cost_usd),
            recorded_cost_usd=None if pair.recorded_cost_usd is None else pair.recorded_cost_usd * factor,
        )

    bill = item.monthly_baseline_usd
    return replace(
        item,
        pairs={name: [at_new(pair, name) for pair in pairs] for name, pairs in item.pairs.items()},
        monthly_baseline_usd=None if bill is None else bill * factor,
    )


def _turn(before: UseCaseDecision, now: UseCaseDecision) -> Turn | None:
    """How a use case would be decided otherwise; None where it would not."""
    if (before.verdict, before.chosen) == (now.verdict, now.chosen):
        return None
    return Turn(use_case=before.name, before=_stands(before), now=_stands(now), why=_why(before, now))


def _stands(decision: UseCaseDecision) -> str:
    return _STANDS[decision.verdict].format(decision.chosen or "an open model")


def _why(before: UseCaseDecision, now: UseCaseDecision) -> str:
    """What the models that are concerned cost at today's prices."""
    concerned = [a for a in now.candidates if a.model in (before.chosen, now.chosen)] or list(now.candidates[:1])
    costs = [f"{named(a.model, a.illustrative)} {_per_1k(a.cost_usd_per_1k)}" for a in concerned]
    baseline = next((a.baseline_cost_usd_per_1k for a in concerned), None)
    return f"At today's prices 1,000 calls cost: {', '.join(costs)}, the baseline {_per_1k(baseline)}."


def _per_1k(cost_usd: float | None) -> str:
    return "an unknown sum" if cost_usd is None else dollars(cost_usd)
