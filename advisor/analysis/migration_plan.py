"""The migration plan: what moves where, in which steps, and what would stop it."""

from collections.abc import Iterator, Mapping
from datetime import date

from advisor.analysis.next_steps import in_order, next_steps
from advisor.analysis.roll_out import phases_for
from advisor.types import (
    Assessment,
    Message,
    Model,
    Move,
    Plan,
    Recommendation,
    Risk,
    Step,
    UseCaseDecision,
)
from advisor.types.licences import LicenceNote
from advisor.types.reports import JUDGING


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
    steps = [*next_steps(recommendation, licence_notes), *_successions(recommendation, ends or {}, successors or {})]
    return Plan(moves=moves, next_steps=tuple(in_order(steps, _FIRST) or [Message.of(Step.NEW_CANDIDATE)]))


_FIRST = (Step.STAY, Step.FINISH_RUN, *JUDGING, Step.REAL_CANDIDATE, Step.SHADOW, Step.SUCCESSOR, Step.LICENCE)
"""What the moves wait for; the others come after."""


def _successions(
    recommendation: Recommendation, ends: Mapping[str, date], successors: Mapping[str, str]
) -> Iterator[Message]:
    """One for each model that ends: a test of its successor, to which what stays moves and what moved could go back."""
    for model, on in ends.items():
        mine = [decision for decision in recommendation.use_cases if decision.baseline_facts.model == model]
        if mine and model in successors:
            yield Message.of(
                Step.SUCCESSOR,
                baseline=mine[0].baseline,
                successor=successors[model],
                on=on.isoformat(),
                use_cases=[decision.name for decision in mine],
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
