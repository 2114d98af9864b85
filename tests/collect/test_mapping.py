"""Presets as a person works with them, and what a choice of columns would read."""

import json
from pathlib import Path

import pytest

from advisor.collect.mapping import (
    columns_of,
    exactly,
    guess_paths,
    is_absent,
    make_preset,
    paths_of,
    preset_for,
    problems_of,
    values_of,
)
from advisor.collect.previews import look_at
from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.store import Store
from advisor.store.log.presets import delete_preset, find_presets
from advisor.types import Sample

HEADERS = ("q", "a", "when", "ms", "who")
COLUMNS = {"prompt": "q", "answer": "a"}

NESTED = [
    {"ev": {"when": "2026-03-01T10:00:00Z", "dur": "1.5 s"}, "payload": {"q_text": "Hi", "resp_text": "Yo"}, "eng": 7},
    {"ev": {"when": "2026-03-01T10:01:00Z", "dur": "900 ms"}, "payload": {"q_text": "Ho", "resp_text": ""}, "eng": 7},
]


def test_a_preset_is_used_for_the_next_file_with_these_headers(store: Store) -> None:
    made = make_preset(store, "  Our   gateway ", HEADERS, COLUMNS)
    assert made.name == "Our gateway"
    assert preset_for(store, tuple(reversed(HEADERS))) == made
    assert columns_of(store, "Our gateway") == COLUMNS


def test_a_key_more_or_less_does_not_matter_but_another_file_is_only_offered_it(store: Store) -> None:
    made = make_preset(store, "Our gateway", HEADERS, COLUMNS)
    assert preset_for(store, (*HEADERS, "error")) == made
    other = ("q", "a", "x", "y", "z")
    assert preset_for(store, other) is None
    assert find_presets(store, other) == [made]
    assert find_presets(store, ("x", "y")) == []


