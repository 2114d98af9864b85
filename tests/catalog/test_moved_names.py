"""Lists over HTTP in which other entries price a name than before, prices are gone, or something cannot be written."""

from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from advisor.catalog.open_models import DATA
from advisor.catalog.prices import price_logged
from advisor.catalog.refresh import Outcome, Refreshed, refresh, review
from advisor.catalog.refresh_kept import read_index
from advisor.catalog.refresh_lists import configured_sources
from advisor.store import Store
from advisor.study.closed_models import deadlines
from advisor.study.refresh import use_newest_lists
from advisor.types import PriceOrigin, Usage
from tests.catalog.made_lists import ListServer
from tests.study.made_traffic import made_call, store_calls

NOW = datetime.now(UTC)
USAGE = Usage(input_tokens=1_000, output_tokens=1_000)
GENAI, LITELLM = "genai-prices", "litellm"
LUNA = "gpt-5.6-luna"


def refreshed(folder: Path, name: str = GENAI) -> Refreshed:
    sources = [source for source in configured_sources() if source.name == name]
    (done,) = refresh(sources, folder, DATA, now=NOW).lists
    use_newest_lists()
    return done


def usd(name: str, usage: Usage = USAGE) -> float:
    priced = price_logged(name, usage, NOW)
    assert priced is not None
    return priced[0]


def spelled_at(server: ListServer, model: str, *names: str) -> None:
    """Only these names find a model of OpenAI's."""
    server.model("openai", model)["match"] = {"or": [{"equals": name} for name in names]}


def test_a_name_that_a_much_dearer_entry_takes_over_waits_for_a_person(server: ListServer, folder: Path) -> None:
    before = usd(LUNA)
    spelled_at(server, LUNA, "nobody")
    spelled_at(server, "gpt-4", "gpt-4", LUNA)
    done = refreshed(folder)
    assert done.outcome is Outcome.HELD
    assert f"openai/{LUNA}" in done.why
    change = next(change for change in done.changes.prices if change.model == f"openai/{LUNA}")
    assert (change.before["input"], change.after["input"]) == (0.2, 30.0)
    assert usd(LUNA) == before
    assert review([GENAI], folder, DATA) == []
    assert refreshed(folder).outcome is Outcome.UPDATED
    assert usd(LUNA) == pytest.approx((30 + 60) / 1e3)


def test_a_name_that_an_entry_of_nearly_the_same_price_takes_over_is_told(server: ListServer, folder: Path) -> None:
    spelled_at(server, "gpt-4o", "gpt-4o")
    spelled_at(server, "gpt-4.1", "gpt-4.1", "gpt-4o-2024-11-20")
    done = refreshed(folder)
    assert done.outcome is Outcome.UPDATED
    change = next(change for change in done.changes.prices if change.model == "openai/gpt-4o-2024-11-20")
    assert (change.before["input"], change.after["input"]) == (2.5, 2.0)
    assert {f"openai/{LUNA}", "openai/gpt-4o"}.isdisjoint(change.model for change in done.changes.prices)


def test_names_that_come_and_go_with_a_rule_are_told(server: ListServer, folder: Path) -> None:
    spelled_at(server, LUNA, LUNA, "gpt-5.6-moon")
    server.model("openai", "gpt-4")["match"] = {"equals": "nobody"}
    done = refreshed(folder)
    assert done.outcome is Outcome.UPDATED
    assert "openai/gpt-5.6-moon" in done.changes.new
    assert "openai/gpt-4" in done.changes.gone
    second = price_logged("gpt-4", USAGE, NOW)
    assert second is not None
    assert second[1].origin is PriceOrigin.LITELLM, "today's list still has it"


def test_a_provider_that_takes_a_bare_name_for_its_own_is_told(server: ListServer, folder: Path) -> None:
    other = next(each for each in server.lists[GENAI] if each["id"] < "openai" and not each.get("model_match"))
    other["model_match"] = {"equals": LUNA}
    other["models"].insert(
        0, {"id": LUNA, "match": {"equals": LUNA}, "prices": {"input_mtok": 100.0, "output_mtok": 100.0}}
    )
    done = refreshed(folder)
    assert done.outcome is Outcome.HELD
    assert done.why.count(LUNA) == 1
    assert read_index(folder).jumped[GENAI][0].model == LUNA


