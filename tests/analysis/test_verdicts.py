import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from advisor.analysis.migration_plan import plan
from advisor.analysis.quality.columns import columns_of
from advisor.analysis.quality.evidence import Pair
from advisor.analysis.quality.outcomes import score
from advisor.analysis.statistics.intervals import mean_t, tango, tango_p
from advisor.analysis.statistics.noise import finding, noise_floor
from advisor.analysis.statistics.sample_size import n_needed
from advisor.text.gates import detail_words
from advisor.text.names import exclusion_words
from advisor.types import (
    Assessment,
    Cause,
    DetailCode,
    Endpoint,
    Exclusion,
    ExclusionCode,
    FailureKind,
    Gate,
    GateName,
    Grouping,
    Kind,
    Message,
    Model,
    NoteCode,
    Obstacle,
    Step,
    TooFew,
    Verdict,
    WarningCode,
)
from tests.analysis.decisions import READ, assess, decide, judged_pairs, target_pairs, use_case
from tests.made_input import made_pair


def gate(assessment: Assessment, name: str) -> Gate:
    return next(gate for gate in assessment.gates if gate.name == name)


def only(messages: tuple[Message, ...], code: str) -> dict[str, Any]:
    """The values of the one message with this code."""
    (found,) = (message.values for message in messages if message.code == code)
    return found


def codes(messages: tuple[Message, ...]) -> list[str]:
    return [message.code for message in messages]


def test_as_good_on_enough_answers_is_a_switch() -> None:
    found = assess(target_pairs(both=180, better=4, worse=4, neither=12))
    assert found.ruling.verdict is Verdict.SWITCH
    assert (found.quality.n, found.quality.score, found.quality.baseline_score, found.difference.delta) == (
        200,
        0.92,
        0.92,
        0.0,
    )
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx(tango(4, 4, 200))
    assert found.difference.p_value == found.difference.p_holm == pytest.approx(tango_p(4, 4, 200, 0.05))
    assert found.difference.margin == 0.05


def test_one_call_is_written_as_one() -> None:
    timed = assess(target_pairs(both=1, candidate_latency_s=2.0))
    detail = gate(timed, GateName.LATENCY).detail
    assert detail == Message(code=DetailCode.TIMED, values={"n": 1, "least": 59})
    assert detail_words(detail).startswith("1 call;")


def test_surely_worse_than_the_limit_is_keep() -> None:
    found = assess(target_pairs(both=120, worse=60, neither=20))
    assert found.ruling.verdict is Verdict.KEEP
    assert found.difference.ci_high is not None
    assert found.difference.ci_high < -0.05


def test_never_different_needs_73_answers() -> None:
    few, enough = assess(target_pairs(both=72)), assess(target_pairs(both=73))
    assert (few.ruling.verdict, few.ruling.n_needed) == (Verdict.NEED_MORE_DATA, 73)
    assert enough.ruling.verdict is Verdict.SWITCH
    why = only(few.ruling.why_not, Obstacle.NOT_SURE)
    assert (why["n"], why["still"], why["is_hopeless"]) == (72, 1, False)


def test_where_more_data_would_not_help_no_number_is_promised() -> None:
    found = assess(target_pairs(both=40, better=1, worse=5))
    assert (found.ruling.verdict, found.ruling.n_needed) == (Verdict.NEED_MORE_DATA, None)
    why = only(found.ruling.why_not, Obstacle.PROBABLY_WORSE)
    assert why["delta"] == pytest.approx(-4 / 46)
    assert "still" not in why


def test_judged_pairs_are_win_rates() -> None:
    found = assess(judged_pairs(60, 100, 50), endpoint=Endpoint.PAIRWISE, kind=Kind.SUMMARY)
    low, high = tango(60, 50, 210)
    assert (found.quality.wins, found.quality.ties, found.quality.losses, found.quality.baseline_score) == (
        60,
        100,
        50,
        0.5,
    )
    assert found.quality.score == pytest.approx((60 + 50) / 210)
    assert found.difference.delta == pytest.approx((60 - 50) / 420)
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx((low / 2, high / 2))
    assert found.difference.p_value == pytest.approx(tango_p(60, 50, 210, 0.2))
    assert (found.difference.margin, found.ruling.verdict) == (0.10, Verdict.SWITCH)


