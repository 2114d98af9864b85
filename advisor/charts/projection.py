"""The months to come on the screen: the bill with today's models and with the plan, each with its range."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import canvas, empty, note
from advisor.charts.chart import Chart
from advisor.charts.colours import BASELINE
from advisor.charts.hosting import LABEL, apart
from advisor.text.numbers import around, dollars
from advisor.types import Money

HEIGHT_PX = 240
TODAY, PLAN = "today's models", "with the plan"
_BANDS = {TODAY: "rgba(100, 116, 139, 0.22)", PLAN: "rgba(100, 116, 139, 0.12)"}


def projection_figure(today: Sequence[Money], plan: Sequence[Money] | None) -> Chart[go.Figure]:
    """Dollars a month, the first month being like the log; ``plan`` None: there is none, or it is not known."""
    title = _title(today, plan)
    if not today:
        reason = "The sentence below says why."
        return Chart(figure=empty(reason), title=title, alt=f"{title}. {reason}")
    figure = canvas(height=HEIGHT_PX, left=56, right=150)
    bills = {TODAY: today} | ({PLAN: plan} if plan else {})
    for name, months in bills.items():
        _draw(figure, name, months)
    top = 1.1 * max(month.high for months in bills.values() for month in months) or 1.0
    ends = {name: months[-1].point for name, months in bills.items()}
    for name, place in apart(ends, 2.5 * LABEL * top).items():
        text = f"{name}:<br>{dollars(ends[name])}"
        note(figure, text, x=len(today), y=place, xanchor="left", xshift=8, align="left")
    figure.update_xaxes(title_text="Month", tickvals=[1, *range(3, len(today) + 1, 3)], range=[0.7, len(today) + 0.1])
    figure.update_yaxes(title_text="Dollars a month", tickprefix="$", range=[0, top], showgrid=True, tickformat=",~r")
    return Chart(figure=figure, title=title, alt=f"{title}. {_words(bills)}")


def _draw(figure: go.Figure, name: str, months: Sequence[Money]) -> None:
    month = np.arange(1, len(months) + 1)
    low, point, high = (np.array([getattr(value, end) for value in months]) for end in ("low", "point", "high"))
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=month, y=low, name=f"{name}, low", **edge)
    figure.add_scatter(x=month, y=high, name=f"{name}, high", fill="tonexty", fillcolor=_BANDS[name], **edge)
    figure.add_scatter(
        x=month,
        y=point,
        mode="lines+markers",
        line={"color": BASELINE, "width": 2, "dash": "solid" if name == TODAY else "dash"},
        marker={"color": BASELINE, "size": 6, "symbol": "circle" if name == TODAY else "circle-open"},
        name=name,
        customdata=[f"month {at}, {name}: {_spread(value)}" for at, value in zip(month, months, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _title(today: Sequence[Money], plan: Sequence[Money] | None) -> str:
    if not today:
        return "What the months to come cost is not known"
    title = f"{len(today)} months cost about {dollars(sum(month.point for month in today))} with today's models"
    return f"{title}, {dollars(sum(month.point for month in plan))} with the plan" if plan else title


def _words(bills: dict[str, Sequence[Money]]) -> str:
    return (
        "; ".join(
            f"{name}: {_spread(months[0])} in the first month, {_spread(months[-1])} in the last"
            for name, months in bills.items()
        )
        + "."
    )


def _spread(money: Money) -> str:
    return around(money.point, money.low, money.high)
