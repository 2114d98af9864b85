"""What files look like before they are imported: real samples of formats, archives, folders and useless files."""

import gzip
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.previews import look_at
from advisor.collect.redaction import scan_first
from advisor.collect.sources import MOST_FILES, open_all
from advisor.errors import BadInput
from tests.made.log import call, write_log


def test_a_batch_is_joined_from_its_two_files(fixtures: Path) -> None:
    batch = [fixtures / "samples" / f"openai_batch_{part}.jsonl" for part in ("input", "output")]
    looks = look_at(batch)
    assert [(look.format, look.rows.parts, look.rows.calls) for look in looks.files] == [
        ("openai_batch", 5, 0),
        ("openai_batch", 3, 0),
    ]
    assert (looks.joined, looks.alone, looks.is_whole) == (3, {"openai_batch": 2}, True)
    assert look_at(batch[:1]).alone == {"openai_batch": 5}


def test_a_log_without_texts_says_so(fixtures: Path) -> None:
    looks = look_at([fixtures / "samples" / "openrouter_activity.csv"])
    assert (looks.rows.calls, looks.rows.replayable) == (3, 0)
    assert looks.rows.reason == "the file holds no prompts, only counts, times and costs"


def test_a_file_that_is_wrong_does_not_hide_the_others(tmp_path: Path) -> None:
    good = write_log(tmp_path / "good.jsonl", [call(1), call(2)])
    picture = tmp_path / "bad.jsonl"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" * 20)
    looks = look_at([picture, good, tmp_path / "nowhere.jsonl"])
    assert [bool(look.problem) for look in looks.files] == [True, False, True]
    assert looks.files[1].rows.calls == 2
    assert "bad.jsonl" in str(looks.files[0].problem)
    assert "not found" in str(looks.files[2].problem)


def test_the_first_calls_are_told_as_they_would_be_imported(tmp_path: Path) -> None:
    (look,) = look_at([write_log(tmp_path / "log.jsonl", [call(n) for n in range(150)])]).files
    assert (look.rows.calls, look.is_whole, len(look.first)) == (100, False, 3)
    first = look.first[0]
    assert (first.sent[-1], first.answer, first.model) == (("user", "Question 0?"), "billing", "gpt-4o")
    assert (first.latency_s, first.input_tokens, first.output_tokens) == (0.3, 100, 5)


def test_unknown_records_are_kept_with_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text(json.dumps({"body": {"aks": "Hi", "reply": "Yo"}}) + "\n")
    (look,) = look_at([path]).files
    assert look.format is None
    assert look.records == ({"body": {"aks": "Hi", "reply": "Yo"}},)
    assert look.columns == {"answer": "body.reply"}
    (mapped,) = look_at([path], columns={"prompt": "body.aks"}).files
    assert (mapped.format, mapped.problem, mapped.rows.calls) == ("table", None, 1)


