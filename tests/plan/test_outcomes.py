"""What each result of the tests comes to: by hand, as its row reads, and where there is none."""

from dataclasses import replace

import pytest

from advisor.analysis.money.business_case import business_case
from advisor.analysis.money.outcomes import outcomes
from advisor.text.business_case.months import ADDED, net_words
from advisor.text.business_case.outcomes import outcome_rows, outcomes_note
from advisor.text.numbers import dollars
from advisor.types import Money
from advisor.types.business import (
    DAYS_A_MONTH,
    Assumption,
    BusinessCase,
    CostItem,
    Ending,
    Moving,
    Outcome,
    OutcomeKind,
)
from advisor.types.scenarios import CaseInput, CaseInputs
from tests.plan.test_business_case import RAMP

CLOSED = Moving(
    use_case="Chat",
    today_usd=1000.0,
    saved=Money(low=800.0, point=900.0, high=950.0),
    changes=(CaseInput.SUCCESSOR_DAYS,),
    ramp=RAMP,
    shadow_share=0.05,
    ending=Ending(3 * DAYS_A_MONTH, 1500.0),
)
"""A use case on a model that ends after three months; its successor takes half as much again."""
OPEN = replace(CLOSED, saved=Money(low=600.0, point=600.0, high=600.0), changes=(CaseInput.PROMPT,))
BOTH = (CLOSED, replace(CLOSED, use_case="Mail"))
INPUTS = CaseInputs(tested_first="openai/small", measured={CaseInput.EVALUATION_USD: 20.0})


def case(inputs: CaseInputs = INPUTS) -> BusinessCase:
    return business_case((OPEN,), inputs, calls=1000, today_usd=2000.0)


def test_each_result_is_worked_out_by_hand() -> None:
    """Of 12 months: 3 less what 21 days of the ramp leave out, at 900 or 600, and 9 at 500 more."""
    cheaper, planned, neither = outcomes(case(), BOTH, is_tested=True, due_usd=2000.0)
    kinds = [OutcomeKind.CHEAPER, OutcomeKind.PLAN, OutcomeKind.NEITHER]
    assert [each.kind for each in (cheaper, planned, neither)] == kinds, "one move has no part"
    assert [each.use_cases for each in (cheaper, planned, neither)] == [2, 1, 0]
    left_out = (7 + 0.95 * 7 + 0.75 * 7) / DAYS_A_MONTH
    assert cheaper.bills.point == pytest.approx(2 * (900 * (3 - left_out) + 1400 * 9))
    assert planned.bills.point == pytest.approx(600 * (3 - left_out) + 1100 * 9)
    assert (cheaper.avoided_usd, planned.avoided_usd, neither.avoided_usd) == (2000.0, 1000.0, 0.0)
    assert [each.adopting_usd for each in (cheaper, planned, neither)] == [0.0, 1000.0, 2000.0]
    once = {item: usd for item, usd in cheaper.once.items() if usd}
    assert once.pop(CostItem.SHADOW) == pytest.approx(2 * 100 * 0.05 * 7 / DAYS_A_MONTH)
    assert once.pop(CostItem.FALLBACK) == pytest.approx(2 * 1000 * 0.1 * 30 / DAYS_A_MONTH)
    assert once == {
        CostItem.ENGINEERING: 2000.0,
        CostItem.TEST_CHEAPER: 800.0,
        CostItem.JUDGE: 800.0,
        CostItem.EVALUATION: 20.0,
    }
    assert planned.once == case().one_off
    assert neither.once_usd == 800 + 800 + 1600 + 800 + 400 + 800 + 20 == -neither.net.point
    assert cheaper.saved == Money(low=1600.0, point=1800.0, high=1900.0)
    assert cheaper.later == Money(low=2600.0, point=2800.0, high=2900.0)
    for each in (cheaper, planned, neither):
        assert each.net.point == pytest.approx(each.bills.point + each.avoided_usd - each.once_usd)
    assert planned.net == case().net(12)
    assert planned.payback == case().payback


def test_only_pending_tests_have_results() -> None:
    def kinds(*cheaper: Moving, is_tested: bool, inputs: CaseInputs = INPUTS) -> list[OutcomeKind]:
        return [each.kind for each in outcomes(case(inputs), cheaper, is_tested=is_tested)]

    assert kinds(is_tested=False) == []
    assert kinds(is_tested=True) == [OutcomeKind.PLAN, OutcomeKind.NEITHER]
    assert kinds(CLOSED, is_tested=False) == [OutcomeKind.CHEAPER, OutcomeKind.PLAN]
    assert kinds(CLOSED, is_tested=True, inputs=replace(INPUTS, one_off_usd=500.0)) == [], "what a test costs is open"
    assert kinds(CLOSED, is_tested=True, inputs=replace(INPUTS, one_off_usd=1e6)) == [], "nothing pays back"


