"""The tasks of a plan besides the steps of its moves, in words."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from advisor.text.messages import Words, upper, worded
from advisor.text.names import ANOTHER, bare_id, short_name
from advisor.text.numbers import all_of, count, day_of, dollars, listing, number, percent, pts, shorten
from advisor.text.plan import failed_words
from advisor.types import Message, Step
from advisor.types.business import BusinessCase
from advisor.types.dossier import DataFlow, Dossier, Schedule
from advisor.types.reports import PlanTask, Task
from advisor.types.scenarios import CaseInput

SIGNER = "signer of page one"
"""Who approves the moves."""


def owner_words(each: PlanTask) -> str:
    """Who does a task."""
    return each.owner or (SIGNER if each.task.code == Task.MOVE else UNNAMED)


TOO_LATE = "No day is left to test it: move untested, or ask the provider for more time."
UNNAMED = "to be named"
"""An owner."""


def task_words(task: Message) -> str:
    """A task of the plan that isn't a step of a move."""
    return worded(_TASKS, task)


def stop_words(dossier: Dossier) -> str:
    """By when a roll-out that is late ends; empty: nothing moves."""
    return task_words(dossier.schedule.stop) if dossier.schedule.stop else ""


def task_rows(tasks: tuple[PlanTask, ...]) -> Iterator[tuple[str, str, PlanTask]]:
    """(what, for which use cases, when)."""
    are_tested = any(each.task.code == Task.TEST for each in tasks)
    firsts = (each.task.values for each in tasks if each.task.code == Task.TEST_CHEAPER)
    every: list[str] = next((values["use_cases"] for values in firsts if values["model"]), [])
    for each in tasks:
        values = each.task.values
        is_all = len(every) > 1 and values["use_cases"] == every
        who = all_of(len(every)) if is_all else use_cases_words(values["use_cases"])
        if bars := sorted({limit[0] for limit in values.get("limits", ())}):
            who += f" (pass: at most {' or '.join(map(number, bars))} pts worse)"
        if are_tested and each.task.code == Task.REPLACE:
            who += ", and any other that fails"
        unless = f", unless {bare_id(values['unless'])} passes" if "unless" in values else ""
        yield task_words(each.task), f"{who}{unless}", each


_ROWS = {
    Step.TEST_CHEAPER: Task.TEST_CHEAPER,
    Step.BETTER_JUDGE: Task.JUDGE,
    Step.REAL_CANDIDATE: Task.TEST,
    Step.REVIEW: Task.REVIEW,
    Step.SUCCESSOR: Task.TEST_CHEAPER,
}


def has_row(schedule: Schedule, step: Message) -> bool:
    """Whether a next step is among the tasks and moves of a calendar."""
    tasks = {each.task.code for each in schedule.tasks}
    return bool(schedule.stints) and (step.code == Step.SHADOW or _ROWS.get(Step(step.code)) in tasks)


def passed_words(schedule: Schedule, case: BusinessCase, flows: Sequence[DataFlow] = ()) -> dict[str, str]:
    """What the plan, its limits and the flow of data are where the cheaper model passes; empty where none is tested."""
    tasks = {each.task.code: each for each in schedule.tasks}
    if Task.MOVE not in tasks or not (tested := tasks.get(Task.TEST_CHEAPER)) or not tested.task.values["model"]:
        return dict.fromkeys(("plan", "limits", "data"), "")
    all_ = len(tested.task.values["use_cases"])
    done = case.inputs.work(all_ * case.inputs[CaseInput.SUCCESSOR_DAYS])
    work = f"; {done['days']:g} days of work ({dollars(done['usd'])}) for {all_of(all_)}" if done["usd"] else ""
    adapt = tasks[Task.SWITCH].task.values["days"] if Task.SWITCH in tasks else 0.0
    work += f", by {ceil(done['days'] / adapt)} people" if 0 < adapt < done["days"] else ""
    hosts = [*dict.fromkeys(flow.before.name for flow in flows if flow.before.name)]
    passes = f"Where {bare_id(tested.task.values['model'])} passes: "
    drops = " or ".join(
        f"under {pts(margin)} on {n:,}+ {'pairs' if is_paired else 'calls'} ({use_cases_words(names)})"
        for margin, is_paired, n, names in tested.task.values["limits"]
    )
    return {
        "plan": f"{passes}the same dates{work}.",
        "limits": f"{passes}the same limits, with a quality drop {drops}, and at most 120% of its cost in the test.",
        "data": f"{passes}prompts stay at {hosts[0]}." if len(hosts) == 1 else "",
    }


