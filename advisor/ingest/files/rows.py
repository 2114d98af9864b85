"""The rows of a log whatever its container: lines or values of JSON, a table, Parquet, SQLite or server-sent events."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import orjson

from advisor.errors import BadInput
from advisor.ingest.files import bytestream
from advisor.ingest.files.arrays import START, read_arrays
from advisor.ingest.files.headers import is_headless, is_ragged, titles_above
from advisor.ingest.files.json_cells import has_json_cells
from advisor.ingest.files.json_values import TOO_DEEP, as_record, read_values
from advisor.ingest.files.json_values import not_an_object as not_an_object
from advisor.ingest.files.llm_database import read_database
from advisor.ingest.files.log_lines import is_barred, is_logged, is_stamped, read_barred, read_logged, text_lines
from advisor.ingest.files.sql_dumps import is_copied, uncopied
from advisor.ingest.files.tables import read_parquet, read_table, sniff_delimiter
from advisor.ingest.files.yaml_values import read_yaml
from advisor.ingest.homemade.transcripts import as_rows, is_transcript
from advisor.ingest.records.answered_later import id_of_responses, with_responses
from advisor.ingest.records.earlier_turns import with_chains, with_threads
from advisor.ingest.values.storable import plain
from advisor.types import Json, Rejection

_LAST_EVENT = re.compile(
    rb"data: ?\[DONE\]|event: ?(message_stop|response\.(completed|failed|incomplete))"
    rb'|data: ?\{"type": ?"(message_stop|response\.(completed|failed|incomplete))"'
)
"""Ends a stream of OpenAI's chat completions, Anthropic's messages or OpenAI's responses."""
_EVENT = re.compile(rb"\s*(event|data|id|retry):")
_SNIFF_BYTES = 2**20
_TEXTS = frozenset({".txt", ".md", ".markdown", ".text", ".log", ""})
"""Endings of files that may hold running text."""
_TOLD = 2**16


class Shape(StrEnum):
    """How rows stand in a file."""

    LINES = "json lines"
    VALUES = "json"
    ARRAYS = "json arrays"
    TABLE = "table"
    EVENTS = "server-sent events"
    BARRED = "barred"
    TRANSCRIPT = "transcript"
    LOGGED = "json in lines of a program's log"
    YAML = "yaml"
    PARQUET = "parquet"
    DATABASE = "sqlite"


@dataclass(frozen=True, kw_only=True)
class Container:
    """What is needed to find the rows of a file."""

    shape: Shape
    delimiter: str = ","
    """Of a table."""
    is_escaped: bool = False
    """Whether a table writes a quote within a cell as ``\\"``."""
    is_headless: bool = False
    """Whether the first row of a table is data."""
    titles: int = 0
    is_copied: bool = False
    """Whether a table's cells have escapes (see is_copied)."""
    has_json: bool = False
    """Whether a table's cells are JSON (see json_cells)."""


Row = tuple[int, dict[str, Json] | Rejection]


def sniff(path: Path) -> Container:
    """How the rows of the file stand; raises BadInput when it isn't a log (see bytestream.pieces)."""
    bytestream.check_file(path)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix in (".yaml", ".yml"):
        return Container(shape=Shape.YAML)
    binary = _sniff_binary(path)
    if binary is not None:
        return Container(shape=binary)
    head = b""
    with suppress(EOFError):
        for piece in bytestream.pieces(path):
            head += piece
            if len(head) >= _SNIFF_BYTES:
                break
    text = _sniff_text(head) if suffix in _TEXTS else None
    if text is not None:
        return Container(shape=text)
    start = head.lstrip()
    if START.match(start):
        return Container(shape=Shape.ARRAYS)
    if start.startswith(b"["):
        return Container(shape=Shape.VALUES)
    if start.startswith(b"{"):
        is_long = len(head) >= _SNIFF_BYTES and b"\n" not in start
        if is_long and isinstance(next(bytestream.lines(path), None), bytestream.TooLong):
            return Container(shape=Shape.VALUES)
        return Container(shape=Shape.LINES if _has_object_line(start) else Shape.VALUES)
    if _EVENT.match(start):
        return Container(shape=Shape.EVENTS)
    if len(head) > bytestream.MAX_LINE_BYTES or bytestream.text_of(head.partition(b"\n")[0]) is None:
        raise BadInput(f"{path.name} is neither UTF-8, UTF-16 nor Windows-1252 text. Save it as UTF-8 and try again.")
    return _sniff_table(path, head)


def _sniff_table(path: Path, head: bytes) -> Container:
    if has_json_cells(head):
        return Container(shape=Shape.TABLE, has_json=True)
    delimiter, is_escaped = sniff_delimiter(head)
    if path.suffix.lower() in _TEXTS and is_ragged(head, delimiter, is_escaped=is_escaped):
        raise BadInput(
            f"{path.name} is text without turns that are read here. Put `User:` and `Assistant:` before what each says."
        )
    titles = titles_above(head, delimiter, is_escaped=is_escaped)
    return Container(
        shape=Shape.TABLE,
        delimiter=delimiter,
        is_escaped=is_escaped,
        is_headless=not titles and is_headless(head, delimiter, is_escaped=is_escaped),
        titles=titles,
        is_copied=delimiter == "\t" and not is_escaped and is_copied(head),
    )


