"""Times as logs spell them: epochs, ISO 8601, HTTP dates and dates such as 03/05/2025."""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import NamedTuple

from advisor.types import Json

_SLASHED = re.compile(r"(\d{1,2})([/.]|-(?=\d{1,2}-\d{4}))(\d{1,2})[/.-](\d{2,4})(?:,?\s+(.*?)(?:\s+Uhr)?)?$")
_YEAR_FIRST = re.compile(
    r"(\d{4})[-/._年] ?(\d{1,2})[-/._月] ?(\d{1,2})日?"
    r"(?:[ T_,]+(\d{1,2})[:h時点_-](\d{2})(?:[:m分_-](\d{2}(?:\.\d+)?))?[秒分]?)?"
)
"""With any marks between the numbers, as names of files and other languages have them."""
_MONTHS_NAMED = (
    "january januar janvier enero gennaio janeiro januari stycznia styczen января январь",
    "february februar fevrier febrero febbraio fevereiro februari lutego luty февраля февраль",
    "march marz mrz maerz mars marzo marco maart marca marzec марта март",
    "april avril abril aprile kwietnia kwiecien апреля апрель",
    "may mai mayo maggio maio mei maja maj мая май",
    "june juni juin junio giugno junho czerwca czerwiec июня июнь",
    "july juli juillet julio luglio julho lipca lipiec июля июль",
    "august aout agosto augustus sierpnia sierpien августа август",
    "september septembre septiembre settembre setembro wrzesnia wrzesien сентября сентябрь",
    "october oktober octobre octubre ottobre outubro pazdziernika pazdziernik октября октябрь",
    "november novembre noviembre novembro listopada listopad ноября ноябрь",
    "december dezember decembre diciembre dicembre dezembro grudnia grudzien декабря декабрь",
)
_NAMED = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
    r"(?:(?P<day>\d{1,2})(?:\.|st|nd|rd|th|er|º)?[\s/-]+(?:(?:de|of)\s+)?(?P<month>[^\W\d_]{3,12})\.?"
    r"|(?P<first>[^\W\d_]{3,12})\.?[\s-]+(?P<second>\d{1,2})(?:st|nd|rd|th)?)"
    r",?[\s/-]+(?:del?\s+)?(?P<year>\d{4}|\d{2}(?=\s))(?:\s+г\.)?"
    r"(?:(?:\s*[,@:]\s*|\s+(?:at|um|à|a|às|alle|las|ore|om|o|в|kl\.?)\b|\s)+"
    r"(?P<clock>\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?)(?:\s+Uhr)?(?P<zone>\s*Z|\s*(?:UTC|GMT)?[+-]\d{2}:?\d{2})?"
    r"(?:\s+(?:UTC|GMT))?(?:\s+\(.*\))?)?",
    re.I,
)
"""``Jan 3, 2025 @ 11:30``, ``3 de enero de 2025, 11:30``, ``03-JAN-25 11.30.12``."""
_TAIL = re.compile(r"\[[\w/+-]+\]$|(?<=[+-]\d{4}) [A-Z]{3,4}$")
"""The zone's name behind its hours, as Java and Go write it."""
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2}
_UNCLEAR_ZONE = re.compile(r"\d\s?CST$")
"""Central time of America, as it is read, or China's."""
_UNMARKED = re.compile(r"20\d{12}")
_HALF = re.compile(r"(?<=\d)\s?([AaPp])\.?[Mm]\b\.?")
_MONTHS = 12
_HALF_A_DAY = 12
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
    if text[4:5] == "/" and text[:4].isdigit():
        return _from_text(text[:10].replace("/", "-") + text[10:])
    if _UNMARKED.fullmatch(text):
        return _from_text(f"{text[:8]}T{text[8:]}")
    if re.fullmatch(r"\d{9,20}(\.\d+)?", text):
        return _from_epoch(float(text))
    slashed = _SLASHED.match(text)
    return _from_slashed(slashed, month_first and slashed[2] != ".") if slashed else _from_text(text)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """How long it took, where both times are known and in order."""
    return (end - start).total_seconds() if start and end and end >= start else None


def is_slashed(value: Json) -> bool:
    """Whether this is a date such as 03/05/2025, whose order it may not tell."""
    return _slashed(value) is not None


def _slashed(value: Json) -> re.Match[str] | None:
    found = _SLASHED.match(value.strip()) if isinstance(value, str) and ("/" in value or "-" in value) else None
    return found if found and found[2] != "." else None


def has_unclear_zone(value: Json) -> bool:
    """Whether a time names a zone that is one of America's and one of Asia's."""
    return isinstance(value, str) and _UNCLEAR_ZONE.search(value.strip()) is not None


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
        slashed = _slashed(value)
        if not slashed:
            continue
        first, second = int(slashed[1]), int(slashed[3])
        if (first > _MONTHS) != (second > _MONTHS):
            return DateOrder(second > _MONTHS, is_shown=True)
        if first != second:
            firsts.add(first)
            seconds.add(second)
    return DateOrder(len(seconds) > len(firsts), is_shown=not firsts)


