"""What the Responses API gives back: a response object, the events of its stream, or bare output items."""

from dataclasses import dataclass, field, replace
from typing import Any

from advisor.ingest.messages.reply import CUT_OFF, Reply, cost_in, usable
from advisor.ingest.messages.reply import read_reply as read_general
from advisor.ingest.messages.usage import read_usage, with_beside_text
from advisor.ingest.vendors.responses.items import BILLED, CALLS, called
from advisor.types import Answer, Json, ToolCall

_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_UNFINISHED = ("in_progress", "queued")
_BLAMES_REQUEST = ("invalid", "image_", "unsupported", "empty_image", "bio_policy", "misalignment_policy")
_FINISH = {"max_output_tokens": "length", "max_tokens": "length", "content_filter": "content_filter"}


def is_event(value: Json) -> bool:
    """Whether this is an event of a stream of the Responses API."""
    kind = value.get("type") if isinstance(value, dict) else None
    return isinstance(kind, str) and kind.startswith("response.")


def read_response(response: dict[str, Json]) -> Reply:
    """Understand a response object, also one that failed, was cut short or only has its output."""
    usage, identity, model = response.get("usage"), response.get("id"), response.get("model")
    counts = read_usage(usage)
    more = any(item.get("type") in BILLED for item in _items(response))
    is_whole = response.get("object") == "response" or str(identity).startswith("resp_")
    reply = Reply(
        answer=usable(_answer(response)),
        usage=with_beside_text(counts) if more else counts,
        cost_usd=cost_in(usage),
        response_id=identity if is_whole and isinstance(identity, str) and identity else None,
        model=model if isinstance(model, str) and model else None,
        created=response.get("created_at"),
        service_tier=tier if isinstance(tier := response.get("service_tier"), str) else None,
    )
    if response.get("error"):
        return failed(reply, response["error"])
    status = response.get("status")
    if status in ("failed", "cancelled"):
        return replace(reply, error=f"the response is logged as {status}")
    if status in _UNFINISHED:
        return replace(reply, error="the response had not finished when it was logged")
    return reply


def failed(reply: Reply, error: Json) -> Reply:
    """The reply with the error of a response object or of an event."""
    general = read_general({"error": error})
    code = str(error.get("code") or error.get("type")) if isinstance(error, dict) else ""
    is_refused = general.is_refused or code.startswith(_BLAMES_REQUEST)
    return replace(reply, error=general.error, status=general.status, is_refused=is_refused)


def _answer(response: dict[str, Json]) -> Answer | None:
    items = _items(response)
    parts = [part for item in items if item.get("type", "message") == "message" for part in _parts(item.get("content"))]
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    refusals = [part["refusal"] for part in parts if isinstance(part.get("refusal"), str)]
    if not texts and isinstance(response.get("output_text"), str) and response["output_text"]:
        texts = [response["output_text"]]  # some dumps keep what the vendor's library works out
    found = [called(item) for item in items if item.get("type") in CALLS]
    calls = tuple(ToolCall(name=name, arguments=arguments) for name, arguments in found)
    text = "".join(texts or refusals)
    finish = _finish_reason(response, bool(calls))
    if not text and not calls and finish is None:
        return None
    return Answer(text=text or (None if calls else ""), tool_calls=calls, finish_reason=finish)


def _items(response: dict[str, Json]) -> list[dict[str, Json]]:
    output = response.get("output")
    return [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []


def _parts(content: Json) -> list[dict[str, Json]]:
    if isinstance(content, str):
        return [{"text": content}]
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _finish_reason(response: dict[str, Json], has_calls: bool) -> str | None:
    details = response.get("incomplete_details")
    cause = details.get("reason") if isinstance(details, dict) else None
    if response.get("status") == "incomplete" or cause:
        return _FINISH.get(str(cause), str(cause or "length"))
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
        return failed(read_response(response | {"error": None}), error)
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
        index = event.get("output_index")
        at = index if isinstance(index, int) else 0
        if kind in ("response.output_item.added", "response.output_item.done") and isinstance(event.get("item"), dict):
            self.items[at] = dict(event["item"])
        elif kind.endswith(".delta") and isinstance(event.get("delta"), str):
            self._add_delta(kind, at, event["delta"])

    def _add_delta(self, kind: str, at: int, delta: str) -> None:
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            item = self.items.setdefault(at, {"type": "message"})
            content = item.get("content")
            parts = content if isinstance(content, list) else []
            key = "text" if kind == "response.output_text.delta" else "refusal"
            item["content"] = [*parts, {key: delta}]
        elif kind == "response.function_call_arguments.delta":
            item = self.items.setdefault(at, {"type": "function_call"})
            item["arguments"] = str(item.get("arguments") or "") + delta

    def response(self) -> dict[str, Json]:
        """The last response object, its output from the pieces where it has none."""
        pieces = [self.items[at] for at in sorted(self.items)]
        response = {"object": "response", "status": "in_progress"} | self.base
        return response if response.get("output") else response | {"output": pieces}
