"""Writes the sheets of a workbook as CSV files, in a process of its own (see workbooks).

How much memory a workbook needs isn't known before it is read: one cell in the last row and column makes a table of
17 billion cells. Where memory ends, the library that reads it ends the process.
"""

import csv
import json
import resource
import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, PasswordError, load_workbook

_MOST_MEMORY = 2**32
"""A workbook that unpacks to the 512 MB that are read needs less."""
_MARK = "sep=,\n"
"""As Excel names the separator, so that it need not be guessed."""


def _limit_memory() -> None:
    for kind, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, _MOST_MEMORY)):
        with suppress(ValueError, OSError):  # less is allowed already, or the system has no such limit
            resource.setrlimit(kind, (most, most))


def _write(path: Path, folder: Path) -> list[tuple[str, str]]:
    """File and name of each sheet with a header and a row."""
    written = []
    with load_workbook(path) as workbook:
        for number, name in enumerate(workbook.sheet_names, 1):
            sheet = workbook.get_sheet_by_name(name)
            if sum(any(cell != "" for cell in row) for row in sheet.iter_rows()) < 2:
                continue
            table = folder / f"{number}.csv"
            with table.open("x", encoding="utf-8", newline="") as file:
                file.write(_MARK)
                csv.writer(file).writerows([_cell(cell) for cell in row] for row in sheet.iter_rows())
            written.append((str(table), name))
    return written


def _cell(value: Any) -> Any:
    """Whole numbers without a point, times as ISO 8601."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def _main(path: str, folder: str) -> None:
    _limit_memory()
    told: dict[str, Any] = {}
    try:
        told["sheets"] = _write(Path(path), Path(folder))
    except PasswordError:
        told["has_password"] = True
    except CalamineError as error:
        told["error"] = str(error)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    _main(*sys.argv[1:])
