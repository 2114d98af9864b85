"""How much of an answer is read: a server that never stops sending must not fill the memory."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from advisor.errors import CallError
from advisor.llm.failures import invalid

MAX_BODY_BYTES = 16 * 2**20
"""Of an answer in one piece, and of one event of a stream. 128,000 tokens are about 0.6 MB of text."""
MAX_STREAM_BYTES = 64 * 2**20
"""Of all events together: each token comes with 200 to 500 bytes around it."""
MAX_TEXT_CHARS = 4 * 2**20
"""Of the text and the tool calls of a streamed answer."""
MAX_CHUNKS = 2**17
"""Of a stream through litellm, which keeps all of them. There is at least one token in each."""
MAX_ERROR_BYTES = 2**16
"""Of the body of a refusal; more isn't read."""


def too_large(limit: int) -> CallError:
    """The failure of an answer with more than ``limit`` bytes or characters."""
    return invalid(f"the answer is larger than {limit // 2**20} MB, so the rest wasn't read")


async def cap(response: Any) -> None:
    """Let an httpx response raise CallError (INVALID_RESPONSE) once its unpacked body is too large."""
    read: Callable[..., AsyncIterator[bytes]] = response.aiter_bytes
    is_whole = response.headers.get("content-type", "").startswith("application/json")
    limit = MAX_BODY_BYTES if is_whole else MAX_STREAM_BYTES

    async def capped(*options: Any, **named: Any) -> AsyncIterator[bytes]:
        size = 0
        async for piece in read(*options, **named):
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            yield piece

    response.aiter_bytes = capped
