"""The newer database of the ``llm`` tool: messages in a tree, and turns that point to the first and last of theirs."""

import base64
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from advisor.ingest.records.llm_conversations import attachment_part
from advisor.ingest.values.json_text import decode, written
from advisor.types import Json

_COLUMNS = (
    "id", "model", "resolved_model", "options_json", "duration_ms", "datetime_utc", "input_tokens", "output_tokens",
    "token_details", "response_json", "parent_message_hash", "tip_message_hash",
)  # fmt: skip
_SERVER_SIDE = "it uses the provider's own tool {!r}, which other models cannot run"
_LONGEST = 10_000


def read_turns(connection: sqlite3.Connection, tables: dict[str, frozenset[str]]) -> Iterator[dict[str, Json]]:
    """Every turn as a record with ``messages``, in the order of time."""
    have = tables["turns"]
    chosen = ", ".join(f'turns."{name}"' for name in _COLUMNS if name in have)
    thread = "turns.thread_id" if "thread_id" in have else "NULL"
    schema = "schemas.content" if "schema_id" in have and "schemas" in tables else "NULL"
    join = "LEFT JOIN schemas ON schemas.id = turns.schema_id" if schema != "NULL" else ""
    turns = connection.execute(
        f"SELECT {chosen}, {thread} AS conversation_id, {schema} AS schema_json FROM turns {join} ORDER BY turns.id"  # noqa: S608 - ours
    )
    tree = _Tree(connection, tables)
    for turn in turns:
        yield tree.record(dict(turn))


def attachment_of(connection: sqlite3.Connection, identity: Json) -> dict[str, Json]:
    """An attachment with its bytes as a data URL, where the database holds them."""
    row = connection.execute("SELECT * FROM attachments WHERE id = ?", (identity,)).fetchone()
    found = dict(row) if row else {"id": identity}
    content = found.pop("content", None)
    if isinstance(content, bytes) and content:
        kind = found.get("type") or "application/octet-stream"
        found["data_url"] = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return found


@dataclass(frozen=True)
class _Tree:
    """Messages and their parts."""

    connection: sqlite3.Connection
    tables: dict[str, frozenset[str]]

    def record(self, turn: dict[str, Json]) -> dict[str, Json]:
        """A turn with what it was given and what came back."""
        parent = turn.pop("parent_message_hash", None)
        given = self._chain(parent, None)
        came = self._chain(turn.pop("tip_message_hash", None), parent)
        messages = [message for role, parts in given for message in _as_messages(role, parts)]
        answers = [part for role, parts in came if role != "tool" for part in parts]
        calls = [part for part in answers if part["type"] == "tool_call"]
        named = (part.get("name") for _, parts in [*given, *came] for part in parts if part.get("server_executed"))
        server_side = next(named, None)
        found = turn | {
            "messages": messages,
            "response": "".join(part["text"] for part in answers if part["type"] == "text"),
            "tool_calls": calls,
            "tools": self._tools(turn["id"]),
        }
        return found | {"not_replayable": _SERVER_SIDE.format(server_side)} if server_side else found

    def _chain(self, tip: Json, stop: Json) -> list[tuple[str, list[dict[str, Json]]]]:
        """Role and parts of each message from the one after ``stop`` to ``tip``; a circle ends where it closes."""
        chain: list[tuple[str, list[dict[str, Json]]]] = []
        seen: set[Json] = set()
        while tip is not None and tip != stop and tip not in seen and len(chain) < _LONGEST:
            seen.add(tip)
            row = self.connection.execute("SELECT parent_hash, role FROM messages WHERE hash = ?", (tip,)).fetchone()
            if row is None:
                break
            chain.append((row["role"], self._parts(tip)))
            tip = row["parent_hash"]
        return chain[::-1]

    def _parts(self, message: Json) -> list[dict[str, Json]]:
        rows = self.connection.execute("SELECT * FROM parts WHERE message_hash = ? ORDER BY position", (message,))
        return [self._part(dict(row)) for row in rows.fetchall()]

    def _part(self, row: dict[str, Json]) -> dict[str, Json]:
        payload = decode(row.get("payload"))
        part: dict[str, Json] = payload if isinstance(payload, dict) else {}
        part["type"] = row["type"]
        if row["type"] in ("text", "reasoning"):
            part["text"] = row["text"] if row.get("text") is not None else self._borrowed(row["id"], part)
        elif row["type"] == "attachment":
            links = self.connection.execute(
                'SELECT attachment_id FROM part_attachments WHERE part_id = ? ORDER BY "order"', (row["id"],)
            ).fetchall()
            part["attachments"] = [attachment_of(self.connection, link[0]) for link in links]
        elif row["type"] in ("tool_call", "tool_result"):
            part.setdefault("name", row.get("tool_name"))
        return part

    def _borrowed(self, part: Json, payload: dict[str, Json]) -> str:
        """Text that is made of fragments, which are stored once, and of what stands between them."""
        pieces = payload.get("text_ref")
        if not isinstance(pieces, list):
            links = self.connection.execute(
                'SELECT fragment_id FROM part_fragments WHERE part_id = ? ORDER BY "order"', (part,)
            ).fetchall()
            pieces = [{"fragment": link[0]} for link in links] or [{"literal": payload.get("text")}]
        return "".join(
            str(piece["literal"] or "") if "literal" in piece else self._fragment(piece.get("fragment"))
            for piece in pieces
            if isinstance(piece, dict)
        )

    def _fragment(self, identity: Json) -> str:
        row = self.connection.execute("SELECT content FROM fragments WHERE id = ?", (identity,)).fetchone()
        return str(row[0]) if row else ""

    def _tools(self, turn: Json) -> list[dict[str, Json]]:
        if not {"turn_tools", "tools"} <= self.tables.keys():
            return []
        rows = self.connection.execute(
            "SELECT name, description, input_schema FROM turn_tools JOIN tools ON tools.id = tool_id WHERE turn_id = ?",
            (turn,),
        )
        return [dict(row) for row in rows.fetchall()]


def _as_messages(role: str, parts: list[dict[str, Json]]) -> list[Json]:
    """Messages as OpenAI has them: every result of a tool is one of its own; what the model thought is left out."""
    results = [part for part in parts if part["type"] == "tool_result" and not part.get("server_executed")]
    messages: list[Json] = [
        {"role": "tool", "tool_call_id": part.get("tool_call_id"), "content": written(part.get("output"))}
        for part in results
    ]
    content: list[Json] = []
    for part in parts:
        if part["type"] == "text" and part["text"]:
            content.append({"type": "text", "text": part["text"]})
        elif part["type"] == "attachment":
            content += [attachment_part(attachment) for attachment in part["attachments"]]
    calls = [
        {
            "id": part.get("tool_call_id") or f"call_{index}",
            "type": "function",
            "function": {"name": part["name"], "arguments": written(part.get("arguments"))},
        }
        for index, part in enumerate(parts)
        if part["type"] == "tool_call" and not part.get("server_executed")
    ]
    if content or calls:
        is_text = all(piece["type"] == "text" for piece in content)
        text = "".join(piece["text"] for piece in content) if is_text else ""
        own: dict[str, Json] = {"role": role, "content": (text or None) if is_text else content}
        messages.append(own | {"tool_calls": calls} if calls else own)
    return messages
