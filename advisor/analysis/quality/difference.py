"""The paired difference between candidate and baseline, tested in the way that the data allow (METHOD 2).

``d``, shape (n,), holds candidate minus baseline of each pair that counts. ``scale`` is 2 for win rates, whose
differences are halves of -1, 0 and 1, else 1.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from advisor.analysis.quality.clusters import Groups, clustered, effective_size
from advisor.analysis.quality.columns import Array
from advisor.analysis.statistics.intervals import halved, mean_hall, t_p, tango, tango_p
from advisor.analysis.statistics.sample_size import n_needed
from advisor.analysis.statistics.sequential import Sequential, confidence_interval, follow, p_values
from advisor.types import Method

_LARGEST_MARGIN = 0.99
"""Of a test by betting; a margin of 1 could not be lost."""
_WHOLE = 0.5
"""Of the scale: who gains or loses as much gains or loses an answer."""


class Tested(NamedTuple):
    """What one test says of the difference."""

    method: Method
    low: float
    high: float
    delta: float
    variance: float
    """Of one paired difference."""
    at: Callable[[float], float]
    """The p-value at a margin, which falls as the margin widens."""


def lower_bound(tested: Tested, scale: int, level: float) -> float:
    """The difference above which the truth lies, wrong with a chance of ``level``: where the test's own p crosses it.

    So it is above ``-margin`` exactly where the p at that margin is below ``level``, whatever the procedure.
    """
    lowest = -1 / scale
    if tested.at(-lowest) > level:
        return lowest
    return halved(lambda difference: tested.at(-difference) <= level, lowest, tested.delta)[0]


class Whole(NamedTuple):
    """What is gained and lost whole, by half of the scale or more: too few of those for their spread to be known.

    All in the unit of ``scale``; yes/no results are whole throughout.
    """

    n: float
    """The effective sample size."""
    gained: float
    lost: float
    """Their sums over the number of pairs."""
    rest: float
    """The mean of what is left of the differences; 0 for yes/no results."""
    lost_size: float
    gained_size: float
    """How much one of them is, 1 for yes/no results: each counts by its size, with a full one assumed beside them."""

    def p(self, margin: float) -> float:
        """Tango's p of "worse by ``margin`` or more"; the margin is what the mean of the rest leaves of it."""
        return tango_p(*self._counts(self.lost_size), (margin + self.rest) / self.lost_size)

    def needed(self, margin: float, confidence: float) -> float | None:
        """Effective sample size at which that would pass; None where more pairs wouldn't help."""
        gained, lost = self.gained / self.lost_size, self.lost / self.lost_size
        return n_needed(gained, lost, 1, (margin + self.rest) / self.lost_size, confidence)

    def interval(self, confidence: float) -> tuple[float, float]:
        """The bounds that belong to it."""
        low = tango(*self._counts(self.lost_size), confidence)[0] * self.lost_size
        high = tango(*self._counts(self.gained_size), confidence)[1] * self.gained_size
        return max(low + self.rest, -1.0), min(high + self.rest, 1.0)

    def _counts(self, size: float) -> tuple[float, float, float]:
        return self.gained * self.n / size, self.lost * self.n / size, self.n


def whole_of(d: Array, groups: Groups | None, scale: int) -> Whole:
    """What the differences ``d`` gain and lose whole."""
    units = d * scale
    whole = np.where(np.abs(units) >= _WHOLE, units, 0.0)
    gained, lost = np.maximum(whole, 0.0), np.maximum(-whole, 0.0)
    return Whole(
        n=float(len(d)) if groups is None else effective_size(whole, groups),
        gained=float(gained.mean()),
        lost=float(lost.mean()),
        rest=float((units - whole).mean()),
        lost_size=_size(lost),
        gained_size=_size(gained),
    )


def fixed(d: Array, whole: Whole, groups: Groups | None, scale: int, confidence: float) -> Tested:
    """The test of a sample of fixed size.

    Independent yes/no results: Tango. For scores in between, and for pairs that go together, the less sure one of the
    mean with its t interval and Tango of what is gained and lost ``whole``: t alone is wrong too often where few
    answers, or few groups, are lost whole (docs/statistics.md). The variance of pairs that go together is that of
    independent ones that err as much.
    """
    is_binary = bool(np.isin(d * scale, (-1, 0, 1)).all())
    mean = clustered(d, groups, confidence) if groups else None if is_binary else mean_hall(d, confidence)
    method = Method.TANGO if is_binary else Method.MEAN
    low, high = (bound / scale for bound in whole.interval(confidence))
    variance = _variance(d)

    def at(limit: float) -> float:
        p = whole.p(limit * scale)
        return p if mean is None else max(p, t_p(mean, limit))

    if mean is not None:
        low, high = max(min(low, mean.low), -1 / scale), min(max(high, mean.high), 1 / scale)
    if mean is not None and groups is not None and not math.isnan(mean.se):
        variance = max(variance, mean.se**2 * len(d))
    return Tested(method, low, high, float(d.mean()), variance, at)


def by_betting(d: Array, scale: int, confidence: float) -> Tested:
    """Holds at any look, as :mod:`advisor.analysis.statistics.sequential` says.

    p is 1 where pairs drift so far that no mean fits. Where they drift less, the mean of all may lie outside of what
    the looks left: the range reaches to it then.
    """
    low, high = confidence_interval(d * scale, (1 - confidence) / 2)
    p_of = p_values(d * scale) if (low, high) != (-1.0, 1.0) else None

    def at(limit: float) -> float:
        return 1.0 if p_of is None else p_of(min(limit * scale, _LARGEST_MARGIN))

    mean = float(d.mean())
    return Tested(Method.SEQUENTIAL, min(low / scale, mean), max(high / scale, mean), mean, _variance(d), at)


def bet(d: Array, margin: float, scale: int, threshold: float) -> Sequential:
    """What betting on ``d`` has made so far."""
    return follow(d * scale, min(margin * scale, _LARGEST_MARGIN), threshold)


def _size(amounts: Array) -> float:
    """The mean of ``amounts`` that are not 0, larger ones weighing more, with one of 1 beside them."""
    return float(((amounts**2).sum() + 1) / (amounts.sum() + 1))


def _variance(d: Array) -> float:
    return float(d.var(ddof=1)) if len(d) > 1 else 0.0
