"""Limits learnt on the way, on a clock that stands still unless somebody sleeps."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable

import pytest

from advisor.errors import CallError
from advisor.measure.replay.breaker import (
    DEAD_S,
    LAST_TRY_S,
    NEVER_FED_S,
    OPENS_AT,
    OUTAGE_S,
    STARVED_AT,
    STARVED_S,
    Breaker,
)
from advisor.measure.replay.pace import LONGEST_HOLD_S, Pace, Ticket
from advisor.types import Allowance, FailureKind, Quota


class Time:
    """Time that passes only while everybody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, wake))
        await wake

    async def pass_by(self) -> None:
        """Let everybody run, waking the next sleeper whenever all sleep."""
        while True:
            for _ in range(200):
                await asyncio.sleep(0)
            if not self._sleepers:
                return
            self.now, _, wake = heapq.heappop(self._sleepers)
            if not wake.done():
                wake.set_result(None)


def run(scenario: Callable[[Time], Awaitable[None]]) -> None:
    async def main() -> None:
        time = Time()
        task = asyncio.ensure_future(scenario(time))
        while not task.done():
            await time.pass_by()
            await asyncio.sleep(0)
        await task

    asyncio.run(asyncio.wait_for(main(), 10))


def pace_of(time: Time) -> Pace:
    return Pace(now=lambda: time.now, sleep=time.sleep)


def test_nothing_is_held_back_before_anything_is_known() -> None:
    async def scenario(time: Time) -> None:
        pace = pace_of(time)
        for _ in range(1000):
            await pace.enter(1e6)
        assert time.now == 0

    run(scenario)


def test_the_wait_that_a_provider_asks_for_is_kept_by_everybody() -> None:
    async def scenario(time: Time) -> None:
        pace = pace_of(time)
        pace.refused(await pace.enter(1), 30.0)
        pace.leave()
        for _ in range(3):
            await pace.enter(1)
            pace.leave()
        assert time.now == 30.0

    async def unreasonable(time: Time) -> None:
        pace = pace_of(time)
        pace.refused(await pace.enter(1), 1e9)
        assert pace.wait_s == LONGEST_HOLD_S

    run(scenario)
    run(unreasonable)


def test_a_short_wait_that_was_kept_in_vain_gets_longer() -> None:
    async def scenario(time: Time) -> None:
        pace = pace_of(time)
        for _ in range(12):  # else a lane of one call at a time had failed two calls within two seconds
            pace.refused(await pace.enter(1), 0.2)
            pace.leave()
        assert time.now > 60
        pace.answered(await pace.enter(1), None)
        before = time.now
        pace.refused(await pace.enter(1), 0.2)
        assert pace.held_until == before + 0.2, "once it has answered its word is enough"

    run(scenario)


def test_refusals_without_a_wait_halve_the_calls_in_flight_and_answers_let_them_grow() -> None:
    async def scenario(time: Time) -> None:
        pace = pace_of(time)
        for ticket in [await pace.enter(1) for _ in range(16)]:  # were on their way together: one refusal
            pace.refused(ticket, None)
        for _ in range(16):
            pace.leave()
        assert 0.3 < pace.held_until < 0.8, "and a first short pause"
        assert await most_at_once(pace, time) == 8
        for _ in range(8 + 9):
            pace.answered(Ticket(time.now, 1, 0, 0), None)
        assert await most_at_once(pace, time) == 10

    run(scenario)


