"""One import into a study at a time: a lock that ends with the process that holds it, however that ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import text

from advisor.errors import StoreError
from advisor.store.engine import Store
from advisor.types import Study

_NUMBER = 7316
"""Of this kind of lock among those of PostgreSQL."""


def only_import(store: Store, study: Study) -> AbstractContextManager[None]:
    """What is incomplete in the study belongs to nobody else meanwhile.

    Raises StoreError while another import into it runs, here or in another process.
    """
    return _on_sqlite(store, study) if store.engine.dialect.name == "sqlite" else _on_postgresql(store, study)


@contextmanager
def _on_sqlite(store: Store, study: Study) -> Iterator[None]:
    """An empty database beside the store's, locked whole, and removed at the end.

    Who opened it before it was removed and locks it then has locked nothing.
    """
    file = Path(f"{store.engine.url.database}-importing-{study.id}")
    file.touch()
    before = file.stat().st_ino
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise _refusal(study) from error
        if not file.exists() or file.stat().st_ino != before:
            raise _refusal(study)
        try:
            yield
        finally:
            with suppress(OSError):
                file.unlink()


@contextmanager
def _on_postgresql(store: Store, study: Study) -> Iterator[None]:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed and not pooled afterwards, which gives the lock back
        numbers = {"kind": _NUMBER, "study": study.id}
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:kind, :study)"), numbers):
            raise _refusal(study)
        yield


def _refusal(study: Study) -> StoreError:
    return StoreError(
        f"Another import into {study.name} is running. Wait until it ends, then start this one again.", passing=True
    )
