"""Reading a provider's response: how much of it, and the events of a stream."""

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


class EventReader:
    """Feeds on bytes, yields the data of whole events.

    Works on bytes, so a character split between two packets is never decoded half. Takes LF, CRLF and CR line ends,
    as the standard does; comments and every field but ``data`` are skipped.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._ended_in_cr = False

    def feed(self, received: bytes) -> list[bytes]:
        """The data of the events that ``received`` completes.

        Raises CallError (INVALID_RESPONSE) where a line goes on without end.
        """
        if self._ended_in_cr or b"\r" in received:
            received = self._with_lf(received)
        *lines, self._rest = (self._rest + received).split(b"\n")
        if len(self._rest) > MAX_BODY_BYTES:
            raise too_large(MAX_BODY_BYTES)
        return [data for line in lines if (data := self._take(line)) is not None]

    def end(self) -> list[bytes]:
        """The data of a last event whose closing empty line is missing."""
        completed = self.feed(b"\n\n")
        self._rest = b""
        return completed

    def _with_lf(self, received: bytes) -> bytes:
        """The same with LF for every line end; where a packet ended in CR, an LF that begins the next belongs to it."""
        if self._ended_in_cr:
            received = received.removeprefix(b"\n")
        self._ended_in_cr = received.endswith(b"\r")
        return received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _take(self, line: bytes) -> bytes | None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line and self._data:
            data, self._data = b"\n".join(self._data), []
            return data
        return None
