"""The fault matrix: each thing that can break, and what it cost."""

from pathlib import Path

import pytest

from tests.measure.replay import breaking


def test_fault_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaking, "LOCKED_S", 60.0)
    monkeypatch.setattr(breaking, "FULL_S", 20.0)
    monkeypatch.setattr(breaking, "DOWN_S", 20.0)
    with capsys.disabled():
        print("\n| fault | planned | finished | lost | paid twice | in hand, asked again | counted, at most | ended |")
        print("|---|---|---|---|---|---|---|---|")
        for number, fault in enumerate(breaking.FAULTS):
            damage = breaking.break_it(tmp_path / str(number), fault)
            print(
                f"| {fault} | {damage.planned} | {damage.finished} | {damage.lost} | {damage.paid_twice} "
                f"| {damage.in_hand} | {damage.counted} | {damage.ended} |",
                flush=True,
            )
            assert (damage.lost, damage.paid_twice, damage.finished) == (0, 0, damage.planned)
