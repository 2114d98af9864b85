"""From a log to a case for GPUs of one's own, with every number worked out by hand."""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from advisor.analysis.money.hosting import Shape
from advisor.catalog.prices import price_call
from advisor.money.demand import Demand, InFlight, Peak, Throughput, hosted_price, measure_demand, measured_throughput
from advisor.money.hosting import Bills, HostingCase, make_case, precisions, sizable_models
from advisor.money.hosting_inputs import Choices, demand_inputs
from advisor.money.profile import load_facts
from advisor.store import Store
from advisor.store.models import add_model
from advisor.store.run.load_tests import add_step, change_load_test, create_load_test
from advisor.types import (
    HostingInput,
    HostingNote,
    HostingSource,
    Message,
    Model,
    Status,
    Study,
    Usage,
)
from tests.made.load_test import STEP
from tests.made.traffic import made_call, store_calls

ENTERED = Message.of(HostingSource.ENTERED)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEMAND = Demand(
    calls=1_000_000,
    monthly_calls=10_000_000.0,
    usage=Usage(input_tokens=1500, output_tokens=500),
    output_per_call=500.0,
    monthly_usd=80_000.0,
    priced=1_000_000,
    peak=Peak(HostingSource.ALL_HOURS, 41_667.0, 5787.0, 1 / 3),
    in_flight=InFlight(40, Message.of(HostingSource.LOGGED_LATENCIES)),
    notes=(),
)
CHOICES = Choices(
    model_id="gpt-oss-120b",
    gpu_id="h100-sxm",
    precision="mxfp4",
    spare=1,
    engineer_hours=40,
    engineer_usd_per_hour=100,
    one_off_usd=30_000,
    throughput=Throughput(2500.0, ENTERED, False),
)


def case(demand: Demand = DEMAND, **changes: Any) -> HostingCase:
    return make_case(demand, replace(CHOICES, **changes), now=NOW)


def bills(demand: Demand = DEMAND, **changes: Any) -> Bills:
    found = case(demand, **changes).bills
    assert found is not None
    return found


def noted(messages: Iterable[Message]) -> list[str]:
    """The codes of messages."""
    return [message.code for message in messages]


def busy_days(store: Store, **more: float) -> Study:
    """Two calls in each of 48 hours and forty more in one of them; each takes 10 s, twenty at the same time."""
    days = [n / 24 + half / 48 for n in range(48) for half in (0, 1)]
    days += [30.25 / 24] * 20 + [30.75 / 24] * 20
    return store_calls(store, [(made_call(days=day, latency_s=10.0), 0.01) for day in days], **more)  # type: ignore[arg-type]


def test_demand_of_a_log(any_store: Store) -> None:
    study = busy_days(any_store)
    found = measure_demand(load_facts(any_store, study), study.traffic_share)
    assert found.calls == 136
    assert found.monthly_calls == pytest.approx(136 / (47.5 / 24) * 365.25 / 12)
    assert found.usage == Usage(input_tokens=1000, output_tokens=100)
    assert found.peak is not None
    assert (found.peak.which, found.peak.calls) == (HostingSource.ALL_HOURS, 42)
    assert found.peak.tokens_per_s == pytest.approx(4200 / 3600)
    assert found.peak.mean_over_peak == pytest.approx(136 / 48 / 42)
    assert found.in_flight is not None
    assert found.in_flight.calls == 20
    assert found.monthly_usd == pytest.approx((found.monthly_calls or 0) * 0.01)
    assert noted(found.notes) == [HostingNote.SHORT_LOG]


