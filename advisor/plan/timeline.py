"""When the steps of a migration begin and end, and their table as a file."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from advisor.plan.configuration.litellm_proxy import file_of
from advisor.text.plan import step_row
from advisor.types import Condition, Move, Phase, Plan, PlanStep, Report, Stint
from advisor.types.texts import neutralise

LONGEST_DAYS = 60
"""A step that would take longer ends by its calls, and nobody knows the day."""


PREPARATION = timedelta(days=7)
"""At least, before the first step ..."""
WITH_TEST = timedelta(days=14)
"""... and where a real model is tested before, at a host that is approved first."""
SATURDAY, WEEK = 5, 7


def timeline(plan: Plan, today: date, entered: Mapping[tuple[str, int], PlanStep]) -> tuple[Stint, ...]:
    """Every step of every move: from the day that was entered, else as planned.

    ``entered``: by use case and percent of the traffic.
    """
    start = _start(today + preparation(phase for move in plan.moves for phase in move.phases))
    return tuple(stint for move in plan.moves if move.phases for stint in _stints(move, start, entered))


def preparation(phases: Iterable[Phase]) -> timedelta:
    """How long the work before the first step takes."""
    return WITH_TEST if any(each.code == Condition.REAL_MODEL for one in phases for each in one.entry) else PREPARATION


def _start(ready: date) -> date:
    """The next Monday."""
    return ready + timedelta(days=-ready.weekday() % WEEK)


def workday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=WEEK - day.weekday() if day.weekday() >= SATURDAY else 0)


def workdays(first: date, last: date) -> int:
    """From a day to another, both included."""
    return sum((first + timedelta(days=i)).weekday() < SATURDAY for i in range((last - first).days + 1))


def _stints(move: Move, start: date, entered: Mapping[tuple[str, int], PlanStep]) -> Iterator[Stint]:
    steps = [entered.get((move.use_case, phase.percent), PlanStep()) for phase in move.phases]
    first = steps[0].starts_on or start
    for phase, step, following in zip(move.phases, steps, [*steps[1:], PlanStep()], strict=True):
        end = workday(first + timedelta(days=days_of(phase)))
        if following.starts_on and following.starts_on > first:
            end = following.starts_on
        yield Stint(move.use_case, phase, first, end, step)
        first = end


def steps_csv(report: Report, stints: Sequence[Stint]) -> bytes:
    """A row for each step with its dates, its owner and its criteria, safe to open in a spreadsheet."""
    decisions = {decision.name: decision for decision in report.recommendation.use_cases}
    rows = [
        step_row(stint, decisions[stint.use_case]) | {"File": file_of(stint.phase.traffic_share)} for stint in stints
    ]
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, rows[0])
    table.writeheader()
    table.writerows({column: neutralise(cell) for column, cell in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig")


def days_of(phase: Phase) -> int:
    """How long a step takes, as far as anybody knows."""
    return max(phase.least_days, min(phase.days or 0, LONGEST_DAYS))
