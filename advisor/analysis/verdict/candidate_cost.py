"""What one candidate costs beside the baseline, by its pairs."""

import numpy as np

from advisor.analysis.money.cost import savings_draws, savings_point
from advisor.analysis.quality.columns import Array, Columns, known
from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.quality.once import once
from advisor.analysis.quality.outcomes import Scored
from advisor.types import Endpoint

NEARLY_ALL = 0.9
"""Of the pairs with costs: few recorded ones would not stand for the others."""


def costs(pairs: Columns, price: float) -> tuple[Array, Array]:
    """Dollars a call of baseline and candidate: on the same samples where any has both, else each on its own."""
    baseline, candidate = pairs.baseline.call.cost_usd, pairs.candidate.call.cost_usd * price
    both = ~(np.isnan(baseline) | np.isnan(candidate))
    return (baseline[both], candidate[both]) if both.any() else (known(baseline), known(candidate))


def monthly_draws(evidence: UseCaseEvidence, asked: Columns, seed: int) -> tuple[Array, float] | None:
    """Resampled dollars a month saved by a move, and the estimate; None without times or prices.

    Costs of both models are scaled by what turns those of the recorded calls into the use case's bill in the log: the
    plan must start from what is paid today, and a sample may cost more or less than the log, alike for both. A baseline
    that was called again stands for the recorded calls where the log lacks the cost of many.
    """
    return _draws(asked, evidence.log.monthly_calls, evidence.log.monthly_baseline_usd, evidence.price, seed)


@once
def _draws(
    asked: Columns, calls: float | None, usd: float | None, price: float, seed: int
) -> tuple[Array, float] | None:
    baseline, candidate = costs(asked, price)
    both = ~(np.isnan(asked.logged.recorded_cost_usd) | np.isnan(asked.candidate.call.cost_usd))
    if both.any() and both.sum() >= NEARLY_ALL * len(baseline) and usd is not None:
        baseline, candidate = asked.logged.recorded_cost_usd[both], asked.candidate.call.cost_usd[both] * price
    if calls is None or len(baseline) == 0 or len(baseline) != len(candidate):
        return None
    return savings_draws(baseline, candidate, calls, seed, usd), savings_point(baseline, candidate, calls, usd)


def per_1k(dollars: Array) -> float | None:
    return float(dollars.mean()) * 1000 if len(dollars) else None


def per_1k_successes(scored: Scored, evidence: UseCaseEvidence) -> float | None:
    """Dollars per 1,000 successes: all that the candidate cost on the pairs that count, over its successes there.

    A success is a right answer, pairwise one that at least ties and is not spoilt. Where fields are compared an answer
    counts by its F1, so that two answers half right are one success. Pairs that do not count, such as those that nobody
    has judged yet, are in neither sum, nor are calls without a price.
    """
    side, y = scored.pairs.candidate, scored.candidate
    pairwise = evidence.endpoint is Endpoint.PAIRWISE
    good = (y >= 0.5).astype(float) if pairwise else y
    priced = ~np.isnan(side.call.cost_usd)
    spoilt = side.failed | (side.spoilt if pairwise else False)
    successes = float(np.where(spoilt, 0.0, good)[priced].sum())
    return float((side.call.cost_usd[priced] * evidence.price).sum()) / successes * 1000 if successes else None
