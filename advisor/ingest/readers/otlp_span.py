"""A span of a trace, whoever wrote it, and whether it is a call of a model."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from advisor.ingest.values.numbers import parse_count
from advisor.ingest.values.span_attributes import first, nest
from advisor.types import Json

DETAILS = "gen_ai.client.inference.operation.details"
MESSAGE_EVENT = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message|gen_ai\.choice|gen_ai\.content\.\w+")
CONTENT = (
    "gen_ai.input.messages", "gen_ai.prompt.0.content", "gen_ai.prompt.0.role", "gen_ai.prompt.0.user", "gen_ai.prompt",
    "gen_ai.output.messages", "gen_ai.completion.0.content", "llm.input_messages", "llm.prompts", "ai.prompt.messages",
    "ai.prompt", "mlflow.spanInputs", "input.value", "events",
)  # fmt: skip
"""Attributes that show that messages are captured."""
MODELS = (
    "gen_ai.response.model", "llm.response.model_name", "ai.response.model", "llm.model_name", "gen_ai.request.model",
    "llm.request.model_name", "ai.model.id", "mlflow.llm.model", "model",
)  # fmt: skip
_CHAT = ("chat", "completion", "generate_content", "call_llm")


@dataclass(frozen=True, kw_only=True)
class Span:
    """One span, in the keys that otlp.flat_record gives it."""

    trace: str = ""
    id: str | None = None
    parent: str | None = None
    name: str = ""
    kind: Json = None
    start: Json = None
    end: Json = None
    duration: Json = None
    status: dict[str, Json] = field(default_factory=dict)
    attributes: dict[str, Json] = field(default_factory=dict)
    """By their dotted names."""
    resource: dict[str, Json] = field(default_factory=dict)
    events: tuple[dict[str, Json], ...] = ()
    dropped: int = 0
    """How many attributes the exporter left out."""

    @classmethod
    def of(cls, record: dict[str, Json]) -> "Span":
        """From a flat record, with the log events joined to it."""
        return cls(
            trace=record.get("trace_id") or "",
            id=record.get("span_id"),
            parent=record.get("parent_id"),
            name=record.get("name") or "",
            kind=record.get("kind"),
            start=record.get("start"),
            end=record.get("end"),
            duration=record.get("duration"),
            status=record.get("status") or {},
            attributes=record.get("attributes") or {},
            resource=record.get("resource") or {},
            events=(*record.get("span_events", ()), *record.get("log_events", ())),
            dropped=parse_count(record.get("dropped")) or 0,
        )

    @cached_property
    def tree(self) -> dict[str, Json]:
        """The attributes as objects within objects."""
        nested: dict[str, Json] = nest(self.attributes)
        return nested

    @property
    def key(self) -> str | None:
        """Unique among all traces."""
        return f"{self.trace}:{self.id}" if self.id else None

    @property
    def parent_key(self) -> str | None:
        """The key of the span around this one."""
        return f"{self.trace}:{self.parent}" if self.parent else None

    @property
    def holds_content(self) -> bool:
        """Whether the messages are with the span."""
        has_attribute = first(self.attributes, CONTENT) is not None or "llm.input_messages.0.message.role" in (
            self.attributes
        )
        return has_attribute or any(is_model_event(event["name"]) for event in self.events)


def is_model_event(name: str) -> bool:
    """Whether an event of this name holds messages of a model's call."""
    return name == DETAILS or MESSAGE_EVENT.fullmatch(name) is not None


def is_call(span: Span) -> bool:
    """Whether the span is a call of a chat or completion model."""
    return no_call(span) is None


def no_call(span: Span) -> str | None:
    """What the span is instead of a model's call, in a few words; None when it is one."""
    get = span.attributes.get
    kind = get("openinference.span.kind") or _span_type(get("mlflow.spanType"))
    if not kind and isinstance(span.kind, str) and span.kind.isupper() and not span.kind.startswith("SPAN_KIND"):
        kind = span.kind
    if isinstance(kind, str) and kind not in ("", "UNKNOWN"):
        return None if kind.upper() in ("LLM", "CHAT_MODEL") else f"a span of the kind {kind}"
    if operation := get("ai.operationId"):
        is_inner = str(operation).endswith((".doGenerate", ".doStream"))
        return None if is_inner else f"a span of the operation {operation}"
    operation = get("gen_ai.operation.name") or get("llm.request.type")
    if operation:
        is_chat = any(word in str(operation).lower() for word in _CHAT)
        return None if is_chat else f"a span of the operation {operation}"
    if get("traceloop.span.kind"):
        return f"a span of the kind {get('traceloop.span.kind')}"
    if first(span.attributes, MODELS[:-1]) is not None and "gen_ai.tool.name" not in span.attributes:
        return None if "embed" not in span.name.lower() else "a span of embeddings"
    has_messages = any(MESSAGE_EVENT.fullmatch(event["name"]) for event in span.events)
    return None if has_messages else f"the span {span.name!r}"


def _span_type(value: Json) -> Json:
    return value.strip('"') if isinstance(value, str) else None
