"""Tables with one row per turn: whose turns a prompt may hold, and how many."""

import csv
from pathlib import Path

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample


def turns(path: Path, session: str, count: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["session_id", "role", "content"])
        for number in range(count):
            writer.writerow([session, "user", f"Question {number}"])
            writer.writerow([session, "assistant", f"Answer {number}"])
    return path


@pytest.mark.parametrize("session", ["", " ", "null", "None", "NaN", "\\N", "-"])
def test_turns_without_a_conversation_stand_alone(tmp_path: Path, session: str) -> None:
    rows = list(read_log(open_log(turns(tmp_path / "turns.csv", session, 3))))
    assert [number for number, _ in rows] == [1, 2, 3, 4, 5, 6]
    asked = [item for _, item in rows if isinstance(item, Sample)]
    assert [[message["content"] for message in sample.request.messages] for sample in asked] == [
        ["Question 0"], ["Question 1"], ["Question 2"],
    ]  # fmt: skip
    assert all(sample.ids.session is None and sample.answer is None for sample in asked)
    assert {item.reason for _, item in rows if isinstance(item, Rejection)} == {"only an answer, no prompt"}


def test_a_conversation_is_bounded(tmp_path: Path) -> None:
    found = [item for _, item in read_log(open_log(turns(tmp_path / "turns.csv", "all", 300)))]
    samples = [item for item in found if isinstance(item, Sample)]
    assert len(samples) == 300
    assert samples[99].not_replayable is None
    assert len(samples[99].request.messages) == 199
    assert samples[-1].not_replayable == (
        "more than 200 turns have the id of its conversation, and only the latest are kept"
    )
    assert len(samples[-1].request.messages) == 199
    assert samples[-1].request.messages[-1]["content"] == "Question 299"
