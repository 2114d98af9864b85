"""What the run found of a model that replaces today's is what the case, the ask, the risks and the steps go by."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from advisor.analysis.money.cost import certain
from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.closed_options import successor_option
from advisor.plan.dossier import make_dossier
from advisor.plan.moving import CaseFacts
from advisor.plan.schedule import schedule_of
from advisor.plan.succession import Follower
from advisor.plan.timeline import timeline
from advisor.text.advice.steps import next_steps
from advisor.text.business_case.ask import why_now
from advisor.text.business_case.board import alternatives, strip
from advisor.text.business_case.figures import money_figures
from advisor.text.headline import card_note, headline
from advisor.text.numbers import day, dollars
from advisor.types import Evidence, Message, Report, Risk, Step, UseCaseDecision, Verdict
from advisor.types.business import CaseOption, OptionCost
from advisor.types.dossier import Ask, Danger, Dossier
from advisor.types.messages import FlagCode
from advisor.types.scenarios import BEFORE, CaseInput, CaseInputs
from tests.nested import changed
from tests.report.made_report import BUILTIN, large_report

LOGGED, NEXT = "gpt-4.1", "openai/gpt-next"
TODAY = large_report().recommendation.created_at.date()
OFF = TODAY + timedelta(days=200)


def found(verdict: Verdict | None) -> Report:
    """The large report on one logged model that ends; its second candidate is the successor, found so."""
    report = large_report()
    stays = [case.name for case in report.recommendation.use_cases if case.target is None]
    step = Message.of(Step.SUCCESSOR, baseline=LOGGED, successor=NEXT, on=OFF.isoformat(), use_cases=stays)
    name = "gpt-next" if verdict else "another"
    models = tuple(
        replace(each, name=name, litellm_id=f"openai/{name}") if each.name == BUILTIN else each
        for each in report.models
    )
    cases = tuple(
        replace(
            case,
            monthly_baseline_usd=case.monthly_baseline_usd or 0.0,
            baseline=LOGGED,
            baseline_facts=replace(case.baseline_facts, model=LOGGED),
            candidates=tuple(
                changed(a, model=name, verdict=verdict or Verdict.KEEP) if a.model == BUILTIN else a
                for a in case.candidates
            ),
        )
        for case in report.recommendation.use_cases
    )
    risk = Message.of(Risk.BASELINE_ENDS, baseline=LOGGED, on=OFF.isoformat())
    moves = tuple(replace(move, risks=(*move.risks, risk)) for move in report.plan.moves)
    plan = replace(report.plan, moves=moves, next_steps=(*report.plan.next_steps, step))
    return replace(report, models=models, plan=plan, recommendation=replace(report.recommendation, use_cases=cases))


def dossier_for(report: Report, *, share: float, traffic: float, today: date = TODAY) -> Dossier:
    """``share``: of today's bill, which the successor costs."""
    inputs = CaseInputs(measured=dict.fromkeys(BEFORE, 0.0), entered={CaseInput.SUCCESSOR_BILL: share})
    facts = CaseFacts(inputs=inputs, entered={}, followers={LOGGED: Follower(OFF, NEXT)}, usages={}, today=today)
    case = case_from(report, facts, traffic=traffic)
    successor = successor_option(report, facts)
    options = (
        replace(successor, monthly_usd=successor.monthly_usd.times(traffic) if successor.monthly_usd else None),
        OptionCost(option=CaseOption.PLAN, monthly_usd=certain(case.plan_usd or 0.0)),
    )
    case, days = replace(case, options=options), (OFF - today).days
    known = [Message.of(FlagCode.RETIRES, model=LOGGED, on=OFF.isoformat(), days=days, successor="gpt-next")]
    report = in_view_of(report, case)
    return make_dossier(report, case, known, schedule_of(report, timeline(report.plan, today, {}), known, today))


