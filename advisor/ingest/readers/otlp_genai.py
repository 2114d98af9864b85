"""Spans of OpenTelemetry's conventions for generative AI: the current messages, and the choice among older dialects.

The older ones are messages that are events of their own (``gen_ai.user.message``, ``gen_ai.choice``) and OpenLLMetry's
attributes ``gen_ai.prompt.N.*`` and ``gen_ai.completion.N.*``, of which there are some without numbers, too. Arize
Phoenix's spans may be a data frame with a column for each attribute; those in JSON are opened by otlp.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import ROLES
from advisor.ingest.reader import NotACall, Opener, Reader, Record, RowRejected, in_span
from advisor.ingest.readers import openinference, vercel
from advisor.ingest.readers.otlp import flat_record
from advisor.ingest.readers.otlp_exchange import (
    CUT,
    Exchange,
    content_of,
    link_results,
    read_span,
    reply_of,
    system_messages,
)
from advisor.ingest.readers.otlp_span import CONVENTIONS, MESSAGE_EVENT, Span, is_model_event, no_call
from advisor.ingest.records import bodies
from advisor.ingest.values.json_text import as_list, at, decode
from advisor.ingest.values.span_attributes import has_gap, listed, nest
from advisor.types import Json, Sample

_COLUMN = "attributes."
_ROOTS = (*CONVENTIONS, "ai.", "input.", "output.", "session.", "user.", "metadata.", "tag.")
"""How columns of attributes begin where nothing says that they are."""
_KINDS = frozenset({
    "LLM", "CHAIN", "AGENT", "TOOL", "RETRIEVER", "RERANKER", "EMBEDDING", "GUARDRAIL", "EVALUATOR", "PROMPT",
})  # fmt: skip
_KEYS_SHOWN = 12
_NUMBERED = (("gen_ai", "prompt"), ("llm", "input_messages"))
"""Where messages have a number each in the names of their attributes, of which an exporter may leave some out."""


def read_record(record: Record) -> Sample:
    """The Sample of a flat record (see readers/otlp.py); raises RowRejected for anything but a call of a chat model."""
    if "otlp" not in record:
        raise RowRejected(f"no span of a trace; its keys are: {', '.join(list(record)[:_KEYS_SHOWN]) or 'none'}")
    if record["otlp"] == "metrics":
        raise RowRejected("metrics, which hold no calls")
    span = Span(record)
    if record["otlp"] == "log" and "gen_ai.input.messages" not in span.attributes:
        is_event = is_model_event(span.name)
        raise NotACall("an event of a call that does not name its span" if is_event else "a log record")
    return in_span(span.key, span.parent_key, partial(_sample, record, span))


def _sample(record: Record, span: Span) -> Sample:
    if record["otlp"] != "log" and (what := no_call(span)):
        raise NotACall(what)
    return read_span(span, exchange_of(span))


def exchange_of(span: Span) -> Exchange:
    """The messages of a call in whichever dialect of attributes the span has."""
    is_current = "gen_ai.input.messages" in span.attributes and not openinference.speaks(span)
    spoken = [] if is_current else [read for speaks, read in _DIALECTS if speaks(span)]
    exchanges = [read(span) for read in (*spoken, _read_current)]
    told = (each for each in exchanges if each.messages or each.request or each.not_replayable)
    exchange = next(told, exchanges[0])
    numbered = [node for path in _NUMBERED if isinstance(node := at(span.tree, *path), dict) and listed(node)]
    is_cut = not is_current and bool(numbered) and (span.dropped > 0 or any(map(has_gap, numbered)))
    return replace(exchange, not_replayable=CUT) if is_cut else exchange


def _read_current(span: Span) -> Exchange:
    """The messages under ``gen_ai.input.messages`` and its like."""
    system = decode(span.attributes.get("gen_ai.system_instructions"))
    given = decode(span.attributes.get("gen_ai.input.messages"))
    is_cut = _is_cut(given) or _is_cut(system)
    return Exchange(
        messages=[] if is_cut or not given else system_messages(system) + bodies.read_messages(given),
        reply=_current_reply(decode(span.attributes.get("gen_ai.output.messages"))),
        not_replayable=CUT if is_cut else None,
        tools=span.attributes.get("gen_ai.tool.definitions"),
    )


def _current_reply(came: Json) -> Reply:
    """Every message that came is a choice; the first is the answer."""
    first = next(iter(came), None) if isinstance(came, list) else came
    if isinstance(first, dict):
        return bodies.read_answer([{"role": "assistant"} | first])
    return bodies.read_answer(first) if isinstance(first, str) and not _is_cut(first) else Reply()


def _is_cut(value: Json) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(("[{", "{", "[\n"))


def _has_numbers(span: Span) -> bool:
    """Whether the span has prompts or completions with numbers, or a prompt as one text."""
    nodes = [at(span.tree, "gen_ai", name) for name in ("prompt", "completion")]
    return any(isinstance(node, str) or listed(node) for node in nodes)


def _read_numbered(span: Span) -> Exchange:
    """The messages in the order of their numbers."""
    prompt = at(span.tree, "gen_ai", "prompt")
    given: Json = link_results([_numbered_message(item) for item in listed(prompt) if isinstance(item, dict)])
    if not given and isinstance(prompt, str):
        given = prompt
    return Exchange(
        messages=bodies.read_messages(given) if given else [],
        reply=_numbered_reply(at(span.tree, "gen_ai", "completion")),
        tools=at(span.tree, "llm", "request", "functions"),
    )


def _numbered_message(item: dict[str, Json]) -> dict[str, Json]:
    content = content_of(item.get("content", item.get("user")))
    made = {"role": item.get("role") or "user", "content": content}
    has_blocks = any(at(block, "type") == "tool_use" for block in as_list(content))
    if (calls := _calls(item)) and not has_blocks:
        made["tool_calls"] = calls
    return made | {key: item[key] for key in ("tool_call_id", "name") if item.get(key)}


def _calls(item: dict[str, Json]) -> list[dict[str, Json]]:
    calls = [call for call in listed(item.get("tool_calls")) if isinstance(call, dict)]
    return calls or ([item["function_call"]] if at(item, "function_call", "name") else [])


def _numbered_reply(completion: Json) -> Reply:
    if isinstance(completion, str):
        return bodies.read_answer(completion)
    spoken = [item for item in listed(completion) if isinstance(item, dict)]
    item = next((item for item in spoken if ROLES.get(str(item.get("role") or "assistant")) == "assistant"), None)
    if item is None:
        return Reply()
    content = content_of(item.get("content"))
    if isinstance(content, list):
        return bodies.read_answer({"role": "assistant", "content": content})
    return reply_of({"content": content, "tool_calls": _calls(item)}, item.get("finish_reason"))


def _events(span: Span) -> list[tuple[str, dict[str, Json]]]:
    """Name and payload of each event with a message: its body, the JSON in an attribute, or its attributes.

    Events are the span's own or listed in an attribute.
    """
    found: list[tuple[str, dict[str, Json]]] = []
    for event in span.events:
        payload = decode(event.get("body")) or decode(event["attributes"].get("gen_ai.event.content"))
        found.append((event["name"], payload if isinstance(payload, dict) else event["attributes"]))
    for event in listed(span.attributes.get("events")):
        found.append((str(at(event, "event.name") or at(event, "event", "name")), event))
    return [(name, payload) for name, payload in found if MESSAGE_EVENT.fullmatch(name)]


def _read_events(span: Span) -> Exchange:
    """The messages in the order of their events; the first choice is the answer."""
    messages: list[dict[str, Json]] = []
    reply = Reply()
    for name, payload in _events(span):
        if name == "gen_ai.content.prompt":
            messages += bodies.read_messages(payload.get("gen_ai.prompt", at(nest(payload), "gen_ai", "prompt")))
        elif name in ("gen_ai.choice", "gen_ai.content.completion"):
            reply = reply if reply.answer else _choice(payload)
        else:
            messages.append(_event_message(name.split(".")[1], payload))
    is_silent = any(not message.get("content") and not message.get("tool_calls") for message in messages)
    return Exchange(
        messages=bodies.read_messages(link_results(messages)) if messages and not is_silent else [],
        reply=reply,
        tools=at(span.tree, "gen_ai", "tool", "definitions") or at(span.tree, "llm", "request", "functions"),
    )


def _event_message(role: str, payload: dict[str, Json]) -> dict[str, Json]:
    made = {"role": payload.get("role") or role, "content": content_of(payload.get("content"))}
    if role == "tool":
        made |= {"role": "tool", "tool_call_id": payload.get("id") or payload.get("tool_call_id")}
    calls = listed(payload.get("tool_calls"))
    return made | ({"tool_calls": calls} if calls else {})


def _choice(payload: dict[str, Json]) -> Reply:
    message = decode(payload.get("message", payload.get("gen_ai.completion", at(payload, "gen_ai", "completion"))))
    if message is None:
        message = {key: payload[key] for key in ("role", "content", "tool_calls") if key in payload}
    if isinstance(message, list) and not any(isinstance(item, dict) and "role" in item for item in message):
        message = {"content": message}
    if isinstance(message, dict):
        return reply_of(message | {"content": content_of(message.get("content"))}, payload.get("finish_reason"))
    return bodies.read_answer(message)


def _is_frame(keys: frozenset[str]) -> bool:
    """An attribute of the conventions as a column: ``attributes.llm.model_name``, ``gen_ai.request.model``."""
    return any(
        key.startswith(("attributes.llm.", "attributes.input.", "attributes.gen_ai.", "attributes.openinference."))
        or (key.startswith(CONVENTIONS) and key.count(".") > 1)
        or key in ("llm.model_name", "llm.input_messages")
        for key in map(str.lower, keys)
    )


def _open_frame(record: Record) -> Iterable[Json]:
    """The span as one flat record; cells are decoded where they are needed."""
    row = {key.lower(): value for key, value in record.items() if not _is_empty(value)}
    own = {key for key in row if key.startswith((_COLUMN, *_ROOTS))}
    span = {key: value for key, value in row.items() if key not in own}
    span["attributes"] = {key.removeprefix(_COLUMN): row[key] for key in row if key in own}
    context = {key: row.get(f"context.{key}") for key in ("span_id", "trace_id")}
    return [flat_record(span | {key: value for key, value in context.items() if value})]


def _is_empty(value: Json) -> bool:
    return value in ("", "nan", "None", "NaT") if isinstance(value, str) else value is None or value != value


def _is_openinference(record: Record) -> bool:
    """A flat record with a kind of the OpenInference conventions, from Phoenix or through OpenTelemetry."""
    is_span = record.get("otlp") == "span"
    return is_span and ("openinference.span.kind" in record["attributes"] or str(record["kind"]) in _KINDS)


_DIALECTS: tuple[tuple[Callable[[Span], bool], Callable[[Span], Exchange]], ...] = (
    (openinference.speaks, openinference.read_exchange),
    (vercel.speaks, vercel.read_exchange),
    (_has_numbers, _read_numbered),
    (lambda span: bool(_events(span)), _read_events),
)
"""Whether a span speaks a dialect, and how that is read."""
READER = Reader(name="otlp_genai", rank=12, matches=lambda record: "otlp" in record, read=read_record)
FRAMES = Opener(opens=_is_frame, open=_open_frame)
PHOENIX = Reader(name="openinference", rank=11, matches=_is_openinference, read=read_record)
