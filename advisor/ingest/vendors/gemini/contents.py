"""Gemini's contents, made of parts, as OpenAI messages."""

import re
from functools import lru_cache
from typing import Any

from advisor.ingest.messages.blocks import as_text, file_part
from advisor.ingest.messages.request import ROLES, clean_messages
from advisor.types import Json

PARTS = frozenset({
    "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult",
    "inline_data", "file_data", "function_call", "function_response", "executable_code", "code_execution_result",
    "toolCall", "toolResponse", "thought", "thoughtSignature", "thought_signature",
})  # fmt: skip


@lru_cache(maxsize=256)
def snake(name: str) -> str:
    """``topP`` as ``top_p``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def pick(value: Json, name: str) -> Json:
    """The value under a name in Google's camel case or in the snake case of its Python library."""
    if not isinstance(value, dict):
        return None
    return value[name] if value.get(name) is not None else value.get(snake(name))


def read_contents(contents: Json, instruction: Json = None) -> list[dict[str, Json]]:
    """Raises RowRejected when this isn't a conversation. Thoughts are left out: no other vendor takes them."""
    conversation = _Conversation()
    parts = [part for content in as_contents(instruction) for part in _parts_of(content)]
    told = [part.get("text") if isinstance(part, dict) else part for part in parts]
    if texts := [text for text in told if isinstance(text, str) and text]:
        system: Json = texts[0] if len(texts) == 1 else [{"type": "text", "text": text} for text in texts]
        conversation.messages.append({"role": "system", "content": system})
    for content in as_contents(contents):
        conversation.add(content)
    return clean_messages(conversation.messages)


def as_contents(value: Json) -> list[Json]:
    """What the Python library takes for contents: text, a part, a content, or a list of these."""
    if value is None or value == "":
        return []
    if isinstance(value, list) and value and not any(isinstance(one, dict) and "parts" in one for one in value):
        return [{"role": "user", "parts": value}]
    return value if isinstance(value, list) else [value]


class _Conversation:
    """Messages so far, and the calls of tools that have no result yet."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self._open: list[tuple[str, str]] = []
        self._calls = 0

    def add(self, content: Json) -> None:
        """One content, which may make several messages."""
        role = ROLES.get(str(content.get("role") or "user").lower(), "user") if isinstance(content, dict) else "user"
        parts: list[Json] = []
        calls: list[Json] = []
        for part in _parts_of(content):
            if not isinstance(part, dict):
                parts.append({"type": "text", "text": part} if isinstance(part, str) else part)
            elif part.get("thought") is True:
                continue
            elif isinstance(call := pick(part, "functionCall"), dict):
                calls.append(self._call(call))
            elif isinstance(result := pick(part, "functionResponse"), dict):
                self.messages.append(self._result(result))
                shown = result.get("parts")
                parts += [read_part(one) for one in shown if isinstance(one, dict)] if isinstance(shown, list) else []
            elif (read := read_part(part)) is not None:
                parts.append(read)
        if parts or calls:
            role = "user" if role == "tool" else role
            text = _joined(parts) if role == "assistant" else None
            message: dict[str, Json] = {"role": role, "content": parts if text is None else text or None}
            self.messages.append(message | ({"tool_calls": calls} if calls else {}))

    def _call(self, call: dict[str, Json]) -> Json:
        name, identity = str(call.get("name") or ""), str(call.get("id") or f"call_{self._calls}")
        self._calls += 1
        self._open.append((name, identity))
        return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments_of(call)}}

    def _result(self, result: dict[str, Json]) -> Json:
        name = str(result.get("name") or "")
        of_name = next((at for at, (called, _) in enumerate(self._open) if called == name), None)
        given = result.get("id")
        at = next((at for at, (_, identity) in enumerate(self._open) if identity == given), of_name)
        identity = self._open.pop(at)[1] if at is not None else str(given or f"call_{name}")
        return {"role": "tool", "tool_call_id": identity, "content": as_text(result.get("response", ""))}


def arguments_of(call: dict[str, Json]) -> str:
    """The arguments of a function call as JSON text."""
    return as_text(call["args"] if call.get("args") is not None else {})


def read_part(part: dict[str, Json]) -> Json:
    """A text or a file as OpenAI's part; None where there is nothing to send."""
    if isinstance(part.get("text"), str):
        return {"type": "text", "text": part["text"]}
    if isinstance(blob := pick(part, "inlineData"), dict):
        return file_part(str(pick(blob, "mimeType") or ""), blob.get("data"))
    if isinstance(linked := pick(part, "fileData"), dict):
        kind, url = str(pick(linked, "mimeType") or ""), str(pick(linked, "fileUri") or "")
        if kind.startswith("image/"):
            return {"type": "image_url", "image_url": {"url": url}}
        is_video = kind.startswith("video/") or "youtu" in url
        return {"type": "video_url" if is_video else "audio" if kind.startswith("audio/") else "file", "url": url}
    name = next((key for key in part if key not in ("thoughtSignature", "thought_signature", "text")), None)
    return {"type": snake(name)} if name else None


def _parts_of(content: Json) -> list[Any]:
    parts = content["parts"] if isinstance(content, dict) and "parts" in content else content
    return parts if isinstance(parts, list) else [] if parts is None else [parts]


def _joined(parts: list[Json]) -> str | None:
    """The text of parts that are all text; None when one is something else."""
    if all(isinstance(part, dict) and part.get("type") == "text" for part in parts):
        return "".join(part["text"] for part in parts)
    return None