@pytest.mark.parametrize("hours", [1, 8])
def test_a_log_shorter_than_a_day_needs_copies_for_its_busiest_hour(store: Store, hours: int) -> None:
    """40 calls of 1,800 tokens in each hour are 20 tokens a second; a copy gives 2.5 of them."""
    usage = Usage(input_tokens=1000, output_tokens=1800)
    days = [(hour + n / 40) / 24 for hour in range(hours) for n in range(40)]
    study = store_calls(store, [(made_call(days=day, latency_s=1.0, usage=usage), 0.02) for day in days])
    found = measure_demand(load_facts(store, study), 1.0)
    assert found.peak is not None
    assert found.peak.tokens_per_s == pytest.approx(20.0)
    assert found.peak.mean_over_peak == pytest.approx(hours / 24), "of a whole day, as the month is"
    assert bills(found, spare=0, throughput=Throughput(2.5, ENTERED, True)).now.copies == 8


def test_a_bill_that_lacks_a_use_case_is_not_known(store: Store) -> None:
    """GPUs would serve the answers without a price as well; what only failed asks for none."""
    paid = [(made_call(f"P{n}", days=n), 0.01) for n in range(10)]
    lost = [(made_call(f"L{n}", days=n, use_case="Lost", answer=None, error="429"), None) for n in range(10)]
    known = store_calls(store, [*paid, *lost])
    found = measure_demand(load_facts(store, known), 1.0)
    assert found.monthly_usd == pytest.approx(0.1 / 9 * 365.25 / 12)
    bill = next(one for one in demand_inputs(found) if one.value.code == HostingInput.BILL)
    assert bill.source == Message.of(HostingSource.PRICED_ANSWERS, calls=10)
    other = [(made_call(f"U{n}", days=n, use_case="In-house"), None) for n in range(10)]
    found = measure_demand(load_facts(store, store_calls(store, [*paid, *other], name="Partly")), 1.0)
    assert (found.monthly_usd, found.priced) == (None, 10)
    assert Message.of(HostingNote.USE_CASES_WITHOUT_PRICE, use_cases=["In-house"]) in found.notes


def test_a_log_that_is_a_part_of_the_traffic_stands_for_all_of_it(store: Store) -> None:
    study = busy_days(store, traffic_share=0.1)
    found = measure_demand(load_facts(store, study), study.traffic_share)
    assert found.peak is not None
    assert found.peak.calls == 420
    assert found.peak.tokens_per_s == pytest.approx(42_000 / 3600)
    assert found.in_flight is not None
    load = 420 / 3600 * 10
    assert found.in_flight.calls == 5 == math.ceil(load + 3 * math.sqrt(load)), "twenty at once would be 200"
    assert found.in_flight.source.code == HostingSource.LITTLES_LAW


def test_a_sparse_log_is_not_busy_by_chance(store: Store) -> None:
    """A call an hour at random hours for six weeks, twice as many from 9 to 17 o'clock."""
    rng = np.random.default_rng(3)
    days = [(n + rng.random()) / 24 for n in range(6 * 168) for _ in range(rng.poisson(2 if 9 <= n % 24 < 17 else 1))]
    study = store_calls(store, [(made_call(days=day), 0.01) for day in days])
    found = measure_demand(load_facts(store, study), 1.0)
    assert found.peak is not None
    assert found.peak.which == HostingSource.HOURS_OF_DAY
    assert found.peak.mean_over_peak == pytest.approx((8 * 2 + 16) / 24 / 2, rel=0.25)
    assert noted(found.notes) == [HostingNote.IN_FLIGHT_UNKNOWN]


def test_a_log_of_few_calls_says_so(store: Store) -> None:
    study = store_calls(store, [(made_call(days=n), 0.01) for n in range(9)])
    assert measure_demand(load_facts(store, study), 1.0).notes[0] == Message.of(HostingNote.FEW_CALLS, least=30)


def test_calls_without_tokens_count_like_the_others(store: Store) -> None:
    calls = [made_call(days=n / 24) for n in range(10)] + [made_call(days=0.01, usage=None) for _ in range(30)]
    study = store_calls(store, [(call, 0.01) for call in calls])
    found = measure_demand(load_facts(store, study), 1.0)
    assert found.peak is not None
    assert found.peak.tokens_per_s == pytest.approx(3100 / 3600)


