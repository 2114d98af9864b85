"""A span of a trace, whoever wrote it: whether it is a call of a model, its times, cost, names, and how it failed."""

import re
from datetime import datetime
from functools import cached_property

from advisor.ingest.reader import Record
from advisor.ingest.readers.trace_tools import cost_of
from advisor.ingest.records.envelope import LABEL_KEYS
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.ingest.values.span_attributes import first, nest
from advisor.ingest.values.times import parse_time
from advisor.types import Json

DETAILS = "gen_ai.client.inference.operation.details"
MESSAGE_EVENT = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message|gen_ai\.choice|gen_ai\.content\.\w+")
CONVENTIONS = ("gen_ai.", "llm.", "openinference.", "traceloop.")
"""How attributes begin that tell of models."""
_CONTENT = (
    "gen_ai.input.messages", "gen_ai.prompt.0.content", "gen_ai.prompt.0.role", "gen_ai.prompt.0.user", "gen_ai.prompt",
    "gen_ai.output.messages", "gen_ai.completion.0.content", "llm.input_messages", "llm.input_messages.0.message.role",
    "llm.prompts", "ai.prompt.messages", "ai.prompt", "mlflow.spanInputs", "input.value", "events",
)  # fmt: skip
"""Attributes that show that messages are captured."""
_MODELS = (
    "gen_ai.response.model", "llm.response.model_name", "ai.response.model", "llm.model_name", "gen_ai.request.model",
    "llm.request.model_name", "ai.model.id", "mlflow.llm.model", "model",
)  # fmt: skip
_CHAT = ("chat", "completion", "generate_content", "call_llm")
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
_FIRST_TOKEN_EVENTS = (
    "First Token Stream Event", "ai.stream.firstChunk", "llm.content.completion.chunk", "new_token (backend.",
)  # fmt: skip
"""How their names begin."""
_BEEAI_EVENT = re.compile(r"backend\.[\w.-]+\.chat\.(start|success|error|finish)-\d+")
_BEEAI_FAILURE = re.compile(r"\w+\(beeai_framework\.")
_CODE = re.compile(r"(?:error|status)[ _]?code\D{0,3}(\d{3})\b|\bHTTP[ /\d.]* (\d{3})\b", re.IGNORECASE)
_REFUSALS = ("BadRequestError", "UnprocessableEntityError", "ContextWindowExceededError", "invalid_request_error")


class Span:
    """One span, from the flat record that otlp.flat_record makes, with the log events joined to it."""

    def __init__(self, record: Record) -> None:
        get = record.get  # what was empty may be gone
        self.name = str(get("name") or "")
        self.kind = get("kind")
        self.attributes: dict[str, Json] = get("attributes") or {}
        """By their dotted names."""
        self.events: list[dict[str, Json]] = [*get("span_events", ()), *get("log_events", ())]
        self.dropped = parse_count(get("dropped")) or 0
        """How many attributes the exporter left out."""
        self._trace: str = get("trace_id") or ""
        self._id, self._parent = get("span_id"), get("parent_id")
        self._start, self._end, self._duration = get("start"), get("end"), get("duration")
        self._status: dict[str, Json] = get("status") or {}
        self._resource: dict[str, Json] = get("resource") or {}

    @cached_property
    def tree(self) -> dict[str, Json]:
        """The attributes as objects within objects."""
        nested: dict[str, Json] = nest(self.attributes)
        return nested

    @property
    def key(self) -> str | None:
        """Unique among all traces."""
        return f"{self._trace}:{self._id}" if self._id else None

    @property
    def parent_key(self) -> str | None:
        """The key of the span around this one."""
        return f"{self._trace}:{self._parent}" if self._parent else None

    @property
    def holds_content(self) -> bool:
        """Whether the messages are with the span."""
        return first(self.attributes, _CONTENT) is not None or any(is_model_event(each["name"]) for each in self.events)

    @property
    def workflow(self) -> str | None:
        """The name of the workflow, agent or service that the call was made for."""
        name = first(self.attributes, _WORKFLOWS) or self._resource.get("service.name")
        return name if isinstance(name, str) and not name.startswith("unknown_service") else None

    def around(self) -> dict[str, Json]:
        """The keys that envelope.assemble knows, from the span's own fields and its attributes."""
        failure = self._failure()
        start = _moment(self._start)
        return {
            "id": self._id,
            "timestamp": start,
            "latency_s": self._latency(start),
            "ttft_s": self._first_token(start),
            "cost_usd": self._cost(),
            "session_id": self._named(_SESSIONS, _SESSION_NAMES) or self._trace,
            "use_case": self._named(_LABELS, LABEL_KEYS),
            "model": first(self.attributes, _MODELS),
            "error": failure,
            "status_code": self._status_code() if failure else None,
            "metadata": self.tree.get("metadata"),
            "tags": self.attributes.get("tag.tags"),
        }

    def _named(self, names: tuple[str, ...], own: tuple[str, ...]) -> Json:
        return first(self.attributes, (*names, *(f"{prefix}.{name}" for prefix in _PROPERTIES for name in own)))

    def _failure(self) -> str | None:
        """The error a span ended with."""
        status = self._status
        code = str(status.get("code", status.get("status_code"))).upper()
        told = first(self._exception, ("exception.message", "exception.type"))
        kind = first(self.attributes, ("error.type", "error.message", "exception.message"))
        if code not in ("2", "ERROR", "STATUS_CODE_ERROR", "STATUSCODE.ERROR"):
            return None if kind is None else str(kind)
        message = status.get("message", status.get("description"))
        return str(message or told or kind or "the span ended with an error")

    @property
    def _exception(self) -> dict[str, Json]:
        return next((event["attributes"] for event in self.events if event["name"] == "exception"), {})

    def _status_code(self) -> int | None:
        told = str(first(self.attributes, ("http.response.status_code", "http.status_code", "error.type")))
        if told.isdigit() and 400 <= int(told) < 600:
            return int(told)
        text = f"{self._exception.get('exception.message')} {self._status.get('message')}"
        if found := _CODE.search(text):
            return int(found[1] or found[2])
        kinds = f"{told} {self._exception.get('exception.type')} {text}"
        return 400 if any(kind in kinds for kind in _REFUSALS) else None

    def _latency(self, start: datetime | None) -> float | None:
        end = _moment(self._end)
        if start is None or end is None:
            ticks = parse_number(self._duration)  # microseconds in JavaScript and Jaeger
            return None if ticks is None else ticks / 1e6
        return round((end - start).total_seconds(), 6) if end >= start else None

    def _first_token(self, start: datetime | None) -> float | None:
        told = parse_seconds(first(self.attributes, _FIRST_TOKEN_S), "s")
        if told is None:
            told = parse_seconds(self.attributes.get("ai.response.msToFirstChunk"), "ms")
        if told is None and start is not None:
            arrivals = (
                _moment(event.get("at")) for event in self.events if event["name"].startswith(_FIRST_TOKEN_EVENTS)
            )
            moment = next(arrivals, None)
            told = round((moment - start).total_seconds(), 6) if moment is not None and moment >= start else None
        return told

    def _cost(self) -> float | None:
        parts = map(self.attributes.get, ("llm.cost.prompt", "llm.cost.completion"))
        return cost_of(first(self.attributes, _COSTS), parts)


