"""Requests of PromptLayer: with prompt blueprints, as sent to its API, and its older records of OpenAI calls."""

from dataclasses import replace
from typing import Any

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotChat, Reader, Record
from advisor.ingest.readers.trace_tools import (
    columns_in,
    filled,
    find_session,
    find_use_case,
    lasted,
    read_apart,
    status_in,
)
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.values.json_text import as_list, decode, object_in, objects_in
from advisor.ingest.values.times import parse_time
from advisor.types import Sample

_STARTED = "request_start_time"
_FAILED = ("error", "failed", "failure", "timeout")
_NOT_FILLED = "its prompt is a template whose variables are not filled in"


def _matches(record: Record) -> bool:
    """A blueprint, or the two times with an input and an output or the arguments of a call."""
    columns = columns_in(record)
    if "prompt_blueprint" in columns:
        return True
    is_told = columns >= {"input", "output", "provider"} or columns >= {"kwargs", "request_response"}
    return _STARTED in columns and is_told


def _read(record: Record) -> Sample:
    """One request; the answer is the blueprint's last message, or the output or response beside it."""
    row = filled(record)
    call = _call(row)
    metadata = object_in(row.get("metadata"))
    start, end = parse_time(row.get(_STARTED)), parse_time(row.get("request_end_time"))
    error = row.get("error_message") or row.get("error_type")
    is_failed = str(row.get("status", "")).lower() in _FAILED
    around: Record = {
        "id": row.get("request_id", row.get("id")),
        "timestamp": start,
        "latency_s": lasted(row.get("latency_ms"), start, end),
        "cost_usd": row.get("price", row.get("cost")),
        "session_id": find_session(metadata) or row.get("group_id") or row.get("trace_id"),
        "use_case": find_use_case(metadata, prompt=row.get("prompt_name"), tags=row.get("tags")),
        "model": row.get("model") or row.get("engine") or call.model,
        "error": error or (f"logged as {row['status']}" if is_failed else None),
        "status_code": status_in(error),
    }
    counts = Counts(given=row.get("input_tokens"), taken=row.get("output_tokens"), read=row.get("cached_tokens"))
    return call.sample(around, counts.usage())


def _call(row: Record) -> Call:
    blueprint = object_in(row.get("prompt_blueprint"))
    template = object_in(blueprint.get("prompt_template")) or blueprint
    if not template and "kwargs" in row:
        if "embedding" in str(row.get("function_name", "")).lower():
            raise NotChat("embeddings")
        return read_call(object_in(row["kwargs"]), decode(row.get("request_response")))
    template = template or object_in(row.get("input"))
    about = object_in(object_in(blueprint.get("metadata")).get("model"))
    params = object_in(about.get("parameters")) | object_in(row.get("parameters"))
    params |= {
        key: template[key] for key in ("tools", "functions", "tool_choice", "function_call") if template.get(key)
    }
    messages = _messages(template)
    reply = _reply_beside(row)
    if reply is None and len(messages) > 1 and messages[-1].get("role") == "assistant":
        reply, messages = read_answer(_without_empty_text(messages[-1])), messages[:-1]
    reply = reply or Reply()
    if not messages:
        return Call(not_replayable="the log does not hold the prompt", reply=reply)
    is_open = any(map(_waits, messages))
    filled_in = [message for message in messages if message.get("role") != "placeholder"]
    call = read_apart(filled_in, params | {"model": row.get("model") or about.get("name")})
    reason = call.not_replayable or (_NOT_FILLED if is_open else None)
    return replace(call, reply=reply, not_replayable=reason, model=about.get("name"))


def _messages(template: dict[str, Any]) -> list[dict[str, Any]]:
    if isinstance(template.get("messages"), list):
        return objects_in(template["messages"])
    content = template.get("content")
    return [{"role": "user", "content": content}] if content else []


def _reply_beside(row: Record) -> Reply | None:
    """What stands beside a blueprint: the output as a blueprint of its own, or the vendor's response."""
    output = object_in(row.get("output")) if "prompt_blueprint" not in row else {}
    if answers := _messages(output):
        return read_answer(_without_empty_text(answers[-1]) | {"role": "assistant"})
    response = decode(row.get("request_response"))
    return read_answer(response) if response else None


def _without_empty_text(message: dict[str, Any]) -> dict[str, Any]:
    """Blueprints have a list of parts beside tool calls too, empty or of one empty text."""
    parts = message.get("content")
    is_empty = isinstance(parts, list) and not any(part.get("text") for part in objects_in(parts))
    return message | {"content": None} if is_empty and message.get("tool_calls") else message


def _waits(message: dict[str, Any]) -> bool:
    """Whether a message still waits for its text."""
    text = str(message.get("content"))
    names = [name for name in as_list(message.get("input_variables")) if name]
    is_open = any(f"{{{name}}}" in text or f"{{{{ {name} }}}}" in text for name in names)
    return is_open or message.get("role") == "placeholder"


READER = Reader(name="promptlayer", rank=20, matches=_matches, read=_read)
