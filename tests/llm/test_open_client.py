"""Which client serves a model, which key it gets, and what a person reads when something is missing."""

import asyncio
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from advisor import settings
from advisor.errors import BadInput
from advisor.llm.builtin import BUILTIN_ID
from advisor.llm.direct import DirectClient
from advisor.llm.endpoint import DIRECT, OLLAMA, resolve
from advisor.llm.gateway import load, split_id
from advisor.llm.hosts import API_BASES, HOSTS, THIS_MACHINE, host_of, is_own_server
from advisor.llm.indirect import LitellmClient
from advisor.llm.opening import check_model, open_client
from advisor.llm.remote import RemoteClient
from advisor.types import LOOPBACK, Model

KEYS = ("OPENAI_API_KEY", "GROQ_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "A_TEAMS_API_KEY",
        "TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHER_AI_TOKEN", "AZURE_API_KEY",
        "AZURE_API_BASE", "AZURE_API_VERSION")  # fmt: skip


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(settings, "SECRETS", tmp_path / "secrets.toml")


def model(litellm_id: str, **options: str) -> Model:
    return Model(name="mine", litellm_id=litellm_id, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("litellm_id", ["groq/llama-3.3-70b-versatile", "openai/gpt-4o", "gpt-4o"])
def test_openai_compatible_models_are_transmitted_by_ourselves(
    litellm_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "example")
    monkeypatch.setenv("OPENAI_API_KEY", "example")
    assert isinstance(open_client(model(litellm_id)), DirectClient)


@pytest.mark.parametrize(
    ("litellm_id", "variable"),
    [("anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY"), ("gemini/gemini-2.5-pro", "GOOGLE_API_KEY")],
)
def test_other_models_go_through_litellm(litellm_id: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "example")
    assert isinstance(open_client(model(litellm_id)), LitellmClient)


def test_many_calls_at_a_time_go_through_litellm_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "example")
    asked = model("anthropic/claude-haiku-4-5")
    assert isinstance(open_client(asked, in_flight=2), RemoteClient)


def test_a_model_can_be_pinned_to_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = model("litellm/openai/gpt-4o")
    check_model(pinned)
    assert host_of(pinned) == "api.openai.com"
    assert not pinned.is_local
    with pytest.raises(BadInput, match="OPENAI_API_KEY"):
        open_client(pinned, in_flight=2)
    monkeypatch.setenv("OPENAI_API_KEY", "example")
    assert isinstance(open_client(pinned), LitellmClient)
    assert isinstance(open_client(pinned, in_flight=2), RemoteClient)
    for wrong in ("litellm/", "litellm/nosuch/thing"):
        with pytest.raises(BadInput, match="provider/model"):
            check_model(model(wrong))


@pytest.mark.parametrize(
    ("litellm_id", "variable"),
    [
        ("openai/gpt-4o", "OPENAI_API_KEY"),
        ("groq/llama-3.3-70b-versatile", "GROQ_API_KEY"),
        ("together_ai/moonshotai/Kimi-K3", "TOGETHERAI_API_KEY"),
        ("anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-2.5-pro", "GEMINI_API_KEY"),
        ("azure/gpt-4o", "AZURE_API_BASE"),
    ],
)
def test_a_missing_key_is_named(litellm_id: str, variable: str) -> None:
    check_model(model(litellm_id))  # registering needs no key
    with pytest.raises(BadInput, match=variable):
        open_client(model(litellm_id))


def test_the_key_that_the_model_names_must_be_there() -> None:
    for litellm_id in ("openai/x", "anthropic/x"):
        with pytest.raises(BadInput, match="A_TEAMS_API_KEY"):
            open_client(model(litellm_id, key_env="A_TEAMS_API_KEY"))


