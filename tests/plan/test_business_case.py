"""The business case: a case worked out by hand, to the cent, and what moves it."""

from dataclasses import replace
from datetime import date

import pytest

from advisor.analysis.money.business_case import DAYS, avoided_usd, business_case, moved_days, one_off_costs
from advisor.analysis.money.cost import certain
from advisor.text.advice.ending import roll_out_note, saves_words, unpaid_note
from advisor.text.business_case.options import bill_words
from advisor.types import Money
from advisor.types.business import (
    Assumption,
    BusinessCase,
    CacheEffect,
    CaseOption,
    CostItem,
    Ending,
    Moving,
    OptionCost,
)
from advisor.types.scenarios import BEFORE, CaseInput, CaseInputs, InputSource

RAMP = ((0.0, 7.0), (0.05, 7.0), (0.25, 7.0))
TRIAGE = Moving(
    use_case="Ticket triage",
    today_usd=1000.0,
    saved=Money(low=500.0, point=600.0, high=700.0),
    changes=(CaseInput.PROMPT, CaseInput.CALLING_CODE),
    ramp=RAMP,
    shadow_share=0.05,
)
SUMMARY = Moving(
    use_case="Thread summary",
    today_usd=400.0,
    saved=Money(low=300.0, point=300.0, high=300.0),
    changes=(CaseInput.PROMPT, CaseInput.PARAMETERS, CaseInput.SCHEMA),
    ramp=RAMP,
    shadow_share=0.05,
)
INPUTS = CaseInputs(measured={CaseInput.EVALUATION_USD: 20.0, **dict.fromkeys(BEFORE, 0.0)})
"""With nothing left to do before the moves."""


def by_hand(inputs: CaseInputs = INPUTS) -> BusinessCase:
    return business_case((TRIAGE, SUMMARY), inputs, calls=50_000, today_usd=2_000.0)


def test_what_is_paid_once() -> None:
    """Days: 1 + .5, and 1 + .25 + .5. Shadow: (400 + 100) x .05 x 7 / 30.4375. Fallback: 1,400 x .1 x 30 / 30.4375."""
    paid = {item: round(usd, 2) for item, usd in by_hand().one_off.items()}
    assert paid == {
        CostItem.ENGINEERING: 2600.00,
        CostItem.JUDGE: 0.00,
        CostItem.HOST: 0.00,
        CostItem.TEST: 0.00,
        CostItem.REVIEW: 0.00,
        CostItem.APPROVAL: 0.00,
        CostItem.LABELS: 0.00,
        CostItem.EVALUATION: 20.00,
        CostItem.TRAINING: 0.00,
        CostItem.SHADOW: 5.75,
        CostItem.FALLBACK: 137.99,
    }
    assert round(by_hand().one_off_usd, 2) == 2763.74


def test_the_test_of_a_cheaper_model_is_paid_once() -> None:
    """Also where no real model is still to be tested."""
    moves, first = (TRIAGE,), replace(INPUTS, tested_first="small")
    paid, before = one_off_costs(moves, first), one_off_costs(moves, INPUTS)
    assert paid == before | {CostItem.TEST_CHEAPER: 800.0}
    both = replace(first, tested_beside=("next",))
    assert one_off_costs(moves, both) == before | {CostItem.TEST_CHEAPER: 1600.0}, "a day of 800 for each, at once"
    assert one_off_costs(moves, replace(both, tested_first="")) == paid, "what follows today's model is tested alone"
    assert one_off_costs((), first) == {}


def test_work_before_the_moves_is_paid_once() -> None:
    """1 + 2 + 1 + .5 + 1 days of 800, on top of 2,763.74."""
    paid = by_hand(replace(INPUTS, measured={CaseInput.EVALUATION_USD: 20.0}))
    assert [paid.one_off[item] for item in DAYS] == [800.0, 1600.0, 800.0, 400.0, 800.0]
    assert round(paid.one_off_usd, 2) == 7163.74


def test_labels_of_live_calls_are_paid_once() -> None:
    """1,200 + 240 calls of 30 seconds are 1.5 days of 800."""
    moves = (replace(TRIAGE, labels=1200), replace(SUMMARY, labels=240))
    assert one_off_costs(moves, INPUTS)[CostItem.LABELS] == 1200.0
    free = replace(INPUTS, entered={CaseInput.LABEL_SECONDS: 0.0})
    assert one_off_costs(moves, free)[CostItem.LABELS] == 0.0


