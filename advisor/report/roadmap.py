"""The migration plan on paper."""

from collections.abc import Sequence

from advisor.text.names import decision_verdict
from advisor.text.numbers import UNKNOWN, percent, projected, saving, shorten
from advisor.text.results import NO_SPAN
from advisor.types import Json, Move, Phase, Plan


def roadmap(plan: Plan) -> Json:
    """Next steps and one entry per use case, those that move first."""
    moves = sorted(plan.moves, key=lambda move: move.to is None)
    return {"next_steps": list(plan.next_steps), "moves": [_move(move) for move in moves]}


def _move(move: Move) -> Json:
    calls = projected(move.monthly_calls) if move.monthly_calls is not None else f"{UNKNOWN} ({NO_SPAN})"
    facts = [("Quality", move.quality), ("Calls a month", calls)]
    if move.to is not None:
        saved = saving(move.savings_usd) if move.savings_usd is not None else f"{UNKNOWN} not known"
        facts += [("Money", saved), ("Licence", move.licence or f"{UNKNOWN} not known: have it checked")]
    return {
        "name": shorten(move.use_case),
        "verdict": decision_verdict(move),
        "why": move.why,
        "facts": [list(fact) for fact in facts],
        "phases": [_phase(phase, move.phases[:i]) for i, phase in enumerate(move.phases)],
        "risks": list(move.risks),
    }


def _phase(phase: Phase, before: Sequence[Phase]) -> Json:
    share = "no user sees it" if phase.traffic_share == 0 else f"{percent(phase.traffic_share)} of the traffic"
    same = next((earlier for earlier in before if earlier.rollback == phase.rollback), None)
    return {
        "name": phase.name,
        "share": "of the traffic" if share.startswith(f"{phase.name} ") else share,
        "duration": phase.duration,
        "entry": list(phase.entry),
        "exit": _exit(phase, before),
        "rollback": f"As in the step {same.name}." if same is not None else phase.rollback,
    }


def _exit(phase: Phase, before: Sequence[Phase]) -> list[str]:
    """Conditions that an earlier step has too are not told again."""
    same = next((earlier for earlier in before if earlier.exit and set(earlier.exit) <= set(phase.exit)), None)
    if same is None:
        return list(phase.exit)
    return [f"All that the step {same.name} asks.", *(words for words in phase.exit if words not in same.exit)]
