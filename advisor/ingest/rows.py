"""The rows of a log whatever its container: JSON lines, JSON values, a delimited table or raw server-sent events."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import orjson

from advisor.errors import BadInput
from advisor.ingest import bytestream, delimited
from advisor.ingest.characters import HALF_EMOJI, plain
from advisor.types import Json, Rejection

MAX_DEPTH = 200
_SKIPPED = re.compile(r"[\s,\[\]]*")
_SNIFF_BYTES = 2**20


class Shape(StrEnum):
    """How rows stand in a file."""

    LINES = "json lines"
    VALUES = "json"
    TABLE = "table"
    EVENTS = "server-sent events"


@dataclass(frozen=True, kw_only=True)
class Container:
    """What is needed to find the rows of a file."""

    shape: Shape
    delimiter: str = ","
    """Of a table."""


Row = tuple[int, dict[str, Json] | Rejection]


def sniff(path: Path) -> Container:
    """How the rows of the file stand; raises BadInput when it is no text log (see bytestream.pieces)."""
    head = b""
    try:
        for piece in bytestream.pieces(path):
            head += piece
            if len(head) >= _SNIFF_BYTES:
                break
    except EOFError:
        pass
    start = head.lstrip()
    if start.startswith(b"["):
        return Container(shape=Shape.VALUES)
    if start.startswith(b"{"):
        return Container(shape=Shape.LINES if _has_object_line(start) else Shape.VALUES)
    if re.match(rb"(event|data|id|retry):", start):
        return Container(shape=Shape.EVENTS)
    if len(head) > bytestream.MAX_LINE_BYTES or bytestream.text_of(head.partition(b"\n")[0]) is None:
        raise BadInput(f"{path.name} is neither UTF-8, UTF-16 nor Windows-1252 text. Save it as UTF-8 and try again.")
    return Container(shape=Shape.TABLE, delimiter=delimited.sniff_delimiter(head))


def _has_object_line(start: bytes) -> bool:
    starts = [line for line in start.split(b"\n")[:20] if line.startswith(b"{")]
    if len(starts) == 1 and b"\n" not in start.rstrip():
        return True
    return any(isinstance(_loads(line), dict) for line in starts)


def read_rows(path: Path, container: Container) -> Iterator[Row]:
    """Every row once, numbered from 1 (see Rejection.row): a record, or a Rejection where it cannot be read."""
    readers = {
        Shape.LINES: _read_lines,
        Shape.VALUES: _read_values,
        Shape.EVENTS: _read_events,
    }
    if container.shape is Shape.TABLE:
        return delimited.read_table(path, container.delimiter)
    return readers[container.shape](path)


def not_an_object(number: int, value: Json) -> Rejection:
    """The Rejection of a row that is a list, a number or a text."""
    kind = {str: "text", list: "a list", bool: "true or false", type(None): "null"}.get(type(value), "a number")
    return Rejection(row=number, reason=f"not a JSON object but {kind}")


def _read_lines(path: Path) -> Iterator[Row]:
    for number, line in enumerate(bytestream.lines(path), 1):
        if isinstance(line, bytestream.TooLong):
            yield number, Rejection(row=number, reason=f"the line is {bytestream.TOO_LONG}")
        elif isinstance(line, bytestream.Ended):
            yield number, Rejection(row=number, reason=bytestream.ENDS_EARLY)
        elif line and not line.isspace():
            yield number, _record(number, line)


def _record(number: int, line: bytes) -> dict[str, Json] | Rejection:
    value = _loads(line)
    if isinstance(value, Broken):
        return Rejection(row=number, reason=value.why)
    return value if isinstance(value, dict) else not_an_object(number, value)


@dataclass(frozen=True)
class Broken:
    """A line that is no JSON."""

    why: str


def _loads(line: bytes) -> Json | Broken:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        # orjson refuses lone surrogates, NaN, huge integers and Windows-1252; the slower parser takes them.
        text = bytestream.text_of(line)
        if text is None:
            return Broken("neither UTF-8 nor Windows-1252 text")
        try:
            value = plain(json.loads(text, parse_constant=lambda _: None))
        except RecursionError:
            return Broken("nested too deeply")
        except ValueError as error:
            return Broken(f"not JSON ({error}); the line may be cut off")
    return Broken("nested too deeply") if _is_deep(value, line.count(b"[") + line.count(b"{")) else value


def _is_deep(value: Json, openers: int) -> bool:
    if openers <= MAX_DEPTH:
        return False
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True


def _read_values(path: Path) -> Iterator[Row]:
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    source = _characters(path)
    text, at, number = "", 0, 0
    while True:
        at = _end_of_gap(text, at)
        if at == len(text):
            text, at = next(source, ""), 0
            if not text:
                return
            continue
        try:
            value, end = decoder.raw_decode(text, at)
            deep = _is_deep(value, text.count("[", at, end) + text.count("{", at, end))
        except RecursionError:
            yield number + 1, Rejection(row=number + 1, reason="nested too deeply; the rest of the file is not read")
            return
        except json.JSONDecodeError as error:
            hopeless = error.pos < len(text) - 64 and not error.msg.startswith("Unterminated string")
            more = "" if hopeless or len(text) - at > bytestream.MAX_LINE_BYTES else _at_least(source, len(text) - at)
            if not more:
                reason = f"not JSON ({error.msg}) or cut off; the rest of the file is not read"
                yield number + 1, Rejection(row=number + 1, reason=reason)
                return
            text, at = text[at:] + more, 0
            continue
        number += 1
        if deep:
            yield number, Rejection(row=number, reason="nested too deeply")
        elif isinstance(value, dict):
            yield number, plain(value) if HALF_EMOJI.search(text, at, end) else value
        else:
            yield number, not_an_object(number, value)
        at = end


def _end_of_gap(text: str, at: int) -> int:
    gap = _SKIPPED.match(text, at)
    return gap.end() if gap else at


def _at_least(source: Iterator[str], length: int) -> str:
    found: list[str] = []
    while sum(map(len, found)) < length and (piece := next(source, "")):
        found.append(piece)
    return "".join(found)


def _characters(path: Path) -> Iterator[str]:
    held = b""
    encoding = "utf-8"
    try:
        for piece in bytestream.pieces(path):
            held += piece
            try:
                text, held = held.decode(encoding), b""
            except UnicodeDecodeError as error:
                if error.start < len(held) - 3:
                    encoding = "cp1252"
                    text, held = held.decode(encoding, "replace"), b""
                else:
                    text, held = held[: error.start].decode(), held[error.start :]
            if text:
                yield text
    except EOFError:
        return


def _read_events(path: Path) -> Iterator[Row]:
    number, stream, size = 0, [], 0
    for line in bytestream.lines(path):
        if isinstance(line, bytes):
            size += len(line)
            if size <= bytestream.MAX_LINE_BYTES:
                stream.append(line)
        if stream and isinstance(line, bytes) and line.strip() in (b"data: [DONE]", b"data:[DONE]"):
            number += 1
            yield number, _stream_record(number, stream, size)
            stream, size = [], 0
    if any(line.strip() for line in stream):
        yield number + 1, _stream_record(number + 1, stream, size)


def _stream_record(number: int, stream: list[bytes], size: int) -> dict[str, Json] | Rejection:
    text = bytestream.text_of(b"\n".join(stream))
    if text is None or size > bytestream.MAX_LINE_BYTES:
        return Rejection(row=number, reason=f"a stream that is not UTF-8 text or {bytestream.TOO_LONG}")
    return {"response": text}