def test_margins_use_case_before_study_before_default() -> None:
    pairs = target_pairs(both=180, better=4, worse=4, neither=12)
    assert assess(pairs, margin=0.01).difference.margin == 0.01
    assert assess(pairs, margin_of_study=0.02).difference.margin == 0.02
    assert assess(pairs, margin=0.01, margin_of_study=0.02).difference.margin == 0.01
    assert assess(pairs, margin=0.01).ruling.verdict is Verdict.NEED_MORE_DATA


def test_holm_lets_a_lone_pass_fail_among_many() -> None:
    pairs = target_pairs(both=78, neither=5)
    alone = assess(pairs)
    assert alone.ruling.verdict is Verdict.SWITCH
    other = target_pairs(both=30, better=3, worse=4, neither=3)
    crowd = decide(*[use_case(pairs if i == 0 else other, name=f"u{i}") for i in range(6)])
    first = crowd.use_cases[0].candidates[0]
    assert first.difference.p_value == alone.difference.p_value
    assert first.difference.p_holm == pytest.approx(6 * alone.difference.p_value)  # type: ignore[operator]
    assert first.ruling.verdict is Verdict.NEED_MORE_DATA
    assert first.ruling.n_needed is not None
    assert first.ruling.n_needed > first.quality.n


def test_no_judge_means_no_evidence() -> None:
    found = assess([made_pair(sample_id=i) for i in range(50)], endpoint=Endpoint.PAIRWISE, evidence={"open": "none"})
    assert (found.quality.n, found.ruling.verdict, found.quality.score, found.difference.p_value) == (
        0,
        Verdict.NEED_MORE_DATA,
        None,
        None,
    )
    assert found.ruling.reason.code == Cause.NO_EVIDENCE
    assert codes(found.ruling.why_not) == [Obstacle.NO_EVIDENCE]


def test_failures_of_the_host_are_left_out_and_counted() -> None:
    lost = target_pairs(both=1, candidate_failure=FailureKind.SERVER)
    found = assess(target_pairs(both=180, better=4, worse=4, neither=9) + lost * 3)
    assert found.quality.n == 197
    assert found.quality.excluded == (Exclusion(code=ExclusionCode.CANDIDATE_FAILED, n=3, failure=FailureKind.SERVER),)
    assert exclusion_words(found.quality.excluded[0]) == "candidate call failed (server error)"
    assert found.times.error_rate == pytest.approx(3 / 200)
    assert found.ruling.verdict is Verdict.SWITCH


def test_failures_of_the_model_are_losses() -> None:
    lost = [
        made_pair(sample_id=900 + i, baseline_y=1.0, candidate_failure=FailureKind.CONTEXT_OVERFLOW) for i in range(40)
    ]
    found = assess(target_pairs(both=160) + lost)
    assert (found.quality.n, found.quality.score, found.ruling.verdict) == (200, 0.8, Verdict.KEEP)
    assert NoteCode.PROMPT_TOO_LONG in codes(found.notes)


@pytest.mark.parametrize(
    "flaw",
    [{"candidate_valid": False, "baseline_valid": True}, {"candidate_truncated": True}],
)
def test_a_flaw_of_the_candidate_alone_loses_a_judged_pair(flaw: dict[str, Any]) -> None:
    found = assess(judged_pairs(50, 100, 50) + judged_pairs(wins=4, **flaw), endpoint=Endpoint.PAIRWISE)
    assert (found.quality.wins, found.quality.losses) == (50, 54)


