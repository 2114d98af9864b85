"""Workers on several machines: jobs are done as by one worker, and between them the runs of others are helped along."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError, BadInput
from advisor.jobs.work import POLL_S, work
from advisor.measure.replay.execution import help_run
from advisor.store import Store
from advisor.store.deletion import queue_forgotten
from advisor.store.jobs import has_import
from advisor.store.models import list_models
from advisor.store.run.runs import get_run, is_stale
from advisor.store.run.workers import is_shared
from advisor.types import Status

if TYPE_CHECKING:
    from subprocess import Popen

    from advisor.store.run.chunks import Chunks

AGAIN_AFTER_S = 5.0
"""After the database did not answer, or a process died."""


def work_for_all(store: Store, say: Callable[[str], None]) -> None:
    """Do jobs but imports, and where other machines take part make calls of their runs. Never returns.

    ``say`` is told what is helped, and what cannot be done from here.
    """
    if not is_shared(store):
        return work(store, imports=False)
    from advisor.store.run.chunks import Chunks

    helper = _Helper(store, say)
    while True:
        try:
            with Chunks(store) as chunks:
                while True:
                    work(store, once=True, imports=False)
                    if not helper.help(chunks):
                        time.sleep(POLL_S)
        except AdvisorError as error:
            say(str(error))
            time.sleep(AGAIN_AFTER_S)


def have_imported(store: Store, start: Callable[[], "Popen[bytes]"]) -> None:
    """Start the process that imports and deletes when the first such job waits, and again if it died. Never returns."""
    process: Popen[bytes] | None = None
    with suppress(AdvisorError):
        queue_forgotten(store)
    while True:
        with suppress(AdvisorError):  # a locked database: the next look may get through
            if (process is None or process.poll() is not None) and has_import(store):
                process = start()
                time.sleep(AGAIN_AFTER_S)
        time.sleep(POLL_S)


class _Helper:
    """Takes part in runs, but for the models that it found out it cannot ask."""

    def __init__(self, store: Store, say: Callable[[str], None]) -> None:
        self._store, self._say = store, say
        self._unusable: set[tuple[int, int]] = set()
        """Ids of run and model."""

    def help(self, chunks: "Chunks") -> bool:
        """Make calls of one run while some wait; False when there is none that this process can make."""
        for run_id, model_ids in chunks.list_waiting().items():
            if not self._is_conducted(chunks, run_id):
                continue
            usable = {model_id for model_id in model_ids if (run_id, model_id) not in self._unusable}
            if usable:
                self._help(chunks, run_id, usable)
                return True
        return False

    def _is_conducted(self, chunks: "Chunks", run_id: int) -> bool:
        """Whether somebody watches over a run and its budget: what a dead process left waits until it is resumed."""
        try:
            run = get_run(self._store, run_id)
        except BadInput:  # it was deleted
            chunks.drop(run_id)
            return False
        return run.state.status is Status.RUNNING and run.state.wanted is None and not is_stale(run, datetime.now(UTC))

    def _help(self, chunks: "Chunks", run_id: int, model_ids: set[int]) -> None:
        run = get_run(self._store, run_id)
        names = {model.name: model.id for model in list_models(self._store, run.study_id)}
        self._say(f"Helping with run id {run_id}.")
        given_up = help_run(self._store, run_id, model_ids, chunks)
        for name, why in given_up.items():
            self._unusable.add((run_id, names[name]))
            self._say(f"Run id {run_id}: {name} is left to other workers: {why}")
        self._say(f"Done with run id {run_id} for now.")
