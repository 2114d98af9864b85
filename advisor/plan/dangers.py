"""What can go wrong with the moves of a decision."""

from collections.abc import Iterator

from advisor.types import GateName, Json, Message, Move, Report, Risk, UseCaseDecision
from advisor.types.business import BusinessCase
from advisor.types.dossier import Danger, DataFlow, Schedule
from advisor.types.reports import Condition, Task

RISKS = {
    Risk.LICENCE: Danger.LICENCE,
    Risk.NO_LICENCE: Danger.NO_LICENCE,
    Risk.UNSURE_SAVING: Danger.UNSURE_SAVING,
    Risk.NOT_PROBED: Danger.NOT_PROBED,
    Risk.PARTIAL: Danger.PARTIAL,
}


def dangers_of(
    report: Report, case: BusinessCase, flows: tuple[DataFlow, ...], schedule: Schedule
) -> tuple[Message, ...]:
    """Codes are Dangers, the gravest first."""
    found = [*_dangers(report, case, flows)]
    return tuple(sorted([*found, *_successors(schedule, report)] if found else found, key=_rank))


def _successors(schedule: Schedule, report: Report) -> Iterator[Message]:
    """What follows models that end, and isn't tested yet where their calls could go to it."""
    ends = [each.last for each in schedule.tasks if each.task.code == Task.REPLACE]
    until = min([*ends, *filter(None, [schedule.ends_on])], default=None)
    for each in schedule.tasks:
        if each.task.code == Task.TEST_CHEAPER and each.task.values["along"]:
            left = max((until - each.last).days, 0) if until else 0
            models, names = each.task.values["along"], each.task.values["use_cases"]
            is_said = bool(each.task.values["model"])  # with the limits of the one that comes first
            asked = (case for case in report.recommendation.use_cases if case.name in names and not is_said)
            margins: list[Json] = sorted({a.difference.margin for case in asked for a in case.candidates})
            by = each.last.isoformat()
            yield Message.of(Danger.SUCCESSOR, models=models, use_cases=names, by=by, days=left, margins=margins)


def _rank(danger: Message) -> int:
    return [*Danger].index(Danger(danger.code))


def _dangers(report: Report, counted: BusinessCase, flows: tuple[DataFlow, ...]) -> Iterator[Message]:
    decision = report.recommendation
    endings = {one.use_case: one.ending for one in counted.moving}
    moves = [(case, move) for case, move in report.moves if case.target and move.phases]
    if not moves:
        return
    if any(case.target and case.target.illustrative for case, _ in moves):
        yield Message.of(Danger.ILLUSTRATIVE)
    if names := [case.name for case, _ in moves if case.provisional]:
        yield Message.of(Danger.PROVISIONAL, use_cases=names, pairs=decision.judging.reviews_wanted)
    yield _regression(report, moves)
    yield from _personal(moves)
    found: dict[tuple[str, str], Message] = {}
    for case, move in moves:
        for risk in move.risks:
            if risk.code == Risk.BASELINE_ENDS:
                ending = endings.get(case.name)
                successor = ending.successor.rpartition("/")[2] if ending else ""
                values = risk.values | {"successor": successor, "verdict": ending and ending.verdict}
                found[Danger.RETIRES, str(risk.values)] = Message.of(Danger.RETIRES, **values)
            elif risk.code in RISKS:
                danger = RISKS[Risk(risk.code)]
                found[danger, case.chosen or ""] = Message.of(danger, model=case.chosen, **risk.values)
    yield from found.values()
    for flow in flows:
        if flow.after.name is None and not flow.after.is_own:
            yield Message.of(Danger.NO_HOST, model=flow.after.model)
        if flow.after.name not in (None, flow.before.name):
            yield Message.of(Danger.NEW_PROCESSOR, host=flow.after.name, regions=flow.after.regions)


def _personal(moves: list[tuple[UseCaseDecision, Move]]) -> Iterator[Message]:
    """Where more answers than today have personal data, and no limit holds them."""
    for case, _ in moves:
        for gate in case.target.gates if case.target else ():
            if gate.name is GateName.PERSONAL and gate.limit is None and gate.value and gate.value > 0 and gate.detail:
                yield Message.of(Danger.PERSONAL_DATA, use_cases=[case.name], **gate.detail.values)


def _regression(report: Report, moves: list[tuple[UseCaseDecision, Move]]) -> Message:
    """With what takes each use case back."""
    back = {
        case.name: phase.rollback.values
        for case, move in moves
        for phase in move.phases
        if phase.rollback.code == Condition.ROLLBACK
    }
    margins: dict[float, list[str]] = {}
    for name, values in back.items():
        margins.setdefault(values["margin"], []).append(name)
    baselines = list(dict.fromkeys(case.leaves(report.plan.replaced) for case, _ in moves))
    limits = {name: min(values[name] for values in back.values()) for name in ("errors", "faults")}
    return Message.of(Danger.REGRESSION, baselines=baselines, margins=sorted(margins.items()), **limits)
