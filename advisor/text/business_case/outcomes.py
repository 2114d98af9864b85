"""What each result of the tests comes to in a year, in words."""

from collections.abc import Sequence

from advisor.text.advice.ending import follower, later_bill
from advisor.text.business_case.case import NET, item_name
from advisor.text.names import bare_id, bare_name
from advisor.text.numbers import UNKNOWN, day, dollars, listing, money_range, rounded_dollars
from advisor.types import Report
from advisor.types.business import BusinessCase, CostItem, Outcome, OutcomeKind
from advisor.types.scenarios import CaseInput

TITLE = "Totals by test result"
LARGE = 1_000
"""Dollars, from which on whole ones tell enough."""
SEEN = 1.0
"""Dollars: items below aren't listed."""


def outcome_rows(case: BusinessCase, models: Sequence[str]) -> list[dict[str, str]]:
    """Heading -> cell, one row each; ``models``: what the plan moves to."""
    return [_row(case, each, models) for each in case.outcomes]


def planned_models(report: Report) -> list[str]:
    """What the plan moves to."""
    moved = (decision.chosen for decision, move in report.moves if decision.chosen and move.phases)
    return list(dict.fromkeys(moved))


def other_outcomes(case: BusinessCase) -> str:
    """The best and the worst result, next to the plan's, in a line; empty: no model is tested first."""
    net = {each.kind: money_range(each.net) for each in case.outcomes}
    best, worst = net.get(OutcomeKind.CHEAPER), net.get(OutcomeKind.NEITHER)
    if not best or not worst:
        return ""
    first = bare_id(case.inputs.tested_first)
    return f"{NET.format(12)} if {first} passes everywhere: {best}; if all tests fail: {worst}."


def outcomes_note(case: BusinessCase) -> str:
    """What the rows are compared with, and what is paid for the model that is tested first; empty: no rows."""
    if not case.outcomes:
        return ""
    then, cheaper = later_bill(case), next((o for o in case.outcomes if o.kind is OutcomeKind.CHEAPER), None)
    work = case.inputs.work(case.inputs[CaseInput.SUCCESSOR_DAYS])["usd"]
    told = f"Compared with no tests: today's bill of {dollars(case.today_usd)} a month"
    if then and case.ending and case.ending.on:
        told += f", and from {day(case.ending.on)} {follower(case)} at {dollars(then[0])}"
        told += f" and {dollars(work)} of work a use case" * bool(work)
    if cheaper:
        paid = [
            f"{item_name(case, item)[0].lower()}{item_name(case, item)[1:]} {dollars(usd)}"
            for item, usd in cheaper.once.items()
            if usd >= SEEN
        ]
        told += f". If {bare_id(case.inputs.tested_first)} passes, paid once: {listing(paid, len(paid))}"
        told += "; labels for its live calls aren't counted" * (CostItem.LABELS in cheaper.once)
    return f"{told}."


def _row(case: BusinessCase, outcome: Outcome, models: Sequence[str]) -> dict[str, str]:
    ends = case.ending.on if case.ending else None
    saved = {} if case.is_brief else {"Saved a month": money_range(outcome.saved)}
    later = {f"From {day(ends)}": money_range(outcome.later or outcome.saved)} if ends else {}
    return {
        "Test result": _name(case, outcome.kind, [bare_name(model) for model in models]),
        **saved,
        **later,
        "Bills saved in 12 months": money_range(outcome.bills, _bills(outcome)),
        "Work avoided": dollars(outcome.avoided_usd),
        "Paid once": dollars(outcome.once_usd),
        NET.format(12): money_range(outcome.net),
        "Payback": f"month {outcome.payback}" if outcome.payback else UNKNOWN,
    }


def _bills(outcome: Outcome) -> str:
    """As a reader adds what is shown of the rest: $35,800 net, with $6,730 paid and $2,000 avoided, are $40,530."""
    if abs(outcome.bills.point) < LARGE:
        return dollars(outcome.bills.point)
    net, once, avoided = (
        rounded_dollars(usd) or 0.0 for usd in (outcome.net.point, outcome.once_usd, outcome.avoided_usd)
    )
    return f"${net + once - avoided:,.0f}"


def _name(case: BusinessCase, kind: OutcomeKind, models: Sequence[str]) -> str:
    first, is_several = bare_id(case.inputs.tested_first), len(models) > 1
    kinds = {each.kind for each in case.outcomes}
    if kind is OutcomeKind.CHEAPER:
        return f"{first} passes everywhere"
    if OutcomeKind.NEITHER not in kinds:
        return f"{first} fails"
    if kind is OutcomeKind.PLAN:
        only = "Only " * (OutcomeKind.CHEAPER in kinds)
        return f"{only}{listing(models)} {'pass' if is_several else 'passes'}"
    if OutcomeKind.CHEAPER not in kinds:
        return f"{listing(models)} {'fail' if is_several else 'fails'}"
    return "Nothing passes" if is_several else "Neither passes"
