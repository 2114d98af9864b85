"""Requests logged by Helicone: its API's rows, and the JSONL, JSON and CSV of its export tool."""

from dataclasses import replace
from typing import Any

from advisor.ingest.messages.reply import Reply, failed
from advisor.ingest.messages.tools import function_tool, tools_of
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotChat, Reader, Record
from advisor.ingest.readers.trace_tools import columns_in, filled, find_session, find_use_case, lasted, read_apart
from advisor.ingest.records.bodies import Call, other_operation, read_answer, read_call
from advisor.ingest.records.envelope import as_label
from advisor.ingest.values.json_text import at, decode, object_in, objects_in
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Sample, Usage

_NO_BODY = "the export holds no request bodies; export again with them (--include-body)"
_EVENTS = frozenset({"tool", "vector_db", "data"})
_STATUS = {
    -1: "timed out",
    -2: "still pending when it was logged",
    -3: "cancelled by the caller",
    -4: "blocked as a threat",
}
_NANO_DOLLARS = 1e9
_DEAREST_CALL_USD = 100.0
_CHOICES = {"any": "required", "auto": "auto", "none": "none"}


def _matches(record: Record) -> bool:
    """The columns that no other tool has."""
    columns = columns_in(record)
    return columns >= {"request_created_at", "response_status"} or "heliconemetadata" in columns


def _read(record: Record) -> Sample:
    """One row; one without its bodies is kept for volume and cost."""
    row = _flattened(filled(record))
    properties = object_in(row.get("properties")) | object_in(row.get("request_properties"))
    asked, came = _body(row.get("request_body")), _body(row.get("response_body"))
    if kind := other_operation(f"{row.get('request_path', '')} {row.get('target_url', '')}"):
        raise NotChat(kind)
    if at(asked, "_type") in _EVENTS:
        raise NotChat(f"a {asked['_type']}")
    call = _call(row, asked, came)
    status = parse_number(row.get("response_status"))
    start, end = parse_time(row.get("request_created_at")), parse_time(row.get("response_created_at"))
    unanswered = status is not None and status <= 0
    around: Record = {
        "id": row.get("request_id", row.get("response_id")),
        "timestamp": start or end,
        "latency_s": lasted(row.get("delay_ms", row.get("latency")), start, end),
        "ttft_s": parse_seconds(row.get("time_to_first_token") or None, "ms"),
        "cost_usd": _cost(row),
        "session_id": as_label(properties.get("Helicone-Session-Id")) or find_session(properties),
        "use_case": find_use_case(properties)
        or as_label(properties.get("Helicone-Prompt-Id"))
        or as_label(row.get("prompt_id"))
        or as_label(properties.get("Helicone-Session-Name")),
        "model": row.get("response_model") or call.model or row.get("request_model") or row.get("model"),
        "status_code": status,
        "error": _STATUS.get(int(status or 0), "no response was recorded") if unanswered else None,
    }
    return call.sample(around, call.reply.usage or _usage(row))


def _flattened(row: Record) -> Record:
    """The dashboard's own objects as rows of the API."""
    about = object_in(row.get("heliconemetadata"))
    if not about:
        return row
    raw, status = object_in(row.get("raw")), object_in(about.get("status"))
    known = {
        "request_id": about.get("requestId", row.get("id")), "request_created_at": about.get("createdAt"),
        "request_path": about.get("path"), "request_properties": about.get("customProperties"),
        "request_body": raw.get("request"), "response_body": raw.get("response"), "llmschema": row.get("schema"),
        "response_status": status.get("code"), "delay_ms": about.get("latency"), "cost": about.get("cost"),
        "time_to_first_token": about.get("timeToFirstToken"), "provider": about.get("provider"),
        "prompt_tokens": about.get("promptTokens"), "completion_tokens": about.get("completionTokens"),
        "prompt_cache_read_tokens": about.get("promptCacheReadTokens"),
        "prompt_cache_write_tokens": about.get("promptCacheWriteTokens"), "model": row.get("model"),
        "prompt_id": about.get("promptId"),
    }  # fmt: skip
    return {key: value for key, value in known.items() if value is not None}


def _body(value: Json) -> Json:
    """A body, or None where the export has only a note in its place."""
    body = decode(value)
    is_note = isinstance(body, dict) and ("helicone_message" in body or "heliconeMessage" in body)
    return None if is_note else body or None


