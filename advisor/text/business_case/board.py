"""Page one of a report in words: what to approve, why now, what can go wrong, how sure it is, what else there is."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from advisor.text.business_case.ask import use_cases_words
from advisor.text.business_case.case import NET, SAVED, payback_month, payback_words, plan_later, work_days
from advisor.text.business_case.options import bill_words, option_name, option_quality
from advisor.text.messages import Words, worded
from advisor.text.names import OUTCOMES, SYMBOLS, outcome, short_name
from advisor.text.numbers import (
    UNKNOWN,
    before_after,
    count,
    day,
    day_of,
    dollars,
    listing,
    percent,
)
from advisor.text.results import NO_SPAN, share_of_traffic
from advisor.types import Move, Recommendation, Stint, UseCaseDecision, Verdict
from advisor.types.business import Assumption, CaseOption, OptionCost
from advisor.types.dossier import Confidence, Dossier, Doubt, Texts
from advisor.types.reports import Task
from advisor.types.scenarios import CaseInput

CONFIDENCE = {Confidence.HIGH: "High", Confidence.MEDIUM: "Medium", Confidence.LOW: "Low"}
MOST_OPTIONS = 5
WIDE = 1.5
"""A range with ends this far apart is explained."""
SAMPLE = (
    "Sample data: the candidate's answers are pre-recorded. They show how a decision reads, not what a model can do."
)
"""On every file made of the sample study."""


def money_figures(dossier: Dossier) -> list[dict[str, str]]:
    """Label, value and note of the four numbers that matter."""
    case = dossier.case
    if case.today_usd is None or case.plan_usd is None:
        return [{"label": "Bill today, a month", "value": UNKNOWN, "note": _why_no_bill(dossier.report.recommendation)}]
    today, _ = before_after(case.today_usd, case.plan_usd)
    if not case.moving:
        note = f"the log is {share_of_traffic(dossier.report.log)}"
        return [{"label": "Bill today, a month", "value": today, "note": note}]
    share = percent(case.saved.point / case.today_usd) if case.today_usd else UNKNOWN
    is_given = case.inputs.one_off_usd is not None
    paid = "as the scenario sets it" if is_given else f"{work_days(case):g} days of work and fallback"
    return [
        _saved(dossier, f"{share} of {today}"),
        {"label": NET.format(12), "value": dollars(case.net(12).point), "note": _range_note(dossier)},
        {"label": "One-off cost", "value": dollars(case.one_off_usd), "note": paid},
        {
            "label": "Payback",
            "value": f"month {case.payback}" if case.payback else UNKNOWN,
            "note": payback_month(case) or payback_words(case),
        },
    ]


def _saved(dossier: Dossier, share: str) -> dict[str, str]:
    """The saving in numbers; one that all but ends with today's model is said to."""
    case = dossier.case
    value = dollars(case.saved.point)
    if case.overtaken_by and case.overtaken_by.on and case.saved_later is not None:
        later = dollars(max(case.saved_later, 0.0))
        then = f"{later} from {day_of(case.overtaken_by.on.isoformat())}"
        return {"label": "Saved a month at first", "value": value, "note": f"{then}; {share}"}
    return {"label": SAVED, "value": value, "note": f"{share}{_by_traffic(dossier)}"}


def _why_no_bill(decision: Recommendation) -> str:
    if all(case.monthly_calls is None for case in decision.use_cases):
        return f"unknown: {NO_SPAN}"
    if all(case.monthly_baseline_usd is None for case in decision.use_cases):
        return "unknown: the baseline has no known cost"
    return "unknown: a model has no price"


def _range_note(dossier: Dossier) -> str:
    """How far the net of a year moves with the traffic, which is what it hangs on most."""
    for swing in dossier.case.swings:
        if swing.assumption is Assumption.VOLUME and swing.by:
            return _with_traffic(min(swing.usd), max(swing.usd), swing.by[1])
    return "after one-off cost"


def _by_traffic(dossier: Dossier) -> str:
    """The same range of what a month saves."""
    for swing in dossier.case.swings:
        if swing.assumption is Assumption.VOLUME and swing.by:
            low, high = (dossier.case.saved.point * (1 + by) for by in swing.by)
            return f", {_with_traffic(low, high, swing.by[1])}"
    return ""


