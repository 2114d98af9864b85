"""The same calls through the clients that most people use, as most people write them."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from advisor.llm import gateway

Ask = Callable[[], Awaitable[Any]]
"""One call: a completion, or a stream of chunks."""
Peer = Callable[[str, bool], AbstractAsyncContextManager[Ask]]
"""Makes calls to a URL, streamed or not."""
QUESTION: Any = {"model": "ok", "messages": [{"role": "user", "content": "Question 1?"}], "max_tokens": 20}


@asynccontextmanager
async def through_litellm(url: str, stream: bool) -> AsyncIterator[Ask]:
    """litellm.acompletion as it comes."""
    litellm = gateway.load()
    yield lambda: litellm.acompletion(
        **QUESTION | {"model": "openai/ok"}, api_base=url, api_key="none", max_retries=0, stream=stream
    )
    await litellm.close_litellm_async_clients()


@asynccontextmanager
async def through_openai(url: str, stream: bool) -> AsyncIterator[Ask]:
    """AsyncOpenAI as it comes."""
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
        yield lambda: client.chat.completions.create(**QUESTION, stream=stream)


@asynccontextmanager
async def through_openai_aiohttp(url: str, stream: bool) -> AsyncIterator[Ask]:
    """AsyncOpenAI on its aiohttp transport."""
    from openai import AsyncOpenAI, DefaultAioHttpClient

    http = DefaultAioHttpClient()
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0, http_client=http) as client:
        yield lambda: client.chat.completions.create(**QUESTION, stream=stream)


@asynccontextmanager
async def through_aiohttp(url: str, _stream: bool) -> AsyncIterator[Ask]:
    """Bare aiohttp and orjson, whole answers only: no client needs less, so this is what machine and hour allow."""
    body = orjson.dumps(QUESTION)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask() -> Any:
            async with session.post(f"{url}/chat/completions", data=body) as response:
                return orjson.loads(await response.read())

        yield ask


PEERS: dict[str, Peer] = {
    "litellm.acompletion": through_litellm,
    "AsyncOpenAI": through_openai,
    "AsyncOpenAI, aiohttp": through_openai_aiohttp,
}


async def gather(ask: Ask, calls: int, in_flight: int, stream: bool) -> tuple[float, list[float], list[float]]:
    """A semaphore and asyncio.gather: wall time, latencies, times to the first token, all in seconds."""
    free = asyncio.Semaphore(in_flight)
    latencies_s: list[float] = []
    ttfts_s: list[float] = []

    async def one() -> None:
        async with free:
            begin = time.perf_counter()
            answer, first = await ask(), None
            if stream:
                async for chunk in answer:
                    if first is None and chunk.choices and chunk.choices[0].delta.content:
                        first = time.perf_counter()
                        ttfts_s.append(first - begin)
            latencies_s.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(calls)))
    return time.perf_counter() - begin, latencies_s, ttfts_s


def run_promptfoo(url: str, calls: int, in_flight: int, folder: Path) -> tuple[float, list[float]]:
    """Wall time with its start, and latencies, in seconds."""
    provider = {"id": "openai:chat:ok", "config": {"apiBaseUrl": url, "apiKey": "none", "max_tokens": 20}}
    tests = [{"vars": {"question": f"Question {number}?"}} for number in range(calls)]
    config, out = folder / "promptfoo.json", folder / "results.json"
    config.write_text(json.dumps({"prompts": ["{{question}}"], "providers": [provider], "tests": tests}))
    command = ["promptfoo", "eval", "-c", str(config), "-o", str(out), "-j", str(in_flight), "--no-cache", "--no-table"]
    quiet = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1"}
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=os.environ | quiet)
    wall_s = time.perf_counter() - begin
    return wall_s, [each["latencyMs"] / 1000 for each in json.loads(out.read_text())["results"]["results"]]
