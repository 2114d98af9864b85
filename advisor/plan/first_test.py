"""Closed models that are tested before any move: one that would cost less than the plan, and what follows today's."""

from dataclasses import asdict, replace
from datetime import date, timedelta

from advisor.analysis.roll_out import compared
from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.closed_options import cheaper_than, in_tests, of_provider, sibling_option, unjudged
from advisor.plan.moving import CaseFacts
from advisor.plan.schedule import in_turn
from advisor.plan.succession import found_of
from advisor.plan.timeline import after_holidays, workday
from advisor.text.names import bare_id
from advisor.types import Endpoint, Json, Message, Report, Step, Verdict
from advisor.types.business import BusinessCase
from advisor.types.dossier import Schedule
from advisor.types.reports import BESIDE, JUDGING, PlanTask, Task, workday_before
from advisor.types.scenarios import CaseInput


def cheaper_untested(case: BusinessCase, report: Report) -> Json:
    """A closed model that would cost less than the plan, and that was never tested; None: there is none."""
    plan = case.plan_usd if case.moving else case.today_usd
    if report.recommendation.bill.worth is False or plan is None:
        return None
    option = cheaper_than(plan, case.options)
    if option is None or option.monthly_usd is None:
        return None
    margins = {a.difference.margin for each in report.recommendation.use_cases for a in each.candidates}
    return {
        "option": option.option.value,
        "model": option.model,
        "usd": asdict(option.monthly_usd),
        "work": case.inputs.test_work,
        "move": case.inputs[CaseInput.SUCCESSOR_DAYS] * case.inputs[CaseInput.DAY_USD],
        "margins": sorted(margins),
        **_hard_to_prove(report),
    }


def _hard_to_prove(report: Report) -> dict[str, Json]:
    """Samples where even a model as good as today's might not pass, and use cases whose judge isn't trusted."""
    shown = [a for case in report.recommendation.use_cases if (a := case.shown)]
    known = [(a.quality.n, d.delta, d.low, d.margin) for a in shown if a.counts and (d := a.difference)]
    few = sorted(n for n, delta, low, margin in known if delta is not None and low is not None and delta - low > margin)
    return {"few": few, "unjudged": unjudged(report.recommendation.use_cases)}


def with_test_first(report: Report, tried: Json) -> Report:
    """With that test as the first step, which is the successor's too; ``tried``: as ``cheaper_untested`` finds it.

    Other successors are tested along. As long as nothing is decided, what judges need goes before: without them no
    test decides anything.
    """
    if not isinstance(tried, dict):
        return report
    steps, along, ends, cases = [], [], {}, report.recommendation.use_cases
    for step in report.plan.next_steps:
        if step.code == Step.SUCCESSOR and bare_id(step.values["successor"]) == bare_id(tried["model"]):
            ends = {name: step.values[name] for name in ("baseline", "on")}
        elif step.code == Step.SUCCESSOR:
            along.append(step)
        else:
            steps.append(step)
    left: list[Json] = [case.name for case in cases if found_of(report, case, tried["model"]) is None]
    test = Message.of(Step.TEST_CHEAPER, model=tried["model"], use_cases=left, of=len(cases), **ends)
    is_open = all(case.verdict is Verdict.NEED_MORE_DATA for case in cases)
    before = [step for step in steps if is_open and step.code in JUDGING]
    after = [step for step in steps if step not in before]
    return replace(report, plan=replace(report.plan, next_steps=(*before, test, *along, *after)))


def advised(report: Report, facts: CaseFacts) -> Report:
    """The decision as it is advised: without moves that never pay back, and first the test of a cheaper model.

    The report finds the same model in ``case_of``, which also reads the texts of the log.
    """
    case = case_from(report, facts)
    case = replace(case, options=of_provider(report, facts, sibling_option(report, facts)))
    return with_test_first(in_view_of(report, case), cheaper_untested(case, report))


OF_CLOSED = (Step.TEST_CHEAPER, Step.SUCCESSOR)
UNLESS = (Task.HOST, Task.APPROVE, Task.TEST, Task.REVIEW, Task.SWITCH, Task.REPLACE)
"""Tasks that aren't needed where a cheaper model passes its test."""


