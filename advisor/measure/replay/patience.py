"""Waiting for a store that is locked, full or away for a while: what is paid for must not be lost to it."""

import time
from collections.abc import Callable
from typing import TypeVar

from advisor.errors import StoreError

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
