"""How far a job is, from codes and numbers."""

import pytest

from advisor.text.progress import progress_words, share_done, time_left
from advisor.types import JobPhase, Progress


@pytest.mark.parametrize(
    ("done", "total", "share"), [(None, None, None), (0, 10, None), (5, None, None), (5, 10, 0.5), (11, 10, 1.0)]
)
def test_a_share_needs_a_whole(done: int | None, total: int | None, share: float | None) -> None:
    assert share_done(Progress(phase=JobPhase.READING, subject="log.jsonl", done=done, total=total)) == share


@pytest.mark.parametrize("phase", JobPhase)
def test_every_phase_has_words_with_and_without_numbers(phase: JobPhase) -> None:
    for numbers in ({}, {"done": 0}, {"done": 4_500, "total": 9_000}):
        words = progress_words(Progress(phase=phase, subject="s", **numbers))
        assert words
        assert ("50%" in words) is ("total" in numbers)


@pytest.mark.parametrize(("left_s", "number"), [(3.0, "10 s"), (68.0, "70 s"), (94.0, "90 s"), (100.0, "2 min")])
def test_a_time_left_is_told_in_tens_of_seconds_at_the_end(left_s: float, number: str) -> None:
    assert time_left(left_s, is_done=False) == f"about {number}"
    assert number not in time_left(left_s, is_done=True)
