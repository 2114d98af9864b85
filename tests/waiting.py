"""Waiting for something to happen, as long as it may take on a slow and busy machine."""

import subprocess
import time
from collections.abc import Callable
from typing import Any


def wait_until(what: Callable[[], bool], process: "subprocess.Popen[Any] | None" = None, within_s: float = 240) -> None:
    """Wait for something, at most as long as ``process`` lives. Fails after ``within_s``."""
    deadline = time.monotonic() + within_s
    while not what() and (process is None or process.poll() is None):
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.01)
