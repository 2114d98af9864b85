"""A successor that failed on one use case replaces nothing: other words, and today's bill to compare with."""

from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.configuration.routes import make_deployment
from advisor.plan.dossier import make_dossier
from advisor.plan.exports import ends_of
from advisor.plan.schedule import schedule_of
from advisor.plan.timeline import timeline
from advisor.text.advice.ending import later_note
from advisor.text.business_case.ask import why_now
from advisor.text.business_case.board import close_out
from advisor.text.business_case.figures import figures_heading, money_figures
from advisor.text.business_case.sign_off import signers
from advisor.text.business_case.tasks import first_words, task_words
from advisor.text.numbers import day, day_of
from advisor.text.plan import failed_words
from advisor.text.ready.gateway import decided
from advisor.types import Message, Report, Verdict
from advisor.types.dossier import Dossier
from advisor.types.messages import FlagCode
from advisor.types.reports import Task
from tests.plan.test_several_ends import INVOICES, LATER, TICKETS, begun
from tests.plan.test_succession import counted, facts_of, measured, planned_with
from tests.plan.test_successors import LOGGED, NEXT, TODAY, dossier_for, found


@pytest.mark.parametrize("days", [20, 200, 400])
@pytest.mark.parametrize("which", ["all", "stays", "moves"])
def test_where_a_successor_failed_on_one_use_case_no_calls_move_to_it(days: int, which: str) -> None:
    """Also where that use case moves in time: it may go back."""
    cases = measured().recommendation.use_cases
    failed = [case.name for case in cases if which == "all" or (case.target is None) is (which == "stays")]
    failed = failed if which == "all" else failed[:1]
    report, schedule = planned_with(measured(dict.fromkeys(failed, Verdict.KEEP)), days)
    (task,) = (each.task for each in schedule.tasks if each.task.code == Task.REPLACE)
    where = failed_words({"failed": {"model": "gpt-next", "use_cases": failed}})
    by = day_of(task.values["by"])
    assert task_words(task) == f"Test another model and move to it by {by}{where}"
    ends = f"{LOGGED} ends on {day_of(task.values['on'])}"
    first = f"{ends}, before the move can end: all its calls go to another model first, by {by}{where}."
    assert first_words(schedule) == ([first] if days == 20 else [])
    assert {one.name for one in report.plan.replaced.values()} == ({"another model"} if days == 20 else set())
    assert schedule.stop
    assert ("stay on" if days == 20 else "move to") + " another model." in task_words(schedule.stop)
    deployment = make_deployment(report)
    assert {route.today.name for route in deployment.routes} == {LOGGED}
    case = counted(report, days)
    said = decided(report.recommendation, case, ends_of(report, facts_of(days)), deployment)
    (line,) = (words for words in said if words.startswith(ends))
    files = (
        f"replace `{LOGGED}` with another model in YAML and JSON files ({NEXT.rpartition('/')[2]} failed its test on"
    )
    assert line.startswith(f"{ends}. By {by}, {files}")
    assert not [one for one in case.moving if one.ending and one.ending.usd != one.today_usd], "today's bill"
    assert case.saved_later == pytest.approx(case.saved.point)
    off = TODAY + timedelta(days=days)
    told = f"Today's model retires on {day(off)}, and gpt-next isn't good enough: we count today's bill."
    assert later_note(case) == told
    flag = Message.of(FlagCode.RETIRES, model=LOGGED, on=off.isoformat(), days=days, successor="gpt-next")
    made = make_dossier(report, case, [flag], schedule)
    assert figures_heading(made) == ""
    assert day(off) not in money_figures(made)[0]["note"], "the same sum twice"
    assert not [words for words in why_now(made) if "replaces it" in words]


def dossier_where(days: int, *, failed: bool, is_begun: bool = False) -> Dossier:
    """All use cases move; ``is_begun``: under way, and so that they end only later than in 30 days."""
    moved = [case.name for case in measured().recommendation.use_cases if case.target]
    report = _only(measured(dict.fromkeys(moved, Verdict.KEEP) if failed else {}), moved)
    entered = begun((TICKETS, INVOICES), LATER) if is_begun else {}
    case = case_from(report, replace(facts_of(days), entered=entered), traffic=40.0)
    report, on = in_view_of(report, case), (TODAY + timedelta(days=days)).isoformat()
    known = [Message.of(FlagCode.RETIRES, model=LOGGED, on=on, days=days, successor="gpt-next")]
    return make_dossier(report, case, known, schedule_of(report, timeline(report.plan, TODAY, entered), known, TODAY))


def _only(report: Report, names: list[str]) -> Report:
    cases = tuple(case for case in report.recommendation.use_cases if case.name in names)
    moves = tuple(move for move in report.plan.moves if move.use_case in names)
    recommendation = replace(report.recommendation, use_cases=cases)
    return replace(report, recommendation=recommendation, plan=replace(report.plan, moves=moves))


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize(("days", "is_begun", "tasks"), [(200, False, set()), (30, True, {Task.FINISH})])
def test_a_successor_that_failed_replaces_nothing_where_no_task_says_so(
    days: int, is_begun: bool, tasks: set[Task], *, failed: bool
) -> None:
    dossier = dossier_where(days, failed=failed, is_begun=is_begun)
    assert {each.task.code for each in dossier.schedule.tasks} & {Task.REPLACE, Task.FINISH} == tasks
    (line,) = (words for words in why_now(dossier) if f"{LOGGED} retires" in words)
    assert ("gpt-next replaces it" in line) is not failed


@pytest.mark.parametrize(("failed", "named"), [(False, "gpt-next"), (True, "Another model")])
def test_what_a_roll_out_under_way_falls_back_on_is_signed_for(failed: bool, named: str) -> None:
    dossier = dossier_where(30, failed=failed, is_begun=True)
    assert [who for who, what, _ in signers(dossier) if what.startswith(f"{named} on what moves to it")] == ["Quality"]


@pytest.mark.parametrize(("failed", "revoked"), [(False, ["gpt-next"]), (True, [])])
def test_another_model_has_no_keys_to_revoke(failed: bool, revoked: list[str]) -> None:
    told = [line for line in close_out(dossier_where(20, failed=failed)) if "revoke" in line]
    assert told == [f"Then revoke the keys of {name} and end its contract." for name in revoked]


def test_the_fallback_is_named_whose_price_it_is_where_the_move_does_not_pay() -> None:
    made = dossier_for(found(None), share=1.5, traffic=0.1, today=TODAY + timedelta(days=170))
    assert not made.case.pays
    assert made.case.replaced
    assert "gpt-next as a fallback $" in money_figures(made)[2]["note"]