@pytest.mark.parametrize(
    "flaw",
    [{"baseline_valid": False, "candidate_valid": True}, {"baseline_truncated": True}],
)
def test_a_flaw_of_the_baseline_alone_wins_a_judged_pair(flaw: dict[str, Any]) -> None:
    found = assess(judged_pairs(50, 100, 50) + judged_pairs(losses=4, **flaw), endpoint=Endpoint.PAIRWISE)
    assert (found.quality.wins, found.quality.losses) == (54, 50)
    unread = [made_pair(sample_id=900 + i, **flaw) for i in range(30)]
    found = assess(judged_pairs(50, 100, 50) + unread, endpoint=Endpoint.PAIRWISE)
    assert (found.quality.wins, found.quality.losses, found.quality.n) == (80, 50, 230)


@pytest.mark.parametrize("endpoint", Endpoint)
@pytest.mark.parametrize(
    ("flaw", "value"), [("valid", False), ("truncated", True), ("failure", FailureKind.CONTENT_FILTER)]
)
def test_a_fault_counts_the_same_on_either_side(endpoint: Endpoint, flaw: str, value: object) -> None:
    def scores(who: str, other: str) -> tuple[list[float], list[float]]:
        y = {} if endpoint is Endpoint.PAIRWISE else {f"{other}_y": 1.0}
        pair = made_pair(sample_id=1, **{f"{who}_{flaw}": value, **y})
        found = score(columns_of([pair]), endpoint)
        return found.candidate.tolist(), found.baseline.tolist()

    theirs, ours = scores("candidate", "baseline"), scores("baseline", "candidate")
    if endpoint is Endpoint.PAIRWISE:
        assert (theirs, ours) == (([0.0], [0.5]), ([1.0], [0.5]))
    else:
        assert theirs == ours[::-1] == ([0.0], [1.0])


def test_a_flaw_of_both_is_left_to_the_judge() -> None:
    both = {"candidate_truncated": True, "baseline_truncated": True}
    found = assess(judged_pairs(50, 100, 50) + judged_pairs(wins=4, **both), endpoint=Endpoint.PAIRWISE)
    assert (found.quality.wins, found.quality.losses) == (54, 50)


def test_faults_do_not_tip_a_half_judged_run() -> None:
    cut = [made_pair(sample_id=i, candidate_truncated=True) for i in range(10)]
    open_pairs = [made_pair(sample_id=i) for i in range(90)]
    found = assess(judged_pairs(10, 0, 10) + cut + open_pairs, endpoint=Endpoint.PAIRWISE)
    assert (found.quality.wins, found.quality.losses) == (10, 10)
    assert found.quality.excluded == (Exclusion(code=ExclusionCode.NOT_JUDGED, n=100),)


def test_scores_in_between_need_73() -> None:
    few = [made_pair(sample_id=i, candidate_y=0.9, baseline_y=0.9 - 0.001 * (i % 3)) for i in range(40)]
    assert assess(few).ruling.verdict is Verdict.NEED_MORE_DATA
    assert (assess(few[1:2]).difference.ci_low, assess(few[1:2]).difference.ci_high) == (-1.0, 1.0)
    assert assess(few).ruling.n_needed == 73, "what Tango needs where no answer is lost"
    assert assess(few * 2).ruling.verdict is Verdict.SWITCH


def test_answers_of_few_conversations_decide_nothing() -> None:
    pairs = [made_pair(sample_id=i, session=f"s{i % 4}", candidate_y=1.0, baseline_y=1.0) for i in range(200)]
    found = assess(pairs)
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    too_few = {"code": TooFew.CONVERSATIONS, "values": {"n": 4, "least": 5}}
    assert (found.ruling.reason.code, found.ruling.reason.values["too_few"]) == (Cause.TOO_FEW, too_few)