_DAY = re.compile(r"\d{4}([-/])\d{2}\1\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}-\d{1,2}-\d{4}")
_CLOCK = re.compile(r"\d[:.h時点]\d\d(?!\d)(?!\.\d)|\d{9}")
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")
_HOUR = re.compile(r"(\d{1,2}):(\d{2})(:\d{2}(?:\.\d+)?)?(?:\s?([AaPp])\.?[Mm]\.?)?(?:\s?(Z|UTC|[+-]\d{2}:?\d{2}))?")


def is_day(value: Json) -> bool:
    """Whether this is a date without a time of day."""
    return isinstance(value, str) and _DAY.fullmatch(value.strip()) is not None


def has_clock(value: Json) -> bool:
    """Whether this is a number of seconds, or a date with a time of day."""
    return not isinstance(value, str) or _CLOCK.search(value) is not None


def days_in(name: str) -> list[str]:
    """The dates in the name of a file: ``chat_2025-03-17.csv``, ``20250317.log``."""
    return ["-".join(found.groups()) for found in _DAY_IN_NAME.finditer(name)]


def is_hour(value: Json) -> bool:
    """Whether this is a time of day without a date."""
    return isinstance(value, str) and _HOUR.fullmatch(value.strip()) is not None


def pass_midnight(clocks: Iterable[Json]) -> bool:
    """Whether times of day run backwards by half a day, as those of several days do."""
    hours = [int(found[1]) for clock in clocks if isinstance(clock, str) and (found := _HOUR.fullmatch(clock.strip()))]
    return any(one - other > _HALF_A_DAY for one, other in pairwise(hours))


def with_hour(record: dict[str, Json], day: str, hour: str) -> dict[str, Json]:
    """The record with the time of day of one column put behind the date of another, or behind ``day`` itself."""
    date, clock = record.get(day, day), record.get(hour)
    found = _HOUR.fullmatch(clock.strip()) if isinstance(clock, str) else None
    if found is None or not isinstance(date, str) or not is_day(date):
        return record
    hours, minutes, seconds, half, zone = found.groups()
    told = int(hours) % 12 + 12 * (half in "pP") if half else int(hours)
    moment = f"{date.strip()} {told:02}:{minutes}{seconds or ':00'}{zone or ''}"
    return {key: value for key, value in record.items() if key != hour} | {day if day in record else hour: moment}


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
    first, second, year = int(slashed[1]), int(slashed[3]), int(slashed[4])
    day, month = (second, first) if month_first else (first, second)
    try:
        date = datetime(year + 2000 if year < 100 else year, month, day)  # noqa: DTZ001 - the zone follows the clock
    except ValueError:
        return None
    clock = (slashed[5] or "").strip()
    for layout in ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"):
        try:
            time = datetime.strptime(clock, layout)  # noqa: DTZ007 - a clock time only
        except ValueError:
            continue
        return datetime.combine(date, time.time())
    return date if not clock else None


def _from_text(text: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    text = _TAIL.sub("", text)
    zone = text.rpartition(" ")[2]
    if zone in _ZONES and text[:1].isdigit():
        text = f"{text.removesuffix(zone).rstrip()}{_ZONES[zone]:+03}:00"
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
    if (named := _NAMED.fullmatch(text)) and (moment := _from_named(named)):
        return moment
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None


def _from_named(found: re.Match[str]) -> datetime | None:
    month = _MONTH_OF.get(_without_accents(found["month"] or found["first"]))
    if month is None:
        return None
    year = found["year"] if len(found["year"]) > 2 else f"20{found['year']}"
    hour, *rest = re.split(r"[:.h,]", found["clock"] or "00:00")
    clock = f"{int(hour):02}:{rest[0]}" + (f":{rest[1]}" if rest[1:] else "") + "".join(f".{part}" for part in rest[2:])
    zone = re.sub("UTC|GMT", "", found["zone"] or "").strip()
    with suppress(ValueError):
        return datetime.fromisoformat(f"{year}-{month:02}-{int(found['day'] or found['second']):02}T{clock}{zone}")
    return None


def _without_accents(word: str) -> str:
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(letter)
    )


def _months() -> dict[str, int]:
    """Every beginning of a month's name that no other month has."""
    found: dict[str, set[int]] = {}
    for number, names in enumerate(_MONTHS_NAMED, 1):
        for name in map(_without_accents, names.split()):
            for end in range(3, len(name) + 1):
                found.setdefault(name[:end], set()).add(number)
    return {begun: next(iter(numbers)) for begun, numbers in found.items() if len(numbers) == 1}


_MONTH_OF = _months()
