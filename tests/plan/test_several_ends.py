"""Models that end on different days, and roll-outs under way: each move starts from its own model as long as it can."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.configuration.archive import gateway_archive
from advisor.plan.configuration.routes import make_deployment
from advisor.plan.dossier import make_dossier
from advisor.plan.exports import ends_of
from advisor.plan.moving import CaseFacts
from advisor.plan.schedule import schedule_of
from advisor.plan.succession import Follower
from advisor.plan.timeline import MARGIN, timeline
from advisor.text.business_case.ask import why_now
from advisor.text.business_case.board import close_out
from advisor.text.business_case.figures import figures_heading, money_figures
from advisor.text.business_case.risks import dangers
from advisor.text.business_case.tasks import first_words, task_words, use_cases_words
from advisor.text.numbers import day, day_of, dollars
from advisor.text.plan import plan_sentence, risks
from advisor.text.ready.gateway import decided
from advisor.types import Message, Move, PlanStep, Report, Stint, Verdict
from advisor.types.business import DAYS_A_MONTH, BusinessCase, CostItem
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
    report, schedule, *_ = made(days, entered, models=models)
    return report, schedule


def made(
    days: Mapping[str, int],
    entered: Mapping[tuple[str, int], PlanStep] = NO_DAYS,
    *,
    models: int = 1,
    failed: bool = False,
) -> tuple[Report, Schedule, CaseFacts, BusinessCase, list[Message]]:
    """The same with what it comes from, and the flags; ``failed``: the successor, in its test."""
    report = _tested(found(Verdict.KEEP)) if failed else found(None)
    cases = tuple(
        replace(case, baseline=OTHER, baseline_facts=replace(case.baseline_facts, model=OTHER))
        if models > 1 and case.name == INVOICES
        else case
        for case in report.recommendation.use_cases
    )
    moves = tuple(_from_other(each) if models > 1 and each.use_case == INVOICES else each for each in report.plan.moves)
    moves = tuple(_ending(each, days[LOGGED]) if LOGGED in days else each for each in moves)
    report = replace(
        report,
        recommendation=replace(report.recommendation, use_cases=cases),
        plan=replace(report.plan, moves=moves),
    )
    ends = {model: TODAY + timedelta(days=n) for model, n in days.items()}
    inputs = CaseInputs(measured=dict.fromkeys(BEFORE, 0.0), entered={CaseInput.SUCCESSOR_BILL: 1.5})
    followers = {model: Follower(on, f"openai/{model}-next") for model, on in ends.items()}
    facts = CaseFacts(inputs=inputs, entered=entered, followers=followers, usages={}, today=TODAY)
    case = case_from(report, facts, traffic=40.0)
    report = in_view_of(report, case)
    flags = [
        Message.of(FlagCode.RETIRES, model=model, on=on.isoformat(), days=days[model], successor=f"{model}-next")
        for model, on in ends.items()
    ]
    return report, schedule_of(report, timeline(report.plan, TODAY, entered), flags, TODAY), facts, case, flags


def _tested(report: Report) -> Report:
    """With the successor by the name that it has here."""
    models = (
        replace(each, litellm_id=f"openai/{LOGGED}-next") if each.name == "gpt-next" else each for each in report.models
    )
    return replace(report, models=tuple(models))


def _ending(move: Move, days: int) -> Move:
    on = (TODAY + timedelta(days=days)).isoformat()
    told = (replace(risk, values=risk.values | {"on": on}) if "on" in risk.values else risk for risk in move.risks)
    return replace(move, risks=tuple(told))


def _from_other(move: Move) -> Move:
    phases = (
        replace(phase, rollback=replace(phase.rollback, values=phase.rollback.values | {"baseline": OTHER}))
        for phase in move.phases
    )
    return replace(move, phases=tuple(phases))


def full(schedule: Schedule, name: str) -> date:
    return next(each.first for each in schedule.stints if each.use_case == name and each.phase.percent == 100)


def begun(names: tuple[str, ...], days: tuple[date, ...] = UNDER_WAY) -> dict[tuple[str, int], PlanStep]:
    percents = (0, 5, 25, 100)
    steps = {p: PlanStep(starts_on=day) for p, day in zip(percents, days, strict=True)}
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


AHEAD = TODAY + timedelta(days=14)


@pytest.mark.parametrize(
    "entered",
    [
        {(TICKETS, 0): PlanStep(go=False)},
        {(TICKETS, 0): PlanStep(starts_on=AHEAD, go=True)},
        {(TICKETS, 5): PlanStep(go=True)},
        {(TICKETS, 0): PlanStep(starts_on=AHEAD)},
    ],
)
def test_a_decision_on_a_step_is_no_roll_out_under_way(entered: dict[tuple[str, int], PlanStep]) -> None:
    report, _ = planned({LOGGED: 5}, entered, models=1)
    assert report.plan.replaced[TICKETS].kept == 0
    assert way_back(report, TICKETS) == {f"{LOGGED}-next"}


LATER = (date(2026, 11, 10), date(2026, 11, 24), date(2026, 12, 22), date(2027, 1, 12))


def test_a_roll_out_under_way_that_ends_after_its_model_says_so() -> None:
    report, schedule, _, case, flags = made({LOGGED: 30}, begun((TICKETS,), LATER))
    on, by = TODAY + timedelta(days=30), report.plan.replaced[TICKETS].by
    assert LATER[1] < by < on < LATER[3]
    assert report.plan.replaced[TICKETS].kept == 2
    (move,) = (move for move in report.plan.moves if move.use_case == TICKETS)
    assert [phase.rollback.values["baseline"] for phase in move.phases] == [LOGGED] * 2 + [f"{LOGGED}-next"] * 2
    dossier = make_dossier(report, case, flags, schedule)
    (decision,) = (each for each in report.recommendation.use_cases if each.name == TICKETS)
    plan, page_one, register, use_case = (
        first_words(schedule),
        why_now(dossier),
        [" ".join(row) for row in dangers(dossier, 20)],
        risks(decision, move),
    )
    for place in (plan, page_one, register, use_case):
        (said,) = (words for words in place if "before the last steps" in words)
        assert f"reach 100% by {day_of(by.isoformat())}, or move the other calls to {LOGGED}-next" in said.replace(
            "Reach", "reach"
        )
        assert day_of(on.isoformat()) in said
    assert schedule.stop
    assert schedule.stop.values["baselines"] == [f"{LOGGED}-next"], "nothing stays on what is off"
    (warm,) = (line for line in close_out(dossier) if "Warm fallback" in line)
    assert f"{LOGGED}-next also" in warm
    assert not [line for line in close_out(dossier) if "revoke" in line], "the rest moves to it"


@pytest.mark.parametrize("days", [5, 20, 40])
def test_words_and_files_name_the_same_calls_as_moved_first(days: int) -> None:
    report, schedule, facts, case, _ = made({LOGGED: days}, begun((TICKETS,), LATER))
    deployment = make_deployment(report)
    said = decided(report.recommendation, case, ends_of(report, facts), deployment)
    readme = gateway_archive(deployment, said)["README.md"]
    first = [route for route in deployment.routes if route.today.name == f"{LOGGED}-next"]
    under_way = next(route for route in deployment.routes if route.use_case == TICKETS)
    assert under_way.today.name == LOGGED
    assert under_way not in first
    (task,) = (each.task for each in schedule.tasks if each.task.code == Task.REPLACE)
    assert task.values["use_cases"] == [route.use_case for route in first]
    assert f"calls of {use_cases_words(task.values['use_cases'])} go to {LOGGED}-next first" in first_words(schedule)[0]
    (line,) = (words for words in said if "before the move can end" in words)
    assert {route.alias for route in deployment.routes if route.alias in line} == {route.alias for route in first}
    assert f"replace `{LOGGED}` with {LOGGED}-next" in readme, "what is under way still calls it"
    for route in first:
        assert f"{LOGGED}-next" in _between(gateway_archive(deployment)["client.diff"], route.alias)


def _between(diff: str, alias: str) -> str:
    """The line of today's client before that of the alias."""
    lines = diff.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("+") and f'"{alias}"' in line)
    return "\n".join(lines[max(at - 3, 0) : at])


