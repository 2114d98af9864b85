"""What a process that died had in hand is asked again, and counted: at most so many calls."""

import math
from collections.abc import Sequence

from advisor.measure.replay.writer import BEHIND_S
from advisor.store import Store
from advisor.store.generations import CallKey
from advisor.store.runs import change_run
from advisor.store.tallies import median_latency_s
from advisor.types import Run

LATE_S = 0.1
"""Within which an answer is stored: 50 ms, and what the commit takes."""


def last_unstored_s(before: Run) -> float:
    """Of how many last seconds the answers may be lost: 0 where the last process that worked on a run ended it."""
    if before.owner is None or before.finished_at is not None:
        return 0.0
    is_store_shut = before.error is not None  # else it was killed; calls went on until the store was seen to refuse
    return LATE_S + BEHIND_S if is_store_shut else LATE_S


def count_asked_again(store: Store, run: Run, keys: Sequence[CallKey], *, in_flight: int, unstored_s: float) -> None:
    """Count what was in flight, or answered and on its way to the store; ``keys`` are the calls without an answer."""
    latency_s = median_latency_s(store, run.id) or LATE_S / 2
    waiting = math.ceil(in_flight * unstored_s / latency_s)
    change_run(store, run.id, asked_again=run.asked_again + min(len(keys), in_flight + waiting))
