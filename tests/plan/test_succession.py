"""A roll-out that outlasts today's model starts from what follows it, and no day lies after its deadline."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

import pytest

from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.closed_options import successor_option
from advisor.plan.configuration.archive import gateway_archive
from advisor.plan.configuration.routes import make_deployment
from advisor.plan.exports import ends_of
from advisor.plan.first_test import with_tests
from advisor.plan.moving import CaseFacts
from advisor.plan.schedule import schedule_of
from advisor.plan.succession import Follower, untested_on
from advisor.plan.timeline import timeline
from advisor.text.business_case.tasks import first_words, task_words
from advisor.text.headline import card_title
from advisor.text.numbers import day_of
from advisor.text.plan import plan_sentence
from advisor.text.ready.gateway import decided, gap_words
from advisor.types import Cause, Evidence, Message, Report, Step, Verdict
from advisor.types.business import BusinessCase, CostItem
from advisor.types.deployment import Gap
from advisor.types.dossier import Schedule
from advisor.types.messages import FlagCode
from advisor.types.reports import Task
from advisor.types.scenarios import BEFORE, CaseInput, CaseInputs
from tests.nested import changed
from tests.plan.test_successors import LOGGED, NEXT, TODAY, found


def facts_of(days: int, successor: str = NEXT) -> CaseFacts:
    """What a business case is made with where today's model ends after so many days."""
    inputs = CaseInputs(measured=dict.fromkeys(BEFORE, 0.0), entered={CaseInput.SUCCESSOR_BILL: 1.5})
    followers = {LOGGED: Follower(TODAY + timedelta(days=days), successor)}
    return CaseFacts(inputs=inputs, entered={}, followers=followers, usages={}, today=TODAY)


def counted(report: Report, days: int, successor: str = NEXT) -> BusinessCase:
    """The business case of that."""
    return case_from(report, facts_of(days, successor), traffic=40.0)


@cache
def planned(days: int, successor: str = NEXT, *, is_measured: bool = False) -> tuple[Report, Schedule]:
    """The plan and its calendar."""
    return planned_with(measured() if is_measured else found(None), days, successor)


def planned_with(report: Report, days: int, successor: str = NEXT) -> tuple[Report, Schedule]:
    """The same of a report."""
    off = TODAY + timedelta(days=days)
    report = in_view_of(report, counted(report, days, successor))
    name = successor.rpartition("/")[2] or None
    flag = Message.of(FlagCode.RETIRES, model=LOGGED, on=off.isoformat(), days=days, successor=name)
    return report, with_tests(schedule_of(report, timeline(report.plan, TODAY, {}), [flag], TODAY), report)


def measured(verdicts: Mapping[str, Verdict] = MappingProxyType({})) -> Report:
    """The run has measured the successor on all use cases; ``verdicts``: where it didn't pass."""
    report = found(Verdict.SWITCH)
    cases = tuple(
        replace(
            case,
            candidates=tuple(
                changed(a, evidence=Evidence.TARGET, **_verdict(a.model, verdicts.get(case.name)))
                for a in case.candidates
            ),
        )
        for case in report.recommendation.use_cases
    )
    return replace(report, recommendation=replace(report.recommendation, use_cases=cases))


def _verdict(model: str, verdict: Verdict | None) -> dict[str, Verdict]:
    return {"verdict": verdict} if verdict and model == "gpt-next" else {}


def baselines(report: Report) -> set[str]:
    """What the steps of the moves name as their baseline, fallback or way back."""
    phases = [phase for move in report.plan.moves for phase in move.phases]
    messages = [each for phase in phases for each in (*phase.entry, *phase.exit, phase.rollback)]
    return {each.values["baseline"] for each in messages if "baseline" in each.values}


