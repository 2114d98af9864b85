"""What no name tells: conversations that grow, chats with a file each, sides that stand apart, objects of programs."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.ingest.homemade.test_odd_logs import samples
from tests.ingest.homemade.test_other_shapes import PAIRS, table, talk
from tests.ingest.homemade.test_own_databases_and_chats import imported


def chat(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {"role": role, "content": text}
        for pair in pairs
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]


@pytest.mark.parametrize("name", ["run", "episode", "case"])
def test_a_column_of_which_each_value_has_one_growing_conversation(tmp_path: Path, name: str) -> None:
    talks = [chat(PAIRS[:2]), chat(PAIRS[2:])]
    rows = [
        {name: number + 1000, "messages": messages[:end], "final": messages[end]["content"]}
        for number, messages in enumerate(talks)
        for end in (1, 3)
    ]
    assert [call.ids.session for call in samples(tmp_path, rows)] == ["1000", "1000", "1001", "1001"]
    rows[1]["messages"] = talks[1][:3]
    assert {call.ids.session for call in samples(tmp_path, rows)} == {None}


def test_a_file_for_each_chat(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "chats.zip", "w") as archive:
        for number in (0, 2):
            lines = [f"{turn['role']},{turn['content']!r}" for turn in chat(PAIRS[number : number + 2])]
            archive.writestr(f"chat {number}.csv", "\n".join(["role,text", *lines]).replace("'", '"'))
    calls = imported(tmp_path / "chats.zip")
    assert [talk(call) for call in calls] == PAIRS
    first, second, third, last = (call.ids.session for call in calls)
    assert first == second != third == last


def test_the_side_that_begins_asks(tmp_path: Path) -> None:
    rows = [
        {"sessionId": f"s{place}", "turns": [
            {"type": "request", "payload": {"type": "text", "payload": asked}},
            {"type": "text", "payload": {"message": f"{said} Anything else?", "delay": 1}},
        ]}
        for place, (asked, said) in enumerate(PAIRS)
    ]  # fmt: skip
    assert [talk(call) for call in samples(tmp_path, rows)] == [
        (one, f"{other} Anything else?") for one, other in PAIRS
    ]


@pytest.mark.parametrize("more", [{"type": "chat", "sources": []}, {"role": "assistant"}, {"finish_reason": "stop"}])
def test_the_object_that_a_program_put_around_an_answer_is_opened(tmp_path: Path, more: dict[str, Any]) -> None:
    rows = [{"prompt": one, "response": json.dumps({"text": other} | more)} for one, other in PAIRS]
    assert [talk(call) for call in table(tmp_path / "a.csv", rows)] == PAIRS


@pytest.mark.parametrize("said", [
    lambda place, text: {"text": text, "type": ("bill", "order")[place % 2]},
    lambda _, text: {"answer": text, "sources": ["a.pdf"], "confidence": 0.5},
    lambda place, text: {"id": place, "content": text, "priority": "high"},
    lambda _, text: {"model": "XPS 1", "text": text},
    lambda _, text: {"type": "refund", "text": text},
])  # fmt: skip
def test_an_object_that_a_model_was_asked_for_stays_whole(tmp_path: Path, said: Any) -> None:
    rows = [
        {"prompt": one, "response": json.dumps(said(*each))}
        for (one, _), each in zip(PAIRS, enumerate("abcd"), strict=True)
    ]
    assert [talk(call)[1] for call in table(tmp_path / "a.csv", rows)] == [row["response"] for row in rows]
