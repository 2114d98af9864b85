"""The chart of a load test: every step with its limit, and what must not be told by colour alone."""

import numpy as np
import pytest

from advisor.charts import colours
from advisor.charts.latency import load_figure
from advisor.types import LoadStep, Times
from tests.nested import changed

STEP = LoadStep(
    concurrency=1,
    calls=60,
    failed=0,
    wall_s=10.0,
    requests_per_s=6.0,
    output_tokens_per_s=None,
    goodput_per_s=6.0,
    times=Times(answered=60, ttft_p50_s=0.4, ttft_p95_s=0.5, latency_p50_s=0.4, latency_p95_s=0.5),
    tpot_p50_s=None,
    loop_lag_p99_s=None,
    within_limits=True,
)
STEPS = [
    STEP,
    changed(STEP, concurrency=2, latency_p50_s=0.5, latency_p95_s=0.8),
    changed(STEP, concurrency=3, latency_p50_s=0.9, latency_p95_s=1.2, within_limits=False),
    changed(STEP, concurrency=4, latency_p50_s=1.4, latency_p95_s=2.0, within_limits=False, loop_lag_p99_s=1.0),
]


def test_every_step_is_drawn_with_its_median_and_the_limit_is_dashed() -> None:
    figure = load_figure("m", STEPS, limit_s=1.0).figure
    (trace,) = figure.data
    assert list(trace.x) == [1, 2, 3, 4]
    assert np.allclose(trace.y, [0.5, 0.8, 1.2, 2.0])
    assert np.allclose(trace.y - trace.error_y.arrayminus, [0.4, 0.5, 0.9, 1.4])
    (limit,) = figure.layout.shapes
    assert (limit.y0, limit.y1, limit.line.dash) == (1.0, 1.0, "dash")
    assert list(figure.layout.xaxis.tickvals) == [1, 2, 3, 4]
    assert figure.layout.yaxis.range[1] > 2.0


def test_the_limit_lies_inside_the_plot_even_far_above_every_step() -> None:
    assert load_figure("m", STEPS, limit_s=10.0).figure.layout.yaxis.range[1] > 10.0


def test_broken_limits_and_a_busy_machine_differ_by_symbol_and_words() -> None:
    chart = load_figure("m", STEPS, limit_s=1.0)
    (trace,) = chart.figure.data
    assert list(trace.marker.symbol) == ["circle", "circle", "x", "x-open"]
    assert "hollow" in chart.figure.layout.xaxis.title.text
    assert "3 concurrent calls: p95 1.2 s, median 900 ms, beyond the limits" in chart.alt
    assert "limited by this machine" in chart.alt
    assert "hollow" not in load_figure("m", STEPS[:2]).figure.layout.xaxis.title.text


@pytest.mark.parametrize(
    ("steps", "limit_s", "title"),
    [
        (STEPS, 1.0, "m: p95 latency within 1 s up to 2 concurrent calls"),
        (STEPS, 0.1, "m: p95 latency is always above 0.1 s"),
        (STEPS, None, "m: p95 latency 2.0 s with 4 concurrent calls"),
        ([], 1.0, "m was not measured under load"),
    ],
)
def test_the_title_is_the_take_away(steps: list[LoadStep], limit_s: float | None, title: str) -> None:
    chart = load_figure("m", steps, limit_s=limit_s)
    assert chart.title == title
    assert chart.alt.startswith(title)
    assert len(chart.alt) > len(title)


def test_a_model_keeps_its_colour_and_its_name_is_no_markup() -> None:
    assert load_figure("b", STEPS, ["a", "b"]).figure.data[0].line.color == colours.colour_of(1)
    assert load_figure("b", STEPS, ["a"], is_baseline=True).figure.data[0].line.color == colours.BASELINE
    chart = load_figure("<b>bold</b>", STEPS, measure="ttft")
    assert "<b>" not in chart.figure.to_json()
    assert "time to first token" in chart.title
