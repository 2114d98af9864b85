"""The months of a business case in words: what they are, and what is left of the savings after each."""

from datetime import timedelta

from advisor.text.advice.ending import last_words
from advisor.text.business_case.case import case_sentence
from advisor.text.numbers import day, in_dollars, money_range, rounded_dollars, to_the_cent
from advisor.types.business import DAYS_A_MONTH, BusinessCase

NOTHING = 0.01
"""Of what is paid once."""
ADDED = 6
"""Months whose net is added up of what is shown of each."""
LARGE = 1_000
"""Dollars, from which on whole ones tell enough."""


def unit_words(case: BusinessCase) -> str:
    """What a unit of work costs today and after the moves."""
    if case.per_unit is None:
        return ""
    unit, usd = f"a {case.inputs.unit} costs", case.per_unit
    if not case.inputs.unit:
        unit, usd = "1,000 calls cost", (1000 * usd[0], 1000 * usd[1])
    today, plan = map(to_the_cent, usd)
    return f"Over all use cases, {unit} {today} today and {plan} after the move{last_words(case)}."


def months_words(case: BusinessCase) -> str:
    """What the months of a case are, and in which of them what it saves changes."""
    if case.start is None or not case.moving:
        return ""

    def on(days: float) -> str:
        assert case.start
        return day(case.start + timedelta(days=days))

    def month(days: float) -> int:
        return int(days // DAYS_A_MONTH) + 1

    first = min(one.starts_in + sum(days for share, days in one.ramp if not share) for one in case.moving)
    last = max(one.starts_in + sum(days for _, days in one.ramp) for one in case.moving)
    told = f"Month 1 begins on {day(case.start)}; a month has {DAYS_A_MONTH:.2f} days. Traffic moves"
    told += f" from {on(first)} to {on(last)} (month {' to '.join(map(str, sorted({month(first), month(last)})))})"
    end = case.ending and case.ending.in_days
    return (
        f"{told}; today's model ends on {on(end)}, after {end:.0f} days (month {month(end)})."
        if end is not None
        else f"{told}."
    )


def net_words(case: BusinessCase, months: int) -> str:
    """Net after so many months: digits far below what was paid once would say nothing."""
    net, once = case.net(months), case.one_off_usd
    if max(abs(net.low), abs(net.high)) < NOTHING * once:
        return "about $0"
    shown = money_range(net)
    if months > ADDED or net.high - net.low > NOTHING * once or once < LARGE:
        return shown
    parts = [
        usd for month in case.months[:months] for usd in (month.saved.point - month.avoided_usd, month.avoided_usd)
    ]
    added = sum(rounded_dollars(usd) or 0.0 for usd in (-once, *parts))
    return in_dollars(added) if (added < 0) == (net.point < 0) else shown


def net_alt(case: BusinessCase) -> str:
    """The course of the net savings for who can't see it."""
    told = [f"month {number}: {net_words(case, number)}" for number in (1, 3, 6, 12, 24, 36)]
    return f"{case_sentence(case)} Net by {'; '.join(told)}."
