"""What each result of the tests comes to in a year, in words."""

from collections.abc import Sequence

from advisor.text.advice.ending import follower, later_bill
from advisor.text.business_case.case import NET, item_name
from advisor.text.business_case.months import LARGE
from advisor.text.names import bare_id, bare_name
from advisor.text.numbers import (
    UNKNOWN,
    all_of,
    day,
    dollars,
    in_dollars,
    less,
    listing,
    money_range,
    rounded_dollars,
    shorten,
)
from advisor.types import Money, Report
from advisor.types.business import DAYS_A_MONTH, BusinessCase, Outcome, OutcomeKind
from advisor.types.scenarios import CaseInput

TITLE = "Totals by test result"
SEEN = 1.0
"""Dollars: items below aren't listed."""


def outcome_rows(case: BusinessCase, models: Sequence[str]) -> list[dict[str, str]]:
    """Heading -> cell, one row each; ``models``: what the plan moves to."""
    return [_row(case, each, models) for each in case.outcomes]


def planned_models(report: Report) -> list[str]:
    """What the plan moves to."""
    moved = (decision.chosen for decision, move in report.moves if decision.chosen and move.phases)
    return list(dict.fromkeys(moved))


def other_outcomes(case: BusinessCase, models: Sequence[str]) -> str:
    """The best and the worst result, next to the plan's, in a line; empty: no model is tested first."""
    net = {each.kind: money_range(each.net) for each in case.outcomes}
    best, worst = net.get(OutcomeKind.CHEAPER), net.get(OutcomeKind.NEITHER)
    if not best or not worst:
        return ""
    first, beside = bare_id(case.inputs.tested_first), case.inputs.tested_beside
    cheaper = next(each for each in case.outcomes if each.kind is OutcomeKind.CHEAPER)
    passes = f"{first} passes on {all_of(cheaper.use_cases)}"
    fails = f"only {listing(beside)} passes" if beside else "nothing passes"
    return f"{NET.format(12)} if {passes}: {best}; if {fails}: {worst}.{partly_words(case, models)}"


def partly_words(case: BusinessCase, models: Sequence[str]) -> str:
    """What moves where if the model that is tested first passes on a part, which has no row; empty: it can't."""
    cheaper = next((each for each in case.outcomes if each.kind is OutcomeKind.CHEAPER), None)
    if cheaper is None or cheaper.use_cases == 1:
        return ""
    named, left = listing([bare_name(model) for model in models]), f"to {follower(case)}" if case.ending else "stays"
    return (
        f" If {bare_id(case.inputs.tested_first)} passes on some only, those move to it, the rest to {named} where "
        f"{'it passes' if len(models) == 1 else 'they pass'}; what's left {'moves ' * bool(case.ending)}{left}."
    )


def outcomes_note(case: BusinessCase, models: Sequence[str]) -> str:
    """What the rows are compared with, and what is paid for the model that is tested first; empty: no rows."""
    if not case.outcomes:
        return ""
    then, cheaper = later_bill(case), next((o for o in case.outcomes if o.kind is OutcomeKind.CHEAPER), None)
    work = case.inputs.work(case.inputs[CaseInput.SUCCESSOR_DAYS])["usd"]
    told = f"Compared with no tests: today's bill of {dollars(case.today_usd)} a month"
    if then and case.ending and case.ending.on:
        told += f", and from {day(case.ending.on)} {follower(case)} at {dollars(then[0])}"
        told += f" and {dollars(work)} of work a use case" * bool(work)
    told += _rates(case)
    if cheaper:
        days = case.inputs[CaseInput.SUCCESSOR_DAYS]
        paid = [
            f"{item_name(case, item)[0].lower()}{item_name(case, item)[1:]} {dollars(usd)}"
            for item, usd in cheaper.once.items()
            if usd >= SEEN
        ]
        paid[0] += f" ({days:g} day{'s' * (days != 1)} a use case, since the provider stays)" * bool(work)
        told += f". If {bare_id(case.inputs.tested_first)} passes, paid once: {listing(paid, len(paid))}"
    return f"{told}.{partly_words(case, models)}"


def plan_words(case: BusinessCase, models: Sequence[str]) -> str:
    """What the plan's own figures rest on; empty: no model is tested first."""
    if OutcomeKind.CHEAPER not in (each.kind for each in case.outcomes):
        return ""
    plan = next(each for each in case.outcomes if each.kind is OutcomeKind.PLAN)
    return f"if {_name(case, plan, [bare_name(model) for model in models])}"


def _rates(case: BusinessCase) -> str:
    """How many months at full roll-out a year saves; empty: what a month saves changes, or not for all at once."""
    rates = {(one.starts_in, one.ramp, one.ending and one.ending.in_days) for one in case.moving}
    changes = (CaseInput.GROWTH, CaseInput.PRICE_CHANGE, CaseInput.HAIRCUT)
    later = case.saved_later
    if len(rates) > 1 or not later or case.is_brief or any(case.inputs[each] for each in changes):
        return ""
    plan = next(each for each in case.outcomes if each.kind is OutcomeKind.PLAN)
    before, after = case.saved_before_usd / case.saved.point, (plan.bills.point - case.saved_before_usd) / later
    return (
        f". Calls move in steps, so 12 months save {before:.2f} months at the first rate and {after:.2f} at the second"
    )