@pytest.mark.parametrize("names", [(), (TICKETS,), (TICKETS, INVOICES)])
def test_a_model_that_is_off_ends_today_wherever_it_is_said(names: tuple[str, ...]) -> None:
    report, schedule, facts, case, flags = made({LOGGED: -3}, begun(names, LATER))
    late = [each for each in schedule.stints if each.first > TODAY - timedelta(days=3)]
    assert {each.phase.rollback.values["baseline"] for each in late} == {f"{LOGGED}-next"}
    dossier, today = make_dossier(report, case, flags, schedule), day_of(TODAY.isoformat())
    assert not [line for line in close_out(dossier) if "revoke" in line]
    deployment = make_deployment(report)
    said = [
        *first_words(schedule),
        *(task_words(each.task) for each in schedule.tasks if each.task.code in (Task.REPLACE, Task.FINISH)),
        *(words for words in why_now(dossier) if f"{LOGGED} ends on" in words),
        *(why for why, _ in dangers(dossier, 20) if "switched off" in why),
        *(words for each in report.moves for words in risks(*each) if "switched off" in words),
        *(w for w in decided(report.recommendation, case, ends_of(report, facts), deployment) if "ends on" in w),
    ]
    assert len(said) >= 7
    assert not [words for words in said if today not in words]
    assert not [words for words in said if day_of((TODAY - timedelta(days=3)).isoformat()) in words]
    assert " stay on " not in plan_sentence(report, schedule)


