"""What a Langfuse generation was asked and answered: the integrations log it in a dozen shapes."""

from dataclasses import replace

from advisor.ingest.messages.blocks import call_of
from advisor.ingest.messages.chat_templates import split_transcript
from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import PARAM_KEYS
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.langfuse_fields import OF_RESPONSES, tools_in
from advisor.ingest.readers.openai_responses import request_of
from advisor.ingest.records.bodies import Call, read_answer, read_call, read_messages
from advisor.ingest.values.json_text import as_list, as_object, as_text, at, decode, list_in, object_in
from advisor.types import Answer, Json, Request, ToolCall

_NO_INPUT = "the export does not hold what the model was asked (Langfuse leaves it out of large traces)"
_UNKNOWN = "the logged input isn't a conversation, so the prompt is unknown"
_NOTHING: tuple[Json, ...] = (None, "", "null", "undefined", [], {})
_BODY_KEYS = ("messages", "contents", "input", "prompt")
_TEXT_KEYS = ("prompt", "question", "query", "text", "message", "content", "answer", "response", "output", "completion")
_OF_REPLY = frozenset({
    "role", "choices", "candidates", "object", "generations", "tool_calls", "function_call", "stop_reason", "kwargs",
    "parts", "usage_metadata", "response_metadata",
})  # fmt: skip
_OF_MESSAGE = ("role", "content", "tool_calls", "function_call")
_OF_REQUEST = OF_RESPONSES | set(PARAM_KEYS) - {"service_tier"} | {
    "messages", "contents", "input", "prompt", "model", "system", "max_output_tokens", "stop_sequences", "thinking",
    "output_config", "output_format", "conversation", "systemInstruction", "toolConfig", "generationConfig",
    "config",
}  # fmt: skip
"""Clients and decorators log more: keys, time-outs, names of traces."""


def read_asked(value: Json, params: dict[str, Json], tools: dict[str, Json], output: Json) -> Call:
    """The request of a generation from its input, its model parameters and the tools found elsewhere.

    ``output`` is looked at because a Responses object repeats the instructions and the tools of its request.
    """
    try:
        body = _body(decode(value))
        if body is None:
            return Call(not_replayable=_NO_INPUT if value in _NOTHING else _UNKNOWN)
        return _read_body(body, params, tools, decode(output))
    except RowRejected as rejected:  # it was a call all the same
        return Call(not_replayable=f"what was asked can't be read: {rejected}")


def _read_body(body: dict[str, Json], params: dict[str, Json], tools: dict[str, Json], output: Json) -> Call:
    body = {key: value for key, value in body.items() if key in _OF_REQUEST}
    told = request_of(output) if at(output, "object") == "response" else {}
    echoed = {key: value for key, value in told.items() if value not in (None, [], {})}
    if "messages" in body:
        if echoed or not OF_RESPONSES.isdisjoint(params):
            body = {"input": body["messages"]} | {key: body[key] for key in body if key != "messages"}
        else:
            body = body | {"messages": _in_openai_shape(body)}
    if "contents" in body:
        params = {key: param for key, param in params.items() if key not in ("tools", "instructions")}
    elif not body.get("tools") and not echoed.get("tools") and not params.get("tools"):
        body = body | tools
    call = read_call(echoed | params | body, None)
    return call if call.request is not None else Call(request=Request(messages=read_messages(body)))


def _in_openai_shape(body: dict[str, Json]) -> list[Json]:
    """The messages in OpenAI's shape, unless the vendor's body around them says how to read them."""
    messages: list[Json] = body["messages"]
    is_plain = all(isinstance(message, dict) and "role" in message and "parts" not in message for message in messages)
    return messages if len(body) > 1 and is_plain else list(read_messages(messages))


def _body(value: Json) -> dict[str, Json] | None:
    """A request body around the input; None where it isn't a request."""
    if isinstance(value, str):
        messages = split_transcript(value) or [{"role": "user", "content": value}]
        return {"messages": messages} if value.strip() and value != "null" else None
    if isinstance(value, int | float) and not isinstance(value, bool):  # Langfuse parses text that is JSON
        return _body(str(value))
    if isinstance(value, list):
        return _body_of_list(value)
    if not isinstance(value, dict):
        return None
    if value and value.keys() <= {"args", "kwargs"}:
        return _body_of_arguments(value.get("args"), as_object(value.get("kwargs")))
    if isinstance(value.get("contents"), list | str):
        return value | {"config": object_in(value.get("config"))}  # as Google's SDK is called
    messages = decode(value.get("messages"))
    if isinstance(messages, list):
        messages, tools = _tidy(messages[0] if len(messages) == 1 and isinstance(messages[0], list) else messages)
        return value | {"messages": messages} | ({"tools": tools} if tools and not value.get("tools") else {})
    if isinstance(value.get("input"), list | str) and value["input"]:
        return value
    if isinstance(value.get("role"), str):
        return _body_of_list([value])
    text = _sole_text(value)
    return _body(text) if text and text.strip() else None


def _sole_text(value: dict[str, Json]) -> str | None:
    """The text that is all there is in an object."""
    (key, text), *more = value.items() or [("", None)]
    return text if not more and key in _TEXT_KEYS and isinstance(text, str) else None


def _body_of_list(value: list[Json]) -> dict[str, Json] | None:
    while value and isinstance(value[0], list):
        value = value[0]
    if value and all(isinstance(item, str) for item in value):
        return _body(value[0]) if len(value) == 1 else None
    messages, tools = _tidy(value)
    return {"messages": messages} | ({"tools": tools} if tools else {}) if messages else None


