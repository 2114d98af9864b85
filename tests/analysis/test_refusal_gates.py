"""Refusals: the vote stands, and two gates watch what was declined and what was not."""

from typing import Any

import numpy as np
import pytest

from advisor.analysis.migration_plan import plan
from advisor.analysis.statistics.intervals import is_surely_above
from advisor.text.headline import sentence
from advisor.types import Assessment, Cause, Endpoint, FailureKind, Gate, GateName, Obstacle, Refusal, Step, Verdict
from tests.analysis.decisions import READ, assess, decide, judged_pairs, target_pairs, use_case
from tests.made_input import made_pair
from tests.nested import changed

UNREAD: dict[str, Any] = dict.fromkeys(READ) | {"refusals_read": False}
FULL: dict[str, Any] = {"candidate_refusal": Refusal.FULL}
PARTIAL: dict[str, Any] = {"candidate_refusal": Refusal.PARTIAL}
DECLINED: dict[str, Any] = {"baseline_refusal": Refusal.FULL}
PAIRWISE: dict[str, Any] = {"endpoint": Endpoint.PAIRWISE}


def gate(assessment: Assessment, name: str) -> Gate:
    return next(gate for gate in assessment.gates if gate.name == name)


def of_gate(assessment: Assessment, name: str) -> tuple[float | None, bool | None, bool]:
    found = gate(assessment, name)
    return found.value, found.passed, found.beyond_doubt


@pytest.mark.parametrize(("side", "won"), [(FULL, (50, 50)), (DECLINED, (50, 50))])
def test_the_vote_stands_whoever_refused(side: dict[str, Any], won: tuple[int, int]) -> None:
    wins, losses = judged_pairs(wins=50, **side), judged_pairs(losses=50, **side)
    found = assess(wins + losses, **PAIRWISE)
    assert (found.quality.wins, found.quality.losses) == won


def test_a_candidate_that_complies_where_the_baseline_declined_wins_nothing_by_rule_and_fails() -> None:
    harmful = judged_pairs(losses=128, **DECLINED) + judged_pairs(ties=72, **FULL, **DECLINED)
    found = assess(harmful, **PAIRWISE)
    assert (found.quality.wins, found.quality.losses, found.ruling.verdict) == (0, 128, Verdict.KEEP)
    assert of_gate(found, GateName.ANSWERED) == (0.64, False, True)
    assert of_gate(found, GateName.REFUSED) == (0.0, True, False)
    liked = assess(judged_pairs(wins=128, **DECLINED) + judged_pairs(ties=72, **FULL, **DECLINED), **PAIRWISE)
    assert (liked.ruling.verdict, gate(liked, GateName.ANSWERED).beyond_doubt) == (Verdict.KEEP, True)


@pytest.mark.parametrize("how", [FULL, PARTIAL])
def test_refusals_of_harmless_prompts_fail_though_a_judge_ties_them(how: dict[str, Any]) -> None:
    found = assess(judged_pairs(ties=101) + judged_pairs(ties=149, **how), **PAIRWISE)
    assert of_gate(found, GateName.REFUSED) == (149 / 250, False, True)
    assert gate(found, GateName.REFUSED).n == 250
    assert found.ruling.verdict is Verdict.KEEP


def test_what_a_filter_blocked_is_declined_and_needs_no_reading() -> None:
    blocked: dict[str, Any] = {"baseline_failure": FailureKind.CONTENT_FILTER, "baseline_refusal": None}
    found = assess(judged_pairs(ties=50) + judged_pairs(ties=50, **blocked), **PAIRWISE)
    assert of_gate(found, GateName.ANSWERED) == (0.5, False, True)


def test_a_filter_that_blocks_what_the_other_side_declines_decides_nothing() -> None:
    blocked = made_pair(
        sample_id=900,
        candidate_failure=FailureKind.CONTENT_FILTER,
        baseline_refusal=Refusal.FULL,
    )
    found = assess(judged_pairs(ties=50) + [blocked] * 4, **PAIRWISE)
    assert (found.quality.ties, found.quality.losses) == (54, 0)
    assert assess(judged_pairs(ties=50) + [changed(blocked, baseline_refusal=None)] * 4, **PAIRWISE).quality.losses == 4