@pytest.mark.parametrize("names", [(TICKETS,), (TICKETS, INVOICES)])
@pytest.mark.parametrize("has_failed", [False, True])
def test_what_roll_outs_under_way_fall_back_on_is_counted(names: tuple[str, ...], *, has_failed: bool) -> None:
    """A part of the calls for a month, by the successor at 1.5 times the bill, or at today's where it failed."""
    report, schedule, _, case, flags = made({LOGGED: 30}, begun(names, LATER), failed=has_failed)
    share, days = (case.inputs[each] for each in (CaseInput.FALLBACK_SHARE, CaseInput.FALLBACK_DAYS))
    today = sum(one.today_usd for one in case.moving)
    usd = today * (1.0 if has_failed else 1.5) * share * days / DAYS_A_MONTH
    assert case.one_off[CostItem.FALLBACK] == pytest.approx(usd) != 0
    name = "another model" if has_failed else f"{LOGGED}-next"
    dossier = make_dossier(report, case, flags, schedule)
    assert f"{name} as a fallback {dollars(usd)}" in money_figures(dossier)[2]["note"]
    (warm,) = (line for line in close_out(dossier) if "Warm fallback" in line)
    assert f"{name} also answers" in warm
    off, against = day(TODAY + timedelta(days=30)), "net: after the one-off cost"
    heading = "" if has_failed else f"Compared with {LOGGED}, and from {off} with {LOGGED}-next; {against}"
    assert figures_heading(dossier) == heading
    (task,) = (each.task for each in schedule.tasks if each.task.code == Task.FINISH)
    assert task.values["use_cases"] == [*names]
    row, (line,) = task_words(task), (words for words in first_words(schedule) if "before the last steps" in words)
    assert row.startswith(f"Reach 100% by {day_of(task.values['by'])}, or move the other calls to {name} by then")
    assert row[1:] in line
    assert line in why_now(dossier)


def test_the_day_to_decide_is_not_that_of_a_model_that_is_replaced_first() -> None:
    _, schedule = planned({LOGGED: 12}, models=1)
    assert schedule.decide_by
    assert schedule.decide_by > TODAY, "no deadline of a model that moves don't start from"
    _, both = planned({LOGGED: 12, OTHER: 150})
    assert both.decide_by
    assert both.decide_by > TODAY + timedelta(days=30)


def _first(stints: tuple[Stint, ...], name: str) -> tuple[date, ...]:
    return tuple(each.first for each in stints if each.use_case == name)
