"""Opens what OpenTelemetry exporters write: requests of spans or log records, and bare spans in any spelling.

Each span or event becomes one flat record with the same keys whoever wrote it, which the readers of this package know
by the key ``otlp``. Events that a call logged apart from its span are joined with it.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from advisor.ingest.reader import Joiner, Opener, Record
from advisor.ingest.readers.otlp_span import CONVENTIONS, DETAILS, Span, is_model_event, no_call
from advisor.ingest.records.columns import SYNONYMS, plain_headers
from advisor.ingest.records.quantities import seconds, unit_of
from advisor.ingest.values.json_text import decode, list_in, object_in, objects_in
from advisor.ingest.values.span_attributes import first, plain_value, read_attributes
from advisor.types import Json

_REQUESTS = ("resourceSpans", "resource_spans", "ResourceSpans", "resourceLogs", "resource_logs", "batches")
_SCOPES = (
    "scopeSpans", "scope_spans", "ScopeSpans", "instrumentationLibrarySpans", "instrumentation_library_spans",
    "scopeLogs", "scope_logs", "instrumentationLibraryLogs",
)  # fmt: skip
_RECORDS = ("spans", "Spans", "logRecords", "log_records")
_SPAN_IDS = ("spanId", "span_id", "SpanId", "spanID")
_TRACE_IDS = ("traceId", "trace_id", "TraceId", "traceID")
_BARE = frozenset({"attributes", "SpanAttributes"})
_FOREIGN = frozenset({"otlp", "observations", "run_type", "op_name"})
_ENVELOPE = frozenset({"trace", "metrics", "status", "message"})
_STARTS = (
    "startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime", "start_timestamp", "timeUnixNano",
    "time_unix_nano", "observedTimeUnixNano", "observed_time_unix_nano", "timestamp", "Timestamp",
)  # fmt: skip
_ENDS = ("endTimeUnixNano", "end_timestamp", "end_time_unix_nano", "end_time", "endTime")
_LASTS = (*_ENDS, "duration", "Duration")
_DURATIONS = frozenset({*SYNONYMS["latency"], "duration_nanos", "duration_micros"})
_HEX = re.compile(r"(0x)?([0-9a-fA-F]{16}|[0-9a-fA-F]{32})")


def _opens(keys: frozenset[str]) -> bool:
    """A list of resources or scopes, or the id of a span beside attributes."""
    if not keys.isdisjoint(_REQUESTS) or not keys.isdisjoint(_SCOPES) or "resourceMetrics" in keys:
        return True
    if "trace" in keys:
        return _ENVELOPE.issuperset(keys)
    has_id = "context" in keys or not keys.isdisjoint((*_SPAN_IDS, *_TRACE_IDS, "span_name", "spanName"))
    return has_id and not keys.isdisjoint(_BARE) and keys.isdisjoint(_FOREIGN)


def _open(record: Record) -> Iterable[Json]:
    """Every span and log record as a flat record; a record that is neither as it is."""
    if "resourceMetrics" in record:
        return [{"otlp": "metrics"}]
    if "trace" in record:
        return [object_in(record["trace"]) or record]
    if not _BARE.isdisjoint(record):
        span = flat_record(record, record.get("resource"))
        is_span = span["span_id"] or any(name.startswith(CONVENTIONS) for name in span["attributes"])
        return [span if is_span else record]
    return list(_opened(record, None)) or ([record] if "batches" in record else [])


def _opened(node: Json, resource: Json) -> Iterator[Json]:
    if not isinstance(node, dict):
        return
    resource = node.get("resource", node.get("Resource", resource))
    for key in (*_REQUESTS, *_SCOPES):
        for child in list_in(node.get(key)):
            yield from _opened(child, resource)
    for key in _RECORDS:
        for record in list_in(node.get(key)):
            yield flat_record(record, resource) if isinstance(record, dict) else record


def flat_record(record: Record, resource: Json = None) -> Record:
    """A span or a log record with the keys that all readers of this package expect."""
    where = record | object_in(record.get("context"))
    attributes = read_attributes(record.get("attributes", record.get("SpanAttributes")))
    resource = decode(resource)
    about = resource.get("attributes", resource) if isinstance(resource, dict) else record.get("ResourceAttributes")
    event = record.get("eventName") or record.get("event_name") or attributes.get("event.name")
    is_log = not any(key in record for key in _LASTS) and ("body" in record or event is not None)
    status = decode(record.get("status"))
    return {
        "otlp": "log" if is_log else "span",
        "trace_id": hex_id(first(where, _TRACE_IDS)),
        "span_id": hex_id(first(where, _SPAN_IDS) or (first(record, ("id",)) if "kind" in record else None)),
        "parent_id": hex_id(first(record, ("parentSpanId", "parent_span_id", "parent_id", "parentId", "ParentSpanId"))),
        "name": str(first(record, ("name", "SpanName", "span_name", "spanName")) or event or ""),
        "kind": record.get("span_kind") or record.get("kind"),
        "start": first(record, _STARTS),
        "end": first(record, _ENDS),
        "duration": _microseconds(record),
        "status": status if isinstance(status, dict) else {
            "code": first(record, ("status_code", "statusCode", "StatusCode")) or status,
            "message": first(record, ("status_message", "statusMessage", "StatusMessage")),
        },
        "attributes": attributes,
        "resource": read_attributes(about),
        "span_events": [_event(event) for event in objects_in(record.get("events"))],
        "dropped": first(record, ("droppedAttributesCount", "dropped_attributes_count")),
        "body": plain_value(record.get("body")),
    }  # fmt: skip


def _microseconds(record: Record) -> Json:
    """How long a span took, in the unit that a name tells, else in JavaScript's and Jaeger's."""
    bare = first(record, ("duration", "Duration"))
    named = (key for name, key in plain_headers(record).items() if name in _DURATIONS and unit_of(key))
    told = (taken for key in named if (taken := seconds(record[key], key)) is not None)
    taken = next(told, None) if bare is None else None
    return bare if taken is None else taken * 1e6


def _event(event: dict[str, Json]) -> dict[str, Json]:
    attributes = read_attributes(event.get("attributes"))
    return {
        "name": str(event.get("name") or attributes.get("event.name") or ""),
        "at": first(event, ("timeUnixNano", "time_unix_nano", "timestamp", "time")),
        "attributes": attributes,
    }


def hex_id(value: Json) -> str | None:
    """The id of a trace or span in hex, which protobuf's JSON writes in base64; ids of other kinds as they are."""
    if not isinstance(value, str | int) or isinstance(value, bool) or not value:
        return None
    text = str(value).strip()
    if found := _HEX.fullmatch(text):
        text = found[2].lower()
    elif len(text) in (12, 24) and text.endswith("="):
        try:
            text = base64.b64decode(text, validate=True).hex()
        except (binascii.Error, ValueError):
            return text
    return text if text.strip("0") else None


