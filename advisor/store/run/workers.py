"""What the processes that work on one run tell each other (PostgreSQL only): their lives, dollars and waits."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from advisor.store.engine import Change, Store, study_of
from advisor.store.jobs import is_free
from advisor.store.run.generations import CallKey, read_keys
from advisor.store.run.runs import change_run, is_alive
from advisor.store.run.tallies import spent_query
from advisor.store.tables import GenerationRow, JobRow, ProviderRow, RunRow, WorkerRow
from advisor.types import Status

SILENT_AFTER = timedelta(seconds=10)
"""A worker whose beat is older is dead: it takes no share, and what it might have spent counts as nothing."""


@dataclass(frozen=True, kw_only=True)
class News:
    """What one beat hears."""

    wanted: Status | None
    """What a person asked of the run; paused also where nobody conducts it any more."""
    workers: int = 1
    """Living ones on this run, this one among them."""
    lease_usd: float | None = None
    """What this worker may spend beside what it named as used; None: the run has no budget."""
    is_last_word: bool = False
    """Whether nobody holds dollars that could still come back."""
    held_s: Mapping[str, float] = field(default_factory=dict)
    """Seconds for which providers are not to be called, by name."""
    job_waits: bool = False
    """Whether a job waits, or its worker died."""


def is_shared(store: Store) -> bool:
    """Whether other machines can take part: a file of SQLite belongs to one."""
    return store.engine.dialect.name == "postgresql"


def queue_url(store: Store) -> str:
    """The address of the database with its password, as PostgreSQL's own library takes it."""
    return store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def setting_up(store: Store) -> Iterator[None]:
    """Let only one process at a time make tables that are missing."""
    with store.write(None) as session:
        session.execute(select(func.pg_advisory_xact_lock(7315)))
        yield


def beat_worker(
    store: Store, run_id: int, owner: str, *, held_s: Mapping[str, float], used_usd: float, needed_usd: float
) -> News:
    """Say that a worker lives and which providers it must not call for how long; hear what the others know.

    ``used_usd`` is what it has spent or set aside beside the stored answers, ``needed_usd`` the estimate of a call
    that waits for the budget, else 0. The lease replaces the one before.
    """
    with store.write(None) as session:
        now = session.execute(select(func.now())).scalar_one()
        run = session.get(RunRow, run_id, with_for_update={"key_share": True})
        if run is None:
            return News(wanted=Status.CANCELLED)
        others = session.scalars(
            select(WorkerRow.outstanding_usd).where(
                WorkerRow.run_id == run_id, WorkerRow.owner != owner, WorkerRow.beat_at > now - SILENT_AFTER
            )
        ).all()
        workers, lease_usd = len(others) + 1, None
        if run.budget_usd is not None:
            free = run.budget_usd - (session.scalar(spent_query(run_id)) or 0.0) - sum(others) - used_usd
            lease_usd = _lease(free, needed_usd, workers)
        row = {"owner": owner, "run_id": run_id, "outstanding_usd": used_usd + (lease_usd or 0.0), "beat_at": now}
        beat = insert(WorkerRow).values(**row)
        session.execute(beat.on_conflict_do_update(index_elements=["owner"], set_=row))
        _hold(session, now, held_s)
        held = session.execute(select(ProviderRow.name, ProviderRow.held_until).where(ProviderRow.held_until > now))
        return News(
            wanted=_wanted(run, now),
            workers=workers,
            lease_usd=lease_usd,
            is_last_word=used_usd + sum(others) <= 0,
            held_s={name: (until - now).total_seconds() for name, until in held if until},
            job_waits=session.scalar(select(JobRow.id).where(is_free(now)).limit(1)) is not None,
        )


def leave_run(store: Store, owner: str) -> None:
    """A worker makes no more calls, and gives its lease back."""
    store.execute(None, Change.OTHER, delete(WorkerRow).where(WorkerRow.owner == owner))


def list_answered_among(store: Store, run_id: int, model_id: int, keys: Sequence[CallKey]) -> set[CallKey]:
    """Those of some calls to one model that have an answer."""
    is_among = GenerationRow.sample_id.in_({key.sample_id for key in keys})
    answered = (GenerationRow.model_id == model_id, is_among, GenerationRow.failure.is_(None))
    return set(read_keys(store, run_id, *answered))


def count_asked_again(store: Store, run_id: int, calls: int) -> None:
    """Add calls that were in flight when a worker died."""
    change_run(store, run_id, asked_again=RunRow.asked_again + calls)


def raise_lag(store: Store, run_id: int, lag_p99_s: float) -> None:
    """Keep the worst lag of the event loops of all who made calls of a run."""
    run = update(RunRow).where(RunRow.id == run_id, func.coalesce(RunRow.loop_lag_p99_s, 0.0) < lag_p99_s)
    store.execute(study_of(RunRow, run_id), Change.ANSWERS, run.values(loop_lag_p99_s=lag_p99_s))


def _lease(free_usd: float, needed_usd: float, workers: int) -> float:
    """A share of half of what is free, so that something is left for who comes later; one call at least, or nothing."""
    if free_usd <= 0 or free_usd < needed_usd:
        return 0.0
    return free_usd if workers == 1 else max(free_usd / 2 / workers, needed_usd)


def _hold(session: Session, now: datetime, held_s: Mapping[str, float]) -> None:
    for name, seconds in held_s.items():
        until = now + timedelta(seconds=seconds)
        hold = insert(ProviderRow).values(name=name, held_until=until)
        latest = func.greatest(ProviderRow.held_until, hold.excluded.held_until)
        session.execute(hold.on_conflict_do_update(index_elements=["name"], set_={"held_until": latest}))


def _wanted(run: RunRow, now: datetime) -> Status | None:
    if run.wanted is not None or run.status == Status.RUNNING:
        return run.wanted or (None if is_alive(run, now) else Status.PAUSED)
    return Status.PAUSED
