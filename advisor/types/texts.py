"""Text that any database takes, and cells that a spreadsheet doesn't run as formulas."""

from advisor.types.enums import Json


def clean(text: str) -> str:
    """``text`` as it can be stored: halves of a character joined where both are there, else replaced; no NUL."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "")


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that starts so (OWASP, CSV injection)."""


def neutralise(cell: Json) -> Json:
    """A text that would run as a formula, made plain; anything else as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def restore(cell: Json) -> Json:
    """A cell as it was before :func:`neutralise`."""
    is_neutralised = isinstance(cell, str) and cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS)
    return cell[1:] if is_neutralised else cell
