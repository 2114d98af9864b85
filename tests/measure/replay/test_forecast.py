"""Time left: the slowest model decides, and what is shown goes down without jumps."""

import random
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from advisor.measure.replay.forecast import forecast
from advisor.store.run.tallies import LaneKey, LaneTally, WithUsage
from advisor.types import JudgeTally, Lane, LaneQuote, Money, Status, Tally
from tests.made_input import made_run

FAST, SLOW, JUDGE = 1, 2, 3
CALLS = {FAST: 624, SLOW: 160, JUDGE: 320}
TAKES_S = {FAST: 0.1, SLOW: 8.0, JUDGE: 3.0}
SLOTS = {FAST: 8, SLOW: 4, JUDGE: 8}
FREE = Money(low=0.0, point=0.0, high=0.0)
RUN = made_run(
    status=Status.RUNNING,
    seed=1,
    epochs=1,
    sample_size=624,
    baseline_lane=Lane.RECORDED,
    baseline="gpt-4o (recorded)",
    concurrency=8,
    stream=True,
    judged=True,
    budget_usd=None,
    planned=CALLS[FAST] + CALLS[SLOW],
    planned_judge=CALLS[JUDGE],
    model_ids=(FAST, SLOW, JUDGE),
    created_at=datetime(2026, 11, 28, tzinfo=UTC),
    quoted=tuple(
        LaneQuote(
            model_id=id_,
            is_judge=id_ == JUDGE,
            besides=False,
            calls=calls,
            input_tokens=100 * calls,
            output_tokens=10 * calls,
            cost_usd=FREE,
        )
        for id_, calls in CALLS.items()
    ),
)


def ends(rng: random.Random, model_id: int, begin: float) -> list[tuple[float, float]]:
    """(when it ended, how long it took) of every call of a model, so many at a time."""
    free_at, found = [begin] * SLOTS[model_id], []
    for _ in range(CALLS[model_id]):
        slot = free_at.index(min(free_at))
        took = TAKES_S[model_id] * rng.lognormvariate(-0.08, 0.4)
        free_at[slot] += took
        found.append((free_at[slot], took))
    return found


def tally_of(done: list[float]) -> LaneTally:
    n = len(done)
    return LaneTally(
        made=n,
        expected_input=100 * n,
        expected_output=10 * n,
        cost_usd=0.0,
        with_usage=WithUsage(
            answers=n,
            expected_input=100 * n,
            expected_output=10 * n,
            input_tokens=100 * n,
            cache_read_tokens=0,
            cache_write_tokens=0,
            output_tokens=10 * n,
        ),
        timed=n,
        busy_s=sum(done),
    )


@pytest.mark.parametrize("seed", range(5))
def test_time_left_goes_down_without_jumps(seed: int) -> None:
    rng = random.Random(seed)
    log = {id_: ends(rng, id_, 0.0) for id_ in (FAST, SLOW)}
    asked_s = max(at for calls in log.values() for at, _ in calls)
    log[JUDGE] = ends(rng, JUDGE, asked_s)
    over = max(at for at, _ in log[JUDGE])
    earlier = {LaneKey(JUDGE): tally_of([TAKES_S[JUDGE]] * 50)}
    shown: list[tuple[float, float]] = []
    for now in range(2, int(over), 2):
        done = {id_: [took for at, took in calls if at <= now] for id_, calls in log.items()}
        tally = Tally(
            planned=RUN.plan.planned,
            succeeded=len(done[FAST]) + len(done[SLOW]),
            failed=0,
            cost_usd=0.0,
            unpriced=0,
            judge=JudgeTally(planned=RUN.plan.planned_judge, succeeded=len(done[JUDGE])),
        )
        made = {LaneKey(id_): tally_of(took) for id_, took in done.items() if took}
        found = forecast(RUN, tally, made, earlier, SLOTS)
        if found.left_s is not None:
            shown.append((over - now, found.left_s))
    assert shown[0][0] < over - 10, "nothing is said in the first seconds"
    assert len(shown) > 100
    for (_, before), (_, after) in pairwise(shown):
        if min(before, after) >= 60:  # below it only "under 1 min" is shown
            assert before / 1.3 <= after <= before * 1.3
    for left, told in shown:
        if left >= 60:
            assert left / 1.5 <= told <= left * 1.5


def test_a_time_is_told_from_the_start_by_the_connection_tests_and_corrected_by_what_calls_take() -> None:
    tally = Tally(
        planned=RUN.plan.planned, succeeded=0, failed=0, cost_usd=0.0, unpriced=0, judge=JudgeTally(planned=320)
    )

    def told(made: dict[LaneKey, LaneTally]) -> float:
        return (
            forecast(
                RUN, tally, made, {}, SLOTS, lambda lane: {FAST: 0.1, SLOW: 80.0, JUDGE: 3.0}[lane.model_id]
            ).left_s
            or 0.0
        )

    first = told({})
    assert first == pytest.approx(160 * 80 / 4 + 320 * 3 / 8)
    assert told({LaneKey(SLOW): tally_of([8.0] * 60)}) < first / 4


def test_a_judge_never_asked_before_is_taken_to_be_as_fast_as_the_others() -> None:
    made = {LaneKey(FAST): tally_of([0.1] * 624), LaneKey(SLOW): tally_of([8.0] * 80)}
    tally = Tally(
        planned=RUN.plan.planned,
        succeeded=704,
        failed=0,
        cost_usd=0.0,
        unpriced=0,
        judge=JudgeTally(planned=RUN.plan.planned_judge, succeeded=0),
    )
    found = forecast(RUN, tally, made, {}, SLOTS)
    assert found.left_s == pytest.approx(80 * 8 / 4 + 320 * 4.05 / 8)
