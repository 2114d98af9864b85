"""Spans of Braintrust's project logs: pages of its API, BTQL results, JSONL, and CSV with JSON in its cells."""

from dataclasses import replace
from functools import partial

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import Joiner, NotACall, Reader, Record, in_span
from advisor.ingest.readers.openai_chat import is_conversation
from advisor.ingest.readers.trace_tools import (
    columns_in,
    filled,
    find_session,
    find_use_case,
    own_name,
    read_apart,
    status_in,
)
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.records.envelope import as_label
from advisor.ingest.values.json_text import as_object, at, decode, object_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Sample

_GROUPS = ("input", "metadata", "metrics", "span_attributes", "span_parents")
_OF_A_BODY = frozenset({"messages", "contents", "input"})
_OF_AN_ANSWER = frozenset({"choices", "role", "content", "message", "candidates", "output", "object", "tool_calls"})
_GENERIC = (
    "chat completion", "completion", "create", "messages", "generate", "openai", "anthropic", "llm", "stream", "root",
)  # fmt: skip


def _is_span(keys: frozenset[str]) -> bool:
    if "span_id" in keys and ("_xact_id" in keys or "_is_merge" in keys):
        return True
    has_attributes = any(key.partition(".")[0] == "span_attributes" for key in keys)
    return has_attributes and not keys.isdisjoint({"root_span_id", "span_parents", "metrics", "span_id", "_xact_id"})


def _read(record: Record) -> Sample:
    """A span of the type ``llm``, or one without a type that holds a conversation. Prompt tokens include the cache."""
    row = filled(record, _GROUPS)
    parents = row.get("span_parents")
    parent = as_label(parents[-1] if isinstance(parents, list) and parents else parents)
    return in_span(as_label(row.get("span_id")), parent, partial(_sample, row))


def _sample(row: Record) -> Sample:
    attributes, metadata, metrics = (as_object(row.get(key)) for key in ("span_attributes", "metadata", "metrics"))
    kind = str(attributes.get("type") or "").lower()
    if kind != "llm" and (kind or not is_conversation(at(row, "input", "messages") or row.get("input"))):
        raise NotACall(f"a span {f'of the kind {kind}' if kind else 'without a kind'}")
    call = _asked(row.get("input"), metadata)
    prompt = object_in(metadata.get("prompt"))
    start = parse_time(metrics.get("start"))
    error = _message(row.get("error"))
    costs = (parse_number(metrics.get(key)) for key in ("estimated_cost", "cost"))
    around: Record = {
        "id": row.get("id"),
        "timestamp": start or parse_time(row.get("created")),
        "latency_s": _latency(metrics),
        "ttft_s": parse_seconds(metrics.get("time_to_first_token"), "s"),
        "cost_usd": next(filter(None, costs), None),
        "session_id": find_session(metadata) or row.get("root_span_id"),
        "use_case": find_use_case(
            metadata,
            prompt=prompt.get("key") or prompt.get("slug") or prompt.get("name") or attributes.get("slug"),
            tags=row.get("tags"),
        )
        or own_name(attributes.get("name"), _GENERIC),
        "model": metadata.get("model") or call.model,
        "error": error,
        "status_code": status_in(error),
        "expected": decode(row["expected"]) if "expected" in row else "",  # null is what nobody has filled in
    }
    counts = Counts(
        given=metrics.get("prompt_tokens"),
        taken=metrics.get("completion_tokens"),
        read=metrics.get("prompt_cached_tokens"),
        written=metrics.get("prompt_cache_creation_tokens"),
        reasoning=metrics.get("completion_reasoning_tokens"),
    )
    return replace(call, reply=_reply(row.get("output"))).sample(around, counts.usage())


def _asked(given: Json, metadata: dict[str, Json]) -> Call:
    if not given:
        return Call(not_replayable="the log does not hold the prompt")
    if isinstance(given, dict) and not _OF_A_BODY.isdisjoint(given):
        call = read_call({key: value for key, value in metadata.items() if key in ("model", "tools")} | given, None)
        if call.request is not None:
            return call
    if isinstance(given, list) and len(given) > 1 and at(given[-1], "role") == "system":
        given = [given[-1], *given[:-1]]  # the wrapper of Anthropic's client puts the system prompt last
    return read_apart(given, metadata)


def _reply(output: Json) -> Reply:
    """A list of choices, a body, a message, or text, which may look like JSON."""
    given = decode(output)
    if isinstance(given, list) and given and at(given[0], "message") is not None:
        return read_answer({"choices": given})
    if isinstance(output, str) and isinstance(given, dict) and _OF_AN_ANSWER.isdisjoint(given):
        return read_answer(output)
    return Reply() if given is None or given == "" else read_answer(given)


def _latency(metrics: dict[str, Json]) -> float | None:
    """Seconds; both moments are epochs, also where they are too small to be times of a call."""
    start, end = (parse_number(metrics.get(key)) for key in ("start", "end"))
    return end - start if start is not None and end is not None and end >= start else None


def _message(error: Json) -> str | None:
    told = decode(error)
    if isinstance(told, dict):
        told = told.get("message") or told.get("name") or str(told)
    return str(told) if told else None


def _join(parts: list[Record]) -> Record:
    """The latest version of a row, with what later rows add to it (``_is_merge``)."""
    row: Record = {}
    for part in sorted(parts, key=lambda part: parse_number(part.get("_xact_id")) or 0):
        is_added = str(part.get("_is_merge", "")).lower() in ("true", "1")
        row = _merged(row, part) if is_added else part
    return row


def _merged(before: Record, after: Record) -> Record:
    both = dict(before)
    for key, value in after.items():
        old, new = object_in(both.get(key)), object_in(value)
        both[key] = _merged(old, new) if old and new else value if value not in (None, "") else both.get(key, value)
    return both


READER = Reader(name="braintrust", rank=14, matches=lambda record: _is_span(columns_in(record)), read=_read)
JOINER = Joiner(
    name="braintrust",
    # any span with an id, because a row that is added to does not tell
    joins=lambda keys: "id" in keys and _is_span(columns_in(keys)),
    call_of=lambda record: str(record["id"]) if record.get("id") else None,
    join=_join,
)
