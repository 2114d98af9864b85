"""The steps of a migration in the calendar, on the screen."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import canvas, empty, label_rows
from advisor.charts.colours import BASELINE, CANDIDATES, ordered
from advisor.charts.labels import on_screen
from advisor.charts.rows import Chart
from advisor.text.numbers import day, days
from advisor.text.plan import step_name, timeline_sentence
from advisor.types import Stint

ROW_PX = 40
GAP = "rgba(255, 255, 255, 0.7)"


def timeline_figure(stints: Sequence[Stint]) -> Chart[go.Figure]:
    """One row a use case, one bar a step: in the shadow users still get the baseline."""
    title = timeline_sentence(stints)
    if not stints:
        return empty(title, "Its steps appear here once a use case can move.")
    names = ordered(stint.use_case for stint in stints)
    figure = canvas(height=ROW_PX * len(names), left=8)
    spans = [days((stint.first, stint.last)) for stint in stints]
    figure.add_bar(
        orientation="h",
        y=np.array([names.index(stint.use_case) for stint in stints]),
        base=[stint.first for stint in stints],
        x=np.array([(stint.end - stint.first) / timedelta(milliseconds=1) for stint in stints]),
        text=[step_name(stint) for stint in stints],
        textposition="inside",
        textangle=0,
        insidetextanchor="middle",
        textfont={"color": "white"},
        marker={
            "color": [CANDIDATES[0] if stint.phase.percent else BASELINE for stint in stints],
            "line": {"width": 2, "color": GAP},
        },
        hovertext=[
            f"{step_name(stint)}: {span}" + (f", {on_screen(owner)}" if (owner := stint.entered.owner) else "")
            for stint, span in zip(stints, spans, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure.update_xaxes(type="date", showgrid=True, tickformat="%-d %b")
    label_rows(figure, range(len(names)), [on_screen(name) for name in names])
    told = "; ".join(f"{stint.use_case}, {step_name(stint)} from {day(stint.first)}" for stint in stints)
    return Chart(figure=figure, title=title, alt=f"{title} {told}.")
