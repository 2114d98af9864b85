"""The watch on the page Summary, and the refresh on the page Settings."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from advisor.llm.keys import key_names
from advisor.money.price_refresh import do_refresh
from advisor.store import Store
from advisor.store.jobs import list_jobs
from advisor.store.models import list_models
from advisor.store.run.runs import list_runs
from advisor.store.studies import create_study
from advisor.text.numbers import day
from advisor.types import Status, Study
from advisor.ui.decision import watch
from advisor.watch.new_models import PROVIDERS
from tests.catalog.made_lists import ListServer, answers, list_server
from tests.made.run import made_old
from tests.pages.tables import tables

Open = Callable[..., AppTest]
SETTINGS = "pages/settings/settings.py"
GLM = "zai-org/GLM-5.3"


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    with list_server(tmp_path / "snapshots", monkeypatch) as made:
        yield made


def shown(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.warning, *app.info, *app.error]
    return " ".join(str(part.value) for part in parts).replace("\\", "")


def test_fresh_evidence_is_not_marked(open_page: Open, replayed_study: Study) -> None:
    app = open_page()
    assert [each.value for each in app.header] == ["Studies"]
    assert "days old" not in shown(app)


@pytest.mark.filterwarnings("ignore:Items? .* using the `ReadOnly` qualifier")  # litellm's, at its first import
def test_old_evidence_is_marked_and_new_models_are_offered(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    made_old(store, list_runs(store, replayed_study.id)[0], 90)
    app = open_page()
    text = shown(app)
    assert "90 days old" in text
    assert [each.value for each in app.header] == ["Studies", "Since run 1"]
    tests = [button for button in app.button if button.label == "Test on the same sample"]
    assert tests
    before = len(list_models(store, replayed_study.id))
    tests[0].click().run()
    assert not app.exception
    assert "120 calls, for $" in shown(app)
    assert len(list_models(store, replayed_study.id)) == before
    assert "Its key is missing" in shown(app)
    assert app.button(key="new_start").disabled, "a run that nobody can answer helps nobody"


@pytest.mark.filterwarnings("ignore:Items? .* using the `ReadOnly` qualifier")  # litellm's, at its first import
def test_a_test_is_started_with_the_study_in_the_address(
    open_page: Open, store: Store, replayed_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address names the study as soon as there are two; leaving the page must not try to clear that."""
    for provider in PROVIDERS.values():
        monkeypatch.setenv(key_names(provider)[0], "a key")
    before = len(list_models(store, replayed_study.id))
    create_study(store, "Newer")
    made_old(store, list_runs(store, replayed_study.id)[0], 90)
    app = open_page(study=replayed_study.name)
    app.query_params["study"] = replayed_study.name
    app.run()
    next(button for button in app.button if button.label == "Test on the same sample").click().run()
    assert not app.button(key="new_start").disabled
    app.button(key="new_start").click().run()
    assert not app.exception
    assert len(list_models(store, replayed_study.id)) == before + 1
    newest, first = list_runs(store, replayed_study.id)
    assert (newest.state.status, newest.options.seed, newest.options.sample_size) == (
        Status.QUEUED,
        first.options.seed,
        first.options.sample_size,
    )


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [5_000, 0])
def test_another_price_is_seen_at_once_and_a_large_run_decided_again_when_asked(
    open_page: Open, replayed_study: Study, lists: ListServer, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(watch, "AT_ONCE", at_once)
    model = lists.model("openai", "gpt-5.1")
    model["match"] = {"equals": "gpt-5.1-2025-11-13"}
    model["prices"] |= {name: 2 * model["prices"][name] for name in ("input_mtok", "output_mtok")}
    do_refresh(say=lambda _: None)
    app = open_page()
    told = r"gpt-5\.1-2025-11-13 (99|100)% more" if at_once else r"Prices changed for gpt-5\.1-2025-11-13\."
    assert re.search(told, shown(app)), "twice the price of input and output"
    assert ("All verdicts stay the same" in shown(app)) == bool(at_once)
    if not at_once:
        app.button(key="price_again").click().run()
        assert not app.exception
        assert "All verdicts stay the same" in shown(app)
    assert "Saved a month" not in shown(app), "nothing moves at either price"


def test_settings_show_age_and_hosts_offline(open_page: Open, sample_study: Study, lists: ListServer) -> None:
    text = shown(open_page(SETTINGS))
    assert "latest price of" in text
    assert lists.url.removeprefix("http://") in text
    assert "No study data is sent" in text
    assert lists.asked == []


@pytest.mark.slow
def test_a_refresh_from_the_button_to_what_it_changed(
    open_page: Open, store: Store, sample_study: Study, lists: ListServer, do_jobs: Callable[[], None]
) -> None:
    lists.model("openai", "gpt-4o-mini")["prices"] |= {"output_mtok": 1.2, "cache_write_mtok": 0.3}
    lists.misbehave["litellm"] = answers(500)
    app = open_page(SETTINGS)
    app.button(key="refresh").click().run()
    assert app.button(key="refresh").disabled
    do_jobs()
    app.run()
    assert not app.exception
    text = shown(app)
    assert "Some lists couldn't be refreshed" in text
    assert f"prices of {day(datetime.now(UTC))}, 0 days old" in text
    table = next(frame for frame in tables(app) if "State" in frame and "List" in frame)
    row = table.set_index("List").loc["litellm"]
    assert (row["State"], row["New"]) == ("failed", "–"), "nobody knows what is new in a list that did not come"
    changed = next(frame for frame in tables(app) if "Before" in frame)
    assert changed.to_numpy().tolist() == [
        ["openai/gpt-4o-mini", "cache write", "–", "$0.30"],
        ["openai/gpt-4o-mini", "output", "$0.60", "$1.20"],
    ], "each price that changed, of whatever kind, and no other"


@pytest.mark.slow
def test_what_must_be_looked_at_is_asked_for(
    open_page: Open, store: Store, sample_study: Study, lists: ListServer, do_jobs: Callable[[], None]
) -> None:
    app = open_page(SETTINGS)
    app.button(key="refresh").click().run()
    do_jobs()
    lists.licences[GLM] = "cc-by-nc-4.0"
    app.run()
    app.button(key="refresh").click().run()
    do_jobs()
    app.run()
    assert "changed from other to cc-by-nc-4.0" in shown(app).replace("*", "")
    app.button(key="refresh").click().run()
    assert not [button for button in app.button if str(button.key).startswith(("read_", "take_"))], "not meanwhile"
    do_jobs()
    app.run()
    app.button(key="read_glm-5.3").click().run()
    assert "cc-by-nc-4.0" not in shown(app)
    assert [job.status for job in list_jobs(store, None, kind="refresh")] == [Status.SUCCEEDED] * 3
