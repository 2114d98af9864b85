"""Makes the calls of a run: bounded concurrency per model, retries with back-off, time-outs, budget, stop on demand.

Every model has its own queue in random order and its own slots, so that the lanes run side by side and a slow
provider stalls nobody else. Waiting in our own queue, back-off and retries never count as latency.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from advisor.catalog.prices import price_call
from advisor.errors import CallError
from advisor.llm.client import Client
from advisor.replay.budget import Budget
from advisor.replay.calls import Call
from advisor.store.generations import StoredGeneration
from advisor.types import FailureKind, Generation, Model, Status, Usage

ATTEMPTS = {
    FailureKind.RATE_LIMIT: 6,
    FailureKind.SERVER: 4,
    FailureKind.NETWORK: 4,
    FailureKind.TIMEOUT: 2,
    FailureKind.INVALID_RESPONSE: 2,
}
"""How often one call is tried; every other failure is final at once."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
BREAKER = 8
BREAKER_S = 60.0
"""A model is given up for this run when so many calls in a row failed for good and it has not answered for so long."""
COOLING_S = 5.0
"""The longest wait before the next call to a model that fails: a short outage must not eat the queue."""
LAG_EVERY_S = 0.02
IMMEDIATELY_FATAL = (FailureKind.AUTH,)
NO_TROUBLE = (FailureKind.BAD_REQUEST, FailureKind.CONTEXT_OVERFLOW, FailureKind.CONTENT_FILTER)
"""The provider works and said no to this one call."""


@dataclass
class Outcome:
    """What happened, besides the stored generations."""

    stopped: Status | None = None
    """BUDGET_EXCEEDED, or what a person asked for; None: all calls were made."""
    given_up: dict[str, str] = field(default_factory=dict)
    """Model name -> why no more calls were made to it."""
    wall_s: float = 0.0
    """First call sent to last answer."""
    lags_s: list[float] = field(default_factory=list)
    """How late the event loop was, sampled every 20 ms."""


