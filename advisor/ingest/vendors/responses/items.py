"""Items of the Responses API: those of a request as OpenAI's messages; a response, or its events, as a Reply."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from advisor.ingest.messages.reply import CUT_OFF, Reply, answer_of, cost_in, failed, finish_reason_of
from advisor.ingest.messages.request import ROLES
from advisor.ingest.messages.tools import tool_call
from advisor.ingest.messages.usage import read_usage, with_beside_text
from advisor.ingest.values.json_text import as_list, as_name, as_objects, at
from advisor.types import Answer, Json, ToolCall

_CALLS = frozenset({"function_call", "custom_tool_call"})
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})
_HOSTED = re.compile(
    r"(web_search|file_search|code_interpreter|computer|image_generation|local_shell|shell|apply_patch|tool_search|mcp)"
    r"(_call|_call_output|_output|_list_tools|_approval_request|_approval_response)"
)
"""The provider's own tools at work."""
_BILLED = frozenset({"web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call"})
"""Those of them that are billed beside the tokens of text."""
_PARTS = frozenset({"input_text", "input_image", "input_file", "output_text"})
_DROPPED = frozenset({"reasoning", "compaction_trigger"})
_WHY = {
    "item_reference": "an earlier item is only named by its id, so that the conversation is not whole",
    "compaction": "earlier turns are packed into a form that only their provider reads",
}
_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_UNFINISHED = ("in_progress", "queued")
_BLAMES_REQUEST = ("invalid", "image_", "unsupported", "empty_image", "bio_policy", "misalignment_policy")


def is_item(value: Json) -> bool:
    """Whether only the Responses API has something like this in a conversation."""
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    if isinstance(kind, str) and kind not in ("message", "text"):
        is_reasoning = kind == "reasoning" and ("summary" in value or "encrypted_content" in value)
        return is_reasoning or kind in _CALLS | _RESULTS or kind in _WHY or _HOSTED.fullmatch(kind) is not None
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
        if kind in _CALLS:
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
        last.setdefault("tool_calls", []).append(_call_of(item))


def _call_of(item: dict[str, Json]) -> dict[str, Json]:
    """An item that calls a tool, as OpenAI's call."""
    given = item.get("arguments", item.get("input"))
    return tool_call(
        item.get("call_id") or item.get("id"), item.get("name") or "", given if isinstance(given, str) else given or {}
    )


def _why_not(kind: str) -> str:
    hosted = _HOSTED.fullmatch(kind)
    if hosted:
        return f"it uses the provider's own tool {hosted[1]!r}, which other models can't run"
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


def is_event(value: Json) -> bool:
    """Whether this is an event of a stream of the Responses API."""
    return str(at(value, "type")).startswith("response.")


def read_response(response: dict[str, Json]) -> Reply:
    """Understand a response object, also one that failed, was cut short or only has its output."""
    usage, identity = response.get("usage"), response.get("id")
    counts = read_usage(usage)
    more = any(str(item.get("type")) in _BILLED for item in as_objects(response.get("output")))
    is_whole = response.get("object") == "response" or str(identity).startswith("resp_")
    reply = Reply(
        answer=_answer(response),
        usage=with_beside_text(counts) if more else counts,
        cost_usd=cost_in(usage),
        response_id=as_name(identity) if is_whole else None,
        model=as_name(response.get("model")),
        created=response.get("created_at"),
        service_tier=as_name(response.get("service_tier")),
    )
    if response.get("error"):
        return _failed(reply, response["error"])
    status = response.get("status")
    if status in ("failed", "cancelled"):
        return replace(reply, error=f"the response is logged as {status}")
    if status in _UNFINISHED:
        return replace(reply, error="the response had not finished when it was logged")
    return reply


def _failed(reply: Reply, error: Json) -> Reply:
    """The reply with the error of a response object or of an event."""
    general = failed(error)
    code = str(error.get("code") or error.get("type")) if isinstance(error, dict) else ""
    is_refused = general.is_refused or code.startswith(_BLAMES_REQUEST)
    return replace(reply, error=general.error, status=general.status, is_refused=is_refused)


def _answer(response: dict[str, Json]) -> Answer | None:
    items = as_objects(response.get("output"))
    parts = [part for item in items if item.get("type", "message") == "message" for part in _parts(item.get("content"))]
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    refusals = [part["refusal"] for part in parts if isinstance(part.get("refusal"), str)]
    if not texts and isinstance(response.get("output_text"), str):
        texts = [response["output_text"]]  # some dumps keep what the vendor's library works out
    calls = [ToolCall(**_call_of(item)["function"]) for item in items if str(item.get("type")) in _CALLS]
    return answer_of("".join(texts) or "".join(refusals), calls, _finish_reason(response, bool(calls)))


def _parts(content: Json) -> list[dict[str, Json]]:
    return [{"text": content}] if isinstance(content, str) else as_objects(content)


def _finish_reason(response: dict[str, Json], has_calls: bool) -> str | None:
    cause = at(response, "incomplete_details", "reason")
    if response.get("status") == "incomplete" or cause:
        return finish_reason_of(str(cause or "length"))
    if response.get("status") == "completed":
        return "tool_calls" if has_calls else "stop"
    return None


def response_of(events: list[Json]) -> tuple[dict[str, Json], Json]:
    """The response object that a stream tells, put together from pieces where it was torn, and an error event's error.

    The object is marked incomplete by ``status`` in_progress when its last event is missing.
    """
    merged = _Merged()
    for event in events:
        if isinstance(event, dict):
            merged.add(event)
    return merged.response(), merged.error


def read_events(events: list[Json]) -> Reply:
    """Merge the events of one stream, also when it stops in the middle."""
    response, error = response_of(events)
    if error:
        return _failed(read_response(response | {"error": None}), error)
    if response.get("status") not in _UNFINISHED:
        return read_response(response)
    reply = read_response(response | {"status": None})
    return replace(reply, error=CUT_OFF)


@dataclass
class _Merged:
    """A stream as far as it has come."""

    base: dict[str, Json] = field(default_factory=dict)
    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    error: Json = None

    def add(self, event: dict[str, Json]) -> None:
        """Take in one event."""
        kind = str(event.get("type"))
        if kind == "error":
            self.error = self.error or event.get("error") or event
            return
        if isinstance(event.get("response"), dict):
            known = self.base if self.base.get("status") not in (None, *_UNFINISHED) else {}
            self.base = event["response"] | known
            if kind in _LAST_EVENTS:
                self.base.setdefault("status", kind.removeprefix("response."))
            return
        index = event["output_index"] if isinstance(event.get("output_index"), int) else 0
        if kind in ("response.output_item.added", "response.output_item.done") and isinstance(event.get("item"), dict):
            self.items[index] = dict(event["item"])
        elif kind.endswith(".delta") and isinstance(event.get("delta"), str):
            self._add_delta(kind, index, event["delta"])

    def _add_delta(self, kind: str, index: int, delta: str) -> None:
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            item = self.items.setdefault(index, {"type": "message"})
            key = "text" if kind == "response.output_text.delta" else "refusal"
            item["content"] = [*as_list(item.get("content")), {key: delta}]
        elif kind == "response.function_call_arguments.delta":
            item = self.items.setdefault(index, {"type": "function_call"})
            item["arguments"] = str(item.get("arguments") or "") + delta

    def response(self) -> dict[str, Json]:
        """The last response object, its output from the pieces where it has none."""
        pieces = [self.items[index] for index in sorted(self.items)]
        response = {"object": "response", "status": "in_progress"} | self.base
        return response if response.get("output") else response | {"output": pieces}
