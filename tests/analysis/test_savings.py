"""What a move saves a month: the share of the bill, and how often its range holds the truth."""

from typing import Any

import numpy as np
import pytest

from advisor.analysis.money.cost import MOST_EXACT, range_of, savings_draws, savings_point
from advisor.types import Money
from tests.analysis.decisions import decide, target_pairs, use_case
from tests.nested import changed


def test_a_sample_that_is_no_picture_of_the_log_saves_the_true_share() -> None:
    """8,000 of 10,000 calls repeat one short question, which the sample holds once; the move costs half of each."""
    rng = np.random.default_rng(3)
    long = rng.lognormal(np.log(0.01), 0.5, 2000)
    bill = 8000 * 0.001 + float(long.sum())
    costs = [0.001, *rng.choice(long, 199, replace=False)]
    pairs = [
        changed(pair, baseline_cost_usd=float(usd), candidate_cost_usd=float(usd) / 2)
        for pair, usd in zip(target_pairs(both=200), costs, strict=True)
    ]
    assert np.mean(costs) * 10_000 > 2 * bill
    found = decide(use_case(pairs, monthly_calls=10_000.0, monthly_baseline_usd=bill))
    saved = found.use_cases[0].candidates[0].costs.savings_usd
    assert saved is not None
    assert (saved.low, saved.point, saved.high) == pytest.approx((bill / 2, bill / 2, bill / 2))
    assert found.bill.monthly is not None
    assert found.bill.monthly.plan_usd == pytest.approx(bill / 2)


def test_a_baseline_asked_again_at_another_price_saves_of_what_is_paid() -> None:
    """The recorded calls cost $0.10; asked again the same model costs a tenth, and the candidate half of that."""
    costs: dict[str, Any] = {"recorded_cost_usd": 0.1, "baseline_cost_usd": 0.01, "candidate_cost_usd": 0.005}
    found = decide(use_case(target_pairs(both=200, **costs), monthly_calls=1000.0, monthly_baseline_usd=50.0))
    saved = found.use_cases[0].candidates[0].costs.savings_usd
    assert saved is not None
    assert saved.point == pytest.approx(50 * (1 - 0.005 / 0.1)), "the sample's calls are twice as dear as the log's"


@pytest.mark.parametrize("n", [200, MOST_EXACT + 1])
def test_a_constant_share_leaves_nothing_to_chance(n: int) -> None:
    baseline = np.random.default_rng(0).lognormal(-4, 1, n)
    draws = savings_draws(baseline, baseline * 0.3, 10.0, 1, 50.0)
    assert draws == pytest.approx(np.full(len(draws), 35.0))


def test_pairs_that_cost_nothing_tell_nothing_of_the_bill() -> None:
    nothing, some = np.zeros(20), np.full(20, 0.01)
    assert savings_point(nothing, some, 100.0, 5.0) == pytest.approx(-1.0)
    rare = np.array([0.0] * 199 + [0.02])
    assert np.isfinite(savings_draws(rare, rare / 2, 100.0, 1, 5.0)).all()


def saved_of(log: "np.ndarray[Any, Any]", cost: "np.ndarray[Any, Any]", n: int, seed: int) -> Money:
    """What is told from ``n`` calls of a log, drawn at random, at the log's own bill."""
    some = np.random.default_rng(seed).choice(len(log), n, replace=False)
    month = (float(len(log)), float(log.sum()))
    draws = savings_draws(log[some], cost[some], month[0], seed, month[1])
    return range_of(draws, savings_point(log[some], cost[some], *month), 0.95)


@pytest.mark.slow
@pytest.mark.parametrize("shares", [(0.1, 0.6), (0.5, 1.4)])
def test_the_range_holds_the_true_saving_of_the_log(shares: tuple[float, float]) -> None:
    """500 logs of 20,000 calls."""
    hits = 0
    for seed in range(500):
        rng = np.random.default_rng(seed)
        log = rng.lognormal(-4, 0.7, 20_000)
        cost = log * rng.uniform(*shares, len(log))
        money = saved_of(log, cost, 200, seed)
        hits += money.low <= float((log - cost).sum()) <= money.high
    assert 465 <= hits <= 485


def test_a_few_recorded_costs_do_not_stand_for_the_others() -> None:
    """One call of 200 has its cost in the log: the saving goes by the baseline's own replay, with its range."""
    live: dict[str, Any] = {"baseline_cost_usd": 0.01, "candidate_cost_usd": 0.005}
    pairs = [*target_pairs(both=199, **live), *target_pairs(both=1, recorded_cost_usd=0.001, **live)]
    found = decide(use_case(pairs, monthly_calls=1000.0, monthly_baseline_usd=50.0))
    saved = found.use_cases[0].candidates[0].costs.savings_usd
    assert saved is not None
    assert saved.point == pytest.approx(25.0)


def test_what_is_left_of_a_bill_is_least_where_most_is_saved() -> None:
    saved = Money(low=-20.0, point=30.0, high=120.0)
    assert saved.taken_from(100.0) == Money(low=-20.0, point=70.0, high=120.0)
    assert Money(low=5.0, point=30.0, high=40.0).taken_from(100.0) == Money(low=60.0, point=70.0, high=95.0)
