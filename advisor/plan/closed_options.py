"""The closed models of today's provider as options, and which of them is tested before any move."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from advisor.analysis.money.cost import certain
from advisor.plan.moving import CaseFacts, successor_factor
from advisor.plan.succession import found_of, untested_on
from advisor.text.names import bare_id
from advisor.types import Report, Step, UseCaseDecision
from advisor.types.business import CaseOption, Moving, OptionCost
from advisor.types.scenarios import CaseInput

UNTESTED = (CaseOption.SUCCESSOR, CaseOption.SIBLING)
"""Options with a list price, which may be untested."""


def tested_first(report: Report, facts: CaseFacts, moving: Sequence[Moving]) -> str:
    """The model whose test comes before these moves, which the case pays for too; empty: none."""
    monthly = report.recommendation.bill.monthly
    if monthly is None or not moving:
        return ""
    plan_usd = monthly.baseline_usd - sum(one.saved.point for one in moving)
    found = cheaper_than(plan_usd, of_provider(report, facts, sibling_option(report, facts)))
    return found.model if found else ""


def tested_beside(report: Report, first: str) -> tuple[str, ...]:
    """What follows today's models and isn't measured wherever they serve; ``first``: what ``tested_first`` found."""
    steps = (step for step in report.plan.next_steps if step.code == Step.SUCCESSOR and untested_on(report, step))
    names = dict.fromkeys(step.values["successor"] for step in steps)
    return tuple(name for name in names if bare_id(name) != bare_id(first))


def in_tests(report: Report, first: str) -> list[UseCaseDecision]:
    """The use cases that the tests are on: all of them where ``first`` is tested."""
    steps = (step for step in report.plan.next_steps if step.code == Step.SUCCESSOR)
    asked = {name for step in steps for name in untested_on(report, step)}
    return [case for case in report.recommendation.use_cases if first or case.name in asked]


def unjudged(tested: Iterable[UseCaseDecision]) -> list[str]:
    """Those of these use cases that no trusted judge scores: no test decides them."""
    return [case.name for case in tested if case.shown and not case.shown.counts]


def cheaper_than(usd: float, options: Iterable[OptionCost]) -> OptionCost | None:
    """The first closed model that would cost less a month, and that was never tested; None: there is none."""
    known = (each for each in options if each.option in UNTESTED and not each.is_measured and each.monthly_usd)
    return next((each for each in known if each.monthly_usd and 0 < each.monthly_usd.high < usd), None)


def sibling_option(report: Report, facts: CaseFacts) -> OptionCost:
    """The provider's cheaper model, as far as it is known to cost less than today's."""
    monthly, cheaper = report.recommendation.bill.monthly, facts.cheaper
    if monthly is None or cheaper is None or cheaper.saved.high >= monthly.baseline_usd:
        return OptionCost(option=CaseOption.SIBLING)
    id_ = cheaper.model.plain_id
    return OptionCost(
        option=CaseOption.SIBLING,
        monthly_usd=cheaper.saved.taken_from(monthly.baseline_usd),
        model=id_,
        is_measured=any(found_of(report, each, id_) for each in report.recommendation.use_cases),
    )


def of_provider(report: Report, facts: CaseFacts, sibling: OptionCost) -> tuple[OptionCost, ...]:
    """What replaces today's models once they end, then the provider's cheaper model, where that is another one."""
    successor = successor_option(report, facts)
    if not successor.model or sibling.model != successor.model:
        return successor, sibling
    return (replace(sibling, option=CaseOption.SUCCESSOR) if sibling.is_measured else successor,)


def successor_option(report: Report, facts: CaseFacts) -> OptionCost:
    """Today's bill if the models that are switched off were replaced as their provider says.

    At list prices, or at the share of today's bill that was entered.
    """
    entered = facts.inputs.entered.get(CaseInput.SUCCESSOR_BILL)
    total, named = 0.0, ""
    for case in report.recommendation.use_cases:
        follower = facts.followers.get(case.baseline_facts.model)
        factor = 1.0 if follower is None else successor_factor(case, facts) if entered is None else entered
        named = named or (follower.successor if follower else "")
        if case.monthly_baseline_usd is None or factor is None:
            return OptionCost(option=CaseOption.SUCCESSOR, model=named)
        total += case.monthly_baseline_usd * factor
    followed = [case for case in report.recommendation.use_cases if case.baseline_facts.model in facts.followers]
    is_measured = bool(named) and all(found_of(report, case, named) for case in followed)
    is_known = bool(named) or (entered is not None and bool(facts.followers))
    usd = certain(total) if is_known else None
    return OptionCost(option=CaseOption.SUCCESSOR, monthly_usd=usd, model=named, is_measured=is_measured)
