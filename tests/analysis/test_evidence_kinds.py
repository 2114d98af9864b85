"""What stands behind a range: clusters, reviews that correct a judge, lengths, the noise floor and columns."""

import math
from typing import Any

import numpy as np
import pytest

from advisor.analysis.money.cost import MOST_EXACT, paired_means, savings_draws
from advisor.analysis.quality.clusters import cluster_se, effective_size, groups_of
from advisor.analysis.quality.columns import FAILURES, columns_of
from advisor.analysis.quality.evidence import Pair
from advisor.analysis.quality.result import assess_quality
from advisor.analysis.statistics.intervals import holm, tango, tango_p
from advisor.analysis.statistics.noise import NoiseFloor, noise_floor
from advisor.analysis.statistics.sample_size import n_needed_sequential, plan_table
from advisor.types import (
    Cause,
    Endpoint,
    FailureKind,
    Gate,
    Grouping,
    Message,
    Method,
    NoteCode,
    Obstacle,
    TooFew,
    Verdict,
)
from tests.analysis.decisions import assess, decide, judged_pairs, target_pairs, use_case
from tests.made_input import made_pair
from tests.nested import changed

WORTH = np.array([0.0, 0.5, 1.0])


def only(messages: tuple[Message, ...], code: str) -> dict[str, Any]:
    """The values of the one message with this code."""
    (found,) = (message.values for message in messages if message.code == code)
    return found


def grouped(n: int, **keys: Any) -> list[Pair]:
    """Pairs that differ on a tenth; ``session`` and ``texts`` are functions of the position."""
    return [
        made_pair(
            sample_id=i,
            baseline_y=float(i % 20 != 0),
            candidate_y=float(i % 20 != 1),
            **{key: name(i) for key, name in keys.items()},
        )
        for i in range(n)
    ]