def _moment(value: Json) -> datetime | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int | float) for part in value):
        value = value[0] + value[1] / 1e9  # JavaScript's high-resolution time
    return parse_time(value)


def is_model_event(name: str) -> bool:
    """Whether an event of this name holds messages of a model's call."""
    return name == DETAILS or MESSAGE_EVENT.fullmatch(name) is not None


def beeai_event(name: Json) -> str | None:
    """Which event of a call a span of BeeAI is; its JavaScript, and Python until August 2025, write one for each."""
    found = _BEEAI_EVENT.fullmatch(name) if isinstance(name, str) else None
    return found[1] if found else None


def beeai_failure(output: Json) -> str | None:
    """What went wrong, which BeeAI logs in place of the answer."""
    return output if isinstance(output, str) and _BEEAI_FAILURE.match(output) else None


def is_event(name: Json, attributes: dict[str, Json]) -> bool:
    """Whether a span that says it is a model's call is only something that happened in one, such as a token."""
    is_inner = str(attributes.get("metadata.path")).startswith("backend.") and "llm.model_name" not in attributes
    return is_inner or beeai_event(name) == "finish"


def no_call(span: Span) -> str | None:
    """What the span is instead of a call of a chat model, in a few words; None when it is one."""
    get = span.attributes.get
    mlflow_type = get("mlflow.spanType")
    kind = get("openinference.span.kind") or (mlflow_type.strip('"') if isinstance(mlflow_type, str) else None)
    if not kind and isinstance(span.kind, str) and span.kind.isupper() and not span.kind.startswith("SPAN_KIND"):
        kind = span.kind
    if isinstance(kind, str) and kind not in ("", "UNKNOWN"):
        if kind.upper() not in ("LLM", "CHAT_MODEL"):
            return f"a span of the kind {kind}"
        return "an event of a call" if is_event(span.name, span.attributes) else None
    if operation := get("ai.operationId"):
        is_inner = str(operation).endswith((".doGenerate", ".doStream"))
        return None if is_inner else f"a span of the operation {operation}"
    if operation := get("gen_ai.operation.name") or get("llm.request.type"):
        is_chat = any(word in str(operation).lower() for word in _CHAT)
        return None if is_chat else f"a span of the operation {operation}"
    if kind := get("traceloop.span.kind"):
        return f"a span of the kind {kind}"
    if first(span.attributes, _MODELS[:-1]) is not None and "gen_ai.tool.name" not in span.attributes:
        return None if "embed" not in span.name.lower() else "a span of embeddings"
    has_messages = any(MESSAGE_EVENT.fullmatch(event["name"]) for event in span.events)
    return None if has_messages else f"the span {span.name!r}"
