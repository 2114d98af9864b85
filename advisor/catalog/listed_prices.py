"""Today's price of hosts that no dated list holds: litellm's list, fetched last or inside its wheel, read as a file."""

from typing import Any

from advisor.catalog.dated_prices import version_of
from advisor.catalog.list_content import is_price
from advisor.catalog.rates import Rates
from advisor.catalog.refresh_lists import LITELLM
from advisor.catalog.refresh_used import in_use, listed_entry, litellm_copy
from advisor.catalog.terms import STANDARD, Terms
from advisor.types import Usage

LONG_CONTEXT_TOKENS = 128_000
"""Above it some hosts take more a token; the list is not used there."""
_SUFFIXES = {None: "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}


def listed_price(litellm_id: str, usage: Usage, terms: Terms = STANDARD) -> tuple[float, str] | None:
    """(dollars, source) of one call at the current price; None: not in the list, a gap in it, or a long prompt."""
    entry = listed_entry(litellm_id)
    suffix = _SUFFIXES.get(terms.tier)
    if not entry or suffix is None or usage.total_input_tokens > LONG_CONTEXT_TOKENS:
        return None
    price_in, price_out = (_price(entry, f"{kind}_cost_per_token{suffix}") for kind in ("input", "output"))
    if price_in is None or price_out is None or not (price_in or price_out):
        return None
    read, written, written_1h = (
        _price(entry, name + suffix)
        for name in (
            "cache_read_input_token_cost",
            "cache_creation_input_token_cost",
            "cache_creation_input_token_cost_above_1hr",
        )
    )
    rates = Rates.filled(price_in, read, written, price_out)._replace(cache_write_1h=written_1h)
    cost = rates.cost_with(usage, terms)
    if cost is None:
        return None
    tier = f", {terms.tier}" if terms.tier else ""
    return cost, f"{current_list()}{tier} (current price)"


def current_list() -> str:
    """Name and version of the list that is read now."""
    kept = in_use(LITELLM) if litellm_copy() is not None else None
    return f"litellm price list {kept.label}" if kept else f"litellm {version_of('litellm')} price list"


def _price(entry: dict[str, Any], name: str) -> float | None:
    value = entry.get(name)
    return float(value) if is_price(value) else None
