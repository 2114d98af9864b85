"""What the calls of a run were billed, and how price and number of tokens make the cost of a candidate.

Costs are dollars and tokens are counts, all as billed. Ranges come from the paired bootstrap of METHOD 2, in which a
resample takes both models' calls of a sample together.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from advisor.analysis.money.cost import RESAMPLES, paired_means, range_of, savings_draws
from advisor.analysis.quality.columns import Array
from advisor.types import Money, PartKind, Usage

if TYPE_CHECKING:
    import pandas as pd

LEAST_PAIRS = 10
"""Below it resampling says nothing about what was not seen."""
MOST_RESAMPLED = 500
"""Pairs up to which every resample of a ratio is really drawn: there are many ratios, and none is decided on."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Calls of one model that were made for one reason."""

    lane: str
    model_id: int
    kind: PartKind
    calls: int
    billed: int
    """Of them those whose cost is known."""
    usd: float | None
    """Of the billed ones; None where there are none. What an earlier run has paid is not paid again."""
    input_tokens: int
    output_tokens: int
    more_attempts: int
    """Times that a call was sent again; what those attempts cost no provider tells."""

    @property
    def usd_per_1k(self) -> float | None:
        """Dollars per 1,000 billed calls."""
        return None if self.usd is None or not self.billed else 1000 * self.usd / self.billed


class Ratio(NamedTuple):
    """How many times as much, with its range; the range is None below LEAST_PAIRS pairs."""

    point: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Calls:
    """Two models' calls of the same samples; all arrays have shape (n,), NaN where not known."""

    baseline_usd: Array
    candidate_usd: Array
    baseline_input: Array
    candidate_input: Array
    """Tokens, those from a cache among them."""
    baseline_output: Array
    candidate_output: Array
    """Tokens, reasoning among them."""
    same_tokens_usd: Array
    """What the baseline's tokens would cost at the candidate's prices."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """How the cost of a candidate comes about, as multiples of the baseline's: ``prices`` x ``tokens`` = ``cost``."""

    n: int
    """Pairs for which both tokens and both costs are known."""
    prices: float | None
    """The baseline's own tokens at the candidate's prices."""
    tokens: float | None
    """What it pays on top because it takes another number of tokens; None also where it costs nothing."""
    cost: Ratio | None
    input: Ratio | None
    """Tokens of the same prompts: the tokenizer's doing."""
    output: Ratio | None
    """Tokens of the answers: verbosity's doing, and the tokenizer's."""


def parts_of(facts: "pd.DataFrame") -> tuple[Part, ...]:
    """The calls of a run by lane, model and reason; ``facts`` has the columns of ``load_generation_facts``."""
    kinds = np.select(
        [facts["reused"].eq(True), facts["failure"].notna(), facts["epoch"] > 1],
        [PartKind.REUSED, PartKind.FAILED, PartKind.REPEATS],
        PartKind.FIRST,
    )
    parts = []
    for (lane, model_id, kind), some in facts.groupby(["lane", "model_id", kinds], sort=False):
        cost = some["cost_usd"].astype(float)
        billed = 0 if kind == PartKind.REUSED else int(cost.notna().sum())
        parts.append(
            Part(
                lane=str(lane),
                model_id=int(str(model_id)),
                kind=PartKind(str(kind)),
                calls=len(some),
                billed=billed,
                usd=float(cost.sum()) if billed else None,
                input_tokens=int(some[list(Usage.INPUT)].sum().sum()),
                output_tokens=int(some["output_tokens"].sum()),
                more_attempts=int((some["attempts"] - 1).clip(lower=0).sum()),
            )
        )
    return tuple(sorted(parts, key=lambda part: (part.lane, part.model_id, [*PartKind].index(part.kind))))


def total_usd(parts: Iterable[Part]) -> float | None:
    """Of all parts whose cost is known; None where none is."""
    known = [part.usd for part in parts if part.usd is not None]
    return sum(known) if known else None


def saved_per_1k(calls: Calls, seed: int, confidence: float) -> Money | None:
    """Dollars that 1,000 calls cost less with the candidate; None below LEAST_PAIRS pairs with both costs."""
    baseline, candidate = _both(calls.baseline_usd, calls.candidate_usd)
    if len(baseline) < LEAST_PAIRS:
        return None
    point = float((baseline - candidate).mean()) * 1000
    return range_of(savings_draws(baseline, candidate, 1000, seed), point, confidence)


def effect_of(calls: Calls, seed: int, confidence: float) -> Effect:
    """Price and tokens apart.

    ``prices`` weighs the candidate's prices by the baseline's tokens and ``tokens`` the candidate's tokens by its own
    prices (the indices of Laspeyres and Paasche), so that their product is the ratio of the costs.
    """
    columns = [getattr(calls, name) for name in Calls.__dataclass_fields__]
    known = ~np.isnan(columns).any(axis=0)
    same, baseline, candidate = (
        float(values[known].sum()) for values in (calls.same_tokens_usd, calls.baseline_usd, calls.candidate_usd)
    )
    return Effect(
        n=int(known.sum()),
        prices=same / baseline if baseline else None,
        tokens=candidate / same if same else None,
        cost=ratio(calls.candidate_usd[known], calls.baseline_usd[known], seed, confidence),
        input=ratio(calls.candidate_input, calls.baseline_input, seed, confidence),
        output=ratio(calls.candidate_output, calls.baseline_output, seed, confidence),
    )


def ratio(top: Array, bottom: Array, seed: int, confidence: float) -> Ratio | None:
    """The sum of ``top`` over the sum of ``bottom``, both of shape (n,) and paired; None where nothing is known.

    Above MOST_RESAMPLED pairs both means are drawn from the normal distribution that they tend to together.
    """
    top, bottom = _both(top, bottom)
    n = len(top)
    if n == 0 or bottom.sum() <= 0:
        return None
    point = float(top.sum() / bottom.sum())
    if n < LEAST_PAIRS:
        return Ratio(point, None, None)
    if n <= MOST_RESAMPLED:
        tops, bottoms = paired_means((top, bottom), seed)
    else:
        both = np.random.default_rng(seed).multivariate_normal(
            [top.mean(), bottom.mean()], np.cov(top, bottom) / n, RESAMPLES
        )
        tops, bottoms = both[:, 0], both[:, 1]
    draws: Array = np.divide(tops, bottoms, out=np.full(len(tops), math.inf), where=bottoms > 0)
    low, high = np.quantile(draws, (0.5 - confidence / 2, 0.5 + confidence / 2))
    return Ratio(point, min(float(low), point), max(float(high), point))


def _both(first: Array, second: Array) -> tuple[Array, Array]:
    known = ~(np.isnan(first) | np.isnan(second))
    return first[known], second[known]
