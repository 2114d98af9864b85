"""Names of models as vendors, gateways and people write them, each at the price of the model it is."""

from datetime import UTC, datetime

import pytest

from advisor.catalog.identity import spellings
from advisor.catalog.prices import price_logged
from advisor.types import Usage

AT = datetime(2025, 2, 15, tzinfo=UTC)
FEW = Usage(input_tokens=1000, output_tokens=1000)


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet-20241022"),
        ("vertex_ai/claude-3-5-sonnet-v2@20241022", "vertex_ai/claude-3-5-sonnet-20241022"),
        ("claude-3-5-haiku@20241022", "claude-3-5-haiku-20241022"),
        ("claude-3-opus@latest", "claude-3-opus"),
        ("gemini-1.5-pro-002", "gemini-1.5-pro"),
        ("models/gemini-1.5-pro-002", "gemini-1.5-pro"),
        ("publishers/google/models/gemini-1.5-flash-002", "gemini-1.5-flash"),
        ("google-gla:gemini-1.5-pro-002", "gemini-1.5-pro"),
        ("gemini-2.0-flash-001", "gemini-2.0-flash"),
        ("chatgpt-4o-latest", "openai/chatgpt-4o-latest"),
        ("openai:gpt-4o", "gpt-4o"),
        ("openai.gpt-4o", "gpt-4o"),
        ("anthropic:claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20241022"),
        ("gpt4o", "gpt-4o"),
        ("claude-3-5-sonnet-v2", "claude-3-5-sonnet-20241022"),
        ("azure_gpt-35-turbo", "gpt-3.5-turbo"),
        ("GPT 4o", "gpt-4o"),
        ("GPT-4o mini", "gpt-4o-mini"),
        ("gpt-4o (2024-11-20)", "gpt-4o-2024-11-20"),
        ("Claude 3.5 Sonnet", "claude-3-5-sonnet-20241022"),
        ("Gemini 1.5 Pro", "gemini-1.5-pro"),
    ],
)
def test_a_spelling_has_the_price_of_its_model(written: str, listed: str) -> None:
    found, known = (price_logged(name, FEW, AT) for name in (written, listed))
    assert known is not None
    assert found is not None
    assert found[0] == known[0]


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o-prod",
        "my-deployment",
        "azure/chat",
        "gpt-4o-v7",
        "claude-opus-5.5-v7",
        "GPT 4o tuned",
        "GPT-4o for support",
        "Claude",
        "claude-3-5-nova@20241022",
    ],
)
def test_a_name_that_may_be_another_model_has_no_price(name: str) -> None:
    assert price_logged(name, FEW, AT) is None


def test_a_name_is_tried_as_it_is_first() -> None:
    assert spellings("gemini-1.5-pro-002")[0] == "gemini-1.5-pro-002"
    assert spellings("gpt-4o") == ("gpt-4o",)
