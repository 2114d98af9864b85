"""The month projected from the log, use case by use case, with its range, and the bill beside the log's own costs.

A month's range has two sources, joined as if they were independent: how the days of the log differ, and, where a use
case moves, the range of what a call of the candidate costs (the paired bootstrap of the decision).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from advisor.analysis.money.cost import (
    LEAST_DAYS,
    at_least_nothing,
    certain,
    month_spread,
    widened,
)
from advisor.analysis.quality.columns import Array
from advisor.catalog.prices import price_logged
from advisor.collect.contract_prices import given_costs
from advisor.collect.volume import Span, Volume, span_of, volume_by_use_case
from advisor.store import Store
from advisor.store.log.traffic import load_traffic
from advisor.types import BillGap, Message, Money, PriceSource, Recommendation, Study, Usage

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Line:
    """One use case, or all of them, in a month."""

    name: str
    """Empty: all of them."""
    calls: int
    """In the log."""
    priced: int
    failed: int
    monthly_calls: float | None
    usd_per_call: float | None
    """Today, on average over all calls of the log; those that failed without a cost of their own cost nothing."""
    today: Money | None
    """Dollars a month; None: not known."""
    plan: Money | None
    """With the plan; None without a decision, or where it is not known."""
    to: str | None
    """The candidate it moves to."""
    saved: Money | None
    """Of the decision, for the calls of the log's own month: its range comes from the pairs alone."""
    spread: float | None
    """How far a month of days like those of the log may be off, as a share; None: not known."""
    unknown: Message | None = None
    """Why there are no dollars, or not all of them."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """The month to come if it is like the log."""

    total: Line
    lines: tuple[Line, ...]
    """The dearest first."""
    days: int
    """Whole days of the log that its spread is judged by."""
    covered: timedelta | None
    """From the first call of the log to the last; None: it has no times."""
    confidence: float
    left_out: tuple[str, ...]
    """Use cases whose bill is not known and that are not in the total."""

    @property
    def is_short(self) -> bool:
        """The log covers less than a day and is taken for a whole one: no range says how far off a month may be."""
        return self.covered is not None and self.covered < timedelta(days=1)


class Reconciled(NamedTuple):
    """The calls of one model for which the log tells both what they cost and how many tokens they took."""

    model: str
    calls: int
    logged_usd: float
    """As the log's own cost field says."""
    listed_usd: float
    """Their tokens at the list price of their day."""
    source: PriceSource | None


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """The log's own cost field beside the list prices."""

    models: tuple[Reconciled, ...]
    left_out: int
    """Calls with a cost in the log but without tokens, or of a model without a list price."""
    free: int
    """Calls that the log says cost nothing, as answers from a cache and failed ones do: no list has that price."""

    @property
    def compared(self) -> Reconciled:
        """All models together."""
        calls, logged, listed = (sum(column) for column in zip(*(one[1:4] for one in self.models), strict=True))
        return Reconciled("", calls, logged, listed, None)


def project(store: Store, study: Study, recommendation: Recommendation | None, confidence: float) -> Projection:
    """The month of a study. ``recommendation`` None: only what is paid today."""
    span = span_of(store, study)
    given = given_costs(store, study)
    daily, days = _daily_usd(load_traffic(store, study.id, given), span)
    volumes = volume_by_use_case(store, study, given)
    lines = [
        _line(name, volume, _moved(recommendation, name), recommendation is not None, daily.get(name), confidence)
        for name, volume in volumes.items()
    ]
    counted = [line for line in lines if line.today is not None]
    total = _total(lines, recommendation, sum((daily[line.name] for line in counted), np.zeros(days)), confidence)
    found = Projection(
        total=total,
        lines=tuple(sorted(lines, key=lambda line: (-(line.today.point if line.today else 0.0), -line.calls))),
        days=days,
        covered=span[1] - span[0] if span else None,
        confidence=confidence,
        left_out=tuple(line.name for line in lines if line.today is None),
    )
    if not found.is_short:
        return found
    return replace(found, total=_of_a_moment(total), lines=tuple(map(_of_a_moment, found.lines)))


def reconcile(calls: "pd.DataFrame") -> Reconciliation | None:
    """What the log says its calls cost, beside their tokens at list prices; None: it has no cost field.

    ``calls`` are rows of ``load_sample_facts``.
    """
    logged = calls[calls["logged_cost_usd"].notna()]
    if logged.empty:
        return None
    paid = logged[logged["logged_cost_usd"] > 0]
    known = paid[paid["input_tokens"].notna() & paid["model"].notna()]
    found: dict[str, list[tuple[float, float, PriceSource]]] = {}
    for call in known.to_dict("records"):
        when = call["at"] if isinstance(call["at"], datetime) and call["at"] == call["at"] else None
        priced = price_logged(call["model"], Usage.of(call), when)
        if priced is not None:
            found.setdefault(str(call["model"]), []).append((float(call["logged_cost_usd"]), *priced))
    models = [
        Reconciled(model, len(each), sum(one[0] for one in each), sum(one[1] for one in each), each[-1][2])
        for model, each in found.items()
    ]
    compared = sum(one.calls for one in models)
    return Reconciliation(
        models=tuple(sorted(models, key=lambda one: -one.logged_usd)),
        left_out=len(paid) - compared,
        free=len(logged) - len(paid),
    )


