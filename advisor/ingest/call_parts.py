"""What stands between a row and a call: records that wrap several are opened, parts of one call are told apart."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import orjson

from advisor.ingest.files.rows import not_an_object
from advisor.ingest.reader import ROW_FAULTS, Joiner, Opener, Splitter
from advisor.ingest.readers import all_joiners, all_openers
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.storable import plain
from advisor.types import Json, Rejection

_DEPTH = 4
"""A page of traces of spans; deeper nesting isn't a log."""
_KEY_SETS = 1024
_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Part:
    """A record that belongs to a call together with others."""

    call: str
    record: dict[str, Json]


def wraps(record: dict[str, Json]) -> bool:
    """Whether the record may wrap several, by its keys."""
    return _for_keys(tuple(record))[0] is not None


def unfold(record: dict[str, Json], depth: int = _DEPTH) -> Iterator[Json]:
    """The records inside a record that wraps several, else the record itself."""
    opener, _ = _for_keys(tuple(record))
    if opener is None or depth == 0:
        yield record
        return
    for inner in opener.open(record):
        if inner is record or not isinstance(inner, dict):
            yield inner
        else:
            yield from unfold(inner, depth - 1)


def part_of(record: dict[str, Json]) -> Part | None:
    """The record as a part of a call, or None when it stands alone."""
    found = _part_of(record)
    if found is None and _for_keys(tuple(key for key, value in record.items() if value not in (None, "")))[1]:
        plainer = without_cells(record)
        return _part_of(plainer) if plainer is not None else None
    return found


def _part_of(record: dict[str, Json]) -> Part | None:
    _, joiners = _for_keys(tuple(record))
    for joiner in joiners:
        call = joiner.call_of(record)
        if call is not None:
            return Part(f"{joiner.name}\0{call}", record)
    return None


def without_cells(record: dict[str, Json]) -> dict[str, Json] | None:
    """The record as it was before it became a row of a table: empty cells left out, values within text decoded.

    None where it isn't another.
    """
    found = {key: decode(value) for key, value in record.items() if value not in (None, "")}
    return found if found != record else None


def split(call: str, records: list[dict[str, Json]]) -> list[list[dict[str, Json]]]:
    """The parts of each call, where several calls have the same in common."""
    joiner = _joiner_of(call)
    return joiner.split(records) if isinstance(joiner, Splitter) and len(records) > 1 else [records]


def join(call: str, records: list[dict[str, Json]]) -> dict[str, Json]:
    """One record from the parts of a call."""
    return _joiner_of(call).join(records)


def joined_format(call: str) -> str:
    """The name of the format whose parts these are."""
    return _joiner_of(call).name


def _joiner_of(call: str) -> Joiner:
    name = call.partition("\0")[0]
    return next(joiner for joiner in all_joiners() if joiner.name == name)


@lru_cache(maxsize=_KEY_SETS)
def _for_keys(keys: tuple[str, ...]) -> tuple[Opener | None, tuple[Joiner, ...]]:
    """Most logs have few sets of keys, so that nothing is asked twice."""
    have = frozenset(keys)
    opener = next((opener for opener in all_openers() if opener.opens(have)), None)
    return opener, tuple(joiner for joiner in all_joiners() if joiner.joins(have))


class Unfolded:
    """Rows with those that wrap several opened, numbered as if the records within stood alone."""

    def __init__(self, rows: Iterator[tuple[int, Json]]) -> None:
        self._rows = rows
        self.more = 0
        """Rows so far beyond those of the file itself."""

    def __iter__(self) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
        for number, record in self._rows:
            if isinstance(record, Rejection):
                yield number + self.more, replace(record, row=number + self.more)
                continue
            if not wraps(record):
                yield number + self.more, record
                continue
            self.more -= 1
            for inner in opened(number, record):
                self.more += 1
                row = number + self.more
                is_row = isinstance(inner, dict | Rejection)
                yield row, inner if is_row else not_an_object(row, inner)


def opened(number: int, record: dict[str, Json]) -> Iterator[Json]:
    """What a record wraps, or a Rejection from where it cannot be opened any further."""
    try:
        yield from unfold(record)
    except ROW_FAULTS as error:
        yield unreadable(number, error)


def unreadable(number: int, error: Exception) -> Rejection:
    """The Rejection of a row that holds what nobody thought of."""
    return Rejection(row=number, reason=plain(f"not understood ({type(error).__name__}: {error})"[:_REASON_CHARS]))


class Joined(NamedTuple):
    """A call put together."""

    log: int
    """Index of the log that holds its first part."""
    row: int
    record: dict[str, Json] | Exception
    """The exception where the parts do not fit together."""
    parts: int


class WaitingParts:
    """Takes parts and gives calls. SQLite keeps them in a temporary file that is gone when it is closed."""

    def __init__(self) -> None:
        self._parts = 0
        self._file: sqlite3.Connection | None = None

    def put(self, log: int, row: int, part: Part) -> None:
        """Keep one part."""
        if self._file is None:
            self._file = sqlite3.connect("")
            self._file.execute("CREATE TABLE part (call TEXT, at INTEGER, log INTEGER, row INTEGER, record BLOB)")
        record = orjson.dumps(part.record, default=str, option=orjson.OPT_NON_STR_KEYS)
        self._file.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?)", (part.call, self._parts, log, row, record))
        self._parts += 1

    def calls(self) -> Iterator[Joined]:
        """Every call once, in the order of their first parts, and none a second time."""
        if self._file is None:
            return
        self._file.execute("CREATE INDEX part_of ON part (call, at)")
        for call, _ in self._file.execute("SELECT call, min(at) FROM part GROUP BY call ORDER BY min(at)"):
            found = self._file.execute("SELECT log, row, record FROM part WHERE call = ? ORDER BY at", (call,))
            yield from _joined(call, [(log, row, orjson.loads(record)) for log, row, record in found])
        self._file.close()
        self._file = None


def _joined(call: str, parts: list[tuple[int, int, dict[str, Json]]]) -> Iterator[Joined]:
    places = {id(record): (log, row) for log, row, record in parts}
    records = [record for _, _, record in parts]
    try:
        calls = split(call, records)
    except ROW_FAULTS as error:
        yield Joined(*places[id(records[0])], error, len(records))
        return
    for own in calls:
        try:
            record: dict[str, Json] | Exception = join(call, own)
        except ROW_FAULTS as error:
            record = error
        yield Joined(*min(places[id(part)] for part in own), record, len(own))
