"""Both clients, ours and litellm's, send the same body and read the same answer, for every kind of request."""

import asyncio
import contextlib
import io
from collections.abc import Iterator
from typing import Any

import pytest

from advisor.errors import CallError
from advisor.llm.direct import DirectClient
from advisor.llm.gateway import load
from advisor.llm.indirect import LitellmClient
from advisor.llm.opening import open_client
from advisor.types import PINNED, FailureKind, Generation, Model, Request
from tests.server import MisbehavingServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""litellm's own use of pydantic, chunk by chunk."""

Messages = list[dict[str, Any]]
HELLO: Messages = [{"role": "user", "content": "Wetter in Köln? 🌦"}]


def called(number: str, city: str) -> dict[str, Any]:
    return {"id": number, "type": "function", "function": {"name": "get_weather", "arguments": f'{{"city": "{city}"}}'}}


MESSAGES: dict[str, Messages] = {
    "plain": HELLO,
    "system": [{"role": "system", "content": "Be brief."}, *HELLO],
    "turns": [*HELLO, {"role": "assistant", "content": "Rain."}, {"role": "user", "content": "And\nin Rome?"}],
    "tool_result": [
        *HELLO,
        {"role": "assistant", "content": None, "tool_calls": [called("call_1", "Köln")]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    ],
    "parallel_calls": [
        *HELLO,
        {"role": "assistant", "content": "", "tool_calls": [called("call_1", "Köln"), called("call_2", "Rom")]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
        {"role": "tool", "tool_call_id": "call_2", "content": "sun"},
    ],
    "image": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}},
            ],
        }
    ],
    "text_parts": [{"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]}],
    "name": [{"role": "user", "name": "ann", "content": "Hello"}],
    "empty": [{"role": "system", "content": ""}, *HELLO],
    "odd_order": [{"role": "assistant", "content": "Hello!"}, *HELLO, {"role": "system", "content": "Be brief."}],
    "developer": [{"role": "developer", "content": "Be brief."}, *HELLO],
}
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "city", "strict": True, "schema": {"type": "object", "properties": {}}},
}
PARAMS: dict[str, dict[str, Any]] = {
    "sampling": {"temperature": 0.2, "top_p": 0.9, "presence_penalty": 0.1, "frequency_penalty": 0.2},
    "limits": {"max_tokens": 40, "stop": ["\n\n", "END"], "seed": 7},
    "one_stop": {"stop": "END"},
    "renamed": {"max_completion_tokens": 30},
    "nulls": {"temperature": None, "stop": None, "tools": None},
    "tools": {"tools": [TOOL], "parallel_tool_calls": False},
    "tool_auto": {"tools": [TOOL], "tool_choice": "auto"},
    "tool_required": {"tools": [TOOL], "tool_choice": "required"},
    "tool_named": {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "get_weather"}}},
    "functions": {"functions": [TOOL["function"]], "function_call": "auto"},
    "json_object": {"response_format": {"type": "json_object"}},
    "json_schema": {"response_format": SCHEMA},
    "logprobs": {"logprobs": True, "top_logprobs": 3, "logit_bias": {"50256": -100}},
    "reasoning": {"reasoning_effort": "low"},
    "user": {"user": "u-1", "metadata": {"team": "a"}, "store": False},
    "dropped": {"top_k": 4, "n": 2, "thinking_budget": 3, "temperature": 0.1},
}
KINDS: dict[str, tuple[Messages, dict[str, Any]]] = {
    **{name: (messages, {}) for name, messages in MESSAGES.items()},
    **{name: (HELLO, params) for name, params in PARAMS.items()},
    "tools_answered": (MESSAGES["parallel_calls"], PARAMS["tools"]),
}
PROVIDERS = ["openai/ok", "openai/o3-mini", "hosted_vllm/ok", "together_ai/ok", "deepseek/ok"]


@pytest.fixture(scope="module", autouse=True)
def loop() -> Iterator[asyncio.Runner]:
    """One loop for the module: litellm keeps a session for each loop it saw, and closes none."""
    global runner
    with asyncio.Runner() as runner:
        yield runner
        runner.run(load().close_litellm_async_clients())


runner: asyncio.Runner


def ask(
    server: MisbehavingServer,
    litellm_id: str,
    messages: Messages = HELLO,
    params: dict[str, Any] | None = None,
    *,
    stream: bool = False,
    timeout_s: float = 30.0,
    **own: Any,
) -> Generation | CallError:
    """One call; a model with ``litellm/`` before its id is asked through litellm."""

    async def call() -> Generation | CallError:
        client = open_client(Model(name="m", litellm_id=litellm_id, api_base=server.url, **own))
        assert type(client) is (LitellmClient if litellm_id.startswith(PINNED) else DirectClient)
        try:
            return await client.complete(
                Request(messages=messages, params=params or {}), stream=stream, timeout_s=timeout_s
            )
        except CallError as error:
            return error
        finally:
            await client.close()

    return runner.run(call())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", PROVIDERS)
