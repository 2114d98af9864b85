"""One queue, one writer thread: answers reach the store within 50 ms without ever stalling the event loop.

A locked database or a full disk is waited for, because the answers in hand are paid for.
"""

import math
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from advisor.errors import StoreError
from advisor.store import Store
from advisor.store.run.generations import StoredGeneration, save_generations
from advisor.types import Run

BATCH_ROWS = 200
BATCH_S = 0.025
"""With the commit an answer is stored within 50 ms."""
MOST_WAITING = 2000
"""While a store is locked or full, answers wait in memory: not without end, since a kill would lose them."""
BEHIND_S = 0.5
"""While a batch waits longer than this for the store, no more calls are made."""


class Writer:
    """Stores generations of one run in the background. Use as a context manager; leaving it waits for the last row."""

    def __init__(self, store: Store, run: Run) -> None:
        self._store, self._run = store, run
        self._queue: queue.SimpleQueue[StoredGeneration | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=f"writer-{run.id}", daemon=True)
        self._saving_since = math.inf
        self.error: StoreError | None = None
        """Set when the store stayed closed to us for too long: the run must stop."""

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()

    def put(self, stored: StoredGeneration) -> None:
        """Hand over one answer."""
        self._queue.put(stored)

    @property
    def is_behind(self) -> bool:
        """Whether so many answers wait for the store that no more calls should be made."""
        return self._queue.qsize() > MOST_WAITING or time.monotonic() - self._saving_since > BEHIND_S

    def _work(self) -> None:
        is_over = False
        while not is_over:
            batch, is_over = self._collect()
            self._saving_since = time.monotonic()
            try:
                self._save(batch)
            except StoreError as error:
                self.error = error
            except Exception as error:  # whatever it is, the run must stop: answers are paid for and would be lost
                self.error = StoreError(f"Can't store answers ({type(error).__name__}: {error}).")
            self._saving_since = math.inf

    def _collect(self) -> tuple[list[StoredGeneration], bool]:
        """The next batch, and whether it is the last: what came within 25 ms, or a full one at once."""
        batch: list[StoredGeneration] = []
        stored = self._queue.get()
        if stored is not None and self._queue.qsize() < BATCH_ROWS:
            time.sleep(BATCH_S)
        while stored is not None:
            batch.append(stored)
            if len(batch) == BATCH_ROWS or self._queue.empty():
                return batch, False
            stored = self._queue.get()
        return batch, True

    def _save(self, batch: list[StoredGeneration]) -> None:
        if self.error is not None:  # was waited for long enough
            save_generations(self._store, self._run, batch)
        else:
            patiently(lambda: save_generations(self._store, self._run, batch))


PATIENCE_S = 180.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

Result = TypeVar("Result")


def patiently(act: Callable[[], Result]) -> Result:
    """What ``act`` gives, tried again while the store refuses for a passing reason. Raises StoreError at last."""
    give_up, pause = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S
    while True:
        try:
            return act()
        except StoreError as error:
            if not error.passing or time.monotonic() > give_up:
                raise
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