def closed_models(model: str, along: Sequence[str]) -> list[str]:
    """What is tested first, in short."""
    return [bare_id(each) for each in (model, *along) if each]


def days_words(work: Mapping[str, float]) -> str:
    """Work in days: "2 days"."""
    return f"{work['days']:g} day{'s' * (work['days'] != 1)}"


def use_cases_words(names: list[str]) -> str:
    """Names of use cases in a sentence."""
    return listing(use_cases_short(names))


def use_cases_short(names: list[str]) -> list[str]:
    """Names that fit a line."""
    return [shorten(name, 60) for name in names]


def replaced(values: Mapping[str, Any]) -> str:
    """The move to what follows a model that ends."""
    model, by, failed = values["successor"] or ANOTHER, day_of(values["by"]), failed_words(values)
    if values["is_late"]:
        return f"move to {model} by {by}{failed}, too late for a test, or ask the provider for more time"
    if values.get("is_tested"):
        return f"move to {model} by {by}{failed}"
    return f"test {model} and move to it by {by}{failed}"


def first_words(schedule: Schedule) -> list[str]:
    """Models that end before a roll-out from them can, and what their calls go to first."""
    return [*filter(None, map(first_of, replacements(schedule))), *finish_words(schedule)]


def replacements(schedule: Schedule) -> list[Mapping[str, Any]]:
    """What is known of each model that ends and what follows it."""
    return [each.task.values for each in schedule.tasks if each.task.code == Task.REPLACE]


def finish_words(schedule: Schedule) -> list[str]:
    """Roll-outs under way that end after their model does, and what to do."""
    tasks = (each.task.values for each in schedule.tasks if each.task.code == Task.FINISH)
    return [
        f"{short_name(values['baseline'])} ends on {day_of(values['on'])}, before the last steps of "
        f"{use_cases_words(values['use_cases'])}: {_finish(**values)}."
        for values in tasks
    ]


def _finish(by: str, successor: str | None, **values: Any) -> str:
    other = f"move the other calls to {successor or ANOTHER} by then"
    return f"reach 100% by {day_of(by)}, or {other}{failed_words(values)}"


def first_of(values: Mapping[str, Any]) -> str:
    """What the calls of one of them go to first; empty where roll-outs can end, or have begun."""
    if not values["is_first"]:
        return ""
    calls = "all its calls" if values["is_all"] else f"calls of {use_cases_words(values['use_cases'])}"
    unless = f", unless {bare_id(values['unless'])} passes its test" if "unless" in values else ""
    late = f" {TOO_LATE}" if values["is_late"] else ""
    return (
        f"{short_name(values['baseline'])} ends on {day_of(values['on'])}, before the move can end: "
        f"{calls} go to {values['successor'] or ANOTHER} first, by {day_of(values['by'])}"
        f"{failed_words(values)}{unless}.{late}"
    )


def _stop(share: float, by: str, baselines: list[str], successor: str | None) -> str:
    stays = f"stay on {listing([short_name(each) for each in baselines])}"
    then = stays if successor is None else f"move to {successor or ANOTHER}"
    reached = f"{share:.0%} of the traffic isn't reached" if share else "the shadow test hasn't begun"
    return f"If {reached} by {day_of(by)}, stop and {then}."


_TASKS: Words = {
    Task.JUDGE: "Add a judge, or review pairs",
    Task.TEST: "Test a real model at the approved host",
    Task.TEST_CHEAPER: lambda model, along, **_: (
        f"Test {listing(closed := closed_models(model, along))}{' side by side' * (len(closed) > 1)}"
    ),
    Task.REVIEW: lambda pairs, **_: f"Review {count(pairs, 'pair') if pairs else 'more pairs'} blind",
    Task.HOST: "Choose a host",
    Task.APPROVE: "Approve host, license and data location",
    Task.MOVE: "Approve moving to what passed",
    Task.SWITCH: lambda days, **_: f"Adapt prompts and code{f' ({days:g} days of work)' if days else ''}",
    Task.LABEL: lambda calls, scored, **_: (
        f"Label calls that differ, about {percent(calls / scored)} of {scored:,} a step"
    ),
    Task.REPLACE: lambda **v: upper(replaced(v)),
    Task.FINISH: lambda **v: upper(_finish(**v)),
    Task.STOP: _stop,
}
