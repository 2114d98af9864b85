"""What model-prices says a call cost: a second dated list, of the makers' own models only.

It is for comparing, and for money only where the first list has nothing. It can strip endings off names until one
fits, and prices a call before its first entry at that entry: neither is taken here.
"""

from datetime import datetime

from advisor.catalog.dated_names import is_listed
from advisor.catalog.dated_prices import version_of
from advisor.catalog.identity import ends_in_a_day, is_same_model, without_ending
from advisor.catalog.price_overrides import override_of
from advisor.catalog.terms import STANDARD, Terms
from advisor.types import PriceOrigin, PriceSource, Usage

MAKERS = {
    "anthropic": "anthropic",
    "aws": "amazon-bedrock",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "google": "google",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshotai",
    "openai": "openai",
    "perplexity": "perplexity",
    "x-ai": "xai",
    "zai": "zai",
}
"""genai-prices' names of the makers -> model-prices' names."""
_MODES = {None: None, "batch": "batch", "flex": "flex", "fast": "fast"}


def second_price(
    name: str, provider: str | None, usage: Usage, at: datetime, terms: Terms = STANDARD
) -> tuple[float, PriceSource] | None:
    """(dollars, source) of one call at ``at`` (aware); None where the list does not hold just this model at that time.

    ``provider`` is genai-prices' name; None: the model's own maker. A name of which our own list says that it had no
    known price has none here either.
    """
    import model_prices  # type: ignore[import-untyped]

    override = override_of(provider, name, at)
    maker = MAKERS.get(provider or "")
    if (override and override.cost_of(usage) is None) or (provider and maker is None) or terms.tier not in _MODES:
        return None
    if " " in name:  # it would be read as a hyphen
        return None
    resolved = _resolved(name, maker)
    if resolved is None or resolved[0] not in MAKERS.values() or (maker and resolved[0] != maker):
        return None
    rates = model_prices.rates(resolved[1], at=at, provider=resolved[0], mode=_MODES[terms.tier])
    if rates is None or not is_same_model(name, rates.model):
        return None
    if datetime.fromisoformat(rates.valid_from) > at:
        return None
    long_lived = min(terms.cache_write_1h_tokens, usage.cache_write_tokens)
    cost = rates.cost(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens - long_lived,
        cache_write_1h_tokens=long_lived,
    )
    if not cost:
        return None  # free previews are listed as zero
    version = f"{version_of('model-prices')} (of {model_prices.data_as_of():%Y-%m-%d})"
    return cost, PriceSource(origin=PriceOrigin.MODEL_PRICES, version=version, tier=terms.tier)


def _resolved(name: str, maker: str | None) -> tuple[str, str] | None:
    """Whose model, and which, a name is; a dated name that another list spells may go by the name without the date."""
    import model_prices

    spellings = [name, name.replace(".", "-") if name.startswith("claude-") else name]
    if ends_in_a_day(name) and is_listed(name):
        spellings.append(without_ending(name))
    found = (model_prices.resolve(spelling, maker, strict=True) for spelling in spellings)
    return next((resolved for resolved in found if resolved is not None), None)
