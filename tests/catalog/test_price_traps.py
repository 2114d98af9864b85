"""Where price lists go wrong: names that move or are made up, hours, tiers, dates."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import genai_prices
import pytest

from advisor.catalog.price_corrections import hour_price, override_of
from advisor.catalog.prices import price_call, price_logged
from advisor.catalog.rates import STANDARD, Terms, terms_of
from advisor.errors import BadInput
from advisor.types import Model, PriceOrigin, Usage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
USAGE = Usage(input_tokens=1_000, output_tokens=1_000)


@pytest.mark.parametrize(
    "name",
    ["openai/gpt-6-sol-9999-01-01", "openai/gpt-4o-99990101", "anthropic/claude-haiku-4-5-99991001", "openai/gpt-6.9"],
)
def test_a_name_of_a_day_to_come_is_made_up(name: str) -> None:
    assert price_call(Model(name="m", litellm_id=name), USAGE, NOW) is None
    assert price_logged(name, USAGE, NOW) is None


def test_a_name_of_a_day_that_has_come_is_no_other_model() -> None:
    # The list itself takes any date after the name.
    name = "gpt-6-sol-9999-01-01"
    assert (
        genai_prices.calc_price(genai_prices.Usage(input_tokens=1), name, provider_id="openai").model.id == "gpt-6-sol"
    )
    assert price_logged("gpt-6-sol-2026-10-01", USAGE, NOW) == price_logged("gpt-6-sol", USAGE, NOW)


@pytest.mark.parametrize("name", ["deepseek-chat", "deepseek-reasoner"])
@pytest.mark.parametrize("at", [datetime(2026, 7, 24, 16, tzinfo=UTC), NOW])
def test_a_retired_name_has_no_price(name: str, at: datetime) -> None:
    assert price_logged(name, USAGE, at) is None
    assert price_logged(f"deepseek/{name}", USAGE, at) is None
    assert price_call(Model(name="m", litellm_id=f"deepseek/{name}"), USAGE, at) is None
    assert price_logged(name, USAGE, at - timedelta(days=150)) is not None


@pytest.mark.parametrize(
    ("alias", "since"),
    [
        ("gemini/gemini-flash-latest", datetime(2026, 9, 2, tzinfo=UTC)),
        ("gemini/gemini-pro-latest", datetime(2026, 2, 19, tzinfo=UTC)),
        ("xai/grok-latest", datetime(2026, 7, 8, tzinfo=UTC)),
    ],
)
def test_a_name_that_moves_has_no_price_before_its_model_was_there(alias: str, since: datetime) -> None:
    model = Model(name="m", litellm_id=alias)
    assert price_call(model, USAGE, since - timedelta(minutes=1)) is None
    assert price_logged(alias, USAGE, since - timedelta(minutes=1)) is None
    assert price_call(model, USAGE, since) is not None


def test_the_same_name_at_another_host_is_another_product() -> None:
    assert override_of("deepseek", "deepseek-chat", NOW) is not None
    assert override_of("openrouter", "deepseek-chat", NOW) is None


def test_hours_count_only_on_the_days_and_dates_that_they_were_announced_for() -> None:
    def factor(day: int, hour: int, month: int = 11) -> float:
        return hour_price("deepseek", "deepseek-flash", datetime(2026, month, day, hour, tzinfo=UTC)).factor

    assert [factor(24, hour) for hour in (0, 1, 3, 4, 5, 6, 9, 10, 23)] == [1, 2, 2, 1, 1, 2, 2, 1, 1]
    assert [factor(day, 2) for day in range(20, 27)] == [2, 1, 1, 2, 2, 2, 2]  # Friday to Thursday
    assert [factor(day, 2, 10) for day in (1, 2, 5, 6, 7, 8)] == [1, 1, 1, 1, 1, 2]  # a week of holidays
    assert factor(14, 2, 8) == 1  # before there were hours
    assert hour_price("deepseek", "deepseek-v9", NOW) == (NOW, 1.0)
    assert hour_price("together", "deepseek-flash", NOW) == (NOW, 1.0)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, STANDARD),
        ({"service_tier": "auto"}, STANDARD),
        ({"service_tier": None}, STANDARD),
        ({"service_tier": "on_demand", "speed": "standard"}, STANDARD),
        ({"service_tier": "Flex"}, Terms(tier="flex")),
        ({"service_tier": "batch"}, Terms(tier="batch")),
        ({"speed": "fast"}, Terms(tier="fast")),
    ],
)
def test_terms_of_parameters(params: dict[str, str | None], expected: Terms) -> None:
    assert terms_of(dict(params)) == expected


@pytest.mark.parametrize(
    ("litellm_id", "tier"),
    [
        ("openai/gpt-6-sol", "reserved"),  # no list knows the word
        ("zai/glm-5.3", "batch"),  # the maker sells none
        ("together_ai/moonshotai/Kimi-K3", "flex"),
        ("anthropic/claude-haiku-4-5", "fast"),
    ],
)
def test_a_tier_without_a_price_is_not_the_standard_price(litellm_id: str, tier: str) -> None:
    model = Model(name="m", litellm_id=litellm_id)
    assert price_call(model, USAGE, NOW) is not None
    assert price_call(model, USAGE, NOW, Terms(tier=tier)) is None
    assert price_logged(litellm_id, USAGE, NOW, Terms(tier=tier)) is None


@pytest.mark.parametrize(
    ("name", "usd"),
    [("gpt-4o", 0.00625), ("claude-3-5-haiku-20241022", 0.0024), ("gemini-2.5-pro", 0.005625)],
)
def test_a_batch_before_the_list_has_batch_prices_is_half_where_it_always_was(name: str, usd: float) -> None:
    priced = price_logged(name, USAGE, datetime(2026, 9, 1, tzinfo=UTC), Terms(tier="batch"))
    assert priced is not None
    assert priced[0] == pytest.approx(usd)
    assert priced[1].tier == "batch"


def test_hosts_whose_batches_only_todays_list_has() -> None:
    model = Model(name="m", litellm_id="bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0")
    priced = price_call(model, USAGE, NOW, Terms(tier="batch"))
    assert priced is not None
    assert priced[0] == pytest.approx((0.55 + 2.75) / 1e3)
    assert (priced[1].origin, priced[1].tier) == (PriceOrigin.LITELLM, "batch")


def test_calls_are_priced_one_by_one() -> None:
    long, short = Usage(input_tokens=400_000), Usage(input_tokens=200_000)
    model = Model(name="m", litellm_id="openai/gpt-5.6-sol")
    one, half = price_call(model, long, NOW), price_call(model, short, NOW)
    assert one is not None
    assert half is not None
    assert one[0] == pytest.approx(400_000 * 8 / 1e6)
    assert 2 * half[0] == pytest.approx(400_000 * 4 / 1e6)


def test_a_damaged_price_file_says_which_row(tmp_path: Path) -> None:
    path = tmp_path / "price_overrides.csv"
    with pytest.raises(BadInput, match="can't be read"):
        override_of("x", "y", NOW, path)
    head = "provider,model,valid_from,valid_to,input_usd_per_mtok,cache_read_usd_per_mtok,cache_write_usd_per_mtok,"
    head += "output_usd_per_mtok,source,checked_on,note\n"
    row = "x,y,2026-01-01T00:00Z,,1,,,2,s,2026-11-26,\n"
    path.write_text(head + row + row.replace("00:00Z", "00:00"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"Row 2 of price_overrides.csv .*no time zone"):
        override_of("x", "y", NOW, path)
    path.write_text(head + row, encoding="utf-8")
    found = override_of("x", "y", NOW, path)
    assert found is not None
    assert found.rates is not None
    assert found.rates.cost_of(USAGE) == pytest.approx(0.003)
    assert override_of("x", "y", datetime(2025, 12, 31, 23, 59, tzinfo=UTC), path) is None
