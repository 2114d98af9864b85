"""What a mean hides, looked for in every candidate (METHOD 1.10).

All tests look at the paired difference to the baseline, one-sided. What hangs together, such as the calls of one
conversation or the draws of one request, counts as one observation. How often they err is in docs/statistics.md.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from advisor.analysis.quality.clusters import MIN_CLUSTERS, Groups, groups_of, joined, units_of
from advisor.analysis.quality.columns import Array, Columns, known
from advisor.analysis.quality.evidence import Alike, NeverRight, UseCaseEvidence
from advisor.analysis.quality.once import once
from advisor.analysis.quality.outcomes import score
from advisor.analysis.quality.result import QualityResult
from advisor.analysis.statistics.intervals import upper_tail
from advisor.analysis.verdict.gates import SLOW
from advisor.types import Caveat, CaveatCode, Endpoint
from advisor.types.assessments import MIN_N_P95

LEVEL = 0.01
"""Of all tests of a run together."""
MOST_SHOWN = 3
MIN_OF_CLASS = 5
"""Samples of a class or field from which on it is looked at."""
MIN_LATELY = 20
"""Pairs in the last fifth of the log."""
FAR = 2
"""Times the baseline's p95."""
SURE_P95 = 0.05
"""The level of both bounds of p95."""
_FIFTH = 0.2
_CLEAR = 1.5
"""Standard errors under which a fall is chance, so that nothing more exact need be found."""
_REACH = 10
"""Standard deviations within which a count lies for certain."""


class Looked(NamedTuple):
    """What was looked for in one candidate, and what was found before the level is known."""

    tests: int
    found: tuple[Caveat, ...]

    def shown(self, tests: int) -> tuple[Caveat, ...]:
        """What is sure at the level of one of so many tests in the run, what holds a ``switch`` first."""
        sure = [each for each in self.found if each.code is CaveatCode.P95_FAR or each.p <= LEVEL / max(tests, 1)]
        if any(each.code is CaveatCode.FALLS_LATELY for each in sure):
            sure = [each for each in sure if each.code is not CaveatCode.FALLS_SINCE]
        return tuple(sorted(sure, key=lambda each: (not each.holds, each.p))[:MOST_SHOWN])


def look(evidence: UseCaseEvidence, model: str, columns: Columns, counted: Columns, quality: QualityResult) -> Looked:
    """Everything that can be looked for in one candidate.

    ``columns`` are its pairs with the scores next to reference or recorded answers, ``counted`` as they are scored.
    """
    endpoint = evidence.endpoint
    has_classes = endpoint is Endpoint.AGREEMENT or (endpoint is not Endpoint.PAIRWISE and quality.sample is not None)
    candidate = evidence.candidates[model]
    fields = candidate.fields
    parts = [
        *([_over_time(counted, endpoint, is_timed=evidence.log.is_timed)] if quality.sample else []),
        *([_classes(columns, endpoint, evidence.log.classes)] if has_classes else []),
        *([Looked(fields.looked, tuple(_never(CaveatCode.FIELD_NEVER_RIGHT, fields.never)))] if fields else []),
        _alike(CaveatCode.NEAR_CONSTANT, candidate.near_constant),
        _alike(CaveatCode.COPIED, candidate.copied),
        *([_p95(columns)] if evidence.limits.max_latency_p95_s is None else []),
    ]
    return Looked(sum(part.tests for part in parts), tuple(each for part in parts for each in part.found))


NOTHING = Looked(0, ())


