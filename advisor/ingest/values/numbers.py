"""Numbers, counts and durations as logs spell them."""

import math
import re

from advisor.types import Json

_NUMBER_NOISE = re.compile(r"[^\d.,eE+\-]|(?<![\d.])[eE]|[eE](?![+\-]?\d)")
"""The ``e`` of 2.4 sec too, but not that of 1e-3."""


_THOUSANDS = re.compile(r"(?<=\d)[.,\s](?=\d{3}(\D|$))")
_EXACT, _FEW_DIGITS = 2**53, 16
"""Below which a float holds any whole number."""
_LONGEST_PLAUSIBLE_CALL_S = 100.0
_MILLISECONDS = r"ms|msec|m(?:illi)?se[cgk]\w*|millis\w*|毫秒|ミリ秒|밀리초|мс"
_WHOLE_SECONDS = r"s|se[cgk]\w*|秒钟?|초|сек\w*|с"
SECONDS = rf"(?:{_MILLISECONDS}|{_WHOLE_SECONDS})\.?"
"""A unit of time after a number."""
MINUTES = re.compile(rf"(\d+)\s*(?:m|min\w*|分钟?|분)\.?\s*(\d+(?:[.,]\d+)?)\s*(?:{_WHOLE_SECONDS})\.?", re.I)
"""Minutes and seconds: ``1m 4s``."""
_SPELLED = re.compile(rf"\s*[\d.,]+\s*(?:({_MILLISECONDS})|({_WHOLE_SECONDS}))\.?\s*", re.I)


def parse_number(value: Json) -> float | None:
    """A finite number from ``12``, ``"0,0012"``, ``"$1,234.50"`` or ``"1.234,5"``; None when it is not one."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = _NUMBER_NOISE.sub("", value).rstrip(".,")  # 4,2 sec.
        comma, point = value.rfind(","), value.rfind(".")
        value = value.replace(".", "").replace(",", ".") if comma > point else value.replace(",", "")
    if not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def parse_count(value: Json) -> int | None:
    """A whole number of at least 0. In text ``,`` and ``.`` before three digits part thousands; else None."""
    if value is None or (type(value) is int and 0 <= value < _EXACT):
        return value
    if isinstance(value, str):
        if len(value) < _FEW_DIGITS and value.isascii() and value.isdigit():
            return int(value)
        value = _THOUSANDS.sub("", value.strip())
    number = parse_number(value)
    return int(number) if number is not None and number >= 0 else None


def parse_seconds(value: Json, unit: str | None = None) -> float | None:
    """A duration in seconds. ``unit`` is ``s`` or ``ms``; without it numbers above 100 are taken for milliseconds."""
    if isinstance(value, str) and unit is None and (spelled := _SPELLED.fullmatch(value)):
        unit = "ms" if spelled[1] else "s"
    number = parse_number(value)
    if number is None or number < 0:
        return None
    if unit == "ms" or (unit is None and number > _LONGEST_PLAUSIBLE_CALL_S):
        return number / 1000
    return number
