"""Traces of Langfuse: opened where they hold their observations, else the application's own input and output."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.readers.langfuse import without_ids
from advisor.ingest.readers.langfuse_call import read_asked
from advisor.ingest.records.bodies import read_answer
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.types import Json, Sample

_HANDED_DOWN = (
    ("traceName", "name"), ("sessionId", "sessionId"), ("userId", "userId"), ("traceTags", "tags"),
)  # fmt: skip
_OF_UNKNOWN_UNIT = ("latency", "timeToFirstToken")
_APPLICATION = (
    "a trace holds what the application was asked, not the model; export the observations from Langfuse as well"
)
_PLAIN = str.maketrans("", "", "_ ")


@dataclass(frozen=True)
class Download:
    """Opens one trace with its observations, as downloaded or from the API."""

    name: str = "langfuse_trace"

    def opens(self, keys: frozenset[str]) -> bool:
        """Observations beside their trace, its fields or its scores."""
        return "observations" in keys and not keys.isdisjoint(("trace", "scores", "timestamp", "htmlPath"))

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """The observations, each with the trace's name, session, user and tags; the trace where it has none."""
        inner = decode(record.get("trace"))
        trace = inner if isinstance(inner, dict) else record
        found = decode(record["observations"])
        observations = list(found.values()) if isinstance(found, dict) else found
        held = [item for item in observations if isinstance(item, dict)] if isinstance(observations, list) else []
        if not held:  # lists of traces hold only the ids of their observations
            rest = {key: value for key, value in trace.items() if key not in ("observations", "scores")}
            return [rest] if rest else [record]
        return [_with_trace(item, trace) for item in held]


def _with_trace(observation: dict[str, Json], trace: dict[str, Json]) -> dict[str, Json]:
    """Downloads tell durations in seconds or in milliseconds, depending on their age: the moments tell them too."""
    kept = {key: value for key, value in observation.items() if key not in _OF_UNKNOWN_UNIT}
    for key, source in _HANDED_DOWN:
        if kept.get(key) in (None, "", []) and trace.get(source) not in (None, "", []):
            kept[key] = trace[source]
    kept.setdefault("traceId", trace.get("id"))
    return kept


@dataclass(frozen=True)
class LangfuseTraces:
    """Reads exported traces, which count but cannot be replayed."""

    name: str = "langfuse_traces"
    rank: int = 11

    def matches(self, record: dict[str, Json]) -> bool:
        """The marks only a trace has, in any spelling."""
        if not 4 <= len(record) <= 400:
            return False
        keys = {key.translate(_PLAIN).lower() for key in record}
        is_trace = {"input", "output", "public"} <= keys and not keys.isdisjoint(("bookmarked", "htmlpath"))
        return is_trace and "traceid" not in keys

    def read(self, record: dict[str, Json]) -> Sample:
        """The application's input and output."""
        row = {key.translate(_PLAIN).lower(): value for key, value in record.items()}
        usual = {
            "id": row.get("id"),
            "timestamp": row.get("timestamp"),
            "session_id": row.get("sessionid") or None,
            "prompt_name": without_ids(row.get("name")),
            "latency_s": parse_seconds(row.get("latency"), "s"),
            "cost_usd": parse_number(row.get("totalcost")) or None,
        }
        asked = read_asked(row.get("input"), {}, {}, None).request
        sample = assemble(usual, asked, _reply(row.get("output")), not_replayable=_APPLICATION)
        return replace(sample, model=None, usage=None, response_id=None)  # those of the last of its calls, at most


def _reply(value: Json) -> Reply:
    found = decode(value)
    if found in (None, "", "null", [], {}):
        return Reply()
    messages = decode(found.get("messages")) if isinstance(found, dict) else None
    return read_answer(messages if isinstance(messages, list) else found)


OPENER = Download()
READER = LangfuseTraces()
