"""A chat server that costs next to no CPU and keeps set times, so that a benchmark measures the client.

It speaks just enough HTTP for one kind of request. ``Timing`` says when the first token and the last byte are due
after a request has arrived.
"""

import asyncio
import gc
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

CHUNK = b'data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,%s}]}\n\n'
TOKEN = CHUNK % b'"delta":{"content":"word "}'
STOP = CHUNK % b'"delta":{},"finish_reason":"stop"'
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds from the arrival of a request; one chunk holds one token."""

    whole_s: float = 0.0
    """Until the answer, where none is streamed."""
    first_s: float = 0.0
    """Until the first chunk."""
    chunks: int = 20
    chunk_s: float = 0.0
    """Between two chunks."""


@contextmanager
def serving(timing: Timing) -> Iterator[tuple[str, Connection]]:
    """Run the server in a process of its own; yields its API base and a pipe on which ``stop`` ends it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, timing), daemon=True)
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        ours.send("stop")
        process.join(10)


def _run(pipe: Connection, timing: Timing) -> None:
    gc.disable()
    asyncio.run(_serve(pipe, timing))


async def _serve(pipe: Connection, timing: Timing) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Conversation(loop, timing), "127.0.0.1", 0, backlog=2048)
    port = server.sockets[0].getsockname()[1]
    pipe.send(f"http://127.0.0.1:{port}/v1")
    over = asyncio.Event()
    loop.add_reader(pipe.fileno(), over.set)
    await over.wait()
    server.close()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _usage(tokens: int) -> bytes:
    return b'"usage":{"prompt_tokens":20,"completion_tokens":%d,"total_tokens":%d}' % (tokens, tokens + 20)


class _Conversation(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timing: Timing) -> None:
        self._loop, self._timing = loop, timing
        self._received = b""
        body = (
            b'{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop","message":'
            b'{"role":"assistant","content":"The answer is 42."}}],' + _usage(5) + b"}"
        )
        self._whole = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        last = b'data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[],%s}\n\n' % _usage(
            timing.chunks
        )
        self._token = _chunk(TOKEN)
        self._end = _chunk(STOP + last + b"data: [DONE]\n\n") + b"0\r\n\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if len(body) < length:
            return
        self._received = body[length:]
        now = time.monotonic()
        if b'"stream":true' not in body:
            self._at(now + self._timing.whole_s, self._whole)
            return
        if self._timing.first_s == self._timing.chunk_s == 0:
            self._write(STREAM_HEAD + self._token * self._timing.chunks + self._end)
            return
        self._write(STREAM_HEAD)
        due = now + self._timing.first_s
        for number in range(self._timing.chunks - 1):
            self._at(due + number * self._timing.chunk_s, self._token)
        self._at(due + (self._timing.chunks - 1) * self._timing.chunk_s, self._token + self._end)

    def _at(self, due: float, data: bytes) -> None:
        if due <= time.monotonic():
            self._write(data)
        else:
            self._loop.call_at(due, self._write, data)

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)
