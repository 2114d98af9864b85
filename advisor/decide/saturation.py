"""Whether the machine that asked was too busy to time the answers."""

from advisor.store import Store
from advisor.store.run.runs import get_run
from advisor.store.run.tallies import count_reused, median_latency_s
from advisor.types import Run

MOST = 0.05
"""How late the event loop may be, as a share of the median latency (PERF: the loop's lag is in every latency)."""


def is_saturated(store: Store, run: Run) -> bool:
    """Whether the latencies of a run are higher than the truth, because its own process could not keep up."""
    if run.machine.loop_lag_p99_s is None:
        return False
    median = median_latency_s(store, run.id)
    return median is not None and run.machine.loop_lag_p99_s > MOST * median


def busy_runs(store: Store, run: Run) -> tuple[int, ...]:
    """The numbers of the runs in which too busy a machine timed answers that this run holds, reused ones too."""
    asked_in = [get_run(store, source) for source, _ in count_reused(store, run) if source is not None]
    return tuple(each.number for each in (*asked_in, run) if is_saturated(store, each))
