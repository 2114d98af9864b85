"""The migration plan on paper: next steps, the calendar, what continues or takes back each move, and who signs."""

from collections.abc import Sequence
from datetime import timedelta

from advisor.text.business_case.board import close_out, host_words
from advisor.text.business_case.case import changes_words
from advisor.text.business_case.questions import hardware_words
from advisor.text.gates import criteria
from advisor.text.names import decision_verdict
from advisor.text.numbers import UNKNOWN, day, listing, projected, saving, shorten
from advisor.text.plan import condition, next_steps, phase_name, quality_of, timeline_sentence, why
from advisor.types import Json, Move, Stint, UseCaseDecision
from advisor.types.dossier import Dossier

SIGNERS = ("Quality", "Security", "Legal", "Finance")


def roadmap(dossier: Dossier) -> Json:
    """Next steps, the calendar, and one entry per use case that moves: the largest sure saving first."""
    report = dossier.report
    moves = sorted(report.moves, key=lambda each: -_sure_usd(each[0]))
    return {
        "next_steps": next_steps(report),
        "sentence": timeline_sentence(dossier.stints),
        "calendar": _calendar(dossier.stints),
        "criteria": _criteria([each for each in moves if each[1].phases]),
        "moves": [_move(decision, move, dossier) for decision, move in moves if move.phases],
        "close_out": close_out(dossier),
        "signers": list(SIGNERS),
    }


def _sure_usd(decision: UseCaseDecision) -> float:
    """The low end of what a move saves."""
    saved = decision.target.costs.savings_usd if decision.target else None
    return saved.low if saved else float("-inf") if decision.target is None else 0.0


def _calendar(stints: Sequence[Stint]) -> Json:
    """Rows of bars, with places between 0 and 100."""
    if not stints:
        return {"rows": [], "from": "", "to": ""}
    first, end = min(stint.first for stint in stints), max(stint.end for stint in stints)
    whole = (end - first) / timedelta(days=1)
    names = dict.fromkeys(stint.use_case for stint in stints)
    rows = [
        {
            "name": shorten(name, 60),
            "bars": [
                {
                    "name": phase_name(stint.phase.traffic_share),
                    "owner": stint.entered.owner or "",
                    "wide": round(100 * ((stint.end - stint.first) / timedelta(days=1)) / whole, 2),
                    "from": day(stint.first),
                    "shadow": not stint.phase.traffic_share,
                }
                for stint in stints
                if stint.use_case == name
            ],
        }
        for name in names
    ]
    return {"rows": rows, "from": day(first), "to": day(end)}


def _move(decision: UseCaseDecision, move: Move, dossier: Dossier) -> Json:
    """Why, what it takes, and when it starts."""
    counted = next((one for one in dossier.case.moving if one.use_case == decision.name), None)
    flow = next((each for each in dossier.data_flows if decision.name in each.use_cases), None)
    weights = next((each.weights for each in dossier.outlook.contenders if each.model == decision.chosen), None)
    target = decision.target
    assert target is not None
    saved = saving(target.costs.savings_usd) if target.costs.savings_usd is not None else f"{UNKNOWN} unknown"
    return {
        "name": shorten(decision.name),
        "verdict": decision_verdict(decision),
        "why": why(decision),
        "facts": [
            ["Quality", quality_of(decision)],
            ["Calls a month", projected(decision.monthly_calls)],
            ["Saving", saved.removeprefix("save ")],
            ["What changes", changes_words(counted) if counted else UNKNOWN],
            ["Host", host_words(flow.after) if flow else "unknown"],
            *([["Hardware", hardware_words(weights)]] if flow and flow.after.is_own and weights else []),
            ["License", target.licence or f"{UNKNOWN} unknown: have it checked"],
        ],
        "start": [condition(each) for each in move.phases[0].entry],
    }


def _criteria(moves: Sequence[tuple[UseCaseDecision, Move]]) -> Json:
    """One table for all moves, those with the same limits together: what ends a step and what takes it back."""
    found: dict[tuple[tuple[tuple[str, str], ...], ...], list[str]] = {}
    for case, move in moves:
        found.setdefault(tuple(tuple(cells.items()) for cells in criteria(move)), []).append(shorten(case.name, 60))
    labels = list(dict.fromkeys(label for limits in found for cells in limits for label, _ in cells))
    return {
        "labels": labels,
        "rows": [
            [listing(names) if is_onward else "", decision, *(dict(cells).get(label, UNKNOWN) for label in labels)]
            for limits, names in found.items()
            for is_onward, decision, cells in zip((True, False), ("Next step", "Roll back"), limits, strict=True)
        ],
    }
