"""Traces: OpenTelemetry's conventions in all generations, OpenInference and Phoenix, MLflow, the Vercel AI SDK."""

import csv
import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.readers.otlp import hex_id
from advisor.ingest.reading import read_log, read_logs
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.span_attributes import has_gap, listed, nest, plain_value, read_attributes
from advisor.types import Rejection, RejectionCode, Sample, Usage

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}
HI = '[{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]'


def any_value(value: Any) -> dict[str, Any]:
    """As protobuf's JSON writes it."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(element) for element in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": pairs(value)}}
    return {"stringValue": value}


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in attributes.items()]


def span(number: int, attributes: dict[str, Any], parent: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": "chat gpt-4o",
        "startTimeUnixNano": "1760413199200000000",
        "endTimeUnixNano": "1760413200000000000",
        "attributes": pairs(attributes),
        "status": {},
    } | more


def request(*spans: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": pairs({"service.name": "shop"})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "s"}, "spans": list(spans)}]}]}


def event(number: int, name: str, body: dict[str, Any], tick: int, **attributes: Any) -> dict[str, Any]:
    return {
        "timeUnixNano": str(1760413199200000000 + tick),
        "eventName": name,
        "body": any_value(body),
        "attributes": pairs({"gen_ai.system": "openai"} | attributes),
        "traceId": TRACE,
        "spanId": f"{number:016x}",
    }


def logs(*records: dict[str, Any]) -> dict[str, Any]:
    return {"resourceLogs": [{"resource": {}, "scopeLogs": [{"logRecords": list(records)}]}]}


def items(path: Path) -> list[Sample | Rejection]:
    return [item for _, item in read_log(open_log(path))]


def read(tmp_path: Path, *records: dict[str, Any]) -> list[Sample | Rejection]:
    path = tmp_path / "trace.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return items(path)


def call(tmp_path: Path, *records: dict[str, Any]) -> Sample:
    [found] = read(tmp_path, *records)
    assert isinstance(found, Sample), found
    return found


def texts(sample: Sample) -> list[tuple[str, Any]]:
    return [(message["role"], message.get("content")) for message in sample.request.messages]


def test_current_otlp_contents(fixtures: Path) -> None:
    found = [item for item in items(fixtures / "samples" / "otlp_genai_current.json") if isinstance(item, Sample)]
    joke, hours, ready, finding = found
    assert texts(joke) == [("system", "You joke."), ("user", "A joke about wheels")]
    assert joke.request.params == {"max_tokens": 200, "top_p": 1.0}
    assert joke.metered.usage == Usage(input_tokens=32, cache_read_tokens=20, output_tokens=47)
    assert (joke.model, joke.metered.latency_s, joke.ids.response_id) == (
        "gpt-4-0613",
        0.8,
        "chatcmpl-Wkshp008aaaaaaaaaaaaaaaaaaaaa",
    )
    assert (hours.ids.session, hours.use_case, hours.metered.ttft_s) == ("conv-0", "desk-answer", 0.4)
    assert texts(hours) == [
        ("system", "Answer in one short sentence."), ("user", "Is the workshop open on Monday?"),
    ]  # fmt: skip
    assert hours.answer is not None
    assert hours.answer.text == "Yes, from nine to six."
    assert hours.metered.at == datetime.datetime(2026, 2, 3, 9, 0, 0, 200000, tzinfo=datetime.UTC)
    trace = "57" * 16
    assert (ready.ids.span, ready.ids.parent_span) == (f"{trace}:eb00000000000001", f"{trace}:11d8c28a64490a98")
    assert [message["role"] for message in ready.request.messages] == ["user", "assistant", "tool"]
    assert ready.request.messages[2]["tool_call_id"] == "call_Rpr77"
    assert [tool["function"]["name"] for tool in ready.request.params["tools"]] == ["find_repair", "cancel_repair"]
    assert finding.answer is not None
    assert json.loads(finding.answer.tool_calls[0].arguments) == {"ticket": "R-77"}


def test_openllmetry_contents(fixtures: Path) -> None:
    _, ready, image = items(fixtures / "samples" / "otlp_genai_openllmetry_legacy.json")
    assert isinstance(ready, Sample)
    assert isinstance(image, Sample)
    assert ready.use_case == "desk"
    assert ready.metered.usage == Usage(input_tokens=210, output_tokens=8)
    assert ready.request.messages[2]["tool_call_id"] == ready.request.messages[1]["tool_calls"][0]["id"]
    assert ready.request.params["tools"][0]["function"]["parameters"]["required"] == ["ticket"]
    assert image.request.messages[0]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")


def test_phoenix_contents(fixtures: Path) -> None:
    rows = [items(fixtures / "samples" / name) for name in ("phoenix_spans.jsonl", "phoenix_spans_rest.json")]
    assert rows[0] == rows[1]
    multiply, _, completion, hours, _, failed = rows[0]
    assert isinstance(multiply, Sample)
    assert multiply.answer is not None
    assert [(tool.name, json.loads(tool.arguments)) for tool in multiply.answer.tool_calls] == [
        ("multiply", {"a": 48, "b": 16})
    ]
    assert multiply.request.params == {"temperature": 0.1}
    assert isinstance(completion, Sample)
    assert completion.answer is not None
    assert completion.request.messages[0]["content"] == "def ratio(front, rear):"
    assert completion.request.params == {"temperature": 0.4, "top_p": 0.9, "max_tokens": 25}
    assert (completion.answer.finish_reason, completion.ids.response_id) == (
        "length",
        "cmpl-Wkshp001aaaaaaaaaaaaaaaaaaaaa",
    )
    assert isinstance(hours, Sample)
    assert (hours.use_case, hours.ids.session, hours.ids.external_id) == ("desk", "sess-0", "0b1cdc9fe1f929e4")
    assert hours.ids.response_id == "chatcmpl-Wkshp000aaaaaaaaaaaaaaaaaaaaa"
    assert isinstance(failed, Sample)
    assert (failed.error, failed.answer, failed.not_replayable) == ("RateLimitError: 429", None, None)
    schema = next(item for item in rows[0] if isinstance(item, Sample) and "response_format" in item.request.params)
    assert schema.request.params["response_format"]["type"] == "json_schema"


def test_mlflow_contents(fixtures: Path) -> None:
    chain, hours, _, finding, failed = items(fixtures / "samples" / "mlflow_traces.jsonl")
    assert isinstance(chain, Rejection)
    assert chain.reason == "a span of the kind CHAIN, not a call of a model"
    assert isinstance(hours, Sample)
    assert isinstance(finding, Sample)
    assert isinstance(failed, Sample)
    assert hours.ids.parent_span == chain.span
    assert (hours.use_case, hours.ids.session, hours.model) == ("desk", "sess-9", "gpt-4o-mini-2024-07-18")
    assert texts(hours)[-1] == ("user", "Is the workshop open on Monday?")
    assert hours.metered.usage == Usage(input_tokens=24, output_tokens=7)
    assert finding.answer is not None
    assert finding.answer.tool_calls[0].name == "find_repair"
    assert finding.request.params["tools"][0]["function"]["name"] == "find_repair"
    assert (failed.error, failed.not_replayable) == ("Error code: 429 - rate limit", None)


def test_short_response_ids_are_no_identity(fixtures: Path) -> None:
    found = [item for item in items(fixtures / "samples" / "mlflow_traces.jsonl") if isinstance(item, Sample)]
    assert [item.ids.response_id for item in found] == [None, None, None]


def test_native_values_and_other_operations(tmp_path: Path) -> None:
    native = span(
        1,
        CHAT | {
            "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}],
            "gen_ai.output.messages": [{"role": "assistant", "parts": [{"type": "text", "content": "yo"}]}],
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.tool.definitions": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
            "gen_ai.usage.cost": 0.02,
        },
        parent=4,
    )  # fmt: skip
    agent = span(4, {"gen_ai.operation.name": "invoke_agent", "gen_ai.input.messages": HI})
    http = span(5, {"http.request.method": "GET"}, name="GET /")
    embeddings = span(7, {"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "e"})
    sample, *others = read(tmp_path, request(native, agent, http, embeddings))
    assert isinstance(sample, Sample)
    assert isinstance(others[0], Rejection)
    assert sample.answer is not None
    assert texts(sample) == [("user", "hi")]
    assert (sample.answer.text, sample.answer.finish_reason, sample.metered.cost_usd) == ("yo", "stop", 0.02)
    assert sample.request.params["tools"] == [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    ]
    assert sample.ids.parent_span == others[0].span == f"{TRACE}:{4:016x}"
    assert [getattr(other, "code", None) for other in others] == [RejectionCode.NOT_A_CALL] * 3


def test_calls_that_cannot_be_replayed(tmp_path: Path) -> None:
    counts = {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 1}
    cut = call(tmp_path, request(span(1, CHAT | counts | {"gen_ai.input.messages": '[{"role": "user", "par'})))
    assert cut.not_replayable == "the messages were cut by a length limit of the exporter"
    off = call(tmp_path, request(span(1, CHAT | counts)))
    assert off.not_replayable is not None
    assert "capturing content is switched off" in off.not_replayable
    assert cut.metered.usage == off.metered.usage == Usage(input_tokens=5, output_tokens=1)
    gap = {f"gen_ai.prompt.{number}.{key}": key for number in (0, 2) for key in ("content",)}
    missing = call(tmp_path, request(span(1, {"llm.request.type": "chat"} | gap)))
    assert missing.not_replayable == "the messages were cut by a length limit of the exporter"
    full = {"llm.request.type": "chat", "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "a"}
    assert call(tmp_path, request(span(1, full))).not_replayable is None
    assert call(tmp_path, request(span(1, full, droppedAttributesCount=3))).not_replayable is not None
    linked = '[{"role": "user", "parts": [{"type": "uri", "modality": "image", "uri": "https://a.example/b.png"}]}]'
    image = call(tmp_path, request(span(1, CHAT | {"gen_ai.input.messages": linked})))
    assert image.not_replayable == "an image is linked by a URL that may have expired"


def test_errors(tmp_path: Path) -> None:
    def failed(message: str, **attributes: Any) -> Sample:
        status = {"code": "STATUS_CODE_ERROR", "message": message}
        return call(tmp_path, request(span(1, CHAT | {"gen_ai.input.messages": HI} | attributes, status=status)))

    refused = failed("Error code: 400 - {'error': 'x'}")
    assert (refused.error, refused.answer) == ("Error code: 400 - {'error': 'x'}", None)
    assert refused.not_replayable == "the logged request was refused by the provider"
    assert failed("Error code: 529 - overloaded").not_replayable is None
    assert failed("", **{"error.type": "timeout"}).error == "timeout"


@pytest.mark.parametrize(
    ("given", "read_", "written", "expected"),
    [
        (100, 60, 10, Usage(input_tokens=30, cache_read_tokens=60, cache_write_tokens=10, output_tokens=5)),
        (2, 1590, 0, Usage(input_tokens=2, cache_read_tokens=1590, output_tokens=5)),
    ],
)
def test_cached_input_is_counted_once(tmp_path: Path, given: int, read_: int, written: int, expected: Usage) -> None:
    for read_name, write_name in (
        ("cache_read.input_tokens", "cache_creation.input_tokens"),
        ("cache_read_input_tokens", "cache_creation_input_tokens"),
    ):
        counts = {"input_tokens": given, "output_tokens": 5, read_name: read_, write_name: written}
        usage = {f"gen_ai.usage.{name}": count for name, count in counts.items()}
        assert call(tmp_path, request(span(1, CHAT | usage | {"gen_ai.input.messages": HI}))).metered.usage == expected


def test_log_events_join_their_span_across_files(tmp_path: Path) -> None:
    spans, events = tmp_path / "spans.jsonl", tmp_path / "logs.json"
    spans.write_text(json.dumps(request(span(8, CHAT))) + "\n")
    made = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    details = CHAT | {"gen_ai.input.messages": HI, "gen_ai.usage.input_tokens": 3}
    events.write_text(
        json.dumps(
            logs(
                event(8, "gen_ai.choice", {"finish_reason": "tool_calls", "message": {"tool_calls": [made]}}, 9),
                event(8, "gen_ai.system.message", {"content": "be brief"}, 1),
                event(8, "gen_ai.user.message", {"content": "hello"}, 2),
                event(9, "gen_ai.user.message", {"content": "no span"}, 2),
                event(9, "gen_ai.choice", {"message": {"content": "ok"}, "finish_reason": "stop"}, 3),
                event(10, "http.log", {"content": "no model"}, 4),
                event(11, "gen_ai.client.inference.operation.details", {}, 5, **details),
            )
        )
    )  # fmt: skip
    found = list(read_logs([open_log(spans), open_log(events)]))
    assert [item.joined for item in found] == [0, 3, 1, 0]
    other, joined, alone, told = (item.item for item in found)
    assert isinstance(other, Rejection)
    assert "log record" in other.reason
    assert isinstance(joined, Sample)
    assert isinstance(alone, Sample)
    assert isinstance(told, Sample)
    assert texts(joined) == [("system", "be brief"), ("user", "hello")]
    assert joined.answer is not None
    assert joined.answer.tool_calls[0].name == "f"
    assert (joined.metered.latency_s, joined.model, joined.ids.span) == (0.8, "gpt-4o", f"{TRACE}:{8:016x}")
    assert texts(alone) == [("user", "no span")]
    assert alone.answer is not None
    assert alone.answer.text == "ok"
    assert texts(told) == [("user", "hi")]
    assert told.metered.usage == Usage(input_tokens=3)


@pytest.mark.parametrize(
    ("attributes", "events"),
    [
        (
            {},
            [
                ("gen_ai.user.message", {"gen_ai.event.content": '{"role": "user", "content": "q"}'}),
                ("gen_ai.choice", {"gen_ai.event.content": '{"message": {"content": "a"}, "finish_reason": "stop"}'}),
            ],
        ),
        (
            {},
            [
                ("gen_ai.user.message", {"content": '[{"text": "q"}]'}),
                ("gen_ai.choice", {"message": '[{"text": "a"}]', "finish_reason": "stop"}),
            ],
        ),
        (
            {},
            [
                ("gen_ai.content.prompt", {"gen_ai.prompt": '[{"role": "user", "content": "q"}]'}),
                ("gen_ai.content.completion", {"gen_ai.completion": '[{"role": "assistant", "content": "a"}]'}),
            ],
        ),
        (
            {
                "events": json.dumps(
                    [
                        {"event.name": "gen_ai.user.message", "content": "q", "role": "user"},
                        {"event.name": "gen_ai.choice", "message": {"role": "assistant", "content": "a"}},
                    ]
                )
            },
            [],
        ),
    ],
)
def test_span_events(tmp_path: Path, attributes: dict[str, Any], events: list[tuple[str, dict[str, Any]]]) -> None:
    written = [{"name": name, "attributes": pairs(values)} for name, values in events]
    sample = call(tmp_path, request(span(1, CHAT | attributes, events=written)))
    assert texts(sample) == [("user", "q")]
    assert sample.answer is not None
    assert sample.answer.text == "a"


def test_anthropic_blocks_and_thoughts_of_openllmetry(tmp_path: Path) -> None:
    sample = call(
        tmp_path,
        request(
            span(
                16,
                {
                    "gen_ai.system": "Anthropic",
                    "llm.request.type": "completion",
                    "gen_ai.prompt.0.role": "user",
                    "gen_ai.prompt.0.content": "[not a list]",
                    "gen_ai.prompt.1.role": "assistant",
                    "gen_ai.prompt.1.content": '[{"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}]',
                    "gen_ai.prompt.1.tool_calls.0.id": "t1",
                    "gen_ai.prompt.1.tool_calls.0.name": "f",
                    "gen_ai.prompt.1.tool_calls.0.arguments": '{"a": 1}',
                    "gen_ai.prompt.2.role": "user",
                    "gen_ai.prompt.2.content": '[{"type": "tool_result", "tool_use_id": "t1", "content": "ok"}]',
                    "gen_ai.completion.0.role": "thinking",
                    "gen_ai.completion.0.content": "hmm",
                    "gen_ai.completion.1.role": "assistant",
                    "gen_ai.completion.1.content": "done",
                    "llm.request.functions.0.name": "f",
                    "llm.request.functions.0.input_schema": '{"type": "object"}',
                    "traceloop.prompt.key": "triage",
                },
            )
        ),
    )
    assert [message["role"] for message in sample.request.messages] == ["user", "assistant", "tool"]
    assert sample.request.messages[0]["content"] == "[not a list]"
    assert len(sample.request.messages[1]["tool_calls"]) == 1
    assert sample.request.messages[2] == {"role": "tool", "content": "ok", "tool_call_id": "t1"}
    assert sample.answer is not None
    assert sample.answer.text == "done"
    assert sample.request.params["tools"][0]["function"]["parameters"] == {"type": "object"}
    assert sample.use_case == "triage"


def test_results_of_parallel_calls_are_linked_in_order(tmp_path: Path) -> None:
    flat = {"llm.request.type": "chat", "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "both"}
    for index in (0, 1):
        flat[f"gen_ai.prompt.1.tool_calls.{index}.id"] = f"id{index}"
        flat[f"gen_ai.prompt.1.tool_calls.{index}.name"] = f"f{index}"
        flat[f"gen_ai.prompt.{index + 2}.role"] = "tool"
        flat[f"gen_ai.prompt.{index + 2}.content"] = f"r{index}"
    sample = call(tmp_path, request(span(1, flat | {"gen_ai.prompt.1.role": "assistant"})))
    assert [message.get("tool_call_id") for message in sample.request.messages] == [None, None, "id0", "id1"]


def test_snake_case_base64_ids_and_numbers(tmp_path: Path) -> None:
    attributes = [
        {"key": "gen_ai.operation.name", "value": {"string_value": "chat"}},
        {"key": "gen_ai.input.messages", "value": {"string_value": HI}},
        {"key": "gen_ai.usage.input_tokens", "value": {"int_value": 5}},
    ]
    inner = {
        "trace_id": "S/kvNXezTaajzpKdDg5HNg==",
        "span_id": "APBnqgupArc=",
        "name": "x",
        "start_time_unix_nano": 1760413199200000000,
        "end_time_unix_nano": 1760413200000000000,
        "attributes": attributes,
    }
    sample = call(tmp_path, {"resource_spans": [{"scope_spans": [{"spans": [inner]}]}]})
    assert (sample.ids.span, sample.metered.latency_s) == (f"{TRACE}:00f067aa0ba902b7", 0.8)
    assert sample.metered.usage == Usage(input_tokens=5)


def test_bare_spans_of_sdks(tmp_path: Path) -> None:
    python = {
        "name": "chat x",
        "context": {"trace_id": f"0x{TRACE}", "span_id": "0x00f067aa0ba902b7"},
        "kind": "SpanKind.CLIENT",
        "parent_id": None,
        "start_time": "2025-10-14T03:39:59.200000Z",
        "end_time": "2025-10-14T03:40:00.000000Z",
        "status": {"status_code": "UNSET"},
        "attributes": CHAT | {"gen_ai.input.messages": HI},
        "events": [{"name": "exception", "attributes": {"exception.message": "retried"}}],
        "resource": {"attributes": {"service.name": "shop"}},
    }
    sample = call(tmp_path, python)
    assert (sample.ids.span, sample.use_case, sample.metered.latency_s) == (f"{TRACE}:00f067aa0ba902b7", "shop", 0.8)
    javascript = {
        "traceId": TRACE,
        "id": "00f067aa0ba902b8",
        "kind": 0,
        "name": "chat x",
        "timestamp": 1760413199200000,
        "duration": 800000,
        "attributes": CHAT | {"gen_ai.input.messages": HI},
    }
    sample = call(tmp_path, javascript)
    assert (sample.ids.span, sample.metered.latency_s) == (f"{TRACE}:00f067aa0ba902b8", 0.8)


def test_vercel_keeps_the_inner_span(tmp_path: Path) -> None:
    made = {"toolCallId": "c"}
    prompt = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "q"}]},
        {"role": "assistant", "content": [{"type": "tool-call", "toolName": "w", "input": {"x": 1}} | made]},
        {"role": "tool", "content": [{"type": "tool-result", "output": {"type": "json", "value": {"t": 1}}} | made]},
    ]
    inner = {
        "ai.operationId": "ai.streamText.doStream",
        "ai.telemetry.functionId": "fn",
        "ai.model.id": "gpt-4o",
        "ai.model.provider": "openai.chat",
        "ai.prompt.messages": json.dumps(prompt),
        "ai.prompt.tools": ['{"type": "function", "name": "w", "inputSchema": {"type": "object"}}'],
        "ai.prompt.toolChoice": '{"type": "auto"}',
        "ai.response.text": "a",
        "ai.response.finishReason": "stop",
        "ai.response.msToFirstChunk": 120.5,
        "ai.usage.inputTokens": 10,
        "ai.usage.cachedInputTokens": 6,
        "ai.usage.outputTokens": 4,
        "ai.settings.temperature": 0.5,
    }
    outer = {"ai.operationId": "ai.streamText", "ai.prompt": '{"prompt": "q"}', "ai.model.id": "gpt-4o"}
    sample, rejection = read(tmp_path, request(span(19, inner, parent=20), span(20, outer)))
    assert isinstance(sample, Sample)
    assert isinstance(rejection, Rejection)
    assert [message["role"] for message in sample.request.messages] == ["system", "user", "assistant", "tool"]
    assert sample.request.messages[3] == {"role": "tool", "content": '{"t":1}', "tool_call_id": "c"}
    assert sample.request.params["tool_choice"] == "auto"
    assert sample.request.params["temperature"] == 0.5
    assert sample.metered.usage == Usage(input_tokens=4, cache_read_tokens=6, output_tokens=4)
    assert (sample.use_case, sample.metered.ttft_s) == ("fn", 0.1205)
    assert sample.ids.parent_span == rejection.span
    anthropic = inner | {"ai.model.provider": "anthropic.messages"}
    assert call(tmp_path, request(span(1, anthropic))).metered.usage == Usage(
        input_tokens=10, cache_read_tokens=6, output_tokens=4
    )


class Frozen:
    """Prints as an array of numpy does."""

    def __init__(self, *elements: Any) -> None:
        self.elements = elements

    def __repr__(self) -> str:
        return f"array([{', '.join(map(repr, self.elements))}],\n      dtype=object)"


def test_phoenix_data_frame(tmp_path: Path) -> None:
    code = "it's np.array([1, 2], dtype=object)\n{a}\n {b}"
    tool_call = {"tool_call.id": "c1", "tool_call.function.name": "f", "tool_call.function.arguments": '{"a": 1}'}
    raised = {"name": "exception", "timestamp": datetime.datetime(2026, 2, 25, 9, 21, 34, tzinfo=datetime.UTC)}
    given = [
        {"message.role": "user", "message.content": code, "message.tool_calls": None},
        {"message.role": "assistant", "message.content": float("nan"), "message.tool_calls": Frozen(tool_call)},
        {"message.role": "tool", "message.content": "2", "message.tool_call_id": "c1"},
    ]
    row = {
        "context.span_id": "03e04301b15a7969",
        "name": "ChatCompletion",
        "span_kind": "LLM",
        "parent_id": "",
        "start_time": "2026-02-25 09:21:33.200000+00:00",
        "end_time": "2026-02-25 09:21:34+00:00",
        "status_code": "OK",
        "events": repr([raised]),
        "context.trace_id": TRACE,
        "attributes.llm.model_name": "gpt-4o",
        "attributes.llm.input_messages": repr(given),
        "attributes.llm.output_messages": "[{'message.role': 'assistant', 'message.content': 'done'}]",
        "attributes.llm.tools": repr([{"tool.json_schema": '{"type": "function", "function": {"name": "f"}}'}]),
        "attributes.llm.invocation_parameters": '{"temperature": 0.5, "user": "u-1"}',
        "attributes.llm.token_count.prompt": "49.0",
        "attributes.llm.token_count.completion": "3.0",
        "attributes.llm.token_count.prompt_details.cache_read": "9.0",
        "attributes.llm.cost.total": "0.0012",
        "attributes.metadata": "{'route': 'billing'}",
        "attributes.session.id": "s-1",
    }
    lines = [str(given[0]), str(given[1]), str(given[2])]
    numpy_printed = row | {"attributes.llm.input_messages": "[" + "\n ".join(lines) + "]"}
    chain = row | {"span_kind": "CHAIN", "context.span_id": "00000000000000aa"}
    hidden = row | {"attributes.llm.input_messages": "", "attributes.input.value": "__REDACTED__"}
    path = tmp_path / "frame.csv"
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, fieldnames=[*list(row), "attributes.input.value"])
        table.writeheader()
        table.writerows([row, numpy_printed, chain, hidden])
    assert open_log(path).format == "openinference"
    first, second, rejected, redacted = items(path)
    assert isinstance(first, Sample)
    assert first == second
    assert first.request.messages[0]["content"] == code
    assert first.request.messages[1]["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a": 1}'}
    assert first.request.params == {"temperature": 0.5, "tools": [{"type": "function", "function": {"name": "f"}}]}
    assert first.metered.usage == Usage(input_tokens=40, cache_read_tokens=9, output_tokens=3)
    assert (first.metered.cost_usd, first.metered.latency_s, first.ids.session, first.use_case) == (
        0.0012,
        0.8,
        "s-1",
        "billing",
    )
    assert first.answer is not None
    assert first.answer.text == "done"
    assert isinstance(rejected, Rejection)
    assert rejected.reason == "a span of the kind CHAIN, not a call of a model"
    assert isinstance(redacted, Sample)
    assert redacted.request.messages == []
    assert redacted.not_replayable is not None
    assert "redacted" in redacted.not_replayable


def test_openinference_nested_hidden_and_from_bodies(tmp_path: Path) -> None:
    about: dict[str, Any] = {
        "name": "llm",
        "context": {"trace_id": "t", "span_id": "s"},
        "span_kind": "LLM",
        "parent_id": None,
        "start_time": "2024-01-11T16:45:17-07:00",
        "end_time": "2024-01-11T16:45:18-07:00",
        "status_code": "OK",
        "events": [],
    }
    contents = [
        {"message_content": {"type": "text", "text": "what is it?"}},
        {"message_content": {"type": "image", "image": {"image": {"url": "data:image/png;base64,AA=="}}}},
    ]
    nested = {"llm": {"model_name": "m", "input_messages": [{"message": {"role": "user", "contents": contents}}]}}
    sample = call(tmp_path, about | {"attributes": nested})
    assert sample.request.messages[0]["content"][1] == {
        "type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="},
    }  # fmt: skip
    hidden = {"llm.input_messages.0.message.role": "user", "llm.input_messages.0.message.content": "__REDACTED__"}
    counted = call(tmp_path, about | {"attributes": {"llm.token_count.prompt": 4, "llm.token_count.completion": 2}})
    assert counted.metered.usage == Usage(input_tokens=4, output_tokens=2)
    assert counted.not_replayable is not None
    assert call(tmp_path, about | {"attributes": hidden}).not_replayable == (
        "the text was cut or redacted before it was logged"
    )
    body = {"model": "m", "messages": [{"role": "user", "content": "q"}], "temperature": 0}
    plain = {"output.value": "{}", "output.mime_type": "text/plain"}
    from_body = call(
        tmp_path,
        about | {"attributes": plain | {"input.value": json.dumps(body)}},
    )
    assert texts(from_body) == [("user", "q")]
    assert from_body.request.params == {"temperature": 0}
    assert from_body.answer is not None
    assert from_body.answer.text == "{}"


def mlflow_span(kind: str, **attributes: Any) -> dict[str, Any]:
    return {
        "name": "call",
        "context": {"span_id": "0xa7d1a3da02107f8e", "trace_id": f"0x{TRACE}"},
        "parent_id": None,
        "start_time": 1760413199200000000,
        "end_time": 1760413200000000000,
        "status_code": "OK",
        "status_message": "",
        "attributes": {key.replace("__", "."): json.dumps(value) for key, value in attributes.items()}
        | {"mlflow.spanType": json.dumps(kind)},
        "events": [],
    }


def test_mlflow_older_schema_api_and_table(tmp_path: Path) -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": "q"}]}
    came = {"choices": [{"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}]}
    inner = mlflow_span(
        "CHAT_MODEL",
        mlflow__spanInputs=asked,
        mlflow__spanOutputs=came,
        mlflow__chat__tokenUsage={"input_tokens": 7, "output_tokens": 2, "total_tokens": 9},
        mlflow__llm__cost={"input_cost": 0.1, "output_cost": 0.2, "total_cost": 0.3},
    )
    older = {
        "info": {
            "request_id": "tr-1",
            "timestamp_ms": 1760413199200,
            "execution_time_ms": 800,
            "status": "OK",
            "request_metadata": {"mlflow.trace.session": "s-1", "mlflow.traceInputs": '{"q": "cut off he...'},
            "tags": {"mlflow.traceName": "answer", "mlflow.linkedPrompts": '[{"name": "qa", "version": "3"}]'},
        },
        "data": {"spans": [inner, mlflow_span("TOOL", mlflow__spanInputs={"x": 1})], "request": "{}", "response": "{}"},
    }
    sample, tool = read(tmp_path, older)
    assert isinstance(sample, Sample)
    assert isinstance(tool, Rejection)
    assert texts(sample) == [("user", "q")]
    assert (sample.use_case, sample.ids.session, sample.metered.cost_usd, sample.metered.latency_s) == (
        "qa",
        "s-1",
        0.3,
        0.8,
    )
    assert sample.metered.usage == Usage(input_tokens=7, output_tokens=2)
    trace = {"trace_info": older["info"], "spans": [inner]}
    assert call(tmp_path, {"trace": trace}) == sample
    path = tmp_path / "traces.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["trace_id", "trace", "state", "request_time", "execution_duration", "request", "spans"])
        table.writerow(["tr-1", json.dumps(older), "OK", 1760413199200, 800, "{}", repr([inner])])
    assert items(path) == [sample, tool]


@pytest.mark.parametrize(
    ("asked", "came"),
    [
        ({"system": "s", "max_tokens": 9, "model": "claude-x", "messages": [{"role": "user", "content": "q"}]},
         {"type": "message", "id": "msg_0123456789abcdef", "role": "assistant",
          "content": [{"type": "text", "text": "a"}], "stop_reason": "end_turn"}),
        ([[{"type": "system", "content": "s"}, {"type": "human", "content": "q"}]],
         {"generations": [[{"text": "a", "message": {"type": "ai", "content": "a"}}]]}),
        ({"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]}, ["a"]),
    ],
)  # fmt: skip
def test_mlflow_bodies_of_vendors_and_frameworks(tmp_path: Path, asked: Any, came: Any) -> None:
    inner = mlflow_span("LLM", mlflow__spanInputs=asked, mlflow__spanOutputs=came)
    sample = call(tmp_path, {"info": {"trace_id": "tr-1"}, "data": {"spans": [inner]}})
    assert texts(sample) == [("system", "s"), ("user", "q")]
    assert sample.answer is not None
    assert sample.answer.text == "a"


@pytest.mark.parametrize("odd", [None, 0, "", "text", [], [1], {}, {"a": {"b": [None]}}, "[{", True])
def test_odd_values_give_a_sample_or_a_rejection(tmp_path: Path, odd: Any) -> None:
    keys = (
        "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions",
        "gen_ai.prompt.0", "gen_ai.prompt", "gen_ai.completion", "llm.input_messages", "llm.tools", "llm.token_count",
        "llm.invocation_parameters", "ai.prompt.messages", "ai.prompt.tools", "ai.response.toolCalls", "events",
        "input.value", "output.value", "mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.chat.tokenUsage", "metadata",
        "gen_ai.usage.input_tokens", "tag.tags", "llm", "session.id", "mlflow.spanType",
    )  # fmt: skip
    about = {"context": {"trace_id": TRACE, "span_id": "a"}, "name": "x", "end_time": odd, "status": odd, "events": odd}
    spans = [about | {"attributes": CHAT | {key: odd}} for key in keys]
    spans += [about | {"attributes": {"openinference.span.kind": "LLM", key: odd}} for key in keys]
    spans += [about | {"attributes": odd, "resource": odd, "parent_id": odd, "start_time": odd}]
    spans += [{"resourceSpans": odd}, {"resourceLogs": [odd]}, {"resourceSpans": [{"scopeSpans": [{"spans": [odd]}]}]}]
    spans += [{"info": odd, "data": {"spans": [odd]}}, {"info": {}, "data": odd}]
    for number, record in enumerate(spans):
        if "context" in record:
            record["context"] = {"trace_id": TRACE, "span_id": f"{number + 2:016x}"}
    found = read(tmp_path, request(span(1, CHAT | {"gen_ai.input.messages": HI})), *spans)
    assert isinstance(found[0], Sample)
    assert len(found) >= 2 * len(keys)
    understood = [item for item in found if not (isinstance(item, Rejection) and "not understood" in item.reason)]
    assert len(understood) >= len(found), [item for item in found if item not in understood]


def test_attribute_values() -> None:
    assert plain_value({"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "1"}}]}}) == {"a": 1}
    assert plain_value({"array_value": {"values": [{"bool_value": True}, {"bytesValue": "AA=="}]}}) == [True, "AA=="]
    assert read_attributes([{"key": "a", "value": {"kvlistValue": {"values": [{"key": "b", "value": {}}]}}}]) == {
        "a.b": {}
    }
    assert nest({"a.0.b": 1, "a.1.b": 2, "a.name": "x"}) == {"a": {"0": {"b": 1}, "1": {"b": 2}, "name": "x"}}
    assert listed({"10": "c", "2": "b", "0": "a", "name": "x"}) == ["a", "b", "c"]
    assert has_gap({"0": 1, "2": 1})
    assert not has_gap({"0": 1, "1": 1, "name": 2})
    assert not has_gap([1])
    assert nest({"tool_call.function.arguments": {"a.b": 1}}) == {"tool_call": {"function": {"arguments": {"a.b": 1}}}}
    assert hex_id("APBnqgupArc=") == hex_id("0x00F067AA0BA902B7") == "00f067aa0ba902b7"
    assert hex_id("0000000000000000") is None
    assert hex_id("AAAAAAAAAAA=") is None
    assert hex_id("01fa9612-01b8-4358-85d6-e3e067305ec3") == "01fa9612-01b8-4358-85d6-e3e067305ec3"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[{'a': nan, 'b': array([1, 2], dtype=int64)}]", [{"a": None, "b": [1, 2]}]),
        ("{'t': datetime.datetime(2026, 2, 25, 9, 21, tzinfo=datetime.timezone.utc)}",
         {"t": "2026-02-25T09:21:00.000000+00:00"}),
        ("[{'a': 1}\n {'b': 'x\\n {y}'}]", [{"a": 1}, {"b": "x\n {y}"}]),
        ('{"a": NaN, "b": [true, null]}', {"a": None, "b": [True, None]}),
        ("{'id': UUID('ab'), 'at': Timestamp('2026-01-01'), 'n': np.float64(1.5)}",
         {"id": "ab", "at": "2026-01-01", "n": 1.5}),
        ("array([{'a': 1}], dtype=object)", [{"a": 1}]),
        ("[1, ..., 9]", "[1, ..., 9]"),
        ("{'a': __import__('os').getcwd()}", "{'a': __import__('os').getcwd()}"),
        ("{'a': <Span 1>}", "{'a': <Span 1>}"),
        ("[link](https://a.example)", "[link](https://a.example)"),
    ],
)  # fmt: skip
def test_printed_python_values(text: str, value: Any) -> None:
    assert decode(text) == value