def _with_traffic(low: float, high: float, by: float) -> str:
    return f"{dollars(low)} to {dollars(high)} with traffic {percent(by)} lower or higher"


def strip(dossier: Dossier) -> list[dict[str, str]]:
    """Name, verdict and role of every use case."""
    return [
        {
            "name": case.name,
            "word": f"{SYMBOLS[outcome(case)]} {_verdict(case, move)}",
            "role": outcome(case).value,
            "note": _why(case, move) or until_words(dossier, case),
        }
        for case, move in dossier.report.moves
    ]


def _verdict(case: UseCaseDecision, move: Move) -> str:
    """In a word or two, with what a move waits for; where none pays back, what is known of the answers."""
    if case.target is None:
        return OUTCOMES[outcome(case)]
    if not move.phases:
        return "Good enough"
    waits = "if the test passes" if case.target.illustrative else "if reviews confirm it" if case.provisional else ""
    return f"{OUTCOMES[outcome(case)]} {waits}".strip()


def _why(case: UseCaseDecision, move: Move) -> str:
    if case.target is None or case.target.costs.savings_usd is None or not move.phases:
        return ""
    return f"saves {dollars(case.target.costs.savings_usd.point)} a month"


def until_words(dossier: Dossier, case: UseCaseDecision) -> str:
    """How long a use case can stay on a model that ends; empty where it moves, is open, or nothing ends."""
    replaced = (each.task.values for each in dossier.schedule.tasks if each.task.code == Task.REPLACE)
    by = next((values["by"] for values in replaced if case.name in values["use_cases"]), None)
    return f"until {day_of(by)}" if by and case.verdict is Verdict.KEEP else ""


def confidence_words(dossier: Dossier) -> str:
    """How sure the decision is, and why not more."""
    word = CONFIDENCE[dossier.confidence]
    moves = [case.target for case in dossier.report.recommendation.use_cases if case.target]
    few = any(each.code == Doubt.FEW_SAMPLES for each in dossier.doubts)
    samples = (
        f"at least {min(a.quality.n for a in moves):,} samples in each use case that can move"
        if moves and not few
        else ""
    )
    doubts = [worded(_DOUBTS, each) for each in dossier.doubts]
    return f"{word}: {listing([*filter(None, [samples]), *doubts], 6)}." if samples or doubts else f"{word}."


def alternatives(dossier: Dossier) -> Iterator[tuple[str, str, str]]:
    """(option, bill a month, what is known of its quality): those with a number, the plan and what to test first."""
    known = [one for one in dossier.case.options if one.monthly_usd and not one.is_minor]
    tried = dossier.ask.values.get("tried")
    first = [CaseOption.PLAN, *([CaseOption(tried["option"])] if tried else [])]
    known.sort(key=lambda one: first.index(one.option) if one.option in first else len(first))
    for option in known[:MOST_OPTIONS]:
        is_tried = tried is not None and option.option.value == tried["option"]
        quality = _tried(option) if is_tried else option_quality(option)
        yield option_name(option), f"{bill_words(dossier.case, option)}{_then(dossier, option)}", quality


def _tried(option: OptionCost) -> str:
    usd = option.monthly_usd
    is_wide = usd is not None and usd.high > WIDE * usd.low
    return "unknown: test it; few calls, so a wide range" if is_wide else "unknown: list price, test it"


def _then(dossier: Dossier, option: OptionCost) -> str:
    """The plan's bill once the rest has moved to the successor of today's model; empty where that isn't known."""
    usd, ending = plan_later(dossier.case), dossier.case.ending
    if option.option is not CaseOption.PLAN or usd is None or ending is None or ending.on is None:
        return ""
    return f"; {dollars(usd)} from {day(ending.on)}"


