"""Observations of Langfuse: exports of observations and of events, the API, blob storage, its PostgreSQL; and traces.

The dialects spell the same keys differently; in CSV the cells are JSON or text. Traces are opened where they hold their
observations; else they are the application's own input and output, which count but cannot be replayed.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial

from advisor.ingest.messages.reply import Reply, response_id_in
from advisor.ingest.reader import NotACall, NotChat, Opener, Reader, Record
from advisor.ingest.readers.langfuse_call import read_asked, read_output
from advisor.ingest.readers.langfuse_fields import map_in, read_details, read_params, read_tools
from advisor.ingest.readers.openinference import reply_in
from advisor.ingest.readers.otlp_span import beeai_failure, is_event
from advisor.ingest.readers.trace_tools import cost_of, in_trace, streamed
from advisor.ingest.records.bodies import read_answer
from advisor.ingest.records.envelope import LABEL_KEYS, SESSION_KEYS, as_label
from advisor.ingest.values.json_text import decode, object_in, text_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Sample, Usage

_ALWAYS = frozenset({"traceid", "starttime"})
_GENERATIONS = frozenset({"tracename", "prompttokens", "completiontokens", "input", "output"})
"""Columns of exports until January 2025, which held generations only and no types."""
_OF_TRACES = ({"public", "bookmarked"}, {"public", "htmlpath"}, {"bookmarked", "observationcount"})
_TELLING = frozenset({
    "usagedetails", "providedmodelname", "modelparameters", "latencyms", "parentobservationid", "completionstarttime",
    "costdetails",
})  # fmt: skip
_NO_CHAT = re.compile(r"embed|rerank|whisper|dall-e|moderation|\btts\b|transcri", re.I)
_STATUS = re.compile(r"\b[Ee]rror code: ([45]\d\d)\b")
_UUID = re.compile(r"[\s._:/-]*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_SAID = "llm.output_messages.0.message.role"
_ATTRIBUTE_SESSIONS = ("session.id", "gen_ai.conversation.id")
_HANDED_DOWN = {"traceName": "name", "sessionId": "sessionId", "userId": "userId", "traceTags": "tags"}
_OF_UNKNOWN_UNIT = ("latency", "timeToFirstToken")
_APPLICATION = (
    "a trace holds what the application was asked, not the model; export the observations from Langfuse as well"
)


@lru_cache(maxsize=256)
def _folded(keys: tuple[str, ...]) -> dict[str, str]:
    """One spelling for ``startTime``, ``start_time`` and ``Start Time``; the first of several keys wins.

    Exports add a column for each score, of any name, behind their own.
    """
    found: dict[str, str] = {}
    for key in keys:
        found.setdefault(re.sub(r"[\s_]", "", key).lower(), key)
    return found


def row_of(record: Record) -> Record:
    """What is filled in. In CSV of until March 2026 texts, ids and times are JSON, with quotes around them."""
    found = {}
    for name, key in _folded(tuple(record)).items():
        value = record[key]
        if isinstance(value, str) and value.startswith('"') and name not in ("input", "output"):
            value = decode(value)
        if value not in (None, "", "null"):
            found[name] = value
    return found


def _is_observation(record: Record) -> bool:
    """The keys of an observation, in any spelling."""
    keys = _folded(tuple(record)).keys()
    is_typed = "type" in keys and not _TELLING.isdisjoint(keys)
    return keys >= _ALWAYS and (is_typed or keys >= _GENERATIONS)


def _read(record: Record) -> Sample:
    """One generation; the other observations of a trace are no calls of a model."""
    row = row_of(record)
    return in_trace(row, ("traceid", "id", "parentobservationid"), partial(_sample, row))


def _sample(row: Record) -> Sample:
    kind = str(row.get("type") or ("GENERATION" if "prompttokens" in row else "")).strip().upper()
    model = text_in(row.get("providedmodelname")) or text_in(row.get("model"))
    if kind != "GENERATION":
        raise NotACall(f"a span of the kind {kind or 'unknown'}")
    if model and _NO_CHAT.search(model):
        raise NotChat(model)
    metadata = object_in(row.get("metadata"))
    attributes = object_in(metadata.get("attributes"))
    if is_event(row.get("name"), attributes):
        raise NotACall("an event of a call")
    asked, output = row.get("input"), row.get("output")
    if "metadata.class_name" in attributes:  # BeeAI's
        asked = object_in(asked).get("input", asked)
    tools = read_tools(row.get("tooldefinitions"), metadata)
    call = read_asked(asked, read_params(row.get("modelparameters")), tools, output)
    failure = beeai_failure(output)
    reply = Reply() if failure else read_output(output, row.get("toolcalls"), row.get("toolcallnames"))
    if output is None and reply.answer is None and _SAID in attributes:
        reply = replace(reply, answer=reply_in(attributes).answer)
    error = (
        (text_in(row.get("statusmessage")) or failure or "logged as an error")
        if str(row.get("level")).upper() == "ERROR"
        else None
    )
    if error and reply.answer is not None and reply.answer.is_empty:
        reply = replace(reply, answer=None)
    status = _STATUS.search(error or "")
    begun = parse_time(row.get("starttime"))
    latency_s, ttft_s = _durations(row, begun)
    # the prompt's name, else what the application told, else the name of the trace, else the generation's own
    told = (metadata.get(key) for key in LABEL_KEYS[:-1])
    labels = map(_without_ids, (row.get("promptname"), *told, row.get("tracename"), row.get("name")))
    around: Record = {
        "id": row.get("id"),
        "timestamp": begun,
        "latency_s": latency_s,
        "ttft_s": ttft_s,
        "cost_usd": _cost(row, reply),
        "session_id": _session(row, metadata),
        "use_case": next(filter(None, labels), None),
        "model": call.model,
        "error": error,
        "status_code": status[1] if status else None,
    }
    # LiteLLM puts the time before the provider's id to make Langfuse's
    ids = (attributes.get("gen_ai.response.id"), row.get("id"))
    identity = reply.response_id or next(filter(None, map(response_id_in, ids)), None)
    reply = replace(reply, response_id=identity, model=model or reply.model)
    return replace(call, reply=reply).sample(around, _usage(row))


def _durations(row: Record, begun: datetime | None) -> tuple[float | None, float | None]:
    """Seconds to the last and to the first token. The moments tell; the logged durations are in s or ms by dialect."""
    unit = "ms" if "providedmodelname" in row and "latencyms" not in row else "s"
    latency = seconds_between(begun, parse_time(row.get("endtime")))
    if latency is None:
        latency = parse_seconds(row.get("latencyms"), "ms") or parse_seconds(row.get("latency"), unit)
    ttft = seconds_between(begun, parse_time(row.get("completionstarttime")))
    if ttft is None:
        ttft = parse_seconds(row.get("timetofirsttokenms"), "ms") or parse_seconds(row.get("timetofirsttoken"), unit)
    return latency, streamed(ttft, latency)


def _usage(row: Record) -> Usage | None:
    if str(row.get("unit") or "TOKENS").upper() != "TOKENS":
        return None
    flat = (
        {"input": row.get("inputusage"), "output": row.get("outputusage"), "total": row.get("totalusage")},
        {"input": row.get("prompttokens"), "output": row.get("completiontokens"), "total": row.get("totaltokens")},
    )
    sources = (row.get("usagedetails"), row.get("providedusagedetails"), row.get("usage"), *flat)
    return next((usage for source in sources if (usage := read_details(source)) is not None), None)


def _cost(row: Record, reply: Reply) -> float | None:
    """Langfuse writes 0 where it has no price; only a cost broken down into 0 is one."""
    for key in ("totalcost", "calculatedtotalcost", "totalcostinusd"):
        if cost := parse_number(row.get(key)):
            return cost
    details = map_in(row.get("costdetails")) or map_in(row.get("providedcostdetails"))
    if not details:
        return reply.cost_usd
    return cost_of(details.get("total"), details.values()) or 0.0


def _session(row: Record, metadata: dict[str, Json]) -> str | None:
    """The conversation; else, for a step of something larger, the trace."""
    attributes = object_in(metadata.get("attributes"))
    named = (row.get("sessionid"), *map(metadata.get, SESSION_KEYS), *map(attributes.get, _ATTRIBUTE_SESSIONS))
    whole = row.get("traceid") if "parentobservationid" in row else None
    return next((session for value in (*named, whole) if (session := text_in(value))), None)


def _without_ids(name: Json) -> str | None:
    """A name for a use case: frameworks put the ids of runs and agents into the names of traces."""
    return as_label(_UUID.sub("", name)) if isinstance(name, str) else None


def _opens(keys: frozenset[str]) -> bool:
    """Observations beside their trace, its fields or its scores, as downloaded or from the API."""
    return "observations" in keys and not keys.isdisjoint(("trace", "scores", "timestamp", "htmlPath"))


def _open(record: Record) -> Iterable[Json]:
    """The observations, each with the trace's name, session, user and tags; the trace where it has none."""
    inner = decode(record.get("trace"))
    trace = inner if isinstance(inner, dict) else record
    found = decode(record["observations"])
    observations = list(found.values()) if isinstance(found, dict) else found
    held = [item for item in observations if isinstance(item, dict)] if isinstance(observations, list) else []
    if held:
        return [_with_trace(item, trace) for item in held]
    # lists of traces hold only the ids of their observations
    return [{key: value for key, value in trace.items() if key not in ("observations", "scores")} or record]


