"""Which pairs of a candidate count, and with what score (METHOD 1.5)."""

from typing import NamedTuple, TypeAlias

import numpy as np

from advisor.analysis.quality.columns import FAILURES, Array, Columns, Side
from advisor.analysis.quality.once import once
from advisor.types import Endpoint, Exclusion, ExclusionCode, FailureKind

MIN_SCORED = 10
"""Scored samples below which no candidate moves, nor is shown as the closest one."""
_Reason: TypeAlias = tuple[ExclusionCode, FailureKind | None, Array]
"""Why pairs do not count, and for which of them that holds."""


class Scored(NamedTuple):
    """The pairs that count, in their order, with both scores."""

    pairs: Columns
    candidate: Array
    baseline: Array
    by_fault: Array
    """A fault of one side decided the pair, whatever a judge says."""
    excluded: tuple[Exclusion, ...]


@once
def score(columns: Columns, endpoint: Endpoint) -> Scored:
    """(candidate, baseline) scores of the pairs that count, and why the others do not."""
    ours, theirs = columns.baseline, columns.candidate
    if endpoint is Endpoint.PAIRWISE:
        candidate, by_fault = wins_of(columns)
        baseline = np.full(len(columns), 0.5)
        unscored: tuple[_Reason, ...] = ((ExclusionCode.NOT_JUDGED, None, np.isnan(candidate)),)
    else:
        candidate = np.where(theirs.failed | (np.isnan(theirs.y) & theirs.spoilt), 0.0, theirs.y)
        baseline = np.where(ours.failed | (np.isnan(ours.y) & ours.spoilt), 0.0, ours.y)
        by_fault = theirs.failed | ours.failed
        unscored = (
            (ExclusionCode.CANDIDATE_NOT_SCORED, None, np.isnan(candidate)),
            (ExclusionCode.BASELINE_NOT_SCORED, None, np.isnan(baseline)),
        )
    reasons: list[_Reason] = [
        (ExclusionCode.NOT_ASKED, None, columns.missing),
        *_lost(ExclusionCode.CANDIDATE_FAILED, theirs),
        *_lost(ExclusionCode.BASELINE_FAILED, ours),
        *unscored,
    ]
    why = np.select([holds for *_, holds in reasons], range(1, len(reasons) + 1), 0)
    kept = why == 0
    codes, first, counts = np.unique(why[~kept], return_index=True, return_counts=True)
    excluded = []
    for i in np.argsort(first):
        code, failure, _ = reasons[codes[i] - 1]
        excluded.append(Exclusion(code=code, failure=failure, n=int(counts[i])))
    return Scored(columns.where(kept), candidate[kept], baseline[kept], by_fault[kept], tuple(excluded))


def _lost(why: ExclusionCode, side: Side) -> list[_Reason]:
    codes = np.unique(side.call.failure[side.lost])
    return [(why, FAILURES[code], side.call.failure == code) for code in codes]


def wins_of(columns: Columns) -> tuple[Array, Array]:
    """The candidate's score of each pair, NaN where it counts for nothing yet, and whether a fault decided it.

    A fault of one side alone decides the pair, whichever side it is; otherwise people's vote counts, else the judge's,
    and without one a fault of both is a tie. Refusing isn't a fault: whether declining was right is for the vote, and a
    filter that blocks what the other side declines decides nothing. Pairs that no judge has read count by their faults
    only where most others are read.
    """
    ours, theirs = columns.baseline, columns.candidate
    at_fault, baseline_at_fault = theirs.failed | theirs.spoilt, ours.failed | ours.spoilt
    both_declined = ours.declined & theirs.declined & (at_fault | baseline_at_fault)
    at_fault, baseline_at_fault = at_fault | both_declined, baseline_at_fault | both_declined
    voted = _votes(columns)
    unread = np.isnan(voted)
    y = np.where(unread & at_fault & baseline_at_fault, 0.5, voted)
    y = np.where(at_fault & ~baseline_at_fault, 0.0, y)
    y = np.where(baseline_at_fault & ~at_fault, 1.0, y)
    if not is_judged_throughout(columns):
        y[unread] = np.nan
    return y, (at_fault ^ baseline_at_fault) | unread


def is_judged_throughout(columns: Columns) -> bool:
    """Whether nearly all judgeable pairs are judged: else counting faults without a judgement would tip the scale."""
    ours, theirs = columns.baseline, columns.candidate
    judgeable = ~((columns.differs == 0) | columns.missing | theirs.failed | ours.failed | theirs.spoilt | ours.spoilt)
    judged = judgeable & ~np.isnan(_votes(columns))
    return bool(judged.sum() >= 0.9 * judgeable.sum())


def _votes(columns: Columns) -> Array:
    """People's where they compared a pair, else the judge's."""
    return np.where(np.isnan(columns.votes.reviewed_y), columns.candidate.y, columns.votes.reviewed_y)


def is_for_people(columns: Columns, *, is_enough: bool) -> bool:
    """Whether people's votes alone count: they compared all pairs, or enough of them to replace a judge in doubt."""
    equal = columns.differs == 0
    answered = ~(equal | columns.missing | columns.candidate.failed | columns.baseline.failed)
    labelled = answered & ~np.isnan(columns.votes.reviewed_y)
    return bool(labelled.any() and (is_enough or (labelled == answered).all()))


def turned_of(columns: Columns) -> tuple[int, int]:
    """(judges' votes that turned with the order of the answers, votes given in both orders)."""
    asked = columns.asked
    return int(asked.votes.flips.sum()), int(asked.votes.judges.sum())


def orders_of(columns: Columns) -> tuple[int, int]:
    """(pairs in which at least one order of the judge's votes names a winner, those in which both name the same)."""
    asked = columns.asked
    return int(asked.votes.decided.sum()), int((asked.votes.decided & asked.votes.agreed).sum())
