"""The migration plan in words: why a use case moves, in which steps, at what risk, and what to do next."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from advisor.text.advice.obstacles import why_not
from advisor.text.advice.reasons import in_context, reason
from advisor.text.catalog import BY_ANSWERS
from advisor.text.gates import caveat_words
from advisor.text.messages import Words, upper, worded
from advisor.text.names import ANOTHER, bare_id, short_name, target_name
from advisor.text.numbers import (
    all_of,
    count,
    day,
    day_of,
    dollars,
    listing,
    number,
    percent,
    pts,
    seconds,
    shorten,
)
from advisor.text.results import notes, quality
from advisor.types import (
    Condition,
    Message,
    Move,
    Phase,
    Report,
    Risk,
    Stint,
    UseCaseDecision,
    Verdict,
)
from advisor.types.dossier import Schedule
from advisor.types.reports import Task, is_holiday

_LONGEST_DAYS = 60
"""A longer step ends by its calls, not by a day."""
GO: dict[bool | None, str] = {True: "Go", False: "No-go"}
"""What was decided about a step."""
LEFT_OUT = "These steps have dates but don't pay back, so the report and the files leave them out."


def plan_sentence(report: Report, schedule: Schedule, test: str = "", unpaid: str = "") -> str:
    """What happens by when; ``test``: a model that is tested first, ``unpaid``: why moves don't pay back."""
    cases = report.recommendation.use_cases
    kept = [case for case in cases if case.target is None]
    ends = [each.task.values for each in schedule.tasks if each.task.code == Task.REPLACE]
    due = next(iter(ends), None)
    along = (each.task.values["along"] for each in schedule.tasks if each.task.code == Task.TEST_CHEAPER)
    tests = [*filter(None, [test]), *next(along, ())]
    first = f"Test {listing(tests)} first. " if tests else ""
    if not schedule.stints and due:
        names = due["use_cases"]
        who = all_of(len(names)) if 1 < len(names) == len(cases) else listing(names)
        model = bare_id(due["successor"] or ANOTHER)
        if due["is_late"]:
            by = f"{day_of(due['by'])}{failed_words(due)}"
            return f"Move {who} to {model} by {by}: no day is left to test it, unless you get more time."
        move = f"Move {who} to {model}" if due.get("is_tested") else f"Test {model} and move {who} to it"
        return f"{move} by {day_of(due['by'])}{failed_words(due)}. Nothing moves to an open model."
    if not schedule.stints:
        stay = f"{count(len(cases), 'use case')} {'stays' if len(cases) == 1 else 'stay'} on {_models(cases)}"
        return unpaid or f"{first}Nothing moves yet: {stay}."
    names = [move.use_case for move in report.plan.moves if move.phases]
    moved = f"{listing(names)} {'moves' if len(names) == 1 else 'move'}"
    begin = min(stint.first for stint in schedule.stints)
    end = max(stint.first for stint in schedule.stints if stint.phase.traffic_share == 1)
    rest = ""
    leave = [v["use_cases"] for v in ends if "unless" not in v or v["is_first"] or v["is_late"]]
    if kept := [case for case in kept if not any(case.name in names for names in leave)]:
        who = f"{kept[0].name} stays" if len(kept) == 1 else f"The other {len(kept)} stay"
        rest = f" {who} on {_models(kept)} for now."
    what = f"If {test if len(tests) > 1 else 'it'} fails, {moved}" if test else moved
    return f"{first}{what} from {day(begin)}, with all traffic from {day(end)}{_pause(schedule.stints)}.{rest}"


def _models(cases: Sequence[UseCaseDecision]) -> str:
    return listing([*dict.fromkeys(short_name(case.baseline) for case in cases)])


def why(decision: UseCaseDecision) -> str:
    """Why a use case moves or stays, told of the candidate that it is reported by."""
    shown, candidates = decision.shown, decision.candidates
    if not candidates:
        return "No candidate has been tried yet."
    if len({reason(a) for a in candidates}) == 1 and (shown is None or len(candidates) > 1):
        return reason(candidates[0])  # it is true of all of them
    if shown is None:
        return "No candidate has enough scored samples yet."
    words = in_context(shown)
    if decision.verdict is Verdict.KEEP and shown.ruling.verdict is not Verdict.KEEP:
        words = f"{words} {why_not(shown)[-1]}"  # that it costs more
    still = [a.model for a in candidates if a.ruling.verdict is Verdict.NEED_MORE_DATA]
    return f"{words} Still open: {listing(still)}." if shown.ruling.verdict is Verdict.KEEP and still else words


def quality_of(decision: UseCaseDecision) -> str:
    """Score against baseline of the candidate that a use case is reported by."""
    return quality(decision.shown) if decision.shown else "too few scored samples"


def risks(decision: UseCaseDecision, move: Move) -> list[str]:
    """What may go wrong with a move; empty where a use case stays."""
    if decision.target is None:
        return []
    caveats = [caveat_words(caveat, decision.baseline) for caveat in decision.target.caveats]
    return [*caveats, *notes(decision.target), *(worded(_RISKS, risk) for risk in move.risks)]


def timeline_sentence(stints: Sequence[Stint]) -> str:
    """When the moves start and when the last of them takes all traffic."""
    if not stints:
        return "No use case moves yet."
    last = max(stint.first for stint in stints if stint.phase.traffic_share == 1)
    return (
        f"{count(len({stint.use_case for stint in stints}), 'use case')}: shadow from "
        f"{day(min(stint.first for stint in stints))}, all traffic from {day(last)}{_pause(stints)}."
    )


def _pause(stints: Sequence[Stint]) -> str:
    """That steps wait around the end of a year."""
    days = [day for each in stints for day in (each.first - timedelta(days=3), each.last)]
    return "; no new step over New Year" if any(map(is_holiday, days)) else ""


