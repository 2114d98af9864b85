"""The month ahead: the sample log by hand, logs made by hand, and the log's own costs beside list prices."""

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.jobs.sample import load_sample
from advisor.money.demand import measure_demand
from advisor.money.profile import load_facts, profile_of
from advisor.money.projection import project, reconcile
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.studies import find_study
from advisor.text.bill import short_log
from advisor.types import (
    BaselineFacts,
    BillGap,
    Endpoint,
    HostingNote,
    Kind,
    Lane,
    Message,
    Money,
    Monthly,
    PriceOrigin,
    Recommendation,
    Study,
    Usage,
    UseCaseDecision,
    Verdict,
)
from tests.made.log import call, write_log
from tests.made.traffic import made_call, store_calls
from tests.made_input import made_assessment, made_recommendation

DATA = Path(__file__).resolve().parents[2] / "data"
MONTH = 365.25 / 12
HOUR = 1 / 24


def test_the_sample_logs_month_by_hand(store: Store) -> None:
    """OpenAI's published prices of gpt-5.1: 1.25 in, 0.125 cached, 10.00 out, dollars per million tokens.

    A call without tokens is one that the provider failed to answer: nobody pays for it.
    """
    rows = [json.loads(line) for line in (DATA / "sample" / "helpdesk.jsonl").read_text().splitlines()]
    once = {row["id"]: row for row in rows}
    assert len(rows) - len(once) == 9
    costs: dict[str, list[float]] = defaultdict(list)
    for row in once.values():
        usage, usd = row["response"].get("usage"), 0.0
        assert (usage is None) == ("error" in row["response"])
        if usage:
            cached = usage["prompt_tokens_details"]["cached_tokens"]
            fresh = usage["prompt_tokens"] - cached
            usd = (fresh * 1.25 + cached * 0.125 + usage["completion_tokens"] * 10.00) / 1_000_000
        costs[row["metadata"]["use_case"]].append(usd)
    times = sorted(datetime.fromisoformat(row["timestamp"]) for row in once.values())
    days = (times[-1] - times[0]).total_seconds() / 86_400
    of_all_traffic = 1 / 16_000
    by_hand = {name: sum(each) / days * (365.25 / 12) / of_all_traffic for name, each in costs.items()}
    assert sum(by_hand.values()) == pytest.approx(11_280, rel=0.01), "dollars a month"

    study = load_sample(store, with_run=False)
    found = project(store, study, None, study.confidence)
    assert {line.name: line.today.point for line in found.lines if line.today} == pytest.approx(by_hand)
    assert found.total.today is not None
    assert found.total.today.point == pytest.approx(sum(by_hand.values()))
    assert (found.total.calls, found.total.priced, found.total.failed) == (660, 645, 15)
    assert found.total.monthly_calls == pytest.approx(len(once) / days * MONTH * 16_000)
    assert found.days == 28, "12 October and 10 November are no whole days"
    assert found.total.today.low < found.total.today.point < found.total.today.high


def steady(store: Store, per_day: list[int], **more: object) -> Study:
    """So many calls on each of some days, a cent each."""
    calls = [
        (made_call(f"{day} {n}", days=day + n * HOUR / 4), 0.01) for day, k in enumerate(per_day) for n in range(k)
    ]
    return store_calls(store, calls, **more)  # type: ignore[arg-type]


def test_days_that_are_alike_leave_nothing_open(any_store: Store) -> None:
    study = steady(any_store, [10] * 10)
    found = project(any_store, study, None, 0.95)
    assert found.days == 8
    assert found.total.spread == pytest.approx(0.0, abs=1e-12)
    assert found.total.today is not None
    assert found.total.today.low == pytest.approx(found.total.today.high)


def test_days_that_differ_widen_the_month(any_store: Store) -> None:
    found = project(any_store, steady(any_store, [10, 2, 18, 2, 18, 2, 18, 10]), None, 0.95)
    assert found.days == 6
    daily = [2, 18, 2, 18, 2, 18]
    deviation, t = (sum((n - 10) ** 2 for n in daily) / 5) ** 0.5, 2.5706
    half = t * deviation / 10 * (1 / MONTH + 1 / 6) ** 0.5
    assert found.total.spread == pytest.approx(half, rel=1e-4)
    assert found.total.today is not None
    assert found.total.today.high == pytest.approx(found.total.today.point * (1 + half), rel=1e-4)
    assert found.total.today.low >= 0, "no bill is below nothing"


