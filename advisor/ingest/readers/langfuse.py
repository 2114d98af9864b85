"""Observations of Langfuse: exports of observations and of events, the API, blob storage, its PostgreSQL.

The dialects spell the same keys differently; in CSV the cells are JSON or text.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from advisor.ingest.messages.reply import Reply, response_id_in
from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers.langfuse_call import read_asked, read_output
from advisor.ingest.readers.langfuse_params import read_params, read_tools
from advisor.ingest.readers.langfuse_usage import read_details
from advisor.ingest.records.envelope import LABEL_KEYS, SESSION_KEYS, assemble
from advisor.ingest.values.json_text import decode, object_in, text_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Sample, Usage

_ALWAYS = frozenset({"traceid", "type", "starttime"})
_TELLING = frozenset({
    "usagedetails", "providedmodelname", "modelparameters", "latencyms", "parentobservationid", "completionstarttime",
    "costdetails",
})  # fmt: skip
_NO_CHAT = re.compile(r"embed|rerank|whisper|dall-e|moderation|\btts\b|transcri", re.I)
_STATUS = re.compile(r"\b[Ee]rror code: ([45]\d\d)\b")
_UUID = re.compile(r"[\s._:/-]*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_LABEL_CHARS = 120
_ATTRIBUTE_SESSIONS = ("session.id", "gen_ai.conversation.id")


@dataclass(frozen=True)
class Langfuse:
    """Reads generations; the other observations of a trace are no calls of a model."""

    name: str = "langfuse"
    rank: int = 10

    def matches(self, record: dict[str, Json]) -> bool:
        """The keys of an observation, in any spelling."""
        return _is_observation(tuple(record))

    def read(self, record: dict[str, Json]) -> Sample:
        """One generation; raises RowRejected for another kind of observation."""
        row = _row(record)
        span, parent = _spans(row)
        kind = str(row.get("type") or "").strip().upper()
        model = text_in(row.get("providedmodelname")) or text_in(row.get("model"))
        if kind != "GENERATION":
            raise NotACall(f"a span of the kind {kind or 'unknown'}").at(span, parent)
        if model and _NO_CHAT.search(model):
            raise RowRejected(f"a call of {model}, not of a chat model").at(span, parent)
        sample = _sample(row, model)
        return replace(sample, span=span, parent_span=parent)


@lru_cache(maxsize=256)
def _folded(keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """One spelling for ``startTime``, ``start_time`` and ``Start Time``; the first of several keys wins.

    Exports add a column for each score, of any name, behind their own.
    """
    found: dict[str, str] = {}
    for key in keys:
        found.setdefault(re.sub(r"[\s_]", "", key).lower(), key)
    return tuple(found.items())


@lru_cache(maxsize=256)
def _is_observation(keys: tuple[str, ...]) -> bool:
    if len(keys) < len(_ALWAYS) + 1:
        return False
    folded = {name for name, _ in _folded(keys)}
    return folded >= _ALWAYS and not _TELLING.isdisjoint(folded)


def _row(record: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, key in _folded(tuple(record)) if (value := record[key]) not in (None, "", "null")}


def _spans(row: dict[str, Json]) -> tuple[str | None, str | None]:
    """Ids of the observation and its parent, within their trace: short ids may repeat in another one."""
    trace, own, parent = (text_in(row.get(key)) for key in ("traceid", "id", "parentobservationid"))
    return (f"{trace}:{own}" if own else None), (f"{trace}:{parent}" if parent else None)


def _sample(row: dict[str, Json], model: str | None) -> Sample:
    metadata = object_in(row.get("metadata"))
    output = row.get("output")
    tools = read_tools(row.get("tooldefinitions"), metadata)
    asked = read_asked(row.get("input"), read_params(row.get("modelparameters")), tools, output)
    reply = read_output(output, row.get("toolcalls"), row.get("toolcallnames"))
    error = _error(row)
    if error and reply.answer is not None and reply.answer.is_empty:
        reply = replace(reply, answer=None)
    status = _STATUS.search(error or "")
    usual = {
        "id": row.get("id"),
        "model": model or asked.model,
        "error": error,
        "status_code": status[1] if status else None,
        "session_id": _session(row, metadata),
    }
    sample = assemble(usual, asked.request, reply, not_replayable=asked.not_replayable)
    begun = parse_time(row.get("starttime"))
    latency_s, ttft_s = _durations(row, begun)
    return replace(
        sample,
        use_case=_label(row, metadata),
        response_id=reply.response_id or _response_id(row, metadata),
        model=sample.model if model is None else model,
        usage=_usage(row) or reply.usage,
        cost_usd=_cost(row, reply),
        latency_s=latency_s,
        ttft_s=ttft_s,
        at=begun or sample.at,
    )


def _error(row: dict[str, Json]) -> str | None:
    if str(row.get("level")).upper() != "ERROR":
        return None
    return text_in(row.get("statusmessage")) or "logged as an error"


def _durations(row: dict[str, Json], begun: datetime | None) -> tuple[float | None, float | None]:
    """Seconds to the last and to the first token. The moments tell; the logged durations are in s or ms by dialect.

    A first token at the very end means that nothing was streamed.
    """
    ended, first = parse_time(row.get("endtime")), parse_time(row.get("completionstarttime"))
    unit = "ms" if "providedmodelname" in row and "latencyms" not in row else "s"
    latency = _between(begun, ended)
    if latency is None:
        latency = parse_seconds(row.get("latencyms"), "ms") or parse_seconds(row.get("latency"), unit)
    ttft = _between(begun, first)
    if ttft is None:
        ttft = parse_seconds(row.get("timetofirsttokenms"), "ms") or parse_seconds(row.get("timetofirsttoken"), unit)
    if ttft is not None and (ttft <= 0 or (latency is not None and ttft >= latency)):
        ttft = None
    return latency, ttft


def _between(begun: datetime | None, moment: datetime | None) -> float | None:
    if begun is None or moment is None or moment < begun:
        return None
    return (moment - begun).total_seconds()


def _usage(row: dict[str, Json]) -> Usage | None:
    if str(row.get("unit") or "TOKENS").upper() != "TOKENS":
        return None
    flat = (
        {"input": row.get("inputusage"), "output": row.get("outputusage"), "total": row.get("totalusage")},
        {"input": row.get("prompttokens"), "output": row.get("completiontokens"), "total": row.get("totaltokens")},
    )
    sources = (row.get("usagedetails"), row.get("providedusagedetails"), row.get("usage"), *flat)
    return next((usage for source in sources if (usage := read_details(source)) is not None), None)


def _cost(row: dict[str, Json], reply: Reply) -> float | None:
    """Langfuse writes 0 where it has no price; only a cost broken down into 0 is one."""
    for key in ("totalcost", "calculatedtotalcost"):
        if cost := parse_number(row.get(key)):
            return cost
    details = decode(row.get("costdetails")) or decode(row.get("providedcostdetails"))
    if isinstance(details, list):  # Parquet gives a map as a list of pairs
        details = {str(pair[0]): pair[1] for pair in details if isinstance(pair, list | tuple) and len(pair) == 2}
    if not isinstance(details, dict) or not details:
        return reply.cost_usd
    total = parse_number(details.get("total"))
    return sum(number for value in details.values() if (number := parse_number(value))) if total is None else total


def _session(row: dict[str, Json], metadata: dict[str, Json]) -> str | None:
    """The conversation; else, for a step of something larger, the trace."""
    attributes = object_in(metadata.get("attributes"))
    named = (row.get("sessionid"), *(metadata.get(key) for key in SESSION_KEYS))
    named = (*named, *(attributes.get(key) for key in _ATTRIBUTE_SESSIONS))
    whole = row.get("traceid") if "parentobservationid" in row else None
    return next((session for value in (*named, whole) if (session := text_in(value))), None)


def _label(row: dict[str, Json], metadata: dict[str, Json]) -> str | None:
    """The prompt's name, else what the application told, else the name of the trace, else the generation's own."""
    told = (metadata.get(key) for key in LABEL_KEYS[:-1])
    names = (row.get("promptname"), *told, row.get("tracename"), row.get("name"))
    return next((label for name in names if (label := without_ids(name))), None)


def without_ids(name: Json) -> str | None:
    """A name for a use case: frameworks put the ids of runs and agents into the names of traces."""
    return _UUID.sub("", name).strip()[:_LABEL_CHARS] or None if isinstance(name, str) else None


def _response_id(row: dict[str, Json], metadata: dict[str, Json]) -> str | None:
    """LiteLLM puts the time before the provider's id to make Langfuse's; OpenTelemetry has an attribute."""
    attributes = object_in(metadata.get("attributes"))
    return response_id_in(attributes.get("gen_ai.response.id")) or response_id_in(row.get("id"))


READER = Langfuse()
