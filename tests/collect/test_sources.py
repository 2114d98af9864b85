"""What a person may name as a log: folders, archives, another tool's database."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.sources import open_all
from advisor.errors import BadInput
from advisor.settings import ROOT
from advisor.store import Store
from advisor.store.log.logs import list_logs
from advisor.store.studies import find_study
from tests.made.log import call, write_log


def names_of(store: Store, study: str) -> list[str]:
    return sorted(log.name for log in list_logs(store, find_study(store, study).id))


def test_a_folder_gives_its_logs_and_passes_over_what_is_none(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    (folder / "march").mkdir(parents=True)
    write_log(folder / "a.jsonl", [call(n) for n in range(3)])
    write_log(folder / "march" / "b.jsonl", [call(n) for n in range(3, 8)])
    (folder / "README.md").write_text("Not a log")
    (folder / "settings.json").write_text('{"theme": "dark"}')
    report = import_logs(store, "S", [folder], ImportOptions(redact=False))
    assert (report.counts.rows, report.counts.accepted) == (8, 8)
    assert names_of(store, "S") == ["export/a.jsonl", "export/march/b.jsonl"]
    ((name, reason),) = report.files.passed_over
    assert name == "export/settings.json"
    assert "theme" in reason


def test_a_table_that_is_no_log_is_named_as_a_person_knows_it(store: Store, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "mine.db") as database:
        database.execute("CREATE TABLE calls (prompt TEXT, response TEXT)")
        database.execute("INSERT INTO calls VALUES ('Is it open?', 'Until six.')")
        database.execute("CREATE TABLE sizes (width INTEGER)")
        database.execute("INSERT INTO sizes VALUES (1)")
    report = import_logs(store, "Mine", [tmp_path / "mine.db"], ImportOptions(redact=False))
    ((label, reason),) = report.files.passed_over
    assert label == "mine.db/sizes"
    assert reason.startswith("mine.db/sizes is in no format")


def test_an_archive_gives_its_logs(store: Store, tmp_path: Path) -> None:
    inner = write_log(tmp_path / "a.jsonl", [call(n) for n in range(3)])
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.write(inner, "day/a.jsonl")
    report = import_logs(store, "S", [str(tmp_path / "logs.zip")], ImportOptions(redact=False))
    assert report.counts.accepted == 3
    assert names_of(store, "S") == ["logs.zip/day/a.jsonl"]


def test_a_folder_without_a_log_is_refused_and_makes_no_study(store: Store, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "settings.json").write_text('{"theme": "dark"}')
    with pytest.raises(BadInput):
        import_logs(store, "S", [tmp_path / "x"], ImportOptions(redact=False))
    with pytest.raises(BadInput, match="Unknown study"):
        find_study(store, "S")


def test_another_tools_database_is_read_by_its_url_which_is_never_stored(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "litellm.db"
    with sqlite3.connect(path) as database:
        database.execute(
            'CREATE TABLE "LiteLLM_SpendLogs" (request_id TEXT, call_type TEXT, spend REAL, total_tokens INTEGER, '
            'prompt_tokens INTEGER, completion_tokens INTEGER, "startTime" TEXT, "endTime" TEXT, model TEXT, '
            "metadata TEXT, proxy_server_request TEXT, response TEXT, request_tags TEXT, messages TEXT)"
        )
        for n in range(4):
            asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": f"Where is order {n}?"}]}
            message = {"role": "assistant", "content": "On its way."}
            came = {"id": f"chatcmpl-{n:020d}", "choices": [{"message": message, "finish_reason": "stop"}]}
            database.execute(
                'INSERT INTO "LiteLLM_SpendLogs" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
                (
                    f"request-{n:020d}", "acompletion", 0.01, 12, 10, 2, f"2026-03-01 10:00:0{n}.000000",
                    f"2026-03-01 10:00:0{n + 1}.000000", "gpt-4o", "{}", json.dumps(asked), json.dumps(came), "[]",
                    "{}",
                ),
            )  # fmt: skip
    monkeypatch.setenv("LOGS_URL", f"sqlite:///{path}")
    report = import_logs(store, "S", ["env:LOGS_URL"], ImportOptions(redact=False))
    assert (report.files.formats, report.counts.accepted, report.counts.rejected) == (["litellm"], 4, 0)
    assert report.sums.cost_usd == pytest.approx(0.04)
    assert "sqlite:" not in names_of(store, "S")[0]


def test_a_variable_that_is_not_set_is_named(store: Store) -> None:
    with pytest.raises(BadInput, match="NO_SUCH_URL is not set"):
        import_logs(store, "S", ["env:NO_SUCH_URL"], ImportOptions(redact=False))


def test_parts_of_calls_in_two_files_are_joined_whatever_their_order(store: Store, tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []
    came: list[dict[str, Any]] = []
    for n in range(5):
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"Ticket {n}"}]}
        asked.append({"custom_id": f"t-{n}", "method": "POST", "url": "/v1/chat/completions", "body": body})
        message = {"role": "assistant", "content": f"Answer {n}"}
        answer = {
            "id": f"chatcmpl-{n:020d}",
            "object": "chat.completion",
            "model": "gpt-4o-mini-2024-07-18",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }
        response = {"status_code": 200, "request_id": "r", "body": answer}
        came.insert(0, {"id": f"b-{n}", "custom_id": f"t-{n}", "response": response, "error": None})
    paths = [write_log(tmp_path / name, rows) for name, rows in (("output.jsonl", came), ("input.jsonl", asked))]
    for study, order in (("one", paths), ("two", paths[::-1])):
        report = import_logs(store, study, order, ImportOptions(redact=False))
        assert (report.counts.rows, report.counts.accepted, report.joined, report.counts.not_replayable) == (5, 5, 5, 0)


class Stopped(Exception):
    """A person stopped the import."""


def stop() -> None:
    raise Stopped


def test_a_stop_is_heard_while_an_archive_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.writestr("a.jsonl", json.dumps(call(1)))
    with pytest.raises(Stopped), open_all([tmp_path / "logs.zip"], check=stop):
        pytest.fail("it was unpacked")


def test_a_stop_is_heard_while_a_database_is_fetched(tmp_path: Path) -> None:
    path = tmp_path / "litellm.db"
    with sqlite3.connect(path) as database:
        database.execute('CREATE TABLE "LiteLLM_SpendLogs" (request_id TEXT, "startTime" TEXT)')
        database.execute("INSERT INTO \"LiteLLM_SpendLogs\" VALUES ('a', '2026-03-01 10:00:00')")
    database.close()
    with pytest.raises(Stopped), open_all([f"sqlite:///{path}"], check=stop):
        pytest.fail("it was fetched")


KILLED = """
import os, signal, sys
from pathlib import Path
from advisor.collect.sources import open_all
with open_all([Path(sys.argv[1])]) as (found, _):
    print(found[0].path, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_import_deletes_the_raw_copy_that_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.writestr("a.jsonl", json.dumps(call(1)))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "logs.zip")],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    left = Path(killed.stdout.strip())
    assert left.is_file(), killed.stderr
    with open_all([tmp_path / "logs.zip"]) as ((mine,), _):
        with open_all([tmp_path / "logs.zip"]) as ((other,), _):
            assert not left.exists()
            assert mine.path.is_file()
            assert other.path.parent.parent.stat().st_mode & 0o077 == 0
        assert mine.path.is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["logs.zip"]