async def most_at_once(pace: Pace, time: Time) -> int:
    """How many calls are let through while none is over."""
    waiting = [asyncio.ensure_future(pace.enter(1)) for _ in range(20)]
    await time.sleep(1)
    through = sum(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for _ in range(through):
        pace.leave()
    return through


def test_the_requests_that_a_header_says_are_left_are_not_overdrawn() -> None:
    """A limit of 60 a minute that refills steadily: 120 calls take a minute, and none comes too early."""

    async def scenario(time: Time) -> None:
        pace, limit, level, at = pace_of(time), 60.0, 60.0, 0.0
        for _ in range(120):
            ticket = await pace.enter(100)
            level, at = min(level + (time.now - at), limit), time.now
            assert level >= 1 - 1e-6, f"refused after {time.now} s"
            level -= 1
            pace.answered(ticket, Allowance(requests=Quota(limit, level, limit - level)))
            pace.leave()
        assert 59 <= time.now <= 63

    run(scenario)


def test_the_tokens_that_a_header_says_are_left_are_not_overdrawn() -> None:
    async def scenario(time: Time) -> None:
        pace = pace_of(time)
        first = await pace.enter(400)
        pace.answered(first, Allowance(tokens=Quota(1000, 600, 24.0)))
        await pace.enter(600)
        assert time.now == 0
        await pace.enter(400)
        assert time.now == pytest.approx(24.0), "400 of 1,000 come back in 24 s"
        await pace.enter(5000)
        assert time.now == pytest.approx(24.0 + 60.0), "more than there ever is waits for all there is"

    run(scenario)


def test_what_was_sent_after_the_provider_counted_is_taken_off() -> None:
    async def scenario(time: Time) -> None:
        pace = pace_of(time)
        first = await pace.enter(1)
        for _ in range(5):
            await pace.enter(1)
        pace.answered(first, Allowance(requests=Quota(100, 5, 60.0)))
        assert pace.wait_s > 0, "the five that are left are on their way"

    run(scenario)


def breaker_of(time: Time) -> Breaker:
    return Breaker(now=lambda: time.now, sleep=time.sleep)


def test_a_model_that_does_not_answer_is_tried_one_call_at_a_time_and_seldom() -> None:
    async def scenario(time: Time) -> None:
        breaker = breaker_of(time)
        breaker.answered()
        for _ in range(OPENS_AT):
            await breaker.wait()
            breaker.failed(CallError("no", kind=FailureKind.SERVER))
        assert time.now == 0
        tries: list[float] = []

        async def slot() -> None:
            while len(tries) < 12:
                await breaker.wait()
                tries.append(time.now)
                breaker.failed(CallError("no", kind=FailureKind.SERVER))

        await asyncio.gather(*(slot() for _ in range(8)))
        gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
        assert all(gap > 0 for gap in gaps)
        assert max(gaps) == LAST_TRY_S
        assert breaker.is_hopeless
        breaker.answered()
        before = time.now
        await breaker.wait()
        assert (time.now, breaker.is_open, breaker.is_hopeless) == (before, False, False)

    run(scenario)


def test_what_starves_a_model_is_refusals_and_neither_silence_nor_one_long_wait_that_it_asked_for() -> None:
    async def scenario(time: Time) -> None:
        breaker = breaker_of(time)
        breaker.answered()
        await time.sleep(STARVED_S)  # until a quota is full again
        breaker.refused()
        assert not breaker.is_starved(STARVED_AT)
        await time.sleep(STARVED_S)
        breaker.refused()
        assert not breaker.is_starved(STARVED_AT - 1)
        assert breaker.is_starved(STARVED_AT)
        breaker.answered()
        assert not breaker.is_starved(STARVED_AT)

    run(scenario)


def test_a_model_that_only_ever_refused_is_waited_for_a_minute_and_a_half() -> None:
    async def scenario(time: Time) -> None:
        breaker = breaker_of(time)
        breaker.refused()
        await time.sleep(NEVER_FED_S - 1)
        assert not breaker.is_starved(STARVED_AT)
        await time.sleep(1)
        assert breaker.is_starved(STARVED_AT)

    run(scenario)


def test_a_model_that_never_answered_is_hopeless_sooner() -> None:
    async def scenario(time: Time) -> None:
        dead, down = breaker_of(time), breaker_of(time)
        down.answered()
        for breaker in (dead, down):
            for _ in range(OPENS_AT):
                breaker.failed(CallError("refused", kind=FailureKind.NETWORK))
        assert not dead.is_hopeless
        await time.sleep(DEAD_S)
        assert (dead.is_hopeless, down.is_hopeless) == (True, False)
        await time.sleep(OUTAGE_S - DEAD_S)
        assert down.is_hopeless

    run(scenario)
