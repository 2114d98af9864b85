"""What a token costs, found by asking for calls of a known size: every price list answers for calls only."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from advisor.types import Usage

PriceOf = Callable[[Usage], tuple[float, str] | None]
"""(dollars, source) of one call; None: unpriced."""
KINDS = ("input", "cache_read", "cache_write", "output")
FEW_TOKENS = 1_000
FLAT_TOKENS = 100_000
"""No price list has steps below."""


class Rates(NamedTuple):
    """Dollars a token of one model, where its price has no steps."""

    input: float
    cache_read: float
    cache_write: float
    output: float
    source: str

    def cost_of(self, usage: Usage) -> float:
        """Dollars for these tokens."""
        return (
            usage.input_tokens * self.input
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
            + usage.output_tokens * self.output
        )


def flat_rates(price_of: PriceOf) -> Rates | None:
    """What each kind of token costs; None: unpriced, priced from more than one list, or with steps.

    Each kind is asked for beside some input, since a kind alone may be free, which lists take for a gap.
    """
    base = Usage(input_tokens=FEW_TOKENS)
    first = price_of(base)
    if first is None:
        return None
    rates = []
    for kind in KINDS:
        name = f"{kind}_tokens"
        few, many = (
            price_of(replace(base, **{name: getattr(base, name) + count})) for count in (FEW_TOKENS, FLAT_TOKENS)
        )
        if few is None or many is None or {few[1], many[1]} != {first[1]}:
            return None
        one, all_ = few[0] - first[0], many[0] - first[0]
        if abs(all_ - FLAT_TOKENS / FEW_TOKENS * one) > 1e-9 * many[0]:
            return None
        rates.append(all_ / FLAT_TOKENS)
    return Rates(rates[0], rates[1], rates[2], rates[3], first[1])


def usd_per_mtok(price_of: PriceOf, kind: str) -> tuple[float, str] | None:
    """(dollars per million tokens, source) of one of ``KINDS`` in a short call; None: unpriced."""
    priced = price_of(Usage(**{f"{kind}_tokens": FEW_TOKENS}))
    return priced and (round(priced[0] / FEW_TOKENS * 1e6, 9), priced[1])
