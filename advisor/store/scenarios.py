"""Scenarios of a study: saved, chosen, deleted; the last change can be taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from advisor.errors import BadInput
from advisor.store.choice_tables import ScenarioRow
from advisor.store.columns import adapter, typed
from advisor.store.engine import Change, Store
from advisor.types.scenarios import Limits, Scenario

BEFORE = ""
"""Name of the row that keeps what was there before the last change; no scenario has it."""
LONGEST = 60


@dataclass(frozen=True, kw_only=True)
class Before:
    """What the last change replaced."""

    scenarios: tuple[Scenario, ...]
    limits: Limits
    """The study's."""


def list_scenarios(store: Store, study_id: int) -> list[Scenario]:
    """In the order in which they were first saved."""
    query = select(ScenarioRow.settings).where(ScenarioRow.study_id == study_id, ScenarioRow.name != BEFORE)
    return [typed(Scenario, stored) for stored in store.scalars(query.order_by(ScenarioRow.created_at))]


def find_before(store: Store, study_id: int) -> Before | None:
    """What an undo would bring back; None: there is nothing to undo."""
    query = select(ScenarioRow.settings).where(ScenarioRow.study_id == study_id, ScenarioRow.name == BEFORE)
    stored = store.scalar(query)
    return None if stored is None else typed(Before, stored)


def save_scenario(store: Store, study_id: int, scenario: Scenario, limits: Limits) -> None:
    """Keep a scenario, in place of one of that name. ``limits`` are the study's, here and below: an undo restores them.

    Raises BadInput for a name that is empty or too long.
    """
    _change(store, study_id, limits, lambda there: _with(there, scenario))


def choose_scenario(store: Store, study_id: int, scenario: Scenario, limits: Limits) -> None:
    """Keep a scenario as above, and let the report show it alone."""

    def alter(there: list[Scenario]) -> list[Scenario]:
        return [replace(each, chosen=each.name == scenario.name) for each in _with(there, scenario)]

    _change(store, study_id, limits, alter)


def delete_scenario(store: Store, study_id: int, name: str, limits: Limits) -> None:
    """Delete one, if it is still there."""
    _change(store, study_id, limits, lambda there: [each for each in there if each.name != name])


def undo_scenarios(store: Store, study_id: int) -> None:
    """Bring back the scenarios before the last change, if there was one; the limits are the caller's to restore."""
    before = find_before(store, study_id)
    if before is not None:
        with store.write(study_id, Change.OTHER) as session:
            _put(session, study_id, before.scenarios)


def _change(store: Store, study_id: int, limits: Limits, alter: Callable[[list[Scenario]], list[Scenario]]) -> None:
    there = list_scenarios(store, study_id)
    before = adapter(Before).dump_python(Before(scenarios=tuple(there), limits=limits), mode="json")
    with store.write(study_id, Change.OTHER) as session:
        _put(session, study_id, alter(there))
        session.add(
            ScenarioRow(study_id=study_id, name=BEFORE, settings=before, chosen=False, created_at=datetime.now(UTC))
        )


def _with(there: Sequence[Scenario], scenario: Scenario) -> list[Scenario]:
    """In its old place, if it had one. Raises BadInput for a name that is empty or too long."""
    if not scenario.name.strip() or len(scenario.name) > LONGEST:
        raise BadInput(f"A scenario needs a name of 1 to {LONGEST} characters.")
    if scenario.name not in {each.name for each in there}:
        return [*there, scenario]
    return [scenario if each.name == scenario.name else each for each in there]


def _put(session: Session, study_id: int, scenarios: Sequence[Scenario]) -> None:
    now = datetime.now(UTC)
    session.execute(delete(ScenarioRow).where(ScenarioRow.study_id == study_id))
    session.add_all(
        ScenarioRow(
            study_id=study_id,
            name=each.name,
            settings=adapter(Scenario).dump_python(each, mode="json"),
            chosen=each.chosen,
            created_at=now + timedelta(microseconds=place),
        )
        for place, each in enumerate(scenarios)
    )
