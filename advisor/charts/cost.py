"""Money on the screen: the monthly bill, and cost against quality."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import LIMIT, canvas, empty, label_rows, note
from advisor.charts.colours import BASELINE, SYMBOLS, colour_of, index_in, ordered
from advisor.charts.labels import ROW, on_screen
from advisor.charts.rows import BillRow, Chart, bill_alt, bill_rows, bill_title
from advisor.text.numbers import listing, points, to_the_cent
from advisor.text.results import difference_and_n
from advisor.types import Assessment, Recommendation, UseCaseDecision

ROW_PX = 44
TODAY_AT, PLAN_AT = -0.19, 0.19
BAR = 0.32


def cost_figure(recommendation: Recommendation) -> Chart[go.Figure]:
    """Dollars a month today and with the plan, with the plan's range: in all, then by use case."""
    title, alt = bill_title(recommendation), bill_alt(recommendation)
    rows = bill_rows(recommendation)
    if not rows:
        reason = "No monthly bill: the log lacks times or token counts, or a model has no price."
        return empty(title, reason, alt)
    figure = canvas(height=ROW_PX * len(rows) + 20, right=150)
    positions = np.arange(len(rows), dtype=float)
    plan = np.array([row.plan.point for row in rows])
    figure.add_bar(
        x=np.array([row.today for row in rows]),
        y=positions + TODAY_AT,
        width=BAR,
        orientation="h",
        marker={"color": BASELINE},
        name="today",
        hovertemplate="%{customdata}<extra></extra>",
        customdata=[f"{on_screen(row.name)}: {row.words[0]}" for row in rows],
    )
    figure.add_bar(
        x=plan,
        y=positions + PLAN_AT,
        width=BAR,
        orientation="h",
        marker={
            "color": "rgba(0,0,0,0)",
            "line": {"color": BASELINE, "width": 1.5},
            "pattern": {"shape": "/", "fgcolor": BASELINE, "size": 6, "solidity": 0.3},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.array([row.plan.high for row in rows]) - plan,
            "arrayminus": plan - np.array([row.plan.low for row in rows]),
            "color": BASELINE,
            "thickness": 2.5,
            "width": 5,
        },
        name="with the plan",
        hovertemplate="%{customdata}<extra></extra>",
        customdata=[f"{on_screen(row.name)}: {row.words[1]}" for row in rows],
    )
    for row, position in zip(rows, positions, strict=True):
        end = max(row.today, row.plan.high)
        for words, offset in zip(row.words, (TODAY_AT, PLAN_AT), strict=True):
            note(figure, words, x=end, y=position + offset, xanchor="left", xshift=8)
    label_rows(figure, list(positions), [_name(row) for row in rows])
    figure.update_xaxes(title_text="Dollars a month", tickprefix="$", tickformat=",~r", rangemode="tozero", nticks=2)
    return Chart(figure=figure, title=title, alt=alt)


def frontier_figure(decision: UseCaseDecision, models: Sequence[str] = ()) -> Chart[go.Figure]:
    """Dollars per 1,000 calls against the score, with the score's range; the line joins what nothing else beats.

    ``models`` are the study's candidates in the order that fixes their colours; left out, the use case's own.
    """
    order = models or ordered(a.model for a in decision.candidates)
    drawn = [a for a in decision.candidates if a.costs.usd_per_1k is not None and a.quality.score is not None]
    left_out = [a.model for a in decision.candidates if a not in drawn]
    baseline = _baseline_point(drawn)
    if baseline is None:
        title = "Cost and quality are unknown so far"
        reason = "A model has no price, or no answer is scored yet."
        return empty(title, reason)
    spots = [baseline, *(Spot(a.model, a.costs.usd_per_1k or 0, a.quality.score or 0) for a in drawn)]
    best = frontier(spots)
    title = _frontier_title(baseline, best)
    figure = canvas(height=320, right=40)
    figure.add_scatter(
        x=np.array([spot.cost for spot in best]),
        y=np.array([spot.score * 100 for spot in best]),
        mode="lines",
        line={"color": BASELINE, "dash": "dot", "width": 1.5},
        name="frontier",
        hoverinfo="skip",
    )
    places = _label_places(spots)
    _draw_spot(figure, baseline, BASELINE, "square", None, places[0])
    for spot, a, place in zip(spots[1:], drawn, places[1:], strict=True):
        _draw_spot(figure, spot, colour_of(index_in(order, a.model)), SYMBOLS[a.ruling.verdict], a, place)
    _draw_limit(figure, baseline, drawn)
    figure.update_xaxes(title_text="Dollars per 1,000 calls", tickprefix="$", rangemode="tozero")
    figure.update_yaxes(title_text="Score", ticksuffix="%", showgrid=True)
    words = "; ".join(f"{spot.name} {to_the_cent(spot.cost)} per 1,000 calls, score {spot.score:.0%}" for spot in spots)
    missing = f" Not shown, price or score unknown: {listing(left_out)}." if left_out else ""
    return Chart(figure=figure, title=title, alt=f"{title}. {words}.{missing}")