def test_gates_pass_by_the_point_and_fail_by_the_exact_bound() -> None:
    assert of_gate(assess(target_pairs(both=150)), GateName.REFUSED) == (0.0, True, False)
    assert of_gate(assess(target_pairs(both=147) + target_pairs(both=3, **FULL)), GateName.REFUSED) == (
        0.02,
        True,
        False,
    )
    doubtless = [assess(target_pairs(both=150 - k) + target_pairs(both=k, **FULL)) for k in (7, 8)]
    assert [gate(each, GateName.REFUSED).beyond_doubt for each in doubtless] == [False, True]
    few = assess(target_pairs(both=7) + target_pairs(both=1, **FULL))
    assert of_gate(few, GateName.REFUSED) == (0.125, False, False)
    answered = assess(target_pairs(both=7) + target_pairs(both=1, **DECLINED))
    assert of_gate(answered, GateName.ANSWERED) == (0.125, False, False)


def test_at_the_limit_a_gate_fails_surely_in_few_studies() -> None:
    drawn = np.random.default_rng(5).binomial(150, 0.02, 2000)
    assert np.mean([is_surely_above(int(k), 150, 0.02, 0.95) for k in drawn]) <= 0.025
    worse = np.random.default_rng(6).binomial(150, 0.10, 200)
    assert np.mean([is_surely_above(int(k), 150, 0.02, 0.95) for k in worse]) > 0.9


def test_a_rule_that_finds_nothing_has_measured_nothing() -> None:
    found = assess(target_pairs(both=300, **UNREAD))
    assert of_gate(found, GateName.REFUSED) == of_gate(found, GateName.ANSWERED) == (None, None, False)
    assert found.ruling.verdict is Verdict.SWITCH, "right answers decide"
    decision = decide(use_case(target_pairs(both=300, **UNREAD)))
    assert "Refusals weren't measured" in sentence(decision)
    assert "Refusals" not in sentence(decide(use_case(target_pairs(both=300))))


def test_what_a_rule_finds_counts_but_is_not_sure_while_the_baseline_is_unread() -> None:
    by_rule = {**UNREAD, **FULL}
    found = assess(target_pairs(both=270, **UNREAD) + target_pairs(both=30, **by_rule))
    assert of_gate(found, GateName.REFUSED) == (0.1, False, False)
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    few = assess(target_pairs(both=297, **UNREAD) + target_pairs(both=3, **by_rule))
    assert of_gate(few, GateName.REFUSED) == (None, None, False)
    both = assess(target_pairs(both=270, **UNREAD) + target_pairs(both=30, **by_rule | DECLINED))
    assert of_gate(both, GateName.REFUSED) == (None, None, False)


def test_only_what_was_read_is_the_sample() -> None:
    unread = target_pairs(both=400, **UNREAD) + target_pairs(both=2, **UNREAD | FULL)
    found = gate(assess(target_pairs(both=99) + target_pairs(both=1, **FULL) + unread), GateName.REFUSED)
    assert (found.value, found.n) == (0.01, 100)


def test_a_judge_that_read_no_answer_for_refusals_moves_nothing_but_people_and_a_read_part_do() -> None:
    unread = assess(judged_pairs(wins=200, **UNREAD), **PAIRWISE)
    assert unread.ruling.verdict is Verdict.NEED_MORE_DATA
    assert unread.ruling.reason.code == Cause.REFUSALS_NOT_READ
    assert any(each.code == Obstacle.REFUSALS_NOT_READ for each in unread.ruling.why_not)
    steps = plan(decide(use_case(judged_pairs(wins=200, **UNREAD), **PAIRWISE)), {}, {}).next_steps
    assert Step.READ_REFUSALS in [step.code for step in steps]
    part = assess(judged_pairs(wins=20) + judged_pairs(wins=180, **UNREAD), **PAIRWISE)
    assert part.ruling.verdict is Verdict.SWITCH
    people = assess(judged_pairs(wins=200, reviewed_y=1.0, **UNREAD), evidence={"open": "reviews"}, **PAIRWISE)
    assert people.ruling.verdict is Verdict.SWITCH


@pytest.mark.parametrize(("missing", "verdict"), [(10, Verdict.SWITCH), (11, Verdict.NEED_MORE_DATA)])
def test_more_than_5_percent_without_a_vote_move_nothing(missing: int, verdict: Verdict) -> None:
    unvoted = [made_pair(sample_id=900 + i) for i in range(missing)]
    found = assess(judged_pairs(wins=200 - missing) + unvoted, **PAIRWISE)
    assert (found.quality.n, found.ruling.verdict) == (200 - missing, verdict)
    assert found.ruling.reason.code == ("good" if verdict is Verdict.SWITCH else "votes_missing")


def test_a_refusal_beside_a_reference_answer_is_wrong_only_where_it_was_scored() -> None:
    wrong = [made_pair(sample_id=i, baseline_y=1.0, candidate_y=0.0, candidate_refusal=Refusal.FULL) for i in range(40)]
    found = assess(target_pairs(both=60) + wrong)
    assert (found.quality.n, found.quality.score) == (100, 0.6)
