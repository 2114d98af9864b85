"""Models of a log that no price list has: listed once, then priced as another model or at prices that are given."""

import json
from pathlib import Path

import pytest

from advisor.collect.contract_prices import given_costs, price_as, price_at, unpriced_models
from advisor.collect.imports import ImportOptions, ImportReport, import_logs
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.log.traffic import sum_logs
from advisor.store.studies import find_study
from advisor.types import Prices


@pytest.fixture
def report(store: Store, tmp_path: Path) -> ImportReport:
    rows = [
        {"prompt": f"q{n}", "response": "a", "model": model, "input_tokens": 1_000_000, "output_tokens": 1000}
        for n, model in enumerate(["our-deployment", "our-deployment", "gpt-4o"])
    ]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return import_logs(store, "Mine", [path], ImportOptions(redact=False))


def cost(store: Store) -> float:
    study = find_study(store, "Mine")
    return sum_logs(store, [1], given_costs(store, study)).cost_usd or 0.0


def test_a_deployment_is_priced_as_its_model(store: Store, report: ImportReport) -> None:
    assert report.unpriced == {"our-deployment": 2}
    study, before = find_study(store, "Mine"), cost(store)
    price_as(store, study, "our-deployment", "gpt-4o")
    assert unpriced_models(store, study) == {}
    assert cost(store) == pytest.approx(3 * before)


def test_or_at_prices_that_are_given(store: Store, report: ImportReport) -> None:
    study, before = find_study(store, "Mine"), cost(store)
    price_at(store, study, "our-deployment", Prices(input=1.0, output=10.0))
    assert cost(store) == pytest.approx(before + 2 * (1.0 + 0.01))


@pytest.mark.parametrize("prices", [Prices(input=1.0), Prices(input=-1.0, output=1.0), Prices()])
def test_what_is_no_price_is_refused(store: Store, report: ImportReport, prices: Prices) -> None:
    study = find_study(store, "Mine")
    with pytest.raises(BadInput):
        price_at(store, study, "our-deployment", prices)
    with pytest.raises(BadInput):
        price_as(store, study, "our-deployment", "another-unknown")
    assert unpriced_models(store, study) == {"our-deployment": 2}
