"""Rules that hold for a call of any format, on small files through the real readers."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log, settled
from advisor.ingest.records.quantities import UNSURE
from advisor.ingest.records.rules import NO_TOOLS, NOTHING_TO_ANSWER
from advisor.ingest.values.typed import untyped
from advisor.types import Rejection, Sample
from advisor.types.codes import CallNote
from advisor.types.studies import Hints

S = {"role": "system", "content": "Be short."}
U = {"role": "user", "content": "Capital of Peru?"}
A = {"role": "assistant", "content": "Lima."}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
T = {"role": "assistant", "content": None, "tool_calls": [CALL]}
R = {"role": "tool", "tool_call_id": "c1", "content": "21"}
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


def read(tmp_path: Path, *records: dict[str, Any], hints: Hints | None = None) -> list[Sample]:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    items = [item for _, item in read_log(open_log(path, hints=hints or Hints()))]
    assert all(isinstance(item, Sample) for item in items), items
    return [item for item in items if isinstance(item, Sample)]


def roles(sample: Sample) -> list[str]:
    return [message["role"] for message in sample.request.messages]


@pytest.mark.parametrize(
    "record",
    [
        {"messages": [S, U, A], "response": "Lima."},
        {"messages": [S, U, A], "output": {"choices": [{"message": A}]}},
        {"request": {"messages": [S, U, A], "model": "gpt-4o"}, "response": {"choices": [{"message": A}]}},
        {"messages": [S, U, A], "response": " Lima.\n"},
    ],
)
def test_an_answer_beside_its_conversation_is_cut_from_the_prompt(tmp_path: Path, record: dict[str, Any]) -> None:
    (call,) = read(tmp_path, record)
    assert roles(call) == ["system", "user"]
    assert call.answer is not None
    assert (call.answer.text or "").strip() == "Lima."
    assert call.notes == (CallNote.ANSWER_CUT,)
    assert call.not_replayable is None


def test_an_answer_at_the_end_of_a_transcript_is_cut(tmp_path: Path) -> None:
    prompt = "User: Capital of Peru?\nAssistant: Lima."
    (call,) = read(tmp_path, {"prompt": prompt, "response": "Lima."})
    assert call.request.messages[-1]["content"] == "User: Capital of Peru?\nAssistant:"
    (echo,) = read(tmp_path, {"prompt": "Say Lima.", "response": "Lima."})
    assert echo.request.messages[-1]["content"] == "Say Lima."


def test_a_last_message_that_is_not_the_answer_is_not_guessed_away(tmp_path: Path) -> None:
    (call,) = read(tmp_path, {"messages": [U, A], "response": "Cusco, or rather Lima."})
    assert (roles(call), call.not_replayable) == (["user", "assistant"], NOTHING_TO_ANSWER)


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([U], None),
        ([U, T, R], None),
        ([U, T, R, R], None),
        ([R], NOTHING_TO_ANSWER),
        ([U, A, R], NOTHING_TO_ANSWER),
        ([U, S], None),
        ([U, {"role": "developer", "content": "As JSON."}], None),
    ],
)
def test_the_last_message_asks_something(tmp_path: Path, messages: list[Any], why: str | None) -> None:
    (call,) = read(tmp_path, {"messages": messages, "tools": TOOLS, "response": "21 degrees"})
    assert call.not_replayable == why


@pytest.mark.parametrize(
    ("begun", "text", "whole"),
    [("{", '"a": 1}', '{"a": 1}'), ("{", '{"a": 1}', '{"a": 1}'), ("It is", " Lima.", "It is Lima.")],
)
def test_a_begun_answer_is_a_part_of_the_answer(tmp_path: Path, begun: str, text: str, whole: str) -> None:
    prompt = [S, U, {"role": "assistant", "content": begun}]
    (call,) = read(tmp_path, {"messages": prompt, "response": text})
    assert (call.request.messages, call.answer and call.answer.text, call.not_replayable) == ([S, U], whole, None)


@pytest.mark.parametrize("record", [{"messages": [U, T, R], "response": "It is 21."}, {"messages": [U], "response": T}])
def test_calls_of_tools_need_the_tools(tmp_path: Path, record: dict[str, Any]) -> None:
    (without,) = read(tmp_path, record)
    assert (without.not_replayable, without.notes) == (NO_TOOLS, (CallNote.TOOLS_MISSING,))
    (whole,) = read(tmp_path, record | {"tools": TOOLS})
    assert (whole.not_replayable, whole.notes) == (None, ())


def test_a_conversation_is_a_call_for_each_answer(tmp_path: Path) -> None:
    def turns(name: str) -> list[dict[str, str]]:
        pairs = [
            ({"role": "user", "content": f"{name} {n}"}, {"role": "assistant", "content": str(n)}) for n in range(4)
        ]
        return [S, *(turn for pair in pairs for turn in pair)]

    calls = read(tmp_path, *({"messages": turns(name), "usage": {"total_tokens": 9}} for name in "abc"))
    assert len(calls) == 12
    assert [len(call.request.messages) for call in calls[:4]] == [2, 4, 6, 8]
    assert [call.answer and call.answer.text for call in calls[:4]] == ["0", "1", "2", "3"]
    assert len({call.ids.session for call in calls}) == 3
    assert all(call.metered.usage is None for call in calls[:3])


def test_examples_that_prompts_have_in_common_are_no_calls(tmp_path: Path) -> None:
    def pair(name: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": f"Sort {name}"}, {"role": "assistant", "content": f"shelf {name}"}]

    shots = [turn for name in ("one", "two", "three") for turn in pair(name)]
    prompts = [[S, *shots, *pair(f"{n}"), *(pair(f"{n}, again") if n == 5 else ())] for n in range(6)]
    others = [[S | {"content": "Be kind."}, *pair("one"), *pair(f"other {n}")] for n in range(6)]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps({"messages": turns}) for turns in (*prompts, *others[:2])), encoding="utf-8")
    calls = [item for _, item in read_log(settled(open_log(path))) if isinstance(item, Sample)]
    assert [len(call.request.messages) for call in calls] == [8, 8, 8, 8, 8, 8, 10, 2, 4, 2, 4]
    assert [call.ids.session is None for call in calls] == [True] * 5 + [False] * 6


def test_a_greeting_is_no_answer(tmp_path: Path) -> None:
    hello = {"role": "assistant", "content": "Hello, how can I help?"}
    (call,) = read(tmp_path, {"messages": [hello, U, A]})
    assert roles(call) == ["assistant", "user"]


@pytest.mark.parametrize(("prompt", "answer"), [("prompt", "response"), ("question", "reply"), ("input", "output")])
@pytest.mark.parametrize("said", [[], [S], [{"role": "assistant", "content": "Hello, how can I help?"}]])
def test_the_prompt_beside_messages_without_one_is_asked(
    tmp_path: Path, said: list[dict[str, str]], prompt: str, answer: str
) -> None:
    (call,) = read(tmp_path, {"messages": said, prompt: U["content"], answer: A["content"]})
    assert roles(call) == [*(turn["role"] for turn in said), "user"]
    assert call.request.messages[-1] == U
    assert call.answer
    assert (call.answer.text, call.not_replayable) == (A["content"], None)


@pytest.mark.parametrize("word", ["None", "null", "NULL", "nan", "undefined"])
def test_words_for_nothing_are_no_answers(tmp_path: Path, word: str) -> None:
    (call,) = read(tmp_path, {"prompt": "Capital of Peru?", "response": word})
    assert (call.answer, call.notes) == (None, (CallNote.NULL_ANSWER,))
    (label,) = read(tmp_path, {"prompt": "Which topic?", "response": word, "expected": word if word != "null" else "x"})
    assert (label.answer is None) == (word == "null")


@pytest.mark.parametrize("word", ["none", "None", "null"])
def test_a_label_may_be_a_word_for_nothing(tmp_path: Path, word: str) -> None:
    listed = {"prompt": f"Which topic: refund, {word}?", "response": word}
    assert [call.answer is None for call in read(tmp_path, listed, {"prompt": "Why?", "response": word})] == [
        False,
        word != "none",
    ]
    path = tmp_path / "log.jsonl"
    labels = [
        {"prompt": f"Topic {n}?", "response": label} for n, label in enumerate(("refund", word, "swap", "refund"))
    ]
    path.write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    calls = [item for _, item in read_log(settled(open_log(path))) if isinstance(item, Sample)]
    assert [call.answer and call.answer.text for call in calls] == [row["response"] for row in labels]


@pytest.mark.parametrize("name", ["openai.responses", "azure_openai", "anthropic", "google.vertex.chat", "m-1"])
def test_a_name_of_a_provider_is_no_system_prompt(tmp_path: Path, name: str) -> None:
    (call,) = read(tmp_path, {"messages": [{"role": "system", "content": name}, U], "response": "x", "model": "m-1"})
    assert (roles(call), call.notes) == (["user"], (CallNote.PROVIDER_PROMPT,))


@pytest.mark.parametrize(
    ("raw", "likely", "hint", "seconds"),
    [(2_000_000_000, "ns", None, None), (2_000_000, "us", None, None), (2_000_000_000, "ns", "ns", 2.0),
     (2_000_000, "us", "us", 2.0), (1500, None, None, 1.5), (1.5, None, None, 1.5), (0.0004, None, None, None),
     (92.5, None, None, None), (92.5, None, "s", 92.5), (75_000, None, None, None), (75_000, None, "ms", 75.0)],
)  # fmt: skip
def test_durations_that_no_call_has_are_asked_about(
    tmp_path: Path, raw: float, likely: str | None, hint: str | None, seconds: float | None
) -> None:
    records = [{"prompt": f"q{n}", "response": "a", "duration": raw} for n in range(3)]
    calls = read(tmp_path, *records, hints=Hints(durations=hint))
    assert [call.metered.latency_s for call in calls] == [seconds] * 3
    log = open_log(tmp_path / "log.jsonl")
    assert (UNSURE in log.units.values()) == (seconds is None or hint is not None)
    assert log.likely_unit == likely


def test_a_model_that_a_person_names_is_that_of_calls_without_one(tmp_path: Path) -> None:
    records = [{"prompt": "Where is it?", "response": "Here."} | more for more in ({}, {"model": "gpt-4o-mini"})]
    calls = read(tmp_path, *records, hints=Hints(model="gpt-4o"))
    assert [call.model for call in calls] == ["gpt-4o", "gpt-4o-mini"]


def test_values_with_types(tmp_path: Path) -> None:
    mongo = {"_id": {"$oid": "65"}, "createdAt": {"$date": {"$numberLong": "1772359200000"}}, "prompt": "q",
             "response": "a", "input_tokens": {"$numberInt": "12"}, "output_tokens": {"$numberInt": "3"},
             "latency_ms": {"$numberDouble": "850.5"}}  # fmt: skip
    (call,) = read(tmp_path, mongo)
    assert call.metered.at is not None
    assert call.metered.at.isoformat() == "2026-03-01T10:00:00+00:00"
    assert call.metered.usage is not None
    assert (call.metered.usage.input_tokens, call.metered.latency_s, call.ids.external_id) == (12, 0.8505, "65")
    dynamo = {"Item": {"prompt": {"S": "q"}, "response": {"S": "a"}, "input_tokens": {"N": "12"},
                       "output_tokens": {"N": "3"}, "tags": {"L": [{"S": "faq"}]}}}  # fmt: skip
    (call,) = read(tmp_path, dynamo)
    assert call.metered.usage is not None
    assert (call.use_case, call.metered.usage.input_tokens) == ("faq", 12)
    avro = {"prompt": {"string": "q"}, "response": {"string": "a"}, "latency_ms": {"double": 850.0}, "model": None}
    assert read(tmp_path, avro)[0].metered.latency_s == 0.85
    event = {"event_name": "llm", "event_timestamp": "1772359200000000", "event_params": [
        {"key": "prompt", "value": {"string_value": "q", "int_value": None}},
        {"key": "response", "value": {"string_value": "a", "int_value": None}},
        {"key": "input_tokens", "value": {"string_value": None, "int_value": "12"}},
        {"key": "output_tokens", "value": {"string_value": None, "int_value": "3"}}]}  # fmt: skip
    (call,) = read(tmp_path, event)
    assert call.metered.usage is not None
    assert (call.answer and call.answer.text, call.metered.usage.input_tokens) == ("a", 12)
    names = (("prompt", "STRING"), ("response", "STRING"), ("created_at", "TIMESTAMP"), ("latency_ms", "FLOAT"))
    page = {"kind": "bigquery#queryResponse", "schema": {"fields": [{"name": n, "type": t} for n, t in names]},
            "rows": [{"f": [{"v": "q"}, {"v": "a"}, {"v": "1.7723592E9"}, {"v": "850.0"}]}]}  # fmt: skip
    (call,) = read(tmp_path, page)
    assert call.metered.at is not None
    assert (call.metered.at.isoformat()[:16], call.metered.latency_s) == ("2026-03-01T10:00", 0.85)
    (call,) = read(tmp_path, {"prompt": "q", "response": "a", "created_at": {"value": "2026-03-01T10:00:00.000Z"}})
    assert call.metered.at is not None
    plain = {"S": "x", "name": {"first": "y"}, "other": {"N": 1}}
    assert untyped(plain) is plain


@pytest.mark.parametrize(
    "value", [{"size": {"M": 3}}, {"size": {"L": 3}}, {"size": {"SS": 3}}, {"Item": {"size": {"M": "x"}}}]
)
def test_what_only_looks_typed_stays(tmp_path: Path, value: Any) -> None:
    assert untyped(value) is value
    asked = {"prompt": "What size?", "response": json.dumps(value), "model": "m"}
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, (asked, value, asked))), encoding="utf-8")
    first, other, last = (item for _, item in read_log(open_log(path)))
    assert isinstance(other, Rejection)
    assert isinstance(last, Sample)
    assert first == last
    assert last.answer is not None
    assert last.answer.text == asked["response"]


def test_values_with_types_are_nested_to_any_depth() -> None:
    deep: Any = {"$oid": "x"}
    for _ in range(2000):
        deep = {"a": deep, "b": {"$oid": "x"}}
    assert untyped(deep) is deep


def test_dates_and_times_of_day(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("date,time,prompt,response\n03/01/2026,2:03 PM,q,a\n03/02/2026,09:13,q2,a\n", encoding="utf-8")
    log = open_log(path)
    assert (log.day_and_hour, log.month_first, log.is_order_guessed) == (("date", "time"), True, True)
    items = [item for _, item in read_log(log)]
    assert [item.metered.at and item.metered.at.isoformat()[:16] for item in items if isinstance(item, Sample)] == [
        "2026-03-01T14:03", "2026-03-02T09:13",
    ]  # fmt: skip
    told = open_log(path, hints=Hints(dates="day-first"))
    assert (told.month_first, told.is_order_guessed) == (False, False)
    path.write_text("date,prompt,response\n03/01/2026,q,a\n03/31/2026,q2,a\n", encoding="utf-8")
    assert not open_log(path).is_order_guessed


@pytest.mark.parametrize(("answers", "has_sessions"), [([2, 1, 3, 1], True), ([1, 1, 1, 1], False)])
def test_a_conversation_of_one_answer_is_one_where_others_have_more(
    tmp_path: Path, answers: list[int], has_sessions: bool
) -> None:
    talks = [
        {
            "id": f"c{n}",
            "messages": [{**turn, "content": f"{n} {at} {turn['content']}"} for at in range(many) for turn in (U, A)],
        }
        for n, many in enumerate(answers)
    ]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, talks)), encoding="utf-8")
    calls = [item for _, item in read_log(settled(open_log(path))) if isinstance(item, Sample)]
    wanted = [f"#c{n}" if has_sessions else None for n, many in enumerate(answers) for _ in range(many)]
    assert [call.ids.session for call in calls] == wanted
