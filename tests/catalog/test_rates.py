"""What a token costs, found by asking for calls."""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import pytest

from advisor.catalog.prices import price_call, price_logged
from advisor.catalog.rates import FLAT_TOKENS, Rates, costs_of, flat_rates, rates_of_short_calls, usd_per_mtok
from advisor.types import Model, PriceOrigin, PriceSource, Usage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LISTED, OTHER = (PriceSource(origin=PriceOrigin.GENAI_PRICES, version=version) for version in ("1", "2"))


def test_the_four_prices_of_a_model() -> None:
    model = Model(name="m", litellm_id="anthropic/claude-haiku-4-5")
    rates = flat_rates(partial(price_call, model, at=NOW))
    assert rates is not None
    assert [round(rate * 1e6, 9) for rate in rates[:4]] == [1.0, 0.1, 1.25, 5.0]
    usage = Usage(input_tokens=700, cache_read_tokens=9_000, cache_write_tokens=300, output_tokens=400)
    priced = price_call(model, usage, NOW)
    assert priced is not None
    assert (rates.cost_of(usage), rates.source) == (pytest.approx(priced[0]), priced[1])


def test_no_price_steps_and_two_lists_are_none() -> None:
    def stepped(usage: Usage) -> tuple[float, PriceSource]:
        tokens = usage.total_input_tokens
        return tokens * (2.0 if tokens > FLAT_TOKENS // 2 else 1.0) + usage.output_tokens, LISTED

    def mixed(usage: Usage) -> tuple[float, PriceSource]:
        return float(usage.total_input_tokens + usage.output_tokens), LISTED if usage.output_tokens else OTHER

    assert flat_rates(lambda _: None) is None
    assert flat_rates(stepped) is None
    assert flat_rates(mixed) is None
    assert rates_of_short_calls(lambda _: None) is None
    assert rates_of_short_calls(stepped) == Rates(1.0, 1.0, 1.0, 1.0, LISTED)
    assert rates_of_short_calls(mixed) == Rates(1.0, 1.0, 1.0, 1.0, OTHER)
    assert flat_rates(lambda usage: (0.0, LISTED)) == Rates(0.0, 0.0, 0.0, 0.0, LISTED)


def test_what_is_kept_an_hour_has_a_rate_of_its_own_or_none() -> None:
    def price_of(usage: Usage, *, written: float = 1.0, source: PriceSource = LISTED) -> tuple[float, PriceSource]:
        return usage.input_tokens + written * usage.cache_write_tokens + usage.output_tokens, source

    assert flat_rates(price_of) == Rates(1.0, 0.0, 1.0, 1.0, LISTED, None)
    assert flat_rates(price_of, partial(price_of, written=2.0)) == Rates(1.0, 0.0, 1.0, 1.0, LISTED, 2.0)
    assert flat_rates(price_of, partial(price_of, source=OTHER)) == Rates(1.0, 0.0, 1.0, 1.0, LISTED, None)
    assert flat_rates(price_of, lambda _: None) == Rates(1.0, 0.0, 1.0, 1.0, LISTED, None)


def test_a_kind_that_is_free_is_no_gap() -> None:
    rates = flat_rates(lambda usage: (usage.input_tokens * 2.0, LISTED) if usage.input_tokens else None)
    assert rates == Rates(2.0, 0.0, 0.0, 0.0, LISTED)


def test_dollars_per_million() -> None:
    price_of = partial(price_logged, "gpt-4o", at=NOW)
    assert usd_per_mtok(price_of, "output") == (10.0, PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3"))
    assert usd_per_mtok(partial(price_logged, "acme-1", at=NOW), "output") is None


def test_a_fee_for_the_call_is_in_no_price_of_a_token() -> None:
    price_of = partial(price_call, Model(name="m", litellm_id="perplexity/sonar-pro"), at=NOW)
    assert flat_rates(price_of) is None
    assert [usd_per_mtok(price_of, kind) for kind in ("input", "output")] == [
        (3.0, PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3")),
        (15.0, PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3")),
    ]


@pytest.mark.parametrize(
    "litellm_id", ["azure_ai/claude-haiku-5-5", "empiriolabs/glm-5-1", "dashscope/qwen-plus-2025-07-14"]
)
def test_steps_and_reasoning_are_not_lost_among_many_calls(litellm_id: str) -> None:
    price_of = partial(price_call, Model(name="m", litellm_id=litellm_id), at=NOW)
    calls = [
        Usage(input_tokens=count, output_tokens=1_000, reasoning_tokens=reasoning)
        for count in (1_000, 40_000, 100_000, 100_001)
        for reasoning in (0, 900)
    ]
    found = costs_of(price_of, pd.DataFrame([asdict(usage) for usage in calls]))
    assert found.tolist() == pytest.approx([price[0] for usage in calls if (price := price_of(usage))])


def test_a_step_in_the_price_of_output_alone_is_seen() -> None:
    def price_of(usage: Usage) -> tuple[float, PriceSource]:
        return usage.input_tokens + usage.output_tokens * (2.0 if usage.input_tokens > 32_000 else 1.0), LISTED

    assert flat_rates(price_of) is None


def test_a_step_above_the_calls_that_rates_are_for_leaves_them_flat() -> None:
    price_of = partial(price_logged, "claude-haiku-5-5", at=NOW)
    rates = flat_rates(price_of)
    assert rates is not None
    assert rates.input * 1e6 == pytest.approx(0.1)
    for count, usd in ((FLAT_TOKENS, 0.1), (FLAT_TOKENS + 1, 0.5)):
        priced = price_of(Usage(input_tokens=count))
        assert priced is not None
        assert priced[0] == pytest.approx(count * usd / 1e6)
