"""Both clients, ours and litellm's, send the same body and read the same answer."""

import asyncio
import contextlib
import io
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import CallError
from advisor.llm.client import Client
from advisor.llm.clients import open_client
from advisor.llm.gateway import split_id
from advisor.llm.indirect import LitellmClient
from advisor.llm.keys import find_credentials
from advisor.types import FailureKind, Generation, Model, Request
from tests.server import MisbehavingServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""litellm's own use of pydantic, chunk by chunk."""

MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Wetter in Köln? 🌦"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Köln"}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
]
TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "city", "strict": True, "schema": {"type": "object", "properties": {}}},
}
PARAMS: dict[str, dict[str, Any]] = {
    "plain": {"temperature": 0.2, "max_tokens": 40, "top_p": 0.9, "stop": ["\n\n"], "seed": 7},
    "nothing": {},
    "tools": {"tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": False},
    "json_object": {"response_format": {"type": "json_object"}},
    "json_schema": {"response_format": SCHEMA},
    "dropped": {"top_k": 4, "n": 2, "thinking_budget": 3, "temperature": 0.1},
    "renamed": {"max_completion_tokens": 30},
}


def litellms_client(model: Model) -> Client:
    """litellm's own transmission to a model that we would transmit to ourselves."""
    name, provider, _, _ = split_id(model.litellm_id, model.api_base)
    return LitellmClient(model, name, provider, credentials=find_credentials(model, provider))


def ask(
    server: MisbehavingServer,
    litellm_id: str,
    params: dict[str, Any],
    *,
    stream: bool,
    through_litellm: bool,
    **own: Any,
) -> Generation | CallError:
    async def call() -> Generation | CallError:
        model = Model(name="m", litellm_id=litellm_id, api_base=server.url, **own)
        client = litellms_client(model) if through_litellm else open_client(model, data_dir=Path())
        assert isinstance(client, LitellmClient) is through_litellm
        try:
            return await client.complete(Request(messages=MESSAGES, params=params), stream=stream, timeout_s=10)
        except CallError as error:
            return error
        finally:
            await client.close()

    return asyncio.run(call())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", PARAMS)
@pytest.mark.parametrize("provider", ["openai", "hosted_vllm", "together_ai", "deepseek"])
def test_same_body_same_answer(server: MisbehavingServer, provider: str, name: str, stream: bool) -> None:
    ours = ask(server, f"{provider}/ok", PARAMS[name], stream=stream, through_litellm=False)
    our_body = server.requests[-1]
    theirs = ask(server, f"{provider}/ok", PARAMS[name], stream=stream, through_litellm=True)
    assert isinstance(ours, Generation), ours
    assert isinstance(theirs, Generation), theirs
    assert our_body == server.requests[-1]
    assert ours.answer == theirs.answer
    assert ours.usage == theirs.usage
    assert set(ours.dropped_params) == set(theirs.dropped_params)
    assert (ours.ttft_s is None) == (theirs.ttft_s is None)


def test_the_messages_are_left_as_they_were(server: MisbehavingServer) -> None:
    before = repr(MESSAGES)
    for through_litellm in (False, True):
        ask(server, "openai/ok", PARAMS["tools"], stream=False, through_litellm=through_litellm)
    assert repr(MESSAGES) == before


@pytest.mark.parametrize("stream", [False, True])
def test_both_read_bytes_the_same_way(server: MisbehavingServer, stream: bool) -> None:
    answers = [
        ask(server, "openai/unicode", {}, stream=stream, through_litellm=through_litellm)
        for through_litellm in (False, True)
    ]
    assert isinstance(answers[0], Generation)
    assert isinstance(answers[1], Generation)
    assert answers[0].answer == answers[1].answer


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "behaviour",
    ["400", "401", "403", "404", "429", "quota", "500", "503", "context", "policy", "reset", "empty_choices", "html"],
)
def test_same_kind_of_failure(server: MisbehavingServer, behaviour: str, stream: bool) -> None:
    asked = server.count(behaviour)
    ours = ask(server, f"openai/{behaviour}", {}, stream=stream, through_litellm=False)
    theirs = ask(server, f"openai/{behaviour}", {}, stream=stream, through_litellm=True)
    assert isinstance(ours, CallError), ours
    assert isinstance(theirs, CallError), theirs
    assert FailureKind(ours.kind) == FailureKind(theirs.kind), (str(ours), str(theirs))
    assert ours.retry_after_s == theirs.retry_after_s
    assert "\n" not in str(theirs)
    assert len(str(theirs)) <= 300
    assert server.count(behaviour) == asked + 2, "one of them tried again"


def test_time_out_of_litellms_client(server: MisbehavingServer) -> None:
    async def call() -> None:
        model = Model(name="m", litellm_id="openai/hang", api_base=server.url)
        client = litellms_client(model)
        await client.complete(Request(messages=MESSAGES), stream=False, timeout_s=0.3)

    with pytest.raises(CallError) as caught:
        asyncio.run(call())
    assert caught.value.kind == FailureKind.TIMEOUT


def test_litellms_client_keeps_the_key_to_itself(server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TEAMS_KEY", "example-key-9b1d6f")
    monkeypatch.setenv("OPENAI_API_KEY", "example-other-key")
    leaked = ask(server, "openai/leak", {}, stream=False, through_litellm=True, key_env="A_TEAMS_KEY")
    assert server.headers[-1]["Authorization"] == "Bearer example-key-9b1d6f"
    assert isinstance(leaked, CallError)
    assert "example-key-9b1d6f" not in str(leaked)
    ask(server, "openai/ok", {}, stream=False, through_litellm=True)
    assert "example-other-key" not in str(server.headers[-1])


def test_litellm_prints_nothing(server: MisbehavingServer, capfd: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        for behaviour in ("ok", "500", "html", "context"):
            ask(server, f"openai/{behaviour}", {}, stream=False, through_litellm=True)
    assert out.getvalue() == ""
    assert capfd.readouterr() == ("", "")
