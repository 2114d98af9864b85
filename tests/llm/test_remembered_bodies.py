"""A body that is made from what is remembered of litellm's opinion is the body that litellm would make."""

from typing import Any

import pytest

from advisor.llm.endpoint import DIRECT, resolve
from advisor.types import Model, Request

MODELS = {
    "openai": ("gpt-4o", "o1", "o3-mini", "gpt-5", "my-model"),
    "groq": ("llama-3.3-70b-versatile", "openai/gpt-oss-20b"),
    "mistral": ("mistral-large-latest", "magistral-small-latest"),
    "deepseek": ("deepseek-chat", "deepseek-reasoner"),
    "openrouter": ("anthropic/claude-sonnet-4", "moonshotai/kimi-k3"),
    "perplexity": ("sonar",),
}
ROLES = [
    ("user",),
    ("system", "user"),
    ("developer", "user"),
    ("user", "system"),
    ("assistant", "user"),
    ("user", "user"),
    ("user", "assistant"),
    ("system", "system", "user"),
    ("user", "assistant", "user", "system"),
    ("system",),
    ("tool", "user"),
    ("function", "user"),
    ("nobody",),
]
CONTENTS = ["Hello", "Wetter in Köln? 🌦", " \n", "Answer in JSON: {}", "<think>well</think> yes ", "", None, [], 7,
            [{"type": "text", "text": "One"}]]  # fmt: skip
PARAMS: list[dict[str, Any]] = [
    {},
    {
        "response_format": {"type": "json_object"},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
    },
]


def conversations() -> list[list[dict[str, Any]]]:
    """The plainest first, so that what is remembered is used for all others."""
    plain = [[{"role": role, "content": CONTENTS[0]} for role in roles] for roles in ROLES]
    odd = [[{"role": role, "content": content} for role in roles] for content in CONTENTS[1:] for roles in ROLES]
    named = [[{**message, "name": "ann"} for message in messages] for messages in plain]
    return [*plain, *odd, *named, [], [{"content": "Hello"}], [{"role": "user"}]]


def outcome(fit: Any, request: Request, stream: bool) -> Any:
    try:
        return fit(request, stream)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("provider", sorted(DIRECT))
def test_what_is_remembered_changes_no_body(provider: str) -> None:
    for name in MODELS.get(provider, ("my-model",)):
        model = Model(name="m", litellm_id=f"{provider}/{name}", api_base="http://127.0.0.1:1/v1")
        for params in PARAMS:
            used = resolve(model, provider)
            for messages in conversations():
                request = Request(messages=messages, params=params)
                first = resolve(model, provider)
                assert outcome(used.fit, request, True) == outcome(first.fit, request, True), messages
