"""Prompts in one file and their answers in another."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.previews import look_at
from advisor.errors import BadInput, UnknownFormat
from advisor.ingest.files.sources import Source
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.studies import find_study
from tests.ingest.homemade.test_odd_logs import CALLS

ASKED = "\n".join(json.dumps({"qid": f"q{at}", "text": asked}) for at, (asked, _) in enumerate(CALLS))
SAID = "\n".join(json.dumps({"qid": f"q{at}", "text": said, "model": "gpt-4o"}) for at, (_, said) in enumerate(CALLS))


@pytest.mark.parametrize("is_packed", [True, False])
def test_they_are_put_together(store: Store, tmp_path: Path, is_packed: bool) -> None:
    files = {"questions.jsonl": ASKED, "answers.jsonl": SAID}
    names = [tmp_path / "log.zip"] if is_packed else [tmp_path / name for name in files]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with ZipFile(tmp_path / "log.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    report = import_logs(store, "Mine", names, ImportOptions(redact=False))
    assert report.counts.accepted == len(CALLS)
    assert load_sample_facts(store, find_study(store, "Mine").id)["has_answer"].all()
    assert report.models == {"gpt-4o": len(CALLS)}
    looks = look_at(names)
    assert (looks.rows.calls, looks.rows.replayable) == (len(CALLS), len(CALLS))
    assert looks.files[0].first[0].answer == CALLS[0][1]
    assert [look.name for look in looks.files] == [str(names[0])]


def test_files_that_have_nothing_in_common_stay_apart(store: Store, tmp_path: Path) -> None:
    first = "\n".join(json.dumps({"id": at, "prompt": asked}) for at, (asked, _) in enumerate(CALLS))
    (tmp_path / "a.jsonl").write_text(first)
    (tmp_path / "b.jsonl").write_text(first.replace("?", "!"))
    report = import_logs(store, "Mine", [tmp_path / "a.jsonl", tmp_path / "b.jsonl"], ImportOptions(redact=False))
    assert (report.counts.rows, report.files.formats) == (2 * len(CALLS), ["table", "table"])


def test_metrics_of_other_calls_count(store: Store, tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").write_text(
        "\n".join(
            json.dumps({"call_id": at, "prompt": asked, "answer": said}) for at, (asked, said) in enumerate(CALLS)
        )
    )
    facts = {"model": "gpt-4o", "input_tokens": 20, "output_tokens": 7, "created_at": "2026-01-01T10:00:00Z"}
    (tmp_path / "metrics.jsonl").write_text("\n".join(json.dumps({"call_id": at, **facts}) for at in range(300)))
    names = [tmp_path / "calls.jsonl", tmp_path / "metrics.jsonl"]
    report = import_logs(store, "Mine", names, ImportOptions(redact=False))
    assert (report.counts.accepted, report.models) == (300, {"gpt-4o": 300})
    looks = look_at([tmp_path / "nowhere.csv", *names])
    assert [look.name for look in looks.files] == [str(tmp_path / "nowhere.csv"), *map(str, names)]
    assert [bool(look.problem) for look in looks.files] == [True, False, False]


@pytest.mark.parametrize("is_packed", [True, False])
def test_metrics_that_match_no_call_are_told(store: Store, tmp_path: Path, is_packed: bool) -> None:
    calls = [{"call_id": f"c{at}", "prompt": asked, "answer": said} for at, (asked, said) in enumerate(CALLS)]
    took = [{"call_id": f"c{at}", "latency_ms": 900 + at, "output_tokens": 7, "note": "as usual"} for at in range(30)]
    files: dict[str, list[dict[str, Any]]] = {"calls.jsonl": calls, "metrics.jsonl": took}
    for name, rows in files.items():
        (tmp_path / name).write_text("\n".join(json.dumps(row) for row in rows))
    with ZipFile(tmp_path / "log.zip", "w") as archive:
        for name in files:
            archive.write(tmp_path / name, name)
    names = [tmp_path / "log.zip"] if is_packed else [tmp_path / name for name in files]
    report = import_logs(store, "Mine", names, ImportOptions(redact=False))
    facts = load_sample_facts(store, find_study(store, "Mine").id)
    assert (report.counts.accepted, facts["latency_s"].notna().sum()) == (len(CALLS), len(CALLS))
    ((file, reason),) = report.files.passed_over
    assert file.endswith(f"metrics.jsonl (not joined: {30 - len(CALLS)})")
    assert "match no call" in reason
    looks = look_at(names)
    assert [(look.label, look.is_left) for look in looks.files if look.problem] == [(file, True)]


def test_what_is_wrong_with_rows_that_are_left_is_said(tmp_path: Path) -> None:
    left = Source(tmp_path / "metrics-left.jsonl", "metrics.jsonl (not joined: 26)")
    assert left.words(BadInput("metrics-left.jsonl is damaged")) == f"{left.label} is damaged"
    assert "match no call" in left.words(UnknownFormat("metrics-left.jsonl is in no format that is read here."))