def with_tests(schedule: Schedule, report: Report) -> Schedule:
    """With the tests of closed models first, at the same time: their provider has the prompts already.

    A cheaper model is tested on every use case; the one that follows today's is too, as what stays moves to it and
    what moved could go back to it. A use case without a working judge gets one before.

    Who tests the move's model tests these unless another is named. What stays goes to the model that follows only
    where the cheaper one doesn't pass.
    """
    steps = {code: [each.values for each in report.plan.next_steps if each.code == code] for code in OF_CLOSED}
    model = next((each["model"] for each in steps[Step.TEST_CHEAPER]), "")
    along = list(dict.fromkeys(each["successor"] for each in steps[Step.SUCCESSOR]))
    if not schedule.stints or not schedule.tasks or not (model or along):
        return schedule
    names = [case.name for case in in_tests(report, model)]
    test = next((each for each in schedule.tasks if each.task.code == Task.TEST), None)
    starts = min(stint.first for stint in schedule.stints)
    first = next((each.first for each in schedule.tasks if each.task.code != Task.LABEL), schedule.tasks[0].first)
    last = max(first, min(workday(first + timedelta(days=1)), workday_before(starts)))
    limits = _limits(report) if model else []
    asked_of = Message.of(Task.TEST_CHEAPER, use_cases=names, model=model, along=along, limits=limits)
    own = PlanTask(asked_of, first, last)
    tasks = [each._replace(task=_with_tried(each.task, asked_of)) if model else each for each in schedule.tasks]
    tasks = [own._replace(owner=schedule.owners.get(own.key) or (test.owner if test else "")), *tasks]
    if left := unjudged(in_tests(report, model)):
        judge = PlanTask(Message.of(Task.JUDGE, use_cases=left), first, first)
        tasks = [judge._replace(owner=schedule.owners.get(judge.key, "")), *tasks]
    if test:
        turns = [each for each in tasks if each.task.code not in BESIDE]
        spans = in_turn([each.task for each in turns], first, turns[-1].last)
        turns = [new._replace(owner=each.owner) for each, new in zip(turns, spans, strict=True)]
        tasks = turns + tasks[len(turns) :]
    done = max(each.last for each in tasks if each.task.code in (Task.TEST_CHEAPER, Task.MOVE, Task.SWITCH))
    after = after_holidays(workday(done + timedelta(days=1)))
    approved = next((each.last for each in tasks if each.task.code == Task.MOVE), done)
    own = next(each for each in tasks if each.task.code == Task.TEST_CHEAPER)
    replaced = (_replacing(each, own, after, approved) if each.task.code == Task.REPLACE else each for each in tasks)
    return replace(schedule, tasks=tuple(replaced))


def _limits(report: Report) -> list[Json]:
    """Of the quality of a step, by acceptable drop: (drop, whether pairs are compared, how many, use cases)."""
    found: dict[tuple[float, bool, int], list[Json]] = {}
    for case in report.recommendation.use_cases:
        if a := case.shown:
            is_paired = a.quality.endpoint is Endpoint.PAIRWISE
            found.setdefault((a.difference.margin, is_paired, compared(a)), []).append(case.name)
    return [[*limit, names] for limit, names in sorted(found.items())]


def _replacing(each: PlanTask, tests: PlanTask, after: date, approved: date) -> PlanTask:
    """What replaces today's model waits for who adapts what the tests approve; where moves start from it, for its test.

    It's never later than the day by which it's due: without a test where that ends too late.
    """
    values, (model, along) = dict(each.task.values), (tests.task.values[name] for name in ("model", "along"))
    follows = bare_id(values["successor"] or "")
    if values["is_first"]:
        after, approved = workday(tests.last + timedelta(days=1)), tests.last
    if follows and follows in map(bare_id, (model, *along)):
        values |= {"is_late": tests.last >= each.last, "is_tested": tests.last < each.last}
        values |= {"approved": min(approved, each.last).isoformat()}
    if follows and follows == bare_id(model):
        values.pop("unless", None)
    task = Message(code=each.task.code, values=values)
    return each._replace(task=task, first=min(max(each.first, after), each.last))


def _with_tried(task: Message, tests: Message) -> Message:
    """What isn't needed where the cheaper model passes says so; the approval is of all that passed."""
    more: dict[str, Json] = {"unless": tests.values["model"]} if task.code in UNLESS else {}
    if task.code == Task.MOVE:
        more = {"use_cases": tests.values["use_cases"]}
    return Message(code=task.code, values={**task.values, **more})
