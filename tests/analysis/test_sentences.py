"""The verdict as a reader gets it: its finding, each obstacle with its number, and all the words of it in one file.

``sentences.txt`` holds every sentence for a reader to judge. After a change of the words, write it again with
``ADVISOR_WRITE_SNAPSHOTS=1`` and read the difference.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.analysis.quality.evidence import Fields, NeverRight, Pair
from advisor.analysis.statistics.noise import NoiseFloor
from advisor.text.advice.obstacles import why_not
from advisor.text.advice.reasons import reason
from advisor.text.numbers import about, number, pts
from advisor.text.plan import why
from advisor.text.results import between, notes
from advisor.types import (
    Assessment,
    Cause,
    ControlKind,
    DetailCode,
    Endpoint,
    Exam,
    FailureKind,
    GateName,
    JudgeFacts,
    Kind,
    Message,
    Model,
    NoteCode,
    Obstacle,
    Probe,
    Refusal,
    TooFew,
    Verdict,
    WarningCode,
)
from tests.analysis.decisions import PASSED, READ, assess, decide, judged_pairs, target_pairs, use_case
from tests.made_input import made_pair
from tests.nested import changed

SNAPSHOT = Path(__file__).parent / "sentences.txt"
JUDGED: dict[str, Any] = {"endpoint": Endpoint.PAIRWISE, "kind": Kind.SUMMARY}
DEAR: dict[str, Any] = {"candidate_cost_usd": 0.02, "baseline_cost_usd": 0.01}


def only(found: Assessment, code: Obstacle) -> dict[str, Any]:
    """The values of the one obstacle there is."""
    assert [message.code for message in found.ruling.why_not] == [code]
    return found.ruling.why_not[0].values


def test_a_switch_says_what_was_seen_how_sure_and_the_limit() -> None:
    found = assess(target_pairs(both=290, better=3, worse=5, neither=2))
    assert (found.ruling.verdict, found.ruling.reason.code, found.ruling.why_not) == (Verdict.SWITCH, Cause.GOOD, ())
    v = found.ruling.reason.values
    assert (v["candidate"], v["baseline"], v["n"], v["margin"], v["confidence"]) == ("open", "closed", 300, 0.05, 0.95)
    assert (v["delta"], v["low"], v["high"]) == pytest.approx(
        (-2 / 300, found.difference.low, found.difference.ci_high)
    )
    assert reason(found) == (
        "Good enough: 0.7 pts below closed on 300 samples (CI -3 to +1.4). You accept a drop of 5."
    )
    better = assess(target_pairs(both=100, better=60, worse=5))
    assert better.ruling.reason.values["low"] == better.difference.low == pytest.approx(0.25, abs=0.005)
    assert reason(better).startswith("Good enough: 33 pts above closed on 165 samples")


def test_comparisons_are_won_or_tied() -> None:
    found = assess(judged_pairs(60, 100, 50), **JUDGED)
    assert (found.ruling.reason.values["n"], found.quality.wins, found.quality.ties, found.quality.losses) == (
        210,
        60,
        100,
        50,
    )
    assert found.ruling.reason.values["low"] == pytest.approx(-0.025, abs=0.0005)
    assert reason(found) == (
        "Good enough: 2.4 pts above closed on 210 comparisons, 60 won, 100 tied, 50 lost (CI -2.5 to +7.2). "
        "You accept a drop of 10."
    )


def test_a_keep_says_how_much_worse_and_what_would_change_it() -> None:
    found = assess(target_pairs(both=120, worse=60, neither=20))
    assert (found.ruling.verdict, found.ruling.reason.code) == (Verdict.KEEP, Cause.WORSE)
    assert found.ruling.reason.values["high"] == found.difference.ci_high == pytest.approx(-0.24, abs=0.005)
    assert only(found, Obstacle.WORSE) == {
        "baseline": "closed",
        "n": 200,
        "margin": 0.05,
        "high": found.difference.ci_high,
    }
    assert why_not(found) == [
        "It is at least 24 pts worse; you accept a drop of 5. More samples won't change that; another model or "
        "another prompt may."
    ]


def test_what_is_not_sure_says_how_many_answers_would_tell() -> None:
    found = assess(target_pairs(both=94, better=2, worse=3, neither=1))
    assert found.ruling.reason.code == Cause.NOT_SURE
    assert found.ruling.n_needed is not None
    why = only(found, Obstacle.NOT_SURE)
    assert why["low"] == found.ruling.reason.values["low"] == pytest.approx(-0.068, abs=0.0005)
    assert (why["margin"], why["still"]) == (0.05, found.ruling.n_needed - 100)
    assert why_not(found) == [
        f"It may be 6.8 pts worse; you accept a drop of 5. Needs {about(why['still'], 'more sample')} to decide."
    ]


def test_a_range_that_ends_right_at_the_limit_is_told_apart_from_it() -> None:
    assert "CI -5.1 to" in reason(assess(target_pairs(both=72)))
    worse = assess(target_pairs(both=100, worse=10))
    assert (worse.ruling.reason.code, worse.difference.ci_high) == (Cause.WORSE, pytest.approx(-0.0501, abs=0.0001))
    assert "to -5.01)" in reason(worse), "not -5, where 5 is accepted"
    assert number(0.05003, 0.05) == "5.003"
    assert pts(0.05, 0.05) == "5 pts"
    assert number(-0.0499, 0.05) == "4.99"


def test_a_pass_that_holm_takes_back_says_so() -> None:
    found = passes_alone()
    assert (found.ruling.verdict, found.ruling.reason.code, found.ruling.reason.values["tests"]) == (
        Verdict.NEED_MORE_DATA,
        Cause.NOT_SURE,
        6,
    )
    why = only(found, Obstacle.NOT_AFTER_CORRECTION)
    assert (why["tests"], why["p"], why["p_holm"]) == (6, found.difference.p_value, found.difference.p_holm)
    assert why["p"] <= why["alpha"] < why["p_holm"]
    assert why["still"] == (found.ruling.n_needed or 0) - found.quality.n


def test_each_obstacle_is_named() -> None:
    pairs = target_pairs(both=60, worse=1, **DEAR) + target_pairs(both=4, candidate_refusal=Refusal.FULL, **DEAR)
    found = assess(pairs, noise=NoiseFloor(n=80, better=0, worse=20))
    noise, quality, gate, price = found.ruling.why_not
    assert noise.code == Obstacle.NOISE_DIFFERS
    assert (quality.code, quality.values["margin"]) == (Obstacle.NOT_SURE, 0.05)
    assert (gate.code, gate.values["name"], gate.values["limit"]) == (
        Obstacle.REFUSALS_DOUBTFUL,
        GateName.REFUSED,
        0.02,
    )
    assert gate.values["value"] == pytest.approx(4 / 65, abs=0.001)
    assert (price.code, price.values["usd_per_1k"], price.values["baseline_usd_per_1k"]) == (
        Obstacle.COSTS_MORE,
        pytest.approx(20),
        pytest.approx(10),
    )


@pytest.mark.parametrize(
    ("why", "code", "cause"),
    [
        (FailureKind.AUTH, Obstacle.SET_UP, Cause.OPEN_GATE),
        (FailureKind.SERVER, Obstacle.GATE, Cause.GATE),
    ],
)
def test_calls_that_fail_by_how_they_are_asked_do_not_do_so_by_chance(
    why: FailureKind, code: Obstacle, cause: Cause
) -> None:
    lost = [made_pair(sample_id=900 + i, baseline_y=1.0, candidate_failure=why) for i in range(8)]
    found = assess(target_pairs(both=100) + lost)
    values = only(found, code)
    assert (values["name"], values["value"], values["limit"]) == (GateName.ERRORS, pytest.approx(8 / 108), 0.02)
    failed = {"code": DetailCode.FAILED, "values": {"k": 8, "n": 108, "failures": {why.value: 8}}}
    assert (values["detail"], values["is_set_up"]) == (failed, why is FailureKind.AUTH)
    assert found.ruling.reason.code == cause
    assert found.ruling.reason.values["gate"].items() <= values.items()
    assert "chance" not in " ".join((reason(found), *why_not(found)))


def test_a_gate_that_surely_fails_tells_its_remedy() -> None:
    found = assess(target_pairs(both=80) + target_pairs(both=40, candidate_truncated=True))
    values = only(found, Obstacle.GATE)
    assert (values["name"], values["value"], values["limit"]) == (GateName.TRUNCATION, pytest.approx(1 / 3), 0.02)
    assert reason(found) == "Too many cut-off answers: 33 pts more than closed, limit 2 pts."
    assert why_not(found) == [f"{reason(found)} A higher output token limit may help."]


def test_without_evidence_a_judge_is_asked_for() -> None:
    pairs = [made_pair(sample_id=i) for i in range(50)]
    found = assess(pairs, endpoint=Endpoint.PAIRWISE, evidence={"open": "none"})
    assert found.ruling.reason.code == Cause.NO_EVIDENCE
    assert only(found, Obstacle.NO_EVIDENCE) == {"baseline": "closed"}


def test_what_is_wrong_with_the_judge() -> None:
    pairs = judged_pairs(50, 200, 50)
    doubted = assess(pairs, kappa={"open": 0.2}, kappa_high={"open": 0.3}, reviews={"open": 40}, **JUDGED)
    why = only(doubted, Obstacle.DOUBTFUL_MEASURE)
    assert (why["cause"], why["kappa"], why["reviews"]) == (Cause.JUDGE_CONTRADICTED, 0.2, 40)
    assert assess(pairs, margin=0.4, **JUDGED).ruling.verdict is Verdict.SWITCH


def test_as_good_but_dearer_has_the_price_as_its_only_obstacle() -> None:
    found = assess(target_pairs(both=200, **DEAR))
    assert (found.ruling.verdict, found.ruling.reason.code, found.ruling.reason.values["costs_more"]) == (
        Verdict.SWITCH,
        Cause.GOOD,
        True,
    )
    assert only(found, Obstacle.COSTS_MORE)["usd_per_1k"] == pytest.approx(20)
    assert reason(found).startswith("Good enough, but not cheaper: ")


def test_written_answers_are_marked_in_the_sentence_too() -> None:
    written = Model(name="open", litellm_id="written/a", illustrative=True)
    decided = decide(use_case({written.name: target_pairs(both=200)}), models=[written])
    found = decided.use_cases[0].candidates[0]
    assert found.ruling.reason.values["candidate"] == "open (illustrative)"
    assert NoteCode.ILLUSTRATIVE in [note.code for note in found.notes]
    assert why(decided.use_cases[0]).startswith("open (illustrative) is good enough: ")


def test_the_plan_names_the_candidate_once() -> None:
    passing, failing = target_pairs(both=200), target_pairs(both=100, worse=100, candidate_truncated=True)
    reasons = [why(d) for d in decide(use_case(passing, name="a"), use_case(failing, name="b")).use_cases]
    assert [reason.count("open") for reason in reasons] == [1, 1]
    assert reasons[1].startswith("open: Too many cut-off answers")


def test_warnings_of_judges_come_once_and_noise_first() -> None:
    kin, short = Message.of(WarningCode.JUDGE_KIN, judge="j", models=["open"]), Message.of(WarningCode.NO_MONTH)
    facts = [
        JudgeFacts(judge=name, judged=10, unparsed=1, pairs=5, flipped=0, warnings=(kin,)) for name in ("one", "two")
    ]
    found = decide(
        use_case(target_pairs(both=100)),
        warnings=(short,),
        judges=facts,
        noise=NoiseFloor(n=80, better=0, worse=20),
    )
    assert found.remarks.warnings[0] == found.remarks.noise_floor
    assert found.remarks.warnings[1:] == (short, kin)
    assert found.judging.judges == tuple(facts)


def test_a_range_is_told_on_its_side_of_the_limit() -> None:
    assert between(-0.0496, 0.01, 0.05) == "between 4.96 pts worse and 1 pt better"
    assert between(-0.08, -0.0504, 0.05) == "5.04 to 8 pts worse"
    assert between(-0.0496, 0.01) == "between 5 pts worse and 1 pt better"


def test_a_p_value_is_told_on_its_side_of_what_is_needed() -> None:
    by_model = {"a": target_pairs(both=200, worse=10), "b": target_pairs(both=50, worse=10)}
    found = decide(use_case(by_model, margin=0.0924)).use_cases[0].candidates[0]
    assert found.ruling.why_not[0].code == Obstacle.NOT_AFTER_CORRECTION
    assert "(corrected p = 0.02503, limit 0.025)" in why_not(found)[0]


def passes_alone() -> Assessment:
    """Good enough as the only test, and not as one of six."""
    other = target_pairs(both=30, better=3, worse=4, neither=3)
    crowd = [use_case(target_pairs(both=78, neither=5) if i == 0 else other, name=f"u{i}") for i in range(6)]
    return decide(*crowd).use_cases[0].candidates[0]


def several(n: int, *, lost: int = 0, **keys: Any) -> list[Pair]:
    """Right answers but for the first ``lost``; ``session``, ``request`` and ``texts`` are functions of the place."""
    return [
        changed(pair, sample_id=i, at=86_400.0 * i, **{key: name(i) for key, name in keys.items()})
        for i, pair in enumerate(target_pairs(worse=lost) + target_pairs(both=n - lost))
    ]


def graded(n: int) -> list[Pair]:
    """Comparisons by a panel that is seldom of one mind."""
    return [made_pair(sample_id=i, candidate_y=(0.25, 0.5, 1.0)[i % 3], **READ) for i in range(n)]


def with_orders(agreed: int, differing: int) -> list[Pair]:
    """Pairs won and lost in both orders of the judge's votes, and pairs on which the orders differ."""
    won = (agreed + 1) // 2
    steady = judged_pairs(won, 0, agreed - won, decided=True, agreed=True)
    return steady + judged_pairs(ties=differing, decided=True)


