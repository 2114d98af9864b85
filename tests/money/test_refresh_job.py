"""A refresh as a job, and the candidates that it blocks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.catalog.list_copies import INDEX
from advisor.catalog.list_sources import VARIABLE
from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput
from advisor.jobs.work import work
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import file_replay
from advisor.measure.studies import find_study
from advisor.money.price_refresh import file_refresh, mark_reviewed, price_lists
from advisor.store import Store
from advisor.store.jobs import get_job
from advisor.text.numbers import day
from advisor.types import Job, Model, RunOptions, Status
from advisor.watch.new_models import new_models
from tests.catalog.made_lists import ListServer, answers, list_server, own_snapshots
from tests.made.log import call, write_log

NOW = datetime.now(UTC)
GLM = "zai-org/GLM-5.3"


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    with list_server(tmp_path / "snapshots", monkeypatch) as made:
        yield made


def done(store: Store) -> Job:
    job = file_refresh(store)
    work(store, once=True)
    ended = get_job(store, job.id)
    assert ended is not None
    return ended


def test_a_job_says_what_it_brought(store: Store, lists: ListServer) -> None:
    lists.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 1.2
    job = done(store)
    assert (job.status, job.result["status"], job.result["partial"]) == (Status.SUCCEEDED, "succeeded", False)
    first = job.result["sources"][0]
    assert (first["name"], first["status"], first["counts"]["prices"]) == ("genai-prices", "updated", 1)
    assert first["changes"]["prices"][0]["after"]["output"] == 1.2
    assert job.result["prices"].startswith("genai-prices of ")
    assert done(store).result["sources"][0]["status"] == "unchanged"


def test_one_that_fails_in_part_or_whole_says_so(
    store: Store, lists: ListServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.misbehave["litellm"] = answers(503)
    job = done(store)
    assert (job.status, job.result["partial"]) == (Status.SUCCEEDED, True)
    assert [each["status"] for each in job.result["sources"]] == ["updated", "failed", "updated", "updated"]
    for name in ("genai-prices", "models.dev", "huggingface"):
        lists.misbehave[name] = answers(503)
    job = done(store)
    assert (job.status, job.result["status"]) == (Status.FAILED, "failed")
    assert job.result["sources"][0]["kept_of"] is not None
    monkeypatch.setenv(VARIABLE, "nonsense=1")
    job = done(store)
    assert job.status is Status.FAILED
    assert "nonsense" in (job.error or "")


def test_one_at_a_time(store: Store) -> None:
    file_refresh(store)
    with pytest.raises(BadInput, match="already running"):
        file_refresh(store)


def test_a_changed_licence_blocks_the_model_until_it_is_reviewed(
    store: Store, tmp_path: Path, lists: ListServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOGETHERAI_API_KEY", "never sent")
    import_logs(
        store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(8)])], ImportOptions(redact=False)
    )
    study = find_study(store, "S")
    register_model(store, study, Model(name="GLM", litellm_id="together_ai/zai-org/GLM-5.3"))
    done(store)
    lists.licences[GLM] = "cc-by-nc-4.0"
    job = done(store)
    assert [change["model"] for change in job.result["blocked"]] == ["glm-5.3"]
    with pytest.raises(BadInput, match=r"license of GLM changed from other to cc-by-nc-4\.0"):
        file_replay(store, study, RunOptions(sample_size=8))
    blocked = {model.name: model.blocked for model in new_models([], NOW - timedelta(days=180), NOW)}
    change = blocked.pop("GLM-5.3")
    assert change is not None
    assert change.after == "cc-by-nc-4.0"
    assert set(blocked.values()) == {None}
    with pytest.raises(BadInput, match=r"for glm-4\. To review: glm-5\.3"):
        mark_reviewed(["glm-4"])
    mark_reviewed(["glm-5.3"])
    assert done(store).result["blocked"] == []
    run, _ = file_replay(store, study, RunOptions(sample_size=8))
    assert run.state.status is Status.QUEUED


def test_the_age_of_the_lists_is_known_without_a_network(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lists: ListServer
) -> None:
    done(store)
    now = datetime.now(UTC)  # the module may have been read on the day before
    first, second = price_lists(now + timedelta(days=6))
    assert (first.note, first.is_stale) == (f"prices of {day(now)}, 6 days old", False)
    assert second.name.startswith("litellm price list of ")
    assert [each.is_stale for each in price_lists(now + timedelta(days=31))] == [True, True]


def test_the_age_of_the_installed_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with own_snapshots(tmp_path / "none", monkeypatch):
        first, second = price_lists(datetime(2026, 11, 26, tzinfo=UTC))
        assert first.name == "genai-prices 0.2.3"
        assert first.note == "installed with the app, latest price of 9 Nov 2026, 17 days old"
        assert second.as_of is None
        assert not (tmp_path / "none" / INDEX).exists()


def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lists: ListServer
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ADVISOR_SNAPSHOT_DIR", str(tmp_path / "file" / "below"))
    job = done(store)
    assert job.status is Status.FAILED
    assert "ADVISOR_SNAPSHOT_DIR" in (job.error or "")
