"""The schema's version and the steps from one to the next.

A fresh database gets the current tables at once; one since 0.5.0 runs the missing steps in order and then gets the
tables that it lacks, in one transaction; an older and a newer one are refused. Steps add to the list below and are
never edited once they are released. One that changes a table newer than 0.5.0 does so only where the table is there.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, inspect, text

from advisor.errors import StoreError
from advisor.store import choice_tables, log_tables, tables  # noqa: F401 - they enter themselves into Base.metadata
from advisor.store.columns import Base
from advisor.store.steps import version_7, version_8, version_9, version_10

Migration = Callable[[Connection], None]

BASELINE = 6
"""The schema of 0.5.0: the oldest that can be lifted."""
MIGRATIONS: list[Migration] = [version_7.lift, version_8.lift, version_9.lift, version_10.lift]
"""MIGRATIONS[k] lifts version BASELINE + k to the next."""


def current_version() -> int:
    """The version this program writes."""
    return BASELINE + len(MIGRATIONS)


def migrate(engine: Engine) -> None:
    """Bring the database to the current version.

    Raises StoreError when it was written by a newer version of this program, by one before 0.5.0, or is not ours.
    """
    with engine.connect() as connection:
        if _stored_version(connection) == current_version():
            return
    with _changing_tables(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7314)"))
        version = _stored_version(connection)
        if version is None:
            tables = inspect(connection).get_table_names()
            if tables:
                raise StoreError(
                    f"The database has tables of another program ({', '.join(sorted(tables)[:3])} ...). "
                    "Set ADVISOR_DATABASE_URL to an empty database."
                )
            Base.metadata.create_all(connection)
            connection.execute(text("CREATE TABLE schema_version (version INTEGER NOT NULL)"))
            connection.execute(text("INSERT INTO schema_version VALUES (:v)"), {"v": current_version()})
            return
        if version > current_version():
            raise StoreError(
                f"The database has schema version {version}, but this program only supports up to {current_version()}. "
                "Install the newer program, or set ADVISOR_DATABASE_URL to another database."
            )
        if version < BASELINE:
            raise StoreError(
                f"The database has schema version {version}; this program opens those of Migration Advisor 0.5.0 "
                "and later. Open it once with 0.5.0, or set ADVISOR_DATABASE_URL to a new database."
            )
        for step in MIGRATIONS[version - BASELINE :]:
            step(connection)
        Base.metadata.create_all(connection)
        connection.execute(text("UPDATE schema_version SET version = :v"), {"v": current_version()})


@contextmanager
def _changing_tables(engine: Engine) -> Iterator[Connection]:
    """A transaction for writing in which, on SQLite, a table can be replaced without losing what belongs to it.

    With foreign keys on, dropping a table deletes the rows of others that refer to it. They cannot be switched within
    a transaction, so they are checked at its end instead.
    """
    with engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        switch = connection.connection.cursor().execute
        switch("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                _check_foreign_keys(connection)
        finally:
            if not connection.invalidated:  # as Ctrl-C does: then it is closed
                switch("PRAGMA foreign_keys = ON")


def _check_foreign_keys(connection: Connection) -> None:
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if lost is not None:
        raise StoreError(
            f"The database is damaged: a row of {lost[0]} belongs to a row of {lost[2]} that is missing. Nothing was "
            "changed; go back to a copy of the file, or set ADVISOR_DATABASE_URL to a new one."
        )


def _stored_version(connection: Connection) -> int | None:
    if not inspect(connection).has_table("schema_version"):
        return None
    return int(connection.execute(text("SELECT version FROM schema_version")).scalar_one())