def reviewed(n: int, reviews: int) -> list[Pair]:
    """Wins, ties and losses in turn; people confirm four of five votes that they review."""
    votes = [(0.0, 0.5, 0.5, 1.0)[i % 4] for i in range(n)]
    return [
        made_pair(
            sample_id=i,
            candidate_y=vote,
            reviewed_y=(0.5 if i % 5 == 0 else vote) if i < reviews else None,
            **READ,
        )
        for i, vote in enumerate(votes)
    ]


def exam(*found: int, asked: tuple[int, ...] = (6, 16, 16, 6, 6)) -> Exam:
    """So many control pairs of each kind found."""
    return replace(PASSED, controls={k.value: (n, of) for k, n, of in zip(ControlKind, found, asked, strict=True)})


def by_gate() -> Iterator[tuple[str, Assessment]]:
    """Each gate beyond doubt, and some that may fail by chance."""
    slow: dict[str, Any] = {"candidate_latency_s": 9.0, "candidate_ttft_s": 2.0}
    declined = {"baseline_refusal": Refusal.FULL}
    checked = {"candidate_checked": False, "baseline_checked": True}
    called = {"candidate_unneeded": True, "baseline_unneeded": False}
    sound = {f"{side}_{what}": True for side in ("candidate", "baseline") for what in ("valid", "checked")}
    sound |= {"candidate_unneeded": False, "baseline_unneeded": False}
    faults: dict[GateName, dict[str, Any]] = {
        GateName.VALIDITY: {"candidate_valid": False, "baseline_valid": True},
        GateName.REFUSED: {"candidate_refusal": Refusal.FULL},
        GateName.ANSWERED: declined,
        GateName.UNNEEDED: called,
        GateName.TRUNCATION: {"candidate_truncated": True},
        GateName.INSTRUCTING: {"candidate_instructs": True},
        GateName.CHECKS: checked,
        GateName.ERRORS: {"candidate_failure": FailureKind.TIMEOUT},
    }
    for name, fault in faults.items():
        yield f"gate: {name.value}", assess(target_pairs(both=170, **sound) + target_pairs(both=30, **sound | fault))
    constant = [changed(pair, candidate_text_digest="same") for pair in judged_pairs(60, 40)]
    constant = [changed(pair, baseline_text_digest=str(i)) for i, pair in enumerate(constant)]
    yield "gate: identical: constant", assess(constant, **JUDGED)
    two = [changed(pair, candidate_text_digest=str(i % 2)) for i, pair in enumerate(constant)]
    yield "gate: identical", assess(two, **JUDGED)
    yield "gate: stability", assess(target_pairs(both=100), flips={"open": (40, 100)}, baseline_flips=(5, 100))
    yield "gate: TTFT", assess(target_pairs(both=100, **slow), max_ttft_p95_s=0.5)
    yield "gate: latency", assess(target_pairs(both=100, **slow), max_latency_p95_s=5.0)
    cut = target_pairs(both=295) + target_pairs(both=8, candidate_truncated=True)
    yield "open gate: a number of samples would tell", assess(cut)
    unsteady = {"flips": {"open": (30, 100)}, "baseline_flips": (15, 100)}
    yield "open gate: more samples would not tell", assess(target_pairs(both=200), **unsteady)
    yield "open gate: refusals", assess(target_pairs(both=195) + target_pairs(both=7, candidate_refusal=Refusal.FULL))
    unread = [changed(pair, refusals_read=False, candidate_refusal=Refusal.FULL) for pair in target_pairs(both=30)]
    yield "open gate: refusals by a rule", assess(target_pairs(both=170) + unread)
    locked = target_pairs(both=8, candidate_failure=FailureKind.AUTH)
    yield "open gate: set-up", assess(target_pairs(both=100) + locked)


