"""What a traffic profile says beside sums: errors, load, repeats, rhythm. Each finding says on what it rests."""

import numpy as np

from advisor.analysis.money.traffic import (
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
from advisor.store.log.calls import Calls
from advisor.types import FindingName, FindingNote, Message, Usage


def find_all(
    calls: Calls, usage: Usage | None, *, with_usage: int, failed: int, traffic_share: float
) -> dict[FindingName, Finding]:
    """Every finding; ``usage`` is that of the ``with_usage`` calls that have one."""
    n = len(calls.at)
    fit = calls.replayable & ~calls.failed  # a retry after a failure isn't a repeat
    exact, near = count_repeats(calls.request[fit], calls.near[fit])
    answered, replayable = int(fit.sum()), int(calls.replayable.sum())
    return {
        FindingName.ERROR_RATE: share_of(
            failed, n, FindingNote.AS_MARKED if failed else FindingNote.NONE_MARKED, FindingNote.NO_CALLS
        ),
        FindingName.PEAK_IN_FLIGHT: _peak(calls, traffic_share),
        FindingName.NOT_INTERACTIVE: _not_interactive(calls),
        FindingName.EXACT_DUPLICATES: share_of(exact, answered, FindingNote.SAME_REQUEST, FindingNote.NO_PROMPTS),
        FindingName.NEAR_DUPLICATES: share_of(near, answered, FindingNote.NEAR_REQUEST, FindingNote.NO_PROMPTS),
        FindingName.CACHED_INPUT: _tokens(
            usage.cache_read_tokens if usage else 0,
            usage.total_input_tokens if usage else 0,
            with_usage,
            FindingNote.CACHE_READ,
            FindingNote.NO_CACHE_READ,
        ),
        FindingName.REASONING_OUTPUT: _tokens(
            usage.reasoning_tokens if usage else 0,
            usage.output_tokens if usage else 0,
            with_usage,
            FindingNote.REASONING,
            FindingNote.NO_REASONING,
        ),
        FindingName.REPLAYABLE: share_of(replayable, n, FindingNote.WHOLE_PROMPT, FindingNote.NO_CALLS),
        FindingName.FOLLOWED: share_of(*count_followed(calls.session), FindingNote.NOT_LAST, FindingNote.NO_SESSIONS),
    }


def _tokens(part: int, of: int, with_usage: int, note: FindingNote, none: FindingNote) -> Finding:
    if not with_usage:
        return _unknown(FindingNote.NO_USAGE)
    return Finding(value=part / of, n=with_usage, note=Message.of(note)) if part and of else _unknown(none, with_usage)


def _peak(calls: Calls, traffic_share: float) -> Finding:
    timed = int((~np.isnat(calls.at) & (calls.latency_s >= 0)).sum())
    peak = peak_in_flight(calls.at, calls.latency_s)
    if peak is None:
        return _unknown(FindingNote.NO_LATENCIES if (~np.isnat(calls.at)).any() else FindingNote.NO_TIMES)
    lacks = "traffic" if traffic_share < 1 else "latencies" if timed < len(calls.at) else None
    return Finding(value=float(peak), n=timed, note=Message.of(FindingNote.START_AND_LATENCY, lacks=lacks))


def _not_interactive(calls: Calls) -> Finding:
    """A lower bound: what is surely made by programs in bulk."""
    n = len(calls.at)
    timed = int((~np.isnat(calls.at)).sum())
    bursts = in_bursts(calls.at, calls.group) & ~calls.in_batch
    series = in_series(calls.at, calls.latency_s, calls.group, calls.session) & ~calls.in_batch & ~bursts
    counts = {"batch": int(calls.in_batch.sum()), "bursts": int(bursts.sum()), "series": int(series.sum())}
    if found := sum(counts.values()):
        note = Message.of(FindingNote.IN_BULK, **counts, burst=BURST_CALLS, least_series=SERIES_CALLS)
        return Finding(value=found / n, n=n, note=note)
    return _unknown(FindingNote.NONE_IN_BULK, timed) if timed else _unknown(FindingNote.NO_TIMES)


def _unknown(why: FindingNote, n: int = 0) -> Finding:
    return Finding(value=None, n=n, note=Message.of(why))