def test_a_log_without_times_or_tokens_asks_for_nothing_that_is_known(store: Store) -> None:
    study = store_calls(store, [(made_call(days=None, usage=None), None)])
    found = measure_demand(load_facts(store, study), 1.0)
    assert (found.monthly_calls, found.usage, found.peak, found.in_flight) == (None, None, None, None)
    result = case(found)
    assert result.bills is None
    assert {HostingNote.NO_TIMES, HostingNote.NO_USAGE} <= set(noted(result.missing))
    assert result.gpus == 2, "the weights are sized all the same: 1.2 times 62 GB are more than 72"


def test_memory_copies_and_dollars_by_hand() -> None:
    found = case()
    # 5,787 output tokens a second in the busiest hour take three copies of 2,500, so that one has 14 of 40 calls.
    kv = 2 * 36 * 8 * 64 * 2 * 14 * 2000 / 1e9
    assert found.memory.weights_gb == pytest.approx(117 * 0.53)
    assert found.memory.kv_gb == pytest.approx(kv)
    assert [fit.fits for fit in found.fits] == [True, True, True, True]
    assert found.gpus == 1
    assert found.missing == ()
    assert found.bills is not None
    told = found.bills
    assert told.now.copies == 4
    assert told.now.own.point == pytest.approx(4 * 3.99 * 730.5 + 4000)
    # 30 % slower it takes four copies for the busiest hour, at the dear price; 30 % faster two.
    assert told.now.own.high == pytest.approx(5 * 6.155 * 730.5 + 4000)
    assert told.now.own.low == pytest.approx(3 * 2.67 * 730.5 + 4000)
    assert told.utilisation == pytest.approx(10e6 * 500 / (4 * 2500 * 730.5 * 3600))
    assert told.usd_per_mtok == pytest.approx(4 * 3.99 * 730.5 / 5000)
    assert told.payback_months == pytest.approx(30_000 / (80_000 - told.now.own.point))


def test_every_input_has_a_source() -> None:
    inputs = case().inputs
    names = [one.value.code for one in inputs]
    assert len(names) == len(set(names)) == 16


def test_hosted_and_closed_at_the_break_even() -> None:
    found = bills()
    assert found.now.hosted is not None
    assert found.now.hosted.low <= found.now.hosted.point <= found.now.hosted.high
    assert found.break_even_closed is not None
    assert found.break_even_closed < 10_000_000, "80,000 a month is more than the machines cost"
    assert found.curve[0].calls == 0
    assert found.curve[-1].calls >= 20_000_000
    fewest = 2 * 3.99 * 730.5 + 4000
    assert found.curve[0].own.point == pytest.approx(fewest), "one copy and a spare one, even for nothing"
    assert found.break_even_closed == pytest.approx(fewest / 0.008)


def test_the_curve_reaches_the_nearest_break_even() -> None:
    small = replace(DEMAND, monthly_calls=1000.0, monthly_usd=8.0)
    found = bills(small)
    assert found.break_even_closed is not None
    assert found.break_even_hosted is None or found.break_even_hosted > 4 * found.break_even_closed
    assert found.curve[-1].calls == pytest.approx(1.3 * found.break_even_closed)


def test_when_traffic_doubles_copies_follow() -> None:
    found = bills()
    assert found.doubled.copies == 6, "five for twice the busiest hour, and the spare one"
    assert found.doubled.closed_usd == pytest.approx(160_000)


def test_a_measured_throughput_has_no_spread() -> None:
    measured = bills(throughput=Throughput(2500.0, ENTERED, True))
    assert measured.now.own.high == pytest.approx(4 * 6.155 * 730.5 + 4000)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"throughput": None}, HostingNote.NO_THROUGHPUT),
        ({"model_id": "kimi-k3"}, HostingNote.NOT_ONE_MACHINE),
    ],
)
def test_what_is_missing_is_told_and_never_a_number(changes: dict[str, Any], reason: HostingNote) -> None:
    found = case(**changes)
    assert reason in noted(found.missing)
    assert found.bills is None


