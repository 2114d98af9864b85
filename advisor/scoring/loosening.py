"""One spelling for values that differ in punctuation, white space, case, or the form of a date."""

import re
import unicodedata
from datetime import UTC, date, datetime

from advisor.types import Json

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
        rf"{_DAY}(?:[-\s]+|\s+of\s+){_NAMED}[-,\s]+(?P<year>\d{{4}})",
        rf"{_NAMED}\s+{_DAY},?\s+(?P<year>\d{{4}})",
    )
)
_EITHER = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})")
_TOKEN = re.compile(
    r"(?P<number>(?:(?<![\w)\]])-)?(?:\d+(?:[.,]\d+)*|(?<![\w.])\.\d+)(?:e[-+]?\d+)?)|[^\W\d_]+|[^\w\s]"
)
_MARKS = "^`\u00b4"
_MEANT = "%#&@"
"""Punctuation to Unicode that changes what a text says."""


def loosened(value: Json) -> Json:
    """The value with every text in it in that one spelling; keys stay."""
    if isinstance(value, str):
        return _loosened_text(value)
    if isinstance(value, list):
        return [loosened(item) for item in value]
    if isinstance(value, dict):
        return {key: loosened(item) for key, item in value.items()}
    return value


def read_date(text: str) -> datetime | None:
    """The date that a text is, and its time where it is in ISO 8601; 05/03/2025 is none, as it could be two."""
    text = text.strip().rstrip(".,;")
    if either := _EITHER.fullmatch(text):
        first, second, year = map(int, either.groups())
        return _date(year, *((second, first) if first > 12 else (first, second))) if max(first, second) > 12 else None
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            month = found["month"][:3].lower()
            number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month)
            return _date(int(found["year"]), number, int(found["day"]))
    try:
        at = None if text.isdecimal() else datetime.fromisoformat(text)
        return at if at is None or at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _date(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime.combine(date(year, month, day), datetime.min.time())
    except ValueError:
        return None


def _loosened_text(text: str) -> str:
    """Letters, numbers with their sign and decimals, and symbols such as + and $; a space only between numbers."""
    if (at := read_date(text)) is not None:
        return at.isoformat()
    parts: list[str] = []
    after_number = False
    for token in _TOKEN.finditer(text.casefold().replace("−", "-")):
        is_number = token["number"] is not None
        if is_number or not _is_dropped(token[0]):
            parts.append(f" {token[0]}" if is_number and after_number else token[0])
            after_number = is_number
    return "".join(parts) or text


def _is_dropped(token: str) -> bool:
    return token in _MARKS or (token not in _MEANT and unicodedata.category(token[0]).startswith("P"))
