"""Spans of Arize Phoenix: as a data frame with a column for each attribute; those in JSON are opened by otlp.py."""

from collections.abc import Iterable

from advisor.ingest.reader import Opener, Reader, Record
from advisor.ingest.readers.otlp import flat_record
from advisor.ingest.readers.otlp_genai import read_record
from advisor.types import Json

_PREFIX = "attributes."
_KINDS = frozenset({
    "LLM", "CHAIN", "AGENT", "TOOL", "RETRIEVER", "RERANKER", "EMBEDDING", "GUARDRAIL", "EVALUATOR", "PROMPT",
})  # fmt: skip


def _is_frame(keys: frozenset[str]) -> bool:
    """An attribute of the conventions as a column: ``attributes.llm.model_name``."""
    lowered = {key.lower() for key in keys}
    return "attributes.openinference.span.kind" in lowered or any(
        key.startswith(("attributes.llm.", "attributes.input.", "attributes.gen_ai.")) for key in lowered
    )


def _open(record: Record) -> Iterable[Json]:
    """The span as one flat record; cells are decoded where they are needed."""
    row = {key.lower(): value for key, value in record.items() if not _is_missing(value)}
    span = {key: value for key, value in row.items() if not key.startswith(_PREFIX)}
    span["attributes"] = {key.removeprefix(_PREFIX): row[key] for key in row if key.startswith(_PREFIX)}
    context = {key: row.get(f"context.{key}") for key in ("span_id", "trace_id")}
    return [flat_record(span | {key: value for key, value in context.items() if value})]


def _is_missing(value: Json) -> bool:
    return value in ("", "nan", "None", "NaT") if isinstance(value, str) else value is None or value != value


def _matches(record: Record) -> bool:
    """A flat record with a kind of the OpenInference conventions, from Phoenix or through OpenTelemetry."""
    is_span = record.get("otlp") == "span"
    return is_span and ("openinference.span.kind" in record["attributes"] or str(record["kind"]) in _KINDS)


OPENER = Opener(opens=_is_frame, open=_open)
READER = Reader(name="openinference", rank=11, matches=_matches, read=read_record)