def cash_words(case: BusinessCase, report: Report) -> str:
    """All that is paid in a year, with the plan and without; empty: bills change otherwise than by one switch-off."""
    then, ending = later_bill(case), case.ending
    models = {each.baseline_facts.model for each in report.recommendation.use_cases}
    changes = (CaseInput.GROWTH, CaseInput.PRICE_CHANGE)
    if not (then and ending and case.today_usd) or len(models) > 1 or any(case.inputs[each] for each in changes):
        return ""
    days = min(ending.in_days / DAYS_A_MONTH, 12)
    bills = rounded_dollars(case.today_usd * days + then[0] * (12 - days)) or 0.0
    net, once, avoided = (
        rounded_dollars(usd) or 0.0 for usd in (case.net(12).point, case.one_off_usd, case.avoided_usd)
    )
    work = len(report.recommendation.use_cases) * case.inputs.work(case.inputs[CaseInput.SUCCESSOR_DAYS])["usd"]
    paid = f"{dollars(once)} once, {in_dollars(bills - net - once + avoided)} of bills{_adopting(case, work - avoided)}"
    return f"Paid in 12 months: {paid}. Without a move: {dollars(bills)} of bills{_adopting(case, work)}."


def _adopting(case: BusinessCase, usd: float) -> str:
    return f" and {dollars(usd)} of work to adopt {follower(case)}" if usd > 0 else ""


def _row(case: BusinessCase, outcome: Outcome, models: Sequence[str]) -> dict[str, str]:
    ends = case.ending.on if case.ending else None
    bill, then = case.today_usd, later_bill(case)
    saved = {} if case.is_brief else {"Saved a month": _saved(bill, outcome, outcome.saved)}
    is_due = any(each.adopting_usd for each in case.outcomes)
    later = {f"From {day(ends)}": _saved(then and then[0], outcome, outcome.later or outcome.saved)} if ends else {}
    return {
        "Test result": _name(case, outcome, [bare_name(model) for model in models]),
        **saved,
        **later,
        "Bills saved in 12 months": _bills(outcome),
        "Work avoided": dollars(outcome.avoided_usd),
        "Paid once": dollars(outcome.once_usd),
        **({f"With work for {follower(case)}": _total(outcome)} if is_due else {}),
        NET.format(12): money_range(outcome.net),
        "Payback": f"month {outcome.payback}" if outcome.payback else UNKNOWN,
    }


def _total(outcome: Outcome) -> str:
    """All work, as a reader adds what is shown of it."""
    return in_dollars(sum(rounded_dollars(usd) or 0.0 for usd in (outcome.once_usd, outcome.adopting_usd)))


def _saved(bill: float | None, outcome: Outcome, usd: Money) -> str:
    """As a reader takes what the model costs that is tested first off a bill: $11,300 less $450 is $10,850."""
    if bill is None or outcome.kind is not OutcomeKind.CHEAPER or money_range(usd) == dollars(usd.point):
        return money_range(usd)
    return f"{less(bill, bill - usd.low)} to {less(bill, bill - usd.high)}"


def _bills(outcome: Outcome) -> str:
    """As a reader adds what is shown of the rest: $35,800 net, with $6,730 paid and $2,000 avoided, are $40,530."""
    once, avoided = (rounded_dollars(usd) or 0.0 for usd in (outcome.once_usd, outcome.avoided_usd))

    def added(bills: float, net: float) -> str:
        return dollars(bills) if abs(bills) < LARGE else in_dollars((rounded_dollars(net) or 0.0) + once - avoided)

    bills, net = outcome.bills, outcome.net
    if money_range(net) == dollars(net.point):
        return added(bills.point, net.point)
    return f"{added(bills.low, net.low)} to {added(bills.high, net.high)}"


def _name(case: BusinessCase, outcome: Outcome, models: Sequence[str]) -> str:
    first, is_several, kind = bare_id(case.inputs.tested_first), len(models) > 1, outcome.kind
    kinds = {each.kind for each in case.outcomes}
    if kind is OutcomeKind.CHEAPER:
        return f"{first} passes on {all_of(outcome.use_cases)}"
    if kind is OutcomeKind.PART:
        return f"The same without {shorten(outcome.without, 40)}"
    if OutcomeKind.NEITHER not in kinds:
        return f"{first} doesn't pass"
    if kind is OutcomeKind.PLAN:
        fails = f", not {first}" * (OutcomeKind.CHEAPER in kinds)
        return f"{listing(models)} {'pass' if is_several else 'passes'}{fails}"
    if OutcomeKind.CHEAPER not in kinds:
        return f"{listing(models)} {'do' if is_several else 'does'}n't pass"
    if case.inputs.tested_beside:
        return f"{listing(case.inputs.tested_beside)} only"
    return "Nothing passes" if is_several else "Neither passes"
