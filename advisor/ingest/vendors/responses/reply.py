"""What the Responses API gives back: a response object, the events of its stream, or bare output items."""

from dataclasses import dataclass, field, replace
from typing import Any

from advisor.ingest.messages.reply import CUT_OFF, Reply, answer_of, cost_in, failed, finish_reason_of
from advisor.ingest.messages.usage import read_usage, with_beside_text
from advisor.ingest.values.json_text import as_list, as_name, as_objects, at
from advisor.ingest.vendors.responses.items import BILLED, CALLS, call_of
from advisor.types import Answer, Json, ToolCall

_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_UNFINISHED = ("in_progress", "queued")
_BLAMES_REQUEST = ("invalid", "image_", "unsupported", "empty_image", "bio_policy", "misalignment_policy")


def is_event(value: Json) -> bool:
    """Whether this is an event of a stream of the Responses API."""
    return str(at(value, "type")).startswith("response.")


def read_response(response: dict[str, Json]) -> Reply:
    """Understand a response object, also one that failed, was cut short or only has its output."""
    usage, identity = response.get("usage"), response.get("id")
    counts = read_usage(usage)
    more = any(str(item.get("type")) in BILLED for item in as_objects(response.get("output")))
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
    calls = [ToolCall(**call_of(item)["function"]) for item in items if str(item.get("type")) in CALLS]
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
