"""Who speaks where bots and people have names in columns of their own, events, first turns beside the others."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Json, Sample

CHATS = [
    [
        "My build fails with exit code 14",
        "Can you share the last lines of the log?",
        "No such module: utils",
        "Install it.",
    ],
    ["Where is my parcel 4711?", "It should arrive tomorrow."],
    ["Can I change the address?", "Yes, open the order and choose Edit.", "And the name?", "That needs a call."],
]
ANSWERS = [chat[at] for chat in CHATS for at in range(1, len(chat), 2)]


def found(path: Path) -> list[tuple[int, Json, str | None]]:
    samples = [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]
    return [
        (len(each.request.messages), each.answer.text if each.answer else None, each.ids.session) for each in samples
    ]


def wanted(names: list[str]) -> list[tuple[int, Json, str | None]]:
    return [(at, chat[at], name) for chat, name in zip(CHATS, names, strict=True) for at in range(1, len(chat), 2)]


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(("person", "bot"), [("user", "bot_id"), ("member", "assistant_name")])
def test_a_bot_s_name_in_a_column_of_its_own_tells_who_speaks(tmp_path: Path, person: str, bot: str) -> None:
    rows = [
        {"type": "message", "ts": f"174124{n}0{at}.000100", "thread_ts": f"174124{n}00.000100", "text": text}
        | ({bot: "B0LLM"} if at % 2 else {person: f"U0{n}"})
        for n, chat in enumerate(CHATS, 100)
        for at, text in enumerate(chat)
    ]
    assert found(written(tmp_path, rows)) == wanted([f"174124{n}00.000100" for n in (100, 101, 102)])


@pytest.mark.parametrize("event", ["event", "activity", "private_note"])
def test_events_between_turns_are_said_by_nobody(tmp_path: Path, event: str) -> None:
    rows = [
        {"sessionId": f"s{n}", "type": side, "text": text}
        for n, chat in enumerate(CHATS)
        for side, text in [
            *((("incoming", "outgoing")[at % 2], text) for at, text in enumerate(chat)),
            (event, "Session closed, survey sent to the customer."),
        ]
    ]
    assert found(written(tmp_path, rows)) == wanted(["s0", "s1", "s2"])


@pytest.mark.parametrize("first", ["source", "first_message"])
def test_the_first_turn_beside_the_list_of_the_others_is_one(tmp_path: Path, first: str) -> None:
    turns = [
        [{"body": text, "author": {"type": ("user", "bot")[at % 2], "id": 7}} for at, text in enumerate(chat)]
        for chat in CHATS
    ]
    rows = [
        {"id": f"c{n}", first: chat[0], "parts": {"total": len(chat) - 1, "parts": chat[1:]}}
        for n, chat in enumerate(turns)
    ]
    assert found(written(tmp_path, rows)) == wanted(["c0", "c1", "c2"])


def test_objects_of_two_events_are_one_call_by_an_id_of_any_name(tmp_path: Path) -> None:
    rows = [
        {"event": event, "trace": f"req_{n}a7", "data": data}
        for n, (question, answer) in enumerate((chat[0], chat[1]) for chat in CHATS)
        for event, data in (
            ("llm.prompt", {"user_text": question}),
            ("llm.completion", {"text": answer, "model": "gpt-4o", "tokens": {"in": 15, "out": 3}}),
        )
    ]
    assert found(written(tmp_path, rows)) == [(1, chat[1], None) for chat in CHATS]


@pytest.mark.parametrize(("asks", "answers"), [("P", "R"), ("F", "A"), ("D", "R"), ("Q", "A")])
def test_questions_by_their_letter_stand_alone(tmp_path: Path, asks: str, answers: str) -> None:
    pairs = [chat[at : at + 2] for chat in CHATS for at in range(0, len(chat), 2)]
    path = tmp_path / "faq.txt"
    path.write_text("\n\n".join(f"{asks}: {question}\n{answers}: {answer}" for question, answer in pairs) + "\n")
    assert [(many, answer) for many, answer, _ in found(path)] == [(1, answer) for answer in ANSWERS]
