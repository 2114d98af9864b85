"""Which variables may hold a key, and which hosts may get it without a person's word."""

import inspect
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from advisor import settings
from advisor.errors import BadInput, UnconfirmedKey
from advisor.llm.gateway import load, missing_variables, split_id
from advisor.llm.hosts import HOSTS
from advisor.llm.keys import NAMES, OWN_CREDENTIALS, check_key, confirm_key, expected_names, is_key_name, key_names
from advisor.llm.opening import check_model, open_client
from advisor.measure.registration import key_of, why_not_asked
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
        for check in (check_model, lambda model: open_client(model)):
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
        ("openai/x", "HF_TOKEN", None, "api.openai.com"),
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
    for changed in (
        replace(confirmed, api_base="https://other.example/v1"),
        replace(confirmed, key_env="GROQ_API_KEY"),
    ):
        with pytest.raises(UnconfirmedKey):
            check_key(changed)
    monkeypatch.setenv("OPENAI_API_KEY", "example-9b1d6f")
    open_client(confirmed)
    with pytest.raises(UnconfirmedKey):
        open_client(replace(confirmed, confirmed_key=None))


@pytest.mark.parametrize(
    "param", ["api_base", "base_url", "api_key", "custom_llm_provider", "aws_bedrock_runtime_endpoint", "fallbacks"]
)
def test_no_parameter_sends_a_call_elsewhere(param: str) -> None:
    with pytest.raises(BadInput, match=param):
        check_model(Model(name="m", litellm_id="anthropic/x", params={param: "http://llm.example"}))


@pytest.mark.parametrize("litellm_id", ["oobabooga/{}", "huggingface/{}", "litellm/oobabooga/{}"])
def test_no_address_hides_in_a_model_id(litellm_id: str) -> None:
    for address in ("http://127.0.0.1:9/v1", "http://169.254.169.254/latest", "https://llm.example"):
        with pytest.raises(BadInput, match="--api-base"):
            check_model(Model(name="m", litellm_id=litellm_id.format(address)))


PROVIDERS = sorted({*HOSTS, *NAMES} - OWN_CREDENTIALS)
"""Those of which a missing key is told before a call."""


def test_every_key_that_litellm_finds_itself_is_known_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.endswith(("_KEY", "_TOKEN"))]:
        monkeypatch.delenv(name)
    module = inspect.getmodule(load().get_llm_provider)
    assert module is not None
    source = inspect.getsource(module)
    names = set(re.findall(r'"([A-Z0-9_]+_(?:KEY|TOKEN))"', source))
    assert len(names) > 50
    for provider in PROVIDERS:
        needed = [name for name in missing_variables(f"{provider}/x") if name.endswith("_API_KEY")]
        assert set(needed) <= set(key_names(provider)), provider
        for name in names:
            monkeypatch.setenv(name, f"found in {name}")
        while found := (split_id(f"{provider}/x")[2] or "").removeprefix("found in "):
            if found not in names:
                break
            assert found in key_names(provider), provider
            monkeypatch.delenv(found)
        for name in names:
            monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("litellm_id", "variable"),
    [
        ("lambda_ai/x", "LAMBDA_API_KEY"),
        ("meta_llama/x", "LLAMA_API_KEY"),
        ("friendliai/x", "FRIENDLI_TOKEN"),
        ("huggingface/x", "HF_TOKEN"),
        ("cohere_chat/x", "COHERE_API_KEY"),
        ("anthropic/x", "ANTHROPIC_AUTH_TOKEN"),
    ],
)
def test_a_model_with_another_of_its_providers_keys_is_asked(
    litellm_id: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Model(name="m", litellm_id=litellm_id)
    for name in expected_names(asked) or ():
        monkeypatch.delenv(name, raising=False)
    assert why_not_asked(asked)
    monkeypatch.setenv(variable, "example-9b1d6f")
    assert key_of(asked) == (variable, True)
    assert why_not_asked(asked) is None
    open_client(asked)


def test_a_provider_with_unknown_variables_is_left_to_the_call() -> None:
    assert why_not_asked(Model(name="m", litellm_id="scaleway/x")) is None
