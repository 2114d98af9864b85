"""The business case in words: what it costs once, when that is saved, what it hangs on, and what else could be done."""

from datetime import date

from advisor.text.messages import upper
from advisor.text.names import bare_id
from advisor.text.numbers import (
    UNKNOWN,
    count,
    dollars,
    listing,
    money_range,
    percent,
    pts,
    shorten,
)
from advisor.types.business import Assumption, BusinessCase, CaseOption, CostItem, Moving, Swing
from advisor.types.scenarios import BEFORE, CHANGES, CaseInput, InputSource

LABELS: dict[CaseInput, str] = {
    CaseInput.DAY_USD: "Engineer day ($)",
    CaseInput.PROMPT: "Prompt (days)",
    CaseInput.PARAMETERS: "Parameters (days)",
    CaseInput.TOOLS: "Tools (days)",
    CaseInput.SCHEMA: "Output schema (days)",
    CaseInput.CALLING_CODE: "Calling code (days)",
    CaseInput.JUDGE_DAYS: "Add a judge (days)",
    CaseInput.HOST_DAYS: "Choose a host (days)",
    CaseInput.TEST_DAYS: "Test of a real model (days)",
    CaseInput.REVIEW_DAYS: "Human review (days)",
    CaseInput.APPROVAL_DAYS: "Legal and security (days)",
    CaseInput.LABEL_SECONDS: "Label a live call (seconds)",
    CaseInput.EVALUATION_USD: "Evaluation ($)",
    CaseInput.TRAINING_USD: "Training ($)",
    CaseInput.FALLBACK_DAYS: "Keep the old model for (days)",
    CaseInput.FALLBACK_SHARE: "Old model's calls in the fallback (%)",
    CaseInput.HAIRCUT: "Haircut on savings (%)",
    CaseInput.GROWTH: "Traffic growth a month (%)",
    CaseInput.PRICE_CHANGE: "Price change of today's model a year (%)",
    CaseInput.SUCCESSOR_BILL: "Successor's bill of what moves (% of today's)",
    CaseInput.SUCCESSOR_DAYS: "Move to the successor (days)",
    CaseInput.CALLS_A_UNIT: "Calls per ticket, document or other unit",
}
HELP: dict[CaseInput, str] = {
    CaseInput.TOOLS: "For use cases that call tools.",
    CaseInput.SCHEMA: "For use cases with structured or fixed answers.",
    CaseInput.JUDGE_DAYS: "Where a use case to be tested has none that works.",
    CaseInput.HOST_DAYS: "Where the new model has none yet.",
    CaseInput.TEST_DAYS: "Where the answers so far are pre-recorded.",
    CaseInput.REVIEW_DAYS: "Where the judge still has to be checked by people.",
    CaseInput.LABEL_SECONDS: "Where both models answer differently and no reference answer comes by itself.",
    CaseInput.EVALUATION_USD: "Model and judge calls of this study.",
    CaseInput.FALLBACK_DAYS: "How long the old model stays in use after the last step.",
    CaseInput.FALLBACK_SHARE: "Answered by the old model to keep it warm. The shadow's share is the plan's.",
    CaseInput.HAIRCUT: "Taken off every saving as a precaution.",
    CaseInput.SUCCESSOR_DAYS: "Saved where a use case moves before today's model is switched off.",
    CaseInput.SUCCESSOR_BILL: "What the calls cost with the provider's successor once today's model is switched off.",
    CaseInput.CALLS_A_UNIT: "How many calls one ticket, document or conversation takes.",
}
PERCENTAGES = frozenset(
    (
        CaseInput.FALLBACK_SHARE,
        CaseInput.HAIRCUT,
        CaseInput.GROWTH,
        CaseInput.PRICE_CHANGE,
        CaseInput.SUCCESSOR_BILL,
    )
)
"""Inputs that a person reads and enters as percentages."""
SOURCES = {
    InputSource.ASSUMED: "assumed",
    InputSource.MEASURED: "measured in this study",
    InputSource.LISTED: "list price",
    InputSource.ENTERED: "entered",
}
ITEMS = {
    CostItem.ENGINEERING: "Engineering",
    CostItem.TEST_CHEAPER: "Test of {models}",
    CostItem.JUDGE: "Add a judge",
    CostItem.HOST: "Choose a host",
    CostItem.TEST: "Test of a real model",
    CostItem.REVIEW: "Human review",
    CostItem.APPROVAL: "Legal and security",
    CostItem.LABELS: "Labels for live calls",
    CostItem.EVALUATION: "Evaluation",
    CostItem.TRAINING: "Training",
    CostItem.SHADOW: "Shadow traffic",
    CostItem.FALLBACK: "Fallback on the old model",
    CostItem.GIVEN: "As the scenario sets it",
}
ASSUMPTIONS = {
    Assumption.SAVING: "Measured saving",
    Assumption.VOLUME: "Traffic",
    Assumption.NEW_PRICE: "Price of the new model",
    Assumption.OLD_PRICE: "Price of today's model",
    Assumption.OUTPUT_LENGTH: "Length of the new answers",
    Assumption.CACHE_SHARE: "Cached share of prompt tokens",
    Assumption.UTILIZATION: "Utilization of your server",
    Assumption.SUCCESSOR_PRICE: "Price of the successor",
    Assumption.LARGEST_MOVE: "The use case that saves most",
    Assumption.ENGINEERING: "All work, paid and avoided",
    Assumption.ROLL_OUT: "Length of the roll-out",
}
OPTIONS = {
    CaseOption.NOTHING: "Do nothing",
    CaseOption.SUCCESSOR: "The provider's successor",
    CaseOption.PLAN: "Move what can move",
    CaseOption.SIBLING: "Cheaper model, same provider",
    CaseOption.PROMPT_CACHING: "Prompt caching",
    CaseOption.RESPONSE_CACHE: "Response cache",
    CaseOption.BATCH: "Batch API",
    CaseOption.OTHER_HOST: "The same open models at the cheapest host",
    CaseOption.ROUTE: "Route each call to the cheapest model that will do",
    CaseOption.SELF_HOST: "Self-host",
    CaseOption.NO_LLM: "No LLM for simple calls",
}


