"""LangChain's messages and results, as its tracers and its users log them. No API speaks this.

Messages are ``{lc, id, kwargs}``, ``{type, data}``, ``{type, content}`` or pairs of a role and a text.
"""

from dataclasses import replace
from typing import Any

from advisor.ingest.messages.blocks import CALLS, messages_of
from advisor.ingest.messages.reply import Reply, read_reply, response_id_of
from advisor.ingest.messages.request import clean_messages, clean_tool_calls
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.values.json_text import as_list, as_name, as_object, at
from advisor.ingest.vendors import Vendor
from advisor.types import Json

_ROLES = {
    "human": "user", "HumanMessage": "user", "HumanMessageChunk": "user", "ai": "assistant", "AIMessage": "assistant",
    "AIMessageChunk": "assistant", "system": "system", "SystemMessage": "system", "SystemMessageChunk": "system",
    "tool": "tool", "ToolMessage": "tool", "ToolMessageChunk": "tool", "function": "tool", "FunctionMessage": "tool",
    "chat": "chat", "ChatMessage": "chat", "ChatMessageChunk": "chat",
}  # fmt: skip
_PROMPT_VALUES = ("ChatPromptValue", "StringPromptValue", "ChatPromptValueConcrete")


def _is_result(body: Json) -> bool:
    return isinstance(at(body, "generations"), list)


def _is_message(message: Json) -> bool:
    if isinstance(message, list):
        return len(message) == 2 and message[0] in ("human", "ai", "system", "user", "assistant")
    if not isinstance(message, dict):
        return False
    if isinstance(message.get("kwargs"), dict):
        return "id" in message or "lc" in message
    if str(message.get("type")) in _ROLES:
        return isinstance(message.get("data"), dict) or ("role" not in message and "content" in message)
    call = next(iter(as_list(message.get("tool_calls"))), None)
    return isinstance(call, dict) and "args" in call and "content" in message


def _listed(messages: list[Json]) -> list[Json]:
    """The messages, those of prompt values too."""
    listed: list[Json] = []
    for message in messages:
        given = at(message, "kwargs")
        if isinstance(given, dict) and _class_of(message) in _PROMPT_VALUES:
            listed += given.get("messages") or [{"type": "human", "content": given.get("text")}]
        else:
            listed.append(message)
    return listed


def _class_of(message: dict[str, Json]) -> str | None:
    """The name of the class that ``{"id": ["langchain", ..., "HumanMessage"], "kwargs": ...}`` is of."""
    path = as_list(message.get("id"))
    return str(path[-1]) if path else None


def _fields(message: Json) -> dict[str, Any]:
    """What a message says, with OpenAI's ``role``; an object that isn't a message stays as it is."""
    if isinstance(message, list) and len(message) == 2:
        return {"role": _ROLES.get(str(message[0]), message[0]), "content": message[1]}
    if not isinstance(message, dict):
        return {"role": None, "content": message}
    kind, fields = message.get("type"), message
    if isinstance(message.get("kwargs"), dict):
        kind, fields = _class_of(message), message["kwargs"]
        kind = kind if kind in _ROLES else fields.get("type")
    elif isinstance(message.get("data"), dict):
        fields = message["data"]
    role = _ROLES.get(str(kind)) or _ROLES.get(str(fields.get("role"))) or fields.get("role")
    return {**fields, "role": fields.get("role") if role == "chat" else role}


def _openai(message: Json) -> list[dict[str, Json]]:
    """Results of tools by the id of their call; arguments as JSON text."""
    fields = _fields(message)
    calls = clean_tool_calls(fields) or clean_tool_calls(as_object(fields.get("additional_kwargs")))
    names = ("tool_call_id",) if fields["role"] == "assistant" else ("name", "tool_call_id")
    kept = {key: fields[key] for key in names if fields.get(key) is not None}
    content = fields.get("content")
    if isinstance(content, list):
        # The model's own blocks repeat the calls.
        blocks = [item for item in content if not (calls and at(item, "type") in CALLS)]
        messages = messages_of(str(fields["role"]), blocks, kept)
        if calls:
            messages[-1] = messages[-1] | {"tool_calls": calls}
        return messages
    return [{"role": fields["role"], "content": content} | kept | ({"tool_calls": calls} if calls else {})]


def _read_reply(body: Json) -> Reply:
    """Of a result with generations, a message, or the last answer in a list of messages."""
    if _is_result(body):
        return _generated(body)
    messages = [_fields(item) for item in _listed(body if isinstance(body, list) else [body])]
    answers = [fields for fields in messages if fields["role"] == "assistant"]
    return _reply(answers[-1]) if answers else Reply()


def _reply(fields: dict[str, Any]) -> Reply:
    told = as_object(fields.get("response_metadata"))
    reply = _finished(read_reply(_openai(fields)[-1]), told)
    return replace(
        reply,
        usage=read_usage(fields.get("usage_metadata")) or read_usage(told.get("token_usage") or told.get("usage")),
        response_id=response_id_of(told.get("id")) or response_id_of(fields.get("id")),
        model=as_name(told.get("model_name") or told.get("model")),
    )


def _finished(reply: Reply, told: dict[str, Json]) -> Reply:
    return reply.finished(told.get("finish_reason") or told.get("stop_reason") or told.get("done_reason"))


def _generated(body: dict[str, Json]) -> Reply:
    generations = body["generations"]
    while generations and isinstance(generations[0], list):
        generations = generations[0]
    first = generations[0] if generations else None
    if not isinstance(first, dict):
        return Reply(error="the recorded response holds no answer")
    message = first.get("message")
    reply = _reply(_fields(message)) if isinstance(message, dict) else read_reply(str(first.get("text") or ""))
    if reply.answer is not None and reply.answer.finish_reason is None:
        reply = _finished(reply, as_object(first.get("generation_info")))
    output = as_object(body.get("llm_output"))
    return replace(
        reply,
        usage=reply.usage or read_usage(output.get("token_usage") or output.get("usage")),
        response_id=reply.response_id or response_id_of(output.get("id")),
        model=reply.model or as_name(output.get("model_name") or output.get("model")),
    )


VENDOR = Vendor(
    name="langchain",
    rank=20,
    answers=_is_result,
    speaks=lambda messages: any(map(_is_message, messages)),
    read_messages=lambda messages: clean_messages([said for message in _listed(messages) for said in _openai(message)]),
    read_reply=_read_reply,
)
