"""litellm in processes of its own: same answers, same failures, and what happens when a process dies."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from advisor.errors import CallError
from advisor.llm.gateway import load
from advisor.llm.indirect import LitellmClient, litellm_client
from advisor.llm.opening import open_client
from advisor.llm.remote import RemoteClient
from advisor.settings import ROOT
from advisor.types import PINNED, FailureKind, Generation, Model, Request
from tests.server import MisbehavingServer
from tests.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""litellm's own use of pydantic, chunk by chunk."""
KEY = "example-key-9b1d6f"
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
FIELDS = ("answer", "usage", "dropped_params", "allowance", "failure")


def model(server: MisbehavingServer, name: str, **own: Any) -> Model:
    return Model(name="m", litellm_id=f"{PINNED}openai/{name}", api_base=server.url, **own)


def request(content: str = "Hello", **params: Any) -> Request:
    return Request(messages=[{"role": "user", "content": content}], params=params)


@asynccontextmanager
async def opened(model: Model, in_flight: int = 2) -> AsyncIterator[RemoteClient]:
    client = open_client(model, in_flight=in_flight)
    assert isinstance(client, RemoteClient)
    try:
        yield client
    finally:
        await client.close()
        await client.close()


async def ask(client: RemoteClient, asked: Request, *, stream: bool = False) -> Generation | CallError:
    try:
        return await client.complete(asked, stream=stream, timeout_s=60)
    except CallError as error:
        return error


def pids(client: RemoteClient) -> list[int]:
    return [process._process.pid for process in client._processes if process._process is not None]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_the_answers_are_those_of_litellm_here_however_many_at_a_time(server: MisbehavingServer) -> None:
    async def both() -> None:
        here = litellm_client(Model(name="m", litellm_id="openai/echo", api_base=server.url))
        async with opened(model(server, "echo"), in_flight=64) as client:
            await client.open()
            assert len(set(pids(client))) == min(2, os.cpu_count() or 1)
            assert not client.lags_s
            asked = [request(f"number {number}", max_tokens=9, top_k=4, tools=[TOOL]) for number in range(12)]
            for stream in (False, True):
                answers = await asyncio.gather(*(ask(client, each, stream=stream) for each in asked))
                expected = await asyncio.gather(*(here.complete(a, stream=stream, timeout_s=60) for a in asked))
                for ours, theirs in zip(expected, answers, strict=True):
                    assert isinstance(theirs, Generation), theirs
                    assert [getattr(theirs, name) for name in FIELDS] == [getattr(ours, name) for name in FIELDS]
                    assert theirs.latency_s is not None
                    assert (theirs.ttft_s is not None) is stream
                    assert theirs.at is not None
                    assert theirs.at.tzinfo is not None
            assert max(client.lags_s) > 0
        await load().close_litellm_async_clients()

    asyncio.run(both())


@pytest.mark.slow
def test_a_failure_arrives_whole(server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TEAMS_API_KEY", KEY)

    async def fail() -> None:
        async with opened(model(server, "429", key_env="A_TEAMS_API_KEY")) as client:
            refused = await ask(client, request())
        assert isinstance(refused, CallError)
        assert (refused.kind, refused.retry_after_s) == (FailureKind.RATE_LIMIT, 2.0)
        assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"

    asyncio.run(fail())


@pytest.mark.slow
def test_a_process_that_dies_fails_its_calls_and_is_started_again(
    server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "delay_s", 3600.0)

    async def die() -> None:
        async with opened(model(server, "ok")) as client:
            await client.open()
            asked = len(server.requests)
            (first,) = pids(client)
            calls = [asyncio.create_task(ask(client, request())) for _ in range(3)]
            while len(server.requests) < asked + 3:
                await asyncio.sleep(0.01)
            os.kill(first, signal.SIGKILL)
            for outcome in await asyncio.gather(*calls):
                assert isinstance(outcome, CallError)
                assert outcome.kind == FailureKind.NETWORK
                assert "ended before the answer came" in str(outcome)
            server.delay_s = 0.0
            assert isinstance(await ask(client, request()), Generation)
            (second,) = pids(client)
            assert second != first
        assert not is_running(second), "closing ends the process"

    asyncio.run(die())


def test_one_call_at_a_time_needs_no_process(server: MisbehavingServer) -> None:
    assert isinstance(open_client(model(server, "ok")), LitellmClient)


def test_opening_wakes_litellm_before_anything_is_timed(
    server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[dict[str, Any]] = []
    ask = load().acompletion

    async def noted(*args: Any, **kwargs: Any) -> Any:
        begun.append(kwargs)
        return await ask(*args, **kwargs)

    monkeypatch.setattr(load(), "acompletion", noted)
    asked = len(server.requests)
    asyncio.run(open_client(model(server, "ok")).open())
    assert [bool(kwargs.get("stream")) for kwargs in begun] == [False, True]
    assert len(server.requests) == asked, "nobody was asked"


@pytest.mark.slow
def test_a_caller_that_is_killed_leaves_no_process_behind() -> None:
    code = (
        "import asyncio\n"
        "from advisor.llm.remote import RemoteClient\n"
        "from advisor.types import Model\n"
        "async def main():\n"
        "    model = Model(name='m', litellm_id='openai/x', api_base='http://127.0.0.1:9')\n"
        "    client = RemoteClient(model, in_flight=2)\n"
        "    await client.open()\n"
        "    print(client._processes[0]._process.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT) as caller:
        assert caller.stdout is not None
        pid = int(caller.stdout.readline())
        assert is_running(pid)
        caller.kill()
    wait_until(lambda: not is_running(pid))


def test_what_is_left_out_of_litellm_is_there() -> None:
    """Its names are not promised to anybody: where they change, its calls become slow without a word."""
    load()
    from litellm.litellm_core_utils.litellm_logging import Logging

    assert callable(Logging.response_cost_calculator)
    assert asyncio.iscoroutinefunction(Logging.async_success_handler)
