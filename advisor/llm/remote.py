"""litellm's calls made in processes of their own.

litellm works some milliseconds for every call. In the process that makes all calls of a run that would show in the
latencies of every other model, and one process of it makes no more than about 300 calls a second.
"""

import asyncio
import itertools
import math
import os
import pickle
import socket
import subprocess
import sys
from array import array
from typing import Any

from advisor.errors import CallError
from advisor.llm.client import Client, longest_s
from advisor.settings import ROOT
from advisor.types import Clock, FailureKind, Generation, Model, Request

CALLS_A_PROCESS = 32
"""In flight. Twice as many that take 0.2 s keep a process busy all the time, and so make latencies long."""
SLACK_S = 120.0
"""A process that has said nothing for so much longer than a call may take is stuck. It takes some seconds to start."""


class RemoteClient(Client):
    """A model that is asked through litellm by processes that end with this one.

    They look the keys up themselves; what comes back holds none.
    """

    clock = Clock.LITELLM_PROCESS

    def __init__(self, model: Model, *, in_flight: int) -> None:
        """``in_flight`` calls are made at a time: one process for every 32, at most one for each processor."""
        count = min(math.ceil(in_flight / CALLS_A_PROCESS), os.cpu_count() or 1)
        self._is_open = False
        self.lags_s = array("f")
        self._processes = [_Process(model, self.lags_s) for _ in range(count)]

    async def open(self) -> None:
        """Start the processes and wait until they are ready, which the first call does else.

        Raises CallError when one does not start.
        """
        await asyncio.gather(*(process.open() for process in self._processes))

    async def complete(self, request: Request, *, stream: bool, timeout_s: float) -> Generation:
        """One attempt; see :class:`advisor.llm.client.Client`. NETWORK also when the process that asked has died."""
        if not self._is_open:
            self._is_open = True
            await self.open()
        least_busy = min(self._processes, key=lambda process: process.in_flight)
        return await least_busy.ask(request, stream=stream, timeout_s=timeout_s)

    async def close(self) -> None:
        """End the processes."""
        await asyncio.gather(*(process.close() for process in self._processes))


class _Process:
    """One process, started when it is first needed, and again after it died."""

    def __init__(self, model: Model, lags_s: "array[float]") -> None:
        self._model, self._lags_s = model, lags_s
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Generation | CallError | None]] = {}
        self._starting = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def in_flight(self) -> int:
        return len(self._waiting)

    async def open(self) -> None:
        await self._exchange(None, SLACK_S)

    async def ask(self, request: Request, *, stream: bool, timeout_s: float) -> Generation:
        generation = await self._exchange((request, stream, timeout_s), longest_s(timeout_s, stream=stream) + SLACK_S)
        assert generation is not None
        return generation

    async def close(self) -> None:
        self._kill()
        if self._listening is not None:
            await self._listening

    async def _exchange(self, call: tuple[Request, bool, float] | None, within_s: float) -> Generation | None:
        """What the process says to a call; to None it says None as soon as it is ready."""
        number = next(self._numbers)
        said: asyncio.Future[Generation | CallError | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = said
        try:
            send(await self._running(), (number, call))
            async with asyncio.timeout(within_s):
                outcome = await said
        except TimeoutError:
            self._kill()
            words = f"the process that asks {self._model.litellm_id} said nothing for {within_s:g} s"
            raise CallError(words, kind=FailureKind.TIMEOUT) from None
        finally:
            del self._waiting[number]
        if isinstance(outcome, CallError):
            raise outcome
        return outcome

    async def _running(self) -> asyncio.StreamWriter:
        """Where to write to the process, which is started if need be."""
        async with self._starting:
            if self._writer is None:
                ours, theirs = socket.socketpair()
                with theirs:
                    reader, self._writer = await asyncio.open_connection(sock=ours)
                    self._process = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
                        [sys.executable, "-m", "advisor.llm.remote_process", str(theirs.fileno())],
                        cwd=ROOT,
                        pass_fds=[theirs.fileno()],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                    )
                send(self._writer, self._model)
                self._listening = asyncio.create_task(self._listen(reader, self._writer))
        return self._writer

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what the process says, until it ends; then whoever still waits is told so."""
        try:
            while True:
                number, outcome, lags_s = await receive(reader)
                self._lags_s.extend(lags_s)
                self._settle(number, CallError(**outcome) if isinstance(outcome, dict) else outcome)
        except (EOFError, OSError):
            code = self._kill()
            self._writer = None
            writer.close()
            for number in list(self._waiting):
                words = f"the process that asks {self._model.litellm_id} ended before the answer came (code {code})"
                self._settle(number, CallError(words, kind=FailureKind.NETWORK))

    def _settle(self, number: int, outcome: Generation | CallError | None) -> None:
        said = self._waiting.get(number)
        if said is not None and not said.done():
            said.set_result(outcome)

    def _kill(self) -> int | None:
        """Its exit code; None if it was never started."""
        if self._process is None:
            return None
        self._process.kill()
        return self._process.wait()


def send(writer: asyncio.StreamWriter, message: Any) -> None:
    """Write one message, to a process of our own."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    writer.write(len(data).to_bytes(8) + data)


async def receive(reader: asyncio.StreamReader) -> Any:
    """Read one message from a process of our own. Raises EOFError or OSError when it has ended."""
    size = int.from_bytes(await reader.readexactly(8))
    return pickle.loads(await reader.readexactly(size))  # noqa: S301 - from a process of our own
