"""Scenarios of a study: saved, chosen, deleted; the last change can be taken back. What its business case assumes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from advisor.errors import BadInput
from advisor.store.choice_tables import CaseInputsRow, ScenarioRow
from advisor.store.columns import adapter, typed
from advisor.store.engine import Store
from advisor.store.tables import StudyRow
from advisor.types import Json
from advisor.types.scenarios import CaseInput, CaseInputs, Limits, Scenario

BEFORE = ""
"""Name of the row that keeps what was there before the last change; no scenario has it."""
LONGEST = 60


@dataclass(frozen=True, kw_only=True)
class Before:
    """What the last change replaced."""

    scenarios: tuple[Scenario, ...]
    limits: Limits | None
    """The study's; None: it left them as they were."""


def list_scenarios(store: Store, study_id: int) -> list[Scenario]:
    """In the order in which they were first saved."""
    return [typed(Scenario, stored) for stored in store.scalars(_listed(study_id))]


def find_before(store: Store, study_id: int) -> Before | None:
    """What an undo would bring back; None: there is nothing to undo."""
    query = select(ScenarioRow.settings).where(ScenarioRow.study_id == study_id, ScenarioRow.name == BEFORE)
    stored = store.scalar(query)
    return None if stored is None else typed(Before, stored)


def save_scenario(store: Store, study_id: int, scenario: Scenario) -> None:
    """Keep a scenario, in place of one of that name; the report goes on showing it while its limits are the same.

    Raises BadInput for a name that is empty or too long.
    """

    def alter(there: list[Scenario]) -> list[Scenario]:
        same = (scenario.name, scenario.limits)
        shown = any(each.chosen and (each.name, each.limits) == same for each in there)
        return _with(there, replace(scenario, chosen=shown))

    with store.write(study_id) as session:
        _change(session, study_id, alter)


def choose_scenario(session: Session, study_id: int, scenario: Scenario, limits: Limits) -> None:
    """Keep a scenario, and let the report show it alone. ``limits`` were the study's: an undo restores them.

    Raises BadInput for a name that is empty or too long.
    """

    def alter(there: list[Scenario]) -> list[Scenario]:
        return [replace(each, chosen=each.name == scenario.name) for each in _with(there, scenario)]

    _change(session, study_id, alter, limits)


def delete_scenario(store: Store, study_id: int, name: str) -> None:
    """Delete one, if it is still there."""
    with store.write(study_id) as session:
        _change(session, study_id, lambda there: [each for each in there if each.name != name])


def undo_scenarios(session: Session, study_id: int) -> None:
    """Bring back the scenarios before the last change, if there was one; the limits are the caller's to restore."""
    _wait_turn(session, study_id)
    before = session.get(ScenarioRow, (study_id, BEFORE))
    if before is not None:
        scenarios = typed(Before, before.settings).scenarios
        session.execute(
            delete(ScenarioRow).where(ScenarioRow.study_id == study_id)
        )  # so that all come back in their order
        _put(session, study_id, scenarios)


def _change(
    session: Session,
    study_id: int,
    alter: Callable[[list[Scenario]], list[Scenario]],
    limits: Limits | None = None,
) -> None:
    _wait_turn(session, study_id)
    there = [typed(Scenario, stored) for stored in session.scalars(_listed(study_id))]
    before = adapter(Before).dump_python(Before(scenarios=tuple(there), limits=limits), mode="json")
    _put(session, study_id, alter(there))
    now = datetime.now(UTC)
    session.merge(ScenarioRow(study_id=study_id, name=BEFORE, settings=before, created_at=now))


def _wait_turn(session: Session, study_id: int) -> None:
    """Two changes at the same moment take turns: each sees what the other left."""
    session.get(StudyRow, study_id, with_for_update={"key_share": True})


def _listed(study_id: int) -> Select[Json]:
    query = select(ScenarioRow.settings).where(ScenarioRow.study_id == study_id, ScenarioRow.name != BEFORE)
    return query.order_by(ScenarioRow.created_at)


def _with(there: Sequence[Scenario], scenario: Scenario) -> list[Scenario]:
    """In its old place, if it had one. Raises BadInput for a name that is empty or too long."""
    if not scenario.name.strip() or len(scenario.name) > LONGEST:
        raise BadInput(f"A scenario needs a name of 1 to {LONGEST} characters.")
    if scenario.name not in {each.name for each in there}:
        return [*there, scenario]
    return [scenario if each.name == scenario.name else each for each in there]


def _put(session: Session, study_id: int, scenarios: Sequence[Scenario]) -> None:
    """Write what differs from the rows that are there."""
    now = datetime.now(UTC)
    rows = session.scalars(select(ScenarioRow).where(ScenarioRow.study_id == study_id, ScenarioRow.name != BEFORE))
    left = {row.name: row for row in rows}
    for place, each in enumerate(scenarios):
        made_at = now + timedelta(microseconds=place)
        row = left.pop(each.name, None) or ScenarioRow(study_id=study_id, name=each.name, created_at=made_at)
        row.settings = adapter(Scenario).dump_python(each, mode="json")
        session.add(row)
    for row in left.values():
        session.delete(row)


def read_case_inputs(store: Store, study_id: int) -> CaseInputs:
    """What was entered so far."""
    with store.read() as session:
        row = session.get(CaseInputsRow, study_id)
        if row is None:
            return CaseInputs()
        return CaseInputs(entered={CaseInput(name): value for name, value in row.entered.items()}, unit=row.unit)


def save_case_inputs(store: Store, study_id: int, inputs: CaseInputs) -> None:
    """Keep what was entered in place of all earlier."""
    with store.write(study_id) as session:
        session.merge(CaseInputsRow(study_id=study_id, entered=dict(inputs.entered), unit=inputs.unit))
