"""The log's traffic on the screen: by day, and by weekday and hour. Days and hours are UTC."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import canvas, empty
from advisor.charts.colours import BASELINE
from advisor.charts.rows import Chart
from advisor.text.numbers import day, dollars

MOST_BARS = 400
"""Longer logs are drawn by week."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOUNS = {"calls": "Calls", "tokens": "Tokens", "cost_usd": "Dollars"}
"""What can be drawn -> the words for it."""
HOUR_PX = 26
FAINT = "rgba(100, 116, 139, 0.05)"
NO_TIMES = "So nothing is known about its days and hours."


def traffic_figure(days: Sequence[date], amounts: "np.ndarray[Any, Any]", measure: str = "calls") -> Chart[go.Figure]:
    """What went on per day. ``amounts``, shape (n,), are those of the n days, which are in order.

    ``measure`` is one of NOUNS.
    """
    sums = np.asarray(amounts, dtype=float)
    if len(sums) != len(days):
        raise ValueError(f"{len(days)} days but {len(sums)} counts")
    if len(days) == 0:
        return empty("The log has no times", NO_TIMES)
    peak = int(sums.argmax())
    if len(days) == 1:
        title = f"{_amount(sums[0], measure)} on {day(days[0])}"
    else:
        most = _amount(sums[peak], measure).removesuffix(f" {measure}")
        title = f"About {_amount(sums.mean(), measure)} a day, at most {most} on {day(days[peak])}"
    x, y, unit = _bars(days, sums)
    figure = canvas(height=200, left=48)
    figure.add_bar(
        x=x,
        y=y,
        marker={"color": BASELINE},
        name=f"{NOUNS[measure].lower()} per {unit}",
        hovertemplate="%{x|%a %-d %b %Y}: %{customdata}<extra></extra>",
        customdata=[_amount(amount, measure) for amount in y],
    )
    figure.update_xaxes(type="date", showgrid=False)
    if len(x) == 1:  # the axis would be parts of seconds
        figure.update_xaxes(tickvals=x, tickformat="%-d %b %Y")
    figure.update_yaxes(
        title_text=f"{NOUNS[measure]} per {unit}",
        rangemode="tozero",
        showgrid=True,
        tickformat=",~r" if measure == "cost_usd" else ",~s" if measure == "tokens" else ",",
        tickprefix="$" if measure == "cost_usd" else "",
    )
    total = _amount(sums.sum(), measure)
    alt = f"{title}. {len(days)} days from {day(days[0])} to {day(days[-1])}, {total}."
    return Chart(figure=figure, title=title, alt=alt)


def week_figure(averages: "np.ndarray[Any, Any]", measure: str = "calls") -> Chart[go.Figure]:
    """What goes on in an average week. ``averages``, shape (7, 24), by weekday (Monday first) and hour in UTC.

    NaN stands for weekdays that are not in the log; ``measure`` is one of NOUNS.
    """
    cells = np.asarray(averages, dtype=float)
    if cells.size == 0 or np.isnan(cells).all():
        return empty("The log has no times", NO_TIMES)
    day, hour = np.unravel_index(int(np.nanargmax(cells)), cells.shape)
    title = f"Busiest: {WEEKDAYS[day]}s, {hour}:00 to {hour + 1}:00 UTC, about {_amount(cells[day, hour], measure)}"
    figure = canvas(height=HOUR_PX * 7, left=48)
    figure.add_heatmap(
        z=cells,
        x=np.arange(24),
        y=np.arange(7),
        zmin=0,
        colorscale=[[0, FAINT], [1, BASELINE]],
        showscale=False,
        xgap=2,
        ygap=2,
        customdata=[[_cell(row, hour, measure) for hour in range(24)] for row in zip(WEEKDAYS, cells, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
    )
    figure.update_xaxes(title_text="Hour of the day, UTC", tickvals=list(range(0, 24, 3)), showgrid=False)
    figure.update_yaxes(tickvals=list(range(7)), ticktext=[name[:3] for name in WEEKDAYS], range=[6.5, -0.5])
    by_day = "; ".join(
        f"{name} {_amount(row.sum(), measure)}" for name, row in zip(WEEKDAYS, cells, strict=True) if row[0] == row[0]
    )
    return Chart(figure=figure, title=title, alt=f"{title}. On an average day: {by_day}.")


def _cell(row: "tuple[str, np.ndarray[Any, Any]]", hour: int, measure: str) -> str:
    name, amounts = row
    return f"{name} {hour}:00 to {hour + 1}:00: {_amount(amounts[hour], measure)}" if amounts[hour] >= 0 else ""


def _amount(amount: float, measure: str) -> str:
    """In words: "1,204 calls", "1.2 calls", "3.4 million tokens", "$12"."""
    if measure == "cost_usd":
        return dollars(float(amount))
    if measure == "tokens" and amount >= 1e6:
        return f"{amount / 1e6:,.1f} million tokens"
    if measure == "tokens":
        amount = float(f"{amount:.3g}")
    if amount == 1:
        return f"1 {measure.removesuffix('s')}"
    return f"{amount:,.1f} {measure}" if 0 < amount < 10 and amount != round(amount) else f"{amount:,.0f} {measure}"


def _bars(days: Sequence[date], amounts: "np.ndarray[Any, Any]") -> tuple[list[date], "np.ndarray[Any, Any]", str]:
    if len(days) <= MOST_BARS:
        return list(days), amounts, "day"
    weeks: dict[date, float] = {}
    for each, amount in zip(days, amounts, strict=True):
        monday = date.fromordinal(each.toordinal() - each.weekday())
        weeks[monday] = weeks.get(monday, 0.0) + float(amount)
    return list(weeks), np.array(list(weeks.values())), "week"
