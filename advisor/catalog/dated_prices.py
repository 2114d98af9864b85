"""What genai-prices says a call cost at its own time, where it can be trusted.

The list is the one that a person fetched last, else the one that is installed; its name goes with every price. It
matches names by their beginnings, keeps the hours of the day but not weekdays, and answers with the standard
price where it has none for a batch: each of these is caught here, and what is caught has no price.
"""

import functools
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.catalog.identity import days_in, is_same_model, region_in, stem_of
from advisor.catalog.list_content import GENAI_PRICES
from advisor.catalog.list_copies import Copies, copies, version_of
from advisor.catalog.price_corrections import hour_price, override_of
from advisor.catalog.rates import STANDARD, Priced, Terms
from advisor.types import PriceOrigin, PriceSource, Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

_HOME, _UNIFORM = "us", "anthropic."
"""The region of Amazon whose prices the list gives to names without one, and the maker whose prices it tells apart."""
_HALF_PRICE_BATCHES = frozenset({"openai", "anthropic"})
"""Where a batch always cost half: the list has batch prices since October 2026, and none for retired models."""


class Place(NamedTuple):
    """Where a model is sold, as genai-prices names both."""

    name: str
    provider: str | None = None
    """None: at the model's own maker; empty: at nobody whom that list knows."""
    api_url: str | None = None
    """Whoever sells at this address counts instead of the provider."""


def dated_price(place: Place, usage: Usage, at: datetime, terms: Terms = STANDARD) -> Priced | None:
    """The price of one call at ``at`` (aware); None where the list has none for just this model and call."""
    name = place.name
    found = calculated(place, usage, at) if place.api_url is not None else None
    override = None
    if found or place.api_url is None:
        override = override_of(found.provider.id if found else place.provider, name, at)
    if override:
        rates = override.rates if terms == STANDARD else None
        return rates and (rates.cost_of(usage), rates.source)
    found = found or calculated(place, usage, at)
    if found is None or not _is_asked_for(found, name, at):
        return None
    hour = hour_price(found.provider.id, found.model.id, at)
    if hour.at != at or terms != STANDARD:
        found = calculated(place, usage, hour.at, terms)
    if found is None:
        return None
    factor = hour.factor
    if terms.tier and not _has_tier(found, terms, hour.at):
        if terms.tier != "batch" or found.provider.id not in _HALF_PRICE_BATCHES:
            return None
        factor *= 0.5
    if not found.total_price and not name.endswith(":free"):
        return None  # a gap in the table
    price = found.model_price
    asked = ((usage.total_input_tokens, price.input_mtok), (usage.output_tokens, price.output_mtok))
    if found.total_price and any(tokens and kind is None for tokens, kind in asked):
        return None  # half a price
    return float(found.total_price) * factor, replace(dated_list(), tier=terms.tier)


def calculated(place: Place, usage: Usage, at: datetime, terms: Terms = STANDARD) -> "PriceCalculation | None":
    """genai-prices' own answer, however it came to it; None: it knows no such model."""
    from genai_prices import Usage as Counts
    from genai_prices.data_snapshot import get_snapshot

    if place.provider == "" and place.api_url is None:
        return None
    counts = Counts(
        input_tokens=usage.total_input_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cache_write_1h_tokens=min(terms.cache_write_1h_tokens, usage.cache_write_tokens),
        output_tokens=usage.output_tokens,
    )
    prices = copies().genai_prices or get_snapshot()
    provider = place.provider if place.api_url is None else None
    try:
        return prices.calc(counts, place.name, provider, place.api_url, at, terms.context)
    except (LookupError, ValueError):
        return None


def sold_by_the_hour(place: Place) -> bool:
    """Whether the price of the model depends on the hour of the day."""
    from genai_prices.types import TimeOfDateConstraint

    found = calculated(place, Usage(input_tokens=1), datetime.now(UTC))
    prices = found.model.prices if found and isinstance(found.model.prices, list) else []
    return any(isinstance(price.constraint, TimeOfDateConstraint) for price in prices)


