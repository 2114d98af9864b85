"""Quality of one candidate against the baseline, from its pairs.

Pairwise results are win rates: wins and losses are paired yes/no results, so the Tango bounds of
``(wins - losses) / n`` are halved and the test runs at twice the margin. Score, baseline score (0.5), difference
and margin are then all in points of win rate.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from advisor.analysis.quality.clusters import Groups, groups_of, too_few
from advisor.analysis.quality.columns import Columns
from advisor.analysis.quality.difference import (
    Tested,
    Whole,
    bet,
    by_betting,
    fixed,
    lower_bound,
    whole_of,
)
from advisor.analysis.quality.once import once
from advisor.analysis.quality.outcomes import MIN_SCORED, Scored, score
from advisor.analysis.quality.reviews import by_reviews, is_labelled
from advisor.analysis.statistics.agreement import MIN_CORRECTED
from advisor.analysis.statistics.sample_size import MIN_FRACTIONAL, n_needed_mean, n_needed_sequential
from advisor.types import Endpoint, Exclusion, Message, Method, TooFew

MIN_ROOM = 2
"""The baseline must score this many margins: else a candidate that is never right would pass too."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many pairs fell how."""

    not_worse: int = 0
    """The candidate scored as high as the baseline or higher."""
    differing: int | None = None
    """Answers that are not the baseline's, where nothing tells which is better."""
    wins: int | None = None
    """These three where the scores say who won."""
    ties: int | None = None
    losses: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """The pairs that count, and how their difference was tested."""

    scored: Scored
    tested: Tested
    scale: int
    """2 for win rates, whose differences are halves."""
    groups: Groups | None
    """Which pairs go together, if any do."""
    whole: Whole | None
    """What is gained and lost whole; None where no sample of fixed size is tested, or reviews correct it."""
    drifts: bool
    """The pairs changed so much on the way that no one difference fits them all."""
    reviews: int
    """Of people, where there are enough of them to correct the judge's word."""

    @property
    def n(self) -> float:
        """The effective sample size; a judge's noise hides how far answers go alike, so reviews count by group."""
        if self.groups is None:
            return float(len(self.scored.candidate))
        return self.groups.independent if self.whole is None else self.whole.n


@dataclass(frozen=True, kw_only=True)
class QualityResult:
    """Scores, difference and one-sided p of one candidate; all None without evidence."""

    n: int
    margin: float
    excluded: tuple[Exclusion, ...] = ()
    score: float | None = None
    baseline_score: float | None = None
    delta: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    """At the margin ``within``."""
    sample: Sample | None = field(default=None, repr=False, compare=False)
    counts: Counts = Counts()
    too_few: Message | None = None
    """Why the sample cannot carry a decision yet, however the numbers look."""

    @property
    def within(self) -> float:
        """The margin that a pass is tested at: no more than leaves room to tell right from wrong answers."""
        if self.counts.differing is not None or self.baseline_score is None:
            return self.margin
        return min(self.margin, self.baseline_score / MIN_ROOM)

    def bound(self, level: float) -> float | None:
        """Where the difference ends below, wrong with a chance of ``level``; None without a test."""
        return None if self.sample is None else lower_bound(self.sample.tested, self.sample.scale, level)

    def passes_at(self, level: float) -> bool:
        """Whether the answers are good enough, wrong with a chance of ``level``."""
        low = self.bound(level)
        return self.too_few is None and low is not None and low > -self.within

    def n_needed(self, confidence: float) -> int | None:
        """Pairs at which the test would pass, at the difference seen so far; None where more would not help."""
        sample = self.sample
        if sample is None or self.delta is None or sample.drifts or (sample.groups and sample.groups.are_too_few):
            return None
        scale, (method, *_, variance, _) = sample.scale, sample.tested
        delta = self.delta if self.counts.differing is None else -self.counts.differing / self.n
        if method is Method.SEQUENTIAL:
            return n_needed_sequential(delta * scale, variance * scale**2, self.within * scale, (1 - confidence) / 2)
        by_spread = n_needed_mean(delta, variance, self.within, confidence)
        if sample.whole is None:
            return by_spread
        effective = sample.whole.needed(self.within * scale, confidence)
        if effective is None:
            return None
        by_whole = math.ceil(effective * self.n / sample.n)
        if method is Method.TANGO and sample.groups is None:
            return by_whole
        return None if by_spread is None else max(by_whole, by_spread)


