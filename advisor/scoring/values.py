"""Values as models write them: when two are the same, where two objects differ, which number or date a text gives."""

import math
import re
import unicodedata
from datetime import UTC, date, datetime

from advisor.scoring.reading import json_in, label_in, plain
from advisor.types import Json

_NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w)"  # "E12" is a name
)
_FINAL = re.compile(r"(?:####|\banswer\b(?: is)?\s*[:=]?|\bresult\b(?: is)?\s*[:=]?)", re.IGNORECASE)


def differing(target: Json, value: Json, path: str = "") -> list[str]:
    """Paths of the fields that differ after normalisation. A field that is null or empty is as good as absent."""
    if isinstance(target, dict) and isinstance(value, dict):
        keys = [*target, *(key for key in value if key not in target)]
        return [
            found
            for key in keys
            for found in differing(target.get(key), value.get(key), f"{path}.{key}" if path else str(key))
        ]
    if isinstance(target, list) and isinstance(value, list):
        if len(target) != len(value):
            return [f"{path or 'list'} ({len(value)} items, not {len(target)})"]
        items = enumerate(zip(target, value, strict=True))
        return [found for i, (wanted, given) in items for found in differing(wanted, given, f"{path}[{i}]")]
    return [] if same_value(target, value) else [path or "value"]


def same_value(target: Json, value: Json, *, strict: bool = False) -> bool:
    """Equal after normalisation. Not ``strict``: a number may be written as a string."""
    if is_absent(target) and is_absent(value):
        return True
    if isinstance(target, bool) or isinstance(value, bool):
        return target is value
    if isinstance(target, int | float) and isinstance(value, int | float):
        return same_number(target, value)
    if isinstance(target, str) and isinstance(value, str):
        if plain(target) == plain(value):
            return True
        first, second = whole_number(target), whole_number(value)
        return not strict and first is not None and second is not None and same_number(first, second)
    if not strict and isinstance(target, str | int | float) and isinstance(value, str | int | float):
        first, second = whole_number(str(target)), whole_number(str(value))
        return first is not None and second is not None and same_number(first, second)
    return bool(target == value)


def is_absent(value: Json) -> bool:
    """Whether a field with this value is as good as not there."""
    return value is None or value == "" or value == [] or value == {}


def read_number(text: str) -> float | None:
    """The number an answer gives: alone, in JSON, after "answer", or the only one in the text."""
    if (found := json_in(text)) is not None:
        label = label_in(found.value)
        return None if label is None else whole_number(label)
    whole = whole_number(text)
    if whole is not None:
        return whole
    finals = list(_FINAL.finditer(text))
    for part in ([text[finals[-1].end() :]] if finals else []) + [text]:
        numbers = {_float(written) for written in _NUMBER.findall(part)}
        if len(numbers) == 1:
            return numbers.pop()
    return None


def whole_number(text: str) -> float | None:
    """The text as a number, if it is nothing else but a currency or percent sign."""
    bare = plain(text).strip("$€£¥% ")
    return _float(bare) if _NUMBER.fullmatch(bare) else None


def _float(written: str) -> float | None:
    """None where it is too large to be told from other large numbers, such as 1e999."""
    number = float(written.replace(",", "").replace("−", "-"))
    return number if math.isfinite(number) else None


def same_number(first: float, second: float) -> bool:
    """Equal but for rounding."""
    return is_near(first, second, 0.0)


def is_near(wanted: float, given: float, tolerance: float) -> bool:
    """Within a fraction of ``wanted``, or within ``tolerance`` itself where ``wanted`` is 0; rounding is forgiven."""
    try:
        wanted, given = float(wanted), float(given)
    except OverflowError:  # a number of hundreds of digits
        return wanted == given
    allowed = tolerance * (abs(wanted) or 1.0)
    return math.isclose(wanted, given, rel_tol=1e-9, abs_tol=1e-12) or abs(wanted - given) <= allowed * (1 + 1e-9)


def short(text: str) -> str:
    """The beginning of a text in quotes, on one line."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:59]}…")


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
    """The value with texts in one spelling that ignores punctuation, white space, case, and the form of a date.

    Keys stay.
    """
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
