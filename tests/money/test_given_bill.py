"""Prices given for a study, as in a contract: today's bill goes by them wherever the log tells no cost itself."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from advisor.catalog.prices import price_logged
from advisor.catalog.rates import Terms
from advisor.collect.contract_prices import count_costlier_at_list, given_costs
from advisor.collect.volume import volume_by_use_case
from advisor.decide.decisions import decide
from advisor.measure.studies import find_study
from advisor.money.optimize import stay_options
from advisor.money.profile import load_facts, profile_of
from advisor.money.projection import project
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.log.traffic import load_traffic, sum_by_use_case
from advisor.store.models import add_model, delete_model
from advisor.types import (
    AS_LOGGED,
    AT_CONTRACT,
    Model,
    OptionKind,
    Prices,
    PriceSource,
    Role,
    Sample,
    StoredModel,
    Study,
    Usage,
)
from tests.made.log import call
from tests.made.run import replayed
from tests.made.traffic import START, made_call, store_calls
from tests.nested import changed
from tests.server import TEXT

NAME = "gpt-4o-2024-08-06"
MONTH = 365.25 / 12
CACHED = Usage(input_tokens=600, cache_read_tokens=400, output_tokens=100)
GIVEN_USD = (600 * 1.25 + 400 * 1.25 + 100 * 5) / 1e6
"""A call of CACHED at the contract's prices, which know none for cached input."""


def contract(store: Store, study: Study, litellm_id: str = f"openai/{NAME}", **more: Any) -> StoredModel:
    prices: dict[str, Any] = {"prices": Prices(input=1.25, output=5.0)}
    return add_model(store, study.id, Model(**{"name": "closed", "litellm_id": litellm_id, **prices, **more}))


def month(store: Store, study: Study) -> float | None:
    """Today's bill, which all who tell it tell alike."""
    usd = profile_of(load_facts(store, study), 1.0).bill.monthly_usd
    told = [volume_by_use_case(store, study, given_costs(store, study))["Triage"].monthly_usd]
    line = project(store, study, None, 0.95).total.today
    told.append(line.point if line else None)
    assert told == [usd if usd is None else pytest.approx(usd)] * 2
    return usd


def ten_days(
    store: Store,
    *calls: tuple[Sample, float | None],
    name: str = NAME,
    sources: Mapping[float, PriceSource] | None = None,
) -> Study:
    """Two calls at list price, ten days apart, and more between."""
    ends = [(made_call(days=day, model=name, usage=CACHED), 0.0030) for day in (0.0, 10.0)]
    return store_calls(store, [*ends, *calls], sources=sources)


def test_the_bill_goes_by_the_price_of_now_with_no_import(any_store: Store) -> None:
    study = ten_days(any_store)
    assert month(any_store, study) == pytest.approx(0.006 / 10 * MONTH)
    model = contract(any_store, study, role=Role.BASELINE)
    assert month(any_store, study) == pytest.approx(2 * GIVEN_USD / 10 * MONTH)
    add_model(any_store, study.id, replace(model, prices=replace(model.prices, cache_read=0.5)))
    assert month(any_store, study) == pytest.approx(2 * (GIVEN_USD - 400 * 0.75 / 1e6) / 10 * MONTH)
    delete_model(any_store, model.id)
    assert month(any_store, study) == pytest.approx(0.006 / 10 * MONTH), "what is stored stays"


def test_a_cost_that_the_log_tells_wins_and_a_call_that_failed_is_free(any_store: Store) -> None:
    """Without a price on any list it is known by the given one; other models and calls without tokens stay."""
    logged = changed(made_call(days=1, model=NAME, usage=CACHED), cost_usd=0.02)
    failed = made_call(days=2, model=NAME, usage=CACHED, answer=None, error="HTTP 500")
    other = made_call(days=3, model="gpt-4o-mini", usage=CACHED)
    untold = made_call(days=4, model=NAME, usage=None)
    study = store_calls(
        any_store,
        [(logged, 0.02), (failed, None), (other, 0.001), (untold, None)]
        + [(made_call(days=day, model=NAME, usage=CACHED), None) for day in (0.0, 10.0)],
        sources={0.02: AS_LOGGED},
    )
    assert sum_by_use_case(any_store, study.id)["Triage"].priced == 2
    contract(any_store, study)
    sums = sum_by_use_case(any_store, study.id, given_costs(any_store, study))["Triage"]
    assert (sums.priced, sums.unpriced_answers, sums.failed) == (4, 1, 1)
    assert sums.cost_usd == pytest.approx(0.02 + 0.001 + 2 * GIVEN_USD)


