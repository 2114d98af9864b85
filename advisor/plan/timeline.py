"""When the steps of a migration begin and end, and their table as a file."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from advisor.plan.configuration.litellm_proxy import file_of
from advisor.text.plan import step_row
from advisor.types import Condition, Move, Phase, Plan, PlanStep, Report, Stint
from advisor.types.reports import is_holiday, weekday_before, workday_before
from advisor.types.scenarios import ASSUMED, CaseInput
from advisor.types.texts import neutralise

LONGEST_DAYS = 60
"""A step that would take longer ends by its calls, and nobody knows the day."""


PREPARATION = 5
"""Working days at least, before the first step ..."""
WITH_TEST = 11
"""... and of the tests before the work, where models are tested, one at a host that is approved first."""
SATURDAY, WEEK = 5, 7
MOST_DAYS = 10
"""Work that would take longer is shared by several people."""
MARGIN = timedelta(days=7)
"""Between the last use case that leaves a model and the day it is switched off."""
TESTED = 2
"""Working days of the test of what follows."""
REPLACING = timedelta(days=21)
"""To move to the model that follows, where a roll-out stops."""


class Effort(NamedTuple):
    """What a plan takes besides its steps."""

    engineer_days: float = 0.0
    """Of work before the first step."""
    warm_days: float = ASSUMED[CaseInput.FALLBACK_DAYS]
    """For which today's model stays a fallback after the last step."""


def timeline(
    plan: Plan, today: date, entered: Mapping[tuple[str, int], PlanStep], engineer_days: float = 0.0
) -> tuple[Stint, ...]:
    """Every step of every move: from the day that was entered, else as planned, after what replaces its model.

    ``entered``: by use case and percent of the traffic. ``engineer_days``: of work before the first step.
    """
    days = preparation((phase for move in plan.moves for phase in move.phases), engineer_days)
    ready = prepared_on(today, days)

    def start(move: Move) -> date:
        first = plan.replaced.get(move.use_case)
        return _start(max(ready, workday(first.by + timedelta(days=1))) if first else ready)

    return tuple(stint for move in plan.moves if move.phases for stint in _stints(move, start(move), entered))


def preparation(phases: Iterable[Phase], engineer_days: float) -> int:
    """Working days before the first step; after a test, what it approves is adapted."""
    work = adapted_in(engineer_days)
    is_tested = any(each.code == Condition.REAL_MODEL for one in phases for each in one.entry)
    return WITH_TEST + work if is_tested else max(PREPARATION, work)


def adapted_in(engineer_days: float) -> int:
    """Working days until prompts and code are adapted for all moves."""
    return max(min(ceil(engineer_days), MOST_DAYS), 1)


def prepared_on(today: date, workdays: int) -> date:
    """The working day after so many from today on; holidays don't count."""
    day = after_holidays(workday(today))
    for _ in range(workdays):
        day = after_holidays(workday(day + timedelta(days=1)))
    return day


def stop_by(ends_on: date) -> date:
    """The last day to stop a roll-out, and to approve what follows a model that ends, in time to move to that."""
    return workday_before(ends_on - MARGIN - REPLACING)


def step_before_last(stints: Sequence[Stint]) -> tuple[float, date] | None:
    """Its share of the traffic, and the day by which it has begun for all; None: there is none."""
    steps = ((each.phase.traffic_share, each.first) for each in stints)
    return max((step for step in steps if step[0] < 1), default=None)


def full(stints: Sequence[Stint]) -> date:
    return max(stint.first for stint in stints if stint.phase.traffic_share == 1)


def is_in_time(stints: Sequence[Stint], last: date) -> bool:
    """Whether a roll-out isn't stopped, and ends a week before today's model does."""
    step = step_before_last(stints)
    return (step is None or step[1] <= stop_by(last)) and full(stints) <= last - MARGIN


def leave_by(on: date, today: date) -> date:
    """The last day on which a model that ends should still be asked: a week before that, or the last that is left.

    It's the last where the week would leave no day for a test of what follows.
    """
    first, usual, latest = workday(today), workday_before(on - MARGIN), weekday_before(on)
    return usual if usual >= prepared_on(today, TESTED) else latest if latest >= first else min(first, on)


def _start(ready: date) -> date:
    """The next Monday on which a step may begin."""
    return _monday(after_holidays(_monday(ready)))


def _monday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=-day.weekday() % WEEK)


def workday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=WEEK - day.weekday() if day.weekday() >= SATURDAY else 0)


def after_holidays(day: date) -> date:
    """The day, or the working day after the holidays that it is in."""
    if not is_holiday(day):
        return day
    while is_holiday(day):
        day += timedelta(days=1)
    return workday(day)


def _stints(move: Move, start: date, entered: Mapping[tuple[str, int], PlanStep]) -> Iterator[Stint]:
    steps = [entered.get((move.use_case, phase.percent), PlanStep()) for phase in move.phases]
    first = steps[0].starts_on or start
    for phase, step, following in zip(move.phases, steps, [*steps[1:], PlanStep()], strict=True):
        end = workday(first + timedelta(days=days_of(phase)))
        if following.starts_on and following.starts_on > first:
            end = following.starts_on
        elif phase is not move.phases[-1]:
            end = after_holidays(end)
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
