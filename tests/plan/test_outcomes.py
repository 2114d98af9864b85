"""What each result of the tests comes to: by hand, as its row reads, and where there is none."""

from dataclasses import replace

import pytest

from advisor.analysis.money.business_case import business_case
from advisor.analysis.money.cost import DAYS_A_MONTH
from advisor.analysis.money.outcomes import outcomes
from advisor.text.business_case.outcomes import outcome_rows, outcomes_note
from advisor.types import Money
from advisor.types.business import BusinessCase, CostItem, Ending, Moving, Outcome, OutcomeKind
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
INPUTS = CaseInputs(tested_first="openai/small", measured={CaseInput.EVALUATION_USD: 20.0})


def case(inputs: CaseInputs = INPUTS) -> BusinessCase:
    return business_case((OPEN,), inputs, calls=1000, today_usd=2000.0)


def test_each_result_is_worked_out_by_hand() -> None:
    """Of 12 months: 3 less what 21 days of the ramp leave out, at 900 or 600, and 9 at 500 more."""
    cheaper, planned, neither = outcomes(case(), (CLOSED, replace(CLOSED, use_case="Mail")), is_tested=True)
    assert [each.kind for each in (cheaper, planned, neither)] == [*OutcomeKind]
    left_out = (7 + 0.95 * 7 + 0.75 * 7) / DAYS_A_MONTH
    assert cheaper.bills.point == pytest.approx(2 * (900 * (3 - left_out) + 1400 * 9))
    assert planned.bills.point == pytest.approx(600 * (3 - left_out) + 1100 * 9)
    assert (cheaper.avoided_usd, planned.avoided_usd, neither.avoided_usd) == (2000.0, 1000.0, 0.0)
    once = {item: usd for item, usd in cheaper.once.items() if usd}
    assert once.pop(CostItem.SHADOW) == pytest.approx(2 * 100 * 0.05 * 7 / DAYS_A_MONTH)
    assert once.pop(CostItem.FALLBACK) == pytest.approx(2 * 1000 * 0.1 * 30 / DAYS_A_MONTH)
    assert once == {CostItem.ENGINEERING: 2000.0, CostItem.TEST_CHEAPER: 800.0, CostItem.EVALUATION: 20.0}
    assert planned.once == case().one_off
    assert neither.once_usd == 800 + 800 + 400 + 800 + 20 == -neither.net.point
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
        ((CLOSED,), True, ["Larch"], ["small passes everywhere", "Only Larch passes", "Neither passes"]),
        ((CLOSED,), True, ["A", "B"], ["small passes everywhere", "Only A and B pass", "Nothing passes"]),
        ((CLOSED,), False, ["Larch"], ["small passes everywhere", "small fails"]),
        ((), True, ["Larch"], ["Larch passes", "Larch fails"]),
    ],
)
def test_rows_add_up_as_they_are_read(
    cheaper: tuple[Moving, ...], is_tested: bool, models: list[str], names: list[str]
) -> None:
    found: tuple[Outcome, ...] = outcomes(case(), cheaper, is_tested=is_tested)
    made = replace(case(), outcomes=found)
    rows = outcome_rows(made, models)
    assert [row["Test result"] for row in rows] == names
    row = rows[names.index(next(name for name in names if "Larch" in name or "A and B" in name or "fails" in name))]
    bills, avoided, once, net = (
        float(row[name].replace("$", "").replace(",", ""))
        for name in ("Bills saved in 12 months", "Work avoided", "Paid once", "Net over 12 months")
    )
    assert bills + avoided - once == net
    assert ("labels for its live calls aren't counted" in outcomes_note(made)) is bool(cheaper)
    assert outcomes_note(case()) == ""
