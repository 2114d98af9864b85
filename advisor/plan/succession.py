"""Use cases that first move to what follows today's model, as it ends too soon for a roll-out from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from advisor.plan.schedule import is_in_time, leave_by
from advisor.text.plan import left_model
from advisor.types import Message, Move, Phase, Plan, Report, Risk, Stint, UseCaseDecision
from advisor.types.decisions import Replaced


class Follower(NamedTuple):
    """What becomes of a model that is switched off."""

    on: date
    successor: str
    """As it is asked for; empty: not known."""


def replaced_first(
    report: Report, stints: Sequence[Stint], followers: Mapping[str, Follower], today: date
) -> dict[str, Replaced]:
    """The use cases of models that are switched off before a roll-out in these steps can end, as a Plan has them.

    A roll-out that has begun goes on: it's never sent back.
    """
    begun = {each.use_case for each in stints if each.first <= today or each.entered.go is not None}
    found: dict[str, Replaced] = {}
    for model, (on, successor) in followers.items():
        names = [case.name for case in report.recommendation.use_cases if case.baseline_facts.model == model]
        mine = [name for name in names if name not in begun]
        steps = [each for each in stints if each.use_case in mine]
        if steps and on >= today and not is_in_time(steps, on):
            found |= dict.fromkeys(mine, Replaced(successor, leave_by(on, today)))
    return found


def with_successors(report: Report, replaced: Mapping[str, Replaced]) -> Report:
    """With the moves of these use cases from their models' successors: baseline, fallback and way back of every step.

    ``replaced``: as a Plan has it.
    """
    if not replaced or report.plan.replaced:
        return report
    plan = replace(report.plan, replaced=replaced)
    moves = tuple(_from_successor(decision, move, plan) for decision, move in report.moves)
    return replace(report, plan=replace(plan, moves=moves))


def _from_successor(decision: UseCaseDecision, move: Move, plan: Plan) -> Move:
    if not move.phases or decision.name not in plan.replaced:
        return move
    follows = left_model(decision, plan)
    risks = (_with(each, first=follows) if each.code == Risk.BASELINE_ENDS else each for each in move.risks)
    return replace(move, phases=tuple(_phase(each, follows) for each in move.phases), risks=tuple(risks))


def _phase(phase: Phase, baseline: str) -> Phase:
    """With another model that the new one is compared with and falls back on, which stays."""

    def compared(messages: tuple[Message, ...]) -> tuple[Message, ...]:
        return tuple(
            _with(
                each,
                **{name: value for name, value in (("baseline", baseline), ("until", None)) if name in each.values},
            )
            for each in messages
        )

    (rollback,) = compared((phase.rollback,))
    return replace(phase, entry=compared(phase.entry), exit=compared(phase.exit), rollback=rollback)


def _with(message: Message, **values: str | None) -> Message:
    return Message(code=message.code, values={**message.values, **values})
