"""Values as logs spell them: numbers, times, durations, and JSON or python literals inside text."""

import json
import math
import re
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
_UNITS_PER_SECOND = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
_LONGEST_PLAUSIBLE_CALL_S = 100.0


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

    Times without a zone are taken for UTC. ``month_first`` reads 05/03/2025 as 3 May.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_epoch(float(value))
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if text[4:5] == "-":  # nearly all are ISO 8601
        moment = _from_text(text)
    elif re.fullmatch(r"\d{9,20}(\.\d+)?", text):
        return _from_epoch(float(text))
    else:
        slashed = _SLASHED.match(text)
        moment = _from_slashed(slashed, month_first) if slashed else _from_text(text)
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment


def is_month_first(value: Json) -> bool | None:
    """Whether the order of 01/31/2025 shows in this value; None where it does not (03/05/2025, ISO ...)."""
    slashed = _SLASHED.match(value.strip()) if isinstance(value, str) else None
    if not slashed or (int(slashed[1]) <= 12 and int(slashed[2]) <= 12):
        return None
    return int(slashed[1]) <= 12


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
    day, month = (second, first) if month_first or second > 12 else (first, second)
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
