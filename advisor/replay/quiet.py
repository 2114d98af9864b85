"""A process in which nothing but the calls themselves shows in their latencies, and that stays small."""

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_S = 0.0005
"""How long a thread that writes or loads may keep the loop waiting for the interpreter; Python's own 5 ms would show
in every latency."""


def return_memory() -> None:
    """Give back to the system what the C library keeps of freed memory: in a long run that is 1 kB a call."""
    with contextlib.suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def quiet() -> Iterator[None]:
    """Collect garbage and forget what is left: litellm's heap would make collections slow; switch threads quickly."""
    gc.collect()
    gc.freeze()
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
