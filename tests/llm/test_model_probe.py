"""What a probe finds out about servers that can and cannot."""

import asyncio
from dataclasses import replace

import pytest

from advisor.llm.opening import open_client
from advisor.llm.probe import probe
from advisor.types import Model, Probe
from tests.server import MisbehavingServer


def run(api_base: str, behaviour: str) -> Probe:
    async def call() -> Probe:
        model = Model(name="m", litellm_id=f"openai/{behaviour}", api_base=api_base)
        client = open_client(model)
        try:
            return await probe(model, client)
        finally:
            await client.close()

    return asyncio.run(call())


def test_a_model_that_can_everything(server: MisbehavingServer) -> None:
    before = len(server.requests)
    found = run(server.url, "ok")
    assert found.ttft_s is not None
    assert 0 < found.ttft_s < 5
    assert found.token_s is not None
    assert found.token_s < 0.1, "an answer of a few tokens isn't taken for a slow one"
    assert replace(found, ttft_s=None, token_s=None) == Probe(
        reachable=True,
        authorised=True,
        streams=True,
        reports_usage=True,
        honours_max_tokens=True,
        json_mode=True,
        tools=True,
    )
    assert len(server.requests) - before <= 4


@pytest.mark.parametrize(
    ("behaviour", "cannot"),
    [
        ("wordy", ("keep to a token limit", "answer in JSON on demand", "call tools")),
        ("no_usage", ("report token usage", "answer in JSON on demand", "call tools")),
        ("whole", ("stream its answers", "answer in JSON on demand", "call tools")),
    ],
)
def test_what_a_model_cannot(server: MisbehavingServer, behaviour: str, cannot: tuple[str, ...]) -> None:
    found = run(server.url, behaviour)
    assert found.cannot(needs_tools=True) == cannot
    assert found.ttft_s is not None


@pytest.mark.parametrize(
    ("behaviour", "reachable", "authorised", "words"),
    [
        ("401", True, False, "key"),
        ("quota", True, False, "credit"),
        ("404", True, True, "model id"),
        ("html", True, None, "API base"),
        ("429", True, True, "wait"),
        ("500", True, None, "later"),
    ],
)
def test_a_failure_says_what_to_do(
    server: MisbehavingServer, behaviour: str, reachable: bool, authorised: bool | None, words: str
) -> None:
    found = run(server.url, behaviour)
    assert (found.reachable, found.authorised) == (reachable, authorised)
    assert words in found.detail
    assert found.streams is None


def test_nobody_there() -> None:
    found = run("http://127.0.0.1:9/v1", "ok")
    assert not found.reachable
    assert "running" in found.detail
