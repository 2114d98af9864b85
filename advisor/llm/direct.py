"""The client that transmits itself: nothing between the socket and the clock but aiohttp and orjson."""

import asyncio
import functools
import socket
import time
from datetime import UTC, datetime

import aiohttp
from aiohttp.abc import AbstractStreamWriter, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from advisor.errors import AdvisorError, BadInput, CallError
from advisor.llm.answers import StreamedAnswer, decode, read_completion
from advisor.llm.client import Client, longest_s, too_late
from advisor.llm.endpoint import Endpoint, encode, unwrap
from advisor.llm.failures import invalid, read_allowance, refused, scrub
from advisor.llm.hosts import check_found
from advisor.llm.http_bodies import (
    MAX_BODY_BYTES,
    MAX_ERROR_BYTES,
    MAX_STREAM_BYTES,
    EventReader,
    too_large,
)
from advisor.llm.parameters import Unwanted
from advisor.types import Answer, Clock, FailureKind, Generation, Json, Request, Usage

AFTER_DONE_S = 0.2
"""How long a server may take to end a stream after [DONE], so that the connection can be used again."""
STREAM_BEGINS = (b"data:", b"event:", b":")
"""No JSON does."""


class DirectClient(Client):
    """A model behind an OpenAI-compatible chat endpoint."""

    clock = Clock.SOCKET

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._session: aiohttp.ClientSession | None = None
        self._unwanted = Unwanted()

    async def complete(self, request: Request, *, stream: bool, timeout_s: float) -> Generation:
        """One attempt; see :class:`advisor.llm.client.Client`. Again at once without a parameter that was refused."""
        try:
            body, dropped = self._fit(request, stream)
            return await self._unwanted.ask(body, lambda gone: self._ask(body, (*dropped, *gone), stream, timeout_s))
        except CallError as error:
            raise CallError(
                scrub(str(error), self._endpoint.mask),
                kind=error.kind,
                retry_after_s=error.retry_after_s,
                allowance=error.allowance,
            ) from None

    async def _ask(self, body: dict[str, Json], dropped: tuple[str, ...], stream: bool, timeout_s: float) -> Generation:
        at = datetime.now(UTC)
        try:
            async with self._open().post(
                self._endpoint.url,
                data=encode(body),
                timeout=_timeout(timeout_s, stream),
                allow_redirects=False,
            ) as response:
                answer, usage, ttft_s, latency_s = await _read(response)
        except TimeoutError:
            raise CallError(too_late(timeout_s, stream=stream), kind=FailureKind.TIMEOUT) from None
        except BadInput as error:
            raise CallError(str(error), kind=FailureKind.NETWORK) from None
        except (aiohttp.ClientError, OSError) as error:
            message = f"the connection failed: {error or type(error).__name__}"
            raise CallError(message, kind=FailureKind.NETWORK) from None
        return Generation(
            answer=self._endpoint.mask.answer(unwrap(answer, body)),
            usage=usage,
            ttft_s=ttft_s,
            latency_s=latency_s,
            dropped_params=dropped,
            at=at,
            allowance=read_allowance(response.headers),
        )

    async def list_models(self, timeout_s: float) -> list[str]:
        """Ids of the models that the server offers; empty where it doesn't tell."""
        url = f"{self._endpoint.url.removesuffix('/chat/completions')}/models"
        try:
            async with self._open().get(url, timeout=_timeout(timeout_s, False), allow_redirects=False) as response:
                received = await _read_up_to(response, MAX_BODY_BYTES)
            offered = decode(received)["data"] if response.status == 200 else ()
            return sorted(self._endpoint.mask.text(model["id"]) for model in offered)
        except (aiohttp.ClientError, OSError, AdvisorError, LookupError, TypeError, AttributeError):
            return []

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _fit(self, request: Request, stream: bool) -> tuple[dict[str, Json], tuple[str, ...]]:
        try:
            return self._endpoint.fit(request, stream)
        except Exception as error:  # a logged request may have any shape, and litellm any opinion of it
            message = f"the request can't be put into the provider's form: {error}"
            raise CallError(message, kind=FailureKind.BAD_REQUEST) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=_Connector(limit=0, force_close=not self._endpoint.keep_alive),
                headers=self._endpoint.headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                request_class=_Request,
                response_class=_Response,
            )
        return self._session


