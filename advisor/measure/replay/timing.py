"""What keeps other work out of measured latencies."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from advisor.errors import CallError
from advisor.llm.client import Client
from advisor.types import Request

SWITCH_S = 0.0005
"""How long a thread that writes or loads may keep the loop waiting for the interpreter; Python's own 5 ms would show
in every latency."""


@contextmanager
def quiet() -> Iterator[None]:
    """Collect garbage and forget what is left: litellm's heap would make collections slow; switch threads quickly."""
    gc.collect()
    gc.freeze()
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


TIMEOUT_S = 15.0
HELLO = Request(messages=[{"role": "user", "content": "Say hello."}], params={"max_tokens": 1})


async def warm_up(client: Client, *, stream: bool) -> None:
    """Ask a model for one token. What goes wrong shows in the calls that count."""
    with contextlib.suppress(CallError, TimeoutError):
        async with asyncio.timeout(TIMEOUT_S):
            await client.complete(HELLO, stream=stream, timeout_s=TIMEOUT_S)
