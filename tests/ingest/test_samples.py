"""Every log of a tool, through the real import: ours in fixtures/, and those of real tools beside the project.

The counts were written down by reading the files.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.studies import find_study

FIXTURES = Path(__file__).parent.parent / "fixtures"
COUNTS = ("rows", "accepted", "rejected", "duplicates", "joined", "not_replayable", "answers", "failed", "timed")


def expected(name: str) -> list[dict[str, str]]:
    """What is in each file, or in several that belong together.

    Rows without a model do not count under ``models``. ``usage`` is uncached input, input read from the cache, input
    written to it, output, and reasoning as a part of it; nothing where the log has none.
    """
    with (FIXTURES / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


OURS, REAL = expected("samples.csv"), expected("shared_samples.csv")


def assert_read(store: Store, folder: Path, row: dict[str, str]) -> None:
    report = import_logs(store, "Mine", [folder / name for name in row["files"].split()], ImportOptions(redact=False))
    facts = load_sample_facts(store, find_study(store, "Mine").id)
    found = (
        vars(report)
        | vars(report.counts)
        | {
            "answers": facts["has_answer"].sum(),
            "failed": facts["error"].notna().sum(),
            "timed": facts["at"].notna().sum(),
        }
    )
    reasons = Counter(facts["not_replayable"]), [rejection.reason for _, rejection in report.rejections]
    assert {name: int(found[name]) for name in COUNTS} == {name: int(row[name]) for name in COUNTS}, reasons
    assert " ".join(report.files.formats) == row["formats"]
    assert " ".join(f"{model}={n}" for model, n in sorted(report.models.items())) == row["models"]
    assert (
        list(vars(report.sums.usage).values()) == [int(n) for n in row["usage"].split()] or not report.sums.with_usage
    )
    assert len(facts) == report.counts.accepted
    assert report.counts.rows == report.counts.accepted + report.counts.rejected + report.counts.duplicates
    assert (report.sums.first_at is not None) == (row["timed"] != "0")


@pytest.mark.parametrize("row", OURS, ids=lambda row: row["files"].replace(" ", "+"))
def test_what_is_in_a_log(store: Store, row: dict[str, str]) -> None:
    assert_read(store, FIXTURES / "samples", row)


@pytest.mark.parametrize("row", REAL, ids=lambda row: row["files"].replace(" ", "+"))
def test_what_is_in_a_log_of_a_real_tool(store: Store, shared: Path, row: dict[str, str]) -> None:
    assert_read(store, shared / "samples", row)


def test_no_real_log_is_left_out(shared: Path) -> None:
    named = {name for row in REAL for name in row["files"].split()}
    there = {path.name for path in (shared / "samples").iterdir() if path.is_file() and path.name != "SOURCES.md"}
    assert there - named == set()


def test_ours_are_of_the_same_formats() -> None:
    assert [(row["files"], row["formats"]) for row in OURS] == [(row["files"], row["formats"]) for row in REAL]
    assert {name for row in OURS for name in row["files"].split()} == {
        path.name for path in (FIXTURES / "samples").iterdir()
    }


@pytest.mark.parametrize(
    ("name", "calls", "formats"),
    [("wire_openai_chat.jsonl", 649, "openai_chat"), ("wire_anthropic_messages.jsonl", 331, "anthropic_messages")],
)
def test_every_recorded_call_is_accounted_for(store: Store, shared: Path, name: str, calls: int, formats: str) -> None:
    report = import_logs(store, "Mine", [shared / "logs" / name], ImportOptions(redact=False))
    assert (report.counts.rows, report.files.formats) == (calls, [formats])
    assert report.counts.rows == report.counts.accepted + report.counts.rejected + report.counts.duplicates