def _timeout(timeout_s: float, stream: bool) -> aiohttp.ClientTimeout:
    longest = longest_s(timeout_s, stream=stream)
    if not stream:  # it holds for connecting and for silence too, which need no timers of their own
        return aiohttp.ClientTimeout(total=longest)
    return aiohttp.ClientTimeout(total=longest, connect=timeout_s, sock_read=timeout_s)


class _Line(ResponseHandler):
    """A connection that notes when bytes leave and arrive: a busy event loop would make a coroutine's clock late."""

    sent_at = 0.0
    exchange = (0.0, 0.0)
    """When the request that is being answered was sent, and when the latest bytes of its answer came."""

    def data_received(self, data: bytes) -> None:
        self.exchange = (self.sent_at, time.perf_counter())
        super().data_received(data)


class _Request(aiohttp.ClientRequest):
    """A request that notes when it goes out: a server may begin before the writing returns."""

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> None:
        """Called by aiohttp when the connection stands; the body goes out with the headers."""
        assert isinstance(conn.protocol, _Line)
        conn.protocol.sent_at = time.perf_counter()
        await super().write_bytes(writer, conn, content_length)


class _Resolver(aiohttp.ThreadedResolver):
    """Looks a host up, and refuses one that stands for an address that isn't called."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        check_found(host, (each["host"] for each in found))
        return found


class _Connector(aiohttp.TCPConnector):
    def __init__(self, *, limit: int, force_close: bool) -> None:
        super().__init__(limit=limit, force_close=force_close, resolver=_Resolver())
        self._factory = functools.partial(_Line, loop=self._loop)  # type: ignore[assignment] # no public way


class _Response(aiohttp.ClientResponse):
    """A response that knows its connection after it was given back."""

    line: _Line

    async def start(self, connection: Connection) -> "_Response":
        assert isinstance(connection.protocol, _Line)
        self.line = connection.protocol
        await super().start(connection)
        return self


async def _read(response: aiohttp.ClientResponse) -> tuple[Answer, Usage | None, float | None, float]:
    """Answer, usage, seconds to the first token (None when not streamed) and to the last byte."""
    assert isinstance(response, _Response)
    if response.status != 200:
        body = await _read_up_to(response, MAX_ERROR_BYTES)
        raise refused(response.status, body[:MAX_ERROR_BYTES], response.headers)
    if response.content_type == "text/event-stream":
        return await _read_stream(response)
    received = await _read_up_to(response, MAX_BODY_BYTES)
    if len(received) > MAX_BODY_BYTES:
        raise too_large(MAX_BODY_BYTES)
    sent_at, ended_at = response.line.exchange
    if received.startswith(STREAM_BEGINS):
        answer, usage = _read_events(received)
    elif response.content_type.endswith("json") or b"{" in received[:80] or "Content-Type" not in response.headers:
        answer, usage = read_completion(decode(received))
    else:
        raise invalid(f"the server sent {response.content_type} where JSON was expected: is the API base right?")
    return answer, usage, None, ended_at - sent_at


async def _read_up_to(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body; of one with more than ``most`` bytes the beginning, a little longer than that."""
    pieces, size = [], 0
    async for piece in response.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > most:
            response.close()
            break
    return b"".join(pieces)


def _read_events(received: bytes) -> tuple[Answer, Usage | None]:
    """A stream that its server calls something else, read when all of it was there."""
    reader, answer = EventReader(), StreamedAnswer()
    for data in (*reader.feed(received), *reader.end()):
        answer.take(data)
    return answer.finish()


async def _read_stream(response: "_Response") -> tuple[Answer, Usage | None, float | None, float]:
    reader, answer = EventReader(), StreamedAnswer()
    ttft_s, latency_s, size = None, 0.0, 0
    try:
        async for received in response.content.iter_any():
            size += len(received)
            if size > MAX_STREAM_BYTES:
                raise too_large(MAX_STREAM_BYTES)
            sent_at, arrived_at = response.line.exchange
            latency_s = arrived_at - sent_at
            for data in reader.feed(received):
                if answer.take(data) and ttft_s is None:
                    ttft_s = latency_s
            if answer.done:
                await _drain(response)
                break
    except aiohttp.ClientPayloadError:
        pass  # cut: what has arrived tells whether the answer was complete
    except TimeoutError:
        if not answer.is_whole:
            raise
    for data in reader.end():
        answer.take(data)
    return *answer.finish(), ttft_s, latency_s


async def _drain(response: aiohttp.ClientResponse) -> None:
    try:
        async with asyncio.timeout(AFTER_DONE_S):
            async for _ in response.content.iter_any():
                pass
    except (TimeoutError, aiohttp.ClientError):
        response.close()
