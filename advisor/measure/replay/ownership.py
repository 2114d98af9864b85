"""Who works on a run: the sign of life, what a person asked for meanwhile, and how the run ends."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np

from advisor.errors import AdvisorError, StoreError
from advisor.llm.failures import scrub
from advisor.llm.keys import mask_for
from advisor.measure.replay.engine import Outcome
from advisor.store import Store
from advisor.store.run.runs import beat_run, change_run
from advisor.store.run.tallies import tally_run
from advisor.store.run.workers import raise_lag
from advisor.text.progress import budget_ended, given_up
from advisor.types import Notice, Run, Status

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


@contextmanager
def owning(store: Store, run_id: int) -> Iterator[None]:
    """See to it that a run that ends by an error does not look as if somebody worked on it."""
    try:
        yield
    except AdvisorError as error:
        finished_at = None if isinstance(error, StoreError) else datetime.now(UTC)  # answers in hand were lost
        ended = {"status": Status.FAILED, "error": str(error), "finished_at": finished_at}
        change_run(store, run_id, by=owner_name(), resting=None, **ended)
        raise
    except Exception as error:
        why = scrub(f"A fault of the program ({type(error).__name__}: {error}). What is stored is kept.", mask_for())
        change_run(store, run_id, by=owner_name(), status=Status.FAILED, resting=None, error=why)
        raise
    except BaseException:  # interrupted: nobody works on it from here on, and what is stored is kept
        change_run(store, run_id, by=owner_name(), status=Status.PAUSED, resting=None)
        raise


def note_end(store: Store, run: Run, outcome: Outcome) -> None:
    """Keep how a run will end once it is scored."""
    tally = tally_run(store, run.id)
    status = outcome.stopped or (Status.FAILED if tally.planned and not tally.succeeded else Status.SUCCEEDED)
    notes = [f"{name} {given_up(why)}" for name, why in outcome.given_up.items()]
    raise_lag(store, run.id, lag_p99_s(outcome))
    change_run(
        store,
        run.id,
        by=owner_name(),
        resting=status,
        error=budget_ended(notes, is_budget_used_up=outcome.stopped is Status.BUDGET_EXCEEDED),
        finished_at=datetime.now(UTC),
        wall_s=(run.state.wall_s or 0.0) + outcome.wall_s,
    )


def lag_p99_s(outcome: Outcome) -> float:
    """Seconds by which the event loop was late, 99th percentile."""
    return float(np.quantile(outcome.lags_s, 0.99)) if outcome.lags_s else 0.0
