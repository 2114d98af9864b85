"""Page one of a report in words: what to approve, why now, what can go wrong, how sure it is, what else there is."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from advisor.text.business_case.options import bill_words, has_number, option_name, option_quality
from advisor.text.business_case.paper import personal_words
from advisor.text.business_case.risks import way_back
from advisor.text.business_case.tasks import replacements
from advisor.text.messages import Words, worded
from advisor.text.names import (
    ANOTHER,
    IF_PASSED,
    PROVISIONAL,
    SYMBOLS,
    bare_name,
    decision_words,
    outcome,
    outcome_words,
    short_name,
)
from advisor.text.numbers import count, day, day_of, dollars, listing, percent, shorten
from advisor.text.results import is_part_of_traffic, share_of_traffic
from advisor.types import Json, Move, Recommendation, Stint, UseCaseDecision, Verdict
from advisor.types.business import Ending
from advisor.types.dossier import Confidence, Dossier, Doubt, Texts
from advisor.types.scenarios import CaseInput

CONFIDENCE = {Confidence.HIGH: "High", Confidence.MEDIUM: "Medium", Confidence.LOW: "Low"}
MOST_OPTIONS = 5
FEW_LOGGED = 0.01
SAMPLE = (
    "Sample data: the candidate's answers are pre-recorded. They show how a decision reads, not what a model can do."
)
"""On every file made of the sample study."""


def strip(dossier: Dossier) -> list[dict[str, str]]:
    """Name, verdict and role of every use case."""
    return [
        {
            "name": case.name,
            "word": f"{SYMBOLS[outcome(case)]} {outcome_words(case, pays=bool(move.phases))}",
            "role": outcome(case).value,
            "note": _why(dossier, case, move) or until_words(dossier, case),
        }
        for case, move in dossier.report.moves
    ]


def strip_title(decision: Recommendation) -> str:
    """With the model that all verdicts are on, where it's one."""
    models = {case.shown.model for case in decision.use_cases if case.shown}
    named = f" on {shorten(bare_name(models.pop()), 60)}" if len(models) == 1 else ""
    return f"Verdict{named} by use case{', from sample data' * decision.is_sample_study}"


def verdicts(dossier: Dossier) -> dict[str, str]:
    """Name -> verdict with its model, as page one has it."""
    return {case.name: _whole_verdict(dossier, case, move) for case, move in dossier.report.moves}


def _whole_verdict(dossier: Dossier, case: UseCaseDecision, move: Move) -> str:
    waits = PROVISIONAL if case.provisional else ""
    if case.target and not move.phases:
        return f"{SYMBOLS[outcome(case)]} {shorten(case.target.model, 60)} is good enough{waits}"
    if case.target and case.target.illustrative:
        waits = f" {IF_PASSED}"
    words = shorten(decision_words(case).removesuffix(PROVISIONAL), 80)
    return f"{SYMBOLS[outcome(case)]} {words}{waits} {until_words(dossier, case)}".strip()


def _why(dossier: Dossier, case: UseCaseDecision, move: Move) -> str:
    if case.target is None or case.target.costs.savings_usd is None or not move.phases or dossier.case.is_brief:
        return ""
    return f"saves {dollars(case.target.costs.savings_usd.point)} a month"


def until_words(dossier: Dossier, case: UseCaseDecision) -> str:
    """How long a use case can stay on a model that ends; empty where it moves, is open, or nothing ends."""
    task = next((values for values in replacements(dossier.schedule) if case.name in values["use_cases"]), None)
    if task is None or case.verdict is not Verdict.KEEP:
        return ""
    has_failed = "failed" in task and case.name in task["failed"]["use_cases"]
    then = f", then {task['successor']}" if task["successor"] and not has_failed else ""
    return f"until {day_of(task['by'])}{then}"


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
    first, doubts = (
        [worded(_DOUBTS, each) for each in dossier.doubts if (each.code == Doubt.COPIED) is is_first]
        for is_first in (True, False)
    )
    log = dossier.report.log
    if moves and is_part_of_traffic(log):
        doubts.append(f"bills rest on {_logged(log)}")
    return (
        f"{word}: {listing([*first, *filter(None, [samples]), *doubts], 6)}."
        if samples or first or doubts
        else f"{word}."
    )


def _logged(log: Mapping[str, Json]) -> str:
    """A share too small for whole percents as its inverse, which was entered: "1 logged call in 16,000"."""
    share = float(str(log["traffic_share"]))
    return f"1 logged call in {1 / share:,.0f}" if share < FEW_LOGGED else share_of_traffic(log)