@once
def _over_time(counted: Columns, endpoint: Endpoint, *, is_timed: bool) -> Looked:
    """A fall of the difference: in the last fifth, by an exact test; from some point on, by its sum on the way."""
    scored = score(counted, endpoint)
    groups = groups_of(scored.pairs)
    kept = ~np.isnan(scored.pairs.logged.at)
    at = scored.pairs.logged.at[kept]
    late = at > np.quantile(at, 1 - _FIFTH) if len(at) else np.zeros(0, dtype=bool)
    if late.sum() < MIN_LATELY:
        return NOTHING
    candidate, baseline = scored.candidate[kept], scored.baseline[kept]

    def since(code: CaveatCode, is_late: Array, p: float) -> Caveat:
        return Caveat(
            code=code,
            n=int(is_late.sum()),
            value=float(candidate[is_late].mean()),
            baseline_value=float(baseline[is_late].mean()),
            p=p,
            at=datetime.fromtimestamp(float(at[is_late].min()), UTC) if is_timed else None,
            before=float((candidate - baseline)[~is_late].mean()),
        )

    found = []
    # What hangs together is one observation before the last fifth, and one in it.
    unit = _units(scored.pairs, groups)[kept]
    before, lately = (_signs(unit[part], (candidate - baseline)[part]) for part in (~late, late))
    if min(len(before), len(lately)) >= MIN_CLUSTERS and (before.any() or lately.any()):
        p = fall_p(np.concatenate([before, lately]), len(lately))
        found.append(since(CaveatCode.FALLS_LATELY, late, p))
    if turn := _turn(units_of(groups, len(scored.pairs))[kept], at, candidate - baseline):
        found.append(since(CaveatCode.FALLS_SINCE, at >= turn[0], turn[1]))
    return Looked(2, tuple(found))


def _signs(unit: Array, difference: Array) -> Array:
    """The sign of each unit's summed difference."""
    return np.sign(np.bincount(unit, difference)[np.bincount(unit) > 0]).astype(int)


def _turn(unit: Array, at: Array, difference: Array) -> tuple[float, float] | None:
    """(when the difference falls, p) by the highest point of its sum, less its mean; ``unit`` hangs together."""
    first = np.full(unit.max() + 1, np.inf)
    np.minimum.at(first, unit, at)
    order = np.argsort(first, kind="stable")
    order = order[np.isfinite(first[order])]
    sign = np.sign(np.bincount(unit, difference))[order].astype(int)
    after = len(at) - np.cumsum(np.bincount(unit)[order])  # pairs in the units that come later
    enough = (after[:-1] >= MIN_LATELY) & (np.arange(len(order) - 1, 0, -1) >= MIN_CLUSTERS)
    cuts = np.flatnonzero(enough & (first[order][1:] > first[order][:-1])) + 1
    if not len(cuts) or not sign.any():
        return None
    climb = np.cumsum(sign - sign.mean())[cuts - 1]
    turn = int(np.argmax(climb))
    return float(first[order[cuts[turn]]]), bridge_p(sign, float(climb[turn]))


def _units(pairs: Columns, groups: Groups | None) -> Array:
    """For each pair the code of all that hangs together with it: by ``groups``, or as draws of the same request."""
    n = len(pairs)
    unit = units_of(groups, n)
    return unit if n == 0 or np.bincount(pairs.logged.request).max() == 1 else joined(unit, pairs.logged.request)


def fall_p(sign: Array, last: int) -> float:
    """How probable it is that the ``last`` of the signs, -1, 0 or 1 in order of time, sum to so little by chance.

    Exact over all orders in which they could have come.
    """
    n, lost, gained = len(sign), int((sign < 0).sum()), int((sign > 0).sum())
    seen, share = int(sign[n - last :].sum()), last / n
    deviation = math.sqrt(max(float(sign.var()) * last * (n - last) / max(n - 1, 1), 1e-12))
    z = (sign.sum() * share - seen) / deviation
    if z < _CLEAR:
        return upper_tail(z)
    losses = _around(lost, share, last)
    gains = _around(gained, share, last)
    by_losses = np.exp(_log_hypergeometric(losses, n, lost, last))
    grid = _log_hypergeometric(gains[None, :], n - lost, gained, last - losses[:, None])
    return float(min((by_losses[:, None] * np.exp(grid) * (gains[None, :] - losses[:, None] <= seen)).sum(), 1.0))


def _around(total: int, share: float, most: int) -> Array:
    """The counts that ``most`` of all may hold of ``total``."""
    reach = _REACH * math.sqrt(total * share * (1 - share)) + _REACH
    return np.arange(max(0, math.floor(total * share - reach)), min(total, most, math.ceil(total * share + reach)) + 1)


def _log_hypergeometric(k: Array, n: int, marked: int, drawn: "Array | int") -> Array:
    """The log probability of ``k`` marked ones among ``drawn`` of ``n``; -inf where it can't be."""
    from scipy.special import gammaln

    def choose(all_: "Array | int", some: Array) -> Array:
        inside = (some >= 0) & (some <= all_)
        kept = np.where(inside, some, 0)
        found = gammaln(np.maximum(all_, 0) + 1) - gammaln(kept + 1) - gammaln(np.maximum(all_ - kept, 0) + 1)
        return np.where(inside, found, -np.inf)

    ways = choose(marked, k) + choose(n - marked, drawn - k)
    return np.where(np.isfinite(ways), ways - choose(n, np.minimum(drawn, n)), -np.inf)