def _with_trace(observation: Record, trace: Record) -> Record:
    """Downloads tell durations in seconds or in milliseconds, depending on their age: the moments tell them too."""
    kept = {key: value for key, value in observation.items() if key not in _OF_UNKNOWN_UNIT}
    for key, source in _HANDED_DOWN.items():
        if kept.get(key) in (None, "", []) and trace.get(source) not in (None, "", []):
            kept[key] = trace[source]
    return kept | {"traceId": kept.get("traceId", trace.get("id"))}


def _is_trace(record: Record) -> bool:
    """The marks only a trace has, in any spelling."""
    keys = _folded(tuple(record)).keys()
    return {"input", "output"} <= keys and "traceid" not in keys and any(marks <= keys for marks in _OF_TRACES)


def _read_trace(record: Record) -> Sample:
    row = row_of(record)
    around: Record = {
        "id": row.get("id"),
        "timestamp": row.get("timestamp"),
        "session_id": row.get("sessionid"),
        "prompt_name": _without_ids(row.get("name")),
        "latency_s": parse_seconds(row.get("latency"), "s"),
        "cost_usd": parse_number(row.get("totalcost")) or None,
    }
    came = decode(row.get("output"))
    messages = decode(came.get("messages")) if isinstance(came, dict) else None
    said = messages if isinstance(messages, list) else came
    reply = Reply() if said in (None, [], {}) else read_answer(said)
    call = replace(read_asked(row.get("input"), {}, {}, None), not_replayable=_APPLICATION, reply=reply, model=None)
    # model, usage and id are those of the last of its calls, at most
    sample = call.sample(around)
    ids, metered = replace(sample.ids, response_id=None), replace(sample.metered, usage=None)
    return replace(sample, model=None, ids=ids, metered=metered)


READER = Reader(name="langfuse", rank=10, matches=_is_observation, read=_read)
OPENER = Opener(opens=_opens, open=_open)
TRACES = Reader(name="langfuse_traces", rank=11, matches=_is_trace, read=_read_trace)
