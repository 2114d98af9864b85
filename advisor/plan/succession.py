"""What follows a model that is switched off: what the run found of it, and use cases that move to it first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from advisor.catalog.identity import canonical_name
from advisor.plan.schedule import is_in_time, leave_by
from advisor.text.names import bare_id, short_name
from advisor.types import Evidence, Message, Move, Phase, Plan, Report, Risk, Stint, UseCaseDecision, Verdict
from advisor.types.decisions import Replaced


class Follower(NamedTuple):
    """What becomes of a model that is switched off."""

    on: date
    successor: str
    """As it is asked for; empty: not known."""


def found_of(report: Report, decision: UseCaseDecision, model_id: str) -> Verdict | None:
    """What the run found of a model in a use case, whatever it is called there; None: it wasn't measured."""
    id_ = canonical_name(model_id)
    names = {each.name for each in report.models if canonical_name(each.plain_id) == id_}
    measured = (a for a in decision.candidates if a.model in names and a.quality.evidence is not Evidence.NONE)
    return next((a.ruling.verdict for a in measured), None)


def untested_on(report: Report, step: Message) -> list[str]:
    """Use cases of a model that ends on which the run didn't decide on its successor; ``step``: SUCCESSOR."""
    mine = (case for case in report.recommendation.use_cases if case.baseline == step.values["baseline"])
    decided = (Verdict.SWITCH, Verdict.KEEP)
    return [case.name for case in mine if found_of(report, case, step.values["successor"]) not in decided]


def failed_on(report: Report, successor: str, use_cases: Sequence[str]) -> list[str]:
    """Those of these use cases on which the run found that a successor isn't good enough."""
    mine = (case for case in report.recommendation.use_cases if case.name in use_cases)
    return [case.name for case in mine if found_of(report, case, successor) is Verdict.KEEP]


def replaced_first(
    report: Report, stints: Sequence[Stint], followers: Mapping[str, Follower], today: date
) -> dict[str, Replaced]:
    """The use cases of models that are switched off before a roll-out in these steps can end, as a Plan has them.

    A roll-out that has begun goes on: it's never sent back, and only its steps after that start from the successor.
    """
    found: dict[str, Replaced] = {}
    for model, (on, successor) in followers.items():
        names = [case.name for case in report.recommendation.use_cases if case.baseline_facts.model == model]
        steps = {name: [each for each in stints if each.use_case == name] for name in names}
        begun = {name: mine for name, mine in steps.items() if mine and mine[0].first <= today}
        others = [each for name, mine in steps.items() if name not in begun for each in mine]
        by = leave_by(on, today)
        kept = {name: sum(each.first <= by for each in mine) for name, mine in begun.items() if mine[-1].first >= on}
        if others and not is_in_time(others, on):
            kept |= dict.fromkeys((name for name in names if name not in begun), 0)
        for name in kept:
            follows = "" if failed_on(report, successor, [name]) else successor
            called = bare_id(follows) or f"{short_name(model)}'s replacement"
            found[name] = Replaced(follows, called, by, kept[name])
    return found


def with_successors(report: Report, replaced: Mapping[str, Replaced]) -> Report:
    """With the moves of these use cases from their models' successors: baseline, fallback and way back of every step.

    ``replaced``: as a Plan has it.
    """
    if not replaced or report.plan.replaced:
        return report
    plan = replace(report.plan, replaced=replaced)
    moves = tuple(_from_successor(move, plan) for move in plan.moves)
    return replace(report, plan=replace(plan, moves=moves))


def _from_successor(move: Move, plan: Plan) -> Move:
    if not move.phases or (replaced := plan.replaced.get(move.use_case)) is None:
        return move
    more = {"first": replaced.name} | ({"by": replaced.by.isoformat()} if replaced.kept else {})
    risks = (_with(each, **more) if each.code == Risk.BASELINE_ENDS else each for each in move.risks)
    new = (_phase(each, replaced.name) for each in move.phases[replaced.kept :])
    return replace(move, phases=(*move.phases[: replaced.kept], *new), risks=tuple(risks))


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
