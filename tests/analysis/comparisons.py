"""Comparisons one by one, as published data have them, for the fit of strengths."""

from collections import defaultdict
from collections.abc import Sequence

from advisor.analysis.ranking import fit


def bradley_terry(results: Sequence[tuple[str, str, float]]) -> dict[str, float] | None:
    """Strength of each model from (first, second, share of the win that the first got: 1, 0, or 0.5 for a tie) each."""
    wins: defaultdict[tuple[str, str], float] = defaultdict(float)
    for first, second, share in results:
        if first != second:
            wins[first, second] += share
            wins[second, first] += 1 - share
    return fit(wins)
