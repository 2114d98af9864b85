"""What a wider accepted drop may change, and that what is drawn agrees with the verdict."""

import random
from itertools import pairwise
from typing import Any

import pytest

from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.quality.outcomes import MIN_SCORED
from advisor.types import Assessment, Endpoint, UseCaseDecision, Verdict
from tests.analysis.decisions import decide, judged_pairs, target_pairs, use_case
from tests.nested import changed

FORWARD = {Verdict.KEEP: 0, Verdict.NEED_MORE_DATA: 1, Verdict.SWITCH: 2}
MARGINS = (0.01, 0.05, 0.10, 0.20, 0.40, 0.60)
STUDIES = 40


def made_pairs(draw: random.Random, endpoint: Endpoint) -> list[Any]:
    n = draw.choice((3, 8, 9, 10, 12, 40, 120, 300))
    parts = [draw.random() ** 2 for _ in range(4)]
    shares = [round(n * part / sum(parts)) for part in parts]
    fields: dict[str, Any] = {
        "baseline_cost_usd": 0.01,
        "candidate_cost_usd": draw.choice((0.001, 0.001, 0.02)),
        "candidate_truncated": draw.random() < 0.1,
    }
    pairs = judged_pairs(*shares[:3], **fields) if endpoint is Endpoint.PAIRWISE else target_pairs(*shares, **fields)
    draw.shuffle(pairs)
    if draw.random() < 0.3:
        pairs = [changed(pair, session=str(i % 12)) for i, pair in enumerate(pairs)]
    if endpoint is Endpoint.TARGET and draw.random() < 0.3:
        pairs = [changed(pair, candidate_y=(pair.candidate.y or 0) * 0.9) for pair in pairs]
    return pairs


def made_evidence(draw: random.Random) -> list[UseCaseEvidence]:
    evidence = []
    for number in range(draw.choice((1, 2, 4))):
        endpoint = draw.choice((Endpoint.TARGET, Endpoint.PAIRWISE))
        pairs = {f"open {i}": made_pairs(draw, endpoint) for i in range(draw.choice((1, 2, 3)))}
        judged: dict[str, Any] = {"evidence": dict.fromkeys(pairs, "reviews")} if endpoint is Endpoint.PAIRWISE else {}
        alone = all(pair.logged.session is None for each in pairs.values() for pair in each)
        early = alone and draw.random() < 0.3
        evidence.append(use_case(pairs, name=str(number), endpoint=endpoint, is_sequential=early, **judged))
    return evidence


def fails_a_gate(a: Assessment) -> bool:
    return any(gate.beyond_doubt for gate in a.gates)


def check_step(before: UseCaseDecision, after: UseCaseDecision) -> None:
    for narrow, wide in zip(before.candidates, after.candidates, strict=True):
        assert FORWARD[wide.ruling.verdict] >= FORWARD[narrow.ruling.verdict], (
            narrow.ruling.reason,
            wide.ruling.reason,
        )
        if fails_a_gate(narrow):
            assert wide.ruling.verdict is Verdict.KEEP
    assert FORWARD[after.verdict] >= FORWARD[before.verdict]
    if after.verdict is not Verdict.SWITCH:
        assert after.reported == before.reported


def check_one_model(decision: UseCaseDecision) -> None:
    shown = decision.shown
    if decision.verdict is Verdict.SWITCH:
        assert shown is not None
        assert (shown.model, shown.ruling.verdict) == (decision.chosen, Verdict.SWITCH)
    elif shown is not None:
        assert shown.quality.n >= MIN_SCORED
        costs_more = (shown.costs.usd_per_1k or 0) > (shown.costs.baseline_usd_per_1k or 0)
        assert decision.verdict is (Verdict.KEEP if costs_more else shown.ruling.verdict)


@pytest.mark.parametrize("seed", range(STUDIES))
def test_a_wider_limit_only_moves_forward_and_never_reports_on_a_weaker_candidate(seed: int) -> None:
    evidence = made_evidence(random.Random(seed))
    steps = [decide(*evidence, margin=margin).use_cases for margin in MARGINS]
    for narrow, wide in pairwise(steps):
        for before, after in zip(narrow, wide, strict=True):
            check_step(before, after)
    for decision in (each for step in steps for each in step):
        check_one_model(decision)


@pytest.mark.parametrize("seed", range(STUDIES))
def test_the_drawn_range_is_above_the_limit_exactly_where_the_corrected_test_passes(seed: int) -> None:
    evidence = made_evidence(random.Random(1000 + seed))
    for margin in (0.05, 0.10, 0.30):
        for decision in decide(*evidence, margin=margin).use_cases:
            for a in decision.candidates:
                if a.difference.bound is None:
                    continue
                assert a.difference.p_holm is not None
                assert a.difference.delta is not None
                room = 1.0 if a.quality.endpoint is Endpoint.AGREEMENT else (a.quality.baseline_score or 0.0) / 2
                assert (a.difference.bound > -min(margin, room)) == (a.difference.p_holm < 0.025), (
                    a.difference.method,
                    a.difference.bound,
                    a.difference.p_value,
                    a.difference.p_holm,
                )
                assert a.difference.bound <= a.difference.delta
                if a.ruling.verdict is Verdict.SWITCH:
                    assert a.difference.bound > -a.difference.margin


def test_alone_the_bound_is_the_end_of_the_interval() -> None:
    (decision,) = decide(use_case(target_pairs(both=180, worse=12, better=8))).use_cases
    (a,) = decision.candidates
    assert a.difference.bound == pytest.approx(a.difference.ci_low, abs=1e-9)


def test_among_many_the_bound_is_lower() -> None:
    pairs = target_pairs(both=180, worse=12, better=8)
    a = decide(*[use_case(pairs, name=str(i)) for i in range(6)]).use_cases[0].candidates[0]
    assert a.difference.bound is not None
    assert a.difference.ci_low is not None
    assert a.difference.bound < a.difference.ci_low - 0.005


def test_where_every_candidate_is_surely_worse_the_use_case_stays_though_none_has_ten_scored_samples() -> None:
    bad = target_pairs(worse=MIN_SCORED - 1)
    (decision,) = decide(use_case({"open": bad, "other": bad})).use_cases
    assert {a.ruling.verdict for a in decision.candidates} == {Verdict.KEEP}
    assert (decision.verdict, decision.reported) == (Verdict.KEEP, None)


@pytest.mark.parametrize("fault", [{"candidate_truncated": True}, {"candidate_cost_usd": 0.02}])
def test_a_candidate_that_no_limit_lets_move_reports_on_no_use_case(fault: dict[str, Any]) -> None:
    """The better answers of one that is cut off, or that costs more, say nothing about the one that may still move."""
    fields: dict[str, Any] = {"baseline_cost_usd": 0.01, "candidate_cost_usd": 0.001}
    out = target_pairs(both=60, worse=2, better=10, **(fields | fault))
    open_ = target_pairs(both=60, worse=8, better=4, **fields)
    (decision,) = decide(use_case({"out": out, "open": open_}), margin=0.05).use_cases
    assert (decision.reported, decision.verdict) == ("open", Verdict.NEED_MORE_DATA)