def test_the_traffic_that_moved_in_the_first_month() -> None:
    """7 days at 5 %, 7 at 25 %, and 9.4375 of 30.4375 days at all."""
    assert moved_days(TRIAGE, 0, 30.4375) == pytest.approx(0.35 + 1.75 + 9.4375)
    assert moved_days(TRIAGE, 30.4375, 60.875) == 30.4375


def test_months_and_payback() -> None:
    """Month 1 saves 900 x .37906 = 341.15, every later one 900: -2,422.59, -1,522.59, -622.59, +277.41."""
    case = by_hand()
    assert [round(case.net(month).point, 2) for month in (1, 2, 3, 4)] == [-2422.59, -1522.59, -622.59, 277.41]
    assert case.payback == 4
    assert round(case.net(12).point, 2) == 7477.41
    assert round(case.net(36).point, 2) == 29077.41
    assert round(case.net(12).low, 2) == 6339.51  # 100 x 11.37906 less
    assert case.per_unit == (0.04, pytest.approx(1100 / 50_000))


def test_growth_haircut_and_prices() -> None:
    """Month 2 at 10 % growth and a haircut of 20 %: 900 x 1.1 x .8; month 13 with today's prices 5 % up: 900 + 70."""
    entered = {CaseInput.GROWTH: 0.1, CaseInput.HAIRCUT: 0.2}
    grown = by_hand(replace(INPUTS, entered=entered))
    assert grown.months[1].saved.point == pytest.approx(792.0)
    raised = by_hand(replace(INPUTS, entered={CaseInput.PRICE_CHANGE: 0.05}))
    assert raised.months[11].saved.point == pytest.approx(900.0)
    assert raised.months[12].saved.point == pytest.approx(970.0)


def test_a_later_start_moves_the_payback() -> None:
    """From day 30.4375 on, month 1 saves nothing and month k what month k - 1 did: back in month 5, not 4."""
    late = [replace(one, starts_in=30.4375) for one in (TRIAGE, SUMMARY)]
    case = business_case(late, INPUTS, calls=None, today_usd=None)
    assert [round(case.net(month).point, 2) for month in (1, 2, 5)] == [-2763.74, -2422.59, 277.41]
    assert case.payback == 5
    assert round(case.net(12).point, 2) == 6577.41


def test_once_todays_model_is_switched_off_its_successor_is_what_savings_are_against() -> None:
    """Triage costs 1,000 today and 400 with the new model; its successor takes 430 from day 60.875 (month 3) on.

    All of it has moved by day 21, so that the 1.25 days ($1,000) of a move to the successor are saved in month 3.
    Months: 600 x 11.5375 / 30.4375 = 227.43, 600, 1,000 + 30, then 30 each: 12 months bring 227.43 + 600 + 1,030 + 270.
    """
    ending = Ending(in_days=60.875, usd=430.0)
    case = business_case([replace(TRIAGE, ending=ending)], INPUTS, calls=None, today_usd=None)
    assert [round(month.saved.point, 2) for month in case.months[:4]] == [227.43, 600.0, 1030.0, 30.0]
    assert round(case.net(12).point + case.one_off_usd, 2) == 2127.43
    assert (case.saved.point, case.saved_later) == (600.0, 30.0)
    assert (case.saved_before_usd, case.is_brief) == (pytest.approx(827.43, abs=0.01), False)
    halfway = business_case([replace(TRIAGE, ending=Ending(76.09375, 430.0))], INPUTS, calls=None, today_usd=None)
    assert halfway.months[2].saved.point == pytest.approx(1000.0 + 300.0 + 15.0)
    swing = next(each for each in case.swings if each.assumption is Assumption.SUCCESSOR_PRICE)
    same = business_case([replace(TRIAGE, ending=ending._replace(usd=1000.0))], INPUTS, calls=None, today_usd=None)
    assert swing.usd == pytest.approx((case.net(12).point, same.net(12).point)), "as if that price were entered"
    assert same.net(12).point == pytest.approx(227.43 + 11 * 600 + 1000 - case.one_off_usd, abs=0.01)


