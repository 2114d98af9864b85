"""Cohere's chat API, version 2: requests like OpenAI's, answers and streams of its own."""

from dataclasses import replace
from typing import Any

from advisor.ingest.messages.reply import Reply, answer_of, failed, read_reply, stream_events
from advisor.ingest.messages.request import read_request
from advisor.ingest.messages.usage import Counts
from advisor.ingest.values.json_text import as_name, as_object, as_objects, at
from advisor.ingest.vendors import Vendor
from advisor.types import Json, Request, ToolCall, Usage

_OWN = frozenset({"documents", "citation_options", "safety_mode", "strict_tools"})
_NAMES = {"p": "top_p", "k": "top_k", "stop_sequences": "stop"}
_MODELS = ("command", "c4ai", "cohere/")
_DOCUMENTS = "documents stand beside the messages, which other models don't take"
_FINISHED = {
    "COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tool_calls",
    "ERROR_TOXIC": "content_filter",
}  # fmt: skip


def _asks(body: dict[str, Json]) -> bool:
    if not isinstance(body.get("messages"), list):
        return False
    return str(body.get("model")).startswith(_MODELS) or not _OWN.isdisjoint(body)


def _read_request(body: dict[str, Json]) -> tuple[Request, str | None]:
    known = {_NAMES.get(key, key): value for key, value in body.items() if key not in _OWN}
    request, reason = read_request(known)
    return request, _DOCUMENTS if body.get("documents") else reason


def _answers(body: Json) -> bool:
    """A message beside why the model stopped, in capitals, or events of a stream."""
    if isinstance(body, str):
        return '"message-end"' in body or '"content-delta"' in body
    if isinstance(body, list):
        return any(at(event, "type") in ("message-start", "content-delta", "message-end") for event in body[:3])
    return isinstance(at(body, "message"), dict) and str(at(body, "finish_reason")) in _FINISHED


def _read_reply(body: Json) -> Reply:
    if isinstance(body, str):
        return _merged(stream_events(body)[0])
    if isinstance(body, list):
        return _merged(as_objects(body))
    if not isinstance(at(body, "message"), dict):
        return failed(body) if isinstance(at(body, "message"), str) else read_reply(body)
    reply = read_reply(body["message"]).finished(_FINISHED.get(str(body.get("finish_reason"))))
    return replace(reply, usage=_usage(body.get("usage")))


def _merged(events: list[dict[str, Json]]) -> Reply:
    texts: list[str] = []
    calls: dict[int, dict[str, Any]] = {}
    end: dict[str, Json] | None = None
    for event in events:
        message = as_object(at(event, "delta", "message"))
        text = at(message, "content", "text")
        if isinstance(text, str):
            texts.append(text)
        function = at(message, "tool_calls", "function")
        if isinstance(function, dict):
            index = event.get("index")
            call = calls.setdefault(index if isinstance(index, int) else 0, {"name": "", "arguments": ""})
            call["name"] = as_name(function.get("name")) or call["name"]
            call["arguments"] += as_name(function.get("arguments")) or ""
        if event.get("type") == "message-end":
            end = as_object(event.get("delta"))
    reason = _FINISHED.get(str(at(end, "finish_reason")))
    answer = answer_of("".join(texts), (ToolCall(**calls[index]) for index in sorted(calls)), reason)
    reply = Reply(answer=answer, usage=_usage(at(end, "usage")))
    return reply if end is not None else reply.ended()


def _usage(usage: Json) -> Usage | None:
    """What is billed; the tokens where that isn't told."""
    for key in ("billed_units", "tokens"):
        counts = as_object(at(usage, key))
        if (found := Counts(given=counts.get("input_tokens"), taken=counts.get("output_tokens")).usage()) is not None:
            return found
    return None


VENDOR = Vendor(
    name="cohere", rank=15, asks=_asks, answers=_answers, read_request=_read_request, read_reply=_read_reply
)
