"""Names of the same weights, and names that only look alike."""

import pytest

from advisor.catalog.identity import canonical_name, is_same_model


@pytest.mark.parametrize(
    ("model_id", "name"),
    [
        ("moonshotai/Kimi-K3", "kimi-k3"),
        ("fireworks_ai/accounts/fireworks/models/kimi-k2p6", "kimi-k2.6"),
        ("databricks/databricks-gpt-oss-120b", "gpt-oss-120b"),
        ("azure_ai/FW-Kimi-K3", "kimi-k3"),
        ("cloudflare/@cf/openai/gpt-oss-20b", "gpt-oss-20b"),
        ("openrouter/google/gemma-4-31b-it:free", "gemma-4-31b"),
        ("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo", "llama-3.3-70b"),
        ("ollama_chat/gpt-oss:20b", "gpt-oss-20b"),
    ],
)
def test_canonical_name(model_id: str, name: str) -> None:
    assert canonical_name(model_id) == name


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("GPT-4o", "gpt-4o"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4-0"),
        ("claude-3.5-sonnet", "claude-3-5-sonnet"),
        ("gemini-2.5-pro-preview-06-05", "gemini-2.5-pro"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "regional.anthropic.claude-opus-4-5-v1:0"),
        ("accounts/fireworks/models/kimi-k2p6", "kimi-k2.6"),
    ],
)
def test_same(asked: str, found: str) -> None:
    assert is_same_model(asked, found)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("gpt-4o-mini", "gpt-4o"),
        ("gpt-5", "gpt-4"),
        ("gpt-4.1", "gpt-4"),
        ("claude-sonnet-4-5", "claude-sonnet-4"),
        ("gemini-3.8-flash-cyber", "gemini-3.8-flash"),
        ("mistral-large-2512", "mistral-large-2407"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
    ],
)
def test_different(asked: str, found: str) -> None:
    assert not is_same_model(asked, found)
