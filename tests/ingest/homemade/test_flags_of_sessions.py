"""Columns of yes and no beside turns and calls: they name no session, and some tell where a conversation begins."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.types import Sample
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table

Rows = list[dict[str, Any]]
TALKS = [PAIRS[:2], PAIRS[2:3], PAIRS[1:4], PAIRS[:1], PAIRS[2:]]
WANTED = sorted((2 * at + 1, *pair) for talk in TALKS for at, pair in enumerate(talk))
YES_AND_NO = [
    (1, 0),
    (True, False),
    ("true", "false"),
    ("Y", "N"),
    ("yes", "no"),
    ("ja", "nein"),
    (1.0, 0.0),
    ("x", ""),
]
SINGLE = [[pair] for pair in PAIRS * 2]


def lines(path: Path, log: Rows) -> list[Sample]:
    return calls_in(path.with_suffix(".jsonl"), "\n".join(map(json.dumps, log)))


CONTAINERS = [table, lines]


def rows(talks: list[list[tuple[str, str]]] = TALKS) -> Rows:
    """``at``: the place of a turn in its conversation, which ``talk`` numbers."""
    return [
        {"talk": number, "at": 2 * pair + side, "role": ("user", "assistant")[side], "text": text}
        for number, talk in enumerate(talks)
        for pair, texts in enumerate(talk)
        for side, text in enumerate(texts)
    ]


def flagged(log: Rows, name: str, is_set: Callable[[dict[str, Any]], bool], values: tuple[Any, Any] = (1, 0)) -> Rows:
    return [{name: values[not is_set(row)], "role": row["role"], "text": row["text"]} for row in log]


def timed(log: Rows) -> Rows:
    return [{"time": f"2025-05-01 10:{at:02}:00", **row} for at, row in enumerate(log)]


def talks(calls: list[Sample]) -> list[tuple[int, str, str | None]]:
    return sorted(
        (len(call.request.messages), call.request.messages[-1]["content"], call.answer.text if call.answer else None)
        for call in calls
    )


WHOLE = sorted((2 * at + 1, *pair) for at, pair in enumerate(pair for talk in TALKS for pair in talk))
FLAGS = [
    "session_active", "chat_closed", "chat_resolved", "conversation_escalated", "session_expired", "thread_open",
    "has_session_id", "in_session", "chatGeschlossen", "会话已关闭", "ticket_solved", "sesion_cerrada", "session_ok",
]  # fmt: skip


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("values", YES_AND_NO)
def test_a_flag_names_no_session(tmp_path: Path, name: str, values: tuple[Any, Any]) -> None:
    read = CONTAINERS[FLAGS.index(name) % 2]
    for is_set in (lambda row: row["talk"] % 2 == 0, lambda row: row["at"] == 1, lambda row: row["talk"] > 1):
        log = flagged(rows(), name, is_set, values)
        for each in (log, timed(log)[::-1]):
            assert talks(read(tmp_path / "a.csv", each)) == WHOLE
        calls = [
            {name: one[name], "question": one["text"], "answer": two["text"]}
            for one, two in zip(log[::2], log[1::2], strict=True)
        ]
        assert {call.ids.session for call in read(tmp_path / "b.csv", calls)} == {None}


@pytest.mark.parametrize(("name", "ids"), [
    ("session", (0, 1)), ("session_id", (1, 2)), ("session_id", (1, 0)), ("chat", ("alice", "bob")),
    ("chat_no", (0, 1)), ("conversation", ("A", "B")), ("conversation_nr", (1, 0)), ("Sitzung", (0, 1)),
    ("thread_ref", (0, 1)), ("sessionKey", ("0", "1")), ("chat_uuid", (1, 0)), ("会话编号", (0, 1)),
    ("conv_hash", ("x", "y")), ("user_session_id", (1, 0)), ("chatRoomId", ("0", "1")),
    ("web_conversation_id", (0, 1)), ("dialog_idx", (0, 1)),
])  # fmt: skip
@pytest.mark.parametrize("is_mixed", [True, False])
@pytest.mark.parametrize("read", CONTAINERS)
def test_an_id_of_two_values_names_sessions(
    tmp_path: Path, name: str, ids: tuple[Any, Any], is_mixed: bool, read: Any
) -> None:
    log = [{name: ids[of], "role": row["role"], "text": row["text"]} for row in rows([PAIRS]) for of in range(2)]
    log = log if is_mixed else sorted(log, key=lambda row: ids.index(row[name]))
    assert {call.ids.session for call in read(tmp_path / "a.csv", log)} == set(map(str, ids))
    calls = [{name: ids[at % 2], "question": one, "answer": two} for at, (one, two) in enumerate(PAIRS * 2)]
    assert {call.ids.session for call in read(tmp_path / "b.csv", calls)} == set(map(str, ids))


def test_an_id_may_be_one_word(tmp_path: Path) -> None:
    log = [{"Gesprächsnummer": of, "role": row["role"], "text": row["text"]} for row in rows([PAIRS]) for of in (0, 1)]
    assert {call.ids.session for call in table(tmp_path / "a.csv", log)} == {"0", "1"}


BEGINNINGS = [
    "is_first_in_conversation", "first_in_session", "is_first_message_of_session", "session_first", "is_start",
    "first_user_message", "first_turn_of_chat", "new_conversation_flag", "isFirstMessage", "Neues Gespräch", "is_first",
    "nueva_conversacion", "premier_message", "新会话", "Gesprächsbeginn", "start_of_session", "session_started",
    "chat_opened", "새_대화", "会話の最初",
]  # fmt: skip


@pytest.mark.parametrize("name", BEGINNINGS)
@pytest.mark.parametrize("values", YES_AND_NO)
@pytest.mark.parametrize("marked", [1, 2])
def test_a_flag_of_first_rows_parts_conversations(
    tmp_path: Path, name: str, values: tuple[Any, Any], marked: int
) -> None:
    log = flagged(rows(), name, lambda row: row["at"] < marked, values)
    for at, each in enumerate((log, log[::-1], timed(log), timed(log)[::-1])):
        assert talks(CONTAINERS[at % 2](tmp_path / "a.csv", each)) == WANTED


OTHERS = [
    "first_contact_resolution", "first_visit", "new_customer", "new_feature", "is_new", "new_message",
    "first_time_user",
    "erstkontakt", "is_new_user", "neukunde", "first_chat", "start_date_known", "first_session", "nuevo_cliente",
    "opened_ticket",
]  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("values", YES_AND_NO)
def test_other_flags_part_none(tmp_path: Path, name: str, values: tuple[Any, Any]) -> None:
    for is_set in (lambda row: row["at"] == 0, lambda row: row["talk"] % 2 == 0, lambda row: row["at"] < 2):
        log = flagged(rows(), name, is_set, values)
        assert talks(table(tmp_path / "a.csv", log)) == WHOLE


@pytest.mark.parametrize("name", BEGINNINGS)
def test_rows_that_begin_nothing_part_none(tmp_path: Path, name: str) -> None:
    for is_set in (
        lambda row: row["at"] % 4 in (1, 2),
        lambda row: row["role"] == "assistant",
        lambda row: row["at"] > 0,
    ):
        assert (
            talks(table(tmp_path / "a.csv", flagged(rows([PAIRS, PAIRS]), name, is_set)))[-1][0] == 4 * len(PAIRS) - 1
        )


@pytest.mark.parametrize("name", ["new_conversation", "is_first_turn", "新会话", "first_in_session"])
@pytest.mark.parametrize("sides", [("user", "assistant"), ("user",)])
@pytest.mark.parametrize("read", CONTAINERS)
def test_each_turn_may_begin_one(tmp_path: Path, name: str, sides: tuple[str, ...], read: Any) -> None:
    log = flagged(rows(SINGLE), name, lambda row: row["role"] in sides)
    for each in (log, timed(log), timed(log)[::-1]):
        assert talks(read(tmp_path / "a.csv", each)) == sorted((1, *pair) for pair in PAIRS * 2)


def test_a_session_that_has_begun_goes_on(tmp_path: Path) -> None:
    log = flagged(rows(SINGLE), "session_started", lambda _: True)
    assert talks(table(tmp_path / "a.csv", log))[-1][0] == 4 * len(PAIRS) - 1


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_greeting_belongs_to_the_conversation_after_it(tmp_path: Path, is_marked: bool) -> None:
    log = [
        row
        for each in rows()
        for row in ([each | {"at": -1, "role": "assistant", "text": "Hello!"}] if each["at"] == 0 else []) + [each]
    ]
    found = talks(table(tmp_path / "a.csv", flagged(log, "new_chat", lambda row: row["at"] == -is_marked)))
    assert [each for each in found if each[2] != "Hello!"] == [(many + 1, *said) for many, *said in WANTED]


@pytest.mark.parametrize("name", ["is_first_message", "new_conversation", "Neues Gespräch"])
@pytest.mark.parametrize("number", [None, "id", "row"])
@pytest.mark.parametrize("read", CONTAINERS)
def test_chats_without_a_last_answer_stay_in_their_order(
    tmp_path: Path, name: str, number: str | None, read: Any
) -> None:
    """Two of twelve, a third, and half of them."""
    for unanswered in ((3, 7), (1, 4, 7, 10), (1, 3, 5, 7, 9, 11)):
        log = [row for row in rows([PAIRS[:2], PAIRS[2:]] * 6) if not (row["talk"] in unanswered and row["at"] == 3)]
        numbered = [
            {number or "x": at if number else "", **row} for at, row in enumerate(flagged(log, name, _is_first))
        ]
        calls = read(tmp_path / "a.csv", numbered)
        assert sorted(len(call.request.messages) for call in calls) == [1] * 12 + [3] * 12
        assert len([call for call in calls if not call.answer]) == len(unanswered)


def _is_first(row: dict[str, Any]) -> bool:
    return row["at"] == 0


def test_without_a_time_the_newest_first_are_read_backwards(tmp_path: Path) -> None:
    log = flagged(rows(), "new_chat", _is_first)[::-1]
    assert talks(table(tmp_path / "a.csv", log)) == WANTED
    downwards = [{"id": len(log) - at, **row} for at, row in enumerate(log)]
    assert talks(table(tmp_path / "b.csv", downwards)) == WANTED


ORDERS = ["row_number", "line_no", "event_index", "turn_id", "sort_order", "step", "message_order", "idx"]


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("read", CONTAINERS)
def test_an_order_of_0_and_1_in_each_chat(tmp_path: Path, name: str, read: Any) -> None:
    log = [{"chat_id": f"c{row['talk']}", name: row["at"], **row} for row in rows(SINGLE)]
    found = [{key: row[key] for key in ("chat_id", name, "role", "text")} for row in log]
    swapped = [row for pair in zip(found[1::2], found[::2], strict=True) for row in pair]
    assert talks(read(tmp_path / "a.csv", swapped)) == sorted((1, *pair) for pair in PAIRS * 2)


@pytest.mark.parametrize("name", ["is_first_turn", "first_message", "message_edited", "row_flag"])
def test_a_flag_of_1_and_0_in_each_chat_is_no_order(tmp_path: Path, name: str) -> None:
    log = [
        {"chat_id": f"c{row['talk']}", name: 1 - row["at"], "role": row["role"], "text": row["text"]}
        for row in rows(SINGLE)
    ]
    assert talks(table(tmp_path / "a.csv", log)) == sorted((1, *pair) for pair in PAIRS * 2)