@pytest.mark.parametrize(("days", "is_late"), [(1, True), (12, True), (40, True), (120, False), (400, False)])
def test_steps_after_the_end_start_from_the_successor(days: int, is_late: bool) -> None:
    report, schedule = planned(days)
    ends = TODAY + timedelta(days=days)
    full = max(stint.first for stint in schedule.stints if stint.phase.percent == 100)
    assert (full >= ends) is is_late
    assert baselines(report) == ({"gpt-next"} if is_late else {LOGGED})
    replaced = next(each for each in schedule.tasks if each.task.code == Task.REPLACE)
    moved = {stint.use_case for stint in schedule.stints}
    assert (moved <= {*replaced.task.values["use_cases"]}) is is_late, "all calls, or what stays"
    if is_late:
        assert replaced.last < min(stint.first for stint in schedule.stints)
        assert schedule.stop
        assert schedule.stop.values["baselines"] == ["gpt-next"]
        assert date.fromisoformat(schedule.stop.values["by"]) > full, "no day ends it"
    files = gateway_archive(make_deployment(report))
    steps = {name: text for name, text in files.items() if name.endswith((".yaml", ".json", ".diff"))}
    assert {f"openai/{LOGGED}" in steps["100.yaml"], f'"{LOGGED}"' in steps["client.diff"]} == {not is_late}
    assert not [name for name, text in steps.items() if is_late and LOGGED in text]
    assert {name for name, text in steps.items() if "gpt-next" in text} == ({*steps} if is_late else set())


@pytest.mark.parametrize(("days", "is_late"), [(12, True), (400, False)])
def test_a_saving_of_a_bill_that_ends_first_says_so(days: int, is_late: bool) -> None:
    told = card_title(found(None).recommendation, counted(found(None), days))
    assert "Save $" in told
    assert (" of today's $" in told) is is_late


def test_a_successor_without_a_name() -> None:
    assert baselines(planned(12, "")[0]) == {"another model"}


@pytest.mark.parametrize(
    ("successor", "failed", "why"),
    [("", [], "no successor is known"), (NEXT, ["Chat"], "gpt-next failed its test on Chat"), (NEXT, [], "")],
)
def test_files_that_start_from_a_model_without_a_successor_say_why(successor: str, failed: list[str], why: str) -> None:
    report, _ = planned_with(measured(dict.fromkeys(failed, Verdict.KEEP)), 12, successor)
    made = make_deployment(report)
    (by,) = {one.by.isoformat() for one in report.plan.replaced.values()}
    moving = [move.use_case for move in report.plan.moves if move.phases]
    said = [gap_words(gap) for gap in made.gaps if gap.code == Gap.NO_SUCCESSOR]
    told = f"still starts from {LOGGED}, which ends before the move can: {why}. Put in another model by {day_of(by)}."
    assert said == ([f"{name} {told}" for name in moving] if why else [])
    archive = gateway_archive(made, decided(report.recommendation, counted(report, 12, successor), {}, made))
    assert ("these files start from it" in archive["README.md"]) is False


def test_the_roll_out_waits_for_what_it_starts_from() -> None:
    report, schedule = planned(40)
    (replaced,) = {*report.plan.replaced.values()}
    assert replaced.by <= TODAY + timedelta(days=33)
    assert replaced.by < min(stint.first for stint in schedule.stints)


@pytest.mark.parametrize("days", [20, 40])
def test_what_moves_start_from_is_tested_before_it_takes_their_calls(days: int) -> None:
    _, made = planned(days)
    test = next(each for each in made.tasks if each.task.code == Task.TEST_CHEAPER)
    replaced = next(each for each in made.tasks if each.task.code == Task.REPLACE)
    assert test.last < replaced.first <= replaced.last < min(stint.first for stint in made.stints)


@pytest.mark.parametrize(("days", "is_late"), [(1, True), (7, False), (12, False)])
def test_what_no_day_is_left_to_test_is_said(days: int, is_late: bool) -> None:
    _, schedule = planned(days)
    tests, replaced = (
        next(each for each in schedule.tasks if each.task.code == code) for code in (Task.TEST_CHEAPER, Task.REPLACE)
    )
    assert (tests.last >= replaced.first) is is_late
    (said,) = first_words(schedule)
    assert said.startswith(f"{LOGGED} ends on ")
    assert "all its calls go to gpt-next first" in said
    assert ("ask the provider for more time" in said) is is_late
    assert ("more time" in task_words(replaced.task)) is is_late


@pytest.mark.parametrize("days", [1, 20, 400])
def test_what_is_measured_is_not_to_be_tested(days: int) -> None:
    report, schedule = planned(days, is_measured=True)
    assert Task.TEST_CHEAPER not in {each.task.code for each in schedule.tasks}
    (replaced,) = (each.task for each in schedule.tasks if each.task.code == Task.REPLACE)
    said = [task_words(replaced), *first_words(schedule)]
    assert said[0] == f"Move to gpt-next by {day_of(replaced.values['by'])}"
    assert not [words for words in said if "test" in words]
    moves = tuple(replace(move, phases=()) for move in report.plan.moves)
    stays = replace(report, plan=replace(report.plan, moves=moves))
    flag = Message.of(
        FlagCode.RETIRES,
        model=LOGGED,
        on=(TODAY + timedelta(days=days)).isoformat(),
        days=days,
        successor="gpt-next",
    )
    alone = with_tests(schedule_of(stays, (), [flag], TODAY), stays)
    assert plan_sentence(stays, alone).startswith("Move all 8 use cases to gpt-next by ")


