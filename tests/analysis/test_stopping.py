"""A run that may stop at any look, simulated with seeds."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest

from advisor.analysis.quality.evidence import Pair, UseCaseEvidence
from advisor.analysis.statistics.sequential import follow
from advisor.analysis.verdict.stopping import settled
from advisor.types import Cause, Endpoint, FailureKind, Kind, Message, Method, Obstacle, Refusal, TooFew, Verdict
from tests.analysis.decisions import decide, judged_pairs, target_pairs, use_case
from tests.made_input import made_pair
from tests.nested import changed

RUNS = 300
LOOKS = range(30, 301, 30)
MOST_FALSE = 14
"""One-sided 98% bound of 300 runs at 2.5%."""


def waiting(n: int) -> list[Pair]:
    """Planned, not asked yet."""
    return [made_pair(sample_id=10_000 + i, missing=True) for i in range(n)]


def stream(rng: np.random.Generator, n: int, shares: Sequence[float], endpoint: Endpoint) -> list[Pair]:
    """``shares`` of (loss, tie, win), or of (baseline alone, both, candidate alone) right."""
    return [drawn(i, kind, endpoint) for i, kind in enumerate(rng.choice(3, size=n, p=shares).tolist())]


@cache  # making them anew took most of the time
def drawn(sample_id: int, kind: int, endpoint: Endpoint) -> Pair:
    if endpoint is Endpoint.PAIRWISE:
        return made_pair(sample_id=sample_id, candidate_y=kind / 2)
    return made_pair(sample_id=sample_id, baseline_y=float(kind < 2), candidate_y=float(kind > 0))


def first_verdict(pairs: list[Pair], endpoint: Endpoint) -> tuple[Verdict, int] | None:
    """What a run says that looks after every 30 answers and stops at the first verdict."""
    unasked = [replace(pair, missing=True) for pair in pairs]
    for look in LOOKS:
        planned = pairs[:look] + unasked[look:]
        for _, _, verdict, n in settled([use_case(planned, endpoint=endpoint)], 0.95, None):
            return verdict, n
    return None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("endpoint", "shares"),
    [(Endpoint.TARGET, (0.12, 0.81, 0.07)), (Endpoint.PAIRWISE, (0.4, 0.4, 0.2))],
)
def test_looking_again_and_again_rarely_gives_a_false_switch(endpoint: Endpoint, shares: Sequence[float]) -> None:
    # The candidate is worse by exactly the limit.
    rng = np.random.default_rng(11)
    found = [first_verdict(stream(rng, 300, shares, endpoint), endpoint) for _ in range(RUNS)]
    switches = sum(each is not None and each[0] is Verdict.SWITCH for each in found)
    keeps = sum(each is not None and each[0] is Verdict.KEEP for each in found)
    assert switches <= MOST_FALSE
    assert keeps <= MOST_FALSE  # at the limit neither is true


def test_answers_that_come_a_round_late_rarely_give_a_false_switch_either() -> None:
    """Each look leaves out half of the newest calls, which are asked again before the next one."""
    rng = np.random.default_rng(14)
    switches = 0
    for _ in range(RUNS):
        d = rng.choice([-1.0, 0.0, 1.0], size=300, p=(0.12, 0.81, 0.07))
        known = [np.concatenate([d[: look - 30], d[look - 30 : look][rng.random(30) < 0.5]]) for look in LOOKS]
        switches += any(follow(seen, 0.05, 1 / 0.025).wealth >= 1 / 0.025 for seen in (*known, d))
    assert switches <= MOST_FALSE


def test_clear_cases_stop_early_and_right() -> None:
    rng = np.random.default_rng(12)
    good = [first_verdict(stream(rng, 300, (0.02, 0.9, 0.08), Endpoint.TARGET), Endpoint.TARGET) for _ in range(20)]
    bad = [first_verdict(stream(rng, 300, (0.5, 0.5, 0.0), Endpoint.TARGET), Endpoint.TARGET) for _ in range(20)]
    assert all(each is not None and each[0] is Verdict.SWITCH and each[1] < 300 for each in good)
    assert all(each is not None and each[0] is Verdict.KEEP and each[1] <= 60 for each in bad)


@pytest.mark.slow
def test_what_is_settled_stands_in_the_final_decision() -> None:
    rng = np.random.default_rng(13)
    checked = 0
    for _ in range(40):
        pairs = stream(rng, 300, (0.06, 0.86, 0.08), Endpoint.TARGET)
        early = first_verdict(pairs, Endpoint.TARGET)
        if early is None:
            continue
        verdict, n = early
        stopped = pairs[:n] + [replace(pair, missing=True) for pair in pairs[n:]]
        final = decide(use_case(stopped, is_sequential=True)).use_cases[0].candidates[0]
        assert (final.ruling.verdict, final.difference.method, final.quality.n) == (verdict, Method.SEQUENTIAL, n)
        checked += 1
    assert checked >= 10


def test_more_tests_in_the_run_ask_for_more_evidence() -> None:
    pairs = target_pairs(both=170) + waiting(100)
    alone = settled([use_case(pairs)], 0.95, None)
    assert alone == [("triage", "open", Verdict.SWITCH, 170)]
    crowd: list[UseCaseEvidence] = [use_case(pairs), *(use_case(waiting(200), name=f"u{i}") for i in range(9))]
    assert settled(crowd, 0.95, None) == []


def test_nothing_is_settled_on_few_answers_or_on_clusters() -> None:
    worse = target_pairs(worse=19) + waiting(50)
    assert settled([use_case(worse)], 0.95, None) == []
    assert settled([use_case(target_pairs(worse=40) + waiting(50))], 0.95, None)[0][2] is Verdict.KEEP
    pairs = [changed(pair, session=f"s{i // 2}") for i, pair in enumerate(target_pairs(worse=200))]
    assert settled([use_case(pairs)], 0.95, None) == []
    pairs = target_pairs(worse=40) + waiting(2)
    pairs[3], pairs[-1] = (changed(pairs[i], texts=(0,)) for i in (3, -1))
    part = {"open": pairs, "slow": target_pairs(worse=40)}
    assert settled([use_case(part)], 0.95, None) == [], "two that share a text hold all candidates of the use case"


def test_looked_at_is_what_comes_before_the_first_that_was_not_asked() -> None:
    pairs = target_pairs(worse=40) + waiting(1) + target_pairs(better=400)
    assert settled([use_case(pairs)], 0.95, None) == [("triage", "open", Verdict.KEEP, 40)]


def test_a_gate_may_settle_but_an_open_one_holds_a_switch_back() -> None:
    cut = target_pairs(both=100, candidate_truncated=True) + waiting(50)
    assert settled([use_case(cut)], 0.95, None) == [("triage", "open", Verdict.KEEP, 100)]
    down = target_pairs(both=40, candidate_failure=FailureKind.TIMEOUT) + waiting(50)
    assert settled([use_case(down)], 0.95, None) == [("triage", "open", Verdict.KEEP, 40)]
    open_gate = target_pairs(both=295) + target_pairs(both=7, candidate_refusal=Refusal.FULL)
    assert settled([use_case(open_gate + waiting(50))], 0.95, None) == []
    constant = [
        made_pair(sample_id=i, candidate_y=1.0, candidate_text_digest="c", baseline_text_digest=str(i))
        for i in range(25)
    ]
    given = {"endpoint": Endpoint.PAIRWISE, "kind": Kind.CHAT}
    assert settled([use_case(constant + waiting(50), **given)], 0.95, None)[0][2] is Verdict.KEEP  # type: ignore[arg-type]


def test_without_a_judge_yet_or_with_half_of_its_words_nothing_is_settled() -> None:
    half = judged_pairs(losses=60) + [made_pair(sample_id=i) for i in range(60)]
    assert settled([use_case(half, endpoint=Endpoint.PAIRWISE)], 0.95, None) == []
    none = use_case(judged_pairs(losses=60), endpoint=Endpoint.PAIRWISE, evidence={"open": "none"})
    assert settled([none], 0.95, None) == []


def test_clusters_fall_back_to_the_fixed_sample() -> None:
    pairs = [changed(pair, session=f"s{i // 4}") for i, pair in enumerate(target_pairs(both=200))]
    found = decide(use_case(pairs, is_sequential=True)).use_cases[0].candidates[0]
    assert (found.difference.method, found.difference.is_clustered) == (Method.TANGO, True)


@pytest.mark.parametrize(
    ("first", "then"),
    [({"both": 210}, {"better": 40}), ({"better": 60}, {"worse": 240}), ({"worse": 60}, {"better": 240})],
)
def test_answers_that_drift_settle_nothing_and_are_told_as_such(first: dict[str, int], then: dict[str, int]) -> None:
    pairs = target_pairs(**first) + target_pairs(**then)
    assert settled([use_case(pairs + waiting(500))], 0.95, None) == []
    found = decide(use_case(pairs, is_sequential=True)).use_cases[0].candidates[0]
    assert (found.ruling.verdict, found.difference.p_holm, found.ruling.n_needed) == (
        Verdict.NEED_MORE_DATA,
        None,
        None,
    )
    drifts = Message(code=TooFew.DRIFTS)
    assert (found.ruling.reason.code, found.ruling.reason.values["too_few"]) == (Cause.TOO_FEW, asdict(drifts))
    assert found.ruling.why_not == (Message(code=Obstacle.TOO_FEW, values={"baseline": "closed", **asdict(drifts)}),)
