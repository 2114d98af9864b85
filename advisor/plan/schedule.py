"""What comes before the first step and besides the moves, by when, and when to decide or stop."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, pairwise
from math import ceil

from advisor.analysis.roll_out import DIFFERING
from advisor.plan.data_flow import data_flows
from advisor.plan.timeline import SATURDAY, adapted_in, after_holidays, preparation, prepared_on, timeline, workday
from advisor.types import Condition, Endpoint, Json, Message, Phase, Report, Stint, UseCaseDecision
from advisor.types.dossier import Schedule
from advisor.types.messages import FlagCode
from advisor.types.reports import BESIDE, PlanTask, Task, is_holiday, weekday_before, workday_before

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
UNLESS = (Task.HOST, Task.APPROVE, Task.TEST, Task.REVIEW, Task.SWITCH, Task.REPLACE)
"""Tasks that aren't needed where a cheaper model passes its test."""
NOBODY: Mapping[str, str] = {}
MARGIN = timedelta(days=7)
"""Between the last use case that leaves a model and the day it is switched off."""
REPLACING = timedelta(days=21)
"""To test the model that follows, and to move to it, where a roll-out stops."""
PATIENCE = timedelta(days=28)
"""How far a roll-out may fall behind where no day ends it."""


def schedule_of(
    report: Report,
    stints: Sequence[Stint],
    known: Sequence[Message],
    today: date,
    owners: Mapping[str, str] = NOBODY,
    engineer_days: float = 0.0,
) -> Schedule:
    """The calendar of a plan; ``known``: the flags of the study, of which those count that say what ends.

    ``owners``: of tasks, as they were entered. ``engineer_days``: of work before the first step.
    """
    ends = {each.values["model"]: each for each in known if each.code == FlagCode.RETIRES and each.values["days"] >= 0}
    moved = {case.baseline_facts.model for case in report.recommendation.use_cases if case.target}
    last = min((date.fromisoformat(ends[model].values["on"]) for model in moved if model in ends), default=None)
    late = report.plan.replaced
    follows = next((ends[model].values["successor"] for model in moved if model in ends), None)
    return Schedule(
        stints=tuple(stints),
        tasks=tuple(
            each._replace(owner=owners.get(each.key, ""))
            for each in (
                *_preparations(report, stints, today, engineer_days),
                *_labels(report, stints),
                *_replacements(report, ends, today),
            )
        ),
        ends_on=last,
        decide_by=_decide_by(report, stints, last, today, engineer_days),
        stop=_stop(stints, None, None) if moved & late.keys() else _stop(stints, last, follows),
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
    yield from _in_turn(tasks, first, last) if names[Task.TEST] else (PlanTask(task, first, last) for task in tasks)


def _in_turn(tasks: Sequence[Message], first: date, last: date) -> Iterator[PlanTask]:
    """Over all working days between two days, each with its part of them."""
    whole_days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    days = [day for day in whole_days if day.weekday() < SATURDAY and not is_holiday(day)]
    takes = [
        adapted_in(each.values["days"]) if each.code == Task.SWITCH else IN_TURN[Task(each.code)] for each in tasks
    ]
    for task, (before, done) in zip(tasks, pairwise((0, *accumulate(takes))), strict=True):
        begins = before * len(days) // sum(takes)
        yield PlanTask(task, days[begins], days[max(done * len(days) // sum(takes) - 1, begins)])


def leave_by(on: date, today: date) -> date:
    """The last day on which a model that ends should still be asked: a week before that, or the last that is left."""
    first = workday(today)
    usual, latest = workday_before(on - MARGIN), weekday_before(on)
    return usual if usual >= first else latest if latest >= first else min(first, on)


def _replacements(report: Report, ends: dict[str, Message], today: date) -> Iterator[PlanTask]:
    """The use cases that stay on a model that ends: all where no move is advised, or moves start from its successor."""
    cases, is_all = report.recommendation.use_cases, not any(move.phases for move in report.plan.moves)
    for model, flag in ends.items():
        is_first = model in report.plan.replaced
        mine = [case for case in cases if case.baseline_facts.model == model]
        if names := [case.name for case in mine if case.target is None or is_all or is_first]:
            on = date.fromisoformat(flag.values["on"])
            last = leave_by(on, today)
            first = min(workday(today), last)
            approved = min(max(_stop_by(on), first), last)
            values = {"baseline": model, "successor": flag.values["successor"], "use_cases": names}
            values |= {"on": flag.values["on"], "is_first": is_first, "is_late": first == last}
            replaced = Message.of(Task.REPLACE, approved=approved.isoformat(), by=last.isoformat(), **values)
            yield PlanTask(replaced, first, last)


def labeled(decision: UseCaseDecision, phase: Phase) -> int:
    """Live calls of a step that people label to score it: those that both models answer differently."""
    if decision.endpoint is not Endpoint.TARGET:
        return 0
    return ceil(DIFFERING * _scored(phase))


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


def _stop_by(ends_on: date) -> date:
    """The last day to stop a roll-out, and to approve what follows a model that ends, in time to move to that."""
    return workday_before(ends_on - MARGIN - REPLACING)


def _step_before_last(stints: Sequence[Stint]) -> tuple[float, date] | None:
    """Its share of the traffic, and the day by which it has begun for all; None: there is none."""
    return max(
        ((each.phase.traffic_share, each.first) for each in stints if each.phase.traffic_share < 1), default=None
    )


def _full(stints: Sequence[Stint]) -> date:
    return max(stint.first for stint in stints if stint.phase.traffic_share == 1)


def is_in_time(stints: Sequence[Stint], last: date) -> bool:
    """Whether a roll-out isn't stopped, and ends a week before today's model does."""
    step = _step_before_last(stints)
    return (step is None or step[1] <= _stop_by(last)) and _full(stints) <= last - MARGIN


def _decide_by(
    report: Report, stints: Sequence[Stint], last: date | None, today: date, engineer_days: float
) -> date | None:
    """The latest day whose own timeline isn't stopped and ends a week before today's model does.

    Where none ends: before the roll-out begins as planned.
    """
    if not stints:
        return None
    if last is None:
        return max(workday_before(min(stint.first for stint in stints)), today)
    entered = {(stint.use_case, stint.phase.percent): stint.entered for stint in stints}
    day, before = workday_before(last), preparation((stint.phase for stint in stints), engineer_days)
    while day > today:
        then = timeline(report.plan, day, entered, engineer_days)
        if is_in_time(then, last) and prepared_on(day, before) <= min(stint.first for stint in then):
            return day
        day = workday_before(day)
    return today


def _stop(stints: Sequence[Stint], last: date | None, follows: str | None) -> Message | None:
    """By when the step before the last one has to begin."""
    if (step := _step_before_last(stints)) is None:
        return None
    share, planned = step
    if last is None:
        by = workday_before(planned + PATIENCE)
    else:
        by = max(min(_stop_by(last), workday_before(last - (_full(stints) - planned))), planned)
    before = [stint for stint in stints if stint.phase.traffic_share < 1]
    return Message.of(
        Task.STOP,
        share=share,
        by=by.isoformat(),
        baselines=list(dict.fromkeys(stint.phase.rollback.values["baseline"] for stint in before)),
        successor=follows,
    )


def with_test(schedule: Schedule, report: Report, model: str) -> Schedule:
    """With the test of a cheaper model first, on every use case: its provider has the prompts already.

    A use case without a working judge gets one before.

    Who tests the move's model tests this one unless another is named. What stays goes to the model that follows only
    where the cheaper one doesn't pass.
    """
    if not schedule.stints or not schedule.tasks or not model:
        return schedule
    names = [case.name for case in report.recommendation.use_cases]
    test = next((each for each in schedule.tasks if each.task.code == Task.TEST), None)
    unless = UNLESS if test else (Task.REPLACE,)
    tasks = [each._replace(task=_with_tried(each.task, model, names, unless)) for each in schedule.tasks]
    starts, first = min(stint.first for stint in schedule.stints), tasks[0].first
    last = max(first, min(workday(first + timedelta(days=1)), workday_before(starts)))
    own = PlanTask(Message.of(Task.TEST_CHEAPER, use_cases=names, model=model), first, last)
    tasks = [own._replace(owner=schedule.owners.get(own.key) or (test.owner if test else "")), *tasks]
    if left := unjudged(report):
        judge = PlanTask(Message.of(Task.JUDGE, use_cases=left), first, first)
        tasks = [judge._replace(owner=schedule.owners.get(judge.key, "")), *tasks]
    if test:
        turns = [each for each in tasks if each.task.code not in BESIDE]
        spans = _in_turn([each.task for each in turns], first, turns[-1].last)
        turns = [new._replace(owner=each.owner) for each, new in zip(turns, spans, strict=True)]
        tasks = turns + tasks[len(turns) :]
    known = max(each.last for each in tasks if each.task.code in (Task.TEST_CHEAPER, Task.MOVE, Task.SWITCH))
    after = after_holidays(workday(known + timedelta(days=1)))
    return replace(schedule, tasks=tuple(_not_before(each, after) for each in tasks))


def unjudged(report: Report) -> list[str]:
    """Use cases that no trusted judge scores: no test decides them."""
    return [case.name for case in report.recommendation.use_cases if case.shown and not case.shown.counts]


def _with_tried(task: Message, model: str, names: list[str], unless: Container[str]) -> Message:
    """What isn't needed where the cheaper model passes says so; the approval is of all that passed."""
    more: dict[str, Json] = {"unless": model} if task.code in unless else {}
    if task.code == Task.MOVE:
        more = {"use_cases": names}
    return Message(code=task.code, values={**task.values, **more})


def _not_before(each: PlanTask, after: date) -> PlanTask:
    """What replaces today's model waits for the tests and for who adapts what they approve."""
    if each.task.code != Task.REPLACE:
        return each
    return each._replace(first=max(each.first, after), last=max(each.last, after))


def prepared_from(schedule: Schedule) -> str | None:
    """The day on which the work before the first step begins: deciding later moves every date."""
    before = [each.first for each in schedule.tasks if each.task.code not in BESIDE]
    first = min(before, default=schedule.decide_by)
    return first.isoformat() if first else None