def assess_quality(
    columns: Columns,
    endpoint: Endpoint,
    margin: float,
    confidence: float,
    *,
    threshold: float | None = None,
    is_judged: bool = False,
) -> QualityResult:
    """Score the pairs, leave out what is nobody's fault, and test the difference.

    ``threshold`` is ``k / alpha`` of a run that may stop early, else None: then only what holds at any look counts,
    unless the answers come in clusters, where no run stops early. ``is_judged``: a judge's word is the score, which
    enough reviews of people correct.
    """
    scored = score(columns, endpoint)
    d = scored.candidate - scored.baseline
    n, scale = len(d), 2 if endpoint is Endpoint.PAIRWISE else 1
    if n == 0:
        return QualityResult(n=0, margin=margin, excluded=scored.excluded)
    groups = groups_of(scored.pairs)
    reviews = int(is_labelled(scored).sum()) if is_judged else 0
    is_corrected = reviews >= MIN_CORRECTED
    tested, whole = _tested(
        columns, endpoint, confidence, by_bets=threshold is not None and groups is None, is_corrected=is_corrected
    )
    few: Message | None = None
    drifts = False
    if threshold is not None and groups is None:
        made = bet(d, margin, scale, threshold)
        is_sure = max(made.wealth, made.against) >= 2 / (1 - confidence)
        drifts = is_sure and tested.high - tested.low == 2 / scale  # who was sure of something has excluded something
        few = Message(code=TooFew.DRIFTS) if drifts else None
    elif tested.method is Method.MEAN and whole is not None and n < MIN_FRACTIONAL:
        few = Message(code=TooFew.FRACTIONAL, values={"n": n, "least": MIN_FRACTIONAL})
    if groups is not None:
        few = too_few(scored.pairs, groups) or few
    if n < MIN_SCORED and tested.high >= -margin:
        few = few or Message(code=TooFew.SCORED, values={"n": n, "least": MIN_SCORED})
    baseline_score = float(scored.baseline.mean())
    corrected = tested.method is Method.PPI
    quality = QualityResult(
        n=n,
        margin=margin,
        excluded=scored.excluded,
        score=baseline_score + tested.delta if corrected else float(scored.candidate.mean()),
        baseline_score=baseline_score,
        delta=tested.delta,
        low=tested.low,
        high=tested.high,
        sample=Sample(
            scored=scored,
            tested=tested,
            scale=scale,
            groups=groups,
            whole=whole,
            drifts=drifts,
            reviews=reviews if is_corrected else 0,
        ),
        counts=Counts(not_worse=int(np.sum(d >= 0))),
        too_few=few,
    )
    quality = replace(quality, p=tested.at(quality.within))
    return with_wins(quality) if endpoint is Endpoint.PAIRWISE else quality


@once
def _tested(
    columns: Columns, endpoint: Endpoint, confidence: float, *, by_bets: bool, is_corrected: bool
) -> tuple[Tested, Whole | None]:
    """The test of the difference, and for a sample of fixed size what it rests on."""
    scored = score(columns, endpoint)
    groups, d = groups_of(scored.pairs), scored.candidate - scored.baseline
    scale = 2 if endpoint is Endpoint.PAIRWISE else 1
    if by_bets:
        return by_betting(d, scale, confidence), None
    if is_corrected:
        judge_alone = np.where(scored.by_fault | np.isnan(scored.pairs.candidate.y), d, scored.pairs.candidate.y - 0.5)
        return by_reviews(scored, judge_alone, confidence, groups), None
    whole = whole_of(d, groups, scale)
    return fixed(d, whole, groups, scale, confidence), whole


def with_wins(quality: QualityResult) -> QualityResult:
    """The same where the scores say who won."""
    if quality.sample is None:
        return quality
    d = quality.sample.scored.candidate - quality.sample.scored.baseline
    wins, losses = int(np.sum(d > 0)), int(np.sum(d < 0))
    counts = replace(quality.counts, wins=wins, ties=quality.n - wins - losses, losses=losses)
    return replace(quality, counts=counts)
