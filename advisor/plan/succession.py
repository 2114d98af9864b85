"""What follows a model that is switched off: what the run found of it, and use cases that move to it first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from advisor.catalog.identity import canonical_name
from advisor.plan.timeline import is_in_time, leave_by
from advisor.text.names import ANOTHER, bare_id
from advisor.types import Evidence, Message, Move, Phase, Report, Risk, Stint, UseCaseDecision, Verdict
from advisor.types.decisions import Replaced


class Follower(NamedTuple):
    """What becomes of a model that is switched off."""

    on: date
    successor: str
    """As it is asked for; empty: not known."""


def found_of(report: Report, decision: UseCaseDecision, model_id: str) -> Verdict | None:
    """What the run decided on a model in a use case, whatever it is called there; None: its test is still open."""
    id_ = canonical_name(model_id)
    names = {each.name for each in report.models if canonical_name(each.plain_id) == id_}
    measured = (a for a in decision.candidates if a.model in names and a.quality.evidence is not Evidence.NONE)
    verdict = next((a.ruling.verdict for a in measured), None)
    return verdict if verdict in (Verdict.SWITCH, Verdict.KEEP) else None


def untested_on(report: Report, step: Message) -> list[str]:
    """Use cases of a model that ends on which the run didn't decide on its successor; ``step``: SUCCESSOR."""
    mine = (case for case in report.recommendation.use_cases if case.baseline == step.values["baseline"])
    return [case.name for case in mine if found_of(report, case, step.values["successor"]) is None]


def left_on(report: Report, model: str, late: Collection[str] | None) -> list[str]:
    """The use cases of a model that don't leave it in time: all where no move is advised; ``late`` None: all at all."""
    is_all = late is None or not any(move.phases for move in report.plan.moves)
    mine = (case for case in report.recommendation.use_cases if case.baseline_facts.model == model)
    return [case.name for case in mine if is_all or case.target is None or case.name in (late or ())]


def tested_on(report: Report, model: str, successor: str) -> tuple[bool, tuple[str, ...]]:
    """One verdict on a successor: whether it passed on all use cases of a model, and where it failed.

    Those that move count too, as they may go back to it. Where it failed on any, none move to it.
    """
    mine = (case for case in report.recommendation.use_cases if case.baseline_facts.model == model)
    found = {case.name: found_of(report, case, successor) for case in mine}
    failed = tuple(name for name, verdict in found.items() if verdict is Verdict.KEEP)
    return bool(found) and {*found.values()} == {Verdict.SWITCH}, failed


def replaced_first(
    report: Report, stints: Sequence[Stint], followers: Mapping[str, Follower], today: date
) -> dict[str, Replaced]:
    """The use cases of models that are switched off before a roll-out in these steps can end, as a Plan has them.

    A roll-out that has begun goes on: it's never sent back, and only its steps after that start from the successor.
    """
    found: dict[str, Replaced] = {}
    for model, (on, successor) in followers.items():
        names = left_on(report, model, None)
        steps = {name: [each for each in stints if each.use_case == name] for name in names}
        begun = {name: mine for name, mine in steps.items() if mine and mine[0].first <= today}
        others = [each for name, mine in steps.items() if name not in begun for each in mine]
        by = leave_by(on, today)
        late = {name: mine for name, mine in begun.items() if mine[-1].first >= on}
        kept = {name: sum(each.first <= by and each.first < on for each in mine) for name, mine in late.items()}
        if others and not is_in_time(others, on):
            kept |= dict.fromkeys((name for name in names if name not in begun), 0)
        _, failed = tested_on(report, model, successor)
        called = ANOTHER if failed else bare_id(successor) or ANOTHER
        found |= {name: Replaced(successor, called, by, n, failed) for name, n in kept.items()}
    return found


def with_successors(report: Report, replaced: Mapping[str, Replaced]) -> Report:
    """With the moves of these use cases from their models' successors: baseline, fallback and way back of each step."""
    if not replaced or report.plan.replaced:
        return report
    moves = tuple(_from_successor(move, replaced.get(move.use_case)) for move in report.plan.moves)
    return replace(report, plan=replace(report.plan, replaced=replaced, moves=moves))


def _from_successor(move: Move, replaced: Replaced | None) -> Move:
    if not move.phases or replaced is None:
        return move
    by, kept = replaced.by.isoformat(), replaced.kept
    told = {"first": replaced.name} | ({"by": by} if kept else {})
    risks = (
        replace(each, values=each.values | told | {"on": max(each.values["on"], by)})
        if each.code == Risk.BASELINE_ENDS
        else each
        for each in move.risks
    )
    new = (_phase(each, replaced.name) for each in move.phases[kept:])
    return replace(move, phases=(*move.phases[:kept], *new), risks=tuple(risks))


def _phase(phase: Phase, baseline: str) -> Phase:
    """With another model that the new one is compared with and falls back on, which stays."""
    new = {"baseline": baseline, "until": None}

    def compared(*messages: Message) -> tuple[Message, ...]:
        own = ({name: new[name] for name in each.values if name in new} for each in messages)
        return tuple(replace(each, values=each.values | mine) for each, mine in zip(messages, own, strict=True))

    (back,) = compared(phase.rollback)
    return replace(phase, entry=compared(*phase.entry), exit=compared(*phase.exit), rollback=back)
