"""The paired difference between candidate and baseline, tested in the way that the data allow (METHOD 2).

``d``, shape (n,), holds candidate minus baseline of each pair that counts. ``scale`` is 2 for win rates, whose
differences are halves of -1, 0 and 1, else 1.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from advisor.analysis.clusters import Groups, clustered, worth
from advisor.analysis.columns import Array
from advisor.analysis.intervals import mean_t, t_p, tango, tango_p, tango_variance, upper_tail, z_of
from advisor.analysis.outcomes import Scored
from advisor.analysis.ppi import Corrected, ppi_mean
from advisor.analysis.sequential import Sequential, confidence_interval, follow, p_value

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


def by_counts(d: Array, better: int, worse: int, margin: float, scale: int, confidence: float) -> Tested:
    """Yes/no results: Tango."""
    low, high = (bound / scale for bound in tango(better, worse, len(d), confidence))
    return Tested(TANGO, low, high, tango_p(better, worse, len(d), margin * scale), float(d.mean()), _variance(d))


def by_mean(d: Array, gained: float, lost: float, margin: float, scale: int, confidence: float) -> Tested:
    """Scores in between; ``gained`` and ``lost`` are the sums of what is above and below 0, in the unit of ``scale``.

    The range is that of t; the p-value, and with it every ``switch``, is never below Tango's of the summed gains and
    losses, nor is the upper end, and with it every ``keep``: where few answers are lost or gained whole and the others
    hardly differ, t gives 7 to 10 % false verdicts at the limit with 50 to 100 of them, instead of 2.5 %. For scores of
    0 and 1 that is Tango's own.
    """
    mean = mean_t(d, confidence)
    p = max(t_p(mean, margin), tango_p(gained, lost, len(d), margin * scale))
    high = max(mean.high, tango(gained, lost, len(d), confidence)[1] / scale)
    return Tested(MEAN, max(mean.low, -1.0), min(high, 1.0), p, float(d.mean()), _variance(d))


def by_betting(d: Array, margin: float, scale: int, confidence: float, threshold: float) -> Tested:
    """Holds at any look: see :mod:`advisor.analysis.sequential`. p is 1 where pairs drift so far that no mean fits."""
    low, high = confidence_interval(d * scale, (1 - confidence) / 2)
    p = p_value(bet(d, margin, scale, threshold)) if (low, high) != (-1.0, 1.0) else 1.0
    return Tested(SEQUENTIAL, low / scale, high / scale, p, float(d.mean()), _variance(d))


def bet(d: Array, margin: float, scale: int, threshold: float) -> Sequential:
    """What betting on ``d`` has made so far."""
    return follow(d * scale, min(margin * scale, _LARGEST_MARGIN), threshold)


def by_reviews(scored: Scored, d: Array, margin: float, confidence: float, groups: Groups | None) -> Tested:
    """The judge's win rate corrected by people's reviews of a random subset (PPI++), see METHOD 2.

    The range is ``estimate -+ z SE``. The p-value, and with it every ``switch``, goes by an error that is never below
    Tango's of the reviews alone: where reviews hardly differ, the plain error gives up to 8 % false ``switch`` at the
    limit with 100 of them, instead of 2.5 %. So p may fail where the range just stays within the limit, never the
    reverse. Where reviews do not differ at all SE is 0, which is no certainty: the range goes by that error too.

    Nobody can review a pair without two answers: those are lost or won for sure, and are put together with the others
    by their share s, variance ``(1 - s)^2 SE^2 + s (1 - s) (difference of the means)^2 / n``. ``groups`` stretch the
    error as they would stretch that of ``d``, and at least as if each group was one pair.
    """
    sure = is_sure(scored)
    labelled = is_labelled(scored)
    y = np.where(scored.by_fault, d, scored.pairs.reviewed_y - 0.5)
    found = ppi_mean(y[labelled], d[labelled], d[~labelled & ~sure], confidence)
    share = float(sure.mean())
    certain = float(d[sure].mean()) if share else found.estimate
    between = share * (1 - share) * (certain - found.estimate) ** 2 / len(d)
    delta = share * certain + (1 - share) * found.estimate
    # A judge's noise hides how far answers go alike, so that each group counts as one pair.
    stretch = 1.0 if groups is None else max(_stretch(d, groups, confidence), math.sqrt(len(d) / groups.independent))

    def whole(within: float) -> float:
        return stretch * math.sqrt(((1 - share) * within) ** 2 + between)

    def error(difference: float) -> float:
        return whole(_floored(y[labelled], found, found.estimate + difference - delta))

    z = z_of(confidence)
    if found.se > 0:
        half = z * whole(found.se)
        low, high = max(delta - half, -1.0), min(delta + half, 1.0)
    else:
        low = _bound(lambda x: delta - x >= z * error(x), -1.0, delta)
        high = -_bound(lambda x: -x - delta >= z * error(-x), -1.0, -delta)
    se = error(-margin)
    p = upper_tail((delta + margin) / se) if se > 0 else float(delta <= -margin)
    return Tested(PPI, low, high, p, delta, error(delta) ** 2 * len(d))


def is_sure(scored: Scored) -> Array:
    """Which pairs are decided because one side gave no answer."""
    sure: Array = scored.pairs.candidate.failed | scored.pairs.baseline.failed
    return sure


def is_labelled(scored: Scored) -> Array:
    """Which pairs people of the random subset judged."""
    labelled: Array = ~np.isnan(scored.pairs.reviewed_y) & ~is_sure(scored)
    return labelled


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
        return tested._replace(method=method, low=-1.0, high=1.0, p=1.0)
    if tested.method == PPI:
        return tested._replace(method=method)
    gained, lost, rest, at_low, at_high = whole
    low = (tango(gained * at_low, lost * at_low, at_low, confidence)[0] + rest) / scale
    high = (tango(gained * at_high, lost * at_high, at_high, confidence)[1] + rest) / scale
    p = tango_p(gained * at_low, lost * at_low, at_low, margin * scale + rest)
    return Tested(
        method=method,
        low=max(min(tested.low, mean.low, low), -1.0),
        high=min(max(tested.high, mean.high, high), 1.0),
        p=max(tested.p, t_p(mean, margin), p),
        delta=tested.delta,
        variance=max(tested.variance, mean.se**2 * len(d)),
    )


def _floored(y: Array, found: Corrected, difference: float) -> float:
    """The standard error of the corrected mean, if the truth is ``difference``: what a decision goes by.

    Never below Tango's error of the reviews alone, made as much smaller as the judge makes their plain error.
    """
    n, plain = len(y), float(y.std()) / math.sqrt(len(y))
    sharper = found.se / plain if plain > 0 else 1.0
    better, worse = int(np.sum(y > 0)), int(np.sum(y < 0))
    at = min(max(2 * difference, -1.0), 1.0)
    return max(found.se, sharper * math.sqrt(tango_variance(better, worse, n, at)) / n / 2)


def _bound(is_outside: Callable[[float], bool], low: float, high: float) -> float:
    """Where a range ends below: the largest difference that is still outside, between ``low`` and ``high``."""
    if not is_outside(low):
        return low
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if is_outside(middle) else (low, middle)
    return low


def _stretch(d: Array, groups: Groups, confidence: float) -> float:
    plain, mean = mean_t(d, confidence), clustered(d, groups, confidence)
    if math.isnan(mean.se) or plain.se == 0:
        return 1.0
    return max((mean.high - mean.low) / (plain.high - plain.low), 1.0)


def _variance(d: Array) -> float:
    return float(d.var(ddof=1)) if len(d) > 1 else 0.0