def test_columns_of_one_file_do_not_fit_another(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("xx,yy\nHi,Yo\n")
    other.write_text("zz\nHi\n")
    first, second = look_at([one, other], columns={"prompt": "xx"}).files
    assert first.format == "table"
    assert "other.csv has no column 'xx'" in str(second.problem)


def test_a_folder_and_an_archive_are_looked_into(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for n in range(MOST_FILES + 3):
        write_log(folder / f"{n:03d}.jsonl", [call(n)])
    looks = look_at([folder])
    assert (len(looks.files), looks.more, looks.is_whole) == (MOST_FILES, 3, False)
    packed = tmp_path / "logs.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(folder / "000.jsonl", "march/000.jsonl")
        archive.writestr("march/notes.txt", "nothing of use\n")
    known, notes = look_at([packed]).files
    assert (known.label, known.rows.calls, known.is_found) == ("logs.zip/march/000.jsonl", 1, True)
    assert notes.format is None


def test_only_the_first_rows_of_a_database_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "spend.db"
    with sqlite3.connect(path) as database:
        database.execute(
            'CREATE TABLE "LiteLLM_SpendLogs" (request_id TEXT, call_type TEXT, spend REAL, startTime TEXT)'
        )
        rows = [(f"r{n}", "acompletion", 0.1, f"2026-03-01 10:00:{n:02d}") for n in range(30)]
        database.executemany('INSERT INTO "LiteLLM_SpendLogs" VALUES (?, ?, ?, ?)', rows)
    database.close()
    monkeypatch.setenv("SPEND_URL", f"sqlite:///{path}")
    with open_all(["env:SPEND_URL"], rows=7, most=1) as ((source,), _):
        assert len(source.path.read_text().splitlines()) == 7
        assert source.path.stat().st_mode & 0o077 == 0
    assert not source.path.exists()
    (look,) = look_at(["env:SPEND_URL"]).files
    assert (look.format, look.rows.calls) == ("litellm", 30)
    (unset,) = look_at(["env:NOT_SET_ANYWHERE_URL"]).files
    assert "NOT_SET_ANYWHERE_URL" in str(unset.problem)


def test_personal_data_is_found_in_the_first_rows_of_every_file(tmp_path: Path) -> None:
    logs = [
        write_log(tmp_path / f"{name}.jsonl", [call(1, f"Write to {name}@example.org")]) for name in ("dana", "erin")
    ]
    found = scan_first(logs)
    assert (found.samples, found.counts["EMAIL"]) == (2, 2)


def test_a_scan_of_nothing_readable_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("xx,yy\nHi dana@example.org,Yo\n")
    with pytest.raises(BadInput, match="None of these files"):
        scan_first([path])
    assert scan_first([path], columns={"prompt": "xx"}).counts == {"EMAIL": 1}


def test_why_rows_are_rejected_is_told_apart_from_why_calls_cannot_be_replayed(tmp_path: Path) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    pictured: dict[str, Any] = {"request": {"model": "gpt-4o", "messages": [{"role": "user", "content": [image]}]}}
    bare: dict[str, Any] = {"request": {"model": "gpt-4o", "messages": 7}}
    looks = look_at(
        [
            write_log(tmp_path / "one.jsonl", [call(0), call(1, **pictured), call(2, **bare)]),
            write_log(tmp_path / "two.jsonl", [call(4), call(5, **pictured)]),
        ]
    )
    one, two = looks.files
    assert (one.rows.calls, one.rows.replayable, one.rows.rejected.total()) == (2, 1, 1)
    assert "URL" in one.rows.reason
    ((why, _),) = one.rows.rejected
    assert why
    assert "URL" not in why
    assert (two.rows.rejected.total(), two.rows.reason) == (0, one.rows.reason)
    assert (looks.rows.calls, looks.rows.replayable, looks.rows.reason) == (4, 2, one.rows.reason)


def test_a_bomb_is_told_as_such_and_not_as_an_unknown_format(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl.gz"
    path.write_bytes(gzip.compress((b'{"a":"' + b"0" * 2**22 + b'"}\n') * 30))
    (look,) = look_at([path]).files
    assert "too much for a log" in str(look.problem)
    assert look.records == ()


def test_a_text_that_is_no_table_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "settings.txt"
    path.write_text('SERVICE_KEY = "not for others"\nOTHER_KEY = "nor this"\n')
    (look,) = look_at([path]).files
    assert (look.format, look.records, look.headers) == (None, (), ())
    assert "not for others" not in str(look.problem)
    column = tmp_path / "column.csv"
    column.write_text("wishes\nA letter\n")
    assert look_at([column]).files[0].records == ({"wishes": "A letter"},)


def test_rows_that_nobody_can_read_are_counted_before_columns_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"foo": 1}\n{broken\n<<<\n{"a": [}\n')
    (look,) = look_at([path]).files
    assert (look.format, len(look.records), look.rows.rejected.total()) == (None, 1, 3)
