"""Where prices come from, in English."""

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
