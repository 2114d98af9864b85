"""Cost against quality on the screen."""

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import LIMIT, canvas, empty, note, whisker
from advisor.charts.colours import BASELINE, UNKNOWN, colour_of, index_in, ordered
from advisor.charts.labels import on_screen
from advisor.charts.rows import Chart
from advisor.text.numbers import dollars, listing, pts
from advisor.text.results import difference_and_n
from advisor.types import Assessment, Endpoint, UseCaseDecision, Verdict
from advisor.types.money import Untested

POWERS = range(-6, 8)
NEAR = 2.0
"""Times as much: names of models that cost less than that more would overlap."""
SMALL = 1e-4
"""Of the baseline's cost: next to it less is nothing."""
FAR = 0.4
"""Below the baseline: what scores less doesn't flatten the rest."""
STRIP = 0.2
"""Of the height of the plot, for models whose quality is not measured."""
SHADE = "rgba(46, 139, 87, 0.10)"


def frontier_figure(
    decision: UseCaseDecision, models: Sequence[str] = (), untested: Sequence[Untested] = ()
) -> Chart[go.Figure]:
    """Dollars a month against the score, with the score's range; the line joins what nothing else beats.

    Without a monthly bill the dollars are per 1,000 calls. Models whose quality is not measured lie on a strip below.
    ``models`` are the study's candidates in the order that fixes their colours; left out, the use case's own.
    """
    order = models or ordered(a.model for a in decision.candidates)
    scale = _Scale.of(decision)
    drawn = [
        (Spot(a.model, usd, a.quality.score), a)
        for a in decision.candidates
        if (usd := scale.usd(a)) is not None and a.quality.score is not None
    ]
    left_out = [a.model for a in decision.candidates if a.model not in [spot.name for spot, _ in drawn]]
    baseline = _baseline_point(scale, [a for _, a in drawn])
    if baseline is None:
        title = "Cost and quality are unknown so far"
        reason = "A model has no price, or no answer is scored yet."
        return empty(title, reason)
    spots = [baseline, *(spot for spot, _ in drawn)]
    margin = max(a.difference.margin for _, a in drawn)
    unproven = {a.model for _, a in drawn if a.ruling.verdict is Verdict.NEED_MORE_DATA}
    title = _frontier_title(baseline, spots[1:], margin, unproven)
    figure = canvas(height=300, right=76)
    costs = [*(spot.cost for spot in spots), *(one.usd_per_call.point * scale.calls for one in untested)]
    floor = 0.7 * min((usd for usd in costs if usd > SMALL * baseline.cost), default=0.01)
    figure.add_shape(
        type="rect", x0=floor / 2, x1=max(baseline.cost, floor), y0=(baseline.score - margin) * 100, y1=110,
        fillcolor=SHADE, line={"width": 0}, layer="below",
    )  # fmt: skip
    least = Spot("", floor, max(min(spot.score for spot in spots), baseline.score - FAR))
    best = frontier([spot for spot in spots if spot.score >= least.score])
    figure.add_scatter(
        x=np.array([max(spot.cost, least.cost) for spot in best]),
        y=np.array([spot.score * 100 for spot in best]),
        mode="lines",
        line={"color": BASELINE, "dash": "dot", "width": 1.5},
        name="frontier",
        hoverinfo="skip",
    )
    places = _label_places(spots)
    _draw_spot(figure, scale, baseline, least, _Mark(BASELINE, "square", "middle right"))
    for (spot, a), place in zip(drawn, places[1:], strict=True):
        _draw_spot(figure, scale, spot, least, _Mark(colour_of(index_in(order, a.model)), "circle", place), a)
    figure.add_hline(y=(baseline.score - margin) * 100, line=LIMIT)
    words = f"shaded: cheaper, at most {pts(margin)} worse"
    note(figure, words, x=0, xref="paper", xanchor="left", y=1, yref="paper", yanchor="bottom")
    figure.update_yaxes(
        title_text="Win rate, ties half" if decision.endpoint is Endpoint.PAIRWISE else "Score",
        ticksuffix="%",
        range=[min(least.score, baseline.score - margin) * 100 - 8, 104],
    )
    top = max(costs)
    figure.update_xaxes(
        title_text=f"Dollars {scale.words} (log scale)",
        type="log",
        range=[np.log10(floor / 1.3), np.log10(max(top, floor) * 1.6)],
        tickvals=[10.0**power for power in POWERS],
        ticktext=[dollars(10.0**power) for power in POWERS],
    )
    if untested:
        _draw_strip(figure, scale, untested)
    told = "; ".join(f"{spot.name} {dollars(spot.cost)} {scale.words}, score {spot.score:.0%}" for spot in spots)
    missing = f" Not shown, price or score unknown: {listing(left_out)}." if left_out else ""
    strip = f" Not measured: {len(untested)} models at list prices." if untested else ""
    return Chart(figure=figure, title=title, alt=f"{title}. {told}.{missing}{strip}")


class _Scale(NamedTuple):
    """What the dollars of the axis are about: all calls of a month or, where that is not known, 1,000 calls."""

    decision: UseCaseDecision
    is_monthly: bool

    @classmethod
    def of(cls, decision: UseCaseDecision) -> "_Scale":
        return cls(decision, bool(decision.monthly_calls and decision.monthly_baseline_usd))

    @property
    def calls(self) -> float:
        return (self.is_monthly and self.decision.monthly_calls) or 1000.0

    @property
    def words(self) -> str:
        return "a month" if self.is_monthly else "per 1,000 calls"

    def usd(self, a: Assessment) -> float | None:
        return self.decision.usd_a_month(a) if self.is_monthly else a.costs.usd_per_1k

    def baseline_usd(self, a: Assessment) -> float | None:
        return self.decision.monthly_baseline_usd if self.is_monthly else a.costs.baseline_usd_per_1k


