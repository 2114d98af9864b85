"""LangChain's messages and results, as its tracers and its users log them. No API speaks this."""

from dataclasses import dataclass, replace
from typing import Any

from advisor.ingest.messages.blocks import CALLS, messages_of
from advisor.ingest.messages.reply import Reply, read_reply, response_id_of
from advisor.ingest.messages.request import clean_messages, clean_tool_calls
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import RowRejected
from advisor.ingest.vendors.anthropic.reply import FINISH_REASONS
from advisor.types import Json, Request

_ROLES = {
    "human": "user", "HumanMessage": "user", "HumanMessageChunk": "user", "ai": "assistant", "AIMessage": "assistant",
    "AIMessageChunk": "assistant", "system": "system", "SystemMessage": "system", "SystemMessageChunk": "system",
    "tool": "tool", "ToolMessage": "tool", "ToolMessageChunk": "tool", "function": "tool", "FunctionMessage": "tool",
    "chat": "chat", "ChatMessage": "chat", "ChatMessageChunk": "chat",
}  # fmt: skip
_PROMPT_VALUES = ("ChatPromptValue", "StringPromptValue", "ChatPromptValueConcrete")


@dataclass(frozen=True)
class LangChain:
    """Messages as ``{lc, id, kwargs}``, ``{type, data}``, ``{type, content}`` or pairs of a role and a text."""

    name: str = "langchain"
    rank: int = 20

    def asks(self, body: dict[str, Json]) -> bool:
        """Never: these are no bodies of an API."""
        return False

    def answers(self, body: Json) -> bool:
        """A result with its generations."""
        return isinstance(body, dict) and isinstance(body.get("generations"), list)

    def speaks(self, messages: list[Json]) -> bool:
        """Any message in a shape of LangChain's."""
        return any(_is_pair(message) or (isinstance(message, dict) and _is_message(message)) for message in messages)

    def read_request(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        """Not to be called: see ``asks``."""
        raise RowRejected("LangChain has no request bodies")

    def read_messages(self, messages: list[Json]) -> list[dict[str, Json]]:
        """Results of tools by the id of their call; arguments as JSON text."""
        return clean_messages([found for message in _listed(messages) for found in _openai(message)])

    def read_reply(self, body: Json) -> Reply:
        """Of a result with generations, a message, or the last answer in a list of messages."""
        if isinstance(body, dict) and isinstance(body.get("generations"), list):
            return _generated(body)
        messages = [_fields(item) for item in _listed(body if isinstance(body, list) else [body])]
        answers = [fields for fields in messages if fields.get("role") == "assistant"]
        return _reply(answers[-1]) if answers else Reply()


def _is_message(message: dict[str, Json]) -> bool:
    if isinstance(message.get("kwargs"), dict):
        return "id" in message or "lc" in message
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _ROLES:
        return _has_call_args(message)
    return isinstance(message.get("data"), dict) or ("role" not in message and "content" in message)


def _has_call_args(message: dict[str, Json]) -> bool:
    calls = message.get("tool_calls")
    first = calls[0] if isinstance(calls, list) and calls else None
    return isinstance(first, dict) and "args" in first and "content" in message


def _is_pair(message: Json) -> bool:
    return (
        isinstance(message, list) and len(message) == 2 and message[0] in ("human", "ai", "system", "user", "assistant")
    )


def _listed(messages: list[Json]) -> list[Json]:
    """The messages, those of prompt values too."""
    listed: list[Json] = []
    for message in messages:
        if isinstance(message, dict) and _class_of(message) in _PROMPT_VALUES and isinstance(message["kwargs"], dict):
            given = message["kwargs"]
            listed += given.get("messages") or [{"type": "human", "content": given.get("text")}]
        else:
            listed.append(message)
    return listed


def _class_of(message: dict[str, Json]) -> str | None:
    """The name of the class that ``{"id": ["langchain", ..., "HumanMessage"], "kwargs": ...}`` is of."""
    path = message.get("id")
    return str(path[-1]) if isinstance(path, list) and path and "kwargs" in message else None


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
    fields = _fields(message)
    calls = _calls(fields)
    kept = {key: fields[key] for key in ("name", "tool_call_id") if fields.get(key) is not None}
    if fields.get("role") == "assistant":
        kept.pop("name", None)
    content = fields.get("content")
    if isinstance(content, list):
        # The model's own blocks repeat the calls.
        blocks = [item for item in content if not (calls and isinstance(item, dict) and item.get("type") in CALLS)]
        messages = messages_of(str(fields.get("role")), blocks, kept)
        if calls:
            messages[-1] = messages[-1] | {"tool_calls": calls}
        return messages
    return [{"role": fields.get("role"), "content": content} | kept | ({"tool_calls": calls} if calls else {})]


def _calls(fields: dict[str, Any]) -> list[dict[str, Json]]:
    extra = fields.get("additional_kwargs")
    return clean_tool_calls(fields) or (clean_tool_calls(extra) if isinstance(extra, dict) else [])


def _reply(fields: dict[str, Any]) -> Reply:
    messages = _openai(fields)
    told = fields.get("response_metadata")
    told = told if isinstance(told, dict) else {}
    reason = told.get("finish_reason") or told.get("stop_reason") or told.get("done_reason")
    reply = read_reply(messages[-1])
    if reply.answer is not None and isinstance(reason, str):
        reply = replace(reply, answer=replace(reply.answer, finish_reason=FINISH_REASONS.get(reason, reason)))
    model = told.get("model_name") or told.get("model")
    return replace(
        reply,
        usage=read_usage(fields.get("usage_metadata")) or read_usage(told.get("token_usage") or told.get("usage")),
        response_id=response_id_of(told.get("id")) or response_id_of(fields.get("id")),
        model=model if isinstance(model, str) and model else None,
    )


def _generated(body: dict[str, Json]) -> Reply:
    generations = body["generations"]
    while generations and isinstance(generations[0], list):
        generations = generations[0]
    first = generations[0] if generations and isinstance(generations[0], dict) else None
    if first is None:
        return Reply(error="the recorded response holds no answer")
    message = first.get("message")
    reply = _reply(_fields(message)) if isinstance(message, dict) else read_reply(str(first.get("text") or ""))
    told = first.get("generation_info")
    reason = told.get("finish_reason") or told.get("stop_reason") if isinstance(told, dict) else None
    if reply.answer is not None and reply.answer.finish_reason is None and isinstance(reason, str):
        reply = replace(reply, answer=replace(reply.answer, finish_reason=FINISH_REASONS.get(reason, reason)))
    output = body.get("llm_output")
    output = output if isinstance(output, dict) else {}
    model = output.get("model_name") or output.get("model")
    return replace(
        reply,
        usage=reply.usage or read_usage(output.get("token_usage") or output.get("usage")),
        response_id=reply.response_id or response_id_of(output.get("id")),
        model=reply.model or (model if isinstance(model, str) and model else None),
    )


VENDOR = LangChain()