def test_a_short_log_has_no_range_of_days(store: Store) -> None:
    found = project(store, steady(store, [10, 2, 10]), None, 0.95)
    assert (found.days, found.total.spread) == (0, None)
    assert found.total.today is not None
    assert found.total.today.low == found.total.today.high


def test_what_is_not_known_has_its_reason(store: Store) -> None:
    untimed = project(store, store_calls(store, [(made_call(days=None), 0.01)], name="No times"), None, 0.95)
    assert (untimed.total.today, untimed.total.unknown) == (None, Message.of(BillGap.NO_TIMES))
    calls = [
        (made_call(str(n), days=n, use_case="Free" if n % 2 else "Paid"), None if n % 2 else 0.1) for n in range(9)
    ]
    partly = project(store, store_calls(store, calls, name="Partly"), None, 0.95)
    lines = {line.name: line for line in partly.lines}
    assert (lines["Free"].today, lines["Free"].unknown) == (None, Message.of(BillGap.NO_PRICE))
    assert partly.left_out == ("Free",)
    assert partly.total.today is not None
    assert lines["Paid"].today is not None
    assert partly.total.today.point == lines["Paid"].today.point


def failing(store: Store, failures: int, *, unknown: int = 0) -> Study:
    """Twenty answers a day for a cent each over ten days, some more without a cost, and failures without tokens."""
    calls = [(made_call(f"A{n}", days=n / 20), 0.01) for n in range(200)]
    calls += [(made_call(f"U{n}", days=n / 20 + 0.01, usage=None), None) for n in range(unknown)]  # type: ignore[misc]
    lost = {"usage": None, "answer": None, "error": "429: rate limit reached"}
    calls += [(made_call(f"F{n}", days=9.9 + n / 1e6, **lost), None) for n in range(failures)]  # type: ignore[misc]
    return store_calls(store, calls, name=f"{failures} failed, {unknown} unknown")


@pytest.mark.parametrize("unknown", [0, 50])
def test_failed_calls_count_and_cost_nothing(any_store: Store, unknown: int) -> None:
    found = {n: project(any_store, failing(any_store, n, unknown=unknown), None, 0.95).total for n in (1, 300)}
    assert [line.failed for line in found.values()] == [1, 300]
    assert [line.calls for line in found.values()] == [201 + unknown, 500 + unknown]
    for line in found.values():
        assert line.today is not None
        assert line.today.point == pytest.approx((200 + unknown) * 0.01 / 9.95 * MONTH, rel=1e-3)
        assert line.usd_per_call == pytest.approx((200 + unknown) * 0.01 / line.calls)
    assert found[1].spread == pytest.approx(found[300].spread or 0.0), "a burst of failures is no dear day"


@pytest.mark.parametrize("failed_usd", [0.01, 0.0])
def test_failed_calls_with_a_cost_hide_no_answer_without_one(any_store: Store, failed_usd: float) -> None:
    """A log that prices what failed too, perhaps at 0: as many answers have no cost, in the same hours."""
    lost = {"answer": None, "error": "content filter"}
    calls = [(made_call(f"A{n}", days=n / 20), 0.01) for n in range(200)]
    calls += [(made_call(f"U{n}", days=n / 20, usage=None), None) for n in range(200)]  # type: ignore[misc]
    calls += [(made_call(f"F{n}", days=n / 20, **lost), failed_usd) for n in range(200)]
    study = store_calls(any_store, calls)
    by_hand = (400 * 0.01 + 200 * failed_usd) / 9.95 * MONTH
    total = project(any_store, study, None, 0.95).total
    assert (total.calls, total.priced, total.failed) == (600, 400, 200)
    assert total.today is not None
    assert total.today.point == pytest.approx(by_hand)
    facts = load_facts(any_store, study)
    profile, demand = profile_of(facts, 1.0), measure_demand(facts, 1.0)
    assert (profile.bill.monthly_usd, profile.models[0].monthly_usd) == (pytest.approx(by_hand), pytest.approx(by_hand))
    assert profile.tokens.monthly_tokens == pytest.approx(600 * 1100 / 9.95 * MONTH)
    assert (demand.calls, demand.priced, demand.monthly_usd) == (600, 200, pytest.approx(by_hand))


