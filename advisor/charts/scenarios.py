"""The frontier on the screen: what each acceptable drop saves, and where use cases cross."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import LIMIT, canvas, empty, note
from advisor.charts.colours import CANDIDATES
from advisor.charts.labels import on_screen
from advisor.charts.rows import Chart
from advisor.text.numbers import dollars, pts
from advisor.text.scenarios import frontier_alt, moves_words
from advisor.types import Money
from advisor.types.scenarios import Crossing

NEAR_PTS = 6
LINE = 0.09
"""Height of a line of text, of the highest saving."""


def frontier_steps(
    crossings: Sequence[Crossing], now: float | None, planned: float | None, title: str, last: str = ""
) -> Chart[go.Figure]:
    """Dollars saved a month by acceptable drop as steps; lines at the drop that is set and the one set before the run.

    ``now`` and ``planned`` are fractions; None: use cases differ. ``last``: how long that is saved.
    """
    alt = frontier_alt(crossings, title)
    known = [(each, each.savings_usd) for each in crossings if each.savings_usd is not None]
    if not known:
        return empty(title, "The saving is unknown: the log lacks times, or a model has no price.", alt)
    figure = canvas(height=230, right=40)
    top = max(saved.point for _, saved in known)
    figure.add_scatter(
        x=np.array([each.margin * 100 for each, _ in known]),
        y=np.array([saved.point for _, saved in known]),
        mode="lines+markers",
        line={"shape": "hv", "color": CANDIDATES[0], "width": 3},
        marker={"size": 5},
        hovertemplate="%{customdata}<extra></extra>",
        customdata=[
            f"{pts(each.margin)}: {dollars(saved.point)} a month<br>{on_screen(moves_words(each), 90)}"
            for each, saved in known
        ],
    )
    for at, height, words in _crossed(known, top):
        note(figure, words, x=at, y=height, xanchor="left", xshift=6, yanchor="top", align="left")
    for margin, words, line in ((planned, "planned", LIMIT | {"dash": "dot"}), (now, "now", LIMIT)):
        if margin is not None and not (line is not LIMIT and margin == now):
            figure.add_vline(x=margin * 100, line=line)
            note(figure, words, x=margin * 100, y=1, yref="paper", yanchor="bottom", xanchor="center")
    figure.update_xaxes(title_text="Acceptable drop, pts", dtick=5, range=[0, known[-1][0].margin * 100 + 0.5])
    figure.update_yaxes(
        title_text=f"Saved a month{last}",
        tickprefix="$",
        tickformat=",~r",
        range=[0, top * 1.1 or 1],
        nticks=4,
        showgrid=True,
    )
    return Chart(figure=figure, title=title, alt=alt)


def _crossed(known: Sequence[tuple[Crossing, Money]], top: float) -> list[tuple[float, float, str]]:
    """Where to name the use cases that come and go, under the steps; a name that is near the next one goes lower."""
    found: list[tuple[float, float, str]] = []
    ahead = (math.inf, math.inf)
    befores = ((), *(each.moves for each, _ in known))
    for before, (each, saved) in reversed(list(zip(befores, known, strict=False))):
        came = [f"+ {on_screen(name)}" for name in each.moves if name not in before]
        left = [f"\u2212 {on_screen(name)}" for name in before if name not in each.moves]
        if came or left:
            at, height = each.margin * 100, saved.point
            if ahead[0] - at < NEAR_PTS:
                height = min(height, ahead[1] - LINE * top)
            ahead = at, height - LINE * top * (len(came) + len(left) - 1)
            found.append((at, height, "<br>".join([*came, *left])))
    return found
