"""One row a turn and no id of the conversation: numbers that begin again, system prompts, names of several people."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table

TALKS = [PAIRS[:2], PAIRS[2:3], PAIRS[1:4]]


def rows(speaker: str, user: str, bot: str, **numbers: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for talk in TALKS:
        for pair, texts in enumerate(talk):
            for side, text in enumerate(texts):
                counts = {"turn": 2 * pair + side, "pair": pair + 1, "all": len(found)}
                told = {name: counts[what] for name, what in numbers.items()}
                found.append({**told, speaker: (user, bot)[side], "utterance": text})
    return found


def talks(path: Path, log: list[dict[str, Any]]) -> list[tuple[int, str, str | None]]:
    return [
        (len(messages), messages[-1]["content"], call.answer.text if call.answer else None)
        for call in table(path, log)
        for messages in [[message for message in call.request.messages if message["role"] != "system"]]
    ]


WANTED = [(2 * at + 1, asked, answered) for talk in TALKS for at, (asked, answered) in enumerate(talk)]


@pytest.mark.parametrize("log", [
    rows("speaker", "patient", "assistant", turn="turn"), rows("from_bot", "no", "yes", step="turn"),
    rows("Sprecher", "Kunde", "Assistent", Reihenfolge="turn"), rows("who", "Customer", "Agent", turn_idx="pair"),
    rows("sender", "user", "model", no="all", turn="turn"), rows("role", "human", "ai", seq="turn")[::-1],
    rows("role", "user", "assistant", message_offset="turn"), rows("wer", "Kunde", "Bot", lfd="turn"),
    rows("role", "user", "assistant", k="turn", n="all"),
])  # fmt: skip
def test_numbers_of_turns_begin_again(tmp_path: Path, log: list[dict[str, Any]]) -> None:
    assert sorted(talks(tmp_path / "a.csv", log)) == sorted(WANTED)


def test_each_conversation_has_its_system_prompt(tmp_path: Path) -> None:
    log = rows("role", "user", "assistant")
    for at in (6, 4, 0):
        log.insert(at, {"role": "system", "utterance": "You work at the desk of a hotel."})
    assert talks(tmp_path / "a.csv", log) == WANTED


def test_one_number_for_all_rows_is_one_conversation(tmp_path: Path) -> None:
    found = talks(tmp_path / "a.csv", rows("role", "user", "assistant", no="all"))
    assert [many for many, _, _ in found] == [2 * at + 1 for at in range(len(WANTED))]


def test_several_people_and_a_bot(tmp_path: Path) -> None:
    log = [
        {"chat": number, "name": ("Ann", "HelpBot")[side], "utterance": text} if number % 2 else
        {"chat": number, "name": ("Bob", "HelpBot")[side], "utterance": text}
        for number, talk in enumerate(TALKS) for texts in talk for side, text in enumerate(texts)
    ]  # fmt: skip
    assert talks(tmp_path / "a.csv", log) == WANTED


@pytest.mark.parametrize(("name", "on", "off"), [
    ("new_conversation", "yes", "no"), ("is_first", 1, 0), ("Neues Gespräch", "true", ""), ("chat_start", "1", "0"),
    ("session_new", True, False),
])  # fmt: skip
@pytest.mark.parametrize("marked", [1, 2])
def test_a_flag_tells_where_a_conversation_begins(tmp_path: Path, name: str, on: Any, off: Any, marked: int) -> None:
    log = rows("role", "user", "assistant", at="turn")
    flagged = [{name: on if row.pop("at") < marked else off, **row} for row in log]
    assert talks(tmp_path / "a.csv", flagged) == WANTED
    assert {call.ids.session for call in table(tmp_path / "a.csv", flagged)}.isdisjoint({str(on), str(off)})


def test_a_flag_names_no_session_of_calls(tmp_path: Path) -> None:
    log = [{"new_session": int(at % 3 == 0), "question": one, "answer": two} for at, (one, two) in enumerate(PAIRS * 2)]
    assert {call.ids.session for call in table(tmp_path / "a.csv", log)} == {None}


@pytest.mark.parametrize("names", [("0", "1"), ("Ann", "Bob"), ("s9", "s10")])
def test_two_conversations_are_no_flag(tmp_path: Path, names: tuple[str, str]) -> None:
    log = [
        {"conversation": name, "role": role, "text": text}
        for name in names
        for pair in PAIRS
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    assert {call.ids.session for call in table(tmp_path / "a.csv", log)} == set(names)


def test_numbers_with_a_word_and_others_that_tell_nothing(tmp_path: Path) -> None:
    log = rows("role", "user", "assistant", step="turn")
    told = [row | {"step": f"Turn {row['step']}", "stars": at % 3} for at, row in enumerate(log)]
    assert talks(tmp_path / "a.csv", told) == WANTED
    rated = [row | {"step": "", "stars": at % 3, "chat": at // 6} for at, row in enumerate(log)]
    assert talks(tmp_path / "b.csv", rated)[:3] == [(1, *PAIRS[0]), (3, *PAIRS[1]), (5, *PAIRS[2])]


def test_numbers_begin_again_in_one_list(tmp_path: Path) -> None:
    log = rows("from_user", "true", "false", step="turn")
    found = calls_in(tmp_path / "a.json", json.dumps({"exported": "2025-05-01", "turns": log}))
    assert [len(call.request.messages) for call in found] == [many for many, _, _ in WANTED]
    assert len({call.ids.session for call in found}) == len(TALKS)


def test_an_id_outweighs_numbers_that_begin_again(tmp_path: Path) -> None:
    log = [{"session_id": "s-1", **row} for row in rows("role", "user", "assistant", turn="turn")]
    log += [{"session_id": "s-2", **row} for row in rows("role", "user", "assistant", turn="turn")[:4]]
    whole = [(2 * at + 1, asked, said) for at, (_, asked, said) in enumerate(WANTED)]
    assert talks(tmp_path / "a.csv", log) == [*whole, *WANTED[:2]]
    assert talks(tmp_path / "b.csv", [row | {"turn": 0} for row in log[-4:]]) == WANTED[:2]
    assert talks(tmp_path / "c.csv", [log[-4], *log[-4:][::-1][:3]]) == WANTED[:2]


def test_a_greeting_before_each_conversation_without_a_header(tmp_path: Path) -> None:
    said = [(at, side, text) for at, talk in enumerate(TALKS) for pair in talk for side, text in enumerate(pair)]
    greeted = {at: ["bot", "Hello, what can I do for you?", f"conv-{at}4"] for at in range(len(TALKS))}
    log = [row for at in greeted for row in (greeted[at], *(
        [("user", "bot")[side], text, f"conv-{at}4"] for of, side, text in said if of == at))]  # fmt: skip
    found = calls_in(tmp_path / "a.csv", "\n".join('"' + '","'.join(row) + '"' for row in log))
    assert [len(call.request.messages) for call in found] == [many + 1 for many, _, _ in WANTED]


def under_one_id(name: str, numbers: str) -> list[dict[str, Any]]:
    said = [(side, text) for pair in PAIRS + PAIRS for side, text in zip(("user", "assistant"), pair, strict=True)]
    return [
        {"conversation_id": "c1", "role": role, "text": text, name: number}
        for (role, text), number in zip(said, (numbers * len(said))[: len(said)], strict=True)
    ]


@pytest.mark.parametrize(("name", "numbers"), [
    ("retry_count", "0000112200"), ("escalation_level", "00112233000"), ("sentiment", "0120"), ("step", "01"),
    ("step", "0123"), ("stars", "012301"), ("turn", "1234"),
])  # fmt: skip
def test_other_counts_cut_no_conversation_that_has_an_id(tmp_path: Path, name: str, numbers: str) -> None:
    found = talks(tmp_path / "a.csv", under_one_id(name, numbers))
    assert found == [(2 * at + 1, *pair) for at, pair in enumerate(PAIRS + PAIRS)]
    timed = [{"time": f"2025-05-01 10:{at:02}:00", **row} for at, row in enumerate(under_one_id(name, numbers))]
    assert talks(tmp_path / "b.csv", timed[::-1]) == found


@pytest.mark.parametrize(("name", "numbers"), [
    ("sentiment", "012001"), ("stars", "0120010"), ("first_contact_resolution", "0110"),
    ("is_new_customer", "1100"), ("is_new", "0001"), ("new_message", "1110"), ("first_chat", "1111000000"),
])  # fmt: skip
def test_moods_and_other_flags_begin_no_conversation(tmp_path: Path, name: str, numbers: str) -> None:
    log = [{key: cell for key, cell in row.items() if key != "conversation_id"} for row in under_one_id(name, numbers)]
    assert talks(tmp_path / "a.csv", log) == [(2 * at + 1, *pair) for at, pair in enumerate(PAIRS + PAIRS)]


@pytest.mark.parametrize("flag", ["new_conversation", "first_contact_resolution", "is_first"])
def test_numbers_that_begin_again_outweigh_a_flag(tmp_path: Path, flag: str) -> None:
    log = [row | {flag: "yes" if at % 2 else "no"} for at, row in enumerate(rows("role", "user", "bot", turn="turn"))]
    assert talks(tmp_path / "a.csv", log) == WANTED


@pytest.mark.parametrize("has_times", [True, False])
def test_a_flag_in_a_file_with_the_newest_first(tmp_path: Path, has_times: bool) -> None:
    log = [
        {"new_conversation": ("no", "yes")[row["turn"] == 0], "role": row["role"], "text": row["utterance"]}
        | ({"time": f"2025-05-01 10:{at:02}:00"} if has_times else {})
        for at, row in enumerate(rows("role", "user", "bot", turn="turn"))
    ]
    assert sorted(talks(tmp_path / "a.csv", log[::-1])) == sorted(WANTED)
    assert talks(tmp_path / "b.csv", log[2:]) == [(1, *WANTED[1][1:]), *WANTED[2:]]
    assert talks(tmp_path / "c.csv", log[2:7]) == [(1, *WANTED[1][1:]), WANTED[2], (1, WANTED[3][1], None)]


@pytest.mark.parametrize(("column", "names"), [
    ("chat", ("alice", "bob")), ("conversation", ("A", "B")), ("thread", ("sales", "support")), ("session", ("0", "1")),
    ("session", ("1", "0")), ("chat", ("1", "0")),
])  # fmt: skip
@pytest.mark.parametrize("is_mixed", [True, False])
def test_two_names_are_two_conversations(tmp_path: Path, column: str, names: tuple[str, str], is_mixed: bool) -> None:
    said = list(product(range(4), range(2), range(2)))
    log = [
        {column: names[at], "role": ("user", "assistant")[side], "text": PAIRS[pair][side]}
        for pair, at, side in (said if is_mixed else sorted(said, key=lambda each: each[1]))
    ]
    assert {call.ids.session for call in table(tmp_path / "a.csv", log)} == {*names}
    wanted = [(2 * at + 1, *pair) for at, pair in enumerate(PAIRS)]
    assert sorted(talks(tmp_path / "a.csv", log)) == sorted(wanted * 2)


def test_sessions_of_calls_that_begin_with_a_long_one(tmp_path: Path) -> None:
    numbers = [1] * 50 + [2] * 30 + [3] * 40
    turns = [
        {"session": number, "role": role, "text": f"{text} ({at})"}
        for at, number in enumerate(numbers)
        for role, text in zip(("user", "assistant"), PAIRS[at % 4], strict=True)
    ]
    assert {call.ids.session for call in table(tmp_path / "a.csv", turns)} == {"1", "2", "3"}
    calls = [
        {"session": number, "question": f"{PAIRS[at % 4][0]} ({at})", "answer": PAIRS[at % 4][1]}
        for at, number in enumerate(numbers)
    ]
    assert {call.ids.session for call in table(tmp_path / "b.csv", calls)} == {"1", "2", "3"}


@pytest.mark.parametrize("labels", [("happy", "angry", "neutral"), (4, 2, 5)])
def test_a_mood_that_comes_again_names_no_conversation(tmp_path: Path, labels: tuple[object, ...]) -> None:
    def session(moods: list[object], name: str = "mood") -> str | None:
        found = rows("role", "user", "assistant")
        path = tmp_path / "log.jsonl"
        path.write_text("\n".join(json.dumps({**row, name: moods[at]}) for at, row in enumerate(found)))
        layout = open_log(path).layout
        return layout.turns.session if layout and layout.turns else "no turns"

    many = len(rows("role", "user", "assistant"))
    assert session([labels[at // 2 % 3] for at in range(many)]) is None
    assert session([labels[3 * at // many] for at in range(many)]) == "mood"
    once: list[object] = [4 if many - 2 <= at or at < 2 else 10 + at // 2 for at in range(many)]
    assert (session(once), session(once, "rating")) == ("mood", None)
