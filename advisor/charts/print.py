"""Charts for print: SVG by matplotlib, letters as text, so that what shows them sets every script and direction.

The take-away is not drawn but returned, so that the page can set it as text above the figure.
"""

import io
import warnings
from collections.abc import Sequence
from itertools import accumulate
from math import inf
from typing import Any
from unicodedata import east_asian_width

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from advisor.charts.colours import BASELINE, MARKERS, candidates_of, colour_of
from advisor.charts.fonts import chart_families
from advisor.charts.labels import printable, signed
from advisor.charts.rows import (
    Chart,
    LatencyRow,
    QualityRow,
    bill_alt,
    bill_rows,
    bill_title,
    latency_rows,
    left_edge,
    overview_alt,
    overview_title,
    quality_rows,
)
from advisor.text.names import PROVISIONAL, candidate_words, outcome
from advisor.text.numbers import listing, number, seconds, shorten
from advisor.types import Recommendation, UseCaseDecision, Verdict

WIDTH_IN = 6.85
"""The text width of the report, 174 mm."""
ROW_IN = 0.165
LEFT = 0.32
"""Where the plot begins, as a share of the width: names are left of it."""
MOST_BILLS = 20
"""Use cases on a page."""
ROOM_FOR_WORDS = 0.7
"""Right of zero, in lengths of what is left of it, for "no evidence yet" to end before the verdict."""
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1}
"""Behind a text: hides the lines that it stands on."""
BESIDE: dict[str, Any] = {"xytext": (5, 0), "textcoords": "offset points", "va": "center"}
"""Where a text stands, right of a point."""
OFF_SCALE = "; arrow: off the scale"
INK = "#1b2430"
FAINT = "#d5dae1"
STYLE = {
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "advisor",
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.unicode_minus": True,
    "hatch.linewidth": 0.8,
}


def quality_svg(recommendation: Recommendation, use_cases: Sequence[UseCaseDecision] | None = None) -> Chart[str]:
    """Differences from the baseline with ranges and limits; ``use_cases`` takes a part of them, for one page."""
    decisions = recommendation.use_cases if use_cases is None else use_cases
    title = overview_title(recommendation)
    models = candidates_of(recommendation)
    groups = [(decision.name, quality_rows(decision, models)) for decision in decisions]
    with mpl.rc_context(STYLE | {"font.family": chart_families()}):
        figure, axes = _sheet(sum(1.25 + len(rows) for _, rows in groups) * ROW_IN + 0.75, right=0.80)
        axes.axvline(0, color=BASELINE, linewidth=1.4, zorder=1)
        ticks = _Ticks()
        placed: list[tuple[QualityRow, float]] = []
        for name, rows in groups:
            ticks.heading(axes, name)
            placed += [(row, ticks.row(axes, row.model)) for row in rows]
        ticks.close(axes)
        edge = left_edge([row for row, _ in placed])
        _draw_quality(axes, placed, edge)
        if edge > -inf:
            axes.set_xlim(left=edge)
        if not all(row.has_interval for _, rows in groups for row in rows):
            low, high = axes.get_xlim()
            axes.set_xlim(low, max(high, -ROOM_FOR_WORDS * low, 1.0))
        label = "Difference from the baseline, pts (line at 0); bar: CI; dashed: acceptable drop"
        axes.set_xlabel(f"{label}{OFF_SCALE * (edge > -inf)}")
        axes.xaxis.set_major_formatter(lambda value, _: signed(value))
        return Chart(figure=_svg(figure), title=title, alt=overview_alt(decisions, title, recommendation.run.baseline))


