"""No key goes to a server that it was not named for, whoever transmits."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from advisor import settings
from advisor.errors import BadInput, CallError
from advisor.llm.direct import DirectClient
from advisor.llm.endpoint import resolve
from advisor.llm.opening import open_client
from advisor.types import Model, Request

REQUEST = Request(messages=[{"role": "user", "content": "Hello"}])
NAMED = "example-named-9b1d6f"
UNNAMED = "example-unnamed"
VARIABLES = (
    "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "AZURE_AD_TOKEN", "AZURE_AI_API_KEY", "AZURE_API_KEY",
    "AZURE_OPENAI_API_KEY", "COHERE_API_KEY", "CO_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "GROQ_API_KEY",
    "HF_TOKEN", "HUGGINGFACE_API_KEY", "OPENAI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_API_KEY",
)  # fmt: skip


class Foreign:
    """A server that keeps all it is sent."""

    def __init__(self) -> None:
        self.received: list[str] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def _keep(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                received.append(f"{self.path} {self.headers} {body!r}")
                self.send_response(400)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = _keep

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Foreign]:
    for name in VARIABLES:
        monkeypatch.setenv(name, f"{UNNAMED}-{name.lower()}")
    monkeypatch.setenv("AZURE_API_VERSION", "2024-10-21")
    monkeypatch.setenv("A_TEAMS_API_KEY", NAMED)
    monkeypatch.setattr(settings, "SECRETS", tmp_path / "secrets.toml")
    foreign = Foreign()
    thread = threading.Thread(target=foreign.http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield foreign
    foreign.http.shutdown()
    thread.join()
    foreign.http.server_close()


def call(model: Model) -> None:
    async def ask() -> None:
        client = open_client(model)
        try:
            await client.complete(REQUEST, stream=False, timeout_s=30)
        finally:
            await client.close()

    with pytest.raises(CallError):
        asyncio.run(ask())


@pytest.mark.parametrize(
    "litellm_id",
    [
        "anthropic/claude-haiku-4-5",
        "gemini/gemini-2.5-pro",
        "cohere_chat/command-r",
        "huggingface/thing",
        "openai/gpt-4o",
        "groq/thing",
        "together_ai/thing",
        "hosted_vllm/thing",
        "ollama_chat/thing",
    ],
)
def test_a_foreign_server_gets_only_the_key_that_was_named(foreign: Foreign, litellm_id: str) -> None:
    call(Model(name="m", litellm_id=litellm_id, api_base=foreign.url))
    assert foreign.received
    assert UNNAMED not in str(foreign.received)
    assert NAMED not in str(foreign.received)
    call(Model(name="m", litellm_id=litellm_id, api_base=foreign.url, key_env="A_TEAMS_API_KEY"))
    assert NAMED in foreign.received[-1]
    assert UNNAMED not in str(foreign.received)


@pytest.mark.parametrize("litellm_id", ["azure/gpt-4o", "azure_ai/thing", "bedrock/converse/thing"])
def test_where_an_address_is_the_usual_case_the_key_must_be_named(foreign: Foreign, litellm_id: str) -> None:
    unnamed = Model(name="m", litellm_id=litellm_id, api_base=foreign.url)
    with pytest.raises(BadInput, match="--key-env"):
        open_client(unnamed)
    call(Model(name="m", litellm_id=litellm_id, api_base=foreign.url, key_env="A_TEAMS_API_KEY"))
    assert NAMED in str(foreign.received)
    assert UNNAMED not in str(foreign.received)


@pytest.mark.parametrize("litellm_id", ["vertex_ai/gemini-2.5-pro", "sagemaker/thing", "gigachat/thing"])
def test_credentials_of_the_machine_stay_on_it(foreign: Foreign, litellm_id: str) -> None:
    for key_env in (None, "A_TEAMS_API_KEY"):
        with pytest.raises(BadInput, match="its own API base"):
            open_client(Model(name="m", litellm_id=litellm_id, api_base=foreign.url, key_env=key_env))


def test_the_models_own_address_goes_before_the_providers(foreign: Foreign) -> None:
    for litellm_id in ("openai/gpt-4o", "groq/thing", "openrouter/thing"):
        model = Model(name="m", litellm_id=litellm_id, api_base=f"{foreign.url}/v1")
        endpoint = resolve(model, litellm_id.partition("/")[0])
        assert endpoint.url == f"{foreign.url}/v1/chat/completions"
        assert endpoint.key is None


def test_an_address_given_when_opening_is_a_foreign_one_too(foreign: Foreign) -> None:
    async def ask() -> None:
        client = open_client(Model(name="m", litellm_id="openai/gpt-4o"), api_base=foreign.url)
        try:
            await client.complete(REQUEST, stream=True, timeout_s=30)
        finally:
            await client.close()

    with pytest.raises(CallError):
        asyncio.run(ask())
    assert foreign.received
    assert UNNAMED not in str(foreign.received)


def test_listing_the_models_of_a_foreign_server(foreign: Foreign) -> None:
    async def list_models() -> list[str]:
        client = DirectClient(resolve(Model(name="m", litellm_id="openai/gpt-4o", api_base=foreign.url), "openai"))
        try:
            return await client.list_models(30)
        finally:
            await client.close()

    assert asyncio.run(list_models()) == []
    assert foreign.received
    assert UNNAMED not in str(foreign.received)
