"""What a token costs: as given with a model, or found by asking a price list, each of which answers for calls only."""

import functools
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.errors import BadInput
from advisor.types import AT_CONTRACT, Json, Model, Prices, PriceSource, Usage

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Priced = tuple[float, PriceSource]
"""Dollars of one call, and where its price comes from."""
PriceOf = Callable[[Usage], Priced | None]
"""The price of one call; None: unpriced."""
FEW_TOKENS = 1_000
FLAT_TOKENS = 100_000
"""Calls of up to so many tokens, in and out, are priced by the token where the list has no step below."""
_BASE = Usage(input_tokens=FEW_TOKENS)
_LARGEST = Usage(input_tokens=FLAT_TOKENS, output_tokens=FLAT_TOKENS, reasoning_tokens=FLAT_TOKENS)
"""A step of any kind, a fee for the call or another price of reasoning shows in it."""
GEOGRAPHY = "inference_geo"
"""Parameter by which Anthropic is told where to serve a call."""
_TIERS = ("service_tier", "speed")
"""Parameters that name a tier, the more telling first."""
TERM_KEYS = frozenset({*_TIERS, GEOGRAPHY})
"""Parameters that tell how a call is served."""
STANDARD_WORDS = frozenset({"", "auto", "default", "standard", "standard_only", "on_demand"})
"""What providers call the service that has the list price."""
ANYWHERE = frozenset({"", "global", "not_available"})
"""What Anthropic calls the geography that has the list price."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a price depends on besides the model, the tokens and the time."""

    tier: str | None = None
    """``batch``, ``flex``, ``priority``, ``fast`` or another word of a provider's; None: the list price."""
    geography: str | None = None
    """Where it had to be served, such as ``us``, at Anthropic; None: anywhere, for the list price."""
    cache_write_1h_tokens: int = 0
    """The part of the cache writes that are kept for an hour instead of five minutes."""

    @property
    def context(self) -> dict[str, str] | None:
        """The tier as genai-prices asks for it; None: the list price."""
        if self.tier is None:
            return None
        if self.tier == "batch":
            return {"processing": "batch"}
        return {"service_tier": self.tier, "speed": self.tier}


STANDARD = Terms()


def terms_of(params: Mapping[str, Json]) -> Terms:
    """The terms that parameters ask for, as ``service_tier`` or, at Anthropic, ``speed`` and ``inference_geo``."""
    if TERM_KEYS.isdisjoint(params):
        return STANDARD
    tiers = (_word(params.get(key), STANDARD_WORDS) for key in _TIERS)
    return Terms(tier=next(filter(None, tiers), None), geography=_word(params.get(GEOGRAPHY), ANYWHERE))


class Rates(NamedTuple):
    """Dollars a token of one model, where nothing else counts: no steps, no fee for the call."""

    input: float
    cache_read: float
    cache_write: float
    output: float
    source: PriceSource
    cache_write_1h: float | None = None
    """Of what is written to be kept for an hour; None: it was not asked for, or has no price of this kind."""

    @classmethod
    def filled(
        cls, input: float, cache_read: float | None, cache_write: float | None, output: float, source: PriceSource
    ) -> "Rates":
        """Where cached input has no price of its own, it costs what input does."""
        read, write = (input if price is None else price for price in (cache_read, cache_write))
        return cls(input, read, write, output, source)

    def cost_with(self, usage: Usage, terms: Terms) -> float | None:
        """Dollars for these tokens, some of them kept for an hour; None: no price for that."""
        kept = min(terms.cache_write_1h_tokens, usage.cache_write_tokens)
        if not kept:
            return self.cost_of(usage)
        if self.cache_write_1h is None:
            return None
        return self.cost_of(usage) + kept * (self.cache_write_1h - self.cache_write)

    def cost_of(self, usage: Usage) -> float:
        """Dollars for these tokens, none of them kept for an hour."""
        return float(Usage.cost_of(usage, self[: len(KINDS)]))


KINDS = Rates._fields[:4]
"""Of tokens, in the order of Usage.BILLED."""


@functools.lru_cache
def contract_rates(prices: Prices) -> Rates | None:
    """The prices that a person gave with a model, such as those of a contract; None without both.

    Input read from or written to a cache costs its own price where one was given, else the input price.
    """
    paid_in, read, write, out = (
        price if price is None else price / 1e6
        for price in (prices.input, prices.cache_read, prices.cache_write, prices.output)
    )
    return None if paid_in is None or out is None else Rates.filled(paid_in, read, write, out, AT_CONTRACT)


