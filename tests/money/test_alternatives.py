"""The ways to pay less beside the plan."""

from dataclasses import replace

from advisor.money.alternatives import bridge
from advisor.types import Money, OptionKind, Verdict
from tests.nested import changed
from tests.report.made_report import SOLAR, large_report


def test_a_sibling_that_is_registered_twice_saves_once() -> None:
    report = large_report()
    solar = next(model for model in report.models if model.name == SOLAR)
    case = report.recommendation.use_cases[0]
    saved = Money(low=80.0, point=100.0, high=120.0)
    tested = changed(case.candidates[0], verdict=Verdict.SWITCH, savings_usd=saved)
    twin = changed(tested, model="Twin", savings_usd=Money(low=70.0, point=90.0, high=110.0))
    twice = replace(
        report,
        models=(*report.models, replace(solar, name="Twin")),
        recommendation=replace(report.recommendation, use_cases=(replace(case, candidates=(twin, tested)),)),
    )
    found = bridge(Money(low=1e3, point=1e3, high=1e3), None, (), solar, twice)
    assert found is not None
    (way,) = (way for way in found.ways if way.kind is OptionKind.SIBLING)
    assert way.saved == saved
