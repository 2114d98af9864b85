"""The business case: one-off cost, savings by month while traffic moves over, payback, and what they hang on.

Nominal dollars, without a discount rate. A month has 365.25 / 12 days.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from advisor.analysis.money.cost import DAYS_A_MONTH, certain, summed
from advisor.types import Money
from advisor.types.business import Assumption, BusinessCase, CaseInput, CaseInputs, CostItem, Month, Moving, Swing

MONTHS = 36
YEAR = 12
VOLUME_SWING = 0.3
PRICE_SWING = 0.2
OUTPUT_SWING = 0.3
ENGINEERING_SWING = 0.5
"""How far assumptions without an interval of their own may be off. A roll-out may take twice as long."""


def business_case(
    moving: Sequence[Moving], inputs: CaseInputs, *, calls: float | None, today_usd: float | None
) -> BusinessCase:
    """What the moves cost and save; ``calls`` and ``today_usd``: of all use cases with a bill, a month."""
    one_off = one_off_costs(moving, inputs)
    months = tuple(_months(moving, inputs))
    return BusinessCase(
        inputs=inputs,
        moving=tuple(moving),
        one_off=one_off,
        months=months,
        payback=next((month.number for month in months if month.net.point >= 0), None) if moving else None,
        swings=tuple(sorted(_swings(moving, inputs), key=lambda swing: -abs(swing.usd[1] - swing.usd[0]))),
        today_usd=today_usd,
        calls=calls,
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
    shadow = sum(
        _new_bill(one) * one.shadow_share * sum(days for share, days in one.ramp if share == 0) for one in moving
    )
    fallback = sum(one.today_usd for one in moving) * inputs[CaseInput.FALLBACK_SHARE] * inputs[CaseInput.FALLBACK_DAYS]
    return {
        CostItem.ENGINEERING: days * inputs[CaseInput.DAY_USD],
        CostItem.EVALUATION: inputs[CaseInput.EVALUATION_USD],
        CostItem.TRAINING: inputs[CaseInput.TRAINING_USD],
        CostItem.SHADOW: shadow / DAYS_A_MONTH,
        CostItem.FALLBACK: fallback / DAYS_A_MONTH,
    }


def moved_share(ramp: Sequence[tuple[float, float]], month: int) -> float:
    """The average share of the traffic that the new model serves in a month, counted from 1."""
    first, last = (month - 1) * DAYS_A_MONTH, month * DAYS_A_MONTH
    begin, served = 0.0, 0.0
    for share, days in ramp:
        served += share * max(min(begin + days, last) - max(begin, first), 0.0)
        begin += days
    return (served + max(last - max(begin, first), 0.0)) / DAYS_A_MONTH


def at_volume(one: Moving, factor: float) -> Moving:
    """With so many times the calls."""
    return replace(one, today_usd=one.today_usd * factor, saved=one.saved.times(factor))


def at_new_price(one: Moving, factor: float) -> Moving:
    """With so many times the new model's prices."""
    return replace(one, saved=one.saved.plus(-_new_bill(one) * (factor - 1)))


def _months(moving: Sequence[Moving], inputs: CaseInputs) -> Iterator[Month]:
    net = certain(-sum(one_off_costs(moving, inputs).values()))
    for number in range(1, MONTHS + 1):
        saved = summed(tuple(_saved_in(one, inputs, number) for one in moving))
        net = summed((net, saved))
        yield Month(number=number, saved=saved, net=net)


def _saved_in(one: Moving, inputs: CaseInputs, month: int) -> Money:
    """What a use case saves in a month: the new price stays, today's changes by the year."""
    traffic = (1 + inputs[CaseInput.GROWTH]) ** (month - 1)
    rise = one.today_usd * ((1 + inputs[CaseInput.PRICE_CHANGE]) ** ((month - 1) // YEAR) - 1)
    return one.saved.plus(rise).times(moved_share(one.ramp, month) * traffic * (1 - inputs[CaseInput.HAIRCUT]))


def _swings(moving: Sequence[Moving], inputs: CaseInputs) -> Iterator[Swing]:
    if not moving:
        return

    def net(cases: Iterable[Moving], inputs: CaseInputs = inputs) -> float:
        months = list(_months(tuple(cases), inputs))
        return months[YEAR - 1].net.point

    year = list(_months(moving, inputs))[YEAR - 1].net
    yield Swing(assumption=Assumption.SAVING, by=None, usd=(year.low, year.high))
    turns: tuple[tuple[Assumption, float, Callable[[Moving, float], Moving]], ...] = (
        (Assumption.VOLUME, VOLUME_SWING, at_volume),
        (Assumption.NEW_PRICE, PRICE_SWING, at_new_price),
        (Assumption.OLD_PRICE, PRICE_SWING, _at_old_price),
    )
    for assumption, by, turn in turns:
        low, high = (net(turn(one, factor) for one in moving) for factor in (1 - by, 1 + by))
        yield Swing(assumption=assumption, by=(-by, by), usd=(low, high))
    if all(one.output_share is not None for one in moving):
        by = OUTPUT_SWING
        low, high = (net(_at_output(one, factor) for one in moving) for factor in (1 - by, 1 + by))
        yield Swing(assumption=Assumption.OUTPUT_LENGTH, by=(-by, by), usd=(low, high))
    by = ENGINEERING_SWING
    cheap, dear = (_at_effort(inputs, factor) for factor in (1 - by, 1 + by))
    yield Swing(assumption=Assumption.ENGINEERING, by=(-by, by), usd=(net(moving, cheap), net(moving, dear)))
    slow = net(replace(one, ramp=tuple((share, 2 * days) for share, days in one.ramp)) for one in moving)
    yield Swing(assumption=Assumption.ROLL_OUT, by=(0.0, 1.0), usd=(year.point, slow))


def _at_old_price(one: Moving, factor: float) -> Moving:
    more = one.today_usd * (factor - 1)
    return replace(one, today_usd=one.today_usd + more, saved=one.saved.plus(more))


def _at_output(one: Moving, factor: float) -> Moving:
    return at_new_price(one, 1 + (one.output_share or 0.0) * (factor - 1))


def _at_effort(inputs: CaseInputs, factor: float) -> CaseInputs:
    """Where a scenario sets all that is paid once, that is turned."""
    if inputs.one_off_usd is not None:
        return replace(inputs, one_off_usd=inputs.one_off_usd * factor)
    return replace(inputs, entered={**inputs.entered, CaseInput.DAY_USD: inputs[CaseInput.DAY_USD] * factor})


def _new_bill(one: Moving) -> float:
    return max(one.today_usd - one.saved.point, 0.0)
