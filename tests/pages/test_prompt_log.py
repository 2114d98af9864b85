"""Prompt log: what is asked before an import, how a file is understood, and what became of every row."""

import gzip
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import AlertBase, Markdown

from advisor.collect.import_jobs import file_import
from advisor.collect.imports import ImportOptions, import_logs
from advisor.ingest.log import FORMATS
from advisor.jobs.work import do_job
from advisor.store import Store
from advisor.store.jobs import beat_job, claim_job, finish_job, get_job, list_jobs
from advisor.store.log.logs import list_logs, load_sample_facts, load_samples
from advisor.store.studies import create_study, find_study, list_studies
from advisor.store.tables import JobRow
from advisor.types import Job, JobPhase, Progress, Status, Study
from advisor.ui.log import uploads
from advisor.ui.log.log_files import WORDS
from advisor.ui.log.log_import import ALL, KEEP, NEW, PART, REDACT
from advisor.ui.log.log_source import DATABASE, SERVER, UPLOAD
from advisor.ui.state import ADD
from tests.made.log import call, write_log
from tests.pages.conftest import Open, picked
from tests.pages.tables import tables

PAGE = "pages/log/prompt_log.py"

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
    monkeypatch.setattr(uploads, "DATA", tmp_path)


def a_table(folder: Path) -> Path:
    path = folder / "calls.csv"
    path.write_text("question,reply,truth\nWhat is 1+1?,2,2\nWhat is 2+2?,5,4\n")
    return path


def from_server(app: AppTest, path: Path) -> AppTest:
    segment(app, "Where is the log?").set_value(SERVER).run()
    return app.text_input(key="import_path").set_value(str(path)).run()


def answer(app: AppTest, redact: str, share: str = ALL) -> None:
    """What is asked before an import."""
    app.radio(key="import_redaction").set_value(redact)
    app.radio(key="import_share").set_value(share).run()


def add_another(app: AppTest) -> AppTest:
    return segment(app, "Show").set_value(ADD).run()


def segment(app: AppTest, label: str) -> Any:
    """The control with these words; its key is another one after each import."""
    return next(control for control in app.segmented_control if control.label == label)


def captions(app: AppTest) -> str:
    return "\n".join(item.value for item in app.caption)


def markdown(app: AppTest) -> str:
    return "\n".join(item.value for item in app.markdown)


def keys(elements: Iterable[Any]) -> list[str | None]:
    return [element.key for element in elements]


def frame(app: AppTest, words: str) -> pd.DataFrame:
    """The table with these words in it."""
    return next(table for table in tables(app) if words in table.to_csv())