SAME_ANSWERS = (CaseOption.PROMPT_CACHING, CaseOption.RESPONSE_CACHE, CaseOption.BATCH)


NET = "Net over {} months"
"""What twelve or more months bring: saved while traffic moves over, less what is paid once ..."""
SAVED = "Saved a month at full roll-out"
"""... and what a month saves at today's prices once all of it has moved."""

NOT_COUNTED = "Running one more provider (contract, monitoring) isn't counted."


def case_sentence(case: BusinessCase, under: str = "") -> str:
    """The whole case in one line; ``under``: what it rests on."""
    if not case.moving:
        return "Nothing moves yet, so there is nothing to pay or to save."
    nets = ", ".join(f"{money_range(case.net(months))} over {months} months" for months in (12, 36))
    told = f"{payback_sentence(case)} Net {nets}."
    return f"{upper(under)}: {told[0].lower()}{told[1:]}" if under else told


def assumption_name(case: BusinessCase, assumption: Assumption) -> str:
    """What may be off; the use case that saves most by its name."""
    if assumption is Assumption.LARGEST_MOVE and case.largest:
        return f"{shorten(case.largest.use_case, 40)}, which saves most"
    return ASSUMPTIONS[assumption]


def item_name(case: BusinessCase, item: CostItem) -> str:
    """What is paid once."""
    models = [bare_id(each) for each in case.inputs.first_tests]
    return ITEMS[item].format(models=listing(models) if models else "")


def case_figures(case: BusinessCase) -> dict[str, str]:
    """Label -> value of what matters most."""
    return {
        "One-off cost": dollars(case.one_off_usd),
        "Payback": payback_words(case) if case.payback else UNKNOWN,
        NET.format(12): money_range(case.net(12)),
        NET.format(36): money_range(case.net(36)),
    }


