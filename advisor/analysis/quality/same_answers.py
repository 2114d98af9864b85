"""Quality where answers should agree with the live baseline's (METHOD 1.3)."""

from dataclasses import replace

import numpy as np

from advisor.analysis.quality.columns import Columns
from advisor.analysis.quality.once import once
from advisor.analysis.quality.outcomes import score, wins_of
from advisor.analysis.quality.result import Counts, QualityResult, assess_quality, with_wins
from advisor.types import Endpoint, Evidence, Exclusion, ExclusionCode


def agree(
    columns: Columns, voted: Columns, basis: Evidence, margin: float, confidence: float, threshold: float | None
) -> tuple[Evidence, Columns, QualityResult]:
    """(basis, pairs as scored, quality) where answers should agree.

    The truth lies within the share D of answers that differ, on either side. Where D may exceed the margin, votes on
    the answers that differ decide, if there are any; agreement alone never says worse.
    """
    worst = _at_worst(columns)
    found = assess_quality(worst, Endpoint.AGREEMENT, margin, confidence, threshold=threshold)
    is_proven = found.too_few is None and found.p is not None and found.p <= (1 - confidence) / 2
    if basis != Evidence.AGREEMENT and not is_proven:
        counted, left_out = _by_votes(voted)
        quality = with_wins(assess_quality(counted, Endpoint.AGREEMENT, margin, confidence, threshold=threshold))
        not_scored, not_judged = ExclusionCode.CANDIDATE_NOT_SCORED, ExclusionCode.NOT_JUDGED
        excluded = [replace(each, code=not_judged) if each.code is not_scored else each for each in quality.excluded]
        excluded += [Exclusion(code=ExclusionCode.EQUAL, n=left_out)] if left_out else []
        return basis, counted, replace(quality, excluded=tuple(excluded))
    if found.low is None:
        return Evidence.AGREEMENT, worst, found
    quality = replace(found, high=-found.low, counts=Counts(differing=found.n - found.counts.not_worse))
    recorded = score(columns, Endpoint.AGREEMENT)
    if len(recorded.candidate):
        ours, theirs = float(recorded.candidate.mean()), float(recorded.baseline.mean())
        quality = replace(quality, score=ours, baseline_score=theirs, delta=ours - theirs)
    return Evidence.AGREEMENT, worst, quality


@once
def _at_worst(columns: Columns) -> Columns:
    """Agreement: every answer that is not the baseline's counts as lost, since nothing tells who is right."""
    one = np.ones(len(columns))
    y = np.where(np.isnan(columns.differs) & ~columns.baseline.failed, np.nan, 1 - np.nan_to_num(columns.differs))
    return replace(columns, candidate=replace(columns.candidate, y=y), baseline=replace(columns.baseline, y=one))


@once
def _by_votes(columns: Columns) -> tuple[Columns, int]:
    """Agreement: votes decide answers that differ, equal ones are ties; and how many of those were left out.

    Where a random part of the answers that differ has votes, as large a part of the equal ones counts. A win counts
    1 to 0, a tie 1 to 1, so that the difference is in points of answers like that of right ones.
    """
    same = columns.differs == 0
    votes = np.where(same, 0.5, columns.votes.voted_y)
    people = np.where(same, np.nan, columns.votes.reviewed_y)
    by_votes = replace(columns.votes, reviewed_y=people)
    voted, _ = wins_of(replace(columns, candidate=replace(columns.candidate, y=votes), votes=by_votes))
    differing = (columns.differs == 1) & ~columns.missing
    share = float(np.mean(~np.isnan(voted[differing]))) if differing.any() else 1.0
    place = np.cumsum(same) - 1
    left_out = same & (place >= round(share * int(same.sum())))
    won, lost = np.minimum(2 * voted, 1.0), np.minimum(2 - 2 * voted, 1.0)
    counted = replace(columns, candidate=replace(columns.candidate, y=won), baseline=replace(columns.baseline, y=lost))
    return counted.where(~left_out), int(left_out.sum())
