"""What one call cost, at the price of its day.

Prices come, in this order, from the person who registered the model, from genai-prices (dated), and for hosts that it
does not hold from the list inside litellm's wheel (current, read as a file; litellm is not imported). A model none of
them knows stays unpriced; unpriced is never zero.
"""

import functools
import importlib.metadata
import importlib.util
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.catalog.identity import is_same_model
from advisor.catalog.model_list import model_list
from advisor.types import Model, Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

GIVEN = "price given for this study"
HERE = "runs on this machine"
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
OWN_SERVERS = frozenset({"hosted_vllm", "ollama", "ollama_chat", "lm_studio", "llamafile", "written"})
"""Nobody else knows what these cost."""
_FLAT_TOKENS = 100_000
"""No table has steps below."""
_DAY_S, _HALF_HOUR_S = 86_400, 1_800
"""New prices begin with a day, cheap hours with half an hour."""
LONG_CONTEXT_TOKENS = 128_000
"""Above it some hosts take more a token; litellm's list is not used there."""


def price_call(model: Model, usage: Usage, at: datetime) -> tuple[float, str] | None:
    """(dollars, source) of one call at ``at`` (aware); None: unpriced.

    The prices a person gave with the model win; all input tokens then cost the input price. A model at an address of
    its own is priced only if that address is a provider's.
    """
    given = _given(model, usage)
    if given is not None:
        return given, GIVEN
    litellm_id = model.plain_id
    provider, _, name = litellm_id.partition("/")
    if provider == "builtin":
        return 0.0, HERE
    if not name:
        provider, name = "openai", provider
    if provider in OWN_SERVERS:
        return None
    if model.api_base:
        return _dated(name, usage, at, api_url=model.api_base)
    if provider in PROVIDERS:
        return _dated(name, usage, at, provider=PROVIDERS[provider]) or _listed(litellm_id, usage)
    return _listed(litellm_id, usage)


