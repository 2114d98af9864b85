"""Formulas against published and reference values (tests/analysis/data/cases.json names each source)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from advisor.analysis.load_test import measure
from advisor.analysis.quality.clusters import Groups, cluster_se, clustered
from advisor.analysis.statistics import intervals
from advisor.analysis.statistics.agreement import confusion, kappa, kappa_interval, rates
from advisor.analysis.statistics.intervals import holm
from advisor.analysis.statistics.ppi import ppi_mean
from advisor.analysis.statistics.sample_size import n_needed, n_planned
from advisor.types import Generation, Grouping, LoadLimits, Usage
from tests.analysis.comparisons import bradley_terry, one_group_each

CASES = {case["name"]: case for case in json.loads((Path(__file__).parent / "data" / "cases.json").read_text())}


def case(name: str) -> tuple[dict[str, Any], Any, float]:
    one = CASES[name]
    return one["input"], one["expected"], one["tol"]


@pytest.mark.parametrize("name", ["wilson_95", "wilson_95_zero"])
def test_wilson(name: str) -> None:
    given, expected, tol = case(name)
    assert intervals.wilson(**given) == pytest.approx(expected, abs=tol)


def test_tango_interval() -> None:
    given, expected, tol = case("tango_ci")
    assert intervals.tango(**given) == pytest.approx(expected, abs=tol)


def test_tango_non_inferiority() -> None:
    given, expected, tol = case("tango_ni")
    assert intervals.tango_p(**given) == pytest.approx(expected["p"], abs=tol)
    assert intervals.tango_z(given["b"], given["c"], given["n"], -given["margin"]) == pytest.approx(
        expected["z"], abs=tol
    )


def test_tango_at_no_margin_is_mcnemar() -> None:
    given, expected, tol = case("tango_d0_zero_is_mcnemar")
    assert intervals.tango_z(given["b"], given["c"], given["n"], 0.0) == pytest.approx(expected, abs=tol)


def test_mcnemar_exact() -> None:
    given, expected, tol = case("mcnemar_exact")
    assert intervals.mcnemar_exact(**given) == pytest.approx(expected["p"], abs=tol)
    assert intervals.mcnemar_exact(0, 0) == 1.0


def test_holm() -> None:
    given, expected, tol = case("holm")
    assert holm(given["p"]) == pytest.approx(expected, abs=tol)
    assert holm(list(reversed(given["p"]))) == pytest.approx(list(reversed(expected)), abs=tol)
    assert holm([]) == []
    assert holm([0.3]) == [0.3]


def test_paired_sample_size() -> None:
    given, expected, tol = case("n_paired_ni")
    assert given["alpha"] == 0.025
    planned = n_planned(given["discordant"], given["margin"], delta=given["delta"], power=given["power"])
    assert planned - 1 < expected + tol <= planned + tol
    assert n_planned(0.2, 0.05) == 628
    assert n_planned(0.2, 0.10) == 157
    assert n_planned(0.45**2, 0.10) == 159  # win rate: sd .45


def test_sample_size_of_a_difference_between_means() -> None:
    given, expected, tol = case("miller_n")
    assert (given["sA"], given["sB"], given["alpha"], given["power"]) == (0, 0, 0.05, 0.8)
    planned = n_planned(given["omega2"], given["delta"])
    assert planned - 1 < expected + tol <= planned + tol
    assert planned == 969


def test_kappa() -> None:
    given, expected, tol = case("cohen_kappa")
    ratings = [(i, j) for i, row in enumerate(given["table"]) for j, count in enumerate(row) for _ in range(count)]
    first, second = zip(*ratings, strict=True)
    assert kappa(first, second) == pytest.approx(expected, abs=tol)
    assert kappa_interval(first, second) == pytest.approx((expected, 0.1511, 0.6489), abs=5e-5)


def test_kappa_and_rates_are_those_of_statsmodels_and_scikit_learn() -> None:
    from sklearn.metrics import accuracy_score, cohen_kappa_score, precision_recall_fscore_support
    from statsmodels.stats.inter_rater import cohens_kappa

    rng = np.random.default_rng(1)
    for labels in (2, 3, 5):
        for n in (12, 60, 400):
            first = rng.integers(labels, size=n)
            second = np.where(rng.random(n) < 0.6, first, rng.integers(labels + 1, size=n))
            one, other = first.tolist(), second.tolist()
            assert kappa(one, other) == pytest.approx(cohen_kappa_score(one, other), abs=1e-12)
            theirs = cohens_kappa(confusion(one, other, range(labels + 1)))
            expected = (theirs.kappa, max(theirs.kappa_low, -1), min(theirs.kappa_upp, 1))
            assert kappa_interval(one, other) == pytest.approx(expected, abs=1e-12)
            for asked in (None, [0, 1, labels + 7]):
                macro = precision_recall_fscore_support(one, other, labels=asked, average="macro", zero_division=0)[:3]
                assert rates(one, other, asked) == pytest.approx((accuracy_score(one, other), *macro), abs=1e-12)


def test_bradley_terry() -> None:
    given, expected, tol = case("bradley_terry_citations")
    names, wins = given["names"], given["wins_row_over_col"]
    results = [
        (winner, loser, 1.0)
        for winner, row in zip(names, wins, strict=True)
        for loser, count in zip(names, row, strict=True)
        for _ in range(count)
    ]
    found = bradley_terry(results)
    assert found is not None
    assert [found[name] - found["Biometrika"] for name in names] == pytest.approx(expected, abs=tol)


def test_prediction_powered_mean() -> None:
    given, expected, tol = case("ppi_mean")
    y, f, rest = (np.array(given[name]) for name in ("Y", "f_labelled", "f_unlabelled"))
    found = ppi_mean(y, f, rest, lam=1.0)
    assert found.estimate == pytest.approx(expected["estimate"], abs=tol)
    assert found.se == pytest.approx(expected["se"], abs=tol)


def test_seconds_for_each_token_after_the_first() -> None:
    given, expected, tol = case("tpot")
    usage = Usage(output_tokens=given["out_tokens"])
    answer = Generation(usage=usage, ttft_s=given["ttft"], latency_s=given["e2e"])
    step = measure(1, [answer], wall_s=1.0, lags_s=[], limits=LoadLimits())
    assert step.tpot_p50_s == pytest.approx(expected, abs=tol)


def test_cluster_standard_error() -> None:
    given, expected, tol = case("cluster_se_mean")
    x = np.array(given["x"])
    groups = Groups(of=Grouping.PROMPTS, holders=one_group_each(given["cluster"]))
    assert cluster_se(x, groups) == pytest.approx(expected, abs=tol)
    assert groups.number == 4
    assert clustered(x, groups).se == pytest.approx(expected * (4 / 3) ** 0.5, abs=tol)


def test_clusters_of_one_are_the_plain_standard_error() -> None:
    x = np.array([0.0, 1.0, 1.0, 0.5, 0.0, 1.0])
    one, plain = clustered(x, Groups(of=Grouping.PROMPTS, holders=one_group_each(range(6)))), intervals.mean_hall(x)
    assert one == pytest.approx(plain)


@pytest.mark.parametrize(("b", "c", "n"), [(0, 0, 1), (0, 5, 5), (5, 0, 5), (3, 9, 40), (200, 150, 2000)])
def test_tango_bounds_lie_where_the_score_equals_z(b: int, c: int, n: int) -> None:
    low, high = intervals.tango(b, c, n)
    z = intervals.z_of(0.95)
    assert -1 <= low <= (b - c) / n <= high <= 1
    assert high == 1 or intervals.tango_z(b, c, n, high) == pytest.approx(-z, abs=1e-6)
    assert low == -1 or intervals.tango_z(b, c, n, low) == pytest.approx(z, abs=1e-6)
    assert intervals.tango(c, b, n) == pytest.approx((-high, -low))


def test_the_interval_and_the_test_decide_alike() -> None:
    for b, c, n in [(0, 0, 72), (0, 0, 73), (4, 2, 100), (10, 14, 300), (30, 22, 400), (0, 3, 150)]:
        assert (intervals.tango(b, c, n)[0] > -0.05) is (intervals.tango_p(b, c, n, 0.05) < 0.025)


def test_no_data_says_nothing() -> None:
    assert intervals.tango(0, 0, 0) == (-1.0, 1.0)
    assert intervals.wilson(0, 0) == (0.0, 1.0)
    assert intervals.tango_p(0, 0, 0, 0.05) == 1.0
    assert intervals.mean_t(np.array([1.0])).low == -np.inf


def test_needed_answers_never_fall_below_those_without_any_difference() -> None:
    assert n_needed(0, 0, 10, 0.05) == 73
    assert intervals.tango_p(0, 0, 73, 0.05) <= 0.025 < intervals.tango_p(0, 0, 72, 0.05)
    assert (n_needed(9, 1, 100, 0.05) or 0) >= 73


def test_more_data_cannot_help_at_or_below_the_limit() -> None:
    assert n_needed(5, 10, 100, 0.05) is None
    assert n_needed(0, 0, 0, 0.05) is None


@pytest.mark.parametrize(("b", "c", "margin"), [(4, 4, 0.05), (10, 10, 0.1), (12, 10, 0.05)])
def test_needed_answers_give_the_power_promised(b: int, c: int, margin: float) -> None:
    needed = n_needed(b, c, 100, margin)
    assert needed is not None
    draws = np.random.default_rng(0).multinomial(needed, [b / 100, c / 100, 1 - (b + c) / 100], size=4_000)
    passed = np.mean([intervals.tango_p(int(x), int(y), needed, margin) <= 0.025 for x, y, _ in draws])
    assert passed == pytest.approx(0.8, abs=0.035)
