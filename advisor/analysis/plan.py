"""The migration plan: what moves where, in which steps, and what would stop it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from advisor.analysis.bill import WORTH_USD
from advisor.analysis.explain import HOPELESS, reviews_of
from advisor.analysis.judging import MIN_REVIEWS
from advisor.analysis.phases import phases_for
from advisor.types import (
    Assessment,
    Cause,
    Evidence,
    GateName,
    Message,
    Method,
    Model,
    Money,
    Move,
    Plan,
    Recommendation,
    Risk,
    Step,
    UseCaseDecision,
    Verdict,
)


def plan(
    recommendation: Recommendation,
    models: Mapping[str, Model],
    licence_notes: Mapping[str, str],
    ends: Mapping[str, date] | None = None,
) -> Plan:
    """One move per use case and the next steps.

    ``licence_notes`` tells per model, in one sentence, what its licence asks for; models without a condition may be
    left out. ``ends`` tells per baseline when it is switched off, where that is known.
    """
    moves = tuple(
        _move(decision, recommendation, models, licence_notes, ends or {}) for decision in recommendation.use_cases
    )
    return Plan(moves=moves, next_steps=tuple(_next_steps(recommendation, licence_notes)))


def _move(
    decision: UseCaseDecision,
    recommendation: Recommendation,
    models: Mapping[str, Model],
    licence_notes: Mapping[str, str],
    ends: Mapping[str, date],
) -> Move:
    chosen = decision.target
    if chosen is None:
        return Move(use_case=decision.name)
    baseline = decision.baseline or recommendation.baseline
    risks = _risks(chosen, models.get(chosen.model), recommendation, licence_notes)
    ends_on = ends.get(baseline.removesuffix(" (recorded)"))
    if ends_on:
        risks.insert(0, Message.of(Risk.BASELINE_ENDS, baseline=baseline, on=ends_on.isoformat()))
    return Move(
        use_case=decision.name,
        phases=phases_for(decision, chosen, baseline, ends_on),
        risks=tuple(risks),
    )


def _risks(
    chosen: Assessment, model: Model | None, recommendation: Recommendation, licence_notes: Mapping[str, str]
) -> list[Message]:
    risks = []
    if chosen.model in licence_notes:
        risks.append(Message.of(Risk.LICENCE, conditions=licence_notes[chosen.model]))
    elif not chosen.licence:
        risks.append(Message.of(Risk.NO_LICENCE))
    if model is not None and model.probe is None and not chosen.illustrative:
        risks.append(Message.of(Risk.NOT_PROBED))
    if chosen.savings_usd is not None and chosen.savings_usd.low < 0:
        risks.append(Message.of(Risk.UNSURE_SAVING))
    if recommendation.partial:
        risks.append(Message.of(Risk.PARTIAL))
    return risks


def _next_steps(recommendation: Recommendation, licence_notes: Mapping[str, str]) -> list[Message]:
    decisions = recommendation.use_cases
    if recommendation.worth is False:
        return [Message.of(Step.STAY, baselines=_baselines(recommendation), usd=WORTH_USD)]
    steps = []
    if recommendation.partial:
        steps.append(Message.of(Step.FINISH_RUN))
    if provisional := [decision.name for decision in decisions if decision.provisional]:
        wanted = recommendation.reviews_wanted
        steps.append(Message.of(Step.REVIEW, pairs=wanted, more=wanted < MIN_REVIEWS, use_cases=provisional))
    if on_hold := [d.name for d in decisions if d.waits_for_judge]:
        steps.append(Message.of(Step.BETTER_JUDGE, pairs=MIN_REVIEWS, use_cases=on_hold))
    moves = [decision for decision in decisions if decision.target]
    real = [d for d in moves if d.target and not d.target.illustrative]
    if real:
        largest = max(real, key=_point)
        money = _savings(largest)
        savings = asdict(money) if money else None
        steps.append(Message.of(Step.SHADOW, use_case=largest.name, model=largest.chosen, savings_usd=savings))
    if len(real) < len(moves):
        steps.append(Message.of(Step.REAL_CANDIDATE, use_cases=[d.name for d in moves if d not in real]))
    if any(d.chosen in licence_notes for d in moves):
        steps.append(Message.of(Step.LICENCE))
    steps += _for_more_data(decisions)
    return steps or [Message.of(Step.NEW_CANDIDATE)]


def _for_more_data(decisions: tuple[UseCaseDecision, ...]) -> list[Message]:
    steps = []
    without = [d.name for d in decisions if d.candidates and all(a.evidence == Evidence.NONE for a in d.candidates)]
    if without:
        steps.append(Message.of(Step.ADD_JUDGE, use_cases=without))
    if differing := [d.name for d in decisions if any(_waits_for_votes(a) for a in d.candidates)]:
        steps.append(Message.of(Step.DIFFERING, use_cases=differing))
    for decision in decisions:
        if decision.verdict is not Verdict.NEED_MORE_DATA or decision.name in without:
            continue
        unsure = [a for a in decision.candidates if a.verdict is Verdict.NEED_MORE_DATA]
        reviewed = [a for a in unsure if a.evidence == Evidence.REVIEWS]
        waiting = max(reviewed, key=lambda a: a.not_judged, default=None)
        if waiting is not None and (pairs := waiting.not_judged):
            steps.append(Message.of(Step.REVIEW_PAIRS, pairs=pairs, use_case=decision.name, model=waiting.model))
        elif wanted := [a for a in unsure if a.n_needed]:
            steps.append(_ask_more(decision, min(wanted, key=lambda a: a.n_needed or 0)))
    for decision in decisions:
        held = decision.shown is not None and any(caveat.holds for caveat in decision.shown.caveats)
        if held and decision.verdict is Verdict.NEED_MORE_DATA:
            steps.append(Message.of(Step.CAVEAT, use_case=decision.name))
    if unread := [d.name for d in decisions if any(a.reason.code == Cause.REFUSALS_NOT_READ for a in d.candidates)]:
        steps.append(Message.of(Step.READ_REFUSALS, use_cases=unread))
    if untimed := [d.name for d in decisions if any(_waits_for_times(a) for a in d.candidates)]:
        steps.append(Message.of(Step.MEASURE_TIMES, use_cases=untimed))
    return steps


def _waits_for_votes(a: Assessment) -> bool:
    """Whether too many answers differ from the baseline's, and nothing tells which are better."""
    differs = a.evidence == Evidence.AGREEMENT and a.ci_low is not None and a.ci_low <= -a.margin
    return differs and a.verdict is Verdict.NEED_MORE_DATA and not a.n_needed


