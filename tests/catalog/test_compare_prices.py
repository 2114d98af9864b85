"""Two lists on the same call, and what is done where they differ."""

import random
from datetime import UTC, datetime, timedelta

import model_prices
import pytest

from advisor.catalog.compare_prices import ListPrice, PriceComparison, compare_logged, compare_prices
from advisor.catalog.prices import price_call, price_logged
from advisor.catalog.second_opinion import second_price
from advisor.catalog.terms import Terms
from advisor.types import Model, PriceOrigin, PriceSource, Usage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
USAGE = Usage(input_tokens=1_000, output_tokens=1_000)


def model(litellm_id: str, **options: float) -> Model:
    return Model(name="m", litellm_id=litellm_id, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("litellm_id", "usd_per_mtok_in_plus_out"),
    [
        ("openai/gpt-4o", 12.5),
        ("openai/gpt-6-sol", 12.0),
        ("anthropic/claude-haiku-4-5", 6.0),
        ("gemini/gemini-2.5-pro", 11.25),
        ("deepseek/deepseek-flash", 0.75),
        ("deepseek/deepseek-v4-pro", 2.64),
        ("mistral/mistral-large-2512", 2.0),
        ("xai/grok-4.7", 8.0),
        ("moonshot/kimi-k3", 18.0),
        ("zai/glm-5.3", 5.8),
    ],
)
def test_lists_that_agree(litellm_id: str, usd_per_mtok_in_plus_out: float) -> None:
    compared = compare_prices(model(litellm_id), NOW, USAGE, now=NOW)
    assert compared.first is not None
    assert compared.second is not None
    assert compared.first.usd == pytest.approx(usd_per_mtok_in_plus_out / 1e3)
    assert compared.second.usd == pytest.approx(usd_per_mtok_in_plus_out / 1e3)
    assert compared.first.source == PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3")
    assert compared.second.source.origin is PriceOrigin.MODEL_PRICES
    assert not compared.differs


def test_an_endpoint_that_lists_disagree_on_is_flagged() -> None:
    compared = compare_prices(
        model("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo"), NOW, Usage(input_tokens=1_000_000), now=NOW
    )
    assert compared.first is not None
    assert compared.first.usd == pytest.approx(0.88)
    assert compared.second is None  # a prompt of that length is not taken from the list of today
    compared = compare_prices(model("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo"), NOW, USAGE, now=NOW)
    assert compared.first is not None
    assert compared.second is not None
    assert (compared.first.usd, compared.second.usd) == (pytest.approx(2 * 0.88e-3), pytest.approx(2 * 1.04e-3))
    assert compared.second.source.origin is PriceOrigin.LITELLM
    assert compared.difference == pytest.approx(1.04 / 0.88 - 1)
    assert compared.differs


def test_todays_list_says_nothing_about_last_year() -> None:
    compared = compare_prices(
        model("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo"), NOW - timedelta(days=31), USAGE, now=NOW
    )
    assert compared.first is not None
    assert compared.second is None
    assert compared.difference is None
    assert not compared.differs


def test_the_first_list_is_charged_where_both_have_a_price() -> None:
    at = datetime(2025, 9, 20, tzinfo=UTC)  # model-prices takes the price of an aggregator, 0.57, for DeepSeek's 0.56
    compared = compare_logged("deepseek-chat", at, Usage(input_tokens=1_000_000))
    assert compared.first is not None
    assert compared.second is not None
    assert (compared.first.usd, compared.second.usd) == (pytest.approx(0.56), pytest.approx(0.57))
    assert not compared.differs  # less than 2 %
    charged = price_logged("deepseek-chat", Usage(input_tokens=1_000_000), at)
    assert charged is not None
    assert charged[0] == pytest.approx(0.56)


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        (1.0, 1.0, False),
        (1.0, 1.02, False),
        (1.0, 1.0201, True),
        (1.0201, 1.0, True),
        (0.0, 1.0, True),
        (0.0, 0.0, False),
    ],
)
def test_two_percent(first: float, second: float, differs: bool) -> None:
    compared = PriceComparison(at=NOW, first=ListPrice(first, "a"), second=ListPrice(second, "b"))
    assert compared.differs is differs


def test_prices_given_by_a_person_do_not_hide_the_lists() -> None:
    given = model("openai/gpt-4o", input_price_usd_per_mtok=1.0, output_price_usd_per_mtok=1.0)
    compared = compare_prices(given, NOW, USAGE)
    assert compared.first is not None
    assert compared.first.usd == pytest.approx(0.0125)


@pytest.mark.parametrize(
    "litellm_id", ["builtin/x", "hosted_vllm/x", "written/gpt-4o", "openai/thing", "openai/gpt-4o-nova"]
)
def test_no_list_knows_it(litellm_id: str) -> None:
    compared = compare_prices(model(litellm_id), NOW, USAGE)
    assert (compared.first, compared.second) == (None, None)
    assert not compared.differs


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("gpt-4o-nova", "openai"),
        ("gpt-4o-high", "openai"),  # the list would strip the ending
        ("gpt-6-sol-thinking", "openai"),
        ("claude-haiku-4-5", "openai"),  # another maker's
        ("openai/gpt-oss-120b", "groq"),  # it holds makers only
        ("deepseek-chat", "deepseek"),  # retired
    ],
)
def test_the_second_list_is_not_stretched(name: str, provider: str) -> None:
    assert second_price(name, provider, USAGE, NOW) is None


def test_the_second_list_is_not_taken_before_it_begins() -> None:
    at = datetime(2025, 5, 1, tzinfo=UTC)
    assert model_prices.cost("o3", input_tokens=1_000_000, at=at) == pytest.approx(2.0)  # a later price
    assert second_price("o3", "openai", USAGE, at) is None
    compared = compare_logged("o3", at, Usage(input_tokens=1_000_000))
    assert compared.first is not None
    assert compared.first.usd == pytest.approx(10.0)
    assert compared.second is None


def test_models_that_only_the_second_list_has() -> None:
    priced = price_call(model("bedrock/us.amazon.nova-pro-v1:0"), USAGE, NOW, Terms())
    assert priced is not None
    assert priced[0] == pytest.approx(4e-3)


@pytest.mark.parametrize("name", ["deepseek-flash", "deepseek-v4-pro", "deepseek-v4-flash"])
def test_hours_holidays_and_dates_as_the_second_list_has_them(name: str) -> None:
    draw = random.Random(3)
    start = datetime(2026, 9, 10, 16, 11, tzinfo=UTC) if name == "deepseek-flash" else datetime(2026, 5, 26, tzinfo=UTC)
    usage = Usage(input_tokens=1_000, cache_read_tokens=500, output_tokens=200)
    dear = 0
    for _ in range(500):
        at = start + timedelta(minutes=draw.randrange(int((NOW - start).total_seconds()) // 60))
        if at.date() == datetime(2026, 9, 10).date():  # noqa: DTZ001  the lists have the change of that day at other hours
            continue
        expected = model_prices.rates(name, at=at)
        found = price_logged(name, usage, at)
        assert found is not None
        assert found[0] == pytest.approx(
            expected.cost(input_tokens=1_000, cache_read_tokens=500, output_tokens=200), rel=1e-9
        ), at
        dear += expected.period == "peak"
    assert dear > 20
