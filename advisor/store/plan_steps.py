"""What people enter about the steps of a roll-out: it stays with the use case, whatever is decided later."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from advisor.store.choice_tables import PlanStepRow, PlanTaskRow
from advisor.store.engine import Store, study_of
from advisor.store.log_tables import UseCaseRow
from advisor.store.run.generations import storable
from advisor.types import PlanStep

LONGEST = 60
"""Characters of an owner's name."""


def list_plan_steps(store: Store, study_id: int) -> dict[tuple[str, int], PlanStep]:
    """By use case and percent of the traffic; steps that nobody has touched are left out."""
    query = select(UseCaseRow.name, PlanStepRow).join(UseCaseRow, UseCaseRow.id == PlanStepRow.use_case_id)
    return {
        (name, row.percent): PlanStep(owner=row.owner, starts_on=row.starts_on, go=row.go)
        for name, row in store.rows(query.where(UseCaseRow.study_id == study_id))
    }


def save_plan_step(store: Store, use_case_id: int, percent: int, **changed: Any) -> None:
    """Keep new values of some fields of a PlanStep; the others stay."""
    if "owner" in changed:
        changed["owner"] = _name(changed["owner"]) or None
    step = insert(PlanStepRow).values(use_case_id=use_case_id, percent=percent, **changed)
    with store.write(study_of(UseCaseRow, use_case_id)) as session:
        session.execute(step.on_conflict_do_update(index_elements=["use_case_id", "percent"], set_=changed))


def list_task_owners(store: Store, study_id: int) -> dict[str, str]:
    """By task of the plan, as far as one was entered."""
    query = select(PlanTaskRow).where(PlanTaskRow.study_id == study_id)
    return {row.task: row.owner for (row,) in store.rows(query) if row.owner}


def save_task_owner(store: Store, study_id: int, task: str, owner: str) -> None:
    """Keep who owns a task; empty: nobody."""
    with store.write(study_id) as session:
        session.merge(PlanTaskRow(study_id=study_id, task=task, owner=_name(owner)))


def _name(entered: str) -> str:
    return (storable(entered) or "").strip()[:LONGEST]
