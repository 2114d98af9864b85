"""How far a judge can be trusted."""

import numpy as np
import pytest

from advisor.analysis.statistics.agreement import confusion, kappa, kappa_interval, length_lean, rates, similar_length

PEOPLE = ["win", "win", "tie", "loss", "loss", "win", "tie", "loss"]
JUDGE = ["win", "loss", "tie", "loss", "win", "win", "loss", "loss"]


@pytest.mark.slow
def test_kappa_bounds_hold_the_true_kappa() -> None:
    # Two raters say "yes" to one half each and agree on 80 %: the true kappa is .6.
    rng = np.random.default_rng(0)
    first = rng.integers(2, size=(1_000, 120))
    second = np.where(rng.random((1_000, 120)) < 0.8, first, 1 - first)
    bounds = np.array([kappa_interval(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True)])
    assert 0.93 <= np.mean((bounds[:, 1] <= 0.6) & (bounds[:, 2] >= 0.6)) <= 0.97
    assert np.all((bounds[:, 1] < bounds[:, 0]) & (bounds[:, 0] < bounds[:, 2]))


def test_kappa_bounds_of_a_large_table() -> None:
    # 500 of 1,000 items, agreement .7: variance p (1 - p) / (n (1 - pe)^2) where both halves are even.
    first = [0] * 500 + [1] * 500
    second = [0] * 350 + [1] * 150 + [1] * 350 + [0] * 150
    found, low, high = kappa_interval(first, second)
    assert found == pytest.approx(kappa(first, second)) == pytest.approx(0.4)
    half = 1.959964 * (0.7 * 0.3 / (1_000 * 0.25)) ** 0.5
    assert (low, high) == pytest.approx((0.4 - half, 0.4 + half), abs=1e-6)


def test_more_confidence_is_a_wider_interval() -> None:
    _, low, high = kappa_interval(PEOPLE, JUDGE, 0.8)
    _, lower, higher = kappa_interval(PEOPLE, JUDGE, 0.99)
    assert -1 <= lower < low < high < higher <= 1


def test_agreeing_throughout_is_not_certainty() -> None:
    few, many = (kappa_interval(["yes", "no"] * n, ["yes", "no"] * n) for n in (15, 500))
    assert few[0] == many[0] == few[2] == many[2] == 1
    assert 0.5 < few[1] < 0.85
    assert 0.99 < many[1] < 1
    assert kappa_interval(["yes"] * 99 + ["no"], ["yes"] * 99 + ["no"])[1] < 0, "one single case of the other value"


def test_a_rater_with_one_value_shows_nothing() -> None:
    assert kappa_interval(["yes"] * 30, ["yes"] * 30) == (1.0, -1.0, 1.0)
    few = kappa_interval(["yes"] * 10, ["yes", "no"] * 5)
    assert few == kappa_interval(["yes", "no"] * 5, ["yes"] * 10)
    assert few == pytest.approx((0, -1, 0.526814))


def test_no_items_have_no_agreement() -> None:
    with pytest.raises(ValueError, match="empty"):
        kappa_interval([], [])


def test_confusion_counts_rows_by_the_first() -> None:
    assert confusion(PEOPLE, JUDGE, ["win", "tie", "loss"]) == [[2, 0, 1], [0, 1, 1], [1, 0, 2]]
    assert confusion(PEOPLE, JUDGE, ["win", "loss", "never"]) == [[2, 1, 0], [1, 2, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="shorter"):
        confusion(PEOPLE, JUDGE[1:], ["win"])


def test_rates_count_every_label_alike() -> None:
    found = rates(PEOPLE, JUDGE)
    assert found.accuracy == 5 / 8
    assert found.precision == pytest.approx((2 / 3 + 1 + 2 / 4) / 3)
    assert found.recall == pytest.approx((2 / 3 + 1 / 2 + 2 / 3) / 3)
    assert found.f1 == pytest.approx((2 / 3 + 2 / 3 + 4 / 7) / 3)


def test_a_label_that_only_one_of_them_gives_counts_as_zero() -> None:
    found = rates([1, 1, 2], [1, 1, 0])
    assert found == pytest.approx((2 / 3, 1 / 3, 1 / 3, 1 / 3))


def test_the_win_rate_among_answers_of_similar_length() -> None:
    y = [1.0, 0.0, 0.5, 1.0, 1.0, 1.0]
    candidate = [100, 100, 122, 123, 300, 0]
    baseline = [100, 118, 100, 100, 100, 100]
    assert similar_length(y, candidate, baseline) == (0.5, 3), "22 % longer is in, 23 % is out"
    assert similar_length([1.0, 1.0], [0, 5], [0, 0]) == (None, 0)
    assert similar_length([], [], []) == (None, 0)


def test_how_often_the_longer_answer_wins() -> None:
    y = [1.0, 0.0, 0.75, 0.0, 0.5, 1.0, 0.0]
    candidate = [200, 100, 150, 150, 300, 100, 0]
    baseline = [100, 200, 100, 100, 100, 100, 100]
    assert length_lean(y, candidate, baseline) == (0.75, 4)
    turned = length_lean([1 - score for score in y], baseline, candidate)
    assert turned == (0.75, 4), "it does not matter which lane was longer"
    assert length_lean([0.5, 1.0], [1, 2], [3, 2]) == (None, 0)


def test_a_judge_of_one_word_is_condemned_by_people_who_say_another() -> None:
    """It named the candidate in all 30 pairs, people in none: kappa is 0, and it can't be .4."""
    assert kappa_interval(["tie"] * 22 + ["baseline"] * 8, ["candidate"] * 30)[2] < 0.4
    assert kappa_interval(["tie"] * 29 + ["baseline"], ["tie"] * 30)[2] > 0.4, "one other word is chance"
