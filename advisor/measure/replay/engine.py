"""Makes the calls of a run: bounded concurrency per model, limits, retries, time-outs, budget, stop on demand.

Every model is a track of its own, with its own slots and its own calls in random order, so that the lanes run side by
side and a slow provider stalls nobody else. Waiting in our own limits, back-off and retries never counts as latency.
"""

import asyncio
import contextlib
import random
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from advisor.errors import AdvisorError, CallError
from advisor.measure.replay.breaker import TROUBLE
from advisor.measure.replay.budget import Budget, estimate_usd, likely_usd
from advisor.measure.replay.calls import Call, as_failed, as_priced, as_unread, can_read, with_tokens_of
from advisor.measure.replay.pace import LONGEST_HOLD_S
from advisor.measure.replay.timing import warm_up
from advisor.measure.replay.track import Feed, Shut, Track
from advisor.measure.replay.writer import Writer
from advisor.scoring.judge import repair_request
from advisor.store.run.generations import CallKey, StoredGeneration
from advisor.types import FailureKind, Generation, Notice, NoticeKind, Request, Sending, Status

ATTEMPTS = {
    FailureKind.RATE_LIMIT: 6,
    FailureKind.SERVER: 4,
    FailureKind.NETWORK: 4,
    FailureKind.TIMEOUT: 2,
    FailureKind.INVALID_RESPONSE: 2,
}
"""How often one call is tried while the model answers others; every other failure is final at once."""
FIRST_PAUSE_S = 0.5
"""Before a call is tried again; doubles with every try."""
LAG_EVERY_S = 0.02
MISSING_AT = 8
"""A model is given up when the provider said so many times in a row that it does not exist."""


@dataclass
class Outcome:
    """What happened, besides the stored generations."""

    stopped: Status | None = None
    """BUDGET_EXCEEDED, or what a person asked for; None: all calls were made."""
    given_up: dict[str, str] = field(default_factory=dict)
    """Model name -> why no more calls were made to it."""
    wall_s: float = 0.0
    """First call sent to last answer."""
    lags_s: "array[float]" = field(default_factory=lambda: array("f"))
    """How late the event loop was, sampled every 20 ms."""

    def add(self, later: "Outcome") -> None:
        """What happened next."""
        self.stopped = later.stopped
        self.given_up |= later.given_up
        self.wall_s += later.wall_s
        self.lags_s.extend(later.lags_s)


class Listener(Protocol):
    """Knows what a person wants of the run, and shows what holds it back."""

    wanted: Status | None
    """Paused or cancelled, if a person asked for it."""

    def tell(self, notices: list[Notice]) -> None:
        """Replace what was told before."""


class _Stopped(Exception):
    """The run stops: nobody waits any longer."""


