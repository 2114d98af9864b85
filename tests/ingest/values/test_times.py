"""Dates are read in one order in the whole of a log, and what cannot be the time of a call is none."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.ingest.values.times import date_order, parse_time
from advisor.types import Sample


def table(path: Path, dates: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamp", "prompt", "answer"])
        writer.writerows([date, f"Question {n}", "Answer"] for n, date in enumerate(dates))
    return path


def days(path: Path) -> list[str | None]:
    items = (item for _, item in read_log(open_log(path)))
    return [
        item.metered.at.strftime("%d %b") if item.metered.at else None for item in items if isinstance(item, Sample)
    ]


def test_the_order_shows_far_behind_the_first_rows(tmp_path: Path) -> None:
    dates = [f"01/{day:02d}/2026 10:00" for day in range(2, 13) for _ in range(150)] + ["01/20/2026 10:00"]
    found = days(table(tmp_path / "log.csv", dates))
    assert found[0] == "02 Jan"
    assert found[-2:] == ["12 Jan", "20 Jan"]
    assert all(day and day.endswith("Jan") for day in found)


def test_a_date_in_the_other_order_is_no_time(tmp_path: Path) -> None:
    assert days(table(tmp_path / "log.csv", ["01/20/2026", "20/01/2026", "01/02/2026"])) == ["20 Jan", None, "02 Jan"]
    assert days(table(tmp_path / "log.csv", ["20/01/2026", "01/20/2026", "01/02/2026"])) == ["20 Jan", None, "01 Feb"]


def test_where_no_date_tells_the_order_the_number_that_changes_more_is_the_day(tmp_path: Path) -> None:
    for dates in (["01/02/2026", "01/03/2026", "01/04/2026"], ["02/01/2026", "03/01/2026", "04/01/2026"]):
        assert days(table(tmp_path / "log.csv", dates)) == ["02 Jan", "03 Jan", "04 Jan"]
    assert days(table(tmp_path / "log.csv", ["02/01/2026"])) == ["02 Jan"]


def test_dates_with_points_have_the_day_first(tmp_path: Path) -> None:
    assert days(table(tmp_path / "log.csv", ["01.02.2026", "01.03.2026", "01.04.2026"])) == [
        "01 Feb",
        "01 Mar",
        "01 Apr",
    ]


def test_the_order_holds_for_other_formats_and_for_turns(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    dates = ["01/02/2026", "01/20/2026", "20/01/2026"]
    path.write_text("".join(json.dumps({"messages": messages, "timestamp": date}) + "\n" for date in dates))
    assert days(path) == ["02 Jan", "20 Jan", None]
    turns = tmp_path / "turns.csv"
    turns.write_text(
        "session_id,role,content,created_at\n"
        "a,assistant,Hello,01/03/2026 10:00\na,user,Hi,01/02/2026 10:00\nb,user,Hi,01/20/2026 10:00\n",
        encoding="utf-8",
    )
    assert days(turns) == ["03 Jan", "20 Jan"]


@pytest.mark.parametrize(
    "value",
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1900-01-01",
     "01/01/1900", "2014-12-31", 1, 1_000_000_000, datetime(1, 1, 1, tzinfo=UTC),
     datetime.now(UTC) + timedelta(days=3)],
)  # fmt: skip
def test_what_cannot_be_the_time_of_a_call(value: Any) -> None:
    assert parse_time(value) is None


def test_times_at_the_bounds() -> None:
    assert parse_time("2015-01-01T00:00:00Z") == datetime(2015, 1, 1, tzinfo=UTC)
    soon = datetime.now(UTC) + timedelta(hours=20)  # a zone ahead of this computer's
    assert parse_time(soon.isoformat()) == soon
    assert parse_time("2026/01/20 10:00:00") == datetime(2026, 1, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["05-Mar-2025 22:02", "March 5, 2025 at 10:02 PM", "Mar 5, 2025 10:02 p.m.", "2025-03-05 10:02 PM",
     "2025_03_05_22_02_00",
     "2025年3月5日 22:02", "2025.03.05 22:02:00", "2025-03-05_22-02-00", "2025-3-5 22h02"],
)  # fmt: skip
def test_moments_as_people_and_names_of_files_write_them(text: str) -> None:
    assert parse_time(text) == datetime(2025, 3, 5, 22, 2, tzinfo=UTC)


@pytest.mark.parametrize("text", [
    "Jan 3, 2025 @ 11:30:12", "January 3, 2025 at 11:30:12 AM", "3. Januar 2025, 11:30:12 Uhr",
    "3 janvier 2025 à 11:30:12", "3 de enero de 2025, 11:30:12", "3 января 2025 г., 11:30:12", "03-JAN-25 11.30.12 AM",
    "Fri Jan 03 2025 12:30:12 GMT+0100 (CET)", "03/Jan/2025:11:30:12 +0000", "2025-01-03T12:30:12+01:00[Europe/Berlin]",
    "2025-01-03 11:30:12 +0000 UTC", "2025-01-03 03:30:12 PST", "20250103113012", "03.01.2025, 11:30:12 Uhr",
    "03-01-2025 11:30:12",
])  # fmt: skip
def test_times_with_named_months_and_marks(text: str) -> None:
    assert parse_time(text) == datetime(2025, 1, 3, 11, 30, 12, tzinfo=UTC)


def test_dates_with_dashes_tell_their_order() -> None:
    assert date_order(["01-31-2025", "02-01-2025"]) == (True, True)
    assert parse_time("01-31-2025", month_first=True) == datetime(2025, 1, 31, tzinfo=UTC)
