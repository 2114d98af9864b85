"""Prices given for a study, as in a contract: today's bill goes by them wherever the log tells no cost itself."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from advisor.catalog.given_prices import GIVEN
from advisor.catalog.prices import price_logged
from advisor.catalog.terms import Terms
from advisor.store import Store
from advisor.store.logs import load_sample_facts
from advisor.store.models import add_model, delete_model
from advisor.store.traffic import load_traffic, sum_by_use_case
from advisor.study.decisions import decide
from advisor.study.given_costs import given_costs
from advisor.study.profile import load_facts, profile_of
from advisor.study.projection import project
from advisor.study.stay import stay_options
from advisor.study.studies import find_study
from advisor.study.volume import volume_by_use_case
from advisor.types import Model, Role, Sample, Study, Usage
from tests.server import TEXT
from tests.study.made_log import call
from tests.study.made_run import replayed
from tests.study.made_traffic import START, made_call, store_calls

NAME = "gpt-4o-2024-08-06"
MONTH = 365.25 / 12
CACHED = Usage(input_tokens=600, cache_read_tokens=400, output_tokens=100)
GIVEN_USD = (600 * 1.25 + 400 * 1.25 + 100 * 5) / 1e6
"""A call of CACHED at the contract's prices, which know none for cached input."""


def contract(store: Store, study: Study, litellm_id: str = f"openai/{NAME}", **more: Any) -> Model:
    prices = {"input_price_usd_per_mtok": 1.25, "output_price_usd_per_mtok": 5.0}
    return add_model(store, study.id, Model(**{"name": "closed", "litellm_id": litellm_id, **prices, **more}))


def month(store: Store, study: Study) -> float | None:
    """Today's bill, which all who tell it tell alike."""
    usd = profile_of(load_facts(store, study), 1.0).monthly_usd
    told = [volume_by_use_case(store, study, given_costs(store, study))["Triage"].monthly_usd]
    line = project(store, study, None, 0.95).total.today
    told.append(line.point if line else None)
    assert told == [usd if usd is None else pytest.approx(usd)] * 2
    return usd


def ten_days(store: Store, *calls: tuple[Sample, float | None], name: str = NAME) -> Study:
    """Two calls at list price, ten days apart, and more between."""
    ends = [(made_call(days=day, model=name, usage=CACHED), 0.0030) for day in (0.0, 10.0)]
    return store_calls(store, [*ends, *calls])


def test_the_bill_goes_by_the_price_of_now_with_no_import(any_store: Store) -> None:
    study = ten_days(any_store)
    assert month(any_store, study) == pytest.approx(0.006 / 10 * MONTH)
    model = contract(any_store, study, role=Role.BASELINE)
    assert month(any_store, study) == pytest.approx(2 * GIVEN_USD / 10 * MONTH)
    add_model(any_store, study.id, replace(model, cache_read_price_usd_per_mtok=0.5))
    assert month(any_store, study) == pytest.approx(2 * (GIVEN_USD - 400 * 0.75 / 1e6) / 10 * MONTH)
    delete_model(any_store, model.id or 0)
    assert month(any_store, study) == pytest.approx(0.006 / 10 * MONTH), "what is stored stays"


def test_a_cost_that_the_log_tells_wins_and_a_call_that_failed_is_free(any_store: Store) -> None:
    """Without a price on any list it is known by the given one; other models and calls without tokens stay."""
    logged = replace(made_call(days=1, model=NAME, usage=CACHED), cost_usd=0.02)
    failed = made_call(days=2, model=NAME, usage=CACHED, answer=None, error="HTTP 500")
    other = made_call(days=3, model="gpt-4o-mini", usage=CACHED)
    untold = made_call(days=4, model=NAME, usage=None)
    study = store_calls(
        any_store,
        [(logged, 0.02), (failed, None), (other, 0.001), (untold, None)]
        + [(made_call(days=day, model=NAME, usage=CACHED), None) for day in (0.0, 10.0)],
        sources={0.02: "as logged"},
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
    assert set(facts["price_source"]) == {f"{GIVEN}, batch"}
    batch = next(one for one in stay_options(store, study) if one.name == "Batch prices")
    assert batch.calls == 0, "it is one already"


@pytest.mark.parametrize(
    ("logged", "registered", "is_same"),
    [
        (NAME, "openai/gpt-4o", True),
        ("gpt-4o", f"azure/{NAME}", True),
        (NAME, "litellm/openai/gpt-4o-2024-05-13", False),
        (NAME, "openai/gpt-4o-mini", False),
    ],
)
def test_which_model_is_meant(store: Store, logged: str, registered: str, is_same: bool) -> None:
    study = ten_days(store, name=logged)
    contract(store, study, registered)
    assert {cost.model for cost in given_costs(store, study)} == ({logged} if is_same else set())


def test_the_baseline_without_given_prices_is_not_billed_by_another_host(store: Store) -> None:
    study = ten_days(store)
    add_model(store, study.id, Model(name="today", litellm_id="openai/gpt-4o", role=Role.BASELINE))
    contract(store, study, f"azure/{NAME}")
    assert given_costs(store, study) == ()


def test_counted_anew_the_traffic_is_the_same(any_store: Store) -> None:
    """At a price that is the stored one, every other sum is as it was rolled up at import."""
    study = ten_days(any_store, (made_call(days=2, usage=None, answer=None, error="HTTP 500"), None))
    contract(any_store, study, input_price_usd_per_mtok=2.5, output_price_usd_per_mtok=5.0)
    stored = load_traffic(any_store, study.id)
    anew = load_traffic(any_store, study.id, given_costs(any_store, study))
    frames = (frame.sort_values("hour", ignore_index=True) for frame in (anew, stored))
    pd.testing.assert_frame_equal(*frames)


def test_the_decision_saves_what_the_contract_takes(store: Store, tmp_path: Path) -> None:
    """Recorded answers of gpt-4o, 100 tokens in and 5 out; the contract asks half of the list."""
    rows = [call(n, answer="wrong" if n % 10 == 0 else TEXT, target=TEXT) for n in range(100)]
    study, _, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: TEXT})
    before = decide(store, study)
    contract(store, find_study(store, study.name), "openai/gpt-4o", role=Role.BASELINE)
    after = decide(store, find_study(store, study.name))
    first, second = before.recommendation.monthly, after.recommendation.monthly
    assert first is not None
    assert second is not None
    assert second.baseline_usd == pytest.approx(first.baseline_usd / 2)
    assert second.savings_usd.point == pytest.approx(second.baseline_usd - first.plan_usd)
    assert GIVEN in after.price_sources
