"""Models that end on different days, and roll-outs under way: each move starts from its own model as long as it can."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.moving import CaseFacts
from advisor.plan.schedule import MARGIN, schedule_of
from advisor.plan.succession import Follower
from advisor.plan.timeline import timeline
from advisor.types import Message, Move, PlanStep, Report, Stint
from advisor.types.dossier import Schedule
from advisor.types.messages import FlagCode
from advisor.types.reports import Task
from advisor.types.scenarios import BEFORE, CaseInput, CaseInputs
from tests.plan.test_successors import LOGGED, TODAY, found

TICKETS, INVOICES = "Classify support tickets", "Extract invoice fields"
OTHER = "gpt-4o"
UNDER_WAY = (date(2026, 10, 27), date(2026, 11, 10), date(2026, 11, 24), date(2026, 12, 8))
NO_DAYS: Mapping[tuple[str, int], PlanStep] = {}


def planned(
    days: Mapping[str, int], entered: Mapping[tuple[str, int], PlanStep] = NO_DAYS, *, models: int = 2
) -> tuple[Report, Schedule]:
    """The plan and its calendar where models end after so many days; with two, invoices are on the other."""
    report = found(None)
    cases = tuple(
        replace(case, baseline=OTHER, baseline_facts=replace(case.baseline_facts, model=OTHER))
        if models > 1 and case.name == INVOICES
        else case
        for case in report.recommendation.use_cases
    )
    moves = tuple(_from_other(each) if models > 1 and each.use_case == INVOICES else each for each in report.plan.moves)
    report = replace(
        report,
        recommendation=replace(report.recommendation, use_cases=cases),
        plan=replace(report.plan, moves=moves),
    )
    ends = {model: TODAY + timedelta(days=n) for model, n in days.items()}
    inputs = CaseInputs(measured=dict.fromkeys(BEFORE, 0.0), entered={CaseInput.SUCCESSOR_BILL: 1.5})
    followers = {model: Follower(on, f"openai/{model}-next") for model, on in ends.items()}
    facts = CaseFacts(inputs=inputs, entered=entered, followers=followers, usages={}, today=TODAY)
    report = in_view_of(report, case_from(report, facts, traffic=40.0))
    flags = [
        Message.of(FlagCode.RETIRES, model=model, on=on.isoformat(), days=days[model], successor=f"{model}-next")
        for model, on in ends.items()
    ]
    return report, schedule_of(report, timeline(report.plan, TODAY, entered), flags, TODAY)


def _from_other(move: Move) -> Move:
    phases = (
        replace(phase, rollback=replace(phase.rollback, values=phase.rollback.values | {"baseline": OTHER}))
        for phase in move.phases
    )
    return replace(move, phases=tuple(phases))


def full(schedule: Schedule, name: str) -> date:
    return next(each.first for each in schedule.stints if each.use_case == name and each.phase.percent == 100)


def begun(names: tuple[str, ...]) -> dict[tuple[str, int], PlanStep]:
    percents = (0, 5, 25, 100)
    steps = {p: PlanStep(starts_on=day) for p, day in zip(percents, UNDER_WAY, strict=True)}
    return {(name, percent): step for name in names for percent, step in steps.items()}


def way_back(report: Report, name: str) -> set[str]:
    move = next(move for move in report.plan.moves if move.use_case == name)
    return {phase.rollback.values["baseline"] for phase in move.phases}


def test_one_late_model_delays_only_its_own_move() -> None:
    report, schedule = planned({LOGGED: 50, OTHER: 72})
    assert TICKETS in report.plan.replaced
    assert INVOICES not in report.plan.replaced
    _, alone = planned({OTHER: 72})
    assert full(schedule, INVOICES) == full(alone, INVOICES) <= TODAY + timedelta(days=72) - MARGIN
    assert (way_back(report, TICKETS), way_back(report, INVOICES)) == ({f"{LOGGED}-next"}, {OTHER})


@pytest.mark.parametrize("late", [*range(1, 60, 7)])
def test_no_move_from_a_model_reaches_all_traffic_after_its_end(late: int) -> None:
    for later in range(late, 120, 5):
        ends = {LOGGED: late, OTHER: later}
        report, schedule = planned(ends)
        for name, model in ((TICKETS, LOGGED), (INVOICES, OTHER)):
            off = TODAY + timedelta(days=ends[model])
            assert name in report.plan.replaced or full(schedule, name) <= off - MARGIN, ends


def test_a_roll_out_from_a_model_that_is_in_time_stops_by_its_end() -> None:
    _, schedule = planned({LOGGED: 30, OTHER: 78})
    assert schedule.stop
    assert date.fromisoformat(schedule.stop.values["by"]) <= TODAY + timedelta(days=78 - 28)
    assert schedule.stop.values["baselines"] == [OTHER]
    assert schedule.stop.values["successor"] == f"{OTHER}-next"


def test_a_roll_out_under_way_is_not_sent_back() -> None:
    report, schedule = planned({LOGGED: 25}, begun((TICKETS, INVOICES)), models=1)
    assert report.plan.replaced == {}
    assert way_back(report, TICKETS) == {LOGGED}
    assert _first(schedule.stints, TICKETS) == UNDER_WAY
    replaced = next(each for each in schedule.tasks if each.task.code == Task.REPLACE)
    assert not replaced.task.values["is_first"]
    assert TICKETS not in replaced.task.values["use_cases"], "only what stays"


def test_a_roll_out_of_the_same_model_that_has_not_begun_starts_from_its_successor() -> None:
    report, schedule = planned({LOGGED: 25}, begun((TICKETS,)), models=1)
    assert TICKETS not in report.plan.replaced
    assert INVOICES in report.plan.replaced
    assert (way_back(report, TICKETS), way_back(report, INVOICES)) == ({LOGGED}, {f"{LOGGED}-next"})
    replaced = next(each for each in schedule.tasks if each.task.code == Task.REPLACE)
    assert TICKETS not in replaced.task.values["use_cases"]


def _first(stints: tuple[Stint, ...], name: str) -> tuple[date, ...]:
    return tuple(each.first for each in stints if each.use_case == name)