def price_logged(model_name: str, usage: Usage, at: datetime | None) -> tuple[float, str] | None:
    """(dollars, source) of a call in a log that names a model but perhaps no provider; None: unpriced.

    ``at`` is the time of the call (aware); None prices it as of now. A bare name is priced at the model's own maker;
    a match to a clearly different model is refused.
    """
    when = at or datetime.now(UTC)
    if usage.total_input_tokens <= _FLAT_TOKENS >= usage.output_tokens:
        period_s = _HALF_HOUR_S if _changes_within_days(model_name) else _DAY_S
        flat = _flat_prices(model_name, int(when.timestamp() // period_s) * period_s)
        if flat is not None and flat.rates is None:
            return None
        if flat is not None and flat.rates is not None and (cost := flat.rates.cost_of(usage)):
            return cost, flat.rates.source
    return _price_logged(model_name, usage, when)


class _Rates(NamedTuple):
    """Dollars a token, where a price has no steps."""

    input: float
    cache_read: float
    cache_write: float
    output: float
    source: str

    def cost_of(self, usage: Usage) -> float:
        return (
            usage.input_tokens * self.input
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
            + usage.output_tokens * self.output
        )


class _Flat(NamedTuple):
    """Prices that stay the same for some time; without rates the model has none."""

    rates: _Rates | None


@functools.lru_cache(maxsize=4096)
def _flat_prices(model_name: str, start_s: int) -> _Flat | None:
    """The price from a moment on, in seconds since 1970; None where it depends on the number of tokens.

    Looking it up for every row would take longer than reading the row.
    """
    when = datetime.fromtimestamp(start_s, UTC)
    base = Usage(input_tokens=_FLAT_TOKENS // 100)
    first = _price_logged(model_name, base, when)
    if first is None:
        output = _price_logged(model_name, Usage(output_tokens=_FLAT_TOKENS), when)
        return _Flat(None) if output is None else None
    rates = []
    for kind in ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"):
        few, many = (
            _price_logged(model_name, replace(base, **{kind: getattr(base, kind) + count}), when)
            for count in (_FLAT_TOKENS // 100, _FLAT_TOKENS)
        )
        if few is None or many is None:
            return None
        one, hundred = few[0] - first[0], many[0] - first[0]
        if abs(hundred - 100 * one) > 1e-9 * many[0]:
            return None
        rates.append(hundred / _FLAT_TOKENS)
    return _Flat(_Rates(rates[0], rates[1], rates[2], rates[3], first[1]))


@functools.lru_cache(maxsize=4096)
def _changes_within_days(model_name: str) -> bool:
    """Whether the price depends on the time of the day."""
    from genai_prices.types import TimeOfDateConstraint

    where = _place_of(model_name)
    found = where and _calculated(*where, Usage(input_tokens=1), datetime.now(UTC))
    prices = found.model.prices if found and isinstance(found.model.prices, list) else []
    return any(isinstance(price.constraint, TimeOfDateConstraint) for price in prices)


def _price_logged(model_name: str, usage: Usage, when: datetime) -> tuple[float, str] | None:
    where = _place_of(model_name)
    return _dated(where[0], usage, when, provider=where[1]) if where else None


def _place_of(model_name: str) -> tuple[str, str | None] | None:
    """The model's name and provider as genai-prices has them (no provider: its own maker); None: nowhere."""
    provider, _, name = model_name.strip().partition("/")
    if name and provider.lower() in PROVIDERS:
        return name, PROVIDERS[provider.lower()]
    if name or model_name.lower().startswith("gpt-oss"):  # an organisation is no host, and open weights have many
        return None
    if "." in provider and provider.lower().partition(".")[0] in REGIONS:
        return provider, "aws"
    return provider, None


REGIONS = frozenset({"us", "eu", "apac", "global", "anthropic", "meta", "mistral", "amazon", "cohere", "deepseek"})
"""How Amazon's model ids begin."""


def _given(model: Model, usage: Usage) -> float | None:
    price_in, price_out = model.input_price_usd_per_mtok, model.output_price_usd_per_mtok
    if price_in is None or price_out is None:
        return None
    return (usage.total_input_tokens * price_in + usage.output_tokens * price_out) / 1e6


def _dated(
    name: str, usage: Usage, at: datetime, *, provider: str | None = None, api_url: str | None = None
) -> tuple[float, str] | None:
    found = _calculated(name, provider, usage, at, api_url=api_url)
    if found is None or (not found.total_price and not name.endswith(":free")):
        return None  # unknown, or a gap in the table
    if not is_same_model(name, found.model.id) and not _is_spelled_out(found.model.match, name.lower()):
        return None
    return float(found.total_price), f"genai-prices {_version('genai-prices')}"


def _calculated(
    name: str, provider: str | None, usage: Usage, at: datetime, *, api_url: str | None = None
) -> "PriceCalculation | None":
    import genai_prices

    counts = genai_prices.Usage(
        input_tokens=usage.total_input_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        if api_url is not None:
            return genai_prices.calc_price(counts, name, provider_api_url=api_url, genai_request_timestamp=at)
        return genai_prices.calc_price(counts, name, provider_id=provider, genai_request_timestamp=at)
    except (LookupError, ValueError):
        return None


def _is_spelled_out(clause: Any, name: str) -> bool:
    """Whether a match rule lists the name itself, rather than a beginning or a part of it."""
    if getattr(clause, "equals", None) is not None:
        return bool(clause.equals.lower() == name)
    return any(_is_spelled_out(part, name) for part in getattr(clause, "or_", ()))


def _listed(litellm_id: str, usage: Usage) -> tuple[float, str] | None:
    entry = model_list().get(litellm_id)
    if not entry or usage.total_input_tokens > LONG_CONTEXT_TOKENS:
        return None
    price_in, price_out = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    if price_in is None or price_out is None or not (price_in or price_out):
        return None
    cost = (
        usage.input_tokens * price_in
        + usage.cache_read_tokens * entry.get("cache_read_input_token_cost", price_in)
        + usage.cache_write_tokens * entry.get("cache_creation_input_token_cost", price_in)
        + usage.output_tokens * price_out
    )
    return float(cost), f"litellm {_version('litellm')} price list (current price)"


@functools.cache
def _version(package: str) -> str:
    return importlib.metadata.version(package)
