"""Intervals and tests for one rate, for paired yes/no results, and for paired means.

Paired counts are named as in Tango 1998: ``b`` the candidate right and the baseline wrong, ``c`` the reverse,
``n`` all pairs. ``confidence`` is two-sided; p-values of non-inferiority are one-sided.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

NORMAL = NormalDist()
_LARGEST_REACH = 2.0
"""Times the t interval: very few values with one far off leave no more to be said of their skewness."""


class Mean(NamedTuple):
    """A mean with its t interval. ``se`` is NaN where it cannot be estimated; the interval is then infinite."""

    mean: float
    se: float
    df: int
    low: float
    high: float
    skew: float = 0.0
    """Of the mean; makes the test and the end of the interval less sure where it would mislead t."""


def z_of(confidence: float) -> float:
    """The normal quantile of a two-sided interval."""
    return NORMAL.inv_cdf(0.5 + confidence / 2)


def wilson(k: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a single rate ``k / n`` (Wilson 1927); (0, 1) without data."""
    if n == 0:
        return 0.0, 1.0
    z2 = z_of(confidence) ** 2
    centre = (k + z2 / 2) / (n + z2)
    half = math.sqrt(z2 * (k * (n - k) / n + z2 / 4)) / (n + z2)
    low = 0.0 if k == 0 else centre - half
    high = 1.0 if k == n else centre + half
    return low, high


def tango_variance(b: float, c: float, n: float, difference: float) -> float:
    """The variance of ``b - c``, if the true difference of the two rates is ``difference``.

    ``n (2 q + D (1 - D))`` with ``q`` the constrained maximum-likelihood estimate of the rate of ``c``
    (Tango 1998, Statistics in Medicine 17:891).
    """
    linear = -b - c + (2 * n - b + c) * difference
    root = math.sqrt(max(linear * linear + 8 * n * c * difference * (1 - difference), 0.0))
    q = (root - linear) / (4 * n)
    return max(n * (2 * q + difference * (1 - difference)), 0.0)


def tango_z(b: float, c: float, n: float, difference: float) -> float:
    """How many standard errors the observed difference lies above ``difference``."""
    distance = b - c - n * difference
    variance = tango_variance(b, c, n, difference)
    if variance <= 0:
        return 0.0 if distance == 0 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


@lru_cache(maxsize=65_536)
def tango(b: float, c: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of the paired difference ``(b - c) / n``; (-1, 1) without data."""
    if n == 0:
        return -1.0, 1.0
    z = z_of(confidence)
    return -_upper(c, b, n, z), _upper(b, c, n, z)


def _upper(b: float, c: float, n: float, z: float) -> float:
    return halved(lambda difference: tango_z(b, c, n, difference) >= -z, (b - c) / n, 1.0, 60)[1]


def halved(is_below: Callable[[float], bool], low: float, high: float, steps: int = 50) -> tuple[float, float]:
    """(low, high) around the place from ``low`` to ``high`` up to which ``is_below`` holds."""
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low, high


def tango_p(b: float, c: float, n: float, margin: float) -> float:
    """One-sided p of "the candidate is worse by ``margin`` or more": small means not inferior."""
    return 1.0 if n == 0 else upper_tail(tango_z(b, c, n, -margin))


def upper_tail(z: float) -> float:
    """P(Z >= z), exact far out in the tail."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def is_surely_above(k: float, n: float, rate: float, confidence: float = 0.95) -> bool:
    """Whether ``k`` of ``n`` would come with a true ``rate`` too rarely: the exact bound (Clopper and Pearson 1934).

    For few of many, where the score interval errs up to six times as often. Counts may be fractions.
    """
    from scipy.special import betainc

    return k > n * rate and float(betainc(k, n - k + 1, min(rate, 1.0))) <= (1 - confidence) / 2


def exact_bounds(k: int, n: int, level: float = 0.05) -> tuple[float, float]:
    """One-sided lower and upper bound of a rate ``k / n``, each wrong with a chance of at most ``level``.

    Clopper and Pearson 1934. Raises ValueError without data.
    """
    from scipy.special import betaincinv

    if n <= 0:
        raise ValueError("a rate needs data")
    low = float(betaincinv(k, n - k + 1, level)) if k else 0.0
    return low, float(betaincinv(k + 1, n - k, 1 - level)) if k < n else 1.0


def mcnemar_exact(b: int, c: int) -> float:
    """Two-sided exact p of "is there any difference" (McNemar 1947, binomial form)."""
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(b, c), b + c, 0.5)))


