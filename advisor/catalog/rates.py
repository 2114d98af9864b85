"""What a token costs, found by asking for calls of a known size: every price list answers for calls only."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from advisor.catalog.terms import Terms
from advisor.types import PriceSource, Usage

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

PriceOf = Callable[[Usage], tuple[float, PriceSource] | None]
"""(dollars, source) of one call; None: unpriced."""
KINDS = ("input", "cache_read", "cache_write", "output")
FEW_TOKENS = 1_000
FLAT_TOKENS = 100_000
"""Calls of up to so many tokens, in and out, are priced by the token where the list has no step below."""
_BASE = Usage(input_tokens=FEW_TOKENS)
_LARGEST = Usage(input_tokens=FLAT_TOKENS, output_tokens=FLAT_TOKENS, reasoning_tokens=FLAT_TOKENS)
"""A step of any kind, a fee for the call or another price of reasoning shows in it."""


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
        return (
            usage.input_tokens * self.input
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
            + usage.output_tokens * self.output
        )


def flat_rates(price_of: PriceOf, price_of_1h: PriceOf | None = None) -> Rates | None:
    """What each kind of token costs; None: unpriced, from more than one list, or not by the four kinds alone.

    ``price_of_1h`` says what a call costs whose cache writes are all kept for an hour.
    """
    first = price_of(_BASE)
    if first is None:
        return None
    found = [_rate(price_of, kind, first) for kind in KINDS]
    rates = [rate for rate in found if rate is not None]
    if len(rates) < len(found):
        return None
    written_1h = _rate(price_of_1h, "cache_write", first) if price_of_1h else None
    flat = Rates(rates[0], rates[1], rates[2], rates[3], first[1], written_1h)
    asked = ((_BASE, first), (_LARGEST, price_of(_LARGEST)))
    return flat if all(priced and _is_same(priced[0], flat.cost_of(usage)) for usage, priced in asked) else None


def _rate(price_of: PriceOf, kind: str, base: tuple[float, PriceSource]) -> float | None:
    """What a token of one kind costs on top of some input: lists take a kind that is free alone for a gap."""
    name = f"{kind}_tokens"
    most = FLAT_TOKENS - FEW_TOKENS  # with the input beside it, no larger a prompt than the rates are for
    few, many = (price_of(replace(_BASE, **{name: getattr(_BASE, name) + count})) for count in (FEW_TOKENS, most))
    if few is None or many is None or {few[1], many[1]} != {base[1]}:
        return None
    one, all_ = few[0] - base[0], many[0] - base[0]
    return None if abs(all_ - most / FEW_TOKENS * one) > 1e-9 * many[0] else all_ / most


def _is_same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(one, other)


def costs_of(price_of: PriceOf, tokens: "pd.DataFrame") -> "np.ndarray[Any, Any]":
    """Dollars of calls, NaN where they have no price or their tokens are not known; shape (n,).

    ``tokens`` has a column for each count of ``Usage``, NaN where not known. Prices of the token are looked up once;
    only very large calls, for which lists have steps, one by one.
    """
    import numpy as np

    rates = flat_rates(price_of)
    counts = tokens[[f"{kind}_tokens" for kind in KINDS]].to_numpy(dtype=float)
    each = ~np.isnan(counts).any(axis=1)
    usd = np.full(len(counts), np.nan)
    if rates is not None:
        usd = counts @ np.array(rates[: len(KINDS)])
        each &= (counts[:, :-1].sum(axis=1) > FLAT_TOKENS) | (counts[:, -1] > FLAT_TOKENS)
    for i in np.flatnonzero(each):
        priced = price_of(Usage.of(tokens.iloc[i].to_dict()))
        usd[i] = np.nan if priced is None else priced[0]
    return usd


def usd_per_mtok(price_of: PriceOf, kind: str) -> tuple[float, PriceSource] | None:
    """(dollars per million tokens, source) of one of ``KINDS`` in a short call, no fee in it; None: unpriced."""
    few, more = (price_of(Usage(**{f"{kind}_tokens": count})) for count in (FEW_TOKENS, 2 * FEW_TOKENS))
    return few and more and (round((more[0] - few[0]) / FEW_TOKENS * 1e6, 9), few[1])