def payback_sentence(case: BusinessCase) -> str:
    """When all that is paid once has come back."""
    if not case.one_off_usd:
        return "Costs nothing to start."
    return f"Pays back in {payback_words(case)}." if case.payback else f"D{payback_words(case)[1:]}."


def payback_words(case: BusinessCase) -> str:
    """The month that pays the rest of what was paid once, with its name: "month 2 (Jan 2027)"."""
    if case.payback is None:
        return f"doesn't pay back within {len(case.months)} months"
    named = payback_month(case)
    return f"month {case.payback} ({named})" if named else f"month {case.payback}"


def payback_month(case: BusinessCase) -> str:
    """In the calendar: "Jan 2027"; empty where nothing is paid back."""
    if case.payback is None or case.start is None:
        return ""
    months = case.start.month - 1 + case.payback
    return f"{date(case.start.year + months // 12, months % 12 + 1, 1):%b %Y}"


def effort_words(case: BusinessCase) -> str:
    """How the engineering cost comes about; empty where nothing moves."""
    if not case.moving:
        return ""
    days = sum(case.inputs[change] for one in case.moving for change in one.changes)
    named = [_CHANGED[change] for change in CHANGES if _changes(case, change)]
    if case.inputs.one_off_usd is not None:
        return "The one-off cost is set by the scenario."
    return (
        f"{round(work_days(case), 1):g} days of work, {days:g} of them engineering for "
        f"{count(len(case.moving), 'use case')}{f': {listing(named, 5)}' if named else ''}"
        f"{'; labels come on top' * labeled(case)}"
    )


def work_days(case: BusinessCase) -> float:
    """Before and for the moves, without the labels of live calls."""
    first = case.inputs.test_work["days"] * len(case.inputs.first_tests) * (CostItem.TEST_CHEAPER in case.one_off)
    return first + sum(case.inputs[key] for key in (*BEFORE, *(key for one in case.moving for key in one.changes)))


def labeled(case: BusinessCase) -> bool:
    """Whether people label live calls."""
    return case.one_off.get(CostItem.LABELS, 0.0) > 0


def changes_words(one: Moving) -> str:
    """What a move changes: "the model, prompt, parameters and calling code"."""
    return listing(["the model", *(_CHANGED[change] for change in CHANGES if change in one.changes)], len(CHANGES) + 1)


_CHANGED = {change: LABELS[change].partition(" (")[0].lower() for change in CHANGES}


def _changes(case: BusinessCase, change: CaseInput) -> bool:
    return any(change in one.changes for one in case.moving) and case.inputs[change] > 0


def input_value(case: BusinessCase, key: CaseInput) -> str:
    """An input as it is entered, its unit being in its label."""
    return f"{case.inputs[key] * (100 if key in PERCENTAGES else 1):,.4g}"


def swing_words(swing: Swing) -> tuple[str, str]:
    """What each end of a swing assumes."""
    if swing.assumption is Assumption.SUCCESSOR_PRICE:
        return "as listed", "as today's"
    if swing.assumption is Assumption.LARGEST_MOVE:
        return "moves", "doesn't move"
    if swing.by is None:
        return "low end", "high end"
    if swing.assumption is Assumption.CACHE_SHARE:
        low, high = swing.by
        return pts(low) if low else "as logged", f"+{pts(high)}" if high else "as logged"
    return _off(swing.by[0]), _off(swing.by[1])


def _off(by: float) -> str:
    return f"{'+' if by > 0 else '−'}{percent(abs(by))}" if by else "as planned"


def swings_title(case: BusinessCase) -> str:
    """How far the net of a year goes when any one assumption is off."""
    if not case.swings:
        return "No assumption matters yet"
    ends = [usd for swing in case.swings for usd in swing.usd]
    return f"Net over 12 months: {dollars(min(ends))} to {dollars(max(ends))}, with one assumption off"
