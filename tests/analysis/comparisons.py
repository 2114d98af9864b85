"""Comparisons and groups one by one, as published data have them."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from advisor.analysis.quality.clusters import holders_of
from advisor.analysis.statistics.ranking import fit


def bradley_terry(results: Sequence[tuple[str, str, float]]) -> dict[str, float] | None:
    """Strength of each model from (first, second, share of the win that the first got: 1, 0, or 0.5 for a tie) each."""
    wins: defaultdict[tuple[str, str], float] = defaultdict(float)
    for first, second, share in results:
        if first != second:
            wins[first, second] += share
            wins[second, first] += 1 - share
    return fit(wins)


def one_group_each(labels: Sequence[Hashable]) -> Any:
    """Which item holds which label, of items that hold one each."""
    codes = {label: code for code, label in enumerate(dict.fromkeys(labels))}
    return holders_of(np.arange(len(labels)), np.array([codes[label] for label in labels]), len(labels))
