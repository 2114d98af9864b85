"""Spans that other tracing systems keep of OpenTelemetry's: Azure Application Insights, Jaeger and Zipkin.

They are opened as the flat records of otlp.py. Jaeger and Zipkin tell times and durations in microseconds, Azure
durations in milliseconds.
"""

import re
from collections.abc import Iterable, Iterator

from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.otlp import flat_record
from advisor.ingest.values.json_text import as_name, at, decode, object_in, objects_in
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time
from advisor.types import Json

_AZURE = {
    "id": ("id", "Id"), "trace": ("operation_Id", "OperationId"), "parent": ("operation_ParentId", "ParentId"),
    "name": ("name", "Name"), "start": ("timestamp", "TimeGenerated"), "ms": ("duration", "DurationMs"),
    "success": ("success", "Success"), "result": ("resultCode", "ResultCode"),
    "told": ("customDimensions", "Properties"), "said": ("message", "Message"),
}  # fmt: skip
_ZONE = " [UTC]"
"""What the portal adds to the headers of times when it exports a table."""
_FRACTION = re.compile(r"\.\d+(?=\s+[AP]M)", re.IGNORECASE)
_SPAN_ID = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)


def _is_azure(keys: frozenset[str]) -> bool:
    plain = {key.removesuffix(_ZONE) for key in keys}
    return any(
        plain.issuperset(names) for names in (("operation_Id", "customDimensions"), ("OperationId", "Properties"))
    )


def _open_azure(record: Record) -> Iterable[Json]:
    """A row of ``dependencies`` or ``requests`` as a span, one of ``traces`` as a log record of its span."""
    plain = {key.removesuffix(_ZONE): value for key, value in record.items()}
    row = {
        name: next((plain[key] for key in keys if plain.get(key) not in (None, "")), None)
        for name, keys in _AZURE.items()
    }
    told = object_in(row["told"])
    start = row["start"]
    if isinstance(start, str) and "/" in start:  # as the portal writes it, always the month first
        start = parse_time(_FRACTION.sub("", start), month_first=True)
    span: Record = {"attributes": told, "traceId": row["trace"], "timestamp": start}
    if row["ms"] is None and row["said"] is not None:
        own = row["parent"]
        return [flat_record(span | {"spanId": own, "body": decode(row["said"]), "event_name": told.get("event.name")})]
    ms = parse_number(row["ms"])
    identity = as_name(row["id"]) or ""
    found = _SPAN_ID.findall(identity)
    is_failed = str(row["success"]).lower() in ("false", "0")
    code = {"code": 2, "message": f"result code {row['result']}"} if is_failed else {"code": 1}
    more: Record = {"spanId": found[-1] if found else identity, "parentSpanId": row["parent"], "name": row["name"]}
    return [flat_record(span | more | {"duration": ms * 1000 if ms is not None else 0, "status": code})]


def _open_jaeger(record: Record) -> Iterator[Json]:
    processes = object_in(record.get("processes"))
    for span in objects_in(record["spans"]):
        tags = _tags(span.get("tags"))
        process = object_in(processes.get(str(span.get("processID"))))
        above = (ref.get("spanID") for ref in objects_in(span.get("references")) if ref.get("refType") == "CHILD_OF")
        is_failed = str(tags.get("error")).lower() == "true" or tags.get("otel.status_code") == "ERROR"
        yield flat_record(
            {
                "traceId": span.get("traceID"), "spanId": span.get("spanID"), "parentSpanId": next(above, None),
                "name": span.get("operationName"), "startTime": span.get("startTime"),
                "duration": span.get("duration"), "attributes": tags, "events": _logs(span.get("logs")),
                "status": {"code": 2 if is_failed else 1, "message": tags.get("otel.status_description")},
            },
            {"attributes": _tags(process.get("tags")) | {"service.name": process.get("serviceName")}},
        )  # fmt: skip


def _tags(value: Json) -> Record:
    return {tag["key"]: tag.get("value") for tag in objects_in(value) if isinstance(tag.get("key"), str)}


def _logs(value: Json) -> list[Json]:
    logs = [(log, _tags(log.get("fields"))) for log in objects_in(value)]
    return [
        {"name": told.get("event") or told.get("name"), "timestamp": log.get("timestamp"), "attributes": told}
        for log, told in logs
    ]


def _open_zipkin(record: Record) -> Iterable[Json]:
    tags = object_in(record.get("tags"))
    service = at(object_in(record.get("localEndpoint")), "serviceName")
    events = [
        {"name": note.get("value"), "timestamp": note.get("timestamp")}
        for note in objects_in(record.get("annotations"))
    ]
    span = {
        "traceId": record.get("traceId"), "spanId": record.get("id"), "parentSpanId": record.get("parentId"),
        "name": record.get("name"), "startTime": record.get("timestamp"), "duration": record.get("duration"),
        "attributes": tags, "events": events,
        "status": {"code": 2, "message": tags["error"]} if tags.get("error") else {"code": 1},
    }  # fmt: skip
    return [flat_record(span, {"attributes": {"service.name": service}})]


AZURE = Opener(opens=_is_azure, open=_open_azure)
JAEGER = Opener(opens=lambda keys: keys >= {"traceID", "spans", "processes"}, open=_open_jaeger)
ZIPKIN = Opener(
    opens=lambda keys: keys >= {"traceId", "id", "localEndpoint"} and "attributes" not in keys, open=_open_zipkin
)
