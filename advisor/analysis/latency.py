"""Latency: what a user waits for, without our own queueing and retries."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from advisor.types import Times
from advisor.types.assessments import MIN_N_P95

MIN_N_P99 = 299
"""Calls that a distribution-free 95 % bound of the 99th percentile needs: 0.99^299 < 0.05."""
_CUTS = (0, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1)


class Quantiles(NamedTuple):
    """Quantiles of seconds; None without data."""

    p50: float | None
    p95: float | None
    n: int
    p95_supported: bool
    """Whether there are enough calls to bound the 95th percentile without assuming a distribution."""


def quantiles(seconds: "np.ndarray[Any, Any]") -> Quantiles:
    """Median and 95th percentile of ``seconds``, shape (n,), by linear interpolation."""
    if len(seconds) == 0:
        return Quantiles(None, None, 0, False)
    p50, p95 = np.quantile(seconds, (0.5, 0.95))
    return Quantiles(float(p50), float(p95), len(seconds), len(seconds) >= MIN_N_P95)


def times_of(
    latency_s: "np.ndarray[Any, Any]", ttft_s: "np.ndarray[Any, Any]", error_rate: float | None = None
) -> Times:
    """What users wait for, by the seconds of timed answers."""
    latency, ttft = quantiles(latency_s), quantiles(ttft_s)
    return Times(
        answered=latency.n,
        ttft_p50_s=ttft.p50,
        ttft_p95_s=ttft.p95,
        latency_p50_s=latency.p50,
        latency_p95_s=latency.p95,
        error_rate=error_rate,
    )


class Summary(NamedTuple):
    """Everything a table or a box shows of one measure, in its own unit."""

    n: int
    mean: float
    sd: float | None
    """With n - 1; None for a single value."""
    min: float
    p5: float
    p25: float
    p50: float
    p75: float
    p90: float
    p95: float
    """Not sure below MIN_N_P95 values."""
    p99: float
    """Not sure below MIN_N_P99 values."""
    max: float


def summary(values: "np.ndarray[Any, Any]") -> Summary | None:
    """Mean, spread and quantiles of ``values``, shape (n,), by linear interpolation; None without data."""
    n = len(values)
    if n == 0:
        return None
    least, p5, p25, p50, p75, p90, p95, p99, most = (float(cut) for cut in np.quantile(values, _CUTS))
    return Summary(
        n=n,
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)) if n > 1 else None,
        min=least,
        p5=p5,
        p25=p25,
        p50=p50,
        p75=p75,
        p90=p90,
        p95=p95,
        p99=p99,
        max=most,
    )


def known(seconds: Iterable[float | None]) -> "np.ndarray[Any, Any]":
    """The values that are there."""
    return np.array([s for s in seconds if s is not None], dtype=float)
