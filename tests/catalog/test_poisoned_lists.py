"""Lists over HTTP with prices that are none, and with everything at nothing."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.catalog.hosts import offers
from advisor.catalog.listed_prices import listed_price
from advisor.catalog.open_models import DATA, candidates_catalog
from advisor.catalog.prices import price_logged
from advisor.catalog.refresh import Outcome, Refresh, refresh
from advisor.catalog.refresh_kept import INDEX, digest_of, read_index, write_index
from advisor.catalog.refresh_lists import VARIABLE, Source, configured_sources
from advisor.errors import BadInput
from advisor.money.price_refresh import use_newest_lists
from advisor.types import Usage
from tests.catalog.made_lists import ListServer, sends

NOW = datetime.now(UTC)
USAGE = Usage(input_tokens=1_000, output_tokens=1_000)
GENAI, LITELLM = "genai-prices", "litellm"
OSS = "together_ai/openai/gpt-oss-120b"


def refreshed(folder: Path, *names: str) -> Refresh:
    sources = [source for source in configured_sources() if not names or source.name in names]
    done = refresh(sources, folder, DATA, now=NOW)
    use_newest_lists()
    return done


def outcome(done: Refresh, name: str) -> Outcome:
    return next(each.outcome for each in done.lists if each.source.name == name)


def why(done: Refresh, name: str) -> str:
    return next(each.why for each in done.lists if each.source.name == name)


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


def test_a_negative_batch_price_of_the_dated_list_refuses_it(server: ListServer, folder: Path) -> None:
    variant = next(
        each for each in server.model("openai", "gpt-4o")["price_variants"] if "input_mtok" in each["prices"]
    )
    variant["prices"]["input_mtok"] = -1
    assert outcome(refreshed(folder, GENAI), GENAI) is Outcome.FAILED


def test_every_price_at_nothing_refuses_the_list(server: ListServer, folder: Path) -> None:
    for entry in server.lists[LITELLM].values():
        if entry.get("input_cost_per_token"):
            entry["input_cost_per_token"] = 0
    assert outcome(refreshed(folder, LITELLM), LITELLM) is Outcome.FAILED
    assert LITELLM not in read_index(folder).kept


TOMORROW = {"start_date": f"{NOW + timedelta(days=1):%Y-%m-%d}"}


def step(prices: Any, changed: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"prices": prices}, {"constraint": TOMORROW, "prices": prices | changed}]


def test_a_step_for_tomorrow_within_bounds_is_taken_and_so_is_a_tier(server: ListServer, folder: Path) -> None:
    model = server.model("openai", "gpt-4o-mini")
    model["prices"] = step(model["prices"], {"output_mtok": 1.2})
    done = refreshed(folder, GENAI)
    assert outcome(done, GENAI) is Outcome.UPDATED
    (change,) = done.lists[0].changes.prices
    day = TOMORROW["start_date"]
    assert change.after[f"output from {day}"] == 1.2


@pytest.mark.parametrize("name", [LITELLM, GENAI])
def test_a_poisoned_copy_that_an_older_program_kept_is_not_used(server: ListServer, folder: Path, name: str) -> None:
    refreshed(folder, name)
    before = listed_price(OSS, USAGE), price_logged("gpt-4o", USAGE, NOW)
    index = read_index(folder)
    kept = index.kept[name]
    body = (folder / kept.file).read_bytes()
    poisoned = body.replace(b'"output_cost_per_token": 6e-07', b'"output_cost_per_token": -6e-07')
    poisoned = poisoned.replace(b'"output_mtok": 10.0', b'"output_mtok": -10.0')
    assert poisoned != body
    (folder / kept.file).write_bytes(poisoned)
    write_index(folder, replace(index, kept={**index.kept, name: replace(kept, digest=digest_of(poisoned))}))
    use_newest_lists()
    after = listed_price(OSS, USAGE), price_logged("gpt-4o", USAGE, NOW)
    assert [price and price[0] for price in after] == [price and price[0] for price in before]
    assert outcome(refreshed(folder, name), name) is Outcome.UPDATED, "and the next refresh replaces it"


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
    assert {each.source.name for each in done.lists if each.outcome is Outcome.FAILED} == {name}
    assert read_index(folder).kept.keys() == {GENAI, LITELLM, "models.dev", "huggingface"} - {name}


def test_what_was_fetched_is_kept_when_a_later_source_ends_everything(server: ListServer, folder: Path) -> None:
    def say(source: Source) -> None:
        if source.name == "models.dev":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh(configured_sources(), folder, DATA, now=NOW, say=say)
    assert set(read_index(folder).kept) == {GENAI, LITELLM}


def test_nothing_of_an_address_but_its_host_is_shown_or_written_down(
    server: ListServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Source(name="x", what="x", url="https://me:s3cret@mirror.local:8443/x?key=k").host == "mirror.local:8443"
    assert Source(name="x", what="x", url="https://mirror.local/x").host == "mirror.local"
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
