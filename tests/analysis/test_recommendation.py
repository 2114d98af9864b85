import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from advisor.analysis.migration_plan import plan
from advisor.analysis.money.cost import monthly_calls, range_of, savings_draws
from advisor.decide.decision_json import describe_decision
from advisor.text.headline import sentence
from advisor.text.plan import condition, quality_of
from advisor.types import (
    Condition,
    Endpoint,
    Kind,
    Message,
    Model,
    Money,
    Move,
    Risk,
    Status,
    Step,
    Verdict,
    WarningCode,
)
from advisor.types.licences import LicenceNote
from tests.analysis.decisions import decide, judged_pairs, target_pairs, use_case
from tests.nested import changed

GOOD: dict[str, Any] = {"both": 190, "better": 3, "worse": 3, "neither": 4}
BAD: dict[str, Any] = {"both": 100, "worse": 80, "neither": 20}
BILL: dict[str, Any] = {"monthly_calls": 10_000.0, "monthly_baseline_usd": 100.0}
CHEAP: dict[str, Any] = {"baseline_cost_usd": 0.01, "candidate_cost_usd": 0.002}
DEAR: dict[str, Any] = {"baseline_cost_usd": 0.01, "candidate_cost_usd": 0.02}
AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_moves_keeps_and_open_use_cases_in_one_sentence() -> None:
    found = decide(
        use_case(target_pairs(**GOOD, **CHEAP), name="triage", **BILL),
        use_case(target_pairs(**BAD, **CHEAP), name="tool choice", **BILL),
        use_case(target_pairs(both=20, **CHEAP), name="summaries", **BILL),
    )
    assert sentence(found) == (
        "Move triage to open and save $80 a month. Stay on closed for tool choice. 1 of 3 use cases needs more data."
    )
    assert [decision.verdict for decision in found.use_cases] == [
        Verdict.SWITCH, Verdict.KEEP, Verdict.NEED_MORE_DATA,
    ]  # fmt: skip
    assert found.verdict is Verdict.SWITCH
    assert found.bill.monthly is not None
    assert found.bill.monthly.baseline_usd == 300
    assert found.bill.monthly.plan_usd == pytest.approx(220)
    assert found.bill.monthly.savings_usd.point == pytest.approx(80)
    assert not found.run.partial


def test_the_cheapest_that_passes_is_chosen_and_written_answers_come_last() -> None:
    pairs = {
        "dear": target_pairs(**GOOD, baseline_cost_usd=0.01, candidate_cost_usd=0.009),
        "cheap": target_pairs(**GOOD, baseline_cost_usd=0.01, candidate_cost_usd=0.004),
        "written (illustrative)": target_pairs(**GOOD, baseline_cost_usd=0.01, candidate_cost_usd=0.001),
        "wrong": target_pairs(**BAD, baseline_cost_usd=0.01, candidate_cost_usd=0.0001),
        "unpriced": target_pairs(**GOOD, baseline_cost_usd=0.01),
    }
    written = Model(name="written", litellm_id="written/answers", illustrative=True)
    assert decide(use_case(pairs, **BILL), models=[written]).use_cases[0].chosen == "cheap"
    only = {name: pairs[name] for name in ("written (illustrative)", "wrong")}
    found = decide(use_case(only, **BILL), models=[written])
    assert found.use_cases[0].chosen == written.name
    assert written.name in sentence(found)


def test_as_good_but_more_expensive_stays() -> None:
    found = decide(use_case(target_pairs(**GOOD, **DEAR), **BILL))
    decision = found.use_cases[0]
    assert decision.candidates[0].ruling.verdict is Verdict.SWITCH
    assert (decision.chosen, decision.verdict, found.verdict) == (None, Verdict.KEEP, Verdict.KEEP)
    assert sentence(found) == "Stay on closed: the candidates are as good but not cheaper."
    assert decision.candidates[0].ruling.reason.values["costs_more"]
    assert found.bill.monthly is not None
    assert found.bill.monthly.plan_usd == found.bill.monthly.baseline_usd


