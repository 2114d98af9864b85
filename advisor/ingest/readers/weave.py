"""Calls traced by Weave: JSONL, JSON and the API's pages, and CSV with a column for every nested value."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import orjson

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import NotACall, NotChat, Reader, Record, in_span
from advisor.ingest.readers.trace_tools import (
    as_sent,
    columns_in,
    cost_of,
    filled,
    find_session,
    find_use_case,
    lasted,
    status_in,
)
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.records.envelope import as_label
from advisor.ingest.values.json_text import as_object, at
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Sample, Usage

_GROUPS = ("inputs", "output", "summary", "attributes")
_ALIKE = frozenset({"started_at", "trace_id", "parent_id", "ended_at", "exception", "summary"})
_OBJECT_NOTE = "the prompt is an object of Weave's, which the export only refers to"
_CHAT = re.compile(
    r"(chat\.)?completions?\.(create|parse|stream)|messages\.(create|stream|parse)|responses\.(create|parse|stream)"
    r"|generate_content|completions_create|converse|chat\.(complete|stream|send)|litellm\.a?completion|invoke_model"
    r"|\bchat$",
    re.I,
)
_OTHER = re.compile(r"embed|moderation|images?\.(generate|edit)|audio|transcription|speech|rerank", re.I)
_MARKS = frozenset({"_type", "_class_name", "_bases", "_ref", "self"})
_COST_KEY = "_total_cost"
_TEXT_KEYS = frozenset({"content", "text", "prompt", "input", "model", "id", "arguments", "name"})


def _matches(record: Record) -> bool:
    """An operation with inputs and times."""
    columns = {column.partition(".")[0] for column in columns_in(record)}
    return columns >= {"op_name", "inputs"} and not _ALIKE.isdisjoint(columns)


def _read(record: Record) -> Sample:
    """A call of a model's API, or of a function that takes a conversation; other calls are spans."""
    row = filled(record, _GROUPS)
    return in_span(as_label(row.get("id")), as_label(row.get("parent_id")), partial(_sample, row))


def _sample(row: Record) -> Sample:
    operation, summary = _operation(row.get("op_name")), as_object(row.get("summary"))
    is_chat = _CHAT.search(operation) is not None
    if _OTHER.search(operation):
        raise NotChat(operation)
    call = _call(as_object(_without_marks(row.get("inputs"))), _without_marks(row.get("output")))
    if not is_chat and (call.request is None or not as_object(summary.get("usage"))):
        raise NotACall(f"a span of the operation {operation}")
    about, attributes = as_object(summary.get("weave")), as_object(row.get("attributes"))
    start, end = parse_time(row.get("started_at")), parse_time(row.get("ended_at"))
    error = as_label(row.get("exception"))
    around: Record = {
        "id": as_label(row.get("id")),
        "timestamp": start,
        "latency_s": lasted(about.get("latency_ms"), start, end),
        "cost_usd": cost_of(None, _costs(about.get("costs"))),
        "session_id": row.get("thread_id") or find_session(attributes) or row.get("trace_id"),
        "use_case": find_use_case(attributes, prompt=row.get("display_name"), tags=attributes.get("tags"))
        or (None if is_chat else operation),
        "model": call.model,
        "status": about.get("status") if not error and call.reply.answer is None else None,
        "error": error,
        "status_code": status_in(error),
    }
    reason = call.not_replayable or (_OBJECT_NOTE if "weave:///" in str(call.request) else None)
    return replace(call, not_replayable=reason).sample(around, call.reply.usage or _usage(summary.get("usage")))


def _operation(name: Json) -> str:
    """``openai.chat.completions.create`` out of ``weave:///team/project/op/openai.chat.completions.create:QqrE``."""
    text = str(name or "")
    return text.partition("/op/")[2].partition(":")[0] or text.partition(":")[0] if "/op/" in text else text


def _call(inputs: dict[str, Json], output: Json) -> Call:
    body = as_sent(inputs | as_object(inputs.get("kwargs")))
    call = read_call(body, output)
    if call.request is None or call.reply == Reply():
        call = replace(call, reply=read_answer(output) if output else Reply())
    if call.request is None:
        return replace(call, not_replayable="the log does not hold the prompt", model=body.get("model"))
    return call


def _without_marks(value: Json) -> Json:
    """The value without marks of Weave's and references to the client, values of cells as JSON values."""
    if isinstance(value, list):
        return [_without_marks(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("_type") == "CustomWeaveType":
        kind = value.get("weave_type")
        return {"type": str(at(kind, "type") if isinstance(kind, dict) else kind or "an object of Weave's")}
    return {
        key: _scalar(key, _without_marks(inner))
        for key, inner in value.items()
        if key not in _MARKS and inner not in ("NOT_GIVEN", "NotGiven", "Omit", None)
    }


def _scalar(key: str, value: Json) -> Json:
    if not isinstance(value, str) or key in _TEXT_KEYS or len(value) > 30:
        return value
    try:
        found = orjson.loads(value.lower() if value in ("True", "False") else value)
    except orjson.JSONDecodeError:
        return value
    return found if isinstance(found, bool | int | float) else value


def _usage(usage: Json) -> Usage | None:
    """The counts under the model's name, which in columns may have become several objects at its points."""
    if not isinstance(usage, dict):
        return None
    return read_usage(usage) or next((inner for value in usage.values() if (inner := _usage(value))), None)


def _costs(costs: Json) -> Iterator[Json]:
    """Dollars of every kind of token and every model."""
    for key, value in as_object(costs).items():
        if key.endswith(_COST_KEY):
            yield value
        else:
            yield from _costs(value)


READER = Reader(name="weave", rank=14, matches=_matches, read=_read)
