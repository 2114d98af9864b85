"""BeeAI's calls, as its instrumentations write them and as Langfuse keeps them: each once.

Made like what three of them wrote against a local server: Arize-ai/openinference, Python's
``openinference-instrumentation-beeai`` 0.1.30 (``processors/chat.py``, ``_span.py``) and 0.1.6
(``utils/get_serialized_object_safe.py`` at 87f319c4), and JavaScript's 1.5.30 (``getSerializedObjectSafe.ts`` at
089fe12c). Langfuse's fields are those of ``framework-traces/beeai-2025-08-01.json`` in langfuse/langfuse at 2eca294a;
later it left the messages out of the attributes (``OtelIngestionProcessor.ts`` at 0030ed8f). No real file was imported.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.store import Store
from advisor.types import Sample, Usage

Span = dict[str, Any]

TRACE = "0af7651916cd43dd8448eb211c80319c"
BEGUN = 1_754_056_614_000_000_000
ASKED: list[dict[str, Any]] = [
    {"role": "system", "content": "You know the weather."},
    {"role": "user", "content": [{"type": "text", "text": "Is it raining?"}]},
]
MESSAGES: list[dict[str, Any]] = [ASKED[0], {"role": "user", "content": "Is it raining?"}]
MODEL = {"llm.provider": "openai", "llm.model_name": "gpt-4o-mini"}
TOKENS = {"llm.token_count.prompt": 20, "llm.token_count.completion": 7, "llm.token_count.total": 27}
COUNTS = (("input", "prompt"), ("output", "completion"), ("total", "total"))
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}},
}
TOLD = {"input.value": json.dumps(ASKED), "input.mime_type": "application/json", **MODEL}


def span(number: int, name: str, parent: int | None, ms: tuple[int, int], attributes: dict[str, Any]) -> Span:
    made = {
        "name": name,
        "context": {"trace_id": TRACE, "span_id": f"{number:016x}"},
        "parent_id": None if parent is None else f"{parent:016x}",
        "start_time": BEGUN + ms[0] * 1_000_000,
        "end_time": BEGUN + ms[1] * 1_000_000,
        "status_code": "OK",
        "attributes": {"openinference.span.kind": "LLM"} | attributes,
    }
    return made | {"startTimeUnixNano": str(made["start_time"]), "endTimeUnixNano": str(made["end_time"])}


def event(number: int, name: str, parent: int, at_ms: int, **attributes: Any) -> Span:
    """Spans of events end with the trace."""
    told = {"target": f"backend.openai.chat.{name.partition('-')[0]}"} | attributes.pop("told", {})
    return span(number, f"backend.openai.chat.{name}", parent, (at_ms, 9000), told | attributes)


def message(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"id": "m", "meta": {"createdAt": "2026-01-01"}, "role": "assistant", "content": list(parts)}


def came(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"output.value": json.dumps(messages), "output.mime_type": "application/json", **TOKENS, **MODEL}


YES = came(message({"type": "text", "text": "Yes."}))


def in_langfuse(spans: list[Span], *, keeps_messages: bool = True) -> dict[str, Any]:
    """The trace as Langfuse gives it to download."""

    def moment(ns: int) -> str:
        return f"2025-08-01T13:56:{54 + (ns - BEGUN) // 10**9:02d}.{(ns - BEGUN) // 10**6 % 1000:03d}Z"

    observations = []
    for each in spans:
        attributes = each["attributes"]
        usage = {
            name: attributes[f"llm.token_count.{key}"] for name, key in COUNTS if TOKENS.keys() <= attributes.keys()
        }
        kept = {key: value for key, value in attributes.items() if not key.endswith("put.value")}
        if not keeps_messages:
            kept = {key: value for key, value in kept.items() if not key.startswith(("llm.input_", "llm.output_"))}
        observations.append(
            {
                "id": each["context"]["span_id"], "traceId": TRACE, "parentObservationId": each["parent_id"],
                "type": {"LLM": "GENERATION"}.get(attributes["openinference.span.kind"], "SPAN"),
                "name": each["name"], "startTime": moment(each["start_time"]), "endTime": moment(each["end_time"]),
                "input": attributes.get("input.value"), "output": attributes.get("output.value") or None,
                "metadata": {"attributes": kept, "scope": {"name": "openinference.instrumentation.beeai"}},
                "model": attributes.get("llm.model_name"), "modelParameters": {"temperature": 0.7, "top_p": "null"},
                # estimated where the span has no tokens but text
                "usageDetails": usage or ({"input": 1988, "total": 1988} if "input.value" in attributes else {}),
                "totalCost": 0.001 if usage else 0.0003 if "input.value" in attributes else 0,
                "level": "DEFAULT", "statusMessage": None, "latency": 9000, "completionStartTime": None,
            }
        )  # fmt: skip
    return {"trace": {"id": TRACE, "name": "beeai-framework-main"}, "observations": observations}


def as_spans(spans: list[Span]) -> list[Span]:
    return spans


def in_langfuse_today(spans: list[Span]) -> dict[str, Any]:
    return in_langfuse(spans, keeps_messages=False)


def read(tmp_path: Path, told: Any) -> list[Sample]:
    path = tmp_path / "trace.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]


TWO_CALLS = [
    span(1, "beeai-framework-main", None, (0, 9000), {"openinference.span.kind": "AGENT"}),
    event(2, "start-4", 1, 100, told=TOLD),
    event(4, "finish-4", 3, 1600, told=MODEL),  # before the success: JavaScript
    event(3, "success-3", 3, 1601, told=YES),
    event(5, "start-5", 1, 2000, told=TOLD | {"input.value": json.dumps([*ASKED, *ASKED])}),
    event(7, "finish-5", 1, 2500),
    event(
        6, "success-4", 1, 2500,
        told=came(message({"type": "tool-call", "id": "c1", "tool_name": "get_weather", "args": '{"city":"Oslo"}'})),
    ),
]  # fmt: skip


@pytest.mark.parametrize("keep", [as_spans, in_langfuse, in_langfuse_today])
def test_events_of_a_call_are_one(tmp_path: Path, keep: Any) -> None:
    first, second = read(tmp_path, keep(TWO_CALLS))
    assert (first.request.messages, first.model) == (MESSAGES, "gpt-4o-mini")
    assert first.answer is not None
    assert (first.answer.text, first.metered.usage) == ("Yes.", Usage(input_tokens=20, output_tokens=7))
    assert first.metered.cost_usd in (None, 0.001)
    assert (first.metered.latency_s, first.error, first.not_replayable) == (1.501, None, None)
    assert first.ids.span == f"{TRACE}:{2:016x}"
    assert second.answer is not None
    (call,) = second.answer.tool_calls
    assert (call.name, call.arguments, second.metered.latency_s) == ("get_weather", '{"city":"Oslo"}', 0.5)
    assert "tools" in str(second.not_replayable)


@pytest.mark.parametrize("keep", [as_spans, in_langfuse])
def test_failed_and_unfinished_calls(tmp_path: Path, keep: Any) -> None:
    why = {"exception.message": "Error code: 429 - slow down", "exception.type": "APICallError"}
    failed = [event(1, "start-1", 9, 0, told=TOLD), event(2, "error-1", 9, 700, told=TOLD | why)]
    failure, unfinished = read(tmp_path, keep([*failed, event(3, "start-2", 9, 800, told=TOLD)]))
    assert (failure.error, failure.answer) == ("Error code: 429 - slow down", None)
    assert failure.metered.latency_s == 0.7
    assert (unfinished.request.messages, unfinished.answer, unfinished.metered.latency_s) == (MESSAGES, None, None)


@pytest.mark.parametrize(("first", "text"), [(0, "Yes, it is."), (2, None)])
@pytest.mark.parametrize("keep", [as_spans, in_langfuse])
def test_streamed_answers_are_whole_or_none(tmp_path: Path, keep: Any, first: int, text: str | None) -> None:
    """Exporters drop the oldest attributes, and with them the answer's beginning."""
    tokens = {
        f"llm.output_messages.{number}.message.{key}": value
        for number, said in enumerate(("Yes", ", it", " is", "."))
        for key, value in (("role", "assistant"), ("content", said))
        if number >= first
    }
    (sample,) = read(tmp_path, keep([event(1, "start-1", 9, 0, told=TOLD), event(2, "success-1", 9, 5, told=tokens)]))
    assert (sample.answer and sample.answer.text) == text
    assert sample.metered.usage is None


