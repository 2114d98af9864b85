"""What if: the decision and the bill under other limits, traffic and prices; nothing is decided until one is chosen."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from advisor.analysis.quality.evidence import Limits as UseCaseLimits
from advisor.analysis.verdict.recommend import recommend
from advisor.decide.grounds import Grounds
from advisor.decide.limits import chosen_scenario, setting_limits, study_limits
from advisor.store import Store
from advisor.store.engine import Transaction
from advisor.store.log.use_cases import list_use_cases
from advisor.store.scenarios import choose_scenario, find_before, undo_scenarios
from advisor.store.studies import get_study
from advisor.types import Recommendation, Study
from advisor.types.scenarios import Assumptions, Crossing, Limits, Scenario

CONSERVATIVE = (0.02, 0.99)
BALANCED = (0.05, 0.95)
"""Margin and confidence of usual scenarios."""
MARGINS = tuple(points / 100 for points in range(1, 21))
WIDE = (0.25, 0.30)
"""Where the frontier is looked at; from drops so wide that a poor model could pass, a candidate may fail again."""


def what_if(grounds: Grounds, limits: Limits, assumed: Assumptions) -> Recommendation:
    """The decision that :func:`decide` would make by these limits, at another traffic and other prices."""
    given = grounds.given
    evidence = [
        replace(
            item,
            price=assumed.price,
            limits=UseCaseLimits(
                margin=limits.use_cases.get(grounds.use_cases[item.name]),
                max_latency_p95_s=limits.max_latency_p95_s,
                max_ttft_p95_s=limits.max_ttft_p95_s,
            ),
            log=replace(
                item.log,
                monthly_calls=_times(item.log.monthly_calls, assumed.traffic),
                monthly_baseline_usd=_times(item.log.monthly_baseline_usd, assumed.traffic),
            ),
        )
        for item in given.evidence
    ]
    return recommend(replace(given, study=limits.set_for(given.study), evidence=evidence))


def frontier(
    grounds: Grounds, limits: Limits, price: float, margins: Sequence[float] = MARGINS
) -> tuple[Crossing, ...]:
    """What each acceptable drop allows at the log's traffic, all else as given; a use case's own margin stays.

    Among ``margins`` a wider drop never makes a candidate fail, so where two choose the same, all between them do too.
    """
    margins, last = (*margins, *WIDE), len(margins) - 1
    found = dict[int, tuple[Crossing, tuple[str | None, ...]]]()

    def look(place: int) -> None:
        decided = what_if(grounds, replace(limits, margin=margins[place]), Assumptions(price=price))
        moves = tuple(each.name for each in decided.use_cases if each.chosen)
        monthly = decided.bill.monthly
        crossing = Crossing(margin=margins[place], savings_usd=monthly.savings_usd if monthly else None, moves=moves)
        found[place] = crossing, tuple(each.chosen for each in decided.use_cases)

    def fill(first: int, last: int) -> None:
        crossing, chosen = found[first]
        if chosen == found[last][1]:
            between = range(first + 1, last)
            found.update({place: (replace(crossing, margin=margins[place]), chosen) for place in between})
        elif last - first > 1:
            look(middle := (first + last) // 2)
            fill(first, middle)
            fill(middle, last)

    for place in (0, *range(last, len(margins))):
        look(place)
    fill(0, last)
    return tuple(found[place][0] for place in range(len(margins)))


def with_level(limits: Limits, level: tuple[float, float]) -> Limits:
    """The same with another margin, of all use cases, and confidence."""
    margin, confidence = level
    return replace(limits, margin=margin, confidence=confidence, use_cases={})


def use_scenario(store: Store, study: Study, scenario: Scenario) -> None:
    """Make its limits the study's, and let the report show it. Raises BadInput for a limit that makes no sense."""
    before = study_limits(store, get_study(store, study.id))
    with _setting(store, study.id, scenario.limits) as session:
        choose_scenario(session, study.id, scenario, before)


def undo(store: Store, study: Study) -> None:
    """Take back the last change of a scenario, and of the study's limits by it unless they were changed since."""
    before = find_before(store, study.id)
    if before is None:
        return
    is_in_force = chosen_scenario(store, get_study(store, study.id)) is not None
    with (
        _setting(store, study.id, before.limits)
        if before.limits is not None and is_in_force
        else store.write(study.id) as session
    ):
        undo_scenarios(session, study.id)


def _setting(store: Store, study_id: int, limits: Limits) -> AbstractContextManager[Transaction]:
    limited = limits.set_for(get_study(store, study_id))
    margins = {case.name: limits.use_cases.get(case.id) for case in list_use_cases(store, study_id)}
    return setting_limits(store, limited, margins)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
