"""The chart of the months to come: two bills with their ranges."""

import numpy as np

from advisor.charts.bills import projection_figure
from advisor.types import Money

TODAY = [Money(low=80.0 + n, point=100.0 + n, high=130.0 + n) for n in range(12)]
PLAN = [Money(low=30.0, point=40.0, high=50.0)] * 12


def test_both_bills_have_their_ranges_and_names() -> None:
    chart = projection_figure(TODAY, PLAN)
    traces = {trace.name: trace for trace in chart.figure.data}
    assert np.allclose(traces["today's models, low"].y, np.arange(80.0, 92.0))
    assert np.allclose(traces["today's models, high"].y, np.arange(130.0, 142.0))
    assert traces["with the plan, high"].fill == "tonexty"
    assert (traces["today's models"].line.dash, traces["with the plan"].line.dash) == ("solid", "dash")
    assert chart.title == "12 months cost about $1,270 with today's models, $480 with the plan"
    assert "today's models: $100 ($80 to $130) in the first month, $110 ($91 to $140) in the last" in chart.alt
    notes = [note.text for note in chart.figure.layout.annotations]
    assert notes == ["with the plan:<br>$40", "today's models:<br>$111"]


def test_without_a_decision_there_is_one_bill() -> None:
    chart = projection_figure(TODAY, None)
    assert not any("plan" in trace.name for trace in chart.figure.data)
    assert chart.title.endswith("with today's models")


def test_what_is_not_known_is_said() -> None:
    chart = projection_figure([], None)
    assert chart.title == "What the months to come cost is not known"
    assert not chart.figure.data


def test_a_bill_of_nothing_is_drawn() -> None:
    nothing = [Money(low=0.0, point=0.0, high=0.0)] * 12
    assert projection_figure(nothing, None).figure.layout.yaxis.range == (0, 1.0)
