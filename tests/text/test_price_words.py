"""How the source of a price reads."""

from dataclasses import replace

import pytest

from advisor.text.money import price_list, price_source
from advisor.types import AS_LOGGED, AT_CONTRACT, ON_THIS_MACHINE, PriceOrigin, PriceSource

LISTED = PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3")
CURRENT = PriceSource(origin=PriceOrigin.LITELLM, version="1.80.0")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (AS_LOGGED, "as logged"),
        (AT_CONTRACT, "contract price"),
        (replace(AT_CONTRACT, note="gpt-4o"), "price of gpt-4o"),
        (ON_THIS_MACHINE, "runs on this machine"),
        (LISTED, "genai-prices 0.2.3"),
        (replace(LISTED, tier="batch", geography="us"), "genai-prices 0.2.3, batch, us"),
        (replace(LISTED, cache_1h=True, text_only=True), "genai-prices 0.2.3, 1-hour cache, text tokens only"),
        (replace(CURRENT, tier="flex"), "litellm price list 1.80.0, flex, current price"),
        (PriceSource(origin=PriceOrigin.OTHER, note="paid in shells"), "paid in shells"),
    ],
)
def test_a_source_in_words(source: PriceSource, words: str) -> None:
    assert price_source(source) == words
    assert PriceSource.of(source.code) == source


def test_the_list_alone() -> None:
    assert price_list(replace(CURRENT, tier="flex")) == "litellm price list 1.80.0"