@pytest.mark.parametrize("is_measured", [False, True])
def test_the_files_ask_for_no_test_of_what_is_measured(*, is_measured: bool) -> None:
    report, _ = planned(400, is_measured=is_measured)
    ends = ends_of(report, facts_of(400))
    said, *_ = decided(report.recommendation, counted(report, 400), ends, make_deployment(report))
    assert said.startswith(f"{LOGGED} ends on ")
    assert ("test gpt-next and" in said) is not is_measured


@pytest.mark.parametrize("days", [20, 400])
def test_a_successor_that_is_still_open_is_tested(days: int) -> None:
    name = next(case.name for case in measured().recommendation.use_cases if case.target is None)
    report, schedule = planned_with(measured({name: Verdict.NEED_MORE_DATA}), days)
    (task,) = (each.task for each in schedule.tasks if each.task.code == Task.REPLACE)
    (test,) = (each for each in schedule.tasks if each.task.code == Task.TEST_CHEAPER)
    assert (test.task.values["along"], test.task.values["use_cases"]) == ([NEXT], [name])
    assert task_words(task) == f"Move to gpt-next by {day_of(task.values['by'])}"
    assert test.last < date.fromisoformat(task.values["by"])
    said = " ".join(
        decided(report.recommendation, counted(report, days), ends_of(report, facts_of(days)), make_deployment(report))
    )
    assert ("go to gpt-next first" in said, "test gpt-next and replace" in said) == (days == 20, days == 400)


@pytest.mark.parametrize("verdict", [Verdict.SWITCH, Verdict.KEEP, Verdict.NEED_MORE_DATA])
def test_a_test_that_decided_nothing_is_still_open_everywhere(verdict: Verdict) -> None:
    name = measured().recommendation.use_cases[-1].name
    report = measured({name: verdict})
    is_open = verdict is Verdict.NEED_MORE_DATA
    assert successor_option(report, facts_of(400)).is_measured is not is_open
    (step,) = (each for each in report.plan.next_steps if each.code == Step.SUCCESSOR)
    assert untested_on(report, step) == ([name] if is_open else [])


@pytest.mark.parametrize("is_tested", [False, True])
def test_a_judge_is_paid_for_where_a_test_needs_one(*, is_tested: bool) -> None:
    *_, other, last = (case.name for case in measured().recommendation.use_cases if case.shown)
    report = measured({last: Verdict.NEED_MORE_DATA})
    lacks = last if is_tested else other
    cases = tuple(
        replace(case, candidates=tuple(changed(a, code=Cause.JUDGE_NOT_PROVEN) for a in case.candidates))
        if case.name == lacks
        else case
        for case in report.recommendation.use_cases
    )
    report = replace(report, recommendation=replace(report.recommendation, use_cases=cases))
    facts = replace(facts_of(400), inputs=CaseInputs(measured={}, entered={CaseInput.SUCCESSOR_BILL: 1.5}))
    _, schedule = planned_with(report, 400)
    judges = [each.task.values["use_cases"] for each in schedule.tasks if each.task.code == Task.JUDGE]
    assert judges == ([[last]] if is_tested else [])
    assert (case_from(report, facts).one_off[CostItem.JUDGE] > 0) is is_tested


def due(schedule: Schedule) -> Iterator[tuple[date, date]]:
    """Days that may not come in the other order."""
    for each in schedule.tasks:
        yield each.first, each.last
        if "by" in each.task.values:
            yield each.last, date.fromisoformat(each.task.values["by"])
            yield date.fromisoformat(each.task.values["approved"]), each.last
            yield each.last, date.fromisoformat(each.task.values["on"])


@pytest.mark.slow
def test_no_day_lies_after_its_deadline() -> None:
    turned = {days: [*due(planned(days)[1])] for days in range(1, 401)}
    assert {days: [pair for pair in pairs if pair[0] > pair[1]] for days, pairs in turned.items()} == {
        days: [] for days in turned
    }
