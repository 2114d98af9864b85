"""The business case: one-off cost, savings by month while traffic moves over, payback, and what they hang on.

Nominal dollars, without a discount rate. A month has 365.25 / 12 days.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from math import ceil, inf
from typing import NamedTuple

from advisor.analysis.money.cost import certain, summed
from advisor.types import Money
from advisor.types.business import DAYS_A_MONTH, Assumption, BusinessCase, CostItem, Ending, Month, Moving, Swing
from advisor.types.scenarios import WORKDAY_SECONDS, CaseInput, CaseInputs

DAYS = {
    CostItem.JUDGE: CaseInput.JUDGE_DAYS,
    CostItem.HOST: CaseInput.HOST_DAYS,
    CostItem.TEST: CaseInput.TEST_DAYS,
    CostItem.REVIEW: CaseInput.REVIEW_DAYS,
    CostItem.APPROVAL: CaseInput.APPROVAL_DAYS,
}
"""Items that are days of work."""
MONTHS = 36
YEAR = 12
VOLUME_SWING = 0.3
PRICE_SWING = 0.2
OUTPUT_SWING = 0.3
ENGINEERING_SWING = 0.5
UTILIZATION_SWING = 0.3
CACHE_SWING = 0.2
"""How far assumptions without an interval of their own may be off. A roll-out may take twice as long."""


def business_case(
    moving: Sequence[Moving],
    inputs: CaseInputs,
    *,
    calls: float | None,
    today_usd: float | None,
    start: date | None = None,
) -> BusinessCase:
    """What the moves cost and save; ``calls`` and ``today_usd``: of all use cases with a bill, a month.

    ``start``: the day that months, roll-outs and switch-offs are counted from.
    """
    one_off = one_off_costs(moving, inputs)
    months = tuple(_months(moving, inputs))
    return BusinessCase(
        inputs=inputs,
        moving=tuple(moving),
        one_off=one_off,
        months=months,
        payback=_payback(months) if moving else None,
        swings=tuple(sorted(_swings(moving, inputs), key=lambda swing: -abs(swing.usd[1] - swing.usd[0]))),
        today_usd=today_usd,
        calls=calls,
        start=start,
        avoided_usd=sum(avoided_usd(one, inputs) for one in moving),
        saved_before_usd=_saved_before(moving, inputs),
    )


def one_off_costs(moving: Sequence[Moving], inputs: CaseInputs) -> dict[CostItem, float]:
    """Dollars that are paid once; nothing where nothing moves.

    In the shadow the new model is paid on top, for the calls that both answer; afterwards the old one is, for the
    share of the calls that it goes on answering.
    """
    if not moving:
        return {}
    if inputs.one_off_usd is not None:
        return {CostItem.GIVEN: inputs.one_off_usd}
    days = sum(inputs[change] for one in moving for change in one.changes)
    label_days = sum(one.labels for one in moving) * inputs[CaseInput.LABEL_SECONDS] / WORKDAY_SECONDS
    shadow = sum(
        _new_bill(one) * one.shadow_share * sum(days for share, days in one.ramp if share == 0) for one in moving
    )
    fallback = sum(left_usd(one) * min(inputs[CaseInput.FALLBACK_DAYS], warm_days(one)) for one in moving)
    fallback *= inputs[CaseInput.FALLBACK_SHARE]
    return {
        CostItem.ENGINEERING: days * inputs[CaseInput.DAY_USD],
        **({CostItem.TEST_CHEAPER: len(tests) * inputs.test_work["usd"]} if (tests := inputs.first_tests) else {}),
        **{item: inputs[days] * inputs[CaseInput.DAY_USD] for item, days in DAYS.items()},
        CostItem.LABELS: label_days * inputs[CaseInput.DAY_USD],
        CostItem.EVALUATION: inputs[CaseInput.EVALUATION_USD],
        CostItem.TRAINING: inputs[CaseInput.TRAINING_USD],
        CostItem.SHADOW: shadow / DAYS_A_MONTH,
        CostItem.FALLBACK: fallback / DAYS_A_MONTH,
    }


def moved_days(one: Moving, first: float, last: float) -> float:
    """How many days' traffic the new model serves between two days, counted from the start of the case."""
    begin, served = one.starts_in, 0.0
    for share, days in one.ramp:
        served += share * max(min(begin + days, last) - max(begin, first), 0.0)
        begin += days
    return served + max(last - max(begin, first), 0.0)


