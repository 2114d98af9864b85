"""Quality of one candidate against the baseline, from its pairs.

Pairwise results are win rates: wins and losses are paired yes/no results, so the Tango bounds of
``(wins - losses) / n`` are halved and the test runs at twice the margin. Score, baseline score (0.5), difference
and margin are then all in points of win rate.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from advisor.analysis.evidence import Pair
from advisor.analysis.intervals import Mean, clustered, mean_t, t_p, tango, tango_p
from advisor.analysis.samplesize import n_needed, n_needed_mean
from advisor.types import Endpoint

MIN_CLUSTERS = 5
MIN_FRACTIONAL = 50


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
    clusters: int | None = None
    """Conversations, where several samples share one."""
    too_few: str | None = None
    """Why the sample cannot carry a decision yet, however the numbers look."""
    counts: tuple[int, int] | None = None
    """Better and worse pairs behind the test; None for fractional scores."""
    variance: float = 0.0
    """Of one paired difference."""

    def n_needed(self, confidence: float) -> int | None:
        """Pairs at which the test would pass, at the difference seen so far; None where more would not help."""
        if self.delta is None:
            return None
        if self.counts is None:
            return n_needed_mean(self.delta, self.variance, self.margin, confidence)
        scale = 2 if self.wins is not None else 1
        return n_needed(*self.counts, self.n, self.margin * scale, confidence)


def assess_quality(pairs: Sequence[Pair], endpoint: Endpoint, margin: float, confidence: float) -> Quality:
    """Score the pairs, leave out what is nobody's fault, and test the difference."""
    excluded: Counter[str] = Counter()
    kept: list[Pair] = []
    values: list[tuple[float, float]] = []
    judged = endpoint is not Endpoint.PAIRWISE or _is_judged_throughout(pairs)
    for pair in pairs:
        value = _values(pair, endpoint, judged=judged)
        if isinstance(value, str):
            excluded[value] += 1
        else:
            kept.append(pair)
            values.append(value)
    if not values:
        return Quality(n=0, margin=margin, excluded=dict(excluded))
    candidate, baseline = np.array(values).T
    return _test(candidate, baseline, kept, endpoint, margin, confidence, dict(excluded))


def _test(
    candidate: "np.ndarray[Any, Any]",
    baseline: "np.ndarray[Any, Any]",
    pairs: Sequence[Pair],
    endpoint: Endpoint,
    margin: float,
    confidence: float,
    excluded: dict[str, int],
) -> Quality:
    d = candidate - baseline
    n = len(d)
    pairwise = endpoint is Endpoint.PAIRWISE
    scale = 2 if pairwise else 1
    b, c = int(np.sum(d > 0)), int(np.sum(d < 0))
    whole = bool(np.isin(d * scale, (-1, 0, 1)).all())
    too_few = None
    if whole:
        low, high = (bound / scale for bound in tango(b, c, n, confidence))
        p = tango_p(b, c, n, margin * scale)
    else:
        _, _, _, low, high = mean = mean_t(d, confidence)
        p = t_p(mean, margin)
        if n < MIN_FRACTIONAL:
            too_few = f"scores in between right and wrong need at least {MIN_FRACTIONAL} answers"
    sessions = [pair.session if pair.session is not None else f"\0{i}" for i, pair in enumerate(pairs)]
    groups = len(set(sessions))
    if groups < n:
        low, high, p = _widen(clustered(d, sessions, confidence), low, high, p, margin)
        if groups < MIN_CLUSTERS:
            too_few = f"all answers come from {groups} conversation{'s' * (groups > 1)}; at least 5 are needed"
    return Quality(
        n=n,
        margin=margin,
        excluded=excluded,
        score=float(candidate.mean()),
        baseline_score=float(baseline.mean()),
        delta=float(d.mean()),
        low=low,
        high=high,
        p=p,
        wins=b if pairwise else None,
        ties=n - b - c if pairwise else None,
        losses=c if pairwise else None,
        clusters=groups if groups < n else None,
        too_few=too_few,
        counts=(b, c) if whole else None,
        variance=float(d.var(ddof=1)) if n > 1 else 0.0,
    )


def _widen(mean: Mean, low: float, high: float, p: float, margin: float) -> tuple[float, float, float]:
    """Answers of one conversation repeat each other: never be surer than the clustered interval."""
    if math.isnan(mean.se):
        return -1.0, 1.0, 1.0
    return max(min(low, mean.low), -1.0), min(max(high, mean.high), 1.0), max(p, t_p(mean, margin))


def _values(pair: Pair, endpoint: Endpoint, *, judged: bool) -> tuple[float, float] | str:
    """(candidate, baseline) scores of one pair, or why it does not count."""
    if pair.missing:
        return "not asked yet"
    for who, failure in (("candidate", pair.candidate_failure), ("baseline", pair.baseline_failure)):
        if failure is not None and not failure.is_model_fault:
            return f"{who} call failed ({failure.value.replace('_', ' ')})"
    if endpoint is Endpoint.PAIRWISE:
        return _win(pair, judged=judged)
    candidate = pair.candidate_y
    if pair.candidate_failure or (candidate is None and _is_spoilt(pair)):
        candidate = 0.0
    baseline = 0.0 if pair.baseline_failure else pair.baseline_y
    if candidate is None:
        return "candidate answer not scored"
    if baseline is None:
        return "baseline answer not scored"
    return candidate, baseline


def _win(pair: Pair, *, judged: bool) -> tuple[float, float] | str:
    """A fault of one side alone decides the pair; otherwise the judge's word counts."""
    candidate_at_fault = pair.candidate_failure is not None or _is_spoilt(pair)
    baseline_at_fault = pair.baseline_failure is not None or _is_spoilt(pair, baseline=True)
    if pair.candidate_y is None and not judged:
        return "not judged"
    if candidate_at_fault and not baseline_at_fault:
        return 0.0, 0.5
    if pair.candidate_y is not None:
        return pair.candidate_y, 0.5
    if candidate_at_fault:
        return 0.5, 0.5
    return (1.0, 0.5) if pair.baseline_failure is not None else "not judged"


def _is_judged_throughout(pairs: Sequence[Pair]) -> bool:
    """Whether nearly all judgeable pairs are judged: else counting faults without a judgement would tip the scale."""
    judgeable = [
        pair.candidate_y is not None
        for pair in pairs
        if not (pair.missing or pair.candidate_failure or pair.baseline_failure or _is_spoilt(pair))
    ]
    return sum(judgeable) >= 0.9 * len(judgeable)


def _is_spoilt(pair: Pair, *, baseline: bool = False) -> bool:
    """The answer is there but invalid, cut off or a refusal."""
    if baseline:
        return pair.baseline_valid is False or pair.baseline_truncated or pair.baseline_refused
    return pair.candidate_valid is False or pair.candidate_truncated or pair.candidate_refused
