"""The calls of a run at today's prices, model by model.

A call that was served at other terms than the list price (in a batch, on another tier), or of which no list knows a
price, keeps its stored cost. What the log's calls cost by a price given for this study moves with no list. What is
stored stays as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from advisor.catalog.dated_prices import Place, sold_by_the_hour
from advisor.catalog.prices import place_of, place_of_logged, price_call, price_logged
from advisor.collect.contract_prices import given_rates
from advisor.store import Store
from advisor.store.costs import list_logged_models, load_priced_answers, load_priced_samples
from advisor.store.models import list_models
from advisor.types import AS_LOGGED, Lane, Model, PriceSource, Role, Run, Study, Usage

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


Moment = Callable[[datetime], datetime]
"""At which time of today a call is priced."""
Reprice = Callable[[Any], tuple[float, PriceSource] | None]
Load = Callable[[int | None], "pd.DataFrame"]


def find_moves(store: Store, study: Study, run: Run, now: datetime) -> tuple[PriceMove, ...]:
    """The models whose price is another at ``now`` (aware), by some calls of each: quick, however many there are."""
    looked_at = (
        _move(lane, name, _priced(load(LOOKED_AT), reprice))
        for lane, name, load, reprice in _models(store, study, run, now)
    )
    return tuple(move for move in looked_at if abs(move.change) > LEAST)


def follow_moves(store: Store, study: Study, run: Run, now: datetime) -> dict[PriceMove, tuple[Priced, ...]]:
    """The models whose first answers, all in all, cost other than they did, and these answers."""
    found = {}
    for lane, name, load, reprice in _models(store, study, run, now):
        calls = _priced(load(None), reprice)
        move = _move(lane, name, calls)
        if abs(move.change) > LEAST:
            found[move] = calls
    return found


def _move(lane: Lane, model: str, calls: Sequence[Priced]) -> PriceMove:
    before, now = sum(call.before_usd for call in calls), sum(call.now_usd for call in calls)
    return PriceMove(lane=lane, model=model, before_usd=before, now_usd=now)


def _models(store: Store, study: Study, run: Run, now: datetime) -> Iterator[tuple[Lane, str, Load, Reprice]]:
    for model in list_models(store, study.id):
        lane = _LANES.get(model.role)
        if lane is not None:
            load = partial(load_priced_answers, store, run.id, lane, model.id or 0)
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
    if place is None or sold_by_the_hour(place) is None:
        return lambda _: now
    return lambda at: at + (now - at) // _WEEK * _WEEK


def _is_plain(code: object) -> bool:
    """Whether the stored source of a cost is at list price, so that the stored tokens tell the price again."""
    source = PriceSource.of(code) if isinstance(code, str) else None
    return source is not None and source.is_standard and not source.cache_1h


def _usage(row: Any) -> Usage:
    kinds = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
    counts = {kind: getattr(row, kind) for kind in kinds}
    return Usage(**{kind: int(count) for kind, count in counts.items() if count == count})
