"""How many answers a decision takes."""

import math

from advisor.analysis.intervals import NORMAL, tango_variance, z_of


def n_needed(b: int, c: int, n: int, margin: float, confidence: float = 0.95, power: float = 0.8) -> int | None:
    """The number of pairs at which the Tango test would show non-inferiority with ``power``.

    Assumes the discordance and difference seen so far; never below what the test needs when the two never differ
    (73 for a margin of .05). None where the observed difference is at or below ``-margin`` (more data would not
    help) or where nothing was observed. A negative margin asks when a difference above ``-margin`` would be sure.
    The variance under the limit and the observed one are kept apart, as usual for score tests:
    ``n = (z_a sqrt(v0) + z_power sqrt(v1))^2 / (difference + margin)^2``.
    """
    if n == 0 or (b - c) / n <= -margin:
        return None
    observed = (b - c) / n
    z_alpha, z_power = z_of(confidence), NORMAL.inv_cdf(power)
    at_limit = tango_variance(b / n, c / n, 1.0, -margin)
    seen = max((b + c) / n - observed**2, 0.0)
    needed = ((z_alpha * math.sqrt(at_limit) + z_power * math.sqrt(seen)) / (observed + margin)) ** 2
    floor = z_alpha**2 * (1 - margin) / margin if margin > 0 else 0.0
    return math.ceil(max(needed, floor) - 1e-9)


def n_needed_mean(
    mean: float, variance: float, margin: float, confidence: float = 0.95, power: float = 0.8
) -> int | None:
    """As :func:`n_needed` for means of fractional scores, with the ``variance`` of one paired difference."""
    if mean <= -margin:
        return None
    z = z_of(confidence) + NORMAL.inv_cdf(power)
    return max(math.ceil(z**2 * variance / (mean + margin) ** 2 - 1e-9), 50)


def n_planned(
    discordance: float, margin: float, *, delta: float = 0.0, confidence: float = 0.95, power: float = 0.8
) -> int:
    """Pairs to plan for: ``(z_a + z_power)^2 (psi - delta^2) / (delta + margin)^2`` (METHOD: paired, Wald)."""
    z = z_of(confidence) + NORMAL.inv_cdf(power)
    return math.ceil(z**2 * (discordance - delta**2) / (delta + margin) ** 2)