def test_keys_come_from_secrets_toml_too(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('GROQ_API_KEY = "example"\nANTHROPIC_API_KEY = "example"\n')
    assert isinstance(open_client(model("groq/x")), DirectClient)
    assert isinstance(open_client(model("anthropic/x")), LitellmClient)


@pytest.mark.parametrize(
    ("litellm_id", "api_base"),
    [
        ("nosuch/thing", None),
        ("nosuch/thing", "http://127.0.0.1:1/v1"),
        ("thing", None),
        ("", None),
        ("openai/", None),
    ],
)
def test_an_unknown_id_says_how_ids_look(litellm_id: str, api_base: str | None) -> None:
    unknown = Model(name="mine", litellm_id=litellm_id, api_base=api_base)
    for check in (check_model, lambda model: open_client(model)):
        with pytest.raises(BadInput, match="provider/model"):
            check(unknown)


def test_a_bare_name_with_an_address_says_what_to_write() -> None:
    with pytest.raises(BadInput, match="openai/thing"):
        check_model(model("thing", api_base="http://127.0.0.1:1/v1"))


@pytest.mark.parametrize("api_base", ["127.0.0.1:8000", "ftp://host/v1", "http://", "http://user:example@host/v1"])
def test_an_address_that_is_none(api_base: str) -> None:
    with pytest.raises(BadInput, match="API base"):
        check_model(model("openai/thing", api_base=api_base))


def test_a_server_of_ones_own_needs_its_address() -> None:
    with pytest.raises(BadInput, match="--api-base"):
        open_client(model("hosted_vllm/thing"))


def test_there_is_one_builtin_model() -> None:
    with pytest.raises(BadInput, match=BUILTIN_ID):
        check_model(model("builtin/other"))
    with pytest.raises(BadInput, match="server"):
        open_client(model(BUILTIN_ID))


@pytest.mark.parametrize(
    ("litellm_id", "api_base", "host"),
    [
        (BUILTIN_ID, None, "this machine"),
        ("written/glm-5.3-flash", None, "this machine"),
        ("openai/gpt-4o", None, "api.openai.com"),
        ("gpt-4o", None, "the provider of gpt-4o"),
        ("sagemaker/thing", None, "the provider sagemaker"),
        ("anthropic/claude-haiku-4-5", None, "api.anthropic.com"),
        ("together_ai/moonshotai/Kimi-K3", None, "api.together.ai"),
        ("openrouter/moonshotai/kimi-k3", None, "openrouter.ai"),
        ("openai/thing", "https://llm.example.com:8443/v1", "llm.example.com"),
        ("anthropic/thing", "https://llm.example.com", "llm.example.com"),
        ("openai/thing", "http://127.0.0.1:8000/v1", "this machine"),
        ("ollama_chat/qwen3.8:27b", None, "this machine"),
    ],
)
def test_where_requests_go(litellm_id: str, api_base: str | None, host: str) -> None:
    assert host_of(Model(name="mine", litellm_id=litellm_id, api_base=api_base)) == host


def test_the_hosts_are_those_that_litellm_calls() -> None:
    for provider, host in HOSTS.items():
        name, _, _, base = split_id(f"{provider}/thing")
        address = base or API_BASES.get(provider) or (OLLAMA if provider.startswith("ollama") else None)
        if address:
            found = urlsplit(address).hostname
            assert host == (THIS_MACHINE if found in LOOPBACK else found), provider
        else:  # litellm tells it only when it calls
            assert provider not in DIRECT, name


@pytest.mark.parametrize("litellm_id", ["openai/thing", "openai/gpt-4o", "openai/own/thing", "openai/openai/thing"])
@pytest.mark.parametrize("api_base", [None, "http://127.0.0.1:8000/v1", "https://api.groq.com/openai/v1"])
def test_an_id_of_openai_is_split_as_litellm_does_it(litellm_id: str, api_base: str | None) -> None:
    assert split_id(litellm_id, api_base) == load().get_llm_provider(litellm_id, api_base=api_base)


@pytest.mark.parametrize(
    ("provider", "api_base", "is_own"),
    [
        ("ollama", None, True),
        ("openai", "http://gpu-box:8000/v1", True),
        ("hosted_vllm", "https://models.example.com/v1", True),
        ("openai", None, False),
        ("openai", "https://api.groq.com/openai/v1", False),
        ("azure", "https://team.openai.azure.com", False),
    ],
)
def test_a_server_of_ones_own_is_at_no_providers_address(provider: str, api_base: str | None, is_own: bool) -> None:
    assert is_own_server(provider, api_base) is is_own


def test_what_stays_on_this_machine() -> None:
    assert model(BUILTIN_ID).is_local
    assert model("written/glm-5.3-flash").is_local
    assert not model("openai/thing", api_base="http://127.0.0.1:8000/v1").is_local


@pytest.mark.parametrize(
    ("litellm_id", "api_base", "url"),
    [
        ("openai/gpt-4o", None, "https://api.openai.com/v1/chat/completions"),
        ("openrouter/moonshotai/kimi-k3", None, "https://openrouter.ai/api/v1/chat/completions"),
        ("ollama_chat/qwen3.8:27b", None, "http://127.0.0.1:11434/v1/chat/completions"),
        ("ollama/qwen3.8:27b", "http://box:11434/", "http://box:11434/v1/chat/completions"),
        ("ollama/qwen3.8:27b", "http://box:11434/v1", "http://box:11434/v1/chat/completions"),
        ("hosted_vllm/Qwen/Qwen3.8-27B", "http://box:8000/v1/", "http://box:8000/v1/chat/completions"),
        ("openai/thing", "http://box/v1", "http://box/v1/chat/completions"),
    ],
)
def test_the_chat_endpoint(litellm_id: str, api_base: str | None, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "example")
    monkeypatch.setenv("OPENROUTER_API_KEY", "example")
    provider = litellm_id.partition("/")[0]
    endpoint = resolve(Model(name="m", litellm_id=litellm_id, api_base=api_base), provider)
    assert endpoint.url == url
    assert ("Authorization" in endpoint.headers) is (api_base is None and not provider.startswith("ollama"))


def test_closing_twice_is_safe() -> None:
    async def twice() -> None:
        client = open_client(model("openai/x", api_base="http://127.0.0.1:1/v1"))
        await client.close()
        await client.close()

    asyncio.run(twice())


def test_nothing_heavy_is_imported_before_a_model_needs_it() -> None:
    code = (
        "import sys, advisor.llm.client, advisor.llm.hosts, advisor.llm.builtin, advisor.llm.probe\n"
        "import advisor.llm.written\n"
        "from advisor.types import Model\n"
        "for name in ('openai/x', 'groq/x', 'together_ai/x', 'anthropic/x', 'nosuch/x', 'x', 'builtin/x'):\n"
        "    advisor.llm.hosts.host_of(Model(name='m', litellm_id=name))\n"
        "heavy = {'litellm', 'openai', 'xllamacpp', 'genai_prices'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=settings.ROOT)