def test_a_batch_takes_its_share_off_the_given_price_too(store: Store) -> None:
    listed = price_logged(NAME, CACHED, START, Terms(tier="batch"))
    standard = price_logged(NAME, CACHED, START)
    assert listed
    assert standard
    study = store_calls(
        store,
        [(made_call(days=day, model=NAME, usage=CACHED), listed[0]) for day in (0.0, 10.0)],
        sources={listed[0]: listed[1]},
    )
    contract(store, study)
    share = listed[0] / standard[0]
    assert share < 0.7
    assert month(store, study) == pytest.approx(2 * GIVEN_USD * share / 10 * MONTH)
    facts = load_sample_facts(store, study.id, given=given_costs(store, study))
    assert set(facts["price_source"]) == {replace(AT_CONTRACT, tier="batch").code}
    batch = next(one for one in stay_options(store, study) if one.kind is OptionKind.BATCH)
    assert batch.calls == 0, "it is one already"


@pytest.mark.parametrize(
    ("logged", "registered", "role", "is_same"),
    [
        (NAME, "openai/gpt-4o", Role.CANDIDATE, True),
        ("gpt-4o", f"azure/{NAME}", Role.BASELINE, True),
        ("gpt-4o", f"azure/{NAME}", Role.CANDIDATE, False),
        ("azure/gpt-4o", f"azure/{NAME}", Role.CANDIDATE, True),
        ("claude-haiku-4-5", "vertex_ai/claude-haiku-4-5", Role.CANDIDATE, False),
        ("house-model", "hosted_vllm/house-model", Role.CANDIDATE, True),
        (NAME, "litellm/openai/gpt-4o-2024-05-13", Role.BASELINE, False),
        (NAME, "openai/gpt-4o-mini", Role.BASELINE, False),
    ],
)
def test_which_model_is_meant(store: Store, logged: str, registered: str, role: Role, is_same: bool) -> None:
    """A candidate at another host than the log's calls went to is what could be paid, not what is."""
    study = ten_days(store, name=logged)
    contract(store, study, registered, role=role)
    assert {cost.model for cost in given_costs(store, study)} == ({logged} if is_same else set())


def test_the_baseline_without_given_prices_is_not_billed_by_another_host(store: Store) -> None:
    study = ten_days(store)
    add_model(store, study.id, Model(name="today", litellm_id="openai/gpt-4o", role=Role.BASELINE))
    contract(store, study, f"azure/{NAME}")
    assert given_costs(store, study) == ()


def test_what_a_batch_takes_off_is_told_by_prices_of_one_day(store: Store) -> None:
    """The list was cut between the calls; half of the list is half of the contract on both days."""
    usage = Usage(input_tokens=1000, output_tokens=100)
    days = (-80.0, 10.0)  # gpt-5.6-sol: 5 and 30 dollars until August 20, 4 and 20 since
    listed = [price_logged("gpt-5.6-sol", usage, START + timedelta(days=day), Terms(tier="batch")) for day in days]
    assert [usd for usd, _ in filter(None, listed)] == [pytest.approx(0.004), pytest.approx(0.003)]
    calls = [
        (made_call(days=day, model="gpt-5.6-sol", usage=usage), priced[0])
        for day, priced in zip(days, filter(None, listed), strict=True)
    ]
    study = store_calls(store, calls, sources={priced[0]: priced[1] for priced in filter(None, listed)})
    contract(store, study, "openai/gpt-5.6-sol")
    assert month(store, study) == pytest.approx((1000 * 1.25 + 100 * 5) / 1e6 / 2 * 2 / 90 * MONTH)


def test_a_batch_that_stays_in_one_country_has_both_in_its_price(store: Store) -> None:
    """Half for the batch, a tenth more for the country."""
    usage = Usage(input_tokens=1000, output_tokens=100)
    listed = price_logged("claude-opus-4-6", usage, START, Terms(tier="batch", geography="us"))
    assert listed
    calls = [(made_call(days=day, model="claude-opus-4-6", usage=usage), listed[0]) for day in (0.0, 10.0)]
    study = store_calls(store, calls, sources={listed[0]: listed[1]})
    contract(store, study, "anthropic/claude-opus-4-6")
    assert month(store, study) == pytest.approx((1000 * 1.25 + 100 * 5) / 1e6 * 0.55 * 2 / 10 * MONTH)


