"""Where prices come from, in English."""

from datetime import datetime

from advisor.text.numbers import aged
from advisor.types import PriceOrigin, PriceSource

_LISTS = {
    PriceOrigin.LOG: "as logged",
    PriceOrigin.CONTRACT: "contract price",
    PriceOrigin.GENAI_PRICES: "genai-prices {version}",
    PriceOrigin.LITELLM: "litellm price list {version}",
    PriceOrigin.OVERRIDE: "our own price list, checked {version} ({note})",
    PriceOrigin.BUILTIN: "runs on this machine",
    PriceOrigin.MODEL_PRICES: "model-prices {version}",
    PriceOrigin.OTHER: "{note}",
}


def price_source(source: PriceSource) -> str:
    """The list with its version, then what is special about the price."""
    special = (
        source.tier,
        source.geography,
        "current price" if source.origin is PriceOrigin.LITELLM else None,
        "1-hour cache" if source.cache_1h else None,
        "text tokens only" if source.text_only else None,
    )
    return ", ".join([price_list(source), *filter(None, special)])


def price_list(source: PriceSource) -> str:
    """The list with its version."""
    return _LISTS[source.origin].format(version=source.version, note=source.note)


def applied_prices(source: PriceSource) -> str:
    """Which list the calls of a run are priced by."""
    return f"{price_list(source)}, applied at the date of each call"


def fetched_prices(as_of: datetime, days: int) -> str:
    """The age of a list that was fetched."""
    return f"prices of {aged(as_of, days)}"


def installed_prices(as_of: datetime | None, days: int | None, unused: str | None) -> str:
    """The age of a list that came with the program; ``unused``: the package whose fetched list is not used."""
    age = f"its newest dated price of {aged(as_of, days)}" if as_of and days is not None else "undated"
    note = f"installed with the program, {age}"
    return f"{note}; the list fetched for {unused} needs another version of it: refresh again" if unused else note
