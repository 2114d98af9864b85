"""Simulated studies of known truth, and how often the product and a plain t call them good enough."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from advisor.analysis.quality.clusters import Groups, holders_of
from advisor.analysis.quality.columns import Array, Columns, columns_of
from advisor.analysis.quality.difference import fixed, whole_of
from advisor.analysis.quality.evidence import CandidateEvidence, UseCaseEvidence, UseCaseLog
from advisor.analysis.quality.result import assess_quality
from advisor.analysis.verdict.hidden import Looked, look
from advisor.types import Endpoint, Grouping, Kind
from tests.made_input import made_pair

MARGIN, CONFIDENCE, ALPHA = 0.05, 0.95, 0.025
Draw = Callable[[np.random.Generator, bool, int], Array]
"""Paired differences of so many studies, shape (studies, n): at the margin, or of an equal candidate."""
_BATCH = 500
"""Studies drawn at a time, which keeps memory flat."""


class Cell(NamedTuple):
    """One kind of study."""

    draw: Draw
    groups: Groups | None = None
    size: int = 1
    """Answers of each group, next to each other."""


class Passed(NamedTuple):
    """How many of the studies pass: by the product, and by a plain (clustered) t alone."""

    product: int
    plain: int


def conversations(number: int, size: int, discordance: float, icc: float, kind: str = "rates") -> Cell:
    """Yes/no results in conversations of one size; two pairs of one go alike by ``icc``.

    ``rates``: each conversation has its own rates of gains and losses (Dirichlet). ``copies``: with a chance of
    sqrt(icc) a pair repeats what its conversation does.
    """
    n, half = number * size, discordance / 2

    def draw(rng: np.random.Generator, is_equal: bool, studies: int) -> Array:
        worse = 0.0 if is_equal else MARGIN / 2
        lost, gained = half + worse, half - worse
        answers, each = (studies, number, size), (studies, number, 1)
        if kind == "copies" or icc == 0:
            own, theirs = (_signs(rng.random(shape), lost, gained) for shape in (answers, each))
            return np.where(rng.random(answers) < np.sqrt(icc), theirs, own).reshape(studies, n)
        shares = np.array([lost, 1 - discordance, gained]) * (1 / icc - 1)
        rates = rng.dirichlet(shares, size=each)
        return _signs(rng.random(answers), rates[..., 0], rates[..., 2]).reshape(studies, n)

    groups = Groups(of=Grouping.CONVERSATIONS, holders=holders_of(np.arange(n), np.repeat(np.arange(number), size), n))
    return Cell(draw, groups, size)


def _signs(u: Array, lost: Array | float, gained: Array | float) -> Array:
    return (u > 1 - gained).astype(float) - (u < lost)


def fields(n: int, lost: float, gained: float, noise: float, size: float = 1.0) -> Cell:
    """Scores in between: some answers are lost or gained by ``size``, the others vary by ``noise`` either way.

    An equal candidate loses and gains alike.
    """

    def draw(rng: np.random.Generator, is_equal: bool, studies: int) -> Array:
        half = (lost + gained) / 2
        loses, gains, mean = (half, half, 0.0) if is_equal else (lost, gained, -MARGIN)
        rest = (mean + (loses - gains) * size) / (1 - loses - gains)
        u, varied = rng.random((studies, n)), rng.choice((-noise, noise), size=(studies, n))
        return np.where(u < loses, -size, np.where(u < loses + gains, size, rest + varied))

    return Cell(draw)


def passed(cell: Cell, studies: int, seed: int, *, is_equal: bool) -> Passed:
    """Count the studies that pass at the margin.

    Where answers go together the product takes the larger p of two tests, and that of its t is never below the plain
    one: it need only look at what passes the plain t.
    """
    rng, product, plain = np.random.default_rng(seed), 0, 0
    for start in range(0, studies, _BATCH):
        drawn = cell.draw(rng, is_equal, min(_BATCH, studies - start))
        by_t = plain_p(drawn, cell.size) <= ALPHA
        plain += int(by_t.sum())
        product += sum(product_p(d, cell.groups) <= ALPHA for d in (drawn[by_t] if cell.groups else drawn))
    return Passed(product, plain)


def product_p(d: Array, groups: Groups | None) -> float:
    """The product's p of one study, ``d`` of shape (n,)."""
    return fixed(d, whole_of(d, groups, 1), groups, 1, CONFIDENCE).at(MARGIN)


def plain_p(drawn: Array, size: int) -> Array:
    """The p of a plain t, shape (studies,), for ``drawn``, shape (studies, n), in groups of ``size`` each."""
    from scipy.special import stdtr

    studies, n = drawn.shape
    number = n // size
    mean = drawn.mean(axis=1)
    off = drawn.reshape(studies, number, size).sum(axis=2) - size * mean[:, None]
    se = np.sqrt((off**2).sum(axis=1) * number / (number - 1)) / n
    with np.errstate(divide="ignore"):
        p: Array = stdtr(number - 1, -(mean + MARGIN) / se)
    return p


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
    rng, found, empty = np.random.default_rng(seed), Held(0, 0), _unanswered(shape)
    for _ in range(studies):
        looked = [_look(columns, shape) for columns in _equal(shape, empty, rng)]
        tests = sum(each.tests for each in looked)
        shown = [caveat for each in looked for caveat in each.shown(tests)]
        found = Held(found.held + any(caveat.holds for caveat in shown), found.told + bool(shown))
    return found


def _look(columns: Columns, shape: Equal) -> Looked:
    evidence = UseCaseEvidence(
        name="u",
        kind=Kind.CLASSIFICATION,
        endpoint=shape.endpoint,
        candidates={"open": CandidateEvidence()},
        log=UseCaseLog(samples=shape.n, classes=tuple(map(str, range(shape.classes)))),
    )
    return look(evidence, "open", columns, columns, assess_quality(columns, shape.endpoint, 0.1, CONFIDENCE))


def _unanswered(shape: Equal) -> Columns:
    """The pairs of a candidate, in order of time, without classes and answers."""
    sessions = [f"s{i // shape.conversation}" if shape.conversation > 1 else None for i in range(shape.n)]
    return columns_of([made_pair(sample_id=i, session=session, at=float(i)) for i, session in enumerate(sessions)])


def _equal(shape: Equal, empty: Columns, rng: np.random.Generator) -> Iterator[Columns]:
    """The pairs of every candidate of one study."""
    group = np.arange(shape.n) // shape.conversation
    sizes = rng.dirichlet(np.full(shape.classes, 0.7))
    klass = rng.choice(shape.classes, size=group.max() + 1, p=sizes)[group]
    chance = rng.beta(1.2, 0.6, size=shape.classes)[klass]
    chance = np.where(np.arange(shape.n) >= 0.8 * shape.n, chance * (1 - shape.harder), chance)

    def answers() -> Array:
        own, theirs = rng.random(shape.n), rng.random(group.max() + 1)[group]
        return (np.where(rng.random(shape.n) < shape.alike, theirs, own) < chance).astype(float)

    ours = answers()
    is_target = shape.endpoint is Endpoint.TARGET
    logged = replace(empty.logged, klass=klass)
    baseline = replace(empty.baseline, y=ours) if is_target else empty.baseline
    for _ in range(shape.candidates):
        theirs = answers()
        y = theirs if is_target else 0.5 + (theirs - ours) / 2
        yield replace(empty, logged=logged, baseline=baseline, candidate=replace(empty.candidate, y=y))
