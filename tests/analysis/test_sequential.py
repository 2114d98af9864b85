"""Early stopping: how often it errs when looked at after every pair, and when it stops."""

import math
import time
from collections.abc import Callable

import numpy as np
import pytest

from advisor.analysis.quality.difference import by_betting
from advisor.analysis.statistics.intervals import tango_p
from advisor.analysis.statistics.sequential import Sequential, confidence_interval, follow

ALPHA = 0.025
STUDIES = 1_500
PAIRS = 1_000
YES_NO = (-1.0, 0.0, 1.0)
PANEL = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""Win rates of two judges as 2 y - 1."""

# Values, their shares, and the margin: the mean lies exactly at the limit.
BOUNDARIES = [
    pytest.param(YES_NO, (0.05, 0.95, 0.0), 0.05, id="never better"),
    pytest.param(YES_NO, (0.075, 0.9, 0.025), 0.05, id="discordance .1"),
    pytest.param(YES_NO, (0.175, 0.7, 0.125), 0.05, id="discordance .3"),
    pytest.param(YES_NO, (0.35, 0.4, 0.25), 0.1, id="discordance .6"),
    pytest.param(YES_NO, (0.4, 0.4, 0.2), 0.2, id="win rate, margin 10 points"),
    pytest.param(PANEL, (0.3, 0.2, 0.2, 0.1, 0.2), 0.15, id="panel of two"),
]


def draw(values: tuple[float, ...], shares: tuple[float, ...], pairs: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(values, size=(STUDIES, pairs), p=shares)


@pytest.mark.parametrize(("values", "shares", "margin"), BOUNDARIES)
def test_worse_by_the_margin_rarely_passes_at_any_look(
    values: tuple[float, ...], shares: tuple[float, ...], margin: float, record_property: Callable[[str, object], None]
) -> None:
    assert np.dot(values, shares) == pytest.approx(-margin)
    passed = np.mean([follow(d, margin, 1 / ALPHA).wealth >= 1 / ALPHA for d in draw(values, shares, PAIRS, 1)])
    record_property("false_pass", str(passed))
    assert passed <= ALPHA


@pytest.mark.parametrize(("values", "shares", "margin"), BOUNDARIES)
def test_not_worse_than_the_margin_is_rarely_kept_at_any_look(
    values: tuple[float, ...], shares: tuple[float, ...], margin: float, record_property: Callable[[str, object], None]
) -> None:
    kept = np.mean([follow(d, margin, 1 / ALPHA).against >= 1 / ALPHA for d in draw(values, shares, PAIRS, 2)])
    record_property("false_keep", str(kept))
    assert kept <= ALPHA


@pytest.mark.parametrize(("values", "shares", "margin"), BOUNDARIES[1:5])
def test_looking_again_and_again_with_a_plain_test_errs_far_more(
    values: tuple[float, ...], shares: tuple[float, ...], margin: float, record_property: Callable[[str, object], None]
) -> None:
    studies = draw(values, shares, PAIRS, 1)[:150]
    better, worse = np.cumsum(studies > 0, axis=1), np.cumsum(studies < 0, axis=1)
    passed = np.mean(
        [
            any(tango_p(int(b[n - 1]), int(c[n - 1]), n, margin) <= ALPHA for n in range(1, PAIRS + 1))
            for b, c in zip(better, worse, strict=True)
        ]
    )
    record_property("false_pass", str(passed))
    assert passed > 0.1


@pytest.mark.parametrize(("values", "shares", "margin"), BOUNDARIES)
def test_the_interval_holds_the_mean(
    values: tuple[float, ...], shares: tuple[float, ...], margin: float, record_property: Callable[[str, object], None]
) -> None:
    bounds = np.array([confidence_interval(d, ALPHA) for d in draw(values, shares, 200, 3)[:300]])
    holds = np.mean((bounds[:, 0] <= -margin) & (-margin <= bounds[:, 1]))
    record_property("coverage", str(holds))
    assert holds >= 1 - 2 * ALPHA
    assert np.mean(bounds[:, 1] - bounds[:, 0]) < 1, "an interval of everything would hold it too"


def test_equal_models_are_found_in_time() -> None:
    found = [follow(d, 0.1, 1 / ALPHA) for d in draw(YES_NO, (0.05, 0.9, 0.05), 600, 4)]
    stops = [s.stopped_at for s in found if s.stopped_at is not None and s.wealth >= 1 / ALPHA]
    assert len(stops) > 0.95 * STUDIES
    assert np.median(stops) < 200


def test_a_much_worse_model_is_kept_out_early() -> None:
    found = [follow(d, 0.05, 1 / ALPHA) for d in draw(YES_NO, (0.4, 0.55, 0.05), 600, 5)]
    stops = [s.stopped_at for s in found if s.stopped_at is not None and s.against >= 1 / ALPHA]
    assert len(stops) > 0.95 * STUDIES
    assert np.median(stops) < 100


@pytest.mark.parametrize("d", [(0.0, 1.0, -0.5, 0.0, 1.0, -1.0, 0.5, 0.0), (0.0, -1.0, -0.5, -1.0, 1.0, -0.5, 0.0)])
def test_the_wealth_is_the_formula_step_by_step(d: tuple[float, ...]) -> None:
    margin = 0.1

    def wealths(x: np.ndarray, most: float) -> list[float]:
        wealth, found = 1.0, []
        for i, value in enumerate(x):
            # The past with one more value that has mean 0 and variance .25: half of it at -.5, half at .5.
            past = np.concatenate((x[:i], x[:i], [-0.5, 0.5]))
            bet = min(max(past.mean() / (past.var() + past.mean() ** 2), 0), most)
            wealth *= 1 + bet * value
            found.append(wealth)
        return found

    found = follow(np.array(d), margin, 1.2)
    for_switch, for_keep = wealths(np.array(d) + margin, 0.5 / 0.9), wealths(-np.array(d) - margin, 0.5 / 1.1)
    assert found.wealth == pytest.approx(max(1, *for_switch))
    assert found.against == pytest.approx(max(1, *for_keep))
    first = next(i for i, pair in enumerate(zip(for_switch, for_keep, strict=True), 1) if max(pair) >= 1.2)
    assert found.stopped_at == first


def test_the_largest_wealth_is_kept_when_luck_turns() -> None:
    good, bad = np.full(100, 0.0), np.full(100, -1.0)
    before, after = follow(good, 0.2, 1e9), follow(np.concatenate((good, bad)), 0.2, 1e9)
    assert after.wealth == before.wealth > 40
    assert after.against > 40


@pytest.mark.parametrize("d", [np.full(3_000, 1.0), np.full(3_000, -1.0), np.full(3_000, 0.0)])
def test_no_run_of_luck_ruins_the_wealth_or_breaks_the_numbers(d: np.ndarray) -> None:
    found = follow(d, 0.1, 40)
    assert math.isfinite(found.wealth)
    assert math.isfinite(found.against)
    low, high = confidence_interval(d, ALPHA)
    assert -1 <= low <= d[0] <= high <= 1
    assert high - low < 0.01


def test_the_interval_and_the_bets_decide_alike() -> None:
    decided = 0
    for d in draw(YES_NO, (0.08, 0.84, 0.08), 150, 6)[:60]:
        low, high = confidence_interval(d, ALPHA)
        for margin in (0.05, 0.1, 0.15, -0.05):
            found = follow(d, margin, 1 / ALPHA)
            assert (low > -margin) is (found.wealth >= 1 / ALPHA)
            assert (high < -margin) is (found.against >= 1 / ALPHA)
            decided += found.stopped_at is not None
    assert 40 < decided < 200, "some must pass and some not"


def test_the_interval_of_the_reverse_is_the_reverse() -> None:
    d = draw(PANEL, (0.1, 0.2, 0.3, 0.2, 0.2), 200, 7)[0]
    low, high = confidence_interval(d, ALPHA)
    assert confidence_interval(-d, ALPHA) == (-high, -low)
    assert low < d.mean() < high


@pytest.mark.parametrize("n", [40, 700, 10_000])
def test_the_bounds_are_excluded_themselves_and_hardly_further_ones_are(n: int) -> None:
    d = np.random.default_rng(n).choice(YES_NO, size=n, p=(0.06, 0.86, 0.08))
    low, high = confidence_interval(d, ALPHA)
    assert follow(d, -low, 1 / ALPHA).wealth >= 1 / ALPHA
    assert follow(d, -high, 1 / ALPHA).against >= 1 / ALPHA
    assert follow(d, -low - 1e-5, 1 / ALPHA).wealth < 1 / ALPHA
    assert follow(d, -high + 1e-5, 1 / ALPHA).against < 1 / ALPHA


def test_many_long_runs_are_decided_at_once() -> None:
    rng = np.random.default_rng(8)
    studies = rng.choice(YES_NO, size=(40, 10_000), p=(0.06, 0.86, 0.08))
    started = time.process_time()
    for d in studies:
        confidence_interval(d, ALPHA)
    assert time.process_time() - started < 1.5


def test_no_pairs_say_nothing() -> None:
    nothing = follow(np.array([]), 0.05, 40)
    assert nothing == Sequential(wealth=1.0, against=1.0, stopped_at=None, n=0)
    assert confidence_interval(np.array([]), ALPHA) == (-1.0, 1.0)


def test_pairs_that_no_mean_fits_say_nothing() -> None:
    drifting = np.concatenate((np.full(300, 1.0), np.full(3_000, -1.0)))
    assert confidence_interval(drifting, ALPHA) == (-1.0, 1.0)


@pytest.mark.parametrize(("d", "margin"), [([0.0, 2.0], 0.1), ([0.0, math.nan], 0.1), ([0.0], 1.0)])
def test_what_would_prove_nothing_is_refused(d: list[float], margin: float) -> None:
    with pytest.raises(ValueError, match="between -1 and 1"):
        follow(np.array(d), margin, 40)


def test_pairs_that_drift_so_far_that_no_mean_fits_pass_nothing() -> None:
    """Good at first and bad later: the wealth of the first half would pass, the range holds nothing."""
    rng = np.random.default_rng(0)
    good, bad = (rng.choice((-0.5, 0.0, 0.5), p=p, size=150) for p in ((0.1, 0.4, 0.5), (0.8, 0.2, 0.0)))
    d = np.concatenate([good, bad])
    assert 1 / follow(d * 2, 0.2, 1 / ALPHA).wealth < ALPHA
    tested = by_betting(d, 2, 0.95)
    assert (tested.low, tested.high, tested.at(0.1)) == (-0.5, 0.5, 1.0)


def test_a_range_holds_the_difference_that_was_seen() -> None:
    """Good at first and worse later, so that some mean fits, but not the one of all."""
    d = np.concatenate((np.tile((1.0, 1.0, 0.0), 24), np.tile((-1.0, 0.0), 15)))
    low, high = confidence_interval(d, ALPHA)
    tested = by_betting(d, 1, 0.95)
    assert d.mean() < low
    assert (tested.low, tested.high) == (d.mean(), high)
