"""What a reader must know beside the decision: dates, doubts, and cheaper ways. Facts for pages and the report."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from advisor.analysis.money.cost import WORTH_USD
from advisor.analysis.verdict.exam import grade
from advisor.catalog.identity import canonical_name
from advisor.decide.decisions import latest_report
from advisor.decide.freshness import stale_answers
from advisor.money.closed_models import Alternative, deadlines, successor_usd, switch_off
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.run.runs import get_run
from advisor.text.names import Outcome, outcome
from advisor.types import (
    Cause,
    Caveat,
    CaveatCode,
    Evidence,
    GateName,
    Message,
    Model,
    Recommendation,
    Role,
    Study,
    UseCaseDecision,
    Verdict,
)
from advisor.types.codes import DetailCode, JudgeState
from advisor.types.messages import FlagCode
from advisor.types.reports import judge_state

SOON_DAYS = 180
"""Up to which a switch-off date is worth a flag."""
DOUBTS = {
    Cause.NO_EVIDENCE: FlagCode.JUDGE_NOT_PROVEN,
    Cause.JUDGE_NOT_PROVEN: FlagCode.JUDGE_NOT_PROVEN,
    Cause.JUDGE_CONTRADICTED: FlagCode.JUDGE_CONTRADICTED,
}


def flags(store: Store, study: Study, cheaper: Alternative | None, *, pays: bool = True) -> tuple[Message, ...]:
    """Flags of a study, the most pressing first; codes are FlagCodes. Before a decision only what the log shows.

    ``cheaper``: as ``cheaper_alternative`` finds it, which takes long. ``pays``: whether a move is advised.
    """
    report = latest_report(store, study)
    if report is None:
        return (*retirements(store, study), *_untested(store, study, cheaper, None))
    decision = report.recommendation
    is_worth = decision.bill.worth is not False
    found = [*constant(decision), *copied(decision)]
    # It saves more than the decision: the most money goes first.
    found += _untested(store, study, cheaper, decision) if is_worth else ()
    found += retirements(store, study)
    if decision.run.partial:
        found.append(Message.of(FlagCode.PARTIAL, run=decision.run.number, missing=decision.run.missing))
    found += _judges(decision)
    if old := stale_answers(store, get_run(store, decision.run.id)):
        found.append(Message.of(FlagCode.STALE, at=old.values["at"], days=old.values["days"]))
    return (*found, *(_unproven(decision) if is_worth and pays else ()))


def retirements(store: Store, study: Study) -> Iterator[Message]:
    """Today's models that are switched off soon or were already, the nearest first."""
    seen, today = set(), datetime.now(UTC).date()
    for one in deadlines(store, study):
        if one.on is None or one.role not in (None, Role.BASELINE) or canonical_name(one.model) in seen:
            continue
        seen.add(canonical_name(one.model))
        if (days := (one.on - today).days) <= SOON_DAYS:
            usd, on = successor_usd(store, study, one), one.on.isoformat()
            yield Message.of(FlagCode.RETIRES, model=one.model, on=on, days=days, successor=one.successor, usd=usd)


def retires_soon(model: Model) -> date | None:
    """When a model is switched off, if that is worth saying."""
    on = switch_off(model.plain_id)
    return on if on and (on - datetime.now(UTC).date()).days <= SOON_DAYS else None


def constant(decision: Recommendation) -> Iterator[Message]:
    """Candidates that gave one answer to all prompts of a use case, each with the first of these."""
    seen = set()
    for case in decision.use_cases:
        for a in case.candidates:
            detail = next((gate.detail for gate in a.gates if gate.name is GateName.IDENTICAL), None)
            if detail and detail.code == DetailCode.CONSTANT and a.model not in seen:
                seen.add(a.model)
                prompts = detail.values["prompts"]
                yield Message.of(FlagCode.CONSTANT, model=a.model, use_cases=[case.name], prompts=prompts)


