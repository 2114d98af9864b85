"""People's votes stand in place of the judge's, and nothing that is said of the judge vetoes them."""

from dataclasses import replace
from typing import Any

import pytest

from advisor.analysis.quality.evidence import Pair
from advisor.analysis.statistics.intervals import tango
from advisor.types import Endpoint, Obstacle, Verdict
from tests.analysis.decisions import PASSED, assess
from tests.made_input import made_pair
from tests.nested import changed

PAIRWISE = {"endpoint": Endpoint.PAIRWISE}
CONTRADICTED: dict[str, Any] = {**PAIRWISE, "kappa": {"open": 0.1}, "kappa_high": {"open": 0.3}}
OBEDIENT = replace(PASSED, controls={**PASSED.controls, "injected": (0, 6)})


def people_say(wins: int, ties: int, losses: int, judge: float | None) -> list[Pair]:
    """Pairs that people compared, with one vote of the judge on all of them."""
    votes = [1.0] * wins + [0.5] * ties + [0.0] * losses
    return [made_pair(sample_id=i, candidate_y=judge, reviewed_y=vote) for i, vote in enumerate(votes)]


def judge_says(n: int, vote: float) -> list[Pair]:
    return [made_pair(sample_id=1000 + i, candidate_y=vote) for i in range(n)]


def test_a_pair_has_peoples_vote_in_place_of_the_judges() -> None:
    found = assess(people_say(40, 0, 0, judge=0.0) + judge_says(60, 0.5), **PAIRWISE)
    assert (found.quality.wins, found.quality.ties, found.quality.losses, found.quality.evidence) == (
        40,
        60,
        0,
        "judge",
    )


def test_every_pair_labelled_is_peoples_own_verdict() -> None:
    """350 pairs, [-5.8, +4.7], margin 10, from a judge that people contradict beyond doubt."""
    found = assess(people_say(84, 178, 88, judge=0.0), **CONTRADICTED, reviews={"open": 350})
    assert (found.ruling.verdict, found.quality.evidence, found.quality.n) == (Verdict.SWITCH, "reviews", 350)
    low, high = (bound / 2 for bound in tango(84, 88, 350))
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx((low, high))
    assert low > -0.1


@pytest.mark.parametrize("why", [CONTRADICTED, {**PAIRWISE, "exam": OBEDIENT}])
def test_without_the_judge_peoples_pairs_alone_decide_with_their_n(why: dict[str, Any]) -> None:
    kind = judge_says(300, 1.0)
    enough = assess(people_say(20, 100, 20, judge=1.0) + kind, **why, reviews={"open": 140})
    assert (enough.ruling.verdict, enough.quality.evidence, enough.quality.n) == (Verdict.SWITCH, "reviews", 140)
    few = assess(people_say(8, 20, 12, judge=1.0) + kind, **why, reviews={"open": 40})
    assert (few.ruling.verdict, few.quality.n) == (Verdict.NEED_MORE_DATA, 40)
    assert few.ruling.n_needed is not None
    assert few.ruling.n_needed > 40
    assert any(each.code == Obstacle.DOUBTFUL_MEASURE for each in few.ruling.why_not), (
        "why the judge's 300 votes are left out"
    )
    none = assess(kind, **why, reviews={"open": 40})
    assert (none.ruling.verdict, none.quality.evidence) == (Verdict.NEED_MORE_DATA, "judge")


def test_a_bad_verdict_by_people_is_not_softened_by_the_judge() -> None:
    found = assess(people_say(10, 20, 110, judge=1.0) + judge_says(300, 1.0), **CONTRADICTED, reviews={"open": 140})
    assert found.ruling.verdict is Verdict.KEEP


def test_from_100_reviews_on_the_judges_own_votes_are_corrected() -> None:
    """The correction needs what the judge said of the pairs that people labelled."""
    pairs = people_say(40, 40, 40, judge=None)
    pairs = [changed(pair, candidate_y=1.0 if i % 3 else 0.0) for i, pair in enumerate(pairs)]
    rest = [changed(pair, candidate_y=1.0 if i % 3 else 0.0) for i, pair in enumerate(judge_says(300, 1.0))]
    found = assess(pairs + rest, **PAIRWISE, reviews={"open": 120})
    assert (found.difference.method, found.difference.delta) == ("PPI++", pytest.approx(0, abs=0.02))
