"""Completions that OpenAI stored, and the pages that it gives out of what it stored.

The list of completions has the answers; the messages come apart from it, joined by id. An object may also lead from the
id of a call to its page.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import PARAM_KEYS
from advisor.ingest.reader import NO_ID, Joiner, Opener, Reader, Record, RowRejected
from advisor.ingest.records.bodies import Call, read_call
from advisor.ingest.values.json_text import at, decode
from advisor.types import Json, Request, Sample

OWNER, ITEMS = "stored_id", "stored_items"
"""Keys of the records given out here: the id of a call, and the messages or items that went into it."""
UNKNOWN_OWNER = "input_items_of_unknown_response"
_COMPLETION = "stored_completion"
"""Marks a record that was put together here."""
_OF_A_PAGE = frozenset({"object", "data", "first_id", "last_id", "has_more", "url", "response_id", "completion_id"})
_IDS = ("chatcmpl-", "resp_")
_MESSAGE_ID = re.compile(r"(chatcmpl-.+)-(\d+)")
_ITEM_IDS = ("msg_", "fc_", "fco_", "rs_", "ctc_", "cmp_")
_ITEM_KINDS = ("message", "function_call", "function_call_output")
_OF_STORED = frozenset({"input_user", "metadata"})
_NO_MESSAGES = "the prompts are in the messages files: import them together"
_NO_COMPLETION = "the answers and tools are in the list of the completions: import them together"
_NOT_WHOLE = "some messages are missing; export all pages of the messages"


def _is_page(keys: frozenset[str]) -> bool:
    """The keys of a page and no others, or keys that are all ids of calls."""
    return ({"object", "data"} <= keys <= _OF_A_PAGE) or (bool(keys) and all(key.startswith(_IDS) for key in keys))


def _open(record: Record) -> Iterable[Json]:
    """One record for each call, with all messages or items of it that the page holds."""
    if "data" not in record:
        return [_owned(owner, page) for owner, page in record.items()]
    data, owner = decode(record["data"]), record.get("response_id") or record.get("completion_id")
    if not isinstance(data, list):
        return [record]
    if isinstance(owner, str):
        return [_owned(owner, record | {"data": data})]
    if any(at(item, "object") == "chat.completion" for item in data):
        return [{"input_user": None} | item if isinstance(item, dict) else item for item in data]
    of_owners: dict[str, list[Json]] = {}
    for item in data:
        if found := _message_id(item):
            of_owners.setdefault(found[1], []).append(item)
    if of_owners:
        return [_owned(owner, record | {"data": items}) for owner, items in of_owners.items()]
    return [{UNKNOWN_OWNER: data}] if data and all(map(_is_input_item, data)) else data


def _message_id(message: Json) -> re.Match[str] | None:
    """The id of a stored message: that of the completion that it went into, and its number."""
    identity = at(message, "id")
    return _MESSAGE_ID.fullmatch(identity) if isinstance(identity, str) and "role" in message else None


def _owned(owner: str, page: Json) -> Json:
    """A page with its owner; a call itself, where the object leads from ids to calls."""
    items = page.get("data") if isinstance(page, dict) else page
    if not isinstance(items, list):
        return page
    is_api_page = isinstance(page, dict) and "first_id" in page
    return {OWNER: owner, ITEMS: items, "has_more": bool(at(page, "has_more")), "is_api_page": is_api_page}


def _is_input_item(item: Json) -> bool:
    if not isinstance(item, dict) or "object" in item:
        return False
    return item.get("type") in _ITEM_KINDS or str(item.get("id")).startswith(_ITEM_IDS)


def _joins(keys: frozenset[str]) -> bool:
    """Completions without messages, single messages, and the messages of a known completion."""
    is_completion = keys >= {"object", "id", "choices"} and "messages" not in keys and not keys.isdisjoint(_OF_STORED)
    return keys >= {OWNER, ITEMS} or keys >= {"id", "role", "content"} or is_completion


def _call_of(record: Record) -> str | None:
    """The id of the completion."""
    found = _message_id(record)
    identity = record.get(OWNER) if isinstance(record.get(ITEMS), list) else found and found[1]
    if identity is None and record.get("object") == "chat.completion":
        identity = record.get("id")
    return identity if isinstance(identity, str) and not identity.startswith("resp_") else None


def _join(parts: list[Record]) -> Record:
    """The completion and its messages in order, and whether these are all."""
    completions = [part for part in parts if part.get("object") == "chat.completion"]
    pages = [part for part in parts if OWNER in part]
    messages = [message for part in pages for message in part[ITEMS] if isinstance(message, dict)]
    messages += [part for part in parts if part not in completions and part not in pages]
    numbered = {int(found[2]): message for message in messages if (found := _message_id(message))}
    is_numbered = bool(numbered) and all(map(_message_id, messages))
    is_last = not pages or any(not page.get("has_more") for page in pages)
    return {
        _COMPLETION: completions[-1] if completions else None,
        "messages": [numbered[number] for number in sorted(numbered)] if is_numbered else messages,
        "is_whole": is_last and (not is_numbered or set(numbered) == set(range(len(numbered)))),
        "id": _call_of(parts[0]),
    }


def _read(record: Record) -> Sample:
    """One call; without its messages it is kept for volume and cost."""
    if _COMPLETION not in record:
        raise RowRejected(NO_ID)
    completion = record[_COMPLETION] or {"id": record["id"]}
    messages = [_plain(message) for message in record["messages"]]
    asked = {key: completion[key] for key in PARAM_KEYS if completion.get(key) not in (None, [], 0)}
    if completion.get("temperature") == 0:
        asked["temperature"] = completion["temperature"]
    reply = read_call(None, completion).reply if record[_COMPLETION] else Reply()
    if not messages:
        request = Request(messages=[], params=asked)
        return Call(request=request, not_replayable=_NO_MESSAGES, reply=reply).sample(completion)
    if _is_answer(messages[-1], reply) and len(messages) > 1:
        messages = messages[:-1]
    call = read_call(asked | {"model": completion.get("model"), "messages": messages}, None)
    sample = replace(call, reply=reply).sample(completion)
    if not record[_COMPLETION]:
        return replace(sample, ids=replace(sample.ids, response_id=record["id"]), not_replayable=_NO_COMPLETION)
    return sample if record["is_whole"] else replace(sample, not_replayable=sample.not_replayable or _NOT_WHOLE)


def _plain(message: dict[str, Json]) -> dict[str, Json]:
    """Stored messages have either ``content`` or, where it is more than text, ``content_parts``."""
    content = message.get("content") or message.get("content_parts") or message.get("content")
    return {key: value for key, value in message.items() if key not in ("id", "content_parts")} | {"content": content}


def _is_answer(message: dict[str, Json], reply: Reply) -> bool:
    answer = reply.answer
    if message.get("role") != "assistant" or answer is None:
        return False
    is_text = (message.get("content") or None) == (answer.text or None)
    return is_text and len(message.get("tool_calls") or ()) == len(answer.tool_calls)


OPENER = Opener(opens=_is_page, open=_open)
READER = Reader(
    name="openai_stored", rank=12, matches=lambda record: _COMPLETION in record and "is_whole" in record, read=_read
)
JOINER = Joiner(name="openai_stored", joins=_joins, call_of=_call_of, join=_join)
