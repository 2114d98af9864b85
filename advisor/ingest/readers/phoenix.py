"""Spans of Arize Phoenix: as a data frame with a column for each attribute; those in JSON are opened by otlp.py."""

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.ingest.readers.otlp import flat_record
from advisor.ingest.readers.otlp_genai import read_record
from advisor.types import Json, Sample

_PREFIX = "attributes."
_KINDS = frozenset({
    "LLM", "CHAIN", "AGENT", "TOOL", "RETRIEVER", "RERANKER", "EMBEDDING", "GUARDRAIL", "EVALUATOR", "PROMPT",
})  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """Opens a row of a spans data frame, whose columns are ``context.span_id``, ``attributes.llm.model_name`` ..."""

    name: str = "phoenix"

    def opens(self, keys: frozenset[str]) -> bool:
        """An attribute of the conventions as a column."""
        lowered = {key.lower() for key in keys}
        return "attributes.openinference.span.kind" in lowered or any(
            key.startswith(("attributes.llm.", "attributes.input.", "attributes.gen_ai.")) for key in lowered
        )

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """The span as one flat record; cells are decoded where they are needed."""
        row = {key.lower(): value for key, value in record.items() if not _is_missing(value)}
        span = {key: value for key, value in row.items() if not key.startswith(_PREFIX)}
        span["attributes"] = {key.removeprefix(_PREFIX): row[key] for key in row if key.startswith(_PREFIX)}
        context = {key: row.get(f"context.{key}") for key in ("span_id", "trace_id")}
        return [flat_record(span | {key: value for key, value in context.items() if value})]


def _is_missing(value: Json) -> bool:
    return value in ("", "nan", "None", "NaT") if isinstance(value, str) else value is None or value != value


@dataclass(frozen=True)
class Phoenix:
    """Reads spans of the OpenInference conventions, from Phoenix or through OpenTelemetry."""

    name: str = "openinference"
    rank: int = 11

    def matches(self, record: dict[str, Json]) -> bool:
        """A flat record with a kind of these conventions."""
        if record.get("otlp") != "span":
            return False
        return "openinference.span.kind" in record["attributes"] or record["kind"] in _KINDS

    def read(self, record: dict[str, Json]) -> Sample:
        """Read the span of a call of a chat model; refuses chains, agents, tools and the like."""
        return read_record(record)


OPENER = Frame()
READER = Phoenix()
