"""The database of the ``llm`` tool (``logs.db``), of every version, as records in the shape of its JSON export.

The file is opened read-only and never changed; columns and tables were added over the years, so none is relied on.
"""

import base64
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from advisor.errors import BadInput
from advisor.ingest.files.bytestream import MAX_LINE_BYTES
from advisor.ingest.records.earlier_turns import attachment_part, openai_calls, result_messages, with_threads
from advisor.ingest.values.json_text import object_in
from advisor.types import Json, Rejection

_COLUMNS = (
    "id", "model", "resolved_model", "prompt", "system", "prompt_json", "options_json", "response", "response_json",
    "conversation_id", "duration_ms", "datetime_utc", "input_tokens", "output_tokens", "token_details",
)  # fmt: skip
_LOG_TABLES = ("responses", "logs", "turns")
_TURN_COLUMNS = (
    "id", "model", "resolved_model", "options_json", "duration_ms", "datetime_utc", "input_tokens", "output_tokens",
    "token_details", "response_json", "parent_message_hash", "tip_message_hash",
)  # fmt: skip
_SERVER_SIDE = "it uses the provider's own tool {!r}, which other models can't run"
_LONGEST = 10_000


def read_database(path: Path) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """Every logged call once, numbered from 1. Raises BadInput for any other database and a damaged one."""
    try:
        with closing(connect(path)) as connection:
            database = _Database(connection)
            yield from enumerate(_records(database), 1)
    except sqlite3.Error as error:
        raise BadInput(
            f"{path.name} is a SQLite database that can't be read ({error}). Copy it again while nothing writes to "
            "it, together with the file of the same name that ends in -wal, if there is one."
        ) from None


def is_llms(path: Path) -> bool:
    """Whether the tool's tables are in the database."""
    with closing(connect(path)) as connection:
        columns = "SELECT name FROM pragma_table_info(?)"
        names = [row["name"] for table in _LOG_TABLES for row in connection.execute(columns, (table,))]
        return not {"datetime_utc", "tip_message_hash"}.isdisjoint(names)


def connect(path: Path) -> sqlite3.Connection:
    # Without a write-ahead log beside it the file is whole, and immutable spares SQLite the search for one.
    journal = path.with_name(f"{path.name}-wal")
    is_whole = not journal.exists() or journal.stat().st_size == 0
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro{'&immutable=1' if is_whole else ''}", uri=True
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_LINE_BYTES)  # a column may be computed
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda text: text.decode(errors="replace")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _records(database: "_Database") -> Iterator[dict[str, Json]]:
    tables = database.tables
    known = set()
    if {"turns", "messages", "parts"} <= tables.keys() and "message_hash" in tables["parts"]:
        yield from _read_turns(database)
        # For a while both generations of tables were written, with the same ids.
        known = {row["id"] for row in database.rows("SELECT id FROM turns")}
    for table in ("responses", "logs"):
        if table in tables:
            for _, record in with_threads(enumerate(_Responses(database, table).read(), 1)):
                if isinstance(record, dict) and record["id"] not in known:
                    yield record


