"""How far a judge can be trusted: its agreement with people, and the estimate that its errors cannot bias."""

import math
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Corrected(NamedTuple):
    """A mean corrected by human labels; ``weight`` is how much the judge contributes (0: not at all)."""

    mean: float
    se: float
    weight: float


def kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Cohen's kappa of two raters over the same items; 1 where both give one and the same value throughout."""
    if len(set(first) | set(second)) == 1:
        return 1.0
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(first, second))


def correct(
    human: "np.ndarray[Any, Any]", judge: "np.ndarray[Any, Any]", judge_only: "np.ndarray[Any, Any]"
) -> Corrected:
    """The mean human score from few human labels and many judgements (PPI++, Angelopoulos 2023, arXiv:2311.01453).

    ``human`` and ``judge`` score the same randomly drawn items, shape (n,); ``judge_only`` are the judge's scores of
    the others, shape (N,). ``weight = cov(human, judge) / (var(judge) (1 + n / N))``.
    """
    n, others = len(human), len(judge_only)
    spread = float(np.concatenate([judge, judge_only]).var())
    weight = float(np.cov(human, judge, ddof=0)[0, 1]) / (spread * (1 + n / others)) if spread and others else 0.0
    if weight == 0.0:
        return Corrected(float(human.mean()), float(human.std()) / math.sqrt(n), 0.0)
    mean = float(human.mean() + weight * (judge_only.mean() - judge.mean()))
    variance = weight**2 * judge_only.var() / others + (human - weight * judge).var() / n
    return Corrected(mean, math.sqrt(variance), weight)
