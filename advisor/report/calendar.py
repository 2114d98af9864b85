"""The steps of a roll-out as a calendar file, and as tasks for a tracker."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from advisor.text.names import target_name
from advisor.text.plan import condition, next_steps, phase_name
from advisor.types import Stint
from advisor.types.dossier import Dossier
from advisor.types.texts import neutralise

PRODUCT = "-//Migration Advisor//Plan//EN"
TASK = ("Title", "Description", "Issue type", "Priority", "Assignee", "Start date", "Due date", "Labels")


def calendar(dossier: Dossier) -> bytes:
    """One all-day event for each step (RFC 5545)."""
    from icalendar import Calendar, Event

    study, decided = dossier.report.recommendation.study, dossier.report.recommendation.created_at
    models = {decision.name: target_name(decision) for decision in dossier.report.recommendation.use_cases}
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    for stint in dossier.stints:
        event = Event()
        event.add("uid", str(uuid5(NAMESPACE_URL, f"{study}/{stint.use_case}/{stint.phase.percent}")))
        event.add("dtstamp", decided)
        event.add("dtstart", stint.first)
        event.add("dtend", stint.last + timedelta(days=1))
        event.add("summary", _title(stint, models[stint.use_case]))
        event.add("description", _description(stint))
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
    for step in next_steps(dossier.report):
        yield {"Title": step, "Issue type": "Task", "Priority": "High", "Labels": "migration"}
    models = {decision.name: target_name(decision) for decision in dossier.report.recommendation.use_cases}
    for stint in dossier.stints:
        yield {
            "Title": _title(stint, models[stint.use_case]),
            "Description": _description(stint),
            "Issue type": "Task",
            "Priority": "Medium",
            "Assignee": stint.entered.owner or "",
            "Start date": stint.first.isoformat(),
            "Due date": stint.last.isoformat(),
            "Labels": "migration",
        }


def _title(stint: Stint, model: str) -> str:
    return f"{stint.use_case}: {phase_name(stint.phase.traffic_share)} to {model}"


def _description(stint: Stint) -> str:
    lines = ["Start when:", *(f"- {condition(each)}" for each in stint.phase.entry)]
    lines += ["Go on when:", *(f"- {condition(each)}" for each in stint.phase.exit)]
    return "\n".join([*lines, f"Roll back when: {condition(stint.phase.rollback)}"])
