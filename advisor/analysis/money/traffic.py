"""What the calls of a log tell about the traffic: rhythm, repeats and load. Nothing here asks a model.

Times are numpy datetime64[us] in UTC, NaT where unknown; codes are integers that are equal for what belongs together.
"""

from dataclasses import dataclass

import numpy as np

from advisor.analysis.quality.columns import Array
from advisor.types import Message

BURST_CALLS = 30
"""Fewer calls a minute may be people."""
BURST_FACTOR = 10
"""A burst has so many times the calls of a quiet minute."""
BURST_AROUND_MIN = 30
SERIES_CALLS = 20
"""Shorter series may be chance: the share of calls that begin so soon after another's end, and with none in flight,
stays below a quarter at any rate of independent calls, and 0.25 ** 19 is next to nothing.
"""
SERIES_GAP_S = 0.25


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a log tells, or why it does not."""

    value: float | None
    """None: the log does not tell."""
    n: int
    """Calls it rests on."""
    note: Message
    """From what it was found, or why it is not known."""


def share_of(part: int, n: int, note: str, unknown: str) -> Finding:
    """``part`` of ``n`` as a fraction; without any calls to rest on it is unknown. The notes are codes."""
    return Finding(value=part / n if n else None, n=n, note=Message.of(note if n else unknown))


def peak_in_flight(at: Array, latency_s: Array) -> int | None:
    """The most calls that were under way at one moment, shape (n,) each; None where no call has both times.

    A call that begins when another ends is not beside it.
    """
    timed = ~np.isnat(at) & (latency_s >= 0)
    if not timed.any():
        return None
    start = np.sort(at[timed])
    end = np.sort(_ends(at[timed], latency_s[timed]))
    ended = np.searchsorted(end, start, side="right")
    return max(int((np.arange(1, len(start) + 1) - ended).max()), 1)


def count_repeats(request: Array, near: Array) -> tuple[int, int]:
    """(calls whose request came before, further calls that come near one before), both of codes of shape (n,)."""
    exact = len(np.unique(request))
    return len(request) - exact, max(exact - len(np.unique(near)), 0)


def in_bursts(at: Array, group: Array) -> Array:
    """Which calls began in a minute with far more calls of their group than the minutes around it, shape (n,).

    A burst is a minute with BURST_CALLS calls or more, where at least half of the minutes within BURST_AROUND_MIN of
    it that the log covers have at most a BURST_FACTOR-th of its calls. People who arrive one by one make none,
    however many they are.
    """
    found = np.zeros(len(at), dtype=bool)
    timed = np.flatnonzero(~np.isnat(at))
    if len(timed) == 0:
        return found
    minute = at[timed].astype("datetime64[m]").astype(np.int64)
    minute -= minute.min()
    covered = int(minute.max()) + 1
    stride = covered + 2 * BURST_AROUND_MIN  # so that the minutes around one never reach another group's
    minute += np.unique(group[timed], return_inverse=True)[1] * stride
    minutes, position, counts = np.unique(minute, return_inverse=True, return_counts=True)
    loud = np.flatnonzero(counts >= BURST_CALLS)
    offsets = np.delete(np.arange(-BURST_AROUND_MIN, BURST_AROUND_MIN + 1), BURST_AROUND_MIN)
    around = minutes[loud][:, None] + offsets
    place = np.minimum(np.searchsorted(minutes, around), len(minutes) - 1)
    calls = np.where(minutes[place] == around, counts[place], 0)
    in_log = (minutes[loud] % stride)[:, None] + offsets
    known = (in_log >= 0) & (in_log < covered)
    quiet = known & (calls * BURST_FACTOR <= counts[loud][:, None])
    is_burst = np.zeros(len(minutes), dtype=bool)
    is_burst[loud] = known.any(axis=1) & (2 * quiet.sum(axis=1) >= known.sum(axis=1))
    found[timed] = is_burst[position]
    return found


def in_series(at: Array, latency_s: Array, group: Array, session: Array) -> Array:
    """Which calls are in a series of SERIES_CALLS or more of one group, one beginning right when the other ends.

    Right means within SERIES_GAP_S, with nothing else of the group in flight. Steps of one session (code above or
    below 0) do not count: there a person may wait for the end. All arguments and the result have shape (n,).
    """
    found = np.zeros(len(at), dtype=bool)
    timed = np.flatnonzero(~np.isnat(at) & (latency_s >= 0))
    order = timed[np.lexsort((at[timed], group[timed]))]
    if len(order) < SERIES_CALLS:
        return found
    gap = (at[order][1:] - _ends(at[order], latency_s[order])[:-1]) / np.timedelta64(1, "s")
    same_session = (session[order][1:] == session[order][:-1]) & (session[order][1:] != 0)
    follows = (group[order][1:] == group[order][:-1]) & (gap >= 0) & (gap <= SERIES_GAP_S) & ~same_session
    series = np.concatenate(([0], np.cumsum(~follows)))
    found[order] = np.bincount(series)[series] >= SERIES_CALLS
    return found


def count_followed(session: Array) -> tuple[int, int]:
    """(calls that another one of their session comes after, calls with a session); 0: without one."""
    known = session[session != 0]
    return len(known) - len(np.unique(known)), len(known)


def week_hours(hours: Array, amounts: Array, first: "np.datetime64", last: "np.datetime64") -> Array:
    """Average amount by weekday (Monday first) and hour of the day, shape (7, 24); NaN on weekdays not in the range.

    ``hours`` (datetime64, shape (n,)) are the hours that the amounts (shape (n,)) belong to; ``first`` and ``last``
    are the days of the range, both within.
    """
    days = np.arange(first, last + np.timedelta64(1, "D"))
    how_often = np.bincount(_weekday(days), minlength=7).astype(float)
    how_often[how_often == 0] = np.nan
    of_day = hours.astype("datetime64[h]").astype(np.int64) % 24
    cells = np.bincount(_weekday(hours) * 24 + of_day, weights=amounts, minlength=7 * 24)
    averages: Array = cells.reshape(7, 24) / how_often[:, None]
    return averages


def _ends(at: Array, latency_s: Array) -> Array:
    ends: Array = at + np.round(latency_s * 1e6).astype("timedelta64[us]")
    return ends


def _weekday(times: Array) -> Array:
    """0 is Monday; the first day of 1970 was a Thursday."""
    weekday: Array = (times.astype("datetime64[D]").astype(np.int64) + 3) % 7
    return weekday
