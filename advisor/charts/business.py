"""The business case on the screen: net savings by month with the payback, and what they hang on."""

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import canvas, empty, label_rows, note
from advisor.charts.colours import BASELINE, CANDIDATES, FAIL, PASS
from advisor.charts.labels import on_screen
from advisor.charts.rows import Chart
from advisor.text.business_case.case import assumption_name, case_sentence, swing_words, swings_title
from advisor.text.business_case.months import net_alt, net_words
from advisor.text.business_case.paper import NO_NET, NO_SWINGS
from advisor.text.numbers import dollars
from advisor.types.business import BusinessCase

BAND = "rgba(10, 107, 203, 0.18)"
BAR_PX = 52


def net_figure(case: BusinessCase) -> Chart[go.Figure]:
    """Dollars saved less paid, by month from the start, with the range of the savings."""
    title = case_sentence(case)
    if not case.moving:
        return empty(title, NO_NET)
    months = np.array([0, *(month.number for month in case.months)])
    start = -case.one_off_usd
    low, point, high = (
        np.array([start, *(getattr(month.net, end) for month in case.months)]) for end in ("low", "point", "high")
    )
    figure = canvas(height=260, right=40)
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=months, y=low, name="low", **edge)
    figure.add_scatter(x=months, y=high, name="high", fill="tonexty", fillcolor=BAND, **edge)
    figure.add_scatter(
        x=months,
        y=point,
        mode="lines",
        line={"color": CANDIDATES[0], "width": 3},
        customdata=["start", *(f"month {month.number}: {net_words(case, month.number)}" for month in case.months)],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.add_hline(y=0, line={"color": BASELINE, "width": 2}, layer="below")
    if case.payback:
        figure.add_vline(x=case.payback, line={"color": PASS, "dash": "dot"})
        words = f"paid back: month {case.payback}"
        note(figure, words, x=case.payback, y=1, yref="paper", yanchor="bottom", xanchor="left")
    figure.update_xaxes(title_text="Months from the start", dtick=6, range=[0, months[-1] + 0.5])
    figure.update_yaxes(title_text="Net savings", tickformat="$,~r", nticks=5, showgrid=True)
    return Chart(figure=figure, title=title, alt=net_alt(case))


def swings_figure(case: BusinessCase, under: str = "") -> Chart[go.Figure]:
    """The net of a year at both ends of every assumption, the widest first; ``under``: what all of it rests on."""
    title = ", ".join(filter(None, (swings_title(case), under)))
    if not case.swings:
        return empty(title, NO_SWINGS)
    net = case.net(12).point
    figure = canvas(height=BAR_PX * len(case.swings), right=40)
    figure.update_layout(barmode="overlay")
    for row, swing in enumerate(case.swings):
        for usd, words in zip(swing.usd, swing_words(swing), strict=True):
            _bar(figure, row, net, usd, words)
    names = [
        assumption_name(case, swing.assumption) + "<br>" + on_screen(" / ".join(swing_words(swing)))
        for swing in case.swings
    ]
    label_rows(figure, range(len(case.swings)), names)
    figure.add_vline(x=net, line={"color": BASELINE, "width": 2})
    note(figure, f"expected: {dollars(net)}", x=net, y=1, yref="paper", yanchor="bottom", xanchor="center")
    figure.update_xaxes(title_text="Net over 12 months", tickformat="$,~r", nticks=4)
    return Chart(figure=figure, title=title, alt=title)


def _bar(figure: go.Figure, row: int, net: float, usd: float, words: str) -> None:
    if usd == net:
        return
    figure.add_bar(
        x=[usd - net],
        y=[row],
        base=[net],
        orientation="h",
        width=0.5,
        marker={"color": PASS if usd > net else FAIL},
        customdata=[f"{words}: {dollars(usd)}"],
        hovertemplate="%{customdata}<extra></extra>",
    )
