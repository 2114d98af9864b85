"""Values as logs spell them: numbers, times, durations, and JSON or python literals inside text."""

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import orjson

from advisor.ingest.characters import HALF_EMOJI, plain
from advisor.ingest.literal import read_literal
from advisor.types import Json

_OPENERS = ("{", "[", '"', "array(")
_LITERAL_LIMIT = 2_000_000
_NUMBER_NOISE = re.compile(r"[^\d.,eE+\-]")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{2,4})(?:,?\s+(.*))?$")
_MONTHS = 12
_UNITS_PER_SECOND = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
_LONGEST_PLAUSIBLE_CALL_S = 100.0
_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
"""LLMs have been called over the network since 2020; earlier conversations stand in data sets, and years before these
are what is written where no time is known: 1, 1900, 1970, 2000."""
_AHEAD = timedelta(days=1)
"""Of this computer's clock, whose zone may be another one than the log's."""


def decode(value: Json) -> Json:
    """The value inside a text cell: JSON (also JSON within JSON, or with doubled quotes) or a python literal.

    Text that is neither is returned as it is.
    """
    while isinstance(value, str) and value.lstrip().startswith(_OPENERS):
        inner = _decode_once(value)
        if inner is None:
            break
        value = inner
    return value


def _decode_once(text: str) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    if HALF_EMOJI.search(text):  # orjson refuses halves of an emoji
        try:
            return plain(json.loads(text))
        except (ValueError, RecursionError):
            pass
    if text.lstrip().startswith('"') or len(text) > _LITERAL_LIMIT:
        return None
    if '""' in text:
        try:
            return orjson.loads(text.replace('""', '"'))
        except orjson.JSONDecodeError:
            pass
    try:
        literal = read_literal(text)
    except (ValueError, RecursionError, TypeError):
        return None
    return plain(literal) if isinstance(literal, dict | list) else None


def object_in(value: Json) -> dict[str, Json]:
    """The object that the value is, or is in text; empty where it is none."""
    return as_object(decode(value))


def as_object(value: Json) -> dict[str, Json]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_in(value: Json) -> str | None:
    """A text or a number as text; None where it is empty or anything else."""
    return str(value).strip() or None if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def written(value: Json) -> str:
    """A text as it stands, anything else as JSON; nothing for null."""
    return value if isinstance(value, str) else "" if value is None else orjson.dumps(value).decode()


def parse_number(value: Json) -> float | None:
    """A finite number from ``12``, ``"0,0012"``, ``"$1,234.50"`` or ``"1.234,5"``; None when it is not one."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    text = _NUMBER_NOISE.sub("", value)
    comma, point = text.rfind(","), text.rfind(".")
    text = text.replace(".", "").replace(",", ".") if comma > point else text.replace(",", "")
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def parse_count(value: Json) -> int | None:
    """A whole number of at least 0. In text ``,`` and ``.`` before three digits part thousands; else None."""
    if isinstance(value, str):
        value = re.sub(r"(?<=\d)[.,\s](?=\d{3}(\D|$))", "", value.strip())
    number = parse_number(value)
    return int(number) if number is not None and number >= 0 else None


def parse_seconds(value: Json, unit: str | None = None) -> float | None:
    """A duration in seconds. ``unit`` is ``s`` or ``ms``; without it numbers above 100 are taken for milliseconds."""
    if isinstance(value, str) and unit is None:
        spelled = re.fullmatch(r"\s*([\d.,]+)\s*(ms|s|sec|seconds?)\s*", value)
        if spelled:
            unit = "ms" if spelled[2] == "ms" else "s"
    number = parse_number(value)
    if number is None or number < 0:
        return None
    if unit == "ms" or (unit is None and number > _LONGEST_PLAUSIBLE_CALL_S):
        return number / 1000
    return number


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


def is_month_first(values: Iterable[Json]) -> bool:
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
            return second > _MONTHS
        firsts.add(first)
        seconds.add(second)
    return len(seconds) > len(firsts)


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
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
