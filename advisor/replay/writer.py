"""One queue, one writer thread: answers reach the store within 50 ms without ever stalling the event loop.

A locked database or a full disk is waited for, because the answers in hand are paid for.
"""

import queue
import threading
import time

from advisor.errors import StoreError
from advisor.replay.patience import patiently
from advisor.store import Store
from advisor.store.generations import StoredGeneration, save_generations

BATCH_ROWS = 200
BATCH_S = 0.05


class Writer:
    """Stores generations of one run in the background. Use as a context manager; leaving it waits for the last row."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store, self._run_id = store, run_id
        self._queue: queue.Queue[StoredGeneration | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name=f"writer-{run_id}", daemon=True)
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

    def _work(self) -> None:
        open_ = True
        while open_:
            first = self._queue.get()
            if first is None:
                return
            batch, deadline = [first], time.monotonic() + BATCH_S
            while len(batch) < BATCH_ROWS and (left := deadline - time.monotonic()) > 0:
                try:
                    following = self._queue.get(timeout=left)
                except queue.Empty:
                    break
                if following is None:
                    open_ = False
                    break
                batch.append(following)
            try:
                self._save(batch)
            except StoreError as error:
                self.error = error
            except Exception as error:  # whatever it is, the run must stop: answers are paid for and would be lost
                self.error = StoreError(f"Answers cannot be stored ({type(error).__name__}: {error}).")

    def _save(self, batch: list[StoredGeneration]) -> None:
        if self.error is not None:  # was waited for long enough
            save_generations(self._store, self._run_id, batch)
            return
        patiently(lambda: save_generations(self._store, self._run_id, batch))
