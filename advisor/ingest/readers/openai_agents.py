"""Traces of the OpenAI Agents SDK, as it sends them or as its processors write them: the spans of model calls."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import PARAM_KEYS
from advisor.ingest.reader import Joiner, NotACall, Opener, Reader, Record, in_span
from advisor.ingest.readers import wrapped
from advisor.ingest.readers.openai_responses import NO_PROMPT, read_pair, request_of
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.values.json_text import as_name, as_object, at, object_in
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Request, Sample

_UNNAMED = "Agent workflow"
"""What the SDK calls a trace that nobody named."""
_NO_TOOLS = "it calls tools that the log does not describe"


def _open(record: Record) -> Iterable[Json]:
    """The spans and traces of a page, spans with the name and the group of their trace where the page holds it."""
    found = list(wrapped.OPENER.open(record))
    traces = {item.get("id"): item for item in found if at(item, "object") == "trace"}
    for item in found:
        trace = traces.get(at(item, "trace_id"))
        if trace and item.get("object") == "trace.span":
            yield {"workflow_name": trace.get("workflow_name"), "group_id": trace.get("group_id")} | item
        else:
            yield item


def _call_of(record: Record) -> str | None:
    """The id of the response, where a span holds no more of it: it waits, for others may hold the whole call."""
    data = object_in(record["span_data"]) if record.get("object") == "trace.span" else {}
    is_bare = data.get("type") == "response" and not data.get("input") and not data.get("response")
    return as_name(data.get("response_id")) if is_bare else None


def _matches(record: Record) -> bool:
    """A span or a trace, by what it says it is."""
    return record.get("object") in ("trace.span", "trace") and not {"span_data", "workflow_name"}.isdisjoint(record)


def _read(record: Record) -> Sample:
    """The call of a ``generation`` or ``response`` span; a response span mostly holds no more than an id."""
    if record["object"] == "trace":
        raise NotACall("a trace")
    span, parent = as_name(record.get("id")), as_name(record.get("parent_id"))
    data = object_in(record["span_data"])
    name = record.get("workflow_name")
    around: Record = {
        "id": record.get("id"),
        "timestamp": record.get("started_at"),
        "latency_s": seconds_between(parse_time(record.get("started_at")), parse_time(record.get("ended_at"))),
        "session_id": record.get("group_id") or record.get("trace_id"),
        "use_case": name if name != _UNNAMED else None,
        "error": record.get("error"),
        "usage": data.get("usage"),
        "model": data.get("model"),
        "metadata": record.get("metadata"),
    }
    return in_span(span, parent, partial(_sample, around, data))


def _sample(around: Record, data: dict[str, Json]) -> Sample:
    if data.get("type") == "generation":
        return _generation(data).sample(around)
    if data.get("type") == "response":
        return _response(around, data)
    raise NotACall(f"a span of the kind {data.get('type')}")


def _generation(data: dict[str, Json]) -> Call:
    reply = read_answer(data.get("output"))
    settings = as_object(data.get("model_config"))
    params = {key: settings[key] for key in PARAM_KEYS if key in settings}
    if not data.get("input"):
        request = Request(messages=[], params=params)
        return Call(request=request, not_replayable="the prompt is not traced", reply=reply)
    call = read_call(params | {"model": data.get("model"), "messages": data["input"]}, None)
    request = call.request or Request(messages=[])
    uses_tools = bool(reply.answer and reply.answer.tool_calls) or any("tool_calls" in m for m in request.messages)
    lacks_tools = _NO_TOOLS if uses_tools and "tools" not in request.params else None
    return replace(call, reply=reply, not_replayable=call.not_replayable or lacks_tools)


def _response(around: Record, data: dict[str, Json]) -> Sample:
    response, given = data.get("response"), data.get("input")
    if isinstance(response, dict):
        request: dict[str, Any] | None = request_of(response) | {"input": given} if given else None
        return read_pair(around, request, {"object": "response"} | response)
    if given:
        return read_pair(around, {"model": data.get("model"), "input": given}, None)
    reply = Reply(response_id=as_name(data.get("response_id")))
    return Call(not_replayable=NO_PROMPT, reply=reply).sample(around)


READER = Reader(name="openai_agents", rank=15, matches=_matches, read=_read)
OPENER = Opener(opens=lambda keys: keys == {"data"}, open=_open)
JOINER = Joiner(
    name="openai_agents",
    joins=lambda keys: keys >= {"object", "span_data"},
    call_of=_call_of,
    join=lambda parts: parts[-1],
)