def copied(decision: Recommendation) -> Iterator[Message]:
    """Candidates with answers that are nearly the recorded ones, in the use cases that are reported by them."""
    found: dict[str, list[tuple[str, Caveat]]] = {}
    for case in decision.use_cases:
        for caveat in case.shown.caveats if case.shown else ():
            if case.shown and caveat.code is CaveatCode.COPIED:
                found.setdefault(case.shown.model, []).append((case.name, caveat))
    for model, each in found.items():
        yield Message.of(
            FlagCode.COPIED,
            model=model,
            use_cases=[name for name, _ in each],
            hits=round(sum(one.value * one.n for _, one in each)),
            n=sum(one.n for _, one in each),
            expected=round(sum(one.baseline_value * one.n for _, one in each)),
        )


def _judges(decision: Recommendation) -> Iterator[Message]:
    """Judges whose votes don't count, with the use cases that this holds."""
    judging, is_held = decision.judging, False
    for cause, code in DOUBTS.items():
        open_ = (case for case in decision.use_cases if case.verdict is Verdict.NEED_MORE_DATA)
        held = {case.name: found for case in open_ if (found := _doubts(case, cause))}
        reasons = [reason for found in held.values() for reason in found]
        values = [reason.values["exam"]["values"] if "exam" in reason.values else reason.values for reason in reasons]
        named = dict.fromkeys(name for each in values for name in each.get("judges", ()))
        if held:
            is_held = True
            judges = list(named) or [one.judge for one in judging.judges]
            kept = next((each for each in values if "judges" in each), {})
            stated = {"judges": judges, "state": judge_state(reasons[0]).value, "use_cases": list(held)}
            yield Message(code=code, values=kept | stated)
    if judging.exam and judging.exam.left_out and not is_held:
        left_out = list(judging.exam.left_out)
        yield Message.of(FlagCode.JUDGE_NOT_PROVEN, state=JudgeState.FAILED.value, judges=left_out, use_cases=[])


def _doubts(case: UseCaseDecision, cause: Cause) -> list[Message]:
    """The reasons of that cause; without evidence it is a judge's only where its replies can't be read."""
    reasons = [a.ruling.reason for a in case.candidates if a.ruling.reason.code == cause]
    return [reason for reason in reasons if cause is not Cause.NO_EVIDENCE or "unread" in reason.values]


def failed_judges(decision: Recommendation) -> tuple[str, ...]:
    """Judges that failed the exam or can't be read; their votes don't count unless people review enough of them."""
    exam = decision.judging.exam
    if exam is None:
        return ()
    graded = grade(exam)
    is_open = not graded.is_taken and graded.is_readable
    return exam.left_out if graded.is_passed or is_open else (*exam.judges, *exam.left_out)


def _untested(
    store: Store, study: Study, cheaper: Alternative | None, decision: Recommendation | None
) -> Iterator[Message]:
    """A cheaper model of today's family that nothing has compared, where it might save more than the decision."""
    if cheaper is None or cheaper.saved.high < WORTH_USD or cheaper.saved.point <= _saved(decision):
        return
    candidates = [a for case in decision.use_cases for a in case.candidates] if decision else []
    measured = {a.model for a in candidates if a.quality.evidence is not Evidence.NONE}
    names = {canonical_name(model.plain_id) for model in list_models(store, study.id) if model.name in measured}
    if canonical_name(cheaper.model.plain_id) not in names:
        id_ = cheaper.model.litellm_id
        name = id_.rpartition("/")[2]
        on = retires_soon(cheaper.model)
        ends = on and on.isoformat()
        yield Message.of(FlagCode.UNTESTED, model=name, litellm_id=id_, saved=vars(cheaper.saved), retires=ends)


def _unproven(decision: Recommendation) -> Iterator[Message]:
    """What use cases that need more data would save beyond the decision with the candidate that each is judged by."""
    waiting = [case for case in decision.use_cases if outcome(case) is Outcome.NEED_MORE_DATA]
    shown = {case.name: a for case in waiting if (a := case.shown) and a.quality.evidence is not Evidence.NONE}
    saved = {name: a.costs.savings_usd.point for name, a in shown.items() if a.costs.savings_usd}
    if (usd := sum(saved.values())) > 0:
        models = list(dict.fromkeys(shown[name].model for name in saved))
        yield Message.of(FlagCode.UNPROVEN, models=models, use_cases=list(saved), usd=usd, more=_saved(decision) > 0)


def _saved(decision: Recommendation | None) -> float:
    """Dollars a month that the decision saves."""
    return decision.bill.monthly.savings_usd.point if decision and decision.bill.monthly else 0.0