def test_answers_of_one_conversation_count_less() -> None:
    def pairs(conversations: int) -> list[Pair]:
        return [
            made_pair(
                sample_id=i,
                session=f"s{i * conversations // 240}",
                baseline_y=float(not 0 <= i < 12),
                candidate_y=float(not 120 <= i < 132),
            )
            for i in range(240)
        ]

    apart, together = assess(pairs(240)), assess(pairs(20))
    assert apart.difference.delta == together.difference.delta == 0
    assert together.difference.ci_low < apart.difference.ci_low  # type: ignore[operator]
    assert together.difference.p_value > apart.difference.p_value  # type: ignore[operator]
    assert NoteCode.GROUPED not in codes(apart.notes)
    note = only(together.notes, NoteCode.GROUPED)
    assert (note["of"], note["number"], note["n"]) == (Grouping.CONVERSATIONS, 20, 240)


def test_a_gate_vetoes_good_quality() -> None:
    pairs = target_pairs(both=170, candidate_valid=True, baseline_valid=True)
    pairs += target_pairs(both=30, candidate_valid=False, baseline_valid=True)
    found = assess(pairs)
    assert found.ruling.verdict is Verdict.KEEP
    validity = gate(found, "validity")
    assert (validity.value, validity.limit, validity.passed, validity.beyond_doubt) == (0.15, 0.02, False, True)
    assert found.ruling.reason.code == Cause.GATE
    named = found.ruling.reason.values["gate"]
    assert (named["name"], named["value"], named["limit"]) == (GateName.VALIDITY, 0.15, 0.02)


def test_a_gate_in_doubt_asks_for_more_data() -> None:
    pairs = target_pairs(both=95) + target_pairs(both=5, candidate_truncated=True)
    found = assess(pairs)
    assert gate(found, "truncation").passed is False
    assert not gate(found, "truncation").beyond_doubt
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    assert found.ruling.n_needed is not None
    assert found.ruling.n_needed > 100


def test_a_flaw_the_baseline_shares_does_not_count() -> None:
    pairs = target_pairs(both=170) + target_pairs(both=30, candidate_truncated=True, baseline_truncated=True)
    assert gate(assess(pairs), "truncation").value == 0


def test_unneeded_tool_calls() -> None:
    pairs = target_pairs(both=80) + target_pairs(worse=40, candidate_unneeded=True, baseline_unneeded=False)
    found = gate(assess(pairs), "unneeded calls")
    assert (found.value, found.beyond_doubt) == (1.0, True)


def test_failed_calls_beyond_doubt_keep_but_a_wrong_key_only_asks() -> None:
    good = target_pairs(both=150)
    down = assess(good + target_pairs(both=50, candidate_failure=FailureKind.TIMEOUT))
    assert (down.ruling.verdict, gate(down, "errors").value) == (Verdict.KEEP, 0.25)
    locked = assess(target_pairs(both=50, candidate_failure=FailureKind.AUTH))
    assert (locked.ruling.verdict, locked.quality.n) == (Verdict.NEED_MORE_DATA, 0)
    assert down.ruling.reason.code == Cause.GATE
    assert locked.ruling.reason.code == Cause.NOTHING_SCORED
    why = locked.ruling.reason.values["gate"]
    assert (why["name"], why["detail"]["values"]["failures"]) == (GateName.ERRORS, {"auth": 50})


def test_one_constant_answer_is_caught() -> None:
    judged = [
        made_pair(sample_id=i, candidate_y=1.0, candidate_text_digest="same", baseline_text_digest=str(i))
        for i in range(100)
    ]
    found = assess(judged, endpoint=Endpoint.PAIRWISE)
    assert (found.ruling.verdict, gate(found, "identical outputs").beyond_doubt) == (Verdict.KEEP, True)


def test_a_constant_label_is_caught_though_it_is_nearly_always_right() -> None:
    pairs = target_pairs(both=196, worse=4)
    pairs = [
        made_pair(
            sample_id=i,
            baseline_y=pair.baseline.y,
            candidate_y=pair.candidate.y,
            candidate_text_digest="other",
            baseline_text_digest="other" if pair.candidate.y else "rare",
        )
        for i, pair in enumerate(pairs)
    ]
    assert assess(pairs).ruling.verdict is Verdict.KEEP