class _Database:
    """What both generations need of the file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        names = [row["name"] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        self.tables = {
            name: frozenset(row["name"] for row in self.rows("SELECT name FROM pragma_table_info(?)", name))
            for name in names
        }
        """Table to its columns. Views are left out: they could compute anything."""

    def rows(self, query: str, *arguments: Json) -> Iterator[dict[str, Json]]:
        """The rows that a query finds."""
        return map(dict, self._connection.execute(query, arguments))

    def value(self, table: str, column: str, identity: Json) -> Json:
        """One cell by the id of its row; None where there is none."""
        if identity is None or column not in self.tables.get(table, ()):
            return None
        return next(self.rows(f'SELECT "{column}" FROM "{table}" WHERE id = ?', identity), {}).get(column)  # noqa: S608 - ours

    def attachment(self, identity: Json) -> dict[str, Json]:
        """An attachment with its bytes as a data URL, where the database holds them."""
        found = next(self.rows("SELECT * FROM attachments WHERE id = ?", identity), {"id": identity})
        content = found.pop("content", None)
        if isinstance(content, bytes) and content:
            kind = found.get("type") or "application/octet-stream"
            found["data_url"] = f"data:{kind};base64,{base64.b64encode(content).decode()}"
        return found


@dataclass
class _Responses:
    """The older generation: one row a call, with what belongs to it in tables that point to the row."""

    database: _Database
    table: str

    def read(self) -> Iterator[dict[str, Json]]:
        """Conversation by conversation, each in the order of time."""
        have = self.database.tables[self.table]
        thread = "conversation_id" if "conversation_id" in have else "chat_id" if "chat_id" in have else "NULL"
        chosen = ", ".join(f'"{name}"' for name in _COLUMNS if name in have and name != "conversation_id")
        extra = "schema_id" if "schema_id" in have and "schemas" in self.database.tables else "NULL"
        when = "datetime_utc, " if "datetime_utc" in have else ""
        rows = self.database.rows(
            f"SELECT {chosen}, coalesce({thread}, id) AS conversation_id, {extra} AS schema_id "  # noqa: S608 - ours
            f'FROM "{self.table}" ORDER BY coalesce({thread}, id), {when}id'
        )
        value = self.database.value
        for row in rows:
            record = dict.fromkeys(_COLUMNS) | row
            record["schema_json"] = value("schemas", "content", record.pop("schema_id"))
            record["conversation_id"] = str(record["conversation_id"])
            record["conversation_name"] = value("conversations", "name", record["conversation_id"])
            if self.table == "responses":
                record |= self._attached(record["id"])
            yield record

    def _attached(self, response: Json) -> dict[str, Json]:
        found: dict[str, Json] = {name: self._of(name, response) for name in ("tool_calls", "tool_results")}
        for name in ("prompt_fragments", "system_fragments"):
            texts = (
                self.database.value("fragments", "content", link["fragment_id"]) for link in self._of(name, response)
            )
            found[name] = [{"content": text} for text in texts]
        attached = self._of("prompt_attachments", response)
        found["attachments"] = [self.database.attachment(link["attachment_id"]) for link in attached]
        found["tools"] = [
            tool
            for link in self._of("tool_responses", response)
            for tool in self.database.rows(
                "SELECT name, description, input_schema FROM tools WHERE id = ?", link["tool_id"]
            )
        ]
        return found

    def _of(self, table: str, response: Json) -> list[dict[str, Json]]:
        """The rows of a table that belong to a response, in their order."""
        return [
            row
            for rowid in self._links.get(table, {}).get(response, ())
            for row in self.database.rows(f'SELECT * FROM "{table}" WHERE rowid = ?', rowid)  # noqa: S608 - ours
        ]

    @cached_property
    def _links(self) -> dict[str, dict[Any, list[int]]]:
        """Table to response to rows: these tables have no index by response, and the file must not get one."""
        names = (
            "prompt_fragments", "system_fragments", "prompt_attachments", "tool_responses", "tool_calls",
            "tool_results",
        )  # fmt: skip
        links: dict[str, dict[Any, list[int]]] = {}
        for name in names:
            if "response_id" not in self.database.tables.get(name, ()):
                continue
            order = '"order", rowid' if "order" in self.database.tables[name] else "rowid"
            links[name] = defaultdict(list)
            for row in self.database.rows(
                f'SELECT response_id, rowid AS place FROM "{name}" ORDER BY {order}'  # noqa: S608 - ours
            ):
                links[name][row["response_id"]].append(row["place"])
        return links


def _read_turns(database: _Database) -> Iterator[dict[str, Json]]:
    """The newer generation: every turn as a record with ``messages``, in the order of time."""
    have = database.tables["turns"]
    chosen = ", ".join(f'turns."{name}"' for name in _TURN_COLUMNS if name in have)
    thread = "turns.thread_id" if "thread_id" in have else "NULL"
    schema = "schemas.content" if "schema_id" in have and "schemas" in database.tables else "NULL"
    join = "LEFT JOIN schemas ON schemas.id = turns.schema_id" if schema != "NULL" else ""
    tree = _MessageTree(database)
    for turn in database.rows(
        f"SELECT {chosen}, {thread} AS conversation_id, {schema} AS schema_json FROM turns {join} ORDER BY turns.id"  # noqa: S608 - ours
    ):
        yield tree.record(turn)


@dataclass(frozen=True)
class _MessageTree:
    """Messages, each with its parent, and their parts; turns point to the first and the last of theirs."""

    database: _Database

    def record(self, turn: dict[str, Json]) -> dict[str, Json]:
        """A turn with what it was given and what came back."""
        parent = turn.pop("parent_message_hash", None)
        given = self._chain(parent, None)
        came = self._chain(turn.pop("tip_message_hash", None), parent)
        messages = [message for role, parts in given for message in _as_messages(role, parts)]
        answers = [part for role, parts in came if role != "tool" for part in parts]
        named = (part.get("name") for _, parts in [*given, *came] for part in parts if part.get("server_executed"))
        server_side = next(named, None)
        found = turn | {
            "messages": messages,
            "response": "".join(part["text"] for part in answers if part["type"] == "text"),
            "tool_calls": [part for part in answers if part["type"] == "tool_call"],
            "tools": self._tools(turn["id"]),
        }
        return found | {"not_replayable": _SERVER_SIDE.format(server_side)} if server_side else found

    def _chain(self, tip: Json, stop: Json) -> list[tuple[str, list[dict[str, Json]]]]:
        """Role and parts of each message from the one after ``stop`` to ``tip``; a circle ends where it closes."""
        chain: list[tuple[str, list[dict[str, Json]]]] = []
        seen: set[Json] = set()
        while tip is not None and tip != stop and tip not in seen and len(chain) < _LONGEST:
            seen.add(tip)
            row = next(self.database.rows("SELECT parent_hash, role FROM messages WHERE hash = ?", tip), None)
            if row is None:
                break
            parts = self.database.rows("SELECT * FROM parts WHERE message_hash = ? ORDER BY position", tip)
            chain.append((row["role"], [self._part(part) for part in parts]))
            tip = row["parent_hash"]
        return chain[::-1]

    def _part(self, row: dict[str, Json]) -> dict[str, Json]:
        part = object_in(row.get("payload"))
        part["type"] = row["type"]
        if row["type"] in ("text", "reasoning"):
            part["text"] = row["text"] if row.get("text") is not None else self._borrowed(row["id"], part)
        elif row["type"] == "attachment":
            links = self.database.rows(
                'SELECT attachment_id FROM part_attachments WHERE part_id = ? ORDER BY "order"', row["id"]
            )
            part["attachments"] = [self.database.attachment(link["attachment_id"]) for link in links]
        elif row["type"] in ("tool_call", "tool_result"):
            part.setdefault("name", row.get("tool_name"))
        return part

    def _borrowed(self, part: Json, payload: dict[str, Json]) -> str:
        """Text that is made of fragments, which are stored once, and of what stands between them."""
        pieces = payload.get("text_ref")
        if not isinstance(pieces, list):
            links = self.database.rows(
                'SELECT fragment_id AS fragment FROM part_fragments WHERE part_id = ? ORDER BY "order"', part
            )
            pieces = [*links] or [{"literal": payload.get("text")}]
        texts = (
            piece["literal"]
            if "literal" in piece
            else self.database.value("fragments", "content", piece.get("fragment"))
            for piece in pieces
            if isinstance(piece, dict)
        )
        return "".join(str(text or "") for text in texts)

    def _tools(self, turn: Json) -> list[dict[str, Json]]:
        if not {"turn_tools", "tools"} <= self.database.tables.keys():
            return []
        query = (
            "SELECT name, description, input_schema FROM turn_tools JOIN tools ON tools.id = tool_id WHERE turn_id = ?"
        )
        return [*self.database.rows(query, turn)]


def _as_messages(role: str, parts: list[dict[str, Json]]) -> list[Json]:
    """Messages as OpenAI has them: every result of a tool is one of its own; what the model thought is left out."""
    messages = result_messages(part for part in parts if part["type"] == "tool_result")
    calls = openai_calls(part for part in parts if part["type"] == "tool_call")
    content: list[Json] = []
    for part in parts:
        if part["type"] == "text" and part["text"]:
            content.append({"type": "text", "text": part["text"]})
        elif part["type"] == "attachment":
            content += [attachment_part(attachment) for attachment in part["attachments"]]
    if content or calls:
        is_text = all(piece["type"] == "text" for piece in content)
        text = "".join(piece["text"] for piece in content) if is_text else ""
        own: dict[str, Json] = {"role": role, "content": (text or None) if is_text else content}
        messages.append(own | {"tool_calls": calls} if calls else own)
    return messages
