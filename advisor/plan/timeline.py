"""When the steps of a migration begin and end."""

from collections.abc import Iterator
from datetime import date, timedelta

from advisor.types import Phase, Plan, Stint

LONGEST_DAYS = 60
"""A step that would take longer ends by its calls, and nobody knows the day."""


def timeline(plan: Plan, start: date) -> tuple[Stint, ...]:
    """Every step of every move, if all moves start on ``start`` and each step takes as long as planned."""
    return tuple(stint for move in plan.moves for stint in _stints(move.use_case, move.phases, start))


def _stints(use_case: str, phases: tuple[Phase, ...], first: date) -> Iterator[Stint]:
    for phase in phases:
        end = first + timedelta(days=max(phase.least_days, min(phase.days or 0, LONGEST_DAYS)))
        yield Stint(use_case, phase.traffic_share, first, end)
        first = end
