"""JSON files of bare arrays: chats as pairs of question and answer, as Gradio keeps them, and rows of cells."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import orjson

from advisor.ingest.files import bytestream
from advisor.ingest.files.headers import is_data
from advisor.ingest.files.json_values import not_an_object, read_values
from advisor.ingest.homemade.roles import known_role
from advisor.ingest.records.columns import guess_columns
from advisor.ingest.values.json_text import as_list
from advisor.types import Json, Rejection

START = re.compile(rb'\s*\[\s*\[\s*(\[\s*)?("|[\d.-]+\s*,|null\s*,)')
"""How such a file begins: texts or numbers within arrays, and no object."""
_LOOKED_AT = 50


def read_arrays(path: Path) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """Every chat or row once, numbered from 1. The whole file is in memory; one that isn't small is read as values."""
    if path.stat().st_size > bytestream.MAX_LINE_BYTES:
        yield from read_values(path)
        return
    try:
        whole = orjson.loads(b"".join(bytestream.pieces(path)))
    except (orjson.JSONDecodeError, EOFError):
        yield from read_values(path)
        return
    rows: list[Json] = whole if isinstance(whole, list) else []
    header = rows[0] if rows else None
    if isinstance(header, list) and _is_header(header, rows[:_LOOKED_AT]):
        for number, row in enumerate(rows[1:], 1):
            is_row = isinstance(row, list) and len(row) == len(header)
            yield number, dict(zip(header, row, strict=True)) if is_row else not_an_object(number, row)
        return
    if not _is_chat(rows) and all(map(_is_row, rows)):
        for number, row in enumerate(rows, 1):
            yield number, {f"column {place}": cell for place, cell in enumerate(row, 1)}
        return
    for number, chat in enumerate([rows] if _is_chat(rows) else rows, 1):
        yield number, {"messages": _messages(chat)} if _is_chat(chat) else not_an_object(number, chat)


def _is_header(header: list[Json], rows: list[Json]) -> bool:
    """Whether the first row has names of columns: usual ones, or such as say what the cells below them are not."""
    if not all(isinstance(name, str) for name in header):
        return False
    if all(map(_is_row, rows)):
        return not is_data([["" if cell is None else str(cell) for cell in as_list(row)] for row in rows])
    names = list(map(str, header))
    return "prompt" in guess_columns(names) or [known_role(name) for name in names] == ["user", "assistant"]


def _is_row(value: Json) -> bool:
    """Whether these are cells: more than a question and an answer, and no lists."""
    return isinstance(value, list) and len(value) > 2 and not any(isinstance(cell, list | dict) for cell in value)


def _is_chat(value: Json) -> bool:
    """Whether these are pairs of texts, of which the bot's may be missing."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], str | None)
            for pair in value
        )
    )


def _messages(chat: Json) -> list[Json]:
    turns = chain.from_iterable(zip(("user", "assistant"), pair, strict=True) for pair in chat)
    return [{"role": role, "content": text} for role, text in turns if text]
