"""The database of the ``llm`` tool (``logs.db``), of every version, as records in the shape of its JSON export.

The file is opened read-only and never changed; columns and tables were added over the years, so none is relied on.
"""

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
from advisor.ingest.files.sqlite_turns import attachment_of, read_turns
from advisor.ingest.records.llm_conversations import with_threads
from advisor.types import Json, Rejection

_COLUMNS = (
    "id", "model", "resolved_model", "prompt", "system", "prompt_json", "options_json", "response", "response_json",
    "conversation_id", "duration_ms", "datetime_utc", "input_tokens", "output_tokens", "token_details",
)  # fmt: skip
_LOG_TABLES = ("responses", "logs", "turns")


def read_database(path: Path) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """Every logged call once, numbered from 1. Raises BadInput for any other database and a damaged one."""
    try:
        with closing(_connect(path)) as connection:
            tables = _tables(connection)
            if not any(name in tables for name in _LOG_TABLES):
                raise BadInput(_other_tables(path, tables))
            yield from enumerate(_records(connection, tables), 1)
    except sqlite3.Error as error:
        raise BadInput(
            f"{path.name} is a SQLite database that cannot be read ({error}). Copy it again while nothing writes to "
            "it, together with the file of the same name that ends in -wal, if there is one."
        ) from None


def _connect(path: Path) -> sqlite3.Connection:
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


def _tables(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """Table to its columns. Views are left out: they could compute anything."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {
        name: frozenset(row[1] for row in connection.execute("SELECT * FROM pragma_table_info(?)", (name,)))
        for name in names
    }


def _other_tables(path: Path, tables: dict[str, frozenset[str]]) -> str:
    shown = ", ".join(list(tables)[:20]) or "none"
    return (
        f"{path.name} is a SQLite database without a log of the llm tool: its tables are {shown}, and one of "
        f"{', '.join(_LOG_TABLES)} is expected. Export the table with the calls as CSV or JSONL."
    )


def _records(connection: sqlite3.Connection, tables: dict[str, frozenset[str]]) -> Iterator[dict[str, Json]]:
    has_turns = {"turns", "messages", "parts"} <= tables.keys() and "message_hash" in tables["parts"]
    if has_turns:
        yield from read_turns(connection, tables)
    # For a while both generations of tables were written, with the same ids.
    known = {row[0] for row in connection.execute("SELECT id FROM turns")} if has_turns else set()
    for table in ("responses", "logs"):
        if table in tables:
            numbered = enumerate(_Responses(connection, tables, table).read(), 1)
            for _, record in with_threads(numbered):
                if isinstance(record, dict) and record["id"] not in known:
                    yield record


@dataclass
class _Responses:
    """The older generation: one row a call, with what belongs to it in tables that point to the row."""

    connection: sqlite3.Connection
    tables: dict[str, frozenset[str]]
    table: str

    def read(self) -> Iterator[dict[str, Json]]:
        """Conversation by conversation, each in the order of time."""
        have = self.tables[self.table]
        thread = "conversation_id" if "conversation_id" in have else "chat_id" if "chat_id" in have else "NULL"
        chosen = ", ".join(f'"{name}"' for name in _COLUMNS if name in have and name != "conversation_id")
        extra = "schema_id" if "schema_id" in have and "schemas" in self.tables else "NULL"
        rows = self.connection.execute(
            f"SELECT {chosen}, coalesce({thread}, id) AS conversation_id, {extra} AS schema_id "  # noqa: S608 - ours
            f'FROM "{self.table}" ORDER BY coalesce({thread}, id), id'
        )
        for row in rows:
            record = dict.fromkeys(_COLUMNS) | dict(row)
            record["schema_json"] = self._one("schemas", "content", record.pop("schema_id"))
            record["conversation_id"] = str(record["conversation_id"])
            record["conversation_name"] = self._one("conversations", "name", record["conversation_id"])
            if self.table == "responses":
                record |= self._attached(record["id"])
            yield record

    def _attached(self, response: Json) -> dict[str, Json]:
        fragments = {
            key: [
                {"content": self._one("fragments", "content", link["fragment_id"])} for link in self._of(key, response)
            ]
            for key in ("prompt_fragments", "system_fragments")
        }
        attachments = [
            attachment_of(self.connection, link["attachment_id"]) for link in self._of("prompt_attachments", response)
        ]
        tools = [
            dict(tool)
            for link in self._of("tool_responses", response)
            for tool in self.connection.execute(
                "SELECT name, description, input_schema FROM tools WHERE id = ?", (link["tool_id"],)
            )
        ]
        lists: dict[str, Json] = {
            key: [dict(row) for row in self._of(key, response)] for key in ("tool_calls", "tool_results")
        }
        return {**fragments, **lists, "attachments": attachments, "tools": tools}

    def _of(self, table: str, response: Json) -> list[sqlite3.Row]:
        """The rows of a table that belong to a response, in their order."""
        return [
            row
            for rowid in self._links.get(table, {}).get(response, ())
            for row in self.connection.execute(f'SELECT * FROM "{table}" WHERE rowid = ?', (rowid,))  # noqa: S608 - ours
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
            if "response_id" not in self.tables.get(name, ()):
                continue
            order = '"order", rowid' if "order" in self.tables[name] else "rowid"
            by_response: dict[Any, list[int]] = defaultdict(list)
            for response, rowid in self.connection.execute(
                f'SELECT response_id, rowid FROM "{name}" ORDER BY {order}'  # noqa: S608 - ours
            ):
                by_response[response].append(rowid)
            links[name] = by_response
        return links

    def _one(self, table: str, column: str, identity: Json) -> Json:
        if identity is None or column not in self.tables.get(table, ()):
            return None
        row = self.connection.execute(f'SELECT "{column}" FROM "{table}" WHERE id = ?', (identity,)).fetchone()  # noqa: S608 - ours
        return row[0] if row else None
