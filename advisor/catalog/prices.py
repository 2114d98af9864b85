"""What one call cost, at the price of its day.

Prices come, in this order, from the person who registered the model, from genai-prices (dated, put right where it is
known to be wrong), and for hosts that it lacks from the list inside litellm's wheel (current, read as a file; litellm
is not imported). A model none of them knows stays unpriced; unpriced is never zero.
"""

import functools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from advisor.catalog.dated_prices import Place, dated_price, sold_by_the_hour
from advisor.catalog.identity import is_amazons, spellings, without_account
from advisor.catalog.listed_models import geography_factor, listed_price
from advisor.catalog.price_corrections import PriceOverride, changes_on, override_of, overrides_of
from advisor.catalog.rates import (
    FEW_TOKENS,
    FLAT_TOKENS,
    STANDARD,
    Priced,
    Rates,
    Terms,
    contract_rates,
    flat_rates,
    terms_of,
)
from advisor.types import ON_THIS_MACHINE, OWN_SERVERS, WITHIN, Model, Usage

PROVIDERS = {
    "azure": "azure",
    "anthropic": "anthropic",
    "baseten": "baseten",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "cerebras": "cerebras",
    "cloudflare": "cloudflare",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "databricks": "databricks",
    "deepseek": "deepseek",
    "fireworks_ai": "fireworks",
    "gemini": "google",
    "google": "google",
    "groq": "groq",
    "minimax": "minimax",
    "mistral": "mistral",
    "models": "google",
    "moonshot": "moonshotai",
    "novita": "novita",
    "openai": "openai",
    "openrouter": "openrouter",
    "ovhcloud": "ovhcloud",
    "perplexity": "perplexity",
    "together_ai": "together",
    "vertex_ai": "google",
    "vertex_ai_beta": "google",
    "xai": "x-ai",
    "x-ai": "x-ai",
    "zai": "zai",
}
"""litellm's and logs' names of providers -> genai-prices' names."""
OF = {"glm-": "zai", "sonar": "perplexity"}
"""How the names of some makers' models begin -> the maker: the lists would ask another one first."""
_DAY_S, _HALF_HOUR_S = 86_400, 1_800
"""New prices begin with a day, cheap hours with half an hour."""


def price_call(model: Model, usage: Usage, at: datetime, terms: Terms | None = None) -> Priced | None:
    """(dollars, source) of one call at ``at`` (aware); None: unpriced.

    The prices a person gave with the model win. A model at an address of its own is priced only if that address is a
    provider's. ``terms`` None: those in the model's own parameters. A tier without a price of its own is unpriced, not
    priced as the standard one.
    """
    given = contract_rates(model.prices)
    if given:
        return given.cost_of(usage), given.source
    if model.is_builtin:
        return 0.0, ON_THIS_MACHINE
    place = place_of(model)
    terms = terms_of(model.params) if terms is None else terms
    anywhere = place and _price_at(place, model.plain_id, usage, at, replace(terms, geography=None))
    return _served(anywhere, place, terms.geography)


def price_logged(model_name: str, usage: Usage, at: datetime | None, terms: Terms = STANDARD) -> Priced | None:
    """(dollars, source) of a call in a log that names a model but perhaps no provider; None: unpriced.

    ``at`` is the time of the call (aware); None prices it as of now. A bare name is priced at the model's own maker;
    a match to a clearly different model is refused. Vendors' other spellings of a name count where it has no price.
    """
    when = at or datetime.now(UTC)
    for name in spellings(model_name):
        priced = _price_spelled(name, usage, when, terms)
        if priced is not None:
            return priced
    return None


def _price_spelled(model_name: str, usage: Usage, when: datetime, terms: Terms) -> Priced | None:
    if terms.geography:
        anywhere = _price_spelled(model_name, usage, when, replace(terms, geography=None))
        return _served(anywhere, place_of_logged(model_name), terms.geography)
    if usage.total_input_tokens <= FLAT_TOKENS >= usage.output_tokens:
        since_s = _remembered_since(model_name, when)
        flat = None if since_s is None else _flat_prices(model_name, since_s, terms.tier)
        if flat == UNPRICED:
            return None
        if isinstance(flat, Rates) and (cost := flat.cost_with(usage, terms)):
            return cost, flat.source
    return _price_logged(model_name, usage, when, terms)


