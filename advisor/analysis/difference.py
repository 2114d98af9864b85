"""The paired difference between candidate and baseline, tested in the way that the data allow (METHOD 2).

``d``, shape (n,), holds candidate minus baseline of each pair that counts. ``scale`` is 2 for win rates, whose
differences are halves of -1, 0 and 1, else 1.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from advisor.analysis.clusters import Groups, clustered, worth
from advisor.analysis.columns import Array
from advisor.analysis.intervals import mean_t, t_p, tango, tango_p
from advisor.analysis.sequential import Sequential, confidence_interval, follow, p_values

TANGO, MEAN, PPI, SEQUENTIAL = "Tango", "mean and t", "PPI++", "e-process"
_LARGEST_MARGIN = 0.99
"""Of a test by betting; a margin of 1 could not be lost."""
_WHOLE = 0.5
"""Of the scale: who gains or loses as much gains or loses an answer."""


class Tested(NamedTuple):
    """What one test says of the difference."""

    method: str
    low: float
    high: float
    p: float
    delta: float
    variance: float
    """Of one paired difference."""
    at: Callable[[float], float]
    """The p-value at another margin, which falls as the margin widens; ``p`` is that at the margin asked for."""


def lower_bound(tested: Tested, scale: int, level: float) -> float:
    """The difference above which the truth lies, wrong with a chance of ``level``: where the test's own p crosses it.

    So it is above ``-margin`` exactly where the p at that margin is below ``level``, whatever the procedure.
    """
    low, high = -1 / scale, tested.delta
    if tested.at(-low) > level:
        return low
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if tested.at(-middle) <= level else (low, middle)
    return low


def by_counts(d: Array, better: int, worse: int, margin: float, scale: int, confidence: float) -> Tested:
    """Yes/no results: Tango."""
    low, high = (bound / scale for bound in tango(better, worse, len(d), confidence))

    def at(limit: float) -> float:
        return tango_p(better, worse, len(d), limit * scale)

    return Tested(TANGO, low, high, at(margin), float(d.mean()), _variance(d), at)


def by_mean(d: Array, gained: float, lost: float, margin: float, scale: int, confidence: float) -> Tested:
    """Scores in between; ``gained`` and ``lost`` are the sums of what is above and below 0, in the unit of ``scale``.

    The range is that of t; the p-value, and with it every ``switch``, is never below Tango's of the summed gains and
    losses, nor is the upper end, and with it every ``keep``: where few answers are lost or gained whole and the others
    hardly differ, t gives 7 to 10 % false verdicts at the limit with 50 to 100 of them, instead of 2.5 %. For scores of
    0 and 1 that is Tango's own.
    """
    mean = mean_t(d, confidence)

    def at(limit: float) -> float:
        return max(t_p(mean, limit), tango_p(gained, lost, len(d), limit * scale))

    high = max(mean.high, tango(gained, lost, len(d), confidence)[1] / scale)
    return Tested(MEAN, max(mean.low, -1 / scale), min(high, 1 / scale), at(margin), float(d.mean()), _variance(d), at)


def by_betting(d: Array, margin: float, scale: int, confidence: float) -> Tested:
    """Holds at any look: see :mod:`advisor.analysis.sequential`. p is 1 where pairs drift so far that no mean fits.

    Where they drift less, the mean of all may lie outside of what the looks left: the range reaches to it then.
    """
    low, high = confidence_interval(d * scale, (1 - confidence) / 2)
    p_of = p_values(d * scale) if (low, high) != (-1.0, 1.0) else None

    def at(limit: float) -> float:
        return 1.0 if p_of is None else p_of(min(limit * scale, _LARGEST_MARGIN))

    mean = float(d.mean())
    return Tested(SEQUENTIAL, min(low / scale, mean), max(high / scale, mean), at(margin), mean, _variance(d), at)


def bet(d: Array, margin: float, scale: int, threshold: float) -> Sequential:
    """What betting on ``d`` has made so far."""
    return follow(d * scale, min(margin * scale, _LARGEST_MARGIN), threshold)


class Whole(NamedTuple):
    """What answers that go together gain and lose whole, by half of the scale or more.

    A group that is lost at one blow is told from answers that hardly differ by what it loses whole.
    """

    gained: float
    lost: float
    """Shares of the pairs."""
    rest: float
    """The mean of what is left of the differences, in the unit of ``scale``; 0 for yes/no results."""
    worth: float
    """For how many pairs that stand alone they count at the lower end, by how far losses go together ..."""
    worth_high: float
    """... and at the upper end, by how far gains do."""


def whole_of(d: Array, groups: Groups, scale: int, confidence: float) -> Whole:
    """What is gained and lost whole, and what that counts for."""
    gained, lost = d * scale >= _WHOLE, d * scale <= -_WHOLE
    rest = float((d * scale - gained + lost).mean())
    at_low, at_high = worth((lost, gained), groups, confidence)
    return Whole(float(gained.mean()), float(lost.mean()), rest, at_low, at_high)


def widen(
    tested: Tested, d: Array, groups: Groups, whole: Whole, margin: float, scale: int, confidence: float
) -> Tested:
    """Answers of one group repeat each other: never be surer than the clustered interval.

    Nor than Tango of what is gained and lost whole by as many pairs as these are worth, which holds where too few
    groups lose for their spread to be known. The variance becomes that of pairs that stand alone and err as much.
    """
    mean = clustered(d, groups, confidence)
    method = f"{tested.method}, clustered"
    if math.isnan(mean.se):
        return tested._replace(method=method, low=-1 / scale, high=1 / scale, p=1.0, at=lambda _limit: 1.0)
    if tested.method == PPI:
        return tested._replace(method=method)
    gained, lost, rest, at_low, at_high = whole
    low = (tango(gained * at_low, lost * at_low, at_low, confidence)[0] + rest) / scale
    high = (tango(gained * at_high, lost * at_high, at_high, confidence)[1] + rest) / scale

    def at(limit: float) -> float:
        whole_p = tango_p(gained * at_low, lost * at_low, at_low, limit * scale + rest)
        return max(tested.at(limit), t_p(mean, limit), whole_p)

    return Tested(
        method=method,
        low=max(min(tested.low, mean.low, low), -1 / scale),
        high=min(max(tested.high, mean.high, high), 1 / scale),
        p=at(margin),
        delta=tested.delta,
        variance=max(tested.variance, mean.se**2 * len(d)),
        at=at,
    )


def _variance(d: Array) -> float:
    return float(d.var(ddof=1)) if len(d) > 1 else 0.0
