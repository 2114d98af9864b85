"""The process that claims and runs jobs; the app starts one and takes it along when it ends."""

import os
import sys
import threading
import time

from advisor.settings import Settings
from advisor.study.helping import work_for_all
from advisor.study.studies import open_store

WATCH_S = 1.0


def run_worker(settings: Settings, *, parent: int | None) -> None:
    """Work until the parent process (if one is named) is gone; says on stderr what it does.

    Then even a run in the middle ends at once, so that nothing is spent with nobody watching; it can be resumed.
    """
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), name="parent-watch", daemon=True).start()
    store = open_store(settings)
    try:
        work_for_all(store, settings.data_dir, _say)
    finally:
        store.close()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(0)
