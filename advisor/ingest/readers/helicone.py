"""Requests logged by Helicone: its API's rows, and the JSONL, JSON and CSV of its export tool."""

from dataclasses import dataclass, replace
from functools import lru_cache

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.helicone_schema import read_schema
from advisor.ingest.readers.pieces import filled, find_session, find_use_case, inclusive_usage, label
from advisor.ingest.records.bodies import Call, other_operation, read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode, object_in
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Request, Sample, Usage

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


@dataclass(frozen=True)
class Helicone:
    """Reads one logged request of any vendor."""

    name: str = "helicone"
    rank: int = 12

    def matches(self, record: dict[str, Json]) -> bool:
        """The columns that no other tool has."""
        return _is_request(tuple(record))

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one row; one without its bodies is kept for volume and cost."""
        row = _flattened(filled(record))
        properties = object_in(row.get("properties")) | object_in(row.get("request_properties"))
        asked, came = _body(row.get("request_body")), _body(row.get("response_body"))
        _refuse_other_calls(row, asked)
        call = _read(row, asked, came)
        status = parse_number(row.get("response_status"))
        start, end = parse_time(row.get("request_created_at")), parse_time(row.get("response_created_at"))
        latency = parse_seconds(row.get("delay_ms", row.get("latency")), "ms")
        latency = seconds_between(start, end) if latency is None else latency
        around: dict[str, Json] = {
            "id": row.get("request_id", row.get("response_id")),
            "timestamp": start or end,
            "latency_s": latency,
            "ttft_s": parse_seconds(row.get("time_to_first_token") or None, "ms"),
            "cost_usd": _cost(row),
            "session_id": label(properties.get("Helicone-Session-Id")) or find_session(properties),
            "use_case": _use_case(row, properties),
            "model": row.get("response_model") or call.model or row.get("request_model") or row.get("model"),
            "status_code": status,
            "error": _STATUS.get(int(status), "no response was recorded")
            if status is not None and status <= 0
            else None,
        }
        sample = assemble(around, call.request or Request(messages=[]), call.reply, not_replayable=call.not_replayable)
        return sample if sample.usage else replace(sample, usage=_usage(row))


@lru_cache(maxsize=256)
def _is_request(keys: tuple[str, ...]) -> bool:
    have = {key.strip().lower() for key in keys}
    return have >= {"request_created_at", "response_status"} or "heliconemetadata" in have


def _flattened(row: dict[str, Json]) -> dict[str, Json]:
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
    if isinstance(body, dict) and (not body or "helicone_message" in body or "heliconeMessage" in body):
        return None
    return body or None


def _read(row: dict[str, Json], asked: Json, came: Json) -> Call:
    if isinstance(came, dict) and "streamed_data" in came:
        merged = {key: value for key, value in came.items() if key != "streamed_data"}
        came = merged if _is_whole(merged) else came["streamed_data"]
    if isinstance(asked, dict):
        call = read_call(asked, came)
        if call.request is not None:
            return call
    schema = decode(row.get("llmschema"))
    if isinstance(schema, dict):
        call = read_schema(schema)
        if call.request is not None:
            return call if came is None else replace(call, reply=read_answer(came))
    reason = _NO_BODY if asked is None else "the logged request body is cut, or no call of a chat model"
    return Call(request=None, not_replayable=reason, reply=Reply() if came is None else read_answer(came))


def _is_whole(merged: dict[str, Json]) -> bool:
    choices = merged.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return (isinstance(first, dict) and "message" in first) or bool(merged.get("content") or merged.get("output"))


def _refuse_other_calls(row: dict[str, Json], asked: Json) -> None:
    url = f"{row.get('request_path', '')} {row.get('target_url', '')}"
    kind = other_operation(url)
    if kind is None and isinstance(asked, dict) and asked.get("_type") in _EVENTS:
        kind = f"a {asked['_type']}"
    if kind:
        raise RowRejected(f"a call of {kind}, not of a chat model")


def _use_case(row: dict[str, Json], properties: dict[str, Json]) -> str | None:
    return (
        find_use_case(properties)
        or label(properties.get("Helicone-Prompt-Id"))
        or label(row.get("prompt_id"))
        or label(properties.get("Helicone-Session-Name"))
    )


def _cost(row: dict[str, Json]) -> float | None:
    """Dollars. The database behind it holds whole billionths of a dollar, which exports from SQL show."""
    cost = parse_number(row.get("costusd", row.get("cost")))
    is_nano = cost is not None and cost >= _DEAREST_CALL_USD and cost.is_integer()
    return cost / _NANO_DOLLARS if cost is not None and is_nano else cost


def _usage(row: dict[str, Json]) -> Usage | None:
    """Rows with a count of their own for reasoning leave the cache and the reasoning out of the other two."""
    given, made = parse_count(row.get("prompt_tokens")), parse_count(row.get("completion_tokens"))
    read, written = row.get("prompt_cache_read_tokens"), row.get("prompt_cache_write_tokens")
    if given is None and made is None:
        return None
    thought = parse_count(row.get("reasoning_tokens"))
    if thought is None and "anthropic" not in str(row.get("provider", "")).lower():
        return inclusive_usage(given, made, read=read, written=written)
    return Usage(
        input_tokens=given or 0,
        cache_read_tokens=parse_count(read) or 0,
        cache_write_tokens=parse_count(written) or 0,
        output_tokens=(made or 0) + (thought or 0),
        reasoning_tokens=thought or 0,
    )


READER = Helicone()
