"""A person's own prices on the command line."""

from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.measure.registration import in_dollars
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.studies import create_study
from advisor.types import Model, Prices
from tests.command import Advisor

ADD = ("model", "add", "Contract", "--study", "s", "--model", "openai/gpt-4o")


@pytest.fixture
def advisor(tmp_path: Path) -> Advisor:
    made = Advisor(tmp_path)
    store = Store(made.url)
    create_study(store, "s")
    store.close()
    return made


def registered(advisor: Advisor) -> Model:
    store = Store(advisor.url)
    try:
        return list_models(store, 1)[0]
    finally:
        store.close()


def test_prices_of_cached_input(advisor: Advisor) -> None:
    given = ("--input-price", "3", "--output-price", "9", "--cache-read-price", "0.3", "--cache-write-price", "3.75")
    assert advisor.run(*ADD, *given)["priced"] is True
    model = registered(advisor)
    assert (model.prices.input, model.prices.output) == (3.0, 9.0)
    assert (model.prices.cache_read, model.prices.cache_write) == (0.3, 3.75)


def test_prices_in_another_currency_are_kept_in_dollars(advisor: Advisor) -> None:
    advisor.run(*ADD, "--input-price", "3", "--output-price", "9", "--usd-per-unit", "1.1")
    model = registered(advisor)
    assert model.prices.input == pytest.approx(3.3)
    assert model.prices.output == pytest.approx(9.9)
    assert model.prices.cache_read is None
    for rate in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="above 0"):
            in_dollars(model.prices, rate)


def test_a_currency_without_prices_is_refused() -> None:
    with pytest.raises(BadInput, match="needs prices"):
        in_dollars(Prices(), 2.0)


def test_prices_by_name_are_set_listed_and_removed(advisor: Advisor, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"prompt": "q", "response": "a", "model": "ours", "input_tokens": 9, "output_tokens": 9}')
    advisor.run("import", str(log), "--study", "s", "--no-redact")
    at = ("price-name", "--study", "s")
    assert advisor.run(*at)["unpriced_models"] == {"ours": 1}
    advisor.run(*at, "ours", "--input", "nan", "--output", "1", code=2)
    advisor.run(*at, "our", "--same-as", "gpt-4o", code=2)
    advisor.run(*at, "--same-as", "gpt-4o", code=2)
    assert advisor.run(*at, "ours", "--input", "25", "--output", "1")["prices"] == {"ours": {"input": 25, "output": 1}}
    assert advisor.run(*at)["prices"] == {"ours": {"input": 25, "output": 1}}
    assert advisor.run(*at, "ours", "--forget")["unpriced_models"] == {"ours": 1}
    advisor.run(*at, "ours", "--forget", code=2)