def test_repeated_labels_are_no_fault() -> None:
    pairs = [
        made_pair(
            sample_id=i, baseline_y=1.0, candidate_y=1.0,
            candidate_text_digest=str(i % 5), baseline_text_digest=str(i),
        )
        for i in range(100)
    ]  # fmt: skip
    assert assess(pairs).ruling.verdict is Verdict.SWITCH


def test_latency_is_gated_only_under_a_limit() -> None:
    pairs = target_pairs(both=100, candidate_latency_s=3.0, candidate_ttft_s=0.5)
    free = assess(pairs)
    assert (gate(free, "latency p95").passed, free.times.latency_p95_s, free.ruling.verdict) == (
        None,
        3.0,
        Verdict.SWITCH,
    )
    bound = assess(pairs, max_latency_p95_s=2.0, max_ttft_p95_s=1.0)
    assert gate(bound, "latency p95").beyond_doubt
    assert gate(bound, "ttft p95").passed
    assert bound.ruling.verdict is Verdict.KEEP


def test_a_limit_on_waiting_that_nothing_was_measured_for_is_not_kept_to() -> None:
    pairs = target_pairs(both=100, candidate_latency_s=1.0)
    (decision,) = decide(use_case(pairs, max_latency_p95_s=2.0, max_ttft_p95_s=0.5)).use_cases
    (untimed,) = decision.candidates
    assert (decision.verdict, decision.chosen) == (Verdict.NEED_MORE_DATA, None)
    limit = {"name": GateName.TTFT, "limit": 0.5}
    assert (untimed.ruling.reason.code, untimed.ruling.reason.values["gate"]) == (Cause.NOT_TIMED, limit)
    assert untimed.ruling.why_not == (Message(code=Obstacle.NOT_TIMED, values={"baseline": "closed", **limit}),)
    steps = plan(decide(use_case(pairs, max_ttft_p95_s=0.5)), {}, {}).next_steps
    assert Step.MEASURE_TIMES in [step.code for step in steps]


def test_few_timed_answers_are_said() -> None:
    found = assess(target_pairs(both=50, candidate_latency_s=1.0))
    assert only(found.notes, NoteCode.P95_NOT_SURE) == {"n": 50}
    assert NoteCode.P95_NOT_SURE not in codes(assess(target_pairs(both=59, candidate_latency_s=1.0)).notes)
    assert found.times.answered == 50


def test_a_judge_that_people_contradict_may_not_switch() -> None:
    pairs = judged_pairs(50, 200, 50)
    given = {"endpoint": Endpoint.PAIRWISE, "reviews": {"open": 40}}
    assert assess(pairs, **given, kappa={"open": 0.7}, kappa_high={"open": 0.9}).ruling.verdict is Verdict.SWITCH
    by_chance = assess(pairs, **given, kappa={"open": 0.37}, kappa_high={"open": 0.45})
    assert by_chance.ruling.verdict is Verdict.SWITCH, "the truth may be above .4"
    doubted = assess(pairs, **given, kappa={"open": 0.2}, kappa_high={"open": 0.39})
    assert doubted.ruling.verdict is Verdict.NEED_MORE_DATA
    assert doubted.ruling.reason.code == Cause.JUDGE_CONTRADICTED
    seen = {"kappa": 0.2, "kappa_high": 0.39, "reviews": 40, "least": 0.4}
    assert doubted.ruling.reason.values.items() >= seen.items()
    assert only(doubted.ruling.why_not, Obstacle.DOUBTFUL_MEASURE).items() >= seen.items()
    unchecked = assess(pairs, endpoint=Endpoint.PAIRWISE, reviews={"open": 10}, judge_reviews=10)
    assert (unchecked.ruling.verdict, unchecked.ruling.provisional) == (Verdict.SWITCH, True)
    assert only(unchecked.notes, NoteCode.JUDGE_NOT_REVIEWED) == {"reviews": 10, "least": 30}
    of_study = assess(pairs, endpoint=Endpoint.PAIRWISE, reviews={"open": 10}, judge_reviews=30)
    assert not of_study.ruling.provisional, "reviews of all use cases count together"
    assert NoteCode.JUDGE_NOT_REVIEWED not in codes(of_study.notes)


