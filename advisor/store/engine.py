"""One engine, two backends: SQLite (the default) and PostgreSQL.

On SQLite readers open a plain ``BEGIN`` and never block; writers open ``BEGIN IMMEDIATE`` so that they queue for
the lock up front: a deferred transaction that reads first and writes later fails at once with "database is locked",
whatever the busy time-out.
"""

import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

import orjson
from sqlalchemy import (
    Boolean,
    Connection,
    Engine,
    Row,
    Select,
    UpdateBase,
    bindparam,
    create_engine,
    event,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from advisor.errors import AdvisorError, BadInput, StoreError
from advisor.settings import PRIVATE
from advisor.store.columns import UtcDateTime
from advisor.store.damage import TELLING, check_small, find_damage
from advisor.store.tables import StudyRow
from advisor.types import Json

if TYPE_CHECKING:
    import pandas as pd


PRAGMAS = (
    "busy_timeout = 30000",  # first: the others may have to wait
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "cache_size = -4000",
    "wal_autocheckpoint = 4000",
    "secure_delete = ON",
)
"""Every connection has a cache of its own: together they must stay small beside a long run."""

STATEMENTS = 16
"""That a SQLite connection keeps prepared: one that inserts many rows takes 100 kB, and there is one for each number of
rows."""

HARMLESS = ("locked", "full", "no space", "unable to open", "readonly", "constraint")
"""In what SQLite says where its file is sound."""

ROWS = 2000
"""Read at a time where there may be many: rows weigh far more than what is made of them."""


MOST_IDS = 500
"""In one statement: databases take a limited number of parameters."""

_Item = TypeVar("_Item")
First = TypeVar("First")
Columns = TypeVarTuple("Columns")
Transaction = Session
"""What a larger change hands to its parts."""


class Change(IntEnum):
    """What a change of a study concerns; each raises the counters of those before it too."""

    OTHER = 0
    """Reviews, decisions, jobs, load tests."""
    ANSWERS = 1
    """Runs, their answers and scores."""
    SETUP = 2
    """Its log, use cases, models or limits."""


_STUDY: Any = StudyRow.__table__
_COUNTERS = (_STUDY.c.revision, _STUDY.c.answers_revision, _STUDY.c.setup_revision)
_RAISE = {
    change: update(_STUDY)
    .where(_STUDY.c.id == bindparam("study"))
    .values({counter: counter + 1 for counter in _COUNTERS[: change + 1]})
    for change in Change
}


class Store:
    """An open database with the current schema."""

    def __init__(self, url: str) -> None:
        """Open or create the database at ``url`` and migrate it.

        Raises BadInput for a URL that means nothing, StoreError when the database cannot be opened, is damaged or is
        newer than this program.
        """
        from advisor.store.migrations import migrate

        self.engine = _open_engine(url)
        self._writing = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        try:
            with translated_errors(self.engine):
                check_small(self.engine)
                migrate(self.engine)
        except StoreError:
            self.engine.dispose()
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent snapshot that never blocks a writer."""
        with translated_errors(self.engine), Session(self.engine, expire_on_commit=False) as session:
            yield session

    def rows(self, query: Select[*Columns]) -> Sequence[Row[*Columns]]:
        """All rows of a query."""
        with self.read() as session:
            return session.execute(query).all()

    def scalars(self, query: Select[First, *tuple[Any, ...]]) -> list[First]:
        """The first column of all rows of a query."""
        with self.read() as session:
            return list(session.scalars(query))

    def scalar(self, query: Select[First, *tuple[Any, ...]]) -> First | None:
        """The first column of the first row; None where there is none."""
        with self.read() as session:
            found: First | None = session.scalar(query)
            return found

    @contextmanager
    def write(self, study: int | Select[Any] | None, change: Change = Change.OTHER) -> Iterator[Session]:
        """A session that takes the write lock at once; commits at the end, rolls back on an error.

        Raises the revision of ``study``, to which belongs what is changed: its id, or what selects it (``study_of``);
        None: of no study, or only a sign of life.
        """
        with (
            translated_errors(self.engine),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            # Through the connection, in a third of the time: a replay does this many times a second.
            study_id = session.connection().scalar(study) if isinstance(study, Select) else study  # it may be deleted
            yield session
            if study_id is not None:  # last: others that work on the study wait from here on
                session.flush()
                session.connection().execute(_RAISE[change], {"study": study_id})

    def execute(self, study: int | Select[Any] | None, change: Change, *statements: UpdateBase) -> None:
        """Execute statements in one transaction, as :meth:`write`."""
        with self.write(study, change) as session:
            for statement in statements:
                session.execute(statement)

    def close(self) -> None:
        """Give all connections back. Safe to call twice."""
        self.engine.dispose()


def study_of(row: Any, *ids: int | None) -> Select[Any]:
    """The study that rows of a table belong to, all of them to the same."""
    table = row.__table__.c
    return select(table.study_id).where(table.id.in_(ids)).limit(1)


def read_frame(session: Session, query: Select[Any]) -> "pd.DataFrame":
    """The rows of a query. Times are aware, in UTC; all else is as the database keeps it: enums are their words."""
    import pandas as pd

    columns = list(query.selected_columns)
    cursor: Any = session.connection().execute(query).cursor
    names = [column.name for column in columns]
    frame = pd.DataFrame.from_records(cursor.fetchall(), columns=names, coerce_float=True)
    for column in columns:
        if isinstance(column.type, UtcDateTime):
            frame[column.name] = pd.to_datetime(frame[column.name], utc=True).astype("datetime64[us, UTC]")
        elif isinstance(column.type, Boolean) and frame[column.name].notna().all():
            frame[column.name] = frame[column.name].astype(bool)
    return frame


def in_parts(items: Iterable[_Item], size: int = MOST_IDS) -> Iterator[list[_Item]]:
    """The items in their order, at most so many at a time."""
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


@contextmanager
def translated_errors(engine: Engine) -> Iterator[None]:
    """Turn what the driver says, and what a damaged file leads to, into a StoreError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).lower()
        is_harmless = any(words in said for words in HARMLESS) and not any(words in said for words in TELLING)
        if not is_harmless and (damage := find_damage(engine, error)) is not None:
            raise damage from error
        text = str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__
        passing = not isinstance(error, IntegrityError | DataError)
        raise StoreError(f"The database refused: {text}. {_remedy(text.lower())}", passing=passing) from error
    except AdvisorError:
        raise
    except Exception as error:
        if (damage := find_damage(engine, error)) is not None:
            raise damage from error
        raise