def test_a_cache_kept_an_hour_costs_as_much_more_as_at_list_prices(store: Store) -> None:
    """Half of Anthropic's prices for input, cache and output is half of the bill."""
    usage = Usage(input_tokens=400, cache_read_tokens=9000, cache_write_tokens=300, output_tokens=400)
    listed = price_logged("claude-haiku-4-5", usage, START, Terms(cache_write_1h_tokens=200))
    assert listed
    usd = (400 * 1 + 9000 * 0.1 + 100 * 1.25 + 200 * 2 + 400 * 5) / 1e6
    assert listed[0] == pytest.approx(usd)
    calls = [(made_call(days=day, model="claude-haiku-4-5", usage=usage), listed[0]) for day in (0.0, 10.0)]
    study = store_calls(store, calls, sources={listed[0]: replace(listed[1], cache_1h=True)})
    half = {"input": 0.5, "cache_read": 0.05, "cache_write": 0.625, "output": 2.5}
    contract(store, study, "anthropic/claude-haiku-4-5", prices=Prices(**half))
    assert month(store, study) == pytest.approx(usd / 2 * 2 / 10 * MONTH)
    assert {cost.source for cost in given_costs(store, study)} == {AT_CONTRACT}


@pytest.mark.parametrize("is_mixed", [False, True])
def test_counted_anew_the_traffic_is_the_same(any_store: Store, is_mixed: bool) -> None:
    """At a price that is the stored one, every other sum is as it was rolled up at import; so it is of other models."""
    logged = changed(made_call(days=2, model=NAME, usage=CACHED), cost_usd=0.02)
    study = ten_days(
        any_store,
        (made_call(days=2, model=NAME, usage=CACHED, answer=None, error="HTTP 500"), None),
        (made_call(days=2, model="gpt-4o-mini", usage=CACHED), 0.001),
        (made_call(days=2, model=None, usage=CACHED), 0.002),
        (made_call(days=3, model=NAME, usage=None), None),
        *([(logged, 0.02), (changed(logged, usage=None), 0.02)] if is_mixed else []),
        sources={0.02: AS_LOGGED},
    )
    contract(any_store, study, prices=Prices(input=2.5, output=5.0))
    assert [cost.is_whole for cost in given_costs(any_store, study)] == [not is_mixed]
    stored = load_traffic(any_store, study.id)
    anew = load_traffic(any_store, study.id, given_costs(any_store, study))
    assert set(stored["priced"]) == {0, 1, 2} if is_mixed else {0, 1}
    first, second = (frame.sort_values(["hour", "model"], ignore_index=True) for frame in (anew, stored))
    pd.testing.assert_frame_equal(first, second)


def test_the_decision_saves_what_the_contract_takes(store: Store, tmp_path: Path) -> None:
    """Recorded answers of gpt-4o, 100 tokens in and 5 out; the contract asks half of the list."""
    rows = [call(n, answer="wrong" if n % 10 == 0 else TEXT, target=TEXT) for n in range(100)]
    study, _, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: TEXT})
    before = decide(store, study)
    contract(store, find_study(store, study.name), "openai/gpt-4o", role=Role.BASELINE)
    after = decide(store, find_study(store, study.name))
    first, second = before.recommendation.bill.monthly, after.recommendation.bill.monthly
    assert first is not None
    assert second is not None
    assert second.baseline_usd == pytest.approx(first.baseline_usd / 2)
    assert second.savings_usd.point == pytest.approx(second.baseline_usd - first.plan_usd)
    assert AT_CONTRACT in after.price_sources


@pytest.mark.parametrize(
    ("name", "tokens", "count"), [("gpt-6-sol", 300_000, 2), ("gpt-6-sol", 9_000, 0), (NAME, 300_000, 0)]
)
def test_calls_so_long_that_the_list_asks_more_are_counted(store: Store, name: str, tokens: int, count: int) -> None:
    calls = [(made_call(days=day, model=name, usage=Usage(input_tokens=tokens)), 1.0) for day in (0.0, 10.0)]
    study = store_calls(store, calls)
    contract(store, study, f"openai/{name}")
    assert count_costlier_at_list(store, study, given_costs(store, study)) == count
