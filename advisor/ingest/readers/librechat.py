"""Conversations of LibreChat: exported as JSON or CSV, or the documents of its collection ``messages``.

Each message names the one before it. What an agent's tools did stands inside its message.
"""

from collections.abc import Iterable, Iterator

from advisor.ingest.messages.blocks import kind_of
from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.turns import Group, Turn, answers_of, in_tree, rows_joiner, turns_reader, with_missing
from advisor.ingest.values.json_text import as_name, as_object, object_in, objects_in
from advisor.types import Json

_NAME = "librechat"
_TOOLS = "tools ran in it, and the export holds neither their definitions nor each call of the model"
_DEPTH = 500
"""Of a tree of messages within messages."""
_OF_MESSAGE = frozenset({"messageId", "parentMessageId", "isCreatedByUser"})


def _open(record: Record) -> Iterable[Json]:
    messages = list(_flat(objects_in(record.get("messages") or record.get("messagesTree")), _DEPTH))
    if not messages or not all("isCreatedByUser" in message for message in messages):
        return [record]
    options = object_in(record.get("options"))
    system = as_name(options.get("promptPrefix")) or as_name(options.get("system"))
    about: Record = {"session_id": as_name(record.get("conversationId")), "model": as_name(options.get("model"))}
    found = [answer for _, answer in _calls_in(messages) if answer is not None]
    start: list[Json] = [{"role": "system", "content": system}] if system else []
    return [
        answer | {"messages": [*start, *answer["messages"]], "facts": about | answer["facts"]} for answer in found
    ] or answers_of(_NAME, [])


def _flat(messages: list[Record], depth: int) -> Iterator[Record]:
    for message in messages:
        yield message
        if depth:
            yield from _flat(objects_in(message.get("children")), depth - 1)


def _calls_in(rows: list[Record]) -> Iterable[Group]:
    rows = sorted(rows, key=lambda row: str(row.get("createdAt") or ""))
    parents = {str(row.get("messageId")): as_name(row.get("parentMessageId")) for row in rows}
    return in_tree(_NAME, [(str(row.get("messageId")), _turn(row)) for row in rows], parents)


def _turn(row: Record) -> Turn:
    parts = objects_in(row.get("content"))
    text = "\n".join(filter(None, map(_text, parts))) or as_name(row.get("text")) or ""
    if _is_true(row, "isCreatedByUser"):
        content = with_missing(text, len(objects_in(row.get("files"))))
        return Turn({"role": "user", "content": content}, rows=(row,))
    is_failed = _is_true(row, "error")
    facts: Record = {
        "id": row.get("messageId"),
        "timestamp": row.get("createdAt"),
        "model": as_name(row.get("model")),
        "session_id": as_name(row.get("conversationId")),
        "finish_reason": row.get("finish_reason"),
        "error": text if is_failed else None,
        "not_replayable": _TOOLS if any(kind_of(part) == "tool_call" for part in parts) else None,
    }
    return Turn({"role": "assistant", "content": None if is_failed else text}, facts, (row,))


def _is_true(row: Record, key: str) -> bool:
    return str(row.get(key)).lower() == "true"


def _text(part: Record) -> str | None:
    text = part.get("text")
    return as_name(as_object(text).get("value")) or as_name(text) if kind_of(part) == "text" else None


def _call_of(row: Record) -> str | None:
    """The conversation; a CSV export doesn't name the one that it holds."""
    return str(row.get("conversationId") or "one") if as_name(row.get("messageId")) else None


OPENER = Opener(
    opens=lambda keys: "conversationId" in keys and not keys.isdisjoint(("messagesTree", "exportAt")), open=_open
)
JOINER = rows_joiner(_NAME, joins=lambda keys: keys >= _OF_MESSAGE, call_of=_call_of, calls_in=_calls_in)
READER = turns_reader(_NAME)
