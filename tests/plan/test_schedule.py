"""What comes before the first step of a plan, and by when to decide, to replace a model that ends, or to stop."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from advisor.plan.schedule import schedule_of, with_test
from advisor.plan.timeline import timeline
from advisor.text.business_case.ask import stop_words
from advisor.types import Condition, Message
from advisor.types.dossier import Schedule
from advisor.types.reports import Task
from advisor.types.warnings import FlagCode
from tests.report.made_report import dossier, large_report

TEST_FIRST = Message.of(Condition.REAL_MODEL)
TODAY, ENDS = date(2026, 11, 29), date(2027, 2, 10)


def schedule(*, ends: bool) -> Schedule:
    report = large_report()
    model = next(case for case in report.recommendation.use_cases if case.target).baseline_facts.model
    days = (ENDS - TODAY).days
    flag = Message.of(FlagCode.RETIRES, model=model, on=ENDS.isoformat(), days=days, successor="next")
    return schedule_of(report, timeline(report.plan, TODAY, {}), [flag] if ends else [], TODAY)


def test_what_the_first_step_waits_for_is_done_before_it() -> None:
    made = schedule(ends=False)
    starts = min(stint.first for stint in made.stints)
    assert starts == date(2026, 12, 7), "a Monday with a week before it"
    assert [each.task.code for each in made.tasks] == [Task.APPROVE, Task.SWITCH]
    assert all(TODAY <= each.first <= each.last < starts for each in made.tasks)
    assert all(day.weekday() < 5 for each in made.tasks for day in (each.first, each.last))
    assert made.decide_by == date(2026, 12, 4)
    assert made.ends_on is None


def test_no_call_goes_to_a_host_before_it_is_approved() -> None:
    """A real model is still to be tested, at a host that isn't chosen."""
    report = large_report()
    moves = tuple(
        replace(move, phases=(replace(move.phases[0], entry=(*move.phases[0].entry, TEST_FIRST)), *move.phases[1:]))
        if move.phases
        else move
        for move in report.plan.moves
    )
    models = tuple(replace(model, illustrative=True) for model in report.models)
    report = replace(report, plan=replace(report.plan, moves=moves), models=models)
    made = schedule_of(report, timeline(report.plan, TODAY, {}), [], TODAY)
    days = {each.task.code: (each.first, each.last) for each in made.tasks}
    assert [*days] == [Task.HOST, Task.APPROVE, Task.TEST, Task.MOVE, Task.SWITCH]
    spans = [*days.values()]
    assert all(before[1] < after[0] for before, after in pairwise(spans)), "one after the other"
    assert spans[-1][1] < min(stint.first for stint in made.stints) == date(2026, 12, 14)
    cheaper = with_test(made, report, {"model": "openai/gpt-next"}).tasks[0]
    assert (cheaper.task.code, cheaper.first) == (Task.TEST_CHEAPER, spans[0][0]), "its provider has the prompts"
    assert cheaper.last < days[Task.TEST][0]


def test_a_model_that_ends_sets_the_latest_days() -> None:
    made = schedule(ends=True)
    starts, full = (min(s.first for s in made.stints), max(s.first for s in made.stints if s.phase.percent == 100))
    assert made.ends_on == ENDS
    assert made.decide_by is not None
    assert made.decide_by + timedelta(days=7) + (full - starts) < ENDS
    replaced = made.tasks[-1]
    assert (replaced.task.code, replaced.task.values["successor"]) == (Task.REPLACE, "next")
    assert replaced.last == date(2027, 2, 2), "a week before, on a working day"
    assert made.stop is not None
    last_step = max(s.first for s in made.stints if s.phase.percent == 25)
    assert date.fromisoformat(made.stop.values["by"]) + (full - last_step) < ENDS


def test_the_last_day_is_said_with_what_follows() -> None:
    made = dossier(large_report())
    assert stop_words(made).startswith("If 25% of the traffic isn't reached by ")
    assert "stop and stay on gpt-4.1" in stop_words(made)