@pytest.mark.parametrize(
    ("cheaper", "is_tested", "models", "names"),
    [
        (BOTH, True, ["Larch"], ["small passes on both use cases", "Larch passes, not small", "Neither passes"]),
        (
            BOTH,
            True,
            ["A", "B"],
            ["small passes on both use cases", "A and B pass, not small", "Nothing passes"],
        ),
        (BOTH, False, ["Larch"], ["small passes on both use cases", "small doesn't pass"]),
        ((), True, ["Larch"], ["Larch passes", "Larch doesn't pass"]),
    ],
)
def test_rows_add_up_as_they_are_read(
    cheaper: tuple[Moving, ...], is_tested: bool, models: list[str], names: list[str]
) -> None:
    found: tuple[Outcome, ...] = outcomes(case(), cheaper, is_tested=is_tested)
    made = replace(case(), outcomes=found)
    rows = outcome_rows(made, models)
    assert [row["Test result"] for row in rows] == names
    row = rows[names.index(next(name for name in names if "Larch" in name or "A and B" in name or "doesn't" in name))]
    columns = ("Bills saved in 12 months", "Work avoided", "Paid once", "Net over 12 months")
    bills, avoided, once, net = (read(row[name]) for name in columns)
    assert bills + avoided - once == net
    ends = [row[name].split(" to ") for row in rows[: 1 if len(cheaper) > 1 else 0] for name in columns]
    for low_or_high in (0, -1) if ends else ():
        bills, avoided, once, net = (read(each[low_or_high]) for each in ends)
        assert bills + avoided - once == net, "each end of a range"
    assert ("small passes on some only, those move to it" in outcomes_note(made, models)) is (len(cheaper) > 1)
    also = replace(made, inputs=replace(INPUTS, tested_beside=("next",)))
    if cheaper and is_tested:
        assert outcome_rows(also, models)[-1]["Test result"] == "next only", "neither of the others passes"
    assert outcomes_note(case(), []) == ""


def test_without_the_largest_move_is_a_result_of_its_own() -> None:
    """The rest moves as planned: its own bills and work, and the tests in full."""
    rest = replace(OPEN, use_case="Mail", saved=Money(low=300.0, point=300.0, high=300.0))
    whole = business_case((OPEN, rest), INPUTS, calls=1000, today_usd=2000.0)
    planned, part, _ = outcomes(whole, (), is_tested=True)
    alone = business_case((rest,), INPUTS, calls=1000, today_usd=2000.0)
    assert (part.kind, part.without, part.once) == (OutcomeKind.PART, "Chat", alone.one_off)
    assert (part.net, part.saved, part.payback) == (alone.net(12), alone.saved, alone.payback)
    assert part.net.point == pytest.approx(part.bills.point + part.avoided_usd - part.once_usd)
    swing = next(each for each in whole.swings if each.assumption is Assumption.LARGEST_MOVE)
    assert part.net.point == pytest.approx(swing.usd[1])
    assert planned.use_cases == 2
    rows = outcome_rows(replace(whole, outcomes=(planned, part)), ["Larch"])
    assert rows[1]["Test result"] == "The same without Chat"


def test_bills_that_rise_have_their_sign_before_the_dollar() -> None:
    lost = Money(low=-7000.0, point=-7000.0, high=-7000.0)
    worse = Outcome(kind=OutcomeKind.PLAN, once={CostItem.TEST: 800.0}, saved=lost, bills=lost, net=lost.plus(-800.0))
    (row,) = outcome_rows(replace(case(), outcomes=(worse,)), ["Larch"])
    assert row["Bills saved in 12 months"] == "-$7,000"


def test_months_add_up_as_they_are_read() -> None:
    """Each of the first months is the one before with what is shown as saved in it."""
    made = case()
    nets = [dollars(-made.one_off_usd), *(net_words(made, number) for number in range(1, ADDED + 1))]
    assert net_words(made, 12) == dollars(made.net(12).point)
    for month, before, after in zip(made.months, nets, nets[1:], strict=False):
        shown = [dollars(usd) for usd in (month.saved.point - month.avoided_usd, month.avoided_usd)]
        assert read(before) + sum(map(read, shown)) == read(after)


def read(usd: str) -> float:
    return float(usd.replace("$", "").replace(",", ""))
