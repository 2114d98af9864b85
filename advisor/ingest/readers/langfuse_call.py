"""What a Langfuse generation was asked and answered: the integrations log it in a dozen shapes."""

from dataclasses import dataclass, replace
from typing import Any

import orjson

from advisor.ingest.messages.chat_templates import split_transcript
from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.langfuse_params import tools_in
from advisor.ingest.records.bodies import read_answer, read_call, read_messages
from advisor.ingest.values.json_text import decode
from advisor.types import Answer, Json, Request, ToolCall

NO_INPUT = "the export does not hold what the model was asked (Langfuse leaves it out of large traces)"
_UNKNOWN = "the logged input isn't a conversation, so the prompt is unknown"
_BODY_KEYS = ("messages", "contents", "input", "prompt")
_TEXT_KEYS = ("prompt", "question", "query", "text", "message", "content", "answer", "response", "output", "completion")
_CONFIG_NAMES = {
    "system_instruction": "systemInstruction", "tools": "tools", "tool_config": "toolConfig",
    "temperature": "temperature", "top_p": "topP", "top_k": "topK", "max_output_tokens": "maxOutputTokens",
    "stop_sequences": "stopSequences", "seed": "seed", "response_mime_type": "responseMimeType",
    "response_schema": "responseSchema", "response_json_schema": "responseJsonSchema",
    "presence_penalty": "presencePenalty", "frequency_penalty": "frequencyPenalty",
}  # fmt: skip
_BESIDE_CONFIG = ("systemInstruction", "tools", "toolConfig")
_ECHOED = (
    "instructions", "tools", "tool_choice", "parallel_tool_calls", "temperature", "top_p", "max_output_tokens", "text",
    "reasoning", "previous_response_id",
)  # fmt: skip
_OF_REPLY = frozenset({
    "role", "choices", "candidates", "object", "generations", "tool_calls", "function_call", "stop_reason", "kwargs",
    "parts", "usage_metadata", "response_metadata",
})  # fmt: skip
_OF_MESSAGE = ("role", "content", "tool_calls", "function_call")
_OF_REQUEST = frozenset({
    "messages", "contents", "input", "prompt", "model", "system", "tools", "tool_choice", "functions", "function_call",
    "response_format", "parallel_tool_calls", "temperature", "top_p", "top_k", "min_p", "max_tokens",
    "max_completion_tokens", "max_output_tokens", "stop", "stop_sequences", "seed", "frequency_penalty",
    "presence_penalty", "repetition_penalty", "logit_bias", "logprobs", "top_logprobs", "reasoning_effort", "verbosity",
    "modalities", "web_search_options", "thinking", "output_config", "output_format", "instructions", "text",
    "reasoning", "previous_response_id", "conversation", "systemInstruction", "toolConfig", "generationConfig",
})  # fmt: skip
"""Clients and decorators log more: keys, time-outs, names of traces."""
_OF_RESPONSES = frozenset({"instructions", "text", "reasoning", "previous_response_id"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The request as far as it is known."""

    request: Request
    not_replayable: str | None = None
    model: Json = None


def read_asked(value: Json, params: dict[str, Json], tools: dict[str, Json], output: Json) -> Asked:
    """The request of a generation from its input, its model parameters and the tools found elsewhere.

    ``output`` is looked at because a Responses object repeats the instructions and the tools of its request.
    """
    try:
        body = _body(decode(value))
        if body is None:
            return Asked(request=Request(messages=[]), not_replayable=NO_INPUT if _is_missing(value) else _UNKNOWN)
        return _read_body(body, params, tools, decode(output))
    except RowRejected as rejected:  # it was a call all the same
        return Asked(request=Request(messages=[]), not_replayable=f"what was asked cannot be read: {rejected}")


def _is_missing(value: Json) -> bool:
    return value is None or value in ("", "null", "undefined", [], {})


def _read_body(body: dict[str, Json], params: dict[str, Json], tools: dict[str, Json], output: Json) -> Asked:
    body = {key: value for key, value in body.items() if key in _OF_REQUEST}
    echoed: dict[str, Json] = {}
    if isinstance(output, dict) and output.get("object") == "response":
        echoed = {key: output[key] for key in _ECHOED if output.get(key) not in (None, [], {})}
    if "messages" in body:
        if echoed or not _OF_RESPONSES.isdisjoint(params):
            body = {"input": body["messages"]} | {key: body[key] for key in body if key != "messages"}
        else:
            body = body | {"messages": _in_openai_shape(body)}
    if "contents" in body:
        params = {key: param for key, param in params.items() if key not in ("tools", "instructions")}
    elif not body.get("tools") and not echoed.get("tools") and not params.get("tools"):
        body = body | tools
    call = read_call(echoed | params | body, None)
    if call.request is None:
        return Asked(request=Request(messages=read_messages(body)))
    return Asked(request=call.request, not_replayable=call.not_replayable, model=call.model)


def _in_openai_shape(body: dict[str, Json]) -> list[Json]:
    """The messages in OpenAI's shape, unless the vendor's body around them says how to read them."""
    messages: list[Json] = body["messages"]
    is_wrapped = len(body.keys() - {"messages"}) > 0
    is_plain = all(isinstance(message, dict) and "role" in message and "parts" not in message for message in messages)
    return messages if is_wrapped and is_plain else list(read_messages(messages))


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
    if ("args" in value or "kwargs" in value) and value.keys() <= {"args", "kwargs"}:
        return _body_of_arguments(value.get("args"), value.get("kwargs"))
    if isinstance(value.get("contents"), list | str):
        return _gemini_body(value)
    messages = decode(value.get("messages"))
    if isinstance(messages, list):
        messages, tools = tidy(messages[0] if len(messages) == 1 and isinstance(messages[0], list) else messages)
        return value | {"messages": messages} | ({"tools": tools} if tools and not value.get("tools") else {})
    if isinstance(value.get("input"), list | str) and value["input"]:
        return value
    if isinstance(value.get("role"), str):
        return _body_of_list([value])
    texts = [value[key] for key in _TEXT_KEYS if isinstance(value.get(key), str) and value[key].strip()]
    return _body(texts[0]) if len(texts) == 1 and len(value) == 1 else None


def _body_of_list(value: list[Json]) -> dict[str, Json] | None:
    while value and isinstance(value[0], list):
        value = value[0]
    if value and all(isinstance(item, str) for item in value):
        return _body(value[0]) if len(value) == 1 else None
    messages, tools = tidy(value)
    if not messages:
        return None
    return {"messages": messages} | ({"tools": tools} if tools else {})


def _body_of_arguments(args: Json, kwargs: Json) -> dict[str, Json] | None:
    """The arguments of a decorated function or of a client's method."""
    if isinstance(kwargs, dict) and any(kwargs.get(key) for key in _BODY_KEYS):
        return _body(kwargs)
    told = [arg for arg in args if arg not in (None, "", [], {})] if isinstance(args, list) else []
    body = _body(told[0]) if len(told) == 1 else None
    return (kwargs if isinstance(kwargs, dict) else {}) | body if body else None


def _gemini_body(value: dict[str, Json]) -> dict[str, Json]:
    """Google's SDK calls with ``{model, contents, config}``; its API takes the configuration in three places."""
    contents = value["contents"]
    body: dict[str, Any] = {key: value[key] for key in value if key != "config"}
    if isinstance(contents, str):
        body["contents"] = [{"role": "user", "parts": [{"text": contents}]}]
    config = decode(value.get("config"))
    settings: dict[str, Json] = {}
    for key, setting in config.items() if isinstance(config, dict) else ():
        name: str = _CONFIG_NAMES.get(key) or str(key)
        if setting is not None and name in _CONFIG_NAMES.values():
            (body if name in _BESIDE_CONFIG else settings)[name] = setting
    instruction = body.get("systemInstruction")
    if isinstance(instruction, str):
        body["systemInstruction"] = {"parts": [{"text": instruction}]}
    return body | ({"generationConfig": settings} if settings else {})


def tidy(messages: list[Json]) -> tuple[list[Json], list[dict[str, Json]]]:
    """Messages as Langfuse's integrations write them, brought to their usual places, and the tools among them.

    Its LangChain handler logs each tool on offer as a message of the role tool, and tool calls in
    ``additional_kwargs``; others log tool calls as the content of a tool's message.
    """
    kept: list[Json] = []
    tools: list[dict[str, Json]] = []
    for message in messages:
        if not isinstance(message, dict):
            kept.append(message)
            continue
        defined = _defined_tool(message)
        if defined:
            tools += defined
        else:
            kept.append(_tidied(message))
    return kept, tools


def _defined_tool(message: dict[str, Json]) -> list[dict[str, Json]]:
    content = decode(message.get("content"))
    if message.get("role") != "tool" or message.get("tool_call_id") or not isinstance(content, dict):
        return []
    inner: dict[str, Json] = content["function"] if isinstance(content.get("function"), dict) else content
    is_definition = isinstance(inner.get("name"), str) and any(key in inner for key in ("parameters", "input_schema"))
    return tools_in([content]) if is_definition else []


def _tidied(message: dict[str, Json]) -> dict[str, Json]:
    extra, content = message.get("additional_kwargs"), message.get("content")
    if isinstance(extra, dict):
        calls = {key: extra[key] for key in ("tool_calls", "function_call") if extra.get(key) and not message.get(key)}
        message = {key: value for key, value in message.items() if key != "additional_kwargs"} | calls
    if message.get("role") != "tool" or content is None or isinstance(content, str):
        return message
    if isinstance(content, list) and content and all(_is_call(item) for item in content):
        return {"role": "assistant", "content": None, "tool_calls": content}
    is_parts = isinstance(content, list) and all(isinstance(item, dict) and "type" in item for item in content)
    return message if is_parts else message | {"content": orjson.dumps(content).decode()}


def _is_call(item: Json) -> bool:
    function = item.get("function") if isinstance(item, dict) else None
    return isinstance(function, dict) and "arguments" in function


def read_output(value: Json, calls: Json, names: Json) -> Reply:
    """What came back, or the tool calls of the columns where the output itself tells nothing."""
    reply = Reply() if _is_missing(value) else _read_reply(value)
    if reply.error or (reply.answer is not None and not reply.answer.is_empty):
        return reply  # the columns may also hold calls of earlier turns
    told = _told_calls(decode(calls), decode(names))
    return replace(reply, answer=replace(reply.answer or Answer(), tool_calls=told)) if told else reply


def _read_reply(value: Json) -> Reply:
    found = decode(value)
    if isinstance(found, str):
        return read_answer(found)
    body = _answer_object(found) if isinstance(found, dict) else _answer_list(found)
    if body is not None:
        return read_answer(body)
    is_text = isinstance(value, str) and not value.lstrip().startswith('"')
    return read_reply(value if is_text else orjson.dumps(found).decode())  # Langfuse parses an answer in JSON


def _answer_list(found: Json) -> Json:
    """Messages, or the tool calls of one, as a reply; None where it is neither."""
    while isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        return None
    if all({"name", "arguments"} <= item.keys() for item in found):
        return {"role": "assistant", "content": None, "tool_calls": found}
    if all("role" in item for item in found):
        return tidy(found)[0]
    return found if any(_is_reply(item) for item in found) else None


def _answer_object(found: dict[str, Json]) -> Json:
    """A response or a message, or the text that is all there is; None where it is neither."""
    content = found.get("content")
    if isinstance(content, dict) and "parts" in content:  # Google's agents log one candidate
        candidate = {"content": content, "finishReason": found.get("finish_reason")}
        return {"candidates": [candidate], "usageMetadata": found.get("usage_metadata")}
    if "additional_kwargs" in found:  # LangChain
        message = _tidied(found)
        return {"role": "assistant"} | {key: message[key] for key in _OF_MESSAGE if message.get(key) is not None}
    if _is_reply(found):
        return found
    (key, text), *more = found.items()
    return text if not more and key in _TEXT_KEYS and isinstance(text, str) else None


def _is_reply(found: dict[str, Json]) -> bool:
    if isinstance(found.get("message"), dict) or isinstance(found.get("messages"), list):
        return True
    return not _OF_REPLY.isdisjoint(found)


def _told_calls(calls: Json, names: Json) -> tuple[ToolCall, ...]:
    """From Langfuse's columns: each call as JSON text, and its name beside it."""
    told = []
    for index, text in enumerate(calls if isinstance(calls, list) else ()):
        call = decode(text)
        inner = call.get("function") if isinstance(call, dict) and isinstance(call.get("function"), dict) else call
        if not isinstance(inner, dict):
            continue
        name = inner.get("name") or (names[index] if isinstance(names, list) and index < len(names) else None)
        arguments: Json = inner.get("arguments", inner.get("args", inner.get("input", "")))
        if isinstance(name, str):
            text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
            told.append(ToolCall(name=name, arguments=text))
    return tuple(told)
