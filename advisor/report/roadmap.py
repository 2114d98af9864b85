"""The migration plan on paper: next steps, the calendar, what continues or takes back each move, and who signs."""

from collections.abc import Sequence
from datetime import date, timedelta

from advisor.text.business_case.ask import steps_words
from advisor.text.business_case.board import checked_words, close_out, retires_words, verdicts
from advisor.text.business_case.case import changes_words
from advisor.text.business_case.paper import CALENDAR_KEY, NEXT_STEPS, OTHER_STEPS
from advisor.text.business_case.questions import hardware_words
from advisor.text.business_case.risks import host_words
from advisor.text.business_case.sign_off import signers
from advisor.text.business_case.tasks import UNNAMED, owner_words, passed_words, stop_words, task_rows
from advisor.text.gates import criteria
from advisor.text.numbers import UNKNOWN, day, listing, projected, saving, shorten
from advisor.text.plan import condition, phase_name, quality_of, timeline_sentence, why
from advisor.types import Json, Move, Stint, UseCaseDecision
from advisor.types.dossier import Dossier
from advisor.types.reports import BESIDE

MOST_TICKS = 8
LAST_TICK = 94.0
"""Beyond it, a name would leave the page."""
LETTER = 1.3
"""Its width in a bar of the calendar, of 100."""


def roadmap(dossier: Dossier) -> Json:
    """Next steps, the calendar, and one entry per use case that moves: the largest sure saving first."""
    report, schedule = dossier.report, dossier.schedule
    moves = sorted(report.moves, key=lambda each: -_sure_usd(each[0]))
    return {
        "next_steps": steps_words(dossier, is_dated=False),
        "steps_title": OTHER_STEPS if schedule.stints else NEXT_STEPS,
        "sentence": timeline_sentence(schedule.stints),
        "calendar": _calendar(dossier),
        "work": work_rows(dossier),
        "stop": stop_words(dossier),
        "passed": passed_words(schedule, dossier.case),
        "criteria": _criteria([each for each in moves if each[1].phases]),
        "checked": checked_words(dossier) if schedule.stints else "",
        "moves": [_move(decision, move, dossier) for decision, move in moves if move.phases],
        "close_out": close_out(dossier),
        "signers": [list(each) for each in signers(dossier)],
    }


def work_rows(dossier: Dossier) -> list[list[str]]:
    """What, from, to and by whom: what comes before the first step, then every move, then what is done besides."""
    schedule = dossier.schedule
    tasks = [
        [f"{what}: {names}", day(each.first), day(each.last), owner_words(each)]
        for what, names, each in task_rows(schedule.tasks)
    ]
    together: dict[tuple[str, str, str, str], list[str]] = {}
    for name, mine in _by_use_case(dossier).items():
        steps = ", ".join(f"{phase_name(stint.phase.traffic_share)} from {day(stint.first)}" for stint in mine)
        if mine[-1].last > mine[-1].first:
            steps += f", checked until {day(mine[-1].last)}"
        owners = ", ".join(dict.fromkeys(filter(None, (stint.entered.owner for stint in mine)))) or UNNAMED
        together.setdefault((steps, day(mine[0].first), day(mine[-1].last), owners), []).append(name)
    moves = [[f"{_named(names)}: {steps}", *others] for (steps, *others), names in together.items()]
    is_before = [each.task.code not in BESIDE or each.task.values.get("is_first") for each in schedule.tasks]
    first, others = (
        [row for row, before in zip(tasks, is_before, strict=True) if bool(before) is which] for which in (True, False)
    )
    return [*first, *moves, *others]


def _by_use_case(dossier: Dossier) -> dict[str, list[Stint]]:
    found: dict[str, list[Stint]] = {}
    for stint in dossier.schedule.stints:
        found.setdefault(stint.use_case, []).append(stint)
    return found


def _named(use_cases: Sequence[str]) -> str:
    """Use cases that move in the same steps on the same days."""
    return listing([shorten(name, 60) for name in use_cases])


def _sure_usd(decision: UseCaseDecision) -> float:
    """The low end of what a move saves."""
    saved = decision.target.costs.savings_usd if decision.target else None
    return saved.low if saved else float("-inf") if decision.target is None else 0.0


def _calendar(dossier: Dossier) -> Json:
    """Rows of bars and the ticks below them, with places between 0 and 100."""
    stints, tasks = dossier.schedule.stints, dossier.schedule.tasks
    spans = [(each.first, each.last + timedelta(days=1)) for each in tasks] + [(s.first, s.end) for s in stints]
    if not spans:
        return {"rows": [], "ticks": [], "mark": None, "key": ""}
    ends = dossier.schedule.ends_on
    first = min(first for first, _ in spans)
    end = max([end for _, end in spans] + ([ends + timedelta(days=1)] if ends else []))
    whole = (end - first).days

    def place(at: date) -> float:
        return round(100 * (at - first).days / whole, 2)

    def wide(first: date, end: date) -> float:
        return round(100 * (end - first).days / whole, 2)

    def fitting(name: str, wide: float) -> str:
        return name if LETTER * len(name) <= wide else ""

    rows: list[Json] = [
        {
            "name": shorten(what, 72),
            "bars": [
                {
                    "name": "",
                    "at": place(each.first),
                    "wide": wide(each.first, each.last + ONE),
                    "role": "review",
                }
            ],
        }
        for what, _, each in task_rows(tasks)
    ]
    together: dict[tuple[tuple[float, date, date], ...], list[str]] = {}
    for name, mine in _by_use_case(dossier).items():
        steps = tuple((stint.phase.traffic_share, stint.first, stint.end) for stint in mine)
        together.setdefault(steps, []).append(name)
    rows += [
        {
            "name": _named(names),
            "bars": [
                {
                    "name": fitting(phase_name(share), wide(begins, ends_before)),
                    "at": place(begins),
                    "wide": wide(begins, ends_before),
                    "role": "chosen" if share else "baseline",
                }
                for share, begins, ends_before in steps
            ],
        }
        for steps, names in together.items()
    ]
    mondays = [first + timedelta(days=i) for i in range(-first.weekday() % 7, whole, 7)]
    shown = mondays[:: -(-len(mondays) // MOST_TICKS)]
    return {
        "rows": rows,
        "ticks": [{"at": place(at), "name": f"{at.day} {at:%b}"} for at in shown if place(at) <= LAST_TICK],
        "key": CALENDAR_KEY * bool(stints),
        "mark": {"at": place(ends), "name": retires_words(dossier)} if ends else None,
    }


ONE = timedelta(days=1)


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
        "verdict": verdicts(dossier)[decision.name],
        "why": why(decision),
        "facts": [
            ["Quality", quality_of(decision)],
            ["Calls a month", projected(decision.monthly_calls)],
            ["Saving", saved.removeprefix("save ")],
            ["What changes", changes_words(counted) if counted else UNKNOWN],
            ["Host", host_words(flow.after) if flow else UNKNOWN],
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
