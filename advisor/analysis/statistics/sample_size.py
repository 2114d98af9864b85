"""How many answers a decision takes."""

import math

from advisor.analysis.statistics.intervals import NORMAL, tango_variance, z_of
from advisor.analysis.statistics.sequential import LARGEST_LOSS
from advisor.types import Endpoint

PLANNED_DISCORDANCES = (0.1, 0.2, 0.3)
"""How often two models differ in being right, before anything is measured: from rarely to often."""
DECIDED_PAIRS = 0.81
"""The same for comparisons: a win rate with a standard deviation of 0.45."""

MIN_FRACTIONAL = 73
"""Answers with scores in between: the fewest with which equal models can pass at the usual margin."""


def n_needed(b: float, c: float, n: float, margin: float, confidence: float = 0.95, power: float = 0.8) -> int | None:
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
    return math.ceil(max(needed, never_different(margin, confidence)) - 1e-9)


def n_needed_mean(
    mean: float, variance: float, margin: float, confidence: float = 0.95, power: float = 0.8
) -> int | None:
    """As :func:`n_needed` for means of fractional scores, with the ``variance`` of one paired difference."""
    if mean <= -margin:
        return None
    z = z_of(confidence) + NORMAL.inv_cdf(power)
    return max(math.ceil(z**2 * variance / (mean + margin) ** 2 - 1e-9), MIN_FRACTIONAL)


def n_planned(
    discordance: float, margin: float, *, delta: float = 0.0, confidence: float = 0.95, power: float = 0.8
) -> int:
    """Pairs to plan for: ``(z_a + z_power)^2 (psi - delta^2) / (delta + margin)^2`` (METHOD 2)."""
    z = z_of(confidence) + NORMAL.inv_cdf(power)
    return math.ceil(z**2 * (discordance - delta**2) / (delta + margin) ** 2)


def n_needed_sequential(mean: float, variance: float, margin: float, alpha: float) -> int | None:
    """Pairs after which betting would reach ``1 / alpha`` on average; None at or below ``-margin``.

    With bets of ``lambda`` on ``x = d + margin`` the log of the wealth grows by about
    ``lambda m - lambda^2 (var + m^2) / 2`` a pair, ``m = mean + margin``.
    """
    gain = mean + margin
    if gain <= 0:
        return None
    square = variance + gain**2
    bet = min(gain / square, LARGEST_LOSS / max(1 - margin, 1e-2))
    return math.ceil(math.log(1 / alpha) / (bet * gain - bet**2 * square / 2))


def plan_table(margin: float, endpoint: Endpoint, confidence: float = 0.95) -> tuple[tuple[float, int], ...]:
    """(discordance, pairs to plan for), for two models that are as good as each other.

    For several discordances; comparisons for a win rate with a standard deviation of 0.45. Discordance is the share of
    pairs on which one model is better than the other.
    """
    scale, planned = (2, (DECIDED_PAIRS,)) if endpoint is Endpoint.PAIRWISE else (1, PLANNED_DISCORDANCES)
    floor = math.ceil(never_different(margin * scale, confidence) - 1e-9)
    return tuple((psi, max(n_planned(psi, margin * scale, confidence=confidence), floor)) for psi in planned)


def never_different(margin: float, confidence: float) -> float:
    """Pairs that the Tango test needs where the two models never differ."""
    return z_of(confidence) ** 2 * (1 - margin) / margin if margin > 0 else 0.0
