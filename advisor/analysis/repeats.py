"""Whose prompts a result speaks for, and the requests that carry it (METHOD 1.1)."""

from collections.abc import Mapping

import numpy as np

from advisor.analysis.outcomes import Scored
from advisor.types import RepeatedRequest

MOST = 0.2
"""Share of the draws beyond which a request is named with its own result."""
FEW_DISTINCT = 30
"""Distinct requests below which a verdict speaks for these prompts only."""


def repeated_requests(scored: Scored, prompts: Mapping[int, str]) -> tuple[RepeatedRequest, ...]:
    """The requests that hold more than MOST of the pairs that count, the most frequent first.

    ``prompts`` has how the prompt of a sample begins, by its id.
    """
    n = len(scored.pairs)
    _, first, codes, counts = np.unique(
        scored.pairs.request, return_index=True, return_inverse=True, return_counts=True
    )
    held = [code for code in np.argsort(-counts, kind="stable") if counts[code] > max(MOST * n, 1)]
    return tuple(
        RepeatedRequest(
            prompt=prompts.get(int(scored.pairs.sample_id[first[code]]), ""),
            draws=int(counts[code]),
            of=n,
            score=float(scored.candidate[codes == code].mean()),
            baseline_score=float(scored.baseline[codes == code].mean()),
        )
        for code in held
    )


def count_distinct(scored: Scored) -> int:
    """Distinct requests among the pairs that count."""
    return len(np.unique(scored.pairs.request))
