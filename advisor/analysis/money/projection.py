"""From the days of a log to the months to come: how far a month may be off, and what growth makes of it."""

import math

from advisor.analysis.money.cost import DAYS_A_MONTH
from advisor.analysis.quality.columns import Array
from advisor.analysis.statistics.intervals import t_of
from advisor.types import Money

MONTHS = 12
LEAST_DAYS = 3
"""Whole days below which nothing can be said about how days differ."""


def month_spread(daily: Array, confidence: float) -> float | None:
    """How far a month may be off, as a share of it, judged by how the whole days of the log differ.

    ``daily`` has shape (n,): calls or dollars of each day. The prediction interval of a month that is made of days
    like these, ``t s / mean * sqrt(1 / month + 1 / n)`` with ``s`` the standard deviation of the days (Hahn and Meeker
    1991, Statistical Intervals, section 4.7). Days that differ in a pattern, such as weekends, make it wider than the
    truth. None: too few days, or nothing on them.
    """
    n = len(daily)
    mean = float(daily.mean()) if n else 0.0
    if n < LEAST_DAYS or mean <= 0:
        return None
    deviation = float(daily.std(ddof=1))
    return t_of(n - 1, confidence) * deviation / mean * math.sqrt(1 / DAYS_A_MONTH + 1 / n)


def widened(money: Money, half_usd: float | None) -> Money:
    """A range of dollars that takes in another, independent uncertainty of ``half_usd`` either way.

    Both are joined by the root of the sum of their squares. None adds nothing.
    """
    half = half_usd or 0.0
    low, high = (math.hypot(abs(end - money.point), half) for end in (money.low, money.high))
    return Money(low=money.point - low, point=money.point, high=money.point + high)


def certain(usd: float) -> Money:
    """Dollars without a range."""
    return Money(low=usd, point=usd, high=usd)


def at_least_nothing(money: Money) -> Money:
    """The same with no bill below 0."""
    return Money(low=max(money.low, 0.0), point=money.point, high=money.high)


def months_ahead(now: Money, growth: float, months: int = MONTHS) -> tuple[Money, ...]:
    """Dollars of this month and of those after it, when the calls grow by ``growth`` (a fraction) every month.

    The range grows as the bill does: that the growth itself is not known is not in it.
    """
    return tuple(now.times((1 + growth) ** month) for month in range(months))


def summed(months: tuple[Money, ...]) -> Money:
    """All of them together; what is off in one month is off in all, so that the ends add up."""
    low, point, high = (sum(getattr(month, end) for month in months) for end in ("low", "point", "high"))
    return Money(low=low, point=point, high=high)
