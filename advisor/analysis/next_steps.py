"""What to do next, as codes: one step for the study, and one for each use case that is undecided."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from advisor.analysis.money.cost import WORTH_USD
from advisor.analysis.training import just_short
from advisor.analysis.verdict.exam import LEAST_CONTROLS, exam_result
from advisor.analysis.verdict.explain import HOPELESS, reviews_of
from advisor.analysis.verdict.gates import REFUSALS
from advisor.types import (
    Assessment,
    Cause,
    Evidence,
    GateName,
    Judging,
    Message,
    Method,
    Money,
    Obstacle,
    Recommendation,
    Step,
    TooFew,
    UseCaseDecision,
    Verdict,
)
from advisor.types.assessments import MIN_REVIEWS
from advisor.types.codes import JudgeState
from advisor.types.licences import Fit, LicenceNote
from advisor.types.reports import judge_state

LAST = (Step.OTHER_CANDIDATE, Step.OTHER_LIMIT, Step.FIX_CALLS)
"""Advised of a use case only where no candidate has a better way."""
SAMPLES = (Step.REPLAY, Step.IMPORT)
"""Of several candidates the one that needs the fewest."""
BLOCKING = (Obstacle.GATE, Obstacle.OPEN_GATE, Obstacle.REFUSALS_DOUBTFUL)
"""No drop and no sample moves a candidate past these."""
UNEXAMINED = (JudgeState.NOT_EXAMINED, JudgeState.PARTLY_EXAMINED)


def next_steps(recommendation: Recommendation, licence_notes: Mapping[str, LicenceNote]) -> list[Message]:
    """All steps but those about models that end."""
    decisions, judging = recommendation.use_cases, recommendation.judging
    if recommendation.bill.worth is False:
        baselines = list(dict.fromkeys(decision.baseline for decision in decisions))
        return [Message.of(Step.STAY, baselines=baselines, usd=WORTH_USD)]
    steps = []
    if recommendation.run.partial:
        steps.append(Message.of(Step.FINISH_RUN))
    needs = {decision.name: need for decision in decisions if (need := decision.review_need)}
    if checked := [name for name, need in needs.items() if need.checks]:
        more = any(needs[name].made for name in checked)
        steps.append(Message.of(Step.REVIEW, pairs=judging.reviews_wanted, more=more, use_cases=checked))
    if by_chance := [d.name for d in decisions if d.provisional and d.name not in needs]:
        if judging.exam and judging.exam.is_tied:
            steps.append(Message.of(Step.REVIEW, pairs=0, more=True, use_cases=by_chance))
        else:
            steps.append(Message.of(Step.BETTER_JUDGE, pairs=0, use_cases=by_chance))
    open_ = [_step_of(decision, judging) for decision in decisions if decision.verdict is Verdict.NEED_MORE_DATA]
    steps += in_order(_merged(open_), _ORDER)
    moves = [decision for decision in decisions if decision.target]
    real = [d for d in moves if d.target and not d.target.illustrative]
    if real:
        largest = max(real, key=lambda decision: money.point if (money := _savings(decision)) else 0.0)
        money = _savings(largest)
        savings = asdict(money) if money else None
        steps.append(Message.of(Step.SHADOW, use_case=largest.name, model=largest.chosen, savings_usd=savings))
    if len(real) < len(moves):
        steps.append(Message.of(Step.REAL_CANDIDATE, use_cases=[d.name for d in moves if d not in real]))
    notes = (licence_notes.get(d.chosen or "") for d in moves)
    if any(note is not None and note.fit is not Fit.ALLOWED for note in notes):
        steps.append(Message.of(Step.LICENCE))
    steps += [
        Message.of(Step.FIX_FORM, model=a.model, gate=a.ruling.reason.values["gate"]["name"], use_cases=[decision.name])
        for decision in decisions
        if decision.verdict is Verdict.KEEP and (a := decision.shown) and _fails_by_form(a)
    ]
    if short := [decision.name for decision in decisions if just_short(decision)]:
        steps.append(Message.of(Step.FINE_TUNE, use_cases=short))
    return steps


def _fails_by_form(a: Assessment) -> bool:
    """Whether a guardrail decides that a prompt or a parameter may mend."""
    reason = a.ruling.reason
    return reason.code == Cause.GATE and reason.values["gate"]["name"] in (GateName.VALIDITY, GateName.TRUNCATION)


_ORDER = (
    Step.EXAMINE,
    Step.ADD_JUDGE,
    Step.BETTER_JUDGE,
    Step.DIFFERING,
    Step.MISSING_VOTES,
    Step.REVIEW_PAIRS,
    Step.READ_REFUSALS,
    Step.REPLAY,
    Step.IMPORT,
)
"""What to do first of what undecided use cases need: a judge for all of them before samples for one."""


def in_order(steps: Iterable[Message], first: Sequence[Step]) -> list[Message]:
    """The steps of these kinds in their order, then the others as they came."""
    return sorted(steps, key=lambda s: first.index(Step(s.code)) if s.code in first else len(first))


def _merged(steps: list[Message]) -> Iterator[Message]:
    """The same step for several use cases once, with as many pairs as the one that needs most."""
    known: dict[tuple[str, ...], Message] = {}
    for step in steps:
        v = step.values
        if "use_cases" not in v:
            yield step
            continue
        key = (step.code, *(str(value) for name, value in v.items() if name not in ("use_cases", "pairs")))
        one = known.get(key)
        cases = [*(one.values["use_cases"] if one else ()), *v["use_cases"]]
        pairs = {"pairs": max(v["pairs"], one.values["pairs"] if one else 0)} if "pairs" in v else {}
        known[key] = Message(code=step.code, values=v | pairs | {"use_cases": cases})
    yield from known.values()


def _step_of(decision: UseCaseDecision, judging: Judging) -> Message:
    """What would decide a use case, by the candidate it is reported by, or by another one that has a better way."""
    unsure = [a for a in decision.candidates if a.ruling.verdict is Verdict.NEED_MORE_DATA]
    steps = [_step(decision, a, judging) for a in sorted(unsure, key=lambda a: a.model != decision.reported)]
    steps.append(Message.of(Step.OTHER_CANDIDATE, use_cases=[decision.name]))
    best = next((step for step in steps if step.code not in LAST), steps[0])
    if best.code not in SAMPLES:
        return best
    return min((step for step in steps if step.code in SAMPLES), key=lambda step: int(step.values["n"]))


_BY_CAUSE: dict[str, Callable[[UseCaseDecision, Assessment], Message]] = {
    Cause.NO_EVIDENCE: lambda d, a: _by_another_judge(d, a) or Message.of(Step.ADD_JUDGE, use_cases=[d.name]),
    Cause.JUDGE_NOT_PROVEN: lambda d, a: _about_judge(d, a),
    Cause.JUDGE_CONTRADICTED: lambda d, a: _about_judge(d, a),
    Cause.VOTES_MISSING: lambda d, a: Message.of(Step.MISSING_VOTES, use_cases=[d.name]),
    Cause.REFUSALS_NOT_READ: lambda d, a: (
        _by_another_judge(d, a) or Message.of(Step.READ_REFUSALS, more=False, use_cases=[d.name])
    ),
    Cause.NOT_TIMED: lambda d, a: Message.of(Step.MEASURE_TIMES, use_cases=[d.name]),
    Cause.CLASS_NEVER_RIGHT: lambda d, a: Message.of(Step.CAVEAT, use_case=d.name),
    Cause.FALLS_LATELY: lambda d, a: Message.of(Step.CAVEAT, use_case=d.name),
    Cause.NOTHING_SCORED: lambda d, a: Message.of(Step.FIX_CALLS, model=a.model, use_cases=[d.name]),
    Cause.NO_ROOM: lambda d, a: _make_room(d, a),
}
"""What helps however many samples there are."""


def _step(decision: UseCaseDecision, a: Assessment, judging: Judging) -> Message:
    reason, cases = a.ruling.reason, [decision.name]
    if a.quality.evidence == Evidence.REVIEWS and (pairs := _more_reviews(decision, a)):
        exam = exam_result(judging.exam)
        state = judge_state(exam)
        if reason.values.get("by_people") and state not in (JudgeState.PASSED, *UNEXAMINED):
            return Message.of(Step.BETTER_JUDGE, pairs=pairs, use_cases=cases, **_judge(state, exam.values))
        return Message.of(Step.REVIEW_PAIRS, pairs=pairs, use_case=decision.name, model=a.model)
    if reason.code in _BY_CAUSE:
        return _BY_CAUSE[reason.code](decision, a)
    gate = reason.values.get("gate", {})
    if gate.get("is_set_up"):
        return Message.of(Step.FIX_CALLS, model=a.model, use_cases=cases)
    if reason.code == Cause.OPEN_GATE and gate["name"] in REFUSALS:
        return Message.of(Step.READ_REFUSALS, more=True, use_cases=cases)
    if a.ruling.n_needed:
        return _more(decision, a)
    if reason.code == Cause.DIFFERS:
        return Message.of(Step.DIFFERING, use_cases=cases)
    if reason.code == Cause.TOO_FEW:
        return _too_few(decision, a, reason.values.get("too_few", {}))
    return _give_up(decision, a)


def _more_reviews(decision: UseCaseDecision, a: Assessment) -> int:
    """Pairs of a candidate that people compare alone which may decide; 0 where all that are left would not."""
    left, need = a.quality.not_judged, decision.review_need
    if need is not None:
        return need.left
    wanted = (a.ruling.n_needed or a.quality.n + left) - a.quality.n
    return wanted if wanted <= left else 0


def _make_room(decision: UseCaseDecision, a: Assessment) -> Message:
    of: dict[str, Any] = {"model": a.model, "use_cases": [decision.name]}
    if a.ruling.reason.values["is_too_wide"]:
        return Message.of(Step.OTHER_LIMIT, smaller=True, **of)
    return Message.of(Step.REFERENCES, **of)


def _by_another_judge(decision: UseCaseDecision, a: Assessment) -> Message | None:
    """Where the replies of the one there is can't be read."""
    reason = a.ruling.reason
    if judge_state(reason) is not JudgeState.UNREADABLE:
        return None
    pairs = MIN_REVIEWS if reason.code == Cause.NO_EVIDENCE else 0
    judge = _judge(JudgeState.UNREADABLE, reason.values)
    return Message.of(Step.BETTER_JUDGE, pairs=pairs, use_cases=[decision.name], **judge)


