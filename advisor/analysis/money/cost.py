"""Money a month: the calls of a month, projected from the log, times what a call costs."""

import math
from datetime import datetime

import numpy as np

from advisor.analysis.quality.columns import Array
from advisor.types import Money

DAYS_A_MONTH = 365.25 / 12
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


def bootstrap_means(d: Array, seed: int, resamples: int = RESAMPLES) -> Array:
    """Means of ``resamples`` resamples of ``d``, shape (n,), in chunks that keep memory flat."""
    return paired_means((d,), seed, resamples)[0]


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
            return bootstrap_means(d, seed) * scale
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


def paired_means(columns: tuple[Array, ...], seed: int, resamples: int = RESAMPLES) -> tuple[Array, ...]:
    """Means of each column, shape (n,), over the same resamples of its rows."""
    rng = np.random.default_rng(seed)
    n = len(columns[0])
    rows = max(1, _CHUNK // n)
    means = tuple(np.empty(resamples) for _ in columns)
    for start in range(0, resamples, rows):
        stop = min(start + rows, resamples)
        drawn = rng.integers(n, size=(stop - start, n), dtype=np.int32)
        for column, found in zip(columns, means, strict=True):
            found[start:stop] = column.take(drawn).mean(axis=1)
    return means


def range_of(draws: Array, point: float, confidence: float) -> Money:
    """The central range of bootstrap ``draws`` around ``point``."""
    low, high = np.quantile(draws, (0.5 - confidence / 2, 0.5 + confidence / 2))
    return Money(low=min(float(low), point), point=point, high=max(float(high), point))
