"""Parts of calls wait here for the others, on disk, so that files of any size can be joined."""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from advisor.ingest.reader import ROW_FAULTS
from advisor.ingest.records import Part, join, split
from advisor.types import Json


class Joined(NamedTuple):
    """A call put together."""

    log: int
    """Index of the log that holds its first part."""
    row: int
    record: dict[str, Json] | Exception
    """The exception where the parts do not fit together."""
    parts: int


class Shelf:
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
        """Every call once, in the order of their first parts, then the shelf is empty."""
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
