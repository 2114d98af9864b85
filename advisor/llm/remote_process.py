"""A process that makes one model's calls through litellm for :class:`advisor.llm.remote.RemoteClient`."""

import asyncio
import gc
import inspect
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from advisor.errors import CallError
from advisor.llm.client import Client
from advisor.llm.gateway import leave_out_bookkeeping
from advisor.llm.indirect import litellm_client
from advisor.llm.remote import CALLS_A_PROCESS, receive, send
from advisor.types import FailureKind, Model, Request

LAG_EVERY_S = 0.02


def main() -> None:
    """Serve on the socket whose number is the only argument, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us is interrupted too, and ends us
    asyncio.run(_serve(socket.socket(fileno=int(sys.argv[1]))))


async def _serve(connection: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        model: Model = await receive(reader)
        client = litellm_client(model)
        leave_out_bookkeeping()
        await client.open()
        asyncio.get_running_loop().set_default_executor(_Inline(CALLS_A_PROCESS))
        gc.collect()
        gc.freeze()  # litellm's heap would make collections slow enough to show in the latencies
        desk = _Desk(client, writer)
        while True:
            desk.take(*await receive(reader))
    except (EOFError, OSError):
        os._exit(0)  # nobody is left to answer to, and a thread may wait for a provider


class _Desk:
    """Takes calls, makes them beside each other, and answers."""

    def __init__(self, client: Client, writer: asyncio.StreamWriter) -> None:
        self._client, self._writer = client, writer
        self._calls: set[asyncio.Task[None]] = set()
        self._lags_s: list[float] = []
        self._watch = asyncio.create_task(self._watch_loop())

    def take(self, number: int, call: tuple[Request, bool, float] | None) -> None:
        if call is None:
            self._answer(number, None)
            return
        task = asyncio.create_task(self._make(number, *call))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _make(self, number: int, request: Request, stream: bool, timeout_s: float) -> None:
        try:
            self._answer(number, await self._client.complete(request, stream=stream, timeout_s=timeout_s))
        except CallError as error:
            self._answer(number, {"message": str(error), **vars(error)})
        except Exception as error:  # one strange answer must not end the others
            words = f"the answer could not be read ({type(error).__name__})"
            self._answer(number, {"message": words, "kind": FailureKind.INVALID_RESPONSE})

    def _answer(self, number: int, outcome: object) -> None:
        send(self._writer, (number, outcome, self._lags_s))
        self._lags_s = []

    async def _watch_loop(self) -> None:
        """Sample how late the loop is while calls are on their way."""
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(LAG_EVERY_S)
            if self._calls:
                self._lags_s.append(max(time.perf_counter() - begin - LAG_EVERY_S, 0.0))


class _Inline(ThreadPoolExecutor):
    """Runs at once what litellm puts into a thread: it only prepares a call there, and the way to a thread costs more.

    Names are looked up in a thread, and so is everything after the first answer of a provider for which litellm has
    no other way than to wait.
    """

    _waits = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        if self._waits or fn is socket.getaddrinfo:
            return super().submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        try:
            result = fn(*args, **kwargs)
            self._waits = not inspect.iscoroutine(result)
            future.set_result(result)
        except Exception as error:
            future.set_exception(error)
        return future


if __name__ == "__main__":
    main()
