"""What one server process shares between all its visitors: the store and the worker it started."""

import os
import subprocess
import sys
import threading
import time

import streamlit as st

from advisor.settings import ROOT, database_url
from advisor.store import Store

RESTART_AFTER_S = 5.0
"""A worker that dies at once is not started again more often than this."""


class Worker:
    """The process that does the jobs; it ends with this server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def ensure(self) -> None:
        """Start the process if it does not run."""
        with self._lock:
            if self.is_alive or time.monotonic() - self._started < RESTART_AFTER_S:
                return
            self._started = time.monotonic()
            self._process = start_worker()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the process; safe to call twice."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()
                self._process.wait()


def start_worker() -> subprocess.Popen[bytes]:
    """A worker that lives as long as this process."""
    command = [sys.executable, "-m", "advisor", "work", "--parent", str(os.getpid())]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)  # noqa: S603 - nothing in it comes from outside


@st.cache_resource(on_release=Store.close)
def store() -> Store:
    """The open database. Raises BadInput or StoreError with the remedy."""
    return Store(database_url())


@st.cache_resource(on_release=Worker.stop)
def worker() -> Worker:
    """The worker of this server, started or not."""
    return Worker()


def ensure_worker() -> None:
    """See to it that a worker runs: started once per server, and again if it died."""
    worker().ensure()
