"""Which variables may hold a key, and which hosts may get it without a person's word."""

from dataclasses import replace
from pathlib import Path

import pytest

from advisor import settings
from advisor.errors import BadInput, UnconfirmedKey
from advisor.llm.clients import check_model, open_client
from advisor.llm.keys import check_key, confirm_key, is_key_name
from advisor.types import Model

FOREIGN = "https://llm.example/v1"


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "SECRETS", tmp_path / "secrets.toml")


def model(litellm_id: str = "openai/x", key_env: str = "OPENAI_API_KEY", api_base: str | None = None) -> Model:
    return Model(name="m", litellm_id=litellm_id, key_env=key_env, api_base=api_base)


@pytest.mark.parametrize(
    "name",
    ["AWS_SECRET_ACCESS_KEY", "PATH", "HOME", "ADVISOR_DATABASE_URL", "ADVISOR_X_API_KEY", "DATABASE_URL", "GIT_TOKEN"],
)
def test_other_variables_hold_no_key(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "a value of this variable")
    for api_base in (None, "http://127.0.0.1:9/v1"):
        for check in (check_model, lambda model: open_client(model, data_dir=Path())):
            with pytest.raises(BadInput, match="ADVISOR_KEY_NAMES") as refused:
                check(confirm_key(model(key_env=name, api_base=api_base)))
            assert name not in str(refused.value)


def test_an_owner_lists_more_names_but_never_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_key_name("GIT_TOKEN")
    monkeypatch.setenv("ADVISOR_KEY_NAMES", "GIT_TOKEN, AWS_SECRET_ACCESS_KEY,PATH,ADVISOR_DATABASE_URL")
    assert is_key_name("GIT_TOKEN")
    assert not any(map(is_key_name, ("AWS_SECRET_ACCESS_KEY", "PATH", "ADVISOR_DATABASE_URL")))


@pytest.mark.parametrize(
    ("litellm_id", "key_env", "api_base"),
    [
        ("openai/gpt-4o", "OPENAI_API_KEY", None),
        ("gpt-4o", "OPENAI_API_KEY", None),
        ("openai/gpt-4o", "OPENAI_API_KEY", "https://eu.api.openai.com/v1"),
        ("openai/x", "TOGETHER_API_KEY", "https://api.together.xyz/v1"),
        ("together_ai/x", "TOGETHER_API_KEY", None),
        ("cohere_chat/x", "COHERE_API_KEY", None),
        ("replicate/x/y", "REPLICATE_API_KEY", None),
        ("azure/x", "AZURE_API_KEY", "https://team.openai.azure.com"),
        ("azure/x", "OUR_TEAM_API_KEY", "https://team.openai.azure.com"),
        ("openai/x", "OUR_TEAM_API_KEY", None),
        ("openai/x", "OPENAI_API_KEY", "http://127.0.0.1:8000/v1"),
        ("openai/x", "OUR_TEAM_API_KEY", "http://localhost:8000/v1"),
        ("ollama_chat/x", "OUR_TEAM_API_KEY", None),
    ],
)
def test_a_provider_gets_its_own_key_and_this_machine_any(litellm_id: str, key_env: str, api_base: str | None) -> None:
    check_key(model(litellm_id, key_env, api_base))


@pytest.mark.parametrize(
    ("litellm_id", "key_env", "api_base", "host"),
    [
        ("openai/x", "OPENAI_API_KEY", FOREIGN, "llm.example"),
        ("openai/x", "OPENAI_API_KEY", "https://api.openai.com.llm.example/v1", "api.openai.com.llm.example"),
        ("openai/x", "OPENAI_API_KEY", "https://notapi.openai.com/v1", "notapi.openai.com"),
        ("groq/x", "OPENAI_API_KEY", None, "api.groq.com"),
        ("openai/x", "OUR_TEAM_API_KEY", FOREIGN, "llm.example"),
        ("anthropic/x", "OUR_TEAM_API_KEY", FOREIGN, "llm.example"),
    ],
)
def test_another_host_needs_a_persons_word(litellm_id: str, key_env: str, api_base: str | None, host: str) -> None:
    asked = model(litellm_id, key_env, api_base)
    with pytest.raises(UnconfirmedKey, match="--allow-key-host") as refused:
        check_key(asked)
    assert (refused.value.variable, refused.value.host) == (key_env, host)
    check_key(confirm_key(asked))


def test_the_word_holds_for_one_variable_at_one_host(monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed = confirm_key(model(api_base=FOREIGN))
    for change in ({"api_base": "https://other.example/v1"}, {"key_env": "GROQ_API_KEY"}):
        with pytest.raises(UnconfirmedKey):
            check_key(replace(confirmed, **change))
    monkeypatch.setenv("OPENAI_API_KEY", "example-9b1d6f")
    open_client(confirmed, data_dir=Path())
    with pytest.raises(UnconfirmedKey):
        open_client(replace(confirmed, confirmed_key=None), data_dir=Path())


@pytest.mark.parametrize(
    "param", ["api_base", "base_url", "api_key", "custom_llm_provider", "aws_bedrock_runtime_endpoint", "fallbacks"]
)
def test_no_parameter_sends_a_call_elsewhere(param: str) -> None:
    with pytest.raises(BadInput, match=param):
        check_model(Model(name="m", litellm_id="anthropic/x", params={param: "http://llm.example"}))
