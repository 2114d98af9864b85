"""MLflow traces: ``{"info": ..., "data": {"spans": [...]}}`` of both schemas, the API's, and search_traces tables."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import orjson

from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotACall, Opener, Reader, Record, in_span
from advisor.ingest.readers.openinference import asked_in
from advisor.ingest.readers.otlp import flat_record
from advisor.ingest.readers.otlp_exchange import Exchange, invocation_params, read_span
from advisor.ingest.readers.otlp_genai import exchange_of, read_record
from advisor.ingest.readers.otlp_span import Span, no_call
from advisor.ingest.values.json_text import as_list, as_object, at, decode, list_in, text_in
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json, Sample, Usage

_TABLE = frozenset({"trace_metadata", "request_metadata", "execution_duration", "execution_time_ms", "request_time"})


def _opens(keys: frozenset[str]) -> bool:
    """A trace with its data, a trace of the API, or a row of search_traces."""
    if {"info", "data"} <= keys or {"trace_info", "spans"} <= keys:
        return True
    return not keys.isdisjoint({"trace", "spans"}) and not keys.isdisjoint(_TABLE)


def _open(record: Record) -> Iterable[Json]:
    """Its spans as flat records, each with what is known about the trace."""
    whole = decode(record.get("trace"))
    trace = whole if isinstance(whole, dict) else record
    info = decode(trace.get("info", trace.get("trace_info", record)))
    spans = decode(at(decode(trace.get("data", trace)), "spans"))
    if not isinstance(info, dict) or not isinstance(spans, list):
        return [record]
    metadata, tags = _pairs(info.get("trace_metadata", info.get("request_metadata"))), _pairs(info.get("tags"))
    about = {
        "session_id": metadata.get("mlflow.trace.session"),
        "tags": _own(tags),
        "metadata": _own(metadata),
        "prompts": list_in(tags.get("mlflow.linkedPrompts")),
        "name": tags.get("mlflow.traceName"),
    }
    return [flat_record(span) | {"mlflow": about} if isinstance(span, dict) else span for span in spans]


def _pairs(value: Json) -> dict[str, Json]:
    value = decode(value)
    if isinstance(value, list):  # the API of the older schema
        return {str(pair.get("key")): pair.get("value") for pair in value if isinstance(pair, dict)}
    return as_object(value)


def _own(pairs: dict[str, Json]) -> dict[str, Json]:
    """The team's own, not MLflow's."""
    return {key: value for key, value in pairs.items() if not key.startswith("mlflow.")}


def _matches(record: Record) -> bool:
    """A flat record of a span that MLflow wrote, opened here or exported through OpenTelemetry."""
    return "otlp" in record and ("mlflow" in record or "mlflow.spanType" in record["attributes"])


def _read(record: Record) -> Sample:
    """The span of a chat model; refuses chains, agents, tools, retrievers and the like."""
    if "otlp" not in record:
        return read_record(record)
    span = Span(record | {"attributes": {key: _loaded(value) for key, value in record["attributes"].items()}})
    return in_span(span.key, span.parent_key, partial(_sample, record, span))


def _sample(record: Record, span: Span) -> Sample:
    if what := no_call(span):
        raise NotACall(what)
    about = as_object(record.get("mlflow"))
    more = {key: about[key] for key in ("session_id", "tags", "metadata") if about.get(key)}
    cost = span.attributes.get("mlflow.llm.cost")
    cost_usd = parse_number(at(cost, "total_cost") if isinstance(cost, dict) else cost)
    more |= {"cost_usd": cost_usd} if cost_usd is not None else {}
    prompts = [*as_list(span.attributes.get("mlflow.linkedPrompts")), *as_list(about.get("prompts"))]
    names = [name for prompt in prompts if (name := text_in(at(prompt, "name")))]
    more |= {"use_case": names[0]} if names else {}
    sample = read_span(span, _exchange(span), more)
    return sample if sample.use_case else replace(sample, use_case=text_in(about.get("name")))


def _loaded(value: Json) -> Json:
    """The value of an attribute, which MLflow writes as JSON text."""
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        return value


def _exchange(span: Span) -> Exchange:
    get = span.attributes.get
    asked, came = get("mlflow.spanInputs"), get("mlflow.spanOutputs")
    if asked is None and came is None:
        return exchange_of(span)
    if isinstance(came, list) and came and all(isinstance(text, str) for text in came):
        came = came[0]
    exchange = asked_in(asked, came)
    return replace(
        exchange,
        params=invocation_params(get("invocation_params")) | invocation_params(get("mlflow.invocationParams")),
        usage=exchange.reply.usage or _usage(span),
        tools=get("mlflow.chat.tools"),
    )


def _usage(span: Span) -> Usage | None:
    counts = as_object(span.attributes.get("mlflow.chat.tokenUsage"))
    return Counts(
        given=counts.get("input_tokens"),
        taken=counts.get("output_tokens"),
        read=counts.get("cache_read_input_tokens"),
        written=counts.get("cache_creation_input_tokens"),
        total=counts.get("total_tokens"),
        is_apart=span.attributes.get("mlflow.message.format") in ("anthropic", "bedrock"),
    ).usage()


OPENER = Opener(opens=_opens, open=_open)
READER = Reader(name="mlflow", rank=11, matches=_matches, read=_read)
