"""Two lists on the price of one call: both are shown, and a difference is flagged; they are never averaged."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from advisor.catalog.dated_prices import dated_price
from advisor.catalog.listed_prices import listed_price
from advisor.catalog.prices import Place, place_of, place_of_logged
from advisor.catalog.second_opinion import second_price
from advisor.catalog.terms import STANDARD, Terms, terms_of
from advisor.types import Model, PriceSource, Usage

TOLERANCE = 0.02
"""Lists that differ by more are flagged."""
_CURRENT = timedelta(days=30)
"""For so long today's price stands for the price of a day."""


class ListPrice(NamedTuple):
    """What one list says."""

    usd: float
    source: PriceSource
    """The list and its version."""


@dataclass(frozen=True, kw_only=True)
class PriceComparison:
    """What two lists say about the same call."""

    at: datetime
    first: ListPrice | None
    """genai-prices, put right where it is known to be wrong: what is charged where nobody gave a price."""
    second: ListPrice | None
    """model-prices for the makers' own models; litellm's list of today's prices for hosts."""

    @property
    def difference(self) -> float | None:
        """How much the dearer is above the cheaper, as a fraction of it; None while one is missing."""
        if self.first is None or self.second is None:
            return None
        low, high = sorted((self.first.usd, self.second.usd))
        return (high - low) / low if low else (float("inf") if high else 0.0)

    @property
    def differs(self) -> bool:
        """Whether they differ by more than 2 %."""
        return self.difference is not None and self.difference > TOLERANCE + 1e-9


def compare_prices(model: Model, at: datetime, usage: Usage, *, now: datetime | None = None) -> PriceComparison:
    """What the lists say about one call of a registered model at ``at`` (aware), whatever price a person gave."""
    place = None if model.api_base else place_of(model)
    if place is None:
        return PriceComparison(at=at, first=None, second=None)
    return _compared(place, model.plain_id, usage, at, terms_of(model.params), now)


def compare_logged(model_name: str, at: datetime, usage: Usage, *, now: datetime | None = None) -> PriceComparison:
    """What the lists say about one call of a model as a log names it, at ``at`` (aware)."""
    place = place_of_logged(model_name)
    if place is None:
        return PriceComparison(at=at, first=None, second=None)
    return _compared(place, model_name, usage, at, STANDARD, now)


def _compared(
    place: Place, litellm_id: str, usage: Usage, at: datetime, terms: Terms, now: datetime | None
) -> PriceComparison:
    is_current = abs((now or datetime.now(UTC)) - at) <= _CURRENT
    is_hosted = "/" in litellm_id and place.provider is None
    first = None if is_hosted else dated_price(place.name, usage, at, provider=place.provider, terms=terms)
    second = None if is_hosted else second_price(place.name, place.provider, usage, at, terms)
    if second is None and is_current:
        second = listed_price(litellm_id, usage, terms)
    return PriceComparison(at=at, first=first and ListPrice(*first), second=second and ListPrice(*second))
