"""How a load test ended."""

from advisor.text.messages import Words, worded
from advisor.text.numbers import count
from advisor.types import LoadEnd, LoadMeasure, Message

_KEPT = "Earlier steps are kept."


def load_end(end: Message | None) -> str:
    """Why a load test ended; empty while it has not."""
    return worded(_ENDS, end) if end else ""


def _in_flight(concurrency: int) -> str:
    return f"{count(concurrency, 'call')} in flight"


def _beyond(concurrency: int, measure: str, value: float | None, limit: float, error: str, machine_bound: bool) -> str:
    what = "p95 time to first token" if measure == LoadMeasure.TTFT else "p95 latency"
    if measure == LoadMeasure.FAILED:
        found = f"{value or 0:.0%} of calls failed"
    elif value is None:
        found = f"{what} couldn't be measured"
    else:
        found = f"{what} was {value:.3g} s, above the limit of {limit:g} s"
    last = f" Last failure: {error}" if error else ""
    bound = " The load generator, not the model, was the limit." if machine_bound else ""
    return f"At {_in_flight(concurrency)}, {found}.{last}{bound}"


_ENDS: Words = {
    LoadEnd.WITHIN_LIMITS: lambda concurrency: (
        f"{_in_flight(concurrency)} stayed within the limits; more weren't tested."
    ),
    LoadEnd.BEYOND_LIMITS: _beyond,
    LoadEnd.BUDGET_SPENT: lambda concurrency: f"The budget ran out at {_in_flight(concurrency)}. {_KEPT}",
    LoadEnd.CANCELLED: lambda concurrency: (
        f"Cancelled at {_in_flight(concurrency)}. {_KEPT}" if concurrency else "Cancelled."
    ),
    LoadEnd.CANCELLED_WAITING: "Cancelled before it started.",
    LoadEnd.INTERRUPTED: f"Interrupted. {_KEPT}",
    LoadEnd.UNUSABLE: "The model can't be used: {error}",
    LoadEnd.NOTHING_MEASURED: lambda error: f"No call can be measured: {error or 'the samples were deleted'}",
    LoadEnd.FAULT: f"The program failed ({{error}}). {_KEPT}",
    LoadEnd.DIED: f"The worker process ended before the test did. {_KEPT} Start a new test.",
    LoadEnd.OTHER: "{error}",
}