def _of_a_moment(line: Line) -> Line:
    """The line of a log that is too short for a range; calls of one moment tell nothing of a month."""
    untimed = line.unknown is not None and line.unknown.code == BillGap.NO_TIMES
    unknown = Message.of(BillGap.ONE_MOMENT) if untimed else line.unknown
    return replace(line, plan=None if line.plan is None else certain(line.plan.point), unknown=unknown)


class _Move(NamedTuple):
    """Where a use case goes, and what that saves a month."""

    to: str
    saved: Money | None


def _moved(recommendation: Recommendation | None, name: str) -> _Move | None:
    decision = next((d for d in recommendation.use_cases if d.name == name), None) if recommendation else None
    if decision is None or decision.chosen is None:
        return None
    return _Move(decision.chosen, decision.target.costs.savings_usd if decision.target else None)


def _line(name: str, volume: Volume, move: _Move | None, decided: bool, daily: Array | None, confidence: float) -> Line:
    spread = None if daily is None else month_spread(daily, confidence)
    usd = volume.monthly_usd
    today = plan = None
    if usd is not None:
        today = _month(usd, None, spread)
        plan = _month(usd, move, spread) if decided else None
    return Line(
        name=name,
        calls=volume.calls,
        priced=volume.priced,
        failed=volume.failed,
        monthly_calls=volume.monthly_calls,
        usd_per_call=usd / volume.monthly_calls if usd is not None and volume.monthly_calls else None,
        today=today,
        plan=plan,
        to=move.to if move else None,
        saved=move.saved if move else None,
        spread=spread,
        unknown=None if usd is not None else _unknown(volume.monthly_calls),
    )


def _month(usd: float, move: _Move | None, spread: float | None) -> Money | None:
    if move is None:
        return at_least_nothing(widened(certain(usd), usd * (spread or 0.0)))
    if move.saved is None:
        return None
    bill = move.saved.taken_from(usd)
    return at_least_nothing(widened(bill, bill.point * (spread or 0.0)))


def _total(lines: list[Line], recommendation: Recommendation | None, daily: Array, confidence: float) -> Line:
    """All use cases whose bill is known: their days together, since busy days of one may be quiet ones of another."""
    known = [line for line in lines if line.today is not None]
    spread = month_spread(daily, confidence)
    monthly = [line.monthly_calls for line in lines if line.monthly_calls is not None]
    usd = sum(line.today.point for line in known if line.today) if known else None
    calls = sum(line.monthly_calls or 0.0 for line in known)
    whole = recommendation.bill.monthly if recommendation else None
    move = _Move("", whole.savings_usd) if whole is not None and any(line.to for line in lines) else None
    return Line(
        name="",
        calls=sum(line.calls for line in lines),
        priced=sum(line.priced for line in lines),
        failed=sum(line.failed for line in lines),
        monthly_calls=sum(monthly) if monthly else None,
        usd_per_call=usd / calls if usd is not None and calls else None,
        today=None if usd is None else _month(usd, None, spread),
        plan=None if usd is None or whole is None else _month(usd, move, spread),
        to=None,
        saved=whole.savings_usd if whole else None,
        spread=spread,
        unknown=_left_out(lines, known) if known else _unknown(sum(monthly)),
    )


def _unknown(monthly_calls: float | None) -> Message:
    return Message.of(BillGap.NO_PRICE if monthly_calls else BillGap.NO_TIMES)


def _left_out(lines: list[Line], known: list[Line]) -> Message | None:
    """Which use cases the total lacks; None where it has all."""
    lacking = [line.name for line in lines if line not in known]
    return Message.of(BillGap.USE_CASES_MISSING, use_cases=lacking) if lacking else None


def _daily_usd(traffic: "pd.DataFrame", span: Span | None) -> tuple[Mapping[str, Array], int]:
    """Dollars of every whole day (UTC) by use case, and how many days those are.

    Calls that succeeded without a cost are taken to cost as much as the others that succeeded in their use case; where
    none has one, every such call counts as one.
    """
    first, last = _whole_days(span)
    days = max((last - first).days + 1, 0) if first and last else 0
    timed = traffic[traffic["hour"].notna()]
    found = {}
    for name, mine in timed.groupby("use_case"):
        priced = int(mine["priced_answers"].sum())
        average = float(mine["answers_usd"].sum()) / priced if priced else 1.0
        usd = (mine["cost_usd"] + mine["unpriced_answers"] * average).to_numpy(dtype=float)
        place = mine["hour"].dt.tz_localize(None).to_numpy().astype("datetime64[D]") - np.datetime64(first or date.min)
        within = (place.astype(int) >= 0) & (place.astype(int) < days)
        found[str(name)] = np.bincount(place.astype(int)[within], weights=usd[within], minlength=days)[:days]
    return found, days


def _whole_days(span: Span | None) -> tuple[date | None, date | None]:
    """The first and the last day that the log covers from midnight to midnight; none below LEAST_DAYS."""
    if span is None:
        return None, None
    begin, end = (at.astimezone(UTC) for at in span)
    first, last = begin.date() + timedelta(days=1), end.date() - timedelta(days=1)
    return (first, last) if (last - first).days + 1 >= LEAST_DAYS else (None, None)
