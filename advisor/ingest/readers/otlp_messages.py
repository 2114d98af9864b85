"""Messages as attributes hold them, brought to what bodies.read_messages and bodies.read_answer take."""

from advisor.ingest.messages.reply import Reply
from advisor.ingest.records import bodies
from advisor.ingest.values.json_text import decode
from advisor.types import Json

_BLOCK = frozenset({"type", "text", "toolUse", "toolResult", "image", "functionCall", "functionResponse"})


def content_of(content: Json) -> Json:
    """Text as it is; a list of a vendor's content blocks that was written as JSON as that list."""
    if not isinstance(content, str) or not content.startswith("["):
        return content
    blocks = decode(content)
    if not isinstance(blocks, list) or not blocks:
        return content
    is_blocks = all(isinstance(block, dict) and not _BLOCK.isdisjoint(block) for block in blocks)
    return blocks if is_blocks else content


def system_messages(system: Json) -> list[dict[str, Json]]:
    """System instructions, which are a list of parts, of messages or plain text, as messages."""
    if isinstance(system, str):
        return [{"role": "system", "content": system}] if system.strip() else []
    parts = system if isinstance(system, list) else [system] if isinstance(system, dict) else []
    if any(isinstance(part, dict) and "role" in part for part in parts):
        return bodies.read_messages(parts)
    texts = [part if isinstance(part, str) else _text(part) for part in parts]
    text = "\n".join(text for text in texts if text)
    return [{"role": "system", "content": text}] if text else []


def _text(part: Json) -> str | None:
    text = part.get("content", part.get("text")) if isinstance(part, dict) else None
    return text if isinstance(text, str) else None


def link_results(messages: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Give results of tools that do not name their call the ids of the calls before them, in order.

    Many instrumentations log neither; calls without an id get one.
    """
    open_calls: list[tuple[str, str]] = []
    linked: list[dict[str, Json]] = []
    for number, message in enumerate(messages):
        calls = message.get("tool_calls")
        if isinstance(calls, list) and calls:
            calls = [
                call | {"id": call.get("id") or f"call_{number}_{index}"}
                for index, call in enumerate(calls)
                if isinstance(call, dict)
            ]
            message = message | {"tool_calls": calls}
            open_calls = [(call["id"], _name(call)) for call in calls]
        elif message.get("role") in ("tool", "function") and open_calls:
            told = message.get("tool_call_id")
            named = next((call for call in open_calls if call[0] == told), None) or next(
                (call for call in open_calls if call[1] == message.get("name")), open_calls[0]
            )
            if not told:
                message = message | {"tool_call_id": named[0]}
            open_calls.remove(named)
        linked.append(message)
    return linked


def _name(call: dict[str, Json]) -> str:
    function = call.get("function")
    return str((function if isinstance(function, dict) else call).get("name"))


def reply_of(message: dict[str, Json], reason: Json = None) -> Reply:
    """What came back, from one message of the assistant with calls of tools in OpenAI's shape."""
    reason = reason[0] if isinstance(reason, list) and reason else reason
    reason = reason if isinstance(reason, str) and reason else None
    spoken = {"role": "assistant"} | message
    return bodies.read_answer({"choices": [{"index": 0, "message": spoken, "finish_reason": reason}]})
