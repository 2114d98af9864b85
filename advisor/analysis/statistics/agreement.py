"""How far a judge can be trusted: its agreement with people, and whether it merely likes long answers."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from advisor.analysis.statistics.intervals import wilson, z_of

MIN_CORRECTED = 100
"""Pairs judged by people from which on they correct the judge's numbers (METHOD 1.9)."""
MIN_KAPPA = 0.4
"""A judge that agrees less with people may not drive a switch (METHOD 1.9)."""
SIMILAR_LENGTH = 0.2
"""Answers are about as long as each other when the log of their length ratio is below this: 22 % longer at most."""


class Rates(NamedTuple):
    """One rater, or a model, held against the truth; means over the labels, each counted alike."""

    accuracy: float
    precision: float
    recall: float
    f1: float


def kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Cohen's kappa of two raters over the same items; 1 where both give one and the same value throughout.

    Raises ValueError without items.
    """
    labels = list({*first, *second})
    if not labels:
        raise ValueError("kappa of two empty lists")
    if len(labels) == 1:
        return 1.0
    table = np.array(confusion(first, second, labels)) / len(first)
    by_chance = float(table.sum(axis=1) @ table.sum(axis=0))
    return (float(table.trace()) - by_chance) / (1 - by_chance)


def kappa_interval(
    first: Sequence[Hashable], second: Sequence[Hashable], confidence: float = 0.95
) -> tuple[float, float, float]:
    """Cohen's kappa with its bounds: (kappa, low, high), from the asymptotic variance (Fleiss, Cohen, Everitt 1969).

    That variance is 0 in two cases, which are not taken for certainty: where the raters never disagree, the lower
    bound is what kappa would be at the Wilson bound of their agreement; where one of them gives the same value
    throughout, the lower bound is -1 and the upper one what kappa would be at the Wilson bound of their agreement.
    Raises ValueError without items.
    """
    found = kappa(first, second)
    labels = list(dict.fromkeys([*first, *second]))
    if len(set(first)) == 1 or len(set(second)) == 1:
        same = sum(one == other for one, other in zip(first, second, strict=True)) / len(first)
        most = wilson(round(same * len(first)), len(first), confidence)[1]
        return found, -1.0, 1.0 if same == 1 else (most - same) / (1 - same)  # by chance they agree in just ``same``
    table = confusion(first, second, labels)
    n = len(first)
    if sum(table[i][i] for i in range(len(labels))) == n:
        by_chance = sum((sum(row) / n) ** 2 for row in table)
        return found, max(1 - (1 - wilson(n, n, confidence)[0]) / (1 - by_chance), -1.0), 1.0
    half = z_of(confidence) * _kappa_error(np.array(table) / n, found) / math.sqrt(n)
    return found, max(found - half, -1.0), min(found + half, 1.0)


def _kappa_error(table: NDArray[np.float64], found: float) -> float:
    """Kappa's standard error for one item, by equation 13 of Fleiss, Cohen and Everitt; scipy.stats isn't loaded."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    by_chance = rows @ columns
    weights = (1 - found) * (columns[:, None] + rows)
    np.fill_diagonal(weights, 1 - weights.diagonal())
    spread = (table * weights**2).sum() - (found - by_chance * (1 - found)) ** 2
    return float(np.sqrt(spread) / (1 - by_chance))


def confusion(first: Sequence[Hashable], second: Sequence[Hashable], labels: Sequence[Hashable]) -> list[list[int]]:
    """How often the first rater's label, by row, met the second's, by column; other labels are left out."""
    counts = Counter(zip(first, second, strict=True))
    return [[counts[row, column] for column in labels] for row in labels]


def rates(truth: Sequence[Hashable], judged: Sequence[Hashable], labels: Sequence[Hashable] | None = None) -> Rates:
    """Accuracy, precision, recall and F1 of ``judged``, macro-averaged over ``labels``, else over all that are given.

    A label that was never judged has precision 0, one that is never true has recall 0.
    """
    right = Counter(one for one, other in zip(truth, judged, strict=True) if one == other)
    true, given = Counter(truth), Counter(judged)
    each = [
        (
            right[label] / (given[label] or 1),
            right[label] / (true[label] or 1),
            2 * right[label] / (given[label] + true[label] or 1),
        )
        for label in labels or {*truth, *judged}
    ]
    return Rates(right.total() / len(truth), *np.mean(each, axis=0).tolist())


def similar_length(y: ArrayLike, candidate_lengths: ArrayLike, baseline_lengths: ArrayLike) -> tuple[float | None, int]:
    """(win rate, n) over the pairs whose answers are about as long as each other; None without such a pair.

    ``y`` is the candidate's score of each pair: win 1, tie 0.5, loss 0. Pairs with an empty answer are left out.
    """
    ours, theirs = np.asarray(baseline_lengths, dtype=float), np.asarray(candidate_lengths, dtype=float)
    there = (ours > 0) & (theirs > 0)
    ratio = np.log(theirs[there] / ours[there])
    alike = np.asarray(y, dtype=float)[there][np.abs(ratio) < SIMILAR_LENGTH]
    return (float(alike.mean()) if len(alike) else None), len(alike)


def length_lean(
    y: Sequence[float], candidate_lengths: Sequence[int], baseline_lengths: Sequence[int]
) -> tuple[float | None, int]:
    """(how often the longer answer won, n) over the pairs with a winner and different lengths; None without any.

    Far from one half the judge may like length itself. Pairs with an empty answer are left out, as that loses for
    another reason; a panel's mean counts for the side it leans to.
    """
    longer_won = [
        (score > 0.5) is (candidate > baseline)
        for score, candidate, baseline in zip(y, candidate_lengths, baseline_lengths, strict=True)
        if score != 0.5 and candidate != baseline and candidate > 0 and baseline > 0
    ]
    return (sum(longer_won) / len(longer_won) if longer_won else None), len(longer_won)
