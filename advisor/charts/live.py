"""What a run at work knows so far: a difference with the range of a test that may be looked at at any time."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import LIMIT, canvas, label_rows, mark_zero, note, whisker
from advisor.charts.colours import SYMBOLS, colour_of, index_in
from advisor.charts.labels import ROW, in_lines, on_screen, signed
from advisor.charts.rows import Chart
from advisor.text.advice.so_far import so_far_title, so_far_words, state_words
from advisor.text.names import Outcome
from advisor.types import Verdict
from advisor.types.assessments import SoFar

MOST = 40
"""Points of the axis on each side: it stays as it is while ranges shrink, and what is beyond is cut off."""
ROW_PX, LONG_PX = 42, 56
"""The second where a name takes two lines."""
HALF_ROW = 0.35
CHARACTER_PX = 7


def live_figure(rows: Sequence[SoFar], models: Sequence[str]) -> Chart[go.Figure]:
    """A row for each use case and candidate; ``models`` are the run's candidates in the order that fixes colours."""
    is_long = any(len(row.use_case) > ROW for row in rows)
    right = max(90, 8 + CHARACTER_PX * max((len(state_words(row)) for row in rows), default=0))
    figure = canvas(height=(LONG_PX if is_long else ROW_PX) * len(rows) + 10, right=right)
    positions = list(range(len(rows)))
    _draw_limits(figure, rows)
    mark_zero(figure)
    for position, row in enumerate(rows):
        if row.delta is not None:
            _draw_row(figure, row, position, colour_of(index_in(models, row.model)))
        note(figure, state_words(row), x=1, xref="paper", xanchor="left", xshift=8, y=position)
    several = len({row.model for row in rows}) > 1
    label_rows(
        figure,
        positions,
        [
            f"{in_lines(row.use_case)}<br>{on_screen(row.model, ROW - 8) + ' · ' if several else ''}n {row.n:,}"
            for row in rows
        ],
    )
    ticks = list(range(-MOST, MOST + 1, MOST))  # more of them run into each other on a phone
    figure.update_xaxes(
        title_text="Difference from the baseline, pts",
        range=[-MOST - 2, MOST + 2],
        tickvals=ticks,
        ticktext=[signed(tick) for tick in ticks],
    )
    title = so_far_title(rows)
    return Chart(figure=figure, title=title, alt=f"{title}. {'. '.join(map(so_far_words, rows))}.")


def _draw_row(figure: go.Figure, row: SoFar, position: int, colour: str) -> None:
    delta, shown = (row.delta or 0.0) * 100, float(np.clip((row.delta or 0.0) * 100, -MOST, MOST))
    low, high = (bound * 100 for bound in row.interval or (delta / 100, delta / 100))
    symbol = SYMBOLS[Outcome(row.verdict or Verdict.NEED_MORE_DATA)]
    figure.add_scatter(
        x=np.array([shown]),
        y=np.array([position]),
        error_x=whisker(colour, max(shown - max(low, -MOST), 0.0), max(min(high, MOST) - shown, 0.0), thickness=2.5),
        mode="markers",
        marker={
            "color": colour,
            "size": 11,
            "symbol": symbol if shown == delta else "triangle-left" if delta < 0 else "triangle-right",
            "line": {"color": colour, "width": 2},
        },
        hovertemplate=f"{on_screen(so_far_words(row), 160)}<extra></extra>",
    )


def _draw_limits(figure: go.Figure, rows: Sequence[SoFar]) -> None:
    x = [each for row in rows for each in (-row.margin * 100, -row.margin * 100, np.nan)]
    y = [each for position in range(len(rows)) for each in (position - HALF_ROW, position + HALF_ROW, np.nan)]
    figure.add_scatter(x=np.array(x), y=np.array(y), mode="lines", line=LIMIT, hoverinfo="skip")
    note(figure, "acceptable drop", x=x[0], y=1, yref="paper", yanchor="bottom", xanchor="right", xshift=-4)
