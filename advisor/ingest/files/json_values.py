"""JSON values one after the other: an array, objects over several lines, or a list that one object wraps.

One value at a time is in memory. An object that is too large for that is read element by element where it wraps a
list, as the pages of an API do: each element then stands in an object like the whole, so that it is read the same way.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from advisor.ingest.files import bytestream
from advisor.ingest.values.storable import HALF_EMOJI, plain
from advisor.types import Json, Rejection

MAX_DEPTH = 200
TOO_DEEP = "nested too deeply"
_LISTS = frozenset({
    "data", "events", "items", "results", "runs", "spans", "calls", "records", "rows", "logs", "observations", "traces",
    "resourceSpans", "resourceLogs", "responses", "value", "hits", "body",
})  # fmt: skip
_GAP = re.compile(r"[\s,\[\]]*")
_GAP_IN_LIST = re.compile(r"[\s,]*")
_BETWEEN = re.compile(r"[\s,:]*")
_LEVELS = 4
_ENDS_OPEN = "the file ends in the middle and the rest is missing; export it again"
_NEAR_END = 64
"""An error this close to the end of what is read may be only that the rest is missing."""

Row = tuple[int, dict[str, Json] | Rejection]


def read_values(path: Path) -> Iterator[Row]:
    """Every value, or element of an outer array, once, numbered from 1."""
    reading = _Reading(path)
    number = 0
    try:
        while reading.advance():
            value, openers, is_half = reading.take()
            number += 1
            record = as_record(number, value, openers)
            yield number, plain(record) if is_half and isinstance(record, dict) else record
    except EOFError:
        end = number + 1
        yield end, bytestream.cut_off(end) if reading.is_torn else bytestream.cut_off(end, _ENDS_OPEN)
    except RecursionError:
        yield number + 1, bytestream.cut_off(number + 1, f"{TOO_DEEP}; the rest of the file is not read")
    except ValueError as error:
        reason = f"not JSON ({error}) or cut off; the rest of the file is not read"
        yield number + 1, bytestream.cut_off(number + 1, reason)


def as_record(number: int, value: Json, openers: int) -> dict[str, Json] | Rejection:
    """A value as the record of a row, or why it is none; ``openers`` brackets are in its text."""
    if _is_deep(value, openers):
        return Rejection(row=number, reason=TOO_DEEP)
    return value if isinstance(value, dict) else not_an_object(number, value)


def not_an_object(number: int, value: Json) -> Rejection:
    """The Rejection of a row that is a list, a number or a text."""
    kind = {str: "text", list: "a list", bool: "true or false", type(None): "null"}.get(type(value), "a number")
    return Rejection(row=number, reason=f"not a JSON object but {kind}")


def _is_deep(value: Json, openers: int) -> bool:
    """Whether the value is nested deeper than any log."""
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


@dataclass
class _Reading:
    """A text that comes in pieces, and where in it we are."""

    path: Path
    source: Iterator[str] = field(init=False)
    is_torn: bool = field(default=False, init=False)
    """Whether the file cannot be unpacked to its end."""
    text: str = ""
    at: int = 0
    open_arrays: int = 0
    """Arrays around the values that are not closed yet."""
    around: list[tuple[dict[str, Json], str]] = field(default_factory=list)
    """Keys before the list that is read element by element, and its own key; the outermost object first."""
    decoder: json.JSONDecoder = field(default_factory=lambda: json.JSONDecoder(parse_constant=lambda _: None))

    def __post_init__(self) -> None:
        self.source = self._characters()

    def advance(self) -> bool:
        """Go to the next value; False at the end, which for a wrapped list is the end of the list.

        Raises EOFError where the text ends before the list or the array does, or cannot be unpacked any further.
        """
        gap = _GAP_IN_LIST if self.around else _GAP
        while True:
            found = gap.match(self.text, self.at)
            end = found.end() if found else self.at
            self.open_arrays += self.text.count("[", self.at, end) - self.text.count("]", self.at, end)
            self.at = end
            if self.at < len(self.text):
                return not (self.around and self.text[self.at] == "]")
            self.text, self.at = next(self.source, ""), 0
            if not self.text:
                if self.is_torn or self.around or self.open_arrays > 0:
                    raise EOFError
                return False

    def take(self) -> tuple[Json, int, bool]:
        """The value here, how many brackets open in its text, and whether it may hold halves of emoji."""
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if error.pos < len(self.text) - _NEAR_END and not error.msg.startswith("Unterminated string"):
                    raise ValueError(error.msg) from None
                self._read_on(error)
                continue
            openers = self.text.count("[", self.at, end) + self.text.count("{", self.at, end)
            found = self._within(value), openers, bool(HALF_EMOJI.search(self.text, self.at, end))
            self.at = end
            return found

    def _read_on(self, error: json.JSONDecodeError) -> None:
        held = len(self.text) - self.at
        if held > bytestream.MAX_LINE_BYTES:
            if self.around or not self._enter_list():
                raise ValueError(f"a value is {bytestream.TOO_LONG}")
            self.advance()
            return
        wanted, more = min(held, bytestream.MAX_LINE_BYTES + 1 - held), ""
        while len(more) < wanted and (piece := next(self.source, "")):
            more += piece
        if not more and self.is_torn:
            raise EOFError
        if not more:
            raise ValueError(error.msg)
        self.text, self.at = self.text[self.at :] + more, 0

    def _within(self, value: Json) -> Json:
        """An element of a wrapped list in an object like the one around the list."""
        if not self.around:
            return value
        *outer, (head, key) = self.around
        found: Json = head | {key: [value]}
        for head, key in reversed(outer):
            found = head | {key: found}
        return found

    def _enter_list(self) -> bool:
        """Go to the first element of the list that the object here wraps; False where it wraps none."""
        at = self.at
        around: list[tuple[dict[str, Json], str]] = []
        while self.text[at : at + 1] == "{" and len(around) < _LEVELS:
            head: dict[str, Json] = {}
            at += 1
            while True:
                try:
                    key, at = self.decoder.raw_decode(self.text, self._after_gap(at))
                    at = self._after_gap(at)
                except json.JSONDecodeError:
                    return False
                if not isinstance(key, str):
                    return False
                try:
                    head[key], at = self.decoder.raw_decode(self.text, at)
                except json.JSONDecodeError:
                    break
            around.append((head, key))
            if self.text[at : at + 1] == "[":
                self.around, self.at = around, at + 1
                return key in _LISTS
        return False

    def _after_gap(self, at: int) -> int:
        gap = _BETWEEN.match(self.text, at)
        return gap.end() if gap else at

    def _characters(self) -> Iterator[str]:
        decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for piece in bytestream.pieces(self.path):
                held = decoder.getstate()[0]
                try:
                    text = decoder.decode(piece)
                except UnicodeDecodeError:
                    decoder = codecs.getincrementaldecoder("cp1252")("replace")
                    text = decoder.decode(held + piece)
                if text:
                    yield text
        except EOFError:
            self.is_torn = True
