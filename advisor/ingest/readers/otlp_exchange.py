"""The messages of a call, and the Sample that they and their span make."""

from dataclasses import dataclass, field, replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import read_request
from advisor.ingest.readers.otlp_around import around, workflow_of
from advisor.ingest.readers.otlp_span import Span
from advisor.ingest.records.envelope import assemble, find_label
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_count
from advisor.ingest.values.span_attributes import first
from advisor.types import Answer, Json, Request, Sample, Usage

NO_CONTENT = "the trace does not hold the messages: capturing content is switched off where it was written"
CUT = "the messages were cut by a length limit of the exporter"
_RESPONSE_IDS = ("gen_ai.response.id", "ai.response.id", "llm.response.id")
_UNIQUE_LENGTH = 16
"""Local servers number their responses, so that short ids come again."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """The messages of a call, as one dialect of attributes tells them."""

    body: dict[str, Json] | None = None
    """A chat-completions request; None: the prompt is not there."""
    request: Request | None = None
    """Instead of ``body``, where a vendor's body was read whole."""
    reply: Reply = field(default_factory=Reply)
    not_replayable: str | None = None
    usage: Usage | None = None
    params: dict[str, Json] = field(default_factory=dict)
    """What was asked for beside the messages."""


def read_span(span: Span, exchange: Exchange, more: dict[str, Json] | None = None) -> Sample:
    """One Sample from a span and its messages; ``more`` holds more keys as envelope.assemble knows them.

    Raises RowRejected for a conversation that cannot be read.
    """
    request, reason = _asked(exchange)
    identity = exchange.reply.response_id or first(span.attributes, _RESPONSE_IDS)
    is_unique = isinstance(identity, str) and len(identity) >= _UNIQUE_LENGTH
    record = around(span) | (more or {})
    reply = replace(
        exchange.reply,
        answer=_answer(span, exchange.reply.answer, bool(record["error"])),
        usage=exchange.usage or exchange.reply.usage,
        response_id=identity if is_unique else None,
    )
    if find_label(record) is None:
        record["use_case"] = workflow_of(span)
    sample = assemble(record, request, reply, not_replayable=exchange.not_replayable or reason)
    return replace(sample, span=span.key, parent_span=span.parent_key)


def _answer(span: Span, answer: Answer | None, is_failed: bool) -> Answer | None:
    if answer is None or (is_failed and answer.is_empty):
        return None
    reasons = decode(span.attributes.get("gen_ai.response.finish_reasons"))
    reason = reasons[0] if isinstance(reasons, list) and reasons else reasons
    is_told = answer.finish_reason is not None or not isinstance(reason, str)
    return answer if is_told else replace(answer, finish_reason=reason)


def _asked(exchange: Exchange) -> tuple[Request, str | None]:
    if exchange.request is not None:
        return replace(exchange.request, params=exchange.params | exchange.request.params), None
    if exchange.body is None or not exchange.body.get("messages"):
        return Request(messages=[], params=exchange.params), NO_CONTENT
    return read_request(exchange.params | exchange.body)


def usage_of(
    given: Json, taken: Json, *, read: Json = None, written: Json = None, reasoning: Json = None, total: Json = None,
    is_apart: bool = False,
) -> Usage | None:  # fmt: skip
    """Token counts of a span, brought to four that do not overlap; None when it tells none.

    The conventions of OpenTelemetry and OpenInference count the cache as a part of the input and reasoning as a part of
    the output; writers that do not are known by a part that is larger than the whole, by the total, or ``is_apart``.
    """
    asked, came = parse_count(given), parse_count(taken)
    if asked is None and came is None:
        return None
    asked, came = asked or 0, came or 0
    hit, stored, thought = parse_count(read) or 0, parse_count(written) or 0, parse_count(reasoning) or 0
    is_apart = is_apart or hit + stored > asked or parse_count(total) == asked + came + hit + stored
    if thought > came or (thought and parse_count(total) == asked + came + thought):
        came += thought
    return Usage(
        input_tokens=asked if is_apart else asked - hit - stored,
        cache_read_tokens=hit,
        cache_write_tokens=stored,
        output_tokens=came,
        reasoning_tokens=thought,
    )
