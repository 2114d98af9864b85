"""What a fetched list holds, and whether it can be right: compared with the one before it."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, TypeGuard

GENAI_PRICES, LITELLM, MODELS_DEV, LICENCES = "genai-prices", "litellm", "models.dev", "huggingface"
Prices = dict[str, float]
"""Standard prices in dollars per million tokens, by kind."""
Entries = dict[str, Prices]
"""What a list holds, by its own names; without prices where it lists none."""
KINDS = {
    "input": "input_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "output": "output_cost_per_token",
}
"""What genai-prices calls each kind of token, and litellm."""
LEAST_LEFT = 0.95
"""A list that lost more of its entries is taken for a broken one."""
MUCH, MANY, LEAST_KNOWN = 1.5, 0.1, 50
"""So many times a price may change for a tenth of a list's models at once; shorter lists may change as they like."""


class Unusable(Exception):
    """A list could not be fetched, read or believed; the message says why, without the address."""


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """The standard prices of one model, before and after."""

    model: str
    before: Prices
    after: Prices


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All that is different between two copies of a list."""

    prices: tuple[PriceChange, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def read_json(body: bytes) -> Any:
    """The value in a JSON text. Raises Unusable."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"it is not whole JSON ({error})") from None


def read_entries(name: str, body: bytes, on: datetime) -> Entries:
    """What a list holds, with its prices on the day of ``on``. Raises Unusable."""
    content = read_json(body)
    try:
        entries = _READERS[name](content, on)
    except (TypeError, ValueError, AttributeError, LookupError, RecursionError) as error:
        raise Unusable(f"it does not have the form that this program reads ({str(error).splitlines()[:1]})") from None
    if not entries:
        raise Unusable("nothing in it has the form that this program reads")
    return entries


def check(before: Entries, after: Entries) -> None:
    """Raises Unusable for a list that lost entries, has an impossible price, or in which many prices changed much."""
    for name, prices in after.items():
        for kind, price in prices.items():
            if not is_price(price):
                raise Unusable(f"the price {kind!r} of {name!r} is {price!r}: a price can't be negative")
    if len(after) < LEAST_LEFT * len(before):
        raise Unusable(f"it has {len(after):,} entries where the last one had {len(before):,}; it looks cut off")
    both = [(before[name], after[name]) for name in before.keys() & after.keys() if before[name] and after[name]]
    moved = sum(_moved_much(old, new) for old, new in both)
    if len(both) >= LEAST_KNOWN and moved > MANY * len(both):
        raise Unusable(f"prices of {moved:,} of {len(both):,} models changed by half or more at once")


def compare(before: Entries, after: Entries) -> Changes:
    """What is different, in alphabetical order."""
    both = sorted(before.keys() & after.keys())
    return Changes(
        prices=tuple(
            PriceChange(model=name, before=before[name], after=after[name])
            for name in both
            if before[name] != after[name]
        ),
        new=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
    )


def is_price(value: Any) -> TypeGuard[float]:
    """Whether a value can be a price: a number, finite, and not negative."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def read_providers(content: Any) -> list[Any]:
    """genai-prices' own values from its list."""
    from genai_prices.types import _providers_from_raw

    return list(_providers_from_raw(content))


def entries_of_providers(providers: list[Any], on: datetime) -> Entries:
    """``provider/model`` of genai-prices -> its prices on the day of ``on``."""
    noon = datetime.combine(on.astimezone(UTC).date(), time(12), UTC)  # no price changes with the hour of the refresh
    return {
        f"{provider.id}/{model.id}": _standard(model.get_prices(noon)) if model.prices else {}
        for provider in providers
        for model in provider.models
    }


def entries_of_listed(content: Mapping[str, Any]) -> Entries:
    """Litellm's id -> its prices."""
    return {
        name: {kind: _per_million(entry[key]) for kind, key in KINDS.items() if entry.get(key) is not None}
        for name, entry in content.items()
        if entry.get("litellm_provider") and name != "sample_spec"
    }


def _standard(price: Any) -> Prices:
    """Of a price with steps, that of short prompts."""
    found = ((kind, getattr(price, f"{kind}_mtok", None)) for kind in KINDS)
    return {kind: float(getattr(value, "base", value)) for kind, value in found if value is not None}


def _per_million(price: Any) -> Any:
    return round(price * 1e6, 9) if is_price(price) else price


def _moved_much(old: Prices, new: Prices) -> bool:
    pairs = ((old[name], new[name]) for name in old.keys() & new.keys())
    return any(max(pair) > MUCH * min(pair) for pair in pairs)


def _open_models(content: Any) -> Entries:
    """The open models of models.dev."""
    return {
        f"{provider}/{name}": {}
        for provider, told in content.items()
        for name, model in told["models"].items()
        if model.get("open_weights") is True
    }


_READERS: dict[str, Callable[[Any, datetime], Entries]] = {
    GENAI_PRICES: lambda content, on: entries_of_providers(read_providers(content), on),
    LITELLM: lambda content, _: entries_of_listed(content),
    MODELS_DEV: lambda content, _: _open_models(content),
    LICENCES: lambda content, _: {repo: {} for repo in content},
}
