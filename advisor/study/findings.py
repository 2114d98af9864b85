"""What a traffic profile says beside sums: errors, load, repeats, rhythm. Each finding says on what it rests."""

import numpy as np

from advisor.analysis.traffic import (
    BURST_CALLS,
    SERIES_CALLS,
    Finding,
    count_followed,
    count_repeats,
    in_bursts,
    in_series,
    peak_in_flight,
    share_of,
)
from advisor.store.calls import Calls
from advisor.types import Usage

FINDINGS = {
    "error_rate": "Calls that failed",
    "peak_in_flight": "Most calls in flight at once",
    "not_interactive": "Calls that nobody waits for, at least",
    "exact_duplicates": "Calls with a request that came before",
    "near_duplicates": "Further calls with nearly such a prompt",
    "cached_input": "Input tokens from the provider's cache",
    "reasoning_output": "Output tokens that were reasoning",
    "replayable": "Calls that can be replayed",
    "followed": "Calls that the same conversation or agent run goes on after",
}
"""Name of a finding -> what it is about, in words."""


def find_all(
    calls: Calls, usage: Usage | None, *, with_usage: int, failed: int, traffic_share: float
) -> dict[str, Finding]:
    """A finding for each of FINDINGS; ``usage`` is that of the ``with_usage`` calls that have one."""
    n = len(calls.at)
    exact, near = count_repeats(calls.request[calls.replayable], calls.near[calls.replayable])
    replayable = int(calls.replayable.sum())
    no_prompt = "No call of the log can be replayed, so that its prompts cannot be compared."
    return {
        "error_rate": share_of(
            failed,
            n,
            "As the log marks them." if failed else "The log marks no call as failed; some tools do not log failures.",
            "There are no calls.",
        ),
        "peak_in_flight": _peak(calls, traffic_share),
        "not_interactive": _not_interactive(calls),
        "exact_duplicates": share_of(
            exact, replayable, "The same messages, tools, and parameters as in an earlier call.", no_prompt
        ),
        "near_duplicates": share_of(
            near,
            replayable,
            "Beyond the exact ones: they differ in case, digits, spaces, and punctuation only. Where the digits matter "
            "(amounts, dates), the right answers differ all the same.",
            no_prompt,
        ),
        "cached_input": _tokens(
            usage.cache_read_tokens if usage else 0,
            usage.total_input_tokens if usage else 0,
            with_usage,
            "Read from the cache, of all input tokens.",
            "No call names tokens from a cache: none were, or the log does not tell.",
        ),
        "reasoning_output": _tokens(
            usage.reasoning_tokens if usage else 0,
            usage.output_tokens if usage else 0,
            with_usage,
            "Billed as output and not seen by anybody.",
            "No call names reasoning: there was none, or the log does not tell.",
        ),
        "replayable": share_of(
            replayable, n, "Their prompt is whole and needs nothing of the provider's.", "There are no calls."
        ),
        "followed": share_of(
            *count_followed(calls.session),
            "Of the calls that name a conversation or run: not its last ones. The next one sends the history again.",
            "No call names a conversation, session or run.",
        ),
    }


def _tokens(part: int, of: int, with_usage: int, note: str, none: str) -> Finding:
    if not with_usage:
        return Finding(value=None, n=0, note="The log does not tell how many tokens its calls used.")
    return (
        Finding(value=part / of, n=with_usage, note=note)
        if part and of
        else Finding(value=None, n=with_usage, note=none)
    )


def _peak(calls: Calls, traffic_share: float) -> Finding:
    timed = int((~np.isnat(calls.at) & (calls.latency_s >= 0)).sum())
    peak = peak_in_flight(calls.at, calls.latency_s)
    if peak is None:
        lacks = "latencies" if (~np.isnat(calls.at)).any() else "times"
        return Finding(value=None, n=0, note=f"The log has no {lacks}.")
    note = "From the beginning of each call and how long it took."
    if traffic_share < 1:
        note += " The log holds a part of the traffic; all of it has more."
    elif timed < len(calls.at):
        note += " Calls without a latency are not counted; there may have been more."
    return Finding(value=float(peak), n=timed, note=note)


def _not_interactive(calls: Calls) -> Finding:
    """A lower bound: what is surely made by programs in bulk."""
    n = len(calls.at)
    timed = int((~np.isnat(calls.at)).sum())
    bursts = in_bursts(calls.at, calls.group) & ~calls.in_batch
    series = in_series(calls.at, calls.latency_s, calls.group, calls.session) & ~calls.in_batch & ~bursts
    counts = {
        "in batch files of the provider": int(calls.in_batch.sum()),
        f"in bursts ({BURST_CALLS} or more of one kind in a minute, ten times a quiet minute)": int(bursts.sum()),
        f"in series ({SERIES_CALLS} or more, each beginning as soon as the last one ended)": int(series.sum()),
    }
    found = sum(counts.values())
    if found:
        parts = "; ".join(f"{count:,} {where}" for where, count in counts.items() if count)
        return Finding(value=found / n, n=n, note=f"{parts}. Programs that call at a steady pace look like people.")
    if not timed:
        return Finding(value=None, n=0, note="The log has no times.")
    none = "No batch file, burst or series of calls was seen; programs that call at a steady pace look like people."
    return Finding(value=None, n=timed, note=none)