def test_a_month_that_never_comes_is_said_with_what_comes_instead() -> None:
    """Triage saves 227.43 before its model ends on day 30.4375, then 30 a month; 0 if it starts later."""
    ending = Ending(30.4375, 430.0, date(2026, 12, 30), "openai/next")
    for starts_in, before in ((0.0, "$230"), (40.0, "$0")):
        moving = replace(TRIAGE, starts_in=starts_in, ending=ending)
        case = business_case([moving], INPUTS, calls=None, today_usd=None)
        assert case.is_brief
        assert saves_words(case, "$600") == f"save {before} in all before 30 Dec 2026, then $30 a month"
        whole = {0.0: "22 Dec 2026", 40.0: "31 Jan 2027"}[starts_in]
        told = roll_out_note(replace(case, start=date(2026, 12, 1)))
        assert told == f" (the roll-out reaches all traffic only on {whole})"
        grown = business_case([moving], replace(INPUTS, entered={CaseInput.HAIRCUT: 0.5}), calls=None, today_usd=None)
        assert grown.saved_before_usd == pytest.approx(case.saved_before_usd / 2)
    same = business_case([replace(TRIAGE, ending=ending._replace(usd=1000.0))], INPUTS, calls=None, today_usd=None)
    assert saves_words(same, "$600") == "save $600 a month", "what follows costs as much"
    more = business_case([replace(TRIAGE, ending=ending._replace(usd=1500.0))], INPUTS, calls=None, today_usd=None)
    assert (more.saved_before_usd < 600, more.saved_later) == (True, 1100.0)
    assert saves_words(more, "$600") == "save $600 a month", "against today's bill, as every other saving"


def test_what_moving_costs_is_said_alike_of_one_move_and_of_two() -> None:
    ending = Ending(60.875, 300.0, date(2027, 1, 30), "openai/next")
    known = {
        "save $600 a month": [TRIAGE],
        "save $900 a month": [TRIAGE, SUMMARY],
        "save $600 a month until 30 Jan 2027, then lose $100 a month": [replace(TRIAGE, ending=ending)],
    }
    for words, moving in known.items():
        case = business_case(moving, replace(INPUTS, one_off_usd=40_000.0), calls=None, today_usd=None)
        assert unpaid_note(case) == f"Moving would {words}, and cost $40,000 once."
    guessed = business_case([TRIAGE], INPUTS, calls=None, today_usd=None)
    assert unpaid_note(guessed).endswith("and cost about $1,320 once (assumed).")
    priced = business_case([TRIAGE], replace(INPUTS, entered={CaseInput.DAY_USD: 800.0}), calls=None, today_usd=None)
    assert unpaid_note(priced).endswith("and cost $1,320 once.")


@pytest.mark.parametrize(("rest", "words"), [(0.0, "$500"), (600.0, "$1,100; $800 from 30 Jan 2027")])
def test_the_same_bill_with_the_plan_is_said_once(rest: float, words: str) -> None:
    """1,400 less 900, or 700 less 200 with the successor at half the price, which ``rest`` dollars don't move to."""
    on = date(2027, 1, 30)
    moving = [replace(one, ending=Ending(60.875, one.today_usd / 2, on, "next")) for one in (TRIAGE, SUMMARY)]
    case = business_case(moving, INPUTS, calls=None, today_usd=1400.0 + rest)
    case = replace(case, options=(OptionCost(option=CaseOption.SUCCESSOR, monthly_usd=certain(700.0 + rest / 2)),))
    plan = OptionCost(option=CaseOption.PLAN, monthly_usd=certain(500.0 + rest))
    assert (case.is_brief, case.saved.point, case.saved_later) == (False, 900.0, 200.0)
    assert bill_words(case, plan) == words


def test_without_the_largest_move_the_other_is_left() -> None:
    case = by_hand()
    swing = next(each for each in case.swings if each.assumption is Assumption.LARGEST_MOVE)
    alone = business_case([min((TRIAGE, SUMMARY), key=lambda one: one.saved.point)], INPUTS, calls=None, today_usd=None)
    assert swing.usd == pytest.approx((case.net(12).point, alone.net(12).point))


def test_a_move_that_ends_after_the_switch_off_saves_no_move_to_the_successor() -> None:
    assert avoided_usd(replace(TRIAGE, ending=Ending(21.0, 430.0)), INPUTS) == 1000.0
    assert avoided_usd(replace(TRIAGE, ending=Ending(20.0, 430.0)), INPUTS) == 0.0
    assert avoided_usd(TRIAGE, INPUTS) == 0.0


