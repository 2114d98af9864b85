"""One model of a run: its calls, how it is asked, and what was learnt about its provider on the way."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from advisor.llm.builtin import BUILTIN_CONCURRENCY
from advisor.llm.client import Client
from advisor.measure.replay.breaker import Breaker
from advisor.measure.replay.calls import Call
from advisor.measure.replay.pace import Pace
from advisor.store.run.generations import CallKey
from advisor.types import FailureKind, Model, Notice, NoticeKind, Role, RunOptions

BATCH = 200

Load = Callable[[Sequence[CallKey]], list[Call]]


class Feed:
    """Hands out calls to the slots of one model. Belongs to one event loop."""

    def __init__(self, keys: Sequence[CallKey], load: Load, *, ahead: int) -> None:
        """``load`` makes calls of keys and runs in a thread; ``ahead`` calls are kept ready."""
        self._keys, self._load, self._ahead = deque(keys), load, max(ahead, BATCH)
        self._ready: deque[Call] = deque()
        self._loading: asyncio.Task[None] | None = None

    async def next(self) -> Call | None:
        """The next call; None when there is none left. Raises what loading raised."""
        while True:
            if self._keys and self._loading is None and len(self._ready) < self._ahead:
                self._loading = asyncio.create_task(self._fill())
            if self._ready:
                return self._ready.popleft()
            if self._loading is None:
                return None
            await asyncio.shield(self._loading)

    def drain(self) -> list[CallKey]:
        """The keys that nobody will ask for; afterwards there is none left."""
        left = [call.key for call in self._ready] + list(self._keys)
        self._ready.clear()
        self._keys.clear()
        return left

    @property
    def is_empty(self) -> bool:
        """Whether every call has been handed out."""
        return not (self._keys or self._ready or self._loading)

    async def _fill(self) -> None:
        try:
            batch = [self._keys.popleft() for _ in range(min(BATCH, len(self._keys)))]
            self._ready.extend(await asyncio.to_thread(self._load, batch))
        finally:
            self._loading = None


SHOWN_FROM_S = 2.0
"""A shorter wait for a provider is not worth a word on the page."""


@dataclass
class Track:
    """What the engine follows, one for each model."""

    model: Model
    client: Client
    feed: Feed
    concurrency: int
    timeout_s: float
    provider: str
    """Where its calls go, in words for a person."""
    is_warm: bool = True
    """False: it gets a first call that is not counted."""
    pace: Pace = field(init=False)
    breaker: Breaker = field(init=False)
    misses: int = field(init=False, default=0)
    """How often in a row the provider said that it doesn't have the model."""

    def start(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Nothing is known yet; ``sleep`` is the engine's, which wakes up when the run stops."""
        self.pace = Pace(now=time.perf_counter, sleep=sleep)
        self.breaker = Breaker(now=time.perf_counter, sleep=sleep)

    def notice(self) -> Notice | None:
        """What holds its calls back right now, if anything does for long."""
        if self.breaker.given_up:
            kind, why, wait_s = NoticeKind.GIVEN_UP, self.breaker.reason, 0.0
        elif self.breaker.is_open:
            kind, why, wait_s = NoticeKind.UNANSWERING, self.breaker.reason, 0.0
        elif not self.feed.is_empty and (wait_s := self.pace.wait_s) > SHOWN_FROM_S:
            kind, why = NoticeKind.THROTTLED, ""
        else:
            return None
        until = datetime.now(UTC) + timedelta(seconds=wait_s) if wait_s else None
        return Notice(provider=f"{self.model.name} ({self.provider})", kind=kind, why=why, until=until)


class Shut(NamedTuple):
    """A model that can't be asked from here, with the calls that were meant for it."""

    name: str
    feed: Feed
    why: str
    """Such as a key that isn't set."""
    kind: FailureKind


def clocks_of(tracks: Sequence[Track], told: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """Names of models by how their latencies are taken; ``told`` stays where it names them all."""
    ways: dict[str, list[str]] = {}
    for track in tracks:
        if track.model.role is not Role.JUDGE:
            ways.setdefault(track.client.clock, []).append(track.model.name)
    known = {name for names in told.values() for name in names}
    return told if known.issuperset(name for names in ways.values() for name in names) else ways


TIMEOUT_S = 90.0
BUILTIN_TIMEOUT_S = 600.0
"""The built-in model shares this machine's cores with everything else."""


def slots_of(model: Model, options: RunOptions) -> int:
    """Calls of a model in flight at a time, in the whole run."""
    most = options.concurrency
    return min(most, BUILTIN_CONCURRENCY) if model.is_builtin else most


def timeout_of(model: Model) -> float:
    """Seconds for which a model may be silent."""
    return BUILTIN_TIMEOUT_S if model.is_builtin else TIMEOUT_S
