"""The steps of a roll-out as a calendar and as tasks."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from advisor.plan.dossier import make_dossier
from advisor.plan.timeline import timeline
from advisor.report.calendar import TASK, calendar, tasks_csv
from advisor.text.advice.steps import next_steps
from advisor.text.business_case.tasks import has_row
from advisor.text.names import target_name
from advisor.types import PlanStep
from advisor.types.dossier import Dossier
from tests.report.made_report import dossier, large_report

OWNER = "=Ana"


@pytest.fixture(scope="module")
def owned() -> Dossier:
    """With an owner of the first step."""
    made = dossier(large_report())
    first = made.schedule.stints[0]
    entered = {(first.use_case, first.phase.percent): PlanStep(owner=OWNER)}
    stints = timeline(made.report.plan, made.report.recommendation.created_at.date(), entered)
    return make_dossier(made.report, made.case, (), replace(made.schedule, stints=stints))


def test_every_step_is_an_event_of_whole_days(owned: Dossier) -> None:
    events: list[Any] = Calendar.from_ical(calendar(owned)).walk("VEVENT")
    assert len(events) == len(owned.schedule.stints) + len(owned.schedule.tasks) > 1
    for event, stint in zip(events, owned.schedule.stints, strict=False):
        assert event["dtstart"].dt == stint.first
        assert event["dtend"].dt == stint.last + timedelta(days=1), "the end isn't part of an event"
        assert str(event["summary"]).startswith(f"{stint.use_case}: ")
        assert str(event["description"]).count("\n- ") == len(stint.phase.entry) + len(stint.phase.exit)
    assert len({str(event["uid"]) for event in events}) == len(events)
    assert calendar(owned) == calendar(owned), "imported again, it replaces the same events"


def test_tasks_are_what_is_next_then_every_step(owned: Dossier) -> None:
    rows = list(csv.DictReader(io.StringIO(tasks_csv(owned).decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == TASK
    due, steps = rows[: -len(owned.schedule.stints)], rows[-len(owned.schedule.stints) :]
    titles = [row["Title"].removeprefix("'") for row in due]
    covered = [has_row(owned.schedule, step) for step in owned.report.plan.next_steps]
    told = [words for words, is_covered in zip(next_steps(owned.report), covered, strict=True) if not is_covered]
    assert titles[len(owned.schedule.tasks) :] == told
    assert all(row["Due date"] for row in due)
    models = {case.name: target_name(case) for case in owned.report.recommendation.use_cases}
    for row, stint in zip(steps, owned.schedule.stints, strict=True):
        assert (row["Start date"], row["Due date"]) == (stint.first.isoformat(), stint.last.isoformat())
        assert row["Title"].endswith(models[stint.use_case])
    assert [row["Assignee"] for row in steps][:2] == [f"'{OWNER}", ""]
