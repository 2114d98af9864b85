"""Strengths of three and more models from comparisons of two at a time."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np


def bradley_terry(results: Sequence[tuple[str, str, float]]) -> dict[str, float] | None:
    """Strength of each model on the logit scale, adding up to 0 (Bradley and Terry 1952), strongest first.

    Each result is (first, second, share of the win that the first got: 1, 0, or 0.5 for a tie). A model of strength
    a beats one of strength b with the chance ``1 / (1 + exp(b - a))``, fitted by logistic regression without a
    penalty. A model's comparisons with itself say nothing and are left out. None where no strengths fit best:
    without results, or where some models never lost to the others or never met them, so that the distance has no
    end (Ford 1957).
    """
    wins: defaultdict[tuple[str, str], float] = defaultdict(float)
    for first, second, share in results:
        if first == second:
            continue
        wins[first, second] += share
        wins[second, first] += 1 - share
    names = sorted({name for pair in wins for name in pair})
    index = {name: i for i, name in enumerate(names)}
    won = {pair: count for pair, count in wins.items() if count > 0}
    winners = np.array([index[winner] for winner, _ in won], dtype=np.intp)
    losers = np.array([index[loser] for _, loser in won], dtype=np.intp)
    counts = np.array(list(won.values()))
    if not won or not _is_comparable(winners, losers, len(names)):
        return None
    from sklearn.linear_model import LogisticRegression

    # Each win stands as +1/-1 and, so that there are two classes, once more with its signs turned.
    rows = np.arange(len(won))
    design = np.zeros((len(won), len(names)))
    design[rows, winners] = 1
    design[rows, losers] = -1
    # The first model is held at 0, else any constant could be added to all.
    fitted = LogisticRegression(C=np.inf, fit_intercept=False, solver="newton-cholesky", tol=1e-10)
    fitted.fit(
        np.concatenate((design, -design))[:, 1:],
        np.repeat((1, 0), len(won)),
        sample_weight=np.concatenate((counts, counts)),
    )
    strengths = np.concatenate(([0.0], fitted.coef_[0]))
    strengths -= strengths.mean()
    return {names[i]: float(strengths[i]) for i in np.argsort(-strengths, kind="stable")}


def _is_comparable(winners: "np.ndarray[Any, Any]", losers: "np.ndarray[Any, Any]", models: int) -> bool:
    """Whether every model has a chain of wins to every other one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    beaten = coo_array((np.ones(len(winners)), (winners, losers)), shape=(models, models))
    parts: int = connected_components(beaten, connection="strong")[0]
    return parts == 1