@pytest.mark.parametrize(
    ("name", "columns", "words"),
    [
        (" ", COLUMNS, "needs a name"),
        ("x" * 81, COLUMNS, "1 to 80 characters"),
        ("Mine", {"answer": "a"}, "Map the prompt column"),
        ("Mine", {"prompt": "q", "colour": "a"}, "'colour' isn't a column type"),
    ],
)
def test_a_useless_preset_is_refused(store: Store, name: str, columns: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        make_preset(store, name, HEADERS, columns)
    assert find_presets(store, HEADERS) == []


def test_an_unknown_name_is_answered_with_those_there_are(store: Store) -> None:
    with pytest.raises(BadInput, match="No preset is saved yet"):
        columns_of(store, "Mine")
    make_preset(store, "Our gateway", HEADERS, COLUMNS)
    with pytest.raises(BadInput, match="Saved presets: Our gateway"):
        columns_of(store, "Mine")
    delete_preset(store, "Our gateway")
    with pytest.raises(BadInput, match="No preset is saved yet"):
        columns_of(store, "Our gateway")


def test_columns_are_guessed_deep_in_unknown_records() -> None:
    assert paths_of(NESTED) == ("ev", "ev.when", "ev.dur", "payload", "payload.q_text", "payload.resp_text", "eng")
    assert guess_paths(NESTED) == {
        "time": "ev.when",
        "prompt": "payload.q_text",
        "answer": "payload.resp_text",
        "latency": "ev.dur",
    }
    assert guess_paths([{"body": {"question": "Hi", "model": "gpt-4o"}, "id": "7"}]) == {
        "prompt": "body.question",
        "model": "body.model",
        "id": "id",
    }


def test_numbers_are_no_times_and_prose_is_no_model() -> None:
    assert guess_paths([{"x": "1234567890", "y": "Grok it yourself, gpt", "z": "12.5"}]) == {}
    assert guess_paths([{"x": "openai/gpt-4o", "y": "03.02.2026 12:00"}]) == {"model": "x", "time": "y"}


def test_values_are_shown_as_the_import_reads_them(tmp_path: Path) -> None:
    columns = {"prompt": "payload.q_text", "answer": "payload.resp_text", "time": "ev.when", "latency": "ev.dur"}
    path = tmp_path / "odd.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in NESTED))
    samples = [item for _, item in read_log(open_log(path, columns=columns)) if isinstance(item, Sample)]
    read = {column: [value.read for value in values_of(NESTED, column, columns)] for column in columns.values()}
    assert read["payload.q_text"] == ["user: Hi", "user: Ho"]
    assert read["payload.resp_text"] == ["Yo", ""]
    assert read["ev.when"] == [f"{sample.metered.at:%Y-%m-%d %H:%M:%S} UTC" for sample in samples]
    assert read["ev.dur"] == [f"{sample.metered.latency_s:g} s" for sample in samples] == ["1.5 s", "0.9 s"]


def test_messages_in_a_cell_are_shown_decoded() -> None:
    record = {"chat": "[{'role': 'system', 'content': 'Be brief'}, {'role': 'user', 'content': 'Hi'}]"}
    (value,) = values_of([record], "chat", {"messages": "chat"})
    assert value.read == "system: Be brief\nuser: Hi"


def test_values_are_read_before_a_prompt_is_chosen() -> None:
    record = {"t": "billing", "n": "1.234", "p": "$0,02", "at": "31/01/2026 10:00"}
    columns = {"use_case": "t", "input_tokens": "n", "cost": "p", "time": "at"}
    read = {role: values_of([record], column, columns)[0].read for role, column in columns.items()}
    assert read == {"use_case": "billing", "input_tokens": "1,234", "cost": "$0.02", "time": "2026-01-31 10:00:00 UTC"}


@pytest.mark.parametrize(
    ("role", "cell", "read"),
    [
        ("any_of", "Paris|paris", "Paris or paris"),
        ("any_of", [["a"], {"b": 1}], '["a"] or {"b":1}'),
        ("target", {"any_of": ["Paris", "paris"]}, "Paris or paris"),
        ("target", "Paris", "Paris"),
    ],
)
def test_several_right_answers_are_shown_as_such(role: str, cell: object, read: str) -> None:
    (value,) = values_of([{"q": "Hi", "t": cell}], "t", {"prompt": "q", role: "t"})
    assert value.read == read


def test_a_row_that_would_be_rejected_says_why() -> None:
    (value,) = values_of([{"q": " "}], "q", {"prompt": "q"})
    assert value.read == "(skipped row: no prompt found)"


def test_problems_are_said_in_words() -> None:
    records = [{"q": "Hi", "when": f"day {n}", "cost": "0.1" if n else "free", "empty": ""} for n in range(50)]
    assert problems_of(records, {"answer": "q"})[0].startswith("No column holds the prompt.")
    assert problems_of(records, {"prompt": "q"}) == []
    (time,) = problems_of(records, {"prompt": "q", "time": "when"})
    assert "'when': none of 50 values can be read as a time" in time
    assert "'day 0'" in time
    (cost,) = problems_of(records, {"prompt": "q", "cost": "cost"})
    assert "only 49 of 50 values can be read as an amount" in cost
    (empty,) = problems_of(records, {"prompt": "q", "model": "empty"})
    assert "'empty' is empty in the first 50 rows" in empty
    assert any("is used twice" in each for each in problems_of(records, {"prompt": "q", "answer": "q"}))


def test_a_guess_that_a_person_took_away_stays_away(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("question,reply,context\nHi,Yo,shop\n")
    assert open_log(path).columns["system"] == "context"
    columns = exactly({"prompt": "question", "answer": "reply"}, ("question", "reply", "context"))
    assert is_absent(columns["system"])
    (item,) = [item for _, item in read_log(open_log(path, columns=columns))]
    assert isinstance(item, Sample)
    assert [message["role"] for message in item.request.messages] == ["user"]


ASKED = ["Do you ship to Norway?", "Can I pay by invoice?", "Where is my order?"]
SAID = ["Yes, we ship there for 9.90 EUR.", "Yes, in Germany and Austria.", "It left our warehouse on Monday."]
TALK = [turn for pair in zip(ASKED, SAID, strict=True) for turn in zip(("visitor", "bot"), pair, strict=True)]
PAIRS = list(zip(ASKED, SAID, strict=True))
TURNS = [{"who": who, "said": said} for who, said in TALK]
ROWS = [f'{n},2026-11-0{n} 10:0{place}:00,{who},"{said}"' for n in (1, 2, 3) for place, (who, said) in enumerate(TALK)]
CELLS = [{"ticket": n, "talk": "\n".join(f"{who.title()}: {said}" for who, said in TALK)} for n in (1, 2)]
WAYS = {
    "turns.csv": "\n".join(["chat,at,who,said", *ROWS]),
    "lists.json": json.dumps([{"chat": f"c{n}", "turns": TURNS} for n in (1, 2)]),
    "unnamed.json": json.dumps([{"chat": TURNS} for _ in (1, 2)]),
    "pairs.json": json.dumps([{"chat": "c1", "exchanges": [{"question": q, "reply": a} for q, a in PAIRS]}]),
    "cells.jsonl": "\n".join(map(json.dumps, CELLS)),
    "nested.json": json.dumps({"export": {"calls": [{"trace": {"input": q, "output": a}} for q, a in PAIRS]}}),
}


@pytest.mark.parametrize("name", WAYS)
def test_columns_offered_by_hand_are_those_of_the_file_and_read_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(WAYS[name])
    (look,) = look_at([path]).files
    columns = guess_paths(look.records)
    assert {"prompt", "messages"} & columns.keys()
    assert not {"is_turn", "session_id", "timestamp"} & set(look.headers)
    by_hand = list(read_log(open_log(path, columns=exactly(columns, look.headers))))
    assert by_hand == list(read_log(open_log(path)))
    assert by_hand
    assert all(isinstance(item, Sample) and item.answer for _, item in by_hand)
