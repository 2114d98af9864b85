"""Answers that are JSON, as text or as they were decoded: none is lost, whatever lies around them."""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from advisor.types import Json, Sample
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table, talk

ASKED = [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": "Extract what is in the note"}]
ANSWERS: list[Json] = [
    '{"order": "NW-60784", "amount": "$137.50"}',
    {"order": "NW-60784", "amount": "$137.50"},
    '{"label":"billing"}',
    '["refund", "billing"]',
    [{"name": "Ann"}, {"name": "Bo"}],
    '{"content": "A chair", "title": "Order"}',
    '{"message": "hello", "kind": "greeting"}',
    '{"text": "Guten Tag", "lang": "de"}',
    '{"error": null, "result": 3, "unit": "kg"}',
    '{"data": {"rows": 4}, "sheet": "May"}',
    '{"role": "admin", "name": "Ann"}',
    '{"choices": ["yes", "no"]}',
    '{"id": 5, "model": "Golf"}',
    '{"status": "shipped", "parcel": 7}',
    {"intent": "refund", "confidence": 0.9},
    {"name": "refund", "arguments": {"order": 7}},
    '{"usage": "twice a day", "dose": "1 mg"}',
    42,
    True,
]
SHAPES: dict[str, Callable[[Json], dict[str, Json]]] = {
    "input and output": lambda answer: {"input": ASKED, "output": answer},
    "messages and response": lambda answer: {"messages": ASKED, "response": answer},
    "messages and completion": lambda answer: {"prompt": ASKED, "completion": answer},
    "text and response": lambda answer: {"prompt": "Extract what is in the note", "response": answer},
    "bodies": lambda answer: {"request": {"model": "gpt-4o", "messages": ASKED}, "response": answer},
    "objects": lambda answer: {"inputs": {"question": "What is in the note?"}, "outputs": {"answer": answer}},
    "a run": lambda answer: {
        "run_type": "llm",
        "start_time": "2026-03-02T10:00:00Z",
        "inputs": {"messages": ASKED},
        "outputs": {"output": answer},
    },
}


def value_of(text: Json) -> Json:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except json.JSONDecodeError:
        return text


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_in_json_is_kept(tmp_path: Path, shape: str, answer: Json) -> None:
    answers: list[Json] = ["Fine, number 1.", "Fine, number 2.", answer, '{"number": 3}']
    log = "\n".join(json.dumps(SHAPES[shape](each)) for each in answers)
    calls = calls_in(tmp_path / "log.jsonl", log)
    said = [call.answer and call.answer.text for call in calls]
    assert list(map(value_of, said)) == list(map(value_of, answers))
    if isinstance(answer, str):
        assert said[2] == answer


@pytest.mark.parametrize(
    "body",
    [
        {"id": "chatcmpl-1", "object": "chat.completion", "created": 1772000000, "model": "gpt-4o"},
        {"role": "assistant", "content": None},
        {"message": {"role": "assistant", "content": ""}},
        {"choices": []},
        {"usage": {"prompt_tokens": 4, "completion_tokens": 0}},
        {"status_code": 200, "headers": {}},
        {"text": "redacted-by-litellm"},
        {},
        [],
    ],
    ids=str,
)
@pytest.mark.parametrize("is_text", [False, True])
def test_a_body_without_an_answer_is_none(tmp_path: Path, body: Json, is_text: bool) -> None:
    bodies: list[Json] = ["Fine.", json.dumps(body) if is_text and body else body, "Good."]
    log = "\n".join(
        json.dumps({"request": {"model": "gpt-4o", "messages": ASKED}, "response": each}) for each in bodies
    )
    first, call, last = calls_in(tmp_path / "log.jsonl", log)
    assert first.answer
    assert last.answer
    assert call.answer is None or not call.answer.text


@pytest.mark.parametrize("body", [{"detail": "Too many requests"}, '{"detail": "Too many requests"}', "Bad gateway"])
def test_what_came_with_a_failure_is_none(tmp_path: Path, body: Json) -> None:
    rows = [
        {"request": {"model": "gpt-4o", "messages": ASKED}, "response": each, "status_code": status}
        for each, status in (("Fine.", 200), (body, 502))
    ]
    call = calls_in(tmp_path / "log.jsonl", "\n".join(map(json.dumps, rows)))[1]
    assert (call.answer, bool(call.error)) == (None, True)


BODY = {"model": "gpt-4o", "messages": ASKED}
AROUND: list[Callable[[str], Json]] = [
    lambda text: {"text": text, "model": "gpt-4o"},
    lambda text: {"message": text, "id": "r7"},
    lambda text: {"answer": text, "latency_ms": 1200},
    lambda text: {"answer": text, "sources": [{"title": "Orders"}]},
    lambda text: {"output": text, "cost": 0.001},
    lambda text: {"text": text, "finish_reason": "stop"},
    lambda text: {"text": text, "tool_calls": []},
    lambda text: {"reply": text, "confidence": 0.9},
    lambda text: {"result": text, "success": True},
    lambda text: {"ok": True, "result": {"answer": text}},
    lambda text: {"status": 200, "data": {"text": text}},
    lambda text: {"outputs": [text]},
    lambda text: [{"generated_text": text}],
    lambda text: {"response": text, "elapsed": 1.2},
    lambda text: {"antwort": text, "quelle": "FAQ"},
]
TEXTS = ["It comes Monday.", "We ship on Tuesdays.", "It costs four dollars.", "Click on the link in the mail."]


def as_lines(path: Path, rows: list[dict[str, Json]]) -> list[Sample]:
    return calls_in(path.with_suffix(".jsonl"), "\n".join(map(json.dumps, rows)))


def as_nested(path: Path, rows: list[dict[str, Json]]) -> list[Sample]:
    return as_lines(path, [{"payload": row} for row in rows])


def as_cells(path: Path, rows: list[dict[str, Json]]) -> list[Sample]:
    return table(path, [{key: json.dumps(value) for key, value in row.items()} for row in rows])


KEYS = ["request response", "input output", "llm_request llm_response", "kwargs result"]
WAYS = [
    *product([as_lines, as_nested], KEYS, AROUND),
    *product([as_cells], KEYS[:3], [around for around in AROUND if "data" not in str(around(""))]),
]


@pytest.mark.parametrize(("write", "keys", "around"), WAYS)
def test_what_a_program_writes_around_an_answer_is_none_of_it(
    tmp_path: Path, around: Callable[[str], Json], keys: str, write: Callable[..., list[Sample]]
) -> None:
    asks, answers = keys.split()
    calls = write(tmp_path / "log.csv", [{asks: BODY, answers: around(text)} for text in TEXTS])
    assert [call.answer and call.answer.text for call in calls] == TEXTS


@pytest.mark.parametrize("unit", ["latency", "elapsed", "latency_ms"])
def test_a_duration_in_a_response_is_the_calls(tmp_path: Path, unit: str) -> None:
    rows: list[dict[str, Json]] = [{"input": BODY, "output": {"text": text, unit: 1200}} for text in TEXTS]
    calls = as_lines(tmp_path / "log.jsonl", rows)
    assert [(call.answer and call.answer.text, call.metered.latency_s) for call in calls] == [
        (text, 1.2) for text in TEXTS
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Internal server error", "code": 500},
        {"detail": "Not authenticated"},
        {"success": False, "timeout": True},
        {"id": "chatcmpl-1", "model": "gpt-4o", "prompt_tokens": 50, "completion_tokens": 9},
        {"tokens": {"prompt": 50, "completion": 9}, "finish": "stop"},
    ],
    ids=str,
)
@pytest.mark.parametrize("is_text", [False, True])
@pytest.mark.parametrize("keys", ["request response", "input output"])
def test_failures_and_what_tells_of_a_call_are_no_answers(tmp_path: Path, keys: str, body: Json, is_text: bool) -> None:
    asks, answers = keys.split()
    spoken: Json = {"choices": [{"message": {"role": "assistant", "content": "Fine."}}]}
    bodies: list[Json] = [spoken, json.dumps(body) if is_text else body, spoken]
    calls = as_lines(tmp_path / "log.jsonl", [{asks: BODY, answers: each} for each in bodies])
    assert [call.answer and call.answer.text for call in calls] == ["Fine.", None, "Fine."]


