"""Spans of Braintrust and calls of Weave, in the shapes that their APIs and pages export."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log, read_logs
from advisor.types import Reference, Rejection, Sample, ToolCall, Usage

HI = [{"role": "user", "content": "Hi"}]


def items(path: Path, *rows: dict[str, Any]) -> list[Sample | Rejection]:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return [item for _, item in read_log(open_log(path))]


def sample(path: Path, row: dict[str, Any]) -> Sample:
    (item,) = items(path, row)
    assert isinstance(item, Sample), item
    return item


def samples(path: Path, format: str) -> list[Sample]:
    log = open_log(path)
    assert log.format == format
    return [item for _, item in read_log(log) if isinstance(item, Sample)]


def write_table(path: Path, rows: list[dict[str, Any]], delimiter: str = ",") -> None:
    """Text as it is, other values as JSON."""
    headers = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="") as file:
        table = csv.writer(file, delimiter=delimiter)
        table.writerow(headers)
        for row in rows:
            cells = [row.get(key) for key in headers]
            table.writerow(
                ["" if cell is None else cell if isinstance(cell, str) else json.dumps(cell) for cell in cells]
            )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


# Braintrust


def span(**given: Any) -> dict[str, Any]:
    return {
        "id": "row-1", "_xact_id": "1000", "created": "2025-03-01T10:00:09Z", "project_id": "p", "log_id": "g",
        "span_id": "s-1", "root_span_id": "s-0", "span_parents": ["s-0"],
        "span_attributes": {"type": "llm", "name": "Chat Completion"}, "input": HI,
        "output": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
        "expected": None, "error": None, "scores": None, "tags": None,
        "metadata": {"model": "gpt-4o", "temperature": 0.3},
        "metrics": {"start": 1740823200.0, "end": 1740823201.5, "time_to_first_token": 0.25, "prompt_tokens": 10,
                    "completion_tokens": 4, "prompt_cached_tokens": 6, "completion_reasoning_tokens": 1},
    } | given  # fmt: skip


def test_braintrust(fixtures: Path) -> None:
    first, second, calling, sorting, slogan, failed = samples(
        fixtures / "samples" / "braintrust_project_logs.jsonl", "braintrust"
    )
    assert {call.use_case for call in (first, second, calling, sorting, slogan, failed)} == {"desk-answer"}
    assert first.request.messages[1] == {"role": "user", "content": "Is the workshop open on Monday?"}
    assert first.answer
    assert (first.answer.text, first.answer.finish_reason) == ("Yes, from nine to six.", "stop")
    assert first.metered.latency_s == pytest.approx(0.8)
    assert (first.metered.ttft_s, first.model) == (0.4, "gpt-4o")
    assert first.metered.at == datetime(2026, 2, 3, 9, 0, 0, 200000, tzinfo=UTC)
    assert first.ids.external_id == "00000000-0000-4000-8000-000000000fa0"
    assert first.metered.usage == Usage(input_tokens=24, output_tokens=7)
    assert [message["role"] for message in second.request.messages] == ["user", "assistant", "tool"]
    assert second.ids.parent_span == first.ids.span == "00000000-0000-4000-8000-000000001388"
    assert second.request.params.keys() == {"tools"}
    assert calling.answer is not None
    assert calling.answer.tool_calls == (ToolCall(name="find_repair", arguments='{"ticket":"R-77"}'),)
    assert sorting.request.params["response_format"]["type"] == "json_schema"
    assert slogan.request.params == {"temperature": 0.7}
    assert (failed.error, failed.answer, failed.not_replayable) == ("429 Rate limit", None, None)
    assert (failed.metered.latency_s, failed.metered.at) == (1.0, datetime(2026, 2, 3, 9, 0, 0, 200000, tzinfo=UTC))
    assert not any(call.reference for call in (first, calling, failed)), "null, though tools are on offer"


@pytest.mark.parametrize("page", [{"events": [span()], "cursor": "x"}, {"data": [span()], "schema": {}}, [span()]])
def test_braintrust_pages(tmp_path: Path, page: Any) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(page))
    (found,) = samples(path, "braintrust")
    assert found.answer
    assert found.answer.text == "Hello"
    assert found.metered.usage == Usage(input_tokens=4, cache_read_tokens=6, output_tokens=4, reasoning_tokens=1)
    assert (found.metered.latency_s, found.metered.ttft_s, found.ids.session) == (1.5, 0.25, "s-0")
    assert found.request.params == {"temperature": 0.3}


def test_braintrust_csv(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    row = span(output="Hello", expected={"label": "greeting"}, tags=["triage"])
    write_table(path, [row, span(id="row-2", output='{"poem": "none of a known shape"}', input="Hi")])
    first, second = samples(path, "braintrust")
    assert first.request.messages == second.request.messages == HI
    assert first.answer
    assert first.answer.text == "Hello"
    assert second.answer
    assert second.answer.text == '{"poem": "none of a known shape"}'
    assert (first.reference, first.use_case) == (Reference({"label": "greeting"}), "triage")
    assert (second.reference, first.metered.latency_s, first.request.params) == (None, 1.5, {"temperature": 0.3})


def test_braintrust_csv_with_a_column_for_every_value(tmp_path: Path) -> None:
    path = tmp_path / "logs.csv"
    flat = {key: value for key, value in span().items() if key not in ("metadata", "metrics", "span_attributes")}
    flat |= {f"{group}.{key}": value for group in ("metadata", "metrics", "span_attributes")
             for key, value in span()[group].items()}  # fmt: skip
    write_table(path, [flat])
    (found,) = samples(path, "braintrust")
    assert (found.model, found.metered.latency_s) == ("gpt-4o", 1.5)
    assert found.metered.usage == Usage(input_tokens=4, cache_read_tokens=6, output_tokens=4, reasoning_tokens=1)


def test_rows_that_add_to_a_row_or_replace_it(log: Path) -> None:
    began = span(output=None, metrics={"start": 1740823200.0})
    added = {"id": "row-1", "span_id": "s-1", "_xact_id": "1001", "_is_merge": True, "expected": "Hello",
             "output": "Hello", "metrics": {"end": 1740823202.0}}  # fmt: skip
    old, new = span(id="row-2", output="old", tags=["gone"]), span(id="row-2", output="new", _xact_id="1002")
    log.write_text("\n".join(json.dumps(row) for row in (added, began, new, old)))
    found = list(read_logs([open_log(log)]))
    merged, replaced = (row.item for row in found)
    assert [row.joined for row in found] == [1, 1]
    assert isinstance(merged, Sample)
    assert merged.answer
    assert merged.answer.text == "Hello"
    assert (merged.metered.latency_s, merged.reference, merged.model) == (2.0, Reference("Hello"), "gpt-4o")
    assert isinstance(replaced, Sample)
    assert replaced.answer
    assert replaced.answer.text == "new"
    assert replaced.use_case is None


@pytest.mark.parametrize("kind", ["task", "function", "tool", "score", "eval", None])
def test_braintrust_spans_that_are_no_call(log: Path, kind: str | None) -> None:
    (found,) = items(log, span(span_attributes={"type": kind, "name": "answer"}, input={"question": "Hi"}))
    assert isinstance(found, Rejection)
    assert (found.span, found.parent_span) == ("s-1", "s-0")
    assert (kind or "without a kind") in found.reason


@pytest.mark.parametrize(
    ("asked", "messages"),
    [
        ("Hi", [("user", "Hi")]),
        ({"messages": HI, "temperature": 1}, [("user", "Hi")]),
        ([*HI, {"role": "system", "content": "Be brief"}], [("system", "Be brief"), ("user", "Hi")]),
        ([{"role": "user", "content": [{"type": "text", "text": "Hi"}]}], [("user", "Hi")]),
    ],
)
def test_braintrust_inputs(log: Path, asked: Any, messages: list[tuple[str, str]]) -> None:
    found = sample(log, span(input=asked))
    assert [(message["role"], message["content"]) for message in found.request.messages] == messages


@pytest.mark.parametrize(
    "output",
    [
        "Hello",
        {"role": "assistant", "content": "Hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
        {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]},
    ],
)
def test_braintrust_outputs(log: Path, output: Any) -> None:
    found = sample(log, span(output=output))
    assert found.answer
    assert found.answer.text == "Hello"


def test_braintrust_counts_that_leave_the_cache_out(log: Path) -> None:
    metrics: dict[str, float] = {"prompt_tokens": 2, "completion_tokens": 4, "prompt_cached_tokens": 1590}
    metrics |= {"prompt_cache_creation_tokens": 3, "estimated_cost": 0.02}
    found = sample(log, span(metrics=metrics))
    assert found.metered.usage == Usage(input_tokens=2, cache_read_tokens=1590, cache_write_tokens=3, output_tokens=4)
    assert found.metered.cost_usd == 0.02


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"metadata": {"use_case": "refunds", "prompt": {"key": "answerer"}}}, "refunds"),
        ({"metadata": {"feature": "billing", "prompt": {"key": "answerer"}}}, "answerer"),
        ({"tags": ["prod", "feature:billing"]}, "billing"),
        ({"span_attributes": {"type": "llm", "name": "summarise ticket"}}, "summarise ticket"),
        ({"tags": ["prod"]}, None),
    ],
)
def test_what_a_braintrust_span_was_for(log: Path, given: dict[str, Any], expected: str | None) -> None:
    assert sample(log, span(**given)).use_case == expected


def test_braintrust_metadata_is_no_parameter(log: Path) -> None:
    found = sample(log, span(metadata={"model": "m", "user_id": "u", "customer": "c", "top_p": 0.5, "session_id": 7}))
    assert found.request.params == {"top_p": 0.5}
    assert found.ids.session == "7"


# Weave


OP = "weave:///acme/helpdesk/op/openai.chat.completions.create:QqrEoBB5"
CAME = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1740823201, "model": "gpt-4.1-nano-2025-04-14",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
}  # fmt: skip


def call(**given: Any) -> dict[str, Any]:
    return {
        "id": "c-1", "project_id": "acme/helpdesk", "op_name": OP, "display_name": None, "trace_id": "t-1",
        "parent_id": "c-0", "thread_id": None, "started_at": "2025-03-01T10:00:00Z", "ended_at": "2025-03-01T10:00:02Z",
        "attributes": {"weave": {"source": "python-sdk"}},
        "inputs": {"self": "weave:///acme/helpdesk/object/openai:abc", "messages": HI, "model": "gpt-4.1-nano",
                   "temperature": 0.3, "tools": "NOT_GIVEN"},
        "output": CAME, "exception": None,
        "summary": {"usage": {"gpt-4.1-nano-2025-04-14": {"requests": 1, "prompt_tokens": 10, "completion_tokens": 4}},
                    "weave": {"status": "success", "latency_ms": 1500, "costs": {"gpt-4.1-nano-2025-04-14": {
                        "prompt_tokens_total_cost": 0.001, "completion_tokens_total_cost": 0.002,
                        "prompt_token_cost": 0.0001}}}},
    } | given  # fmt: skip


def flattened(value: dict[str, Any], name: str = "") -> dict[str, Any]:
    """Nested objects as columns; lists stay in their cells."""
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        path = f"{name}.{key}" if name else key
        flat |= flattened(inner, path) if isinstance(inner, dict) else {path: inner}
    return flat


def test_weave(fixtures: Path) -> None:
    first, second, calling, *_, failed = samples(fixtures / "samples" / "weave_calls.jsonl", "weave")
    assert first.request.messages[1] == {"role": "user", "content": "Is the workshop open on Monday?"}
    assert first.request.params == {}
    assert first.answer
    assert first.answer.text == "Yes, from nine to six."
    assert first.metered.cost_usd == pytest.approx(5e-06)
    assert (first.metered.latency_s, first.model) == (0.8, "gpt-4o-2024-08-06")
    assert first.ids.response_id == "chatcmpl-Wkshp000aaaaaaaaaaaaaaaaaaaaa"
    assert first.metered.usage == Usage(input_tokens=24, output_tokens=7)
    assert first.metered.at == datetime(2026, 2, 3, 9, 0, 0, 200000, tzinfo=UTC)
    assert second.ids.parent_span == first.ids.span == "00000000-0000-4000-8000-000000001770"
    assert second.ids.session == first.ids.session == "00000000-0000-4000-8000-0000000017d4"
    assert [tool["function"]["name"] for tool in second.request.params["tools"]] == ["find_repair", "cancel_repair"]
    assert calling.answer is not None
    assert calling.answer.tool_calls[0].name == "find_repair"
    assert (failed.error, failed.metered.latency_s) == ("RateLimitError('429')", 0.12)
    assert (failed.answer, failed.not_replayable, failed.metered.usage) == (None, None, None)


@pytest.mark.parametrize(("name", "delimiter"), [("calls.csv", ","), ("calls.tsv", "\t")])
def test_weave_tables(tmp_path: Path, name: str, delimiter: str) -> None:
    path = tmp_path / name
    write_table(path, [flattened(call()), flattened(call(id="c-2", exception="boom", output=None))], delimiter)
    first, second = samples(path, "weave")
    assert first.request.messages == second.request.messages == HI
    assert first.request.params == {"temperature": 0.3}
    assert first.answer
    assert (first.answer.text, first.answer.finish_reason) == ("Hello", "stop")
    assert first.metered.usage == Usage(input_tokens=10, output_tokens=4)  # under a model with a point in its name
    assert first.metered.cost_usd == pytest.approx(0.003)
    assert (first.metered.latency_s, first.model, first.ids.span, first.ids.parent_span) == (
        1.5,
        CAME["model"],
        "c-1",
        "c-0",
    )
    assert (second.error, second.answer) == ("boom", None)


@pytest.mark.parametrize("page", [{"calls": [call()]}, [call()]])
def test_weave_json(tmp_path: Path, page: Any) -> None:
    path = tmp_path / "calls.json"
    path.write_text(json.dumps(page, indent=1))
    (found,) = samples(path, "weave")
    assert found.answer
    assert found.answer.text == "Hello"
    assert found.request.params == {"temperature": 0.3}


def test_weave_calls_of_anthropic_with_marks_of_its_types(log: Path) -> None:
    inputs = {
        "_type": "Inputs", "model": "claude-3-5-haiku-20241022", "max_tokens": 9, "system": "Be brief",
        "messages": [{"_type": "MessageParam", "role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }  # fmt: skip
    output = {
        "_type": "Message", "_class_name": "Message", "_bases": ["BaseModel"], "id": "msg_1", "type": "message",
        "role": "assistant", "model": "claude-3-5-haiku-20241022", "stop_reason": "end_turn",
        "content": [{"_type": "TextBlock", "type": "text", "text": "Hello"}],
        "usage": {"_type": "Usage", "input_tokens": 2, "output_tokens": 4, "cache_read_input_tokens": 1590},
    }  # fmt: skip
    found = sample(log, call(op_name="anthropic.Messages.create", inputs=inputs, output=output))
    assert found.request.messages == [{"role": "system", "content": "Be brief"}, *HI]
    assert found.request.params == {"max_tokens": 9}
    assert found.answer
    assert found.answer.text == "Hello"
    assert found.metered.usage == Usage(input_tokens=2, cache_read_tokens=1590, output_tokens=4)
    assert found.ids.response_id == "msg_1"


def test_what_weave_and_the_client_keep_is_no_parameter(log: Path) -> None:
    inputs = call()["inputs"] | {"_type": "Inputs", "timeout": 5, "extra_headers": {"a": "b"}, "stop": ["x"]}
    assert sample(log, call(inputs=inputs)).request.params == {"temperature": 0.3, "stop": ["x"]}


def test_weave_functions(log: Path) -> None:
    """A function is a call when it takes a conversation and tokens were spent; it gives the use case its name."""
    op = "weave:///acme/helpdesk/op/answer_ticket:abc"
    asks, is_bare, is_free = items(
        log,
        call(op_name=op, inputs={"messages": HI, "model": "m"}, output="Hello"),
        call(op_name=op, inputs={"ticket": "Hi"}),
        call(op_name=op, inputs={"messages": HI, "model": "m"}, summary={}),
    )
    assert isinstance(asks, Sample)
    assert (asks.use_case, asks.answer and asks.answer.text) == ("answer_ticket", "Hello")
    for found in (is_bare, is_free):
        assert isinstance(found, Rejection)
        assert (found.span, found.parent_span) == ("c-1", "c-0")
        assert "answer_ticket" in found.reason


@pytest.mark.parametrize("op", ["openai.embeddings.create", "openai.images.generate", "openai.moderations.create"])
def test_weave_calls_of_other_apis(log: Path, op: str) -> None:
    (found,) = items(log, call(op_name=op, inputs={"input": "Hi", "model": "m"}))
    assert isinstance(found, Rejection)
    assert op in found.reason


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"display_name": "triage"}, "triage"),
        ({"attributes": {"use_case": "refunds"}, "display_name": "triage"}, "refunds"),
        ({"attributes": {"feature": "billing"}}, "billing"),
        ({}, None),
    ],
)
def test_what_a_weave_call_was_for(log: Path, given: dict[str, Any], expected: str | None) -> None:
    assert sample(log, call(**given)).use_case == expected


@pytest.mark.parametrize(
    "content",
    [
        "weave:///acme/helpdesk/object/prompt:abc",
        [{"type": "text", "text": "What is this?"},
         {"_type": "CustomWeaveType", "weave_type": {"type": "PIL.Image.Image"}, "files": {"image.png": "x"}}],
    ],
)  # fmt: skip
def test_weave_objects_that_the_export_lacks(log: Path, content: Any) -> None:
    found = sample(log, call(inputs={"messages": [{"role": "user", "content": content}], "model": "m"}))
    assert found.not_replayable is not None


def test_weave_threads_and_times(log: Path) -> None:
    found = sample(log, call(thread_id="thread-9", summary=None))
    assert (found.ids.session, found.metered.latency_s, found.metered.usage, found.metered.cost_usd) == (
        "thread-9",
        2.0,
        None,
        None,
    )
