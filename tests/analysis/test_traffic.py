"""Rhythm, repeats and load of made traffic, with numbers counted by hand."""

from typing import Any

import numpy as np
import pytest

from advisor.analysis.money.traffic import (
    count_followed,
    count_repeats,
    in_bursts,
    in_series,
    peak_in_flight,
    share_of,
    week_hours,
)

NOON = np.datetime64("2026-11-02T12:00:00", "us")
"""A Monday."""


def after(*seconds: float) -> "np.ndarray[Any, Any]":
    """Times so many seconds after noon; NaN is no time."""
    return np.array([NOON + np.timedelta64(round(s * 1e6), "us") if s == s else np.datetime64("NaT") for s in seconds])


def one_group(n: int) -> "np.ndarray[Any, Any]":
    return np.full(n, 7)


def people(per_minute: float, minutes: int, seed: int = 1) -> "np.ndarray[Any, Any]":
    """Who arrive one by one."""
    rng = np.random.default_rng(seed)
    return np.sort(after(*rng.uniform(0, 60 * minutes, rng.poisson(per_minute * minutes))))


def test_the_peak_counts_calls_that_overlap() -> None:
    # 0-10, 5-8, 8-12 and 9-9.5 s: at second 8 one ends as another begins; at second 9 the first, third, fourth run.
    assert peak_in_flight(after(0, 5, 8, 9), np.array([10, 3, 4, 0.5])) == 3
    assert peak_in_flight(after(9, 8, 5, 0), np.array([0.5, 4, 3, 10])) == 3
    assert peak_in_flight(after(0, 1, 2), np.array([1.0, 1.0, 1.0])) == 1
    assert peak_in_flight(after(0), np.array([0.0])) == 1


def test_without_times_or_latencies_there_is_no_peak() -> None:
    assert peak_in_flight(after(0, np.nan), np.array([np.nan, 3.0])) is None
    assert peak_in_flight(after(0, np.nan, 1), np.array([5.0, 3.0, 5.0])) == 2


def test_repeats_are_counted_beyond_the_first_and_near_ones_beyond_exact_ones() -> None:
    # Requests a a b c c c: three came before. Of the kinds a, b, c the first two are near each other: one more.
    assert count_repeats(np.array([1, 1, 2, 3, 3, 3]), np.array([1, 1, 1, 9, 9, 9])) == (3, 1)
    assert count_repeats(np.array([1, 2, 3]), np.array([1, 2, 3])) == (0, 0)


def test_forty_calls_in_a_minute_of_an_otherwise_quiet_hour_are_a_burst() -> None:
    quiet = [60.0 * minute for minute in range(120)]
    burst = [60 * 60 + 1.0 * second for second in range(1, 41)]
    at = after(*quiet, *burst)
    found = in_bursts(at, one_group(160))
    assert found.sum() == 41  # the call that was there anyway stands in the same minute
    assert found[120:].all()
    other = np.array([7] * 120 + [8] * 40)
    assert in_bursts(at, other)[120:].all()
    assert in_bursts(at, other).sum() == 40


@pytest.mark.parametrize("per_minute", [0.2, 2, 25, 40, 400])
def test_people_who_arrive_one_by_one_make_no_burst(per_minute: float) -> None:
    at = people(per_minute, 300)
    assert not in_bursts(at, one_group(len(at))).any()


def test_a_log_of_one_busy_minute_cannot_tell_a_burst() -> None:
    at = after(*np.linspace(0, 50, 200))
    assert not in_bursts(at, one_group(200)).any()
    assert not in_bursts(after(np.nan), one_group(1)).any()


def test_calls_that_begin_as_the_last_one_ends_are_a_series() -> None:
    # Each takes 2 s, the next begins 0.1 s later.
    at, latency = after(*(2.1 * n for n in range(25))), np.full(25, 2.0)
    nobody = np.zeros(25, dtype=int)
    assert in_series(at, latency, one_group(25), nobody).sum() == 25
    assert in_series(at[:19], latency[:19], one_group(19), nobody[:19]).sum() == 0, "19 are too few"
    assert not in_series(at, latency, one_group(25), np.ones(25, dtype=int)).any(), "steps of one agent run"
    assert not in_series(at, np.full(25, 2.5), one_group(25), nobody).any(), "they overlap"
    assert not in_series(at, np.full(25, 1.0), one_group(25), nobody).any(), "somebody thinks in between"
    mixed = np.arange(25) % 2
    assert not in_series(at, latency, mixed, nobody).any(), "no group has a series of its own"


@pytest.mark.parametrize("per_minute", [5, 60, 150, 600])
def test_people_make_no_series(per_minute: float) -> None:
    at = people(per_minute, 200)
    latency = np.random.default_rng(2).lognormal(-0.5, 0.5, len(at))
    assert not in_series(at, latency, one_group(len(at)), np.zeros(len(at), dtype=int)).any()


def test_all_but_the_last_call_of_a_session_are_followed() -> None:
    # One session of three calls, one of a single call, one call without a session.
    assert count_followed(np.array([0, 5, 5, 6, 5])) == (2, 4)


def test_an_average_week_divides_by_the_days_there_were() -> None:
    # Two Mondays (2 and 9 Nov) and one of every other day: (4 + 2) / 2 calls on Mondays at 10, 5 on Tuesday at 23.
    hours = np.array(["2026-11-02T10", "2026-11-09T10", "2026-11-03T23"], dtype="datetime64[us]")
    first, last = np.datetime64("2026-11-02"), np.datetime64("2026-11-09")
    week = week_hours(hours, np.array([4.0, 2.0, 5.0]), first, last)
    assert week.shape == (7, 24)
    assert week[0, 10] == 3
    assert week[1, 23] == 5
    assert week.sum() == 8
    short = week_hours(hours[[0, 2]], np.array([4.0, 5.0]), first, np.datetime64("2026-11-03"))
    assert short[0, 10] == 4
    assert np.isnan(short[2:]).all()


def test_a_share_of_nothing_is_not_known() -> None:
    assert share_of(1, 4, "seen", "no calls").value == 0.25
    nothing = share_of(0, 0, "seen", "no calls")
    assert (nothing.value, nothing.note.code) == (None, "no calls")
