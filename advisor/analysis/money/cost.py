"""Money a month: the calls of a month, what they cost and save, how far that may be off, and the months to come."""

import math
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import numpy as np

from advisor.analysis.quality.columns import Array
from advisor.analysis.statistics.intervals import t_of
from advisor.types import Money, Monthly, UseCaseDecision
from advisor.types.business import DAYS_A_MONTH

RESAMPLES = 4_000
MOST_EXACT = 2_000
"""Pairs up to which every resample is really drawn."""
_CHUNK = 200_000


def monthly_calls(
    n: int, first_at: datetime | None, last_at: datetime | None, traffic_share: float = 1.0
) -> float | None:
    """Calls a month, from ``n`` logged calls between two times that are ``traffic_share`` of the traffic.

    A log shorter than a day counts as a day, since traffic follows the clock. None where the log has no times, or
    one time only.
    """
    if first_at is None or last_at is None or last_at <= first_at or traffic_share <= 0:
        return None
    days = max((last_at - first_at).total_seconds() / 86_400, 1.0)
    return n / days * DAYS_A_MONTH / traffic_share


def savings_draws(
    baseline_cost: Array,
    candidate_cost: Array,
    monthly_calls: float,
    seed: int,
    monthly_usd: float | None = None,
) -> Array:
    """Dollars a month saved, once per resample of the pairs. Costs are dollars a call, shape (n,), paired.

    ``monthly_usd`` is today's bill: both costs are scaled by what turns the baseline's of the same resample into it
    (the ratio estimator of Cochran 1977, Sampling Techniques, chapter 6). Without it the calls of a month are taken to
    cost what the pairs do. Above ``MOST_EXACT`` pairs the draws are made from the normal distribution that they tend
    to.
    """
    d = baseline_cost - candidate_cost
    scale = _scale(baseline_cost, monthly_calls, monthly_usd)
    is_ratio = monthly_usd is not None and bool(baseline_cost.any())
    if len(d) <= MOST_EXACT:
        if not is_ratio:
            return paired_means((d,), seed)[0] * scale
        saved, paid = paired_means((d, baseline_cost), seed)
        share: Array = np.divide(saved * baseline_cost.mean(), paid, out=saved.copy(), where=paid > 0)
        return share * scale
    # Resampling 10,000 pairs 4,000 times takes half a second for each candidate and use case, and only finds again
    # that a mean of so many is normal. By Edgeworth's expansion a 95 % bound is off by skewness (z^2 - 1) / (6 sqrt n)
    # standard errors: at 2,000 pairs by 0.07 for a lognormal cost (sigma 1, skewness 6), no more than the 0.04 that
    # 4,000 resamples leave to chance (one standard deviation) allows. Of a ratio the residuals are what differs.
    differs = d - baseline_cost * (d.mean() / baseline_cost.mean()) if is_ratio else d
    error = differs.std() / math.sqrt(len(d))
    draws: Array = np.random.default_rng(seed).normal(d.mean(), error, RESAMPLES)
    return draws * scale


def savings_point(
    baseline_cost: Array,
    candidate_cost: Array,
    monthly_calls: float,
    monthly_usd: float | None = None,
) -> float:
    """The estimate that the draws of ``savings_draws`` lie around."""
    saved = float((baseline_cost - candidate_cost).mean())
    return saved * _scale(baseline_cost, monthly_calls, monthly_usd)


def _scale(cost: Array, monthly_calls: float, monthly_usd: float | None) -> float:
    """What turns dollars of an average call into those of the month; calls that cost nothing say nothing of a bill."""
    paid = float(cost.mean())
    return monthly_usd / paid if monthly_usd is not None and paid > 0 else monthly_calls


def paired_means(columns: tuple[Array, ...], seed: int) -> tuple[Array, ...]:
    """Means of each column, shape (n,), over the same resamples of its rows; read-only."""
    return _means(tuple(column.astype(float).tobytes() for column in columns), seed)


@lru_cache(maxsize=256)  # what-ifs resample the same costs again and again: half of what they take
def _means(raw: tuple[bytes, ...], seed: int) -> tuple[Array, ...]:
    columns = [np.frombuffer(each) for each in raw]
    rng = np.random.default_rng(seed)
    n = len(columns[0])
    rows = max(1, _CHUNK // n)
    means = tuple(np.empty(RESAMPLES) for _ in columns)
    for start in range(0, RESAMPLES, rows):
        stop = min(start + rows, RESAMPLES)
        drawn = rng.integers(n, size=(stop - start, n), dtype=np.int32)
        for column, found in zip(columns, means, strict=True):
            found[start:stop] = column.take(drawn).mean(axis=1)
    for found in means:
        found.flags.writeable = False
    return means


def range_of(draws: Array, point: float, confidence: float) -> Money:
    """The central range of bootstrap ``draws`` around ``point``."""
    low, high = np.quantile(draws, (0.5 - confidence / 2, 0.5 + confidence / 2))
    return Money(low=min(float(low), point), point=point, high=max(float(high), point))


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


def summed(months: tuple[Money, ...]) -> Money:
    """All of them together; what is off in one month is off in all, so that the ends add up."""
    low, point, high = (sum(getattr(month, end) for month in months) for end in ("low", "point", "high"))
    return Money(low=low, point=point, high=high)


WORTH_USD = 50.0
"""Dollars a month: a saving below this is not worth a migration."""


def left_out(monthly: Monthly | None, decisions: Iterable[UseCaseDecision]) -> list[str]:
    """The use cases of which the figures of the month lack the bill or the saving; none where there are no figures."""
    if monthly is None:
        return []
    return [d.name for d in decisions if d.monthly_baseline_usd is None or (d.chosen and not _saves(d))]


def is_worth(monthly: Monthly | None, decisions: Iterable[UseCaseDecision]) -> bool | None:
    """Whether a month can save ``WORTH_USD``: what moves its saving, the rest at most its bill; None: not known."""
    decisions = list(decisions)
    if monthly is None or left_out(monthly, decisions):
        return None
    rest = sum(decision.monthly_baseline_usd or 0.0 for decision in decisions if decision.chosen is None)
    return max(monthly.savings_usd.high, 0.0) + rest >= WORTH_USD


def _saves(decision: UseCaseDecision) -> bool:
    """Whether it is known what its chosen candidate saves."""
    return decision.target is not None and decision.target.costs.savings_usd is not None
