"""Chat messages of Flowise: rows of its table ``chat_message``, from its API or an export of a chatflow's messages.

A row has neither the model nor the chatflow's instructions, so that calls count for volume only.
"""

from collections.abc import Iterable

from advisor.ingest.reader import Record
from advisor.ingest.readers.turns import Group, Turn, in_turn, rows_joiner, turns_reader
from advisor.ingest.values.json_text import as_name

_NAME = "flowise"
_ROLES = {"userMessage": "user", "apiMessage": "assistant"}
_NO_PROMPT = "the messages hold neither the model nor the chatflow's instructions"


def _calls_in(rows: list[Record]) -> Iterable[Group]:
    return in_turn(_NAME, map(_turn, sorted(rows, key=lambda row: str(row.get("createdDate") or ""))))


def _turn(row: Record) -> Turn:
    facts: Record = {
        "id": row.get("id"),
        "timestamp": row.get("createdDate"),
        "session_id": row.get("chatId"),
        "not_replayable": _NO_PROMPT,
    }
    message: Record = {"role": _ROLES[row["role"]], "content": as_name(row.get("content")) or ""}
    return Turn(message, facts, (row,))


def _call_of(row: Record) -> str | None:
    return as_name(row.get("chatId")) if as_name(row.get("role")) in _ROLES else None


JOINER = rows_joiner(
    _NAME, joins=lambda keys: keys >= {"chatId", "role", "content"}, call_of=_call_of, calls_in=_calls_in
)
READER = turns_reader(_NAME)