def test_cache_share_and_utilization_are_turned_where_they_matter() -> None:
    """20 points more of the prompt from a cache: today 1,000 -> 900, the new bill stays 400. A server 30 % less busy
    costs 400 / .7 for the same calls.
    """
    effects = (CacheEffect(0.0, 1.0, 1.0), CacheEffect(0.2, 0.9, 1.0))
    one = replace(TRIAGE, cached=effects, is_self_hosted=True)
    case = business_case([one], INPUTS, calls=None, today_usd=None)
    swings = {swing.assumption: swing for swing in case.swings}
    months = 11.5375 / 30.4375 + 11
    assert swings[Assumption.CACHE_SHARE].by == (0.0, 0.2)
    fallback = 0.1 * 30 / 30.4375 * 100
    assert swings[Assumption.CACHE_SHARE].usd[0] == pytest.approx(case.net(12).point)
    assert swings[Assumption.CACHE_SHARE].usd[1] == pytest.approx(case.net(12).point - 100 * months + fallback)
    busy = business_case([replace(one, saved=one.saved.plus(400 - 400 / 0.7))], INPUTS, calls=None, today_usd=None)
    assert swings[Assumption.UTILIZATION].usd[0] == pytest.approx(busy.net(12).point)
    assert not {Assumption.CACHE_SHARE, Assumption.UTILIZATION} & {each.assumption for each in by_hand().swings}


def test_a_unit_of_work() -> None:
    case = by_hand(replace(INPUTS, entered={CaseInput.CALLS_A_UNIT: 3.0}, unit="ticket"))
    assert case.per_unit == pytest.approx((0.12, 0.066))


def test_swings_are_the_same_case_with_one_assumption_turned() -> None:
    case = by_hand()
    swings = {swing.assumption: swing for swing in case.swings}
    assert swings[Assumption.SAVING].usd == pytest.approx((case.net(12).low, case.net(12).high))
    half = by_hand(replace(INPUTS, entered={CaseInput.DAY_USD: 400.0}))
    assert swings[Assumption.ENGINEERING].usd[0] == pytest.approx(half.net(12).point)
    more = [replace(one, today_usd=one.today_usd * 1.3, saved=one.saved.times(1.3)) for one in (TRIAGE, SUMMARY)]
    busy = business_case(more, INPUTS, calls=None, today_usd=None)
    assert swings[Assumption.VOLUME].usd[1] == pytest.approx(busy.net(12).point)
    assert swings[Assumption.NEW_PRICE].usd[0] > case.net(12).point > swings[Assumption.NEW_PRICE].usd[1]
    assert swings[Assumption.OLD_PRICE].usd[0] < case.net(12).point < swings[Assumption.OLD_PRICE].usd[1]
    assert swings[Assumption.ROLL_OUT].usd[1] < swings[Assumption.ROLL_OUT].usd[0] == pytest.approx(case.net(12).point)


def test_a_scenario_sets_what_is_paid_once() -> None:
    assert one_off_costs((TRIAGE,), replace(INPUTS, one_off_usd=5000.0)) == {CostItem.GIVEN: 5000.0}


def test_nothing_moves() -> None:
    case = business_case((), INPUTS, calls=None, today_usd=None)
    assert (case.one_off_usd, case.payback, case.swings, case.per_unit) == (0, None, (), None)
    assert case.net(36) == Money(low=0, point=0, high=0)


def test_a_case_that_never_pays() -> None:
    """A saving of a dollar a month doesn't pay for days of work."""
    little = replace(TRIAGE, saved=Money(low=1.0, point=1.0, high=1.0))
    assert business_case((little,), INPUTS, calls=None, today_usd=None).payback is None


def test_where_an_input_is_from() -> None:
    inputs = replace(INPUTS, entered={CaseInput.HAIRCUT: 0.1})
    assert [inputs.source(key) for key in (CaseInput.HAIRCUT, CaseInput.EVALUATION_USD, CaseInput.GROWTH)] == [
        InputSource.ENTERED,
        InputSource.MEASURED,
        InputSource.ASSUMED,
    ]
    assert (inputs[CaseInput.HAIRCUT], inputs[CaseInput.EVALUATION_USD], inputs[CaseInput.GROWTH]) == (0.1, 20.0, 0.0)