def streamed_call() -> list[Span]:
    """A whole call, with a span inside it for each token."""
    body = {"input": ASKED, "tools": [{"name": "get_weather", "input_schema": {}}], "stream": True}
    told = {f"llm.input_messages.{at}.message.role": each["role"] for at, each in enumerate(MESSAGES)}
    told |= {f"llm.input_messages.{at}.message.content": each["content"] for at, each in enumerate(MESSAGES)}
    call = span(
        1, "OpenAIChatModel", None, (0, 1500),
        told | TOKENS | MODEL | {
            "input.value": json.dumps(body), "input.mime_type": "application/json", "output.value": "Yes.",
            "output.mime_type": "text/plain", "metadata.class_name": "OpenAIChatModel",
            "llm.output_messages.0.message.role": "assistant", "llm.output_messages.0.message.content": "Yes.",
            "llm.tools.0.tool.json_schema": json.dumps(TOOL),
        },
    )  # fmt: skip
    inner = {"input.value": '{"abort": "<function>", "value": {}}', "metadata.path": "backend.openai.chat.new_token"}
    tokens = [span(number, "new_token", 1, (number * 100, number * 100), inner) for number in (4, 5)]
    at = [{"name": "new_token (backend.openai.chat.new_token)", "timestamp": each["start_time"]} for each in tokens]
    return [*tokens, call | {"events": at}]


