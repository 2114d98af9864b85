"""Lists over HTTP that are wrong: prices that are none, everything at nothing or moved at once, days that are none."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.catalog.hosts import hosted_prices, offers
from advisor.catalog.list_copies import INDEX, read_index
from advisor.catalog.list_sources import VARIABLE, Source, configured_sources
from advisor.catalog.listed_models import listed_price
from advisor.catalog.open_models import candidates_catalog
from advisor.catalog.prices import price_logged
from advisor.catalog.refresh import Outcome, Refreshed, refresh
from advisor.errors import BadInput
from advisor.money.closed_models import deadlines
from advisor.money.demand import hosted_price
from advisor.money.price_refresh import use_newest_lists
from advisor.store import Store
from advisor.types import Usage
from tests.catalog.made_lists import ListServer, sends
from tests.made.traffic import made_call, store_calls

NOW = datetime.now(UTC)
USAGE = Usage(input_tokens=1_000, output_tokens=1_000)
GENAI, LITELLM = "genai-prices", "litellm"
OSS = "together_ai/openai/gpt-oss-120b"


def refreshed(folder: Path, *names: str) -> list[Refreshed]:
    sources = [source for source in configured_sources() if not names or source.name in names]
    done = refresh(sources, folder, now=NOW)
    use_newest_lists()
    return done


def one(folder: Path, name: str) -> Refreshed:
    (done,) = refreshed(folder, name)
    return done


def outcome(done: list[Refreshed], name: str) -> Outcome:
    return next(each.outcome for each in done if each.source.name == name)


def why(done: list[Refreshed], name: str) -> str:
    return next(each.why for each in done if each.source.name == name)


@pytest.mark.parametrize("price", [-1e-7, float("nan"), float("inf"), float("-inf"), "1e-7", True, [1e-7]])
def test_a_price_that_is_none_refuses_the_list(server: ListServer, folder: Path, price: object) -> None:
    before = listed_price(OSS, USAGE)
    assert before is not None
    server.lists[LITELLM][OSS]["output_cost_per_token"] = price
    server.model("openai", "gpt-4o")["prices"]["input_mtok"] = [price]
    done = refreshed(folder, GENAI, LITELLM)
    assert {outcome(done, GENAI), outcome(done, LITELLM)} == {Outcome.FAILED}
    assert read_index(folder).kept == {}
    assert listed_price(OSS, USAGE) == before


def test_a_number_beyond_all_numbers_refuses_the_list(server: ListServer, folder: Path) -> None:
    body = json.dumps(server.lists[LITELLM]).replace('"output_cost_per_token": 6e-07', '"output_cost_per_token": 1e999')
    assert "1e999" in body
    server.misbehave[LITELLM] = sends(body.encode())
    assert "inf" in why(refreshed(folder, LITELLM), LITELLM)


@pytest.mark.parametrize("kind", ["input_mtok", "output_mtok", "cache_read_mtok"])
def test_a_negative_price_of_the_dated_list_is_named(server: ListServer, folder: Path, kind: str) -> None:
    server.model("openai", "gpt-4o")["prices"][kind] = -5
    done = refreshed(folder, GENAI)
    assert outcome(done, GENAI) is Outcome.FAILED
    assert "'openai/gpt-4o' is -5" in why(done, GENAI)


def test_every_price_at_nothing_refuses_the_list(server: ListServer, folder: Path) -> None:
    for entry in server.lists[LITELLM].values():
        if entry.get("input_cost_per_token"):
            entry["input_cost_per_token"] = 0
    assert outcome(refreshed(folder, LITELLM), LITELLM) is Outcome.FAILED
    assert LITELLM not in read_index(folder).kept


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (GENAI, b"[" * 200_000),
        (GENAI, b'[{"a":' + b"[" * 900 + b"]" * 900 + b"}]"),
        (LITELLM, b'{"a":' * 100_000),
        ("models.dev", b"[" * 200_000),
        ("huggingface", b"[" * 200_000),
    ],
)
def test_endless_nesting_is_one_broken_list_and_no_more(
    server: ListServer, folder: Path, name: str, body: bytes
) -> None:
    server.misbehave[name] = sends(body)
    done = refreshed(folder)
    assert {each.source.name for each in done if each.outcome is Outcome.FAILED} == {name}
    assert read_index(folder).kept.keys() == {GENAI, LITELLM, "models.dev", "huggingface"} - {name}


def test_what_was_fetched_is_kept_when_a_later_source_ends_everything(server: ListServer, folder: Path) -> None:
    def say(source: Source) -> None:
        if source.name == "models.dev":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh(configured_sources(), folder, now=NOW, say=say)
    assert set(read_index(folder).kept) == {GENAI, LITELLM}


def test_nothing_of_an_address_but_its_host_is_shown_or_written_down(
    server: ListServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Source(name="x", url="https://me:s3cret@mirror.local:8443/x?key=k").host == "mirror.local:8443"
    assert Source(name="x", url="https://mirror.local/x").host == "mirror.local"
    for address in ("https://me:s3cret@mirror.local/x", "https://me@mirror.local/x"):
        for setting in (f"litellm={address}", address):
            monkeypatch.setenv(VARIABLE, setting)
            with pytest.raises(BadInput) as refused:
                configured_sources()
            assert "s3cret" not in str(refused.value)
            assert "me@" not in str(refused.value)
    for address in ("https://", "https://[", "https://host:port/x", "ftp://mirror.local/x"):
        monkeypatch.setenv(VARIABLE, f"litellm={address}")
        with pytest.raises(BadInput, match="https://, or"):
            configured_sources()
    off = "genai-prices=off models.dev=off huggingface=off"
    monkeypatch.setenv(VARIABLE, f"litellm={server.url}/list/litellm?key=s3cret {off}")
    assert outcome(refreshed(folder), LITELLM) is Outcome.UPDATED
    assert outcome(refreshed(folder), LITELLM) is Outcome.UNCHANGED
    written = (folder / INDEX).read_text()
    assert "s3cret" not in written
    assert server.url not in written


def test_hosts_and_prices_come_from_the_same_list(server: ListServer, folder: Path) -> None:
    model = next(model for model in candidates_catalog() if model.id == "kimi-k3")
    repo = model.hf_repo or ""
    before = {offer.litellm_id for offer in offers(model, NOW.date())}
    entry = {"litellm_provider": "nebius", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    server.lists[LITELLM][f"newhost/{repo}"] = entry | {"deprecation_date": "soon", "max_input_tokens": 7}
    refreshed(folder)
    now = {offer.litellm_id: offer for offer in offers(model, NOW.date())}
    assert now.keys() - before == {f"newhost/{repo}"}
    assert (now[f"newhost/{repo}"].context_tokens, now[f"newhost/{repo}"].ends_on) == (7, None)
    assert listed_price(f"newhost/{repo}", USAGE) is not None


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
    assert one(folder, GENAI).outcome is Outcome.UPDATED, "those of one provider are few"
    for provider in server.lists[GENAI]:
        for model in provider["models"]:
            model["prices"] = times(model["prices"], 1.6)
    done = one(folder, GENAI)
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
    one(folder, LITELLM)
    after = hosted_price(model, USAGE, NOW)
    assert after is not None
    assert after.source.values["prices"] == before.source.values["prices"] - 1
    now = next(price for price in hosted_prices(NOW) if price.name == model.name)
    assert now.litellm_id != middle.litellm_id


@pytest.mark.parametrize("day", ["2027-02-30", 20270228])
def test_a_day_that_is_none_is_no_deadline(server: ListServer, folder: Path, store: Store, day: object) -> None:
    server.lists[LITELLM]["gpt-4o"]["deprecation_date"] = day
    refreshed(folder, LITELLM)
    (found,) = deadlines(store, store_calls(store, [(made_call("a", model="gpt-4o"), 0.1)]))
    assert found.on is None
    assert found.provider is None