def failed_words(values: Mapping[str, Any]) -> str:
    """Where the model that follows failed its test; a clause, empty where it didn't."""
    if not (failed := values.get("failed")):
        return ""
    return f" ({failed['model']} failed its test on {listing([shorten(name, 60) for name in failed['use_cases']])})"


def step_name(stint: Stint) -> str:
    """A step with its mark where it was decided: "5%", "5% ✓"."""
    mark = {None: "", True: " ✓", False: " ✗"}[stint.entered.go]
    return f"{phase_name(stint.phase.traffic_share)}{mark}"


def step_row(stint: Stint, decision: UseCaseDecision) -> dict[str, str]:
    """A step as a row of a file: column -> text."""
    phase, entered = stint.phase, stint.entered
    return {
        "Use case": stint.use_case,
        "Model": target_name(decision),
        "Step": phase_name(phase.traffic_share),
        "Start": stint.first.isoformat(),
        "End": stint.last.isoformat(),
        "Owner": entered.owner or "",
        "Decision": GO.get(entered.go, ""),
        "Start when": " ".join(map(condition, phase.entry)),
        "Go on when": " ".join(map(condition, phase.exit)),
        "Roll back when": condition(phase.rollback),
    }


def condition(message: Message) -> str:
    """What must hold in a step of a roll-out, or what takes it back."""
    return worded(_CONDITIONS, message)


def phase_name(share: float) -> str:
    """A step of a roll-out: "Shadow", "5%"."""
    return f"{share:.0%}" if share else "Shadow"


def duration(phase: Phase) -> str:
    """How long a step takes."""
    if phase.days is None:
        return f"at least {phase.least_days} days and {phase.calls} calls"
    days = max(phase.days, phase.least_days)
    if days > _LONGEST_DAYS:
        return f"until {phase.calls} calls are in, about {days:,} days at this volume"
    return f"{days} days"


def _until(day: str | None) -> str:
    return f", or until it is switched off on {day_of(day)}" if day else ""


def _roll_back(baseline: str, errors: float, faults: float, margin: float) -> str:
    return (
        f"Go back to {baseline} if more than {percent(errors)} of calls fail in any hour. Also go back if invalid or "
        f"cut-off answers rise over {pts(faults)} above it, or if quality is clearly {pts(margin)} or more "
        "below it."
    )


_CONDITIONS: Words = {
    Condition.SWITCHABLE: "One setting switches between {model} and {baseline}, without a release.",
    Condition.MIRRORED: lambda model, share: (
        f"{'All calls' if share == 1 else f'{percent(share)} of calls'} also go to {model}, unseen by users."
    ),
    Condition.TOO_FEW_CALLS: lambda calls, days, pairs: (
        f"Live traffic is too low: {calls} calls take {days:,} days. Replay more samples and review {pairs} pairs "
        "instead."
    ),
    Condition.REAL_MODEL: "A real model passes the test. These answers are pre-recorded.",
    Condition.JUDGE_REVIEWED: "People have reviewed enough pairs, and agree with the judge beyond chance.",
    Condition.APPROVED: "License and data location are approved.",
    Condition.LAST_STEP: lambda share: f"All exit conditions of the step “{phase_name(share)}” hold.",
    Condition.QUALITY: lambda baseline, margin, calls, sure=0: (
        f"Quality on at least {max(calls, sure):,} checked calls is less than {pts(margin)} below {baseline}."
    ),
    Condition.WIN_RATE: lambda baseline, margin, pairs: (
        f"Quality on at least {pairs:,} compared pairs is less than {pts(margin)} below {baseline}. In 100 "
        f"pairs, it loses at most {number(2 * margin)} more than it wins."
    ),
    Condition.FAULTS: lambda baseline, limit: (
        f"Invalid and cut-off answers are each at most {pts(limit)} above {baseline}."
    ),
    Condition.ERRORS: lambda limit: f"At most {percent(limit)} of calls fail.",
    Condition.TTFT: lambda limit: f"p95 time to first token stays under {seconds(limit)}.",
    Condition.LATENCY: lambda limit: f"p95 latency stays under {seconds(limit)}.",
    Condition.COST: lambda usd: f"1,000 calls cost at most {dollars(usd)} (measured cost + 20%).",
    Condition.FALLBACK: lambda baseline, until: (
        f"{baseline.replace(ANOTHER, upper(ANOTHER))} then stays as a fallback for one more month{_until(until)}."
    ),
    Condition.SHADOW_ROLLBACK: (
        "Nothing to roll back: users still get {baseline}. Stop if an exit condition is clearly missed."
    ),
    Condition.ROLLBACK: _roll_back,
}
_RISKS: Words = {
    Risk.BASELINE_ENDS: lambda baseline, on, first="", by="": (
        f"{baseline} is switched off on {day_of(on)}, before the last steps: reach 100% by {day_of(by)}, or move the "
        f"other calls to {first} by then."
        if by
        else f"{baseline} is switched off on {day_of(on)}, before the move can end: its calls move to {first} first."
        if first
        else f"{baseline} is switched off on {day_of(on)}. You can't switch back after that."
    ),
    Risk.LICENCE: lambda conditions, fit=None: f"License: {conditions}{BY_ANSWERS.get(fit, '')}",
    Risk.NO_LICENCE: "Its license is unknown. Have it checked before it serves customers.",
    Risk.NOT_PROBED: "The model wasn't probed. Check that its host supports all parameters you use.",
    Risk.UNSURE_SAVING: "The saving isn't certain: the move may cost more.",
    Risk.PARTIAL: "The run is incomplete, so there is less evidence than planned.",
}
