"""Latency on the screen, as boxes that are computed before they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import canvas, empty, label_rows, note
from advisor.charts.chart import Chart
from advisor.charts.colours import BASELINE, colour_of, index_in, ordered
from advisor.charts.labels import on_screen
from advisor.text.numbers import seconds

ROW_PX = 46


@dataclass(frozen=True, kw_only=True)
class LatencyBox:
    """Quantiles of one model's latency, in seconds."""

    model: str
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float
    n: int
    is_baseline: bool


def latency_figure(
    boxes: Sequence[LatencyBox], models: Sequence[str] = (), *, limit_s: float | None = None
) -> Chart[go.Figure]:
    """One box per model: the middle half, with whiskers from the 5th to the 95th percentile.

    ``models`` are the study's candidates in the order that fixes their colours; left out, the order of the boxes.
    ``limit_s`` is the product manager's limit of the 95th percentile, drawn as a dashed line.
    """
    title = _title(boxes)
    if not boxes:
        reason = "No answer was timed. Pre-recorded answers have no latency."
        return Chart(figure=empty(reason), title=title, alt=f"{title}. {reason}")
    order = models or ordered(box.model for box in boxes if not box.is_baseline)
    figure = canvas(height=ROW_PX * len(boxes) + 20)
    for position, box in enumerate(boxes):
        colour = BASELINE if box.is_baseline else colour_of(index_in(order, box.model))
        figure.add_box(
            orientation="h",
            y0=position,
            q1=np.array([box.p25]),
            median=np.array([box.p50]),
            q3=np.array([box.p75]),
            lowerfence=np.array([box.p5]),
            upperfence=np.array([box.p95]),
            width=0.5,
            line={"color": colour, "width": 2},
            fillcolor=f"rgba({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))}, 0.25)",
            name=on_screen(box.model),
            hoverinfo="x",
        )
        note(figure, seconds(box.p50), x=box.p50, y=position, yanchor="bottom", yshift=11)
        note(figure, seconds(box.p95), x=box.p95, y=position, xanchor="left", xshift=6)
    if limit_s is not None:
        line = {"color": BASELINE, "width": 2, "dash": "dash"}
        figure.add_shape(type="line", x0=limit_s, x1=limit_s, y0=0, y1=1, yref="paper", line=line)
        note(figure, f"limit {limit_s:g} s", x=limit_s, y=1, yref="paper", yanchor="bottom")
    label_rows(figure, range(len(boxes)), [_name(box) for box in boxes])
    top = max([box.p95 for box in boxes] + [limit_s or 0.0])
    figure.update_xaxes(title_text="Latency in seconds (box: middle half; line: p5 to p95)", range=[0, top * 1.12])
    words = "; ".join(f"{box.model} median {seconds(box.p50)}, p95 {seconds(box.p95)}, n {box.n:,}" for box in boxes)
    return Chart(figure=figure, title=title, alt=f"{title}. {words}.")


def _title(boxes: Sequence[LatencyBox]) -> str:
    baseline = next((box for box in boxes if box.is_baseline), None)
    candidates = [box for box in boxes if not box.is_baseline]
    if not boxes:
        return "Latency wasn't measured"
    if not candidates:
        return f"Median latency of the baseline: {seconds(boxes[0].p50)}"
    quickest = min(candidates, key=lambda box: box.p50)
    title = f"Median latency: {quickest.model} {seconds(quickest.p50)}"
    return f"{title}, baseline {seconds(baseline.p50)}" if baseline is not None else title


def _name(box: LatencyBox) -> str:
    return f"{on_screen(box.model)}<br>n {box.n:,}{' · baseline' if box.is_baseline else ''}"
