"""Early stopping: evidence on paired differences that may be looked at after every single pair.

A bettor starts with a wealth of 1 and stakes a part of it on each next pair, against "worse by the margin or more".
If that is true, no way of betting makes money on average, so the wealth ever reaches 1 / alpha with a chance of alpha
at most, however often one looks (Ville's inequality; the bets follow Waudby-Smith and Ramdas 2024, JRSS-B 86:1).
A second bettor bets on the reverse. Pairs must come in random order and be independent: not those of one
conversation. Win rates go in as ``2 y - 1`` with twice the margin, as in :mod:`advisor.analysis.quality.result`.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

LARGEST_LOSS = 0.5
"""Of the wealth, on one pair: a bet that could lose all would end the test."""
PSEUDO_VARIANCE = 0.25
"""Of one pseudo-observation of mean 0 before the first pair."""
_MEANS = 64
_HALVINGS = 12
_FIRST = 500
"""Pairs on which most means are excluded already, so that few are tried on all of them."""
_MOST_LOG_WEALTH = 700.0


class Sequential(NamedTuple):
    """What the two bettors have reached so far."""

    wealth: float
    """The largest wealth so far against "worse by the margin or more": evidence for ``switch``."""
    against: float
    """The largest wealth so far against "not worse than the margin": evidence for ``keep``."""
    stopped_at: int | None
    """Pairs seen when the first of the two reached the threshold; None: neither has."""
    n: int


def follow(d: "np.ndarray[Any, Any]", margin: float, threshold: float) -> Sequential:
    """Bet on the paired differences ``d``, shape (n,), each between -1 and 1, in the order of asking.

    With ``x_i = d_i + margin`` the wealth is ``prod(1 + lambda_i x_i)`` (METHOD 2), where ``lambda_i`` is
    ``mean / (var + mean^2)`` of the past x and the pseudo-observation, cut to between 0 and ``0.5 / (1 - margin)``:
    x is never below ``-(1 - margin)``, so one pair costs at most half of the wealth. The reverse bets on
    ``x_i = -(d_i + margin)``, which is never below ``-(1 + margin)``, so there the cut is ``0.5 / (1 + margin)``.
    ``threshold`` is ``k / alpha`` with ``k`` tests in the run. Raises ValueError for a difference outside -1 to 1 or
    a margin outside -1 to 1, where the wealth would prove nothing.
    """
    if not -1 < margin < 1 or not np.all(np.abs(d) <= 1):
        raise ValueError(f"differences must lie between -1 and 1 and the margin, {margin}, too")
    x = d + margin
    for_switch = _log_wealth(x, LARGEST_LOSS / (1 - margin))
    for_keep = _log_wealth(-x, LARGEST_LOSS / (1 + margin))
    reached = np.flatnonzero(np.maximum(for_switch, for_keep) >= math.log(threshold))
    return Sequential(
        wealth=_largest(for_switch),
        against=_largest(for_keep),
        stopped_at=int(reached[0]) + 1 if len(reached) else None,
        n=len(d),
    )


def p_values(d: "np.ndarray[Any, Any]") -> Callable[[float], float]:
    """One-sided p of "worse by a margin or more" for any margin under 1; a wider margin never has a larger one.

    It is as large as that of any mean on the grid below, as in :func:`confidence_interval`: bets against a mean far off
    are larger, so that one of them may have made less.
    """
    edges = np.linspace(-1.0, 1.0, _MEANS + 2)
    means = edges[1:-1]
    made = [_most_made(d, float(mean)) for mean in means]
    least = np.minimum.accumulate(made)

    def p(margin: float) -> float:
        below = int(np.searchsorted(means, -margin, side="right"))
        own = _most_made(d, -margin)
        return math.exp(-min(own, float(least[below - 1]) if below else own))

    return p


def _most_made(d: "np.ndarray[Any, Any]", mean: float) -> float:
    """The log of the largest wealth so far against a mean of ``mean`` or less."""
    return min(float(_log_wealth(d - mean, LARGEST_LOSS / (1 + mean)).max(initial=0.0)), _MOST_LOG_WEALTH)


def confidence_interval(d: "np.ndarray[Any, Any]", alpha: float) -> tuple[float, float]:
    """Bounds of the mean of ``d``, shape (n,), each wrong with a chance of ``alpha`` at most, whenever one looks.

    Holds the means against which neither bettor has ever reached ``1 / alpha``: what was once excluded stays so (a
    running intersection), and the bounds agree with :func:`follow`. (-1, 1) without data, and where the pairs drift
    so far that no mean fits them all. Means are tried on a fixed grid, from the end inwards up to the first that is
    kept, then between it and its neighbour by halving. What is returned was excluded itself: outwards of the exact
    bound by less than 1e-5.
    """
    low, high = _lowest_mean(d, alpha), -_lowest_mean(-d, alpha)
    return (low, high) if low <= high else (-1.0, 1.0)


def _lowest_mean(d: "np.ndarray[Any, Any]", alpha: float) -> float:
    """The largest mean that is excluded with all below it; -1 where none is."""
    if len(d) == 0:
        return -1.0
    enough = math.log(1 / alpha)
    edges = np.linspace(-1.0, 1.0, _MEANS + 2)
    means = edges[1:-1, None]
    # What the first pairs exclude stays excluded.
    excluded = _log_wealth(d[:_FIRST] - means, LARGEST_LOSS / (1 + means)).max(axis=1) >= enough

    def is_excluded(mean: float) -> bool:
        return bool(_log_wealth(d - mean, LARGEST_LOSS / (1 + mean)).max() >= enough)

    first = 0
    while first < _MEANS and (excluded[first] or (len(d) > _FIRST and is_excluded(float(edges[first + 1])))):
        first += 1
    low, high = float(edges[first]), float(edges[first + 1])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_excluded(middle) else (low, middle)
    return low


def _log_wealth(x: "np.ndarray[Any, Any]", most: "float | np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Log of the wealth after each x along the last axis; a bet is at most ``most`` and knows only the past."""
    total, squares = np.zeros_like(x), np.full_like(x, PSEUDO_VARIANCE)
    total[..., 1:] = np.cumsum(x, axis=-1)[..., :-1]
    squares[..., 1:] += np.cumsum(x * x, axis=-1)[..., :-1]
    # mean / (var + mean^2), each over n + 1 with the pseudo-observation: the divisors cancel.
    bets = np.clip(total / squares, 0, most)
    grown: np.ndarray[Any, Any] = np.cumsum(np.log1p(bets * x), axis=-1)
    return grown


def _largest(log_wealth: "np.ndarray[Any, Any]") -> float:
    """The start counts too; cut where a float ends."""
    return math.exp(min(float(log_wealth.max(initial=0.0)), _MOST_LOG_WEALTH))