def by_judge() -> Iterator[tuple[str, Assessment]]:
    """What may be wrong with a judge, and what may be missing from it."""
    pairs = judged_pairs(30, 240, 30)
    yield "judge: no exam", assess(pairs, exam=None, **JUDGED)
    partly = exam(5, 16, 16, 6, 6, asked=(5, 16, 16, 6, 6))
    yield "judge: part of the exam", assess(pairs, exam=partly, **JUDGED)
    yield "judge: blind to a kind", assess(pairs, exam=exam(6, 16, 16, 6, 0), **JUDGED)
    yield "judge: near chance", assess(pairs, exam=exam(1, 13, 13, 1, 1), **JUDGED)
    yield "judge: blind to content", assess(pairs, exam=exam(6, 11, 10, 6, 6), **JUDGED)
    yield "judge: position bias", assess(with_orders(150, 150), **JUDGED)
    contradicted = {"kappa": {"open": 0.2}, "kappa_high": {"open": 0.3}, "reviews": {"open": 40}}
    yield "judge: contradicted", assess(pairs, **contradicted, **JUDGED)
    without_vote = [made_pair(sample_id=900 + i, **READ) for i in range(40)]
    yield "votes missing", assess(pairs + without_vote, **JUDGED)
    unread = [changed(pair, refusals_read=False, candidate_refusal=None, baseline_refusal=None) for pair in pairs]
    yield "refusals not read", assess(unread, **JUDGED)
    people = {"exam": None, "reviews": {"open": 120}, "judge_reviews": 120}
    yield "people decide, the judge is not proven", assess(reviewed(300, 120), **people, **JUDGED)
    corrected = {"reviews": {"open": 120}, "judge_reviews": 120, "kappa": {"open": 0.5}, "margin": 0.03}
    yield "reviews correct the judge", assess(reviewed(300, 120), **corrected, **JUDGED)
    yield "reviews do not correct the judge", assess(reviewed(300, 120), is_sequential=True, **corrected, **JUDGED)