def a_batch() -> tuple[bytes, bytes]:
    """Two requests, and the response to the first."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
    requests = [{"custom_id": n, "method": "POST", "url": "/v1/chat/completions", "body": body} for n in ("a", "b")]
    answer = {"model": "gpt-4o", "choices": [{"message": {"role": "assistant", "content": "Hi"}}]}
    response = {"id": "r1", "custom_id": "a", "response": {"status_code": 200, "body": answer}, "error": None}
    return "".join(json.dumps(each) + "\n" for each in requests).encode(), json.dumps(response).encode() + b"\n"


def column(app: AppTest, role: str) -> Any:
    return next(box for box in app.selectbox if box.key and box.key.endswith(f"_{role}") and "column_" in box.key)


def test_redaction_and_the_share_of_traffic_are_chosen_and_never_assumed(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(CALL) + "\n")
    app = from_server(open_page(PAGE), path)
    app.text_input(key="import_name").set_value("Mine").run()
    assert app.radio(key="import_redaction").value is app.radio(key="import_share").value is None
    assert app.button(key="import_start").disabled

    answer(app, REDACT)
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
    assert "Imported into Mine: 1 call " in app.success[0].value
    assert picked(app) == "Mine"


def problems(app: AppTest) -> list[str]:
    """Errors beside what no call of a log has."""
    return [error.value for error in app.error if not error.value.removeprefix("- ").startswith("No ")]


def test_what_is_missing_comes_first_and_an_unused_column_can_be_used(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    path = tmp_path / "calls.csv"
    rows = "".join(f"0{n}/03/2026,Where is order {n}?,It ships.,{2_000_000 + n},acme\n" for n in range(1, 6))
    path.write_text("date,question,reaction,duration,tenant\n" + rows)
    app = from_server(open_page(PAGE), path)
    assert "No answers found" in app.error[0].value
    assert "reaction" in app.error[0].value
    assert tables(app)[0]["Answers"].tolist() == ["✗ 0%"]
    app.selectbox(key="import_use_calls.csv_reaction").set_value("answer").run()
    assert column(app, "answer").value == "reaction"
    assert tables(app)[0]["Answers"].tolist() == ["100%"]
    assert tables(app)[0]["Latency"].tolist() == ["0%"]
    app.segmented_control(key="import_durations").set_value("us")
    app.segmented_control(key="import_dates").set_value("month-first").run()
    assert tables(app)[0]["Latency"].tolist() == ["100%"]
    assert tables(app)[0]["Models"].tolist() == ["0%"]
    app.text_input(key="import_model").set_value("gpt-4o ").run()
    assert tables(app)[0]["Models"].tolist() == ["100%"]
    app.text_input(key="import_name").set_value("Orders")
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    do_jobs()
    facts = load_sample_facts(store, find_study(store, "Orders").id)
    assert facts["has_answer"].all()
    assert set(facts["model"]) == {"gpt-4o"}
    assert facts["latency_s"].round(3).tolist() == [2.0] * 5
    assert sorted(at.month for at in facts["at"]) == [1, 2, 3, 4, 5]


def test_columns_are_shown_with_rows_and_can_be_changed(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    app = from_server(open_page(PAGE), a_table(tmp_path))
    assert "a table, one call a row" in app.markdown[0].value
    assert column(app, "prompt").value == "question"
    assert column(app, "target").value == "(none)"
    assert "What is 1+1?" in frame(app, "What is 1+1?").to_string()
    column(app, "target").set_value("truth")
    app.text_input(key="import_name").set_value("Sums")
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    do_jobs()
    facts = load_sample_facts(store, find_study(store, "Sums").id)
    assert facts["has_target"].all()


def test_unknown_columns_are_asked_for_and_kept_as_a_preset(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    path = tmp_path / "odd.json"
    path.write_text(
        json.dumps({"items": [{"xx": f"Hello {n}", "yy": "General", "zz": "2026-03-01"} for n in range(4)]})
    )
    app = from_server(open_page(PAGE), path)
    assert "odd\\.json** doesn't look like a prompt log" in app.warning[0].value
    assert "No column holds the prompt" in app.error[0].value
    assert column(app, "time").value == "zz", "guessed by its values"
    assert "import_redaction" not in keys(app.radio), "nothing is asked about a log that cannot be read yet"
    column(app, "prompt").set_value("xx").run()
    assert not problems(app)
    assert list(frame(app, "Hello 2").columns) == ["xx", "zz", "yy"], "three rows, what means something first"
    next(box for box in app.selectbox if box.label == "Column").set_value("xx").run()
    assert frame(app, "As imported")["As imported"][0] == "user: Hello 0"

    next(box for box in app.text_input if box.label == "Preset name").set_value("Gateway").run()
    app.button(key="save_preset").click().run()
    again = from_server(open_page(PAGE), path)
    assert not [item for item in again.warning if "prompt log" in item.value]
    assert not problems(again)
    assert column(again, "prompt").value == "xx"
    assert "because it was saved for a file with these columns" in captions(again)
    assert "--preset Gateway" in again.code[-1].value

    answer(again, KEEP)
    again.button(key="import_start").click().run()
    do_jobs()
    assert len(load_sample_facts(store, find_study(store, "Odd").id)) == 4

    again = from_server(add_another(open_page(PAGE)), path)
    again.button(key="delete_preset").click().run()
    again.button(key="really_delete_preset").click().run()
    assert "No column holds the prompt" in again.error[0].value


def test_a_time_is_known_by_its_values_in_a_table(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("frage,antwort,wann\nWie geht es?,Gut,2026-03-01 10:00:00\n")
    app = from_server(open_page(PAGE), path)
    assert [column(app, role).value for role in ("prompt", "answer", "time")] == ["frage", "antwort", "wann"]


def test_a_file_of_a_known_format_can_still_be_given_other_columns(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(CALL) + "\n")
    app = from_server(open_page(PAGE), path)
    assert "chat messages" in app.markdown[0].value
    app.checkbox(key="import_as_table_log.jsonl").set_value(True).run()
    boxes = [box for box in app.selectbox if box.key and "column_" in box.key]
    assert (boxes[0].label, boxes[0].value) == ("Conversation (list of messages)", "messages")
    assert not app.warning or "look like" not in app.warning[0].value


TURNS = """chat;at;who;said
c1;2026-11-02 10:00:00;visitor;Do you ship to Norway?
c1;2026-11-02 10:00:05;bot;Yes, for 9.90 EUR.
c2;2026-11-02 11:00:00;visitor;Can I pay by invoice?
c2;2026-11-02 11:00:04;bot;Yes, in Germany and Austria.
c2;2026-11-02 11:01:00;visitor;And in Norway?
c2;2026-11-02 11:01:03;bot;No, by card only.
"""


def test_a_table_of_turns_is_mapped_by_its_own_columns(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    (tmp_path / "turns.csv").write_text(TURNS)
    app = from_server(open_page(PAGE), tmp_path / "turns.csv")
    app.checkbox(key="import_as_table_turns.csv").set_value(True).run()
    assert [column(app, role).value for role in ("prompt", "speaker", "session", "time")] == [
        "said",
        "who",
        "chat",
        "at",
    ]
    assert column(app, "answer").options == ["(none)", "chat", "at", "who", "said"]
    assert not problems(app)
    assert frame(app, "Do you ship").iloc[0, 0] == "Do you ship to Norway?"
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    do_jobs()
    study = find_study(store, "Turns")
    calls = load_samples(store, load_sample_facts(store, study.id)["id"].tolist())
    assert sorted(call.answer.text or "" for call in calls if call.answer) == [
        "No, by card only.",
        "Yes, for 9.90 EUR.",
        "Yes, in Germany and Austria.",
    ]
    assert list_logs(store, study.id)[0].rejected == 0


def test_which_speaker_is_the_bot_is_said_and_can_be_chosen(open_page: Open, tmp_path: Path) -> None:
    staffed = TURNS.replace("bot;No, by card", "agent:Jonas;No, by card")
    (tmp_path / "turns.csv").write_text(staffed)
    app = from_server(open_page(PAGE), tmp_path / "turns.csv")
    assert "(user: visitor; assistant: bot; staff: agent:Jonas)" in app.markdown[0].value.replace("\\", "")
    assert "Left out: 1 answer written by staff (agent:Jonas)" in app.warning[0].value.replace("\\", "")
    app.checkbox(key="import_as_table_turns.csv").set_value(True).run()
    bot = next(box for box in app.selectbox if box.label == "Bot")
    bot.select("agent:Jonas").run()
    assert "assistant: agent:Jonas; staff: bot" in app.markdown[0].value.replace("\\", "")


def test_what_is_no_prompt_log_is_said_before_everything_else(open_page: Open, tmp_path: Path) -> None:
    rows = [f"{n},ada{n}@example.org,{'B2B net 30' if n % 2 else ''}" for n in range(20)]
    (tmp_path / "customers.csv").write_text("\n".join(["Customer ID,Email,Comment", *rows]))
    app = from_server(open_page(PAGE), tmp_path / "customers.csv")
    said = [item.value for item in app.main if isinstance(item, Markdown | AlertBase)]
    assert "customers\\.csv** doesn't look like a prompt log" in said[1], "after the line under the upload"
    assert "Best guess: prompt\\: Comment" in said[1]
    assert "10 of the first 20 rows would be rejected" in said[2]
    assert [text for text in said if "No personal data** or secrets found in the prompts and answers of" in text]


def test_files_of_one_batch_are_joined_and_a_strange_one_can_be_left_out(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    requests, responses = a_batch()
    app = open_page(PAGE)
    uploader = app.file_uploader[0]
    uploader.upload("in.jsonl", requests, "application/json")
    uploader.upload("out.jsonl", responses, "application/json")
    uploader.upload("odd.json", b'[{"xx": "Hello", "yy": 1}]', "application/json")
    app.run()
    assert list(frame(app, "in.jsonl")["In the first rows"]) == ["2 rows", "1 row"]
    assert "1 call will be joined from several rows" in markdown(app)
    assert "1 call has only one part" in captions(app)
    assert "odd\\.json has an unknown format. Import it separately" in problems(app)[0]
    assert "import_start" not in keys(app.button)
    next(box for box in app.checkbox if "Leave odd" in box.label).set_value(True).run()
    answer(app, KEEP)
    assert app.button(key="import_start").label == "Import 2 files"
    app.button(key="import_start").click().run()
    do_jobs()
    assert {log.name for log in list_logs(store, find_study(store, "In").id)} == {"in.jsonl", "out.jsonl"}


def test_one_part_of_a_batch_asks_for_the_other(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(a_batch()[0])
    app = from_server(open_page(PAGE), path)
    assert "2 calls have only one part in these files" in app.warning[0].value
    assert "Add the missing file" in app.warning[0].value


def test_a_log_without_texts_is_good_for_volume_only(open_page: Open, tmp_path: Path, fixtures: Path) -> None:
    app = from_server(open_page(PAGE), fixtures / "samples" / "openrouter_activity.csv")
    assert "Usable for volume, cost and latency only" in app.warning[0].value


def test_an_archive_and_a_folder_are_read_by_their_files(open_page: Open, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "one.jsonl").write_text(json.dumps(CALL) + "\n")
    (folder / "notes.md").write_text("# Nothing to import\n")
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.write(folder / "one.jsonl", "one.jsonl")
        archive.writestr("two.jsonl", json.dumps(CALL | {"model": "gpt-4o-mini"}) + "\n")
    app = from_server(open_page(PAGE), folder)
    assert not problems(app)
    assert app.button(key="import_start").label == "Import"
    app.text_input(key="import_path").set_value(str(tmp_path / "logs.zip")).run()
    assert list(frame(app, "In the first rows")["In the first rows"]) == ["1 call", "1 call"]


USELESS = {
    "empty": (b"", "bad.jsonl is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" * 20, "bad.jsonl is an image"),
    "broken": (b'{"a": 1,\n{"messages": [}\n<<<<\n', "bad.jsonl, row 1"),
    "a bomb": (gzip.compress((b'{"a":"' + b"0" * 2**22 + b'"}\n') * 30), "too much for a log"),
    "a damaged archive": (gzip.compress(os.urandom(4096))[:12], "damaged"),
}


@pytest.mark.parametrize(("content", "words"), USELESS.values(), ids=USELESS)
def test_a_useless_file_is_refused_in_words(open_page: Open, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    app = from_server(open_page(PAGE), path)
    assert not app.exception
    assert words in app.error[0].value.replace("\\", "")
    assert "anthropic_batch" not in app.error[0].value, "no list of every format"
    assert "import_start" not in keys(app.button)


def test_a_file_in_another_encoding_is_read(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("prompt,answer\nWas heißt Füße?,Feet\n".encode("cp1252"))
    app = from_server(open_page(PAGE), path)
    assert "Was heißt Füße?" in frame(app, "Was hei").to_string()


def test_a_path_that_is_not_there_is_refused(open_page: Open) -> None:
    app = from_server(open_page(PAGE), Path("nowhere.jsonl"))
    assert "No file or folder 'nowhere.jsonl'" in app.error[0].value.replace("\\", "")


def test_the_limit_and_the_command_are_shown(open_page: Open, tmp_path: Path) -> None:
    app = open_page(PAGE)
    assert "Up to 200 MB each" in captions(app)
    told = next(item.help for item in app.get("file_uploader") if "turns red" in item.help)
    assert all(words in told for words in ("200 MB", "gzip", SERVER, "the command below"))
    assert "python -m advisor import PATH/TO/LOG --study" in app.code[0].value
    path = tmp_path / "log of may.jsonl"
    path.write_text(json.dumps(CALL) + "\n")
    app = from_server(app, path)
    answer(app, REDACT)
    assert app.code[-1].value == f"python -m advisor import '{path}' --study 'Log of may' --redact"


def test_a_database_is_named_by_its_variable_and_its_password_never_shown(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITELLM_DATABASE_URL", "postgresql://reader:hidden@127.0.0.1:9/litellm")
    app = open_page(PAGE)
    segment(app, "Where is the log?").set_value(DATABASE).run()
    assert app.text_input(key="import_variable").value == "LITELLM_DATABASE_URL"
    assert "can't be read" in app.error[0].value
    assert "hidden" not in app.error[0].value
    app.text_input(key="import_variable").set_value("NO_SUCH_DATABASE_URL").run()
    assert "isn't set on the server" in app.error[0].value
    app.text_input(key="import_variable").set_value("postgresql://reader:hidden@host/x").run()
    assert "ends in URL" in app.error[0].value


def test_the_name_is_filled_in_after_the_file_and_free(open_page: Open, tmp_path: Path, store: Store) -> None:
    create_study(store, "Calls")
    app = open_page(PAGE)
    from_server(app, a_table(tmp_path))
    next(radio for radio in app.radio if radio.label == "Add the log to").set_value(NEW).run()
    assert app.text_input(key="import_name").value == "Calls 2"
    app.text_input(key="import_name").set_value("Calls").run()
    assert "Calls already exists; the log is added to it." in captions(app)


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
    answer(app, KEEP)
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
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    do_jobs()
    app.run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["–", "–", "–", "none marked"]
    assert not app.get("plotly_chart")
    app.switch_page("pages/log/use_cases.py").run()
    assert not app.exception


def test_a_part_of_the_traffic_is_kept_with_the_study(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    app = from_server(open_page(PAGE), a_table(tmp_path))
    app.text_input(key="import_name").set_value("Sums")
    answer(app, KEEP, PART)
    assert app.button(key="import_start").disabled, "no share is assumed"
    app.number_input(key="import_percent").set_value(2.5).run()
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
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    do_jobs()
    app.session_state["tab"] = "Files"
    app.run()
    rejected = next(table for table in tables(app) if "Why" in table and "Row" in table)
    assert list(rejected["Row"]) == [2, 3]
    assert rejected["Why"].str.len().gt(0).all()
    assert list(next(table for table in tables(app) if "Rejected" in table)["Rejected"]) == [2]


@pytest.fixture
def under_way(store: Store, tmp_path: Path) -> Job:
    """An import of two thirds of whose calls are stored, by a worker that lives."""
    path = write_log(tmp_path / "log.jsonl", [call(n) for n in range(9000)])
    file_import(store, "Mine", [path], ImportOptions(redact=False))
    claimed = claim_job(store, "somebody")
    assert claimed is not None

    def stop(now: Progress) -> None:
        if now.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_logs(store, "Mine", [str(path)], ImportOptions(redact=False), on_progress=stop)
    return claimed


def test_a_running_import_shows_how_far_it_is_and_can_be_cancelled(
    open_page: Open, store: Store, under_way: Job
) -> None:
    beat_job(store, under_way.id, Progress(phase=JobPhase.READING, subject="log.jsonl", done=2**32, total=2**33))
    app = open_page(PAGE, import_job=under_way.id)
    (bar,) = app.get("progress")
    assert (bar.proto.value, "50%" in bar.proto.text) == (50, True)
    assert not app.segmented_control, "one thing at a time"
    app.button(key="cancel_import").click().run()
    status: Any = app.get("status")[0]
    assert "cancelling and removing its data" in status.label
    assert app.button(key="cancel_import").disabled
    now = get_job(store, under_way.id)
    assert now is not None
    assert now.wanted is Status.CANCELLED


def test_a_cancelled_import_is_kept_in_no_part_not_even_at_its_end(
    open_page: Open,
    store: Store,
    tmp_path: Path,
) -> None:
    file_import(store, "Mine", [write_log(tmp_path / "log.jsonl", [call(1)])], ImportOptions(redact=False))
    job = claim_job(store, "somebody")
    assert job is not None
    app = open_page(PAGE, import_job=job.id)
    app.button(key="cancel_import").click().run()
    do_job(store, job)
    app.run()
    assert "was cancelled. Nothing was kept" in app.info[0].value
    assert list_studies(store) == []


def test_after_a_cancelled_import_the_form_is_empty_and_the_same_is_one_press_away(
    open_page: Open, store: Store, tmp_path: Path, do_jobs: Jobs
) -> None:
    app = from_server(open_page(PAGE), a_table(tmp_path))
    app.text_input(key="import_name").set_value("Sums")
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    app.button(key="cancel_import").click().run()
    assert "was cancelled" in app.info[0].value
    assert segment(app, "Where is the log?").value == UPLOAD
    assert {"import_redaction", "import_start"}.isdisjoint(keys([*app.radio, *app.button])), "nothing is chosen"
    app.button(key="import_again").click().run()
    do_jobs()
    app.run()
    assert "Imported into Sums: 2 calls " in app.success[0].value
    assert segment(app, "Show").value == ""


def test_an_upload_cancelled_in_the_queue_is_deleted(open_page: Open, tmp_path: Path, store: Store) -> None:
    app = open_page(PAGE)
    app.file_uploader[0].upload("calls.csv", a_table(tmp_path).read_bytes(), "text/csv").run()
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    assert list((tmp_path / "uploads").glob("*/*"))
    app.button(key="cancel_import").click().run()
    assert not list((tmp_path / "uploads").glob("*/*"))
    assert "was cancelled" in app.info[0].value


def test_an_import_whose_worker_died_says_that_it_goes_on_by_itself(
    open_page: Open, store: Store, under_way: Job, do_jobs: Jobs
) -> None:
    with store.write(None) as session:
        long_ago = datetime.now(UTC) - timedelta(minutes=2)
        session.execute(update(JobRow).where(JobRow.id == under_way.id).values(heartbeat_at=long_ago))
    app = open_page(PAGE, import_job=under_way.id)
    assert "last progress 2 min ago" in app.warning[0].value
    do_jobs()
    app.run()
    assert "Imported into Mine: 9,000 calls " in app.success[0].value


@pytest.mark.slow
def test_an_interrupted_import_is_gone_on_with_or_discarded(
    open_page: Open, store: Store, under_way: Job, do_jobs: Jobs
) -> None:
    finish_job(store, under_way.id, Status.FAILED, error="The database refused: disk full.")
    app = open_page(PAGE, import_job=under_way.id)
    assert "was interrupted. The database refused: disk full" in app.warning[0].value.replace("\\", "")
    assert "stored so far and not shown yet" in app.warning[0].value
    assert "import_again" in keys(app.button)
    app.button(key="import_discard").click().run()
    assert list_studies(store) == []
    assert not app.warning

    finish_job(store, under_way.id, Status.FAILED, error="The database refused: disk full.")
    app = open_page(PAGE, import_job=under_way.id)
    app.button(key="import_again").click().run()
    do_jobs()
    app.run()
    assert "Imported into Mine: 9,000 calls " in app.success[0].value


def test_an_import_that_fails_says_why_and_stores_nothing(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    path = a_table(tmp_path)
    app = from_server(open_page(PAGE), path)
    app.text_input(key="import_name").set_value("Sums")
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    path.unlink()
    do_jobs()
    app.run()
    assert "Nothing was stored" in app.error[0].value
    assert "File not found: calls\\.csv. Put it back and reload" in captions(app)
    assert list_studies(store) == []
    app.button(key="import_discard").click().run()
    assert not problems(app)
    assert segment(app, "Where is the log?").value == UPLOAD, "the page is usable again"


def test_spans_that_are_no_calls_alarm_nobody(
    open_page: Open, tmp_path: Path, fixtures: Path, store: Store, do_jobs: Jobs
) -> None:
    app = from_server(open_page(PAGE), fixtures / "samples" / "langfuse_observations_export.json")
    assert "4 of the first 10 rows would be skipped" in captions(app)
    assert "rejected" not in captions(app)
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    do_jobs()
    app.run()
    assert "6 calls (rejected rows: 4, duplicates: 0)" in app.success[0].value, "as the command line counts"
    assert "Of the rejected rows, 4 aren't LLM calls but other trace spans" in app.success[0].value


def test_a_file_that_breaks_off_is_told_beside_what_was_taken(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Jobs
) -> None:
    path = tmp_path / "log.jsonl.gz"
    whole = gzip.compress(write_log(tmp_path / "log.jsonl", [call(n) for n in range(3000)]).read_bytes())
    path.write_bytes(whole[: len(whole) // 2])
    app = from_server(open_page(PAGE), path)
    answer(app, KEEP)
    app.button(key="import_start").click().run()
    do_jobs()
    app.run()
    assert app.success
    (told,) = [item.value for item in app.warning if "could be read only up to row" in item.value]
    assert "log\\.jsonl\\.gz" in told
    assert "the gzip file breaks off here" in told
    assert "Import the complete file" in told


def test_a_log_of_ones_own_never_goes_into_the_sample_study(
    open_page: Open, sample_study: Study, tmp_path: Path
) -> None:
    app = from_server(add_another(open_page(PAGE)), a_table(tmp_path))
    assert "Add the log to" not in [radio.label for radio in app.radio]
    assert app.text_input(key="import_name").value == "Calls"
    app.text_input(key="import_name").set_value(sample_study.name).run()
    assert "Choose another name" in problems(app)[0]
    assert app.button(key="import_start").disabled


def test_every_format_is_named_in_words() -> None:
    assert WORDS.keys() == set(FORMATS)
