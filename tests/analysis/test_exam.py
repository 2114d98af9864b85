"""A judge moves a use case only where something shows that it would have seen a difference."""

from dataclasses import replace
from typing import Any

import pytest

from advisor.analysis.quality.evidence import Pair
from advisor.analysis.statistics.intervals import exact_bounds
from advisor.analysis.verdict.exam import grade, orders_agree
from advisor.text.headline import sentence
from advisor.types import Cause, ControlKind, Endpoint, Evidence, Exam, Obstacle, Verdict
from tests.analysis.decisions import PASSED, assess, decide, judged_pairs, target_pairs, use_case
from tests.nested import changed

PAIRWISE: dict[str, Any] = {"endpoint": Endpoint.PAIRWISE}


ASKED = (6, 16, 16, 6, 6)


def exam(*found: int, asked: tuple[int, ...] = ASKED) -> Exam:
    """So many control pairs of each kind found."""
    return replace(PASSED, controls={k.value: (n, of) for k, n, of in zip(ControlKind, found, asked, strict=True)})


@pytest.mark.parametrize(
    ("found", "is_passed"),
    [
        ((4, 11, 11, 4, 4), True),
        ((4, 11, 10, 4, 4), False),  # 21 of the 32 that show whether a judge reads what the answers say
        ((6, 3, 3, 6, 6), False),  # a judge of form alone
        ((1, 13, 13, 1, 1), False),  # 29 of 50
        ((6, 16, 16, 6, 0), False),  # one kind was never seen
        ((0, 0, 0, 0, 0), False),
    ],
)
def test_over_half_of_all_and_of_what_shows_reading_must_be_found(found: tuple[int, ...], is_passed: bool) -> None:
    assert grade(exam(*found)).is_passed is is_passed


def test_an_exam_of_too_few_control_pairs_is_not_taken() -> None:
    assert not grade(exam(5, 16, 16, 6, 6, asked=(5, 16, 16, 6, 6))).is_taken
    assert not grade(replace(PASSED, controls={**PASSED.controls, "claim": (5, 5), "entity": (13, 13)})).is_taken
    assert not grade(None).is_passed


def test_the_exact_bounds_are_clopper_and_pearsons() -> None:
    assert exact_bounds(20, 30)[0] == pytest.approx(0.50056, abs=1e-5)
    assert exact_bounds(0, 5)[1] == pytest.approx(1 - 0.05 ** (1 / 5))
    assert (exact_bounds(0, 5)[0], exact_bounds(5, 5)[1]) == (0.0, 1.0)


def test_the_orders_must_name_the_same_winner_more_often_than_a_coin() -> None:
    assert orders_agree(120, 84)
    assert not orders_agree(120, 66)
    assert not orders_agree(0, 0)
    assert not orders_agree(10, 8)


@pytest.mark.parametrize("failed", [None, exam(6, 16, 16, 6, 0), exam(3, 8, 8, 3, 3)])
@pytest.mark.parametrize("votes", [(0, 300, 0), (150, 100, 50), (20, 30, 250)])
def test_nothing_is_decided_by_a_judge_that_did_not_pass(failed: Exam | None, votes: tuple[int, ...]) -> None:
    found = assess(judged_pairs(*votes), **PAIRWISE, exam=failed)
    assert (found.ruling.verdict, found.ruling.reason.code, found.ruling.n_needed) == (
        Verdict.NEED_MORE_DATA,
        Cause.JUDGE_NOT_PROVEN,
        None,
    )
    (doubt,) = (each.values for each in found.ruling.why_not if each.code == Obstacle.DOUBTFUL_MEASURE)
    assert (doubt["cause"], doubt["reviews"]) == (Cause.JUDGE_NOT_PROVEN, 30)
    assert doubt["is_taken"] is (failed is not None)
    assert not found.ruling.provisional


def test_other_endpoints_need_no_judge() -> None:
    found = assess(target_pairs(both=200), exam=None)
    assert (found.ruling.verdict, found.ruling.reason.code, found.ruling.provisional) == (
        Verdict.SWITCH,
        Cause.GOOD,
        False,
    )


def pairs_with_orders(ties: int, agreed: int, differing: int) -> list[Pair]:
    """Pairs called a tie in both orders, won half and lost half by both, and with orders that name another winner."""
    steady: dict[str, Any] = {"decided": True, "agreed": True}
    won = (agreed + 1) // 2
    pairs = judged_pairs(ties=ties, agreed=True) + judged_pairs(won, 0, agreed - won, **steady)
    return pairs + judged_pairs(ties=differing, decided=True)


