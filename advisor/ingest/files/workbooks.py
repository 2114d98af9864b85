"""Workbooks of Excel and LibreOffice, written out as a table a sheet, which is then read as any other."""

import logging
import re
import subprocess
import sys
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import orjson

from advisor.errors import BadInput

_MAX_BYTES = 2**29
"""Of a workbook unpacked."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins ``.xls`` files, and workbooks with a password."""
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ROOT = Path(__file__).parents[3]
_logger = logging.getLogger(__name__)


def is_workbook(path: Path) -> bool:
    """Whether the file is a workbook by its content."""
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            return True
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    if member.read(len(_ODS) + 2).strip() == _ODS:
                        return True
            return any(re.fullmatch(r"xl/workbook\.(xml|bin)", name) for name in names)
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return False


def write_sheets(path: Path, label: str, folder: Path) -> list[tuple[Path, str]]:
    """Each sheet with a header and a row as a CSV file in the folder, and what a person calls it.

    Raises BadInput for a workbook that is damaged, too large or has a password.
    """
    _refuse_large(path, label)
    command = [sys.executable, "-m", "advisor.ingest.files.sheets", str(path.resolve()), str(folder)]
    done = subprocess.run(command, cwd=_ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - a file's name is all that is from outside
    if done.returncode:
        _logger.warning("%s: reading the workbook ended with %s: %s", label, done.returncode, done.stderr[:200])
        raise BadInput(
            f"{label} can't be read: it needs too much memory or is damaged. Delete cells that lie far from the table, "
            "or save each sheet as CSV, and try again."
        )
    told = orjson.loads(done.stdout)
    if "has_password" in told:
        raise BadInput(f"{label} is protected by a password. Save it without one and try again.")
    if "error" in told:
        raise BadInput(f"{label} can't be read as a workbook ({told['error']}). Save it as CSV and try again.")
    return [(Path(table), f"{label}/{name}") for table, name in told["sheets"]]


def _refuse_large(path: Path, label: str) -> None:
    try:
        with ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except BadZipFile:
        size = path.stat().st_size
    if size > _MAX_BYTES:
        raise BadInput(f"{label} unpacks to {size // 2**20:,} MB, too much for a workbook. Save each sheet as CSV.")
