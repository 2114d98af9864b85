"""Tables of turns without times that stand newest first, or begin with a greeting."""

import csv
from pathlib import Path

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.text.import_findings import import_finding
from advisor.types import Message, Sample
from advisor.types.codes import CallNote

CHATS = {
    "c0": ["Where is my parcel 4711?", "It left Lyon this morning.", "Can I change the address?", "Yes, choose Edit."],
    "c1": ["How do I reset my password?", "Use the link on the sign-in page."],
    "c2": ["Do you ship to Norway?", "Yes, in five days.", "And what does it cost?", "Shipping is 12 euros."],
}
ROWS = [(name, ("user", "assistant")[at % 2], text) for name, chat in CHATS.items() for at, text in enumerate(chat)]
PAIRS = [(chat[at], chat[at + 1]) for chat in CHATS.values() for at in range(0, len(chat), 2)]


def found(folder: Path, head: list[str], rows: list[tuple[object, ...]]) -> tuple[set[tuple[str, str]], set[CallNote]]:
    """The last question and the answer of each call, and what was noted."""
    path = folder / "log.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    calls = [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]
    pairs = {(call.request.messages[-1]["content"], call.answer.text or "") for call in calls if call.answer}
    return pairs, {note for call in calls for note in call.notes}


def greeted(*greetings: str) -> list[tuple[object, ...]]:
    """Each conversation after a greeting, with a last question that nobody answered."""
    return [
        (name, role, text)
        for (name, chat), greeting in zip(CHATS.items(), greetings, strict=True)
        for role, text in [("assistant", greeting), *[row[1:] for row in ROWS if row[0] == name], ("user", "Thanks!")]
    ]


def test_conversations_that_stand_newest_first_are_read_upwards(tmp_path: Path) -> None:
    head = ["conversation_id", "role", "text"]
    assert found(tmp_path, head, [*ROWS[::-1]]) == ({*PAIRS}, {CallNote.NEWEST_FIRST})
    within = [row for name in CHATS for row in ROWS[::-1] if row[0] == name]
    assert found(tmp_path, head, [*within]) == ({*PAIRS}, {CallNote.NEWEST_FIRST})
    assert found(tmp_path, head, [*ROWS]) == ({*PAIRS}, set())


def test_a_whole_table_newest_first_is_read_upwards(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [row[1:] for row in ROWS[::-1]]
    assert found(tmp_path, ["role", "text"], rows) == ({*PAIRS}, {CallNote.NEWEST_FIRST})


def test_a_short_conversation_is_read_as_it_stands(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        ("assistant", "You've reached Acme."),
        ("user", "Do you ship?"),
        ("assistant", "Yes."),
    ]
    pairs, notes = found(tmp_path, ["role", "text"], [*rows, ("user", "Thanks")])
    assert (pairs >= {("Do you ship?", "Yes.")}, notes) == (True, {CallNote.ANSWERS_FIRST})


def test_a_row_s_number_tells_the_order(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [(at, *row) for at, row in enumerate(ROWS[::-1], 100)]
    assert found(tmp_path, ["id", "conversation_id", "role", "text"], rows)[1] == set()


@pytest.mark.parametrize("greetings", [["What can I do for you?"] * 3, ["Hi Ann!", "Hi Bo!", "Hi Cy!"]])
def test_a_greeting_comes_first_and_it_is_said(tmp_path: Path, greetings: list[str]) -> None:
    pairs, notes = found(tmp_path, ["conversation_id", "role", "text"], greeted(*greetings))
    assert ({*PAIRS} <= pairs, notes) == (True, {CallNote.ANSWERS_FIRST})
    rows: list[tuple[object, ...]] = [row[1:] for row in greeted(*greetings)]
    pairs, notes = found(tmp_path, ["role", "text"], rows)
    assert ({*PAIRS} <= pairs, notes) == (True, {CallNote.ANSWERS_FIRST})


def test_the_import_says_which_way_it_read() -> None:
    assert import_finding(Message.of(CallNote.NEWEST_FIRST, calls=3)) == (
        "The table starts with answers: read newest first. Is that right?"
    )
    assert "read as it stands" in import_finding(Message.of(CallNote.ANSWERS_FIRST, calls=3))