def by_group() -> Iterator[tuple[str, Assessment]]:
    """Samples that go together."""
    yield "in conversations", assess(several(200, session=lambda i: f"s{i // 4}"))
    yield "in conversations: some lost", assess(several(400, lost=8, session=lambda i: f"s{i // 4}"))
    yield "by prompts", assess(several(240, texts=lambda i: (i // 4,)))
    yield "by both", assess(several(200, session=lambda i: f"s{i // 10}", texts=lambda i: (i % 10,)))
    yield "more of the same does not help", assess(several(1200, texts=lambda i: (i // 200,)))
    yield "all in one conversation", assess(several(20, session=lambda _: "s"))
    yield "too few conversations", assess(several(200, session=lambda i: f"s{i % 4}"))
    yield "too few prompts", assess(several(200, texts=lambda i: (i % 4,)))


def assessments() -> Iterator[tuple[str, Assessment]]:
    """An assessment of each kind with its name."""
    yield "good", assess(target_pairs(both=290, better=3, worse=5, neither=2))
    yield "good: better", assess(target_pairs(both=100, better=60, worse=5))
    yield "good: level", assess(target_pairs(both=200))
    yield "good: comparisons", assess(judged_pairs(60, 100, 50), **JUDGED)
    yield "good: costs more", assess(target_pairs(both=200, **DEAR))
    yield "worse", assess(target_pairs(both=120, worse=60, neither=20))
    yield "worse: comparisons", assess(judged_pairs(20, 60, 120), **JUDGED)
    yield "probably worse", assess(target_pairs(both=40, better=1, worse=5))
    yield "not sure", assess(target_pairs(both=94, better=2, worse=3, neither=1))
    yield "not sure: one more", assess(target_pairs(both=72))
    yield "not sure: too close", assess(target_pairs(both=951, worse=49))
    yield "not sure: after correction", passes_alone()
    cut = target_pairs(both=60, worse=2) + target_pairs(both=30, candidate_truncated=True)
    yield "not sure: and a gate fails", assess(cut)
    noise = NoiseFloor(n=80, better=0, worse=20)
    yield "the baseline differs from itself", assess(target_pairs(both=60, worse=1), noise=noise)
    nothing = [made_pair(sample_id=i) for i in range(50)]
    yield "no evidence", assess(nothing, evidence={"open": "none"}, **JUDGED)
    yield "nothing scored: failed calls", assess(target_pairs(both=50, candidate_failure=FailureKind.AUTH))
    yield "nothing scored: not called", assess([changed(pair, missing=True) for pair in target_pairs(both=20)])
    yield "nothing scored: no answers", assess([])
    yield "too few scored", assess(target_pairs(both=6))
    yield "too few: graded", assess(graded(72), **JUDGED)
    yield "too few: drifts", assess(target_pairs(both=210) + target_pairs(better=40), is_sequential=True)
    yield from by_group()
    yield from by_gate()
    yield "not timed: TTFT", assess(target_pairs(both=100, candidate_latency_s=1.0), max_ttft_p95_s=0.5)
    yield "not timed: latency", assess(target_pairs(both=100), max_latency_p95_s=2.0)
    yield from by_judge()
    yield "no room: too wide", assess(target_pairs(both=20, worse=40), margin=0.9)
    yield "no room: the baseline is wrong", assess(target_pairs(both=10, worse=10, neither=380))
    differing = [changed(pair, differs=i < 30) for i, pair in enumerate(several(200, lost=30))]
    yield "differs", assess(differing, endpoint=Endpoint.AGREEMENT)
    nearly = [changed(pair, differs=i < 2) for i, pair in enumerate(several(60, lost=2))]
    yield "differs: more would help", assess(nearly, endpoint=Endpoint.AGREEMENT)
    classed = [changed(pair, klass=int(i >= 12)) for i, pair in enumerate(several(300, lost=12))]
    yield "class never right", assess(classed, classes=("refund", "bug"), margin=0.2)
    never = NeverRight(name="total", n=40, baseline_right=37, units=40, units_right=37)
    yield "field never right", assess(target_pairs(both=400), fields={"open": Fields(6, (never,))})
    falls = [changed(pair, candidate_y=float(i < 320 or i % 5 < 3)) for i, pair in enumerate(several(400))]
    yield "falls lately", assess(falls, margin=0.2)
    yield "falls lately, and not sure", assess(falls, margin=0.1)
    lacking = Model(
        name="illustrative open", litellm_id="x/y", illustrative=True, probe=Probe(reachable=True, tools=False)
    )
    long = target_pairs(both=199) + target_pairs(worse=1, candidate_failure=FailureKind.CONTEXT_OVERFLOW)
    shown: dict[str, Any] = {
        "models": [lacking],
        "kind": Kind.TOOL_USE,
        "later_turns": True,
        "baseline": "gpt-4o",
        "billed": ("gpt-4", "gpt-4-turbo"),
    }
    named = decide(
        use_case({lacking.name: long}, **{k: v for k, v in shown.items() if k != "models"}), models=[lacking]
    )
    yield "notes: model and log", named.use_cases[0].candidates[0]
    repeated = several(200, request=lambda i: "r" if i < 80 else f"q{i % 20}")
    prompts = dict.fromkeys(range(80), "Where is my parcel")
    yield "notes: repeated requests", assess(repeated, prompts=prompts)
    timed = target_pairs(both=200) + target_pairs(both=5, candidate_latency_s=1.0, **DEAR)
    unsupported = target_pairs(worse=1, candidate_failure=FailureKind.UNSUPPORTED)
    yield "notes: calls", assess(timed + unsupported)
    yield "notes: the judge is not reviewed", assess(judged_pairs(60, 200, 40), judge_reviews=10, **JUDGED)
    by_chance = {"judge_reviews": 40, "is_judge_by_chance": True}
    yield "notes: reviews agree by chance", assess(judged_pairs(60, 200, 40), **by_chance, **JUDGED)


def written(found: list[tuple[str, Assessment]]) -> str:
    """All words; a note that was told before is left out."""
    parts, told = [], set()
    for name, a in found:
        lines = [f"## {name}", reason(a), *(f"  why not: {each}" for each in why_not(a))]
        fresh = [note for note in notes(a) if note not in told]
        told |= set(fresh)
        parts.append("\n".join((*lines, *(f"  note: {note}" for note in fresh))))
    return "\n\n".join(parts) + "\n"


def test_all_sentences_are_those_that_were_read() -> None:
    found = list(assessments())
    words = written(found)
    if os.environ.get("ADVISOR_WRITE_SNAPSHOTS") == "1":
        SNAPSHOT.write_text(words, encoding="utf-8")
    causes = {a.ruling.reason.code for _, a in found}
    obstacles = {message.code for _, a in found for message in a.ruling.why_not}
    told = {message.code for _, a in found for message in a.notes}
    few = {a.ruling.reason.values["too_few"]["code"] for _, a in found if a.ruling.reason.code == Cause.TOO_FEW}
    assert causes == set(Cause), "every cause is read"
    assert obstacles == set(Obstacle), "every obstacle is read"
    assert told == set(NoteCode), "every note is read"
    assert few == set(TooFew), "every reason for too few is read"
    assert words == SNAPSHOT.read_text(encoding="utf-8")
