"""Rarely wrong, and not at the price of all power: 200 studies a cell; ``make simulate`` makes the whole table."""

import math

import numpy as np
import pytest

from advisor.analysis.quality.clusters import cluster_se
from advisor.analysis.quality.difference import fixed, lower_bound, whole_of
from advisor.analysis.statistics.intervals import holm, t_interval, t_p, tango_p
from advisor.text.results import quality
from advisor.types import Endpoint, Verdict
from tests.analysis.decisions import assess, decide, target_pairs, use_case
from tests.analysis.simulated import (
    ALPHA,
    CONFIDENCE,
    MARGIN,
    Cell,
    Equal,
    conversations,
    fields,
    held,
    passed,
    plain_p,
    product_p,
)
from tests.made_input import made_pair

STUDIES = 200


def most(rate: float) -> int:
    """What a test that errs at ``rate`` stays within in 99%: 11 of 200 at 2.5%."""
    from scipy.stats import binom

    return int(binom.ppf(0.99, STUDIES, rate))


@pytest.mark.parametrize(
    ("cell", "rate"),
    [
        (conversations(10, 24, 0.1, 0.2), 0.03),
        (conversations(10, 24, 0.1, 0.2, "copies"), 0.03),
        (conversations(10, 24, 0.1, 0.6, "copies"), 0.05),
        (conversations(20, 12, 0.2, 0.2), 0.03),
        (conversations(30, 8, 0.1, 0.2), 0.03),
        (conversations(30, 8, 0.1, 0.6), 0.05),
        (conversations(60, 4, 0.4, 0.6, "copies"), 0.05),
        *((fields(n, 0.05, 0.0, 0.1), 0.03) for n in (50, 60, 100, 200)),
        *((fields(n, 0.1, 0.05, 0.0, 0.5), 0.03) for n in (60, 100)),
        (fields(100, 1 / 12, 0.0, 0.0, 0.6), 0.03),
        (fields(200, 0.0, 0.0, 0.3), 0.03),
    ],
)
def test_a_candidate_worse_by_the_margin_rarely_passes(cell: Cell, rate: float) -> None:
    assert passed(cell, STUDIES, 1, is_equal=False).product <= most(rate)


@pytest.mark.parametrize(
    ("cell", "points"),
    [
        (conversations(20, 12, 0.1, 0.0), 10),
        (conversations(30, 8, 0.1, 0.0), 10),
        (conversations(60, 4, 0.1, 0.0), 10),
        (conversations(30, 8, 0.2, 0.2), 10),
        (conversations(60, 4, 0.2, 0.6), 10),
        (fields(100, 0.0, 0.0, 0.1), 15),
        (fields(100, 0.0, 0.0, 0.3), 15),
        (fields(100, 0.03, 0.03, 0.1), 15),
    ],
)
def test_an_equal_candidate_passes_about_as_often_as_by_a_plain_t(cell: Cell, points: int) -> None:
    """The plain t errs in no more than 3% of each of these; two more points of the studies are chance."""
    found = passed(cell, STUDIES, 2, is_equal=True)
    assert found.product >= found.plain - (points + 2) / 100 * STUDIES


@pytest.mark.parametrize("cell", [conversations(10, 24, 0.1, 0.2), conversations(60, 4, 0.2, 0.1, "copies")])
def test_what_fails_the_plain_t_fails_the_product_where_answers_go_together(cell: Cell) -> None:
    """The simulation relies on it."""
    assert cell.groups is not None
    drawn = cell.draw(np.random.default_rng(6), True, STUDIES)
    plain = plain_p(drawn, cell.size)
    number = drawn.shape[1] // cell.size
    se = [cluster_se(d, cell.groups) * math.sqrt(number / (number - 1)) for d in drawn]
    one_by_one = [t_p(t_interval(d, e, number - 1, CONFIDENCE), MARGIN) for d, e in zip(drawn, se, strict=True)]
    assert plain == pytest.approx(one_by_one)
    assert all(product_p(d, cell.groups) >= p * (1 - 1e-9) for d, p in zip(drawn, plain, strict=True))


@pytest.mark.parametrize(
    "shape",
    [
        Equal(100),
        Equal(300, harder=0.5),
        Equal(200, candidates=4),
        Equal(300, endpoint=Endpoint.PAIRWISE),
        Equal(240, conversation=8, alike=0.5),
        Equal(240, conversation=8, alike=1.0),
    ],
)
def test_equal_candidates_are_rarely_held_by_what_a_mean_hides(shape: Equal) -> None:
    assert held(shape, STUDIES, 5).held <= most(0.02)


def test_scores_in_between_with_none_lost_pass_from_73_answers() -> None:
    for n, is_enough in ((72, False), (73, True)):
        d = np.tile((0.01, -0.01), n)[:n] * (1 if n % 2 == 0 else 0)
        assert (fixed(d, whole_of(d, None, 1), None, 1, 0.95).at(MARGIN) <= ALPHA) is is_enough


def test_of_eight_equal_candidates_the_best_is_rarely_called_better() -> None:
    draw, wrong, alone = np.random.default_rng(3), 0, 0
    for _ in range(STUDIES):
        best = max(draw.choice((-1.0, 0.0, 1.0), size=(8, 300), p=(0.15, 0.7, 0.15)), key=np.mean)
        tested = fixed(best, whole_of(best, None, 1), None, 1, 0.95)
        wrong += lower_bound(tested, 1, ALPHA / 8) > 0
        alone += lower_bound(tested, 1, ALPHA) > 0
    assert wrong <= most(0.025) < alone


def test_of_eight_candidates_worse_by_the_margin_rarely_any_passes() -> None:
    counts = np.random.default_rng(4).multinomial(300, (0.15, 0.1, 0.75), size=(STUDIES, 8))
    wrong = sum(min(holm([tango_p(b, c, 300, MARGIN) for c, b, _ in study.tolist()])) <= ALPHA for study in counts)
    assert wrong <= most(0.025)


def test_the_sentence_of_the_best_of_several_allows_for_all_of_them() -> None:
    """A lead that is surely above 0 alone, but not as the best of eight."""
    best, others = target_pairs(both=270, better=20, worse=8, neither=2), target_pairs(both=270, better=14, worse=14)
    (alone,) = decide(use_case({"best": best})).use_cases[0].candidates
    assert alone.difference.better_by == alone.difference.bound
    assert alone.difference.bound is not None
    assert alone.difference.bound > 0
    assert alone.ruling.reason.values["low"] > 0
    among = decide(use_case({"best": best, **{f"open {i}": others for i in range(7)}})).use_cases[0].candidates[0]
    assert among.ruling.verdict is Verdict.SWITCH
    assert (among.difference.better_by or 0) <= 0
    assert among.ruling.reason.values["low"] <= 0
    assert "between" in quality(among)


def test_too_few_conversations_are_named_with_the_number_that_would_do() -> None:
    """Thirty conversations of eight that go wrong as a whole: worth little more than thirty answers."""
    worse, better = {3, 17}, {8, 22}
    pairs = [
        made_pair(
            sample_id=i,
            session=f"s{i // 8}",
            baseline_y=float(i // 8 not in better),
            candidate_y=float(i // 8 not in worse),
        )
        for i in range(240)
    ]
    found = assess(pairs)
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    assert found.ruling.n_needed is not None
    values = found.ruling.why_not[0].values
    assert values["groups"] == math.ceil((found.ruling.n_needed - 240) / 8)
    assert (30 <= values["effective"] < 40, values["least"]) == (True, 73)
