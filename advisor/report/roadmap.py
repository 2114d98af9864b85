"""The migration plan on paper."""

from collections.abc import Sequence

from advisor.text.names import decision_verdict
from advisor.text.numbers import UNKNOWN, projected, saving, shorten
from advisor.text.plan import condition, duration, next_steps, phase_name, quality_of, risks, rollbacks, why
from advisor.text.results import NO_SPAN
from advisor.types import Json, Move, Phase, Recommendation, Report, UseCaseDecision


def roadmap(report: Report) -> Json:
    """Next steps and one entry per use case, those that move first."""
    moves = sorted(report.moves, key=lambda each: each[0].target is None)
    return {
        "next_steps": next_steps(report),
        "moves": [_move(decision, move, report.recommendation) for decision, move in moves],
    }


def _move(decision: UseCaseDecision, move: Move, recommendation: Recommendation) -> Json:
    calls = projected(decision.monthly_calls) if decision.monthly_calls is not None else f"{UNKNOWN} ({NO_SPAN})"
    facts = [("Quality", quality_of(decision)), ("Calls a month", calls)]
    if (target := decision.target) is not None:
        saved = saving(target.costs.savings_usd) if target.costs.savings_usd is not None else f"{UNKNOWN} unknown"
        facts += [
            ("Saving", saved.removeprefix("save ")),
            ("License", target.licence or f"{UNKNOWN} unknown: have it checked"),
        ]
    return {
        "name": shorten(decision.name),
        "verdict": decision_verdict(decision),
        "why": why(decision),
        "facts": [list(fact) for fact in facts],
        "phases": [
            _phase(phase, move.phases[:i]) | {"rollback": rollback}
            for i, (phase, rollback) in enumerate(zip(move.phases, rollbacks(move.phases), strict=True))
        ],
        "risks": risks(decision, move, recommendation),
    }


def _phase(phase: Phase, before: Sequence[Phase]) -> Json:
    return {
        "name": phase_name(phase.traffic_share),
        "share": "of the traffic" if phase.traffic_share else "invisible to users",
        "duration": duration(phase),
        "entry": [condition(each) for each in phase.entry],
        "exit": _exit(phase, before),
    }


def _exit(phase: Phase, before: Sequence[Phase]) -> list[str]:
    """Without the conditions of an earlier step."""
    same = next((earlier for earlier in before if all(each in phase.exit for each in earlier.exit)), None)
    if same is None:
        return [condition(each) for each in phase.exit]
    new = (condition(each) for each in phase.exit if each not in same.exit)
    return [f"Everything the step {_name(same)} requires.", *new]


def _name(phase: Phase) -> str:
    return phase_name(phase.traffic_share)