def test_without_a_price_or_times_no_money_is_promised() -> None:
    unpriced = decide(use_case(target_pairs(**GOOD, baseline_cost_usd=0.01), **BILL))
    assert unpriced.bill.monthly is None
    assert unpriced.use_cases[0].candidates[0].costs.usd_per_1k is None
    assert sentence(unpriced) == "Move triage to open. The monthly saving is unknown: a model has no price."
    timeless = decide(use_case(target_pairs(**GOOD, **CHEAP)))
    assert timeless.bill.monthly is None
    assert "the log has no usable times" in sentence(timeless)


def test_what_is_not_known_is_left_out_and_said() -> None:
    found = decide(
        use_case(target_pairs(**GOOD, **CHEAP), name="a", **BILL),
        use_case(target_pairs(**GOOD, baseline_cost_usd=0.01), name="b", **BILL),
    )
    assert sentence(found) == "Move a and b to open and save $80 a month (not counting b)."
    assert Message.of(WarningCode.LACKS_BILL, use_cases=["b"]) in found.remarks.warnings


def test_a_saving_never_exceeds_the_bill() -> None:
    found = decide(
        use_case(
            target_pairs(**GOOD, baseline_cost_usd=0.02, candidate_cost_usd=0.0),
            monthly_calls=10_000.0,
            monthly_baseline_usd=150.0,
        )
    )
    assert found.bill.monthly is not None
    assert (found.bill.monthly.plan_usd, found.bill.monthly.savings_usd.high) == pytest.approx((0.0, 150.0))


def test_a_run_that_is_not_complete_is_marked() -> None:
    evidence = use_case(target_pairs(**GOOD, **CHEAP), **BILL)
    for given in ({"missing": 12}, {"status": Status.BUDGET_EXCEEDED}, {"status": Status.CANCELLED}):
        found = decide(evidence, **given)
        assert found.run.partial
        assert "The run is incomplete" in sentence(found)
    assert "(12 planned calls unanswered)" in sentence(decide(evidence, missing=12))


def test_sentences_when_nothing_moves() -> None:
    assert sentence(decide()) == "Nothing to decide yet: the study has no use cases."
    assert sentence(decide(use_case({}))) == "Nothing can move yet: triage needs a candidate."
    few = [use_case(target_pairs(both=20), name=name) for name in "ab"]
    assert sentence(decide(*few)) == "Nothing can move yet: both use cases need more data."
    bad = [use_case(target_pairs(**BAD), name=name) for name in "ab"]
    assert sentence(decide(*bad)) == "Stay on closed for both use cases: no candidate is good enough."
    assert sentence(decide(bad[0], few[1])) == (
        "Stay on closed for a: no candidate is good enough. 1 of 2 use cases needs more data."
    )
    unjudged = use_case(judged_pairs(ties=50), endpoint=Endpoint.PAIRWISE, evidence={"open": "none"})
    assert "needs a judge" in sentence(decide(unjudged))
    assert sentence(decide(bad[0], is_sample=True)).startswith("Sample study: stay on closed")


def test_costs_are_of_the_same_samples() -> None:
    pairs = target_pairs(both=50, **CHEAP) + target_pairs(worse=50, baseline_cost_usd=1.0)
    found = decide(use_case(pairs)).use_cases[0].candidates[0]
    assert (found.costs.baseline_usd_per_1k, found.costs.usd_per_1k) == pytest.approx((10.0, 2.0))
    half = decide(use_case(target_pairs(both=50, worse=50, **CHEAP))).use_cases[0].candidates[0]
    assert half.costs.usd_per_1k_successes == pytest.approx(4.0)


def test_successes_cost_what_all_answers_that_count_cost() -> None:
    spoilt = target_pairs(both=50, candidate_valid=False, **CHEAP)
    unscored = [changed(pair, candidate_y=None, baseline_y=1.0) for pair in spoilt]
    found = decide(use_case(target_pairs(both=50, **CHEAP) + unscored)).use_cases[0].candidates[0]
    assert found.costs.usd_per_1k_successes == pytest.approx(4.0)
    right = decide(use_case(target_pairs(both=50, **CHEAP) + spoilt)).use_cases[0].candidates[0]
    assert right.costs.usd_per_1k_successes == pytest.approx(2.0), "what the score counts as right is a success"
    fields = [changed(pair, candidate_y=0.5) for pair in target_pairs(both=60, **CHEAP)]
    assert decide(use_case(fields)).use_cases[0].candidates[0].costs.usd_per_1k_successes == pytest.approx(4.0)
    judged = judged_pairs(20, 20, 40, **CHEAP) + [changed(pair, candidate_y=None) for pair in judged_pairs(5, **CHEAP)]
    compared = decide(use_case(judged, endpoint=Endpoint.PAIRWISE)).use_cases[0].candidates[0]
    assert compared.costs.usd_per_1k_successes == pytest.approx(4.0)
    wrong = decide(use_case(target_pairs(worse=20, **CHEAP))).use_cases[0].candidates[0]
    assert wrong.costs.usd_per_1k_successes is None


