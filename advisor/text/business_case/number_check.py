"""Numbers in a text, held against the facts that it was written from.

Amounts, shares, points, dates and counts are found with their units; what can't be read as one of them is unsupported.
Number words ("a third") aren't numbers.
"""

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, auto

from advisor.types import Json


class Unit(StrEnum):
    """What a number counts."""

    USD = auto()
    SHARE = auto()
    """In percent."""
    POINTS = auto()
    """Percentage points."""
    SECONDS = auto()
    COUNT = auto()
    DATE = auto()
    NONE = auto()
    """Something else, which no fact has."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number with its unit, as a fact or as written."""

    unit: Unit
    value: float = 0.0
    noun: str = ""
    """Of a count, in the singular; empty: not said."""
    on: tuple[int | None, int | None, int | None] = (None, None, None)
    """Of a date: year, month, day; None: not said."""
    is_signed: bool = False
    written: str = ""


NOUNS = (
    "use case|sample|month|pair|call|day|week|year|model|candidate|engineer|question|answer|guardrail|step|token|option"
)
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MONTH = rf"(?:{MONTHS})[a-z]*\.?"
_DATE = re.compile(
    r"\b(?P<iso>\d{4}-\d\d-\d\d)\b"
    rf"|\b(?P<day>\d{{1,2}}) (?P<month>{_MONTH})(?:,? (?P<year>\d{{4}}))?\b"
    rf"|\b(?P<month2>{_MONTH}) (?P<day2>\d{{1,2}})(?!\d)(?:,? (?P<year2>\d{{4}}))?(?![\d%,.]\d)"
    rf"|\b(?P<month3>{_MONTH}),? (?P<year3>\d{{4}})\b"
)
_NUMBER = re.compile(
    r"(?P<sign>(?<![\w)])[+\-−–])?"
    r"(?P<usd>US\$|\$|USD\s?)?(?P<inner>[\-−])?"
    r"(?P<digits>\d[\d,]*(?:\.\d+)?|\.\d+)"
    r"(?:\s?(?P<scale>[kKMB]|bn|thousand|million|billion)(?!\w))?"
    r"(?:\s?(?P<unit>%|percentage points?\b|percent\b|pts?\b|points?\b|ms\b|s\b|seconds?\b|USD\b|dollars?\b))?"
)
_NOUN_AFTER = re.compile(rf"[\s-](?:of\s(?:the\s)?\d[\d,]*\s)?(?:[a-z][a-z-]*\s){{0,2}}?(?P<noun>{NOUNS})s?\b")
_NOUN_BEFORE = re.compile(rf"(?P<noun>{NOUNS})s?\s$", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d*(\.\d+)?")
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
_ALWAYS = ("p95", "p50")
"""Names that have digits."""


def unsupported(text: str, facts: Collection[Figure], names: Iterable[str] = ()) -> list[str]:
    """The numbers of a text that no fact has, as they are written; ``names`` may hold digits."""
    return [found.written for found in figures_in(text, names) if not any(_agrees(found, fact) for fact in facts)]


def figures_in(text: str, names: Iterable[str] = ()) -> Iterator[Figure]:
    """Every number of a text, those of names left out."""
    rest = unicodedata.normalize("NFKC", text)
    for name in sorted({*names, *_ALWAYS}, key=len, reverse=True):
        if any(map(str.isalpha, name)):
            rest = re.sub(rf"(?<!\w){re.escape(unicodedata.normalize('NFKC', name))}(?!\w)", " _ ", rest)
    for found in _DATE.finditer(rest):
        yield _date(found)
    rest = _DATE.sub(" _ ", rest)
    for found in _NUMBER.finditer(rest):
        yield _number(found, rest)
    left = _NUMBER.sub(" ", rest)
    yield from (Figure(unit=Unit.NONE, written=each) for each in left if unicodedata.category(each).startswith("N"))


def figures_of(value: Json, names: Collection[str] = ()) -> Iterator[Figure]:
    """Those of every string in a value."""
    if isinstance(value, str):
        yield from figures_in(value, names)
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from figures_of(each, names)


def _date(found: re.Match[str]) -> Figure:
    said = found.groupdict()
    if said["iso"]:
        iso = [int(part) for part in said["iso"].split("-")]
        return Figure(unit=Unit.DATE, on=(iso[0], iso[1], iso[2]), written=found[0])
    year, day = said["year"] or said["year2"] or said["year3"], said["day"] or said["day2"]
    name = said["month"] or said["month2"] or said["month3"]
    on = (int(year) if year else None, MONTHS.split("|").index(name[:3]) + 1, int(day) if day else None)
    return Figure(unit=Unit.DATE, on=on, written=found[0])


def _number(found: re.Match[str], text: str) -> Figure:
    written, digits = found[0].strip(), found["digits"].rstrip(",")
    before, after = text[: found.start()], text[found.end() :]
    is_glued = re.search(r"[^\W_]$|[€£¥]\s?$", before) or re.match(r"[^\W_]|-fold|\s?[€£¥]|\s?(?:EUR|GBP|x)\b", after)
    if is_glued or not _THOUSANDS.fullmatch(digits):
        return Figure(unit=Unit.NONE, written=written)
    value = float(digits.replace(",", "")) * _SCALES.get((found["scale"] or "").lower(), 1.0)
    sign = found["sign"] or found["inner"]
    if sign in ("-", "−", "–"):
        value = -value
    unit, noun = _unit(found), ""
    if unit is Unit.SECONDS and (found["unit"] or "").startswith("ms"):
        value /= 1000
    if unit is Unit.COUNT:
        named = _NOUN_AFTER.match(after) or _NOUN_BEFORE.search(before)
        noun = named["noun"].lower() if named else ""
    return Figure(unit=unit, value=value, noun=noun, is_signed=sign is not None, written=written)


def _unit(found: re.Match[str]) -> Unit:
    unit = found["unit"] or ""
    if found["usd"] or unit.startswith(("USD", "dollar")):
        return Unit.USD
    if unit in ("%", "percent"):
        return Unit.SHARE
    if unit.startswith(("p", "P")):
        return Unit.POINTS
    return Unit.SECONDS if unit else Unit.COUNT


def _agrees(found: Figure, fact: Figure) -> bool:
    """Whether a fact, rounded as people round, is what was written."""
    if found.unit is Unit.COUNT and fact.unit is Unit.DATE:
        return not found.noun and found.value == fact.on[0] and "," not in found.written
    if found.unit is not fact.unit or found.unit is Unit.NONE:
        return False
    if found.unit is Unit.DATE:
        return all(said is None or said == known for said, known in zip(found.on, fact.on, strict=True))
    if found.noun and found.noun != fact.noun:
        return False
    value = fact.value if found.is_signed else abs(fact.value)
    return found.value == value or (value != 0 and _is_rounded(found.value, value, _coarsest(value, found.unit)))


def _coarsest(value: float, unit: Unit) -> int:
    """The coarsest decimal place at which a number still says the fact; negative right of the point."""
    size = abs(value)
    first = math.floor(math.log10(size))
    if unit in (Unit.SHARE, Unit.POINTS):
        return 0 if size >= 10 else -1 if size >= 0.05 else first
    return first - 2 if unit is Unit.COUNT or size >= 10_000 else first - 1


def _is_rounded(written: float, value: float, coarsest: int) -> bool:
    """Whether ``written`` is ``value`` to this place or a finer one, halves either way."""
    steps = (10.0**place for place in range(coarsest, coarsest - 12, -1))
    return any(
        math.isclose(written / step, round(written / step), rel_tol=1e-9) and abs(written - value) <= 0.5000001 * step
        for step in steps
    )


def on_day(at: date | datetime) -> Figure:
    """A date as a fact."""
    return Figure(unit=Unit.DATE, on=(at.year, at.month, at.day))
