"""Workbooks: every sheet that is a log is read as a table of its own."""

import tracemalloc
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from advisor.collect.sources import open_logs
from advisor.errors import BadInput
from advisor.ingest.files.sources import open_sources
from advisor.ingest.files.workbooks import is_workbook
from tests.ingest.told_fields import told

HEADER = ["Question", "Answer", "Model", "Created at", "Input tokens", "Latency (s)", "id"]
ROW = ["Capital of Peru?", "Lima.\nOn the coast", "gpt-4o-mini", datetime(2026, 3, 1, 10, 0, 0), 21, 1.5, 7]  # noqa: DTZ001


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def test_a_sheet_is_read_as_a_table(tmp_path: Path) -> None:
    path = book(tmp_path / "log.xlsx", March=[HEADER, ROW, [], ["Of Chile?", *ROW[1:]]], Notes=[["Only a header"]])
    with open_sources(path) as (sources, _):
        assert [(source.label, source.is_found) for source in sources] == [("log.xlsx/March", False)]
        first, second = told("table", sources[0].path)
    assert first == {
        "prompt": [("user", ROW[0])], "answer": ROW[1], "model": "gpt-4o-mini", "at": "2026-03-01 10:00:00",
        "tokens": (21, 0, 0), "latency_s": 1.5, "id": "7",
    }  # fmt: skip
    assert second["answer"] == ROW[1]


def test_sheets_that_are_no_logs_are_passed_over(tmp_path: Path) -> None:
    others: list[list[Any]] = [["Month", "Spend"], ["March", 12.5]]
    path = book(tmp_path / "log.xlsx", Pivot=others, March=[HEADER, ROW], April=[HEADER, ["Of Chile?", *ROW[1:]]])
    with open_sources(path) as (sources, _):
        logs, passed_over = open_logs(sources, format="auto", columns=None, check=lambda: None)
    assert [label for _, label in logs] == ["log.xlsx/March", "log.xlsx/April"]
    assert [label for label, _ in passed_over] == ["log.xlsx/Pivot"]


def test_a_damaged_workbook_says_so(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "x")
    with pytest.raises(BadInput, match=r"book\.xlsx can't be read as a workbook.*CSV"), open_sources(path):
        pass


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None])
def test_a_workbook_that_cannot_be_read_says_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "log.xls"
    if content is None:
        book(path, Empty=[["Only a header"]])
    else:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=r"log\.xls"), open_sources(path):
        pass


def test_a_small_workbook_that_needs_all_memory_is_refused(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet["A1"], sheet["XFD1048576"] = "prompt", "far from the table"
    workbook.save(tmp_path / "log.xlsx")
    with pytest.raises(BadInput, match=r"log\.xlsx can't be read.*CSV"), open_sources(tmp_path / "log.xlsx"):
        pass


def test_what_a_file_is_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", bytes(50_000_000))
    tracemalloc.start()
    try:
        assert not is_workbook(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
