"""Simulated studies of known truth, and how often the product and a plain t call them good enough."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from advisor.analysis.clusters import CONVERSATIONS, Groups, cluster_se, holders_of
from advisor.analysis.columns import Array
from advisor.analysis.difference import fixed, whole_of
from advisor.analysis.intervals import Mean, mean_t, t_interval, t_p

MARGIN, CONFIDENCE, ALPHA = 0.05, 0.95, 0.025
Draw = Callable[[np.random.Generator, bool], Array]
"""Paired differences of one study, shape (n,): at the margin, or of an equal candidate."""


class Cell(NamedTuple):
    """One kind of study."""

    draw: Draw
    groups: Groups | None = None


class Passed(NamedTuple):
    """How many of the studies pass: by the product, and by a plain (clustered) t alone."""

    product: int
    plain: int


def conversations(number: int, size: int, discordance: float, icc: float, kind: str = "rates") -> Cell:
    """Yes/no results in conversations of one size; two pairs of one go alike by ``icc``.

    ``rates``: each conversation has its own rates of gains and losses (Dirichlet). ``copies``: with a chance of
    sqrt(icc) a pair repeats what its conversation does.
    """
    group = np.repeat(np.arange(number), size)

    def draw(rng: np.random.Generator, is_equal: bool) -> Array:
        worse = 0.0 if is_equal else MARGIN / 2
        shares = np.array([discordance / 2 + worse, 1 - discordance, discordance / 2 - worse])
        if kind == "copies" or icc == 0:
            own, theirs = (rng.choice((-1.0, 0.0, 1.0), size=k, p=shares) for k in (number * size, number))
            return np.where(rng.random(number * size) < np.sqrt(icc), theirs[group], own)
        rates = rng.dirichlet(shares * (1 / icc - 1), size=number)[group]
        u = rng.random(number * size)
        return (u > 1 - rates[:, 2]).astype(float) - (u < rates[:, 0])

    return Cell(draw, Groups(of=CONVERSATIONS, holders=holders_of(np.arange(number * size), group, number * size)))


def fields(n: int, lost: float, gained: float, noise: float, size: float = 1.0) -> Cell:
    """Scores in between: some answers are lost or gained by ``size``, the others vary by ``noise`` either way.

    An equal candidate loses as many as it gains.
    """

    def draw(rng: np.random.Generator, is_equal: bool) -> Array:
        half = (lost + gained) / 2
        loses, gains, mean = (half, half, 0.0) if is_equal else (lost, gained, -MARGIN)
        rest = (mean + (loses - gains) * size) / (1 - loses - gains)
        u = rng.random(n)
        return np.where(u < loses, -size, np.where(u < loses + gains, size, rest + rng.choice((-noise, noise), size=n)))

    return Cell(draw)


def passed(cell: Cell, studies: int, seed: int, *, is_equal: bool) -> Passed:
    """Count the studies that pass at the margin."""
    rng, product, plain = np.random.default_rng(seed), 0, 0
    for _ in range(studies):
        d = cell.draw(rng, is_equal)
        product += fixed(d, whole_of(d, cell.groups, 1), cell.groups, MARGIN, 1, CONFIDENCE).p <= ALPHA
        plain += t_p(_plain(d, cell.groups), MARGIN) <= ALPHA
    return Passed(product, plain)


def _plain(d: Array, groups: Groups | None) -> Mean:
    if groups is None:
        return mean_t(d, CONFIDENCE)
    number = groups.number
    return t_interval(d, cluster_se(d, groups) * (number / (number - 1)) ** 0.5, number - 1, CONFIDENCE)
