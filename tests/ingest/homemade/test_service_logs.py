"""Calls in the log lines of a service: beside other lines, in two lines, with several objects, as logfmt."""

import json
from pathlib import Path

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import needs_order, read_log
from advisor.types import Json, Sample

CALLS = [
    ("Where is my parcel 4711?", "It's with the courier.\nIt should arrive tomorrow."),
    ("Can I change the address?", 'Yes, open the order and choose "Edit".'),
    ("How long do refunds take?", "Refunds take 3 to 5 days."),
]


def asked_and_answered(folder: Path, lines: list[str], name: str = "service.log") -> list[tuple[Json, Json]]:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    found = [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]
    return [(each.request.messages[-1]["content"], each.answer and each.answer.text) for each in found]


def request(question: str) -> dict[str, Json]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": question}]}


def test_objects_with_calls_are_seen_among_more_other_lines(tmp_path: Path) -> None:
    lines = []
    for question, answer in CALLS:
        call = {"prompt": question, "completion": answer, "model": "gpt-4o"}
        lines += [
            "2026-02-01 10:00:00,123 INFO  [http] POST /v1/ask 200 u1",
            f"2026-02-01 10:00:01,123 INFO  [llm] LLM_CALL {json.dumps(call)}",
            "2026-02-01 10:00:02,123 WARN  [cache] eviction of 14 keys",
        ]
    assert asked_and_answered(tmp_path, lines) == CALLS


@pytest.mark.parametrize("before", ["request id=r{} body=", "[trace=t-{}] --> ", "payload (req_id={}) ", "[req-{}f3] "])
def test_a_request_and_its_response_in_lines_of_their_own_are_one_call(tmp_path: Path, before: str) -> None:
    asked = [
        f"2026-02-01T10:00:0{n}Z DEBUG {before.format(n)}" + json.dumps(request(q)) for n, (q, _) in enumerate(CALLS)
    ]
    answered = [
        f"2026-02-01T10:00:1{n}Z DEBUG {before.format(n)}" + json.dumps({"content": a, "usage": {"output_tokens": 9}})
        for n, (_, a) in enumerate(CALLS)
    ]
    assert asked_and_answered(tmp_path, [*asked, *answered]) == CALLS


def test_rows_of_requests_and_responses_are_one_call_each_and_stay_in_one_process(tmp_path: Path) -> None:
    rows = [
        json.dumps({"event": event, "request_id": f"r{n}", "body": body})
        for n, (question, answer) in enumerate(CALLS)
        for event, body in (("llm_request", request(question)), ("llm_response", {"content": answer, "id": f"c{n}"}))
    ]
    assert asked_and_answered(tmp_path, rows, "events.jsonl") == CALLS
    assert needs_order(open_log(tmp_path / "events.jsonl"))


def test_two_objects_in_a_line_are_a_request_and_a_response(tmp_path: Path) -> None:
    lines = [
        f"2026-02-01 10:00:00 INFO request={json.dumps(request(question))} response={json.dumps({'content': answer})}"
        for question, answer in CALLS
    ]
    assert asked_and_answered(tmp_path, lines) == CALLS


@pytest.mark.parametrize("start", ["ts=2026-02-01T10:00:00Z level=info", "2026-02-01T10:00:00Z INFO"])
def test_quoted_values_are_unquoted_and_other_lines_are_no_part_of_an_answer(tmp_path: Path, start: str) -> None:
    lines = [f'{start} msg="server started" port=8080']
    for question, answer in CALLS:
        lines += [
            f"{start} msg=call model=gpt-4o prompt={json.dumps(question)} completion={json.dumps(answer)}",
            f'{start} msg="cache write" key=abc',
        ]
    assert asked_and_answered(tmp_path, lines) == CALLS


@pytest.mark.parametrize("name", ["request_id", "id", "trace_id"])
@pytest.mark.parametrize(
    "other",
    [
        {"event": "feedback", "text": "Great, thanks"},
        {"error": "timeout of a later step"},
        {"type": "user_rating", "content": "5 stars"},
    ],
)
def test_a_row_about_an_answered_call_is_not_its_answer(tmp_path: Path, name: str, other: dict[str, Json]) -> None:
    rows: list[Json] = []
    for n, (question, answer) in enumerate(CALLS):
        messages = [*request(question)["messages"], {"role": "assistant", "content": answer}]
        rows += [{name: f"r{n}", "messages": messages}, {name: f"r{n}", **other}]
    found = asked_and_answered(tmp_path, [json.dumps(row) for row in rows], "calls.jsonl")
    assert [call for call in found if call in CALLS] == CALLS


def test_two_calls_of_one_trace_stay_two(tmp_path: Path) -> None:
    rows: list[Json] = []
    for n, (question, answer) in enumerate(CALLS):
        first = {"trace_id": f"t{n}", **request(f"Rewrite: {question}")}
        rows += [first, {"trace_id": f"t{n}", **request(question), "response": {"content": answer}}]
    found = asked_and_answered(tmp_path, [json.dumps(row) for row in rows], "calls.jsonl")
    assert [call for call in found if call[1]] == CALLS
    assert not any(question.startswith("Rewrite") and answer for question, answer in found)


def test_what_a_person_says_later_is_no_answer(tmp_path: Path) -> None:
    rows = []
    for n, (question, _) in enumerate(CALLS):
        rows += [{"request_id": f"r{n}", **request(question)}]
        rows += [{"request_id": f"r{n}", "event": "feedback", "text": "Great, thanks"}]
    found = asked_and_answered(tmp_path, [json.dumps(row) for row in rows], "calls.jsonl")
    assert not any(answer == "Great, thanks" for _, answer in found)
