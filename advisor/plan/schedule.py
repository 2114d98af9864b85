"""What comes before the first step and besides the moves, by when, and when to decide or stop."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from math import ceil
from typing import Any

from advisor.analysis.roll_out import DIFFERING, compared
from advisor.plan.data_flow import data_flows
from advisor.plan.succession import left_on, tested_on
from advisor.plan.timeline import (
    SATURDAY,
    Effort,
    adapted_in,
    after_holidays,
    full,
    is_in_time,
    leave_by,
    preparation,
    prepared_on,
    step_before_last,
    stop_by,
    timeline,
    workday,
)
from advisor.types import Condition, Endpoint, Json, Message, Phase, Report, Stint, UseCaseDecision
from advisor.types.dossier import Schedule
from advisor.types.messages import FlagCode
from advisor.types.reports import BESIDE, PlanTask, Task, is_holiday, workday_before

PREPARED = {
    Condition.APPROVED: Task.APPROVE,
    Condition.REAL_MODEL: Task.TEST,
    Condition.JUDGE_REVIEWED: Task.REVIEW,
    Condition.SWITCHABLE: Task.SWITCH,
}
"""What has to be done for a step to begin."""
IN_TURN = {
    Task.JUDGE: 1,
    Task.TEST_CHEAPER: 1,
    Task.HOST: 2,
    Task.APPROVE: 3,
    Task.TEST: 2,
    Task.REVIEW: 1,
    Task.MOVE: 1,
    Task.SWITCH: 1,
}
"""Working days of each where a real model is still to be tested, one after the other: no call goes to a host before it
is approved, and no work is done for a move before that is. SWITCH takes what its engineer days do.
"""
NOBODY: Mapping[str, str] = {}
Ended = Mapping[str, Any]  # values of the flag
USUAL = Effort()
PATIENCE = timedelta(days=28)
"""How far a roll-out may fall behind where no day ends it."""


def schedule_of(
    report: Report,
    stints: Sequence[Stint],
    known: Sequence[Message],
    today: date,
    owners: Mapping[str, str] = NOBODY,
    effort: Effort = USUAL,
) -> Schedule:
    """The calendar of a plan; ``known``: the flags of the study, of which those count that say what ends.

    ``owners``: of tasks, as they were entered.
    """
    retired = (each.values for each in known if each.code == FlagCode.RETIRES)
    ends = {values["model"]: values | {"on": max(values["on"], today.isoformat())} for values in retired}
    moved = {case.baseline_facts.model for case in report.recommendation.use_cases if case.target}
    last = min((date.fromisoformat(ends[model]["on"]) for model in moved if model in ends), default=None)
    return Schedule(
        stints=tuple(stints),
        tasks=tuple(
            each._replace(owner=owners.get(each.key, ""))
            for each in (
                *_preparations(report, stints, today, effort.engineer_days),
                *_labels(report, stints),
                *_replacements(report, ends, today),
            )
        ),
        ends_on=last,
        decide_by=_decide_by(report, stints, ends, today, effort),
        stop=_stop(report, stints, ends),
        owners=owners,
    )


def _preparations(report: Report, stints: Sequence[Stint], today: date, engineer_days: float) -> Iterator[PlanTask]:
    """What has to be done before the first step, once for all moves; none where that has begun."""
    starts = min((stint.first for stint in stints), default=today)
    first, last = after_holidays(workday(today)), workday_before(starts)
    if last < first:
        return
    asked: dict[Task, list[Message]] = defaultdict(list)
    names: dict[Task, list[str]] = defaultdict(list)
    for stint in stints:
        for each in stint.phase.entry:
            if (task := PREPARED.get(Condition(each.code))) and each.values.get("pairs") != 0:
                asked[task].append(each)
                names[task].append(stint.use_case)
    if Task.TEST in names:
        no_host = [flow for flow in data_flows(report) if flow.after.name is None and not flow.after.is_own]
        names[Task.HOST] = [name for flow in no_host for name in flow.use_cases]
        names[Task.MOVE] = list(dict.fromkeys(stint.use_case for stint in stints))
    tasks = []
    for task in (task for task in IN_TURN if names[task]):
        more: dict[str, Json] = {"days": engineer_days} if task is Task.SWITCH else {}
        if task is Task.REVIEW:
            more = {"pairs": max(each.values["pairs"] for each in asked[task])}
        tasks.append(Message.of(task, use_cases=names[task], **more))
    yield from in_turn(tasks, first, last) if names[Task.TEST] else (PlanTask(task, first, last) for task in tasks)


def in_turn(tasks: Sequence[Message], first: date, last: date) -> Iterator[PlanTask]:
    """Over all working days between two days, each with its part of them."""
    whole_days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    days = [day for day in whole_days if day.weekday() < SATURDAY and not is_holiday(day)]
    takes = [
        adapted_in(each.values["days"]) if each.code == Task.SWITCH else IN_TURN[Task(each.code)] for each in tasks
    ]
    for task, (before, done) in zip(tasks, pairwise((0, *accumulate(takes))), strict=True):
        begins = before * len(days) // sum(takes)
        yield PlanTask(task, days[begins], days[max(done * len(days) // sum(takes) - 1, begins)])


def _replacements(report: Report, ends: Mapping[str, Ended], today: date) -> Iterator[PlanTask]:
    """The use cases that don't leave a model that ends in time; what is left of roll-outs under way apart."""
    for model, flag in ends.items():
        names, late = left_on(report, model, report.plan.replaced), report.plan.replaced
        on, successor = date.fromisoformat(flag["on"]), flag["successor"]
        last = leave_by(on, today)
        start = min(workday(today), last)
        approved = min(max(stop_by(on), start), last)
        has_passed, failed = tested_on(report, model, successor or "")
        values = {"baseline": model, "successor": successor, "on": flag["on"], "is_late": start == last}
        values |= {"by": last.isoformat(), "approved": approved.isoformat()}
        if failed:
            values |= {"successor": None, "failed": {"model": successor, "use_cases": [*failed]}}
        elif has_passed:
            values |= {"is_late": False, "is_tested": True}
        rest = [name for name in names if name in late and late[name].kept]
        others = [name for name in names if name not in rest]
        values |= {"is_first": any(name in late for name in others), "is_all": others == left_on(report, model, None)}
        for task, left in ((Task.REPLACE, others), (Task.FINISH, rest)):
            if left:
                yield PlanTask(Message.of(task, use_cases=left, **values), start, last)


