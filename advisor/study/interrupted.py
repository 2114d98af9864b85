"""Imports that did not come to their end: whether they can go on, filing them again, and dropping what they left."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.import_lock import only_import
from advisor.store.imports import discard_logs
from advisor.store.jobs import file_job, finish_job, list_active
from advisor.store.leftovers import count_left
from advisor.store.studies import delete_empty_study, find_study, list_studies
from advisor.study.sources import is_database
from advisor.types import Job, Status

SILENT_AFTER = timedelta(seconds=15)
"""A worker says every two seconds that it lives."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """What there is of an import that failed."""

    calls: int | None
    """Stored already, so that the same import goes on from there; None where nothing was kept."""
    missing: tuple[str, ...]
    """Names of files that are no longer there: uploads that were deleted, or a path that was moved."""


def what_is_left(store: Store, job: Job) -> Left:
    """Look what a failed import left, and whether its files are still there."""
    missing = [Path(path).name for path in job.arguments["paths"] if not is_database(path) and not Path(path).exists()]
    return Left(calls=count_left(store, job.arguments["study"]), missing=tuple(missing))


def is_silent(job: Job, now: datetime | None = None) -> bool:
    """Whether nobody seems to work on a running job any more; a worker takes it up again by itself."""
    at = job.heartbeat_at
    return job.status is Status.RUNNING and at is not None and (now or datetime.now(UTC)) - at > SILENT_AFTER


def import_again(store: Store, job: Job) -> Job:
    """Queue the same import once more; it goes on where it stopped."""
    return file_job(store, "import", None, job.arguments)


def discard_import(store: Store, job: Job) -> None:
    """Drop what a failed import left, and the study it made.

    Raises BadInput while another import into it waits or runs, StoreError where that was not filed as a job.
    """
    name = job.arguments["study"]
    if any(each.arguments["study"] == name for each in list_active(store, "import")):
        raise BadInput(f"Another import into {name} is running. Wait until it ends.")
    if name in {study.name for study in list_studies(store)}:
        study = find_study(store, name)
        with only_import(store, study):
            discard_logs(store, study.id)
            delete_empty_study(store, study.id)
    finish_job(store, job.id, Status.CANCELLED, error=job.error)