class Engine:
    """One pass over the calls of several models. Belongs to one event loop."""

    def __init__(
        self,
        tracks: Sequence[Track],
        *,
        shut: Sequence[Shut] = (),
        budget: Budget,
        stream: bool,
        writer: Writer,
        listener: Listener,
    ) -> None:
        """``writer`` gets every finished call; no new one is made while it is behind.

        The calls of ``shut`` models fail at once, with the reason. ``listener`` hears what holds calls back, whenever
        that may have changed.
        """
        self._budget, self._stream, self._writer, self._listener = budget, stream, writer, listener
        self._outcome = Outcome()
        self._stopping = asyncio.Event()
        self._error: AdvisorError | None = None
        self._first_sent = 0.0
        self._tracks, self._shut = tracks, shut
        for track in tracks:
            track.start(self._sleep)

    async def run(self) -> Outcome:
        """Make all calls, or stop early; never raises for a failed call.

        Raises StoreError when calls could not be loaded; those on their way are awaited and kept before.
        """
        await asyncio.gather(*(track.client.open() for track in self._tracks), return_exceptions=True)
        watch = asyncio.create_task(self._watch())
        try:
            await asyncio.gather(*map(self._follow, self._tracks), *map(self._leave_out, self._shut))
        finally:
            watch.cancel()
            self._listener.tell([])
        self._outcome.wall_s = time.perf_counter() - self._first_sent if self._first_sent else 0.0
        for track in self._tracks:
            self._outcome.lags_s.extend(track.client.lags_s)
        if self._error is not None:
            raise self._error
        return self._outcome

    async def _follow(self, track: Track) -> None:
        if not track.is_warm:
            await warm_up(track.client, stream=self._stream)
        await asyncio.gather(*(self._work(track) for _ in range(track.concurrency)))

    async def _leave_out(self, shut: Shut) -> None:
        self._outcome.given_up[shut.name] = shut.why
        self._fail(shut.feed.drain(), shut.kind, shut.why)
        while not self._stopping.is_set() and (call := await self._next(shut.feed)) is not None:
            self._fail([call.key, *shut.feed.drain()], shut.kind, shut.why)

    async def _work(self, track: Track) -> None:
        """One slot of a model: one call after the other."""
        while not self._stopping.is_set() and (call := await self._next(track.feed)) is not None:
            estimate = estimate_usd(call) if self._budget.cap_usd is not None else 0.0
            if not await self._reserve(estimate):
                self._stop(Status.BUDGET_EXCEEDED)
                return
            try:
                stored = await self._answer(track, call)
            except _Stopped:
                stored = None
            self._budget.settle(estimate, likely_usd(call, stored.generation) if stored else 0.0)
            if stored is not None:
                self._writer.put(stored)
            if track.breaker.given_up is not None:
                self._forget(track, track.breaker.given_up)

    async def _next(self, feed: Feed) -> Call | None:
        try:
            return await feed.next()
        except AdvisorError as error:
            self._error = error
            self._stop(Status.FAILED)
            return None

    async def _reserve(self, estimate_usd: float) -> bool:
        """Wait for the store, and while calls in flight may turn out cheaper than reserved.

        False when the budget is really used up, or the run stops.
        """
        while self._writer.is_behind and not self._stopping.is_set():
            await asyncio.sleep(0.05)
        while not self._budget.reserve(estimate_usd):
            if self._stopping.is_set() or self._budget.is_used_up:
                return False
            await asyncio.sleep(0.05)
        return True

    async def _answer(self, track: Track, call: Call) -> StoredGeneration:
        """Try a call until it is answered, can't be read for the second time, or fails for good; may raise _Stopped."""
        at, begin, attempt = datetime.now(UTC), time.perf_counter(), 0
        unread: Generation | None = None
        request = call.request
        if call.obstacle is not None:
            return as_failed(call, CallError(call.obstacle.message, kind=call.obstacle.kind), Sending(attempts=0), at)
        while True:
            await track.breaker.wait()
            ticket = await track.pace.enter(call.input_tokens + call.output_tokens)
            try:
                given_up = track.breaker.given_up
                sending = Sending(waited_s=time.perf_counter() - begin, attempts=attempt)
                if unread and (given_up or self._stopping.is_set()):
                    return as_priced(call, as_unread(unread), sending)
                if self._stopping.is_set():
                    raise _Stopped
                if given_up:
                    return as_failed(call, given_up, sending, at)
                attempt += 1
                tried = time.perf_counter()
                self._first_sent = self._first_sent or tried
                outcome = await self._try(track, request)
            finally:
                track.pace.leave()
            if isinstance(outcome, Generation):
                track.breaker.answered()
                track.pace.answered(ticket, outcome.allowance)
                is_read, outcome = can_read(call, outcome), with_tokens_of(unread, outcome)
                if is_read or unread is not None:
                    outcome = outcome if is_read else as_unread(outcome)
                    return as_priced(call, outcome, Sending(waited_s=tried - begin, attempts=attempt))
                unread, request = outcome, repair_request(request, outcome.answer)
                continue
            kind = FailureKind(outcome.kind)
            track.pace.hear(ticket, outcome.allowance)
            if kind is FailureKind.RATE_LIMIT and (outcome.retry_after_s or 0.0) <= LONGEST_HOLD_S:
                track.pace.refused(ticket, outcome.retry_after_s)
            if self._is_final(track, kind, outcome, attempt, begin):
                sending = Sending(waited_s=tried - begin, attempts=attempt)
                return as_priced(call, as_unread(unread), sending) if unread else as_failed(call, outcome, sending, at)
            if kind is not FailureKind.RATE_LIMIT and not track.breaker.is_open:
                pause = FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.7, 1.3)
                await self._sleep(min(max(pause, outcome.retry_after_s or 0.0), LONGEST_HOLD_S))

    async def _try(self, track: Track, request: Request) -> Generation | CallError:
        try:
            return await track.client.complete(request, stream=self._stream, timeout_s=track.timeout_s)
        except CallError as error:
            return error
        except Exception as error:  # one strange answer must never end the run
            return CallError(f"Can't read the answer ({type(error).__name__}).", kind=FailureKind.INVALID_RESPONSE)

    def _is_final(self, track: Track, kind: FailureKind, error: CallError, attempt: int, begin: float) -> bool:
        """Take note of a failed try; whether the call is not tried again."""
        breaker = track.breaker
        is_missing = kind is FailureKind.NOT_FOUND and track.misses >= MISSING_AT
        is_shut = kind is FailureKind.RATE_LIMIT and (error.retry_after_s or 0.0) > LONGEST_HOLD_S
        if kind is FailureKind.AUTH or is_missing or is_shut:
            breaker.given_up = error
            return True
        if kind in TROUBLE:
            breaker.failed(error)
        elif kind is FailureKind.RATE_LIMIT:
            breaker.refused()
        elif kind is FailureKind.NOT_FOUND:
            track.misses += 1
        else:
            track.misses = 0
            breaker.answered()
        is_dead = breaker.is_hopeless or (kind is FailureKind.RATE_LIMIT and breaker.is_starved(track.pace.refusals))
        if is_dead and (kind is FailureKind.INVALID_RESPONSE or not self._others_answer(track)):
            breaker.given_up = error
            return True
        if kind in TROUBLE and breaker.is_open:
            return False  # the model is at fault, not the call: it is tried again when the model answers
        if kind is FailureKind.RATE_LIMIT and breaker.silent_s < time.perf_counter() - begin:
            return False
        is_final = attempt >= ATTEMPTS.get(kind, 1)
        if is_final and kind is FailureKind.RATE_LIMIT:
            breaker.failed(error)
        return is_final

    def _others_answer(self, track: Track) -> bool:
        return any(
            not other.feed.is_empty and not other.breaker.is_open and not other.breaker.given_up
            for other in self._tracks
            if other is not track
        )

    def _forget(self, track: Track, error: CallError) -> None:
        """Make no more calls to a model that was given up: they are kept as never asked, with the reason."""
        self._outcome.given_up[track.model.name] = track.breaker.reason
        words = f"Not asked, because the calls before it failed: {error}"
        self._fail(track.feed.drain(), FailureKind(error.kind), words)

    def _fail(self, keys: Sequence[CallKey], kind: FailureKind, error: str) -> None:
        for key in keys:
            generation = Generation(failure=kind, error=error, sending=Sending(attempts=0), at=datetime.now(UTC))
            self._writer.put(StoredGeneration(key=key, generation=generation))

    def _stop(self, status: Status) -> None:
        self._outcome.stopped = self._outcome.stopped or status
        self._stopping.set()

    async def _sleep(self, seconds: float) -> None:
        """Sleep. Raises _Stopped as soon as the run stops."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), max(seconds, 0.0))
            raise _Stopped

    async def _watch(self) -> None:
        """Sample how late the loop is; see to it that a wish to stop is obeyed, and tell what holds calls back."""
        told: list[Notice] = []
        of_shut = [Notice(provider=shut.name, kind=NoticeKind.UNASKABLE, why=shut.why) for shut in self._shut]
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(LAG_EVERY_S)
            self._outcome.lags_s.append(max(time.perf_counter() - begin - LAG_EVERY_S, 0.0))
            wanted = Status.FAILED if self._writer.error else self._listener.wanted
            if wanted is not None:
                self._stop(wanted)
            notices = of_shut + [notice for track in self._tracks if (notice := track.notice()) is not None]
            if [(n.kind, n.why) for n in notices] != [(n.kind, n.why) for n in told]:
                told = notices
                self._listener.tell(notices)
