"""Who serves an open model, under which id and at what price, and where that host keeps what it is sent.

Ids join exactly: those written down for a model, and those of litellm's list whose name is the model's whole name on
Hugging Face, organisation included. A name that only looks alike may be another model, so it joins nothing.
"""

import functools
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.list_copies import Copies, copies
from advisor.catalog.listed_models import listed_entry
from advisor.catalog.open_models import OpenModel, candidates_catalog
from advisor.catalog.prices import price_call
from advisor.catalog.rates import Rates, flat_rates
from advisor.settings import DATA
from advisor.types import Model, PriceOrigin

ROUTERS = frozenset({"openrouter", "vercel_ai_gateway"})
"""They pass calls on to a host of their choice, under names that move from one model to the next."""
TEXT = frozenset({"chat", "responses"})
CLASSES = (("small", 0.0, 40.0), ("medium", 40.0, 400.0), ("large", 400.0, float("inf")))
"""Name of a size, and billions of parameters in all: above the first number, up to the second."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """One row of hosts.csv. None: not known."""

    name: str
    regions: str | None = None
    retention: str | None = None
    """How long prompts and answers are kept."""
    trains_on_data: str | None = None
    source_url: str | None = None
    evidence: str | None = None
    checked_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A model at a host. None: the list does not tell."""

    litellm_id: str
    host: Host
    context_tokens: int | None
    tools: bool | None
    json_schema: bool | None
    ends_on: date | None
    """The day from which the host no longer serves it."""


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
    rates: Rates
    """Without steps."""
    as_of: datetime
    """The day of the price."""


def offers(model: OpenModel, on: date) -> tuple[Offer, ...]:
    """Where a model is served on a day, by the name of the host. Raises BadInput when the catalog is damaged."""
    ids = {litellm_id.lower(): litellm_id for litellm_id in model.litellm_ids}
    for litellm_id in _by_repo(copies()).get((model.hf_repo or "").lower(), ()):
        ids.setdefault(litellm_id.lower(), litellm_id)
    served = [_offer(litellm_id) for litellm_id in ids.values() if is_served(litellm_id, on)]
    return tuple(sorted(served, key=lambda offer: (offer.host.name.lower(), offer.litellm_id)))


def is_served(litellm_id: str, on: date) -> bool:
    """Whether an id is still sold on a day, as far as litellm's list tells."""
    ends_on = day_of((listed_entry(litellm_id) or {}).get("deprecation_date"))
    return ends_on is None or ends_on > on


def host_of(litellm_id: str) -> Host:
    """What is known of the host in an id; of a host that nobody wrote down only its name."""
    code = litellm_id.partition("/")[0]
    return _read(DATA / "catalog" / "hosts.csv").get(code) or Host(name=code)


def hosted_prices(at: datetime) -> tuple[HostedPrice, ...]:
    """What hosted open-weight models cost at the list prices of ``at`` (aware), the small one first.

    Of the core models of the catalogue, in each of three classes of size the one that the most hosts sell (of two
    equals the newer) stands for its class: what can be bought nearly everywhere has a price that the market made. Its
    price is the dated list price of the host in the middle of all hosts that have one. A class without a dated price is
    left out.
    """
    core = [model for model in candidates_catalog() if model.is_core and model.size.total_b is not None]
    found = []
    for size, above, up_to in CLASSES:
        of_size = [model for model in core if above < (model.size.total_b or 0.0) <= up_to]
        of_size.sort(key=lambda model: (model.hosted.hosts, model.release_date or ""), reverse=True)
        found.append(next((price for model in of_size if (price := _middle_price(model, size, at))), None))
    return tuple(price for price in found if price is not None)


def _offer(litellm_id: str) -> Offer:
    entry = listed_entry(litellm_id) or {}
    tokens = entry.get("max_input_tokens")
    return Offer(
        litellm_id=litellm_id,
        host=host_of(litellm_id),
        context_tokens=tokens if isinstance(tokens, int) else None,
        tools=entry.get("supports_function_calling"),
        json_schema=entry.get("supports_response_schema"),
        ends_on=day_of(entry.get("deprecation_date")),
    )


def day_of(value: Any) -> date | None:
    """A day as lists write it, 2026-11-26; None for anything else."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


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
        hosts=len({offer.host.name for offer in offers(model, at.date())}),
        rates=rates,
        as_of=at,
    )


def _rates(litellm_id: str, at: datetime) -> Rates | None:
    """The dated price of one host; None where there is none or it has steps."""
    model = Model(name=litellm_id, litellm_id=litellm_id)
    rates = flat_rates(lambda usage: price_call(model, usage, at))
    return rates if rates and rates.source.origin is PriceOrigin.GENAI_PRICES else None


@functools.lru_cache(maxsize=1)
def _by_repo(lists: Copies) -> dict[str, tuple[str, ...]]:
    """Ids of litellm's list by the name behind the provider."""
    found: dict[str, list[str]] = {}
    for litellm_id, entry in lists.litellm.items():
        provider, _, name = litellm_id.partition("/")
        if "/" in name and provider not in ROUTERS and entry.get("mode") in TEXT:
            found.setdefault(name.lower(), []).append(litellm_id)
    return {name: tuple(ids) for name, ids in found.items()}


@functools.cache
def _read(path: Path) -> dict[str, Host]:
    return {code: host for codes, host in read_rows(path, _host) for code in codes}


def _host(row: dict[str, str]) -> tuple[tuple[str, ...], Host]:
    known: dict[str, Any] = {name: row[name] or None for name in Host.__dataclass_fields__}
    return tuple(row["host"].split("|")), Host(**known)