def test_two_models_that_are_never_right_prove_nothing() -> None:
    found = assess(target_pairs(neither=400))
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    assert found.ruling.reason.code == Cause.NO_ROOM
    assert (found.ruling.reason.values["baseline_score"], found.ruling.reason.values["is_too_wide"]) == (0.0, False)


def test_answers_that_change_are_held_against_those_of_the_baseline() -> None:
    found = assess(target_pairs(both=100), flips={"open": (40, 100)}, baseline_flips=(5, 100))
    assert gate(found, "stability").value == pytest.approx(0.35)
    assert found.ruling.verdict is Verdict.KEEP
    steady = assess(target_pairs(both=100), flips={"open": (8, 100)}, baseline_flips=(5, 100))
    assert gate(steady, "stability").passed
    unknown = gate(assess(target_pairs(both=100), flips={"open": (40, 100)}), "stability")
    assert (unknown.passed, unknown.value) == (None, pytest.approx(0.4))


def test_means_of_a_panel_never_decide_on_few_pairs() -> None:
    few = assess(panel_pairs(72), endpoint=Endpoint.PAIRWISE)
    assert (few.ruling.verdict, few.difference.p_holm) == (Verdict.NEED_MORE_DATA, None)
    too_few = {"code": TooFew.FRACTIONAL, "values": {"n": 72, "least": 73}}
    assert (few.ruling.reason.code, few.ruling.reason.values["too_few"]) == (Cause.TOO_FEW, too_few)
    enough = assess(panel_pairs(200), endpoint=Endpoint.PAIRWISE)
    assert enough.ruling.verdict is Verdict.SWITCH
    d = np.array([pair.candidate.y for pair in panel_pairs(200)]) - 0.5
    high = tango(2 * d[d > 0].sum(), -2 * d[d < 0].sum(), 200)[1] / 2
    assert (enough.difference.ci_low, enough.difference.ci_high) == pytest.approx((mean_t(d).low, high))
    assert high > mean_t(d).high


def panel_pairs(n: int) -> list[Pair]:
    """Two judges that agree on two pairs in three."""
    return [made_pair(sample_id=i, candidate_y=(0.25, 0.5, 1.0)[i % 3], **READ) for i in range(n)]


def test_agreement_that_is_not_a_number_lets_nothing_pass() -> None:
    found = assess(
        judged_pairs(wins=100, ties=100, losses=20),
        endpoint=Endpoint.PAIRWISE,
        kappa={"open": float("nan")},
        kappa_high={"open": float("nan")},
        reviews={"open": 40},
    )
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA


def test_noise_floor() -> None:
    assert noise_floor([(1.0, None)]) is None
    assert finding(None).code == WarningCode.NOISE_UNKNOWN
    drifting = noise_floor([(1.0, 0.0)] * 20 + [(1.0, 1.0)] * 80)
    assert drifting is not None
    assert drifting.is_different
    recommendation = decide(use_case(target_pairs(both=100)), noise=drifting)
    assert recommendation.remarks.noise_floor in recommendation.remarks.warnings
    assert recommendation.remarks.noise_floor == Message.of(WarningCode.NOISE_DIFFERS, better=0, worse=20, n=100)


def test_more_tests_need_more_answers_also_where_the_corrected_p_is_cut_off() -> None:
    """A p of .3 among ten tests is corrected to 1, which is not .3 times anything."""
    pairs = target_pairs(both=80, better=10, worse=13)
    one = assess(pairs)
    evidence = [replace(use_case(pairs), name=f"u{i}") for i in range(10)]
    many = decide(*evidence).use_cases[0].candidates[0]
    assert (one.ruling.verdict, many.difference.p_holm) == (Verdict.NEED_MORE_DATA, 1.0)
    assert one.ruling.n_needed is not None
    assert many.ruling.n_needed == n_needed(10, 13, 103, 0.05, 0.995)
    assert many.ruling.n_needed is not None
    assert one.ruling.n_needed is not None
    assert many.ruling.n_needed > one.ruling.n_needed