def _waits_for_times(a: Assessment) -> bool:
    """Whether a candidate is good enough, but for a limit on waiting that nothing was measured for."""
    may_pass = a.verdict is Verdict.NEED_MORE_DATA and not a.n_needed and a.ci_low is not None and a.ci_low > -a.margin
    timed = (gate for gate in a.gates if gate.name in (GateName.TTFT, GateName.LATENCY) and gate.limit is not None)
    return may_pass and any(gate.value is None for gate in timed)


def _ask_more(decision: UseCaseDecision, nearest: Assessment) -> Message:
    """What can be done: a replay where the log has enough, more log where it has not, neither where none would do."""
    need = nearest.n_needed or 0
    of: dict[str, Any] = {"use_case": decision.name, "model": nearest.model}
    if need - nearest.n > HOPELESS:
        return Message.of(Step.OTHER_LIMIT, **of)
    is_corrected = nearest.method is Method.PPI
    of |= {"n": need, "reviews": reviews_of(need, nearest.reviews, nearest.n) if is_corrected else None}
    if need > decision.samples:
        return Message.of(Step.IMPORT, samples=decision.samples, more=need - decision.samples, **of)
    return Message.of(Step.REPLAY, **of)


def _baselines(recommendation: Recommendation) -> list[str]:
    return list(dict.fromkeys(decision.baseline or recommendation.baseline for decision in recommendation.use_cases))


def _savings(decision: UseCaseDecision) -> Money | None:
    return decision.target.savings_usd if decision.target else None


def _point(decision: UseCaseDecision) -> float:
    money = _savings(decision)
    return money.point if money is not None else 0.0