@pytest.mark.parametrize("verdict", [None, Verdict.SWITCH, Verdict.KEEP])
def test_a_cheaper_successor(verdict: Verdict | None) -> None:
    report = found(verdict)
    made = dossier_for(report, share=0.1, traffic=40.0)
    steps = [step for step in made.report.plan.next_steps if step.code in (Step.SUCCESSOR, Step.TEST_CHEAPER)]
    if verdict is Verdict.KEEP:
        assert made.ask.code == Ask.MOVE, "it isn't good enough: what it costs doesn't matter"
        assert made.case.saved_later == pytest.approx(made.case.saved.point)
    else:
        assert made.ask.code == Ask.SUCCESSOR
        assert made.ask.values["passed"] is (verdict is Verdict.SWITCH)
    left = [case.name for case in report.recommendation.use_cases if not _measured(case)]
    assert [name for step in steps for name in step.values["use_cases"]] == left, "what was measured isn't tested again"
    successor = next(each for each in made.case.options if each.option is CaseOption.SUCCESSOR)
    assert successor.is_measured is (not left)


def test_a_month_that_never_comes_is_promised_nowhere() -> None:
    """Today's model ends before anything has moved: what counts is what the moves save of its successor's bill."""
    made = dossier_for(found(None), share=0.9, traffic=40.0, today=OFF - timedelta(days=20))
    case, later = made.case, dollars(made.case.saved_later)
    assert (case.is_brief, case.pays, later) == (True, True, "$11,200")
    never = [dollars(usd) for usd in (case.saved.point, *(one.saved.point for one in case.moving), case.plan_usd)]
    told = [
        headline(made.report.recommendation, case),
        *next_steps(made.report),
        *(each["note"] for each in strip(made)),
    ]
    told += [cell for row in alternatives(made) for cell in row]
    assert not [(usd, words) for usd in never for words in told if usd in words]
    assert f"then {later} a month" in told[0]
    assert "bill" not in card_note(made.report.recommendation, case), "no share of a bill that is never saved"
    assert "Start the shadow phase of Extract invoice fields with Solar Pro 3 32B Instruct." in told
    assert f"$10,800 from {day(OFF)}" in told, "22,000 less 11,200"


def _measured(case: UseCaseDecision) -> bool:
    return any(a.model == "gpt-next" and a.quality.evidence is not Evidence.NONE for a in case.candidates)


@pytest.mark.parametrize("verdict", [None, Verdict.SWITCH, Verdict.KEEP])
def test_the_way_back_is_what_passed(verdict: Verdict | None) -> None:
    made = dossier_for(found(verdict), share=1.5, traffic=40.0)
    ends = next(each for each in made.dangers if each.code == Danger.RETIRES)
    assert (ends.values["successor"], ends.values["verdict"]) == ("gpt-next", verdict)


def test_what_the_rest_costs_then_is_of_the_rest_at_the_same_traffic() -> None:
    """What a successor that costs half more adds to the bills of what stays, at 40 times the traffic."""
    report = found(None)
    made = dossier_for(report, share=1.5, traffic=40.0)
    moving = {one.use_case for one in made.case.moving}
    rest = 40 * sum(c.monthly_baseline_usd or 0.0 for c in report.recommendation.use_cases if c.name not in moving)
    said = next(line for line in why_now(made) if "can't stay on" in line)
    assert made.case.today_usd is not None
    assert rest == pytest.approx(made.case.today_usd - sum(one.today_usd for one in made.case.moving))
    more = float(said.partition(" then costs $")[2].partition(" a month more than today.")[0].replace(",", ""))
    today, saved, later = made.case.today_usd, made.case.saved.point, made.case.saved_later
    assert later is not None
    assert 0.5 * today - (later - saved) == pytest.approx(0.5 * rest), "what moves costs the same as before"
    shown = [float(dollars(usd)[1:].replace(",", "")) for usd in (1.5 * today, later, today, saved)]
    assert more == (shown[0] - shown[1]) - (shown[2] - shown[3]), "as a reader takes it off what is shown"


@pytest.mark.parametrize("traffic", [0.8, 40.0])
def test_what_is_left_without_the_largest_move_is_its_net(traffic: float) -> None:
    made = dossier_for(found(None), share=1.5, traffic=traffic)
    swing = next(each for each in made.case.swings if each.assumption.value == "largest_move")
    said = " ".join(value for figure in money_figures(made) for value in figure.values())
    assert f"{dollars(swing.usd[1])} without" in said
