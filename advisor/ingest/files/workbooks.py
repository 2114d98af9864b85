"""Workbooks of Excel and LibreOffice, written out as a table a sheet, which is then read as any other."""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from advisor.errors import BadInput

_MAX_BYTES = 2**29
"""Of a workbook unpacked: a sheet is in memory as a whole."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins ``.xls`` files, and workbooks with a password."""
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MARK = "sep=,\n"
"""As Excel names the separator, so that it need not be guessed."""


def is_workbook(path: Path) -> bool:
    """Whether the file is a workbook by its content."""
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            return True
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            is_ods = "mimetype" in names and archive.read("mimetype").strip() == _ODS
            return is_ods or any(re.fullmatch(r"xl/workbook\.(xml|bin)", name) for name in names)
    except (BadZipFile, NotImplementedError, RuntimeError, OSError):
        return False


def write_sheets(path: Path, label: str, folder: Path) -> Iterator[tuple[Path, str]]:
    """Each sheet with a header and a row as a CSV file in the folder, and what a person calls it.

    Raises BadInput for a workbook that is damaged, too large or has a password.
    """
    from python_calamine import CalamineError, PasswordError, load_workbook

    _refuse_large(path, label)
    try:
        with load_workbook(path) as workbook:
            for number, name in enumerate(workbook.sheet_names, 1):
                rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                if sum(any(cell != "" for cell in row) for row in rows) < 2:
                    continue
                table = folder / f"{number}.csv"
                with table.open("x", encoding="utf-8", newline="") as file:
                    file.write(_MARK)
                    csv.writer(file).writerows([_cell(cell) for cell in row] for row in rows)
                yield table, f"{label}/{name}"
    except PasswordError:
        raise BadInput(f"{label} is protected by a password. Save it without one and try again.") from None
    except CalamineError as error:
        raise BadInput(f"{label} can't be read as a workbook ({error}). Save it as CSV and try again.") from None


def _refuse_large(path: Path, label: str) -> None:
    try:
        with ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except BadZipFile:
        size = path.stat().st_size
    if size > _MAX_BYTES:
        raise BadInput(f"{label} unpacks to {size // 2**20:,} MB, too much for a workbook. Save each sheet as CSV.")


def _cell(value: Any) -> Any:
    """Whole numbers without a point, times as ISO 8601."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime | date | time) else value
