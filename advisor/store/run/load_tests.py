"""Load tests and their steps: kept apart from runs, so that their answers never mix."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from advisor.errors import BadInput
from advisor.store.columns import value_of
from advisor.store.engine import Change, Store, study_of
from advisor.store.tables import LoadStepRow, LoadTestRow
from advisor.types import LoadLimits, LoadStep, LoadTest, Status, Times


def create_load_test(store: Store, study_id: int, model_id: int, **values: Any) -> LoadTest:
    """A load test that waits for its turn."""
    with store.write(study_id) as session:
        row = LoadTestRow(
            study_id=study_id, model_id=model_id, status=Status.QUEUED, created_at=datetime.now(UTC), **values
        )
        session.add(row)
        session.flush()
        return _test(session, row)


def get_load_test(store: Store, test_id: int) -> LoadTest:
    """One load test with its steps. Raises BadInput when there is none."""
    with store.read() as session:
        row = session.get(LoadTestRow, test_id)
        if row is None:
            raise BadInput(f"Load test {test_id} no longer exists. It was deleted with its model or study.")
        return _test(session, row)


def list_load_tests(store: Store, study_id: int) -> list[LoadTest]:
    """The load tests of a study, the newest first."""
    query = select(LoadTestRow).where(LoadTestRow.study_id == study_id).order_by(LoadTestRow.id.desc())
    with store.read() as session:
        return [_test(session, row) for row in session.scalars(query)]


def claim_load_test(store: Store, test_id: int) -> bool:
    """Begin a load test that waits; False if it does not wait any more."""
    waiting = update(LoadTestRow).where(LoadTestRow.id == test_id, LoadTestRow.status == Status.QUEUED)
    with store.write(study_of(LoadTestRow, test_id)) as session:
        begun = session.execute(waiting.values(status=Status.RUNNING).returning(LoadTestRow.id))
        return begun.first() is not None


def change_load_test(store: Store, test_id: int, **changes: Any) -> None:
    """Set fields of a load test."""
    change = update(LoadTestRow).where(LoadTestRow.id == test_id).values(**changes)
    store.execute(study_of(LoadTestRow, test_id), Change.OTHER, change)


def add_step(store: Store, test_id: int, step: LoadStep, cost_usd: float | None) -> None:
    """Keep a step that was measured, and what the load test has cost so far."""
    add = insert(LoadStepRow).values(load_test_id=test_id, **step.flat)
    cost = update(LoadTestRow).where(LoadTestRow.id == test_id).values(cost_usd=cost_usd)
    store.execute(study_of(LoadTestRow, test_id), Change.OTHER, add, cost)


def _test(session: Session, row: LoadTestRow) -> LoadTest:
    query = select(LoadStepRow).where(LoadStepRow.load_test_id == row.id).order_by(LoadStepRow.concurrency)
    limits = LoadLimits(row.max_ttft_p95_s, row.max_latency_p95_s)
    steps = (
        value_of(LoadStep, step, times=value_of(Times, step, answered=step.calls - step.failed))
        for step in session.scalars(query)
    )
    return value_of(LoadTest, row, limits=limits, steps=tuple(steps))
