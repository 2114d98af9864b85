"""Bills on the screen, each with its range: today and after the moves, of own GPUs by volume, of months to come."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from advisor.charts.canvas import canvas, empty, label_rows, note, whisker
from advisor.charts.colours import BASELINE, CANDIDATES
from advisor.charts.labels import ROW, on_screen
from advisor.charts.rows import Chart
from advisor.text.bill import AFTER, way_name, way_words
from advisor.text.numbers import around, bill_left, dollars, rounded_calls
from advisor.types import BillPoint, Money
from advisor.types.money import Bridge

HEIGHT_PX = 300
LABEL = 0.06
"""Of the height of the plot: what a label takes."""
OWN = CANDIDATES[0]
OWN_BAND, HOSTED_BAND = "rgba(10, 107, 203, 0.18)", "rgba(191, 136, 9, 0.16)"
HOSTED = CANDIDATES[1]
HOLLOW = "rgba(0,0,0,0)"
BAR_PX = 40


def bills_figure(
    points: Sequence[BillPoint], *, now: float | None, from_hosted: float | None, from_closed: float | None
) -> Chart[go.Figure]:
    """Dollars a month by calls a month: own GPUs and hosts with their ranges, today's model, and the break-evens.

    ``now`` is today's volume; ``from_hosted`` and ``from_closed`` are the calls a month from which own GPUs are no
    more; None: at no volume, or unknown.
    """
    if not points or now is None:
        title = "What own GPUs cost by volume is not known"
        reason = "It takes calls a month, their tokens and the tokens a second of one copy."
        return empty(title, reason)
    title = _title(now, from_hosted, from_closed)
    figure = canvas(height=HEIGHT_PX, left=56, right=120)
    calls = np.array([point.calls for point in points])
    top = points[-1].own.high
    names = {"own GPUs": points[-1].own.point}
    told = [f"{rounded_calls(at)} calls" for at in calls]
    own = [point.own for point in points]
    _draw(figure, calls, own, _Look("own GPUs", OWN_BAND, {"color": OWN, "shape": "hv"}), told)
    hosted = [point.hosted for point in points if point.hosted is not None]
    if len(hosted) == len(points):
        _draw(figure, calls, hosted, _Look("hosted", HOSTED_BAND, {"color": HOSTED, "dash": "dot"}), told)
        names["hosted"] = hosted[-1].point
    closed = [point.closed_usd for point in points if point.closed_usd is not None]
    if len(closed) == len(points):
        line = {"color": BASELINE, "width": 2}
        figure.add_scatter(x=calls, y=np.array(closed), mode="lines", line=line, name="today's model", hoverinfo="skip")
        names["today's model"] = closed[-1]
    top = 1.1 * max(top, *names.values())
    for name, usd in apart(names, LABEL * top).items():
        note(figure, name, x=calls[-1], y=usd, xanchor="left", xshift=8)
    figure.add_vline(x=now, line={"color": BASELINE, "dash": "dot"})
    words = f"today: {rounded_calls(now)} answered calls"
    note(figure, words, x=now, y=1, yref="paper", xanchor="left", yanchor="bottom")
    for at, what in ((from_hosted, "hosts"), (from_closed, "today's model")):
        if at is not None and at <= calls[-1]:
            usd = float(np.interp(at, calls, [point.own.point for point in points]))
            symbol = {"color": OWN, "size": 11, "symbol": "diamond"}
            words = f"no higher cost than {what} from {rounded_calls(at)} calls"
            figure.add_scatter(
                x=np.array([at]), y=np.array([usd]), mode="markers", marker=symbol, name=words, hovertemplate=words
            )
    axis = "Answered calls a month (diamond: own GPUs cost no more from here on)"
    figure.update_xaxes(title_text=axis, rangemode="tozero")
    figure.update_yaxes(title_text="Dollars a month", tickprefix="$", range=[0, top], showgrid=True, tickformat=",~r")
    return Chart(figure=figure, title=title, alt=f"{title}. {_words(points, now)}")


def apart(places: Mapping[str, float], least: float) -> dict[str, float]:
    """Where labels stand, the lowest first and each at least ``least`` above the one below it."""
    moved: dict[str, float] = {}
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        moved[name] = max(place, max(moved.values(), default=-least) + least)
    return moved


class _Look(NamedTuple):
    """How a bill is drawn."""

    name: str
    band: str
    """The colour of its range."""
    line: dict[str, str]


def _draw(figure: go.Figure, x: "np.ndarray", values: Sequence[Money], look: _Look, places: Sequence[str]) -> None:
    """A bill with its range; ``places`` say in words where each of its points is."""
    edge = {"mode": "lines", "line": {"width": 0, "shape": look.line.get("shape")}, "hoverinfo": "skip"}
    low, high = (np.array([getattr(value, end) for value in values]) for end in ("low", "high"))
    figure.add_scatter(x=x, y=low, name=f"{look.name}, low", **edge)
    figure.add_scatter(x=x, y=high, name=f"{look.name}, high", fill="tonexty", fillcolor=look.band, **edge)
    figure.add_scatter(
        x=x,
        y=np.array([value.point for value in values]),
        mode="lines",
        line={"width": 2, **look.line},
        name=look.name,
        customdata=[f"{look.name}, {place}: {around(value)}" for place, value in zip(places, values, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _title(now: float, from_hosted: float | None, from_closed: float | None) -> str:
    if from_closed is None and from_hosted is None:
        return "Own GPUs are not seen to pay at any volume"
    told = [
        f"than {what} from {rounded_calls(at)} calls a month on"
        for at, what in ((from_hosted, "hosts"), (from_closed, "today's model"))
        if at is not None
    ]
    return f"Own GPUs cost no more {' and '.join(told)}; today it is {rounded_calls(now)} answered calls"


def _words(points: Sequence[BillPoint], now: float) -> str:
    nearest = min(points, key=lambda point: abs(point.calls - now))
    words = []
    for point in (nearest, points[-1]):
        text = f"{rounded_calls(point.calls)} calls: own {dollars(point.own.low)} to {dollars(point.own.high)}"
        text += f", hosted {dollars(point.hosted.point)}" if point.hosted else ""
        words.append(text + (f", today's model {dollars(point.closed_usd)}" if point.closed_usd is not None else ""))
    return "; ".join(words) + "."


def waterfall_figure(bridge: Bridge, last: str = "") -> Chart[go.Figure]:
    """Dollars a month: today's bill, what each way alone takes off it, and the bill after the moves.

    ``last``: until when the moves save that.
    """
    today = bridge.today_usd
    rows = [_Row("Today", 0.0, Money(low=today, point=today, high=today), dollars(today), BASELINE)]
    for way in bridge.ways:
        colour = CANDIDATES[0] if way.is_tested else HOLLOW
        rows.append(_Row(way_name(way, bridge), today, way.saved.taken_from(today), way_words(way, last), colour))
    if bridge.saved:
        left = f"{bill_left(today, bridge.saved)}{last}"
        rows.append(_Row(AFTER, 0.0, bridge.saved.taken_from(today), left, CANDIDATES[0]))
    figure = canvas(height=BAR_PX * len(rows), right=24, top=8)
    positions = np.arange(len(rows), dtype=float)
    ends = np.array([row.bill.point for row in rows])
    starts = np.array([row.start for row in rows])
    figure.add_bar(
        x=ends - starts,
        base=starts,
        y=positions,
        width=0.55,
        orientation="h",
        marker={
            "color": [row.colour for row in rows],
            "line": {"color": [BASELINE if row.colour == HOLLOW else row.colour for row in rows], "width": 1.5},
        },
        error_x=whisker(BASELINE, ends - [row.bill.low for row in rows], [row.bill.high for row in rows] - ends),
        hovertemplate="%{customdata}<extra></extra>",
        customdata=[f"{on_screen(row.name)}: {row.words}" for row in rows],
    )
    figure.add_vline(x=today, line={"color": BASELINE, "dash": "dot", "width": 1}, layer="below")
    label_rows(figure, list(positions), [f"<b>{on_screen(row.name, ROW)}</b><br>{row.words}" for row in rows])
    figure.update_xaxes(title_text="Dollars a month", tickprefix="$", tickformat=",~r", rangemode="tozero", nticks=4)
    title = "Today's bill, and after the move" if bridge.saved else "Ways down from today's bill"
    return Chart(figure=figure, title=title, alt=f"{title}. {'; '.join(f'{row.name}: {row.words}' for row in rows)}.")


class _Row(NamedTuple):
    """A bar of the waterfall: from ``start`` to the bill, in dollars a month."""

    name: str
    start: float
    bill: Money
    words: str
    colour: str
