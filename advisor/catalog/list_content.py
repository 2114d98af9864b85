"""What a list of prices holds: whole JSON, prices that can be prices, and every one of them under a name of its own.

Two copies of a list are compared by these names, so that a batch price, a step for long prompts, or a price that begins
tomorrow is seen as much as today's price of a token.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeGuard

Prices = dict[str, float]
"""Dollars per million tokens (of what is not sold by the token: of one) by name: what is paid for, and after a space
when or how. ``input`` is today's standard price, ``input if processing=batch``, ``input from 2027-01-01`` others."""
Entries = dict[str, Prices | None]
"""What a list holds, by its own name; None: no price is read from it."""
KINDS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
}
"""How litellm's names of prices begin -> what genai-prices calls the same."""

_HALF_A_LETTER = re.compile(r"\\u[dD][89a-fA-F]")
"""How JSON spells the halves of letters that take two."""


class Unreadable(Exception):
    """A list does not have the form that this program reads; the message says what is wrong."""


def read_json(body: bytes) -> Any:
    """The value in a JSON text. Raises Unreadable, also for numbers and letters that are none, and endless nesting."""
    try:
        text = body.decode(json.detect_encoding(body))
        content = json.loads(text, parse_constant=_no_number)
        if _HALF_A_LETTER.search(text):  # one without its other half could be written down nowhere
            json.dumps(content, ensure_ascii=False).encode()
        return content
    except ValueError as error:
        raise Unreadable(f"it is not whole JSON ({error})") from None
    except RecursionError:
        raise Unreadable("it is nested too deeply to be such a list") from None


def is_price(value: Any) -> TypeGuard[float]:
    """Whether a value can be a price: a number, finite, and not negative."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def prices_of_providers(providers: list[Any], at: datetime) -> Entries:
    """``provider/model`` of genai-prices -> all its prices, the plain ones those of ``at``. Raises Unreadable."""
    found: Entries = {}
    for provider in providers:
        for model in provider.models:
            name = f"{provider.id}/{model.id}"
            found[name] = _checked(name, _prices_of_model(model, at)) if _has_prices(model) else None
    return found


def prices_of_listed(content: Any) -> Entries:
    """Litellm's id -> all its prices. Raises Unreadable."""
    return {name: _checked(name, _listed(entry)) for name, entry in listed_entries(content).items()}


def listed_entries(content: Any) -> dict[str, dict[str, Any]]:
    """The entries of litellm's list that name a provider. Raises Unreadable for another form."""
    if not isinstance(content, dict):
        raise Unreadable("it isn't a table of models")
    return {
        name: entry
        for name, entry in content.items()
        if isinstance(entry, dict) and entry.get("litellm_provider") and name != "sample_spec"
    }


def _no_number(word: str) -> None:
    raise ValueError(f"{word} isn't a number")


def _checked(name: str, prices: Iterator[tuple[str, Any]]) -> Prices:
    found: Prices = {}
    for label, price in prices:
        if not is_price(price):
            raise Unreadable(f"the price {label!r} of {name!r} is {price!r}: a price can't be negative")
        found[label] = round(price, 9)
    return found


def _has_prices(model: Any) -> bool:
    return not isinstance(model.prices, list) or bool(model.prices)


def _prices_of_model(model: Any, at: datetime) -> Iterator[tuple[str, Any]]:
    yield from _of_price(model.get_prices(at), "")
    if isinstance(model.prices, list):
        for step in model.prices:
            yield from _of_price(step.prices, f" {_when(step.constraint) or 'at first'}")
    for variant in model.price_variants or ():
        terms = " and ".join(f"{key}={value}" for key, value in sorted(variant.when.items()))
        yield from _of_price(variant.prices, f" if {terms} {_when(variant.constraint)}".rstrip())


def _of_price(price: Any, when: str) -> Iterator[tuple[str, Any]]:
    for key, value in vars(price).items():
        if value is None:
            continue
        kind = key.removesuffix("_mtok")
        yield f"{kind}{when}", _number(getattr(value, "base", value))
        for tier in getattr(value, "tiers", ()):
            yield f"{kind} above {tier.start}{when}", _number(tier.price)


def _when(constraint: Any) -> str:
    if constraint is None:
        return ""
    if hasattr(constraint, "start_date"):
        return f"from {constraint.start_date}"
    return f"{constraint.start_time:%H:%M}-{constraint.end_time:%H:%M}"


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _listed(entry: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    """Every number under a name that tells of a cost, however deep; of the same step, the last one counts."""
    for key, value in sorted(entry.items(), key=lambda item: isinstance(item[1], list)):
        if isinstance(value, dict):
            yield from _listed(value, f"{place} in {key}")
        elif isinstance(value, list):
            for number, part in enumerate(value):
                if isinstance(part, dict):
                    yield from _listed(part, f"{place}{_step_of(part, f' in {key} {number}')}")
                elif "cost" in key:
                    yield key, value
        elif value is not None and ("cost" in key or "cost" in place):
            a_million = 1e6 if "token" in key and is_price(value) else 1
            yield f"{_kind(key)}{place}", value * a_million if a_million > 1 else value


def _step_of(step: Mapping[str, Any], otherwise: str) -> str:
    """How a step for long prompts is named by where it begins, the first one like a price without steps."""
    edges = step.get("range")
    if not (isinstance(edges, list) and edges and is_price(edges[0])):
        return otherwise
    return f" above {edges[0]:.0f}" if edges[0] else ""


def _kind(key: str) -> str:
    for name, kind in KINDS.items():
        if key == name or key.startswith(f"{name}_"):
            return kind + key.removeprefix(name).replace("_", " ")
    return key
