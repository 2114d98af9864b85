"""Helicone's own form of a call, which it keeps beside the vendor's bodies: ``llmSchema``."""

from typing import Any

from advisor.ingest.messages.reply import Reply
from advisor.ingest.readers.pieces import read_request_apart
from advisor.ingest.records.bodies import Call, read_answer
from advisor.types import Json

_CHOICES = {"any": "required", "auto": "auto", "none": "none"}


def read_schema(schema: dict[str, Json]) -> Call:
    """Understand one schema; its request is None where it holds no conversation."""
    asked, came = schema.get("request"), schema.get("response")
    if not isinstance(asked, dict):
        return Call(request=None, not_replayable=None, reply=Reply())
    messages = [_message(item) for item in _listed(asked.get("messages"))]
    given: Json = messages or asked.get("prompt")
    if not given:
        return Call(request=None, not_replayable=None, reply=_reply(came))
    instructions = asked.get("instructions")
    if isinstance(instructions, str) and instructions and messages:
        given = [{"role": "system", "content": instructions}, *messages]
    params = asked | {"tools": _tools(asked.get("tools")), "tool_choice": _choice(asked.get("tool_choice"))}
    request, reason = read_request_apart(given, {key: value for key, value in params.items() if key != "messages"})
    return Call(request=request, not_replayable=reason, reply=_reply(came), model=asked.get("model"))


def _reply(came: Json) -> Reply:
    if not isinstance(came, dict):
        return Reply()
    if came.get("error"):
        error = came["error"]
        told = error.get("heliconeMessage", error) if isinstance(error, dict) else error
        return Reply(error=str(told.get("message", told) if isinstance(told, dict) else told))
    answers = _listed(came.get("messages")) or _listed(came.get("responses"))
    return read_answer(_message(answers[-1]) | {"role": "assistant"}) if answers else Reply()


def _message(item: dict[str, Any]) -> dict[str, Json]:
    kind, parts = item.get("_type"), _listed(item.get("contentArray"))
    content: Json = [_part(part) for part in parts] if parts else item.get("content", item.get("text"))
    if kind == "image" and not parts:
        content = [_part(item)]
    if kind == "function":
        return {"role": "tool", "content": content, "tool_call_id": item.get("tool_call_id")}
    message: dict[str, Json] = {"role": item.get("role") or "user", "content": content}
    calls = _listed(item.get("tool_calls"))
    if calls:
        message |= {"role": "assistant", "tool_calls": calls, "content": content or None}
    elif item.get("tool_call_id"):
        message |= {"role": "tool", "tool_call_id": item["tool_call_id"]}
    return message


def _part(item: dict[str, Any]) -> dict[str, Json]:
    if item.get("_type") == "image" or item.get("image_url"):
        return {"type": "image_url", "image_url": {"url": item.get("image_url") or item.get("content")}}
    if item.get("_type") in ("file", "audio"):
        return {"type": str(item["_type"])}
    return {"type": "text", "text": item.get("content") or item.get("text") or ""}


def _tools(tools: Json) -> Json:
    return [tool if "function" in tool else {"type": "function", "function": tool} for tool in _listed(tools)] or None


def _choice(choice: Json) -> Json:
    if not isinstance(choice, dict):
        return choice
    if choice.get("name"):
        return {"type": "function", "function": {"name": choice["name"]}}
    return _CHOICES.get(str(choice.get("type")))


def _listed(value: Json) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
