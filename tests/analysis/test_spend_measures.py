"""What calls cost by reason, price and tokens apart, and how far a month may be off: identities and simulations."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from advisor.analysis.money.cost import LEAST_DAYS, certain, month_spread, widened
from advisor.analysis.money.spend import (
    LEAST_PAIRS,
    MOST_RESAMPLED,
    Calls,
    effect_of,
    parts_of,
    ratio,
    saved_per_1k,
    total_usd,
)
from advisor.types import Money, PartKind
from advisor.types.business import DAYS_A_MONTH

Array = np.ndarray[Any, Any]


def generation(**more: Any) -> dict[str, Any]:
    facts = {"lane": "candidate", "model_id": 1, "epoch": 1, "failure": None, "reused": False, "attempts": 1}
    tokens = {"input_tokens": 100, "cache_read_tokens": 20, "cache_write_tokens": 3, "output_tokens": 7}
    return facts | tokens | {"cost_usd": 0.5} | more


def calls(baseline: Array, candidate: Array, prices: tuple[float, float] = (2.0, 1.0)) -> Calls:
    """Calls whose output tokens are given; every model reads 1,000 tokens, a token costs the same in and out."""
    read = np.full(len(baseline), 1000.0)
    ours, its = prices
    return Calls(
        baseline_usd=(read + baseline) * ours,
        candidate_usd=(read + candidate) * its,
        baseline_input=read,
        candidate_input=read,
        baseline_output=baseline,
        candidate_output=candidate,
        same_tokens_usd=(read + baseline) * its,
    )


def test_calls_are_told_apart_by_why_they_were_made() -> None:
    parts = parts_of(
        pd.DataFrame(
            [
                generation(),
                generation(attempts=3),
                generation(epoch=2),
                generation(failure="timeout", cost_usd=None, attempts=4),
                generation(failure="invalid_response", epoch=2, cost_usd=0.25),
                generation(reused=True),
                generation(lane="baseline", model_id=2, cost_usd=None),
            ]
        )
    )
    found = {(part.lane, part.kind): (part.calls, part.billed, part.usd, part.more_attempts) for part in parts}
    assert found == {
        ("baseline", PartKind.FIRST): (1, 0, None, 0),
        ("candidate", PartKind.FIRST): (2, 2, 1.0, 2),
        ("candidate", PartKind.REPEATS): (1, 1, 0.5, 0),
        ("candidate", PartKind.FAILED): (2, 1, 0.25, 3),
        ("candidate", PartKind.REUSED): (1, 0, None, 0),
    }
    assert total_usd(parts) == 1.75, "what an earlier run has paid is not paid again"
    first = next(part for part in parts if (part.lane, part.kind) == ("candidate", PartKind.FIRST))
    assert (first.input_tokens, first.output_tokens) == (246, 14)


def test_half_the_price_and_more_tokens_make_the_cost() -> None:
    baseline = np.linspace(100, 3000, 50)
    effect = effect_of(calls(baseline, 1.6 * baseline), seed=1, confidence=0.95)
    assert effect.n == 50
    assert effect.prices == pytest.approx(0.5)
    assert effect.output is not None
    assert effect.output.point == pytest.approx(1.6)
    assert effect.output.low == pytest.approx(effect.output.high), "every answer is longer by the same factor"
    assert effect.cost is not None
    assert effect.tokens is not None
    assert effect.prices is not None
    assert effect.tokens is not None
    assert effect.prices * effect.tokens == pytest.approx(effect.cost.point)
    assert effect.cost.point == pytest.approx((1000 + 1.6 * 1550) / (1000 + 1550) / 2)


def test_what_costs_nothing_has_no_effect_of_tokens() -> None:
    baseline = np.full(20, 100.0)
    effect = effect_of(calls(baseline, 2 * baseline, prices=(2.0, 0.0)), seed=1, confidence=0.95)
    assert (effect.prices, effect.tokens) == (0.0, None)


def test_without_a_price_tokens_are_still_told() -> None:
    baseline = np.full(20, 100.0)
    effect = effect_of(calls(baseline, 2 * baseline, prices=(2.0, math.nan)), seed=1, confidence=0.95)
    assert (effect.n, effect.prices, effect.tokens, effect.cost) == (0, None, None, None)
    assert effect.output is not None
    assert effect.output.point == 2.0


def test_few_pairs_have_no_range() -> None:
    few = np.full(LEAST_PAIRS - 1, 100.0)
    found = ratio(few, few, 1, 0.95)
    assert found is not None
    assert found == (1.0, None, None)
    assert saved_per_1k(calls(few, few), 1, 0.95) is None
    assert ratio(np.array([]), np.array([]), 1, 0.95) is None


@pytest.mark.parametrize("n", [40, 2 * MOST_RESAMPLED])
def test_the_range_of_a_ratio_covers_the_truth(n: int) -> None:
    """Answers of lognormal length, the candidate's 1.5 times as long on average and tied to the baseline's."""
    rng = np.random.default_rng(11)
    covered, runs = 0, 200
    for run in range(runs):
        baseline = rng.lognormal(4, 0.6, n)
        candidate = 1.5 * baseline * rng.lognormal(-0.08, 0.4, n)
        found = ratio(candidate, baseline, run, 0.95)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 1.5 <= found.high
    assert covered / runs > 0.90


def test_pairs_tell_more_than_two_samples() -> None:
    rng = np.random.default_rng(3)
    baseline = rng.lognormal(4, 1.0, 200)
    together, apart = (
        ratio(1.2 * baseline, baseline, 1, 0.95),
        ratio(1.2 * rng.permutation(baseline), baseline, 1, 0.95),
    )
    assert together is not None
    assert apart is not None
    assert together.high == pytest.approx(together.low)
    assert apart.high is not None
    assert apart.low is not None
    assert apart.high - apart.low > 0.1


def test_what_a_thousand_calls_save() -> None:
    rng = np.random.default_rng(5)
    baseline = rng.lognormal(4, 0.5, 100)
    found = saved_per_1k(calls(baseline, baseline), 1, 0.95)
    assert found is not None
    assert found.point == pytest.approx(1000 * (1000 + baseline.mean()))
    assert found.low < found.point < found.high


@pytest.mark.parametrize("days", [5, 12, 40])
def test_a_month_lies_within_its_range(days: int) -> None:
    """Logs of some days, and then the month that follows: overdispersed counts, as traffic has them."""
    rng = np.random.default_rng(days)
    runs, month = 600, round(DAYS_A_MONTH)
    covered = 0
    for _ in range(runs):
        counts = rng.negative_binomial(20, 0.1, days + month).astype(float)
        seen, follows = counts[:days], counts[days:]
        spread = month_spread(seen, 0.95)
        assert spread is not None
        covered += abs(follows.mean() - seen.mean()) <= spread * seen.mean()
    assert 0.92 < covered / runs < 0.98


def test_too_few_days_say_nothing() -> None:
    assert month_spread(np.array([4.0] * (LEAST_DAYS - 1)), 0.95) is None
    assert month_spread(np.zeros(10), 0.95) is None
    assert month_spread(np.array([4.0] * LEAST_DAYS), 0.95) == 0.0


def test_two_uncertainties_are_joined_by_their_squares() -> None:
    found = widened(Money(low=97.0, point=100.0, high=112.0), 4.0)
    assert (found.low, found.high) == (95.0, pytest.approx(100 + math.hypot(12, 4)))
    assert widened(certain(100.0), None) == certain(100.0)