@pytest.mark.parametrize("keep", [as_spans, in_langfuse, in_langfuse_today])
def test_tokens_are_no_calls(tmp_path: Path, store: Store, keep: Any) -> None:
    (sample,) = read(tmp_path, keep(streamed_call()))
    assert (sample.request.messages, sample.not_replayable) == (MESSAGES, None)
    assert [tool["function"]["name"] for tool in sample.request.params["tools"]] == ["get_weather"]
    assert sample.answer is not None
    assert (sample.answer.text, sample.metered.usage) == ("Yes.", Usage(input_tokens=20, output_tokens=7))
    assert sample.metered.latency_s == 1.5
    assert sample.metered.ttft_s == (0.4 if keep is as_spans else None)
    report = import_logs(store, "Mine", [tmp_path / "trace.json"], ImportOptions(redact=False))
    assert (report.counts.accepted, report.counts.not_replayable) == (1, 0)


def test_a_call_around_its_events_is_no_second_one(tmp_path: Path, store: Store) -> None:
    main = span(9, "beeai-framework-main", None, (0, 9000), TOLD | YES)
    path = tmp_path / "trace.json"
    path.write_text(json.dumps([main, event(1, "start-1", 9, 1, told=TOLD), event(2, "success-1", 9, 900, told=YES)]))
    report = import_logs(store, "Mine", [path], ImportOptions(redact=False))
    assert (report.counts.accepted, report.joined, report.sums.usage.output_tokens) == (1, 1, 7)


@pytest.mark.parametrize("keep", [as_spans, in_langfuse])
def test_tool_calls_that_only_the_attributes_hold(tmp_path: Path, keep: Any) -> None:
    *_, call = streamed_call()
    said = "llm.output_messages.0.message."
    del call["attributes"][f"{said}content"]
    call["attributes"] |= {
        "output.value": "",
        f"{said}tool_calls.0.tool_call.id": "c1",
        f"{said}tool_calls.0.tool_call.function.name": "get_weather",
        f"{said}tool_calls.0.tool_call.function.arguments": '{"city":"Oslo"}',
    }
    (sample,) = read(tmp_path, keep([call]))
    assert sample.answer is not None
    assert [(each.name, each.arguments) for each in sample.answer.tool_calls] == [("get_weather", '{"city":"Oslo"}')]
    assert sample.not_replayable is None


@pytest.mark.parametrize("keep", [as_spans, in_langfuse, in_langfuse_today])
def test_an_error_is_no_answer(tmp_path: Path, keep: Any) -> None:
    why = "ChatModelError(beeai_framework.backend.errors): Chat Model error\n  Error code: 429 - slow down"
    told = {"input.value": json.dumps({"input": ASKED}), "output.value": why, "output.mime_type": "text/plain", **MODEL}
    call = span(1, "OpenAIChatModel", None, (0, 90), told | {"metadata.class_name": "OpenAIChatModel"})
    call |= {"status_code": "ERROR", "status_message": "Error code: 429 - slow down"}
    kept = keep([call])
    if keep is not as_spans:
        kept["observations"][0]["level"] = "ERROR"
    (sample,) = read(tmp_path, kept)
    assert (sample.request.messages, sample.answer, sample.not_replayable) == (MESSAGES, None, None)
    assert "slow down" in str(sample.error)
