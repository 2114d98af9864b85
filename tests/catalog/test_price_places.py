"""Who sells a model, and where: open weights without a host, Amazon's own ids and regions, one country alone."""

from datetime import UTC, datetime

import pytest

from advisor.catalog.dated_prices import Place
from advisor.catalog.prices import place_of_logged, price_call, price_logged
from advisor.catalog.rates import Terms, terms_of
from advisor.types import Model, Usage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
USAGE = Usage(input_tokens=1_000, output_tokens=1_000)


def logged(name: str, terms: Terms | None = None, at: datetime = NOW) -> float | None:
    priced = price_logged(name, USAGE, at, terms or Terms())
    return priced and round(priced[0], 12)


def registered(litellm_id: str, terms: Terms | None = None, api_base: str | None = None) -> float | None:
    priced = price_call(Model(name="m", litellm_id=litellm_id, api_base=api_base), USAGE, NOW, terms)
    return priced and round(priced[0], 12)


@pytest.mark.parametrize(
    "name",
    ["openai/gpt-oss-120b", "openai/gpt-oss-20b", "azure/gpt-oss-120b", "gpt-oss-120b", "openai/openai/gpt-oss-20b"],
)
def test_open_weights_that_name_no_host_have_no_price(name: str) -> None:
    assert logged(name) is None
    assert registered(name) is None


def test_an_address_or_a_host_says_who_serves_open_weights() -> None:
    groq = registered("openai/openai/gpt-oss-120b", api_base="https://api.groq.com/openai/v1")
    assert groq == registered("groq/openai/gpt-oss-120b") == logged("groq/openai/gpt-oss-120b")
    for litellm_id in ("azure_ai/gpt-oss-120b", "groq/openai/gpt-oss-120b", "openai.gpt-oss-120b-1:0"):
        assert registered(litellm_id) == pytest.approx((0.15 + 0.6) / 1e3)


@pytest.mark.parametrize(
    "name",
    [
        "jp.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "au.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "google.gemma-3-27b-it",
        "qwen.qwen3-32b-v1:0",
        "openai.gpt-oss-120b-1:0",
        "nvidia.nemotron-nano-9b-v2",
        "writer.palmyra-x5-v1:0",
        "anthropic.claude-sonnet-5",
    ],
)
def test_amazons_own_ids_are_priced_alike_everywhere(name: str) -> None:
    assert logged(name) is not None
    assert logged(name) == logged(f"bedrock/{name}") == registered(name) == registered(f"bedrock/{name}")


@pytest.mark.parametrize("name", ["minimax.minimax-m2", "moonshot.kimi-k2-thinking", "ai21.jamba-1-5-large-v1:0"])
def test_other_makers_at_amazon_are_known_as_such(name: str) -> None:
    assert place_of_logged(name) == Place(name, "aws")
    assert registered(name) == registered(f"bedrock/{name}") is not None, "only today's list has them"


def test_a_region_does_not_get_the_price_of_another_one() -> None:
    home = logged("amazon.nova-lite-v1:0")
    assert home is not None
    assert logged("us.amazon.nova-lite-v1:0") == home
    european = logged("eu.amazon.nova-lite-v1:0")
    assert european == registered("eu.amazon.nova-lite-v1:0")
    assert european is not None
    assert european > 1.1 * home


@pytest.mark.parametrize(
    ("full", "name"),
    [
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        ),
        (
            "bedrock/arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
            "anthropic.claude-3-haiku-20240307-v1:0",
        ),
        ("projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"),
    ],
)
def test_a_name_with_its_account_is_priced_as_the_model(full: str, name: str) -> None:
    assert logged(full) == logged(name) is not None


def test_what_a_profile_of_an_account_stands_for_is_not_known() -> None:
    assert logged("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3") is None


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_model_that_only_hosts_still_list_keeps_its_price(year: int) -> None:
    at = datetime(year, 8, 1, tzinfo=UTC)
    assert logged("claude-3-5-sonnet-20240620", at=at) == pytest.approx((3 + 15) / 1e3)
    assert logged("claude-3-5-sonnet-20240520", at=at) is None


def test_a_call_that_had_to_stay_in_one_country_costs_more() -> None:
    here = terms_of({"inference_geo": "us"})
    assert here == Terms(geography="us")
    assert terms_of({"inference_geo": "global"}) == terms_of({"inference_geo": "not_available"}) == Terms()
    anywhere = logged("claude-opus-4-6")
    assert anywhere is not None
    assert logged("claude-opus-4-6", here) == pytest.approx(1.1 * anywhere)
    assert logged("anthropic/claude-opus-4-6", here) == registered("anthropic/claude-opus-4-6", here)
    batch = logged("claude-opus-4-6", Terms(tier="batch", geography="us"))
    assert batch == pytest.approx(1.1 * anywhere / 2)
    assert logged("claude-opus-4-6", Terms(geography="mars")) is None
    assert logged("bedrock/us.anthropic.claude-opus-4-6-v1", here) == logged("us.anthropic.claude-opus-4-6-v1")
    priced = price_logged("claude-opus-4-6", USAGE, NOW, here)
    assert priced is not None
    assert (priced[1].tier, priced[1].geography) == (None, "us")
    assert not priced[1].is_standard
