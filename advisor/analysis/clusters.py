"""Which pairs go together, so that their answers stand or fall together, and how sure a mean is then (METHOD 2)."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from advisor.analysis.columns import Array, Columns, no_texts
from advisor.analysis.intervals import Mean, t_interval
from advisor.analysis.wording import count

MIN_CLUSTERS = 5
LARGEST = 0.5
"""Of the pairs, in one group: beyond that the mean is that group's own, and its spread about it says nothing."""
CONVERSATIONS, PROMPTS, BOTH = "conversations", "different prompts", "conversations or different prompts"
_SHARED = {
    CONVERSATIONS: "conversation",
    PROMPTS: "template or a passage",
    BOTH: "conversation, a template or a passage",
}
_BLOCK = 500
"""Pairs that are held against all others at a time, which keeps memory flat."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Groups:
    """What pairs share: conversations, texts. A pair may share one text with some pairs and another with others."""

    of: str
    """What the groups are."""
    holders: Any
    """Which pair, of n, holds which shared thing, of m: a sparse array of 0 and 1, shape (n, m)."""

    @property
    def are_apart(self) -> bool:
        """Whether no pair is in two groups."""
        return int(self.holders.sum(axis=1).max()) <= 1

    @property
    def largest(self) -> int:
        """Pairs in the largest group."""
        return int(self.holders.sum(axis=0).max())

    @cached_property
    def number(self) -> int:
        """How many groups there are, a pair that shares nothing being one of its own.

        Where groups overlap there is no such number: it is then that of equal groups in which a pair meets as many
        others as these meet on average, n^2 / (pairs that meet, each with itself too).
        """
        n, m = self.holders.shape
        if self.are_apart:
            return int(m + (self.holders.sum(axis=1) == 0).sum())
        return int(n * n / _together(np.ones(n), self.holders))


def groups_of(pairs: Columns) -> Groups | None:
    """What pairs share with each other; None where each stands alone."""
    n = len(pairs)
    lengths = np.fromiter(map(len, pairs.texts), dtype=np.int64, count=n)
    texts = np.fromiter((code for held in pairs.texts for code in held), dtype=np.int64, count=int(lengths.sum()))
    in_session, in_text = _shared(pairs.session), _shared(texts)
    kinds = [kind for kind, found in ((CONVERSATIONS, in_session), (PROMPTS, in_text)) if found.any()]
    if not kinds:
        return None
    positions = np.concatenate([np.flatnonzero(in_session), np.repeat(np.arange(n), lengths)[in_text]])
    codes = np.concatenate([pairs.session[in_session], texts[in_text] + pairs.session.max(initial=0) + 1])
    return Groups(of=kinds[0] if len(kinds) == 1 else BOTH, holders=_apart(holders_of(positions, codes, n)))


def holders_of(positions: Array, codes: Array, n: int) -> Any:
    """Which of ``n`` items holds which code, as in :class:`Groups`; ``positions`` and ``codes`` have shape (k,)."""
    from scipy.sparse import csr_array

    different, columns = np.unique(codes, return_inverse=True)
    return csr_array((np.ones(len(codes), dtype=np.int32), (positions, columns)), shape=(n, len(different)))


def cluster_se(d: Array, holders: Any) -> float:
    """The standard error of the mean of ``d``, shape (n,), when items that share something go together.

    ``sqrt(sum over pairs i, j that share something of (d_i - mean) (d_j - mean)) / n``. For groups that do not overlap
    it is Miller 2024 (arXiv:2411.00640, eq. 4); for those that do, the multiway clustering of Cameron, Gelbach and
    Miller 2011 (Journal of Business & Economic Statistics 29:238). 0 where chance makes the sum negative.
    """
    return math.sqrt(max(_together(d - d.mean(), holders), 0.0)) / len(d)


def clustered(d: Array, groups: Groups, confidence: float = 0.95) -> Mean:
    """The mean of ``d``, shape (n,), with a t interval for items that go together.

    The standard error carries the small-sample factor sqrt(G / (G - 1)), t has G - 1 degrees of freedom, G the number
    of groups. Under five the interval is not to be trusted.
    """
    number = groups.number
    se = cluster_se(d, groups.holders) * math.sqrt(number / (number - 1)) if number > 1 else math.nan
    return t_interval(d, se, number - 1, confidence)


def too_few(pairs: Columns, groups: Groups) -> str | None:
    """Why so few groups carry no decision, and what makes them so few; None where they are enough."""
    if groups.of == BOTH:  # what alone leaves too few is what makes it so
        for alone in (replace(pairs, texts=no_texts(len(pairs))), replace(pairs, session=np.full(len(pairs), -1))):
            found = groups_of(alone)
            why = too_few(alone, found) if found else None
            if why is not None:
                return why
    shared, number = _SHARED[groups.of], groups.number
    if number < MIN_CLUSTERS:
        about = "" if groups.are_apart else "about "
        if groups.of == CONVERSATIONS:
            return f"all answers come from {count(number, shared)}, and at least {MIN_CLUSTERS} are needed"
        told = f"{about}{count(number, 'group')}"
        return f"so many answers share a {shared} that they are {told}, and at least {MIN_CLUSTERS} are needed"
    if groups.largest > LARGEST * len(pairs):
        return f"{groups.largest:,} of {len(pairs):,} answers share one {shared}, and at most half may"
    return None


def _together(u: Array, holders: Any) -> float:
    """The sum of ``u_i u_j`` over all pairs of items that share something, and of each item with itself."""
    held = holders.sum(axis=1)
    total = float((u[held == 0] ** 2).sum())
    if held.max() <= 1:
        return total + float(((holders.T @ u) ** 2).sum())
    some = np.flatnonzero(held)
    shared, u = holders[some], u[some]
    for start in range(0, len(some), _BLOCK):
        meeting = shared[start : start + _BLOCK] @ shared.T
        meeting.data[:] = 1
        total += float(u[start : start + _BLOCK] @ (meeting @ u))
    return total


def _apart(holders: Any) -> Any:
    """The same as groups that do not overlap, where all that hang together meet each other anyway."""
    from scipy.sparse import block_array
    from scipy.sparse.csgraph import connected_components

    n = holders.shape[0]
    if holders.sum(axis=1).max() <= 1:
        return holders
    component = connected_components(block_array([[None, holders], [holders.T, None]]), directed=False)[1][:n]
    sizes = np.bincount(component)
    if _together(np.ones(n), holders) < float((sizes**2).sum()):
        return holders
    several = np.flatnonzero(sizes[component] > 1)
    return holders_of(several, component[several], n)


def _shared(codes: Array) -> Array:
    """Which entries share their code, if they have one, with another one."""
    shared: Array = (codes >= 0) & (np.bincount(codes + 1)[codes + 1] > 1)
    return shared