def bridge_p(sign: Array, highest: float) -> float:
    """How probable it is that the sum of signs, less their mean, climbs so high on its way by chance.

    The bound for a Brownian bridge, which is that of Massart (1990, Annals of Probability 18:1269) for losses alone.
    """
    return min(math.exp(-2 * max(highest, 0.0) ** 2 / np.count_nonzero(sign)), 1.0)


@once
def _classes(columns: Columns, endpoint: Endpoint, names: tuple[str, ...]) -> Looked:
    """Classes in which the candidate is never right."""
    scored = score(columns, endpoint)
    of = scored.pairs.logged.klass
    if not names or not (of >= 0).any():
        return NOTHING
    right, theirs = scored.candidate == 1, scored.baseline == 1
    sizes = np.bincount(of[of >= 0], minlength=len(names))
    is_enough = sizes >= MIN_OF_CLASS
    hits = np.bincount(of[(of >= 0) & right], minlength=len(names))
    never = []
    for code in np.flatnonzero(is_enough & (hits == 0)):
        here = of == code
        pairs = scored.pairs.where(here)
        unit = _units(pairs, groups_of(pairs))
        by_unit = np.bincount(unit, theirs[here]) > 0
        name = names[code]
        never.append(NeverRight(name, int(sizes[code]), int(theirs[here].sum()), len(by_unit), int(by_unit.sum())))
    return Looked(int(is_enough.sum()), tuple(_never(CaveatCode.CLASS_NEVER_RIGHT, tuple(never))))


def _never(code: CaveatCode, found: tuple[NeverRight, ...]) -> Iterator[Caveat]:
    for each in found:
        p = never_right_p(each.units, each.units_right)
        yield Caveat(code=code, n=each.n, value=0.0, baseline_value=each.baseline_right / each.n, p=p, where=each.name)


def never_right_p(n: int, right: int) -> float:
    """How probable it is that an equal candidate is right in none of ``n`` and the baseline in ``right`` or more.

    Exact, at the chance of a right answer at which it is most probable (as Boschloo 1970, Statistica Neerlandica 24:1):
    both have the same one on a sample, and answer it independently.
    """
    from scipy.special import betainc

    if right == 0:
        return 1.0
    q = np.linspace(0, 1, 401)[1:-1]
    return float(((1 - q) ** n * betainc(right, n - right + 1, q)).max())


def _alike(code: CaveatCode, seen: Alike | None) -> Looked:
    """Exact paired test (McNemar, one-sided)."""
    from scipy.special import bdtr

    if seen is None or seen.n == 0:
        return NOTHING
    p = float(bdtr(seen.only_baseline, seen.only_candidate + seen.only_baseline, 0.5))
    found = Caveat(code=code, n=seen.n, value=seen.candidate / seen.n, baseline_value=seen.baseline / seen.n, p=p)
    return Looked(1, (found,))


@once
def _p95(columns: Columns) -> Looked:
    """Far over: its lower bound is over twice the upper bound of the baseline's, both without a distribution."""
    from scipy.special import bdtr, bdtrc

    asked = columns.asked
    ours, theirs = known(asked.baseline.call.latency_s), known(asked.candidate.call.latency_s)
    if min(len(ours), len(theirs)) < MIN_N_P95:
        return NOTHING
    ranks = np.arange(int(len(ours) * (1 - SLOW)), len(ours))
    rank = int(ranks[np.argmax(bdtr(ranks, len(ours), 1 - SLOW) >= 1 - SURE_P95)])
    highest = np.partition(ours, rank)[rank]
    over = int((theirs > FAR * highest).sum())
    p = float(bdtrc(over - 1, len(theirs), SLOW)) if over else 1.0
    if p > SURE_P95:
        return NOTHING
    value, beside = (float(np.quantile(seconds, 0.95)) for seconds in (theirs, ours))
    return Looked(0, (Caveat(code=CaveatCode.P95_FAR, n=len(theirs), value=value, baseline_value=beside, p=p),))
