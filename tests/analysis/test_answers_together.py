"""How often answers that go together give a false verdict where the truth is at the limit, and a true one elsewhere."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from advisor.analysis.quality import difference
from advisor.analysis.quality.clusters import Groups, clustered, holders_of
from advisor.analysis.quality.columns import Array, columns_of
from advisor.analysis.quality.difference import fixed, whole_of
from advisor.analysis.statistics.intervals import mean_t
from advisor.analysis.verdict.gates import check_gates
from advisor.types import FailureKind, GateName, Grouping, Obstacle, Verdict
from tests.analysis.decisions import assess, target_pairs, use_case
from tests.made_input import made_pair

LIMIT, RUNS = 0.05, 300
MOST_FALSE = 0.025 + 2 * (0.025 * 0.975 / RUNS) ** 0.5
Draw = Callable[[np.random.Generator, Array], Array]
"""Paired differences of answers, whose groups are given, where the truth is at the limit."""


def in_groups(sizes: Sequence[int]) -> tuple[Array, Groups]:
    group = np.repeat(np.arange(len(sizes)), sizes)
    return group, Groups(of=Grouping.CONVERSATIONS, holders=holders_of(np.arange(len(group)), group, len(group)))


def judge(d: Array, groups: Groups) -> difference.Tested:
    return fixed(d, whole_of(d, groups, 1), groups, 1, 0.95)


def verdicts(make: Draw, sizes: Sequence[int]) -> tuple[float, float]:
    """Shares of ``switch`` and ``keep``."""
    group, groups = in_groups(sizes)
    draw = np.random.default_rng(1)
    found = [judge(make(draw, group), groups) for _ in range(RUNS)]
    return sum(one.at(LIMIT) <= 0.025 for one in found) / RUNS, sum(one.high < -LIMIT for one in found) / RUNS


def some_groups(draw: np.random.Generator, group: Array, share: float) -> Array:
    chosen: Array = (draw.random(group[-1] + 1) < share)[group]
    return chosen


def lost_whole_and_single(draw: np.random.Generator, group: Array, single: float) -> Array:
    """One group in twenty is lost; in the others single answers are, and as many are gained."""
    u = draw.random(len(group))
    scattered = np.where(u < single, -1.0, np.where(u < 2 * single, 1.0, 0.0))
    return np.where(some_groups(draw, group, LIMIT), -1.0, scattered)


def lost_whole_beside_noise(draw: np.random.Generator, group: Array, size: float) -> Array:
    """Fields: some groups lose by ``size``, of the others some answers are a little better or worse."""
    u = draw.random(len(group))
    scattered = np.where(u < 0.1, -0.05, np.where(u < 0.2, 0.05, 0.0))
    return np.where(some_groups(draw, group, LIMIT / size), -size, scattered)


def gained_whole(draw: np.random.Generator, group: Array, share: float) -> Array:
    """Whole groups are gained, single answers lost."""
    lost = draw.random(len(group)) < (LIMIT + share) / (1 - share)
    return np.where(some_groups(draw, group, share), 1.0, np.where(lost, -1.0, 0.0))


@pytest.mark.parametrize(
    ("make", "sizes"),
    [
        (partial(lost_whole_and_single, single=0.02), [10] * 100),
        (partial(lost_whole_and_single, single=0.05), [10] * 100),
        (partial(lost_whole_beside_noise, size=1.0), [10] * 20),
        (partial(lost_whole_beside_noise, size=1.0), [10] * 100),
        (partial(lost_whole_beside_noise, size=0.6), [10] * 50),
        (partial(lost_whole_beside_noise, size=0.45), [10] * 100),
        (partial(gained_whole, share=0.05), [10] * 100),
    ],
)
def test_groups_gained_or_lost_whole_beside_single_answers_give_no_false_verdict(make: Draw, sizes: list[int]) -> None:
    switched, kept = verdicts(make, sizes)
    assert switched <= MOST_FALSE
    assert kept <= MOST_FALSE


@pytest.mark.parametrize(
    ("size", "share", "least"), [(1.0, 0.1, 0.7), (1.0, 0.05, 0.9), (0.6, 0.1, 0.75), (0.1, 0.6, 0.95)]
)
def test_short_conversations_still_show_that_a_model_is_as_good(size: float, share: float, least: float) -> None:
    """400 answers in conversations of 2 to 4 turns, some better and as many worse."""

    def make(draw: np.random.Generator, group: Array) -> Array:
        u = draw.random(len(group))
        return np.where(u < share / 2, -size, np.where(u < share, size, 0.0))

    switched, kept = verdicts(make, [2, 3, 4, 3, 2] * 28 + [4, 4])
    assert switched >= least
    assert kept == 0


@pytest.mark.parametrize("n", [50, 100])
def test_a_few_answers_gained_whole_are_rarely_a_keep_on_fields(n: int) -> None:
    """Five points better on average by one answer in twenty, asked for five points: the mirror of a false switch."""
    draw = np.random.default_rng(n)
    wrong = by_t = 0
    for _ in range(1_000):
        d = np.where(draw.random(n) < 0.05, 1.0, draw.choice([-0.1, 0.1], size=n))
        by_t += mean_t(d).high < 0.05
        wrong += fixed(d, whole_of(d, None, 1), None, 1, 0.95).high < 0.05
    assert wrong <= 36 < by_t


def test_a_gate_is_rarely_sure_at_its_limit_where_the_baseline_fails_by_whole_groups() -> None:
    group = np.repeat(np.arange(20), 20)
    pairs = columns_of([made_pair(sample_id=i, session=f"s{name}") for i, name in enumerate(group)])
    draw, sure, evidence = np.random.default_rng(2), 0, use_case([])
    for _ in range(RUNS):
        ours = some_groups(draw, group, 0.1)
        theirs = ~ours & (draw.random(len(group)) < 0.12 / 0.9)
        drawn = replace(
            pairs,
            baseline=replace(pairs.baseline, truncated=ours),
            candidate=replace(pairs.candidate, truncated=theirs),
        )
        gates = {checked.gate.name: checked.gate for checked in check_gates(drawn, evidence, "open", 0.95)}
        sure += gates[GateName.TRUNCATION].beyond_doubt
    assert sure / RUNS <= MOST_FALSE


def test_answers_needed_know_how_much_groups_differ() -> None:
    """Three of sixty conversations are gained whole and single answers lost: the spread of groups is what blocks."""
    pairs = [
        made_pair(
            sample_id=i,
            session=f"s{i // 20}",
            baseline_y=float(i // 20 > 2),
            candidate_y=float(i // 20 <= 2 or i % 20 != 3),
        )
        for i in range(1_200)
    ]
    found = assess(pairs)
    _, groups = in_groups([20] * 60)
    d = np.array([(pair.candidate.y or 0) - (pair.baseline.y or 0) for pair in pairs])
    assert found.difference.ci_low is not None
    assert found.difference.delta is not None
    assert found.ruling.n_needed is not None
    assert found.difference.ci_low <= clustered(d, groups).low < -LIMIT < 0 < found.difference.delta
    error = clustered(d, groups).se
    assert found.ruling.n_needed >= math.ceil(
        (1.959964 + 0.841621) ** 2 * error**2 * 1_200 / (found.difference.delta + LIMIT) ** 2
    )
    assert found.ruling.n_needed > 2_400


def test_a_gate_asks_for_more_answers_than_there_are() -> None:
    """Two of twenty conversations are cut off: as single answers 20 of 200 would have been enough long ago."""
    pairs = [
        made_pair(sample_id=i, session=f"s{i // 10}", baseline_y=1, candidate_y=1, candidate_truncated=i < 20)
        for i in range(200)
    ]
    found = assess(pairs)
    assert found.ruling.verdict is Verdict.NEED_MORE_DATA
    (why,) = (each for each in found.ruling.why_not if each.values.get("name") == GateName.TRUNCATION)
    assert found.ruling.n_needed is not None
    assert found.ruling.n_needed > 1_000
    assert (why.code, why.values["n_needed"]) == (Obstacle.OPEN_GATE, found.ruling.n_needed)


@pytest.mark.parametrize("others", [0, 150])
def test_failures_of_the_setting_up_ask_for_no_number_of_answers(others: int) -> None:
    found = assess(target_pairs(both=others) + target_pairs(both=50, candidate_failure=FailureKind.AUTH))
    (why,) = (each for each in found.ruling.why_not if each.values.get("name") == GateName.ERRORS)
    assert "n_needed" not in why.values


@pytest.mark.parametrize("sizes", [[20] * 8, [10] * 20, [3] * 60])
@pytest.mark.parametrize("whole", [False, True])
def test_equal_models_are_rarely_told_apart_where_answers_go_together(
    sizes: list[int], record_property: Callable[[str, object], None], *, whole: bool
) -> None:
    """A against A: each group is as hard for both, and each model has its good and bad groups; ``whole``: only such.

    Told apart is what is surely worse than the limit, or passes and is surely better.
    """
    group, groups = in_groups(sizes)
    draw, told_apart = np.random.default_rng(3), 0
    for _ in range(RUNS):
        hard = draw.beta(2, 0.6, size=len(sizes))
        right = []
        for _ in range(2):
            chance = (draw.random(len(sizes)) < hard) if whole else hard + draw.choice((-0.3, 0, 0.3), size=len(sizes))
            right.append(draw.random(len(group)) < chance[group])
        tested = judge(right[0].astype(float) - right[1], groups)
        told_apart += bool(tested.high < -LIMIT or (tested.at(LIMIT) <= 0.025 and tested.low > 0))
    record_property("told_apart", told_apart)
    assert told_apart <= 0.05 * RUNS