def _draw_strip(figure: go.Figure, scale: _Scale, untested: Sequence[Untested]) -> None:
    """Hollow dots under the plot; their height means nothing, it only keeps neighbors apart."""
    figure.add_scatter(
        x=np.array([one.usd_per_call.point * scale.calls for one in untested]),
        y=np.array([(n * 3 % 5 + 0.5) / 5 for n in range(len(untested))]),
        yaxis="y2",
        mode="markers",
        marker={"color": UNKNOWN, "size": 11, "symbol": "circle-open", "line": {"width": 2}},
        name="not measured",
        customdata=[
            [one.model.litellm_id, on_screen(one.name), dollars(one.usd_per_call.point * scale.calls)]
            for one in untested
        ],
        hovertemplate=f"%{{customdata[1]}}<br>%{{customdata[2]}} {scale.words}, quality not measured<extra></extra>",
    )
    figure.update_layout(
        yaxis={"domain": [STRIP + 0.1, 1]},
        yaxis2={"domain": [0, STRIP], "range": [-0.1, 1.1], "visible": False, "fixedrange": True},
        xaxis={"anchor": "y2"},
    )
    words = "not measured (list price on your traffic):"
    note(figure, words, x=0, xref="paper", xanchor="left", y=STRIP, yref="paper", yanchor="bottom")


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


def _baseline_point(scale: _Scale, candidates: Sequence[Assessment]) -> Spot | None:
    """The baseline on the largest sample that a candidate shares with it."""
    for a in sorted(candidates, key=lambda a: -a.quality.n):
        usd = scale.baseline_usd(a)
        if usd is not None and a.quality.baseline_score is not None:
            return Spot("baseline", usd, a.quality.baseline_score)
    return None


def _frontier_title(baseline: Spot, candidates: Sequence[Spot], margin: float, unproven: set[str]) -> str:
    cheaper = [spot for spot in candidates if spot.cost < baseline.cost]
    at_least = [spot.name for spot in cheaper if spot.score >= baseline.score]
    near = [spot.name for spot in cheaper if spot.score >= baseline.score - margin]
    doubt = ", not proven" if not unproven.isdisjoint(at_least or near) else ""
    if at_least:
        return f"{listing(at_least)} scored at least as high and cost{'s' * (len(at_least) == 1)} less{doubt}"
    if near:
        cost = f"{listing(near)} cost{'s' * (len(near) == 1)} less"
        return f"{cost} and scored within {pts(margin)} of the baseline{doubt}"
    if cheaper:
        return f"No cheaper candidate scored within {pts(margin)} of the baseline"
    return "No candidate is cheaper than the baseline"


def _label_places(spots: Sequence[Spot]) -> list[str]:
    """Names go above, to the free side; of two that cost nearly the same one goes below."""
    most = max(spot.cost for spot in spots)
    by_cost = sorted(range(len(spots)), key=lambda i: spots[i].cost)
    places, below = [""] * len(spots), False
    for turn, i in enumerate(by_cost):
        below = turn > 0 and spots[i].cost < NEAR * spots[by_cost[turn - 1]].cost and not below
        places[i] = f"{'bottom' if below else 'top'} {'left' if spots[i].cost > 0.25 * most else 'right'}"
    return places


class _Mark(NamedTuple):
    """How a model is drawn."""

    colour: str
    symbol: str
    place: str


def _draw_spot(
    figure: go.Figure, scale: _Scale, spot: Spot, least: Spot, mark: _Mark, a: Assessment | None = None
) -> None:
    """A tested model; one that is beyond ``least`` stands at the edge, and as an arrow where it is the lower one."""
    error = None
    found = a.difference if a else None
    is_far = spot.score < least.score
    if not is_far and found and found.delta is not None and found.low is not None and found.ci_high is not None:
        above = min(found.ci_high - found.delta, 1 - spot.score)  # no score is above 100%
        error = whisker(mark.colour, min(found.delta - found.low, spot.score) * 100, above * 100)
    detail = difference_and_n(a) if a is not None else f"score {spot.score:.0%}"
    figure.add_scatter(
        x=np.array([max(spot.cost, least.cost)]),
        y=np.array([max(spot.score, least.score) * 100]),
        error_y=error,
        mode="markers",
        cliponaxis=False,
        marker={"color": mark.colour, "size": 13, "symbol": "triangle-down" if is_far else mark.symbol},
        name=on_screen(spot.name),
        hovertemplate=f"{on_screen(spot.name)}<br>{dollars(spot.cost)} {scale.words}<br>{detail}<extra></extra>",
    )
    level, side = mark.place.split()
    note(  # the text of a trace has a paler color than a note
        figure,
        "<br>".join(wrap(on_screen(spot.name, 28) + (f" ({spot.score:.0%})" if is_far else ""), 16)),
        x=np.log10(max(spot.cost, least.cost)),
        y=max(spot.score, least.score) * 100,
        xanchor="right" if side == "left" else "left",
        yanchor={"top": "bottom", "middle": "middle"}.get(level, "top"),
        xshift=-8 if side == "left" else 8,
        yshift={"top": 5, "middle": 0}.get(level, -5),
        align="left",
    )
