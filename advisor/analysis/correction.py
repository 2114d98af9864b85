"""Correction for testing several candidates in several use cases at once."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm-adjusted p-values in the given order (Holm 1979)."""
    if not p_values:
        return []
    if len(p_values) == 1:
        return [float(p_values[0])]
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(list(p_values), method="holm")[1]]
