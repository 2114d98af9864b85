"""Pages that OpenAI gives out of what it stored, and objects from the id of a call to its page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from advisor.ingest.values.json_text import decode
from advisor.types import Json

OWNER, ITEMS = "stored_id", "stored_items"
"""Keys of the records given out here: the id of a call, and the messages or items that went into it."""
_OF_A_PAGE = frozenset({"object", "data", "first_id", "last_id", "has_more", "url", "response_id", "completion_id"})
_IDS = ("chatcmpl-", "resp_")
_MESSAGE_ID = re.compile(r"(chatcmpl-.+)-\d+")
_ITEM_IDS = ("msg_", "fc_", "fco_", "rs_", "ctc_", "cmp_")


@dataclass(frozen=True)
class StoredPages:
    """Opens pages of completions, messages, responses and input items."""

    name: str = "openai_stored_pages"

    def opens(self, keys: frozenset[str]) -> bool:
        """The keys of a page and no others, or keys that are all ids of calls."""
        return ({"object", "data"} <= keys <= _OF_A_PAGE) or (bool(keys) and all(key.startswith(_IDS) for key in keys))

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """One record for each call, with all messages or items of it that the page holds."""
        if "data" not in record:
            return [_owned(owner, page) for owner, page in record.items()]
        data, owner = decode(record["data"]), record.get("response_id") or record.get("completion_id")
        if not isinstance(data, list):
            return [record]
        if isinstance(owner, str):
            return [_owned(owner, record | {"data": data})]
        if any(isinstance(item, dict) and item.get("object") == "chat.completion" for item in data):
            return [_as_stored(item) for item in data]
        owners = {owner: None for item in data if (owner := owner_of(item))}
        if owners:
            return [
                _owned(owner, record | {"data": [item for item in data if owner_of(item) == owner]}) for owner in owners
            ]
        return [{"input_items_of_unknown_response": data}] if data and all(map(_is_input_item, data)) else data


def owner_of(message: Json) -> str | None:
    """The id of the completion that a stored message went into; its own id is that and a number."""
    identity = message.get("id") if isinstance(message, dict) and "role" in message else None
    found = _MESSAGE_ID.fullmatch(identity) if isinstance(identity, str) else None
    return found[1] if found else None


def _owned(owner: str, page: Json) -> Json:
    """A page with its owner; a call itself, where the object leads from ids to calls."""
    items = page.get("data") if isinstance(page, dict) else page
    if not isinstance(items, list):
        return page
    is_page = isinstance(page, dict)
    return {
        OWNER: owner,
        ITEMS: items,
        "has_more": bool(is_page and page.get("has_more")),
        "is_api_page": is_page and "first_id" in page,
    }


def _as_stored(item: Json) -> Json:
    return {"input_user": None} | item if isinstance(item, dict) else item


def _is_input_item(item: Json) -> bool:
    if not isinstance(item, dict) or "object" in item:
        return False
    return item.get("type") in ("message", "function_call", "function_call_output") or str(item.get("id")).startswith(
        _ITEM_IDS
    )


OPENER = StoredPages()
