"""The sign of life of a run: who works on it, whether they still do, and what a person asked for meanwhile."""

import os
import socket
import threading

from advisor.errors import AdvisorError
from advisor.store import Store
from advisor.store.runs import beat_run
from advisor.types import Notice, Status

BEAT_S = 1.0


def owner_name() -> str:
    """This process, as it signs a run: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_dead_here(owner: str | None) -> bool:
    """Whether a run's owner was a process of this machine that no longer lives."""
    host, _, pid = (owner or "").rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Heart:
    """Beats in a thread of its own, so that a busy loop cannot make a run look dead."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store, self._run_id = store, run_id
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heart-{run_id}", daemon=True)
        self.wanted: Status | None = None
        """What a person asked for: paused or cancelled."""
        self.notices: list[Notice] = []
        """What holds calls back, told with the next beat."""

    def __enter__(self) -> "Heart":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def tell(self, notices: list[Notice]) -> None:
        """Replace what was told before."""
        self.notices = notices

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                self.wanted = self.wanted or beat_run(self._store, self._run_id, owner_name(), self.notices)
            except AdvisorError:
                continue  # a locked database: the next beat may get through
