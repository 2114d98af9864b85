"""Logs of gateways and prompt registries: Helicone, Portkey, PromptLayer and OpenPipe."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.messages.usage import BilledMore
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample, ToolCall, Usage

ASKED = {"model": "gpt-4o", "temperature": 0.2, "messages": [{"role": "user", "content": 'Say "hi"'}]}
CAME = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1740823200, "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}},
}  # fmt: skip
USED = Usage(input_tokens=10, cache_read_tokens=2, output_tokens=3)


def items(path: Path, *rows: dict[str, Any], format: str | None = None) -> list[Sample | Rejection]:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    log = open_log(path)
    assert format in (None, log.format)
    return [item for _, item in read_log(log)]


def sample(path: Path, row: dict[str, Any], *, format: str | None = None) -> Sample:
    (item,) = items(path, row, format=format)
    assert isinstance(item, Sample), item
    return item


def samples(path: Path, format: str) -> list[Sample]:
    log = open_log(path)
    assert log.format == format
    return [item for _, item in read_log(log) if isinstance(item, Sample)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


# Helicone


def helicone(**given: Any) -> dict[str, Any]:
    return {
        "response_id": "resp-row", "response_created_at": "2025-03-01T10:00:01.200Z", "response_status": 200,
        "response_model": "gpt-4o-2024-08-06", "request_id": "req-row", "request_created_at": "2025-03-01T10:00:00Z",
        "request_path": "https://api.example.com/v1/chat/completions", "request_properties": {}, "provider": "OPENAI",
        "delay_ms": 1100, "time_to_first_token": 300, "prompt_tokens": 12, "completion_tokens": 3, "cost": 0.00012,
        "request_body": ASKED, "response_body": CAME,
    } | given  # fmt: skip


def test_helicone_with_bodies_of_several_vendors(fixtures: Path) -> None:
    found = samples(fixtures / "samples" / "helicone_export.jsonl", "helicone")
    assert [call.not_replayable is None for call in found] == [True] * 5 + [False] + [True] * 2
    assert {call.use_case for call in found} == {"desk"}
    first, second, calling, _, spoken, refused, claude, cached = found
    assert first.request.messages[-1] == {"role": "user", "content": "Is the workshop open on Monday?"}
    assert first.answer
    assert first.answer.text == "Yes, from nine to six."
    assert (first.metered.latency_s, first.metered.cost_usd, first.ids.session) == (0.9, 0.00013, "sess-0")
    assert first.ids.external_id == "00000000-0000-4000-8000-0000000003e8"
    assert first.ids.response_id == "chatcmpl-Wkshp000aaaaaaaaaaaaaaaaaaaaa"
    assert first.metered.at == datetime(2026, 2, 3, 9, 0, 0, 200000, tzinfo=UTC)
    assert [message["role"] for message in second.request.messages] == ["user", "assistant", "tool"]
    assert calling.answer is not None
    assert calling.answer.tool_calls == (ToolCall(name="find_repair", arguments='{"ticket":"R-77"}'),)
    counts = {"input_tokens": 19, "cache_read_tokens": 1, "output_tokens": 4, "reasoning_tokens": 3}
    assert spoken.metered.usage == BilledMore(**counts, beside_text=True), "some of them are audio"
    assert refused.error == "Error while downloading https://example.com/wheel.jpg."
    assert claude.metered.usage == Usage(input_tokens=9, cache_read_tokens=2, cache_write_tokens=1, output_tokens=21)
    assert claude.answer
    assert claude.answer.text == "Good morning! What can we fix?"
    assert claude.request.params == {"max_tokens": 512, "temperature": 0.1}
    assert cached.metered.usage == Usage(input_tokens=4, cache_read_tokens=40, output_tokens=4)
    assert [message["role"] for message in cached.request.messages] == ["system", "user"]
    assert cached.ids.response_id == "msg_01Wkshp001aaaaaaaaaaaaaa"


def test_helicone_without_bodies_counts_for_volume(fixtures: Path) -> None:
    first, second = samples(fixtures / "samples" / "helicone_export_nobody.jsonl", "helicone")
    for call in (first, second):
        assert call.not_replayable is not None
        assert "--include-body" in call.not_replayable
        assert (call.request.messages, call.answer) == ([], None)
    assert first.metered.usage == Usage(input_tokens=24, output_tokens=7)
    assert (second.metered.cost_usd, second.model, second.metered.latency_s) == (
        0.000605,
        "gpt-4o-mini-2024-07-18",
        0.9,
    )


EXPORTED = (
    "response_id", "response_created_at", "response_status", "request_created_at", "request_body",
    "request_properties", "request_user_id", "model", "prompt_tokens", "completion_tokens", "latency", "cost",
)  # fmt: skip


def export_csv(rows: list[dict[str, Any]]) -> str:
    """The tool doubles the quotes of objects once, then those of every cell; it knows no model and no latency."""
    lines = [",".join(EXPORTED)]
    for row in rows:
        cells = []
        for column in EXPORTED:
            value = None if column in ("model", "latency") else row.get(column)
            if isinstance(value, dict):
                value = json.dumps(value, separators=(",", ":")).replace('"', '""')
            cells.append("" if value is None else '"' + str(value).replace('"', '""') + '"')
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def test_helicone_csv_of_the_export_tool(tmp_path: Path, fixtures: Path) -> None:
    source = fixtures / "samples" / "helicone_export.jsonl"
    path = tmp_path / "output.csv"
    path.write_text(export_csv([json.loads(line) for line in source.read_text().split("\n") if line]))
    expected, found = samples(source, "helicone"), samples(path, "helicone")
    assert [call.request for call in found] == [call.request for call in expected]
    assert [call.use_case for call in found] == ["desk"] * 8
    assert {call.answer for call in found} == {None}
    assert found[0].model == "gpt-4o"
    assert found[0].ids.external_id == "00000000-0000-4000-8000-0000000007d0"
    assert found[0].metered.latency_s == pytest.approx(0.9)  # between the two times
    assert found[0].metered.usage == Usage(input_tokens=24, output_tokens=7)
    assert found[5].error == "HTTP status 400"


def test_helicone_csv_with_quotes_in_the_prompt(tmp_path: Path) -> None:
    path = tmp_path / "output.csv"
    path.write_text(export_csv([helicone(request_properties={"Helicone-Session-Id": "s"})]))
    (found,) = samples(path, "helicone")
    assert found.request.messages == [{"role": "user", "content": 'Say "hi"'}]
    assert found.request.params == {"temperature": 0.2}
    assert found.ids.session == "s"


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"data": rows, "error": None}])
def test_helicone_arrays_and_pages(tmp_path: Path, wrap: Any) -> None:
    path = tmp_path / "requests.json"
    path.write_text(json.dumps(wrap([helicone(), helicone(request_id="b")]), indent=2))
    assert [call.ids.external_id for call in samples(path, "helicone")] == ["req-row", "b"]


def test_helicone_merged_streams(log: Path) -> None:
    chunks = [
        {"id": "chatcmpl-2", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}
        for text in ("h", "i")
    ]
    end = {"id": "chatcmpl-2", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in [*chunks, end]) + "data: [DONE]\n\n"
    for body in (CAME | {"streamed_data": chunks}, {"streamed_data": [*chunks, end]}, {"streamed_data": text}):
        found = sample(log, helicone(response_body=body))
        assert found.answer
        assert found.answer.text == "hi"
        assert found.error is None


@pytest.mark.parametrize(
    ("status", "words"), [(-2, "pending"), (-3, "cancelled"), (-4, "threat"), (-1, "timed out"), (0, "no response")]
)
def test_helicone_requests_without_a_response(log: Path, status: int, words: str) -> None:
    found = sample(log, helicone(response_status=status, response_body=None))
    assert found.error is not None
    assert words in found.error
    assert (found.answer, found.not_replayable) == (None, None)


@pytest.mark.parametrize(
    ("given", "dollars"),
    [
        ({"cost": 0.00012}, 0.00012),
        ({"cost": None, "costUSD": 0.5}, 0.5),
        ({"cost": 82500}, 0.0000825),  # rows of the database behind it: billionths of a dollar
        ({"cost": "82500"}, 0.0000825),
        ({"cost": 1.25}, 1.25),
        ({"cost": None}, None),
    ],
)
def test_helicone_costs(log: Path, given: dict[str, Any], dollars: float | None) -> None:
    assert sample(log, helicone(**given)).metered.cost_usd == (None if dollars is None else pytest.approx(dollars))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"request_properties": {"Feature": "billing", "Helicone-Prompt-Id": "p"}, "prompt_id": "q"}, "billing"),
        ({"request_properties": {"Helicone-Prompt-Id": "p"}, "prompt_id": "q"}, "p"),
        ({"request_properties": {"Helicone-Session-Name": "support"}, "prompt_id": "q"}, "q"),
        ({"request_properties": {"Helicone-Session-Name": "support", "Environment": "production"}}, "support"),
        ({"properties": {"use-case": "refunds"}}, "refunds"),
        ({"request_properties": None}, None),
    ],
)
def test_what_a_helicone_request_was_for(log: Path, given: dict[str, Any], expected: str | None) -> None:
    assert sample(log, helicone(**given)).use_case == expected


def test_helicone_counts_without_bodies(log: Path) -> None:
    told = {"request_body": {}, "response_body": {}, "prompt_cache_read_tokens": 5}
    older, newer, claude = (
        found.metered.usage
        for found in items(
            log, helicone(**told), helicone(**told, reasoning_tokens=4), helicone(**told, provider="ANTHROPIC")
        )
        if isinstance(found, Sample)
    )
    assert older == Usage(input_tokens=7, cache_read_tokens=5, output_tokens=3)
    assert newer == Usage(input_tokens=12, cache_read_tokens=5, output_tokens=7, reasoning_tokens=4)
    assert claude == Usage(input_tokens=12, cache_read_tokens=5, output_tokens=3)


def test_helicone_notes_in_place_of_bodies(log: Path) -> None:
    note = {"helicone_message": "fetching body from signed_url"}
    found = sample(log, helicone(request_body=note, response_body=note))
    assert found.not_replayable is not None
    assert "no request bodies" in found.not_replayable


def test_helicone_schema_where_there_is_no_body(log: Path) -> None:
    schema = {
        "request": {
            "model": "gpt-4o", "temperature": 0, "tools": [{"name": "look", "description": "d", "parameters": {}}],
            "tool_choice": {"type": "any"},
            "messages": [
                {"_type": "message", "role": "system", "content": "Be brief"},
                {"_type": "contentArray", "role": "user", "contentArray": [
                    {"_type": "message", "role": "user", "content": "Look up Berlin"},
                ]},
                {"_type": "functionCall", "role": "assistant", "content": "", "tool_calls": [
                    {"id": "c1", "name": "look", "arguments": {"city": "Berlin"}},
                ]},
                {"_type": "function", "role": "tool", "tool_call_id": "c1", "content": "A city"},
            ],
        },
        "response": {"messages": [{"_type": "message", "role": "assistant", "content": "A city."}]},
    }  # fmt: skip
    found = sample(log, helicone(request_body={}, response_body=None, llmSchema=schema))
    assert [message["role"] for message in found.request.messages] == ["system", "user", "assistant", "tool"]
    call = found.request.messages[2]["tool_calls"][0]["function"]
    assert (call["name"], json.loads(call["arguments"])) == ("look", {"city": "Berlin"})
    assert found.request.params["tool_choice"] == "required"
    assert found.request.params["tools"][0]["function"]["name"] == "look"
    assert found.answer
    assert found.answer.text == "A city."
    assert found.not_replayable is None


@pytest.mark.parametrize(
    "given",
    [
        {"request_path": "https://api.example.com/v1/embeddings", "request_body": {"input": "x", "model": "e"}},
        {"request_body": {"_type": "tool", "toolName": "search", "input": {}}},
    ],
)
def test_helicone_rows_that_are_no_call(log: Path, given: dict[str, Any]) -> None:
    (found,) = items(log, helicone(**given))
    assert isinstance(found, Rejection)
    assert "not of a chat model" in found.reason


def test_helicone_objects_of_the_dashboard(log: Path) -> None:
    row = {
        "_type": "openai-chat", "id": "x", "model": "gpt-4o", "schema": {}, "raw": {"request": ASKED, "response": CAME},
        "preview": {}, "heliconeMetadata": {
            "requestId": "r", "createdAt": "2025-03-01T10:00:00Z", "latency": 1500, "cost": 0.1,
            "customProperties": {"feature": "billing"}, "status": {"code": 200},
        },
    }  # fmt: skip
    found = sample(log, row, format="helicone")
    assert (found.ids.external_id, found.metered.latency_s, found.metered.cost_usd, found.use_case) == (
        "r",
        1.5,
        0.1,
        "billing",
    )
    assert found.metered.usage == USED


# Portkey


def portkey(**given: Any) -> dict[str, Any]:
    return {
        "id": "log-1", "trace_id": "trace-1", "created_at": "2025-03-01T10:00:00.000Z",
        "request": {"url": "https://api.example.com/v1/chat/completions", "method": "POST", "body": ASKED},
        "response": {"status": 200, "body": CAME}, "is_success": 1, "ai_org": "openai", "ai_model": "gpt-4o",
        "req_units": 12, "res_units": 3, "total_units": 15, "cost": 0.25, "cost_currency": "USD",
        "response_time": 800, "response_status_code": 200, "prompt_slug": None, "metadata": {"_user": "u"},
    } | given  # fmt: skip


def older_portkey(**given: Any) -> dict[str, Any]:
    """Bodies as text, metadata as two lists, other columns."""
    return {
        "created_at": "2025-03-01 10:00:00", "request.body": json.dumps(ASKED), "response.body": json.dumps(CAME),
        "is_success": 1, "ai_org": "openai", "ai_model": "gpt-4o", "req_units": 12, "res_units": 3, "cost": 0.25,
        "request_url": "https://api.example.com/v1/chat/completions", "response_status_code": 200,
        "response_time": 800, "cache_status": "MISS", "stream_mode": "FALSE", "trace_id": "trace-1",
        "metadata.key": ["_user", "feature"], "metadata.value": ["u", "billing"],
    } | given  # fmt: skip


def test_portkey(fixtures: Path) -> None:
    found = samples(fixtures / "samples" / "portkey_logs_export.jsonl", "portkey")
    assert [call.use_case for call in found] == [None, "desk-answer", None, "desk-answer", None, None]
    assert [call.ids.session for call in found[:3]] == ["tr-0", "tr-0", "tr-1"]
    first, _, calling, sorting, _, failed = found
    assert first.metered.cost_usd == pytest.approx(0.00013), "0.013 cents"
    assert (first.metered.latency_s, first.model) == (0.8, "gpt-4o-2024-08-06")
    assert first.metered.usage == Usage(input_tokens=24, output_tokens=7)
    assert calling.answer is not None
    assert calling.answer.tool_calls[0].name == "find_repair"
    assert sorting.request.params["response_format"]["json_schema"]["name"] == "Ticket"
    assert failed.error == "Error while downloading https://example.com/wheel.jpg."
    assert failed.not_replayable is not None
    assert failed.metered.usage is None


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"metadata.key": '["_user", "feature"]', "metadata.value": '["u", "billing"]'},
        {"metadata.key": None, "metadata.value": None,
         "metadata": {"key": ["_user", "feature"], "value": ["u", "billing"]}},
        {"request.body": None, "response.body": None, "request": {"body": json.dumps(ASKED)},
         "response": {"body": json.dumps(CAME)}},
    ],
)  # fmt: skip
def test_older_portkey(log: Path, given: dict[str, Any]) -> None:
    found = sample(log, older_portkey(**given), format="portkey")
    assert found.request.messages == ASKED["messages"]
    assert found.request.params == {"temperature": 0.2}
    assert found.answer
    assert found.answer.text == "hi"
    assert (found.use_case, found.ids.session, found.metered.latency_s, found.metered.cost_usd) == (
        "billing",
        "trace-1",
        0.8,
        0.0025,
    )
    assert found.metered.at == datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert found.metered.usage == USED


def test_portkey_rows_without_a_prompt(log: Path) -> None:
    bare, template, cut = (
        found
        for found in items(
            log,
            older_portkey(**{"request.body": None, "response.body": None}),
            portkey(request={"body": {"variables": {"city": "Berlin"}}}),
            older_portkey(**{"request.body": json.dumps(ASKED)[:40]}),
        )
        if isinstance(found, Sample)
    )
    assert bare.not_replayable is not None
    assert "request.body" in bare.not_replayable
    assert bare.metered.usage == Usage(input_tokens=12, output_tokens=3)
    assert template.not_replayable is not None
    assert "template" in template.not_replayable
    assert cut.not_replayable is not None
    assert "cut" in cut.not_replayable


def test_portkey_failures(log: Path) -> None:
    flagged, limited = (
        found
        for found in items(
            log,
            portkey(is_success=0, response={"body": None}, response_status_code=None),
            portkey(is_success=0, response={"body": {"error": {"message": "slow down"}}}, response_status_code=429),
        )
        if isinstance(found, Sample)
    )
    assert (flagged.error, flagged.not_replayable) == ("logged as failed", None)
    assert (limited.error, limited.not_replayable) == ("slow down", None)


def test_portkey_embeddings_and_other_currencies(log: Path) -> None:
    embedding, euros = items(
        log, portkey(request_url="https://api.example.com/v1/embeddings"), portkey(cost_currency="EUR")
    )
    assert isinstance(embedding, Rejection)
    assert isinstance(euros, Sample)
    assert euros.metered.cost_usd is None


# PromptLayer


def test_promptlayer(fixtures: Path) -> None:
    found = samples(fixtures / "samples" / "promptlayer_requests.json", "promptlayer")
    assert [call.ids.external_id for call in found] == ["90000", "90001", "90002", "90003"]
    assert {call.use_case for call in found} == {"desk-answer"}
    first, second, calling, sorting = found
    assert [message["role"] for message in first.request.messages] == ["system", "user"]
    assert first.request.messages[1]["content"] == "Is the workshop open on Monday?"
    assert first.answer
    assert first.answer.text == "Yes, from nine to six."
    assert (first.metered.cost_usd, first.metered.latency_s, first.model) == (0.00013, 0.8, "gpt-4o")
    assert first.metered.usage == Usage(input_tokens=24, output_tokens=7)
    assert first.metered.at == datetime(2026, 2, 3, 9, 0, 0, 200000, tzinfo=UTC)
    assert [message["role"] for message in second.request.messages] == ["user", "assistant", "tool"]
    assert calling.answer is not None
    assert (calling.answer.text, calling.answer.tool_calls[0].name) == (None, "find_repair")
    assert [message["role"] for message in calling.request.messages] == ["user"]
    assert len(calling.request.params["tools"]) == 2
    assert sorting.request.params["response_format"]["type"] == "json_schema"
    assert not any(call.reference for call in found)


def text(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": content}]} | more


def test_promptlayer_requests_as_sent_to_its_api(log: Path) -> None:
    row = {
        "provider": "openai", "model": "gpt-4o", "parameters": {"temperature": 0.5, "max_tokens": 9},
        "input": {"type": "chat", "messages": [text("user", "Hi")], "tools": None},
        "output": {"type": "chat", "messages": [text("assistant", "Hello")]},
        "request_start_time": "2025-03-01T10:00:00", "request_end_time": "2025-03-01T10:00:03",
        "tags": ["prod", "triage"], "metadata": {"session_id": "s"}, "input_tokens": 1, "output_tokens": 2,
        "price": 0.1,
    }  # fmt: skip
    found = sample(log, row, format="promptlayer")
    assert found.request.messages == [{"role": "user", "content": "Hi"}]
    assert found.request.params == {"temperature": 0.5, "max_tokens": 9}
    assert found.answer
    assert found.answer.text == "Hello"
    assert (found.use_case, found.ids.session, found.metered.latency_s, found.metered.cost_usd) == (
        "triage",
        "s",
        3.0,
        0.1,
    )


def test_promptlayer_older_records(log: Path) -> None:
    row = {
        "function_name": "openai.ChatCompletion.create", "args": [], "kwargs": ASKED, "tags": ["triage"],
        "request_response": CAME, "request_start_time": 1740823200.0, "request_end_time": 1740823201.5,
    }  # fmt: skip
    found = sample(log, row, format="promptlayer")
    assert found.answer
    assert found.answer.text == "hi"
    assert (found.use_case, found.metered.latency_s, found.metered.usage) == ("triage", 1.5, USED)
    assert found.metered.at == datetime(2025, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "message",
    [
        {"role": "placeholder", "name": "history"},
        text("user", "Translate {line}", input_variables=["line"]),
        text("user", "Translate {{ line }}", input_variables=["line"]),
    ],
)
def test_promptlayer_templates_that_are_not_filled_in(log: Path, message: dict[str, Any]) -> None:
    messages = [text("system", "Be brief"), text("user", "Hi"), message, text("assistant", "Hello")]
    row = {"request_id": 1, "prompt_blueprint": {"prompt_template": {"type": "chat", "messages": messages}}}
    assert sample(log, row).not_replayable == "its prompt is a template whose variables are not filled in"


def test_promptlayer_failures_and_completions(log: Path) -> None:
    chat = {"prompt_template": {"type": "chat", "messages": [text("user", "Hi")]}, "metadata": None}
    completion = {"prompt_template": {"type": "completion", "content": [{"type": "text", "text": "Once"}]}}
    failed, completed = items(
        log,
        {"request_id": 1, "prompt_blueprint": chat, "status": "ERROR", "error_message": "Error code: 429", "price": 0},
        {"request_id": 2, "prompt_blueprint": completion, "status": "SUCCESS", "request_response": CAME},
    )
    assert isinstance(failed, Sample)
    assert (failed.error, failed.answer, failed.not_replayable) == ("Error code: 429", None, None)
    assert isinstance(completed, Sample)
    assert completed.request.messages == [{"role": "user", "content": "Once"}]
    assert completed.answer
    assert completed.answer.text == "hi"


# OpenPipe


def test_openpipe(fixtures: Path) -> None:
    calling, naming = samples(fixtures / "samples" / "openpipe_export.jsonl", "openpipe")
    assert calling.use_case == "two_repairs"
    assert calling.metered.at == datetime(2026, 2, 3, 9, 0, 0, 703000, tzinfo=UTC)  # milliseconds
    assert calling.answer is not None
    assert [call.name for call in calling.answer.tool_calls] == ["find_repair"] * 2
    assert json.loads(calling.answer.tool_calls[1].arguments)["ticket"] == "R-78"
    assert calling.request.params["tools"][0]["function"]["name"] == "find_repair"
    assert naming.answer
    assert naming.answer.text == "bell, chain"
    assert naming.metered.usage == Usage(input_tokens=29, output_tokens=9)
    assert naming.ids.external_id == "Own0pipe0000000000000000000000a2"
    assert naming.not_replayable == "the conversation has no user turn to answer"


@pytest.mark.parametrize(
    "output",
    [
        {"error": {"message": "slow down", "status": 429}},
        {"message": "slow down", "status": 429},
        {"message": "slow down", "code": 429, "type": "rate_limit"},
    ],
)
def test_openpipe_failures(log: Path, output: dict[str, Any]) -> None:
    found = sample(log, {"input": ASKED, "output": output, "tags": {"feature": "billing"}}, format="openpipe")
    assert (found.error, found.answer, found.not_replayable) == ("slow down", None, None)
    assert found.use_case == "billing"


def test_a_table_of_portkey(tmp_path: Path) -> None:
    path = tmp_path / "portkey.csv"
    row = older_portkey()
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(row)
        table.writerow([value if isinstance(value, str) else json.dumps(value) for value in row.values()])
    (found,) = samples(path, "portkey")
    assert (found.use_case, found.metered.cost_usd, found.metered.usage) == ("billing", 0.0025, USED)
