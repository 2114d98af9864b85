"""Strengths of three and more models from comparisons of two at a time."""

from collections.abc import Mapping
from typing import Any

import numpy as np

_BASELINE = ""
"""Among the candidates' names: the baseline may be a candidate too."""
_STEPS = 100
_CLOSE = 1e-10


def strengths(scores: Mapping[str, "np.ndarray[Any, Any]"]) -> dict[str, float]:
    """Strength of each candidate beside the baseline's, which is 0, from its scores against the baseline, 0 to 1.

    A candidate of strength s wins against the baseline with the chance ``1 / (1 + exp(-s))``, and against a candidate
    of strength t with ``1 / (1 + exp(t - s))``. One that has won or lost every pair has no finite strength and is left
    out.
    """
    wins: dict[tuple[str, str], float] = {}
    for name, y in scores.items():
        if 0 < y.sum() < len(y):
            wins[name, _BASELINE], wins[_BASELINE, name] = float(y.sum()), float((1 - y).sum())
    found = fit(wins) or {}
    return {name: strength - found[_BASELINE] for name, strength in found.items() if name != _BASELINE}


def fit(wins: Mapping[tuple[str, str], float]) -> dict[str, float] | None:
    """Strength of each model on the logit scale, adding up to 0 (Bradley and Terry 1952), strongest first.

    ``wins`` tells how often the first of a pair won against the second. A model of strength a beats one of strength b
    with the chance ``1 / (1 + exp(b - a))``: a logistic regression on +1/-1 columns without a penalty, solved by
    Newton's method. None where no strengths fit best: without results, or where some models never lost to the others
    or never met them, so that the distance has no end (Ford 1957).
    """
    names = sorted({name for pair in wins for name in pair})
    index = {name: i for i, name in enumerate(names)}
    won = np.zeros((len(names), len(names)))
    for (winner, loser), count in wins.items():
        won[index[winner], index[loser]] += count
    if not names or not _is_comparable(won):
        return None
    strengths = _fitted(won)
    strengths -= strengths.mean()
    return {names[i]: float(strengths[i]) for i in np.argsort(-strengths, kind="stable")}


def _fitted(won: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Where the likelihood of ``won``, shape (models, models), is largest, with the first model held at 0."""
    met, strengths = won + won.T, np.zeros(len(won))
    best = _log_likelihood(won, strengths)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(strengths[None, :] - strengths[:, None]))
        slope = (won - met * chance).sum(axis=1)
        bend = met * chance * (1 - chance)
        step = np.zeros(len(won))
        step[1:] = np.linalg.solve((np.diag(bend.sum(axis=1)) - bend)[1:, 1:], slope[1:])
        while (reached := _log_likelihood(won, strengths + step)) < best and np.abs(step).max() > _CLOSE:
            step /= 2
        strengths, best = strengths + step, reached
        if np.abs(step).max() <= _CLOSE:
            break
    return strengths


def _log_likelihood(won: "np.ndarray[Any, Any]", strengths: "np.ndarray[Any, Any]") -> float:
    return -float((won * np.logaddexp(0, strengths[None, :] - strengths[:, None])).sum())


def _is_comparable(won: "np.ndarray[Any, Any]") -> bool:
    """Whether every model has a chain of wins to every other one."""
    reached = (won > 0) | np.eye(len(won), dtype=bool)
    for _ in range(len(won).bit_length()):
        reached = reached @ reached
    return bool(reached.all())