def test_missing_answers_are_named() -> None:
    pairs = target_pairs(both=80) + [made_pair(sample_id=i, missing=True) for i in range(20)]
    not_asked = Exclusion(code=ExclusionCode.NOT_ASKED, n=20)
    assert assess(pairs).quality.excluded == (not_asked,)
    nothing = assess([made_pair(sample_id=i, missing=True) for i in range(20)])
    assert (nothing.quality.n, nothing.ruling.verdict) == (0, Verdict.NEED_MORE_DATA)
    assert nothing.ruling.reason.code == Cause.NOTHING_SCORED
    assert nothing.ruling.reason.values["excluded"] == asdict(not_asked)


def test_what_a_probe_found_is_a_note_where_the_use_case_needs_it() -> None:
    from advisor.types import Probe

    model = Model(name="open", litellm_id="x/y", probe=Probe(reachable=True, tools=False))
    needed = assess(target_pairs(both=100), kind=Kind.TOOL_USE, models=[model])
    assert only(needed.notes, NoteCode.LACKS) == {"what": ["call tools"]}
    assert NoteCode.LACKS not in codes(assess(target_pairs(both=100), models=[model]).notes)


def test_a_limit_that_lets_wrong_answers_pass_is_what_to_change() -> None:
    assert assess(target_pairs(both=60), margin=0.9).ruling.verdict is Verdict.SWITCH, "no drop at all passes any limit"
    found = assess(target_pairs(both=20, worse=40), margin=0.9)
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    assert found.ruling.reason.code == Cause.NO_ROOM
    assert (found.ruling.reason.values["margin"], found.ruling.reason.values["is_too_wide"]) == (0.9, True)
    assert codes(found.ruling.why_not) == [Obstacle.DOUBTFUL_MEASURE]
    why = only(found.ruling.why_not, Obstacle.DOUBTFUL_MEASURE)
    assert (why["cause"], why["margin"], why["is_too_wide"]) == (Cause.NO_ROOM, 0.9, True)


def test_a_drop_that_lets_pass_who_loses_most_comparisons_is_too_wide() -> None:
    found = assess(judged_pairs(0, 78, 62), endpoint=Endpoint.PAIRWISE, margin=0.3)
    assert found.ruling.reason.code == Cause.NO_ROOM
    assert found.ruling.reason.values["is_too_wide"], "the baseline's own score of a half is a tie, and no fault"


def test_one_failed_call_of_eight_is_no_certainty() -> None:
    found = assess(target_pairs(both=7) + target_pairs(both=1, candidate_failure=FailureKind.TIMEOUT))
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    assert (gate(found, "errors").passed, gate(found, "errors").beyond_doubt) == (False, False)


@pytest.mark.parametrize(
    ("name", "fault", "limit"),
    [
        ("errors", {"candidate_failure": FailureKind.TIMEOUT}, 0.02),
        ("truncation", {"candidate_truncated": True}, 0.02),
        ("latency p95", {"candidate_latency_s": 9.0}, 0.05),
    ],
)
@pytest.mark.parametrize("n", [8, 50, 200])
def test_a_gate_is_rarely_sure_at_its_limit(n: int, name: str, fault: dict[str, Any], limit: float) -> None:
    def is_sure(k: int) -> bool:
        pairs = target_pairs(both=n - k, candidate_latency_s=1.0) + target_pairs(both=k, **fault)
        return gate(assess(pairs, max_latency_p95_s=5.0), name).beyond_doubt

    least = next(k for k in range(n + 1) if is_sure(k))
    by_chance = sum(math.comb(n, k) * limit**k * (1 - limit) ** (n - k) for k in range(least, n + 1))
    assert by_chance <= 0.025
