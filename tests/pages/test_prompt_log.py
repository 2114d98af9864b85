"""Prompt log: what is asked before an import, how a file is understood, and what became of every row."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.jobs import list_jobs
from advisor.store.logs import list_logs, load_sample_facts, load_samples
from advisor.store.studies import create_study, find_study, list_studies
from advisor.types import Study
from advisor.ui import uploads
from advisor.ui.views.log_import import KEEP, PART, REDACT
from advisor.ui.views.log_source import SERVER

PAGE = "pages/collect/prompt_log.py"
Open = Callable[..., AppTest]
Jobs = Callable[[], None]

CALL = {
    "timestamp": "2026-03-01T10:00:00Z",
    "model": "gpt-4o-2024-08-06",
    "messages": [{"role": "user", "content": "Write to dana@example.org"}],
    "response": {"choices": [{"message": {"role": "assistant", "content": "Done."}, "finish_reason": "stop"}]},
}


@pytest.fixture(autouse=True)
def _own_uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads go to this test's folder."""
    here = type("Here", (), {"data_dir": tmp_path})
    monkeypatch.setattr(uploads, "settings", lambda: here)


def a_table(folder: Path) -> Path:
    path = folder / "calls.csv"
    path.write_text("question,reply,truth\nWhat is 1+1?,2,2\nWhat is 2+2?,5,4\n")
    return path


def from_server(app: AppTest, path: Path) -> AppTest:
    app.segmented_control(key="import_way").set_value(SERVER).run()
    return app.text_input(key="import_path").set_value(str(path)).run()


def column(app: AppTest, role: str) -> object:
    return next(box for box in app.selectbox if box.key and box.key.endswith(f"_{role}") and "column_" in box.key)


def test_redaction_is_chosen_and_never_assumed(open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(CALL) + "\n")
    app = from_server(open_page(PAGE), path)
    app.text_input(key="import_name").set_value("Mine").run()
    assert app.radio(key="import_redaction").value is None
    assert app.button(key="import_start").disabled
    assert "a choice about personal data" in app.caption[-1].value

    app.radio(key="import_redaction").set_value(REDACT).run()
    app.button(key="import_start").click().run()
    assert not app.exception
    (job,) = list_jobs(store, None, kind="import")
    assert job.arguments["redact"] is True
    do_jobs()
    study = find_study(store, "Mine")
    (sample,) = load_samples(store, load_sample_facts(store, study.id)["id"])
    assert "dana@example.org" not in str(sample.request.messages)
    assert path.exists(), "a file on the server is not ours to delete"

    app.run()
    assert "1 of 1 rows were taken into Mine" in app.success[0].value
    assert app.selectbox(key="study").value == "Mine"


def test_columns_are_shown_with_rows_and_can_be_changed(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    app = from_server(open_page(PAGE), a_table(tmp_path))
    assert "a table, one call a row" in app.markdown[0].value
    assert column(app, "prompt").value == "question"
    assert column(app, "target").value == "(not in this log)"
    assert "What is 1+1?" in app.dataframe[0].value.to_string()
    column(app, "target").set_value("truth")
    app.text_input(key="import_name").set_value("Sums")
    app.radio(key="import_redaction").set_value(KEEP).run()
    app.button(key="import_start").click().run()
    do_jobs()
    facts = load_sample_facts(store, find_study(store, "Sums").id)
    assert facts["has_target"].all()


def test_a_table_that_nobody_understands_asks_for_its_columns(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("xx,yy\nHello there,General\n")
    app = from_server(open_page(PAGE), path)
    assert "odd.csv is in no format" in app.error[0].value
    next(box for box in app.text_input if box.label == "Column with the prompt").set_value("xx").run()
    assert not app.error
    assert column(app, "prompt").value == "xx"


@pytest.mark.parametrize(("content", "words"), [(b"", "is empty"), (b"\x89PNG\r\n\x1a\n" * 20, "bad.jsonl")])
def test_a_useless_file_is_refused_in_words(open_page: Open, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    app = from_server(open_page(PAGE), path)
    assert not app.exception
    assert words in app.error[0].value


def test_a_path_that_is_not_there_is_refused(open_page: Open) -> None:
    app = from_server(open_page(PAGE), Path("nowhere.jsonl"))
    assert "There is no file 'nowhere.jsonl'" in app.error[0].value


def test_an_upload_is_private_and_gone_after_the_import(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    app = open_page(PAGE)
    app.file_uploader[0].upload("calls.csv", a_table(tmp_path).read_bytes(), "text/csv").run()
    (kept,) = (tmp_path / "uploads").glob("*/*")
    assert kept.name == "calls.csv"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    app.text_input(key="import_name").set_value("Sums")
    app.radio(key="import_redaction").set_value(KEEP).run()
    app.button(key="import_start").click().run()
    do_jobs()
    assert not kept.exists()
    (log,) = list_logs(store, find_study(store, "Sums").id)
    assert log.name == "calls.csv"


def test_a_log_without_times_tokens_or_models_is_shown(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    app = from_server(open_page(PAGE), a_table(tmp_path))
    app.text_input(key="import_name").set_value("Sums")
    app.radio(key="import_redaction").set_value(KEEP).run()
    app.button(key="import_start").click().run()
    do_jobs()
    app.run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["2", "–", "–", "0 of 2"]
    assert not app.get("plotly_chart")
    app.switch_page("pages/collect/use_cases.py").run()
    assert not app.exception


def test_a_part_of_the_traffic_is_kept_with_the_study(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    app = from_server(open_page(PAGE), a_table(tmp_path))
    app.radio(key="import_share").set_value(PART).run()
    app.number_input(key="import_percent").set_value(2.5)
    app.text_input(key="import_name").set_value("Sums")
    app.radio(key="import_redaction").set_value(KEEP).run()
    app.button(key="import_start").click().run()
    do_jobs()
    assert find_study(store, "Sums").traffic_share == 0.025


def test_every_rejected_row_stands_with_its_reason(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    create_study(store, "Mine")
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(CALL) + "\n{broken\n" + json.dumps(CALL | {"messages": 7}) + "\n")
    app = from_server(open_page(PAGE), path)
    app.radio(key="import_redaction").set_value(KEEP).run()
    app.button(key="import_start").click().run()
    do_jobs()
    app.run()
    rejected = next(table.value for table in app.dataframe if "Why" in table.value and "Row" in table.value)
    assert list(rejected["Row"]) == [2, 3]
    assert rejected["Why"].str.len().gt(0).all()
    assert app.metric[3].value == "2 of 3"


def test_an_import_that_fails_says_why_and_stores_nothing(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    path = a_table(tmp_path)
    app = from_server(open_page(PAGE), path)
    app.text_input(key="import_name").set_value("Sums")
    app.radio(key="import_redaction").set_value(KEEP).run()
    app.button(key="import_start").click().run()
    path.unlink()
    do_jobs()
    app.run()
    assert "Nothing of it was stored" in app.error[0].value
    assert list_studies(store) == []


def test_a_log_of_ones_own_never_goes_into_the_sample_study(open_page: Open, sample_study: Study) -> None:
    app = open_page(PAGE)
    assert "import_into" not in [radio.key for radio in app.radio]
    assert app.text_input(key="import_name").value == ""