@pytest.mark.parametrize(
    ("answered", "latency_s"),
    [
        (lambda text: {"response": text, "status": 200}, None),
        (lambda text: {"output": text, "latency_ms": 2000}, 2.0),
        (lambda text: {"event": "llm_response", "text": text, "prompt_tokens": 50, "completion_tokens": 9}, None),
        (lambda text: {"response": {"text": text, "latency_ms": 2000}}, 2.0),
        (lambda text: {"response": {"content": text}}, None),
        (lambda text: {"response": text}, None),
    ],
)
@pytest.mark.parametrize("is_cut", [False, True])
def test_a_response_in_a_row_of_its_own_is_its_text(
    tmp_path: Path, answered: Callable[[str], dict[str, Json]], latency_s: float | None, is_cut: bool
) -> None:
    rows: list[dict[str, Json]] = []
    for place, text in enumerate(TEXTS):
        rows += [{"id": f"r{place}", "request": BODY}, {"id": f"r{place}"} | answered(text)]
    calls = as_lines(tmp_path / "log.jsonl", rows[: -1 if is_cut else None])
    wanted: list[tuple[str | None, float | None]] = [(text, latency_s) for text in TEXTS]
    if is_cut:
        wanted[-1:] = [(None, None)]
    assert [(call.answer and call.answer.text, call.metered.latency_s) for call in calls] == wanted