def test_a_rule_that_is_none_refuses_the_list(server: ListServer, folder: Path) -> None:
    server.model("openai", "gpt-4o")["match"] = {"regex": "gpt-4o("}
    done = refreshed(folder)
    assert (done.outcome, read_index(folder).kept) == (Outcome.FAILED, {})
    assert "rule" in done.why


def without(prices: Any, kind: str) -> None:
    """Take one kind of price out of all that an entry holds."""
    if isinstance(prices, list):
        for part in prices:
            without(part, kind)
    elif isinstance(prices, dict):
        prices.pop(kind, None)
        without(list(prices.values()), kind)


@pytest.mark.parametrize(
    ("provider", "model", "kind", "outcome"),
    [
        ("anthropic", "claude-opus-5-5", "cache_read_mtok", Outcome.HELD),  # twenty times cheaper than input
        ("openai", "gpt-4o-mini", "cache_read_mtok", Outcome.UPDATED),  # two times
        ("openai", "gpt-4o", "output_mtok", Outcome.HELD),
        ("openai", "gpt-4o", "input_mtok", Outcome.HELD),
    ],
)
def test_a_price_that_is_gone(
    server: ListServer, folder: Path, provider: str, model: str, kind: str, outcome: Outcome
) -> None:
    without(server.model(provider, model), kind)
    done = refreshed(folder)
    assert done.outcome is outcome
    assert [change.model for change in done.changes.prices] == [f"{provider}/{model}"]
    if outcome is Outcome.HELD:
        (held,) = read_index(folder).jumped[GENAI]
        name = kind.removesuffix("_mtok")
        assert held.jumps[name] is None
        assert review([GENAI], folder, DATA) == []
        assert read_index(folder).reviewed_prices[GENAI][held.model][name] is None
        assert refreshed(folder).outcome is Outcome.UPDATED


def test_an_entry_that_lost_every_price_is_told_and_waits(server: ListServer, folder: Path) -> None:
    before = usd("gpt-4o")
    server.model("openai", "gpt-4o")["prices"] = []
    done = refreshed(folder)
    assert done.outcome is Outcome.HELD
    change = next(change for change in done.changes.prices if change.model == "openai/gpt-4o")
    assert (change.before["input"], dict(change.after)) == (2.5, {})
    assert usd("gpt-4o") == before


def test_a_mark_that_is_no_plain_text_is_left_out(server: ListServer, folder: Path) -> None:
    def answer(request: BaseHTTPRequestHandler, body: bytes) -> None:
        head = b'HTTP/1.0 200 OK\r\nETag: "\xff\xfe"\r\nContent-Length: %d\r\n\r\n'
        request.wfile.write(head % len(body) + body)
        request.close_connection = True

    server.misbehave[GENAI] = answer
    assert refreshed(folder).outcome is Outcome.UPDATED
    assert read_index(folder).kept[GENAI].etag is None


def half_a_letter(entry: dict[str, Any]) -> dict[str, Any]:
    return {"gpt-4o-\ud800": entry | {"input_cost_per_token": 1.0}}


def two_halves(entry: dict[str, Any]) -> dict[str, Any]:
    return {"gpt-4o-\U0001f600": entry}


@pytest.mark.parametrize(
    ("make", "outcome"), [(half_a_letter, Outcome.FAILED), (two_halves, Outcome.UPDATED)], ids=["half", "whole"]
)
def test_a_name_that_cannot_be_written_refuses_its_list_alone(
    server: ListServer, folder: Path, make: Callable[[dict[str, Any]], dict[str, Any]], outcome: Outcome
) -> None:
    assert refreshed(folder, LITELLM).outcome is Outcome.UPDATED
    server.lists[LITELLM] |= make(server.lists[LITELLM]["gpt-4o"])
    done = refreshed(folder, LITELLM)
    assert done.outcome is outcome
    assert ("whole JSON" in done.why) == (outcome is Outcome.FAILED)
    assert read_index(folder).kept[LITELLM].entries >= 3_000


@pytest.mark.parametrize("day", ["2027-02-30", 20270228])
def test_a_day_that_is_none_is_no_deadline(server: ListServer, folder: Path, store: Store, day: object) -> None:
    server.lists[LITELLM]["gpt-4o"]["deprecation_date"] = day
    refreshed(folder, LITELLM)
    (found,) = deadlines(store, store_calls(store, [(made_call("a", model="gpt-4o"), 0.1)]))
    assert found.on is None
    assert found.provider is None