def left_usd(one: Moving) -> float:
    """The bill a month of the model that it leaves."""
    return one.ending.usd if one.ending and one.is_late else one.today_usd


def warm_days(one: Moving) -> float:
    """How long the model that it leaves can serve as a fallback at most: today's until the day it is switched off."""
    if one.ending is None or one.is_late:
        return inf
    return max(one.ending.in_days - one.starts_in - sum(days for _, days in one.ramp), 0.0)


def at_volume(one: Moving, factor: float) -> Moving:
    """With so many times the calls."""
    ending = one.ending and one.ending._replace(usd=one.ending.usd * factor)
    return replace(one, today_usd=one.today_usd * factor, saved=one.saved.times(factor), ending=ending)


def at_new_price(one: Moving, factor: float) -> Moving:
    """With so many times the new model's prices."""
    return replace(one, saved=one.saved.plus(-_new_bill(one) * (factor - 1)))


def _months(moving: Sequence[Moving], inputs: CaseInputs) -> Iterator[Month]:
    net = certain(-sum(one_off_costs(moving, inputs).values()))
    for number in range(1, MONTHS + 1):
        saved = summed(tuple(_saved_in(one, inputs, number) for one in moving))
        net = summed((net, saved))
        avoided = sum(avoided_usd(one, inputs) for one in moving if avoids_in(one, number))
        yield Month(number=number, saved=saved, net=net, avoided_usd=avoided)


def _net(moving: Sequence[Moving], inputs: CaseInputs) -> Money:
    """Of a year."""
    return next(islice(_months(moving, inputs), YEAR - 1, None)).net


class Replaced(NamedTuple):
    """What the traffic that has moved costs in a month, at today's prices and traffic."""

    today_usd: float
    """With today's model, until it is switched off."""
    successor_usd: float
    """With its successor, from that day on."""
    new: Money


def replaced_in(one: Moving, month: int) -> Replaced:
    """Of a use case, in a month of the case."""
    first, last = (month - 1) * DAYS_A_MONTH, month * DAYS_A_MONTH
    end = min(max(one.ending.in_days, first), last) if one.ending else last
    before, after = (moved_days(one, *days) / DAYS_A_MONTH for days in ((first, end), (end, last)))
    later, new = one.ending.usd if one.ending else 0.0, one.saved.taken_from(one.today_usd)
    return Replaced(one.today_usd * before, later * after, new.times(before + after))


