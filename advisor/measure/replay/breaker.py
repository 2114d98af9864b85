"""Whether a model answers at all: one that does not is tried seldom, and given up when waiting has no sense."""

import asyncio
from collections.abc import Awaitable, Callable

from advisor.errors import CallError
from advisor.text.names import FAILURES
from advisor.types import FailureKind

OPENS_AT = 8
"""A model does not answer when so many tries in a row failed through no fault of the call."""
DEAD_S = 15.0
"""How long a model that has not answered yet is waited for."""
OUTAGE_S = 60.0
"""How long one that has is."""
STARVED_S = 600.0
"""How long one is waited for that says nothing but that it got too many calls, from the first time it says so."""
NEVER_FED_S = 90.0
"""The same of one that has not answered yet: most quotas go by the minute, and the judges wait for the answers."""
STARVED_AT = 3
"""How often in a row it says so at least: the waits it asks for may be long."""
FIRST_TRY_S = 0.5
LAST_TRY_S = 20.0
"""Between two tries of a model that does not answer; the pause doubles from the first to the last."""
TROUBLE = (FailureKind.SERVER, FailureKind.NETWORK, FailureKind.TIMEOUT, FailureKind.INVALID_RESPONSE)
"""The tries that say something about the model, not about the call."""


class Breaker:
    """Watches the tries of one model. ``sleep`` and ``now`` are those of the event loop."""

    def __init__(self, *, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._now, self._sleep = now, sleep
        self._turn = asyncio.Lock()
        self._failures = 0
        self._pauses = 0
        self._answered = False
        self._silent_since = now()
        self._refused_since: float | None = None
        self._error: CallError | None = None
        self.given_up: CallError | None = None
        """Why no more calls are made to this model in this run."""

    @property
    def is_open(self) -> bool:
        """Whether the model is tried seldom."""
        return self._failures >= OPENS_AT

    @property
    def silent_s(self) -> float:
        """Seconds since the last answer, or since the beginning."""
        return self._now() - self._silent_since

    def answered(self) -> None:
        """The model works, even if it said no to this one call."""
        self._answered, self._failures, self._pauses, self._silent_since = True, 0, 0, self._now()
        self._refused_since = None

    @property
    def reason(self) -> str:
        """Why it was given up, or the last failed try, in words for a person."""
        error = self.given_up or self._error
        return f"{FAILURES[FailureKind(error.kind)]} ({error})" if error else ""

    def failed(self, error: CallError) -> None:
        """One try failed through no fault of the call."""
        self._failures, self._error = self._failures + 1, error

    def refused(self) -> None:
        """One try was one too many."""
        if self._refused_since is None:
            self._refused_since = self._now()

    @property
    def is_hopeless(self) -> bool:
        """Whether it has been silent for longer than makes sense to wait."""
        return self.is_open and self.silent_s >= (OUTAGE_S if self._answered else DEAD_S)

    def is_starved(self, refusals: int) -> bool:
        """Whether it has refused every call, so many times in a row, for longer than makes sense to wait."""
        since = self._refused_since
        patience_s = STARVED_S if self._answered else NEVER_FED_S
        return since is not None and refusals >= STARVED_AT and self._now() - since >= patience_s

    async def wait(self) -> None:
        """Until the next try may be made: at once while all is well, else one at a time, further and further apart."""
        while self.is_open and not self.given_up:
            async with self._turn:
                if self.is_open and not self.given_up:
                    await self._sleep(min(FIRST_TRY_S * 2**self._pauses, LAST_TRY_S))
                    self._pauses = min(self._pauses + 1, 10)
                    return
