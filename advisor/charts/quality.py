"""Quality against the baseline on the screen: a difference and its range per candidate."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import LIMIT, canvas, empty, label_rows, mark_zero, note, whisker
from advisor.charts.colours import BASELINE, SYMBOLS, colour_of, ordered
from advisor.charts.labels import ROW, on_screen, round_ticks, signed
from advisor.charts.rows import Chart, QualityRow, left_edge, overview_alt, quality_rows, quality_title
from advisor.text.names import candidate_words, outcome
from advisor.text.numbers import pts
from advisor.text.results import difference_and_n
from advisor.types import Noise, UseCaseDecision, Verdict

ROW_PX, CLOSE_PX = 46, 24
MOST_SPACED = 4
"""More rows are close together, each with its label on one line."""
HALF_ROW = 0.45
REACH = 30.0
"""Points to each side, or twice the widest acceptable drop: what lies farther is an arrow at the edge."""
BEYOND = "beyond"
"""The name of such an arrow."""


class _Edges(NamedTuple):
    """Where the axis ends, in points."""

    low: float
    high: float


def quality_figure(decision: UseCaseDecision, models: Sequence[str] = (), chosen: str = "") -> Chart[go.Figure]:
    """One use case: every candidate's difference from the baseline in points, with its range.

    The baseline is the line at zero, the acceptable drop a dashed line. ``models`` are the study's candidates in the
    order that fixes their colours; left out, the use case's own order. The ``chosen`` candidate stands out.
    """
    title = quality_title(decision)
    alt = overview_alt([decision], title, "the baseline")
    rows = quality_rows(decision, models or ordered(a.model for a in decision.candidates))
    if not rows:
        return empty(title, "Register a candidate and replay it.", alt)
    positions = [float(i) for i in range(len(rows))]
    is_close = len(rows) > MOST_SPACED
    labels = [_label(row, is_chosen=row.model == chosen, is_close=is_close) for row in rows]
    noise = decision.baseline_facts.noise
    figure = canvas(height=(CLOSE_PX if is_close else ROW_PX) * (len(rows) + (noise is not None)) + 20)
    edges = _edges(rows, chosen)
    _draw_limits(figure, rows, positions)
    mark_zero(figure)
    for row, position in zip(rows, positions, strict=True):
        if row.has_interval:
            _draw_interval(figure, row, position, edges)
        else:
            note(figure, row.why_no_interval, x=0, y=position, xanchor="left", xshift=6)
    if noise is not None:
        _draw_noise(figure, noise, float(len(rows)), edges)
        positions.append(float(len(rows)))
        labels.append(f"Baseline, asked twice{' · ' if is_close else '<br>'}n {noise.n:,} · chance alone")
    label_rows(figure, positions, labels)
    figure.update_xaxes(
        title_text="Difference from the baseline, pts",
        range=list(edges),
        tickvals=(ticks := round_ticks(*edges)),
        ticktext=[signed(tick) for tick in ticks],
    )
    return Chart(figure=figure, title=title, alt=alt)


def _draw_interval(figure: go.Figure, row: QualityRow, position: float, edges: _Edges) -> None:
    a = row.assessment
    assert a.difference.delta is not None
    assert a.difference.low is not None
    assert a.difference.ci_high is not None
    colour = colour_of(row.index)
    _draw_range(
        figure,
        position,
        (a.difference.delta, a.difference.low, a.difference.ci_high),
        edges,
        marker={
            "color": colour,
            "size": 11,
            "symbol": SYMBOLS[outcome(a)],
            "line": {"color": colour, "width": 2},
        },
        name=on_screen(row.model),
        hovertemplate=f"{on_screen(row.use_case)}<br>{on_screen(row.model)}<br>{difference_and_n(a)}<extra></extra>",
    )


def _draw_noise(figure: go.Figure, noise: Noise, position: float, edges: _Edges) -> None:
    """The baseline against itself: what no difference looks like here."""
    _draw_range(
        figure,
        position,
        (noise.delta, noise.low, noise.high),
        edges,
        marker={"color": BASELINE, "size": 9, "symbol": "line-ns-open"},
        name="baseline, asked twice",
        hovertemplate=f"Baseline against its own second answers<br>n {noise.n:,}<extra></extra>",
    )


def _draw_range(
    figure: go.Figure,
    position: float,
    values: tuple[float, float, float],
    edges: _Edges,
    *,
    marker: dict[str, Any],
    **style: Any,
) -> None:
    """A difference with its low and high end, all fractions, as a mark on a bar; an arrow where it goes on."""
    whole = np.array(values) * 100
    point, low, high = np.clip(whole, *edges)
    if point != whole[0]:
        marker = {"color": marker["color"], "size": 1}  # the arrow stands there
    figure.add_scatter(
        x=np.array([point]),
        y=np.array([position]),
        error_x=whisker(marker["color"], point - low, high - point, thickness=2.5),
        mode="markers",
        marker=marker,
        **style,
    )
    for is_beyond, edge, symbol in (
        (whole[1] < edges.low, edges.low, "triangle-left"),
        (whole[2] > edges.high, edges.high, "triangle-right"),
    ):
        if is_beyond:
            mark = {"color": marker["color"], "size": 13, "symbol": symbol}
            place = {"x": [edge], "y": [position], "cliponaxis": False}
            figure.add_scatter(mode="markers", marker=mark, name=BEYOND, hoverinfo="skip", **place)


def _draw_limits(figure: go.Figure, rows: Sequence[QualityRow], positions: Sequence[float]) -> None:
    """The limits as one dashed trace, a piece per run of rows with the same limit: use cases may differ."""
    x: list[float] = []
    y: list[float] = []
    for margin, group in groupby(zip(rows, positions, strict=True), key=lambda item: _stretch(*item)):
        stretch = [position for _, position in group]
        x += [-margin[0] * 100, -margin[0] * 100, np.nan]
        y += [stretch[0] - HALF_ROW, stretch[-1] + HALF_ROW, np.nan]
    figure.add_scatter(x=np.array(x), y=np.array(y), mode="lines", line=LIMIT, name="limit", hoverinfo="skip")
    margins = {row.assessment.difference.margin for row in rows}
    text = f"acceptable drop: {pts(*margins)}" if len(margins) == 1 else "acceptable drop"
    note(figure, text, x=x[0], y=1, yref="paper", yanchor="bottom", xanchor="right", xshift=-4)


def _stretch(row: QualityRow, _position: float) -> tuple[float, str]:
    return row.assessment.difference.margin, row.use_case


def _edges(rows: Sequence[QualityRow], chosen: str) -> _Edges:
    values = [0.0]
    for row in rows:
        d = row.assessment.difference
        values += [v for v in (d.low, d.ci_high, -d.margin) if v is not None]
    low, high = min(values) * 100, max(values) * 100
    if not any(row.model == chosen and row.assessment.ruling.verdict is Verdict.KEEP for row in rows):
        low = max(low, left_edge(rows))
    if not all(row.has_interval for row in rows):
        high = max(high, -low / 2)  # room for the words that stand instead
    pad = max((high - low) * 0.08, 1.0)
    reach = max(REACH, *(200 * row.assessment.difference.margin for row in rows))
    return _Edges(max(low - pad, -reach), min(high + pad, reach))


def _label(row: QualityRow, *, is_chosen: bool, is_close: bool) -> str:
    a, shown = row.assessment, on_screen(row.model, ROW)
    name = f"<b>{shown}</b>" if is_chosen else shown
    return f"{name} · n {a.quality.n:,}" if is_close else f"{name}<br>n {a.quality.n:,} · {candidate_words(a)}"