def _call(row: Record, asked: Json, came: Json) -> Call:
    if isinstance(came, dict) and "streamed_data" in came:
        merged = {key: value for key, value in came.items() if key != "streamed_data"}
        came = merged if _is_whole(merged) else came["streamed_data"]
    if isinstance(asked, dict):
        call = read_call(asked, came)
        if call.request is not None:
            return call
    reply = Reply() if came is None else read_answer(came)
    schema = decode(row.get("llmschema"))
    if isinstance(schema, dict) and (call := _schema_call(schema)).request is not None:
        return call if came is None else replace(call, reply=reply)
    reason = _NO_BODY if asked is None else "the logged request body is cut, or no call of a chat model"
    return Call(not_replayable=reason, reply=reply)


def _is_whole(merged: dict[str, Json]) -> bool:
    choices = objects_in(merged.get("choices"))
    return bool(choices and "message" in choices[0]) or bool(merged.get("content") or merged.get("output"))


def _cost(row: Record) -> float | None:
    """Dollars. The database behind it holds whole billionths of a dollar, which exports from SQL show."""
    cost = parse_number(row.get("costusd", row.get("cost")))
    is_nano = cost is not None and cost >= _DEAREST_CALL_USD and cost.is_integer()
    return cost / _NANO_DOLLARS if cost is not None and is_nano else cost


def _usage(row: Record) -> Usage | None:
    """Rows with a count of their own for reasoning leave the cache and the reasoning out of the other two."""
    thought = parse_count(row.get("reasoning_tokens"))
    is_apart = thought is not None or "anthropic" in str(row.get("provider", "")).lower()
    made = parse_count(row.get("completion_tokens"))
    return Counts(
        given=row.get("prompt_tokens"),
        taken=made if made is None else made + (thought or 0),
        read=row.get("prompt_cache_read_tokens"),
        written=row.get("prompt_cache_write_tokens"),
        reasoning=thought,
        is_apart=is_apart,
    ).usage()


def _schema_call(schema: dict[str, Json]) -> Call:
    """``llmSchema``, Helicone's own form of a call, which it keeps beside the vendor's bodies."""
    asked, came = object_in(schema.get("request")), object_in(schema.get("response"))
    messages = [_message(item) for item in objects_in(asked.get("messages"))]
    given: Json = messages or asked.get("prompt")
    if not given:
        return Call()
    instructions = asked.get("instructions")
    if isinstance(instructions, str) and instructions and messages:
        given = [{"role": "system", "content": instructions}, *messages]
    choice = asked.get("tool_choice")
    if name := at(choice, "name"):
        choice = function_tool(name=name)
    elif isinstance(choice, dict):
        choice = _CHOICES.get(str(choice.get("type")))
    params = {key: value for key, value in asked.items() if key != "messages"}
    call = read_apart(given, params | {"tools": tools_of(asked.get("tools")) or None, "tool_choice": choice})
    return replace(call, reply=_schema_reply(came))


def _schema_reply(came: dict[str, Json]) -> Reply:
    if error := came.get("error"):
        return failed(error.get("heliconeMessage", error) if isinstance(error, dict) else error)
    answers = objects_in(came.get("messages")) or objects_in(came.get("responses"))
    return read_answer(_message(answers[-1]) | {"role": "assistant"}) if answers else Reply()


def _message(item: dict[str, Any]) -> dict[str, Json]:
    parts = objects_in(item.get("contentArray")) or ([item] if item.get("_type") == "image" else [])
    content: Json = [_part(part) for part in parts] or item.get("content", item.get("text"))
    if item.get("_type") == "function" or (item.get("tool_call_id") and not item.get("tool_calls")):
        return {"role": "tool", "content": content, "tool_call_id": item.get("tool_call_id")}
    if calls := objects_in(item.get("tool_calls")):
        return {"role": "assistant", "tool_calls": calls, "content": content or None}
    return {"role": item.get("role") or "user", "content": content}


def _part(item: dict[str, Any]) -> dict[str, Json]:
    if item.get("_type") == "image" or item.get("image_url"):
        return {"type": "image_url", "image_url": {"url": item.get("image_url") or item.get("content")}}
    if item.get("_type") in ("file", "audio"):
        return {"type": str(item["_type"])}
    return {"type": "text", "text": item.get("content") or item.get("text") or ""}


READER = Reader(name="helicone", rank=12, matches=_matches, read=_read)
