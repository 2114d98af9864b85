"""The verdict as a reader gets it: one sentence with its finding, and each obstacle with its number."""

from typing import Any

import pytest
from decisions import assess, decide, judged_pairs, target_pairs, use_case

from advisor.analysis.noise import NoiseFloor
from advisor.analysis.plan import plan
from advisor.analysis.recommend import Pair
from advisor.text.numbers import number, points
from advisor.text.results import between
from advisor.types import Assessment, Endpoint, FailureKind, JudgeFacts, Model, Refusal, Verdict


def only(found: Assessment) -> str:
    assert len(found.why_not) == 1
    return found.why_not[0]


def test_a_switch_says_what_was_seen_how_sure_and_the_limit() -> None:
    found = assess(target_pairs(both=290, better=3, worse=5, neither=2))
    assert found.verdict is Verdict.SWITCH
    assert found.reason == (
        "Of 300 answers, open was as good as closed or better in 295; we are 97.5 % sure it is at most 3 points "
        "worse; your limit is 5."
    )
    assert found.why_not == ()
    better = assess(target_pairs(both=100, better=60, worse=5))
    assert "we are 97.5 % sure it is at least 25 points better; your limit is 5." in better.reason


def test_comparisons_are_won_or_tied() -> None:
    found = assess(judged_pairs(60, 100, 50), endpoint=Endpoint.PAIRWISE)
    assert found.reason == (
        "Of 210 comparisons, open won or tied 160; we are 97.5 % sure it is at most 2.5 points worse; your limit is 10."
    )


def test_a_keep_says_how_much_worse_and_what_would_change_it() -> None:
    found = assess(target_pairs(both=120, worse=60, neither=20))
    assert found.reason == (
        "Of 200 answers, open was as good as closed or better in 140; we are 97.5 % sure it is at least 24 points "
        "worse; your limit is 5."
    )
    assert "at least 24 points worse and your limit is 5" in only(found)


def test_what_is_not_sure_says_how_many_answers_would_tell() -> None:
    found = assess(target_pairs(both=94, better=2, worse=3, neither=1))
    assert found.reason == (
        "Of 100 answers, open was as good as closed or better in 97; it may still be 6.8 points worse and your limit "
        "is 5."
    )
    assert found.n_needed is not None
    assert only(found) == (
        f"It may be 6.8 points worse and you accept 5: about {found.n_needed - 100} more answers would do."
    )


def test_a_range_that_ends_right_at_the_limit_is_told_apart_from_it() -> None:
    found = assess(target_pairs(both=72))
    assert "it may still be 5.1 points worse and your limit is 5" in found.reason
    assert number(0.05003, 0.05) == "5.003"
    assert points(0.05, 0.05) == "5 points"
    assert number(-0.0499, 0.05) == "4.99"


def test_a_pass_that_holm_takes_back_says_so() -> None:
    other = target_pairs(both=30, better=3, worse=4, neither=3)
    crowd = [use_case(target_pairs(both=78, neither=5) if i == 0 else other, name=f"u{i}") for i in range(6)]
    found = decide(*crowd).use_cases[0].candidates[0]
    assert found.verdict is Verdict.NEED_MORE_DATA
    assert "but not after the correction for 6 tests" in found.reason
    assert "It would pass alone, but not after the correction for 6 tests" in only(found)
    assert f"about {(found.n_needed or 0) - found.n} more answers would do" in only(found)


def test_each_obstacle_is_named() -> None:
    pairs = target_pairs(both=60, worse=1, candidate_cost_usd=0.02, baseline_cost_usd=0.01)
    pairs += target_pairs(both=4, candidate_refusal=Refusal.FULL, candidate_cost_usd=0.02, baseline_cost_usd=0.01)
    found = assess(pairs, noise=NoiseFloor(n=80, better=0, worse=20))
    noise, quality, gate, price = found.why_not
    assert "differs from itself" in noise
    assert "you accept 5" in quality
    assert gate.startswith("Refused where closed answered too often: 6.2 %, limit 2 %, perhaps by chance: ")
    assert price.startswith("It is not cheaper: 1,000 calls cost $20.00, with closed $10.00")


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (
            FailureKind.AUTH,
            "by how they are asked (8 of 108 calls: key missing or refused 8): "
            "check its key, its id and its parameters.",
        ),
        (FailureKind.SERVER, "and that is sure: another host may help."),
    ],
)
def test_calls_that_fail_by_how_they_are_asked_do_not_do_so_by_chance(why: FailureKind, told: str) -> None:
    lost = [Pair(sample_id=900 + i, use_case="u", baseline_y=1.0, candidate_failure=why) for i in range(8)]
    found = assess(target_pairs(both=100) + lost)
    assert only(found) == f"Too many calls fail: 7.4 %, limit 2 %, {told}"
    assert "chance" not in found.reason


