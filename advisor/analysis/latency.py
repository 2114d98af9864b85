"""Latency: what a user waits for, without our own queueing and retries."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

MIN_N_P95 = 59
"""A distribution-free 95 % bound of the 95th percentile needs this many calls: 0.95^59 < 0.05."""


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


def known(seconds: Iterable[float | None]) -> "np.ndarray[Any, Any]":
    """The values that are there."""
    return np.array([s for s in seconds if s is not None], dtype=float)
