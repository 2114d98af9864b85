"""Figures on the screen: intervals, limits, roles of colours, text alternatives, size."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from advisor.charts import colours
from advisor.charts.bills import waterfall_figure
from advisor.charts.cost import Spot, frontier, frontier_figure
from advisor.charts.labels import ROW
from advisor.charts.latency import LatencyBox, latency_figure
from advisor.charts.quality import quality_figure
from advisor.charts.rows import Chart
from advisor.charts.traffic import traffic_figure, week_figure
from advisor.types import Model, Money, OptionKind, Verdict
from advisor.types.money import Bridge, Untested, Way
from tests.charts.made_decision import BASELINE, assessment, decision, recommendation
from tests.nested import changed

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = '<b>bold</b> <a href="javascript:x()">link</a> $x$ &amp;\x07'
BOX = LatencyBox(model="m", p5=0.1, p25=0.2, p50=0.4, p75=0.8, p95=1.6, n=60, is_baseline=False)
BETTER = Way(kind=OptionKind.SIBLING, saved=Money(low=700, point=800, high=850), is_tested=False)
BRIDGE = Bridge(
    today_usd=1000,
    ways=(BETTER, Way(kind=None, saved=Money(low=350, point=400, high=470), is_tested=True)),
    minor=(),
    saved=Money(low=350, point=400, high=470),
    sibling=Model(name="mini (control)", litellm_id="openai/mini"),
    better=BETTER,
)


def every_figure() -> dict[str, Chart[go.Figure]]:
    study = recommendation(cases=8, candidates=3)
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(365)]
    return {
        "quality": quality_figure(study.use_cases[0]),
        "cost": waterfall_figure(BRIDGE),
        "frontier": frontier_figure(study.use_cases[0]),
        "latency": latency_figure([replace(BOX, is_baseline=True), BOX], limit_s=2.0),
        "traffic": traffic_figure(days, np.arange(365)),
        "tokens": traffic_figure(days, np.arange(365) * 1e7, "tokens"),
        "week": week_figure(np.arange(168.0).reshape(7, 24)),
        "no times": week_figure(np.array([])),
    }


def traces(figure: go.Figure, kind: str) -> list[Any]:
    return [trace for trace in figure.data if trace.type == kind]


@pytest.mark.parametrize("name", list(every_figure()))
def test_every_figure_is_small_untitled_and_free_of_placeholders(name: str) -> None:
    import plotly.io

    plotly.io.templates["planted"] = go.layout.Template(layout={"colorway": ["#000001"]})
    before, plotly.io.templates.default = plotly.io.templates.default, "planted"  # as `import streamlit` does
    try:
        chart = every_figure()[name]
        text = chart.figure.to_json()
    finally:
        plotly.io.templates.default = before
    assert len(text) < 60_000
    assert "#0000" not in text
    figure = json.loads(text)
    assert figure["layout"]["template"]["layout"]  # Streamlit's theme needs it
    assert figure["layout"]["showlegend"] is False
    assert "title" not in figure["layout"], "the page sets it, where it wraps"
    assert chart.alt.startswith(chart.title)
    assert len(chart.alt) > len(chart.title)
    assert not {"pie", "indicator"} & {trace["type"] for trace in figure["data"]}


@pytest.mark.parametrize(
    "chart", [waterfall_figure(BRIDGE), quality_figure(decision(candidates=(assessment("m" * 40),)))]
)
def test_rows_have_names_that_a_phone_shows_whole(chart: Chart[go.Figure]) -> None:
    lines = [line for text in chart.figure.layout.yaxis.ticktext for line in text.split("<br>")]
    assert max(len(line.removeprefix("<b>").removesuffix("</b>")) for line in lines) <= ROW + len("to ")


def test_every_interval_is_drawn() -> None:
    a = assessment("one", delta=-0.02, low=-0.045, high=0.01)
    b = assessment("two", delta=0.03, low=-0.01, high=0.07, margin=0.1)
    figure = quality_figure(decision(candidates=(a, b))).figure
    drawn = [trace for trace in traces(figure, "scatter") if trace.error_x.array is not None]
    spans = [(t.x[0] - t.error_x.arrayminus[0], t.x[0], t.x[0] + t.error_x.array[0]) for t in drawn]
    assert np.allclose(spans, [(-4.5, -2, 1), (-1, 3, 7)])
    limit = next(trace for trace in figure.data if trace.name == "limit")
    assert limit.line.dash == "dash"
    assert sorted(set(limit.x[~np.isnan(limit.x)])) == [-10, -5]
    zero = [shape for shape in figure.layout.shapes if shape.x0 == shape.x1 == 0]
    assert [shape.line.color for shape in zero] == [colours.BASELINE]


def test_limit_and_zero_lie_inside_the_plot() -> None:
    figure = quality_figure(decision(candidates=(assessment("one", delta=0.2, low=0.15, high=0.25),))).figure
    low, high = figure.layout.xaxis.range
    assert low < -5
    assert high > 25


def test_verdicts_differ_by_symbol_and_words_not_by_colour_alone() -> None:
    candidates = tuple(assessment(v.value, verdict=v, delta=0.0, low=-0.1, high=0.1) for v in Verdict)
    figure = quality_figure(decision(candidates=candidates)).figure
    points = [trace for trace in figure.data if trace.name != "limit"]
    assert len({trace.marker.symbol for trace in points}) == len(Verdict)
    assert [text.split("· ")[1] for text in figure.layout.yaxis.ticktext] == [
        "Good enough",
        "Good enough in part",
        "Not good enough",
        "Need more data",
    ]


def test_a_candidate_keeps_its_colour_across_figures() -> None:
    study = recommendation(cases=2, candidates=3)
    second = replace(study.use_cases[1], candidates=study.use_cases[1].candidates[1:])
    study = replace(study, use_cases=(study.use_cases[0], second))
    order = colours.candidates_of(study)
    seen: dict[str, set[str]] = {}
    for figure in (
        quality_figure(study.use_cases[0], order).figure,
        quality_figure(second, order).figure,
        frontier_figure(second, order).figure,
    ):
        for trace in figure.data:
            if trace.name in order:
                seen.setdefault(trace.name, set()).add(trace.marker.color)
    assert seen == {name: {colours.colour_of(i)} for i, name in enumerate(order)}


def test_missing_evidence_is_said_not_drawn() -> None:
    figure = quality_figure(decision(candidates=(assessment("one", delta=None, low=None, high=None),)))
    assert "no evidence yet" in [a.text for a in figure.figure.layout.annotations]
    assert figure.title == "Need more data: no candidate has evidence yet"
    failing = assessment("one", delta=None, low=None, high=None, verdict=Verdict.KEEP)
    kept = quality_figure(decision(candidates=(failing,), verdict=Verdict.KEEP))
    assert "a guardrail fails" in [a.text for a in kept.figure.layout.annotations]
    assert kept.title == "Stay on closed: no candidate is good enough"
    empty = quality_figure(decision(candidates=()))
    assert empty.title == "No candidate was tried yet"


def test_an_outlier_is_an_arrow_and_flattens_nothing() -> None:
    good = assessment("good", delta=-0.01, low=-0.04, high=0.02)
    toy = assessment("toy", delta=-0.9, low=-1.0, high=-0.25)
    figure = quality_figure(decision(candidates=(good, toy)), chosen="toy").figure
    assert figure.layout.xaxis.range[0] == -30
    arrows = [(trace.marker.symbol, trace.x[0], trace.y[0]) for trace in figure.data if trace.name == "beyond"]
    assert arrows == [("triangle-left", -30, 1)]
    toys = next(trace for trace in figure.data if trace.name == "toy")
    assert (toys.x[0], toys.x[0] + toys.error_x.array[0]) == (-30, -25)
    assert "-90" in toys.hovertemplate.replace("\u2212", "-"), "hovering still says how far"
    assert figure.layout.yaxis.ticktext[1].startswith("<b>toy</b>")
    rejected = assessment("toy", delta=-0.25, low=-0.29, high=-0.2, verdict=Verdict.KEEP)
    least, whole = (
        quality_figure(decision(candidates=(good, rejected)), chosen=chosen).figure.layout.xaxis.range[0]
        for chosen in ("good", "toy")
    )
    assert -13 < least < -10, "what is rejected doesn't stretch the axis"
    assert whole < -29, "but is shown whole where it's the one looked at"
    wide = assessment("wide", delta=-0.3, low=-0.5, high=0.0, margin=0.4)
    assert not [trace for trace in quality_figure(decision(candidates=(wide,))).figure.data if trace.name == "beyond"]


@pytest.mark.parametrize(
    ("verdict", "chosen", "verdicts", "title"),
    [
        (Verdict.SWITCH, "c0", [Verdict.SWITCH], "Move to c0: less than 5 pts worse"),
        (Verdict.KEEP, None, [Verdict.KEEP], "Stay on closed: no candidate is good enough"),
        (Verdict.KEEP, None, [Verdict.SWITCH, Verdict.KEEP], "Stay on closed: c0 is not cheaper"),
        (
            Verdict.NEED_MORE_DATA,
            None,
            [Verdict.NEED_MORE_DATA],
            "Need more data: within the acceptable drop, but something else is still open",
        ),
    ],
)
def test_title_is_the_take_away(verdict: Verdict, chosen: str | None, verdicts: list[Verdict], title: str) -> None:
    candidates = tuple(assessment(f"c{i}", verdict=v) for i, v in enumerate(verdicts))
    assert quality_figure(decision(candidates=candidates, verdict=verdict, chosen=chosen)).title == title


def test_the_illustrative_candidate_is_named_so() -> None:
    name = Model(name="Aspen", litellm_id="written/a", illustrative=True).name
    a = replace(assessment(name, verdict=Verdict.SWITCH), illustrative=True)
    study = recommendation(use_cases=(decision(candidates=(a,), chosen=name, verdict=Verdict.SWITCH),))
    for chart in (
        quality_figure(study.use_cases[0]),
        frontier_figure(study.use_cases[0]),
    ):
        assert "Aspen (illustrative)" in chart.figure.to_json()
        assert "Aspen (illustrative)" in chart.alt


def test_hostile_names_are_text() -> None:
    use_case = decision(
        name=HOSTILE, candidates=(assessment(HOSTILE, verdict=Verdict.SWITCH),), chosen=HOSTILE, verdict=Verdict.SWITCH
    )
    box = replace(BOX, model=HOSTILE)
    for chart in (
        quality_figure(use_case),
        frontier_figure(use_case),
        latency_figure([box]),
    ):
        text = chart.figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">")
        assert "<a href" not in text
        assert "<b>bold" not in text
        assert "&lt;b&gt;bold" in text
        assert "\\u0007" not in text


def test_frontier_keeps_what_nothing_beats() -> None:
    spots = [
        Spot("a", 3, 0.9),
        Spot("b", 1, 0.7),
        Spot("c", 2, 0.6),
        Spot("d", 3, 0.8),
        Spot("e", 5, 0.9),
        Spot("f", 1, 0.7),
    ]
    assert [spot.name for spot in frontier(spots)] == ["b", "a"]


def test_frontier_figure_has_baseline_line_limit_and_ranges() -> None:
    cheap = assessment("cheap", delta=-0.02, low=-0.04, high=0.01, cost=1.0)
    unpriced = changed(assessment("unpriced", cost=None), savings_usd=None)
    chart = frontier_figure(decision(candidates=(cheap, unpriced)))
    names = [trace.name for trace in chart.figure.data]
    assert names == ["frontier", "baseline", "cheap"]
    line, baseline, spot = chart.figure.data
    assert line.line.dash == "dot"
    assert (baseline.x[0], baseline.y[0], baseline.marker.color) == (100.0, 90.0, colours.BASELINE), "a month"
    assert spot.x[0] == 40.0
    assert np.allclose([spot.error_y.arrayminus[0], spot.error_y.array[0]], [2, 3])
    wide = frontier_figure(decision(candidates=(assessment("wide", delta=0.1, low=-0.3, high=0.5, cost=1.0),)))
    spot = wide.figure.data[-1]
    assert spot.y[0] + spot.error_y.array[0] == pytest.approx(100), "no score is above 100 %"
    limit = next(shape for shape in chart.figure.layout.shapes if shape.line.dash == "dash")
    assert limit.y0 == limit.y1 == pytest.approx(85)
    assert "Not shown, price or score unknown: unpriced" in chart.alt
    assert frontier_figure(decision(candidates=(unpriced,))).title == "Cost and quality are unknown so far"


def test_without_a_month_the_dollars_are_per_1000_calls_and_what_is_free_stands_at_the_edge() -> None:
    free, priced = assessment("free", cost=0.0), assessment("priced", cost=1.0)
    chart = frontier_figure(replace(decision(candidates=(free, priced)), monthly_calls=None))
    at = {trace.name: trace.x[0] for trace in chart.figure.data}
    assert (at["baseline"], at["priced"]) == (4.0, 1.0)
    assert 0 < at["free"] < 1.0
    assert "free $0 per 1,000 calls" in chart.alt


def test_models_that_nobody_tested_are_hollow_and_have_no_quality() -> None:
    usd = Money(low=0.001, point=0.002, high=0.004)
    model = Model(name="New at host", litellm_id="host/new")
    chart = frontier_figure(
        decision(candidates=(assessment("one"),)), (), [Untested(name=HOSTILE, model=model, usd_per_call=usd)]
    )
    strip = chart.figure.data[-1]
    assert (strip.yaxis, strip.marker.symbol, strip.x[0]) == ("y2", "circle-open", 50.0)
    assert strip.customdata[0][0] == "host/new"
    assert "<b>bold" not in strip.customdata[0][1]
    assert chart.figure.layout.yaxis2.visible is False


def test_the_waterfall_hangs_every_way_from_today() -> None:
    chart = waterfall_figure(BRIDGE)
    bars = chart.figure.data[0]
    assert [start + length for start, length in zip(bars.base, bars.x, strict=True)] == [1000, 200, 600, 600]
    assert list(bars.base) == [0, 1000, 1000, 0]
    assert list(bars.error_x.array) == [0, 100, 50, 50]
    assert list(bars.error_x.arrayminus) == [0, 50, 70, 70]
    assert [colour == "rgba(0,0,0,0)" for colour in bars.marker.color] == [False, True, False, False], (
        "hollow: untested"
    )
    assert "mini: saves $700 to $850, not tested; Open models: saves $350 to $470; After the move: $600" in chart.alt


def test_latency_boxes_are_computed_before_and_the_limit_is_dashed() -> None:
    baseline = replace(BOX, model=BASELINE, p50=0.5, is_baseline=True)
    chart = latency_figure([baseline, BOX], limit_s=2.0)
    first, second = traces(chart.figure, "box")
    assert (second.lowerfence[0], second.q1[0], second.median[0], second.q3[0], second.upperfence[0]) == (
        0.1,
        0.2,
        0.4,
        0.8,
        1.6,
    )
    assert first.line.color == colours.BASELINE
    assert second.line.color == colours.colour_of(0)
    assert [shape.line.dash for shape in chart.figure.layout.shapes] == ["dash"]
    assert chart.title == "Median latency: m 400 ms, baseline 500 ms"
    assert "n 60" in chart.alt
    assert latency_figure([]).title == "Latency wasn't measured"


def test_traffic_counts_by_day_and_long_logs_by_week() -> None:
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(3)]
    chart = traffic_figure(days, np.array([10, 30, 20]))
    assert list(chart.figure.data[0].y) == [10, 30, 20]
    assert chart.title == "About 20 calls a day, at most 30 on 2 Jan 2026"
    long = [date(2020, 1, 1) + timedelta(days=i) for i in range(1500)]
    weekly = traffic_figure(long, np.ones(1500)).figure.data[0]
    assert sum(weekly.y) == 1500
    assert max(weekly.y) == 7
    assert traffic_figure([], np.array([])).title == "The log has no times"
    one = traffic_figure(days[:1], np.array([5]))
    assert one.title == "5 calls on 1 Jan 2026"
    assert list(one.figure.layout.xaxis.tickvals) == days[:1], "no parts of a second"
    with pytest.raises(ValueError, match="3 days but 1"):
        traffic_figure(days, np.array([1]))


def test_traffic_is_also_drawn_in_tokens_and_dollars() -> None:
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(2)]
    tokens = traffic_figure(days, np.array([1_000_000, 3_500_000]), "tokens")
    assert tokens.title == "About 2.2 million tokens a day, at most 3.5 million on 2 Jan 2026"
    assert traffic_figure(days[:1], np.array([123_456]), "tokens").title == "123,000 tokens on 1 Jan 2026"
    money = traffic_figure(days, np.array([0.5, 1.5]), "cost_usd")
    assert money.title == "About $1.00 a day, at most $1.50 on 2 Jan 2026"
    assert money.figure.layout.yaxis.title.text == "Dollars per day"
    assert "$2.00" in money.alt


def test_the_week_names_its_busiest_hour_and_leaves_unknown_days_out() -> None:
    week = np.zeros((7, 24))
    week[2, 9] = 4.5
    week[2, 10] = 3
    week[6] = np.nan
    chart = week_figure(week)
    assert chart.title == "Busiest: Wednesdays, 9:00 to 10:00 UTC, about 4.5 calls"
    assert week_figure(np.ones((7, 24))).title.endswith("about 1 call")
    assert "Wednesday 7.5 calls" in chart.alt
    assert "Monday 0 calls" in chart.alt
    assert "Sunday" not in chart.alt
    heat = chart.figure.data[0]
    assert np.isnan(heat.z[6]).all()
    assert heat.zmin == 0
    assert chart.figure.layout.yaxis.range == (6.5, -0.5), "Monday on top"
    assert "UTC" in chart.figure.layout.xaxis.title.text


def test_screen_loads_no_matplotlib_and_colours_nothing() -> None:
    code = (
        "import sys, advisor.charts.rows, advisor.charts.colours; a = {'plotly', 'matplotlib'} & set(sys.modules); "
        "import advisor.charts.quality, advisor.charts.cost, advisor.charts.latency, advisor.charts.traffic; "
        "print(len(a), 'matplotlib' in sys.modules, 'plotly.express' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["0", "False", "False"]