@pytest.mark.parametrize(
    ("keys", "of", "number"),
    [
        ({"texts": lambda i: (i // 10,)}, Grouping.PROMPTS, 20),
        ({"session": lambda i: f"s{i // 10}"}, Grouping.CONVERSATIONS, 20),
        ({"session": lambda i: f"s{i // 10}", "texts": lambda i: (i // 20,)}, Grouping.BOTH, 10),
        ({"session": lambda i: f"s{i // 20}", "texts": lambda i: (i // 5,)}, Grouping.BOTH, 10),
        # Every call has a conversation of its own: those group nothing, near-duplicates do.
        ({"session": lambda i: f"s{i}", "texts": lambda i: (i // 10,)}, Grouping.PROMPTS, 20),
        (
            {"session": lambda i: f"s{i // 10}" if i < 100 else None, "texts": lambda i: (i // 10,)},
            Grouping.BOTH,
            20,
        ),
    ],
)
def test_samples_of_one_conversation_or_prompt_go_together(keys: dict[str, Any], of: Grouping, number: int) -> None:
    found = assess(grouped(200, **keys))
    assert (found.difference.method, found.difference.is_clustered) == (Method.TANGO, True)
    note = only(found.notes, NoteCode.GROUPED)
    assert (note["of"], note["number"], note["n"]) == (of, number, 200)


@pytest.mark.parametrize(
    ("keys", "of"),
    [
        # Each holds two passages of 40, as search finds them: 10 hold each, so that one meets 19, itself among them.
        (
            {"texts": lambda i: (i % 40, (i // 40 + i + 1) % 40)},
            Grouping.PROMPTS,
        ),
        # Conversations across documents: one meets the 10 of its conversation and 19 more about its document.
        (
            {"session": lambda i: f"s{i // 10}", "texts": lambda i: (i % 10,)},
            Grouping.BOTH,
        ),
    ],
)
def test_groups_that_overlap_are_no_number_of_groups(keys: dict[str, Any], of: Grouping) -> None:
    found = assess(grouped(200, **keys))
    assert (found.difference.method, found.difference.is_clustered) == (Method.TANGO, True)
    note = only(found.notes, NoteCode.GROUPED)
    assert (note["of"], note["number"], note["n"]) == (of, None, 200)
    alone = round(note["effective"])
    low = tango(10 * alone / 200, 10 * alone / 200, alone)[0]
    assert found.difference.ci_low == pytest.approx(low, rel=0.03), "the range is that of the numbers given"


def test_answers_of_one_conversation_are_told_as_such() -> None:
    found = assess(grouped(20, session=lambda _: "s"))
    note = only(found.notes, NoteCode.GROUPED)
    assert (note["of"], note["number"], note["n"]) == (Grouping.CONVERSATIONS, 1, 20)


def test_conversations_about_one_document_are_one_group() -> None:
    """Twenty conversations of two turns about each of ten documents; all about one of them go wrong."""
    pairs = [
        changed(pair, baseline_y=1.0, candidate_y=float(pair.logged.texts != (3,)))
        for pair in grouped(400, session=lambda i: f"s{i // 2}", texts=lambda i: (i // 40,))
    ]
    found = assess(pairs, margin=0.2)
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    low, high = tango(0, 1, 10)
    assert found.difference.ci_low is not None
    assert (found.difference.ci_low <= low, found.difference.ci_high) == (True, pytest.approx(high)), (
        "no surer than ten answers"
    )


def test_groups_that_overlap_add_up_every_two_answers_that_share_something() -> None:
    draw = np.random.default_rng(2)
    held = [tuple(draw.choice(30, size=int(k), replace=False)) for k in draw.integers(0, 4, size=700)]
    d = draw.choice([-1.0, 0.0, 1.0], size=len(held))
    groups = groups_of(columns_of([made_pair(sample_id=i, texts=texts) for i, texts in enumerate(held)]))
    assert groups is not None
    meet = np.array([[i == j or bool(set(a) & set(b)) for j, b in enumerate(held)] for i, a in enumerate(held)])
    off = d - d.mean()
    assert cluster_se(d, groups) == pytest.approx(np.sqrt(off @ meet @ off) / len(d))
    assert groups.independent == pytest.approx(len(d) ** 2 / meet.sum())
    assert groups.independent <= effective_size(d, groups) <= len(d)
    both = np.column_stack((d, off))
    assert groups.sums(both) == pytest.approx(meet @ both)


@pytest.mark.parametrize(("number", "alike"), [(10, 1), (10, 2), (60, 2), (60, 4)])
def test_what_a_design_effect_has_over_1_counts_more_where_groups_are_few(number: int, alike: int) -> None:
    """Conversations of 8; ``alike`` answers in a row are the same, so that variances can be had from their sums."""
    d = np.repeat(np.random.default_rng(number).choice([-1.0, 0.0, 1.0], size=number * 8 // alike), alike)
    pairs = [made_pair(sample_id=i, session=f"s{i // 8}") for i in range(len(d))]
    means = d.reshape(number, 8).mean(axis=1)
    design_effect = (means.var(ddof=1) / number) / (d.var(ddof=1) / len(d))
    excess = max(design_effect - 1, 0.0) * number / (number - 2)
    assert excess < 7
    groups = groups_of(columns_of(pairs))
    assert groups is not None
    assert effective_size(d, groups) == pytest.approx(len(d) / (1 + excess), rel=1e-3)


LIMIT = 0.05


def same_group(draw: np.random.Generator, groups: int, of_each: int, alike: float) -> tuple[list[tuple[int, ...]], Any]:
    """Which group each answer is of, and which are wrong: 5% of all, within a group correlated by ``alike``."""
    held: list[tuple[int, ...]] = [(i // of_each,) for i in range(groups * of_each)]
    if alike == 1:
        rates = (draw.random(groups) < LIMIT).astype(float)
    else:
        spread = 1 / alike - 1
        rates = draw.beta(LIMIT * spread, (1 - LIMIT) * spread, groups)
    return held, draw.random(len(held)) < np.repeat(rates, of_each)


def passages(draw: np.random.Generator, n: int, there_are: int, of_each: int) -> tuple[list[tuple[int, ...]], Any]:
    """Which passages search found for each answer, and which are wrong: those with one that cannot be read, 5%."""
    held = [tuple(draw.choice(there_are, size=of_each, replace=False)) for _ in range(n)]
    bad = draw.random(there_are) < 1 - (1 - LIMIT) ** (1 / of_each)
    return held, np.array([bad[list(texts)].any() for texts in held])


@pytest.mark.parametrize(
    ("make", "sizes"),
    [
        (same_group, (5, 20, 0.3)),
        (same_group, (20, 10, 1.0)),
        (same_group, (100, 5, 1.0)),
        (passages, (200, 60, 3)),
        (passages, (400, 120, 1)),
    ],
)
def test_answers_that_fail_together_give_no_false_switch(make: Any, sizes: Any) -> None:
    """The truth is exactly at the limit, where few groups lose at all, so that their spread says little."""
    draw, runs, switched, alone = np.random.default_rng(11), 200, 0, 0
    for _ in range(runs):
        held, wrong = make(draw, *sizes)
        pairs = [
            made_pair(sample_id=i, baseline_y=1.0, candidate_y=float(not wrong[i]), texts=texts)
            for i, texts in enumerate(held)
        ]
        found = assess_quality(columns_of(pairs), Endpoint.TARGET, LIMIT, 0.95)
        switched += found.p is not None and found.p <= 0.025 and found.too_few is None
        single = tango_p(0, float(wrong.sum()), len(wrong), LIMIT)
        alone += single <= 0.025
    assert switched / runs <= 0.025 + 2 * (0.025 * 0.975 / runs) ** 0.5
    assert alone / runs > 0.07, "as if each stood alone it would be wrong far too often"


def test_groups_that_do_not_lose_may_switch_when_they_are_enough() -> None:
    def all_right(groups: int, of_each: int = 4) -> list[Pair]:
        return [
            made_pair(sample_id=i, baseline_y=1.0, candidate_y=1.0, texts=(i // of_each,))
            for i in range(of_each * groups)
        ]

    assert assess(all_right(74)).ruling.verdict is Verdict.SWITCH
    found = assess(all_right(60))
    assert (found.ruling.verdict, found.ruling.n_needed) == (Verdict.NEED_MORE_DATA, 4 * 73)
    assert found.difference.ci_low == pytest.approx(tango(0, 0, 60)[0]), "the range says no more than the verdict"
    why = only(found.ruling.why_not, Obstacle.NOT_SURE)
    assert (why["still"], why["is_hopeless"], why["of"]) == (52, False, Grouping.PROMPTS)
    assert (why["effective"], why["least"]) == (pytest.approx(60), 73)
    why = only(assess(all_right(6, 200)).ruling.why_not, Obstacle.NOT_SURE)
    assert (why["is_hopeless"], why["of"]) == (True, Grouping.PROMPTS)
    assert (why["effective"], why["least"]) == (pytest.approx(6), 73)


def test_losses_that_spread_over_groups_show_that_answers_stand_alone() -> None:
    """As many are lost as gained; where no two of a conversation are, they count for more than their conversations."""

    def conversations(lost: set[int]) -> list[Pair]:
        return [
            made_pair(
                sample_id=i,
                session=f"s{i // 6}",
                baseline_y=float(i % 30 != 3),
                candidate_y=float(i not in lost),
            )
            for i in range(420)
        ]

    assert assess(conversations(set(range(0, 420, 30)))).ruling.verdict is Verdict.SWITCH
    assert assess(conversations(set(range(14)))).ruling.verdict is Verdict.NEED_MORE_DATA


def test_a_gate_is_not_sure_of_answers_that_fail_together() -> None:
    def cut_off(alike: int) -> Gate:
        pairs = [
            made_pair(sample_id=i, session=f"s{i // alike}", candidate_truncated=i < 20, candidate_y=1)
            for i in range(200)
        ]
        return next(gate for gate in assess(pairs).gates if gate.name == "truncation")

    assert cut_off(1).beyond_doubt
    assert not cut_off(10).beyond_doubt, "two conversations"
    assert cut_off(10).passed is False


@pytest.mark.parametrize(
    ("keys", "code", "values"),
    [
        (
            {"texts": lambda _: (0,)},
            TooFew.GROUPS,
            {"n": 1, "least": 5, "of": Grouping.PROMPTS},
        ),
        (
            {"texts": lambda i: (i % 4,)},
            TooFew.GROUPS,
            {"n": 4, "least": 5, "of": Grouping.PROMPTS},
        ),
        ({"session": lambda i: f"s{i % 4}"}, TooFew.CONVERSATIONS, {"n": 4, "least": 5}),
        # Of two kinds of groups the one that leaves too few is named ...
        (
            {"session": lambda i: f"s{i // 2}", "texts": lambda i: (i % 3,)},
            TooFew.GROUPS,
            {"n": 3, "least": 5, "of": Grouping.PROMPTS},
        ),
        (
            {"session": lambda i: f"s{i // 100}", "texts": lambda i: (i // 10,)},
            TooFew.CONVERSATIONS,
            {"n": 2, "least": 5},
        ),
        # ... or both, where it takes the two of them.
        (
            {"session": lambda i: f"s{i // 25}", "texts": lambda i: (i % 8,)},
            TooFew.GROUPS,
            {"n": 4, "least": 5, "of": Grouping.BOTH},
        ),
        (
            {"texts": lambda i: (0,) if i < 120 else ()},
            TooFew.GROUPS,
            {"n": 3, "least": 5, "of": Grouping.PROMPTS},
        ),
    ],
)
def test_few_groups_decide_nothing_and_it_is_said_which_groups(
    keys: dict[str, Any], code: TooFew, values: dict[str, Any]
) -> None:
    found = assess(grouped(200, **keys))
    assert (found.ruling.verdict, found.difference.p_holm, found.ruling.n_needed) == (
        Verdict.NEED_MORE_DATA,
        None,
        None,
    )
    why = {"code": code, "values": values}
    assert (found.ruling.reason.code, found.ruling.reason.values["too_few"]) == (Cause.TOO_FEW, why)
    assert only(found.ruling.why_not, Obstacle.TOO_FEW).items() >= why.items()


def reviewed(reviews: int, rest: int, seed: int, truth: tuple[float, ...], kind: float) -> list[Pair]:
    """A judge that is right on two pairs in three and else too ``kind`` to the candidate."""
    draw = np.random.default_rng(seed)
    n = reviews + rest
    people = draw.choice(WORTH, size=n, p=truth)
    judge = np.where(draw.random(n) < 2 / 3, people, draw.choice(WORTH, size=n, p=(1 - kind, 0, kind)))
    return [
        made_pair(
            sample_id=i,
            candidate_y=float(judge[i]),
            reviewed_y=float(people[i]) if i < reviews else None,
        )
        for i in range(n)
    ]


def test_from_100_reviews_on_people_correct_the_judge() -> None:
    pairs = reviewed(120, 280, 1, (0.4, 0.4, 0.2), 1.0)
    found = assess(pairs, endpoint=Endpoint.PAIRWISE, reviews={"open": 120}, kappa={"open": 0.5})
    plain = float(np.mean([pair.candidate.y for pair in pairs]))
    assert (found.difference.method, found.trust.reviews) == (Method.PPI, 120)
    assert plain > 0.5  # the judge alone sees a winner
    assert found.quality.score == pytest.approx(0.4, abs=0.06)
    assert found.difference.delta == pytest.approx((found.quality.score or 0) - 0.5)
    assert found.ruling.verdict is not Verdict.SWITCH
    assert only(found.notes, NoteCode.CORRECTED) == {"reviews": 120}
    few = assess(reviewed(99, 280, 1, (0.4, 0.4, 0.2), 1.0), endpoint=Endpoint.PAIRWISE, reviews={"open": 99})
    assert (few.difference.method, few.trust.reviews) == (Method.TANGO, 99)


def test_a_run_that_may_stop_early_says_that_reviews_did_not_correct_it() -> None:
    given = {"endpoint": Endpoint.PAIRWISE, "is_sequential": True, "kappa": {"open": 0.5}}
    found = assess(reviewed(120, 280, 1, (0.4, 0.4, 0.2), 1.0), reviews={"open": 120}, **given)
    assert found.difference.method is Method.SEQUENTIAL
    assert only(found.notes, NoteCode.NOT_CORRECTED) == {"reviews": 120}
    few = assess(reviewed(99, 280, 1, (0.4, 0.4, 0.2), 1.0), reviews={"open": 99}, **given)
    assert NoteCode.NOT_CORRECTED not in [note.code for note in few.notes]


def test_the_win_rate_among_answers_of_like_length_is_beside_the_raw_one() -> None:
    long = judged_pairs(wins=60, candidate_length=900, baseline_length=300)
    alike = judged_pairs(20, 20, 20, candidate_length=310, baseline_length=300)
    found = assess(long + alike, endpoint=Endpoint.PAIRWISE)
    assert (found.quality.score, found.trust.similar_length_score, found.trust.similar_length_n) == (0.75, 0.5, 60)
    right = assess(target_pairs(both=10))
    assert (right.trust.similar_length_score, right.trust.similar_length_n) == (None, 0)


def test_each_use_case_has_its_own_noise_on_the_scale_of_its_difference() -> None:
    right = noise_floor([(1.0, 0.0)] * 3 + [(0.0, 1.0)] + [(1.0, 1.0)] * 56)
    judged = noise_floor([(0.5, 1.0)] * 6 + [(0.5, 0.0)] * 2 + [(0.5, 0.5)] * 32)
    counted = NoiseFloor(n=40, better=6, worse=2)
    fields = noise_floor([(0.5, 0.75), (1.0, 0.9), (0.2, 0.2), (0.4, 0.5)])
    found = decide(
        use_case(target_pairs(both=10), name="a", noise=right),
        use_case(judged_pairs(ties=10), name="b", endpoint=Endpoint.PAIRWISE, noise=judged),
        use_case(judged_pairs(ties=10), name="c", endpoint=Endpoint.PAIRWISE, noise=counted),
        use_case(target_pairs(both=10), name="d", noise=fields),
        use_case(target_pairs(both=10), name="e"),
    )
    a, b, c, d, e = (decision.baseline_facts.noise for decision in found.use_cases)
    assert a is not None
    assert (a.n, a.delta, (a.low, a.high)) == (60, pytest.approx(-2 / 60), pytest.approx(tango(1, 3, 60)))
    assert b == c
    assert b is not None
    assert (b.delta, b.low) == (pytest.approx(0.05), pytest.approx(tango(6, 2, 40)[0] / 2))
    assert d is not None
    assert (d.delta, d.low < d.delta < d.high) == (pytest.approx(0.0625), True)
    assert e is None


def test_columns_keep_what_is_known_and_what_is_not() -> None:
    pairs = [
        made_pair(sample_id=3, candidate_y=1, session="a", candidate_valid=True, candidate_text_digest="x"),
        made_pair(sample_id=4, candidate_failure=FailureKind.TIMEOUT, candidate_text_digest=""),
        made_pair(sample_id=5, candidate_y=0.5, session="a", candidate_valid=False, missing=True),
        made_pair(sample_id=6, candidate_failure=FailureKind.CONTENT_FILTER, candidate_text_digest="x"),
    ]
    found = columns_of(pairs)
    assert found.sample_id.tolist() == [3, 4, 5, 6]
    np.testing.assert_array_equal(found.candidate.y, [1, math.nan, 0.5, math.nan])
    np.testing.assert_array_equal(found.candidate.valid, [1, math.nan, 0, math.nan])
    assert found.logged.session[0] == found.logged.session[2] >= 0 > found.logged.session[1]
    assert found.candidate.text_digest[0] == found.candidate.text_digest[3] >= 0 > found.candidate.text_digest[1]
    assert FAILURES[found.candidate.call.failure[1]] is FailureKind.TIMEOUT
    assert found.candidate.lost.tolist() == [False, True, False, False]
    assert found.where(~found.missing).sample_id.tolist() == [3, 4, 6]
    assert len(columns_of([])) == 0


def test_drawn_means_of_many_pairs_are_those_of_resamples() -> None:
    draw = np.random.default_rng(5)
    baseline = draw.lognormal(-4, 1, MOST_EXACT + 500)
    candidate = baseline * draw.uniform(0.1, 0.3, len(baseline))
    drawn = savings_draws(baseline, candidate, 1.0, 1)
    resampled = paired_means((baseline - candidate,), 2)[0]
    spread = float(resampled.std())
    for quantile in (0.025, 0.5, 0.975):
        assert abs(np.quantile(drawn, quantile) - np.quantile(resampled, quantile)) < 0.2 * spread
    few = slice(0, MOST_EXACT)
    exact = paired_means(((baseline - candidate)[few],), 1)[0]
    assert np.array_equal(savings_draws(baseline[few], candidate[few], 1.0, 1), exact)


def test_holm_is_that_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    draw = np.random.default_rng(0)
    for n in (2, 3, 10, 40):
        p = draw.uniform(0, 1, n) ** 3
        p[0] = p[-1]
        assert holm(p.tolist()) == multipletests(p, method="holm")[1].tolist()


def test_samples_to_plan_for() -> None:
    assert plan_table(0.05, Endpoint.TARGET) == ((0.1, 314), (0.2, 628), (0.3, 942))
    assert plan_table(0.10, Endpoint.PAIRWISE) == ((0.81, 159),)
    assert plan_table(0.95, Endpoint.TARGET)[0] == (0.1, 1), "never below what equal models need"
    assert plan_table(0.05, Endpoint.TARGET, confidence=0.9)[1] < (0.2, 628)


def test_betting_needs_more_answers_than_a_fixed_sample() -> None:
    never_different = n_needed_sequential(0.0, 0.0, 0.05, 0.025)
    assert never_different is not None
    assert 130 < never_different < 160
    assert n_needed_sequential(-0.05, 0.1, 0.05, 0.025) is None
