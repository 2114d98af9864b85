"""Models of a log that no price list has: listed, priced as another model or at given prices, and taken back."""

import json
import math
from pathlib import Path

import pytest

from advisor.collect.contract_prices import forget_price, given_costs, price_as, price_at, unpriced_models
from advisor.collect.imports import ImportOptions, ImportReport, import_logs
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.log.traffic import sum_logs
from advisor.store.models import add_model
from advisor.store.studies import find_study, list_name_prices
from advisor.types import Model, Prices, Role


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


@pytest.mark.parametrize(
    "prices",
    [Prices(input=1.0), Prices(input=-1.0, output=1.0), Prices(), Prices(input=math.nan, output=1.0),
     Prices(input=1.0, output=math.inf)],
)  # fmt: skip
def test_what_is_no_price_is_refused(store: Store, report: ImportReport, prices: Prices) -> None:
    study = find_study(store, "Mine")
    with pytest.raises(BadInput):
        price_at(store, study, "our-deployment", prices)
    with pytest.raises(BadInput):
        price_as(store, study, "our-deployment", "another-unknown")
    with pytest.raises(BadInput, match="our-deployment"):
        price_as(store, study, "our-deploymnet", "gpt-4o")
    assert unpriced_models(store, study) == {"our-deployment": 2}
    assert list_name_prices(store, study.id) == {}


def test_a_price_is_taken_back(store: Store, report: ImportReport) -> None:
    study, before = find_study(store, "Mine"), cost(store)
    price_at(store, study, "our-deployment", Prices(input=25.0, output=10.0))
    forget_price(store, study, "our-deployment")
    assert (cost(store), unpriced_models(store, study)) == (before, {"our-deployment": 2})
    with pytest.raises(BadInput):
        forget_price(store, study, "our-deployment")


def test_one_cost_in_the_log_hides_no_model(store: Store, tmp_path: Path) -> None:
    rows = [
        {"prompt": f"q{n}", "response": "a", "model": "our-deployment", "input_tokens": 1_000_000, "output_tokens": 1}
        for n in range(5)
    ]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, [rows[0] | {"cost_usd": 1.0}, *rows[1:]])), encoding="utf-8")
    assert import_logs(store, "Mine", [path], ImportOptions(redact=False)).unpriced == {"our-deployment": 4}
    study = find_study(store, "Mine")
    price_at(store, study, "our-deployment", Prices(input=2.0, output=0.0))
    assert cost(store) == pytest.approx(1.0 + 4 * 2.0)
    assert unpriced_models(store, study) == {}


def test_contract_prices_of_a_model_win(store: Store, report: ImportReport) -> None:
    study = find_study(store, "Mine")
    price_as(store, study, "gpt-4o", "gpt-4o-mini")
    prices = Prices(input=7.0, output=0.0)
    add_model(store, study.id, Model(name="ours", litellm_id="gpt-4o", role=Role.BASELINE, prices=prices))
    assert cost(store) == pytest.approx(7.0)
    with pytest.raises(BadInput, match="contract prices"):
        price_as(store, study, "gpt-4o", "gpt-4o-mini")