def _call_of(record: Record) -> str | None:
    """The span, where the record is an event of a model's call or such a call without its messages."""
    if not record.get("trace_id") or not record.get("span_id"):
        return None
    span = Span(record)
    is_log = record["otlp"] == "log"
    belongs = is_model_event(span.name) if is_log else no_call(span) is None and not span.holds_content
    return f"{record['trace_id']}:{record['span_id']}" if belongs else None


def _join(parts: list[Record]) -> Record:
    """The span with its log events in order of time; one made of the events where no file has the span."""
    spans = [part for part in parts if part["otlp"] == "span"]
    logs = [part for part in parts if part["otlp"] == "log"]
    logs.sort(key=lambda log: int(log["start"]) if str(log["start"]).isdigit() else 0)
    told = {key: value for log in logs if log["name"] == DETAILS for key, value in log["attributes"].items()}
    if not spans:
        system = {key: value for log in logs for key, value in log["attributes"].items() if key == "gen_ai.system"}
        whole = logs[0] | {"otlp": "span", "name": "", "attributes": system | told}
    else:
        whole = spans[0] | {"attributes": told | spans[0]["attributes"]}
    events = [{"name": log["name"], "attributes": log["attributes"], "body": log["body"]} for log in logs]
    return whole | {"log_events": events}


OPENER = Opener(opens=_opens, open=_open)
JOINER = Joiner(name="otlp_genai", joins=lambda keys: "otlp" in keys, call_of=_call_of, join=_join)
"""A span that does not hold its messages is joined with the log events that do."""
