"""What a mean hides is found, named, and holds a switch where it must; equal candidates are left alone."""

from datetime import UTC, datetime
from itertools import product

import numpy as np
import pytest

from advisor.analysis.migration_plan import plan
from advisor.analysis.quality.evidence import Alike, Fields, NeverRight, Pair
from advisor.analysis.verdict.hidden import bridge_p, fall_p, never_right_p
from advisor.text.advice.obstacles import why_not
from advisor.text.advice.reasons import reason
from advisor.text.gates import caveat_words
from advisor.text.plan import risks
from advisor.types import Cause, CaveatCode, Endpoint, Message, Step, Verdict
from tests.analysis.decisions import assess, decide, judged_pairs, target_pairs, use_case
from tests.made_input import made_pair

DAY_S = 86_400.0
START = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


def pair(i: int, *, right: bool = True, baseline_right: bool = True, **fields: object) -> Pair:
    return made_pair(
        sample_id=i,
        candidate_y=float(right),
        baseline_y=float(baseline_right),
        at=START + i * DAY_S / 10,
        **fields,
    )


def codes(pairs: list[Pair], **fields: object) -> list[CaveatCode]:
    return [caveat.code for caveat in assess(pairs, **fields).caveats]


@pytest.mark.parametrize("n", [100, 400])
def test_a_fall_in_the_last_fifth_holds_a_switch(n: int) -> None:
    """From 100 to 60%: the mean of all is 92%, which a wide margin lets pass."""
    pairs = [pair(i, right=i < 0.8 * n or i % 5 < 3) for i in range(n)]
    found = assess(pairs, margin_of_study=0.2)
    assert (found.ruling.verdict, found.ruling.n_needed) == (Verdict.NEED_MORE_DATA, None)
    (caveat,) = found.caveats
    assert (caveat.code, caveat.holds) == (CaveatCode.FALLS_LATELY, True)
    assert (caveat.n, caveat.value, caveat.baseline_value, caveat.before) == (n // 5, 0.6, 1.0, 0.0)
    assert caveat.at == datetime.fromtimestamp(START + 0.8 * n * DAY_S / 10, UTC)
    assert found.ruling.reason.code == Cause.FALLS_LATELY
    assert len(found.ruling.why_not) == 1
    assert "replay newer samples" in why_not(found)[0]


def test_the_same_without_times_or_with_the_losses_spread_is_a_switch() -> None:
    spread = [pair(i, right=i % 13 != 0) for i in range(400)]
    assert assess(spread, margin_of_study=0.2).ruling.verdict is Verdict.SWITCH
    assert codes(spread, margin_of_study=0.2) == []
    unknown = target_pairs(both=368, worse=32)
    assert codes(unknown, margin_of_study=0.2) == []


def test_a_baseline_that_falls_too_hides_nothing() -> None:
    pairs = [pair(i, right=i < 320 or i % 5 < 3, baseline_right=i < 320 or i % 5 > 1) for i in range(400)]
    assert codes(pairs, margin_of_study=0.2) == []


def test_a_fall_in_the_middle_is_told_and_holds_nothing() -> None:
    found = assess([pair(i, right=i < 200 or i % 10 > 0) for i in range(400)], margin_of_study=0.2)
    (caveat,) = found.caveats
    assert (caveat.code, caveat.holds, found.ruling.verdict) == (CaveatCode.FALLS_SINCE, False, Verdict.SWITCH)
    assert caveat.at is not None
    assert abs((caveat.at.timestamp() - START) / DAY_S - 20) < 1


def test_a_fall_of_wins_is_found_too() -> None:
    pairs = [made_pair(sample_id=i, candidate_y=0.5 if i < 320 else 0.0, at=float(i)) for i in range(400)]
    found = assess(pairs, endpoint=Endpoint.PAIRWISE, margin_of_study=0.2)
    assert [each.code for each in found.caveats] == [CaveatCode.FALLS_LATELY]
    assert (found.caveats[0].value, found.caveats[0].baseline_value) == (0.0, 0.5)


def test_one_long_conversation_at_the_end_is_one_observation() -> None:
    pairs = [pair(i, right=i < 360 or i % 5 < 3, session="long" if i >= 320 else None) for i in range(400)]
    assert codes(pairs, margin_of_study=0.2) == []


@pytest.mark.parametrize("size", [5, 12])
def test_a_class_that_is_never_right_holds_a_switch(size: int) -> None:
    of = [3] * size + [i % 3 for i in range(300 - size)]
    pairs = [pair(i, right=klass != 3, klass=klass) for i, klass in enumerate(of)]
    found = assess(pairs, classes=("billing", "bug", "sales", "refund"), margin_of_study=0.2)
    assert (found.ruling.verdict, found.ruling.n_needed) == (Verdict.NEED_MORE_DATA, None)
    caveat = found.caveats[0]
    assert (caveat.code, caveat.where, caveat.n) == (CaveatCode.CLASS_NEVER_RIGHT, "refund", size)
    assert (caveat.value, caveat.baseline_value, caveat.holds) == (0.0, 1.0, True)
    assert "refund" in reason(found)
    assert "refund" in why_not(found)[0]


@pytest.mark.parametrize(
    ("size", "right", "baseline_right"),
    [(4, 0, 4), (12, 1, 12), (12, 0, 0), (6, 0, 3)],
    ids=["too few", "right once", "the baseline neither", "hardly more"],
)
def test_a_class_that_may_be_as_good_holds_nothing(size: int, right: int, baseline_right: int) -> None:
    pairs = [pair(i, right=i < right, baseline_right=i < baseline_right, klass=0) for i in range(size)]
    pairs += [pair(i, klass=1) for i in range(size, 400)]
    assert codes(pairs, classes=("refund", "bug"), margin_of_study=0.2) == []


def test_a_class_of_one_conversation_is_one_observation() -> None:
    pairs = [pair(i, right=i >= 12, klass=int(i >= 12), session="s" if i < 12 else None) for i in range(400)]
    assert codes(pairs, classes=("refund", "bug"), margin_of_study=0.2) == []


def test_draws_of_one_request_are_one_observation() -> None:
    pairs = [pair(i, right=i >= 12, klass=int(i >= 12), request="r" if i < 12 else str(i)) for i in range(400)]
    assert codes(pairs, classes=("refund", "bug"), margin_of_study=0.2) == []
    late = [pair(i, right=i < 360, request="r" if i >= 360 else str(i)) for i in range(400)]
    assert CaveatCode.FALLS_LATELY not in codes(late, margin_of_study=0.2)


def test_a_class_that_never_agrees_holds_too() -> None:
    pairs = [pair(i, right=i >= 8, klass=int(i >= 8), differs=i < 8) for i in range(600)]
    found = assess(pairs, endpoint=Endpoint.AGREEMENT, classes=("refund", "bug"))
    assert (found.ruling.verdict, found.ruling.n_needed) == (Verdict.NEED_MORE_DATA, None)
    assert [each.where for each in found.caveats] == ["refund"]


def test_a_field_that_is_never_right_holds_a_switch() -> None:
    never = NeverRight(name="total", n=40, baseline_right=37, units=40, units_right=37)
    found = assess(target_pairs(both=400), fields={"open": Fields(6, (never,))})
    assert (found.ruling.verdict, found.caveats[0].where) == (Verdict.NEED_MORE_DATA, "total")
    assert found.caveats[0].code is CaveatCode.FIELD_NEVER_RIGHT


@pytest.mark.parametrize("code", [CaveatCode.NEAR_CONSTANT, CaveatCode.COPIED])
def test_answers_that_are_alike_are_told(code: CaveatCode) -> None:
    key = {CaveatCode.NEAR_CONSTANT: "near_constant", CaveatCode.COPIED: "copied"}[code]
    alike = Alike(n=100, candidate=60, baseline=2, only_candidate=59, only_baseline=1)
    found = assess(judged_pairs(wins=250, ties=50), endpoint=Endpoint.PAIRWISE, **{key: {"open": alike}})
    assert found.ruling.verdict is Verdict.SWITCH
    assert [(c.code, c.n, c.value, c.baseline_value) for c in found.caveats] == [(code, 100, 0.6, 0.02)]
    same = Alike(n=100, candidate=60, baseline=58, only_candidate=20, only_baseline=18)
    assert codes(judged_pairs(wins=300), endpoint=Endpoint.PAIRWISE, **{key: {"open": same}}) == []


def test_the_plan_names_what_may_go_wrong_and_what_to_do_about_a_hold() -> None:
    alike = {"open": Alike(n=100, candidate=60, baseline=2, only_candidate=59, only_baseline=1)}
    never = NeverRight(name="total", n=40, baseline_right=37, units=40, units_right=37)
    decided = decide(
        use_case(target_pairs(both=400), name="moves", near_constant=alike),
        use_case(target_pairs(both=400), name="held", fields={"open": Fields(6, (never,))}),
    )
    found = plan(decided, {}, {})
    moves, held = found.moves
    assert (bool(moves.phases), bool(held.phases)) == (True, False)
    first = decided.use_cases[0]
    assert caveat_words(first.candidates[0].caveats[0], "closed") in risks(first, moves)
    assert Message.of(Step.CAVEAT, use_case="held") in found.next_steps


def slow(n: int, times: float) -> list[Pair]:
    draw = np.random.default_rng(1)
    ours, theirs = draw.lognormal(0, 0.6, n), times * draw.lognormal(0, 0.6, n)
    return target_pairs(both=n) and [
        made_pair(
            sample_id=i,
            candidate_y=1.0,
            baseline_y=1.0,
            baseline_latency_s=float(ours[i]),
            candidate_latency_s=float(theirs[i]),
        )
        for i in range(n)
    ]


def test_a_p95_far_over_the_baselines_is_told_where_no_limit_is_set() -> None:
    found = assess(slow(150, 6.8))
    assert found.ruling.verdict is Verdict.SWITCH
    assert [caveat.code for caveat in found.caveats] == [CaveatCode.P95_FAR]
    assert found.caveats[0].value > 4 * found.caveats[0].baseline_value
    assert codes(slow(150, 6.8), max_latency_p95_s=100.0) == []
    assert codes(slow(150, 2.0)) == []
    assert codes(slow(58, 20.0)) == []
    assert codes(slow(59, 20.0)) == [CaveatCode.P95_FAR]


def test_at_most_three_are_shown_and_those_that_hold_come_first() -> None:
    pairs = [pair(i, right=i >= 30, klass=i // 10) for i in range(400)]
    alike = {"open": Alike(n=100, candidate=60, baseline=0, only_candidate=60, only_baseline=0)}
    found = assess(pairs, classes=tuple(map(str, range(40))), near_constant=alike, copied=alike, margin_of_study=0.2)
    assert [caveat.holds for caveat in found.caveats] == [True] * 3
    fewer = [pair(i, right=i >= 10, klass=i // 10) for i in range(400)]
    found = assess(fewer, classes=tuple(map(str, range(40))), near_constant=alike, copied=alike, margin_of_study=0.2)
    assert [caveat.holds for caveat in found.caveats] == [True, False, False]


def test_every_code_has_words_of_its_own() -> None:
    pairs = [pair(i, right=i < 320 or i % 5 < 3) for i in range(400)]
    caveat = assess(pairs, margin_of_study=0.2).caveats[0]
    assert caveat_words(caveat, "gpt-4o") == (
        "Quality drops in the last fifth of the log: -40 pts vs gpt-4o since 2 Apr 2026 00:00 UTC (80 samples), "
        "0 pts before."
    )


def test_the_chance_of_a_fall_is_exact() -> None:
    """Beside all orders of a few signs, one by one."""
    from itertools import permutations

    sign = np.array([1, 0, 0, 0, 0, -1, -1, -1])
    orders = list(permutations(sign.tolist()))
    seen = sum(sign[-3:])
    assert fall_p(sign, 3) == pytest.approx(sum(sum(order[-3:]) <= seen for order in orders) / len(orders))


def test_the_chance_of_a_climb_is_a_bound() -> None:
    sign = np.array([0, 0, 0, 0, 0, 0, -1, -1, -1])
    steps = sorted({tuple(p) for p in product((0, -1), repeat=9) if sum(p) == -3})
    highest = [float(np.cumsum(np.array(p) + 1 / 3)[:-1].max()) for p in steps]
    top = max(highest)
    assert sum(each >= top - 1e-9 for each in highest) / len(highest) <= bridge_p(sign, top)


@pytest.mark.parametrize(("n", "right"), [(5, 5), (8, 6), (12, 12)])
def test_the_chance_of_never_right_is_the_worst_case_of_equal_models(n: int, right: int) -> None:
    draw = np.random.default_rng(1)
    for q in (0.2, 0.35, 0.5, 0.65):
        none = (draw.random((200_000, n)) < q).sum(axis=1) == 0
        more = (draw.random((200_000, n)) < q).sum(axis=1) >= right
        assert (none & more).mean() <= never_right_p(n, right) * 1.1 + 1e-4
