"""Runs: one replay of sampled requests. The row is claimed by one living process at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from advisor.errors import BadInput
from advisor.store.columns import ACTIVE, adapter, typed, value_of
from advisor.store.engine import Change, Store, study_of
from advisor.store.tables import RunRow, RunSampleRow, StudyRow
from advisor.types import Frozen, LaneQuote, Notice, Run, RunMachine, RunOptions, RunPlan, RunState, Settled, Status

STALE_AFTER = timedelta(seconds=30)
"""A run whose heartbeat is older has lost its process."""


def create_run(
    store: Store,
    study_id: int,
    *,
    samples: Mapping[int, tuple[int, int] | None],
    frozen: Frozen,
    is_dead: Callable[[str | None], bool] = lambda _: False,
    **values: Any,
) -> Run:
    """Freeze a run: its sample, models and settings; status ``queued``.

    ``samples`` are ids with the input and output tokens that one call about each is expected to take, where known.
    ``is_dead`` tells whether an owner is known to have died. Raises BadInput while another run of the study is active.
    """
    values["quoted"] = [asdict(lane) for lane in values.get("quoted", ())]
    sizes = [(sample_id, *(size or (None, None))) for sample_id, size in samples.items()]
    with store.write(study_id, Change.ANSWERS) as session:
        now = datetime.now(UTC)
        _refuse_second(session, study_id, is_dead)
        row = RunRow(study_id=study_id, status=Status.QUEUED, created_at=now, frozen=asdict(frozen), **values)
        session.add(row)
        session.flush()
        session.execute(
            insert(RunSampleRow),
            [
                {"run_id": row.id, "sample_id": id_, "input_tokens": input_, "output_tokens": output}
                for id_, input_, output in sizes
            ],
        )
        return _run(row, _number(session, row))


def get_run(store: Store, run_id: int) -> Run:
    """The run with this id. Raises BadInput when there is none."""
    with store.read() as session:
        row = _row(session, run_id)
        return _run(row, _number(session, row))


def list_runs(store: Store, study_id: int) -> list[Run]:
    """The runs of a study, the newest first."""
    with store.read() as session:
        rows = session.scalars(select(RunRow).where(RunRow.study_id == study_id).order_by(RunRow.id))
        return [_run(row, number) for number, row in enumerate(rows, 1)][::-1]


def claim_run(store: Store, run_id: int, owner: str, *, take_over: bool = False) -> bool:
    """Make ``owner`` the one process that works on a run; False if it may not.

    A run can be claimed while it is queued, or while it says it is running and its process is silent. ``take_over``
    claims it whatever the heartbeat says: the caller knows that the process is dead. A run that was paused, cancelled
    or has ended must be queued again first (:func:`queue_run`), so that a person's wish is never overruled.
    """
    now = datetime.now(UTC)
    with store.write(study_of(RunRow, run_id), Change.ANSWERS) as session:
        row = _row(session, run_id, is_locked=True)
        is_left = row.status == Status.RUNNING and (take_over or not is_alive(row, now))
        if row.status != Status.QUEUED and not is_left:
            return False
        if row.status == Status.QUEUED:  # else it may be that all is asked: how that ended is kept
            row.finished_at, row.error = None, None
        row.status, row.owner, row.heartbeat_at, row.wanted = Status.RUNNING, owner, now, None
        row.started_at = row.started_at or now
        return True


def queue_run(
    store: Store,
    run_id: int,
    *,
    take_over: bool = False,
    budget_usd: float | None = None,
    resting: Status | None = None,
    is_dead: Callable[[str | None], bool] = lambda _: False,
) -> bool:
    """Queue a run again, with a new budget if one is given; False while a living process works on it.

    ``resting`` is the status to go back to where only judges are asked. Otherwise raises BadInput while another run of
    the study is active, as :func:`create_run`.
    """
    with store.write(study_of(RunRow, run_id), Change.ANSWERS) as session:
        row = _row(session, run_id, is_locked=True)
        if row.status == Status.RUNNING and is_alive(row, datetime.now(UTC)) and not take_over:
            return False
        if resting is None:
            _refuse_second(session, row.study_id, is_dead, but=run_id)
        row.status, row.wanted, row.resting = Status.QUEUED, None, resting
        if budget_usd is not None:
            row.budget_usd = budget_usd
        return True


def beat_run(store: Store, run_id: int, owner: str, notices: Sequence[Notice] = ()) -> Status | None:
    """Say that the process lives and what holds it back; returns what a person asked for meanwhile, or None.

    A run that another process has taken over answers ``cancelled``, so that the old process stops.
    """
    with store.write(None) as session:
        row = session.get(RunRow, run_id)
        if row is None or row.owner != owner:
            return Status.CANCELLED
        row.heartbeat_at = datetime.now(UTC)
        row.notices = adapter(list[Notice]).dump_python(list(notices), mode="json")
        return row.wanted


def change_run(store: Store, run_id: int, *, by: str | None = None, **changes: Any) -> None:
    """Set fields of a run; with ``by`` only while that process owns it."""
    statement = update(RunRow).where(RunRow.id == run_id).values(**changes)
    if by is not None:
        statement = statement.where(RunRow.owner == by)
    store.execute(study_of(RunRow, run_id), Change.ANSWERS, statement)


def is_stale(run: Run, now: datetime) -> bool:
    """Whether a run says it is running although its process is silent."""
    return run.state.status is Status.RUNNING and not is_alive(run.state, now)


def is_alive(state: RunState | RunRow, now: datetime) -> bool:
    """Whether the process that works on a run has said so lately."""
    return state.heartbeat_at is not None and now - state.heartbeat_at < STALE_AFTER


def is_being_scored(run: Run) -> bool:
    """Whether the calls of a run are made and only scoring is left."""
    return run.state.status is Status.RUNNING and run.state.resting is not None and run.state.finished_at is not None


def _refuse_second(
    session: Session, study_id: int, is_dead: Callable[[str | None], bool], but: int | None = None
) -> None:
    session.get(StudyRow, study_id, with_for_update={"key_share": True})  # two starts at the same moment take turns
    active = select(RunRow).where(RunRow.study_id == study_id, RunRow.status.in_(ACTIVE))
    now = datetime.now(UTC)
    for row in session.scalars(active.order_by(RunRow.id)):
        if row.id == but:
            continue
        if row.status == Status.RUNNING and (is_dead(row.owner) or not is_alive(row, now)):
            row.status, row.owner, row.resting = Status.PAUSED, None, None  # a worker that finds it must not go on
        else:
            raise BadInput(
                f"Run {_number(session, row)} of this study (id {row.id}) is {row.status}, so no other was started. "
                "Watch or cancel it on the Run page, or wait until it ends."
            )


def _row(session: Session, run_id: int, *, is_locked: bool = False) -> RunRow:
    row = session.get(RunRow, run_id, with_for_update=True if is_locked else None)
    if row is None:
        raise BadInput(f"Unknown run {run_id}. `status` lists the runs.")
    return row


def _number(session: Session, row: RunRow) -> int:
    earlier = select(func.count()).where(RunRow.study_id == row.study_id, RunRow.id < row.id)
    return 1 + (session.scalar(earlier) or 0)


def _run(row: RunRow, number: int) -> Run:
    return value_of(
        Run,
        row,
        number=number,
        options=RunOptions.of(
            {name: getattr(row, name) for name in RunOptions().kept} | {"baseline": row.baseline_lane}
        ),
        state=value_of(RunState, row, notices=typed(tuple[Notice, ...], row.notices or ())),
        plan=value_of(
            RunPlan,
            row,
            model_ids=tuple(row.models),
            frozen=typed(Frozen | None, row.frozen),
            quoted=typed(tuple[LaneQuote, ...], row.quoted or ()),
        ),
        machine=value_of(RunMachine, row, clocks=row.clocks or {}),
        settled=typed(tuple[Settled, ...], row.settled or ()),
        scored_with=row.scored_with or {},
    )