def test_same_body_same_answer(server: MisbehavingServer, model: str, kind: str, stream: bool) -> None:
    messages, params = KINDS[kind]
    before = repr((messages, params))
    ours = ask(server, model, messages, params, stream=stream)
    our_body = server.requests[-1]
    theirs = ask(server, PINNED + model, messages, params, stream=stream)
    assert isinstance(ours, Generation), ours
    assert isinstance(theirs, Generation), theirs
    assert our_body == server.requests[-1]
    assert ours.answer == theirs.answer
    assert ours.usage == theirs.usage
    assert set(ours.dropped_params) == set(theirs.dropped_params)
    assert (ours.ttft_s is None) == (theirs.ttft_s is None)
    assert repr((messages, params)) == before, "what was logged is not ours to change"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("behaviour", ["unicode", "no_usage", "wordy"])
def test_both_read_an_answer_the_same_way(server: MisbehavingServer, behaviour: str, stream: bool) -> None:
    ours = ask(server, f"openai/{behaviour}", stream=stream)
    theirs = ask(server, f"{PINNED}openai/{behaviour}", stream=stream)
    assert isinstance(ours, Generation), ours
    assert isinstance(theirs, Generation), theirs
    assert ours.answer == theirs.answer
    assert ours.dropped_params == theirs.dropped_params
    assert (ours.ttft_s is None) == (theirs.ttft_s is None)


# fmt: off
FAILURES = [
    "400", "401", "403", "404", "429", "quota", "500", "503", "context", "policy", "filtered", "leak", "reset", "cut",
    "ends_early", "invalid_json", "empty_choices", "html", "error_in_stream", "moved", "flagged",
]
# fmt: on
ELSE = {("filtered", True), ("error_in_stream", False)}
"""litellm reads no whole answer where it asked for a stream, and takes the code of an error inside one for a status."""


@pytest.mark.parametrize(
    ("behaviour", "stream"),
    [(each, stream) for each in FAILURES for stream in (False, True) if (each, stream) not in ELSE],
)
def test_same_kind_of_failure(server: MisbehavingServer, behaviour: str, stream: bool) -> None:
    asked = server.count(behaviour)
    ours = ask(server, f"openai/{behaviour}", stream=stream)
    theirs = ask(server, f"{PINNED}openai/{behaviour}", stream=stream)
    assert isinstance(ours, CallError), ours
    assert isinstance(theirs, CallError), theirs
    assert FailureKind(ours.kind) == FailureKind(theirs.kind), (str(ours), str(theirs))
    assert ours.retry_after_s == theirs.retry_after_s
    assert "\n" not in str(theirs)
    assert len(str(theirs)) <= 300
    assert server.count(behaviour) == asked + 2, "one of them tried again"


@pytest.mark.parametrize(
    ("behaviour", "stream"), [("hang", False), ("hang", True), ("slow-0.5", True), ("drips-0.1", True)]
)
def test_both_take_no_longer_than_allowed(server: MisbehavingServer, behaviour: str, stream: bool) -> None:
    for model in (f"openai/{behaviour}", f"{PINNED}openai/{behaviour}"):
        outcome = ask(server, model, stream=stream, timeout_s=0.3)
        assert isinstance(outcome, CallError), outcome
        assert outcome.kind == FailureKind.TIMEOUT, outcome


def test_nobody_listens_to_either(server: MisbehavingServer) -> None:
    for model in ("openai/ok", f"{PINNED}openai/ok"):
        outcome = runner.run(_ask_nobody(model))
        assert outcome.kind == FailureKind.NETWORK


async def _ask_nobody(litellm_id: str) -> CallError:
    client = open_client(Model(name="m", litellm_id=litellm_id, api_base="http://127.0.0.1:9/v1"))
    try:
        with pytest.raises(CallError) as caught:
            await client.complete(Request(messages=HELLO), stream=False, timeout_s=30)
    finally:
        await client.close()
    return caught.value


def test_litellms_client_keeps_the_key_to_itself(server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TEAMS_API_KEY", "example-key-9b1d6f")
    monkeypatch.setenv("OPENAI_API_KEY", "example-other-key")
    leaked = ask(server, f"{PINNED}openai/leak", key_env="A_TEAMS_API_KEY")
    assert server.headers[-1]["Authorization"] == "Bearer example-key-9b1d6f"
    assert isinstance(leaked, CallError)
    assert "example-key-9b1d6f" not in str(leaked)
    ask(server, f"{PINNED}openai/ok")
    assert "example-other-key" not in str(server.headers[-1])


def test_litellm_prints_nothing(server: MisbehavingServer, capfd: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        for behaviour in ("ok", "500", "html", "context"):
            ask(server, f"{PINNED}openai/{behaviour}")
    assert out.getvalue() == ""
    assert capfd.readouterr() == ("", "")