def test_candidates_that_are_compared_are_ranked_beside_the_baseline() -> None:
    pairs = {"a": judged_pairs(60, 20, 20), "b": judged_pairs(20, 20, 60), "c": judged_pairs(40), "d": []}
    found = decide(use_case(pairs, endpoint=Endpoint.PAIRWISE)).use_cases[0]
    a, b, c, d = (candidate.quality.strength for candidate in found.candidates)
    assert (a, b) == (pytest.approx(math.log(70 / 30)), pytest.approx(-math.log(70 / 30)))
    assert c is d is None, "no end to the distance, nothing known"
    alone = decide(use_case(judged_pairs(60, 20, 20), endpoint=Endpoint.PAIRWISE)).use_cases[0].candidates[0]
    right = decide(use_case({name: target_pairs(30, 3, 3) for name in "ab"})).use_cases[0].candidates[0]
    assert alone.quality.strength is right.quality.strength is None


def savings_range(baseline: "np.ndarray[Any, Any]", candidate: "np.ndarray[Any, Any]", seed: int = 0) -> Money:
    point = float((baseline - candidate).mean()) * 1000.0
    return range_of(savings_draws(baseline, candidate, 1000.0, seed), point, 0.95)


def test_savings_range_covers_the_true_saving() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(200):
        baseline = rng.lognormal(-4, 1, 150)
        candidate = baseline * rng.uniform(0.1, 0.3, 150)
        money = savings_range(baseline, candidate, seed)
        hits += money.low <= 1000 * float(np.exp(-3.5)) * 0.8 <= money.high
        assert money.low <= money.point <= money.high
    assert 170 <= hits <= 199
    assert savings_range(baseline, candidate, 7) == savings_range(baseline, candidate, 7)


def test_a_pair_keeps_its_costs_together() -> None:
    baseline = np.array([0.001, 0.1, 0.002, 0.2] * 20)
    money = savings_range(baseline, baseline - 0.0005)
    assert (money.low, money.high) == pytest.approx((0.5, 0.5))


def test_monthly_volume() -> None:
    assert monthly_calls(1000, AT, AT + timedelta(days=10)) == pytest.approx(100 * 365.25 / 12)
    assert monthly_calls(1000, AT, AT + timedelta(days=10), 0.1) == pytest.approx(1000 * 365.25 / 12)
    assert monthly_calls(500, AT, AT + timedelta(minutes=5)) == pytest.approx(500 * 365.25 / 12)
    assert monthly_calls(500, None, None) is None
    assert monthly_calls(500, AT, AT) is None


def test_the_plan_has_steps_for_moves_only() -> None:
    found = decide(
        use_case(
            judged_pairs(60, 200, 60, **CHEAP), name="summaries", kind=Kind.SUMMARY, endpoint=Endpoint.PAIRWISE, **BILL
        ),
        use_case(target_pairs(**BAD, **CHEAP), name="tool choice", **BILL),
        use_case(target_pairs(both=60, **CHEAP), name="routing", **BILL),
        models=[Model(name="open", litellm_id="x/y", licence="mit")],
        missing=3,
    )
    result = plan(found, {}, {"open": LicenceNote("keep the copyright notice.", None)})
    moved, kept, unsure = result.moves
    assert [phase.traffic_share for phase in moved.phases] == [0.0, 0.05, 0.25, 1.0]
    assert all(phase.entry and phase.exit and phase.rollback for phase in moved.phases)
    assert moved.phases[1].rollback.values["baseline"] == "closed"
    assert quality_of(found.use_cases[0]).startswith("won 60, tied 200 and lost 60 of 320 comparisons")
    assert [risk.code for risk in moved.risks] == [Risk.LICENCE, Risk.PARTIAL]
    assert moved.risks[0].values == {"conditions": "keep the copyright notice.", "fit": None}
    assert kept == Move(use_case="tool choice")
    assert unsure == Move(use_case="routing")
    needed = found.use_cases[2].candidates[0].ruling.n_needed
    assert needed is not None
    assert needed > 73  # more than one test was made
    replay = Message.of(Step.REPLAY, use_case="routing", model="open", n=needed, reviews=None)
    assert replay in result.next_steps
    assert Message.of(Step.FINISH_RUN) in result.next_steps


