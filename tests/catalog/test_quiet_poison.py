"""Lists over HTTP whose poison no jump shows: addresses, steps, everything at once; and hosts that have ended."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.catalog.hosted import hosted_prices
from advisor.catalog.open_models import DATA, candidates_catalog
from advisor.catalog.prices import price_call, price_logged
from advisor.catalog.refresh import Outcome, Refreshed, refresh
from advisor.catalog.refresh_lists import configured_sources
from advisor.money.demand import hosted_price
from advisor.money.price_refresh import use_newest_lists
from advisor.types import Model, Usage
from tests.catalog.made_lists import ListServer

NOW = datetime.now(UTC)
USAGE = Usage(input_tokens=1_000, output_tokens=1_000)
GENAI, LITELLM = "genai-prices", "litellm"


def refreshed(folder: Path, name: str) -> Refreshed:
    sources = [source for source in configured_sources() if source.name == name]
    (done,) = refresh(sources, folder, DATA, now=NOW).lists
    use_newest_lists()
    return done


def test_a_fetched_list_does_not_say_whose_an_address_is(server: ListServer, folder: Path) -> None:
    own = Model(name="m", litellm_id="openai/gpt-4o", api_base="http://vllm.internal:8000/v1")
    theirs = Model(name="m", litellm_id="openai/gpt-4o", api_base="https://api.openai.com/v1")
    for provider in server.lists[GENAI]:
        provider["api_pattern"] = ".*"
    server.lists[GENAI].insert(0, {"id": "new", "name": "New", "api_pattern": ".*", "models": []})
    assert refreshed(folder, GENAI).outcome is Outcome.UPDATED
    assert price_call(own, USAGE, NOW) is None
    priced = price_call(theirs, USAGE, NOW)
    assert priced is not None
    assert priced[0] == pytest.approx((2.5 + 10) / 1e3)


def test_where_a_step_begins_is_compared(server: ListServer, folder: Path) -> None:
    first, last = server.lists[LITELLM]["dashscope/qwen-flash"]["tiered_pricing"]
    last["range"][0] = 0
    done = refreshed(folder, LITELLM)
    (change,) = done.changes.prices
    assert change.model == "dashscope/qwen-flash"
    assert (change.before["input"], change.after["input"]) == (0.05, 0.25)
    assert "input above 256000" in change.before.keys() - change.after.keys()
    assert first["range"][0] == 0


def times(prices: Any, factor: float) -> Any:
    if isinstance(prices, list):
        return [times(each, factor) for each in prices]
    if isinstance(prices, dict):
        return {key: times(value, factor) if key != "start" else value for key, value in prices.items()}
    return prices * factor if isinstance(prices, float) else prices


def test_a_list_in_which_many_prices_moved_much_is_refused(server: ListServer, folder: Path) -> None:
    before = price_logged("gpt-4o", USAGE, NOW)
    openai = next(provider for provider in server.lists[GENAI] if provider["id"] == "openai")
    for model in openai["models"]:
        model["prices"] = times(model["prices"], 1.6)
    assert refreshed(folder, GENAI).outcome is Outcome.UPDATED, "those of one provider are few"
    for provider in server.lists[GENAI]:
        for model in provider["models"]:
            model["prices"] = times(model["prices"], 1.6)
    done = refreshed(folder, GENAI)
    assert done.outcome is Outcome.FAILED
    assert "by half or more at once" in done.why
    after = price_logged("gpt-4o", USAGE, NOW)
    assert before is not None
    assert after is not None
    assert after[0] == pytest.approx(1.6 * before[0])


def test_a_host_that_has_ended_has_no_price_among_the_hosts(server: ListServer, folder: Path) -> None:
    model = next(model for model in candidates_catalog() if model.id == "gpt-oss-120b")
    middle = next(price for price in hosted_prices(NOW) if price.name == model.name)
    before = hosted_price(model, USAGE, NOW)
    assert before is not None
    server.lists[LITELLM][middle.litellm_id]["deprecation_date"] = "2026-01-01"
    refreshed(folder, LITELLM)
    after = hosted_price(model, USAGE, NOW)
    assert after is not None
    assert after.source.values["prices"] == before.source.values["prices"] - 1
    now = next(price for price in hosted_prices(NOW) if price.name == model.name)
    assert now.litellm_id != middle.litellm_id
