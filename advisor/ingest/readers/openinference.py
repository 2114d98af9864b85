"""OpenInference's attributes, with dots or nested, as Arize Phoenix keeps them."""

from dataclasses import replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import Counts
from advisor.ingest.readers.otlp_exchange import Exchange, invocation_params, link_results, reply_of
from advisor.ingest.readers.otlp_span import Span, beeai_failure
from advisor.ingest.records import bodies
from advisor.ingest.values.json_text import as_object, as_objects, at, decode
from advisor.ingest.values.span_attributes import listed, nest
from advisor.types import Answer, Json, Usage

_OWN = frozenset({
    "input_messages", "output_messages", "invocation_parameters", "token_count", "prompts", "choices",
})  # fmt: skip
_REDACTED = "__REDACTED__"
_HIDDEN = "the messages were redacted before they were logged"
_NOTHING: tuple[Json, ...] = (None, "", {}, [])


def speaks(span: Span) -> bool:
    """Whether the span follows these conventions."""
    names = span.attributes
    has_own = not _OWN.isdisjoint(as_object(span.tree.get("llm")))
    return has_own or "openinference.span.kind" in names or "input.value" in names


def read_exchange(span: Span) -> Exchange:
    """The messages; the logged bodies of request and response fill in what the attributes leave out."""
    llm = as_object(span.tree.get("llm"))
    given = [_message(item) for item in as_objects(listed(llm.get("input_messages")))]
    asked = _logged(span.tree.get("input"))
    if given:
        exchange = Exchange(messages=link_results(given))
    elif prompts := _texts(llm.get("prompts"), "prompt"):
        exchange = Exchange(messages=[{"role": "user", "content": prompts[0]}])
    elif _REDACTED in (asked, llm.get("input_messages")):
        exchange = Exchange(not_replayable=_HIDDEN)
    else:
        exchange = asked_in(asked, None)
    came = _logged(span.tree.get("output"))
    return replace(
        exchange,
        reply=_reply(llm, None if beeai_failure(came) else came),
        usage=_usage(llm.get("token_count")),
        params=invocation_params(llm.get("invocation_parameters")),
        tools=[at(tool, "tool", "json_schema") or tool for tool in listed(llm.get("tools"))],
    )


def _logged(side: Json) -> Json:
    """The body under ``input.value`` or ``output.value``; text that is told to be plain stays text."""
    value = at(side, "value")
    return value if at(side, "mime_type") == "text/plain" else decode(value)


def asked_in(asked: Json, came: Json) -> Exchange:
    """What a logged request and response tell, whichever vendor's or framework's they are."""
    call = bodies.read_call(asked, came)
    reply = call.reply if came is None or call.reply.answer or call.reply.error else bodies.read_answer(came)
    if call.request is not None:
        return Exchange(request=call.request, not_replayable=call.not_replayable, reply=reply)
    return Exchange(messages=[] if asked in _NOTHING else bodies.read_messages(asked), reply=reply)


def _texts(node: Json, name: str) -> list[str]:
    """Prompts or choices of the completions API: text, or objects with text."""
    found = [item if isinstance(item, str) else at(item, name, "text") for item in listed(node)]
    return [text for text in found if isinstance(text, str)]


def _message(item: dict[str, Json]) -> dict[str, Json]:
    message = as_object(item.get("message")) or item
    contents = as_objects(listed(message.get("contents")))
    parts = [part for content in contents if (part := _part(content.get("message_content", content))) is not None]
    made = {"role": message.get("role"), "content": parts or message.get("content")}
    made |= {key: message[key] for key in ("tool_call_id", "name") if message.get(key)}
    calls = as_objects(listed(message.get("tool_calls"))) + [part for part in contents if "tool_call" in part]
    if calls:
        made["tool_calls"] = [call.get("tool_call", call) for call in calls]
    elif message.get("function_call_name"):
        arguments = message.get("function_call_arguments_json") or ""
        made["function_call"] = {"name": message["function_call_name"], "arguments": arguments}
    return made


def _part(part: Json) -> dict[str, Json] | None:
    kind = at(part, "type")
    if kind in ("reasoning", "tool_use") or not isinstance(part, dict):
        return None
    if kind == "text" or (kind is None and "text" in part):
        return {"type": "text", "text": part.get("text") or ""}
    if kind == "image" or "image" in part:
        image = part.get("image")
        url = at(image, "image", "url") or at(image, "url") or image
        hidden = {"type": "text", "text": _REDACTED}
        return hidden if url == _REDACTED else {"type": "image_url", "image_url": {"url": url}}
    return {"type": {"audio": "input_audio", "video": "video_url"}.get(str(kind), kind)}


def _reply(llm: dict[str, Json], raw: Json) -> Reply:
    """The first output message, with the id and the reason to finish that only the raw body has."""
    spoken = [_message(item) for item in as_objects(listed(llm.get("output_messages")))]
    is_body = isinstance(raw, dict | list)
    told = bodies.read_answer(raw) if is_body or (not spoken and isinstance(raw, str)) else Reply()
    reason = told.answer.finish_reason if told.answer else None
    if spoken:
        own = reply_of(spoken[0], llm.get("finish_reason") or reason)
        return replace(told, answer=own.answer or told.answer, error=own.error or told.error)
    if choices := _texts(llm.get("choices"), "completion"):
        return replace(told, answer=Answer(text=choices[0], finish_reason=reason))
    return told


def reply_in(attributes: dict[str, Json]) -> Reply:
    """What came back, by attributes with dotted names."""
    return _reply(as_object(nest(attributes).get("llm")), None)


def _usage(count: Json) -> Usage | None:
    return Counts(
        given=at(count, "prompt"),
        taken=at(count, "completion"),
        read=at(count, "prompt_details", "cache_read"),
        written=at(count, "prompt_details", "cache_write"),
        reasoning=at(count, "completion_details", "reasoning"),
        total=at(count, "total"),
    ).usage()
