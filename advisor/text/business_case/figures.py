"""The numbers that matter on page one."""

from advisor.text.advice.ending import counts_follower, follower, saved_in_all
from advisor.text.business_case.case import NET, SAVED, case_sentence, labeled, payback_month, payback_words, work_days
from advisor.text.names import bare_id, bare_name, short_name
from advisor.text.numbers import UNKNOWN, day, dollars, listing, percent, shorten
from advisor.text.results import NO_SPAN, share_of_traffic
from advisor.types import Recommendation
from advisor.types.business import Assumption, BusinessCase, CostItem, Moving
from advisor.types.dossier import Dossier


def money_figures(dossier: Dossier) -> list[dict[str, str]]:
    """Label, value and note of the four numbers that matter."""
    case = dossier.case
    if case.today_usd is None or case.plan_usd is None:
        return [{"label": "Bill today, a month", "value": UNKNOWN, "note": _why_no_bill(dossier.report.recommendation)}]
    today = dollars(case.today_usd)
    if not case.moving:
        note = f"the log is {share_of_traffic(dossier.report.log)}"
        return [{"label": "Bill today, a month", "value": today, "note": note}]
    share = percent(case.saved.point / case.today_usd) if case.today_usd else UNKNOWN
    is_given = case.inputs.one_off_usd is not None
    cases = dossier.report.recommendation.use_cases
    left = dict.fromkeys(short_name(each.leaves(case.replaced)) for each in cases if each.target)
    assumed = "assumed: " * case.inputs.is_work_assumed
    usd = case.one_off
    labels = f", labels {dollars(usd[CostItem.LABELS])}" if labeled(case) else ""
    back = f"{listing([*left])} as a fallback {dollars(usd.get(CostItem.FALLBACK, 0.0))}"
    work = f"{assumed}{round(work_days(case), 1):g} days{labels}, {back}"
    paid = "as the scenario sets it" if is_given else work
    test, *closed = (dossier.ask.values.get(name) for name in ("test", "tried", "beside"))
    tests = sum(each["work"]["usd"] for each in (test, *closed) if each) if test else 0.0
    if tests:
        paid += f"; {dollars(tests)} for the test{'s' * any(closed)}"
    return [
        _saved(dossier, f"{share} of {today}"),
        {"label": NET.format(12), "value": dollars(case.net(12).point), "note": _range_note(dossier)},
        {"label": "One-off cost", "value": dollars(case.one_off_usd), "note": paid},
        {
            "label": "Payback",
            "value": f"month {case.payback}" if case.payback else UNKNOWN,
            "note": f"{payback_month(case) or payback_words(case)}{_payback_left(case)}",
        },
    ]


def figures_title(dossier: Dossier) -> str:
    """What the four numbers rest on, where another model is tested first."""
    values = dossier.ask.values
    if not values.get("test") or not values.get("tried"):
        return ""
    names = [bare_name(model) for model in values["models"]]
    passes = "pass" if len(names) > 1 else "passes"
    return f"If {listing(names)} {passes} and {bare_id(values['tried']['model'])} doesn't"


def figures_heading(dossier: Dossier) -> str:
    """The same with what they are compared with, where that changes."""
    under, case = figures_title(dossier), dossier.case
    ending = case.ending
    if not ending or not ending.on or case.is_brief or case.overtaken_by or not counts_follower(case):
        return under
    cases = dossier.report.recommendation.use_cases
    today = listing([*dict.fromkeys(short_name(each.baseline_facts.model) for each in cases if each.target)])
    against = f"ompared with {today}, and from {day(ending.on)} with {follower(case)}; net: after the one-off cost"
    return f"{under}, c{against}" if under else f"C{against}"


def whole_case(dossier: Dossier) -> str:
    """The whole case in one line, with what it rests on."""
    return case_sentence(dossier.case, figures_title(dossier))


def _saved(dossier: Dossier, share: str) -> dict[str, str]:
    """The saving in numbers; one that all but ends with today's model is said to."""
    case = dossier.case
    value = dollars(case.saved.point)
    if brief := saved_in_all(case):
        return {"label": brief[0], "value": brief[1], "note": f"then {dollars(case.saved_later)} a month"}
    if case.overtaken_by and case.overtaken_by.on and case.saved_later is not None:
        then = f"{dollars(case.saved_later)} from {day(case.overtaken_by.on)}"
        return {"label": "Saved a month at first", "value": value, "note": f"{then}; {share}"}
    fewer = case.largest
    left = f"; {dollars(case.saved.point - fewer.saved.point)} {_without(fewer)}" if fewer else ""
    then = ""
    if case.ending and case.ending.on and case.saved_later is not None and dollars(case.saved_later) != value:
        then = f"; {dollars(case.saved_later)} from {day(case.ending.on)}"
    return {"label": SAVED, "value": value, "note": f"{share}{then}{left}"}


def _without(move: Moving) -> str:
    return f"without {shorten(move.use_case, 30)}"


def _why_no_bill(decision: Recommendation) -> str:
    if all(case.monthly_calls is None for case in decision.use_cases):
        return f"unknown: {NO_SPAN}"
    if all(case.monthly_baseline_usd is None for case in decision.use_cases):
        return "unknown: the baseline has no known cost"
    return "unknown: a model has no price"


def _range_note(dossier: Dossier) -> str:
    """How far the net of a year moves with the traffic, and what is left of it without the largest move."""
    known = {swing.assumption: swing for swing in dossier.case.swings}
    traffic, fewer, largest = known[Assumption.VOLUME], known.get(Assumption.LARGEST_MOVE), dossier.case.largest
    assert traffic.by
    low, high = sorted(traffic.usd)
    left = f"; {dollars(fewer.usd[1])} {_without(largest)}" if fewer and largest else ""
    new = any(flow.before.name != flow.after.name for flow in dossier.data_flows if not flow.after.is_own)
    apart = "; host contract not counted" * new
    avoided = f"; {dollars(dossier.case.avoided_usd)} is avoided work"
    apart = f"{avoided * bool(dossier.case.avoided_usd)}{apart}"
    turned = f"{dollars(low)} to {dollars(high)} with traffic and fallback ±{percent(traffic.by[1])}"
    return f"{turned}{left}{apart}"


def _payback_left(case: BusinessCase) -> str:
    """When it pays back without the largest move."""
    fewer = next((each for each in case.swings if each.assumption is Assumption.LARGEST_MOVE), None)
    if not fewer or not case.payback or not (largest := case.largest):
        return ""
    if fewer.payback == case.payback:
        return f", also {_without(largest)}"
    when = f"month {fewer.payback}" if fewer.payback else f"not within {len(case.months)} months"
    return f"; {when} {_without(largest)}"
