"""Records that wait for others of the same group, on disk, so that files of any size can be put together."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import orjson

from advisor.types import Json


class WaitingRecords:
    """SQLite keeps them in a temporary file that is gone when it is closed."""

    def __init__(self) -> None:
        self._file: sqlite3.Connection | None = None

    def put(self, group: str, place: Json, record: dict[str, Json]) -> None:
        """Keep one record; ``place`` says where it stood."""
        if self._file is None:
            self._file = sqlite3.connect("")
            self._file.execute("CREATE TABLE waiting (name TEXT, record BLOB)")
        packed = orjson.dumps((place, record), default=str, option=orjson.OPT_NON_STR_KEYS)
        self._file.execute("INSERT INTO waiting VALUES (?, ?)", (group, packed))

    def groups(self) -> Iterator[tuple[str, list[tuple[Any, dict[str, Json]]]]]:
        """Every group once, in the order of their first records: its places and records; none a second time."""
        if self._file is None:
            return
        self._file.execute("CREATE INDEX of_group ON waiting (name)")
        for name, _ in self._file.execute("SELECT name, min(rowid) FROM waiting GROUP BY name ORDER BY min(rowid)"):
            found = self._file.execute("SELECT record FROM waiting WHERE name = ? ORDER BY rowid", (name,))
            yield name, [tuple(orjson.loads(packed)) for (packed,) in found]
        self._file.close()
        self._file = None
