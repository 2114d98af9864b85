"""Large logs are read by several processes; what they find is what one finds."""

from pathlib import Path

import pytest

from advisor.store import Store
from advisor.store.logs import list_logs, list_rejections, load_sample_facts
from advisor.store.studies import find_study
from advisor.study import intake
from advisor.study.imports import import_logs
from tests.study.made_log import call, write_log


def test_several_processes_find_what_one_finds(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [call(n, prompt=f"My mail is user{n}@example.org, ticket {n} " + "x" * 900) for n in range(3000)]
    log = write_log(tmp_path / "log.jsonl", rows)
    lines = log.read_bytes().split(b"\n")
    lines[10] = b"{broken"
    lines[2500] = b"[]"
    lines[2600] = lines[5]
    log.write_bytes(b"\n".join(lines))
    reports = []
    for name, alone in (("one", 2**40), ("many", 1)):
        monkeypatch.setattr(intake, "ALONE_BYTES", alone)
        reports.append(import_logs(store, name, [log], redact=True))
    one, many = reports
    assert (many.rows, many.accepted, many.rejected, many.duplicates) == (3000, 2997, 2, 1)
    assert many.redactions["EMAIL"] == one.redactions["EMAIL"] >= 2997
    assert many.usage == one.usage
    found = []
    for name in ("one", "many"):
        study = find_study(store, name)
        log_id = list_logs(store, study.id)[0].id
        facts = load_sample_facts(store, study.id).drop(columns=["id"])
        found.append((list_rejections(store, log_id), facts.to_dict("list")))
    assert found[0][0] == found[1][0]
    assert [rejection.row for rejection in found[0][0]] == [11, 2501]
    assert found[0][1]["request_digest"] == found[1][1]["request_digest"]
