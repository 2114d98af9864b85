"""What comes before the first step of a plan, and by when to decide, to replace a model that ends, or to stop."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from pandas import bdate_range

from advisor.plan.first_test import with_tests
from advisor.plan.schedule import schedule_of
from advisor.plan.timeline import Effort, timeline
from advisor.text.business_case.tasks import stop_words, task_rows
from advisor.types import Cause, Condition, Message, Report, Step
from advisor.types.dossier import Schedule
from advisor.types.messages import FlagCode
from advisor.types.reports import BESIDE, Task, is_holiday, workday_before
from tests.nested import changed
from tests.report.made_report import dossier, large_report

TEST_FIRST = Message.of(Condition.REAL_MODEL)
TODAY, ENDS = date(2026, 11, 29), date(2027, 2, 10)


def schedule(*, ends: bool) -> Schedule:
    report = large_report()
    model = next(case for case in report.recommendation.use_cases if case.target).baseline_facts.model
    days = (ENDS - TODAY).days
    flag = Message.of(FlagCode.RETIRES, model=model, on=ENDS.isoformat(), days=days, successor="next")
    return schedule_of(report, timeline(report.plan, TODAY, {}), [flag] if ends else [], TODAY)


def report_before_tests() -> Report:
    """A real model is still to be tested, at a host that isn't chosen."""
    report = large_report()
    moves = tuple(
        replace(move, phases=(replace(move.phases[0], entry=(*move.phases[0].entry, TEST_FIRST)), *move.phases[1:]))
        if move.phases
        else move
        for move in report.plan.moves
    )
    models = tuple(replace(model, illustrative=True) for model in report.models)
    return replace(report, plan=replace(report.plan, moves=moves), models=models)


def with_first(report: Report, cheaper: str, *follows: str) -> Report:
    """Its next steps test a cheaper model, and what follows today's."""
    names = [case.name for case in report.recommendation.use_cases]
    baseline = report.recommendation.use_cases[0].baseline
    steps = [Message.of(Step.TEST_CHEAPER, model=cheaper, use_cases=names, of=len(names))] * bool(cheaper)
    ends = {"baseline": baseline, "on": ENDS.isoformat(), "use_cases": names}
    steps += [Message.of(Step.SUCCESSOR, successor=name, **ends) for name in follows]
    return replace(report, plan=replace(report.plan, next_steps=(*steps, *report.plan.next_steps)))


def test_what_the_first_step_waits_for_is_done_before_it() -> None:
    made = schedule(ends=False)
    starts = min(stint.first for stint in made.stints)
    assert starts == date(2026, 12, 7), "a Monday with a week before it"
    assert [each.task.code for each in made.tasks] == [Task.APPROVE, Task.SWITCH, Task.LABEL]
    assert all(TODAY <= each.first <= each.last < starts for each in made.tasks[:2])
    assert made.tasks[2].first == starts, "there are live calls to label from then on"
    assert all(day.weekday() < 5 for each in made.tasks for day in (each.first, each.last))
    assert made.decide_by == date(2026, 12, 4)
    assert made.ends_on is None
    report = large_report()
    longer = schedule_of(report, timeline(report.plan, TODAY, {}, 8.0), [], TODAY, effort=Effort(8.0))
    approve, switch, _ = longer.tasks
    assert (approve.first, approve.last) == (switch.first, switch.last), "side by side"
    assert len(bdate_range(switch.first, switch.last)) >= 8


def test_no_call_goes_to_a_host_before_it_is_approved() -> None:
    report = report_before_tests()
    made = schedule_of(report, timeline(report.plan, TODAY, {}, 4.0), [], TODAY, effort=Effort(4.0))
    days = {each.task.code: (each.first, each.last) for each in made.tasks[:-1]}
    assert [*days] == [Task.HOST, Task.APPROVE, Task.TEST, Task.MOVE, Task.SWITCH]
    spans = [*days.values()]
    assert all(before[1] < after[0] for before, after in pairwise(spans)), "one after the other"
    assert spans[-1][1] < min(stint.first for stint in made.stints) == date(2027, 1, 4), "not over New Year"
    report = with_first(report, "openai/gpt-next")
    tried = with_tests(made, report)
    cheaper, *tasks = tried.tasks[:-1]
    assert (cheaper.task.code, cheaper.first) == (Task.TEST_CHEAPER, spans[0][0]), "its provider has the prompts"
    assert cheaper.last < tasks[0].first
    assert all(before.last < after.first for before, after in pairwise(tasks))
    needed = {each.task.code: "unless" not in each.task.values for each in tasks}
    assert [code for code, always in needed.items() if always] == [Task.MOVE]
    for switch in (days[Task.SWITCH], (tasks[-1].first, tasks[-1].last)):
        assert len(bdate_range(*switch)) >= 4, "as long as the work takes"
    first, *others = report.recommendation.use_cases
    held = changed(first, candidates=(changed(first.candidates[0], code=Cause.JUDGE_NOT_PROVEN),))
    report = replace(report, recommendation=replace(report.recommendation, use_cases=(held, *others)))
    judge, test, *_ = with_tests(made, report).tasks
    assert (judge.task.code, judge.task.values["use_cases"]) == (Task.JUDGE, [first.name])
    assert judge.first == cheaper.first <= judge.last < test.first, "no test is decided without a judge"


