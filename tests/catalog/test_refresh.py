"""Refreshing over HTTP: newer lists are taken, broken ones are not, and what must be looked at waits for a person."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from advisor.catalog.list_content import Changes
from advisor.catalog.list_copies import INDEX, LicenceChange, copies, read_copy, read_index
from advisor.catalog.list_sources import VARIABLE, Source, configured_sources, licence_named
from advisor.catalog.listed_models import capabilities_of
from advisor.catalog.open_models import OpenModel, open_model
from advisor.catalog.prices import price_call, price_logged
from advisor.catalog.refresh import Outcome, Refreshed, refresh, review
from advisor.errors import BadInput
from advisor.money.price_refresh import blocking_changes, price_lists, use_newest_lists
from advisor.types import Model, PriceOrigin, PriceSource, Usage
from tests.catalog.made_lists import ListServer, Misbehaviour, answers, breaks_off, list_server, sends

NOW = datetime.now(UTC)
MINI = Model(name="m", litellm_id="openai/gpt-4o-mini")
MILLION_OUT = Usage(output_tokens=1_000_000)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    with list_server(tmp_path / "snapshots", monkeypatch) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


def refreshed(folder: Path) -> list[Refreshed]:
    done = refresh(configured_sources(), folder, now=NOW)
    use_newest_lists()
    return done


def waiting(folder: Path) -> tuple[LicenceChange, ...]:
    """The changed licences after another refresh."""
    refreshed(folder)
    return blocking_changes()


def outcomes(done: list[Refreshed]) -> dict[str, Outcome]:
    return {each.source.name: each.outcome for each in done}


INSTALLED = PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3")


def cost_of_mini() -> tuple[float, PriceSource]:
    found = price_call(MINI, MILLION_OUT, NOW)
    assert found is not None
    return found


def test_newer_prices_are_taken_and_say_where_they_come_from(server: ListServer, folder: Path) -> None:
    before = cost_of_mini()
    server.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 1.2
    done = refreshed(folder)
    assert set(outcomes(done).values()) == {Outcome.UPDATED}
    (change,) = done[0].changes.prices
    assert (change.model, change.before["output"], change.after["output"]) == ("openai/gpt-4o-mini", 0.6, 1.2)
    after = cost_of_mini()
    assert (before[0], after[0]) == (pytest.approx(0.6), pytest.approx(1.2))
    assert before[1] == INSTALLED
    assert str(after[1].version).startswith(f"of {NOW:%Y-%m-%d} (")
    logged = price_logged("gpt-4o-mini", Usage(output_tokens=1000), NOW)
    assert logged is not None
    assert logged == (pytest.approx(0.0012), after[1])


def test_prices_remembered_from_before_a_refresh_are_forgotten(server: ListServer, folder: Path) -> None:
    usage = Usage(output_tokens=1000)
    first = price_logged("gpt-4o-mini", usage, NOW)
    server.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 1.2
    refreshed(folder)
    second = price_logged("gpt-4o-mini", usage, NOW)
    assert first is not None
    assert second is not None
    assert (first[0], second[0]) == (pytest.approx(0.0006), pytest.approx(0.0012))


def test_prices_of_hosts_come_from_the_newer_list(server: ListServer, folder: Path) -> None:
    model = Model(name="m", litellm_id="nebius/new/model")
    assert price_call(model, MILLION_OUT, NOW) is None
    server.lists["litellm"]["nebius/new/model"] = {
        "litellm_provider": "nebius",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 2e-06,
    }
    done = refreshed(folder)
    assert done[1].changes.new == ("nebius/new/model",)
    price = price_call(model, MILLION_OUT, NOW)
    assert price is not None
    label = copies().in_use["litellm"].label
    assert price == (pytest.approx(2.0), PriceSource(origin=PriceOrigin.LITELLM, version=label))


def test_names_days_and_hosts_are_those_of_the_newer_list(server: ListServer, folder: Path) -> None:
    """A version that only this list spells, a day before the model's first one, and a host that nobody knew."""
    logged = ["gpt-4o-mini-v7", "gpt-4o-mini-2024-03-01"]
    model = Model(name="m", litellm_id="newhost/gpt-oss-120b")
    server.model("openai", "gpt-4o-mini")["match"] = {"starts_with": "gpt-4o-mini"}

    def known() -> tuple[list[bool], OpenModel | None, bool | None]:
        priced = [price_logged(name, MILLION_OUT, NOW) is not None for name in logged]
        return priced, open_model(model.litellm_id), capabilities_of(model).tools

    assert known() == ([False, False], None, None)
    entry = {"litellm_provider": "openai", "input_cost_per_token": 1e-07, "output_cost_per_token": 6e-07}
    for name in ("gpt-4o-mini-v7", "gpt-4o-mini-2024-02-01"):
        server.lists["litellm"][name] = entry
    server.lists["litellm"][model.litellm_id] = entry | {
        "litellm_provider": "newhost",
        "supports_function_calling": True,
    }
    refreshed(folder)
    assert known() == ([True, True], open_model("gpt-oss-120b"), True)
    server.misbehave["litellm"] = answers(503)
    assert outcomes(refreshed(folder))["litellm"] is Outcome.FAILED
    assert known() == ([True, True], open_model("gpt-oss-120b"), True)
    (folder / INDEX).unlink()
    use_newest_lists()
    assert known() == ([False, False], None, None)