def _remedy(text: str) -> str:
    if "full" in text or "no space" in text:
        return "Free some disk space and start the same command again; what was stored is kept."
    if "locked" in text:
        return "Another program holds it; wait for it to finish and try again."
    if "unable to open" in text or "readonly" in text:
        return "Check that the folder exists and may be written, or set ADVISOR_DATABASE_URL to another place."
    if "foreign key" in text:
        return "What it belongs to was deleted meanwhile; nothing else is lost."
    if "connection" in text or "connect" in text or "password" in text:
        return "Check ADVISOR_DATABASE_URL and that the database server runs."
    return "Try again; if it stays, set ADVISOR_DATABASE_URL to a new database."


def _open_engine(url: str) -> Engine:
    try:
        address = make_url(url)
        if address.drivername in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() not in ("sqlite", "postgresql"):
            raise BadInput(
                f"ADVISOR_DATABASE_URL names {address.get_backend_name()!r}; use sqlite:///FILE or postgresql://..."
            )
        check_password(address)
        if address.get_backend_name() == "sqlite" and address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            _make_private(Path(address.database))
        sqlite = {"connect_args": {"cached_statements": STATEMENTS}} if address.get_backend_name() == "sqlite" else {}
        engine = create_engine(address, json_deserializer=_from_json, **sqlite)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise BadInput("ADVISOR_DATABASE_URL is not a database URL; use sqlite:///FILE or postgresql://...") from None
    except OSError as error:
        raise StoreError(
            f"The folder of the database can't be made ({error.strerror}). {_remedy('readonly')}"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    return engine


def check_password(address: URL) -> None:
    """Raises BadInput when an @ that was not escaped makes a part of the password pass for the host."""
    if address.get_backend_name() != "sqlite" and "@" in f"{address.host}{address.database}{address.query}":
        raise BadInput("The database URL has more than one @. Write an @ in the password as %40, and a / as %2F.")


def _make_private(database: Path) -> None:
    """Close a database of ours that an earlier version left readable to other users; SQLite opens new files like it."""
    for path in (database, database.with_name(f"{database.name}-wal"), database.with_name(f"{database.name}-shm")):
        if path.is_file() and path.stat().st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~PRIVATE)


def _from_json(stored: str | bytes) -> Json:
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError:  # NaN, or half an emoji: the standard library writes both
        return json.loads(stored)


def _configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    raw: Any = connection
    raw.isolation_level = None  # SQLAlchemy emits BEGIN, not sqlite3
    cursor = connection.cursor()
    if cursor.execute("PRAGMA page_count").fetchone() == (0,):  # of a new file only; it would wait for any writer
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
