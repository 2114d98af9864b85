"""How often the decision errs, over 1,000 simulated studies each, all through :func:`recommend`.

Rates of b (candidate right, baseline wrong) and c (the reverse) fix a paired yes/no study; ties fill the rest.
"""

from collections.abc import Callable

import numpy as np
import pytest

from advisor.analysis.quality.difference import fixed, whole_of
from advisor.analysis.quality.evidence import CandidateEvidence, Pair, UseCaseEvidence, UseCaseLog
from advisor.analysis.statistics.intervals import holm, mean_t, t_p, tango_p
from advisor.analysis.verdict.recommend import recommend
from advisor.types import Assessment, Endpoint, Evidence, Kind, Verdict
from tests.made_input import decision_input, made_pair

STUDIES = 1_000
MOST_TOLD_APART = 50
"""5 % of the studies."""
MOST_FALSE_SWITCHES = 36
"""One-sided 98.5 % bound of 1,000 studies at 2.5 %."""
MOST_FALSE_ON_FIELDS = 43
"""One-sided 99 % bound of 1,000 studies at 3 %: what few answers lost whole of many cost the test of F1."""

RIGHT = [made_pair(sample_id=0, baseline_y=float(base), candidate_y=float(cand)) for base in (0, 1) for cand in (0, 1)]
JUDGED = [made_pair(sample_id=0, candidate_y=y) for y in (0.0, 0.5, 1.0)]


def decide(pairs: list[Pair], endpoint: Endpoint) -> Assessment:
    evidence = UseCaseEvidence(
        name="u",
        kind=Kind.CHAT,
        endpoint=endpoint,
        candidates={"open": CandidateEvidence(source=Evidence.TARGET, pairs=pairs)},
        log=UseCaseLog(samples=len(pairs)),
    )
    recommendation = recommend(decision_input([evidence], seed=0, sample_size=len(pairs)))
    return recommendation.use_cases[0].candidates[0]


def studies(endpoint: Endpoint, n: int, shares: list[float], seed: int) -> list[Assessment]:
    """``shares``: of loss and gain kinds, in the order of RIGHT or JUDGED."""
    kinds = JUDGED if endpoint is Endpoint.PAIRWISE else RIGHT
    draws = np.random.default_rng(seed).choice(len(kinds), size=(STUDIES, n), p=shares)
    return [decide([kinds[i] for i in row], endpoint) for row in draws]


def told_apart(assessments: list[Assessment]) -> int:
    """How often the product says that one model is better or worse than the other."""
    return sum(
        a.ruling.verdict is Verdict.KEEP or (a.ruling.verdict is Verdict.SWITCH and (a.difference.ci_low or 0.0) > 0)
        for a in assessments
    )


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 400])
def test_equal_models_are_rarely_told_apart_on_target(n: int, record_property: Callable[[str, object], None]) -> None:
    # Each sample has its own chance of success, the same for both models.
    rng = np.random.default_rng(n)
    chance = rng.beta(4, 1, size=(STUDIES, n))
    draws = 2 * (rng.random((STUDIES, n)) < chance) + (rng.random((STUDIES, n)) < chance)
    wrong = told_apart([decide([RIGHT[i] for i in row], Endpoint.TARGET) for row in draws])
    record_property("told_apart", wrong)
    assert wrong <= MOST_TOLD_APART


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 400])
def test_equal_models_are_rarely_told_apart_by_a_judge(n: int, record_property: Callable[[str, object], None]) -> None:
    wrong = told_apart(studies(Endpoint.PAIRWISE, n, [0.3, 0.4, 0.3], seed=n))
    record_property("told_apart", wrong)
    assert wrong <= MOST_TOLD_APART


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 400])
def test_worse_by_the_margin_is_rarely_a_switch_on_target(
    n: int, record_property: Callable[[str, object], None]
) -> None:
    # Right: both wrong, candidate alone, baseline alone, both. 80 % against 85 %.
    assessments = studies(Endpoint.TARGET, n, [0.07, 0.08, 0.13, 0.72], seed=n)
    wrong = sum(a.ruling.verdict is Verdict.SWITCH for a in assessments)
    record_property("switch", wrong)
    assert wrong <= MOST_FALSE_SWITCHES


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 400])
def test_worse_by_the_margin_is_rarely_a_switch_by_a_judge(
    n: int, record_property: Callable[[str, object], None]
) -> None:
    # Win rate 40 %: ten points under a draw.
    assessments = studies(Endpoint.PAIRWISE, n, [0.4, 0.4, 0.2], seed=n)
    wrong = sum(a.ruling.verdict is Verdict.SWITCH for a in assessments)
    record_property("switch", wrong)
    assert wrong <= MOST_FALSE_SWITCHES


@pytest.mark.parametrize(("n", "lost"), [(50, 0.05), (100, 0.05), (400, 0.05), (100, 0.1)])
def test_a_few_answers_lost_whole_are_rarely_a_switch_on_fields(
    n: int, lost: float, record_property: Callable[[str, object], None]
) -> None:
    """Extraction that now and then returns nothing at all, and else is as good: five points under the baseline."""
    rng = np.random.default_rng(n)
    noise = rng.choice([-0.1, 0.1], size=(STUDIES, n)) - (0.05 - lost) / (1 - lost) * (lost != 0.05)
    d = np.where(rng.random((STUDIES, n)) < lost, -1.0, noise)
    tested = [fixed(row, whole_of(row, None, 1), None, 1, 0.95) for row in d]
    by_t = sum(t_p(mean_t(row), 0.05) <= 0.025 for row in d)
    wrong = sum(one.at(0.05) <= 0.025 for one in tested)
    record_property("switch", (wrong, by_t))
    assert wrong <= MOST_FALSE_ON_FIELDS


@pytest.mark.slow
def test_an_equal_model_is_found_with_the_power_that_was_promised() -> None:
    # Discordance .1, difference 0, limit 5 points: the number of answers that gives 80 %.
    found = sum(
        a.ruling.verdict is Verdict.SWITCH for a in studies(Endpoint.TARGET, 350, [0.1, 0.05, 0.05, 0.8], seed=1)
    )
    assert 760 <= found <= 880


def test_many_tests_at_once_rarely_give_any_false_switch(record_property: Callable[[str, object], None]) -> None:
    """Eight use cases with two candidates each, all worse by exactly the margin: without Holm one in four passes."""
    n, tests = 400, 16
    shares = [0.07, 0.08, 0.13, 0.72]
    draws = np.random.default_rng(3).multinomial(n, shares, size=(STUDIES, tests))
    p = np.array([[tango_p(int(one[1]), int(one[2]), n, 0.05) for one in study] for study in draws])
    naive = int((p <= 0.025).any(axis=1).sum())
    wrong = sum(min(holm(study.tolist())) <= 0.025 for study in p)
    record_property("switch", wrong)
    assert naive > 200
    assert wrong <= MOST_FALSE_SWITCHES
