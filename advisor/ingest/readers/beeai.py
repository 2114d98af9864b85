"""Calls of BeeAI in traces of OpenInference, where each event of a call is a span of its own.

``backend.openai.chat.start-3`` holds what was asked and ``backend.openai.chat.success-2`` what came back. They only
have the trace in common, and all spans end when it does. BeeAI's Python writes whole calls since August 2025.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from advisor.ingest.messages.blocks import CALLS, call_of
from advisor.ingest.reader import Joiner, Record
from advisor.ingest.readers.langfuse import row_of
from advisor.ingest.readers.otlp_span import beeai_event
from advisor.ingest.values.json_text import as_list, at, decode, object_in
from advisor.ingest.values.times import parse_time
from advisor.types import Json

_NEVER = datetime.min.replace(tzinfo=UTC)
_ASKED, _SAID = "llm.input_messages.", "llm.output_messages."
_METERED = ("usage", "cost", "tokens")
_PARTS = ("start", "success", "error")


class _Event(NamedTuple):
    at: datetime
    is_end: bool
    parent: Json
    record: Record


def _span(record: Record) -> _Event:
    at, name = parse_time(record.get("start")), record.get("name")
    return _Event(at or _NEVER, beeai_event(name) != "start", record.get("parent_id"), record)


def _observation(record: Record) -> _Event:
    row = row_of(record)
    at, name = parse_time(row.get("starttime")), row.get("name")
    return _Event(at or _NEVER, beeai_event(name) != "start", row.get("parentobservationid"), record)


def _splitter(read: Callable[[Record], _Event]) -> Callable[[list[Record]], list[list[Record]]]:
    """What came back belongs to the first call that waits, of those below the same span where there is one."""

    def split(parts: list[Record]) -> list[list[Record]]:
        calls: list[list[_Event]] = []
        for event in sorted(map(read, parts), key=lambda event: event[:2]):
            waiting = [call for call in calls if len(call) == 1 and not call[0].is_end]
            near = [call for call in waiting if call[0].parent == event.parent]
            if event.is_end and waiting:
                (near or waiting)[0].append(event)
            else:
                calls.append([event])
        return [[event.record for event in call] for call in calls]

    return split


def _said(messages: Json, attributes: dict[str, Json]) -> Json:
    """One message: what was streamed is a message a token. None where the first ones were dropped for their number."""
    told = [message.get("content") for message in as_list(decode(messages)) if isinstance(message, dict)]
    while not messages and (text := attributes.get(f"{_SAID}{len(told)}.message.content")) is not None:
        told.append(text)
    parts = [part for content in told for part in (as_list(content) or [{"type": "text", "text": content}]) if content]
    texts = [text for part in parts if isinstance(text := at(part, "text"), str)]
    calls = [
        call_of(part, number)
        for number, part in enumerate(parts)
        if isinstance(part, dict) and part.get("type") in CALLS
    ]
    said: dict[str, Json] = {"role": "assistant", "content": "".join(texts) or None}
    return said | ({"tool_calls": calls} if calls else {}) if texts or calls else None


def _call_of_span(record: Record) -> str | None:
    is_part = record.get("otlp") == "span" and beeai_event(record.get("name")) in _PARTS
    return record.get("trace_id") if is_part else None


def _join_spans(parts: list[Record]) -> Record:
    start, end = parts[0], parts[-1]
    attributes = start["attributes"] | end["attributes"]
    said = _said(attributes.get("output.value"), end["attributes"])
    told_twice = (_SAID, _ASKED) if "input.value" in attributes else (_SAID,)
    attributes = {key: value for key, value in attributes.items() if not key.startswith(told_twice)}
    joined = start | {"attributes": attributes | ({"output.value": said} if said else {})}
    is_failed = beeai_event(end["name"]) == "error"
    return (
        joined
        | {"end": end["start"] if end is not start else None}
        | ({"status": {"code": "ERROR"}} if is_failed else {})
    )


def _call_of_observation(record: Record) -> str | None:
    row = row_of(record) if "backend." in str(record.get("name")) else {}
    return str(row.get("traceid")) if beeai_event(row.get("name")) in _PARTS else None


def _join_observations(parts: list[Record]) -> Record:
    """Tokens and cost are the end's: Langfuse estimates those of the start."""
    start, end = row_of(parts[0]), row_of(parts[-1])
    attributes = object_in(object_in(end.get("metadata")).get("attributes"))
    is_failed = beeai_event(end.get("name")) == "error"
    return (
        start
        | {key: end.get(key) for key in {*start, *end} if any(word in key for word in _METERED)}
        | {"output": _said(end.get("output"), attributes), "latency": None}
        | {"endtime": end.get("starttime") if len(parts) > 1 else None}
        | ({"level": "ERROR", "statusmessage": attributes.get("exception.message")} if is_failed else {})
    )


SPANS = Joiner(
    name="openinference",
    joins=lambda keys: "otlp" in keys,
    call_of=_call_of_span,
    join=_join_spans,
    split=_splitter(_span),
)
OBSERVATIONS = Joiner(
    name="langfuse",
    joins=lambda keys: "otlp" not in keys and "name" in keys and not keys.isdisjoint(("traceId", "trace_id")),
    call_of=_call_of_observation,
    join=_join_observations,
    split=_splitter(_observation),
)
