"""The frame of every figure on the screen: no legend, and a template without colours of its own.

The take-away is not drawn but returned, so that the page can set it as text above the figure.

Streamlit fills in the fonts and colours of its theme, light or dark, where a template has a layout; a figure made
without one would carry the placeholder colours of Streamlit's own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from advisor.charts.colours import BASELINE
from advisor.charts.labels import broken
from advisor.charts.rows import Chart

LIMIT = {"color": BASELINE, "width": 2, "dash": "dash"}
"""The line of a limit."""
QUIET = "rgba(100, 116, 139, 0.25)"
TOP_PX = 30
"""For labels above the plot."""


def canvas(*, height: int, left: int = 8, right: int = 24, bottom: int = 48, top: int = TOP_PX) -> go.Figure:
    """An empty figure of ``height`` px of plot. Margins are in px."""
    figure = go.Figure(layout=go.Layout(template=go.layout.Template(layout={"font": {"size": 13}})))
    figure.update_layout(
        height=height + top + bottom,
        margin={"l": left, "r": right, "t": top, "b": bottom},
        showlegend=False,
        hovermode="closest",
        bargap=0.35,
    )
    figure.update_xaxes(
        automargin=True, zeroline=False, fixedrange=True, gridcolor=QUIET, title_font_size=12, tickangle=0
    )
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


def mark_zero(figure: go.Figure) -> None:
    """The baseline as a solid line at zero, named above the plot."""
    figure.add_vline(x=0, line={"color": BASELINE, "width": 2}, layer="below")
    note(figure, "baseline", x=0, y=1, yref="paper", yanchor="bottom", xanchor="left")


def whisker(colour: str, below: Any, above: Any, *, thickness: float = 2) -> dict[str, Any]:
    """Bars for plotly's ``error_x`` or ``error_y``, which reach so far below and above each of some points."""
    ends = {"type": "data", "symmetric": False, "arrayminus": np.atleast_1d(below), "array": np.atleast_1d(above)}
    return ends | {"color": colour, "thickness": thickness, "width": 5}


def note(figure: go.Figure, text: str, **place: Any) -> None:
    """A direct label. ``text`` is already safe for plotly; ``place`` goes to plotly's annotation."""
    figure.add_annotation(text=text, **({"showarrow": False, "font": {"size": 12}} | place))


def empty(title: str, reason: str, alt: str | None = None) -> Chart[go.Figure]:
    """A figure that says why there is nothing to see."""
    figure = canvas(height=60, bottom=8)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    note(figure, broken(reason), x=0, y=0.5, xref="paper", yref="paper", xanchor="left", align="left")
    return Chart(figure=figure, title=title, alt=alt or f"{title}. {reason}")
