"""Requests of PromptLayer: with prompt blueprints, as sent to its API, and its older records of OpenAI calls."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.pieces import (
    filled,
    find_session,
    find_use_case,
    inclusive_usage,
    read_request_apart,
    status_in,
)
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode, object_in
from advisor.ingest.values.numbers import parse_seconds
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Request, Sample

_STARTED = "request_start_time"
_FAILED = ("error", "failed", "failure", "timeout")
_NOT_FILLED = "its prompt is a template whose variables are not filled in"


@dataclass(frozen=True)
class PromptLayer:
    """Reads one request."""

    name: str = "promptlayer"
    rank: int = 20

    def matches(self, record: dict[str, Json]) -> bool:
        """A blueprint, or the two times with an input and an output or the arguments of a call."""
        return _is_request(tuple(record))

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one request; the answer is the blueprint's last message, or the output or response beside it."""
        row = filled(record)
        call = _read(row)
        metadata = object_in(row.get("metadata"))
        start, end = parse_time(row.get(_STARTED)), parse_time(row.get("request_end_time"))
        latency = parse_seconds(row.get("latency_ms"), "ms")
        latency = seconds_between(start, end) if latency is None else latency
        error = row.get("error_message") or row.get("error_type")
        status = str(row.get("status", "")).lower()
        around: dict[str, Json] = {
            "id": row.get("request_id", row.get("id")),
            "timestamp": start,
            "latency_s": latency,
            "cost_usd": row.get("price", row.get("cost")),
            "session_id": find_session(metadata) or row.get("group_id") or row.get("trace_id"),
            "use_case": find_use_case(metadata, prompt=row.get("prompt_name"), tags=row.get("tags")),
            "model": row.get("model") or row.get("engine") or call.model,
            "error": error or (f"logged as {row['status']}" if status in _FAILED else None),
            "status_code": status_in(error),
        }
        sample = assemble(around, call.request or Request(messages=[]), call.reply, not_replayable=call.not_replayable)
        usage = inclusive_usage(row.get("input_tokens"), row.get("output_tokens"), read=row.get("cached_tokens"))
        return replace(sample, usage=usage or sample.usage)


@lru_cache(maxsize=256)
def _is_request(keys: tuple[str, ...]) -> bool:
    have = {key.strip().lower() for key in keys}
    if "prompt_blueprint" in have:
        return True
    return _STARTED in have and (have >= {"input", "output", "provider"} or have >= {"kwargs", "request_response"})


def _read(row: dict[str, Json]) -> Call:
    blueprint = object_in(row.get("prompt_blueprint"))
    template = object_in(blueprint.get("prompt_template")) or blueprint
    if not template and "kwargs" in row:
        function = str(row.get("function_name", ""))
        if "embedding" in function.lower():
            raise RowRejected("a call of embeddings, not of a chat model")
        return read_call(object_in(row["kwargs"]), decode(row.get("request_response")))
    if not template:
        template = object_in(row.get("input"))
    about = object_in(object_in(blueprint.get("metadata")).get("model"))
    params = object_in(about.get("parameters")) | object_in(row.get("parameters"))
    params |= {
        key: template[key] for key in ("tools", "functions", "tool_choice", "function_call") if template.get(key)
    }
    messages = _messages(template)
    reply = _reply_beside(row)
    if reply is None and len(messages) > 1 and messages[-1].get("role") == "assistant":
        reply, messages = read_answer(_without_empty_text(messages[-1])), messages[:-1]
    if not messages:
        return Call(request=None, not_replayable="the log does not hold the prompt", reply=reply or Reply())
    hole = _hole(messages)
    if hole:
        messages = [message for message in messages if message.get("role") != "placeholder"]
    request, reason = read_request_apart(messages, params | {"model": row.get("model") or about.get("name")})
    return Call(request=request, not_replayable=reason or hole, reply=reply or Reply(), model=about.get("name"))


def _messages(template: dict[str, Json]) -> list[dict[str, Any]]:
    listed = template.get("messages")
    if isinstance(listed, list):
        return [message for message in listed if isinstance(message, dict)]
    content = template.get("content")
    return [{"role": "user", "content": content}] if content else []


def _reply_beside(row: dict[str, Json]) -> Reply | None:
    """What stands beside a blueprint: the output as a blueprint of its own, or the vendor's response."""
    output = object_in(row.get("output")) if "prompt_blueprint" not in row else {}
    answers = _messages(output)
    if answers:
        return read_answer(_without_empty_text(answers[-1]) | {"role": "assistant"})
    response = decode(row.get("request_response"))
    return read_answer(response) if response else None


def _without_empty_text(message: dict[str, Any]) -> dict[str, Json]:
    """Blueprints have a list of parts beside tool calls too, empty or of one empty text."""
    parts = message.get("content")
    is_empty = isinstance(parts, list) and not any(isinstance(part, dict) and part.get("text") for part in parts)
    return message | {"content": None} if is_empty and message.get("tool_calls") else message


def _hole(messages: list[dict[str, Any]]) -> str | None:
    """The reason where a message still waits for its text."""
    for message in messages:
        if message.get("role") == "placeholder":
            return _NOT_FILLED
        names = message.get("input_variables")
        text = str(message.get("content"))
        if (
            any(f"{{{name}}}" in text or f"{{{{ {name} }}}}" in text for name in names if name)
            if isinstance(names, list)
            else False
        ):
            return _NOT_FILLED
    return None


READER = PromptLayer()
