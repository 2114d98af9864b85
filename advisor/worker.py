"""The process that claims and runs jobs; the app starts one and takes it along when it ends.

It has one of its own for imports, which wait for no replay. A log is read there so that its rows take no time from the
loop whose calls are timed.
"""

import os
import subprocess
import sys
import threading
import time

from advisor.jobs.shared_runs import have_imported, work_for_all
from advisor.jobs.work import work
from advisor.measure.studies import open_store
from advisor.settings import ROOT

WATCH_S = 1.0
NICE = 10
"""How far an import steps aside where processors are short."""


def run_worker(*, parent: int | None, imports: bool = False) -> None:
    """Work until the parent process (if one is named) is gone; says on stderr what it does.

    Then even a run in the middle ends at once, so that nothing is spent with nobody watching; it can be resumed.
    ``imports``: do those and nothing else; without it, another process does them.
    """
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), name="parent-watch", daemon=True).start()
    store = open_store()
    try:
        if imports:
            os.nice(NICE)
            work(store, imports=True)
        threading.Thread(target=have_imported, args=(store, _start_importing), name="imports", daemon=True).start()
        work_for_all(store, _say)
    finally:
        store.close()


def _start_importing() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "advisor", "work", "--imports", "--parent", str(os.getpid())]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)  # noqa: S603 - nothing in it is from outside


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(0)