def _judge(state: JudgeState, v: Mapping[str, Any]) -> dict[str, Any]:
    """What is wrong with which judges."""
    kept = {name: v[name] for name in ("unread", "of", "example") if name in v}
    return {"state": state.value, "judges": list(v.get("judges", ()))} | kept


def _about_judge(decision: UseCaseDecision, a: Assessment) -> Message:
    reason, cases = a.ruling.reason, [decision.name]
    state, exam = judge_state(reason), reason.values.get("exam", {}).get("values", {})
    if state in UNEXAMINED:
        return Message.of(Step.EXAMINE, least=LEAST_CONTROLS, use_cases=cases)
    need = decision.review_need
    return Message.of(Step.BETTER_JUDGE, pairs=need.left if need else 0, use_cases=cases, **_judge(state, exam))


def _more(decision: UseCaseDecision, nearest: Assessment) -> Message:
    """What can be done: a replay where the log has enough, more log where it has not, neither where none would do."""
    need = nearest.ruling.n_needed or 0
    if need - nearest.quality.n > HOPELESS:
        return _give_up(decision, nearest)
    of: dict[str, Any] = {"use_case": decision.name, "model": nearest.model}
    is_corrected = nearest.difference.method is Method.PPI
    of |= {"n": need, "reviews": reviews_of(need, nearest.trust.reviews, nearest.quality.n) if is_corrected else None}
    if need > decision.samples:
        return Message.of(Step.IMPORT, samples=decision.samples, more=need - decision.samples, **of)
    return Message.of(Step.REPLAY, **of)


