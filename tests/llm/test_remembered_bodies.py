"""A body that is made without litellm, or from what is remembered of its opinion, is the body that it would make."""

from typing import Any

import pytest

from advisor.ingest.messages.request import clean_messages
from advisor.ingest.reader import RowRejected
from advisor.llm import endpoint
from advisor.llm.endpoint import DIRECT, OURS, TAKEN, TAKEN_HERE, is_plain, resolve
from advisor.llm.gateway import load
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


IMAGE = "data:image/png;base64,iVBORw0KGgo="
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
MORE: list[list[dict[str, Any]]] = [
    [{"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": image}]}]
    for image in (IMAGE, {"url": IMAGE}, {"url": IMAGE, "detail": "low"})
] + [
    [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": content, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": result},
    ]
    for content in (None, "", "Well")
    for result in ("rain", "", [{"type": "text", "text": "rain"}, {"type": "text", "text": "sun"}])
]
TOOL = {"type": "function", "function": {"name": "f", "strict": True, "parameters": {"additionalProperties": False}}}
VALUES: dict[str, Any] = {
    "tools": [TOOL], "functions": [TOOL["function"]], "tool_choice": "auto", "function_call": "auto", "stop": ["x"],
    "response_format": {"type": "json_object"}, "logit_bias": {"1": 2}, "audio": {"voice": "a"}, "logprobs": True,
    "modalities": ["text"], "prediction": {"type": "content", "content": "x"}, "parallel_tool_calls": False,
    "reasoning_effort": "low", "store": True, "web_search_options": {}, "service_tier": "flex",
    "chat_template_kwargs": {"thinking": False}, "user": "u-1", "metadata": {"a": "b"}, "verbosity": "low",
    "thinking": {"type": "enabled", "budget_tokens": 9}, "anthropic_version": "x", "n": 2, "stream": True,
}  # fmt: skip


def plain_model(**own: Any) -> Model:
    return Model(name="m", litellm_id="openai/my-model", api_base="http://127.0.0.1:1/v1", params=own)


def same_with_litellm(model: Model, requests: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_plain(model)
    ours = resolve(model, "openai")
    with monkeypatch.context() as patched:
        patched.setattr(endpoint, "is_plain", lambda _: False)
        theirs = resolve(model, "openai")
    assert (ours.url, ours.headers) == (theirs.url, theirs.headers)
    for request in requests:
        (body, gone), (their_body, their_gone) = ours.fit(request, True), theirs.fit(request, True)
        assert (body, set(gone)) == (their_body, set(their_gone)), request


def test_messages_go_to_a_plain_model_as_litellm_sends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = []
    for messages in (*conversations(), *MORE):
        try:
            requests.append(Request(messages=clean_messages(messages), params={}))
        except RowRejected:
            continue
    assert len(requests) > 100
    same_with_litellm(plain_model(), requests, monkeypatch)


@pytest.mark.parametrize("name", sorted(TAKEN | TAKEN_HERE | VALUES.keys()))
def test_parameters_go_to_a_plain_model_as_litellm_sends_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value = VALUES.get(name, 1)
    for more in ({}, {"tools": [TOOL]}, {"functions": [TOOL["function"]]}):
        request = Request(messages=[{"role": "user", "content": "Hello"}], params={name: value, **more})
        same_with_litellm(plain_model(), [request], monkeypatch)
        if name in TAKEN | TAKEN_HERE:
            same_with_litellm(plain_model(**{name: value}), [request], monkeypatch)


def test_no_plain_model_has_rules_in_litellm() -> None:
    litellm = load()
    supported = set(litellm.get_supported_openai_params("my-model", "openai"))
    assert supported - OURS - {"extra_headers", "max_retries"} == TAKEN
    known = litellm.open_ai_chat_completion_models
    chats = {name for name in known if litellm.model_cost[name].get("mode") in ("chat", "responses")}
    assert len(chats) > 100
    for name in (*chats - {"openai/container"}, "gpt-5-of-our-own", "team/o3", "gpt-6", "claude-sonnet-4"):
        assert not is_plain(Model(name="m", litellm_id=f"openai/{name}", api_base="http://127.0.0.1:1/v1")), name
    for name in ("qwen3.8-27b", "openai/gpt-oss-120b", "gpt-oss-20b", "gemma-4-12b"):
        assert is_plain(Model(name="m", litellm_id=f"openai/{name}", api_base="http://127.0.0.1:1/v1")), name
    assert not is_plain(plain_model(extra_headers={"X-Team": "a"}))
