"""What the log says about the real traffic: calls and spend a month, by use case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from advisor.analysis.money.cost import monthly_calls
from advisor.collect.contract_prices import given_costs
from advisor.store import Store
from advisor.store.log.costs import GivenCost
from advisor.store.log.traffic import sum_by_use_case, sum_traffic
from advisor.store.log.use_cases import list_use_cases
from advisor.types import Study, UseCase

Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Volume:
    """The traffic of one use case, or of the whole study."""

    calls: int
    """In the log."""
    monthly_calls: float | None
    """None where the log has no times."""
    monthly_usd: float | None
    """None where times or prices are missing."""
    priced: int
    """Calls whose cost is known."""
    failed: int
    """Calls that failed; those without a cost of their own cost nothing."""
    assumed: int
    """Answers without a cost that the bill takes to cost as much as the others on average."""


def span_of(store: Store, study: Study) -> Span | None:
    """First and last call of the log, or None where it has no times."""
    sums = sum_traffic(store, study.id)
    return (sums.first_at, sums.last_at) if sums.first_at and sums.last_at else None


def logged_bill(sums: Mapping[Any, Any]) -> float | None:
    """Dollars of some logged calls, the answers without a cost at the average of the others.

    ``sums`` are the fields of ``Sums``, or the summed columns of ``load_traffic``. None: no call has a cost, or answers
    lack one and no other answer has one.
    """
    priced, lacking = int(sums["priced_answers"]), int(sums["unpriced_answers"])
    if not sums["priced"] or (lacking and not priced):
        return None
    more = float(sums["answers_usd"]) / priced * lacking if lacking else 0.0
    return float(sums["cost_usd"]) + more


def lacks_bill(sums: Mapping[Any, Any]) -> bool:
    """Whether there are answers without a cost, and none with one to go by."""
    return logged_bill(sums) is None and int(sums["unpriced_answers"]) > 0


def volume_by_use_case(store: Store, study: Study, given: Sequence[GivenCost] = ()) -> dict[str, Volume]:
    """Traffic a month of every use case that is not ignored, at the span of the whole log.

    ``given`` are those of ``given_costs``. Calls that succeeded without a cost are taken to cost as much as the others
    that succeeded, on average.
    """
    span = span_of(store, study)
    volumes: dict[str, Volume] = {}
    for name, sums in sum_by_use_case(store, study.id, given).items():
        monthly = monthly_calls(sums.calls, *span, study.traffic_share) if span else None
        usd = None if monthly is None else logged_bill(vars(sums))
        volumes[name] = Volume(
            calls=sums.calls,
            monthly_calls=monthly,
            monthly_usd=None if usd is None or monthly is None else usd / sums.calls * monthly,
            priced=sums.priced,
            failed=sums.failed,
            assumed=0 if usd is None else sums.unpriced_answers,
        )
    return volumes


def cost_shares(store: Store, study: Study) -> dict[str, float]:
    """Use case -> its fraction of the cost that is known; without ignored ones and those of unknown cost."""
    sums = sum_by_use_case(store, study.id, given_costs(store, study))
    costs = {name: usd for name, mine in sums.items() if (usd := logged_bill(vars(mine))) is not None}
    total = sum(costs.values())
    return {name: cost / total for name, cost in costs.items()} if total else {}


def use_cases_with_volume(store: Store, study: Study) -> list[UseCase]:
    """The use cases of a study with their calls a month."""
    volumes = volume_by_use_case(store, study)
    cases = list_use_cases(store, study.id)
    months = {case.name: volumes[case.name].monthly_calls for case in cases if case.name in volumes}
    return [replace(case, calls=replace(case.calls, monthly=months.get(case.name))) for case in cases]
