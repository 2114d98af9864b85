"""The log's traffic on the screen."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import canvas, empty
from advisor.charts.chart import Chart
from advisor.charts.colours import BASELINE

MOST_BARS = 400
"""Longer logs are drawn by week."""


def traffic_figure(days: Sequence[date], calls: "np.ndarray[Any, Any]") -> Chart[go.Figure]:
    """Calls per day. ``calls``, shape (n,), counts the calls of each of the n days, which are in order."""
    counts = np.asarray(calls, dtype=float)
    if len(counts) != len(days):
        raise ValueError(f"{len(days)} days but {len(counts)} counts")
    if len(days) == 0:
        title = "The log has no times"
        return Chart(figure=empty(title, "So nothing is known about its traffic."), title=title, alt=f"{title}.")
    peak = int(counts.argmax())
    if len(days) == 1:
        title = f"{counts[0]:,.0f} calls on {days[0].isoformat()}"
    else:
        title = f"About {counts.mean():,.0f} calls a day, at most {counts[peak]:,.0f} on {days[peak].isoformat()}"
    x, y, unit = _bars(days, counts)
    figure = canvas(title, height=200, left=48)
    figure.add_bar(
        x=x, y=y, marker={"color": BASELINE}, name=f"calls per {unit}", hovertemplate="%{x}: %{y:,}<extra></extra>"
    )
    figure.update_xaxes(type="date", showgrid=False)
    figure.update_yaxes(title_text=f"Calls per {unit}", rangemode="tozero", showgrid=True, tickformat=",")
    alt = f"{title}. {len(days)} days from {days[0].isoformat()} to {days[-1].isoformat()}, {counts.sum():,.0f} calls."
    return Chart(figure=figure, title=title, alt=alt)


def _bars(days: Sequence[date], counts: "np.ndarray[Any, Any]") -> tuple[list[date], "np.ndarray[Any, Any]", str]:
    if len(days) <= MOST_BARS:
        return list(days), counts, "day"
    weeks: dict[date, float] = {}
    for day, count in zip(days, counts, strict=True):
        monday = date.fromordinal(day.toordinal() - day.weekday())
        weeks[monday] = weeks.get(monday, 0.0) + float(count)
    return list(weeks), np.array(list(weeks.values())), "week"
