"""Page one of a report in words: what to approve, why now, what can go wrong, how sure it is, what else there is."""

from collections.abc import Iterator
from datetime import date, timedelta

from advisor.text.business_case.case import (
    NET,
    SAVED,
    bill_words,
    option_name,
    option_quality,
    payback_month,
    payback_words,
    retirement_note,
)
from advisor.text.headline import flag
from advisor.text.messages import Words, worded
from advisor.text.names import OUTCOMES, SYMBOLS, outcome
from advisor.text.numbers import (
    UNKNOWN,
    before_after,
    count,
    day,
    day_of,
    dollars,
    listing,
    money_range,
    percent,
    pts,
    shorten,
)
from advisor.text.results import NO_SPAN, share_of_traffic
from advisor.types import Recommendation, Stint, UseCaseDecision
from advisor.types.business import Assumption, CaseInput, CaseOption
from advisor.types.dossier import Ask, Confidence, Danger, Dossier, Doubt, Processor, Texts

CONFIDENCE = {Confidence.HIGH: "High", Confidence.MEDIUM: "Medium", Confidence.LOW: "Low"}
MOST_DANGERS = 5
MOST_OPTIONS = 5


def ask_words(dossier: Dossier) -> str:
    """What a reader is asked to approve."""
    return worded(_ASKS, dossier.ask)


def why_now(dossier: Dossier) -> list[str]:
    """What waiting costs."""
    told = [flag(each) for each in dossier.why_now]
    case = dossier.case
    if not case.moving or case.saved.low <= 0:
        return told
    if case.saved_later is None or case.saved_later >= case.saved.low:
        return [*told, f"Every month of waiting costs {money_range(case.saved)}."]
    return [*told, retirement_note(case)]


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
    paid = "as the scenario sets it" if case.inputs.one_off_usd is not None else "engineering, tests, fallback"
    return [
        {"label": SAVED, "value": dollars(case.saved.point), "note": f"{share} of {today}"},
        {"label": NET.format(12), "value": dollars(case.net(12).point), "note": _range_note(dossier)},
        {"label": "One-off cost", "value": dollars(case.one_off_usd), "note": paid},
        {
            "label": "Payback",
            "value": f"month {case.payback}" if case.payback else UNKNOWN,
            "note": payback_month(case) or payback_words(case),
        },
    ]


def _why_no_bill(decision: Recommendation) -> str:
    if all(case.monthly_calls is None for case in decision.use_cases):
        return f"unknown: {NO_SPAN}"
    if all(case.monthly_baseline_usd is None for case in decision.use_cases):
        return "unknown: the baseline has no known cost"
    return "unknown: a model has no price"


def _range_note(dossier: Dossier) -> str:
    """How far the net of a year moves with the traffic, which is what it hangs on most."""
    swing = next((each for each in dossier.case.swings if each.assumption is Assumption.VOLUME and each.by), None)
    if swing is None or swing.by is None:
        return "after one-off cost"
    low, high = sorted(swing.usd)
    return f"{dollars(low)} to {dollars(high)} if traffic is {percent(swing.by[1])} off"


def strip(dossier: Dossier) -> list[dict[str, str]]:
    """Name, verdict and role of every use case."""
    return [
        {
            "name": case.name,
            "word": f"{SYMBOLS[outcome(case)]} {OUTCOMES[outcome(case)]}",
            "role": outcome(case).value,
            "note": _why(case),
        }
        for case in dossier.report.recommendation.use_cases
    ]


def _why(case: UseCaseDecision) -> str:
    if case.target is not None and case.target.costs.savings_usd is not None:
        return f"{dollars(case.target.costs.savings_usd.point)} a month"
    return ""


def confidence_words(dossier: Dossier) -> str:
    """How sure the decision is, and why not more."""
    word = CONFIDENCE[dossier.confidence]
    moves = [case.target for case in dossier.report.recommendation.use_cases if case.target]
    few = any(each.code == Doubt.FEW_SAMPLES for each in dossier.doubts)
    samples = f"at least {min(a.quality.n for a in moves):,} samples in each use case" if moves and not few else ""
    doubts = [worded(_DOUBTS, each) for each in dossier.doubts]
    return f"{word}: {listing([*filter(None, [samples]), *doubts], 6)}." if samples or doubts else f"{word}."


def dangers(dossier: Dossier, most: int = MOST_DANGERS) -> list[tuple[str, str]]:
    """(what can go wrong, what is done about it), the gravest first."""
    return [(worded(_DANGERS, each), worded(_REMEDIES, each)) for each in dossier.dangers[:most]]


def alternatives(dossier: Dossier) -> Iterator[tuple[str, str, str]]:
    """(option, bill a month, what is known of its quality): those with a number, the plan first."""
    known = [one for one in dossier.case.options if one.monthly_usd and not one.is_minor]
    known.sort(key=lambda one: one.option is not CaseOption.PLAN)
    for option in known[:MOST_OPTIONS]:
        yield option_name(option), bill_words(dossier.case, option), option_quality(option)


