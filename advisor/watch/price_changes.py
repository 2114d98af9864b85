"""Whether today's prices would change a decision: the calls of a run priced again, model by model."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from advisor.analysis.quality.evidence import Pair, Side, UseCaseEvidence
from advisor.catalog.dated_prices import Place, dated_list, sold_by_the_hour
from advisor.catalog.prices import place_of, place_of_logged, price_call, price_logged
from advisor.collect.contract_prices import given_rates
from advisor.decide.decisions import recommend_run
from advisor.decide.evidence import gather_evidence
from advisor.decide.limits import at_chosen_prices
from advisor.judge.run_facts import RunFacts
from advisor.store import Store
from advisor.store.log.costs import list_logged_models, load_priced_answers, load_priced_samples
from advisor.store.models import list_models
from advisor.types import AS_LOGGED, Lane, Model, Money, PriceSource, Role, Run, Study, Usage, UseCaseDecision

if TYPE_CHECKING:
    import pandas as pd


LEAST = 0.005
"""A smaller change of what the calls cost is rounding."""
LOOKED_AT = 200
"""Calls of each model by which it is seen quickly whether its price changed."""
_WEEK = timedelta(days=7)
_LANES = {Role.BASELINE: Lane.BASELINE, Role.CANDIDATE: Lane.CANDIDATE}


@dataclass(frozen=True, kw_only=True)
class Priced:
    """One call: its place in the evidence and its costs."""

    sample_id: int
    before_usd: float
    now_usd: float


@dataclass(frozen=True, kw_only=True)
class PriceMove:
    """What calls of one model cost, then and now, in dollars."""

    lane: Lane
    model: str
    before_usd: float
    now_usd: float

    @property
    def change(self) -> float:
        """As a fraction of what it was."""
        return self.now_usd / self.before_usd - 1 if self.before_usd else 0.0


Moves = Mapping[PriceMove, tuple[Priced, ...]]
Moment = Callable[[datetime], datetime]
"""At which time of today a call is priced."""
Reprice = Callable[[Any], tuple[float, PriceSource] | None]
Load = Callable[[int | None], "pd.DataFrame"]


def _moves(store: Store, study: Study, run: Run, now: datetime, *, most: int | None) -> Moves:
    """The models whose first answers, or the first ``most`` of each, cost other than they did, and these answers."""
    found = {}
    for lane, name, load, reprice in _models(store, study, run, now):
        calls = _priced(load(most), reprice)
        before_usd, now_usd = sum(call.before_usd for call in calls), sum(call.now_usd for call in calls)
        move = PriceMove(lane=lane, model=name, before_usd=before_usd, now_usd=now_usd)
        if abs(move.change) > LEAST:
            found[move] = calls
    return found


def _models(store: Store, study: Study, run: Run, now: datetime) -> Iterator[tuple[Lane, str, Load, Reprice]]:
    for model in list_models(store, study.id):
        lane = _LANES.get(model.role)
        if lane is not None:
            load = partial(load_priced_answers, store, run.id, lane, model.id)
            yield lane, model.name, load, _replayed(model, now)
    if run.baseline_lane is Lane.RECORDED:
        given = given_rates(store, study)
        for name in list_logged_models(store, run.id):
            if name in given:
                continue
            yield Lane.RECORDED, name, partial(load_priced_samples, store, run.id, name), _recorded(name, now)


def _replayed(model: Model, now: datetime) -> Reprice:
    """How calls of a registered model are priced."""
    moment = _moment(place_of(model), now)

    def reprice(row: Any) -> tuple[float, PriceSource] | None:
        return price_call(model, _usage(row), moment(row.at))

    return reprice


def _recorded(name: str, now: datetime) -> Reprice:
    """How calls of the log are priced; a cost that the log itself told moves with the list."""
    moment = _moment(place_of_logged(name), now)

    def reprice(row: Any) -> tuple[float, PriceSource] | None:
        usage, called = _usage(row), row.at if row.at == row.at else now  # not equal to itself: not known
        today = price_logged(name, usage, moment(called))
        if today is None or row.price_source != AS_LOGGED.code:
            return today
        then = price_logged(name, usage, called)
        return (row.cost_usd * today[0] / then[0], today[1]) if then and then[0] else None

    return reprice


def _priced(calls: "pd.DataFrame", reprice: Reprice) -> tuple[Priced, ...]:
    found = []
    row: Any
    for row in calls.itertuples(index=False):
        today = reprice(row) if _is_plain(row.price_source) else None
        now_usd = today[0] if today else float(row.cost_usd)
        found.append(Priced(sample_id=int(row.sample_id), before_usd=float(row.cost_usd), now_usd=now_usd))
    return tuple(found)


def _moment(place: Place | None, now: datetime) -> Moment:
    """Now; where a model is sold by the hour, the last time that it was the weekday and hour of the call."""
    if place is None or not sold_by_the_hour(place):
        return lambda _: now
    return lambda at: at + (now - at) // _WEEK * _WEEK


def _is_plain(code: object) -> bool:
    """Whether the stored source of a cost is at list price, so that the stored tokens tell the price again."""
    source = PriceSource.of(code) if isinstance(code, str) else None
    return source is not None and source.is_standard and not source.cache_1h


def _usage(row: Any) -> Usage:
    return Usage.of(row._asdict())


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A use case decided at both prices."""

    before: UseCaseDecision
    """At the stored prices."""
    now: UseCaseDecision

    @property
    def is_other(self) -> bool:
        """Whether the two differ in verdict or candidate."""
        return (self.before.verdict, self.before.chosen) != (self.now.verdict, self.now.chosen)