class Engine:
    """One pass over a list of calls."""

    def __init__(
        self,
        *,
        clients: dict[int, Client],
        concurrency: dict[int, int],
        budget: Budget,
        stream: bool,
        timeout_s: dict[int, float],
        keep: Callable[[StoredGeneration], None],
        asked_to_stop: Callable[[], Status | None],
    ) -> None:
        """``clients``, ``concurrency`` and ``timeout_s`` are by model id; ``keep`` takes every finished call."""
        self._clients, self._concurrency = clients, concurrency
        self._budget, self._stream, self._timeout_s = budget, stream, timeout_s
        self._keep, self._asked_to_stop = keep, asked_to_stop
        self._outcome = Outcome()
        self._failures: dict[int, int] = {}
        self._answered_at: dict[int, float] = {}
        self._begin = time.perf_counter()
        self._rng = random.Random()

    async def run(self, calls: Sequence[Call]) -> Outcome:
        """Make all calls, or stop early; never raises for a failed call."""
        queues: dict[int, asyncio.Queue[Call]] = {}
        for call in calls:
            queues.setdefault(call.key.model_id, asyncio.Queue()).put_nowait(call)
        lag = asyncio.create_task(self._watch_lag())
        self._begin = begin = time.perf_counter()
        workers = [
            asyncio.create_task(self._work(waiting))
            for model_id, waiting in queues.items()
            for _ in range(min(self._concurrency[model_id], waiting.qsize()))
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            lag.cancel()
        self._outcome.wall_s = time.perf_counter() - begin
        return self._outcome

    async def _work(self, waiting: "asyncio.Queue[Call]") -> None:
        while not waiting.empty() and self._outcome.stopped is None:
            call = waiting.get_nowait()
            if call.model.name in self._outcome.given_up:
                self._keep(self._never_asked(call))
                continue
            if (wanted := self._asked_to_stop()) is not None:
                self._outcome.stopped = self._outcome.stopped or wanted
                return
            estimate = _estimate_usd(call)
            if not await self._reserve(estimate):
                self._outcome.stopped = self._outcome.stopped or Status.BUDGET_EXCEEDED
                return
            stored = await self._answer(call)
            self._budget.settle(estimate, stored.generation.cost_usd)
            self._keep(stored)
            await self._notice(call.model, stored.generation)

    async def _reserve(self, estimate_usd: float) -> bool:
        """Wait while calls in flight may turn out cheaper than reserved; False when the budget is really used up."""
        while not self._budget.reserve(estimate_usd):
            if self._outcome.stopped is not None or not self._budget.in_flight:
                return False
            await asyncio.sleep(0.05)
        return True

    async def _answer(self, call: Call) -> StoredGeneration:
        client, sent = self._clients[call.key.model_id], datetime.now(UTC)
        timeout_s = self._timeout_s[call.key.model_id]
        begin = time.perf_counter()
        attempt = 0
        while True:
            attempt += 1
            tried = time.perf_counter()
            try:
                generation = await asyncio.wait_for(
                    client.complete(call.request, stream=self._stream, timeout_s=timeout_s), timeout_s + 5
                )
            except TimeoutError:
                failure = CallError(f"No answer within {timeout_s:g} s.", kind=FailureKind.TIMEOUT, retry_after_s=None)
            except CallError as error:
                failure = error
            except Exception as error:  # one strange answer must never end the run
                text = f"The answer could not be read ({type(error).__name__})."
                failure = CallError(text, kind=FailureKind.INVALID_RESPONSE)
            else:
                return _priced(call, replace(generation, attempts=attempt, waited_s=tried - begin))
            kind = FailureKind(failure.kind)
            if attempt >= ATTEMPTS.get(kind, 1) or self._asked_to_stop() is not None:
                return StoredGeneration(
                    key=call.key,
                    generation=Generation(
                        failure=kind, error=str(failure), attempts=attempt, waited_s=tried - begin, at=sent
                    ),
                )
            await self._pause(attempt, failure.retry_after_s)

    async def _pause(self, attempt: int, retry_after_s: float | None) -> None:
        pause = FIRST_PAUSE_S * 2 ** (attempt - 1) * self._rng.uniform(0.7, 1.3)
        await asyncio.sleep(min(max(pause, retry_after_s or 0.0), LONGEST_PAUSE_S))

    async def _notice(self, model: Model, generation: Generation) -> None:
        model_id, now = model.id or 0, time.perf_counter()
        if generation.failure is None or generation.failure in NO_TROUBLE:
            self._failures[model_id], self._answered_at[model_id] = 0, now
            return
        self._failures[model_id] = failures = self._failures.get(model_id, 0) + 1
        silent_s = now - self._answered_at.get(model_id, self._begin)
        if generation.failure in IMMEDIATELY_FATAL or (failures >= BREAKER and silent_s >= BREAKER_S):
            self._outcome.given_up[model.name] = f"{generation.failure}: {generation.error}"
        else:
            await asyncio.sleep(min(FIRST_PAUSE_S * 2 ** min(failures - 1, 8), COOLING_S))

    def _never_asked(self, call: Call) -> StoredGeneration:
        why = self._outcome.given_up[call.model.name]
        kind, _, message = why.partition(": ")
        generation = Generation(
            failure=FailureKind(kind),
            error=f"Not asked, because the calls before it failed: {message}",
            attempts=0,
            at=datetime.now(UTC),
        )
        return StoredGeneration(key=call.key, generation=generation)

    async def _watch_lag(self) -> None:
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(LAG_EVERY_S)
            self._outcome.lags_s.append(max(time.perf_counter() - begin - LAG_EVERY_S, 0.0))


def _estimate_usd(call: Call) -> float:
    usage = Usage(input_tokens=call.input_tokens, output_tokens=call.output_tokens)
    priced = price_call(call.model, usage, datetime.now(UTC))
    return priced[0] if priced else 0.0


def _priced(call: Call, generation: Generation) -> StoredGeneration:
    priced = None
    if generation.usage is not None:
        priced = price_call(call.model, generation.usage, generation.at or datetime.now(UTC))
    cost_usd, source = priced if priced else (None, None)
    return StoredGeneration(key=call.key, generation=replace(generation, cost_usd=cost_usd), price_source=source)
