"""Which pairs go together, so that their answers stand or fall together, and how sure a mean is then (METHOD 2)."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from advisor.analysis.quality.columns import Array, Columns, no_texts
from advisor.analysis.quality.once import once
from advisor.analysis.statistics.intervals import Mean, skewness, t_interval
from advisor.types import Grouping, Message, TooFew

MIN_CLUSTERS = 5
_TELLING = 4.0
"""Differing pairs on the scale of which it becomes known how far they go together."""
_BLOCK = 500
"""Pairs that are held against all others at a time, which keeps memory flat."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Groups:
    """What pairs share: conversations, texts. A pair may share one text with some pairs and another with others.

    Two pairs meet where they share anything; each meets itself.
    """

    of: Grouping
    """What the groups are."""
    holders: Any
    """Which pair, of n, holds which shared thing, of m: a sparse array of 0 and 1, shape (n, m)."""

    @cached_property
    def are_apart(self) -> bool:
        """Whether no pair is in two groups."""
        return int(self.holders.sum(axis=1).max()) <= 1

    @cached_property
    def alone(self) -> Array:
        """Which pairs share nothing, shape (n,)."""
        found: Array = self.holders.sum(axis=1) == 0
        return found

    @cached_property
    def met(self) -> Array:
        """How many each pair meets, shape (n,)."""
        return self.sums(np.ones(self.holders.shape[0]))

    @cached_property
    def independent(self) -> float:
        """How many pairs that stand alone these count for at least: n^2 / the sum of ``met``.

        For groups of one size it is their number, for others less (Kish 1965, Survey Sampling, section 8.2).
        """
        return float(len(self.met) ** 2 / self.met.sum())

    @cached_property
    def number(self) -> int:
        """How many groups there are, a pair that shares nothing being one of its own.

        Groups that overlap have no number; what they count for stands for it.
        """
        if self.are_apart:
            return int(self.holders.shape[1] + self.alone.sum())
        return round(self.independent)

    @property
    def are_too_few(self) -> bool:
        """Whether they carry no decision; groups of about one size count in full."""
        return round(self.independent) < MIN_CLUSTERS

    def sums(self, u: Array) -> Array:
        """For each pair the sum of ``u``, shape (n,) or (n, k), over those that it meets."""
        if self.are_apart:
            in_group = self.holders @ (self.holders.T @ u)
            in_group[self.alone] = u[self.alone]
            return np.asarray(in_group)
        found = u.astype(float)
        some = np.flatnonzero(~self.alone)
        shared, of_some = self.holders[some], u[some]
        holding = shared.T.tocsr()
        for start in range(0, len(some), _BLOCK):
            meeting = shared[start : start + _BLOCK] @ holding
            meeting.data[:] = 1
            found[some[start : start + _BLOCK]] = meeting @ of_some
        return found


@once
def groups_of(pairs: Columns) -> Groups | None:
    """What pairs share with each other; None where each stands alone."""
    n = len(pairs)
    if not (pairs.logged.session >= 0).any() and not pairs.logged.texts.any():
        return None
    lengths = np.fromiter(map(len, pairs.logged.texts), dtype=np.int64, count=n)
    texts = np.fromiter(
        (code for held in pairs.logged.texts for code in held), dtype=np.int64, count=int(lengths.sum())
    )
    in_session, in_text = _shared(pairs.logged.session), _shared(texts)
    kinds = [kind for kind, found in ((Grouping.CONVERSATIONS, in_session), (Grouping.PROMPTS, in_text)) if found.any()]
    if not kinds:
        return None
    positions = np.concatenate([np.flatnonzero(in_session), np.repeat(np.arange(n), lengths)[in_text]])
    codes = np.concatenate([pairs.logged.session[in_session], texts[in_text] + pairs.logged.session.max(initial=0) + 1])
    found = Groups(of=kinds[0] if len(kinds) == 1 else Grouping.BOTH, holders=holders_of(positions, codes, n))
    return found if found.are_apart else _apart(found)


def holders_of(positions: Array, codes: Array, n: int) -> Any:
    """Which of ``n`` items holds which code, as in :class:`Groups`; ``positions`` and ``codes`` have shape (k,)."""
    from scipy.sparse import csr_array

    different, columns = np.unique(codes, return_inverse=True)
    return csr_array((np.ones(len(codes), dtype=np.int32), (positions, columns)), shape=(n, len(different)))


def cluster_se(d: Array, groups: Groups) -> float:
    """The standard error of the mean of ``d``, shape (n,), when pairs that share something go together.

    ``sqrt(sum over pairs i, j that meet of (d_i - mean) (d_j - mean)) / n``. For groups that do not overlap it is
    Miller 2024 (arXiv:2411.00640, eq. 4); for those that do, the multiway clustering of Cameron, Gelbach and Miller
    2011 (Journal of Business & Economic Statistics 29:238). 0 where chance makes the sum negative.
    """
    off = d - d.mean()
    return math.sqrt(max(float(off @ groups.sums(off)), 0.0)) / len(d)


