"""Numbers, money and times in English."""

from datetime import UTC, datetime, timedelta

import pytest

from advisor.text.numbers import ago, dollars, money_range, price, seconds, signed
from advisor.types import Money


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (0.0421, "42 ms"), (0.9996, "1.0 s"), (9.94, "9.9 s"), (59.6, "1 min 0 s"), (185, "3 min 5 s")],
)
def test_seconds(value: float | None, words: str) -> None:
    assert seconds(value) == words


def test_long_durations_are_in_hours() -> None:
    assert seconds(7800) == "2 h 10 min"


@pytest.mark.parametrize(("value", "words"), [(None, "–"), (0.1, "$0.10"), (12.0, "$12.00"), (0.00005, "$0.0001")])
def test_price(value: float | None, words: str) -> None:
    assert price(value) == words


def test_money_has_two_digits_and_a_range_two_ends() -> None:
    assert dollars(1234) == "$1,200"
    assert money_range(Money(low=410, point=460, high=520)) == "$410 to $520"
    assert money_range(Money(low=412, point=413, high=414)) == "$410"
    assert dollars(None) == money_range(None) == "–"


def test_ages() -> None:
    now = datetime.now(UTC)
    assert ago(now) == "just now"
    assert ago(now - timedelta(minutes=5, seconds=1)) == "5 min ago"
    assert ago(now - timedelta(hours=3, seconds=1)) == "3 h ago"
    assert ago(datetime(2026, 3, 1, tzinfo=UTC)) == "on 1 Mar 2026"
    assert ago(None) == "–"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0 ms"), (0.42, "420 ms"), (0.9999, "1.0 s"), (1.84, "1.8 s"), (14.2, "14 s"), (185, "3 min 5 s")],
)
def test_short_times(value: float, shown: str) -> None:
    assert seconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0 pts"), (0.0001, "0 pts"), (-0.015, "-1.5 pts"), (0.01, "+1 pt"), (0.2, "+20 pts")],
)
def test_signed(value: float, shown: str) -> None:
    assert signed(value) == shown
