"""Prices that a person gave with a model, such as those of a contract: they come before every list."""

import math

from advisor.catalog.rates import Rates
from advisor.errors import BadInput
from advisor.types import AT_CONTRACT, Model, PriceSource, Usage


def given_price(model: Model, usage: Usage) -> tuple[float, PriceSource] | None:
    """(dollars, source) of one call; None without both prices.

    Input read from or written to a cache costs its own price where one was given, else the input price.
    """
    price_in, price_out = model.input_price_usd_per_mtok, model.output_price_usd_per_mtok
    if price_in is None or price_out is None:
        return None
    cached = model.cache_read_price_usd_per_mtok, model.cache_write_price_usd_per_mtok
    return Rates.filled(price_in, *cached, price_out, AT_CONTRACT).cost_of(usage) / 1e6, AT_CONTRACT


def check_given(model: Model) -> None:
    """Raises BadInput when the prices given with a model are none, or do not suffice to price a call."""
    both = (model.input_price_usd_per_mtok, model.output_price_usd_per_mtok)
    cached = (model.cache_read_price_usd_per_mtok, model.cache_write_price_usd_per_mtok)
    if any(price is not None and not (math.isfinite(price) and price >= 0) for price in (*both, *cached)):
        raise BadInput("A price is in dollars per million tokens and can't be negative.")
    if (both[0] is None) != (both[1] is None):
        raise BadInput("Give both prices, for input and for output, or neither.")
    if both[0] is None and any(price is not None for price in cached):
        raise BadInput("Prices for cached input need input and output prices too.")
