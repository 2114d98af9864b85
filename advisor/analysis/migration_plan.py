"""The migration plan: what moves where, in which steps, and what would stop it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from advisor.analysis.money.cost import WORTH_USD
from advisor.analysis.roll_out import phases_for
from advisor.analysis.training import just_short
from advisor.analysis.verdict.explain import HOPELESS, reviews_of
from advisor.types import (
    Assessment,
    Cause,
    Evidence,
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
from advisor.types.licences import Fit, LicenceNote


def plan(
    recommendation: Recommendation,
    models: Mapping[str, Model],
    licence_notes: Mapping[str, LicenceNote],
    ends: Mapping[str, date] | None = None,
    successors: Mapping[str, str] | None = None,
) -> Plan:
    """One move per use case and the next steps.

    ``licence_notes`` tells per model, in one sentence, what its licence asks for; models without a condition may be
    left out. ``ends`` tells per baseline when it is switched off, and ``successors`` what its provider recommends
    then, where that is known.
    """
    moves = tuple(
        _move(decision, recommendation, models, licence_notes, ends or {}) for decision in recommendation.use_cases
    )
    steps = [*_next_steps(recommendation, licence_notes), *_successions(recommendation, ends or {}, successors or {})]
    return Plan(moves=moves, next_steps=tuple(sorted(steps, key=_urgency) or [Message.of(Step.NEW_CANDIDATE)]))


_FIRST = (Step.STAY, Step.FINISH_RUN, Step.REVIEW, Step.REAL_CANDIDATE, Step.SHADOW, Step.SUCCESSOR, Step.LICENCE)
"""What the moves wait for; the others come after."""


def _urgency(step: Message) -> int:
    return _FIRST.index(Step(step.code)) if step.code in _FIRST else len(_FIRST)


def _successions(
    recommendation: Recommendation, ends: Mapping[str, date], successors: Mapping[str, str]
) -> Iterator[Message]:
    """One for each model that ends: a test of its successor, on which the use cases that stay depend."""
    for model, on in ends.items():
        mine = [decision for decision in recommendation.use_cases if decision.baseline_facts.model == model]
        if mine and model in successors:
            yield Message.of(
                Step.SUCCESSOR,
                baseline=mine[0].baseline,
                successor=successors[model],
                on=on.isoformat(),
                use_cases=[decision.name for decision in mine if decision.target is None],
            )


def _move(
    decision: UseCaseDecision,
    recommendation: Recommendation,
    models: Mapping[str, Model],
    licence_notes: Mapping[str, LicenceNote],
    ends: Mapping[str, date],
) -> Move:
    chosen = decision.target
    if chosen is None:
        return Move(use_case=decision.name)
    baseline = decision.baseline
    risks = _risks(chosen, models.get(chosen.model), recommendation, licence_notes)
    ends_on = ends.get(decision.baseline_facts.model)
    if ends_on:
        risks.insert(0, Message.of(Risk.BASELINE_ENDS, baseline=baseline, on=ends_on.isoformat()))
    return Move(
        use_case=decision.name,
        phases=phases_for(decision, chosen, baseline, ends_on),
        risks=tuple(risks),
    )


def _risks(
    chosen: Assessment, model: Model | None, recommendation: Recommendation, licence_notes: Mapping[str, LicenceNote]
) -> list[Message]:
    risks = []
    if chosen.model in licence_notes:
        risks.append(Message.of(Risk.LICENCE, **licence_notes[chosen.model]._asdict()))
    elif not chosen.licence:
        risks.append(Message.of(Risk.NO_LICENCE))
    if model is not None and model.probe is None and not chosen.illustrative:
        risks.append(Message.of(Risk.NOT_PROBED))
    if chosen.costs.savings_usd is not None and chosen.costs.savings_usd.low < 0:
        risks.append(Message.of(Risk.UNSURE_SAVING))
    if recommendation.run.partial:
        risks.append(Message.of(Risk.PARTIAL))
    return risks


def _next_steps(recommendation: Recommendation, licence_notes: Mapping[str, LicenceNote]) -> list[Message]:
    decisions = recommendation.use_cases
    if recommendation.bill.worth is False:
        return [Message.of(Step.STAY, baselines=_baselines(recommendation), usd=WORTH_USD)]
    steps = []
    if recommendation.run.partial:
        steps.append(Message.of(Step.FINISH_RUN))
    needs = {decision.name: need for decision in decisions if (need := decision.review_need)}
    if checked := [name for name, need in needs.items() if need.checks]:
        more = any(needs[name].made for name in checked)
        wanted = recommendation.judging.reviews_wanted
        steps.append(Message.of(Step.REVIEW, pairs=wanted, more=more, use_cases=checked))
    if by_chance := [d.name for d in decisions if d.provisional and d.name not in needs]:
        steps.append(Message.of(Step.BETTER_JUDGE, pairs=0, use_cases=by_chance))
    if on_hold := [d.name for d in decisions if d.has_cause(Cause.JUDGE_NOT_PROVEN)]:
        left = max((needs[name].left for name in on_hold if name in needs), default=0)
        steps.append(Message.of(Step.BETTER_JUDGE, pairs=left, use_cases=on_hold))
    moves = [decision for decision in decisions if decision.target]
    real = [d for d in moves if d.target and not d.target.illustrative]
    if real:
        largest = max(real, key=_point)
        money = _savings(largest)
        savings = asdict(money) if money else None
        steps.append(Message.of(Step.SHADOW, use_case=largest.name, model=largest.chosen, savings_usd=savings))
    if len(real) < len(moves):
        steps.append(Message.of(Step.REAL_CANDIDATE, use_cases=[d.name for d in moves if d not in real]))
    notes = (licence_notes.get(d.chosen or "") for d in moves)
    if any(note is not None and note.fit is not Fit.ALLOWED for note in notes):
        steps.append(Message.of(Step.LICENCE))
    steps += _for_more_data(decisions)
    if short := [decision.name for decision in decisions if just_short(decision)]:
        steps.append(Message.of(Step.FINE_TUNE, use_cases=short))
    return steps


def _for_more_data(decisions: tuple[UseCaseDecision, ...]) -> list[Message]:
    steps = []
    if without := [d.name for d in decisions if d.is_unmeasured]:
        steps.append(Message.of(Step.ADD_JUDGE, use_cases=without))
    if differing := [d.name for d in decisions if any(_waits_for_votes(a) for a in d.candidates)]:
        steps.append(Message.of(Step.DIFFERING, use_cases=differing))
    for decision in decisions:
        if decision.verdict is not Verdict.NEED_MORE_DATA or decision.name in without:
            continue
        unsure = [a for a in decision.candidates if a.ruling.verdict is Verdict.NEED_MORE_DATA]
        reviewed = [a for a in unsure if a.quality.evidence == Evidence.REVIEWS]
        waiting = max(reviewed, key=lambda a: a.quality.not_judged, default=None)
        if waiting is not None and (pairs := _more_reviews(decision, waiting)):
            steps.append(Message.of(Step.REVIEW_PAIRS, pairs=pairs, use_case=decision.name, model=waiting.model))
        elif wanted := [a for a in unsure if a.ruling.n_needed]:
            steps.append(_ask_more(decision, min(wanted, key=lambda a: a.ruling.n_needed or 0)))
    for decision in decisions:
        held = decision.shown is not None and any(caveat.holds for caveat in decision.shown.caveats)
        if held and decision.verdict is Verdict.NEED_MORE_DATA:
            steps.append(Message.of(Step.CAVEAT, use_case=decision.name))
    if unread := [d.name for d in decisions if d.has_cause(Cause.REFUSALS_NOT_READ)]:
        steps.append(Message.of(Step.READ_REFUSALS, use_cases=unread))
    if untimed := [d.name for d in decisions if any(_waits_for_times(a) for a in d.candidates)]:
        steps.append(Message.of(Step.MEASURE_TIMES, use_cases=untimed))
    return steps


def _more_reviews(decision: UseCaseDecision, a: Assessment) -> int:
    """Pairs of a candidate that people compare alone which may decide; 0 where all that are left would not."""
    left, need = a.quality.not_judged, decision.review_need
    if need is not None:
        return need.left
    wanted = (a.ruling.n_needed or a.quality.n + left) - a.quality.n
    return wanted if wanted <= left else 0


def _waits_for_votes(a: Assessment) -> bool:
    """Whether too many answers differ from the baseline's, and nothing tells which are better."""
    d = a.difference
    differs = a.quality.evidence == Evidence.AGREEMENT and d.ci_low is not None and d.ci_low <= -d.margin
    return differs and _is_open(a)


