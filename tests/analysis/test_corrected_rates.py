"""A judge's win rate that people's reviews correct: how often it errs at the limit, alone and in groups."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from advisor.analysis.migration_plan import plan
from advisor.analysis.quality.columns import Array, columns_of
from advisor.analysis.quality.result import QualityResult, assess_quality
from advisor.analysis.statistics.ppi import ppi_mean
from advisor.types import Endpoint, FailureKind, Method, Obstacle, Step
from tests.analysis.decisions import assess, decide, judged_pairs, use_case
from tests.made_input import made_pair
from tests.nested import changed

STUDIES, MOST_FALSE = 250, 12
"""One-sided 98.5 % bound of 250 studies at 2.5 %."""
WORTH = (1.0, 0.5, 0.0)
Truth = tuple[float, float, float]
"""How often people say win, tie, loss."""


def people(draw: np.random.Generator, n: int, truth: Truth, size: int) -> Array:
    """What people would say of each pair; in a group of ``size`` all the same."""
    return np.repeat(draw.choice(WORTH, size=n // size, p=truth), size)


def kind_judge(draw: np.random.Generator, said: Array) -> Array:
    """Right on two pairs in three, else for the candidate in four of five."""
    other = draw.choice(WORTH, size=len(said), p=(0.8, 0.0, 0.2))
    return np.where(draw.random(len(said)) < 2 / 3, said, other)


def judge_blind_for(result: float, share: float, draw: np.random.Generator, said: Array) -> Array:
    """Takes some of what lost for won, or the reverse, and is right on all else."""
    return np.where((said == result) & (draw.random(len(said)) < share), 1 - result, said)


def studies(
    judge: Callable[[np.random.Generator, Array], Array],
    truth: Truth,
    *,
    n: int,
    reviews: int,
    limit: float,
    size: int = 1,
) -> list[tuple[QualityResult, float]]:
    """What is found where the truth is at the limit, and the lower end of the plain range."""
    draw, found = np.random.default_rng(n + size), []
    blank = columns_of([made_pair(sample_id=i, session=f"s{i // size}", candidate_y=0.5) for i in range(n)])
    assert 0.5 + np.dot(truth, (0.5, 0.0, -0.5)) == pytest.approx(0.5 - limit)
    for _ in range(STUDIES):
        said = people(draw, n, truth, size)
        judged = judge(draw, said)
        is_reviewed = np.zeros(n, dtype=bool)
        is_reviewed[draw.permutation(n)[:reviews]] = True
        pairs = replace(
            blank,
            candidate=replace(blank.candidate, y=judged),
            votes=replace(blank.votes, reviewed_y=np.where(is_reviewed, said, np.nan)),
        )
        quality = assess_quality(pairs, Endpoint.PAIRWISE, limit, 0.95, is_judged=True)
        found.append((quality, ppi_mean(said[is_reviewed], judged[is_reviewed], judged[~is_reviewed]).low - 0.5))
    return found


def errors(found: list[tuple[QualityResult, float]], limit: float) -> tuple[int, int]:
    """How many are a ``switch``, how many a ``keep``; the range says the same as the test."""
    for quality, _ in found:
        assert quality.low is not None
        assert quality.p is not None
        assert (quality.low > -limit) == (quality.p <= 0.025)
    switched = sum((quality.p or 0.0) <= 0.025 for quality, _ in found)
    return switched, sum((quality.high or 0.0) < -limit for quality, _ in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("judge", "truth", "limit", "plain_switches"),
    [
        (kind_judge, (0.2, 0.4, 0.4), 0.10, 0),
        (kind_judge, (0.0, 0.9, 0.1), 0.05, MOST_FALSE),
        (partial(judge_blind_for, 0.0, 0.1), (0.025, 0.75, 0.225), 0.10, 2 * MOST_FALSE),
        (partial(judge_blind_for, 1.0, 0.3), (0.3, 0.2, 0.5), 0.10, 0),
        (partial(judge_blind_for, 1.0, 0.3), (0.025, 0.75, 0.225), 0.10, 0),
    ],
)
def test_corrected_win_rates_are_rarely_decided_wrongly_at_the_limit(
    judge: Callable[[np.random.Generator, Array], Array],
    truth: Truth,
    limit: float,
    plain_switches: int,
    record_property: Callable[[str, object], None],
) -> None:
    """``plain_switches``: that the range of the formula alone would give, at least."""
    found = studies(judge, truth, n=600, reviews=100, limit=limit)
    wrong = errors(found, limit)
    record_property("switch, keep", wrong)
    assert max(wrong) <= MOST_FALSE
    assert sum(plain > -limit for _, plain in found) >= plain_switches


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "size", "reviews"), [(6, 50, 200), (10, 30, 100), (50, 6, 150)])
def test_corrected_answers_that_go_together_are_rarely_decided_wrongly(
    groups: int, size: int, reviews: int, record_property: Callable[[str, object], None]
) -> None:
    """People's word is one and the same in a whole group, which the judge's noise hides."""
    found = studies(kind_judge, (0.3, 0.2, 0.5), n=groups * size, reviews=reviews, limit=0.10, size=size)
    wrong = errors(found, 0.10)
    record_property("switch, keep", wrong)
    assert {(q.sample.tested.method, q.sample.groups is not None) for q, _ in found if q.sample} == {(Method.PPI, True)}
    assert max(wrong) <= MOST_FALSE


def test_the_corrected_range_is_a_little_wider_than_that_of_the_formula() -> None:
    draw = np.random.default_rng(2)
    said = people(draw, 400, (0.3, 0.4, 0.3), 1)
    judged = kind_judge(draw, said)
    pairs = [
        made_pair(sample_id=i, candidate_y=float(judged[i]), reviewed_y=float(said[i]) if i < 120 else None)
        for i in range(400)
    ]
    found = assess(pairs, endpoint=Endpoint.PAIRWISE)
    expected = ppi_mean(said[:120], judged[:120], judged[120:])
    assert (found.difference.method, found.difference.delta) == ("PPI++", pytest.approx(expected.estimate - 0.5))
    assert found.difference.ci_low is not None
    assert found.difference.ci_high is not None
    assert found.difference.ci_low < expected.low - 0.5 < expected.high - 0.5 < found.difference.ci_high
    assert found.difference.ci_high - found.difference.ci_low < 1.1 * (expected.high - expected.low)


def test_reviews_that_all_agree_do_not_make_the_range_vanish() -> None:
    first, *reviewed = judged_pairs(ties=120, reviewed_y=0.5)
    found = assess([changed(first, reviewed_y=None), *reviewed], endpoint=Endpoint.PAIRWISE)
    assert found.difference.method == "PPI++"
    assert found.difference.ci_low == pytest.approx(-(found.difference.ci_high or 0.0))
    assert -0.02 < (found.difference.ci_low or 0.0) < -0.01


@pytest.mark.parametrize("size", [1, 2])
def test_who_needs_more_comparisons_is_told_how_many_to_review(size: int) -> None:
    judged = judged_pairs(wins=40, ties=110, losses=50)
    pairs = [
        changed(pair, session=f"s{i // size}", reviewed_y=pair.candidate.y if i % 2 else None)
        for i, pair in enumerate(judged)
    ]
    decided = decide(use_case(pairs, endpoint=Endpoint.PAIRWISE, margin=0.05, reviews={"open": 100}))
    (found,) = decided.use_cases[0].candidates
    assert found.ruling.n_needed is not None
    more, needed = found.ruling.n_needed - 200, (found.ruling.n_needed + 1) // 2
    (why,) = (each for each in found.ruling.why_not if each.code == Obstacle.NOT_SURE)
    assert (why.values["still"], why.values["reviews"]) == (more, (more + 1) // 2)
    (replay,) = (step for step in plan(decided, {}, {}).next_steps if step.code in (Step.REPLAY, Step.IMPORT))
    assert replay.values["reviews"] == needed


def test_answers_that_never_came_are_losses_beside_the_corrected_ones() -> None:
    lost = [made_pair(sample_id=900 + i, candidate_failure=FailureKind.CONTEXT_OVERFLOW) for i in range(100)]
    first, *reviewed = judged_pairs(50, 100, 50, reviewed_y=0.5)
    found = assess([changed(first, reviewed_y=None), *reviewed, *lost], endpoint=Endpoint.PAIRWISE)
    assert found.difference.method == "PPI++"
    assert found.difference.delta == pytest.approx(-0.5 / 3)


@pytest.mark.parametrize("reviews", [0, 120])
@pytest.mark.parametrize("session", [None, "all"])
def test_no_range_leaves_what_a_win_rate_can_be(reviews: int, session: str | None) -> None:
    """Nothing is more than 50 points worse than a win rate of 50 %."""
    pairs = [
        made_pair(
            sample_id=i,
            session=session,
            candidate_y=0.25 if i == 0 else 0.0,  # of a panel
            reviewed_y=0.0 if i < reviews else None,
        )
        for i in range(200)
    ]
    quality = assess_quality(columns_of(pairs), Endpoint.PAIRWISE, 0.1, 0.95, is_judged=True)
    assert quality.low == -0.5
    assert quality.high is not None
    assert -0.5 < quality.high <= 0.5
