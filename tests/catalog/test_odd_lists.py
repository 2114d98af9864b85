"""Lists over HTTP with rules, marks, names or days that are none."""

from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from advisor.catalog.open_models import DATA
from advisor.catalog.refresh import Outcome, Refreshed, refresh
from advisor.catalog.refresh_kept import read_index
from advisor.catalog.refresh_lists import configured_sources
from advisor.money.closed_models import deadlines
from advisor.money.price_refresh import use_newest_lists
from advisor.store import Store
from tests.catalog.made_lists import ListServer
from tests.made.traffic import made_call, store_calls

NOW = datetime.now(UTC)
GENAI, LITELLM = "genai-prices", "litellm"


def refreshed(folder: Path, name: str = GENAI) -> Refreshed:
    sources = [source for source in configured_sources() if source.name == name]
    (done,) = refresh(sources, folder, DATA, now=NOW).lists
    use_newest_lists()
    return done


def test_a_rule_that_is_none_refuses_the_list(server: ListServer, folder: Path) -> None:
    server.model("openai", "gpt-4o")["match"] = {"regex": "gpt-4o("}
    done = refreshed(folder)
    assert (done.outcome, read_index(folder).kept) == (Outcome.FAILED, {})
    assert "genai-prices cannot read it" in done.why


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
