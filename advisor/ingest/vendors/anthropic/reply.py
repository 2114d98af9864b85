"""What Anthropic's API gives back, read into a Reply: a message, the events of its stream, an error."""

from dataclasses import dataclass, field, replace
from typing import Any

from advisor.ingest.messages.blocks import call_of
from advisor.ingest.messages.reply import CUT_OFF, Reply, failed, is_stream, read_reply, stream_events, usable
from advisor.ingest.messages.usage import read_anthropic_usage
from advisor.ingest.values.json_text import as_object, decode
from advisor.types import Answer, Json, ToolCall

FINISH_REASONS = {
    "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "model_context_window_exceeded": "length",
    "tool_use": "tool_calls", "refusal": "content_filter",
}  # fmt: skip


def read_claude(body: Json) -> Reply:
    """Understand a message, a result of a batch, an error, the text or the list of a stream's events, or blocks."""
    if isinstance(body, str):
        return merge_events(stream_events(body)[0]) if is_stream(body) else read_reply(body)
    if isinstance(body, list):
        return _read_list(body)
    if not isinstance(body, dict):
        return Reply()
    if body.get("type") == "succeeded" and isinstance(body.get("message"), dict):
        return read_claude(body["message"])
    if isinstance(body.get("error"), dict) and "content" not in body:
        return failed(body["error"])
    if "completion" in body and "content" not in body:
        body = {**body, "content": body["completion"]}
    return _read_message(body)


def merge_events(events: list[dict[str, Json]]) -> Reply:
    """One Reply from a stream's events, also when they stop in the middle."""
    merged = _Merged()
    for event in events:
        merged.add(event)
    reply = _read_message(merged.message | {"content": [merged.blocks[index] for index in sorted(merged.blocks)]})
    if merged.error is not None:
        fault = failed(merged.error)
        answer = None if reply.answer is None or reply.answer.is_empty else reply.answer
        return replace(reply, answer=answer, error=fault.error, status=fault.status, is_refused=fault.is_refused)
    if merged.message.get("stop_reason") is None and not merged.is_complete:
        return replace(
            reply, answer=None if reply.answer is None or reply.answer.is_empty else reply.answer, error=CUT_OFF
        )
    return reply


def _read_list(body: list[Json]) -> Reply:
    items = [item for item in body if isinstance(item, dict)]
    if any(item.get("type") in ("message_start", "content_block_start", "content_block_delta") for item in items):
        return merge_events(items)
    if any("event" in item and "data" in item for item in items):
        unpacked = [decode(item.get("data")) for item in items]
        return merge_events([event for event in unpacked if isinstance(event, dict)])
    messages = [item for item in items if item.get("role") == "assistant"]
    if messages:
        return _read_message(messages[-1])
    return Reply() if any("role" in item for item in items) else _read_message({"content": body})


def _read_message(body: dict[str, Json]) -> Reply:
    usage = as_object(body.get("usage"))
    return Reply(
        answer=usable(_answer(body)),
        usage=read_anthropic_usage(body.get("usage")),
        response_id=identity if isinstance(identity := body.get("id"), str) and identity.startswith("msg_") else None,
        model=model if isinstance(model := body.get("model"), str) and model else None,
        service_tier=tier if isinstance(tier := usage.get("service_tier"), str) else None,
        geography=place if isinstance(place := usage.get("inference_geo"), str) else None,
    )


def _answer(body: dict[str, Json]) -> Answer | None:
    content = body.get("content")
    blocks = content if isinstance(content, list) else [content]
    texts: list[str] = []
    calls: list[ToolCall] = []
    for block in blocks:
        if isinstance(block, str):
            texts.append(block)
        elif isinstance(block, dict) and block.get("type") == "tool_use":
            function = call_of(block, len(calls))["function"]
            calls.append(ToolCall(name=function["name"], arguments=function["arguments"]))
        elif isinstance(block, dict) and block.get("type", "text") == "text" and isinstance(block.get("text"), str):
            texts.append(block["text"])
    reason = body.get("stop_reason")
    if not texts and not calls and reason is None:
        return None
    finish_reason = FINISH_REASONS.get(reason, reason) if isinstance(reason, str) else None
    text = "".join(texts) or (None if calls else "")
    return Answer(text=text, tool_calls=tuple(calls), finish_reason=finish_reason)


@dataclass
class _Merged:
    """A stream as far as it has come."""

    message: dict[str, Json] = field(default_factory=dict)
    blocks: dict[int, dict[str, Any]] = field(default_factory=dict)
    error: Json = None
    is_complete: bool = False

    def add(self, event: dict[str, Json]) -> None:
        """Take one event in. Counts in the last event replace those of the first, where it has them."""
        kind, index = event.get("type"), index if isinstance(index := event.get("index"), int) else 0
        if kind == "message_start" and isinstance(event.get("message"), dict):
            self.message = dict(event["message"])
        elif kind == "content_block_start" and isinstance(event.get("content_block"), dict):
            self.blocks[index] = dict(event["content_block"])
        elif kind == "content_block_delta" and isinstance(event.get("delta"), dict):
            self._add_delta(self.blocks.setdefault(index, {"type": "text", "text": ""}), event["delta"])
        elif kind == "message_delta":
            first, last = as_object(self.message.get("usage")), as_object(event.get("usage"))
            self.message |= as_object(event.get("delta"))
            self.message["usage"] = first | {key: count for key, count in last.items() if count is not None}
        elif kind == "message_stop":
            self.is_complete = True
        elif kind == "error":
            self.error = event.get("error") or "failed"

    def _add_delta(self, block: dict[str, Any], delta: dict[str, Json]) -> None:
        if isinstance(delta.get("text"), str):
            begun = block.get("text")
            block["text"] = (begun if isinstance(begun, str) else "") + delta["text"]
        elif isinstance(delta.get("partial_json"), str):
            given = block.get("input")
            block["input"] = (given if isinstance(given, str) else "") + delta["partial_json"]
