"""The judge's win rate corrected by people's reviews of a random subset (PPI++, METHOD 2), and how sure that is.

The plain error of a corrected mean is too small with 100 to 200 reviews: where the judge errs rarely, most samples show
too few of its errors, and those mostly to one side. At the limit that gives 4 to 12 % false ``switch`` and up to 18 %
false ``keep`` instead of 2.5 %. So the range and the p-value go by

- the error with two more reviews, in which the judge errs by a whole answer, once to each side (as adding two
  successes and two failures mends the interval of a rate: Agresti and Coull 1998, The American Statistician 52:119);
- never less than Tango's error of the reviews alone, made as much smaller as the judge makes their plain error;
- Hall's transformation of t (1992, JRSS-B 54:221), which takes out how skewed the errors are, where it is less sure.
"""

import math
from collections.abc import Callable

import numpy as np

from advisor.analysis.quality.clusters import Groups, clustered
from advisor.analysis.quality.columns import Array
from advisor.analysis.quality.difference import Tested
from advisor.analysis.quality.outcomes import Scored
from advisor.analysis.statistics.intervals import halved, less_sure, mean_t, t_of, t_tail, tango_variance
from advisor.analysis.statistics.ppi import Corrected, ppi_mean
from advisor.types import Method


def is_labelled(scored: Scored) -> Array:
    """Which pairs people of the random subset judged, shape (n,)."""
    labelled: Array = ~np.isnan(scored.pairs.votes.reviewed_y) & ~_is_sure(scored)
    return labelled


def by_reviews(scored: Scored, d: Array, confidence: float, groups: Groups | None) -> Tested:
    """The corrected difference of win rates; ``d``, shape (n,), is what the judge says of each pair.

    Nobody can review a pair without two answers: those are lost or won for sure, and are put together with the others
    by their share s, variance ``(1 - s)^2 SE^2 + s (1 - s) (difference of the means)^2 / n``. ``groups`` stretch the
    error as they would stretch that of ``d``, and at least as if each group was one pair, with t of G - 1 degrees of
    freedom: people's words may be as alike within a group as its answers.
    """
    sure, labelled = _is_sure(scored), is_labelled(scored)
    y = np.where(scored.by_fault, d, scored.pairs.votes.reviewed_y - 0.5)[labelled]
    judged, others = d[labelled], d[~labelled & ~sure]
    found = ppi_mean(y, judged, others, confidence)
    careful, skew = _with_two_errors(found, y, judged, others), _skew(found, y, judged, others)
    share = float(sure.mean())
    certain = float(d[sure].mean()) if share else found.estimate
    between = share * (1 - share) * (certain - found.estimate) ** 2 / len(d)
    delta = share * certain + (1 - share) * found.estimate
    stretch, df = (1.0, math.inf) if groups is None else (_stretch(d, groups), groups.number - 1)

    def error(x: float) -> float:
        """Of the whole difference, if the truth is ``x``."""
        within = max(careful, _of_reviews_alone(y, found, found.estimate + x - delta))
        return stretch * math.sqrt(((1 - share) * within) ** 2 + between)

    def above(x: float) -> float:
        return less_sure((delta - x) / error(x), skew * stretch)

    def below(x: float) -> float:
        return less_sure((x - delta) / error(x), -skew * stretch)

    t = t_of(df, confidence)
    low, high = _bound(lambda x: above(x) >= t, delta), -_bound(lambda x: below(-x) >= t, -delta)

    def at(limit: float) -> float:
        return t_tail(above(-limit), df)

    return Tested(Method.PPI, low, high, delta, error(delta) ** 2 * len(d), at)


def _is_sure(scored: Scored) -> Array:
    """Which pairs are decided because one side gave no answer."""
    sure: Array = scored.pairs.candidate.failed | scored.pairs.baseline.failed
    return sure


def _with_two_errors(found: Corrected, y: Array, judged: Array, others: Array) -> float:
    """The standard error with two more reviews in which the judge errs by a whole answer."""
    n, whole = len(y), (1 + abs(found.lam)) / 2
    of_reviews = (float((y - found.lam * judged).var()) * n + 2 * whole**2) / (n + 2) / n
    of_judge = found.lam**2 * float(others.var()) / len(others) if len(others) else 0.0
    return math.sqrt(of_reviews + of_judge)


def _skew(found: Corrected, y: Array, judged: Array, others: Array) -> float:
    """The skewness of the corrected mean; 0 where reviews and judge do not vary."""
    if found.se == 0:
        return 0.0
    of_judge = found.lam**3 * _third_moment(others) / len(others) ** 2 if len(others) else 0.0
    return (_third_moment(y - found.lam * judged) / len(y) ** 2 + of_judge) / found.se**3


def _third_moment(x: Array) -> float:
    return float(((x - x.mean()) ** 3).mean())


def _of_reviews_alone(y: Array, found: Corrected, difference: float) -> float:
    """Tango's error of the reviews, if the truth is ``difference``, made smaller by the judge."""
    n, plain = len(y), float(y.std()) / math.sqrt(len(y))
    sharper = found.se / plain if plain > 0 else 1.0
    better, worse = int(np.sum(y > 0)), int(np.sum(y < 0))
    return sharper * math.sqrt(tango_variance(better, worse, n, min(max(2 * difference, -1.0), 1.0))) / n / 2


def _bound(is_outside: Callable[[float], bool], high: float) -> float:
    """Where a range ends below: the largest difference under ``high`` that is still outside; -0.5 where none is."""
    return halved(is_outside, -0.5, high)[0] if is_outside(-0.5) else -0.5


def _stretch(d: Array, groups: Groups) -> float:
    """How much larger ``groups`` make the error; a judge's noise hides how far answers go alike, so each is one pair.

    1 for a single group, of which nothing is known.
    """
    plain, together, number = mean_t(d).se, clustered(d, groups).se, groups.number
    if number < 2:
        return 1.0
    seen = together / plain if plain > 0 else 1.0
    return max(seen, math.sqrt(len(d) / groups.independent * number / (number - 1)))
