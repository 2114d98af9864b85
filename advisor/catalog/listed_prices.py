"""Today's price of hosts that no dated list holds: litellm's list, fetched last or inside its wheel, read as a file."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from advisor.catalog.dated_prices import version_of
from advisor.catalog.list_content import is_price
from advisor.catalog.rates import Rates
from advisor.catalog.refresh_lists import LITELLM
from advisor.catalog.refresh_used import in_use, listed_entry, litellm_copy
from advisor.catalog.terms import STANDARD, Terms
from advisor.types import PriceOrigin, PriceSource, Usage

LONG_CONTEXT_TOKENS = 128_000
"""Above it some hosts take more a token: an entry without a step says nothing of such prompts."""
INPUT, OUTPUT, REASONING = "input_cost_per_token", "output_cost_per_token", "output_cost_per_reasoning_token"
READ, WRITTEN = "cache_read_input_token_cost", "cache_creation_input_token_cost"
WRITTEN_1H = f"{WRITTEN}_above_1hr"
_FEE = "input_cost_per_request"
_NAMES = (INPUT, OUTPUT, REASONING, READ, WRITTEN, WRITTEN_1H)
_SUFFIXES = {None: "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}
_STEP = re.compile(r"_above_(\d+)k_tokens")


def listed_price(litellm_id: str, usage: Usage, terms: Terms = STANDARD) -> tuple[float, PriceSource] | None:
    """(dollars, source) of one call at the current price; None: not in the list, a gap in it, or too long a prompt."""
    entry = listed_entry(litellm_id)
    suffix = _SUFFIXES.get(terms.tier)
    if not entry or suffix is None or entry.get(_FEE):
        return None
    prices = _prices(entry, suffix, usage.total_input_tokens)
    price_in, price_out = prices.get(INPUT), prices.get(OUTPUT)
    if price_in is None or price_out is None or not (price_in or price_out):
        return None
    source = replace(current_list(), tier=terms.tier)
    rates = Rates.filled(price_in, prices.get(READ), prices.get(WRITTEN), price_out, source)
    cost = rates._replace(cache_write_1h=prices.get(WRITTEN_1H)).cost_with(usage, terms)
    if cost is None:
        return None
    cost += min(usage.reasoning_tokens, usage.output_tokens) * (prices.get(REASONING, price_out) - price_out)
    return cost, source


def current_list() -> PriceSource:
    """Name and version of the list that is read now."""
    kept = in_use(LITELLM) if litellm_copy() is not None else None
    version = kept.label if kept else version_of("litellm")
    return PriceSource(origin=PriceOrigin.LITELLM, version=version)


def geography_factor(name: str, geography: str) -> float | None:
    """How many times its price one of Anthropic's models costs where it must be served there; None: not listed."""
    entry = listed_entry(name) or {}
    factors = entry.get("provider_specific_entry")
    factor = factors.get(geography) if isinstance(factors, dict) else None
    return float(factor) if entry.get("litellm_provider") == "anthropic" and is_price(factor) and factor else None


def _prices(entry: Mapping[str, Any], suffix: str, tokens: int) -> dict[str, float]:
    """Dollars a token by litellm's names, of a call with so many tokens of input; empty: the list does not tell.

    The last step that the input is above counts for all tokens of the call, if it has each price that is there below.
    """
    steps = {0.0: _read(entry, suffix)}
    for thousands in {found[1] for key in entry if (found := _STEP.search(key))}:
        steps[float(thousands) * 1_000] = _read(entry, f"_above_{thousands}k_tokens{suffix}")
    tiers = entry.get("tiered_pricing")
    for tier in tiers if isinstance(tiers, list) else ():
        edges = tier.get("range") if isinstance(tier, dict) else None
        if isinstance(edges, list) and edges and is_price(edges[0]):
            steps[edges[0]] = steps.get(edges[0], {}) | _read(tier, suffix)
    start = max(start for start in steps if start < max(tokens, 1))
    if start == 0 and tokens > LONG_CONTEXT_TOKENS:
        return {}
    return steps[start] if steps[start].keys() >= steps[0.0].keys() else {}


def _read(prices: Mapping[str, Any], ending: str) -> dict[str, float]:
    return {name: float(price) for name in _NAMES if is_price(price := prices.get(f"{name}{ending}"))}
