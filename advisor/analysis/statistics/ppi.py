"""A judge's mean corrected by people's labels (prediction-powered inference).

Angelopoulos et al. 2023 (Science 382:669) and, for the best weight of the judge, PPI++ (arXiv:2311.01453). Valid only
when the labelled items are a random subset of all.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from advisor.analysis.statistics.intervals import z_of


class Corrected(NamedTuple):
    """A mean of people's labels, sharpened by a judge."""

    estimate: float
    se: float
    lam: float
    """How much the judge counts: 0 the labels alone, 1 plain PPI."""
    low: float
    high: float
    n: int
    """Labelled items."""
    unlabelled: int


def ppi_mean(
    y: "np.ndarray[Any, Any]",
    f_labelled: "np.ndarray[Any, Any]",
    f_unlabelled: "np.ndarray[Any, Any]",
    confidence: float = 0.95,
    lam: float | None = None,
) -> Corrected:
    """The mean of people's labels over all items, with a normal interval.

    ``y`` and ``f_labelled``, shape (n,), are people's and the judge's scores of the same items; ``f_unlabelled``,
    shape (N,), the judge's scores of the others, without the n. ``lam`` None takes the weight with the smallest
    standard error, ``cov(y, f) / (var f (1 + n / N))``. Estimate and error follow METHOD 2. Variances and the
    covariance divide by the number of items, but for ``var f`` in the weight, which is over all n + N items and
    divides by one less: so the estimate is that of ppi_py to 8 digits. The weight is not cut to 0 to 1.
    Without unlabelled items, or with a judge who always says the same, the labels alone count (``lam`` 0).
    Raises ValueError for fewer than two labels.
    """
    n, unlabelled = len(y), len(f_unlabelled)
    if n < 2:
        raise ValueError(f"a corrected mean needs at least two labels, got {n}")
    if unlabelled == 0:
        lam = 0.0
    elif lam is None:
        lam = _best_weight(y, f_labelled, f_unlabelled)
    estimate, variance = float(y.mean()), float((y - lam * f_labelled).var()) / n
    if unlabelled:
        estimate += lam * float(f_unlabelled.mean() - f_labelled.mean())
        variance += lam**2 * float(f_unlabelled.var()) / unlabelled
    se = math.sqrt(variance)
    half = z_of(confidence) * se
    return Corrected(estimate, se, lam, estimate - half, estimate + half, n, unlabelled)


def _best_weight(
    y: "np.ndarray[Any, Any]", f_labelled: "np.ndarray[Any, Any]", f_unlabelled: "np.ndarray[Any, Any]"
) -> float:
    spread = float(np.concatenate((f_labelled, f_unlabelled)).var(ddof=1))
    if spread == 0:
        return 0.0
    together = float(np.cov(y, f_labelled, ddof=0)[0, 1])
    return together / spread / (1 + len(y) / len(f_unlabelled))
