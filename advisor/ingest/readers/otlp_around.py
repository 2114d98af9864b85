"""What stands around the messages of a call in a span: times, cost, names, and how it failed."""

import re
from datetime import datetime

from advisor.ingest.readers.otlp_span import MODELS, Span
from advisor.ingest.records.envelope import LABEL_KEYS
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.ingest.values.span_attributes import first
from advisor.ingest.values.times import parse_time
from advisor.types import Json

_SESSIONS = ("gen_ai.conversation.id", "session.id", "langfuse.session.id", "conversation.id", "thread.id", "thread_id")
_PROPERTIES = ("traceloop.association.properties", "ai.telemetry.metadata", "metadata", "langfuse.trace.metadata")
"""Prefixes of a team's own keys."""
_SESSION_NAMES = ("session_id", "sessionId", "conversation_id", "conversationId", "thread_id", "threadId", "chat_id")
_LABELS = (
    "gen_ai.prompt.name", "traceloop.prompt.key", "llm.prompt_template.name", "prompt.name", "prompt.id",
    "ai.telemetry.functionId", "langfuse.observation.prompt.name",
)  # fmt: skip
_WORKFLOWS = ("gen_ai.workflow.name", "traceloop.workflow.name", "gen_ai.agent.name", "agent.name")
_COSTS = ("gen_ai.usage.cost", "llm.cost.total", "gen_ai.cost.total_cost", "gen_ai.usage.total_cost", "operation.cost")
_FIRST_TOKEN_S = ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token", "gen_ai.server.ttft")
_FIRST_TOKEN_EVENTS = ("First Token Stream Event", "ai.stream.firstChunk", "llm.content.completion.chunk")
_CODE = re.compile(r"(?:error|status)[ _]?code\D{0,3}(\d{3})\b|\bHTTP[ /\d.]* (\d{3})\b", re.IGNORECASE)
_REFUSALS = ("BadRequestError", "UnprocessableEntityError", "ContextWindowExceededError", "invalid_request_error")


def around(span: Span) -> dict[str, Json]:
    """The keys that envelope.assemble knows, from the span's own fields and its attributes."""
    failure = failure_of(span)
    start = _moment(span.start)
    return {
        "id": span.id,
        "timestamp": start,
        "latency_s": _latency(span, start),
        "ttft_s": _first_token(span, start),
        "cost_usd": _cost(span),
        "session_id": _session(span) or span.trace,
        "use_case": _label(span),
        "model": first(span.attributes, MODELS),
        "error": failure,
        "status_code": _status_code(span) if failure else None,
        "metadata": span.tree.get("metadata"),
        "tags": span.attributes.get("tag.tags"),
    }


def failure_of(span: Span) -> str | None:
    """The error a span ended with."""
    code = span.status.get("code", span.status.get("status_code"))
    exception = _exception(span)
    told = first(exception, ("exception.message", "exception.type"))
    kind = first(span.attributes, ("error.type", "error.message", "exception.message"))
    if str(code).upper() not in ("2", "ERROR", "STATUS_CODE_ERROR", "STATUSCODE.ERROR"):
        return None if kind is None else str(kind)
    message = span.status.get("message", span.status.get("description"))
    return str(message or told or kind or "the span ended with an error")


def _exception(span: Span) -> dict[str, Json]:
    return next((event["attributes"] for event in span.events if event["name"] == "exception"), {})


def _status_code(span: Span) -> int | None:
    told = first(span.attributes, ("http.response.status_code", "http.status_code", "error.type"))
    if str(told).isdigit() and 400 <= int(str(told)) < 600:
        return int(str(told))
    exception = _exception(span)
    text = f"{exception.get('exception.message')} {span.status.get('message')}"
    if found := _CODE.search(text):
        return int(found[1] or found[2])
    kinds = f"{told} {exception.get('exception.type')} {text}"
    return 400 if any(kind in kinds for kind in _REFUSALS) else None


def _moment(value: Json) -> datetime | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int | float) for part in value):
        value = value[0] + value[1] / 1e9  # JavaScript's high-resolution time
    return parse_time(value)


def _latency(span: Span, start: datetime | None) -> float | None:
    end = _moment(span.end)
    if start is None or end is None:
        ticks = parse_number(span.duration)  # microseconds in JavaScript and Jaeger
        return None if ticks is None else ticks / 1e6
    return round((end - start).total_seconds(), 6) if end >= start else None


def _first_token(span: Span, start: datetime | None) -> float | None:
    told = parse_seconds(first(span.attributes, _FIRST_TOKEN_S), "s")
    if told is None:
        told = parse_seconds(span.attributes.get("ai.response.msToFirstChunk"), "ms")
    if told is None and start is not None:
        arrived = next((event.get("at") for event in span.events if event["name"] in _FIRST_TOKEN_EVENTS), None)
        moment = _moment(arrived)
        told = round((moment - start).total_seconds(), 6) if moment is not None and moment >= start else None
    return told


def _cost(span: Span) -> float | None:
    total = parse_number(first(span.attributes, _COSTS))
    if total is None:
        parts = [parse_number(span.attributes.get(f"llm.cost.{part}")) for part in ("prompt", "completion")]
        known = [part for part in parts if part is not None]
        total = sum(known) if known else None
    return total


def _session(span: Span) -> Json:
    named = (f"{prefix}.{name}" for prefix in _PROPERTIES for name in _SESSION_NAMES)
    return first(span.attributes, (*_SESSIONS, *named))


def _label(span: Span) -> Json:
    named = (f"{prefix}.{name}" for prefix in _PROPERTIES for name in LABEL_KEYS)
    return first(span.attributes, (*_LABELS, *named))


def workflow_of(span: Span) -> str | None:
    """The name of the workflow, agent or service that the call was made for."""
    name = first(span.attributes, _WORKFLOWS) or span.resource.get("service.name")
    return name if isinstance(name, str) and not name.startswith("unknown_service") else None
