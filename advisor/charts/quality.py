"""Quality against the baseline on the screen: a difference and its range per candidate."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import LIMIT, canvas, empty, label_rows, mark_zero, note
from advisor.charts.colours import BASELINE, SYMBOLS, UNKNOWN, candidates_of, colour_of, ordered
from advisor.charts.labels import ROW, on_screen, round_ticks, signed
from advisor.charts.rows import Chart, QualityRow, overview_alt, overview_title, quality_rows, quality_title
from advisor.text.names import candidate_words
from advisor.text.numbers import points
from advisor.text.results import difference_and_n
from advisor.types import Noise, Recommendation, UseCaseDecision

ROW_PX = 46
SMALL_ROW_PX = 25
HALF_ROW = 0.45


def quality_figure(decision: UseCaseDecision, models: Sequence[str] = ()) -> Chart[go.Figure]:
    """One use case: every candidate's difference from the baseline in points, with its range.

    The baseline is the line at zero, the limit a dashed line. ``models`` are the study's candidates in the order that
    fixes their colours; left out, the use case's own order.
    """
    title = quality_title(decision)
    alt = overview_alt([decision], title, "the baseline")
    rows = quality_rows(decision, models or ordered(a.model for a in decision.candidates))
    if not rows:
        return empty(title, "Register a candidate and replay it.", alt)
    positions = [float(i) for i in range(len(rows))]
    labels = [_two_lines(row) for row in rows]
    figure = canvas(height=ROW_PX * (len(rows) + (decision.baseline_facts.noise is not None)) + 20)
    _draw(figure, rows, positions, with_words=True)
    if decision.baseline_facts.noise is not None:
        _draw_noise(figure, decision.baseline_facts.noise, float(len(rows)))
        positions.append(float(len(rows)))
        labels.append(f"Baseline, asked twice<br>n {decision.baseline_facts.noise.n:,} · chance alone")
    label_rows(figure, positions, labels)
    return Chart(figure=figure, title=title, alt=alt)


def overview_figure(recommendation: Recommendation) -> Chart[go.Figure]:
    """All use cases and candidates: differences from the baseline in points, with their ranges and limits."""
    title = overview_title(recommendation)
    alt = overview_alt(recommendation.use_cases, title, recommendation.run.baseline)
    models = candidates_of(recommendation)
    rows: list[QualityRow] = []
    positions: list[float] = []
    ticks: list[float] = []
    texts: list[str] = []
    for decision in recommendation.use_cases:
        ticks.append(ticks[-1] + 1.3 if ticks else 0.0)
        texts.append(f"<b>{on_screen(decision.name, ROW)}</b>")
        for row in quality_rows(decision, models):
            ticks.append(ticks[-1] + 1)
            texts.append(on_screen(row.model, ROW))
            rows.append(row)
            positions.append(ticks[-1])
    if not rows:
        return empty(title, "Register a candidate and replay it.", alt)
    figure = canvas(height=int(SMALL_ROW_PX * (ticks[-1] + 1)) + 20, right=120)
    _draw(figure, rows, positions, with_words=False)
    label_rows(figure, ticks, texts)
    for row, position in zip(rows, positions, strict=True):
        words = candidate_words(row.assessment).replace(" (", "<br>(")  # a phone has no room for one line
        note(figure, words, x=1, xref="paper", xanchor="left", xshift=8, y=position)
    return Chart(figure=figure, title=title, alt=alt)


def _draw(figure: go.Figure, rows: Sequence[QualityRow], positions: Sequence[float], *, with_words: bool) -> None:
    """``with_words``: what is said instead stands where a range would."""
    _draw_limits(figure, rows, positions)
    mark_zero(figure, "baseline")
    for row, position in zip(rows, positions, strict=True):
        if row.has_interval:
            _draw_interval(figure, row, position)
        elif with_words:
            note(figure, row.why_no_interval, x=0, y=position, xanchor="left", xshift=6, font={"color": UNKNOWN})
    low, high = _range(rows, with_words=with_words)
    figure.update_xaxes(
        title_text="Points better or worse than the baseline",
        range=[low, high],
        tickvals=(ticks := round_ticks(low, high)),
        ticktext=[signed(tick) for tick in ticks],
    )


def _draw_interval(figure: go.Figure, row: QualityRow, position: float) -> None:
    a = row.assessment
    assert a.difference.delta is not None
    assert a.difference.low is not None
    assert a.difference.ci_high is not None
    colour = colour_of(row.index)
    _draw_range(
        figure,
        position,
        (a.difference.delta, a.difference.low, a.difference.ci_high),
        colour,
        marker={
            "color": colour,
            "size": 11,
            "symbol": SYMBOLS[a.ruling.verdict],
            "line": {"color": colour, "width": 2},
        },
        name=on_screen(row.model),
        hovertemplate=f"{on_screen(row.use_case)}<br>{on_screen(row.model)}<br>{difference_and_n(a)}<extra></extra>",
    )


def _draw_noise(figure: go.Figure, noise: Noise, position: float) -> None:
    """The baseline against itself: what no difference looks like here."""
    _draw_range(
        figure,
        position,
        (noise.delta, noise.low, noise.high),
        BASELINE,
        marker={"color": BASELINE, "size": 9, "symbol": "line-ns-open"},
        name="baseline, asked twice",
        hovertemplate=f"Baseline against its own second answers<br>n {noise.n:,}<extra></extra>",
    )


def _draw_range(
    figure: go.Figure, position: float, values: tuple[float, float, float], colour: str, **style: Any
) -> None:
    """A difference with its low and high end, all fractions, as a mark on a bar."""
    point, low, high = values
    figure.add_scatter(
        x=np.array([point * 100]),
        y=np.array([position]),
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.array([(high - point) * 100]),
            "arrayminus": np.array([(point - low) * 100]),
            "color": colour,
            "thickness": 2.5,
            "width": 5,
        },
        mode="markers",
        **style,
    )


def _draw_limits(figure: go.Figure, rows: Sequence[QualityRow], positions: Sequence[float]) -> None:
    """The limits as one dashed trace, a piece per run of rows with the same limit: use cases may differ."""
    x: list[float] = []
    y: list[float] = []
    for margin, group in groupby(zip(rows, positions, strict=True), key=lambda item: _stretch(*item)):
        stretch = [position for _, position in group]
        x += [-margin[0] * 100, -margin[0] * 100, np.nan]
        y += [stretch[0] - HALF_ROW, stretch[-1] + HALF_ROW, np.nan]
    figure.add_scatter(
        x=np.array(x),
        y=np.array(y),
        mode="lines",
        line=LIMIT,
        name="limit",
        hoverinfo="skip",
    )
    text = (
        f"acceptable drop: {points(rows[0].assessment.difference.margin)}"
        if len({row.assessment.difference.margin for row in rows}) == 1
        else "acceptable drop"
    )
    note(figure, text, x=x[0], y=1, yref="paper", yanchor="bottom", xanchor="right", xshift=-4)


def _stretch(row: QualityRow, _position: float) -> tuple[float, str]:
    return row.assessment.difference.margin, row.use_case


def _range(rows: Sequence[QualityRow], *, with_words: bool) -> tuple[float, float]:
    values = [0.0]
    for row in rows:
        a = row.assessment
        values += [v for v in (a.difference.low, a.difference.ci_high, -a.difference.margin) if v is not None]
    low, high = min(values) * 100, max(values) * 100
    if with_words and not all(row.has_interval for row in rows):
        high = max(high, -low / 2)
    pad = max((high - low) * 0.08, 1.0)
    return low - pad, high + pad


def _two_lines(row: QualityRow) -> str:
    a = row.assessment
    return f"{on_screen(row.model)}<br>n {a.quality.n:,} · {candidate_words(a)}"
