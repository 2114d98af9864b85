"""What genai-prices says a call cost at its own time, where it can be trusted.

The list matches names by their beginnings, keeps the hours of the day but not weekdays, and answers with the standard
price where it has none for a batch: each of these is caught here, and what is caught has no price.
"""

import functools
import importlib.metadata
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from advisor.catalog.identity import is_same_model
from advisor.catalog.price_hours import hour_price
from advisor.catalog.price_overrides import override_of
from advisor.catalog.terms import STANDARD, Terms
from advisor.types import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

_DATE = re.compile(r"(?<!\d)(\d{4})(-?)(\d{2})\2(\d{2})(?!\d)")


def dated_price(
    name: str,
    usage: Usage,
    at: datetime,
    *,
    provider: str | None = None,
    api_url: str | None = None,
    terms: Terms = STANDARD,
) -> tuple[float, str] | None:
    """(dollars, source) of one call at ``at`` (aware); None where the list has no price for just this model and call.

    ``provider`` is genai-prices' name; without one, and without the address of the API, the model's own maker.
    """
    found = calculated(name, usage, at, provider=provider, api_url=api_url) if api_url is not None else None
    override = None
    if found or api_url is None:
        override = override_of(found.provider.id if found else provider, name, at)
    if override:
        cost = override.cost_of(usage) if terms == STANDARD else None
        return None if cost is None else (cost, override.label)
    found = found or calculated(name, usage, at, provider=provider, api_url=api_url)
    if found is None or not _is_asked_for(found, name, at):
        return None
    hour = hour_price(found.provider.id, found.model.id, at)
    if hour.at != at or terms != STANDARD:
        found = calculated(name, usage, hour.at, provider=provider, api_url=api_url, terms=terms)
    if found is None or (terms.tier and not _has_tier(found, terms, hour.at)):
        return None
    if not found.total_price and not name.endswith(":free"):
        return None  # a gap in the table
    if usage.output_tokens and found.total_price and found.model_price.output_mtok is None:
        return None  # half a price
    tier = f", {terms.tier}" if terms.tier else ""
    return float(found.total_price) * hour.factor, f"genai-prices {version_of('genai-prices')}{tier}"


def calculated(
    name: str,
    usage: Usage,
    at: datetime,
    *,
    provider: str | None = None,
    api_url: str | None = None,
    terms: Terms = STANDARD,
) -> "PriceCalculation | None":
    """genai-prices' own answer, however it came to it; None: it knows no such model."""
    import genai_prices

    counts = genai_prices.Usage(
        input_tokens=usage.total_input_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cache_write_1h_tokens=min(terms.cache_write_1h_tokens, usage.cache_write_tokens),
        output_tokens=usage.output_tokens,
    )
    where = {"provider_api_url": api_url} if api_url is not None else {"provider_id": provider}
    try:
        return genai_prices.calc_price(counts, name, genai_request_timestamp=at, price_context=terms.context, **where)
    except (LookupError, ValueError):
        return None


def sold_by_the_hour(name: str, provider: str | None) -> tuple[str, str] | None:
    """Provider and model as the list has them, where it has hours of the day for the model."""
    from genai_prices.types import TimeOfDateConstraint

    found = calculated(name, Usage(input_tokens=1), datetime.now(UTC), provider=provider)
    prices = found.model.prices if found and isinstance(found.model.prices, list) else []
    if found and any(isinstance(price.constraint, TimeOfDateConstraint) for price in prices):
        return found.provider.id, found.model.id
    return None


def is_of_a_day_to_come(name: str, at: datetime) -> bool:
    """Whether a name ends in a date after ``at`` and today: no model is named for a day that has not come."""
    latest = max(at, datetime.now(UTC))
    return any(year + month + day > f"{latest:%Y%m%d}" for year, _, month, day in _DATE.findall(name))


@functools.cache
def version_of(package: str) -> str:
    """Its installed version."""
    return importlib.metadata.version(package)


def _is_asked_for(found: "PriceCalculation", name: str, at: datetime) -> bool:
    """Whether the list's model is the one that was asked for."""
    if not is_same_model(name, found.model.id) and not _is_spelled_out(found.model.match, name.lower()):
        return False
    return not is_of_a_day_to_come(name, at)


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
