"""The steps of a roll-out as a calendar file, and as tasks for a tracker."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from advisor.text.advice.steps import next_steps
from advisor.text.business_case.board import SAMPLE
from advisor.text.business_case.tasks import has_row, task_rows
from advisor.text.names import target_name
from advisor.text.plan import condition, phase_name
from advisor.types import Stint
from advisor.types.dossier import Dossier
from advisor.types.texts import neutralise

PRODUCT = "-//Migration Advisor//Plan//EN"
TASK = ("Title", "Description", "Issue type", "Priority", "Assignee", "Start date", "Due date", "Labels")


def calendar(dossier: Dossier) -> bytes:
    """One all-day event for each step and task (RFC 5545)."""
    from icalendar import Calendar, Event

    study, decided = dossier.report.recommendation.study, dossier.report.recommendation.created_at
    models = {decision.name: target_name(decision) for decision in dossier.report.recommendation.use_cases}
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    for stint in dossier.schedule.stints:
        event = Event()
        event.add("uid", str(uuid5(NAMESPACE_URL, f"{study}/{stint.use_case}/{stint.phase.percent}")))
        event.add("dtstamp", decided)
        event.add("dtstart", stint.first)
        event.add("dtend", stint.last + timedelta(days=1))
        event.add("summary", _title(stint, models[stint.use_case]))
        event.add("description", _description(stint))
        found.add_component(event)
    for what, names, each in task_rows(dossier.schedule.tasks):
        event = Event()
        event.add("uid", str(uuid5(NAMESPACE_URL, f"{study}/{each.task.code}/{names}")))
        event.add("dtstamp", decided)
        event.add("dtstart", each.first)
        event.add("dtend", each.last + timedelta(days=1))
        event.add("summary", f"{what}: {names}")
        found.add_component(event)
    content: bytes = found.to_ical()
    return content


def tasks_csv(dossier: Dossier) -> bytes:
    """What to do now and every step as tasks, in columns that Jira and Linear read on import."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, TASK)
    table.writeheader()
    for row in _tasks(dossier):
        table.writerow({column: neutralise(row.get(column, "")) for column in TASK})
    return text.getvalue().encode("utf-8-sig")


def _tasks(dossier: Dossier) -> Iterator[dict[str, str]]:
    report, schedule = dossier.report, dossier.schedule
    is_sample = report.recommendation.is_sample_study
    notice = f"{SAMPLE}\n" * is_sample
    labels = "migration" + " sample-data" * is_sample
    always = {"Issue type": "Task", "Labels": labels, "Description": notice.strip()}
    for what, names, each in task_rows(schedule.tasks):
        yield always | {
            "Title": f"{what}: {names}",
            "Priority": "High",
            "Assignee": each.owner,
            "Start date": each.first.isoformat(),
            "Due date": each.last.isoformat(),
        }
    due = {"Due date": schedule.decide_by.isoformat()} if schedule.decide_by else {}
    for step, words in zip(report.plan.next_steps, next_steps(report), strict=True):
        if not has_row(schedule, step):
            yield always | due | {"Title": words, "Priority": "High"}
    models = {decision.name: target_name(decision) for decision in report.recommendation.use_cases}
    for stint in schedule.stints:
        yield always | {
            "Title": _title(stint, models[stint.use_case]),
            "Description": notice + _description(stint),
            "Priority": "Medium",
            "Assignee": stint.entered.owner or "",
            "Start date": stint.first.isoformat(),
            "Due date": stint.last.isoformat(),
        }


def _title(stint: Stint, model: str) -> str:
    return f"{stint.use_case}: {phase_name(stint.phase.traffic_share)} to {model}"


def _description(stint: Stint) -> str:
    lines = ["Start when:", *(f"- {condition(each)}" for each in stint.phase.entry)]
    lines += ["Go on when:", *(f"- {condition(each)}" for each in stint.phase.exit)]
    return "\n".join([*lines, f"Roll back when: {condition(stint.phase.rollback)}"])
