"""Strengths of models from comparisons of two at a time."""

import numpy as np
import pytest

from tests.analysis.comparisons import bradley_terry


def test_two_models_differ_by_the_log_odds_of_a_win() -> None:
    found = bradley_terry([("a", "b", 1.0)] * 6 + [("b", "a", 1.0)] * 2 + [("a", "b", 0.5)] * 4)
    assert found is not None
    assert found["a"] - found["b"] == pytest.approx(np.log(8 / 4))
    assert found["a"] == pytest.approx(-found["b"])


def test_true_strengths_are_found_again() -> None:
    true = {"a": 0.9, "b": 0.3, "c": -0.2, "d": -1.0}
    rng = np.random.default_rng(0)
    results = []
    for _ in range(20_000):
        first, second = rng.choice(list(true), size=2, replace=False)
        won = rng.random() < 1 / (1 + np.exp(true[second] - true[first]))
        results.append((str(first), str(second), float(won)))
    found = bradley_terry(results)
    assert found == pytest.approx(true, abs=0.06)
    assert list(found or ()) == ["a", "b", "c", "d"]
    assert sum((found or {}).values()) == pytest.approx(0)


def test_who_stands_first_does_not_matter() -> None:
    results = [("a", "b", 1.0), ("b", "c", 1.0), ("c", "a", 1.0), ("a", "c", 0.5), ("a", "b", 1.0)]
    turned = [(second, first, 1 - share) for first, second, share in results]
    assert bradley_terry(turned) == pytest.approx(bradley_terry(results))


def test_expected_wins_are_the_wins_seen() -> None:
    results = [("a", "b", 1.0)] * 7 + [("b", "c", 0.5)] * 3 + [("c", "a", 1.0)] * 2 + [("b", "a", 1.0)] * 4
    found = bradley_terry(results)
    assert found is not None
    for name in found:
        seen = sum(share if first == name else 1 - share for first, second, share in results if name in (first, second))
        expected = sum(
            1 / (1 + np.exp(found[second if first == name else first] - found[name]))
            for first, second, _ in results
            if name in (first, second)
        )
        assert expected == pytest.approx(seen)


def test_comparisons_with_itself_change_nothing() -> None:
    results = [("a", "b", 1.0), ("b", "a", 0.5)]
    assert bradley_terry([*results, ("a", "a", 1.0), ("z", "z", 0.5)]) == pytest.approx(bradley_terry(results))


@pytest.mark.parametrize(
    "results",
    [
        [],
        [("a", "a", 1.0)],
        [("a", "b", 1.0)] * 9,
        [("a", "b", 1.0), ("b", "a", 1.0), ("c", "a", 1.0), ("c", "b", 1.0)],
        [("a", "b", 0.5), ("c", "d", 0.5)],
    ],
    ids=["no results", "only itself", "always wins", "one never lost", "never met"],
)
def test_without_an_end_to_the_distance_there_is_no_ranking(results: list[tuple[str, str, float]]) -> None:
    assert bradley_terry(results) is None
