"""Logs of Anthropic's API: pairs, streams, batches."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log, read_logs
from advisor.ingest.records.bodies import read_call
from advisor.types import Answer, Rejection, Sample, ToolCall, Usage

USER = {"role": "user", "content": "Is it raining?"}
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Yes."}], "stop_reason": "end_turn",
    "usage": {"input_tokens": 2, "output_tokens": 5, "cache_read_input_tokens": 1590, "cache_creation_input_tokens": 7},
}  # fmt: skip


def body(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": "claude-sonnet-4-5", "max_tokens": 64, "messages": [*messages] or [USER]} | more


def rows_of(tmp_path: Path, *records: dict[str, Any]) -> list[Sample | Rejection]:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return [item for _, item in read_log(open_log(path))]


def one(tmp_path: Path, record: dict[str, Any]) -> Sample:
    (item,) = rows_of(tmp_path, record)
    assert isinstance(item, Sample), item
    return item


def samples(path: Path, format: str) -> list[Sample]:
    log = open_log(path)
    assert log.format == format
    items = [item for _, item in read_log(log)]
    found = [item for item in items if isinstance(item, Sample)]
    assert len(found) == len(items)
    return found


def test_recorded_calls(fixtures: Path) -> None:
    found = samples(fixtures / "logs" / "wire_anthropic_messages.jsonl", "anthropic_messages")
    assert [sample.ids.response_id for sample in found] == [
        *(f"msg_01Wkshp{n:03}aaaaaaaaaaaaaa" for n in range(8)),
        None,
    ]
    failed = found[-1]
    assert (failed.error, failed.answer, failed.metered.usage) == ("model: claude-sonet", None, None)
    assert [n for n, sample in enumerate(found) if sample.answer and sample.answer.tool_calls] == [2, 3]
    assert [n for n, sample in enumerate(found) if "tools" in sample.request.params] == [2, 3, 4, 7]
    assert {n: sample.not_replayable for n, sample in enumerate(found) if sample.not_replayable} == {
        6: "an image is linked by a URL that may have expired",
        7: "it uses the provider's own tool 'code_execution', which other models can't run",
        8: "the logged request was refused by the provider",
    }


def test_calls_of_real_clients(shared: Path) -> None:
    found = samples(shared / "logs" / "wire_anthropic_messages.jsonl", "anthropic_messages")
    assert len(found) == 331
    assert len({sample.ids.response_id for sample in found}) == 330, "329 ids and None for the two errors"
    failed = [sample for sample in found if sample.error]
    assert [sample.answer for sample in failed] == [None, None]
    assert sorted((sample.error or "")[:20] for sample in failed) == ["This model does not ", "model: claude-sonet-"]
    assert sum(sample.metered.usage is not None for sample in found) == 329
    assert sum(sample.answer is not None and bool(sample.answer.tool_calls) for sample in found) == 108
    assert sum("tools" in sample.request.params for sample in found) == 212
    assert sum("response_format" in sample.request.params for sample in found) == 19
    # What the raw file holds: tools of the provider (77), of MCP servers (4), found by search (22) or added on the way
    # (2), documents (5, and 3 from tools), images by URL (2, and 1 from a tool), a summary and two errors.
    reasons = Counter(sample.not_replayable for sample in found if sample.not_replayable)
    assert sum(reasons.values()) == 119
    assert sum(count for reason, count in reasons.items() if "provider's own tool" in reason) == 77
    assert reasons["a document is attached, which other models do not read"] == 8
    assert reasons["an image is linked by a URL that may have expired"] == 3
    assert reasons["the logged request was refused by the provider"] == 2
    for sample in found:
        answered = {message["tool_call_id"] for message in sample.request.messages if message["role"] == "tool"}
        called = {c["id"] for message in sample.request.messages for c in message.get("tool_calls", ())}
        assert answered <= called


def test_sample_pairs(fixtures: Path) -> None:
    found = samples(fixtures / "samples" / "anthropic_messages_pairs.jsonl", "anthropic_messages")
    assert [n for n, sample in enumerate(found) if sample.not_replayable] == [6, 7]
    greeting, part, prices, saddle, shelf, wheel, *_ = found
    assert greeting.request.messages == [{"role": "user", "content": "Good morning!"}]
    assert greeting.request.params == {"max_tokens": 512, "temperature": 0.1}
    assert greeting.metered.usage == Usage(input_tokens=9, cache_read_tokens=2, cache_write_tokens=1, output_tokens=21)
    assert part.request.messages[0]["role"] == "system"
    assert [set(text) for text in part.request.messages[0]["content"]] == [{"type", "text"}] * 2, (
        "without cache_control"
    )
    assert prices.answer == Answer(
        text="Let me look.",
        tool_calls=(
            ToolCall(name="find_part", arguments='{"name":"bell"}'),
            ToolCall(name="get_price", arguments='{"part":"bell"}'),
        ),
        finish_reason="tool_calls",
    )
    assert saddle.request.params["tool_choice"] == "auto"
    assert saddle.request.params["parallel_tool_calls"] is False
    assert saddle.request.params["tools"][0]["function"]["parameters"]["required"] == ["name"]
    assert [message["role"] for message in shelf.request.messages] == ["user", "assistant", "tool"]
    assert shelf.request.messages[2]["content"] == '{"shelf": 4}'
    assert wheel.answer is not None
    assert wheel.answer.text == "28", "without the thought"
    assert "thinking" not in wheel.request.params


def test_stream_alone(fixtures: Path) -> None:
    (sample,) = samples(fixtures / "samples" / "anthropic_stream.sse.txt", "anthropic_messages")
    assert sample.answer is not None
    assert (sample.answer.text, sample.answer.finish_reason) == ("Oil the chain.", "stop")
    assert sample.metered.usage == Usage(input_tokens=12, output_tokens=5)
    assert (sample.ids.response_id, sample.model) == ("msg_01Wkshp020aaaaaaaaaaaaaa", "claude-sonnet-4-5-20250929")
    assert (sample.error, sample.not_replayable) == (None, "the log does not hold the prompt")


def batch(fixtures: Path, *kinds: str) -> Iterator[Sample]:
    logs = [open_log(fixtures / "samples" / f"anthropic_batch_{kind}.jsonl") for kind in kinds]
    assert {log.format for log in logs} == {"anthropic_batch"}
    for found in read_logs(logs):
        assert isinstance(found.item, Sample)
        yield found.item


@pytest.mark.parametrize("order", [("requests", "results"), ("results", "requests")])
def test_batch(fixtures: Path, order: tuple[str, str]) -> None:
    found = {sample.ids.external_id: sample for sample in batch(fixtures, *order)}
    assert len(found) == 7
    alone = "these are results without their prompts: import the file together with its requests file"
    errors = {key: sample.error for key, sample in found.items() if sample.error}
    assert errors == {
        "req-900": "max_tokens: Field required",
        "req-901": "the batch request was canceled",
        "req-902": "the batch request expired",
    }
    assert {key for key, sample in found.items() if sample.not_replayable == alone} == set(errors)
    greeting = found["req-000"]
    assert greeting.answer is not None
    assert greeting.answer.text == "Good morning! What can we fix?"
    assert greeting.request.messages == [{"role": "user", "content": "Good morning!"}]
    assert greeting.ids.response_id == "msg_01Wkshp000aaaaaaaaaaaaaa"
    assert greeting.not_replayable is None


def test_half_a_batch(fixtures: Path) -> None:
    requests, results = list(batch(fixtures, "requests")), list(batch(fixtures, "results"))
    assert (len(requests), len(results)) == (4, 7)
    assert all(sample.answer is None and sample.request.messages and not sample.error for sample in requests)
    assert sum(sample.not_replayable is None for sample in requests) == 2
    assert all(sample.not_replayable for sample in results)
    assert sum(sample.answer is not None and sample.metered.usage is not None for sample in results) == 4


def test_failed_batch_requests_may_be_asked_again_unless_they_were_to_blame(tmp_path: Path) -> None:
    results: list[dict[str, Any]] = [
        {"type": "errored", "error": {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}},
        {"type": "errored", "error": {"type": "error", "error": {"type": "invalid_request_error", "message": "bad"}}},
        {"type": "canceled"},
        {"type": "expired"},
    ]
    records = [{"custom_id": f"r{number}", "params": body()} for number in range(4)]
    records += [{"custom_id": f"r{number}", "result": result} for number, result in enumerate(results)]
    found = rows_of(tmp_path, *records)
    assert [(item.error, item.not_replayable is None) for item in found if isinstance(item, Sample)] == [
        ("Overloaded", True),
        ("bad", False),
        ("the batch request was canceled", True),
        ("the batch request expired", True),
    ]


def test_body_that_creates_a_batch(tmp_path: Path) -> None:
    path = tmp_path / "create.json"
    path.write_text(json.dumps({"requests": [{"custom_id": str(n), "params": body()} for n in range(3)]}))
    assert len(samples(path, "anthropic_batch")) == 3


@pytest.mark.parametrize("names", [("request", "response"), ("input", "output"), ("reqPayload", "resPayload")])
@pytest.mark.parametrize("as_text", [False, True])
def test_names_around_a_pair(tmp_path: Path, names: tuple[str, str], as_text: bool) -> None:
    asked: Any = body(system="Be brief.", stop_sequences=["END"], top_k=5, metadata={"user_id": "u"}, stream=False)
    came: Any = MESSAGE
    if as_text:
        asked, came = json.dumps(asked), json.dumps(came)
    sample = one(tmp_path, {names[0]: asked, names[1]: came, "latency_ms": 1200, "id": "row-1", "tags": ["weather"]})
    assert sample.request.messages == [{"role": "system", "content": "Be brief."}, USER]
    assert sample.request.params == {"max_tokens": 64, "stop": ["END"], "top_k": 5}
    assert sample.answer is not None
    assert (sample.answer.text, sample.answer.finish_reason) == ("Yes.", "stop")
    assert sample.metered.usage == Usage(input_tokens=2, cache_read_tokens=1590, cache_write_tokens=7, output_tokens=5)
    assert (sample.metered.latency_s, sample.ids.external_id, sample.ids.response_id) == (1.2, "row-1", "msg_1")
    assert (sample.use_case, sample.model) == ("weather", "claude-sonnet-4-5-20250929")


def test_http_messages_around_a_pair(tmp_path: Path) -> None:
    good, bad = rows_of(
        tmp_path,
        {"request": {"headers": {}, "body": body()}, "response": {"status": 200, "headers": {}, "body": MESSAGE}},
        {"request": {"body": body()}, "response": {"status": 502, "body": "<html>Bad Gateway</html>"}},
    )
    assert isinstance(good, Sample)
    assert isinstance(bad, Sample)
    assert good.error is None
    assert (bad.answer, bad.error, bad.not_replayable) == (None, "<html>Bad Gateway</html>", None)


def test_flat_record_and_response_alone(tmp_path: Path) -> None:
    flat, alone = rows_of(tmp_path, body(system="Be brief.") | {"response": "Yes."}, MESSAGE)
    assert isinstance(flat, Sample)
    assert flat.request.messages == [{"role": "system", "content": "Be brief."}, USER]
    assert flat.answer is not None
    assert flat.answer.text == "Yes."
    assert isinstance(alone, Sample)
    assert (alone.not_replayable, alone.ids.external_id) == ("the log does not hold the prompt", None)
    assert alone.metered.usage == Usage(input_tokens=2, cache_read_tokens=1590, cache_write_tokens=7, output_tokens=5)


def test_tools_and_their_results() -> None:
    asked = body(
        USER,
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm", "signature": "x"},
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": "Köln"}},
            {"type": "tool_use", "id": "t2", "name": "look", "input": {}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "rain"}]},
            {"type": "tool_result", "tool_use_id": "t2", "content": "sun", "is_error": True},
            {"type": "text", "text": "And tomorrow?"},
        ]},
        tools=[{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}, "cache_control": {}}],
        tool_choice={"type": "tool", "name": "look"},
    )  # fmt: skip
    call = read_call(
        asked, MESSAGE | {"content": [{"type": "tool_use", "id": "t3", "name": "look", "input": {"a": 1}}]}
    )
    assert call.request is not None
    assert call.not_replayable is None
    _, said, first, second, user = call.request.messages
    assert said == {
        "role": "assistant",
        "content": "Let me look.",
        "tool_calls": [
            {"id": "t1", "type": "function", "function": {"name": "look", "arguments": '{"at":"Köln"}'}},
            {"id": "t2", "type": "function", "function": {"name": "look", "arguments": "{}"}},
        ],
    }
    assert first == {"role": "tool", "content": "rain", "tool_call_id": "t1"}
    assert second == {"role": "tool", "content": "sun", "tool_call_id": "t2"}
    assert user == {"role": "user", "content": "And tomorrow?"}
    function = {"name": "look", "description": "Looks.", "parameters": {"type": "object"}}
    assert call.request.params["tools"] == [{"type": "function", "function": function}]
    assert call.request.params["tool_choice"] == {"type": "function", "function": {"name": "look"}}
    assert call.reply.answer is not None
    assert call.reply.answer.text is None
    assert call.reply.answer.tool_calls == (ToolCall(name="look", arguments='{"a":1}'),)


def test_prefilled_answer_is_no_part_of_the_prompt() -> None:
    call = read_call(body(USER, {"role": "assistant", "content": '{"rain":'}), MESSAGE)
    assert call.request is not None
    assert call.request.messages == [USER]
    assert call.reply.answer is not None
    assert call.reply.answer.text == '{"rain":Yes.'
    assert call.not_replayable is None


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"output_config": {"format": {"type": "json_schema", "schema": {"title": "Rain"}}}}, "Rain"),
        ({"output_format": {"type": "json_schema", "schema": {"title": "no name!"}}}, "answer"),
    ],
)
def test_schema(more: dict[str, Any], param: str) -> None:
    call = read_call(body(**more), MESSAGE)
    assert call.request is not None
    schema = call.request.params["response_format"]["json_schema"]
    assert (schema["name"], schema["strict"]) == (param, True)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}, None),
        ({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}, "URL"),
        ({"type": "image", "source": {"type": "file", "file_id": "file_1"}}, "file id"),
        ({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AA"}}, "document"),
        ({"type": "container_upload", "file_id": "file_1"}, "file"),
        ({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}, "provider's own tools"),
        ({"type": "web_search_tool_result", "tool_use_id": "s", "content": []}, "provider's own tools"),
        ({"type": "redacted_thinking", "data": "x"}, None),
        ({"type": "hologram"}, "hologram"),
        ({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "source": {
            "type": "base64", "media_type": "image/png", "data": "AAAA"}}]}, "tool gave back"),
    ],
)  # fmt: skip
def test_content_another_model_cannot_get(block: dict[str, Any], words: str | None) -> None:
    message = {"role": "user", "content": [{"type": "text", "text": "Look"}, block]}
    call = read_call(body(message, system="x"), MESSAGE)
    assert call.request is not None
    assert (words in (call.not_replayable or "")) if words else call.not_replayable is None
    if block["type"] == "image" and words is None:
        image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
        assert call.request.messages[1]["content"] == [{"type": "text", "text": "Look"}, image]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "'web_search'"),
        ({"tools": [{"type": "computer_20250124", "name": "computer"}]}, "'computer'"),
        ({"mcp_servers": [{"type": "url", "url": "https://example.com", "name": "x"}]}, "MCP"),
        ({"container": "container_1"}, "container"),
        ({"tools": [{"type": "custom", "name": "f", "input_schema": {}}]}, None),
    ],
)
def test_services_of_the_provider(more: dict[str, Any], words: str | None) -> None:
    reason = read_call(body(**more), MESSAGE).not_replayable
    assert (words in (reason or "")) if words else reason is None


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls"),
     ("refusal", "content_filter"), ("model_context_window_exceeded", "length")],
)  # fmt: skip
def test_finish_reasons(reason: str, expected: str) -> None:
    answer = read_call(body(), MESSAGE | {"stop_reason": reason}).reply.answer
    assert answer is not None
    assert answer.finish_reason == expected


def events(*, stop: bool = True) -> list[dict[str, Any]]:
    start: dict[str, Any] = MESSAGE | {
        "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 9, "cache_read_input_tokens": 4},
    }
    found: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Let me "}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "look."}},
        {"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "t", "name": "look",
                                                                     "input": {}}},
        {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": ""}},
        {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": '{"at": '}},
        {"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": '"Köln"}'}},
    ]  # fmt: skip
    if stop:
        delta = {"stop_reason": "tool_use", "stop_sequence": None}
        found += [{"type": "message_delta", "delta": delta, "usage": {"output_tokens": 30, "input_tokens": None}}]
        found += [{"type": "message_stop"}]
    return found


def as_text(found: list[dict[str, Any]]) -> str:
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in found)


@pytest.mark.parametrize("shape", ["text", "list", "named", "data only"])
def test_streams(shape: str) -> None:
    came: Any = {
        "text": as_text(events()),
        "list": events(),
        "named": [{"event": event["type"], "data": json.dumps(event)} for event in events()],
        "data only": "".join(f"data: {json.dumps(event)}\r\n\r\n" for event in events()),
    }[shape]
    reply = read_call(body(), came).reply
    assert reply.answer is not None
    assert reply.answer.text == "Let me look."
    assert reply.answer.tool_calls == (ToolCall(name="look", arguments='{"at": "Köln"}'),)
    assert reply.answer.finish_reason == "tool_calls"
    assert reply.usage == Usage(input_tokens=9, cache_read_tokens=4, output_tokens=30)
    assert (reply.error, reply.response_id) == (None, "msg_1")


def test_streams_that_stop_in_the_middle() -> None:
    cut = read_call(body(), as_text(events(stop=False)) + 'data: {"type":"mess').reply
    assert cut.error == "the recorded stream was cut off"
    assert cut.answer is not None
    assert cut.answer.text == "Let me look."
    fault = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    failed = read_call(body(), as_text([*events(stop=False)[:1], fault])).reply
    assert (failed.answer, failed.error, failed.is_refused) == (None, "Overloaded", False)


def test_old_text_completions() -> None:
    asked = {"prompt": "Be brief.\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Rain?\n\nAssistant:",
             "max_tokens_to_sample": 9, "model": "claude-2"}  # fmt: skip
    call = read_call(asked, {"type": "completion", "completion": " Yes.", "stop_reason": "stop_sequence"})
    assert call.request is not None
    assert [message["role"] for message in call.request.messages] == ["system", "user", "assistant", "user"]
    assert call.request.params == {"max_tokens": 9}
    assert call.reply.answer is not None
    assert call.reply.answer.text == " Yes."
