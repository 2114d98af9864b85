"""Litellm's list of models, fetched last or inside its wheel, read as a file: today's prices, and what a model takes.

Prices count for hosts that no dated list holds. Known to be taken is what is written down for exactly this id.
Whatever is not known counts as taken: a provider that refuses a call says so itself, but a call that was wrongly held
back would be a loss that nobody sees. A probe in which no tool was called proves nothing: the next prompt may do
better.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from advisor.catalog.list_content import KINDS, LITELLM, is_price
from advisor.catalog.list_copies import copies, version_of
from advisor.catalog.rates import STANDARD, Priced, Rates, Terms
from advisor.types import OWN_SERVERS, Model, PriceOrigin, PriceSource, Usage

LONG_CONTEXT_TOKENS = 128_000
"""Above it some hosts take more a token: an entry without a step says nothing of such prompts."""
OWN_NAMES = OWN_SERVERS | {"azure"}
"""Where a name is what somebody called it, and its context window what the server was started with."""
_INPUT, _READ, _WRITTEN, _OUTPUT = KINDS.values()
_REASONING, _WRITTEN_1H = "output_cost_per_reasoning_token", f"{_WRITTEN}_above_1hr"
_NAMES = (*KINDS.values(), _REASONING, _WRITTEN_1H)
_SUFFIXES = {None: "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}
_STEP = re.compile(r"_above_(\d+)k_tokens")


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a model takes. None: not known."""

    context_tokens: int | None = None
    """The longest input."""
    images: bool | None = None
    tools: bool | None = None


def listed_entry(litellm_id: str) -> dict[str, Any] | None:
    """Litellm's entry of just this id; None: there is none. The list leaves some providers' names out of its ids."""
    listed = copies().litellm
    provider, _, name = litellm_id.partition("/")
    entry = listed.get(litellm_id)
    if entry is None and name:
        entry = listed.get(name)
        if entry and not str(entry.get("litellm_provider", "")).startswith(provider):
            return None
    return entry


def capabilities_of(model: Model) -> Capabilities:
    """What is known of a model by its id."""
    entry = {} if is_on_own_server(model) else listed_entry(model.plain_id) or {}
    tokens = entry.get("max_input_tokens")
    return Capabilities(
        context_tokens=tokens if isinstance(tokens, int) and tokens > 0 else None,
        images=entry.get("supports_vision"),
        tools=entry.get("supports_function_calling"),
    )


def is_on_own_server(model: Model) -> bool:
    """Whether a team serves the model under a name of its choice, so that no list can know it."""
    provider = model.plain_id.partition("/")[0]
    return provider in OWN_NAMES or (provider == "openai" and model.api_base is not None)


def current_list() -> PriceSource:
    """Name and version of the list that is read now."""
    kept = copies().in_use.get(LITELLM)
    return PriceSource(origin=PriceOrigin.LITELLM, version=kept.label if kept else version_of("litellm"))


def listed_price(litellm_id: str, usage: Usage, terms: Terms = STANDARD) -> Priced | None:
    """The current price of one call; None: not in the list, a gap in it, or too long a prompt."""
    entry = listed_entry(litellm_id)
    suffix = _SUFFIXES.get(terms.tier)
    if not entry or suffix is None or entry.get("input_cost_per_request"):
        return None
    prices = _prices(entry, suffix, usage.total_input_tokens)
    price_in, price_out = prices.get(_INPUT), prices.get(_OUTPUT)
    if price_in is None or price_out is None or not (price_in or price_out):
        return None
    source = replace(current_list(), tier=terms.tier)
    rates = Rates.filled(price_in, prices.get(_READ), prices.get(_WRITTEN), price_out, source)
    cost = rates._replace(cache_write_1h=prices.get(_WRITTEN_1H)).cost_with(usage, terms)
    if cost is None:
        return None
    cost += min(usage.reasoning_tokens, usage.output_tokens) * (prices.get(_REASONING, price_out) - price_out)
    return cost, source


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
