"""Four candidates that are broken in a way a mean may hide; each is caught on 100 answers, and by what."""

from advisor.text.gates import detail_words
from advisor.types import Assessment, DetailCode, Endpoint, FailureKind, Gate, GateName, Message, Refusal, Verdict
from tests.analysis.decisions import assess, judged_pairs, target_pairs
from tests.made_input import made_pair


def gate(assessment: Assessment, name: str) -> Gate:
    return next(gate for gate in assessment.gates if gate.name == name)


def failing(assessment: Assessment) -> list[str]:
    return [gate.name for gate in assessment.gates if gate.passed is False]


def test_one_constant_answer_is_caught_by_a_gate_though_a_judge_likes_it() -> None:
    pairs = [
        made_pair(sample_id=i, candidate_y=1.0, candidate_text_digest="c", baseline_text_digest=str(i))
        for i in range(100)
    ]
    found = assess(pairs, endpoint=Endpoint.PAIRWISE)
    assert (found.ruling.verdict, failing(found)) == (Verdict.KEEP, [GateName.IDENTICAL])


def test_cut_off_answers_are_caught_by_a_gate_though_a_judge_likes_them() -> None:
    found = assess(judged_pairs(wins=100, candidate_truncated=True), endpoint=Endpoint.PAIRWISE)
    assert (found.ruling.verdict, failing(found)) == (Verdict.KEEP, [GateName.TRUNCATION])
    assert (found.quality.wins, found.quality.losses) == (0, 100)


def test_a_model_that_always_calls_a_tool_is_caught_by_a_gate_though_its_mean_is_higher() -> None:
    needed = target_pairs(both=70, better=10, candidate_unneeded=None)
    found = assess(needed + target_pairs(worse=20, candidate_unneeded=True, baseline_unneeded=False))
    assert (found.ruling.verdict, failing(found)) == (Verdict.KEEP, [GateName.UNNEEDED])
    assert gate(found, GateName.UNNEEDED).beyond_doubt


def test_an_answer_that_instructs_the_judge_is_caught_by_the_turned_order() -> None:
    # It wins where it stands first and loses where it stands second: a tie each time, which alone would pass.
    found = assess(judged_pairs(ties=100, flips=1, judges=1, decided=True), endpoint=Endpoint.PAIRWISE)
    assert (found.ruling.verdict, found.ruling.reason.code, found.ruling.n_needed) == (
        Verdict.NEED_MORE_DATA,
        "judge_not_proven",
        None,
    )
    assert (found.trust.judge_flip_rate, found.trust.orders_decided, found.trust.orders_agreed) == (1.0, 100, 0)
    steady = {"flips": 0, "judges": 1, "decided": True, "agreed": True}
    honest = assess(judged_pairs(30, 40, 30, **steady), endpoint=Endpoint.PAIRWISE, margin=0.2)
    assert (honest.ruling.verdict, honest.trust.judge_flip_rate) == (Verdict.SWITCH, 0.0)


def test_answers_that_instruct_the_judge_are_caught_by_a_gate_unless_the_baselines_do_so_too() -> None:
    found = assess(judged_pairs(wins=100, candidate_instructs=True), endpoint=Endpoint.PAIRWISE)
    assert (found.ruling.verdict, failing(found)) == (Verdict.KEEP, [GateName.INSTRUCTING])
    assert found.ruling.reason.values["gate"]["value"] == 1.0
    both = judged_pairs(wins=100, candidate_instructs=True, baseline_instructs=True)
    assert assess(both, endpoint=Endpoint.PAIRWISE).ruling.verdict is Verdict.SWITCH
    few = judged_pairs(wins=95) + judged_pairs(wins=5, candidate_instructs=True)
    assert assess(few, endpoint=Endpoint.PAIRWISE).ruling.verdict is Verdict.NEED_MORE_DATA


def test_answers_that_are_all_refusals_by_rule_fail_a_gate_but_not_surely_while_nobody_read_the_baselines() -> None:
    for fault in ({"candidate_refusal": Refusal.FULL}, {"candidate_failure": FailureKind.CONTENT_FILTER}):
        pairs = [made_pair(sample_id=i, **fault) for i in range(100)]
        found = assess(pairs, endpoint=Endpoint.PAIRWISE, evidence={"open": "none"})
        refused = gate(found, GateName.REFUSED)
        assert (refused.value, refused.passed, refused.beyond_doubt) == (1.0, False, False), fault
        assert found.ruling.verdict is Verdict.NEED_MORE_DATA


def test_answers_that_fail_the_teams_own_checks_are_a_gate_and_no_loss() -> None:
    pairs = judged_pairs(40, 20, 40, candidate_checked=False, baseline_checked=True)
    found = assess(pairs, endpoint=Endpoint.PAIRWISE, margin=0.3)
    assert (found.ruling.verdict, failing(found)) == (Verdict.KEEP, [GateName.CHECKS])
    assert (found.quality.wins, found.quality.losses) == (40, 40)
    assert detail_words(gate(found, GateName.CHECKS).detail) == "100 of 100 answers, baseline 0"
    assert found.ruling.reason.values["gate"]["name"] == GateName.CHECKS


def test_claims_and_personal_data_are_shown_and_gate_nothing() -> None:
    pairs = target_pairs(
        both=100, candidate_unsupported=0.5, baseline_unsupported=0.25, candidate_personal=True, baseline_personal=False
    )
    found = assess(pairs)
    assert found.ruling.verdict is Verdict.SWITCH
    claims, personal = gate(found, GateName.UNSUPPORTED), gate(found, GateName.PERSONAL)
    assert (claims.value, claims.limit, claims.passed) == (0.25, None, None)
    assert claims.detail == Message(code=DetailCode.CLAIMS, values={"share": 0.5, "baseline": 0.25, "n": 100})
    assert (personal.value, personal.limit, personal.passed) == (1.0, None, None)
    assert detail_words(personal.detail) == "100 of 100 answers, baseline 0"
    unread = assess(target_pairs(both=10))
    assert [gate(unread, name).value for name in (GateName.CHECKS, GateName.UNSUPPORTED, GateName.PERSONAL)] == [
        None
    ] * 3
