"""Telling a damaged database file of SQLite from a fault of the program, and what to do about it."""

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from advisor.errors import StoreError

SMALL_BYTES = 32 * 2**20
"""Up to this size a file is checked whenever it is opened: 0.1 s at most."""
UNREADABLE = (ValueError, LookupError, TypeError)
"""What decoding a damaged value raises: text, JSON, a moment, a word of a list."""
TELLING = ("could not decode", "no such column", "no such table")
"""In what the driver says of a damaged text or table name; the rest may quote the text."""


def check_small(engine: Engine) -> None:
    """Refuse a damaged file, as far as looking at all of it costs little. Raises StoreError."""
    file = file_of(engine)
    if file is not None and file.is_file() and file.stat().st_size <= SMALL_BYTES and _is_damaged(file):
        raise _damaged(file)


def find_damage(engine: Engine, error: Exception) -> StoreError | None:
    """What to say of an error if the file is to blame; None: it is not, or there is none."""
    file = file_of(engine)
    if file is None or not file.is_file():
        return None
    if _is_damaged(file):
        return _damaged(file)
    is_value = isinstance(error, UNREADABLE) and not isinstance(error, UnicodeEncodeError)  # that is what was given
    if is_value or any(words in str(error).lower() for words in TELLING):  # SQLite does not see it
        return StoreError(
            f"A value in the database file {file} can't be read ({type(error).__name__}), so the file may be damaged. "
            f"{_remedy(file)}"
        )
    return None


def file_of(engine: Engine) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL and a database in memory."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != ":memory:" else None


def _damaged(file: Path) -> StoreError:
    return StoreError(f"The database file {file} is damaged. {_remedy(file)}")


def _remedy(file: Path) -> str:
    old, new = shlex.quote(str(file)), shlex.quote(f"{file}.recovered")
    return (
        "Stop the app and put a copy of the file in its place. Without a copy, save what is readable: "
        f'sqlite3 {old} ".recover" | sqlite3 {new}'
    )


def _is_damaged(file: Path) -> bool:
    how = "integrity_check" if file.stat().st_size <= SMALL_BYTES else "quick_check"
    try:
        with closing(sqlite3.connect(file)) as database:
            return bool(database.execute(f"PRAGMA {how}(1)").fetchone() != ("ok",))
    except sqlite3.OperationalError as error:
        return "decode" in str(error)  # else it is locked, or may not be read
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return True
