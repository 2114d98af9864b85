"""Quality of one candidate against the baseline, from its pairs.

Pairwise results are win rates: wins and losses are paired yes/no results, so the Tango bounds of
``(wins - losses) / n`` are halved and the test runs at twice the margin. Score, baseline score (0.5), difference
and margin are then all in points of win rate.
"""

from dataclasses import dataclass, field

import numpy as np

from advisor.analysis.columns import Array, Columns
from advisor.analysis.difference import (
    PPI,
    SEQUENTIAL,
    TANGO,
    by_betting,
    by_counts,
    by_mean,
    by_reviews,
    is_labelled,
    widen,
)
from advisor.analysis.judging import MIN_CORRECTED
from advisor.analysis.outcomes import score
from advisor.analysis.samplesize import n_needed, n_needed_mean, n_needed_sequential
from advisor.types import Endpoint

MIN_CLUSTERS = 5
MIN_FRACTIONAL = 50
CONVERSATIONS, PROMPTS, BOTH = "conversations", "different prompts", "conversations or different prompts"


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Scores, difference and one-sided p of one candidate; all None without evidence."""

    n: int
    margin: float
    excluded: dict[str, int] = field(default_factory=dict)
    score: float | None = None
    baseline_score: float | None = None
    delta: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    wins: int | None = None
    ties: int | None = None
    losses: int | None = None
    not_worse: int = 0
    """Pairs on which the candidate scored as high as the baseline or higher."""
    clusters: int | None = None
    """Groups of samples that go together, where several samples share one ..."""
    clusters_of: str = ""
    """... and what the groups are."""
    too_few: str | None = None
    """Why the sample cannot carry a decision yet, however the numbers look."""
    counts: tuple[float, float] | None = None
    """Pairs gained and lost, of fractional scores their sums; None where reviews correct them."""
    variance: float = 0.0
    """Of one paired difference."""
    method: str = ""
    corrected_by: int = 0
    """Reviews of people that the judge's word was corrected by ..."""
    not_corrected_by: int = 0
    """... or would have been, had the run not been one that may stop at any look."""

    def n_needed(self, confidence: float) -> int | None:
        """Pairs at which the test would pass, at the difference seen so far; None where more would not help."""
        if self.delta is None:
            return None
        scale = 2 if self.wins is not None else 1
        if self.method == SEQUENTIAL:
            return n_needed_sequential(
                self.delta * scale, self.variance * scale**2, self.margin * scale, (1 - confidence) / 2
            )
        by_spread = n_needed_mean(self.delta, self.variance, self.margin, confidence)
        if self.counts is None:
            return by_spread
        by_sums = n_needed(*self.counts, self.n, self.margin * scale, confidence)
        return by_sums if by_sums is None or self.method.startswith(TANGO) else max(by_sums, by_spread or 0)


def assess_quality(
    columns: Columns,
    endpoint: Endpoint,
    margin: float,
    confidence: float,
    *,
    threshold: float | None = None,
    is_judged: bool = False,
) -> Quality:
    """Score the pairs, leave out what is nobody's fault, and test the difference.

    ``threshold`` is ``k / alpha`` of a run that may stop early, else None: then only what holds at any look counts,
    unless the answers come in clusters, where no run stops early. ``is_judged``: a judge's word is the score, which
    enough reviews of people correct.
    """
    scored = score(columns, endpoint)
    d = scored.candidate - scored.baseline
    n, scale = len(d), 2 if endpoint is Endpoint.PAIRWISE else 1
    if n == 0:
        return Quality(n=0, margin=margin, excluded=scored.excluded)
    b, c = int(np.sum(d > 0)), int(np.sum(d < 0))
    sums = float(np.maximum(d * scale, 0).sum()), float(np.maximum(-d * scale, 0).sum())
    whole = bool(np.isin(d * scale, (-1, 0, 1)).all())
    groups, clusters_of = clusters(scored.pairs)
    n_groups = len(np.unique(groups)) if clusters_of else n
    reviews = int(is_labelled(scored).sum()) if is_judged else 0
    too_few = None
    if threshold is not None and not clusters_of:
        tested = by_betting(d, margin, scale, confidence, threshold)
    elif reviews >= MIN_CORRECTED:
        tested = by_reviews(scored, d, margin, confidence, groups if clusters_of else None)
    elif whole:
        tested = by_counts(d, b, c, margin, scale, confidence)
    else:
        tested = by_mean(d, *sums, margin, scale, confidence)
        if n < MIN_FRACTIONAL:
            too_few = f"scores in between right and wrong need at least {MIN_FRACTIONAL} answers"
    if clusters_of:
        tested = widen(tested, d, groups, margin, confidence)
        if n_groups < MIN_CLUSTERS:
            too_few = f"all answers come from {_grouped(n_groups, clusters_of)} and at least {MIN_CLUSTERS} are needed"
    pairwise = endpoint is Endpoint.PAIRWISE
    baseline_score = float(scored.baseline.mean())
    corrected = tested.method.startswith(PPI)
    return Quality(
        n=n,
        margin=margin,
        excluded=scored.excluded,
        score=baseline_score + tested.delta if corrected else float(scored.candidate.mean()),
        baseline_score=baseline_score,
        delta=tested.delta,
        low=tested.low,
        high=tested.high,
        p=tested.p,
        wins=b if pairwise else None,
        ties=n - b - c if pairwise else None,
        losses=c if pairwise else None,
        not_worse=n - c,
        clusters=n_groups if clusters_of else None,
        clusters_of=clusters_of,
        too_few=too_few,
        counts=None if corrected else sums,
        variance=tested.variance,
        method=tested.method,
        corrected_by=reviews if corrected else 0,
        not_corrected_by=reviews if tested.method == SEQUENTIAL and reviews >= MIN_CORRECTED else 0,
    )


def clusters(pairs: Columns) -> tuple[Array, str]:
    """A group for each pair, and what the groups are; empty where each pair stands alone.

    Samples of one conversation go together, and so do those that share a text; what either of them joins is one group.
    """
    by_session, by_document = _shared(pairs.session), _shared(pairs.document)
    if not by_document.any():
        groups = np.where(by_session, pairs.session + len(pairs), np.arange(len(pairs)))
        return groups, CONVERSATIONS if by_session.any() else ""
    if not by_session.any():
        return np.where(by_document, pairs.document + len(pairs), np.arange(len(pairs))), PROMPTS
    return _joined(pairs.session, pairs.document), BOTH


def _joined(first: Array, second: Array) -> Array:
    """Groups of what shares a code in either array, directly or through others; -1 shares nothing."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, offset = len(first), len(first) + int(first.max()) + 1
    has_first, has_second = np.flatnonzero(first >= 0), np.flatnonzero(second >= 0)
    pairs = np.concatenate([has_first, has_second])
    codes = np.concatenate([n + first[has_first], offset + second[has_second]])
    size = offset + int(second.max()) + 1
    graph = coo_array((np.ones(len(pairs), dtype=bool), (pairs, codes)), shape=(size, size))
    found: Array = connected_components(graph, directed=False)[1][:n]
    return found


def _shared(codes: Array) -> Array:
    """Which pairs share their code with another one."""
    shared: Array = (codes >= 0) & (np.bincount(codes + 1)[codes + 1] > 1)
    return shared


def _grouped(n: int, clusters_of: str) -> str:
    return f"{n} {clusters_of}" if n != 1 else "one prompt" if clusters_of == PROMPTS else "one conversation"
