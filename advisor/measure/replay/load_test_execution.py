"""A load test: one model asked by more and more callers at a time, until its answers come too late.

Every step keeps so many calls in flight; its callers start spread over the time that one answer took before, because
all at once would be a burst. Nothing is tried again: a refused call is what the load did to the model. Only a call
that the model would refuse without any load (too long, filtered, not understood) is left out.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from advisor.analysis.load_test import Excess, between, excess, ladder, measure
from advisor.errors import AdvisorError, BadInput, CallError
from advisor.llm.builtin import builtin_server
from advisor.llm.client import Client
from advisor.llm.failures import scrub
from advisor.llm.keys import mask_for
from advisor.llm.opening import get_ready, open_client
from advisor.measure.replay.budget import Budget, estimate_usd, likely_usd, price_of
from advisor.measure.replay.calls import Call, sample_call
from advisor.measure.replay.load_step import Step
from advisor.measure.replay.probing import known_of, obstacle_of
from advisor.measure.replay.timing import quiet
from advisor.measure.replay.track import Feed, timeout_of
from advisor.measure.replay.writer import patiently
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.run.generations import CallKey
from advisor.store.run.load_tests import add_step, change_load_test, get_load_test
from advisor.types import (
    FailureKind,
    Generation,
    Lane,
    LoadEnd,
    LoadStep,
    LoadTest,
    Message,
    Progress,
    Status,
    StoredModel,
)

LAG_EVERY_S = 0.02
LISTEN_EVERY_S = 1.0
HOPELESS = frozenset({FailureKind.AUTH, FailureKind.NOT_FOUND})
"""No other call would fare better."""


class Ended(Exception):
    """A load test ended before its last step, as ``status``."""

    def __init__(self, status: Status, why: Message) -> None:
        super().__init__(why.code)
        self.status, self.why = status, why


class Climb(NamedTuple):
    """What a load test asks of whom."""

    model: StoredModel
    sample_ids: Sequence[int]
    """In the order in which they are asked about."""
    max_concurrency: int


def execute_load_test(
    store: Store,
    test: LoadTest,
    climb: Climb,
    *,
    say: Callable[[Progress], None],
) -> None:
    """Measure a load test that was begun and write how it ended; step after step.

    ``say`` is told now and then how far it is. What was measured stays, whatever happens. Raises BadInput or
    ModelUnavailable when the model cannot be used at all, StoreError when a step could not be stored.
    """
    runner, status = None, Status.FAILED
    why: Message | None = None
    try:
        with quiet(), ExitStack() as stack:
            base = stack.enter_context(builtin_server()) if climb.model.is_builtin else None
            get_ready([climb.model])
            client = open_client(climb.model, api_base=base, in_flight=climb.max_concurrency)
            runner = LoadRunner(store, test, climb, client=client, say=say)
            status, why = asyncio.run(runner.run())
    except AdvisorError as error:
        why = Message.of(LoadEnd.OTHER, error=str(error))
        raise
    except KeyboardInterrupt:
        status, why = Status.CANCELLED, Message.of(LoadEnd.INTERRUPTED)
        raise
    except BaseException as error:
        why = Message.of(LoadEnd.FAULT, error=scrub(f"{type(error).__name__}: {error}", mask_for()))
        raise
    finally:
        end = {"status": status, "ended_because": why, "finished_at": datetime.now(UTC), "wanted": None}
        spent = {"cost_usd": runner.cost_usd} if runner else {}
        patiently(lambda: change_load_test(store, test.id, **end, **spent))


class LoadRunner:
    """The steps of one load test, one after the other. Belongs to one event loop."""

    def __init__(
        self,
        store: Store,
        test: LoadTest,
        climb: Climb,
        *,
        client: Client,
        say: Callable[[Progress], None],
    ) -> None:
        """``client`` is closed at the end of the test."""
        self._store, self._test, self._model, self._say = store, test, climb.model, say
        self._client, self._most = client, climb.max_concurrency
        self._budget = Budget(cap_usd=test.budget_usd)
        keys = [CallKey(id_, Lane.CANDIDATE, climb.model.id, 1) for id_ in climb.sample_ids]
        self._feed = Feed(keys, lambda batch: patiently(lambda: self._load(batch)), ahead=2 * climb.max_concurrency)
        self._step = Step(1)
        self._ended: Ended | None = None
        self._unpriced = False
        self._error = ""

    @property
    def cost_usd(self) -> float | None:
        """Spent so far; None when an answer had no price."""
        return None if self._unpriced else self._budget.spent_usd

    async def run(self) -> tuple[Status, Message]:
        """Measure all steps; returns how it ended and why."""
        beside = [asyncio.create_task(self._sample_lag()), asyncio.create_task(self._listen())]
        try:
            return Status.SUCCEEDED, await self._climb()
        except Ended as ended:
            return ended.status, ended.why
        finally:
            for task in beside:
                task.cancel()
            await self._client.close()

    async def _climb(self) -> Message:
        """Step after step until one is beyond the limits, then once between it and the last good one."""
        good: LoadStep | None = None
        for concurrency in ladder(self._most):
            step = await self._measure(concurrency, good)
            if (broken := excess(step, self._test.limits)) is not None:
                why = self._beyond(step, broken)
                if good is not None and (middle := between(good.concurrency, concurrency)):
                    await self._measure(middle, good)
                return why
            good = step
        return Message.of(LoadEnd.WITHIN_LIMITS, concurrency=self._most)

    async def _measure(self, concurrency: int, before: LoadStep | None) -> LoadStep:
        step = self._step = Step(concurrency)
        before_step = len(self._client.lags_s)
        spread_s = before.times.latency_p50_s if before and before.times.latency_p50_s else 0.0
        await asyncio.gather(*(self._ask_on(step, spread_s * n / concurrency) for n in range(concurrency)))
        if self._ended is not None:
            raise self._ended
        if step.closed_at is None or not step.answers:
            raise Ended(Status.FAILED, Message.of(LoadEnd.NOTHING_MEASURED, error=self._error))
        lags_s = [*step.lags_s, *self._client.lags_s[before_step:]]
        measured = measure(concurrency, step.answers, wall_s=step.wall_s, lags_s=lags_s, limits=self._test.limits)
        await asyncio.to_thread(patiently, lambda: add_step(self._store, self._test.id, measured, self.cost_usd))
        return measured

    def _load(self, keys: Sequence[CallKey]) -> list[Call]:
        samples = {sample.id: sample for sample in load_samples(self._store, [key.sample_id for key in keys])}
        calls = [sample_call(key, self._model, samples[key.sample_id]) for key in keys if key.sample_id in samples]
        return [call for call in calls if obstacle_of(call, known_of(self._model)) is None]

    async def _ask_on(self, step: Step, delay_s: float) -> None:
        """One caller: one call after the other until the step is over."""
        await asyncio.sleep(delay_s)
        while step.closed_at is None and self._ended is None and (call := await self._feed.next()) is not None:
            estimate = estimate_usd(call)
            if not self._budget.reserve(estimate):
                self._end(Status.BUDGET_EXCEEDED, LoadEnd.BUDGET_SPENT)
                return
            generation = await self._ask(call)
            self._budget.settle(estimate, likely_usd(call, generation))
            step.take(generation, time.perf_counter())

    async def _ask(self, call: Call) -> Generation:
        try:
            generation = await self._client.complete(
                call.request, stream=self._test.stream, timeout_s=timeout_of(self._model)
            )
        except CallError as error:
            failure, self._error = FailureKind(error.kind), str(error)
            if failure in HOPELESS:
                why = Message.of(LoadEnd.UNUSABLE, error=self._error)
                self._ended = self._ended or Ended(Status.FAILED, why)
            return Generation(failure=failure)
        except Exception as error:  # one strange answer must never end the test
            self._error = f"Can't read the answer ({type(error).__name__})."
            return Generation(failure=FailureKind.INVALID_RESPONSE)
        cost_usd = price_of(call, generation.usage) if generation.usage else None
        self._unpriced |= cost_usd is None
        return replace(generation, cost_usd=cost_usd)

    def _beyond(self, step: LoadStep, broken: Excess) -> Message:
        return Message.of(
            LoadEnd.BEYOND_LIMITS,
            concurrency=step.concurrency,
            **broken._asdict(),
            error=self._error if step.failed else "",
            machine_bound=step.is_machine_bound,
        )

    def _end(self, status: Status, code: LoadEnd) -> None:
        self._ended = self._ended or Ended(status, Message.of(code, concurrency=self._step.concurrency))

    async def _sample_lag(self) -> None:
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(LAG_EVERY_S)
            if self._step.is_open:
                self._step.lags_s.append(max(time.perf_counter() - begin - LAG_EVERY_S, 0.0))

    async def _listen(self) -> None:
        """Say how far it is; obey a wish to stop."""
        while True:
            await asyncio.sleep(LISTEN_EVERY_S)
            self._say(self._step.progress)
            if await asyncio.to_thread(self._is_unwanted):
                self._end(Status.CANCELLED, LoadEnd.CANCELLED)

    def _is_unwanted(self) -> bool:
        """Whether a person cancelled or deleted it meanwhile."""
        try:
            test = get_load_test(self._store, self._test.id)
        except BadInput:
            return True
        except AdvisorError:
            return False  # a locked database: the next look may get through
        return test.wanted is not None or test.status is not Status.RUNNING
