"""Vertex AI's log of requests and responses, as rows of its BigQuery table."""

from dataclasses import replace

from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.readers.openai_chat import NO_PROMPT, no_prompt_in
from advisor.ingest.records.bodies import read_call
from advisor.ingest.values.json_text import as_object, at, decode, object_in
from advisor.ingest.values.numbers import parse_seconds
from advisor.types import Json, Sample

_AGENT = "adk_agent_name"
"""The label that Google's agent kit puts on its calls."""


def _matches(record: Record) -> bool:
    """A request, or one of the older payloads, beside the time of logging."""
    return "logging_time" in record and ("full_request" in record or "request_payload" in record)


def _read(record: Record) -> Sample:
    """One call; ``request_latency`` is in milliseconds."""
    request = decode(record.get("full_request")) or _first(record.get("request_payload"))
    response = decode(record.get("full_response")) or _first(record.get("response_payload"))
    call = read_call(request, response)
    if call.request is None and call.reply.usage is None:
        raise RowRejected(no_prompt_in(record))
    labels, model = as_object(at(request, "labels")), record.get("model")
    around: Record = {
        "id": record.get("request_id"),
        "timestamp": record.get("logging_time"),
        # publishers/google/models/gemini-2.5-flash without where it is kept
        "model": (model.rpartition("/")[2] if isinstance(model, str) else None) or call.model,
        "latency_s": parse_seconds(object_in(record.get("metadata")).get("request_latency"), "ms"),
        "metadata": labels | ({"use_case": labels[_AGENT]} if labels.get(_AGENT) else {}),
    }
    return (call if call.request else replace(call, not_replayable=NO_PROMPT)).sample(around)


def _first(payload: Json) -> Json:
    """Payloads are lists of JSON text."""
    payload = decode(payload)
    pieces = [decode(piece) for piece in payload] if isinstance(payload, list) else [payload]
    return pieces[0] if len(pieces) == 1 else pieces or None


READER = Reader(name="gemini_vertex", rank=15, matches=_matches, read=_read)