def mean_t(d: "np.ndarray[Any, Any]", confidence: float = 0.95) -> Mean:
    """The mean of paired differences ``d``, shape (n,), with its t interval."""
    n = len(d)
    se = float(np.std(d, ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return t_interval(d, se, n - 1, confidence)


def t_p(mean: Mean, margin: float) -> float:
    """One-sided p of "the mean is at or below ``-margin``"."""
    if math.isnan(mean.se):
        return 1.0
    if mean.se == 0:
        return 0.0 if mean.mean > -margin else 1.0
    return t_tail(less_sure((mean.mean + margin) / mean.se, mean.skew), mean.df)


def t_tail(t: float, df: float) -> float:
    """P(T >= t) of Student's t; ``df`` may be infinite."""
    from scipy.special import stdtr

    return float(stdtr(df, -t))


def t_of(df: float, confidence: float) -> float:
    """The quantile of Student's t of a two-sided interval; ``df`` may be infinite."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + confidence / 2))


def less_sure(t: float, skew: float) -> float:
    """Hall's transformation of t (1992, JRSS-B 54:221), which takes out the skewness of a mean, where it lowers t."""
    hall = t + skew * t**2 / 3 + skew**2 * t**3 / 27 + skew / 6
    return min(t, max(hall, t / _LARGEST_REACH))


def skewness(off: "np.ndarray[Any, Any]", sums: "np.ndarray[Any, Any]", number: int) -> float:
    """The skewness of a mean as far as it is beyond its standard error, sqrt(6) / ``number``.

    ``off`` are deviations from the mean, ``sums``, also of shape (n,), for each the sum over its group, of which there
    are ``number``; for independent values the deviations themselves.
    """
    second = float(off @ sums)
    found = float(off @ sums**2) / second**1.5 if second > 0 else 0.0
    return math.copysign(max(abs(found) - math.sqrt(6) / number, 0.0), found)


def mean_hall(d: "np.ndarray[Any, Any]", confidence: float = 0.95) -> Mean:
    """As :func:`mean_t`, with skewness allowed for."""
    plain, off = mean_t(d, confidence), d - d.mean()
    return t_interval(d, plain.se, plain.df, confidence, skewness(off, off, len(d)))


def t_interval(d: "np.ndarray[Any, Any]", se: float, df: int, confidence: float, skew: float = 0.0) -> Mean:
    """The mean of ``d``, shape (n,), with the t interval of its standard error ``se``; NaN makes it infinite."""
    mean = float(d.mean()) if len(d) else 0.0
    if math.isnan(se):
        return Mean(mean, se, df, -math.inf, math.inf)
    t = t_of(df, confidence)
    return Mean(mean, se, df, mean - _reach(t, skew) * se, mean + _reach(t, -skew) * se, skew)


def _reach(t: float, skew: float) -> float:
    """Where :func:`less_sure` gives ``t``."""
    if skew == 0:
        return t
    return min(max(t, 3 / skew * (math.cbrt(1 + skew * (t - skew / 6)) - 1)), _LARGEST_REACH * t)


def newcombe_low(k1: int, n1: int, k2: int, n2: int, confidence: float) -> float:
    """The lower bound of ``k1/n1 - k2/n2`` of two separate samples (Newcombe 1998, hybrid score)."""
    p1, p2 = k1 / n1, k2 / n2
    low = wilson(k1, n1, confidence)[0]
    high = wilson(k2, n2, confidence)[1]
    return float(p1 - p2 - ((p1 - low) ** 2 + (high - p2) ** 2) ** 0.5)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm-adjusted p-values in the given order (Holm 1979): the i-th smallest of k times k - i, never falling.

    Written out, since statsmodels' own collects all garbage first, which takes half a second on a large run.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, position in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, float(p_values[position]) * (len(p_values) - rank))
        adjusted[position] = min(largest, 1.0)
    return adjusted
