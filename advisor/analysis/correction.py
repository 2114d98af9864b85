"""Correction for testing several candidates in several use cases at once."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm-adjusted p-values in the given order (Holm 1979): the i-th smallest of k times k - i, never falling.

    Written out, since statsmodels' own collects all garbage first, which takes half a second on a large run.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, position in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, float(p_values[position]) * (len(p_values) - rank))
        adjusted[position] = min(largest, 1.0)
    return adjusted