def close_out(dossier: Dossier) -> list[str]:
    """What goes with the moves and comes after them: whom to tell, what to watch, what to shut down."""
    last = max((stint for stint in dossier.stints if stint.phase.traffic_share == 1), key=_first, default=None)
    if last is None:
        return []
    live = min((stint.first for stint in dossier.stints if stint.phase.traffic_share), default=last.first)
    days = int(dossier.case.inputs[CaseInput.FALLBACK_DAYS])
    decided = {case.name: case for case in dossier.report.recommendation.use_cases}
    moved = {decided[stint.use_case].baseline_facts.model for stint in dossier.stints}
    still = {case.baseline_facts.model for case in decided.values() if case.target is None}
    ends = [one.ending.on for one in dossier.case.moving if one.ending and one.ending.on]
    until = day(min((last.first + timedelta(days=days), *ends)))
    lines = [
        f"Tell the owners of each use case before {day(live)}, and users where answers may look different.",
        "Watch the limits of every step daily, and weekly after the last step.",
        f"Keep {listing(sorted(moved))} as a fallback until {until}.",
    ]
    unused = sorted(moved - still)
    return [*lines, f"Then revoke the keys of {listing(unused)} and end its contract."] if unused else lines


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


def flow_rows(before: Processor, after: Processor) -> list[tuple[str, str, str]]:
    """(fact, before, after) of where prompts go."""
    sides = [_facts(before), _facts(after)]
    return [(label, sides[0][label], sides[1][label]) for label in sides[0]]


def host_words(processor: Processor) -> str:
    """Who handles the prompts."""
    return "your own endpoint" if processor.is_own else processor.name or "unknown"


def _facts(processor: Processor) -> dict[str, str]:
    return {
        "Model": processor.model,
        "Processor": host_words(processor),
        "Region": processor.regions or "unknown",
        "Retention": processor.retention or "unknown",
        "Trains on your data": processor.trains_on_data or "unknown",
    }


def _names(names: list[str]) -> str:
    return listing([shorten(name, 60) for name in names])


def _move(
    use_cases: list[str], models: list[str], start: str | None, end: str | None, reviews: int, is_illustrative: bool
) -> str:
    steps = f"a shadow test from {day_of(start)}, all traffic by {day_of(end)}" if start and end else "in steps"
    if is_illustrative:
        return f"Approve replaying {_names(use_cases)} through a real model. If it holds: {steps}."
    wait = f", after people have reviewed {count(reviews, 'pair')}" if reviews else ""
    return f"Approve moving {_names(use_cases)} to {_names(models)}: {steps}{wait}."


_ASKS: Words = {
    Ask.MOVE: _move,
    Ask.NOTHING: "Nothing to decide yet: the study has no use cases.",
    Ask.MORE_EVIDENCE: lambda use_cases: (
        f"Nothing to approve yet. {_names(use_cases)} {'needs' if len(use_cases) == 1 else 'need'} more evidence."
    ),
    Ask.STAY: lambda baselines: (
        f"Approve staying on {_names(baselines)}. No candidate is both good enough and cheaper."
    ),
    Ask.SUCCESSOR: lambda successor, use_cases: (
        f"Approve a test of {successor} before {_names(use_cases)} {'moves' if len(use_cases) == 1 else 'move'}. "
        "Against its price the move doesn't pay back."
    ),
    Ask.NOT_WORTH: lambda baselines: f"Approve staying on {_names(baselines)}. The saving isn't worth a migration.",
}
_DOUBTS: Words = {
    Doubt.ILLUSTRATIVE: "the candidate's answers are pre-recorded",
    Doubt.PARTIAL: lambda missing: f"{count(missing, 'planned call')} unanswered",
    Doubt.PROVISIONAL: lambda pairs: f"{count(pairs, 'pair')} still to be reviewed by people",
    Doubt.STALE: lambda days, **_: f"evidence {count(days, 'day')} old",
    Doubt.FEW_SAMPLES: lambda n: f"only {n:,} samples in the smallest use case that moves",
    Doubt.RECORDED_BASELINE: "today's model wasn't called again",
    Doubt.SHORT_LOG: "a short log",
}
_DANGERS: Words = {
    Danger.ILLUSTRATIVE: "The candidate's answers are pre-recorded and prove nothing.",
    Danger.PROVISIONAL: lambda use_cases, pairs: f"{_names(use_cases)} rests on a judge that few people checked.",
    Danger.REGRESSION: "Answers get worse for users.",
    Danger.RETIRES: lambda baseline, on: f"{baseline} is switched off on {day_of(on)}: no way back after that.",
    Danger.LICENCE: lambda model, conditions, fit=None: f"License of {model}: {conditions}",
    Danger.NO_LICENCE: "The license of {model} is unknown.",
    Danger.UNSURE_SAVING: "{model} may cost more than today.",
    Danger.NEW_PROCESSOR: "Prompts go to a new processor, {host}.",
    Danger.NOT_PROBED: "{model} wasn't tested at its host.",
    Danger.PARTIAL: "The run is incomplete.",
}
_REMEDIES: Words = {
    Danger.ILLUSTRATIVE: "Replay a real candidate first.",
    Danger.PROVISIONAL: lambda use_cases, pairs: f"Review {count(pairs, 'pair')} before the shadow test.",
    Danger.REGRESSION: lambda baseline, margin, errors: (
        f"Shadow test and small steps first; back to {baseline} if quality drops {pts(margin)} or {percent(errors)} of "
        "calls fail."
    ),
    Danger.RETIRES: "Finish before that day; then fall back to its successor.",
    Danger.LICENCE: "Legal checks it before customer traffic moves.",
    Danger.NO_LICENCE: "Legal checks it before customer traffic moves.",
    Danger.UNSURE_SAVING: "Watch the cost of 1,000 calls at every step.",
    Danger.NEW_PROCESSOR: lambda host, regions=None: (
        f"Security signs off on data processing{f' ({regions})' if regions else ' and region'}."
    ),
    Danger.NOT_PROBED: "Test the connection before the shadow test.",
    Danger.PARTIAL: "Finish the run before the shadow test.",
}