def _sniff_binary(path: Path) -> Shape | None:
    try:
        with path.open("rb") as file:
            magic = file.read(16)
    except OSError:
        return None  # bytestream says why
    if magic.startswith(b"PAR1"):
        return Shape.PARQUET
    return Shape.DATABASE if magic == b"SQLite format 3\0" else None


def _has_object_line(start: bytes) -> bool:
    starts = [line for line in start.split(b"\n")[:20] if line.startswith(b"{")]
    if len(starts) == 1 and b"\n" not in start.rstrip():
        return "Extra data" not in (_why_no_object(starts[0]) or "")
    return any(_why_no_object(line) is None for line in starts)


def _why_no_object(line: bytes) -> str | None:
    record = _read_line(0, line)
    return record.reason if isinstance(record, Rejection) else None


def read_rows(path: Path, container: Container) -> Iterator[Row]:
    """Every row once, numbered from 1 (see Rejection.row): a record, or a Rejection where it cannot be read."""
    return with_chains(with_threads(with_responses(_read_shape(path, container))))


def are_put_together(path: Path, container: Container) -> bool:
    """Whether calls are made of rows that stand apart."""
    return id_of_responses(_read_shape(path, container)) is not None


def _read_shape(path: Path, container: Container) -> Iterator[Row]:
    if container.shape is not Shape.TABLE:
        return _READERS[container.shape](path)
    rows = read_table(
        path,
        container.delimiter,
        is_escaped=container.is_escaped,
        is_headless=container.is_headless,
        titles=container.titles,
        has_json=container.has_json,
    )
    if not container.is_copied:
        return rows
    return ((number, uncopied(row) if isinstance(row, dict) else row) for number, row in rows)


def _sniff_text(head: bytes) -> Shape | None:
    """Of a file that may hold running text: a chat, or the lines of a program's log."""
    text = bytestream.text_of(head[:_TOLD]) or ""
    if is_barred(text):
        return Shape.BARRED
    if is_transcript(text) and not is_stamped(text):
        return Shape.TRANSCRIPT
    return Shape.LOGGED if not _EVENT.match(head) and is_logged(text) else None


def read_lines(lines: Iterable[bytes | bytestream.TooLong | bytestream.Ended]) -> Iterator[Row]:
    """The rows of JSON lines, numbered from 1 by their lines; blank ones are none."""
    for number, line in enumerate(lines, 1):
        if isinstance(line, bytestream.TooLong):
            yield number, Rejection(row=number, reason=f"the line is {bytestream.TOO_LONG}")
        elif isinstance(line, bytestream.Ended):
            yield number, bytestream.cut_off(number)
        elif line and not line.isspace():
            yield number, _read_line(number, line)


def _read_line(number: int, line: bytes) -> dict[str, Json] | Rejection:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        # orjson refuses lone surrogates, NaN, huge integers and Windows-1252; the slower parser takes them.
        text = bytestream.text_of(line)
        if text is None:
            return Rejection(row=number, reason="neither UTF-8 nor Windows-1252 text")
        try:
            value = plain(json.loads(text, parse_constant=lambda _: None))
        except RecursionError:
            return Rejection(row=number, reason=TOO_DEEP)
        except ValueError as error:
            return Rejection(row=number, reason=f"not JSON ({error}); the line may be cut off")
    return as_record(number, value, line.count(b"[") + line.count(b"{"))


def _read_events(path: Path) -> Iterator[Row]:
    number, stream, size, is_last, is_torn = 0, [], 0, False, False
    for line in bytestream.lines(path):
        if not isinstance(line, bytes):
            is_torn = is_torn or isinstance(line, bytestream.Ended)
            continue
        size += len(line)
        if size <= bytestream.MAX_LINE_BYTES:
            stream.append(line)
        is_last = is_last or _LAST_EVENT.match(line) is not None
        if is_last and (not line.strip() or b"[DONE]" in line):
            number += 1
            yield number, _stream_record(number, stream, size)
            stream, size, is_last = [], 0, False
    if any(line.strip() for line in stream):
        number += 1
        yield number, _stream_record(number, stream, size)
    if is_torn:
        yield number + 1, bytestream.cut_off(number + 1)


def _stream_record(number: int, stream: list[bytes], size: int) -> dict[str, Json] | Rejection:
    text = bytestream.text_of(b"\n".join(stream))
    if text is None or size > bytestream.MAX_LINE_BYTES:
        return Rejection(row=number, reason=f"a stream that is not UTF-8 text or {bytestream.TOO_LONG}")
    return {"response": text}


_READERS: dict[Shape, Callable[[Path], Iterator[Row]]] = {
    Shape.LINES: lambda path: read_lines(bytestream.lines(path)),
    Shape.VALUES: read_values,
    Shape.ARRAYS: read_arrays,
    Shape.EVENTS: _read_events,
    Shape.LOGGED: read_logged,
    Shape.BARRED: lambda path: enumerate(read_barred(path), 1),
    Shape.TRANSCRIPT: lambda path: enumerate(as_rows(text_lines(path)), 1),
    Shape.YAML: read_yaml,
    Shape.PARQUET: read_parquet,
    Shape.DATABASE: read_database,
}
"""Of every shape but tables, which are read by more than their shape."""