def _is_open(a: Assessment) -> bool:
    """Whether something else than more samples is needed."""
    return a.ruling.verdict is Verdict.NEED_MORE_DATA and not a.ruling.n_needed


def _waits_for_times(a: Assessment) -> bool:
    """Whether a candidate is good enough, but for a limit on waiting that nothing was measured for."""
    d = a.difference
    may_pass = (
        a.ruling.verdict is Verdict.NEED_MORE_DATA
        and not a.ruling.n_needed
        and d.ci_low is not None
        and d.ci_low > -d.margin
    )
    timed = (gate for gate in a.gates if gate.name.is_time and gate.limit is not None)
    return may_pass and any(gate.value is None for gate in timed)


def _ask_more(decision: UseCaseDecision, nearest: Assessment) -> Message:
    """What can be done: a replay where the log has enough, more log where it has not, neither where none would do."""
    need = nearest.ruling.n_needed or 0
    of: dict[str, Any] = {"use_case": decision.name, "model": nearest.model}
    if need - nearest.quality.n > HOPELESS:
        return Message.of(Step.OTHER_LIMIT, **of)
    is_corrected = nearest.difference.method is Method.PPI
    of |= {"n": need, "reviews": reviews_of(need, nearest.trust.reviews, nearest.quality.n) if is_corrected else None}
    if need > decision.samples:
        return Message.of(Step.IMPORT, samples=decision.samples, more=need - decision.samples, **of)
    return Message.of(Step.REPLAY, **of)


def _baselines(recommendation: Recommendation) -> list[str]:
    return list(dict.fromkeys(decision.baseline for decision in recommendation.use_cases))


def _savings(decision: UseCaseDecision) -> Money | None:
    return decision.target.costs.savings_usd if decision.target else None


def _point(decision: UseCaseDecision) -> float:
    money = _savings(decision)
    return money.point if money is not None else 0.0
