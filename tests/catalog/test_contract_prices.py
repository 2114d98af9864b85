"""Prices that a person gave with a model."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from advisor.catalog.prices import price_call
from advisor.catalog.rates import check_given, contract_rates
from advisor.errors import BadInput
from advisor.types import AT_CONTRACT, Model, PriceOrigin, Prices, Usage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BOTH = Model(name="m", litellm_id="openai/gpt-4o", prices=Prices(input=3.0, output=9.0))
USAGE = Usage(input_tokens=200, cache_read_tokens=700, cache_write_tokens=100, output_tokens=50)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 200 * 3 + 700 * 3 + 100 * 3 + 50 * 9),
        ({"cache_read": 0.3}, 200 * 3 + 700 * 0.3 + 100 * 3 + 50 * 9),
        ({"cache_write": 3.75}, 200 * 3 + 700 * 3 + 100 * 3.75 + 50 * 9),
        ({"cache_read": 0.0, "cache_write": 0.0}, 200 * 3 + 50 * 9),
    ],
)
def test_cached_input_has_its_own_price_where_one_was_given(given: dict[str, Any], expected: float) -> None:
    model = replace(BOTH, prices=replace(BOTH.prices, **given))
    check_given(model)
    priced = price_call(model, USAGE, NOW)
    assert priced is not None
    assert priced[0] == pytest.approx(expected / 1e6, rel=1e-12)
    assert priced[1] == AT_CONTRACT


def test_without_both_prices_the_lists_are_asked() -> None:
    assert contract_rates(Prices(input=3.0)) is None
    assert contract_rates(Prices(output=9.0)) is None
    priced = price_call(Model(name="m", litellm_id="openai/gpt-4o"), USAGE, NOW)
    assert priced is not None
    assert priced[1].origin is PriceOrigin.GENAI_PRICES


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"output": None}, "both prices"),
        ({"input": -1.0}, "can't be negative"),
        ({"cache_read": float("nan")}, "can't be negative"),
        ({"cache_write": -0.1}, "can't be negative"),
        (
            {"input": None, "output": None, "cache_read": 1.0},
            "too",
        ),
    ],
)
def test_what_is_no_price_is_refused(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(BadInput, match=expected):
        check_given(replace(BOTH, prices=replace(BOTH.prices, **given)))