def test_a_plan_names_the_day_from_which_the_baseline_is_no_fallback() -> None:
    found = decide(use_case(target_pairs(**GOOD, **CHEAP), **BILL), models=[Model(name="open", litellm_id="x/y")])
    (without,), (move,) = plan(found, {}, {}).moves, plan(found, {}, {}, {"closed": date(2027, 1, 14)}).moves
    assert "2027" not in str(without)
    assert Message.of(Risk.BASELINE_ENDS, baseline="closed", on="2027-01-14") in move.risks
    assert move.phases[-1].exit[-1] == Message.of(Condition.FALLBACK, baseline="closed", until="2027-01-14")


def test_a_cost_limit_is_in_whole_numbers() -> None:
    found = decide(use_case(target_pairs(**GOOD, **CHEAP), **BILL))
    (decision,) = found.use_cases
    dear = replace(decision, candidates=(changed(decision.candidates[0], usd_per_1k=500.0),))
    (move,) = plan(replace(found, use_cases=(dear,)), {}, {}).moves
    assert any("$600 " in condition(each) for each in move.phases[0].exit)


@pytest.mark.parametrize(
    ("bills", "worth"),
    [
        ((60.0, 60.0), True),  # the first saves 48, the second may save up to its bill
        ((60.0, 1.0), False),
        ((0.02, 0.01), False),
        ((0.02, None), None),
    ],
)
def test_a_saving_too_small_to_matter_is_not_worth_migrating(bills: tuple[float, float | None], worth: bool) -> None:
    moved, unsure = bills
    found = decide(
        use_case(target_pairs(**GOOD, **CHEAP), name="triage", monthly_calls=9.0, monthly_baseline_usd=moved),
        use_case(target_pairs(both=20, **CHEAP), name="summaries", monthly_calls=9.0, monthly_baseline_usd=unsure),
    )
    assert found.verdict is Verdict.SWITCH
    assert describe_decision(found)["worth"] is worth
    said = sentence(found).endswith(" a month on these calls. Not worth migrating.")
    assert said is (worth is False)
    steps = plan(found, {}, {}).next_steps
    assert (steps == (Message.of(Step.STAY, baselines=["closed"], usd=50.0),)) is said


@pytest.mark.parametrize(
    ("calls", "mirrored", "steps"),
    [
        (1_000_000.0, 0.05, {0.0: 1, 0.05: 1, 0.25: 1, 1.0: 1}),
        (4_000.0, 0.25, {0.0: 20, 0.25: 20, 1.0: 5}),
        (900.0, 1.0, {0.0: 22, 1.0: 22}),
        (30.0, 1.0, {0.0: 637, 1.0: 637}),
    ],
)
def test_no_step_waits_longer_than_its_traffic_allows(calls: float, mirrored: float, steps: dict[float, int]) -> None:
    """628 checked calls: at 4,000 calls a month the 5 % step would take 96 days, and is left out."""
    case = use_case(target_pairs(**GOOD, **CHEAP), monthly_calls=calls, monthly_baseline_usd=1000.0)
    phases = plan(decide(case), {}, {}).moves[0].phases
    assert {phase.traffic_share: phase.days for phase in phases} == steps
    assert {phase.mirrored for phase in phases} == {mirrored}
    too_few = [each for each in phases[0].entry if each.code == Condition.TOO_FEW_CALLS]
    assert bool(too_few) is (steps[0.0] > 30)


def test_illustrative_answers_are_to_be_replaced() -> None:
    written = Model(name="open", litellm_id="written/a", illustrative=True)
    case = use_case({written.name: target_pairs(**GOOD, **CHEAP)}, **BILL)
    result = plan(decide(case, models=[written]), {written.name: written}, {})
    assert Condition.REAL_MODEL in [each.code for each in result.moves[0].phases[0].entry]
    assert Step.REAL_CANDIDATE in [step.code for step in result.next_steps]
