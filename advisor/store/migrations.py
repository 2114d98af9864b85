"""The schema's version and the steps from one to the next.

A fresh database gets the current tables at once; an older one runs the missing steps in order, in one transaction;
a newer one is refused. Steps add to the list below and are never edited afterwards.
"""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, inspect, text

from advisor.errors import StoreError
from advisor.store.tables import StudyRow

Migration = Callable[[Connection], None]

MIGRATIONS: list[Migration] = []
"""MIGRATIONS[k] lifts version k + 1 to k + 2."""


def current_version() -> int:
    """The version this program writes."""
    return len(MIGRATIONS) + 1


def migrate(engine: Engine) -> None:
    """Bring the database to the current version.

    Raises StoreError when it was written by a newer version of this program or is not ours.
    """
    with engine.connect() as connection:
        if _stored_version(connection) == current_version():
            return
    with engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7314)"))
        version = _stored_version(connection)
        if version is None:
            tables = inspect(connection).get_table_names()
            if tables:
                raise StoreError(
                    f"The database holds tables that are not ours ({', '.join(sorted(tables)[:3])} ...). "
                    "Set ADVISOR_DATABASE_URL to an empty database."
                )
            StudyRow.metadata.create_all(connection)
            connection.execute(text("CREATE TABLE schema_version (version INTEGER NOT NULL)"))
            connection.execute(text("INSERT INTO schema_version VALUES (:v)"), {"v": current_version()})
            return
        if version > current_version():
            raise StoreError(
                f"The database has schema version {version}, this program knows {current_version()}. "
                "Install the newer program, or set ADVISOR_DATABASE_URL to another database."
            )
        for step in MIGRATIONS[version - 1 :]:
            step(connection)
        connection.execute(text("UPDATE schema_version SET version = :v"), {"v": current_version()})


def _stored_version(connection: Connection) -> int | None:
    if not inspect(connection).has_table("schema_version"):
        return None
    return int(connection.execute(text("SELECT version FROM schema_version")).scalar_one())
