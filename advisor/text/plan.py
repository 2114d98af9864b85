"""The migration plan in words: why a use case moves, in which steps, at what risk, and what to do next."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from advisor.text.catalog import BY_ANSWERS
from advisor.text.gates import caveat_words, hold_remedy
from advisor.text.messages import Words, worded
from advisor.text.names import short_name, target_name
from advisor.text.numbers import (
    about,
    count,
    day,
    day_of,
    dollars,
    listing,
    number,
    percent,
    pts,
    saving,
    seconds,
)
from advisor.text.obstacles import more_needed, why_not
from advisor.text.reasons import in_context, or_review, reason
from advisor.text.results import notes, quality
from advisor.types import (
    Condition,
    Message,
    Money,
    Move,
    Phase,
    Recommendation,
    Report,
    Risk,
    Step,
    Stint,
    UseCaseDecision,
    Verdict,
)

_LONGEST_DAYS = 60
"""A longer step ends by its calls, not by a day."""
GO: dict[bool | None, str] = {True: "Go", False: "No-go"}
"""What was decided about a step."""


def plan_sentence(report: Report) -> str:
    """What moves and what stays."""
    moving = [move for move in report.plan.moves if move.phases]
    kept = tuple(decision for decision in report.recommendation.use_cases if decision.target is None)
    stay = "stays" if len(kept) == 1 else "stay"
    today = f"{stay} on {listing([*dict.fromkeys(short_name(decision.baseline) for decision in kept)])}" if kept else ""
    if not moving:
        return f"Nothing moves yet: {count(len(kept), 'use case')} {today}."
    moved = listing([move.use_case for move in moving])
    steps = listing([phase_name(phase.traffic_share).lower() for phase in moving[0].phases])
    who = kept[0].name if len(kept) == 1 else f"The other {len(kept)}"
    on = {step.values["baseline"]: step.values["on"] for step in report.plan.next_steps if step.code == Step.SUCCESSOR}
    until = f"until {day_of(min(on.values()))}" if on.keys() >= {each.baseline for each in kept} and on else "for now"
    rest = f" {who} {today} {until}." if kept else ""
    return f"Move {moved} in steps ({steps} of the traffic).{rest}"


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


def risks(decision: UseCaseDecision, move: Move, recommendation: Recommendation) -> list[str]:
    """What may go wrong with a move; empty where a use case stays."""
    if decision.target is None:
        return []
    caveats = [caveat_words(caveat, decision.baseline) for caveat in decision.target.caveats]
    return [
        *caveats,
        *notes(decision.target),
        *(worded(_RISKS, risk) for risk in move.risks),
    ]


def next_steps(report: Report) -> list[str]:
    """What to do now."""
    decisions = {decision.name: decision for decision in report.recommendation.use_cases}
    return [
        worded(_OF_USE_CASE, step, decision=decisions[step.values["use_case"]])
        if step.code in _OF_USE_CASE
        else worded(_STEPS, step)
        for step in report.plan.next_steps
    ]


def _import(decision: UseCaseDecision, **v: Any) -> str:
    more, reviewed = _more_samples(decision, **v)
    return f"{decision.name} needs {more}, and the log has too few. Import more, then replay {v['model']}.{reviewed}"


def _replay(decision: UseCaseDecision, **v: Any) -> str:
    more, reviewed = _more_samples(decision, **v)
    return f"Replay {v['model']} on {more} of {decision.name}.{reviewed}"


def _more_samples(decision: UseCaseDecision, model: str, n: int, reviews: int | None, **_: Any) -> tuple[str, str]:
    """(the same number as next to the candidate's verdict, how many pairs to review)."""
    tried = next((a for a in decision.candidates if a.model == model), None)
    still = (tried and more_needed(tried)) or n
    reviewed = "" if reviews is None else f" Review {about(math.ceil(still * reviews / n), 'pair')}."
    return about(still, "more sample"), reviewed


def timeline_sentence(stints: Sequence[Stint]) -> str:
    """When the moves start and when the last of them takes all traffic."""
    if not stints:
        return "No use case moves yet."
    last = max(stint.first for stint in stints if stint.phase.traffic_share == 1)
    return (
        f"{count(len({stint.use_case for stint in stints}), 'use case')}: shadow from "
        f"{day(min(stint.first for stint in stints))}, all traffic from {day(last)}."
    )


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


def rollbacks(phases: Sequence[Phase]) -> list[str]:
    """What takes each step back, in words once."""
    words = [condition(phase.rollback) for phase in phases]
    firsts = [words.index(text) for text in words]
    return [
        words[i] if first == i else f"As at {phase_name(phases[first].traffic_share)}."
        for i, first in enumerate(firsts)
    ]


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


def _mend(decision: UseCaseDecision, **_: Any) -> str:
    """What may lift the hold on a move."""
    shown = decision.shown
    assert shown is not None
    held = next(caveat for caveat in shown.caveats if caveat.holds)
    return f"Before {decision.name} can move to {shown.model}, {hold_remedy(held)}."


def _shadow(use_case: str, model: str, savings_usd: Mapping[str, float] | None) -> str:
    gain = f" (would {saving(Money(**savings_usd))})" if savings_usd else ""
    return f"Start the shadow phase of {use_case} with {model}{gain}."


def _until(day: str | None) -> str:
    return f", or until it is switched off on {day_of(day)}" if day else ""


def _roll_back(baseline: str, errors: float, faults: float, margin: float) -> str:
    return (
        f"Go back to {baseline} if more than {percent(errors)} of calls fail in any hour. Also go back if invalid or "
        f"cut-off answers rise over {pts(faults)} above it, or if quality is clearly {pts(margin)} or more below "
        "it."
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
        f"{baseline} then stays as a fallback for one more month{_until(until)}."
    ),
    Condition.SHADOW_ROLLBACK: (
        "Nothing to roll back: users still get {baseline}. Stop if an exit condition is clearly missed."
    ),
    Condition.ROLLBACK: _roll_back,
}
_RISKS: Words = {
    Risk.BASELINE_ENDS: lambda baseline, on: (
        f"{baseline} is switched off on {day_of(on)}. You can't switch back after that."
    ),
    Risk.LICENCE: lambda conditions, fit=None: f"License: {conditions}{BY_ANSWERS.get(fit, '')}",
    Risk.NO_LICENCE: "Its license is unknown. Have it checked before it serves customers.",
    Risk.NOT_PROBED: "The model wasn't probed. Check that its host supports all parameters you use.",
    Risk.UNSURE_SAVING: "The saving isn't certain: the move may cost more.",
    Risk.PARTIAL: "The run is incomplete, so there is less evidence than planned.",
}
_OF_USE_CASE: Words = {Step.CAVEAT: _mend, Step.IMPORT: _import, Step.REPLAY: _replay}
_STEPS: Words = {
    Step.STAY: lambda baselines, usd: (
        f"Stay on {listing([short_name(each) for each in baselines])}: a move saves less than {dollars(usd)} a month."
    ),
    Step.FINISH_RUN: "Finish the run. Only missing calls are made and paid for.",
    Step.REVIEW: lambda pairs, more, use_cases: (
        f"Review {count(pairs, 'more pair' if more else 'pair')} blind. Until then {listing(use_cases)} can move only "
        "provisionally, on the judge's votes alone."
    ),
    Step.BETTER_JUDGE: lambda pairs, use_cases: (
        f"Use a better judge or a panel for {listing(use_cases)}{or_review(pairs, use_cases)}."
    ),
    Step.SHADOW: _shadow,
    Step.REAL_CANDIDATE: lambda use_cases: (
        f"Test a real model on {listing(use_cases)}: these answers are pre-recorded."
    ),
    Step.SUCCESSOR: lambda baseline, successor, on, use_cases: (
        f"Test {successor} on {listing(use_cases or ['your log'])}: {short_name(baseline)} ends on {day_of(on)}."
    ),
    Step.LICENCE: "Have the license conditions checked before customer traffic moves.",
    Step.ADD_JUDGE: lambda use_cases: f"Add a judge or review pairs for {listing(use_cases)}.",
    Step.DIFFERING: lambda use_cases: (
        f"Add a judge for {listing(use_cases)}, or review the answers that differ from the baseline's."
    ),
    Step.REVIEW_PAIRS: lambda pairs, use_case, model: f"Review {count(pairs, 'more pair')} of {use_case} with {model}.",
    Step.OTHER_LIMIT: "Choose another acceptable drop for {use_case}, or try another candidate. {model} is too close "
    "to decide by more samples.",
    Step.READ_REFUSALS: lambda use_cases: (
        f"Have a judge check answers of {listing(use_cases)} for refusals: a replay reuses the answers."
    ),
    Step.MEASURE_TIMES: lambda use_cases: (
        f"Replay {listing(use_cases)} through a model with measurable latency, or remove the latency limit. Time to "
        "first token needs streaming."
    ),
    Step.FINE_TUNE: lambda use_cases: f"Or fine-tune: a candidate is just short of a move for {listing(use_cases)}.",
    Step.NEW_CANDIDATE: "Try another candidate when one appears. The study reruns with the same samples.",
}
