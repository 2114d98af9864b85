"""Whose prompts a result speaks for, and the requests that carry it (METHOD 1.1)."""

from typing import NamedTuple

import numpy as np

from advisor.analysis.evidence import UseCaseEvidence
from advisor.analysis.outcomes import Scored
from advisor.types import RepeatedRequest

MOST = 0.2
"""Share of the draws beyond which a request is named with its own result."""
FEW_DISTINCT = 30
"""Distinct requests below which a verdict speaks for these prompts only."""


class Repeats(NamedTuple):
    """What is told of the requests behind a result."""

    distinct: int | None = None
    """Requests among the pairs that count; None: there are none."""
    most: tuple[RepeatedRequest, ...] = ()
    """Those that hold more than MOST of the pairs, the most frequent first."""


def repeats_of(scored: Scored, evidence: UseCaseEvidence) -> Repeats:
    """The requests of the pairs that count."""
    pairs, candidate, baseline, *_ = scored
    n = len(pairs)
    counts = np.bincount(pairs.request)
    held = np.flatnonzero(counts > max(MOST * n, 1))
    most = []
    for code in held[np.argsort(-counts[held], kind="stable")]:
        draws = np.flatnonzero(pairs.request == code)
        repeated = RepeatedRequest(
            prompt=evidence.log.prompts.get(int(pairs.sample_id[draws[0]]), ""),
            draws=len(draws),
            of=n,
            score=float(candidate[draws].mean()),
            baseline_score=float(baseline[draws].mean()),
        )
        most.append(repeated)
    return Repeats(int(np.count_nonzero(counts)), tuple(most))
