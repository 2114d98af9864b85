"""Numbers, money and times in English."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from advisor.text.numbers import (
    ago,
    bill_left,
    dollars,
    in_dollars,
    less,
    money_range,
    percent,
    price,
    projected,
    rounded_calls,
    seconds,
    signed,
    whole,
)
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


def test_money_has_two_digits_from_1000_on_three_and_a_range_two_ends() -> None:
    assert (dollars(994), dollars(1234), dollars(14_583)) == ("$990", "$1,230", "$14,600")
    assert money_range(Money(low=410, point=460, high=520)) == "$410 to $520"
    assert money_range(Money(low=412, point=413, high=414)) == "$410"
    assert dollars(None) == money_range(None) == "–"


def read(words: str) -> list[float]:
    """The amounts that a reader sees, a minus sign before them."""
    return [float(each.replace("$", "").replace(",", "")) for each in re.findall(r"-?\$[\d,]*\.?\d+", words)]


def test_a_bill_its_saving_and_what_is_left_add_up_as_shown() -> None:
    draw = random.Random(33)
    for _ in range(2000):
        today = 10 ** draw.uniform(-1, 7)
        shares = sorted(draw.uniform(-0.5, 1) for _ in range(3))
        saved = Money(low=shares[0] * today, point=shares[1] * today, high=shares[2] * today)
        bill, taken = dollars(today), dollars(saved.point)
        cents = min(len(each.partition(".")[2]) for each in (bill, taken))
        expected = round(read(bill)[0] - read(taken)[0], cents)
        expected = expected or read(dollars(today - saved.point))[0]  # where both are shown as the same
        assert read(less(today, saved.point)) == [pytest.approx(expected, abs=1e-9)], "no digit that isn't known"
        left, *ends = read(bill_left(today, saved))
        assert not ends or ends[0] <= left <= ends[1]
    assert (less(584.0, 576.0), less(10.0, 10.0)) == ("$8.00", "$0")
    assert (less(14.54, 0.089), less(96, 9.4), less(9.5, 0.25)) == ("$15", "$87", "$9.25")
    assert (less(11284.3, 2914.4), less(1083, 656), less(11284.3, 0), less(None, 1.0)) == (
        "$8,390",
        "$420",
        "$11,300",
        "–",
    )
    assert bill_left(11284.3, Money(low=2912.7, point=2914.4, high=2916.0)) == "$8,390"


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


def test_halves_go_up_whatever_digit_is_before_them() -> None:
    assert [dollars(usd) for usd in (10_850, 14_850, 10_950, -10_850, 2.5e6, 125)] == [
        "$10,900",
        "$14,900",
        "$11,000",
        "-$10,900",
        "$2,500,000",
        "$130",
    ]
    assert [percent(share) for share in (0.105, 0.125, 0.285, -0.0004, 0.9995)] == [
        "11%",
        "13%",
        "29%",
        "-0.04%",
        "100%",
    ]
    assert [whole(0.5), whole(2.5), projected(10_850), rounded_calls(10_850_000)] == [
        "1",
        "3",
        "10,900",
        "10.9 million",
    ]
    assert [in_dollars(-5000), in_dollars(1.005, 2)] == ["-$5,000", "$1.01"]


def test_the_largest_amount_has_words() -> None:
    assert dollars(1.75e308).startswith("$175,000,000,")
    assert len(dollars(1e40)) == len("$1") + 40 + 40 // 3
