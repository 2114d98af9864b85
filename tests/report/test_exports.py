"""CSV that a spreadsheet may open."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from advisor.errors import BadInput
from advisor.report.exports import plain_number, results_csv


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_formulas_are_neutralised_and_numbers_stay_numbers(tmp_path: Path) -> None:
    texts = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "plain", "a=b", ""]
    numbers = [-1.5, 0.0, 2e-6, 4.0, 5.0, 6.0, 7.0, 8.0, None]
    frame = pd.DataFrame({"=answer": texts, "cost_usd": numbers})
    path = tmp_path / "results.csv"
    assert results_csv(frame, path) == 9
    header, *rows = read(path)
    assert header == ["'=answer", "cost_usd"]
    assert [row[0] for row in rows] == [f"'{text}" for text in texts[:6]] + texts[6:]
    assert [float(row[1]) for row in rows[:-1]] == numbers[:-1]
    assert rows[-1][1] == ""


def test_text_survives_quotes_lines_and_scripts(tmp_path: Path) -> None:
    texts = ['say "hi", please', "two\nlines", "数据 🎉 שלום", "nul\x00", "a\r=1", "lone \ud83d"]
    frame = pd.DataFrame({"n": range(6), "ok": [True, False, None, True, True, True]})
    frame.insert(0, "answer", pd.Series(texts, dtype=object))
    path = tmp_path / "results.csv"
    assert results_csv(frame, path) == 6
    rows = read(path)[1:]
    assert [row[0] for row in rows[:5]] == texts[:5]
    assert rows[5][0] == "lone \\ud83d"
    assert [row[1] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert [row[2] for row in rows[:3]] == ["True", "False", ""]


def test_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    assert results_csv(pd.DataFrame({"a": []}), path) == 0
    assert read(path) == [["a"]]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="choose another place"):
        results_csv(pd.DataFrame({"a": [1]}), tmp_path / "absent" / "results.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "written"),
    [(5.680000000000001e-05, "0.0000568"), (1.0, "1"), (0.1 + 0.2, "0.3"), (1234567.5, "1234567.5"), (0.0, "0")],
)
def test_a_number_is_written_without_exponent_and_stray_digits(value: float, written: str) -> None:
    assert plain_number(value) == written