def cost_svg(recommendation: Recommendation) -> Chart[str]:
    """The monthly bill today and after the move; an empty figure text where the bill is not known."""
    title, alt = bill_title(recommendation), bill_alt(recommendation)
    all_rows = bill_rows(recommendation)
    rows = all_rows[: 1 + MOST_BILLS]
    if not rows:
        return Chart(figure="", title=title, alt=alt)
    with mpl.rc_context(STYLE | {"font.family": chart_families()}):
        figure, axes = _sheet(len(rows) * 2 * ROW_IN + 0.7, right=0.72)
        for i, row in enumerate(rows):
            axes.barh(i - 0.19, row.today, height=0.34, color=BASELINE)
            plan = row.plan
            axes.barh(i + 0.19, plan.point, height=0.34, facecolor="white", edgecolor=BASELINE, hatch="////")
            if plan.low != plan.high:
                ends = [[plan.point - plan.low], [plan.high - plan.point]]
                axes.errorbar(plan.point, i + 0.19, xerr=ends, color=INK, capsize=2.5)
            end = max(row.today, plan.high, plan.point)
            for words, offset in zip(row.words, (-0.19, 0.19), strict=True):
                axes.annotate(words, (end, i + offset), annotation_clip=False, **BESIDE)
            _name(axes, i - 0.19 * bool(row.to), row.name, most=34)
            if row.to:
                _name(axes, i + 0.22, f"to {row.to}", indent=0.015)
        axes.set_yticks([])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=4)
        axes.set_xlabel("Dollars a month" + f", the {MOST_BILLS} largest bills" * (rows != all_rows))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 10 or not value else f"{value:g}")
        return Chart(figure=_svg(figure), title=title, alt=alt)


def latency_svg(recommendation: Recommendation, use_cases: Sequence[UseCaseDecision] | None = None) -> Chart[str]:
    """Median and 95th percentile of every timed model; an empty figure text where nothing was timed."""
    decisions = recommendation.use_cases if use_cases is None else use_cases
    rows = latency_rows(decisions, candidates_of(recommendation))
    untimed = {a.model for case in decisions for a in case.candidates} - {row.model for row in rows}
    missing = f", not measured for {listing(sorted(untimed))}" if untimed else ""
    title = f"Latency: median and p95{missing}"
    words = "; ".join(
        f"{row.use_case}, {row.model}: median {seconds(row.p50)}, p95 {seconds(row.p95)}, n {row.n:,}" for row in rows
    )
    if not rows:
        return Chart(figure="", title="Latency wasn't measured", alt="Latency wasn't measured.")
    names = list(dict.fromkeys(row.use_case for row in rows))
    with mpl.rc_context(STYLE | {"font.family": chart_families()}):
        figure, axes = _sheet((len(rows) + 1.25 * len(names)) * ROW_IN + 0.75, right=0.75)
        ticks = _Ticks()
        placed: list[tuple[LatencyRow, float]] = []
        for name in names:
            ticks.heading(axes, name)
            placed += [(row, ticks.row(axes, row.model)) for row in rows if row.use_case == name]
        ticks.close(axes)
        _draw_latency(axes, placed)
        axes.set_xlim(left=0)
        axes.set_xlabel("Seconds until the answer is complete: mark at the median, bar to the 95th percentile")
        return Chart(figure=_svg(figure), title=title, alt=f"{title}. {words}.")


class _Ticks:
    """Rows from the top: a heading per use case, then its models."""

    def __init__(self) -> None:
        self._rows: list[float] = []
        self._next = 0.0

    def heading(self, axes: Any, name: str) -> None:
        if self._next:
            self._next += 0.25
        _name(axes, self._next, name, most=64, fontweight="bold")
        self._next += 1

    def row(self, axes: Any, name: str) -> float:
        _name(axes, self._next, name, indent=0.015)
        self._rows.append(self._next)
        self._next += 1
        return self._next - 1

    def close(self, axes: Any) -> None:
        whole: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "color": FAINT, "linewidth": 0.5, "zorder": 0}
        axes.add_collection(LineCollection([((0, y), (1, y)) for y in self._rows], **whole), autolim=False)
        axes.set_yticks([])
        axes.set_ylim(self._next - 0.3, -0.7)


