"""Databases of one's own, SQLite files and dumps in SQL: written out as a file a table, as the sheets of a workbook."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import orjson

from advisor.errors import BadInput
from advisor.ingest.files.bytestream import check_file
from advisor.ingest.files.llm_database import connect, is_llms
from advisor.ingest.files.sql_dumps import Row, is_dump, read_dump

_SQLITE = b"SQLite format 3\0"
_TABLES = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
"""Neither virtual ones, which may need a module that isn't here, nor what those keep in tables of their own."""


def is_database(path: Path) -> bool:
    """Whether the file holds tables of one's own, which the llm tool's database doesn't."""
    try:
        check_file(path)
        if is_dump(path):
            return True
        with path.open("rb") as file:
            is_sqlite = file.read(len(_SQLITE)) == _SQLITE
        return is_sqlite and not is_llms(path)
    except (OSError, BadInput, EOFError, sqlite3.Error):
        return False  # whoever reads it says why


def write_tables(
    path: Path, label: str, folder: Path, most: int | None, check: Callable[[], None]
) -> list[tuple[Path, str]]:
    """Each table with a row as JSON lines in the folder, and what a person calls it.

    Of each at most ``most`` rows. ``check`` is called before each row and may end it by raising. Raises BadInput for
    what can't be read or is larger than the room in the folder.
    """
    size, free = path.stat().st_size, shutil.disk_usage(folder).free
    if size > free:
        raise BadInput(
            f"{label} has {size // 2**20:,} MB, but the temporary folder has room for {free // 2**20:,} MB. "
            "Free some space, or set TMPDIR to a folder on a larger disk."
        )
    files: dict[str, Path] = {}
    written = Counter[str]()
    try:
        rows = _stored(path, most) if not is_dump(path) else read_dump(path, label)
        for table, of_table in groupby(rows, key=itemgetter(0)):
            target = files.setdefault(table, folder / f"{len(files) + 1}.jsonl")
            with target.open("ab") as file:
                for _, row in of_table:
                    check()
                    if most is None or written[table] < most:
                        file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE, default=str))
                        written[table] += 1
    except sqlite3.Error as error:
        raise BadInput(f"{label} is a SQLite database that can't be read ({error}). Copy it again.") from None
    return [(file, f"{label}/{table}") for table, file in files.items()]


def _stored(path: Path, most: int | None) -> Iterator[tuple[str, Row]]:
    with closing(connect(path)) as connection:
        for (name,) in connection.execute(f"{_TABLES} ORDER BY name").fetchall():
            quoted = name.replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}" LIMIT ?', (-1 if most is None else most,)):  # noqa: S608 - quoted
                cells = {
                    key: cell.decode(errors="replace") if isinstance(cell, bytes) else cell
                    for key, cell in dict(row).items()
                }
                yield name, cells
