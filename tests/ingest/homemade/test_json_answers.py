"""Answers that are JSON, as text or as they were decoded: none is lost, whatever lies around them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.types import Json
from tests.ingest.homemade.test_other_shapes import calls_in

ASKED = [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": "Extract what is in the note"}]
ANSWERS: list[Json] = [
    '{"order": "NW-60784", "amount": "$137.50"}',
    {"order": "NW-60784", "amount": "$137.50"},
    '{"label":"billing"}',
    '["refund", "billing"]',
    [{"name": "Ann"}, {"name": "Bo"}],
    '{"content": "A chair", "title": "Order"}',
    {"message": "hello", "kind": "greeting"},
    {"text": "Guten Tag", "lang": "de"},
    {"error": None, "result": 3},
    {"data": {"rows": 4}},
    {"role": "admin", "name": "Ann"},
    '{"choices": ["yes", "no"]}',
    {"choices": ["yes", "no"]},
    '{"id": 5, "model": "Golf"}',
    {"status": "shipped"},
    {"name": "refund", "arguments": {"order": 7}},
    {"parts": ["hinge"], "total": 2},
    {"usage": "twice a day", "dose": "1 mg"},
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
