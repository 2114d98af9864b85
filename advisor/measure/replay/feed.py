"""The calls of one model in their order, loaded ahead of need: a long run stays small in memory."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from advisor.measure.replay.calls import Call
from advisor.store.generations import CallKey

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
