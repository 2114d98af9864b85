"""What comes before the first step and besides the moves, by when, and when to decide or stop."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from advisor.plan.data_flow import data_flows
from advisor.plan.timeline import SATURDAY, preparation, workday
from advisor.types import Condition, Json, Message, Report, Stint
from advisor.types.dossier import Schedule
from advisor.types.reports import PlanTask, Task, workday_before
from advisor.types.warnings import FlagCode

PREPARED = {
    Condition.APPROVED: Task.APPROVE,
    Condition.REAL_MODEL: Task.TEST,
    Condition.JUDGE_REVIEWED: Task.REVIEW,
    Condition.SWITCHABLE: Task.SWITCH,
}
"""What has to be done for a step to begin."""
IN_TURN = {Task.HOST: 2, Task.APPROVE: 3, Task.TEST: 2, Task.REVIEW: 1, Task.MOVE: 1, Task.SWITCH: 1}
"""Working days of each where a real model is still to be tested, one after the other: no call goes to a host before it
is approved, and no work is done for a move before that is.
"""
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
            for each in (*_preparations(report, stints, today), *_replacements(report, ends, today))
        ),
        ends_on=last,
        decide_by=_decide_by(stints, last, today),
        stop=_stop(stints, last, follows),
    )


def _preparations(report: Report, stints: Sequence[Stint], today: date) -> Iterator[PlanTask]:
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
    days = [day for i in range((last - first).days + 1) if (day := first + timedelta(days=i)).weekday() < SATURDAY]
    if Task.TEST in names:
        no_host = [flow for flow in data_flows(report) if flow.after.name is None and not flow.after.is_own]
        names[Task.HOST] = [name for flow in no_host for name in flow.use_cases]
        names[Task.MOVE] = list(dict.fromkeys(stint.use_case for stint in stints))
    tasks = [task for task in IN_TURN if names[task]]
    whole, done = sum(IN_TURN[task] for task in tasks), 0
    for task in tasks:
        more = {"pairs": max(each.values["pairs"] for each in asked[task])} if task is Task.REVIEW else {}
        begins, ends = first, last
        if Task.TEST in tasks:
            at, done = done * len(days) // whole, done + IN_TURN[task]
            begins, ends = days[at], days[max(done * len(days) // whole - 1, at)]
        yield PlanTask(Message.of(task, use_cases=names[task], **more), begins, ends)


def _replacements(report: Report, ends: dict[str, Message], today: date) -> Iterator[PlanTask]:
    """The use cases that stay on a model that ends: all where no move is advised."""
    cases, is_all = report.recommendation.use_cases, not any(move.phases for move in report.plan.moves)
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
    before = preparation(stint.phase for stint in stints)
    latest = starts if last is None else last - (_full(stints) - starts) - before
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
    """With the test of a cheaper model first, on every use case: its provider has the prompts already."""
    test = next((each for each in schedule.tasks if each.task.code == Task.TEST), None)
    if test is None or not isinstance(tried, dict):
        return schedule
    names, first = [case.name for case in report.recommendation.use_cases], schedule.tasks[0].first
    task = Message.of(Task.TEST_CHEAPER, use_cases=names, model=tried["model"])
    last = min(workday(first + timedelta(days=1)), workday_before(test.first))
    return replace(schedule, tasks=(PlanTask(task, first, max(first, last), test.owner), *schedule.tasks))


def prepared_from(schedule: Schedule) -> str | None:
    """The day on which the work before the first step begins: deciding later moves every date."""
    before = [each.first for each in schedule.tasks if each.task.code != Task.REPLACE]
    first = min(before, default=schedule.decide_by)
    return first.isoformat() if first else None