def close_out(dossier: Dossier) -> list[str]:
    """What goes with the moves and comes after them: whom to tell, what to watch, what to shut down."""
    last = max((stint for stint in dossier.schedule.stints if stint.phase.traffic_share == 1), key=_first, default=None)
    if last is None:
        return []
    live = min((stint.first for stint in dossier.schedule.stints if stint.phase.traffic_share), default=last.first)
    days, share = (
        int(dossier.case.inputs[CaseInput.FALLBACK_DAYS]),
        percent(dossier.case.inputs[CaseInput.FALLBACK_SHARE]),
    )
    decided = {case.name: case for case in dossier.report.recommendation.use_cases}
    moved = {decided[stint.use_case].baseline_facts.model for stint in dossier.schedule.stints}
    still = {case.baseline_facts.model for case in decided.values() if case.target is None}
    ends = [one.ending.on for one in dossier.case.moving if one.ending and one.ending.on]
    until = min((last.first + timedelta(days=days), *ends))
    lines = [
        f"Tell the owners of each use case before {day(live)}, and users where answers may look different.",
        "Watch the limits of every step daily, and weekly after the last step.",
        f"Keep {listing(sorted(moved))} as a fallback until {day(until)}. It answers {share} of the calls too, unseen.",
        *_way_back(dossier, until, ends),
    ]
    unused = sorted(moved - still)
    return [*lines, f"Then revoke the keys of {listing(unused)} and end its contract."] if unused else lines


def _way_back(dossier: Dossier, until: date, ends: Sequence[date]) -> Iterator[str]:
    """How to go back once nothing keeps today's model warm, and once it is gone."""
    ending = dossier.case.ending
    if ending is None or not ends:
        return
    name = ending.successor.rpartition("/")[2] or "its successor"
    before = f"Until {day(min(ends))}, the setting still goes back to it. " if until < min(ends) else ""
    yield f"{before}From then the way back is {name}, not tested on what moves: test it there too."


def checked_words(dossier: Dossier) -> str:
    """How a step is checked."""
    moves = [case for case in dossier.report.recommendation.use_cases if case.target]
    untimed = [case.name for case in moves if case.target and case.target.times.latency_p95_s is None]
    how = (
        "Quality is scored as in this study, on calls that both models answer. “Clearly” means that the whole "
        "confidence interval is beyond the limit; in between, stay at the step and collect more calls."
    )
    if any(case.target and case.target.illustrative for case in moves):
        how += " Set the cost limit again once a host is chosen: this one rests on an illustrative price."
    if not untimed:
        return how
    return f"{how} Latency wasn't measured for {use_cases_words(untimed)}: agree on a limit before the shadow test."


def retires_words(dossier: Dossier) -> str:
    """What ends, at its mark in the calendar."""
    moved = [case.baseline_facts.model for case in dossier.report.recommendation.use_cases if case.target]
    return f"{short_name(moved[0])} ends {day(dossier.schedule.ends_on)}"


def _first(stint: Stint) -> date:
    return stint.first


def banner_words(decision: Recommendation) -> Iterator[tuple[str, str]]:
    """(mark, what it means) of a decision that isn't on a whole run of real answers."""
    if decision.is_sample_study:
        yield (
            "Sample data",
            "This is the sample study of a fictional company. The illustrative candidate's answers, the judges' votes "
            "and the reviews are pre-recorded: they show how a decision reads, not what a model can do.",
        )
    if decision.run.partial:
        status = decision.run.status.value.replace("_", " ")
        yield (
            "Partial run",
            f"Some planned calls have no answer (run status: {status}). They may change the result.",
        )


def texts_words(dossier: Dossier) -> str:
    """What is shown of the pairs, where it isn't all."""
    if dossier.pairs.texts is Texts.NONE:
        return (
            "Prompts, answers and file names are left out of this copy. Names of the study, use cases and models stay."
        )
    if not dossier.pairs.shown:
        return "No pairs yet: no answer could be compared."
    return "Personal data is replaced by placeholders." if dossier.pairs.texts is Texts.REDACTED else ""


_DOUBTS: Words = {
    Doubt.ILLUSTRATIVE: "the candidate's answers are pre-recorded",
    Doubt.PARTIAL: lambda missing: f"{count(missing, 'planned call')} unanswered",
    Doubt.PROVISIONAL: lambda pairs: (
        f"{count(pairs, 'pair')} still to be reviewed by people" if pairs else "reviews don't confirm the judge yet"
    ),
    Doubt.STALE: lambda days, **_: f"evidence {count(days, 'day')} old",
    Doubt.FEW_SAMPLES: lambda n: f"only {n:,} samples in the smallest use case that moves",
    Doubt.RECORDED_BASELINE: "today's answers are from the log",
    Doubt.SHORT_LOG: "a short log",
}
