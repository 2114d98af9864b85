"""What hosted open-weight models cost by their list prices: a small, medium and large one, chosen by facts alone.

Of the core models of the catalogue, in each of three classes of size the one that the most hosts sell (of two equals
the newer) stands for its class: what can be bought nearly everywhere has a price that the market made. Its price is the
dated list price of the host in the middle of all hosts that have one. A class without a dated price is left out.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from advisor.catalog.hosts import is_served
from advisor.catalog.open_models import DATA, OpenModel, candidates_catalog
from advisor.catalog.prices import price_call
from advisor.catalog.rates import Rates, flat_rates
from advisor.types import Model, PriceOrigin, PriceSource, Usage

CLASSES = (("small", 0.0, 40.0), ("medium", 40.0, 400.0), ("large", 400.0, float("inf")))
"""Name, and billions of parameters in all: above the first number, up to the second."""


@dataclass(frozen=True, kw_only=True)
class HostedPrice:
    """The list price of one open-weight model at one host."""

    size: str
    """``small``, ``medium`` or ``large``."""
    name: str
    host: str
    litellm_id: str
    licence: str | None
    hosts: int
    """How many sell it."""
    input_usd_per_mtok: float
    cache_read_usd_per_mtok: float
    cache_write_usd_per_mtok: float
    output_usd_per_mtok: float
    source: PriceSource
    as_of: datetime
    """The day of the price."""

    def cost_of(self, usage: Usage) -> float:
        """Dollars for these tokens, of however many calls: the price has no steps."""
        cached = self.cache_read_usd_per_mtok, self.cache_write_usd_per_mtok
        rates = Rates(self.input_usd_per_mtok, *cached, self.output_usd_per_mtok, self.source)
        return rates.cost_of(usage) / 1e6


def hosted_prices(at: datetime, data_dir: Path = DATA) -> tuple[HostedPrice, ...]:
    """The open-weight models that stand for their class, at the list prices of ``at`` (aware), the small one first."""
    core = [model for model in candidates_catalog(data_dir) if model.is_core and model.params_total_b is not None]
    found = []
    for size, above, up_to in CLASSES:
        of_size = [model for model in core if above < (model.params_total_b or 0.0) <= up_to]
        of_size.sort(key=lambda model: (model.hosts, model.release_date or ""), reverse=True)
        found.append(next((price for model in of_size if (price := _middle_price(model, size, at))), None))
    return tuple(price for price in found if price is not None)


def _middle_price(model: OpenModel, size: str, at: datetime) -> HostedPrice | None:
    served = (litellm_id for litellm_id in model.litellm_ids if is_served(litellm_id, at.date()))
    found = ((litellm_id, _rates(litellm_id, at)) for litellm_id in served)
    priced = [(rates, litellm_id) for litellm_id, rates in found if rates is not None]
    if not priced:
        return None
    priced.sort(key=lambda item: (3 * item[0].input + item[0].output, item[1]))  # three tokens in for one out
    rates, litellm_id = priced[(len(priced) - 1) // 2]
    return HostedPrice(
        size=size,
        name=model.name,
        host=litellm_id.partition("/")[0],
        litellm_id=litellm_id,
        licence=model.licence,
        hosts=model.hosts,
        input_usd_per_mtok=round(rates.input * 1e6, 9),
        cache_read_usd_per_mtok=round(rates.cache_read * 1e6, 9),
        cache_write_usd_per_mtok=round(rates.cache_write * 1e6, 9),
        output_usd_per_mtok=round(rates.output * 1e6, 9),
        source=rates.source,
        as_of=at,
    )


def _rates(litellm_id: str, at: datetime) -> Rates | None:
    """The dated price of one host; None where there is none or it has steps."""
    model = Model(name=litellm_id, litellm_id=litellm_id)
    rates = flat_rates(lambda usage: price_call(model, usage, at))
    return rates if rates and rates.source.origin is PriceOrigin.GENAI_PRICES else None
