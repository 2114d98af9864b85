"""Spans of Opik (Comet), from its API or its SDK; those of the type ``llm`` are calls."""

from dataclasses import replace

from advisor.ingest.messages.request import PARAM_KEYS, PARAM_NAMES
from advisor.ingest.messages.usage import Counts, read_usage
from advisor.ingest.reader import NotACall, Opener, Reader, Record
from advisor.ingest.readers.trace_tools import (
    as_sent,
    filled,
    find_session,
    find_use_case,
    in_trace,
    lasted,
    own_name,
    read_apart,
)
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.values.json_text import decode, list_in, object_in
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time
from advisor.types import Sample, Usage

_ALWAYS = frozenset({"trace_id", "type", "start_time"})
_OWN = frozenset({
    "parent_span_id", "error_info", "feedback_scores", "total_estimated_cost", "project_name", "last_updated_at",
})  # fmt: skip
_KINDS = frozenset({"llm", "general", "tool", "guardrail"})
_GENERIC = ("chat_completion", "completion", "generate", "messages", "invoke", "llm", "openai", "anthropic")
_WITHIN = "original_usage."


def _matches(record: Record) -> bool:
    is_kind = isinstance(record.get("type"), str) and record["type"].lower() in _KINDS
    return is_kind and record.keys() >= _ALWAYS and not _OWN.isdisjoint(record)


def _read(record: Record) -> Sample:
    row = filled(record, ("usage", "metadata"))
    return in_trace(row, ("trace_id", "id", "parent_span_id"), lambda: _sample(row))


def _sample(row: Record) -> Sample:
    """One call; the duration is in milliseconds."""
    kind = str(row.get("type")).lower()
    if kind != "llm":
        raise NotACall(f"a span of the type {kind}")
    metadata, failure = object_in(row.get("metadata")), object_in(row.get("error_info"))
    call = _call(row, metadata)
    begun = parse_time(row.get("start_time"))
    message = failure.get("message") or failure.get("exception_type")
    around: Record = {
        "id": row.get("id"),
        "timestamp": begun,
        "latency_s": lasted(row.get("duration"), begun, parse_time(row.get("end_time"))),
        "ttft_s": lasted(row.get("ttft"), None, None),
        "cost_usd": parse_number(row.get("total_estimated_cost")) or None,
        "session_id": find_session(metadata) or row.get("trace_id"),
        "use_case": find_use_case(metadata, prompt=own_name(row.get("name"), _GENERIC), tags=row.get("tags")),
        "model": row.get("model") or call.model,
        "error": message or ("logged as an error" if failure else None),
    }
    return call.sample(around, _usage(object_in(row.get("usage"))) or call.reply.usage)


def _call(row: Record, metadata: Record) -> Call:
    """The request as its integration logged it: a body, or messages beside parameters in the metadata."""
    asked, came = decode(row.get("input")), decode(row.get("output"))
    inner = came["output"] if isinstance(came, dict) and came.keys() == {"output"} else came
    reply = read_answer(inner) if inner else Call().reply
    if not asked:
        return Call(not_replayable="the span holds no prompt", reply=reply)
    params = {key: value for key, value in as_sent(metadata).items() if key in PARAM_KEYS or key in PARAM_NAMES}
    if isinstance(asked, dict):
        call = read_call(params | {"model": row.get("model")} | asked, None)
        if call.request is not None:
            return replace(call, reply=reply)
    return replace(read_apart(asked, params | {"model": row.get("model")}), reply=reply)


def _usage(usage: Record) -> Usage | None:
    """Opik's own counts, with the details of the provider's under dotted names."""
    told = {key.removeprefix(_WITHIN): count for key, count in usage.items() if key.startswith(_WITHIN)}
    if isinstance(original := usage.get("original_usage"), dict):
        return read_usage(original) or read_usage(usage)
    if any("cache_read" in key or "cache_creation" in key for key in told):
        return read_usage(told)
    return Counts(
        given=usage.get("prompt_tokens"),
        taken=usage.get("completion_tokens"),
        read=told.get("prompt_tokens_details.cached_tokens") or told.get("input_tokens_details.cached_tokens"),
        reasoning=told.get("completion_tokens_details.reasoning_tokens"),
        total=usage.get("total_tokens"),
    ).usage()


PAGE = Opener(
    opens=lambda keys: keys >= {"page", "size", "total", "content"} and "type" not in keys,
    open=lambda record: list_in(record["content"]) or [record],
)
READER = Reader(name="opik", rank=13, matches=_matches, read=_read)