def test_days_are_not_told_apart_by_what_failed_calls_cost(any_store: Store) -> None:
    """On every other day no answer has a cost; failed calls cost nothing, as the log says."""
    lost = {"answer": None, "error": "429: rate limit reached"}
    hours = range(240)
    calls = [(made_call(f"A{n}", days=n * HOUR), None if n // 24 % 2 else 0.01) for n in hours]
    calls += [(made_call(f"F{n}", days=n * HOUR, **lost), 0.0) for n in hours]
    found = project(any_store, store_calls(any_store, calls), None, 0.95)
    assert found.days == 8
    assert found.total.spread == pytest.approx(0.0, abs=1e-12)


def test_failed_calls_that_cost_nothing_are_no_price_of_answers(store: Store) -> None:
    calls = [(made_call(f"U{n}", days=n), None) for n in range(9)]
    calls += [(made_call(f"F{n}", days=n, answer=None, error="429"), 0.0) for n in range(9)]  # type: ignore[misc]
    total = project(store, store_calls(store, calls), None, 0.95).total
    assert (total.today, total.unknown, total.priced) == (None, Message.of(BillGap.NO_PRICE), 9)
    failures = [(made_call(f"F{n}", days=n, answer=None, error="filtered"), 0.01) for n in range(11)]
    billed = project(store, store_calls(store, failures, name="Billed"), None, 0.95).total
    assert billed.today is not None
    assert billed.today.point == pytest.approx(0.11 / 10 * MONTH)


def test_failed_calls_are_no_work_for_a_server(store: Store) -> None:
    few, many = (measure_demand(load_facts(store, failing(store, n)), 1.0) for n in (1, 300))
    assert few.calls == many.calls == 200
    assert few.peak is not None
    assert many.peak is not None
    assert many.peak.tokens_per_s == pytest.approx(few.peak.tokens_per_s)
    assert many.peak.calls == pytest.approx(few.peak.calls)
    assert many.monthly_calls == pytest.approx(few.monthly_calls or 0.0, rel=1e-3)
    assert many.monthly_usd == pytest.approx(2.0 / 9.9 * MONTH, rel=1e-2)
    assert Message.of(HostingNote.FAILED_LEFT_OUT, calls=300, of=500) in many.notes


def test_a_log_of_less_than_a_day_says_so_and_has_no_range(store: Store) -> None:
    study = store_calls(store, [(made_call(str(n), days=n / 1440), 0.01) for n in range(40)])
    found = project(store, study, moved(Money(low=1.0, point=1.5, high=2.5)), 0.95)
    assert found.is_short
    assert found.total.monthly_calls == pytest.approx(40 * MONTH)
    for line in (found.total, *found.lines):
        assert line.plan is not None
        assert line.plan.low == line.plan.point == line.plan.high
    assert found.covered is not None
    assert short_log(found.covered, found.total.calls) == (
        "The log covers only 39 minutes. We treat it as a typical day (40 calls) and multiply by 30.44. That is too "
        "rough for a range."
    )
    assert not project(store, steady(store, [10] * 3, name="Longer"), None, 0.95).is_short


def test_times_that_are_not_believed_are_not_called_missing(store: Store, tmp_path: Path) -> None:
    rows = [call(n, timestamp=f"2931-11-{1 + n % 20:02d}T10:00:00Z") for n in range(40)]
    import_logs(store, "Future", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=False))
    total = project(store, find_study(store, "Future"), None, 0.95).total
    assert (total.today, total.unknown) == (None, Message.of(BillGap.NO_TIMES))
    at_once = store_calls(store, [(made_call(str(n), days=1), 0.01) for n in range(3)], name="At once")
    assert project(store, at_once, None, 0.95).total.unknown == Message.of(BillGap.ONE_MOMENT)


def moved(saved: Money | None, *, chosen: str | None = "Open") -> Recommendation:
    """A decision on the use case Triage."""
    candidate = made_assessment(verdict=Verdict.SWITCH, savings_usd=saved)
    decision = UseCaseDecision(
        name="Triage",
        kind=Kind.CHAT,
        endpoint=Endpoint.TARGET,
        samples=100,
        monthly_calls=300.0,
        monthly_baseline_usd=3.0,
        baseline="closed",
        baseline_facts=BaselineFacts(model="closed"),
        candidates=(candidate,),
        verdict=Verdict.SWITCH if chosen else Verdict.KEEP,
        chosen=chosen,
    )
    return made_recommendation(
        (decision,),
        baseline_lane=Lane.RECORDED,
        monthly=None if saved is None else Monthly(baseline_usd=3.0, plan_usd=3.0 - saved.point, savings_usd=saved),
        verdict=decision.verdict,
    )


def test_a_move_has_the_range_of_its_saving_and_that_of_the_days(store: Store) -> None:
    study = steady(store, [10, 2, 18, 2, 18, 2, 18, 10])
    found = project(store, study, moved(Money(low=1.0, point=1.5, high=2.5)), 0.95)
    line, total = found.lines[0], found.total
    assert line.today is not None
    assert line.plan is not None
    assert line.spread is not None
    assert line.to == "Open"
    point = line.today.point - 1.5
    days = point * line.spread
    assert line.plan.point == pytest.approx(point)
    assert line.plan.high == pytest.approx(point + (0.5**2 + days**2) ** 0.5)
    assert line.plan.low == pytest.approx(max(point - (1.0**2 + days**2) ** 0.5, 0.0))
    assert total.plan == line.plan, "there is one use case"


def test_what_stays_costs_the_same_with_the_plan(store: Store) -> None:
    found = project(store, steady(store, [10] * 10), moved(Money(low=0.0, point=0.0, high=0.0), chosen=None), 0.95)
    assert found.lines[0].plan == found.lines[0].today
    assert found.lines[0].to is None


def test_a_move_whose_saving_is_not_known_has_no_plan(store: Store) -> None:
    found = project(store, steady(store, [10] * 10), moved(None), 0.95)
    assert found.lines[0].to == "Open"
    assert (found.lines[0].plan, found.total.plan) == (None, None)
    assert found.lines[0].today is not None


def test_the_logs_own_costs_beside_list_prices(any_store: Store) -> None:
    """gpt-4o: 1,000 tokens in and 100 out are $0.0035 at list prices; a contract takes a fifth off."""
    usage = Usage(input_tokens=1000, output_tokens=100)
    calls = [
        *[(made_call(f"A{n}", days=n, usage=usage, cost_usd=0.0028), 0.0028) for n in range(4)],
        (made_call("no tokens", days=4, usage=None, cost_usd=0.5), 0.5),
        (made_call("nobody lists it", days=5, model="acme-1", cost_usd=0.7), 0.7),
        (made_call("no cost field", days=6), 0.0035),
        (made_call("kept", days=7, usage=usage, cost_usd=0.0), 0.0),
        (made_call("lost", days=8, usage=usage, answer=None, error="HTTP 500", cost_usd=0.0), 0.0),
    ]
    study = store_calls(any_store, calls)
    found = reconcile(load_sample_facts(any_store, study.id))
    assert found is not None
    assert (found.left_out, found.free) == (2, 2)
    assert [(one.model, one.calls) for one in found.models] == [("gpt-4o", 4)]
    assert found.models[0].logged_usd == pytest.approx(4 * 0.0028)
    assert found.models[0].listed_usd == pytest.approx(4 * 0.0035)
    assert found.models[0].source is not None
    assert found.models[0].source.origin is PriceOrigin.GENAI_PRICES


def test_a_log_without_costs_has_nothing_to_check(store: Store) -> None:
    study = store_calls(store, [(made_call(days=1), 0.0035)])
    assert reconcile(load_sample_facts(store, study.id)) is None
