"""MLflow traces: ``{"info": ..., "data": {"spans": [...]}}`` of both schemas, the API's, and search_traces tables."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson

from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers.openinference import asked_in
from advisor.ingest.readers.otlp import flat_record
from advisor.ingest.readers.otlp_exchange import Exchange, read_span, usage_of
from advisor.ingest.readers.otlp_genai import exchange_of, read_record
from advisor.ingest.readers.otlp_params import invocation_params, tools_of
from advisor.ingest.readers.otlp_span import Span, no_call
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json, Sample, Usage

_TABLE = frozenset({"trace_metadata", "request_metadata", "execution_duration", "execution_time_ms", "request_time"})
_TRACE_NAME = "mlflow.traceName"


@dataclass(frozen=True)
class Traces:
    """Opens a trace into its spans."""

    name: str = "mlflow"

    def opens(self, keys: frozenset[str]) -> bool:
        """A trace with its data, a trace of the API, or a row of search_traces."""
        if {"info", "data"} <= keys or {"trace_info", "spans"} <= keys:
            return True
        return not keys.isdisjoint({"trace", "spans"}) and not keys.isdisjoint(_TABLE)

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """Its spans as flat records, each with what is known about the trace."""
        whole = decode(record.get("trace"))
        trace = whole if isinstance(whole, dict) else record
        info = decode(trace.get("info", trace.get("trace_info", record)))
        data = decode(trace.get("data", trace))
        spans = decode(data.get("spans")) if isinstance(data, dict) else None
        if not isinstance(info, dict) or not isinstance(spans, list):
            return [record]
        about = _about(info)
        return [flat_record(span) | {"mlflow": about} if isinstance(span, dict) else span for span in spans]


def _about(info: dict[str, Json]) -> dict[str, Json]:
    """Session, labels and name of a trace."""
    metadata = _pairs(info.get("trace_metadata", info.get("request_metadata")))
    tags = _pairs(info.get("tags"))
    prompts = decode(tags.get("mlflow.linkedPrompts"))
    own = {key: value for key, value in tags.items() if not key.startswith("mlflow.")}
    return {
        "session_id": metadata.get("mlflow.trace.session"),
        "tags": own,
        "metadata": {key: value for key, value in metadata.items() if not key.startswith("mlflow.")},
        "prompts": prompts if isinstance(prompts, list) else [],
        "name": tags.get(_TRACE_NAME),
    }


def _pairs(value: Json) -> dict[str, Json]:
    value = decode(value)
    if isinstance(value, list):  # the API of the older schema
        return {str(pair.get("key")): pair.get("value") for pair in value if isinstance(pair, dict)}
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class MLflow:
    """Reads spans of MLflow, opened here or exported through OpenTelemetry."""

    name: str = "mlflow"
    rank: int = 11

    def matches(self, record: dict[str, Json]) -> bool:
        """A flat record of a span that MLflow wrote."""
        return "otlp" in record and ("mlflow" in record or "mlflow.spanType" in record["attributes"])

    def read(self, record: dict[str, Json]) -> Sample:
        """Read the span of a chat model; refuses chains, agents, tools, retrievers and the like."""
        if "otlp" not in record:
            return read_record(record)
        span = Span.of(record)
        span = replace(span, attributes={key: _loaded(value) for key, value in span.attributes.items()})
        if what := no_call(span):
            raise NotACall(what).at(span.key, span.parent_key)
        about = record.get("mlflow") or {"tags": {}, "prompts": []}
        more = {key: about[key] for key in ("session_id", "tags", "metadata") if about.get(key)}
        more |= {"cost_usd": cost} if (cost := _cost(span)) is not None else {}
        more |= {"use_case": label} if (label := _label(span, about)) else {}
        try:
            sample = read_span(span, _exchange(span), more)
        except RowRejected as rejected:
            raise rejected.at(span.key, span.parent_key) from None
        return sample if sample.use_case else replace(sample, use_case=_text(about.get("name")))


def _loaded(value: Json) -> Json:
    """The value of an attribute, which MLflow writes as JSON text."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _exchange(span: Span) -> Exchange:
    get = span.attributes.get
    asked, came = get("mlflow.spanInputs"), get("mlflow.spanOutputs")
    if asked is None and came is None:
        return exchange_of(span)
    params = invocation_params(get("invocation_params")) | invocation_params(get("mlflow.invocationParams"))
    if tools := tools_of(get("mlflow.chat.tools")):
        params["tools"] = tools
    if isinstance(came, list) and came and all(isinstance(text, str) for text in came):
        came = came[0]
    exchange = asked_in(asked, came)
    return replace(exchange, params=params, usage=exchange.reply.usage or _usage(span))


def _usage(span: Span) -> Usage | None:
    counts = span.attributes.get("mlflow.chat.tokenUsage")
    if not isinstance(counts, dict):
        return None
    return usage_of(
        counts.get("input_tokens"),
        counts.get("output_tokens"),
        read=counts.get("cache_read_input_tokens"),
        written=counts.get("cache_creation_input_tokens"),
        total=counts.get("total_tokens"),
        is_apart=span.attributes.get("mlflow.message.format") in ("anthropic", "bedrock"),
    )


def _cost(span: Span) -> float | None:
    cost = span.attributes.get("mlflow.llm.cost")
    return parse_number(cost.get("total_cost")) if isinstance(cost, dict) else parse_number(cost)


def _label(span: Span, about: dict[str, Json]) -> str | None:
    own = span.attributes.get("mlflow.linkedPrompts")
    for prompt in [*(own if isinstance(own, list) else []), *about["prompts"]]:
        if isinstance(prompt, dict) and (name := _text(prompt.get("name"))):
            return name
    return None


def _text(value: Json) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


OPENER = Traces()
READER = MLflow()
