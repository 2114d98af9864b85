"""The chart of own GPUs: three bills with their ranges, today's volume and the break-evens."""

from dataclasses import replace

import numpy as np
import pytest

from advisor.charts import colours
from advisor.charts.bills import apart, bills_figure
from advisor.text.numbers import rounded_calls
from advisor.types import BillPoint, Money


def money(usd: float) -> Money:
    return Money(low=0.8 * usd, point=usd, high=1.5 * usd)


POINTS = [
    BillPoint(calls=n * 1e6, copies=1, own=money(5000), hosted=money(1000 * n), closed_usd=4000.0 * n)
    for n in range(11)
]


def traces(points: list[BillPoint], **more: float | None) -> dict[str, object]:
    marks: dict[str, float | None] = {"now": 2e6, "from_hosted": 5e6, "from_closed": 1.25e6}
    figure = bills_figure(points, **{**marks, **more}).figure
    return {trace.name: trace for trace in figure.data}


def test_three_bills_with_their_ranges() -> None:
    found = traces(POINTS)
    assert np.allclose(found["own GPUs"].y, 5000)  # type: ignore[attr-defined]
    assert np.allclose(found["own GPUs, low"].y, 4000)  # type: ignore[attr-defined]
    assert np.allclose(found["own GPUs, high"].y, 7500)  # type: ignore[attr-defined]
    assert found["own GPUs, high"].fill == "tonexty"  # type: ignore[attr-defined]
    assert found["hosted"].y[10] == 10_000  # type: ignore[attr-defined]
    assert found["hosted"].line.dash == "dot"  # type: ignore[attr-defined]
    assert found["today's model"].line.color == colours.BASELINE  # type: ignore[attr-defined]


def test_break_evens_are_marked_where_they_are() -> None:
    found = traces(POINTS)
    mark = found["no higher cost than hosts from 5 million calls"]
    assert (list(mark.x), list(mark.y)) == ([5e6], [5000])  # type: ignore[attr-defined]
    assert mark.marker.symbol == "diamond"  # type: ignore[attr-defined]
    assert not any("hosts" in name for name in traces(POINTS, from_hosted=11e6))


def test_what_is_not_known_is_left_out() -> None:
    found = traces([replace(point, hosted=None, closed_usd=None) for point in POINTS], from_hosted=None)
    assert not {"hosted", "today's model"} & set(found)


@pytest.mark.parametrize(
    ("from_hosted", "from_closed", "title"),
    [
        (
            5e6,
            1.25e6,
            "Own GPUs cost no more than hosts from 5 million calls a month on and than today's model from "
            "1.25 million calls a month on; today it is 2 million answered calls",
        ),
        (
            None,
            1.25e6,
            "Own GPUs cost no more than today's model from 1.25 million calls a month on; "
            "today it is 2 million answered calls",
        ),
        (None, None, "Own GPUs are not seen to pay at any volume"),
    ],
)
def test_the_title_is_the_take_away(from_hosted: float | None, from_closed: float | None, title: str) -> None:
    chart = bills_figure(POINTS, now=2e6, from_hosted=from_hosted, from_closed=from_closed)
    assert chart.title == title
    assert "2 million calls: own $4,000 to $7,500, hosted $2,000, today's model $8,000" in chart.alt


def test_without_points_it_says_so() -> None:
    chart = bills_figure([], now=None, from_hosted=None, from_closed=None)
    assert chart.title == "What own GPUs cost by volume is not known"
    assert not chart.figure.data


def test_counts_in_words() -> None:
    assert [rounded_calls(n) for n in (950, 12_000, 3_400_000)] == ["950", "12,000", "3.4 million"]


def test_labels_do_not_cover_one_another() -> None:
    assert apart({"a": 5.0, "b": 0.0, "c": 0.1}, 1.0) == {"b": 0.0, "c": 1.0, "a": 5.0}
    assert apart({"a": 0.0, "b": 0.0, "c": 1.5}, 1.0) == {"a": 0.0, "b": 1.0, "c": 2.0}
