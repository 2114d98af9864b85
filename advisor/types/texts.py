"""Text that any database takes, cells that a spreadsheet doesn't run as formulas, and names that act nowhere."""

import re

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


_ACTING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
"""Control characters, those that turn the direction, and those that show nothing, by which names can look alike."""


def spell_out(text: str) -> str:
    """A name that came from a log or a person, with what would act instead of show as its code: ``[U+202E]``."""
    return _ACTING.sub(code_of, text)


def code_of(found: re.Match[str]) -> str:
    """A character as its code."""
    return f"[U+{ord(found[0]):04X}]"
