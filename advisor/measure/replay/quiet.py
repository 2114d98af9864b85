"""A process in which nothing but the calls themselves shows in their latencies."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_S = 0.0005
"""How long a thread that writes or loads may keep the loop waiting for the interpreter; Python's own 5 ms would show
in every latency."""


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
