"""Whenever a run is killed, resuming it makes exactly the calls that are not stored, and money is counted once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.replay.killing import Survival, survive

KILLS = {2: 2}
"""How often by seed."""


@pytest.fixture(scope="module")
def survivals(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Survival]:
    """The runs by seed, made side by side: most of their time goes into starting processes."""
    folder = tmp_path_factory.mktemp("killed")
    with ThreadPoolExecutor() as pool:
        made = pool.map(lambda item: survive(folder / str(item[0]), item[0], kills=item[1]), KILLS.items())
        return dict(zip(KILLS, made, strict=True))


@pytest.mark.parametrize("seed", KILLS)
def test_a_run_killed_at_any_moment_loses_and_repeats_nothing_that_is_stored(
    survivals: dict[int, Survival], seed: int
) -> None:
    run = survivals[seed]
    printed = run.printed
    assert (printed["status"], printed["failed"], printed["skipped"]) == ("succeeded", 0, 0)
    assert printed["planned"] == printed["succeeded"] == len(run.stored) == run.planned
    assert run.asked_although_stored == []
    assert run.asked_twice == run.lost
    assert printed["cost_usd"] == pytest.approx(run.stored_usd)
    for each in run.kills:
        assert each.in_flight <= run.slots
        assert each.oldest_s < 1.0, "answers wait for their commit, but not long"


@pytest.mark.parametrize("seed", KILLS)
def test_what_was_asked_again_after_a_kill_is_counted(survivals: dict[int, Survival], seed: int) -> None:
    run = survivals[seed]
    assert run.asked_twice <= run.printed["asked_again"] < run.planned
