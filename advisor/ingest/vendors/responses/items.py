"""Input and output items of the Responses API as OpenAI chat messages, and what keeps them from being asked again."""

import re
from dataclasses import dataclass, field
from typing import Any

from advisor.ingest.messages.request import ROLES, tool_call
from advisor.ingest.values.json_text import as_list, at
from advisor.types import Json

CALLS = frozenset({"function_call", "custom_tool_call"})
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})
_HOSTED = re.compile(
    r"(web_search|file_search|code_interpreter|computer|image_generation|local_shell|shell|apply_patch|tool_search|mcp)"
    r"(_call|_call_output|_output|_list_tools|_approval_request|_approval_response)"
)
"""The provider's own tools at work."""
BILLED = frozenset({"web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call"})
"""Those of them that are billed beside the tokens of text."""
_PARTS = frozenset({"input_text", "input_image", "input_file", "output_text"})
_DROPPED = frozenset({"reasoning", "compaction_trigger"})
_WHY = {
    "item_reference": "an earlier item is only named by its id, so that the conversation is not whole",
    "compaction": "earlier turns are packed into a form that only their provider reads",
}


def is_item(value: Json) -> bool:
    """Whether only the Responses API has something like this in a conversation."""
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    if isinstance(kind, str) and kind not in ("message", "text"):
        is_reasoning = kind == "reasoning" and ("summary" in value or "encrypted_content" in value)
        return is_reasoning or kind in CALLS | _RESULTS or kind in _WHY or _HOSTED.fullmatch(kind) is not None
    first = next(iter(as_list(value.get("content"))), None)
    return "role" in value and str(at(first, "type")) in _PARTS


@dataclass
class Turns:
    """A conversation as it is put together, item by item."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    tools: list[Json] = field(default_factory=list)
    """That were added in the middle of the conversation, flat."""
    reason: str | None = None
    """Why it cannot be asked again, as far as items tell."""

    def add(self, items: Json, *, role: str = "user") -> "Turns":
        """Take in text, which ``role`` says, or a list of items."""
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, str):
                item = {"role": role, "content": item}
            if item is not None:
                self._add(item)
        return self

    def _add(self, item: Json) -> None:
        if not isinstance(item, dict):
            self.messages.append(item)  # clean_messages says what is wrong with it
            return
        kind = str(item.get("type") or ("message" if "role" in item else "item_reference"))
        if kind in CALLS:
            self._add_call(item)
        elif kind in _RESULTS:
            output = _content(item.get("output"), joined=True)
            self.messages.append({"role": "tool", "tool_call_id": str(item.get("call_id")), "content": output})
        elif kind == "additional_tools":
            self.tools += as_list(item.get("tools"))
        elif kind == "message" or ("role" in item and kind not in _WHY):
            self._add_message(item)
        elif kind not in _DROPPED:
            self.reason = self.reason or _why_not(kind)

    def _add_message(self, item: dict[str, Json]) -> None:
        role = ROLES.get(str(item.get("role")).lower(), item.get("role"))
        content = _content(item.get("content"), joined=role == "assistant")
        last = self.messages[-1] if self.messages else None
        if role == "assistant" and isinstance(last, dict) and last.get("tool_calls") and isinstance(content, str):
            # Chat models want results right after the calls, so a remark between them goes to the calls.
            last["content"] = (last.get("content") or "") + content
            return
        named = {"name": item["name"]} if isinstance(item.get("name"), str) else {}
        kept = {key: item[key] for key in ("tool_calls", "tool_call_id") if item.get(key)}  # some gateways mix dialects
        self.messages.append({"role": role, "content": content} | named | kept)

    def _add_call(self, item: dict[str, Json]) -> None:
        last = self.messages[-1] if self.messages else None
        if not isinstance(last, dict) or last.get("role") != "assistant" or not isinstance(last.get("content"), str):
            last = {"role": "assistant", "content": ""}
            self.messages.append(last)
        last.setdefault("tool_calls", []).append(call_of(item))


def call_of(item: dict[str, Json]) -> dict[str, Json]:
    """An item that calls a tool, as OpenAI's call."""
    given = item.get("arguments", item.get("input"))
    return tool_call(
        item.get("call_id") or item.get("id"), item.get("name") or "", given if isinstance(given, str) else given or {}
    )


def _why_not(kind: str) -> str:
    hosted = _HOSTED.fullmatch(kind)
    if hosted:
        return f"it uses the provider's own tool {hosted[1]!r}, which other models cannot run"
    return _WHY.get(kind, f"it holds an item of the kind {kind!r}, which other models do not take")


def _content(content: Json, *, joined: bool) -> Json:
    """Content as chat parts; with ``joined`` parts that are all text become one text."""
    if not isinstance(content, list):
        return content
    parts = [_part(part) for part in content]
    texts = [text for part in parts if isinstance(text := part if isinstance(part, str) else at(part, "text"), str)]
    return "".join(texts) if joined and len(texts) == len(parts) else parts


def _part(part: Json) -> Json:
    if not isinstance(part, dict):
        return part
    kind = part.get("type")
    if kind in ("input_text", "output_text", "text", "summary_text"):
        return {"type": "text", "text": part.get("text")}
    if kind == "refusal":
        return {"type": "text", "text": part.get("refusal")}
    if kind == "input_image":
        url = part.get("image_url")
        if not url:
            return {"type": "image_file", "image_file": {"file_id": part.get("file_id")}}
        image = url if isinstance(url, dict) else {"url": url}
        detail = part.get("detail")
        return {"type": "image_url", "image_url": image | ({"detail": detail} if detail else {})}
    return part
