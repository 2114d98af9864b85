"""What a process that died had in hand is asked again, and counted: at most so many calls."""

import math
from collections.abc import Sequence

from advisor.store import Store
from advisor.store.generations import CallKey
from advisor.store.runs import change_run
from advisor.store.tallies import median_latency_s
from advisor.types import Run

LATE_S = 0.1
"""Within which an answer is stored: 50 ms, and what the commit takes."""


def has_crashed(before: Run) -> bool:
    """Whether the last process that worked on a run did not come to its end."""
    return before.owner is not None and before.finished_at is None


def count_asked_again(store: Store, run: Run, keys: Sequence[CallKey], *, in_flight: int) -> None:
    """Count what was in flight, or answered and on its way to the store; ``keys`` are the calls without an answer."""
    latency_s = median_latency_s(store, run.id) or LATE_S / 2
    waiting = math.ceil(in_flight * LATE_S / latency_s)
    change_run(store, run.id, asked_again=run.asked_again + min(len(keys), in_flight + waiting))
