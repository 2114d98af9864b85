"""Whatever breaks: no answer that was stored is lost, none is paid twice, and a resumed run is whole."""

from pathlib import Path

import pytest

from tests.measure.replay.breaking import FAULTS, SLOTS, break_it

KILLS = ("kill -9 of the worker", "kill -9 of the app")
IN_PART = {
    "one provider dies": "succeeded, partial, exit code 3",
    "full disk, resumed": "failed",
    **dict.fromkeys((*KILLS, "power loss in a commit"), "running"),
}
"""How a run had ended before it was resumed, where it was not whole at once."""


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "kill -9 of the command"])  # has its own file
def test_nothing_that_is_stored_is_lost_or_paid_twice(tmp_path: Path, fault: str) -> None:
    damage = break_it(tmp_path, fault)
    assert (damage.lost, damage.paid_twice) == (0, 0)
    assert damage.finished == damage.planned
    assert damage.ended == IN_PART.get(fault, "succeeded")
    if fault in KILLS:
        # How close the count is depends on the machine's load: benchmarks/bench_survival.py measures it.
        assert 0 < damage.counted <= 5 * SLOTS
        assert damage.in_hand <= 5 * SLOTS
    elif fault == "full disk, resumed":
        assert damage.in_hand <= 2 * damage.counted
    elif fault not in IN_PART:
        assert damage.in_hand == 0