def check_given(model: Model) -> None:
    """Raises BadInput when the prices given with a model are none, or do not suffice to price a call."""
    prices = model.prices
    if any(price is not None and not (math.isfinite(price) and price >= 0) for price in vars(prices).values()):
        raise BadInput("A price is in dollars per million tokens and can't be negative.")
    if (prices.input is None) != (prices.output is None):
        raise BadInput("Give both prices, for input and for output, or neither.")
    if prices.input is None and prices != Prices():
        raise BadInput("Prices for cached input need input and output prices too.")


def flat_rates(price_of: PriceOf, price_of_1h: PriceOf | None = None) -> Rates | None:
    """What each kind of token costs; None: unpriced, from more than one list, or not by the four kinds alone.

    ``price_of_1h`` says what a call costs whose cache writes are all kept for an hour.
    """
    first = price_of(_BASE)
    if first is None:
        return None
    found = [_rate(price_of, kind, first) for kind in Usage.BILLED]
    rates = [rate for rate in found if rate is not None]
    if len(rates) < len(found):
        return None
    written_1h = _rate(price_of_1h, "cache_write_tokens", first) if price_of_1h else None
    flat = Rates(rates[0], rates[1], rates[2], rates[3], first[1], written_1h)
    asked = ((_BASE, first), (_LARGEST, price_of(_LARGEST)))
    same = (priced and math.isclose(priced[0], flat.cost_of(usage)) for usage, priced in asked)
    return flat if all(same) else None


def costs_of(price_of: PriceOf, tokens: "pd.DataFrame") -> "np.ndarray[Any, Any]":
    """Dollars of calls, NaN where they have no price or their tokens are not known; shape (n,).

    ``tokens`` has a column for each count of ``Usage``, NaN where not known. Prices of the token are looked up once;
    only very large calls, for which lists have steps, one by one.
    """
    import numpy as np

    rates = flat_rates(price_of)
    counts = tokens[list(Usage.BILLED)].astype(float)
    each = counts.notna().all(axis=1)
    usd = np.full(len(counts), np.nan)
    if rates is not None:
        usd = Usage.cost_of(counts, rates[: len(KINDS)]).to_numpy(copy=True)
        each &= (counts[list(Usage.INPUT)].sum(axis=1) > FLAT_TOKENS) | (counts["output_tokens"] > FLAT_TOKENS)
    for i in np.flatnonzero(each):
        priced = price_of(Usage.of(tokens.iloc[i].to_dict()))
        usd[i] = np.nan if priced is None else priced[0]
    return usd


def usd_per_mtok(price_of: PriceOf, kind: str) -> Priced | None:
    """(dollars per million tokens, source) of one of ``KINDS`` in a short call, no fee in it; None: unpriced."""
    few, more = (price_of(Usage(**{f"{kind}_tokens": count})) for count in (FEW_TOKENS, 2 * FEW_TOKENS))
    return few and more and (round((more[0] - few[0]) / FEW_TOKENS * 1e6, 9), few[1])


def rates_of_short_calls(price_of: PriceOf) -> Rates | None:
    """What each kind of token costs in a short call, for where nothing holds for all calls; None: unpriced."""
    found = [usd_per_mtok(price_of, kind) for kind in KINDS]
    paid_in, read, write, out = (price and price[0] / 1e6 for price in found)
    if found[0] is None or paid_in is None or out is None:
        return None
    return Rates.filled(paid_in, read, write, out, found[0][1])


def _word(value: Json, usual: Collection[str]) -> str | None:
    word = value.strip().lower() if isinstance(value, str) else ""
    return None if word in usual else word


def _rate(price_of: PriceOf, kind: str, base: Priced) -> float | None:
    """What a token of one kind costs on top of some input: lists take a kind that is free alone for a gap."""
    most = FLAT_TOKENS - FEW_TOKENS  # with the input beside it, no larger a prompt than the rates are for
    few, many = (price_of(replace(_BASE, **{kind: getattr(_BASE, kind) + count})) for count in (FEW_TOKENS, most))
    if few is None or many is None or {few[1], many[1]} != {base[1]}:
        return None
    one, all_ = few[0] - base[0], many[0] - base[0]
    return None if abs(all_ - most / FEW_TOKENS * one) > 1e-9 * many[0] else all_ / most
