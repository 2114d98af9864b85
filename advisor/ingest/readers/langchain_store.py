"""Message stores of LangChain, as its chat histories and n8n's memory keep them: a row or document a message.

``message`` is ``{"type": "human", "data": {...}}``, of later versions and n8n without ``data``. Stores in MongoDB and
DynamoDB have it under ``History``, the latter all messages of a session in one.
"""

from collections.abc import Iterable

from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.turns import Group, Turn, answers_of, in_turn, rows_joiner, turns_reader
from advisor.ingest.values.json_text import as_list, as_name, decode, object_in, text_in
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json

_NAME = "langchain_store"
_SESSIONS = ("session_id", "SessionId", "sessionId")
_MESSAGES = ("message", "History")
_ROLES = {
    "human": "user", "ai": "assistant", "AIMessageChunk": "assistant", "system": "system", "tool": "tool",
    "function": "tool",
}  # fmt: skip


def _message(row: Record) -> Record | None:
    """The message of a row in the store's own shape; None where it holds something else."""
    given = next((object_in(row[key]) for key in _MESSAGES if key in row), {})
    kind = as_name(given.get("type"))
    if kind not in _ROLES or not isinstance(given.get("data", given), dict):
        return None
    return {"type": kind, "data": given.get("data", given)} if "data" in given or "content" in given else None


def _turn(message: Record, facts: Record, rows: tuple[Record, ...] = ()) -> Turn:
    """The role is what tells an answer; the message stays in LangChain's dialect, with its tokens and its model."""
    return Turn({"role": _ROLES[message["type"]]} | message, facts, rows)


def _calls_in(rows: list[Record]) -> Iterable[Group]:
    """In the order of their ids, which count up, else of their times."""
    if all(parse_number(row.get("id")) is not None for row in rows):
        rows = sorted(rows, key=lambda row: parse_number(row.get("id")) or 0)
    else:
        rows = sorted(rows, key=lambda row: str(row.get("created_at") or ""))
    return in_turn(_NAME, [_turn(_message(row) or {}, _facts(row), (row,)) for row in rows])


def _facts(row: Record) -> Record:
    return {"id": row.get("id"), "timestamp": row.get("created_at"), "session_id": _session(row)}


def _session(row: Record) -> str | None:
    return next((session for key in _SESSIONS if (session := text_in(row.get(key)))), None)


def _open(record: Record) -> Iterable[Json]:
    """The session of a document with all of its messages."""
    listed = as_list(decode(record["History"]))
    messages = [_message({"message": message}) for message in listed]
    if not messages or None in messages:
        return [record]
    return answers_of(_NAME, [_turn(message, {}) for message in messages if message], {"session_id": _session(record)})


OPENER = Opener(opens=lambda keys: "History" in keys and not keys.isdisjoint(_SESSIONS), open=_open)
JOINER = rows_joiner(
    _NAME,
    joins=lambda keys: not keys.isdisjoint(_SESSIONS) and not keys.isdisjoint(_MESSAGES),
    call_of=lambda row: _session(row) if _message(row) is not None else None,
    calls_in=_calls_in,
)
READER = turns_reader(_NAME)
