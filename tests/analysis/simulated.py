"""Simulated studies of known truth, and how often the product and a plain t call them good enough."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from advisor.analysis.clusters import CONVERSATIONS, Groups, cluster_se, holders_of
from advisor.analysis.columns import Array, columns_of
from advisor.analysis.difference import fixed, whole_of
from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.analysis.hidden import Looked, look
from advisor.analysis.intervals import Mean, mean_t, t_interval, t_p
from advisor.analysis.quality import assess_quality
from advisor.types import Endpoint, Kind

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

    An equal candidate loses and gains alike.
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


class Equal(NamedTuple):
    """A kind of study in which all candidates are as good as the baseline on each sample, and answer independently."""

    n: int
    conversation: int = 1
    """Calls of each, one after the other."""
    alike: float = 0.0
    """The chance that a call goes as its conversation does."""
    candidates: int = 1
    endpoint: Endpoint = Endpoint.TARGET
    classes: int = 8
    """Some of them hard, some rare; tickets of one conversation are of one class."""
    harder: float = 0.0
    """By how much the last fifth of the log is harder, for all models."""


class Held(NamedTuple):
    """How many of the studies have a candidate with a caveat that holds a switch, and with any."""

    held: int
    told: int


def held(shape: Equal, studies: int, seed: int) -> Held:
    """Look for what a mean hides where nothing is hidden."""
    rng, found = np.random.default_rng(seed), Held(0, 0)
    for _ in range(studies):
        looked = [_look(pairs, shape) for pairs in _equal(shape, rng)]
        tests = sum(each.tests for each in looked)
        shown = [caveat for each in looked for caveat in each.shown(tests)]
        found = Held(found.held + any(caveat.holds for caveat in shown), found.told + bool(shown))
    return found


def _look(pairs: list[Pair], shape: Equal) -> Looked:
    columns = columns_of(pairs)
    evidence = UseCaseEvidence(
        name="u",
        kind=Kind.CLASSIFICATION,
        endpoint=shape.endpoint,
        evidence={},
        samples=shape.n,
        classes=tuple(map(str, range(shape.classes))),
    )
    return look(evidence, "open", columns, assess_quality(columns, shape.endpoint, 0.1, CONFIDENCE))


def _equal(shape: Equal, rng: np.random.Generator) -> Iterator[list[Pair]]:
    """The pairs of every candidate of one study."""
    group = np.arange(shape.n) // shape.conversation
    sizes = rng.dirichlet(np.full(shape.classes, 0.7))
    klass = rng.choice(shape.classes, size=group.max() + 1, p=sizes)[group]
    chance = rng.beta(1.2, 0.6, size=shape.classes)[klass]
    chance = np.where(np.arange(shape.n) >= 0.8 * shape.n, chance * (1 - shape.harder), chance)

    def answers() -> Array:
        own, theirs = rng.random(shape.n), rng.random(group.max() + 1)[group]
        return np.where(rng.random(shape.n) < shape.alike, theirs, own) < chance

    ours = answers()
    for _ in range(shape.candidates):
        theirs = answers()
        wins = 0.5 + (theirs.astype(float) - ours) / 2
        yield [
            Pair(
                sample_id=i,
                use_case="u",
                session=f"s{group[i]}" if shape.conversation > 1 else None,
                at=float(i),
                klass=int(klass[i]),
                baseline_y=float(ours[i]) if shape.endpoint is Endpoint.TARGET else None,
                candidate_y=float(theirs[i] if shape.endpoint is Endpoint.TARGET else wins[i]),
            )
            for i in range(shape.n)
        ]
