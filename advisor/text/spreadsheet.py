"""Cells that a spreadsheet doesn't run as formulas."""

from advisor.types import Json

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that starts so (OWASP, CSV injection)."""


def neutralise(cell: Json) -> Json:
    """A text that would run as a formula, made plain; anything else as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def restore(cell: Json) -> Json:
    """A cell as it was before :func:`neutralise`."""
    is_neutralised = isinstance(cell, str) and cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS)
    return cell[1:] if is_neutralised else cell