def test_without_a_bill_there_is_no_payback() -> None:
    found = case(replace(DEMAND, monthly_usd=None))
    assert found.bills is not None
    assert found.bills.now.closed_usd is None
    assert found.bills.payback_months is None
    assert noted(found.missing) == [HostingNote.NO_BILL]


def test_an_unknown_shape_is_said_and_can_be_entered() -> None:
    guess = case(model_id="olmo-3.1-32b")
    assert guess.memory.kv_gb is None
    assert HostingNote.CACHE_GUESSED in noted(guess.notes)
    entered = case(model_id=guess.model.id, shape=Shape(64, 8, 128))
    assert entered.memory.kv_gb is not None
    assert HostingNote.CACHE_GUESSED not in noted(entered.notes)


def test_a_precision_that_the_gpu_lacks_is_said() -> None:
    assert HostingNote.NO_NATIVE_PRECISION in noted(case().notes)
    assert HostingNote.NO_NATIVE_PRECISION not in noted(case(gpu_id="b200").notes)


def test_hosts_are_priced_by_the_call() -> None:
    model = next(model for model in sizable_models() if model.id == "gpt-oss-120b")
    usage = Usage(input_tokens=1000, output_tokens=100)
    found = hosted_price(model, usage, NOW)
    assert found is not None
    single = [price_call(Model(name=i, litellm_id=i), usage, NOW) for i in model.litellm_ids]
    known = sorted(price[0] for price in single if price and price[0])
    assert (found.usd_per_call.low, found.usd_per_call.high) == (known[0], known[-1])
    assert found.usd_per_call.point == known[(len(known) - 1) // 2]
    assert 0.00005 < found.usd_per_call.point <= 0.00021, "0.15 and 0.60 a million is the most that is usual"
    assert found.source.values["prices"] == len(known)


def test_the_newest_load_test_of_the_same_weights_counts(store: Store) -> None:
    study = store_calls(store, [(made_call(), 0.01)])
    model = add_model(
        store,
        study.id,
        Model(name="Ours", litellm_id="hosted_vllm/openai/gpt-oss-120b", api_base="http://gpu.internal:8000/v1"),
    )
    assert measured_throughput(store, study, "gpt-oss-120b") is None
    for rate, status in ((500.0, Status.SUCCEEDED), (900.0, Status.SUCCEEDED), (5000.0, Status.RUNNING)):
        test = create_load_test(
            store, study.id, model.id, stream=True, budget_usd=None, max_ttft_p95_s=None, max_latency_p95_s=None
        )
        add_step(store, test.id, replace(STEP, concurrency=8, output_tokens_per_s=rate), None)
        change_load_test(store, test.id, status=status, finished_at=NOW + timedelta(hours=1))
    found = measured_throughput(store, study, "gpt-oss-120b")
    assert found is not None
    assert (found.tokens_per_s, found.is_measured) == (900.0, True)
    assert (found.source.values["concurrency"], found.source.values["host"]) == (8, "gpu.internal")
    assert measured_throughput(store, study, "gpt-oss-20b") is None


@pytest.mark.parametrize(
    ("model_id", "first"),
    [
        ("gpt-oss-120b", "as shipped"),
        ("qwen3.5-122b-a10b", "fp8"),
        ("granite-4.2-8b", "bf16"),
        ("kimi-k2.6", "bf16"),
    ],
)
def test_the_usual_precision_is_offered_first(model_id: str, first: str) -> None:
    model = next(model for model in sizable_models() if model.id == model_id)
    offered = precisions(model)
    assert offered[0] == first
    assert set(offered) >= {"bf16", "fp8", "mxfp4", "nvfp4"}
    assert len(offered) == len(set(offered))


def test_the_reported_size_of_the_files_counts() -> None:
    found = case(precision="as shipped")
    assert found.memory.weights_gb == 65
    weights = next(one.value for one in found.inputs if one.value.code == HostingInput.WEIGHTS_OF_FILES)
    assert weights.values == {"gb": 65, "precision": "mxfp4"}
