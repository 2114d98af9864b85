"""Sessions of Claude Code: a line for each block of an answer, each turn of the user, and each result of a tool.

The lines name the line before them, so that a session that was rewound is a tree. A file holds neither the system
prompt nor the tools.
"""

from collections.abc import Iterable

from advisor.ingest.messages.blocks import CALLS, RESULTS, kind_of
from advisor.ingest.reader import Record
from advisor.ingest.readers.turns import MOST_TURNS, Group, Turn, answer_after, path_to, rows_joiner, turns_reader
from advisor.ingest.values.json_text import as_name, as_object, as_objects, at, decode, object_in
from advisor.ingest.values.numbers import parse_count
from advisor.types import Json

_NAME = "claude_code"
_NO_TOOLS = "a session of Claude Code holds neither its system prompt nor its tools"
_SYNTHETIC = "<synthetic>"
"""The model of what Claude Code itself says, such as that a request failed."""


def _call_of(record: Record) -> str | None:
    """The session, apart from those of its subagents."""
    session, own = as_name(record.get("sessionId")), as_name(record.get("uuid"))
    if not session or not own:
        return None
    aside = record.get("agentId") or "sidechain" if decode(record.get("isSidechain")) in (True, "true") else ""
    return f"{session}:{aside}"


def _calls_in(parts: list[Record]) -> Iterable[Group]:
    parts = sorted(parts, key=lambda part: str(part.get("timestamp") or ""))
    rows = {str(part["uuid"]): part for part in parts}
    parents = _parents(rows)
    results = {identity: row for row in parts for identity in _results_in(row)}
    ends = {_answer_id(row): key for key, row in rows.items() if _answer_id(row)}
    waiting: list[Record] = []
    for part in parts:
        waiting.append(part)
        key = str(part["uuid"])
        identity = _answer_id(part)
        if identity is None or ends.get(identity) != key or rows[key] is not part:
            continue
        path = [rows[step] for step in path_to(key, parents)[-2 * MOST_TURNS :]]
        yield waiting, _answer(identity, path, results)
        waiting = []
    if waiting:
        yield waiting, None


def _parents(rows: dict[str, Record]) -> dict[str, str | None]:
    """The line before each; one that names none follows the last one, unless the session was compacted there."""
    parents: dict[str, str | None] = {}
    latest: str | None = None
    for key, row in rows.items():
        is_new = row.get("subtype") == "compact_boundary"
        parents[key] = as_name(row.get("parentUuid")) or (None if is_new else latest)
        latest = key
    return parents


def _answer_id(row: Record) -> str | None:
    """What all lines of one answer have in common."""
    message = object_in(row.get("message"))
    if message.get("role") != "assistant" or message.get("model") == _SYNTHETIC:
        return None
    return as_name(message.get("id")) or str(row["uuid"])


def _answer(identity: str, path: list[Record], results: dict[str, Record]) -> Record:
    before: list[Turn] = []
    own = [row for row in path if _answer_id(row) == identity]
    said: list[Record] = []
    for row in [row for row in path if _answer_id(row) != identity]:
        if said and _answer_id(row) != _answer_id(said[0]):
            before += _said(said, results)
            said = []
        if _answer_id(row):
            said.append(row)
        elif (message := object_in(row.get("message"))).get("role") == "user" and not _results_in(row):
            before.append(Turn({"role": "user", "content": message.get("content")}))
    before += _said(said, results) if said else []
    message = _merged(own)
    facts: Record = {
        "id": own[-1].get("requestId"),
        "timestamp": own[0].get("timestamp"),
        "model": message.get("model"),
        "session_id": own[0].get("sessionId"),
        "not_replayable": _NO_TOOLS,
    }
    return answer_after(_NAME, before, Turn(message, facts))


def _said(rows: list[Record], results: dict[str, Record]) -> list[Turn]:
    """An earlier answer, and the results of the tools that it called."""
    message = _merged(rows)
    calls = [as_name(block.get("id")) for block in as_objects(message["content"]) if kind_of(block) in CALLS]
    came = {id(row): row for call in calls if call and (row := results.get(call))}
    turns = [Turn({"role": "assistant", "content": message["content"]})]
    return turns + [
        Turn({"role": "user", "content": at(object_in(row["message"]), "content")}) for row in came.values()
    ]


def _merged(rows: list[Record]) -> Record:
    """The message that lines of one answer hold together; each repeats its usage, as it was when it was written."""
    messages = [object_in(row.get("message")) for row in rows]
    blocks: list[Json] = []
    for message in messages:
        content = message.get("content")
        blocks += content if isinstance(content, list) else [{"type": "text", "text": content}]
    taken = max((parse_count(at(message, "usage", "output_tokens")) or 0 for message in messages), default=0)
    usage = as_object(messages[-1].get("usage"))
    return messages[-1] | {"content": blocks} | ({"usage": usage | {"output_tokens": taken}} if usage else {})


def _results_in(row: Record) -> list[str]:
    """The calls of tools that this line answers."""
    blocks = as_objects(at(object_in(row.get("message")), "content"))
    ids = (block.get("tool_use_id") for block in blocks if kind_of(block) in RESULTS)
    return [identity for identity in ids if isinstance(identity, str)]


JOINER = rows_joiner(
    _NAME, joins=lambda keys: keys >= {"sessionId", "uuid", "parentUuid"}, call_of=_call_of, calls_in=_calls_in
)
READER = turns_reader(_NAME)
