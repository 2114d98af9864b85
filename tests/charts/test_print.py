"""Charts for print: well-formed SVG with ranges and limits, the same every time."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from advisor.charts.colours import BASELINE as SLATE
from advisor.charts.colours import colour_of
from advisor.charts.labels import printable
from advisor.charts.print import cost_svg, latency_svg, quality_svg
from advisor.types import Verdict
from tests.charts.made_decision import BASELINE, assessment, decision, recommendation
from tests.nested import changed

HOSTILE = "a$\\frac{1}{2}$ <b>&amp;</b> \u202e 数据 𝔘 😀😀 \x07"


@pytest.mark.parametrize("draw", [quality_svg, cost_svg, latency_svg])
def test_svg_is_well_formed_repeatable_and_described(draw: type) -> None:
    study = recommendation(cases=3, candidates=2)
    chart = draw(study)
    root = ElementTree.fromstring(chart.figure)
    assert root.tag.endswith("svg")
    assert draw(study).figure == chart.figure
    assert chart.alt.startswith(chart.title)
    assert "use case 2" in chart.alt
    assert "<text" in chart.figure  # what shows it sets every script and direction
    assert not re.search(r'href="(?!#)', chart.figure)


def test_quality_has_a_range_per_candidate_and_dashed_limits() -> None:
    a = assessment("one", verdict=Verdict.SWITCH)
    b = assessment("two", verdict=Verdict.NEED_MORE_DATA)
    svg = quality_svg(recommendation(use_cases=(decision(candidates=(a, b)),))).figure
    assert svg.count("stroke-dasharray") == 2
    for index in (0, 1):
        assert colour_of(index) in svg
    assert SLATE in svg


def test_a_model_far_off_everywhere_is_marked_at_the_edge_of_the_scale() -> None:
    near = assessment("near", low=-0.1, high=0.05)
    far = assessment("far", verdict=Verdict.KEEP, delta=-0.88, low=-1.0, high=-0.3)
    drawn = quality_svg(recommendation(use_cases=(decision(candidates=(near, far)),))).figure
    assert {"-88", "-10"} <= {*re.findall(r">([^<>]*)</text>", drawn)}
    assert "-80" not in drawn, "the scale ends at what may still pass"
    assert "arrow: off the scale" in drawn
    alone = quality_svg(recommendation(use_cases=(decision(candidates=(far,)),))).figure
    assert "-80" in alone
    assert "arrow" not in alone


def test_alternatives_hold_the_numbers() -> None:
    study = recommendation(cases=1, candidates=1)
    assert "model 0: 0 pts (-3 to +3), n 200, good enough" in quality_svg(study).alt
    assert "acceptable drop 5 pts" in quality_svg(study).alt
    assert "$100 today, $40 ($30 to $50) after the move" in cost_svg(study).alt
    assert f"{BASELINE}: median 1.1 s, p95 3.3 s, n 200" in latency_svg(study).alt


def test_nothing_to_draw_is_an_empty_figure() -> None:
    study = changed(recommendation(cases=1), monthly=None)
    untimed = changed(study.use_cases[0], latency_p50_s=None, candidates=())
    assert cost_svg(study).figure == ""
    assert latency_svg(replace(study, use_cases=(untimed,))).figure == ""


def test_a_model_timed_in_one_use_case_is_not_called_untimed() -> None:
    timed, other = decision(candidates=(assessment("a"),)), changed(assessment("a"), latency_p50_s=None)
    study = recommendation(use_cases=(timed, decision(name="other", candidates=(other,))))
    assert latency_svg(study).title == "Latency: median and p95"
    alone = recommendation(use_cases=(decision(candidates=(other,)),))
    assert latency_svg(alone).title == "Latency: median and p95, not measured for a"


def test_hostile_names_are_drawn_as_letters() -> None:
    use_case = decision(name=HOSTILE, candidates=(assessment(HOSTILE),), chosen=HOSTILE, verdict=Verdict.SWITCH)
    study = recommendation(use_cases=(use_case,))
    for draw in (quality_svg, cost_svg, latency_svg):
        ElementTree.fromstring(draw(study).figure)


def test_wide_letters_take_the_room_of_two() -> None:
    drawn = quality_svg(recommendation(use_cases=(decision(name="新" * 60, candidates=(assessment("a"),)),))).figure
    assert printable("新" * 31) + "…" in drawn, "the letters, or how many no font here can show"
    assert printable("新" * 32) not in drawn


def test_a_part_of_the_use_cases_is_drawn_alone() -> None:
    study = recommendation(cases=4, candidates=1)
    part = quality_svg(study, study.use_cases[:1])
    assert "use case 3" not in part.alt
    assert len(part.figure) < len(quality_svg(study).figure)
