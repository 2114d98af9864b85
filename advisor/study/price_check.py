"""What two price lists say about the models of a study: those in its log and those registered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from advisor.catalog.compare_prices import ListPrice, PriceComparison, compare_logged, compare_prices
from advisor.catalog.rates import usd_per_mtok
from advisor.store import Store
from advisor.store.logs import list_logs
from advisor.store.traffic import sum_by_model
from advisor.types import Model, PriceSource, Usage

MOST_MODELS = 20
"""Of the models in a log, the most used."""


class ListedRates(NamedTuple):
    """Dollars per million tokens of one list, without a fee for the call; None: it has no such price."""

    input: float | None
    cache_read: float | None
    output: float | None


@dataclass(frozen=True, kw_only=True)
class CheckedPrice:
    """What the lists say about one model."""

    model: str
    in_log: bool
    """Named by the log; else registered."""
    at: datetime
    """When: the last call in the log; for registered models, now."""
    first: ListedRates | None
    """None: not in the list."""
    first_source: PriceSource | None
    second: ListedRates | None
    second_source: PriceSource | None
    difference: float | None
    """The largest of all kinds of tokens, as a fraction of the cheaper price; None while a list has no price."""
    differs: bool
    """By more than 2 %."""


def check_prices(store: Store, study_id: int, models: Sequence[Model], now: datetime) -> tuple[CheckedPrice, ...]:
    """One row for each model in the log, the most used first, then for each registered one."""
    logged = sum_by_model(store, [log.id for log in list_logs(store, study_id)])
    checked = []
    for name, sums in list(logged.items())[:MOST_MODELS]:
        at = sums.last_at or now
        checked.append(_checked(name, at, partial(compare_logged, name, at, now=now), in_log=True))
    for model in models:
        checked.append(_checked(model.name, now, partial(compare_prices, model, now, now=now), in_log=False))
    return tuple(checked)


def _checked(name: str, at: datetime, compare: Callable[[Usage], PriceComparison], *, in_log: bool) -> CheckedPrice:
    kinds = [_of_a_million(kind, at, compare) for kind in ListedRates._fields]
    differences = [compared.difference for compared in kinds if compared.difference is not None]
    first = [compared.first for compared in kinds]
    second = [compared.second for compared in kinds]
    return CheckedPrice(
        model=name,
        in_log=in_log,
        at=at,
        first=ListedRates(*(price and price.usd for price in first)) if any(first) else None,
        first_source=next((price.source for price in first if price), None),
        second=ListedRates(*(price and price.usd for price in second)) if any(second) else None,
        second_source=next((price.source for price in second if price), None),
        difference=max(differences, default=None),
        differs=any(compared.differs for compared in kinds),
    )


def _of_a_million(kind: str, at: datetime, compare: Callable[[Usage], PriceComparison]) -> PriceComparison:
    """What the lists say about a million tokens of one kind."""

    def listed(usage: Usage, which: str) -> tuple[float, PriceSource] | None:
        price: ListPrice | None = getattr(compare(usage), which)
        return price

    first, second = (usd_per_mtok(partial(listed, which=which), kind) for which in ("first", "second"))
    return PriceComparison(at=at, first=first and ListPrice(*first), second=second and ListPrice(*second))
