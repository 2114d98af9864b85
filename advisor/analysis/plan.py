"""The migration plan: what moves where, in which steps, and what would stop it."""

from collections.abc import Mapping
from datetime import date

from advisor.analysis.bill import WORTH_USD, is_worth
from advisor.analysis.explain import HOPELESS, reviews_of
from advisor.analysis.judging import MIN_REVIEWS
from advisor.analysis.phases import phases_for
from advisor.analysis.quality import MIN_SCORED
from advisor.analysis.sentence import label
from advisor.analysis.wording import baseline_of, baselines_of, count, day, dollars, listing, quality, saving
from advisor.text.caveats import caveat_words, hold_remedy
from advisor.text.notes import notes
from advisor.text.obstacles import why_not
from advisor.text.reasons import in_context, reason
from advisor.types import (
    Assessment,
    Cause,
    Evidence,
    GateName,
    Method,
    Model,
    Money,
    Move,
    Plan,
    Recommendation,
    UseCaseDecision,
    Verdict,
    named,
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
    chosen, shown = decision.target, decision.shown
    baseline = baseline_of(decision, recommendation)
    ends_on = ends.get(baseline.removesuffix(" (recorded)"))
    return Move(
        use_case=decision.name,
        verdict=decision.verdict,
        to=decision.chosen,
        baseline=decision.baseline,
        why=why_of(decision),
        monthly_calls=decision.monthly_calls,
        savings_usd=chosen.savings_usd if chosen else None,
        quality=quality(shown) if shown else f"under {MIN_SCORED} scored samples",
        licence=shown.licence if shown else None,
        illustrative=shown.illustrative if shown else False,
        provisional=decision.provisional,
        phases=phases_for(decision, chosen, baseline, ends_on) if chosen else (),
        risks=(
            *(caveat_words(caveat, baseline) for caveat in chosen.caveats),
            *([f"{baseline} is switched off on {day(ends_on)}: no way back after that."] if ends_on else []),
            *_risks(chosen, models.get(chosen.model), recommendation, licence_notes),
        )
        if chosen
        else (),
    )


def why_of(decision: UseCaseDecision) -> str:
    """Why a use case moves or stays, told of the candidate that it is reported by."""
    shown, candidates = decision.shown, decision.candidates
    if not candidates:
        return "No candidate was tried yet."
    if len({reason(a) for a in candidates}) == 1 and (shown is None or len(candidates) > 1):
        return reason(candidates[0])  # it is true of all of them
    if shown is None:
        return f"No candidate has {MIN_SCORED} scored samples yet."
    words = in_context(shown)
    if decision.verdict is Verdict.KEEP and shown.verdict is not Verdict.KEEP:
        words = f"{words} {why_not(shown)[-1]}"  # that it costs more
    still = [named(a.model, a.illustrative) for a in candidates if a.verdict is Verdict.NEED_MORE_DATA]
    return f"{words} Not settled yet: {listing(still)}." if shown.verdict is Verdict.KEEP and still else words


def _risks(
    chosen: Assessment, model: Model | None, recommendation: Recommendation, licence_notes: Mapping[str, str]
) -> list[str]:
    risks = notes(chosen)
    if chosen.model in licence_notes:
        risks.append(f"Licence: {licence_notes[chosen.model]}")
    elif not chosen.licence:
        risks.append("Its licence is not known: have it checked before it serves customers.")
    if model is not None and model.probe is None and not chosen.illustrative:
        risks.append("The model was not probed: check that its host takes all parameters you use.")
    if chosen.savings_usd is not None and chosen.savings_usd.low < 0:
        risks.append("The saving is not sure: it may cost more.")
    if recommendation.partial:
        risks.append("The run is not complete, so the evidence is thinner than planned.")
    return risks


def _next_steps(recommendation: Recommendation, licence_notes: Mapping[str, str]) -> list[str]:
    decisions = recommendation.use_cases
    if is_worth(recommendation.monthly, decisions) is False:
        return [f"Stay on {baselines_of(recommendation)}: a move saves less than {dollars(WORTH_USD)} a month."]
    steps = []
    if recommendation.partial:
        steps.append("Finish the run: calls without an answer are asked again, answered ones are not paid twice.")
    if provisional := [decision.name for decision in decisions if decision.provisional]:
        done = recommendation.exam.reviews if recommendation.exam else 0
        steps.append(
            f"Review {count(MIN_REVIEWS - done, 'more pair' if done else 'pair')} blind: until then "
            f"{listing(provisional)} can move only provisionally, on the judge's votes alone."
        )
    if on_hold := [d.name for d in decisions if d.waits_for_judge]:
        steps.append(f"Use a better judge or a panel, or review at least {MIN_REVIEWS} pairs, for {listing(on_hold)}.")
    moves = [decision for decision in decisions if decision.target]
    real = [d for d in moves if d.target and not d.target.illustrative]
    if real:
        largest = max(real, key=_point)
        money = _savings(largest)
        gain = f" (would {saving(money)})" if money is not None else ""
        steps.append(f"Start the shadow phase of {largest.name} with {label(largest)}{gain}.")
    if len(real) < len(moves):
        names = [d.name for d in moves if d not in real]
        steps.append(f"Replay {listing(names)} through a real candidate: illustrative answers prove nothing.")
    if any(d.chosen in licence_notes for d in moves):
        steps.append("Have the licence conditions checked before the first customer traffic moves.")
    steps += _for_more_data(decisions)
    if not steps:
        steps.append("Try another candidate when one appears: the study repeats with the same samples.")
    return steps


def _for_more_data(decisions: tuple[UseCaseDecision, ...]) -> list[str]:
    steps = []
    without = [d.name for d in decisions if d.candidates and all(a.evidence == Evidence.NONE for a in d.candidates)]
    if without:
        steps.append(f"Add a judge, or review pairs by hand, for {listing(without)}.")
    if differing := [d.name for d in decisions if any(_waits_for_votes(a) for a in d.candidates)]:
        steps.append(f"Add a judge, or review the answers of {listing(differing)} that differ from the baseline's.")
    for decision in decisions:
        if decision.verdict is not Verdict.NEED_MORE_DATA or decision.name in without:
            continue
        unsure = [a for a in decision.candidates if a.verdict is Verdict.NEED_MORE_DATA]
        reviewed = [a for a in unsure if a.evidence == Evidence.REVIEWS]
        waiting = max(reviewed, key=lambda a: a.not_judged, default=None)
        if waiting is not None and (pairs := waiting.not_judged):
            which = f"{count(pairs, 'pair')} of {decision.name} with {waiting.model}"
            steps.append(f"Review the {which} that nobody has judged yet: the answers are there.")
        elif wanted := [a for a in unsure if a.n_needed]:
            steps.append(_ask_more(decision, min(wanted, key=lambda a: a.n_needed or 0)))
    for decision in decisions:
        shown = decision.shown
        held = next((caveat for caveat in shown.caveats if caveat.holds), None) if shown else None
        if shown is not None and held is not None and decision.verdict is Verdict.NEED_MORE_DATA:
            steps.append(
                f"Before {decision.name} can move to {named(shown.model, shown.illustrative)}, {hold_remedy(held)}."
            )
    if unread := [d.name for d in decisions if any(a.reason.code == Cause.REFUSALS_NOT_READ for a in d.candidates)]:
        steps.append(f"Have a judge read answers of {listing(unread)} for refusals: `score --audit 150`.")
    if untimed := [d.name for d in decisions if any(_waits_for_times(a) for a in d.candidates)]:
        steps.append(
            f"Replay {listing(untimed)} through a model whose answers can be timed, the first word with streaming, or "
            "empty the limit on waiting: nothing was measured for it."
        )
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


def _ask_more(decision: UseCaseDecision, nearest: Assessment) -> str:
    """What can be done: a replay where the log has enough, more log where it has not, neither where none would do."""
    need, model = nearest.n_needed or 0, nearest.model
    if nearest.method is Method.PPI:
        model += f" and review about {reviews_of(need, nearest.reviews, nearest.n):,} of them by hand"
    if need - nearest.n > HOPELESS:
        return (
            f"Choose another limit for {decision.name}, or try another candidate: {nearest.model} is so close to the "
            "limit that more answers will hardly tell."
        )
    if need > decision.samples:
        return (
            f"Import at least {count(need - decision.samples, 'more sample')} of {decision.name} (the log has "
            f"{decision.samples:,}), then replay about {need:,} with {model}."
        )
    return f"Replay about {need:,} samples of {decision.name} with {model}."


def _all(decisions: tuple[UseCaseDecision, ...]) -> list[Assessment]:
    return [a for decision in decisions for a in decision.candidates]


def _savings(decision: UseCaseDecision) -> Money | None:
    return decision.target.savings_usd if decision.target else None


def _point(decision: UseCaseDecision) -> float:
    money = _savings(decision)
    return money.point if money is not None else 0.0
