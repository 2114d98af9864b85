"""A first call to a model that is not counted: connection and server are awake before anything is timed."""

import asyncio
import contextlib

from advisor.errors import CallError
from advisor.llm.client import Client
from advisor.types import Request

TIMEOUT_S = 15.0
HELLO = Request(messages=[{"role": "user", "content": "Say hello."}], params={"max_tokens": 1})


async def warm_up(client: Client, *, stream: bool) -> None:
    """Ask a model for one token. What goes wrong shows in the calls that count."""
    with contextlib.suppress(CallError, TimeoutError):
        async with asyncio.timeout(TIMEOUT_S):
            await client.complete(HELLO, stream=stream, timeout_s=TIMEOUT_S)
