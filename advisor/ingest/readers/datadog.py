"""Spans of Datadog LLM Observability: from its export API, and as its SDKs and its intake API send them.

Durations and starts are in nanoseconds, estimated costs in billionths of a dollar.
"""

from collections.abc import Iterable
from dataclasses import replace

from advisor.ingest.messages.tools import tool_call, tools_of
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotACall, NotChat, Opener, Reader, Record, in_span
from advisor.ingest.readers.trace_tools import as_sent, find_session, find_use_case, read_apart, streamed
from advisor.ingest.records.bodies import Call, read_answer
from advisor.ingest.values.json_text import as_objects, at, object_in, objects_in, text_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.types import Json, Sample

_NS = 1e9
_KINDS = frozenset({"llm", "agent", "workflow", "tool", "task", "embedding", "retrieval", "experiment"})
_ROOTS = frozenset({"undefined", "0", ""})
_NO_PROMPT = "the span holds no messages"


def _open(record: Record) -> Iterable[Json]:
    """The spans of a request to the intake API, each with what the request says of all."""
    told = object_in(at(object_in(record.get("data")), "attributes")) or record
    spans = objects_in(told.get("spans"))
    if not spans or not all("meta" in span for span in spans):
        return [record]
    return [{key: told[key] for key in ("ml_app", "session_id") if told.get(key)} | span for span in spans]


def _fields(record: Record) -> Record:
    """A span with its fields at the top, wherever they stood."""
    attributes = object_in(record.get("attributes"))
    inner = record if "span_kind" not in attributes else attributes | {"id": record.get("id")}
    meta = object_in(inner.get("meta"))
    kind = inner.get("span_kind") or meta.get("kind") or meta.get("span.kind") or at(meta, "span", "kind")
    names = ("input", "output", "metadata", "model_name", "model_provider", "tool_definitions", "error")
    return inner | {name: meta[name] for name in names if name in meta} | {"span_kind": kind}


def _matches(record: Record) -> bool:
    if not {"attributes", "meta", "span_kind"} & record.keys():
        return False
    span = _fields(record)
    is_known = isinstance(span["span_kind"], str) and span["span_kind"].lower() in _KINDS
    return is_known and "span_id" in span and ("start_ns" in span or "ml_app" in span)


def _read(record: Record) -> Sample:
    span = _fields(record)
    trace, own, above = (text_in(span.get(key)) for key in ("trace_id", "span_id", "parent_id"))
    key, parent = (f"{trace}:{own}" if own else None), (f"{trace}:{above}" if above not in (None, *_ROOTS) else None)
    return in_span(key, parent, lambda: _sample(span))


def _sample(span: Record) -> Sample:
    kind = str(span["span_kind"]).lower()
    if kind != "llm":
        raise NotChat("embeddings") if kind == "embedding" else NotACall(f"a span of the kind {kind}")
    metrics, metadata = object_in(span.get("metrics")), object_in(span.get("metadata"))
    call = _call(span, metadata)
    is_failed = str(span.get("status")).lower() == "error"
    message = at(object_in(span.get("error")), "message")
    latency_s = _seconds(span.get("duration"))
    cost = parse_number(metrics.get("estimated_total_cost"))
    around: Record = {
        "id": span.get("span_id"),
        "timestamp": span.get("start_ns"),
        "latency_s": latency_s,
        "ttft_s": streamed(parse_seconds(metrics.get("time_to_first_token"), "s"), latency_s),
        "cost_usd": cost / _NS if cost else None,
        "session_id": span.get("session_id") or find_session(metadata) or span.get("trace_id"),
        "use_case": find_use_case(metadata, prompt=span.get("name")),
        "model": span.get("model_name"),
        "error": (message or "logged as an error") if is_failed else None,
    }
    usage = Counts(
        given=metrics.get("input_tokens"),
        taken=metrics.get("output_tokens"),
        read=metrics.get("cache_read_input_tokens"),
        written=metrics.get("cache_write_input_tokens"),
        reasoning=metrics.get("reasoning_output_tokens"),
        total=metrics.get("total_tokens"),
    ).usage()
    return call.sample(around, usage)


def _call(span: Record, metadata: Record) -> Call:
    given, came = object_in(span.get("input")), object_in(span.get("output"))
    messages = [made for message in objects_in(given.get("messages")) for made in _messages(message)]
    tools = tools_of(span.get("tool_definitions"))
    params = as_sent(metadata) | {"model": span.get("model_name")} | ({"tools": tools} if tools else {})
    call = read_apart(messages or given.get("value"), params) if messages or given.get("value") else None
    answers = [made for message in objects_in(came.get("messages")) for made in _messages(message)]
    said: Json = {"role": "assistant"} | {k: v for k, v in answers[-1].items() if k != "role"} if answers else None
    reply = read_answer(said or came.get("value"))
    return replace(call or Call(not_replayable=_NO_PROMPT), reply=reply)


def _messages(message: Record) -> list[Record]:
    """A message in OpenAI's shape; the results of tools stand in it as a list."""
    results: list[Record] = [
        {"role": "tool", "tool_call_id": result.get("tool_id"), "content": result.get("result")}
        for result in as_objects(message.get("tool_results"))
    ]
    calls = [
        tool_call(call.get("tool_id") or f"call_{index}", call.get("name"), call.get("arguments") or {})
        for index, call in enumerate(as_objects(message.get("tool_calls")))
    ]
    if results and not calls and not message.get("content"):
        return results
    made = {"role": message.get("role") or "user", "content": message.get("content") or (None if calls else "")}
    return [made | ({"tool_calls": calls} if calls else {}), *results]


def _seconds(value: Json) -> float | None:
    number = parse_number(value)
    return number / _NS if number is not None and number >= 0 else None


INTAKE = Opener(opens=lambda keys: keys == {"data"} or keys >= {"spans", "event_type"}, open=_open)
READER = Reader(name="datadog", rank=11, matches=_matches, read=_read)
