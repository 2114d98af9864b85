"""Response objects and their input items, which OpenAI gives out apart from each other, put together by id."""

from dataclasses import dataclass
from typing import Any

from advisor.ingest.readers.openai_stored_pages import ITEMS, OWNER
from advisor.types import Json

RESPONSE = "response_object"
"""Marks a record that was put together here."""
UNKNOWN_OWNER = "input_items_of_unknown_response"
_UNFINISHED = ("queued", "in_progress")
_CALLS = {"function_call_output": "function_call", "custom_tool_call_output": "custom_tool_call"}


@dataclass(frozen=True)
class ResponseParts:
    """Joins by the id of the response. A response that was polled counts once, as it was in the end."""

    name: str = "openai_responses"

    def joins(self, keys: frozenset[str]) -> bool:
        """Response objects without their input, and input items of a known response."""
        return keys >= {OWNER, ITEMS} or (keys >= {"object", "output", "id"} and "input" not in keys)

    def call_of(self, record: dict[str, Json]) -> str | None:
        """The id of the response."""
        is_part = isinstance(record.get(ITEMS), list) or record.get("object") == "response"
        identity = record.get(OWNER, record.get("id"))
        return identity if is_part and isinstance(identity, str) and not identity.startswith("chatcmpl-") else None

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The response, its input in the order it was given, and whether that is all of it."""
        responses = [part for part in parts if OWNER not in part]
        finished = [part for part in responses if part.get("status") not in _UNFINISHED]
        pages = [part for part in parts if OWNER in part]
        return {
            RESPONSE: next(reversed(finished or responses), None),
            "id": parts[0].get(OWNER, parts[0].get("id")),
            "input": in_order(pages) if pages else None,
            "is_whole": any(not page.get("has_more") for page in pages),
        }


def in_order(pages: list[dict[str, Json]]) -> list[Json]:
    """The items of all pages, first one first. Pages of the API are mostly saved as it gives them: last one first."""
    items: dict[Any, Json] = {}
    for page in pages:
        for position, item in enumerate(page[ITEMS]):
            identity = item.get("id") if isinstance(item, dict) else None
            items.setdefault(identity if isinstance(identity, str) else (id(page), position), item)
    found = list(items.values())
    is_reversed = _is_reversed(found)
    if is_reversed is None:
        is_reversed = any(page.get("is_api_page") for page in pages)
    return found[::-1] if is_reversed else found


def _is_reversed(items: list[Json]) -> bool | None:
    """What the items tell: results follow calls, instructions go first and the assistant never ends; None: nothing."""
    known = [item for item in items if isinstance(item, dict)]
    for position, item in enumerate(known):
        call = _CALLS.get(str(item.get("type")))
        if call:
            at = [
                at for at, other in enumerate(known) if other.get("type") == call and _call_id(other) == _call_id(item)
            ]
            if at:
                return at[0] > position
    for roles in (("system", "developer"), ("user",)):
        first, last = (known[at].get("role") in roles for at in (0, -1)) if known else (False, False)
        if first != last:
            return last if roles[0] == "system" else first
    return None


def _call_id(item: dict[str, Json]) -> str:
    return str(item.get("call_id"))


JOINER = ResponseParts()
