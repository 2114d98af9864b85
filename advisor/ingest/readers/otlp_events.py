"""Messages that are events of their own: ``gen_ai.user.message``, ``gen_ai.choice`` and the like."""

from advisor.ingest.messages.reply import Reply
from advisor.ingest.readers.otlp_exchange import Exchange
from advisor.ingest.readers.otlp_messages import content_of, link_results, reply_of
from advisor.ingest.readers.otlp_params import span_params, span_usage, tools_of
from advisor.ingest.readers.otlp_span import MESSAGE_EVENT, Span
from advisor.ingest.records import bodies
from advisor.ingest.values.json_text import at, decode
from advisor.ingest.values.span_attributes import listed, nest
from advisor.types import Json

_CHOICE = "gen_ai.choice"


def speaks(span: Span) -> bool:
    """Whether events with messages belong to the span, or are listed in an attribute."""
    return bool(_events(span))


def read_exchange(span: Span) -> Exchange:
    """The messages in the order of their events; the first choice is the answer."""
    params = span_params(span)
    defined = at(span.tree, "gen_ai", "tool", "definitions") or at(span.tree, "llm", "request", "functions")
    if tools := tools_of(defined):
        params["tools"] = tools
    messages: list[dict[str, Json]] = []
    reply = Reply()
    for name, payload in _events(span):
        if name == "gen_ai.content.prompt":
            messages += bodies.read_messages(payload.get("gen_ai.prompt", at(nest(payload), "gen_ai", "prompt")))
        elif name in (_CHOICE, "gen_ai.content.completion"):
            reply = reply if reply.answer else _reply(payload)
        else:
            messages.append(_message(name.split(".")[1], payload))
    is_silent = any(not message.get("content") and not message.get("tool_calls") for message in messages)
    return Exchange(
        body={"messages": bodies.read_messages(link_results(messages))} if messages and not is_silent else None,
        reply=reply,
        usage=span_usage(span),
        params=params,
    )


def _events(span: Span) -> list[tuple[str, dict[str, Json]]]:
    """Name and payload of each event: its body, the JSON in an attribute, or its attributes."""
    found: list[tuple[str, dict[str, Json]]] = []
    for event in span.events:
        if MESSAGE_EVENT.fullmatch(event["name"]):
            attributes = event["attributes"]
            payload = decode(event.get("body")) or decode(attributes.get("gen_ai.event.content"))
            found.append((event["name"], payload if isinstance(payload, dict) else attributes))
    for event in listed(span.attributes.get("events")):
        name = str(event.get("event.name") or at(event, "event", "name")) if isinstance(event, dict) else ""
        if MESSAGE_EVENT.fullmatch(name):
            found.append((name, event))
    return found


def _message(role: str, payload: dict[str, Json]) -> dict[str, Json]:
    made = {"role": payload.get("role") or role, "content": content_of(payload.get("content"))}
    if role == "tool":
        made |= {"role": "tool", "tool_call_id": payload.get("id") or payload.get("tool_call_id")}
    if calls := listed(payload.get("tool_calls")):
        made["tool_calls"] = calls
    return made


def _reply(payload: dict[str, Json]) -> Reply:
    message = decode(payload.get("message", payload.get("gen_ai.completion", at(payload, "gen_ai", "completion"))))
    if message is None:
        message = {key: payload[key] for key in ("role", "content", "tool_calls") if key in payload}
    if isinstance(message, list) and not any(isinstance(item, dict) and "role" in item for item in message):
        message = {"content": message}
    if isinstance(message, dict):
        return reply_of(message | {"content": content_of(message.get("content"))}, payload.get("finish_reason"))
    return bodies.read_answer(message)
