"""Latency on the screen: boxes that are computed before they are drawn, and a load test by the calls in flight."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import LIMIT, canvas, empty, label_rows, note
from advisor.charts.colours import BASELINE, colour_of, index_in, ordered
from advisor.charts.labels import on_screen
from advisor.charts.rows import Chart
from advisor.text.numbers import count, seconds
from advisor.types import LoadStep

ROW_PX = 46
HEIGHT_PX = 240
LOAD_MEASURES = {"latency": "latency", "ttft": "time to first token"}
"""What can be drawn -> the words for it."""


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
        return empty(title, reason)
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
        figure.add_vline(x=limit_s, line=LIMIT)
        note(figure, f"limit {limit_s:g} s", x=limit_s, y=1, yref="paper", yanchor="bottom")
    label_rows(figure, range(len(boxes)), [_name(box) for box in boxes])
    top = max([box.p95 for box in boxes] + [limit_s or 0.0])
    figure.update_xaxes(title_text="Seconds (line: p5 to p95)", range=[0, top * 1.12])
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


def load_figure(
    model: str,
    steps: Sequence[LoadStep],
    models: Sequence[str] = (),
    *,
    measure: str = "latency",
    limit_s: float | None = None,
    is_baseline: bool = False,
) -> Chart[go.Figure]:
    """The 95th percentile by calls in flight, each with a line down to the median; ``steps`` in order of concurrency.

    ``models`` are the study's candidates in the order that fixes their colours, ``measure`` is one of LOAD_MEASURES,
    ``limit_s`` the product manager's limit, drawn as a dashed line.
    """
    points = list(_points(steps, measure))
    title = _load_title(model, points, measure, limit_s)
    if not points:
        reason = "No step of the load test was timed."
        return empty(title, reason)
    colour = BASELINE if is_baseline else colour_of(index_in(models, model))
    figure = canvas(height=HEIGHT_PX, left=48)
    p50, p95 = (np.array([point[place] for point in points]) for place in (1, 2))
    figure.add_scatter(
        x=np.array([point.step.concurrency for point in points]),
        y=p95,
        error_y={"type": "data", "symmetric": False, "array": 0 * p95, "arrayminus": p95 - p50, "width": 0},
        mode="lines+markers+text",
        line={"color": colour, "width": 2},
        marker={"color": colour, "size": 10, "symbol": [_symbol(point) for point in points]},
        text=[seconds(point.p95_s) for point in points],
        textposition=[f"{_side(point, limit_s)} center" for point in points],
        cliponaxis=False,
        name="p95",
        customdata=[_words(point) for point in points],
        hovertemplate="%{customdata}<extra></extra>",
    )
    if limit_s is not None:
        figure.add_hline(y=limit_s, line=LIMIT)
        note(figure, f"limit {limit_s:g} s", x=0, xref="paper", xanchor="left", y=limit_s, yanchor="bottom")
    hollow = "; hollow: this machine was the bottleneck" if any(point.step.is_machine_bound for point in points) else ""
    first, last = math.log2(points[0].step.concurrency), math.log2(points[-1].step.concurrency)
    figure.update_xaxes(
        title_text=f"Concurrent calls (point: p95; line: down to median; x: beyond limits{hollow})",
        type="log",
        tickvals=[point.step.concurrency for point in points],
        ticktext=[f"{point.step.concurrency:,}" for point in points],
        range=[(first - 0.4) * math.log10(2), (last + 0.4) * math.log10(2)],
        showgrid=False,
    )
    figure.update_yaxes(
        title_text=f"{LOAD_MEASURES[measure].capitalize()}, seconds",
        range=[0, 1.2 * max([float(p95.max()), limit_s or 0.0])],
        showgrid=True,
    )
    return Chart(figure=figure, title=title, alt=f"{title}. {'; '.join(_words(point) for point in points)}.")


class _Point(NamedTuple):
    """A step with the median and the 95th percentile in seconds."""

    step: LoadStep
    p50_s: float
    p95_s: float


def _points(steps: Sequence[LoadStep], measure: str) -> Iterator[_Point]:
    for step in steps:
        p50, p95 = getattr(step.times, f"{measure}_p50_s"), getattr(step.times, f"{measure}_p95_s")
        if p50 is not None and p95 is not None:
            yield _Point(step, p50, p95)


def _load_title(model: str, points: Sequence[_Point], measure: str, limit_s: float | None) -> str:
    what = LOAD_MEASURES[measure]
    if not points:
        return f"{model} was not measured under load"
    kept = [point.step.concurrency for point in points if limit_s is None or point.p95_s <= limit_s]
    if limit_s is None:
        return f"{model}: p95 {what} {seconds(points[-1].p95_s)} with {_calls(points[-1].step.concurrency)}"
    if not kept:
        return f"{model}: p95 {what} is always above {limit_s:g} s"
    return f"{model}: p95 {what} within {limit_s:g} s up to {_calls(max(kept))}"


def _side(point: _Point, limit_s: float | None) -> str:
    """Where the label stands clear of the limit."""
    return "bottom" if limit_s is not None and 0.7 * limit_s < point.p95_s <= limit_s else "top"


def _symbol(point: _Point) -> str:
    return ("circle" if point.step.within_limits else "x") + ("-open" if point.step.is_machine_bound else "")


def _words(point: _Point) -> str:
    beyond = "" if point.step.within_limits else ", beyond the limits"
    bound = ", limited by this machine" if point.step.is_machine_bound else ""
    return f"{_calls(point.step.concurrency)}: p95 {seconds(point.p95_s)}, median {seconds(point.p50_s)}{beyond}{bound}"


def _calls(concurrency: int) -> str:
    return count(concurrency, "concurrent call")