def test_a_coin_is_not_proven_by_its_orders() -> None:
    coin = assess(pairs_with_orders(0, 150, 150), **PAIRWISE)
    assert (coin.ruling.verdict, coin.ruling.reason.code) == (Verdict.NEED_MORE_DATA, Cause.JUDGE_NOT_PROVEN)
    assert (coin.ruling.reason.values["agreed"], coin.ruling.reason.values["decided"]) == (150, 300)
    usable = assess(pairs_with_orders(180, 84, 36), **PAIRWISE)
    assert (usable.ruling.verdict, usable.trust.orders_decided, usable.trust.orders_agreed) == (Verdict.SWITCH, 120, 84)


def test_orders_that_differ_on_few_pairs_do_not_matter() -> None:
    """A nearly identical candidate leaves too few decided pairs to prove the judge, but none to lose it by."""
    found = assess(pairs_with_orders(285, 8, 7), **PAIRWISE)
    assert not orders_agree(15, 8)
    assert found.ruling.verdict is Verdict.SWITCH
    many = assess(pairs_with_orders(100, 10, 50), **PAIRWISE)
    assert (many.ruling.verdict, many.ruling.reason.code) == (Verdict.NEED_MORE_DATA, Cause.JUDGE_NOT_PROVEN)


def test_where_orders_are_not_proven_more_samples_are_still_asked_for_if_they_would_help() -> None:
    found = assess(pairs_with_orders(20, 20, 4), **PAIRWISE)
    assert (found.ruling.verdict, found.ruling.reason.code) == (Verdict.NEED_MORE_DATA, Cause.NOT_SURE)
    assert found.ruling.n_needed is not None


def test_peoples_pairs_decide_where_the_orders_are_not_proven() -> None:
    reviewed = [changed(pair, reviewed_y=1.0) for pair in pairs_with_orders(0, 20, 20)]
    found = assess(reviewed + pairs_with_orders(0, 130, 130), **PAIRWISE, reviews={"open": 40}, judge_reviews=40)
    assert (found.ruling.verdict, found.quality.evidence, found.quality.n) == (Verdict.SWITCH, "reviews", 40)


def test_few_reviews_do_not_stand_in_for_a_judge_that_is_not_proven() -> None:
    reviewed = [changed(pair, reviewed_y=1.0) for pair in judged_pairs(9)]
    found = assess(reviewed + judged_pairs(291), **PAIRWISE, exam=None, reviews={"open": 9})
    assert (found.ruling.verdict, found.ruling.reason.code) == (Verdict.NEED_MORE_DATA, Cause.JUDGE_NOT_PROVEN)


@pytest.mark.parametrize(("made", "evidence", "left"), [(29, Evidence.JUDGE, 1), (30, Evidence.REVIEWS, None)])
def test_30_reviews_take_the_place_of_a_judge_that_is_not_proven(made: int, evidence: str, left: int | None) -> None:
    """Fewer change nothing, so the number of comparisons doesn't fall before they may decide."""
    reviewed = [changed(pair, reviewed_y=n % 2) for n, pair in enumerate(judged_pairs(made))]
    (found,) = decide(use_case(reviewed + judged_pairs(100), **PAIRWISE, reviews={"open": made}), exam=None).use_cases
    assert found.candidates[0].quality.evidence == evidence
    assert found.candidates[0].quality.n == (made if left is None else 100 + made)
    assert (found.review_need and found.review_need.left) == left


def test_a_switch_is_provisional_until_30_pairs_of_the_study_are_reviewed() -> None:
    cheap: dict[str, Any] = {"candidate_cost_usd": 0.001, "baseline_cost_usd": 0.01}
    judged = use_case(judged_pairs(60, 200, 40, **cheap), name="notes", judge_reviews=12, **PAIRWISE)
    proven = use_case(target_pairs(both=200, **cheap), name="labels")
    found = decide(judged, proven, exam=replace(PASSED, reviews=12))
    assert [decision.provisional for decision in found.use_cases] == [True, False]
    assert "until people review 18 more pairs" in sentence(found)
    checked = decide(replace(judged, judge_reviews=30), proven)
    assert not any(decision.provisional for decision in checked.use_cases)
    assert "provisional" not in sentence(checked)
