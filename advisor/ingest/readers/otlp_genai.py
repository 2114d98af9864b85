"""Spans of OpenTelemetry's conventions for generative AI: the current messages, and the choice among the older ones."""

from dataclasses import dataclass, replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers import openinference, otlp_events, otlp_openllmetry, vercel
from advisor.ingest.readers.otlp_exchange import CUT, Exchange, read_span
from advisor.ingest.readers.otlp_messages import system_messages
from advisor.ingest.readers.otlp_params import span_params, span_usage, tools_of
from advisor.ingest.readers.otlp_span import Span, is_model_event, no_call
from advisor.ingest.records import bodies
from advisor.ingest.values.json_text import at, decode
from advisor.ingest.values.span_attributes import has_gap, listed
from advisor.types import Json, Sample

_DIALECTS = (openinference, vercel, otlp_openllmetry, otlp_events)
_KEYS_SHOWN = 12


@dataclass(frozen=True)
class GenAI:
    """Reads flat records of spans (readers/otlp.py)."""

    name: str = "otlp_genai"
    rank: int = 12

    def matches(self, record: dict[str, Json]) -> bool:
        """Any record that the opener of OpenTelemetry's exports made."""
        return "otlp" in record

    def read(self, record: dict[str, Json]) -> Sample:
        """Read the span of a call of a chat model; refuses other spans, log records and metrics."""
        return read_record(record)


def read_record(record: dict[str, Json]) -> Sample:
    """The Sample of a flat record; raises RowRejected for anything but a call of a chat model."""
    if "otlp" not in record:
        raise RowRejected(f"no span of a trace; its keys are: {', '.join(list(record)[:_KEYS_SHOWN]) or 'none'}")
    span = Span.of(record)
    if record["otlp"] == "metrics":
        raise RowRejected("metrics, which hold no calls")
    if record["otlp"] == "log":
        kind = "an event of a call that does not name its span" if is_model_event(span.name) else "a log record"
        if "gen_ai.input.messages" not in span.attributes:
            raise NotACall(kind)
    elif what := no_call(span):
        raise NotACall(what).at(span.key, span.parent_key)
    return read_call(span)


def read_call(span: Span) -> Sample:
    """The Sample of a span that is a model's call; a RowRejected names the span."""
    try:
        return read_span(span, exchange_of(span))
    except RowRejected as rejected:
        raise rejected.at(span.key, span.parent_key) from None


def exchange_of(span: Span) -> Exchange:
    """The messages of a call in whichever dialect of attributes the span has."""
    is_current = "gen_ai.input.messages" in span.attributes and not openinference.speaks(span)
    readers = [] if is_current else [dialect.read_exchange for dialect in _DIALECTS if dialect.speaks(span)]
    exchanges: list[Exchange] = [read(span) for read in (*readers, read_exchange)]
    exchange = next((exchange for exchange in exchanges if _tells(exchange)), exchanges[0])
    numbered = [node for node in flat_messages(span) if listed(node)]
    if numbered and not is_current and (span.dropped or any(has_gap(node) for node in numbered)):
        return replace(exchange, not_replayable=CUT)
    return exchange


def _tells(exchange: Exchange) -> bool:
    return bool(exchange.body or exchange.request or exchange.not_replayable)


def flat_messages(span: Span) -> list[Json]:
    """Messages with a number each in the names of their attributes, of which an exporter may leave some out."""
    paths = (("gen_ai", "prompt"), ("llm", "input_messages"))
    return [node for path in paths if isinstance(node := at(span.tree, *path), dict)]


def read_exchange(span: Span) -> Exchange:
    """The messages under ``gen_ai.input.messages`` and its like."""
    params = span_params(span)
    tools = tools_of(span.attributes.get("gen_ai.tool.definitions"))
    if tools:
        params["tools"] = tools
    system = decode(span.attributes.get("gen_ai.system_instructions"))
    given = decode(span.attributes.get("gen_ai.input.messages"))
    is_cut = _is_cut(given) or _is_cut(system)
    messages = [] if is_cut or not given else system_messages(system) + bodies.read_messages(given)
    return Exchange(
        body={"messages": messages} if messages else None,
        reply=_reply(decode(span.attributes.get("gen_ai.output.messages"))),
        not_replayable=CUT if is_cut else None,
        usage=span_usage(span),
        params=params,
    )


def _reply(came: Json) -> Reply:
    """Every message that came is a choice; the first is the answer."""
    if _is_cut(came):
        return Reply()
    first = came[0] if isinstance(came, list) and came else came
    if not isinstance(first, dict):
        return bodies.read_answer(first) if isinstance(first, str) else Reply()
    return bodies.read_answer([{"role": "assistant"} | first])


def _is_cut(value: Json) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(("[{", "{", "[\n"))


READER = GenAI()
