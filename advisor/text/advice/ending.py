"""What the end of today's model makes of the saving: before it, after it, and against what follows."""

from datetime import timedelta

from advisor.text.names import ANOTHER, bare_id, short_name
from advisor.text.numbers import day, dollars, in_dollars, rounded_dollars
from advisor.types import Verdict
from advisor.types.business import BusinessCase, CaseOption
from advisor.types.scenarios import CaseInput, InputSource


def unpaid_note(case: BusinessCase) -> str:
    """Why moving doesn't pay back: what it saves before and after today's model ends, and what it costs."""
    once = f"{dollars(case.one_off_usd)} once"
    cost = f"about {once} (assumed)" if case.inputs.is_work_assumed else once
    return f"Moving would {saves_words(case, dollars(case.saved.point))}, and cost {cost}."


def roll_out_note(case: BusinessCase) -> str:
    """Why a saving that ends before it is whole is so small, in brackets; empty: it doesn't."""
    if not case.is_brief or case.start is None:
        return ""
    days = max(one.starts_in + sum(length for _, length in one.ramp) for one in case.moving)
    return f" (the roll-out reaches all traffic only on {day(case.start + timedelta(days=days))})"


def saves_words(case: BusinessCase, a_month: str) -> str:
    """What the moves save: so much a month at today's prices; of a month that never comes, what comes instead."""
    ending, later = case.ending, case.saved_later
    if ending is None or ending.on is None or later is None or not (last := last_words(case)):
        return f"save {a_month} a month"
    then = f"lose {dollars(-later)}" if later < 0 else dollars(later)
    if case.is_brief:
        return f"save {dollars(case.saved_before_usd)} in all before {day(ending.on)}, then {then} a month"
    return f"save {a_month} a month{last}, then {then} a month"


def last_words(case: BusinessCase) -> str:
    """Until when a month's saving at today's prices holds; empty: no end changes that it pays."""
    if case.ending is None or case.ending.on is None or not (case.is_brief or case.overtaken_by):
        return ""
    return f" until {day(case.ending.on)}"


def saved_in_all(case: BusinessCase) -> tuple[str, str] | None:
    """Label and value of what is saved where a month at full roll-out never comes."""
    if not case.is_brief or case.ending is None:
        return None
    return f"Saved in all before {day(case.ending.on)}", dollars(case.saved_before_usd)


def later_note(case: BusinessCase) -> str:
    """What the moves save once today's model is gone; empty where its end isn't known."""
    if case.ending is None or case.ending.on is None or case.saved_later is None:
        return ""
    if not counts_follower(case):
        named = bare_id(case.ending.successor) or ANOTHER
        why = "isn't good enough" if case.ending.verdict is Verdict.KEEP else "has no known price"
        return f"Today's model retires on {day(case.ending.on)}, and {named} {why}: we count today's bill."
    source = case.inputs.source(CaseInput.SUCCESSOR_BILL)
    price = "at the price you entered" if source is InputSource.ENTERED else "at list price"
    later = (
        f"saves {dollars(case.saved_later)}" if case.saved_later >= 0 else f"costs {dollars(-case.saved_later)} more"
    )
    return (
        f"From {day(case.ending.on)}, {follower(case)} replaces today's model {price}: then the move {later} a month."
    )


def retirement_note(case: BusinessCase) -> str:
    """The same, with what the months count and what they don't."""
    if not (told := later_note(case)) or not counts_follower(case):
        return told
    name = follower(case)
    avoided = f" Moving before then also saves {dollars(case.avoided_usd)} of work to adopt {name}."
    avoided *= bool(case.avoided_usd)
    moved = sum(one.today_usd for one in case.moving)
    others = f" Moving the rest to {name} is due either way, so it isn't counted."
    avoided += others * ((case.today_usd or 0.0) > 1.001 * moved)
    return f"{told}{avoided}"


def counts_follower(case: BusinessCase) -> bool:
    """Whether the moves are compared with what replaces today's model, and not with today's bill to the end."""
    is_priced = case.inputs.source(CaseInput.SUCCESSOR_BILL) is not InputSource.ASSUMED
    return is_priced and case.ending is not None and case.ending.verdict is not Verdict.KEEP


def follower(case: BusinessCase) -> str:
    """What replaces today's model."""
    ending = case.ending
    named = bare_id(short_name(ending.successor)) if ending and ending.verdict is not Verdict.KEEP else ""
    return named or ANOTHER


def later_bill(case: BusinessCase) -> tuple[float, float] | None:
    """The bill a month with the provider's successor, and what the plan saves of it; None: not known."""
    successor = next((each for each in case.options if each.option is CaseOption.SUCCESSOR), None)
    if successor is None or successor.monthly_usd is None or not case.saved_later:
        return None
    return successor.monthly_usd.point, case.saved_later


def rise_words(case: BusinessCase) -> str:
    """What the end of today's model adds to the bill after the moves, as a reader subtracts what is shown of both."""
    bill = later_bill(case)
    if bill is None or case.today_usd is None:
        return ""
    then, now = (
        (rounded_dollars(usd) or 0.0) - (rounded_dollars(saved) or 0.0)
        for usd, saved in (bill, (case.today_usd, case.saved.point))
    )
    if then == now:
        return "as much as today"
    return f"{in_dollars(abs(then - now))} a month {'more' if then > now else 'less'} than today"