def clustered(d: Array, groups: Groups, confidence: float = 0.95) -> Mean:
    """The mean of paired differences ``d``, shape (n,), with a t interval for pairs that go together.

    The standard error carries the small-sample factor sqrt(G / (G - 1)), t has G - 1 degrees of freedom, G the number
    of groups; skewness is allowed for. Under five groups the interval is not to be trusted.
    """
    off, number = d - d.mean(), groups.number
    return t_interval(d, _se(d, groups), number - 1, confidence, skewness(off, groups.sums(off), number))


def effective_size(d: Array, groups: Groups) -> float:
    """The effective sample size: how many independent pairs tell as much as those with the differences ``d``.

    ``n / deff``, where the design effect is the clustered variance over that of independent pairs, from 1 to the
    mean group size. Dividing by a variance from G groups gives too much on average, so what deff has over 1 counts
    G / (G - 2) times; deff as a whole would cost independent pairs power. Few differing pairs don't show how far they
    go together, so deff moves towards the group size by exp(-D / 4), D the number of differing pairs: without any, a
    group counts as one pair. Both keep false verdicts at the margin rare by simulation (docs/statistics.md).
    """
    n, number = len(d), groups.number
    largest, alone = n / groups.independent, float(d.var(ddof=1)) / n if n > 1 else 0.0
    seen = largest
    if alone > 0 and number > 2:
        excess = (_se(d, groups) ** 2 / alone - 1) * number / (number - 2)
        seen = min(1 + max(excess, 0.0), largest)
    return n / (seen + (largest - seen) * math.exp(-np.count_nonzero(d) / _TELLING))


def too_few(pairs: Columns, groups: Groups) -> Message | None:
    """Why so few groups carry no decision, and what makes them so few; None where they are enough."""
    if not groups.are_too_few:
        return None
    if groups.of is Grouping.BOTH:  # what alone leaves too few is what makes it so
        for alone in ({"texts": no_texts(len(pairs))}, {"session": np.full(len(pairs), -1)}):
            parted = replace(pairs, logged=replace(pairs.logged, **alone))
            found = groups_of(parted)
            why = too_few(parted, found) if found else None
            if why is not None:
                return why
    if groups.of is Grouping.CONVERSATIONS and groups.number < MIN_CLUSTERS:
        return Message(code=TooFew.CONVERSATIONS, values={"n": groups.number, "least": MIN_CLUSTERS})
    values = {"n": round(groups.independent), "least": MIN_CLUSTERS, "of": groups.of.value}
    return Message(code=TooFew.GROUPS, values=values)


def _se(d: Array, groups: Groups) -> float:
    number = groups.number
    return cluster_se(d, groups) * math.sqrt(number / (number - 1)) if number > 1 else math.nan


def units_of(groups: Groups | None, n: int) -> Array:
    """For each of ``n`` pairs the code of all that hangs together with it, from 0 on without a gap."""
    if groups is None:
        return np.arange(n)
    holders = groups.holders
    if groups.are_apart:
        codes, at = np.arange(n) + holders.shape[1], holders.tocoo()
        codes[at.row] = at.col
        return _without_gaps(codes)
    from scipy.sparse import block_array
    from scipy.sparse.csgraph import connected_components

    component = connected_components(block_array([[None, holders], [holders.T, None]]), directed=False)[1][:n]
    return _without_gaps(component)


def joined(first: Array, second: Array) -> Array:
    """For each pair the code of all that hangs together with it by one code or the other; all of shape (n,)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    size = int(first.max()) + 1
    nodes = size + int(second.max()) + 1
    edges = csr_array((np.ones(len(first), dtype=np.int32), (first, second + size)), shape=(nodes, nodes))
    return _without_gaps(connected_components(edges, directed=False)[1][first])


def _without_gaps(codes: Array) -> Array:
    renamed: Array = (np.cumsum(np.bincount(codes) > 0) - 1)[codes]
    return renamed


def _apart(groups: Groups) -> Groups:
    """The same as groups that do not overlap, where all that hang together meet each other anyway."""
    component = units_of(groups, len(groups.met))
    sizes = np.bincount(component)[component]
    if (groups.met < sizes).any():
        return groups
    several = np.flatnonzero(sizes > 1)
    return replace(groups, holders=holders_of(several, component[several], len(component)))


def _shared(codes: Array) -> Array:
    """Which entries share their code, if they have one, with another one."""
    shared: Array = (codes >= 0) & (np.bincount(codes + 1)[codes + 1] > 1)
    return shared
