"""What comes before the first step and besides the moves, by when, and when to decide or stop."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from advisor.plan.timeline import PREPARATION, workday
from advisor.types import Condition, Json, Message, Report, Stint
from advisor.types.dossier import Schedule
from advisor.types.reports import PlanTask, Task, workday_before
from advisor.types.warnings import FlagCode

PREPARED = {
    Condition.REAL_MODEL: Task.TEST,
    Condition.JUDGE_REVIEWED: Task.REVIEW,
    Condition.APPROVED: Task.APPROVE,
    Condition.SWITCHABLE: Task.SWITCH,
}
"""What has to be done for a step to begin, in order."""
NOBODY: Mapping[str, str] = {}
MARGIN = timedelta(days=7)
"""Between the last use case that leaves a model and the day it is switched off."""
PATIENCE = timedelta(days=28)
"""How far a roll-out may fall behind where no day ends it."""


def schedule_of(
    report: Report,
    stints: Sequence[Stint],
    known: Sequence[Message],
    today: date,
    owners: Mapping[str, str] = NOBODY,
) -> Schedule:
    """The calendar of a plan; ``known``: the flags of the study, of which those count that say what ends.

    ``owners``: of tasks, as they were entered.
    """
    ends = {each.values["model"]: each for each in known if each.code == FlagCode.RETIRES and each.values["days"] >= 0}
    moved = {case.baseline_facts.model for case in report.recommendation.use_cases if case.target}
    last = min((date.fromisoformat(ends[model].values["on"]) for model in moved if model in ends), default=None)
    follows = next((ends[model].values["successor"] for model in moved if model in ends), None)
    return Schedule(
        stints=tuple(stints),
        tasks=tuple(
            each._replace(owner=owners.get(each.key, ""))
            for each in (*_preparations(stints, today), *_replacements(report, ends, today))
        ),
        ends_on=last,
        decide_by=_decide_by(stints, last, today),
        stop=_stop(stints, last, follows),
    )


def _preparations(stints: Sequence[Stint], today: date) -> Iterator[PlanTask]:
    """What has to be done before the first step, once for all moves; none where that has begun."""
    starts = min((stint.first for stint in stints), default=today)
    first, last = workday(today), workday_before(starts)
    if last < first:
        return
    asked: dict[Task, list[Message]] = defaultdict(list)
    names: dict[Task, list[str]] = defaultdict(list)
    for stint in stints:
        for each in stint.phase.entry:
            if (task := PREPARED.get(Condition(each.code))) and each.values.get("pairs") != 0:
                asked[task].append(each)
                names[task].append(stint.use_case)
    half = workday(first + (last - first) // 2)
    for task in PREPARED.values():
        if task not in asked:
            continue
        more = {"pairs": max(each.values["pairs"] for each in asked[task])} if task is Task.REVIEW else {}
        begins = half if task is Task.REVIEW and Task.TEST in asked else first
        ends = workday_before(half) if task is Task.TEST and Task.REVIEW in asked and half > first else last
        yield PlanTask(Message.of(task, use_cases=names[task], **more), begins, ends)


def _replacements(report: Report, ends: dict[str, Message], today: date) -> Iterator[PlanTask]:
    """The use cases that stay on a model that ends."""
    cases, is_all = report.recommendation.use_cases, report.recommendation.bill.worth is False
    for model, flag in ends.items():
        mine = [case for case in cases if case.baseline_facts.model == model]
        stays = [case.name for case in mine if case.target is None or is_all]
        last = workday_before(date.fromisoformat(flag.values["on"]) - MARGIN)
        if stays and last >= today:
            values = {"baseline": model, "successor": flag.values["successor"], "use_cases": stays}
            yield PlanTask(Message.of(Task.REPLACE, by=last.isoformat(), **values), workday(today), last)


def _full(stints: Sequence[Stint]) -> date:
    return max(stint.first for stint in stints if stint.phase.traffic_share == 1)


def _decide_by(stints: Sequence[Stint], last: date | None, today: date) -> date | None:
    """So late that the roll-out still ends before today's model does, else when it begins as planned."""
    if not stints:
        return None
    starts = min(stint.first for stint in stints)
    latest = starts if last is None else last - (_full(stints) - starts) - PREPARATION
    return max(workday_before(latest), today)


def _stop(stints: Sequence[Stint], last: date | None, follows: str | None) -> Message | None:
    """By when the step before the last one has to begin."""
    before = [stint for stint in stints if stint.phase.traffic_share < 1]
    if not before:
        return None
    share = max(stint.phase.traffic_share for stint in before)
    planned = max(stint.first for stint in before if stint.phase.traffic_share == share)
    by = planned + PATIENCE if last is None else max(last - (_full(stints) - planned), planned)
    return Message.of(
        Task.STOP,
        share=share,
        by=workday_before(by).isoformat(),
        baselines=list(dict.fromkeys(stint.phase.rollback.values["baseline"] for stint in before)),
        successor=follows,
    )


def with_test(schedule: Schedule, report: Report, tried: Json) -> Schedule:
    """With the test of a cheaper model next to that of the candidates, on every use case."""
    at = next((place for place, each in enumerate(schedule.tasks, 1) if each.task.code == Task.TEST), None)
    if at is None or not isinstance(tried, dict):
        return schedule
    test, names = schedule.tasks[at - 1], [case.name for case in report.recommendation.use_cases]
    also = test._replace(task=Message.of(Task.TEST_CHEAPER, use_cases=names, model=tried["model"]))
    return replace(schedule, tasks=(*schedule.tasks[:at], also, *schedule.tasks[at:]))


def prepared_from(schedule: Schedule) -> str | None:
    """The day on which the work before the first step begins: deciding later moves every date."""
    before = [each.first for each in schedule.tasks if each.task.code != Task.REPLACE]
    first = min(before, default=schedule.decide_by)
    return first.isoformat() if first else None