def test_nothing_new_keeps_the_copy_and_its_day(server: ListServer, folder: Path) -> None:
    refreshed(folder)
    kept = read_index(folder).kept["genai-prices"]
    done = refreshed(folder)
    assert set(outcomes(done).values()) == {Outcome.UNCHANGED}
    again = read_index(folder).kept["genai-prices"]
    assert (again.file, again.fetched_at) == (kept.file, kept.fetched_at)


@pytest.mark.parametrize(
    ("misbehaviour", "why"),
    [
        (answers(500), "HTTP status 500"),
        (answers(304), "HTTP status 304"),
        (breaks_off, "the connection broke"),
        (sends(b'[{"id": "openai", "mod'), "not whole JSON"),
        (sends(b"<html>Welcome</html>"), "not whole JSON"),
        (sends(b'{"an": "object"}'), "does not have the form"),
        (sends(b'[{"id": "openai"}]'), "does not have the form"),
        (sends(b"[]"), "nothing in it has the form"),
        (sends(b"null"), "does not have the form"),
    ],
)
def test_a_broken_list_leaves_the_last_good_one(
    server: ListServer, folder: Path, misbehaviour: Misbehaviour, why: str
) -> None:
    server.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 1.2
    refreshed(folder)
    kept, cost = read_index(folder).kept["genai-prices"], cost_of_mini()
    server.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 1.4
    server.misbehave["genai-prices"] = misbehaviour
    done = refreshed(folder)
    assert outcomes(done) == {
        "genai-prices": Outcome.FAILED,
        "litellm": Outcome.UNCHANGED,
        "models.dev": Outcome.UNCHANGED,
        "huggingface": Outcome.UNCHANGED,
    }
    assert why in done[0].why
    assert read_index(folder).kept["genai-prices"] == kept
    assert cost_of_mini() == cost


