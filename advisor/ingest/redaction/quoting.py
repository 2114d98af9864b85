"""What a message may quote of a file: messages are kept, shown and printed whether or not redaction was chosen."""

import re
from collections.abc import Sequence

from advisor.ingest.redaction.redact import Redactor

_KEY_NAME = re.compile(r"[\w.\-]{1,40}")
_SPOKEN_NAME = re.compile(r"[\w.\-]+( [\w.\-]+){0,3}( ?\([^)\d]{1,12}\))?")
"""Such as "Cost per call (USD)": a header of these only."""
_SHOWN = 30


def quoted(text: str) -> str:
    """A text that quotes a file, without personal data and keys."""
    return Redactor().redact_text(text)


def quoted_names(names: Sequence[str]) -> str:
    """The first names of columns or keys in a row; by its place what looks like no name.

    In a table without a header the first row's cells stand for names.
    """
    listed = names[:_SHOWN]
    has_header = all(_is_name(name, _SPOKEN_NAME) for name in listed)
    names_alike = _SPOKEN_NAME if has_header else _KEY_NAME
    shown = [name if _is_name(name, names_alike) else f"column {place}" for place, name in enumerate(listed, 1)]
    return ", ".join(shown) or "none"


def _is_name(text: str, name: re.Pattern[str]) -> bool:
    return name.fullmatch(text) is not None and any(letter.isalpha() for letter in text) and quoted(text) == text
