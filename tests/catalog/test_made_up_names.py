"""Names that nobody gave a model have no price; the dated names that makers did give keep theirs."""

from datetime import UTC, date, datetime

import pytest

from advisor.catalog.dated_prices import Place, dated_price, is_of_a_possible_day
from advisor.catalog.identity import days_in, is_same_model, without_ending
from advisor.catalog.listed_models import listed_price
from advisor.catalog.prices import price_call, price_logged
from advisor.types import Model, Usage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
USAGE = Usage(input_tokens=1_000, output_tokens=1_000)
MADE_UP = [
    "gpt-4o-2025-13-45",
    "gpt-4o-1234",
    "gpt-4-9999",
    "gpt-4-0000",
    "gpt-4.1-2025-99-99",
    "o3-1999-01-01",
    "gpt-4o-2023-01-01",
    "gpt-5-1999-12-31",
    "gpt-4o-2024-05-12",
    "claude-sonnet-5-19990101",
    "claude-haiku-4-5-20240101",
    "claude-opus-5.5-v7",
    "claude-opus-5.5-beta",
    "gemini-2.5-pro-v7",
    "gemini-2.5-pro-preview-99-9999",
    "deepseek-chat-v9",
    "grok-4.7-1234",
    "kimi-k3-0711",
    "us.anthropic.claude-sonnet-4-5-20250929-v9:0",
    "anthropic.claude-sonnet-4-5-20251399-v1:0",
]
MAKERS = {"gpt": "openai", "o3-": "openai", "cla": "anthropic", "gem": "gemini", "dee": "deepseek", "gro": "xai"}
REAL = [
    "gpt-3.5-turbo-0125",
    "gpt-3.5-turbo-1106",
    "gpt-4-0613",
    "gpt-4-1106-preview",
    "gpt-4-turbo-2024-04-09",
    "gpt-4.1-2025-04-14",
    "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano-2025-04-14",
    "gpt-4o-2024-05-13",
    "gpt-4o-2024-08-06",
    "gpt-4o-2024-11-20",
    "gpt-4o-mini-2024-07-18",
    "gpt-5-2025-08-07",
    "gpt-5-mini-2025-08-07",
    "gpt-5-nano-2025-08-07",
    "gpt-5.1-2025-11-13",
    "gpt-5.2-2025-12-11",
    "gpt-5.4-2026-03-05",
    "gpt-5.5-2026-04-23",
    "o1-2024-12-17",
    "o3-2025-04-16",
    "o3-mini-2025-01-31",
    "o4-mini-2025-04-16",
    "claude-haiku-4-5-20251001",
    "claude-opus-4-5-20251101",
    "claude-opus-4-6-20260205",
    "claude-opus-4-7-20260416",
    "claude-sonnet-4-5-20250929",
    "mistral/codestral-2508",
    "mistral/ministral-8b-2512",
    "mistral/mistral-large-2512",
    "mistral/mistral-medium-2604",
    "mistral/mistral-small-2603",
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "eu.anthropic.claude-opus-4-5-20251101-v1:0",
    "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    "mistral.mistral-large-2402-v1:0",
    "meta.llama3-3-70b-instruct-v1:0",
]
"""All in the installed lists, which agree on their prices."""


@pytest.mark.parametrize("name", MADE_UP)
def test_a_made_up_name_has_no_price(name: str) -> None:
    assert price_logged(name, USAGE, NOW) is None
    maker = MAKERS.get(name[:3])
    if maker:
        assert price_call(Model(name="m", litellm_id=f"{maker}/{name}"), USAGE, NOW) is None


def test_there_are_forty_real_names() -> None:
    assert len(set(REAL)) == 40


@pytest.mark.parametrize("name", REAL)
def test_a_real_dated_name_keeps_its_price(name: str) -> None:
    listed = listed_price(name, USAGE)
    for spelled in (name, name.rpartition("/")[2]):
        priced = price_logged(spelled, USAGE, NOW)
        assert priced is not None
        assert listed is not None
        assert priced[0] == pytest.approx(listed[0])


@pytest.mark.parametrize(
    "name",
    [
        "gemini-2.5-pro-preview-05-06",
        "gemini-2.5-flash-preview-09-2025",
        "mistral-large-2411",
        "claude-opus-4-6@default",
    ],
)
def test_other_real_endings(name: str) -> None:
    assert price_logged(name, USAGE, NOW) is not None


@pytest.mark.parametrize(
    ("name", "stem", "days"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o", [date(2024, 8, 6)]),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", [date(2025, 9, 29)]),
        ("gpt-5.6-sol", "gpt-5.6-sol", []),
        ("gpt-4-0613", "gpt-4", []),
        ("mistral-large-2411", "mistral-large", []),
        ("gemini-2.5-pro-preview-05-06", "gemini-2.5-pro", []),
        ("gpt-4o-2024-02-30", "gpt-4o-2024-02-30", []),
        ("gpt-4-1399", "gpt-4-1399", []),
        ("qwen3-235b-a22b-2507", "qwen3-235b-a22b", []),
        ("phi-4", "phi-4", []),
    ],
)
def test_what_an_ending_is(name: str, stem: str, days: list[date]) -> None:
    assert without_ending(name) == stem
    assert list(days_in(name)) == days


def test_a_day_before_the_model_was_there_and_one_to_come() -> None:
    assert is_of_a_possible_day("gpt-4o-2024-05-13", NOW)
    assert not is_of_a_possible_day("gpt-4o-2024-05-12", NOW)
    assert not is_of_a_possible_day("gpt-6-sol-2099-01-01", NOW)
    assert is_of_a_possible_day("claude-sonnet-5-20260615", NOW)


def test_a_version_must_stand_in_the_list() -> None:
    assert is_same_model("anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-20240307-v1:0")
    assert not is_same_model("claude-opus-5-5-v7", "claude-opus-5-5")
    assert is_same_model("claude-opus-5-5-v7", "claude-opus-5-5", any_version=True)


def test_half_a_price_is_none_for_input_too() -> None:
    assert dated_price(Place("gpt-4o", "openai"), USAGE, NOW) is not None
    # text-embedding models have no price of output
    assert dated_price(Place("text-embedding-3-small", "openai"), Usage(input_tokens=10), NOW) is not None
    assert dated_price(Place("text-embedding-3-small", "openai"), USAGE, NOW) is None
