"""Dollars of a call at the price of its day, with figures that were published."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import genai_prices
import pytest

from advisor.catalog.dated_prices import Place, dated_price
from advisor.catalog.prices import price_call, price_logged
from advisor.catalog.rates import Terms
from advisor.types import AT_CONTRACT, ON_THIS_MACHINE, Model, PriceOrigin, Prices, PriceSource, Usage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MILLION_EACH = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
"""Dollars for it are the sum of both prices a million tokens, where there is no long-context tier."""
SMALL = Usage(input_tokens=1_000, output_tokens=1_000)


def model(litellm_id: str, **options: Any) -> Model:
    return Model(name="m", litellm_id=litellm_id, **options)


def dollars(priced: tuple[float, PriceSource] | None) -> float:
    assert priced is not None
    return priced[0]


@pytest.mark.parametrize(
    ("name", "at", "usd_per_mtok_in_plus_out"),
    [
        ("gpt-4o", NOW, 12.5),
        ("gpt-4o-mini", NOW, 0.75),
        ("claude-haiku-4-5", NOW, 6.0),
        ("o3", datetime(2025, 5, 1, tzinfo=UTC), 50.0),  # before its price was cut
        ("o3", NOW, 10.0),
        ("gpt-5.6-sol", datetime(2026, 8, 1, tzinfo=UTC), 35.0),
        ("gpt-5.6-sol", datetime(2026, 11, 1, tzinfo=UTC), 24.0),
    ],
)
def test_the_price_of_the_day(name: str, at: datetime, usd_per_mtok_in_plus_out: float) -> None:
    expected = usd_per_mtok_in_plus_out * 1_000 / 1e6
    assert dollars(price_logged(name, SMALL, at)) == pytest.approx(expected)
    provider = "anthropic" if name.startswith("claude") else "openai"
    assert dollars(price_call(model(f"{provider}/{name}"), SMALL, at)) == pytest.approx(expected)


def test_cached_input_is_cheaper_and_inside_the_total() -> None:
    cached = Usage(input_tokens=200, cache_read_tokens=800, output_tokens=100)
    assert dollars(price_logged("gpt-4o-2024-08-06", cached, NOW)) == pytest.approx(
        (200 * 2.5 + 800 * 1.25 + 100 * 10) / 1e6
    )


def test_cache_writes_cost_more() -> None:
    written = Usage(input_tokens=200, cache_write_tokens=800, output_tokens=100)
    assert dollars(price_logged("claude-haiku-4-5-20251001", written, NOW)) == pytest.approx(
        (200 * 1 + 800 * 1.25 + 100 * 5) / 1e6
    )


def test_a_long_prompt_is_priced_by_its_own_length() -> None:
    together = dollars(price_logged("gpt-5.6-sol", Usage(input_tokens=1_000_000), NOW))
    apart = 100 * dollars(price_logged("gpt-5.6-sol", Usage(input_tokens=10_000), NOW))
    assert together > 1.2 * apart


def test_no_time_means_now() -> None:
    assert price_logged("gpt-4o", SMALL, None) is not None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("openai/gpt-4o", "gpt-4o"),
        ("azure/gpt-4o", "gpt-4o"),
        ("gpt-35-turbo", "gpt-3.5-turbo"),
        ("anthropic/claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022"),
        ("bedrock/anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-20240307"),
        ("gemini/gemini-2.5-pro", "models/gemini-2.5-pro"),
    ],
)
def test_names_as_logs_spell_them(first: str, second: str) -> None:
    assert dollars(price_logged(first, SMALL, NOW)) == dollars(price_logged(second, SMALL, NOW))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "gpt-6.9-nova",
        "gpt-4o-nova",
        "claude-3-5-sonnet-nova",
        "ft:gpt-4o-2024-08-06:acme::abc",
        "meta-llama/Llama-3.3-70B-Instruct",  # an organisation is no host
        "gpt-oss-120b",
        "my-deployment",
        "openai/my-model",
    ],
)
def test_what_nobody_prices_is_not_zero(name: str) -> None:
    assert price_logged(name, SMALL, NOW) is None


def test_prices_given_with_the_model_win() -> None:
    given = model("openai/gpt-4o", prices=Prices(input=1.0, output=2.0))
    usage = Usage(input_tokens=300, cache_read_tokens=600, cache_write_tokens=100, output_tokens=500)
    assert price_call(given, usage, NOW) == (
        pytest.approx((1000 * 1.0 + 500 * 2.0) / 1e6),
        AT_CONTRACT,
    )
    free = model("openai/thing", api_base="http://box/v1", prices=Prices(input=0.0, output=0.0))
    assert price_call(free, usage, NOW) == (0.0, AT_CONTRACT)


def test_half_a_price_is_none() -> None:
    assert price_call(model("openai/thing", prices=Prices(input=1.0)), SMALL, NOW) is None


def test_the_builtin_model_costs_nothing() -> None:
    assert price_call(model("builtin/smollm2-135m-instruct"), SMALL, NOW) == (0.0, ON_THIS_MACHINE)


@pytest.mark.parametrize(
    "litellm_id", ["hosted_vllm/Qwen/Qwen3.8-27B", "ollama_chat/qwen3.8:27b", "written/glm-5.3-flash", "written/gpt-4o"]
)
def test_a_server_of_ones_own_is_unpriced(litellm_id: str) -> None:
    assert price_call(model(litellm_id), SMALL, NOW) is None


def test_an_address_of_its_own_is_not_the_providers() -> None:
    assert price_call(model("openai/gpt-4o", api_base="http://127.0.0.1:8000/v1"), SMALL, NOW) is None
    at_openai = price_call(model("openai/gpt-4o", api_base="https://api.openai.com/v1"), SMALL, NOW)
    assert dollars(at_openai) == pytest.approx(0.0125)


@pytest.mark.parametrize(
    ("litellm_id", "usd_per_mtok_in", "usd_per_mtok_out"),
    [
        ("groq/openai/gpt-oss-120b", 0.15, 0.6),
        ("together_ai/moonshotai/Kimi-K3", 3.0, 15.0),
        ("fireworks_ai/accounts/fireworks/models/kimi-k3", 3.0, 15.0),
        ("zai/glm-5.3", 1.4, 4.4),
        ("mistral/mistral-large-2512", 0.5, 1.5),
    ],
)
def test_open_models_at_their_hosts(litellm_id: str, usd_per_mtok_in: float, usd_per_mtok_out: float) -> None:
    priced = price_call(model(litellm_id), SMALL, NOW)
    assert dollars(priced) == pytest.approx((usd_per_mtok_in + usd_per_mtok_out) / 1e3)
    assert priced is not None
    assert priced[1].origin is PriceOrigin.GENAI_PRICES


def test_hosts_without_dated_prices_take_the_current_list() -> None:
    priced = price_call(model("deepinfra/openai/gpt-oss-120b"), SMALL, NOW)
    assert dollars(priced) > 0
    assert priced is not None
    assert priced[1].origin is PriceOrigin.LITELLM
    long = Usage(input_tokens=500_000)
    assert price_call(model("deepinfra/openai/gpt-oss-120b"), long, NOW) is None


@pytest.mark.parametrize("name", ["gpt-4o", "o3", "gemini-2.5-pro", "claude-opus-4-20250514", "gpt-4"])
def test_what_is_remembered_of_a_day_is_what_a_lookup_gives(name: str) -> None:
    draw = random.Random(1)
    for _ in range(100):
        counts = {kind: draw.choice((0, 7, 1_000, 90_000)) for kind in ("input", "cache_read", "cache_write", "output")}
        usage = Usage(**{f"{kind}_tokens": count for kind, count in counts.items()})
        at = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(2 * 365 * 24 * 60))
        asked = genai_prices.Usage(
            input_tokens=usage.total_input_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            output_tokens=usage.output_tokens,
        )
        expected = float(genai_prices.calc_price(asked, name, genai_request_timestamp=at).total_price)
        found = price_logged(name, usage, at)
        assert (found[0] if found else 0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["claude-sonnet-4-5", "claude-opus-4-20250514", "gpt-4o"])
def test_what_a_cache_keeps_for_an_hour_is_remembered_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(3)
    calls = []
    for _ in range(50):
        written, kept = sorted((draw.choice((0, 7, 1_000, 30_000)), draw.choice((0, 7, 1_000, 30_000))), reverse=True)
        usage = Usage(input_tokens=draw.randrange(1, 50_000), cache_write_tokens=written, output_tokens=200)
        asked = genai_prices.Usage(
            input_tokens=usage.total_input_tokens,
            cache_write_tokens=written,
            cache_write_1h_tokens=kept,
            output_tokens=200,
        )
        expected = float(genai_prices.calc_price(asked, name, genai_request_timestamp=NOW).total_price)
        calls.append((usage, Terms(cache_write_1h_tokens=kept), expected))
    first = price_logged(name, calls[0][0], NOW, calls[0][1])
    monkeypatch.delattr("genai_prices.data_snapshot.DataSnapshot.calc")
    found = [price_logged(name, usage, NOW, terms) for usage, terms, _ in calls]
    assert found[0] == first
    assert [dollars(one) for one in found] == pytest.approx([usd for _, _, usd in calls], rel=1e-9)


@pytest.mark.parametrize(
    ("name", "start", "days"),
    [
        ("deepseek-chat", datetime(2025, 2, 20, tzinfo=UTC), 250),
        ("deepseek-chat", datetime(2026, 4, 20, tzinfo=UTC), 120),
        ("deepseek-v4-flash", datetime(2026, 4, 24, tzinfo=UTC), 6),
        ("deepseek-v4-flash", datetime(2026, 8, 14, tzinfo=UTC), 40),
        ("deepseek-v4-pro", datetime(2026, 8, 14, tzinfo=UTC), 100),
        ("mistral-medium-3", datetime(2026, 8, 25, tzinfo=UTC), 12),
    ],
)
def test_what_is_remembered_where_hours_and_own_prices_count(name: str, start: datetime, days: int) -> None:
    draw = random.Random(2)
    usage = Usage(input_tokens=1_000, cache_read_tokens=500, output_tokens=200)
    seen = set()
    for _ in range(300):
        at = start + timedelta(minutes=draw.randrange(days * 24 * 60))
        found, looked_up = price_logged(name, usage, at), dated_price(Place(name), usage, at)
        assert (found is None) == (looked_up is None), at
        if found and looked_up:
            assert found[0] == pytest.approx(looked_up[0], rel=1e-9), at
            assert found[1] == looked_up[1]
        seen.add(looked_up and round(looked_up[0], 9))
    assert len(seen) > 1


@pytest.mark.parametrize(
    ("name", "usd_in", "usd_out", "usd_a_call"),
    [("sonar", 1, 1, 0.012), ("sonar-pro", 3, 15, 0.014), ("perplexity/sonar-reasoning", 1, 5, 0.012)],
)
def test_a_fee_for_the_call_is_paid_with_every_call(
    name: str, usd_in: float, usd_out: float, usd_a_call: float
) -> None:
    by_hand = 1_000 * usd_in / 1e6 + 500 * usd_out / 1e6 + usd_a_call
    usage = Usage(input_tokens=1_000, output_tokens=500)
    assert dollars(price_logged(name, usage, NOW)) == pytest.approx(by_hand)
    assert dollars(price_logged(name, usage, NOW)) == pytest.approx(by_hand), "remembered"
    assert dollars(price_call(model(f"perplexity/{name.removeprefix('perplexity/')}"), usage, NOW)) == pytest.approx(
        by_hand
    )


@pytest.mark.parametrize(
    ("litellm_id", "usage", "usd"),
    [
        ("azure_ai/claude-haiku-5-5", Usage(input_tokens=100_000, output_tokens=1_000), 100_000 * 0.1 + 1_000 * 0.5),
        ("azure_ai/claude-haiku-5-5", Usage(input_tokens=120_000, output_tokens=1_000), 120_000 * 0.5 + 1_000 * 2.5),
        ("azure_ai/claude-haiku-5-5", Usage(input_tokens=1, cache_read_tokens=119_999), 0.5 + 119_999 * 0.05),
        ("opencode_go/claude-haiku-5-5", Usage(input_tokens=100_000), 100_000 * 0.1),
        ("opencode_go/claude-haiku-5-5", Usage(input_tokens=120_000), 120_000 * 0.5),
        ("empiriolabs/glm-5-1", Usage(input_tokens=32_000), 32_000 * 0.825),
        ("empiriolabs/glm-5-1", Usage(input_tokens=32_001), 32_001 * 1.1),
        ("kyma/qwen3.7-flash", Usage(input_tokens=32_000), 32_000 * 0.0435),
        ("dashscope/qwen-plus-2025-07-14", Usage(input_tokens=1_000, output_tokens=1_000), 1_000 * (0.4 + 1.2)),
        (
            "dashscope/qwen-plus-2025-07-14",
            Usage(input_tokens=1_000, output_tokens=1_500, reasoning_tokens=1_000),
            1_000 * 0.4 + 500 * 1.2 + 1_000 * 4,
        ),
    ],
)
def test_todays_list_is_read_with_its_steps_and_its_price_of_reasoning(
    litellm_id: str, usage: Usage, usd: float
) -> None:
    """``usd``: by hand, of a million such calls."""
    assert dollars(price_call(model(litellm_id), usage, NOW)) == pytest.approx(usd / 1e6)


@pytest.mark.parametrize(
    ("litellm_id", "tokens"),
    [
        ("kyma/qwen3.7-flash", 40_000),  # a step without the price of the cache that the entry has
        ("deepinfra/openai/gpt-oss-120b", 128_001),  # no step that is told
        ("perplexity/sonar-small-online", 1_000),  # a fee for the call beside tokens
    ],
)
def test_what_todays_list_does_not_tell_is_unpriced(litellm_id: str, tokens: int) -> None:
    assert price_call(model(litellm_id), Usage(input_tokens=tokens, output_tokens=10), NOW) is None


@pytest.mark.parametrize("name", ["GPT 4o support", "claude sonnet for mails", "our deepseek chat"])
def test_more_words_than_a_name_has_are_no_name_of_a_list(name: str) -> None:
    assert price_logged(name, SMALL, NOW) is None


def test_hours_of_a_dated_list_do_not_change_a_price_of_the_other_list() -> None:
    usage, dear = Usage(input_tokens=4000, output_tokens=900), datetime(2026, 11, 26, 3, 15, tzinfo=UTC)
    name = "deepseek/deepseek-v4-flash-vision-exp"
    assert price_logged(name, usage, dear) == price_call(Model(name="m", litellm_id=name), usage, dear)