def labeled(decision: UseCaseDecision, phase: Phase) -> int:
    """Live calls of a step that people label to score it: those that both models answer differently."""
    if decision.endpoint is not Endpoint.TARGET:
        return 0
    return ceil(DIFFERING * _scored(phase))


def labels_of(decision: UseCaseDecision) -> int:
    """The same of a step with a model that isn't tested yet."""
    return ceil(DIFFERING * compared(a)) if decision.endpoint is Endpoint.TARGET and (a := decision.shown) else 0


def _scored(phase: Phase) -> int:
    """Live calls that end a step."""
    return sum(each.values["calls"] for each in phase.exit if each.code == Condition.QUALITY)


def _labels(report: Report, stints: Sequence[Stint]) -> Iterator[PlanTask]:
    """People label live calls for as long as steps are checked."""
    decided = {case.name: case for case in report.recommendation.use_cases}
    mine = [each for each in stints if labeled(decided[each.use_case], each.phase)]
    if mine:
        calls = max(labeled(decided[each.use_case], each.phase) for each in mine)
        scored = max(_scored(each.phase) for each in mine)
        names = list(dict.fromkeys(each.use_case for each in mine))
        first, last = min(each.first for each in mine), max(each.last for each in mine)
        yield PlanTask(Message.of(Task.LABEL, use_cases=names, calls=calls, scored=scored), first, last)


def _decide_by(
    report: Report, stints: Sequence[Stint], ends: Mapping[str, Ended], today: date, effort: Effort
) -> date | None:
    """The latest day whose own timeline isn't stopped and leaves today's model as a fallback as long as is meant.

    Where none of those that moves start from ends: before the roll-out begins as planned.
    """
    if not stints:
        return None
    timely, first = _ending(report, stints, ends)
    last = date.fromisoformat(first["on"]) if first else None
    names = {each.use_case for each in timely}
    if last is None:
        return max(workday_before(min(stint.first for stint in stints)), today)
    entered = {(stint.use_case, stint.phase.percent): stint.entered for stint in stints}
    day, before = workday_before(last), preparation((stint.phase for stint in stints), effort.engineer_days)
    while day > today:
        then = [each for each in timeline(report.plan, day, entered, effort.engineer_days) if each.use_case in names]
        is_warm = is_in_time(then, last) and full(then) <= last - timedelta(days=effort.warm_days)
        if is_warm and prepared_on(day, before) <= min(stint.first for stint in then):
            return day
        day = workday_before(day)
    return today


def _ending(report: Report, stints: Sequence[Stint], ends: Mapping[str, Ended]) -> tuple[list[Stint], Ended | None]:
    """The steps of moves that start from today's models alone, and the first of those to end; None: none does."""
    models = {case.name: case.baseline_facts.model for case in report.recommendation.use_cases}
    timely = [each for each in stints if each.use_case not in report.plan.replaced]
    ending = [flag for model, flag in ends.items() if model in {models[each.use_case] for each in timely}]
    return timely, min(ending, key=lambda flag: flag["on"], default=None)


def _stop(report: Report, stints: Sequence[Stint], ends: Mapping[str, Ended]) -> Message | None:
    """By when the step before the last one has to begin; where models end, for what moves from those themselves."""
    timely, first = _ending(report, stints, ends)
    last, follows = (date.fromisoformat(first["on"]), first["successor"] or "") if first else (None, None)
    if first:
        stints = timely
        follows = "" if tested_on(report, first["model"], follows or "")[1] else follows
    if (step := step_before_last(stints)) is None:
        return None
    share, planned = step
    by = workday_before(planned + PATIENCE)
    if last:
        by = max(min(stop_by(last), workday_before(last - (full(stints) - planned))), planned)
    whole = [stint.phase.rollback.values["baseline"] for stint in stints if stint.phase.traffic_share == 1]
    baselines = list(dict.fromkeys(whole))
    return Message.of(Task.STOP, share=share, by=by.isoformat(), baselines=baselines, successor=follows)


def prepared_from(schedule: Schedule) -> str | None:
    """The day on which the work before the first step begins: deciding later moves every date."""
    before = [each.first for each in schedule.tasks if each.task.code not in BESIDE]
    first = min(before, default=schedule.decide_by)
    return first.isoformat() if first else None
