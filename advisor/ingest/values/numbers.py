"""Numbers, counts and durations as logs spell them."""

import math
import re

from advisor.types import Json

_NUMBER_NOISE = re.compile(r"[^\d.,eE+\-]")


_LONGEST_PLAUSIBLE_CALL_S = 100.0


def parse_number(value: Json) -> float | None:
    """A finite number from ``12``, ``"0,0012"``, ``"$1,234.50"`` or ``"1.234,5"``; None when it is not one."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = _NUMBER_NOISE.sub("", value)
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