def _saved_in(one: Moving, inputs: CaseInputs, month: int) -> Money:
    """What a use case saves in a month: the new price stays, today's changes by the year.

    From the day that today's model is switched off, its successor is what the new one is compared with.
    """
    today, successor, new = replaced_in(one, month)
    usd = (today + successor) * (1 + inputs[CaseInput.PRICE_CHANGE]) ** ((month - 1) // YEAR)
    saved = new.taken_from(usd).times((1 + inputs[CaseInput.GROWTH]) ** (month - 1) * (1 - inputs[CaseInput.HAIRCUT]))
    return saved.plus(avoided_usd(one, inputs)) if avoids_in(one, month) else saved


def _saved_before(moving: Sequence[Moving], inputs: CaseInputs) -> float:
    """What is saved in all until the first switch-off; 0: nothing ends."""
    end = min((one.ending.in_days for one in moving if one.ending), default=0.0)
    inputs = replace(inputs, entered={**inputs.entered, CaseInput.SUCCESSOR_DAYS: 0.0})
    until = [replace(one, ending=Ending(end, _new_bill(one))) for one in moving]
    months = range(1, ceil(end / DAYS_A_MONTH) + 1)
    return sum(_saved_in(one, inputs, month).point for one in until for month in months)


def avoids_in(one: Moving, month: int) -> bool:
    """Whether the move to the successor would be due in a month, and all traffic has moved elsewhere by then."""
    due = one.ending is not None and (month - 1) * DAYS_A_MONTH <= one.ending.in_days < month * DAYS_A_MONTH
    return due and _in_time(one)


def avoided_usd(one: Moving, inputs: CaseInputs) -> float:
    """What the move to the successor would cost once, where all traffic has moved elsewhere by then."""
    return inputs[CaseInput.SUCCESSOR_DAYS] * inputs[CaseInput.DAY_USD] if _in_time(one) else 0.0


def _in_time(one: Moving) -> bool:
    if one.ending is None or one.is_late:
        return False
    return one.starts_in + sum(days for _, days in one.ramp) <= one.ending.in_days


def _swings(moving: Sequence[Moving], inputs: CaseInputs) -> Iterator[Swing]:
    if not moving:
        return

    def net(cases: Iterable[Moving], inputs: CaseInputs = inputs) -> float:
        return _net(tuple(cases), inputs).point

    year = _net(moving, inputs)
    yield Swing(assumption=Assumption.SAVING, by=None, usd=(year.low, year.high))
    turns: list[tuple[Assumption, float, Callable[[Moving, float], Moving]]] = [
        (Assumption.VOLUME, VOLUME_SWING, at_volume),
        (Assumption.NEW_PRICE, PRICE_SWING, at_new_price),
        (Assumption.OLD_PRICE, PRICE_SWING, _at_old_price),
    ]
    if all(one.output_share is not None for one in moving):
        turns.append((Assumption.OUTPUT_LENGTH, OUTPUT_SWING, _at_output))
    if any(one.is_self_hosted for one in moving):
        turns.append((Assumption.UTILIZATION, UTILIZATION_SWING, _at_utilization))
    for assumption, by, turn in turns:
        low, high = (net(turn(one, factor) for one in moving) for factor in (1 - by, 1 + by))
        yield Swing(assumption=assumption, by=(-by, by), usd=(low, high))
    if all(one.cached for one in moving):
        few, many = ([_at_cache(one, end) for one in moving] for end in (0, 1))
        points = tuple(max((one.cached[end].by for one in moving if one.cached), key=abs) for end in (0, 1))
        yield Swing(assumption=Assumption.CACHE_SHARE, by=(points[0], points[1]), usd=(net(few), net(many)))
    if any(one.ending for one in moving):
        kept = net(replace(one, ending=one.ending and one.ending._replace(usd=one.today_usd)) for one in moving)
        yield Swing(assumption=Assumption.SUCCESSOR_PRICE, by=None, usd=(year.point, kept))
    if len(moving) > 1:
        largest = max(moving, key=lambda one: one.saved.point)
        months = tuple(_months([one for one in moving if one is not largest], inputs))
        usd = (year.point, months[YEAR - 1].net.point)
        yield Swing(assumption=Assumption.LARGEST_MOVE, by=None, usd=usd, payback=_payback(months))
    by = ENGINEERING_SWING
    cheap, dear = (_at_effort(inputs, factor) for factor in (1 - by, 1 + by))
    yield Swing(assumption=Assumption.ENGINEERING, by=(-by, by), usd=(net(moving, cheap), net(moving, dear)))
    slow = net(replace(one, ramp=tuple((share, 2 * days) for share, days in one.ramp)) for one in moving)
    yield Swing(assumption=Assumption.ROLL_OUT, by=(0.0, 1.0), usd=(year.point, slow))


def _at_old_price(one: Moving, factor: float) -> Moving:
    more = one.today_usd * (factor - 1)
    return replace(one, today_usd=one.today_usd + more, saved=one.saved.plus(more))


def _at_cache(one: Moving, end: int) -> Moving:
    """With fewer (0) or more (1) of the prompt tokens read from a cache, today and later."""
    assert one.cached is not None
    _, today, new = one.cached[end]
    saved = one.saved.plus(one.today_usd * (today - 1) - _new_bill(one) * (new - 1))
    ending = one.ending and Ending(one.ending.in_days, one.ending.usd * today)
    return replace(one, today_usd=one.today_usd * today, saved=saved, ending=ending)


def _at_utilization(one: Moving, factor: float) -> Moving:
    """A server costs the same however busy it is."""
    return at_new_price(one, 1 / factor) if one.is_self_hosted else one


def _at_output(one: Moving, factor: float) -> Moving:
    return at_new_price(one, 1 + (one.output_share or 0.0) * (factor - 1))


def _at_effort(inputs: CaseInputs, factor: float) -> CaseInputs:
    """Where a scenario sets all that is paid once, that is turned."""
    if inputs.one_off_usd is not None:
        return replace(inputs, one_off_usd=inputs.one_off_usd * factor)
    return replace(inputs, entered={**inputs.entered, CaseInput.DAY_USD: inputs[CaseInput.DAY_USD] * factor})


def _new_bill(one: Moving) -> float:
    return max(one.today_usd - one.saved.point, 0.0)


def _payback(months: Sequence[Month]) -> int | None:
    """The first month from whose end on all that was paid stays saved."""
    short = max((month.number for month in months if month.net.point < 0), default=0)
    return short + 1 if short < len(months) else None
