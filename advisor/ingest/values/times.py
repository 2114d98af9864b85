"""Times as logs spell them: epochs, ISO 8601, HTTP dates and dates such as 03/05/2025."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from advisor.types import Json

_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{2,4})(?:,?\s+(.*))?$")
_YEAR_FIRST = re.compile(
    r"(\d{4})[-/._年] ?(\d{1,2})[-/._月] ?(\d{1,2})日?"
    r"(?:[ T_,]+(\d{1,2})[:h時点_-](\d{2})(?:[:m分_-](\d{2}(?:\.\d+)?))?[秒分]?)?"
)
"""With any marks between the numbers, as names of files and other languages have them."""
_DAY_NAMED = re.compile(r"\b(\d{1,2})-([A-Za-z]{3,9})-(\d{4})|(?<=\d) at (?=\d)")
_HALF = re.compile(r"(?<=\d)\s?([AaPp])\.?[Mm]\b\.?")
_MONTHS = 12
_UNITS_PER_SECOND = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
"""LLMs have been called over the network since 2020; earlier conversations stand in data sets, and years before these
are what is written where no time is known: 1, 1900, 1970, 2000."""
_AHEAD = timedelta(days=1)
"""Of this computer's clock, whose zone may be another one than the log's."""


def parse_time(value: Json, *, month_first: bool = False) -> datetime | None:
    """An aware time from an epoch (s, ms, us or ns by magnitude), ISO 8601, HTTP or dd/mm/yyyy text; else None.

    Times without a zone are taken for UTC. ``month_first`` reads 05/03/2025 as 3 May, but never 05.03.2025; what is no
    date in that order is None. So is what cannot be the time of a call: long before there were LLMs, or in the future.
    """
    moment = _moment(value, month_first)
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment if _EARLIEST <= moment <= datetime.now(UTC) + _AHEAD else None


def _moment(value: Json, month_first: bool) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_epoch(float(value))
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if text[4:5] == "-":  # nearly all are ISO 8601
        return _from_text(text)
    if text[4:5] == "/":
        return _from_text(text[:10].replace("/", "-") + text[10:])
    if re.fullmatch(r"\d{9,20}(\.\d+)?", text):
        return _from_epoch(float(text))
    slashed = _SLASHED.match(text)
    return _from_slashed(slashed, month_first and "/" in text) if slashed else _from_text(text)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """How long it took, where both times are known and in order."""
    return (end - start).total_seconds() if start and end and end >= start else None


def is_slashed(value: Json) -> bool:
    """Whether this is a date such as 03/05/2025, whose order it may not tell."""
    return isinstance(value, str) and "/" in value and _SLASHED.match(value.strip()) is not None


class DateOrder(NamedTuple):
    """How dates such as 03/05/2025 are to be read."""

    month_first: bool
    is_shown: bool
    """Whether any of them shows it; else it is a guess."""


def date_order(values: Iterable[Json]) -> DateOrder:
    """The order of dates such as 03/05/2025: that of the first whose order shows (01/31/2025).

    Where none shows it, the number that changes more is the day: a log of some days is likelier than one of the same
    day of many months.
    """
    firsts, seconds = set[int](), set[int]()
    for value in values:
        slashed = _SLASHED.match(value.strip()) if isinstance(value, str) and "/" in value else None
        if not slashed:
            continue
        first, second = int(slashed[1]), int(slashed[2])
        if (first > _MONTHS) != (second > _MONTHS):
            return DateOrder(second > _MONTHS, is_shown=True)
        if first != second:
            firsts.add(first)
            seconds.add(second)
    return DateOrder(len(seconds) > len(firsts), is_shown=not firsts)


_DAY = re.compile(r"\d{4}([-/])\d{2}\1\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_HOUR = re.compile(r"(\d{1,2}):(\d{2})(:\d{2}(?:\.\d+)?)?(?:\s?([AaPp])\.?[Mm]\.?)?(?:\s?(Z|UTC|[+-]\d{2}:?\d{2}))?")


def is_day(value: Json) -> bool:
    """Whether this is a date without a time of day."""
    return isinstance(value, str) and _DAY.fullmatch(value.strip()) is not None


def is_hour(value: Json) -> bool:
    """Whether this is a time of day without a date."""
    return isinstance(value, str) and _HOUR.fullmatch(value.strip()) is not None


def with_hour(record: dict[str, Json], day: str, hour: str) -> dict[str, Json]:
    """The record with the time of day of one column put behind the date of another."""
    date, clock = record.get(day), record.get(hour)
    found = _HOUR.fullmatch(clock.strip()) if isinstance(clock, str) else None
    if found is None or not isinstance(date, str) or not is_day(date):
        return record
    hours, minutes, seconds, half, zone = found.groups()
    told = int(hours) % 12 + 12 * (half in "pP") if half else int(hours)
    moment = f"{date.strip()} {told:02}:{minutes}{seconds or ':00'}{zone or ''}"
    return {key: value for key, value in record.items() if key != hour} | {day: moment}


def with_plain_date(record: dict[str, Json], column: str, *, month_first: bool) -> dict[str, Json]:
    """The record with the time in this column as ISO 8601; as None where it isn't a date in this order."""
    value = record.get(column)
    if not is_slashed(value):
        return record
    moment = parse_time(value, month_first=month_first)
    return record | {column: moment and moment.isoformat()}


def _from_epoch(number: float) -> datetime | None:
    for floor, per_second in _UNITS_PER_SECOND:
        if number >= floor:
            try:
                return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number / per_second)
            except OverflowError:
                return None
    return None


def _from_slashed(slashed: re.Match[str], month_first: bool) -> datetime | None:
    first, second, year = int(slashed[1]), int(slashed[2]), int(slashed[3])
    day, month = (second, first) if month_first else (first, second)
    try:
        date = datetime(year + 2000 if year < 100 else year, month, day)  # noqa: DTZ001 - the zone follows the clock
    except ValueError:
        return None
    clock = (slashed[4] or "").strip()
    for layout in ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"):
        try:
            time = datetime.strptime(clock, layout)  # noqa: DTZ007 - a clock time only
        except ValueError:
            continue
        return datetime.combine(date, time.time())
    return date if not clock else None


def _from_text(text: str) -> datetime | None:
    if text.endswith(("UTC", "GMT")) and text[:1].isdigit():
        text = text[:-3].rstrip() + "+00:00"
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    if half := _HALF.search(text):
        moment = _from_text(_HALF.sub("", text))
        hour = moment.hour % 12 + 12 * (half[1] in "pP") if moment else 0
        return moment and moment.replace(hour=hour)
    with suppress(ValueError):
        if own := _YEAR_FIRST.fullmatch(text):
            year, month, day, hours, minutes, seconds = own.groups()
            date = f"{year}-{int(month):02}-{int(day):02}"
            return datetime.fromisoformat(f"{date} {int(hours):02}:{minutes}:{seconds or '00'}" if hours else date)
    try:
        return parsedate_to_datetime(_DAY_NAMED.sub(lambda day: " ".join(filter(None, day.groups())) or " ", text))
    except (ValueError, TypeError):
        return None