def test_a_list_that_lost_entries_is_not_taken(server: ListServer, folder: Path) -> None:
    for provider in server.lists["genai-prices"]:
        provider["models"] = provider["models"][: max(1, len(provider["models"]) * 9 // 10)]
    done = refreshed(folder)
    assert outcomes(done)["genai-prices"] is Outcome.FAILED
    assert "looks cut off" in done[0].why
    assert "genai-prices" not in read_index(folder).kept


@pytest.mark.slow
def test_a_licence_that_changes_waits_for_a_person(server: ListServer, folder: Path) -> None:
    assert waiting(folder) == ()
    repo = "zai-org/GLM-5.3"
    server.licences[repo] = "cc-by-nc-4.0"
    (change,) = waiting(folder)
    assert (change.model, change.repo, change.before, change.after) == ("glm-5.3", repo, "other", "cc-by-nc-4.0")
    assert waiting(folder) == (change,)  # still
    assert review([repo.lower(), "no-such-model"], folder) == ["no-such-model"]
    assert waiting(folder) == ()
    server.licences[repo] = "mit"
    (change,) = waiting(folder)
    assert (change.before, change.after) == ("cc-by-nc-4.0", "mit")
    server.licences[repo] = "cc-by-nc-4.0"
    assert waiting(folder) == ()  # it changed back to what was reviewed


def test_the_first_refresh_compares_licences_with_the_catalogue(server: ListServer, folder: Path) -> None:
    repo = next(repo for repo, licence in server.licences.items() if licence == "apache-2.0")
    server.licences[repo] = "other"
    (change,) = waiting(folder)
    assert (change.repo, change.before, change.after) == (repo, "apache-2.0", "other")


def test_a_repository_that_is_gone_changes_no_licence(server: ListServer, folder: Path) -> None:
    refreshed(folder)
    server.misbehave["huggingface"] = answers(404)
    done = refreshed(folder)
    assert outcomes(done)["huggingface"] is Outcome.FAILED
    assert blocking_changes() == ()


@pytest.mark.parametrize(
    ("content", "licence"),
    [
        ({"cardData": {"license": "mit"}}, "mit"),
        ({"cardData": {"license": "other", "license_name": "kimi-k3"}}, "other (kimi-k3)"),
        ({"cardData": {"license": ["mit", "apache-2.0"]}}, "mit"),
        ({"tags": ["region:us", "license:gemma"]}, "gemma"),
        ({"tags": "license:gemma"}, None),
        ({"cardData": {}}, None),
        ([], None),
    ],
)
def test_the_licence_that_a_repository_names(content: object, licence: str | None) -> None:
    assert licence_named(content) == licence


def test_what_a_person_and_another_refresh_do_meanwhile_is_kept(server: ListServer, folder: Path) -> None:
    genai, litellm, *others = configured_sources()
    refreshed(folder)
    server.licences["zai-org/GLM-5.3"] = "cc-by-nc-4.0"
    refresh(others, folder, now=NOW)
    server.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 1.2
    meanwhile: list[object] = []

    def say(source: Source) -> None:
        if source is not genai:
            meanwhile.append(review(["glm-5.3"], folder))
            meanwhile.append(outcomes(refresh(others, folder, now=NOW)))

    done = refresh([genai, litellm], folder, now=NOW, say=say)
    assert outcomes(done) == {"genai-prices": Outcome.UPDATED, "litellm": Outcome.UNCHANGED}
    assert meanwhile == [[], {"models.dev": Outcome.UNCHANGED, "huggingface": Outcome.UNCHANGED}]
    index = read_index(folder)
    assert set(index.kept) == {"genai-prices", "litellm", "models.dev", "huggingface"}
    assert [change.reviewed_on is not None for change in index.licences] == [True]


def test_two_refreshes_at_once_end_with_one_whole_copy(server: ListServer, folder: Path) -> None:
    """Both ask before either writes."""
    (source,) = (each for each in configured_sources() if each.name == "models.dev")
    both_asked = threading.Barrier(2, timeout=30)

    def answer(request: BaseHTTPRequestHandler, body: bytes) -> None:
        if len(server.asked) <= 2:
            both_asked.wait()
        sends(body)(request, body)

    server.misbehave["models.dev"] = answer
    with ThreadPoolExecutor(2) as both:
        jobs = [both.submit(refresh, [source], folder, now=NOW) for _ in range(2)]
    assert {outcomes(job.result())["models.dev"] for job in jobs} <= {Outcome.UNCHANGED, Outcome.UPDATED}
    kept = read_index(folder).kept["models.dev"]
    assert read_copy(folder, kept) == json.dumps(server.lists["models.dev"]).encode()
    assert not list(folder.rglob("*.part"))


def test_offline_says_so_and_keeps_all(folder: Path, server: ListServer, monkeypatch: pytest.MonkeyPatch) -> None:
    refreshed(folder)
    before = read_index(folder)
    monkeypatch.setenv(VARIABLE, "genai-prices=http://127.0.0.1:1/x litellm=off models.dev=off huggingface=off")
    (done,) = refreshed(folder)
    assert (done.outcome, done.why) == (Outcome.FAILED, "it can't be reached; is this machine online?")
    assert read_index(folder) == before


def test_addresses_that_are_none_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong, said in (("litelm=off", "'litelm'"), ("litellm=file:///etc/passwd", "https://")):
        monkeypatch.setenv(VARIABLE, wrong)
        with pytest.raises(BadInput, match=said):
            configured_sources()


def test_a_copy_made_for_another_version_or_gone_is_not_used(server: ListServer, folder: Path) -> None:
    server.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 1.2
    refreshed(folder)
    index = folder / INDEX
    text = index.read_text()
    index.write_text(text.replace("genai-prices 0.2.3", "genai-prices 0.2.2"))
    use_newest_lists()
    assert cost_of_mini() == (pytest.approx(0.6), INSTALLED)
    assert "refresh again" in price_lists(NOW)[0].note
    index.write_text(text)
    (folder / read_index(folder).kept["genai-prices"].file).unlink()
    use_newest_lists()
    assert cost_of_mini() == (pytest.approx(0.6), INSTALLED)
    index.write_text("{")
    use_newest_lists()
    assert cost_of_mini() == (pytest.approx(0.6), INSTALLED)
    assert INDEX in (copies().problem or "")


def test_a_first_copy_has_nothing_to_be_compared_with(server: ListServer, folder: Path) -> None:
    assert [each.changes for each in refreshed(folder)] == [Changes()] * 4
    server.lists["models.dev"]["groq"]["models"]["new/open-9"] = {"open_weights": True}
    assert refreshed(folder)[2].changes.new == ("groq/new/open-9",)