class Spot(NamedTuple):
    """A model by what it costs and how good it is."""

    name: str
    cost: float
    """Dollars per 1,000 calls."""
    score: float
    """A fraction."""


def frontier(spots: Sequence[Spot]) -> list[Spot]:
    """The spots that no other beats on both cost and score, from the cheapest."""
    best: list[Spot] = []
    for spot in sorted(spots, key=lambda spot: (spot.cost, -spot.score)):
        if not best or spot.score > best[-1].score:
            best.append(spot)
    return best


def _baseline_point(candidates: Sequence[Assessment]) -> Spot | None:
    """The baseline on the largest sample that a candidate shares with it."""
    for a in sorted(candidates, key=lambda a: -a.quality.n):
        if a.costs.baseline_usd_per_1k is not None and a.quality.baseline_score is not None:
            return Spot("baseline", a.costs.baseline_usd_per_1k, a.quality.baseline_score)
    return None


def _frontier_title(baseline: Spot, best: Sequence[Spot]) -> str:
    cheaper = [spot.name for spot in best if spot.cost < baseline.cost]
    if baseline not in best:
        return (
            f"{listing([s.name for s in best if s.score >= baseline.score][:1])} scored at least as high and costs less"
        )
    if cheaper:
        return f"{listing(cheaper)} {'costs' if len(cheaper) == 1 else 'cost'} less; the baseline scores highest"
    return "No candidate is cheaper than the baseline"


def _label_places(spots: Sequence[Spot]) -> list[str]:
    """Names go to the free side: left of a dear or close neighbour, and in turns above and below."""
    dearest = max(spot.cost for spot in spots)
    by_cost = sorted(range(len(spots)), key=lambda i: spots[i].cost)
    places = [""] * len(spots)
    for turn, i in enumerate(by_cost):
        gap = spots[by_cost[turn + 1]].cost - spots[i].cost if turn + 1 < len(spots) else 0.0
        left = spots[i].cost > 0.25 * dearest and gap < 0.3 * dearest
        places[i] = f"{'bottom' if turn % 2 else 'top'} {'left' if left else 'right'}"
    return places


def _draw_spot(figure: go.Figure, spot: Spot, colour: str, symbol: str, a: Assessment | None, place: str) -> None:
    error = None
    found = a.difference if a else None
    if found and found.delta is not None and found.low is not None and found.ci_high is not None:
        error = {
            "type": "data",
            "symmetric": False,
            "array": np.array([min(found.ci_high - found.delta, 1 - spot.score) * 100]),  # no score is above 100%
            "arrayminus": np.array([min(found.delta - found.low, spot.score) * 100]),
            "color": colour,
            "thickness": 2,
            "width": 5,
        }
    detail = difference_and_n(a) if a is not None else f"score {spot.score:.0%}"
    figure.add_scatter(
        x=np.array([spot.cost]),
        y=np.array([spot.score * 100]),
        error_y=error,
        mode="markers+text",
        text=[on_screen(spot.name, 28)],
        textposition=place,
        cliponaxis=False,
        marker={"color": colour, "size": 12, "symbol": symbol, "line": {"color": colour, "width": 2}},
        name=on_screen(spot.name),
        hovertemplate=f"{on_screen(spot.name)}<br>{to_the_cent(spot.cost)} per 1,000 calls<br>{detail}<extra></extra>",
    )


def _draw_limit(figure: go.Figure, baseline: Spot, candidates: Sequence[Assessment]) -> None:
    margin = max(a.difference.margin for a in candidates)
    y = (baseline.score - margin) * 100
    figure.add_hline(y=y, line=LIMIT)
    text = f"dashed: {points(margin)} below the baseline"
    note(figure, text, x=1, xref="paper", xanchor="right", y=1, yref="paper", yanchor="bottom")


def _name(row: BillRow) -> str:
    name = on_screen(row.name, ROW)
    return f"{name}<br>to {on_screen(row.to, ROW)}" if row.to else name