@pytest.mark.parametrize("cheaper", ["", "openai/gpt-next"])
def test_what_follows_is_tested_at_once_on_all_use_cases(cheaper: str) -> None:
    """On the same days as the cheaper model: the test isn't left for when today's model is nearly gone."""
    report = with_first(report_before_tests(), cheaper, "next")
    flag = Message.of(
        FlagCode.RETIRES,
        model=next(case for case in report.recommendation.use_cases if case.target).baseline_facts.model,
        on=date(2027, 4, 1).isoformat(),
        days=123,
        successor="next",
    )
    made = with_tests(schedule_of(report, timeline(report.plan, TODAY, {}, 4.0), [flag], TODAY), report)
    tests = [each for each in made.tasks if each.task.code == Task.TEST_CHEAPER]
    assert [each.task.values["along"] for each in tests] == [["next"]]
    assert tests[0].task.values["use_cases"] == [case.name for case in report.recommendation.use_cases]
    assert tests[0].first == made.tasks[0].first == date(2026, 11, 30)
    move = next(each for each in made.tasks if each.task.code == Task.MOVE)
    replaced = next(each for each in made.tasks if each.task.code == Task.REPLACE)
    assert replaced.task.values["is_tested"]
    assert replaced.task.values["approved"] == move.last.isoformat(), "with all that passed"
    assert replaced.first > move.last
    assert ("unless" in replaced.task.values) is bool(cheaper)
    words = {what: who for what, who, _ in task_rows(made.tasks)}
    assert ("Test gpt-next and next side by side" if cheaper else "Test next") in words
    assert "Move to next by 24 Mar 2027" in words


def test_a_model_that_ends_sets_the_latest_days() -> None:
    made = schedule(ends=True)
    starts, full = (min(s.first for s in made.stints), max(s.first for s in made.stints if s.phase.percent == 100))
    assert made.ends_on == ENDS
    assert made.decide_by is not None
    assert full - starts == timedelta(days=35), "no step begins in the last days of the year"
    assert made.decide_by < ENDS - timedelta(days=7 + 21)
    replaced = made.tasks[-1]
    assert (replaced.task.code, replaced.task.values["successor"]) == (Task.REPLACE, "next")
    assert replaced.last == date(2027, 2, 2), "a week before, on a working day"
    approved = date.fromisoformat(replaced.task.values["approved"])
    assert replaced.first <= approved <= replaced.last - timedelta(days=20), "three weeks to move to it"
    assert made.stop is not None
    last_step = max(s.first for s in made.stints if s.phase.percent == 25)
    stop = date.fromisoformat(made.stop.values["by"])
    assert stop + (full - last_step) < ENDS
    assert stop <= replaced.last - timedelta(days=14), "time for the test of what follows, and to move to it"


@pytest.mark.parametrize("today", [date(2026, 9, 28), date(2026, 11, 29), date(2026, 12, 15)])
@pytest.mark.parametrize("ends", [date(2027, 2, 10), date(2027, 3, 2), date(2027, 4, 1)])
def test_a_decision_on_the_latest_day_is_in_time(today: date, ends: date) -> None:
    report = large_report()
    model = next(case for case in report.recommendation.use_cases if case.target).baseline_facts.model
    days = (ends - today).days
    flag = Message.of(FlagCode.RETIRES, model=model, on=ends.isoformat(), days=days, successor="next")
    latest = schedule_of(report, timeline(report.plan, today, {}), [flag], today).decide_by

    def begun(percent: int, day: date) -> date:
        return max(stint.first for stint in timeline(report.plan, day, {}) if stint.phase.percent == percent)

    stop = ends - timedelta(days=28)  # time to test what follows and to move to it, a week before the model ends
    assert latest is not None
    if latest > today:
        assert begun(100, latest) <= ends - timedelta(days=30), "today's model is a fallback for 30 days"
        assert begun(25, latest) <= stop, "the roll-out that it plans isn't stopped"
    longer = schedule_of(report, timeline(report.plan, today, {}), [flag], today, effort=Effort(warm_days=60.0))
    assert longer.decide_by is not None
    assert longer.decide_by <= latest, "a longer fallback needs an earlier decision"
    later = latest + timedelta(days=7)
    assert begun(100, later) > ends - timedelta(days=30) or begun(25, later) > workday_before(stop), "a week later not"


@pytest.mark.parametrize("day", [8, 15, 19, 22])
def test_nothing_is_due_in_the_last_days_of_a_year(day: int) -> None:
    report, today = large_report(), date(2026, 12, day)
    made = schedule_of(report, timeline(report.plan, today, {}), [], today)
    due = [made.decide_by, *(task.last for task in made.tasks if task.task.code != Task.LABEL)]
    assert not [each for each in due if each is None or is_holiday(each)]
    assert not any(is_holiday(stint.first) for stint in made.stints)
    assert min(stint.first for stint in made.stints) - today >= timedelta(days=7)


def test_the_last_day_is_said_with_what_follows() -> None:
    made = dossier(large_report())
    assert stop_words(made).startswith("If 25% of the traffic isn't reached by ")
    assert "stop and stay on gpt-4.1" in stop_words(made)


@pytest.mark.parametrize("work", [0.0, 1.0, 4.0, 10.0])
def test_whatever_the_day_no_turn_begins_before_the_last_has_ended(work: float) -> None:
    report = report_before_tests()
    for day in (TODAY + timedelta(days=i) for i in range(60)):
        made = schedule_of(report, timeline(report.plan, day, {}, work), [], day, effort=Effort(work))
        tested = with_tests(made, with_first(report, "openai/gpt-next")).tasks
        turns = [each for each in tested if each.task.code not in BESIDE]
        assert all(before.last < after.first for before, after in pairwise(turns)), day
        assert turns[-1].last < min(stint.first for stint in made.stints)
