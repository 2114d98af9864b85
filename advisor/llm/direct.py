"""The client that transmits itself: nothing between the socket and the clock but aiohttp and orjson."""

import asyncio
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import aiohttp

from advisor.errors import CallError
from advisor.llm.answers import StreamedAnswer, decode, read_completion
from advisor.llm.endpoint import Endpoint, encode, unwrap
from advisor.llm.events import EventReader
from advisor.llm.failures import invalid, refused, scrub, without_key
from advisor.types import Answer, FailureKind, Generation, Json, Request, Usage

AFTER_DONE_S = 0.2
"""How long a server may take to end a stream after [DONE], so that the connection can be used again."""


class DirectClient:
    """A model behind an OpenAI-compatible chat endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._session: aiohttp.ClientSession | None = None

    async def complete(self, request: Request, *, stream: bool, timeout_s: float) -> Generation:
        """One attempt; see :class:`advisor.llm.client.Client`."""
        body, dropped = self._fit(request, stream)
        call = _Call(self._endpoint.key)
        at = datetime.now(UTC)
        try:
            async with self._open().post(
                self._endpoint.url,
                data=encode(body),
                timeout=aiohttp.ClientTimeout(total=timeout_s),
                allow_redirects=False,
                trace_request_ctx=call,
            ) as response:
                answer, usage = await call.read(response)
        except CallError as error:
            raise CallError(
                scrub(str(error), self._endpoint.key), kind=error.kind, retry_after_s=error.retry_after_s
            ) from None
        except TimeoutError:
            raise CallError(f"no complete answer within {timeout_s:g} s", kind=FailureKind.TIMEOUT) from None
        except (aiohttp.ClientError, OSError) as error:
            message = scrub(f"the connection failed: {error or type(error).__name__}", self._endpoint.key)
            raise CallError(message, kind=FailureKind.NETWORK) from None
        return Generation(
            answer=without_key(unwrap(answer, body), self._endpoint.key),
            usage=usage,
            ttft_s=call.ttft_s,
            latency_s=call.ended - call.sent,
            dropped_params=dropped,
            at=at,
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _fit(self, request: Request, stream: bool) -> tuple[dict[str, Json], tuple[str, ...]]:
        try:
            return self._endpoint.fit(request, stream)
        except Exception as error:  # a logged request may have any shape, and litellm any opinion of it
            message = scrub(f"the request cannot be put into the provider's form: {error}", self._endpoint.key)
            raise CallError(message, kind=FailureKind.BAD_REQUEST) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            clock = aiohttp.TraceConfig()
            clock.on_request_headers_sent.append(_start)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=not self._endpoint.keep_alive),
                headers=self._endpoint.headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=[clock],
            )
        return self._session


async def _start(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
    """Start the clock when the connection stands and the request goes out."""
    context.trace_request_ctx.sent = time.perf_counter()


class _Call:
    """One call on its way: the clock, and the answer as it comes in."""

    def __init__(self, key: str | None) -> None:
        self._key = key
        self.sent = time.perf_counter()
        self.ended = self.sent
        self.ttft_s: float | None = None

    async def read(self, response: aiohttp.ClientResponse) -> tuple[Answer, Usage | None]:
        if response.status != 200:
            raise refused(response.status, await response.read(), response.headers, self._key)
        if response.content_type == "text/event-stream":
            return await self._read_stream(response)
        if not response.content_type.endswith("json") and "Content-Type" in response.headers:
            raise invalid(f"the server sent {response.content_type} where JSON was expected: is the API base right?")
        received = await response.read()
        self.ended = time.perf_counter()
        return read_completion(decode(received))

    async def _read_stream(self, response: aiohttp.ClientResponse) -> tuple[Answer, Usage | None]:
        reader, answer = EventReader(), StreamedAnswer()
        try:
            async for received in response.content.iter_any():
                arrived = time.perf_counter()
                for data in reader.feed(received):
                    if answer.take(data) and self.ttft_s is None:
                        self.ttft_s = arrived - self.sent
                self.ended = arrived
                if answer.done:
                    await _drain(response)
                    break
        except aiohttp.ClientPayloadError:
            pass  # cut: what has arrived tells whether the answer was complete
        for data in reader.end():
            answer.take(data)
        return answer.finish()


async def _drain(response: aiohttp.ClientResponse) -> None:
    try:
        async with asyncio.timeout(AFTER_DONE_S):
            await response.content.read()
    except (TimeoutError, aiohttp.ClientError):
        response.close()
