"""How fast one model may be asked: learnt from what its provider says and from its refusals.

Three things hold a call back before it is sent, and none of them counts as latency: a wait the provider asked for
(Retry-After), the requests and tokens its headers say are left, and the number of calls in flight, which is halved by
a refusal and grows again by one per round of answers (additive increase, multiplicative decrease as in RFC 5681).
"""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from advisor.types import Allowance, Quota

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
"""The longest wait that no provider asked for."""
LONGEST_HOLD_S = 900.0
"""The longest wait that is obeyed; a provider that asks for more is given up for this run."""


class Ticket(NamedTuple):
    """One call that was let through."""

    at: float
    """By the clock of the pace."""
    tokens: float
    sent: int
    """Calls let through before it and with it."""
    tokens_sent: float


@dataclass
class _Bucket:
    """What is left of one quota: taken by calls, refilled with time."""

    quota: Quota | None = None
    level: float = 0.0
    at: float = 0.0

    def hear(self, quota: Quota, now: float, sent_since: float) -> None:
        """The provider's own count goes before ours, less what it had not seen when it counted."""
        self.quota, self.level, self.at = quota, quota.left - sent_since, now

    def wait_s(self, amount: float, now: float) -> float:
        """Until ``amount`` is there; one larger than the whole quota waits for a full one."""
        if self.quota is None:
            return 0.0
        self._refill(now)
        missing = min(amount, self.quota.limit) - self.level
        rate = self._rate()
        return 0.0 if missing <= 0 else missing / rate if rate else self.quota.reset_s

    def _refill(self, now: float) -> None:
        if self.quota is not None:
            self.level = min(self.level + self._rate() * (now - self.at), self.quota.limit)
            self.at = now

    def _rate(self) -> float:
        """Units a second, by the provider's own word: what is gone comes back by the reset."""
        if self.quota is None or self.quota.reset_s <= 0:
            return math.inf
        return max(self.quota.limit - self.quota.left, 1.0) / self.quota.reset_s


class Pace:
    """The limits of one model. ``sleep`` and ``now`` are those of the event loop, and injected in tests."""

    def __init__(self, *, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._now, self._sleep = now, sleep
        self._requests, self._tokens = _Bucket(), _Bucket()
        self._line = asyncio.Lock()
        self._room = asyncio.Event()
        self._in_flight = 0
        self._sent, self._tokens_sent = 0, 0.0
        self._slots = math.inf
        self._cut_at = -math.inf
        self.refusals = 0
        """In a row; those of calls that were on their way together count as one."""
        self.held_until = -math.inf
        """By the clock of ``now``."""
        self.limit = math.inf
        """Calls in flight at most, where several processes share what is allowed."""

    async def enter(self, tokens: float) -> Ticket:
        """Wait until a call of about so many tokens may be sent, in order of arrival; every enter needs a leave."""
        if self._line.locked() or self._wait_s(tokens) > 0:
            async with self._line:
                while (wait_s := self._wait_s(tokens)) > 0:
                    if wait_s == math.inf:
                        self._room.clear()
                        await self._room.wait()
                    else:
                        await self._sleep(wait_s)
        self._requests.level -= 1
        self._tokens.level -= tokens
        self._in_flight += 1
        self._sent += 1
        self._tokens_sent += tokens
        return Ticket(self._now(), tokens, self._sent, self._tokens_sent)

    def leave(self) -> None:
        """A call is over, however it ended."""
        self._in_flight -= 1
        self._room.set()

    def answered(self, ticket: Ticket, allowance: Allowance | None) -> None:
        """A call was answered: the provider takes calls, and perhaps says how many more."""
        self.refusals = 0
        self._slots += 1 / self._slots
        self.hear(ticket, allowance)

    def hear(self, ticket: Ticket, allowance: Allowance | None) -> None:
        """What the headers that came back for a call say."""
        if allowance is None:
            return
        now = self._now()
        if allowance.requests is not None:
            self._requests.hear(allowance.requests, now, self._sent - ticket.sent)
        if allowance.tokens is not None:
            self._tokens.hear(allowance.tokens, now, self._tokens_sent - ticket.tokens_sent)

    def refused(self, ticket: Ticket, retry_after_s: float | None) -> None:
        """A call was refused for being one too many. Where a wait that was asked for has not helped, it gets longer."""
        now = self._now()
        if ticket.at > self._cut_at:
            self._slots = max(min(self._slots, self._in_flight) / 2, 1.0)
            self._cut_at = now
            self.refusals += 1
            longer = self.refusals - 1 if retry_after_s is None else self.refusals - 2
            if longer >= 0:
                pause = min(FIRST_PAUSE_S * 2 ** min(longer, 10), LONGEST_PAUSE_S)
                self.hold(now + pause * random.uniform(0.7, 1.3))
        if retry_after_s is not None:
            self.hold(now + min(retry_after_s, LONGEST_HOLD_S))

    def hold(self, until: float) -> None:
        """Send nothing before ``until``."""
        self.held_until = max(self.held_until, until)

    @property
    def wait_s(self) -> float:
        """How long a small call would wait now for the provider, 0 if not at all."""
        now = self._now()
        return max(self.held_until - now, self._requests.wait_s(1, now), self._tokens.wait_s(1, now), 0.0)

    def _wait_s(self, tokens: float) -> float:
        now = self._now()
        if self._in_flight >= max(min(self._slots, self.limit), 1.0):
            return math.inf
        return max(self.held_until - now, self._requests.wait_s(1, now), self._tokens.wait_s(tokens, now), 0.0)