def alternatives(dossier: Dossier) -> Iterator[tuple[str, str, str]]:
    """(option, bill a month, what is known of its quality): those with a number."""
    known = [*filter(has_number, dossier.case.options)]
    for option in known[:MOST_OPTIONS]:
        yield option_name(option), bill_words(dossier.case, option), option_quality(option)


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
    plan = dossier.report.plan
    moved = {decided[stint.use_case].leaves(plan.replaced) for stint in dossier.schedule.stints}
    still = {case.leaves(plan.replaced) for case in decided.values() if case.target is None}
    still |= {one.name for name, one in plan.replaced.items() if decided[name].baseline_facts.model in still}
    ends = [end.on for end in _endings(dossier).values() if end.on]
    until = min((last.first + timedelta(days=days), *ends))
    answer = f"also answer{'s' * (len(moved) == 1)} {share} of the calls, unseen."
    lines = [
        f"Tell the owners of each use case before {day(live)}, and users where answers may look different.",
        "Watch the limits of every step daily, and weekly after the last step.",
        f"Warm fallback until {day(until)}: {listing(sorted(moved))} {answer}",
        *_ways_back(dossier, until),
    ]
    unused = sorted(moved - still - {ANOTHER})
    return [*lines, f"Then revoke the keys of {listing(unused)} and end its contract."] if unused else lines


def _ways_back(dossier: Dossier, until: date) -> Iterator[str]:
    """How to go back once nothing keeps a model warm, and once it is gone."""
    for model, ending in _endings(dossier).items():
        if ending.on:
            cold = f"Cold fallback after that, until {day(ending.on)}: one setting still goes back to {model}. "
            before = cold if until < ending.on else ""
            yield f"{before}{way_back(ending.successor.rpartition('/')[2], ending.verdict)}"


def _endings(dossier: Dossier) -> dict[str, Ending]:
    """Of models that moves are made from, as long as they are there."""
    decided = {case.name: case for case in dossier.report.recommendation.use_cases}
    known = ((one.use_case, one.ending) for one in dossier.case.moving)
    left = ((name, ending) for name, ending in known if ending and name not in dossier.report.plan.replaced)
    return {decided[name].baseline_facts.model: ending for name, ending in left}


def checked_words(dossier: Dossier) -> str:
    """How a step is checked."""
    moves = [case for case in dossier.report.recommendation.use_cases if case.target]
    how = (
        "Quality is scored as in this study, on calls that both models answer. “Clearly” means that the whole "
        "confidence interval is beyond the limit; in between, stay at the step and collect more calls. With "
        "this many calls or pairs, an equally good model passes 80% of the time."
    )
    if any(case.target and case.target.illustrative for case in moves):
        how += " Set the cost limit again once a host is chosen: this one rests on an illustrative price."
    return how


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
            "A fictional company with pre-recorded answers: how a decision reads, not what a model can do.",
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
    is_redacted = dossier.pairs.texts is Texts.REDACTED
    return personal_words(dossier.report, is_redacted) if is_redacted or dossier.report.log.get("redacted") else ""


_DOUBTS: Words = {
    Doubt.COPIED: lambda hits, n, expected, **_: (
        f"{hits:,} of {n:,} long answers repeat the recorded ones almost word for word ({expected:,} expected)"
    ),
    Doubt.ILLUSTRATIVE: "the candidate's answers are pre-recorded",
    Doubt.PRICE: lambda models, illustrative: (
        f"the price of {listing([bare_name(each) for each in models])} is "
        f"{'illustrative' if illustrative else 'entered by hand'}"
    ),
    Doubt.PARTIAL: lambda missing: f"{count(missing, 'planned call')} unanswered",
    Doubt.PROVISIONAL: lambda pairs: (
        f"{count(pairs, 'pair')} still to be reviewed by people" if pairs else "reviews don't confirm the judge yet"
    ),
    Doubt.STALE: lambda days, **_: f"evidence {count(days, 'day')} old",
    Doubt.FEW_SAMPLES: lambda n: f"only {n:,} samples in the smallest use case that moves",
    Doubt.RECORDED_BASELINE: "today's answers are from the log",
    Doubt.SHORT_LOG: "a short log",
    Doubt.INPUT_TOKENS: lambda models: listing(
        [
            f"{bare_name(name)}'s server reports {n:,} input tokens a call, the log {of:,}"
            for name, (n, of) in models.items()
        ]
    ),
}