@dataclass(frozen=True, kw_only=True)
class PriceWatch:
    """What today's prices change."""

    prices: PriceSource
    """The list that was asked."""
    moves: tuple[PriceMove, ...] = ()
    turns: tuple[Turn, ...] = ()
    savings_before: Money | None = None
    """A month; None where it is not known, or no price moved."""
    savings_now: Money | None = None


def look_at_prices(store: Store, study: Study, run: Run, now: datetime) -> PriceWatch:
    """Which models cost other than they did, by some calls of each, without deciding again: quick."""
    return PriceWatch(prices=dated_list(), moves=tuple(_moves(store, study, run, now, most=LOOKED_AT)))


def watch_prices(store: Store, study: Study, run: Run, now: datetime) -> PriceWatch:
    """Price the calls of a run at ``now`` (aware) and decide again where that makes a difference."""
    moves = _moves(store, study, run, now, most=None)
    if not moves:
        return PriceWatch(prices=dated_list())
    facts = RunFacts(store, study, run)
    evidence = at_chosen_prices(store, study, gather_evidence(facts))
    before, after = (
        recommend_run(store, facts, some, at=now)
        for some in (evidence, [_at_new_prices(item, moves, is_given=bool(facts.given)) for item in evidence])
    )
    turns = (Turn(before=old, now=new) for old, new in zip(before.use_cases, after.use_cases, strict=True))
    return PriceWatch(
        prices=dated_list(),
        moves=tuple(moves),
        turns=tuple(turn for turn in turns if turn.is_other),
        savings_before=before.bill.monthly.savings_usd if before.bill.monthly else None,
        savings_now=after.bill.monthly.savings_usd if after.bill.monthly else None,
    )


def _at_new_prices(item: UseCaseEvidence, moves: Moves, *, is_given: bool) -> UseCaseEvidence:
    """The same evidence at today's costs; what the log's calls cost moves as the baseline's calls of the sample do.

    Where a price given for this study tells what they cost, it is today's already.
    """
    own = {move.model: {call.sample_id: call.now_usd for call in calls} for move, calls in moves.items()}
    baseline = [calls for move, calls in moves.items() if move.lane is not Lane.CANDIDATE]
    theirs = {call.sample_id: call.now_usd for calls in baseline for call in calls}
    every = (pair for one in item.candidates.values() for pair in one.pairs)
    costs = ((pair.sample_id, pair.baseline.call.cost_usd) for pair in every)
    stored = {sample_id: usd for sample_id, usd in costs if usd is not None}
    before, now = sum(stored.values()), sum(theirs.get(sample_id, usd) for sample_id, usd in stored.items())
    factor = now / before if before and not is_given else 1.0

    def at_new(pair: Pair, name: str) -> Pair:
        mine = own.get(name, {})
        logged = pair.logged.recorded_cost_usd
        return replace(
            pair,
            baseline=_costing(pair.baseline, theirs.get(pair.sample_id)),
            candidate=_costing(pair.candidate, mine.get(pair.sample_id)),
            logged=replace(pair.logged, recorded_cost_usd=None if logged is None else logged * factor),
        )

    bill = item.log.monthly_baseline_usd
    return replace(
        item,
        candidates={
            name: replace(one, pairs=[at_new(pair, name) for pair in one.pairs])
            for name, one in item.candidates.items()
        },
        log=replace(item.log, monthly_baseline_usd=None if bill is None else bill * factor),
    )


def _costing(side: Side, usd: float | None) -> Side:
    """The same at another cost, where there is one."""
    return side if usd is None else replace(side, call=replace(side.call, cost_usd=usd))
