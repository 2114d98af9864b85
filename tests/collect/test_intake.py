"""Large logs are read by several processes; what they find is what one finds."""

import gzip
import json
from pathlib import Path

import pytest

from advisor.collect import processes
from advisor.collect.imports import ImportOptions, import_logs
from advisor.ingest.log import open_log
from advisor.store import Store
from advisor.store.log.logs import list_logs, list_rejections, load_sample_facts
from advisor.store.studies import find_study
from advisor.text.progress import share_done
from advisor.types import Progress
from tests.made.log import call, write_log


def test_several_processes_find_what_one_finds(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [call(n, prompt=f"My mail is user{n}@example.org, ticket {n} " + "x" * 900) for n in range(3000)]
    log = write_log(tmp_path / "log.jsonl", rows)
    lines = log.read_bytes().split(b"\n")
    lines[10] = b"{broken"
    lines[2500] = b"[]"
    lines[2600] = lines[5]
    log.write_bytes(b"\n".join(lines))
    reports = []
    for name, alone, here in (("one", 2**40, 0), ("others", 1, 0), ("all", 1, processes.MOST_HERE_BYTES)):
        monkeypatch.setattr(processes, "ALONE_BYTES", alone)
        monkeypatch.setattr(processes, "MOST_HERE_BYTES", here)
        reports.append(import_logs(store, name, [log], ImportOptions(redact=True)))
    one = reports[0]
    for many in reports:
        counts = many.counts
        assert (counts.rows, counts.accepted, counts.rejected, counts.duplicates) == (3000, 2997, 2, 1)
        assert many.redactions["EMAIL"] == one.redactions["EMAIL"] >= 2997
        assert many.sums.usage == one.sums.usage
    found = []
    for name in ("one", "others", "all"):
        study = find_study(store, name)
        log_id = list_logs(store, study.id)[0].id
        facts = load_sample_facts(store, study.id).drop(columns=["id"])
        found.append((list_rejections(store, log_id), facts.to_dict("list")))
    assert [rejection.row for rejection in found[0][0]] == [11, 2501]
    for rejections, read in found[1:]:
        assert rejections == found[0][0]
        assert read["request_digest"] == found[0][1]["request_digest"]


def test_how_much_is_read_is_told_of_files_that_are_not_packed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "ALONE_BYTES", 1)
    plain = write_log(tmp_path / "log.jsonl", [call(n, f"Ticket {n} " + "x" * 900) for n in range(3000)])
    packed = tmp_path / "log.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path, has_share in ((plain, True), (packed, False)):
        told: list[Progress] = []
        report = import_logs(store, path.name, [path], ImportOptions(redact=False), on_progress=told.append)
        assert report.counts.accepted == 3000
        assert any((share_done(now) or 0) > 0.1 for now in told) is has_share


@pytest.mark.parametrize(("alone", "here"), [(2**40, 0), (1, 0), (1, processes.MOST_HERE_BYTES)])
def test_large_records_come_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: int, here: int
) -> None:
    monkeypatch.setattr(processes, "ALONE_BYTES", alone)
    monkeypatch.setattr(processes, "MOST_HERE_BYTES", here)
    path = tmp_path / "log.json"
    path.write_text(json.dumps([call(n, f"{n} " + "x" * 2**20) for n in range(10)]))
    batches = [len(taken.ready) for taken in processes.take_log(open_log(path), redaction_key=None)]
    assert sum(batches) == 10
    assert max(batches) <= 3


@pytest.mark.parametrize("here", [0, processes.MOST_HERE_BYTES])
def test_a_line_that_wraps_many_records_is_told_in_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: int
) -> None:
    monkeypatch.setattr(processes, "ALONE_BYTES", 1)
    monkeypatch.setattr(processes, "MOST_HERE_BYTES", here)
    lines = [{"data": [call(n) for n in range(5000)]}, {"data": [call(n) for n in range(5000, 5100)]}]
    path = write_log(tmp_path / "log.jsonl", [*lines, {"nothing": "of use"}])
    found = list(processes.take_log(open_log(path), redaction_key=None))
    assert sum(len(taken.ready) for taken in found) == 5100
    assert max(len(taken.ready) for taken in found) <= 2000
    assert [rejection.row for taken in found for rejection in taken.rejections] == [5101]


def test_a_count_that_no_database_takes_is_no_count(any_store: Store, tmp_path: Path) -> None:
    rows = [call(n) for n in range(3)]
    rows[1]["response"]["usage"] = {"prompt_tokens": 10**25, "completion_tokens": 5}
    report = import_logs(any_store, "S", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=False))
    assert (report.counts.accepted, report.counts.rejected) == (3, 0)
    facts = load_sample_facts(any_store, find_study(any_store, "S").id)
    assert facts["output_tokens"].isna().sum() == 1