def place_of(model: Model) -> Place | None:
    """Where a registered model is sold; None for a server of one's own, and where that cannot be told."""
    provider, _, name = without_account(model.plain_id).partition("/")
    if not name:
        provider, name = "bedrock" if is_amazons(provider) else "openai", provider
    if provider in OWN_SERVERS | WITHIN:
        return None
    place = Place(name, PROVIDERS.get(provider, ""), model.api_base)
    return None if model.api_base is None and _is_nowhere(place) else place


def place_of_logged(model_name: str) -> Place | None:
    """Where a model that a log names was called; None: that cannot be told."""
    provider, _, name = without_account(model_name).partition("/")
    if name and provider.lower() not in PROVIDERS:  # an organisation isn't a host
        return None
    if name:
        place = Place(name, PROVIDERS[provider.lower()])
    elif is_amazons(provider):
        place = Place(provider, "aws")
    else:
        place = Place(
            provider, next((maker for start, maker in OF.items() if provider.lower().startswith(start)), None)
        )
    return None if _is_nowhere(place) else place


def forget_prices() -> None:
    """Look prices up again: the lists may have changed."""
    _flat_prices.cache_clear()
    _what_is_known.cache_clear()


def _is_nowhere(place: Place) -> bool:
    """Whether these are OpenAI's open weights at OpenAI or Azure OpenAI: neither sells them so, and many hosts do."""
    name = place.name.lower().rpartition("/")[2]
    return place.provider in (None, "openai", "azure") and name.startswith("gpt-oss")


UNPRICED = "unpriced"


@functools.lru_cache(maxsize=4096)
def _flat_prices(model_name: str, since_s: int, tier: str | None) -> Rates | str | None:
    """The price from a moment on, in seconds since 1970, or UNPRICED; None where the number of tokens matters.

    Looking it up for every row would take longer than reading the row.
    """
    when = datetime.fromtimestamp(since_s, UTC)

    def price_of(usage: Usage) -> Priced | None:
        return _price_logged(model_name, usage, when, Terms(tier=tier))

    def price_of_1h(usage: Usage) -> Priced | None:
        terms = Terms(tier=tier, cache_write_1h_tokens=usage.cache_write_tokens)
        return _price_logged(model_name, usage, when, terms)

    rates = flat_rates(price_of, price_of_1h)
    kinds = (Usage(input_tokens=FEW_TOKENS), Usage(output_tokens=FEW_TOKENS))
    return rates or (None if any(map(price_of, kinds)) else UNPRICED)


def _remembered_since(model_name: str, when: datetime) -> int | None:
    """Seconds since 1970 from which the price of a moment holds; None: one of our own begins or ends on this day."""
    overrides, by_the_hour = _what_is_known(model_name)
    if overrides and changes_on(overrides, when):
        return None
    period_s = _HALF_HOUR_S if by_the_hour else _DAY_S
    return int(when.timestamp() // period_s) * period_s


@functools.lru_cache(maxsize=4096)
def _what_is_known(model_name: str) -> tuple[Sequence[PriceOverride], bool]:
    """Our own prices of a model, and whether the list has it by the hour."""
    place = place_of_logged(model_name)
    return (overrides_of(place.name), sold_by_the_hour(place)) if place else ((), False)


def _price_logged(model_name: str, usage: Usage, when: datetime, terms: Terms) -> Priced | None:
    place = place_of_logged(model_name)
    return place and _price_at(place, without_account(model_name), usage, when, terms)


def _price_at(place: Place, litellm_id: str, usage: Usage, at: datetime, terms: Terms) -> Priced | None:
    """At the price of the day; at the current one where the dated list lacks the model."""
    dated = dated_price(place, usage, at, terms)
    if dated or place.api_url is not None or override_of(place.provider, place.name, at):
        return dated
    return listed_price(litellm_id, usage, terms)


def _served(priced: Priced | None, place: Place | None, geography: str | None) -> Priced | None:
    """A price where a call had to be served in one geography, which is told with it; only Anthropic knows such a word.

    A geography without a price of its own is unpriced.
    """
    if priced is None or place is None or geography is None or place.provider not in (None, "", "anthropic"):
        return priced
    factor = geography_factor(place.name, geography)
    return None if factor is None else (priced[0] * factor, replace(priced[1], geography=geography))
