"""Jobs: pages file them, a worker process claims one at a time, reports on it and finishes it."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from advisor.store.columns import ACTIVE, value_of
from advisor.store.engine import Change, Store, study_of
from advisor.store.tables import JobRow
from advisor.types import Job, Json, Progress, Status

STALE_AFTER = timedelta(seconds=45)
"""Longer than a run's: when a dead worker's job is taken over, its run can be claimed too."""

DECIDE = "decide"
"""Of the job that decides a large study."""
ASIDE = ("import", "delete", DECIDE)
"""Kinds of jobs that a process of their own does, beside replays: they move many rows and call nobody."""


def file_job(store: Store, kind: str, study_id: int | None, arguments: dict[str, Json]) -> Job:
    """Queue a job."""
    with store.write(study_id) as session:
        row = new_job(kind, study_id, arguments)
        session.add(row)
        session.flush()
        return _job(row)


def new_job(kind: str, study_id: int | None, arguments: dict[str, Json]) -> JobRow:
    """A queued job as a part of a larger change."""
    now = datetime.now(UTC)
    return JobRow(kind=kind, study_id=study_id, status=Status.QUEUED, arguments=arguments, result=None, created_at=now)


def claim_job(store: Store, owner: str, *, imports: bool | None = None) -> Job | None:
    """The oldest job that nobody living works on, now owned by ``owner``; None if there is none.

    ``imports``: only those of ``ASIDE``, or only others; None takes either.
    """
    now = datetime.now(UTC)
    free = is_free(now, imports)
    query = select(JobRow).where(free).order_by(JobRow.id).limit(1).with_for_update(skip_locked=True)
    with store.read() as session:
        if session.scalar(select(JobRow.id).where(free).limit(1)) is None:
            return None
    with store.write(None) as session:
        row = session.scalar(query)
        if row is None:
            return None
        row.status, row.owner, row.heartbeat_at = Status.RUNNING, owner, now
        session.flush()
        return _job(row)


def has_import(store: Store) -> bool:
    """Whether a job of ``ASIDE`` waits for somebody to do it."""
    return store.scalar(select(JobRow.id).where(is_free(datetime.now(UTC), True)).limit(1)) is not None


def beat_job(store: Store, job_id: int, progress: Progress | None = None) -> None:
    """Say that the worker lives, and how far it is."""
    values: dict[str, object] = {"heartbeat_at": datetime.now(UTC)}
    if progress is not None:
        values |= asdict(progress)
    store.execute(None, Change.OTHER, update(JobRow).where(JobRow.id == job_id).values(**values))


def stop_job(store: Store, job_id: int) -> None:
    """Ask whoever works on a job to stop; one that nobody has begun is cancelled at once."""
    with store.write(study_of(JobRow, job_id)) as session:
        queued = update(JobRow).where(JobRow.id == job_id, JobRow.status == Status.QUEUED)
        session.execute(queued.values(status=Status.CANCELLED, finished_at=datetime.now(UTC)))
        running = update(JobRow).where(JobRow.id == job_id, JobRow.status == Status.RUNNING)
        session.execute(running.values(wanted=Status.CANCELLED))


def finish_job(store: Store, job_id: int, status: Status, *, error: str | None = None, result: Json = None) -> None:
    """Write how a job ended."""
    with store.write(study_of(JobRow, job_id)) as session:
        values = {"status": status, "wanted": None, "error": error, "result": result, "finished_at": datetime.now(UTC)}
        session.execute(update(JobRow).where(JobRow.id == job_id).values(**values))


def list_jobs(store: Store, study_id: int | None, *, kind: str | None = None) -> list[Job]:
    """The newest 20 jobs of a study, or of all, the newest first."""
    query = select(JobRow).order_by(JobRow.id.desc()).limit(20)
    if study_id is not None:
        query = query.where(JobRow.study_id == study_id)
    if kind is not None:
        query = query.where(JobRow.kind == kind)
    return [_job(row) for row in store.scalars(query)]


def list_active(store: Store, kind: str) -> list[Job]:
    """The jobs that wait or run, however many."""
    query = select(JobRow).where(JobRow.kind == kind, JobRow.status.in_(ACTIVE)).order_by(JobRow.id)
    return [_job(row) for row in store.scalars(query)]


def get_job(store: Store, job_id: int) -> Job | None:
    """The job with this id."""
    with store.read() as session:
        row = session.get(JobRow, job_id)
        return None if row is None else _job(row)


def is_free(now: datetime, imports: bool | None = None) -> ColumnElement[bool]:
    """Whether nobody living works on a job; ``imports`` as in :func:`claim_job`."""
    left_behind = (JobRow.status == Status.RUNNING) & (JobRow.heartbeat_at < now - STALE_AFTER)
    free = or_(JobRow.status == Status.QUEUED, left_behind)
    if imports is None:
        return free
    return free & (JobRow.kind.in_(ASIDE) if imports else JobRow.kind.not_in(ASIDE))


def _job(row: JobRow) -> Job:
    return value_of(Job, row, progress=value_of(Progress, row, subject=row.subject or "") if row.phase else None)