def _too_few(decision: UseCaseDecision, a: Assessment, too_few: Mapping[str, Any]) -> Message:
    code, v = too_few.get("code"), too_few.get("values", {})
    if code == TooFew.DRIFTS:
        return Message.of(Step.STEADY, use_cases=[decision.name])
    if code in (TooFew.CONVERSATIONS, TooFew.GROUPS):
        return Message.of(Step.OTHER_SAMPLES, of=v.get("of", "conversations"), use_cases=[decision.name])
    of = {"use_case": decision.name, "model": a.model, "n": v.get("least", MIN_REVIEWS), "reviews": None}
    if of["n"] > decision.samples:
        return Message.of(Step.IMPORT, samples=decision.samples, more=of["n"] - decision.samples, **of)
    return Message.of(Step.REPLAY, **of)


def _give_up(decision: UseCaseDecision, a: Assessment) -> Message:
    """More samples don't help: another drop where nothing but it is in the way, else another candidate."""
    blocking = [message for message in a.ruling.why_not if message.code in BLOCKING]
    is_close = a.ruling.reason.code == Cause.NOT_SURE
    if is_close and not blocking:
        return Message.of(Step.OTHER_LIMIT, use_cases=[decision.name], model=a.model)
    gate = GateName(blocking[0].values["name"]).value if blocking else None
    return Message.of(Step.OTHER_CANDIDATE, use_cases=[decision.name], model=a.model, gate=gate)


def _savings(decision: UseCaseDecision) -> Money | None:
    return decision.target.costs.savings_usd if decision.target else None
