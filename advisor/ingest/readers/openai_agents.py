"""Traces of the OpenAI Agents SDK, as it sends them or as its processors write them: the spans of model calls."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers import wrapped
from advisor.ingest.readers.openai_chat import PARAM_KEYS
from advisor.ingest.readers.openai_responses import NO_PROMPT, read_pair, request_of
from advisor.ingest.records.bodies import read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Request, Sample

_UNNAMED = "Agent workflow"
"""What the SDK calls a trace that nobody named."""
_NO_TOOLS = "it calls tools that the log does not describe"


@dataclass(frozen=True)
class AgentTraces:
    """Opens the pages that are sent and reads spans. The session is the trace's group, else the trace."""

    name: str = "openai_agents"
    rank: int = 15

    def opens(self, keys: frozenset[str]) -> bool:
        """``{"data": [...]}`` and nothing else."""
        return keys == {"data"}

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """The spans and traces, spans with the name and the group of their trace where the page holds it."""
        found = list(wrapped.OPENER.open(record))
        traces = {item.get("id"): item for item in found if isinstance(item, dict) and item.get("object") == "trace"}
        for item in found:
            trace = traces.get(item.get("trace_id")) if isinstance(item, dict) else None
            if trace and item.get("object") == "trace.span":
                yield {"workflow_name": trace.get("workflow_name"), "group_id": trace.get("group_id")} | item
            else:
                yield item

    def joins(self, keys: frozenset[str]) -> bool:
        """Any span."""
        return keys >= {"object", "span_data"}

    def call_of(self, record: dict[str, Json]) -> str | None:
        """The id of the response, where a span holds no more of it: it waits, for others may hold the whole call."""
        data = decode(record["span_data"]) if record.get("object") == "trace.span" else None
        if not isinstance(data, dict) or data.get("type") != "response" or data.get("input") or data.get("response"):
            return None
        return _text(data.get("response_id"))

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The last span that names the response."""
        return parts[-1]

    def matches(self, record: dict[str, Json]) -> bool:
        """A span or a trace, by what it says it is."""
        return record.get("object") in ("trace.span", "trace") and not {"span_data", "workflow_name"}.isdisjoint(record)

    def read(self, record: dict[str, Json]) -> Sample:
        """The call of a ``generation`` or ``response`` span; a response span mostly holds no more than an id."""
        span, parent = _text(record.get("id")), _text(record.get("parent_id"))
        if record["object"] == "trace":
            raise NotACall("a trace")
        data = decode(record["span_data"])
        data = data if isinstance(data, dict) else {}
        if data.get("type") not in ("generation", "response"):
            raise NotACall(f"a span of the kind {data.get('type')}").at(span, parent)
        try:
            sample = (_generation if data["type"] == "generation" else _response)(_facts(record, data), data)
        except RowRejected as rejected:
            raise rejected.at(span, parent) from None
        return replace(sample, span=span, parent_span=parent)


def _facts(record: dict[str, Json], data: dict[str, Json]) -> dict[str, Json]:
    begun, ended = parse_time(record.get("started_at")), parse_time(record.get("ended_at"))
    name = record.get("workflow_name")
    return {
        "id": record.get("id"),
        "timestamp": record.get("started_at"),
        "latency_s": seconds_between(begun, ended),
        "session_id": record.get("group_id") or record.get("trace_id"),
        "use_case": name if name != _UNNAMED else None,
        "error": record.get("error"),
        "usage": data.get("usage"),
        "model": data.get("model"),
        "metadata": record.get("metadata"),
    }


def _generation(facts: dict[str, Json], data: dict[str, Json]) -> Sample:
    reply = read_answer(data.get("output"))
    settings = data.get("model_config")
    params = {key: settings[key] for key in PARAM_KEYS if key in settings} if isinstance(settings, dict) else {}
    if not data.get("input"):
        return assemble(facts, Request(messages=[], params=params), reply, not_replayable="the prompt is not traced")
    call = read_call(params | {"model": data.get("model"), "messages": data["input"]}, None)
    request = call.request or Request(messages=[])
    uses_tools = bool(reply.answer and reply.answer.tool_calls) or any("tool_calls" in m for m in request.messages)
    lacks_tools = _NO_TOOLS if uses_tools and "tools" not in request.params else None
    return assemble(facts, request, reply, not_replayable=call.not_replayable or lacks_tools)


def _response(facts: dict[str, Json], data: dict[str, Json]) -> Sample:
    response, given = data.get("response"), data.get("input")
    if isinstance(response, dict):
        request: dict[str, Any] | None = request_of(response) | {"input": given} if given else None
        return read_pair(facts, request, {"object": "response"} | response)
    if given:
        return read_pair(facts, {"model": data.get("model"), "input": given}, None)
    sample = assemble(facts, Request(messages=[]), read_answer(None), not_replayable=NO_PROMPT)
    return replace(sample, response_id=_text(data.get("response_id")))


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


READER = AgentTraces()
OPENER = READER
JOINER = READER
