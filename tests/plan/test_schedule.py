"""What comes before the first step of a plan, and by when to decide, to replace a model that ends, or to stop."""

from datetime import date, timedelta

from advisor.plan.schedule import schedule_of
from advisor.plan.timeline import timeline
from advisor.text.business_case.ask import stop_words
from advisor.types import Message
from advisor.types.dossier import Schedule
from advisor.types.reports import Task
from advisor.types.warnings import FlagCode
from tests.report.made_report import dossier, large_report

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