def _body_of_arguments(args: Json, kwargs: dict[str, Json]) -> dict[str, Json] | None:
    """The arguments of a decorated function or of a client's method."""
    if any(kwargs.get(key) for key in _BODY_KEYS):
        return _body(kwargs)
    told = [arg for arg in as_list(args) if arg not in (None, "", [], {})]
    body = _body(told[0]) if len(told) == 1 else None
    return kwargs | body if body else None


def _tidy(messages: list[Json]) -> tuple[list[Json], list[dict[str, Json]]]:
    """Messages as Langfuse's integrations write them, brought to their usual places, and the tools among them.

    Its LangChain handler logs each tool on offer as a message of the role tool, and tool calls in
    ``additional_kwargs``; others log tool calls as the content of a tool's message.
    """
    kept: list[Json] = []
    tools: list[dict[str, Json]] = []
    for message in messages:
        defined = _defined_tool(message) if isinstance(message, dict) else []
        tools += defined
        if not defined:
            kept.append(_tidied(message) if isinstance(message, dict) else message)
    return kept, tools


def _defined_tool(message: dict[str, Json]) -> list[dict[str, Json]]:
    if message.get("role") != "tool" or message.get("tool_call_id"):
        return []
    content = object_in(message.get("content"))
    inner = as_object(content.get("function")) or content
    is_definition = isinstance(inner.get("name"), str) and ("parameters" in inner or "input_schema" in inner)
    return tools_in([content]) if is_definition else []


def _tidied(message: dict[str, Json]) -> dict[str, Json]:
    extra, content = message.get("additional_kwargs"), message.get("content")
    if isinstance(extra, dict):
        calls = {key: extra[key] for key in ("tool_calls", "function_call") if extra.get(key) and not message.get(key)}
        message = {key: value for key, value in message.items() if key != "additional_kwargs"} | calls
    if called := _calls_in(content):
        return {"role": "assistant", "content": None, "tool_calls": called}
    if message.get("role") != "tool" or content is None or isinstance(content, str):
        return message
    is_parts = isinstance(content, list) and all(isinstance(item, dict) and "type" in item for item in content)
    return message if is_parts else message | {"content": as_text(content)}


def _calls_in(content: Json) -> list[Json]:
    """The calls of tools that are all of a message's content, which koog writes as JSON in text."""
    calls = decode(content) if isinstance(content, str) and content.startswith("[{") else content
    is_calls = isinstance(calls, list) and all(at(call, "function", "arguments") is not None for call in calls)
    return calls if is_calls else []


def read_output(value: Json, calls: Json, names: Json) -> Reply:
    """What came back, or the tool calls of the columns where the output itself tells nothing."""
    reply = Reply() if value in _NOTHING else _read_reply(value)
    if reply.error or (reply.answer is not None and not reply.answer.is_empty):
        return reply  # the columns may also hold calls of earlier turns
    told = _told_calls(list_in(calls), list_in(names))
    return replace(reply, answer=replace(reply.answer or Answer(), tool_calls=told)) if told else reply


def _read_reply(value: Json) -> Reply:
    found = decode(value)
    if isinstance(found, str):
        return read_answer(found)
    body = _answer_object(found) if isinstance(found, dict) else _answer_list(found)
    if body is not None:
        return read_answer(body)
    is_text = isinstance(value, str) and not value.lstrip().startswith('"')
    return read_reply(value if is_text else as_text(found))  # Langfuse parses an answer in JSON


def _answer_list(found: Json) -> Json:
    """Messages, or the tool calls of one, as a reply; None where it is neither."""
    while isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        return None
    if all({"name", "arguments"} <= item.keys() for item in found):
        return {"role": "assistant", "content": None, "tool_calls": found}
    if all("toolName" in item for item in found):  # of Vercel's AI SDK
        return {"role": "assistant", "content": None, "tool_calls": [call_of(item, 0) for item in found]}
    if all("role" in item for item in found):
        said = _tidy(found)[0]
        calls = [call for message in said for call in as_list(at(message, "tool_calls"))]
        is_split = len(said) > 1 and all(at(message, "tool_calls") and not at(message, "content") for message in said)
        return {"role": "assistant", "content": None, "tool_calls": calls} if is_split else said
    return found if any(map(_is_reply, found)) else None


def _answer_object(found: dict[str, Json]) -> Json:
    """A response or a message, or the text that is all there is; None where it is neither."""
    content = found.get("content")
    if isinstance(content, dict) and "parts" in content:  # Google's agents log one candidate
        candidate = {"content": content, "finishReason": found.get("finish_reason")}
        return {"candidates": [candidate], "usageMetadata": found.get("usage_metadata")}
    if "additional_kwargs" in found:  # LangChain
        message = _tidied(found)
        return {"role": "assistant"} | {key: message[key] for key in _OF_MESSAGE if message.get(key) is not None}
    return found if _is_reply(found) else _sole_text(found)


def _is_reply(found: dict[str, Json]) -> bool:
    if isinstance(found.get("message"), dict) or isinstance(found.get("messages"), list):
        return True
    return not _OF_REPLY.isdisjoint(found)


def _told_calls(calls: list[Json], names: list[Json]) -> tuple[ToolCall, ...]:
    """From Langfuse's columns: each call as JSON text, and its name beside it."""
    told = []
    for index, text in enumerate(calls):
        call = decode(text)
        inner = as_object(at(call, "function")) or as_object(call)
        name = inner.get("name") or (names[index] if index < len(names) else None)
        if inner and isinstance(name, str):
            arguments = inner.get("arguments", inner.get("args", inner.get("input", "")))
            told.append(ToolCall(name=name, arguments=as_text(arguments)))
    return tuple(told)
