"""The frame of every figure on the screen: title above, no legend, and a template without colours of its own.

Streamlit fills in the fonts and colours of its theme, light or dark, where a template has a layout; a figure made
without one would carry the placeholder colours of Streamlit's own.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from advisor.charts.colours import BASELINE
from advisor.charts.labels import title_lines

QUIET = "rgba(100, 116, 139, 0.25)"
TITLE_LINE_PX = 20


def canvas(title: str, *, height: int, left: int = 8, right: int = 24, bottom: int = 48) -> go.Figure:
    """An empty figure of ``height`` px of plot, with the take-away as its title. Margins are in px."""
    text = title_lines(title)
    top = 34 + TITLE_LINE_PX * (1 + text.count("<br>"))
    figure = go.Figure(layout=go.Layout(template=go.layout.Template(layout={"font": {"size": 13}})))
    figure.update_layout(
        title={"text": text, "x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container"},
        title_font_size=15,
        title_yanchor="top",
        title_pad={"t": 10, "l": 8},
        height=height + top + bottom,
        margin={"l": left, "r": right, "t": top, "b": bottom},
        showlegend=False,
        hovermode="closest",
        bargap=0.35,
    )
    figure.update_xaxes(automargin=True, zeroline=False, fixedrange=True, gridcolor=QUIET, title_font_size=12)
    figure.update_yaxes(
        automargin=True, zeroline=False, fixedrange=True, showgrid=False, gridcolor=QUIET, title_font_size=12
    )
    return figure


def label_rows(figure: go.Figure, positions: Sequence[float], texts: Sequence[str]) -> None:
    """Name the rows on the left, the first one on top. ``texts`` are already safe for plotly."""
    figure.update_yaxes(
        tickvals=list(positions),
        ticktext=list(texts),
        range=[max(positions, default=0) + 0.7, min(positions, default=0) - 0.7],
        ticklabelstandoff=8,
    )


def mark_zero(figure: go.Figure, text: str) -> None:
    """The baseline as a solid line at zero, named above the plot."""
    figure.add_shape(
        type="line", x0=0, x1=0, y0=0, y1=1, yref="paper", line={"color": BASELINE, "width": 2}, layer="below"
    )
    note(figure, text, x=0, y=1, yref="paper", yanchor="bottom", xanchor="left")


def note(figure: go.Figure, text: str, **place: Any) -> None:
    """A direct label. ``text`` is already safe for plotly; ``place`` goes to plotly's annotation."""
    figure.add_annotation(text=text, **({"showarrow": False, "font": {"size": 12}} | place))


def empty(title: str, reason: str) -> go.Figure:
    """A figure that says why there is nothing to see."""
    figure = canvas(title, height=60, bottom=8)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    note(figure, title_lines(reason), x=0, y=0.5, xref="paper", yref="paper", xanchor="left", align="left")
    return figure
