"""Calls traced by Weave: JSONL, JSON and the API's pages, and CSV with a column for every nested value."""

from dataclasses import dataclass, replace
from functools import lru_cache

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers.pieces import as_sent, filled, find_session, find_use_case, label, nested, status_in
from advisor.ingest.readers.weave_ops import cost_in, is_chat_op, is_other_op, op_name, usage_in, without_traces
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import as_object
from advisor.ingest.values.numbers import parse_seconds
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Request, Sample

_GROUPS = ("inputs", "output", "summary", "attributes")
_ALIKE = frozenset({"started_at", "trace_id", "parent_id", "ended_at", "exception", "summary"})
_OBJECT_NOTE = "the prompt is an object of Weave's, which the export only refers to"


@dataclass(frozen=True)
class Weave:
    """Reads calls of a model's API and of functions that take a conversation; other calls are spans."""

    name: str = "weave"
    rank: int = 14

    def matches(self, record: dict[str, Json]) -> bool:
        """An operation with inputs and times."""
        return _is_call(tuple(record))

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one call."""
        row = nested(filled(record), _GROUPS)
        span, parent = label(row.get("id")), label(row.get("parent_id"))
        operation, summary = op_name(row.get("op_name")), as_object(row.get("summary"))
        about = as_object(summary.get("weave"))
        inputs = as_object(without_traces(row.get("inputs")))
        output = without_traces(row.get("output"))
        if is_other_op(operation):
            raise RowRejected(f"a call of {operation}, not of a chat model").at(span, parent)
        try:
            call = _read(inputs, output)
        except RowRejected as rejected:
            raise rejected.at(span, parent) from None
        if not is_chat_op(operation) and (call.request is None or not as_object(summary.get("usage"))):
            raise NotACall(f"a span of the operation {operation}").at(span, parent)
        start, end = parse_time(row.get("started_at")), parse_time(row.get("ended_at"))
        latency = parse_seconds(about.get("latency_ms"), "ms")
        latency = seconds_between(start, end) if latency is None else latency
        error = label(row.get("exception"))
        attributes = as_object(row.get("attributes"))
        around: dict[str, Json] = {
            "id": span,
            "timestamp": start,
            "latency_s": latency,
            "cost_usd": cost_in(about.get("costs")),
            "session_id": row.get("thread_id") or find_session(attributes) or row.get("trace_id"),
            "use_case": find_use_case(attributes, prompt=row.get("display_name"), tags=attributes.get("tags"))
            or (None if is_chat_op(operation) else operation),
            "model": call.model,
            "status": about.get("status") if not error and call.reply.answer is None else None,
            "error": error,
            "status_code": status_in(error),
        }
        reason = call.not_replayable or (_OBJECT_NOTE if "weave:///" in str(call.request) else None)
        asked = call.request or Request(messages=[])
        sample = assemble(around, asked, call.reply, not_replayable=reason)
        return replace(sample, usage=sample.usage or usage_in(summary.get("usage")), span=span, parent_span=parent)


@lru_cache(maxsize=256)
def _is_call(keys: tuple[str, ...]) -> bool:
    have = {key.strip().lower().partition(".")[0] for key in keys}
    return have >= {"op_name", "inputs"} and not _ALIKE.isdisjoint(have)


def _read(inputs: dict[str, Json], output: Json) -> Call:
    inner = inputs.get("kwargs")
    body = as_sent(inputs | inner if isinstance(inner, dict) else inputs)
    call = read_call(body, output)
    if call.request is not None:
        reply = call.reply if call.reply != Reply() or not output else read_answer(output)
        return replace(call, reply=reply)
    reason = "the log does not hold the prompt"
    return Call(
        request=None, not_replayable=reason, reply=read_answer(output) if output else Reply(), model=body.get("model")
    )


READER = Weave()
