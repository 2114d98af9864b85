"""Vertex AI's log of requests and responses, as rows of its BigQuery table."""

from dataclasses import dataclass

from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.openai_chat import no_prompt_in
from advisor.ingest.records.bodies import read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_seconds
from advisor.types import Json, Request, Sample

_NO_PROMPT = "the log does not hold the prompt"
_AGENT = "adk_agent_name"
"""The label that Google's agent kit puts on its calls."""


@dataclass(frozen=True)
class VertexLog:
    """Reads rows with ``full_request`` and ``full_response``, or with the older payloads, also out of a CSV."""

    name: str = "gemini_vertex"
    rank: int = 15

    def matches(self, record: dict[str, Json]) -> bool:
        """A request beside the time of logging."""
        return "logging_time" in record and ("full_request" in record or "request_payload" in record)

    def read(self, record: dict[str, Json]) -> Sample:
        """One call; ``request_latency`` is in milliseconds."""
        request = decode(record.get("full_request")) or _first(record.get("request_payload"))
        response = decode(record.get("full_response")) or _first(record.get("response_payload"))
        call = read_call(request, response)
        if call.request is None and call.reply.usage is None:
            raise RowRejected(no_prompt_in(record))
        metadata = decode(record.get("metadata"))
        metadata = metadata if isinstance(metadata, dict) else {}
        labels = request.get("labels") if isinstance(request, dict) else None
        labels = labels if isinstance(labels, dict) else {}
        facts = {
            "id": record.get("request_id"),
            "timestamp": record.get("logging_time"),
            "model": _name(record.get("model")) or call.model,
            "latency_s": parse_seconds(metadata.get("request_latency"), "ms"),
            "metadata": labels | ({"use_case": labels[_AGENT]} if labels.get(_AGENT) else {}),
        }
        reason = call.not_replayable if call.request else _NO_PROMPT
        return assemble(facts, call.request or Request(messages=[]), call.reply, not_replayable=reason)


def _first(payload: Json) -> Json:
    """Payloads are lists of JSON text."""
    payload = decode(payload)
    pieces = [decode(piece) for piece in payload] if isinstance(payload, list) else [payload]
    return pieces[0] if len(pieces) == 1 else pieces or None


def _name(model: Json) -> str | None:
    """``publishers/google/models/gemini-2.5-flash`` without where it is kept."""
    return model.rpartition("/")[2] or None if isinstance(model, str) else None


READER = VertexLog()