def test_a_gate_that_surely_fails_tells_its_remedy() -> None:
    found = assess(target_pairs(both=80) + target_pairs(both=40, candidate_truncated=True))
    assert found.reason == "Too many cut-off answers: 33 points more than closed, limit 2 points, and that is sure."
    assert only(found).endswith("a higher limit on the length of its answers may help.")


def test_without_evidence_a_judge_is_asked_for() -> None:
    pairs = [Pair(sample_id=i, use_case="u") for i in range(50)]
    found = assess(pairs, endpoint=Endpoint.PAIRWISE, evidence={"open": "none"})
    assert "add a judge" in only(found)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"kappa": {"open": 0.2}, "kappa_high": {"open": 0.3}, "reviews": {"open": 40}},
            ("kappa 0.20", "another judge"),
        ),
        ({"margin": 0.4}, ()),
    ],
)
def test_what_is_wrong_with_the_judge(given: dict[str, Any], words: tuple[str, ...]) -> None:
    found = assess(judged_pairs(50, 200, 50), endpoint=Endpoint.PAIRWISE, **given)
    assert (found.verdict is Verdict.SWITCH) is (not words)
    assert all(word in only(found) for word in words)


def test_as_good_but_dearer_has_the_price_as_its_only_obstacle() -> None:
    found = assess(target_pairs(both=200, candidate_cost_usd=0.02, baseline_cost_usd=0.01))
    assert found.verdict is Verdict.SWITCH
    assert found.reason.endswith("your limit is 5, but it is not cheaper.")
    assert "not cheaper" in only(found)


def test_written_answers_are_marked_in_the_sentence_too() -> None:
    written = Model(name="open", litellm_id="written/a", illustrative=True)
    decision = decide(use_case({written.name: target_pairs(both=200)}), models=[written]).use_cases[0]
    (found,) = decision.candidates
    assert found.reason.startswith("Of 200 answers, open (illustrative) was as good as closed")


def test_the_plan_names_the_candidate_once() -> None:
    passing, failing = target_pairs(both=200), target_pairs(both=100, worse=100, candidate_truncated=True)
    moves = plan(decide(use_case(passing, name="a"), use_case(failing, name="b")), {}, {}).moves
    assert [move.why.count("open") for move in moves] == [1, 1]
    assert moves[1].why.startswith("open: Too many cut-off answers")


def test_warnings_of_judges_come_once_and_noise_first() -> None:
    facts = [
        JudgeFacts(
            judge=name, judged=10, unparsed=1, pairs=5, flipped=0, warnings=("The judge is of the same family.",)
        )
        for name in ("one", "two")
    ]
    found = decide(
        use_case(target_pairs(both=100)),
        warnings=("The log is short.",),
        judges=facts,
        versions=("judge prompt 3",),
        noise=NoiseFloor(n=80, better=0, worse=20),
    )
    assert found.warnings[0] == found.noise_floor
    assert found.warnings[1:] == ("The log is short.", "The judge is of the same family.")
    assert (found.judges, found.versions) == (tuple(facts), ("judge prompt 3",))


def test_a_range_is_told_on_its_side_of_the_limit() -> None:
    assert between(-0.0496, 0.01, 0.05) == "between 4.96 points worse and 1 point better"
    assert between(-0.08, -0.0504, 0.05) == "5.04 to 8 points worse"
    assert between(-0.0496, 0.01) == "between 5 points worse and 1 point better"


def test_a_p_value_is_told_on_its_side_of_what_is_needed() -> None:
    by_model = {"a": target_pairs(both=200, worse=10), "b": target_pairs(both=50, worse=10)}
    found = decide(use_case(by_model, margin=0.0924)).use_cases[0].candidates[0]
    (why,) = (each for each in found.why_not if "correction" in each)
    assert "(p 0.013, corrected 0.02503, at most 0.025 is needed)" in why