def dated_list() -> PriceSource:
    """Name and version of the list that prices calls now."""
    kept = copies().in_use.get(GENAI_PRICES)
    return PriceSource(origin=PriceOrigin.GENAI_PRICES, version=kept.label if kept else version_of("genai-prices"))


def newest_installed_price(now: datetime) -> datetime | None:
    """The last day until ``now`` from which a price in the installed list holds: it is at least as new as that."""
    from genai_prices.data import providers
    from genai_prices.types import StartDateConstraint

    listed = (model.prices for provider in providers for model in provider.models)
    constraints = (price.constraint for prices in listed if isinstance(prices, list) for price in prices)
    days = (one.start_date for one in constraints if isinstance(one, StartDateConstraint))
    newest = max((day for day in days if day <= now.astimezone(UTC).date()), default=None)
    return datetime.combine(newest, time(), UTC) if newest else None


def _is_asked_for(found: "PriceCalculation", name: str, at: datetime) -> bool:
    """Whether the list's model is the one that was asked for."""
    if _is_spelled_out(found.model.match, name.lower()):
        return True
    region = region_in(name) if found.provider.id == "aws" and _UNIFORM not in name else None
    if region not in (None, _HOME) and not _tells(found.model.match, f"{region}."):
        return False  # Amazon's regions have prices of their own
    return is_same_model(name, found.model.id, any_version=_is_listed(name)) and is_of_a_possible_day(name, at)


def _has_tier(found: "PriceCalculation", terms: Terms, at: datetime) -> bool:
    """Whether the price is that of the tier: the list falls back to the standard price without a word."""
    context = terms.context or {}
    if not any(found.model is model for model in found.provider.models):
        return False
    return any(
        all(context.get(key) == value for key, value in variant.when.items())
        and (variant.constraint is None or variant.constraint.active(at))
        for variant in found.model.price_variants or ()
    )


def _is_spelled_out(clause: Any, name: str) -> bool:
    """Whether a match rule lists the name itself, rather than a beginning or a part of it."""
    if getattr(clause, "equals", None) is not None:
        return bool(clause.equals.lower() == name)
    return any(_is_spelled_out(part, name) for part in getattr(clause, "or_", ()))


def _tells(clause: Any, part: str) -> bool:
    """Whether a match rule has these letters in any word of it."""
    words = (getattr(clause, kind, None) for kind in ("equals", "starts_with", "ends_with", "contains"))
    parts = (*getattr(clause, "or_", ()), *getattr(clause, "and_", ()))
    return any(word and part in word for word in words) or any(_tells(each, part) for each in parts)


def is_of_a_possible_day(name: str, at: datetime) -> bool:
    """Whether the day in a name has come at ``at`` (aware) or today, and is none from before the model was there.

    Makers date names by the day of a model's release, known from the dated names in litellm's list. A name without a
    day is possible.
    """
    latest = max(at, datetime.now(UTC)).date()
    days = days_in(name)
    if not days:
        return True
    earliest = _first_days(copies()).get(stem_of(name.rpartition("/")[2]), date.min)
    return all(earliest <= day <= latest for day in days)


def _is_listed(name: str) -> bool:
    """Whether litellm's list in use spells just this name, whoever sells it."""
    return name.lower().rpartition("/")[2] in _listed(copies())


@functools.lru_cache(maxsize=1)
def _listed(lists: Copies) -> frozenset[str]:
    """The names of litellm's list, without who sells them."""
    return frozenset(name.lower().rpartition("/")[2] for name in lists.litellm)


@functools.lru_cache(maxsize=1)
def _first_days(lists: Copies) -> dict[str, date]:
    """The first day among the dated names that litellm's list has of a model, however its hosts spell them."""
    found: dict[str, date] = {}
    for name in _listed(lists):
        for day in days_in(name):
            stem = stem_of(name)
            found[stem] = min(day, found.get(stem, day))
    return found