def _draw_quality(axes: Any, placed: Sequence[tuple[QualityRow, float]], edge: float) -> None:
    """What looks alike is drawn at once, which is several times faster than row by row.

    What lies left of ``edge`` is an arrow there with its difference.
    """
    margins = [(-row.assessment.difference.margin * 100, y) for row, y in placed]
    dashed: dict[str, Any] = {"color": INK, "linewidth": 1.2, "linestyle": (0, (3, 2))}
    axes.add_collection(LineCollection([((x, y - 0.5), (x, y + 0.5)) for x, y in margins], **dashed))
    right = {"transform": axes.get_yaxis_transform(), "va": "center", "clip_on": False}
    marks: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    bars: dict[str, list[tuple[float, float, float]]] = {}
    for row, y in placed:
        a, d = row.assessment, row.assessment.difference
        axes.text(1.02, y, f"{candidate_words(a).removesuffix(PROVISIONAL)}, n {a.quality.n:,}", **right)
        if d.delta is None or d.low is None or d.ci_high is None or not a.counts:
            axes.annotate(row.why_no_interval, (0, y), bbox=PAPER, **BESIDE)
            continue
        colour = colour_of(row.index)
        face = "white" if a.ruling.verdict is Verdict.NEED_MORE_DATA else colour
        low, delta, high = 100 * d.low, 100 * d.delta, 100 * d.ci_high
        if delta >= edge:
            marks.setdefault((colour, MARKERS[outcome(a)], face), []).append((delta, y))
        else:
            axes.annotate(f"-{number(d.delta)}", (edge, y), bbox=PAPER, **BESIDE)
        bars.setdefault(colour, []).append((max(low, edge), max(high, edge), y))
    for colour, spans in bars.items():
        lows, highs, ys = zip(*spans, strict=True)
        axes.hlines(ys, lows, highs, color=colour, linewidth=1.6)
        ends = [*zip([*lows, *highs], [*ys, *ys], strict=True)]
        for marker, is_cut in (("|", False), ("<", True)):
            shown = [end for end in ends if (end[0] == edge) is is_cut]
            axes.plot([x for x, _ in shown], [y for _, y in shown], marker, color=colour, markersize=5)
    for (colour, marker, face), points in marks.items():
        look = {"color": colour, "marker": marker, "markersize": 5, "markerfacecolor": face}
        axes.plot(*zip(*points, strict=True), linestyle="none", **look)


def _draw_latency(axes: Any, placed: Sequence[tuple[LatencyRow, float]]) -> None:
    for row, y in placed:
        text = f"{seconds(row.p50)}, p95 {seconds(row.p95)}, n {row.n:,}"
        axes.annotate(text, (row.p95, y), bbox=PAPER, annotation_clip=False, **BESIDE)
    for index in dict.fromkeys(row.index for row, _ in placed):
        colour = BASELINE if index is None else colour_of(index)
        p50s, p95s, ys = zip(*((row.p50, row.p95, y) for row, y in placed if row.index == index), strict=True)
        axes.hlines(ys, p50s, p95s, color=colour, linewidth=1.6)
        axes.plot(p95s, ys, linestyle="none", color=colour, marker="|", markersize=7)
        axes.plot(p50s, ys, linestyle="none", color=colour, marker="s" if index is None else "o", markersize=5)


def _sheet(height_in: float, *, right: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(WIDTH_IN, height_in))
    FigureCanvasSVG(figure)
    axes = figure.add_axes((LEFT, 0.5 / height_in, right - LEFT, 1 - 0.55 / height_in))
    axes.tick_params(length=0)
    axes.xaxis.grid(True, color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    return figure, axes


def _name(axes: Any, y: float, name: str, *, indent: float = 0.0, most: int = 38, **style: Any) -> None:
    """Left-aligned at the edge of the sheet; ``indent`` is a share of its width."""
    box = axes.get_position()
    x = (indent - box.x0) / box.width
    axes.text(
        x, y, _letters(name, most), transform=axes.get_yaxis_transform(), va="center", ha="left", clip_on=False, **style
    )


def _letters(name: str, most: int) -> str:
    """At most so many columns: a wide letter, as of Chinese, takes two."""
    ends = accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in name)
    return printable(shorten(name, sum(end <= most for end in ends)))


def _svg(figure: Figure) -> str:
    for artist in figure.axes[0].get_children():
        artist.set_clip_on(False)  # all of it is inside: a clip for each mark would be most of the drawing
    buffer = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # only measured here, set with other fonts
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
