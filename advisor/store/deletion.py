"""Deleting a study: it is gone for everybody at once, and its rows go in short transactions that block nobody."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Delete, delete, select, tuple_, update

from advisor.store.columns import ACTIVE
from advisor.store.engine import Change, Store
from advisor.store.jobs import new_job
from advisor.store.log_tables import LogRow, RejectionRow, SampleRow
from advisor.store.run.runs import STALE_AFTER
from advisor.store.tables import (
    GenerationRow,
    JobRow,
    JudgementRow,
    ReviewRow,
    RunRow,
    RunSampleRow,
    ScoreRow,
    StudyRow,
)
from advisor.types import Status

KIND = "delete"
"""Of the job that removes the rows."""
BATCH = 500
POLL_S = 0.5
LARGEST_COPY_BYTES = 128 * 2**20
"""A file made before it could shrink step by step is copied at once if no more than this is left of it."""
STEP_PAGES = 500
TRIES = 20


def delete_study(store: Store, study_id: int) -> None:
    """Hide a study with all it holds, stop what works on it, and queue the removal of its rows."""
    with store.write(study_id, Change.SETUP) as session:
        there = select(StudyRow.id).where(StudyRow.id == study_id, StudyRow.deleted.is_not(True))
        if session.scalar(there) is None:
            return
        for row in (RunRow, JobRow):
            of_study = update(row).where(row.study_id == study_id)
            session.execute(of_study.where(row.status == Status.QUEUED).values(status=Status.CANCELLED))
            session.execute(of_study.where(row.status == Status.RUNNING).values(wanted=Status.CANCELLED))
        # last: who holds one of these rows raises the study's revision next
        hide = update(StudyRow).where(StudyRow.id == study_id)
        session.execute(hide.values(deleted=True, name=str(uuid4())))
        session.add(new_job(KIND, None, {"study": study_id}))


def queue_forgotten(store: Store) -> None:
    """Queue the removal of hidden studies for which no job is left: theirs failed."""
    with store.write(None) as session:
        waiting = select(JobRow.arguments).where(JobRow.kind == KIND, JobRow.status.in_(ACTIVE))
        queued = {arguments["study"] for arguments in session.scalars(waiting)}
        hidden = session.scalars(select(StudyRow.id).where(StudyRow.deleted.is_(True))).all()
        for study_id in set(hidden) - queued:
            session.add(new_job(KIND, None, {"study": study_id}))


def remove_rows(store: Store, study_id: int, *, is_wanted_elsewhere: Callable[[], bool] = lambda: False) -> bool:
    """Remove the rows of a deleted study, batch by batch, and free their space.

    Waits for a run that still works on it. False when it stopped before the end because of ``is_wanted_elsewhere``.
    """
    while _is_at_work(store, study_id):
        if is_wanted_elsewhere():
            return False
        time.sleep(POLL_S)
    for batch in _batches(store, study_id):
        removed = 1
        while removed:
            if is_wanted_elsewhere():
                return False
            begun = time.monotonic()
            with store.write(study_id, Change.SETUP) as session:
                removed = session.connection().execute(batch).rowcount
            time.sleep(time.monotonic() - begun)  # others want to write too
    store.execute(study_id, Change.SETUP, delete(StudyRow).where(StudyRow.id == study_id, StudyRow.deleted.is_(True)))
    if store.engine.dialect.name == "sqlite":
        _free_space(store)
    return True


def _is_at_work(store: Store, study_id: int) -> bool:
    alive = RunRow.heartbeat_at > datetime.now(UTC) - STALE_AFTER
    query = select(RunRow.id).where(RunRow.study_id == study_id, RunRow.status == Status.RUNNING, alive).limit(1)
    return store.scalar(query) is not None


def _batches(store: Store, study_id: int) -> Iterator[Delete]:
    """Statements that each remove some rows as often as they are executed, those that belong to others first."""
    with store.read() as session:
        runs = session.scalars(select(RunRow.id).where(RunRow.study_id == study_id)).all()
        logs = session.scalars(select(LogRow.id).where(LogRow.study_id == study_id)).all()
    for run_id in runs:
        for row in (ScoreRow, JudgementRow, ReviewRow, GenerationRow):
            yield delete(row).where(row.id.in_(select(row.id).where(row.run_id == run_id).limit(BATCH)))
        key = (RunSampleRow.run_id, RunSampleRow.sample_id)
        some = select(*key).where(RunSampleRow.run_id == run_id).limit(BATCH)
        yield delete(RunSampleRow).where(tuple_(*key).in_(some))
    for log_id in logs:
        for part in (SampleRow, RejectionRow):
            yield delete(part).where(part.id.in_(select(part.id).where(part.log_id == log_id).limit(BATCH)))


def _free_space(store: Store) -> None:
    """Give what is free back to the disk, and empty the write-ahead log, which still holds what was deleted."""
    with closing(store.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:

        def ask(pragma: str) -> int:
            cursor.execute(f"PRAGMA {pragma}")
            return int(cursor.fetchall()[0][0])

        if ask("auto_vacuum") == 2:
            while ask("freelist_count"):
                cursor.execute(f"PRAGMA incremental_vacuum({STEP_PAGES})")
                cursor.fetchall()
        else:
            left = ask("page_count") - (free := ask("freelist_count"))
            if free > left and left * ask("page_size") <= LARGEST_COPY_BYTES:
                cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
                cursor.execute("VACUUM")
        waits_ms = ask("busy_timeout")
        cursor.execute("PRAGMA busy_timeout = 100")  # writers wait while it waits for readers
        try:
            for _ in range(TRIES):
                if not ask("wal_checkpoint(TRUNCATE)"):
                    break
                time.sleep(POLL_S)
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {waits_ms}")
