"""Stratified samples: repeatable, fair to small use cases, repeats as often as they come in the log."""

import pandas as pd
import pytest

from advisor.analysis.sampling import draw_samples, share_of_model, share_places


def facts(sizes: dict[str, int]) -> pd.DataFrame:
    frame = pd.DataFrame({"use_case": [name for name, size in sizes.items() for _ in range(size)]})
    return frame.assign(id=range(1, len(frame) + 1))


def test_the_same_seed_draws_the_same_samples() -> None:
    frame = facts({"a": 200, "b": 50})
    first = draw_samples(frame, {"a": 73, "b": 36}, 60, seed=5)
    assert first == draw_samples(frame, {"a": 73, "b": 36}, 60, seed=5)
    assert first != draw_samples(frame, {"a": 73, "b": 36}, 60, seed=6)
    assert len(set(first)) == 60


@pytest.mark.parametrize("size", [1, 2, 3, 20, 150, 999])
def test_places_are_all_given_and_never_more_than_there_are(size: int) -> None:
    available = {"big": 500, "small": 4, "middle": 90}
    places = share_places(available, {"big": 73, "small": 36, "middle": 73}, size)
    assert sum(places.values()) == min(size, 594)
    assert all(places[name] <= available[name] for name in available)


def test_a_small_use_case_is_not_swamped_by_a_large_one() -> None:
    places = share_places({"big": 10_000, "rare": 60}, {"big": 73, "rare": 73}, 100)
    assert places == {"big": 50, "rare": 50}


def test_a_slow_model_answers_as_many_of_every_use_case() -> None:
    use_cases = {n: "a" if n < 80 else "b" for n in range(100)}
    part = share_of_model(use_cases, 10, seed=1)
    assert pd.Series([use_cases[n] for n in part]).value_counts().to_dict() == {"a": 5, "b": 5}
    assert share_of_model(use_cases, None, seed=1) == list(use_cases)
