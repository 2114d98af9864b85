"""Whenever a run is killed, resuming it makes exactly the calls that are not stored, and money is counted once."""

import pytest

from tests.measure.replay.killing import Survival, survive


@pytest.fixture(scope="module")
def survival(tmp_path_factory: pytest.TempPathFactory) -> Survival:
    """A run that was killed twice; the benchmark kills fifty."""
    return survive(tmp_path_factory.mktemp("killed"), 2, kills=2)


@pytest.mark.slow
def test_a_run_killed_at_any_moment_loses_and_repeats_nothing_that_is_stored(survival: Survival) -> None:
    printed = survival.printed
    assert (printed["status"], printed["failed"], printed["skipped"]) == ("succeeded", 0, 0)
    assert printed["planned"] == printed["succeeded"] == len(survival.stored) == survival.planned
    assert survival.asked_although_stored == []
    assert survival.asked_twice == survival.lost
    assert printed["cost_usd"] == pytest.approx(survival.stored_usd)
    for each in survival.kills:
        assert each.in_flight <= survival.slots
        assert each.last + each.older <= 5 * survival.slots, "answers wait for their commit, but not long"


def test_what_was_asked_again_after_a_kill_is_counted(survival: Survival) -> None:
    assert survival.asked_twice <= survival.printed["asked_again"] < survival.planned
