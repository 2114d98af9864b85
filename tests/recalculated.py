"""A workbook as a spreadsheet shows it: our own formulas worked out, as far as this program writes them."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

_AREA = re.compile(r"(?:(?:'([^']+)'|([A-Z]\w*))!)?\$?([A-Z])\$?(\d+)(?::\$?([A-Z])\$?(\d+))?")
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": sum,
    "MIN": min,
    "POWER": pow,
    "IF": lambda test, then, other: then if test else other,
    "MATCH": lambda wanted, cells, _: cells.index(wanted) + 1 if wanted in cells else None,
    "IFERROR": lambda value, other: other if value is None else value,
}


def recalculated(content: bytes) -> Workbook:
    """The workbook with the value of every formula in its place."""
    book = load_workbook(BytesIO(content))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert not isinstance(cell.value, ArrayFormula)
                _value(book, sheet.title, cell.coordinate)
    return book


def _value(book: Workbook, sheet: str, at: str) -> Any:
    cell = book[sheet][at]
    if cell.data_type != "f":
        return cell.value

    def look(found: re.Match[str]) -> str:
        name = found[1] or found[2] or sheet
        if found[5] is None:
            return repr(_value(book, name, found[3] + found[4]) or 0)
        return repr([_value(book, name, f"{found[3]}{row}") for row in range(int(found[4]), int(found[6]) + 1)])

    cell.value = eval(_AREA.sub(look, cell.value[1:]), {"__builtins__": {}}, FUNCTIONS)
    return cell.value