@pytest.mark.parametrize("name", ["history", "drafts", "previous", "opening", "suggestions"])
@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize("is_nested", [False, True])
def test_a_greeting_beside_a_call_is_not_its_answer(tmp_path: Path, name: str, is_first: bool, is_nested: bool) -> None:
    beside: dict[str, Json] = {name: [{"role": "assistant", "content": "Hi, how can I help?"}]}
    rows: list[dict[str, Json]] = []
    for text in TEXTS:
        call: dict[str, Json] = {"llm_request": BODY, "llm_response": text}
        row = beside | call if is_first else call | beside
        rows.append({"event": row} if is_nested else row)
    calls = as_lines(tmp_path / "log.jsonl", rows)
    assert [call.answer and call.answer.text for call in calls] == TEXTS


@pytest.mark.parametrize("name", ["search_results", "moderation_results"])
def test_an_object_beside_a_call_is_not_its_answer(tmp_path: Path, name: str) -> None:
    rows: list[dict[str, Json]] = [
        {"llm_request": {"model": "gpt-4o", "messages": [{"role": "user", "content": asked}]}}
        | {name: {"text": "doc", "n": 3}, "final_text": answered}
        for asked, answered in PAIRS
    ]
    calls = as_lines(tmp_path / "log.jsonl", rows)
    assert [talk(call) for call in calls] == PAIRS


@pytest.mark.parametrize("kind", ["agent", "workflow", "function", "evaluator", "step"])
def test_runs_of_other_kinds_beside_runs_of_a_model_are_no_calls(tmp_path: Path, kind: str) -> None:
    rows: list[dict[str, Json]] = [
        {
            "id": f"r{place}",
            "run_type": ["llm", kind][place % 2],
            "inputs": {"messages": ASKED},
            "outputs": {"output": text},
            "start_time": f"2026-06-23T14:4{place}:41.390Z",
        }
        for place, text in enumerate(TEXTS)
    ]
    calls = as_lines(tmp_path / "log.jsonl", rows)
    assert [call.answer and call.answer.text for call in calls] == TEXTS[::2]


@pytest.mark.parametrize(("told", "answer"), [
    ({"response": 42}, "42"), ({"response": 200, "output": "Fine."}, "Fine."),
    ({"response": 4, "result": "success"}, "4"),
    ({"response": 200, "response_body": {"choices": [{"message": {"role": "assistant", "content": "Hi."}}]}}, "Hi."),
])  # fmt: skip
def test_a_number_is_an_answer_where_nothing_else_is(tmp_path: Path, told: dict[str, Json], answer: str) -> None:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "How many?"}]}
    log = "\n".join(json.dumps({"request": asked, "n": n} | told) for n in range(4))
    calls = calls_in(tmp_path / "log.jsonl", log)
    assert {call.answer and call.answer.text for call in calls} == {answer}


@pytest.mark.parametrize("told", [{}, {"status_code": 200}])
def test_a_number_that_is_a_status_too(tmp_path: Path, told: dict[str, Json]) -> None:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "How many?"}]}
    log = "\n".join(json.dumps({"request": asked, "response": n} | told) for n in (42, 250, 7, 404))
    calls = calls_in(tmp_path / "log.jsonl", log)
    assert [call.answer and call.answer.text for call in calls] == ["42", "250", "7", "404"]
