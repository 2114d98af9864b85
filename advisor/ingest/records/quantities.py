"""Durations and amounts of money in the unit that a key tells; where none does, in one unit for the whole log.

One for the whole log because 90 ms beside 900 ms is not 90 s.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from advisor.ingest.records.columns import OTHER_MONEY, SYNONYMS, pick, plain_headers, without_accents
from advisor.ingest.values.numbers import MINUTES, parse_number, parse_seconds
from advisor.ingest.values.times import parse_time
from advisor.types import Json

Path = tuple[str, ...]
"""Keys of a record, or of an object in it."""
_FIRST_TOKENS = frozenset(SYNONYMS["ttft"])
_DURATIONS = frozenset(SYNONYMS["latency"]) | _FIRST_TOKENS
_KEY_SETS = 1024
_SECONDS = {
    "ns": {"ns", "nanos", "nanoseconds"},
    "us": {"us", "micros", "microseconds"},
    "ms": {"ms", "millis", "milliseconds", "millisekunden", "millisecondes", "milisegundos", "millisecondi"},
    "min": {"min", "mins", "minutes", "minuten", "minutos"},
    "s": {"s", "sec", "secs", "seconds", "sek", "sekunden", "secondes", "seg", "segundos", "secondi", "seconden"},
}
_OTHER_UNITS = {"ms": re.compile(r"毫秒|ミリ秒|밀리초|\bмс\b"), "s": re.compile(r"秒|(?<![가-힣])초(?![가-힣])|\bсек")}
"""In letters of other scripts."""
_PER_UNIT_S = {"ns": 1e-9, "us": 1e-6, "min": 60.0}
_PARTS_OF_A_DOLLAR = {100: {"cent", "cents", "ct"}, 1e6: {"micros", "microusd", "microdollars", "microcurrency"}}
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_SPELLED_THOUSANDS = re.compile(r"^(\d{1,2},\d{3}|\d{1,3}(,\d{3}){2,})(?=\s*(ms|msec|millis\w*)\.?$)", re.I)
"""``1,953 ms``: no call takes two; ``472,125 ms`` may have a decimal comma (see _commas)."""
_SPELLED_MS = re.compile(r"^(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?=\s*(ms|msec|millis\w*)\.?$)", re.I)
_SPELLED_DECIMALS = re.compile(r"(\d{4,},\d+|\d+,(\d{1,2}|\d{4,}))\s*(ms|msec|millis\w*)\.?", re.I)
_BARE = re.compile(r"[\d.,]+")
PLAUSIBLE_S = (0.005, 900.0)
"""Of the median of durations; outside of it the unit is another one than it seems."""
_LONGEST_UNTOLD_S = 60.0
"""Of that median where nothing tells the unit: few calls take a minute, and 92 may as well be milliseconds."""
_MOMENT = re.compile(r"\s*(\d{4}[-/.]\d\d[-/.]\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}\D|\d{10,13}(\.|$))")
"""Not a duration, where no unit is told."""
UNSURE = "?"
"""Stands for a unit that only a person can tell."""
DECIMAL = ","
"""Stands for that of each cell, where they have decimal commas: ``98,512 ms`` beside ``1953,5 ms``."""
_OF_OLLAMA = frozenset({"eval_count", "prompt_eval_count", "load_duration", "eval_duration"})
"""Names that Ollama has beside a ``total_duration``, which is in nanoseconds."""
_NANO = 1e6
"""A duration of a model isn't as short in nanoseconds nor as long in milliseconds."""
UNITS = ("s", "ms", "us", "ns")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")


@lru_cache(maxsize=1024)
def unit_of(column: str) -> str | None:
    """The unit of time that a column's name tells: ``ns``, ``us``, ``ms``, ``s``, ``min`` or None."""
    words = _words(column)
    named = (unit for unit, names in _SECONDS.items() if words & names)
    return next(named, None) or next((unit for unit, other in _OTHER_UNITS.items() if other.search(column)), None)


def _unit_of_all(values: Iterable[Json]) -> str | None:
    """The unit of durations whose name tells none, from many of them: ``s``, ``ms``, or None where all tell their own.

    A call takes no 1000 s, and few log whole seconds where some calls take more than 100 s.
    """
    numbers = [parse_number(value) for value in values if _BARE.fullmatch(str(value).strip())]
    known = sorted(number for number in numbers if number is not None and number >= 0)
    if not known:
        return None
    longest, median = known[-1], known[len(known) // 2]
    is_whole = all(number.is_integer() for number in known)
    return "ms" if longest > 1000 or median > 100 or (is_whole and longest > 100) else "s"


def seconds(value: Json, column: str, unit: str | None = None) -> float | None:
    """A duration in seconds: ``850``, ``0,85``, ``850 ms`` or ``00:00:01.5``, in the unit of the column's name.

    ``unit`` is that of bare numbers where the name tells none (see find_units).
    """
    if value is None or value == "":
        return None
    own = unit_of(column)
    is_decimal, unit = unit == DECIMAL, None if unit == DECIMAL else unit
    if isinstance(value, str):
        value, column_unit = value.strip(), unit
        unit = own or (unit if _BARE.fullmatch(value) else None)
        if clock := _CLOCK.fullmatch(value):
            return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3].replace(",", "."))
        if spelled := MINUTES.fullmatch(value):
            return int(spelled[1]) * 60 + float(spelled[2].replace(",", "."))
        thousands = _SPELLED_MS if column_unit == "ms" else _SPELLED_THOUSANDS
        value = value if is_decimal else thousands.sub(lambda found: found[0].replace(",", ""), value)
        if unit not in (None, "s", "min") and _THOUSANDS.fullmatch(value):
            value = value.replace(",", "")  # 1,234 ms: no call takes one and a bit
    else:
        unit = own or unit
    if unit in _PER_UNIT_S:
        number = parse_number(value)
        return None if number is None or number < 0 else number * _PER_UNIT_S[unit]
    return parse_seconds(value, unit)


def lasted(value: Json, column: str, unit: str | None, begun: datetime | None) -> float | None:
    """As ``seconds``, also of the moment at which a call ended."""
    is_told = begun is None or value is None or unit is not None or unit_of(column) is not None
    ended = None if is_told or not _MOMENT.match(str(value)) else parse_time(value)
    if begun is None or ended is None:
        return seconds(value, column, unit)
    taken = (ended - begun).total_seconds() if (ended.tzinfo is None) is (begun.tzinfo is None) else -1
    return taken if 0 <= taken <= PLAUSIBLE_S[1] else None


def money(value: Json, column: str) -> float | None:
    """An amount as logged, in dollars, also from a column that is named after cents or millionths.

    None for another currency: what a dollar cost on that day nobody here knows.
    """
    amount = None if value is None or value == "" else parse_number(value)
    if amount is None or OTHER_MONEY.search(column) or (isinstance(value, str) and OTHER_MONEY.search(value)):
        return None
    return next((amount / parts for parts, names in _PARTS_OF_A_DOLLAR.items() if _words(column) & names), amount)


def find_units(records: Iterable[Mapping[str, Json]], known: Iterable[str] = ()) -> dict[Path, str]:
    """``s``, ``ms``, UNSURE or DECIMAL for keys of durations, from many records, which may hold them in an object.

    ``known`` are dotted paths of others, wherever they lie.

    The time to the first token cannot be longer than the call, which tells the unit where its own numbers are small.
    """
    found: dict[Path, list[Json]] = {}
    deep = [path for each in known if len(path := tuple(each.split("."))) > 2]
    is_ollamas = False
    for record in records:
        is_ollamas = is_ollamas or not _OF_OLLAMA.isdisjoint(record)
        deeper = ((path, pick(dict(record), ".".join(path))) for path in deep)
        for path, value in chain(_durations(record), deeper):
            found.setdefault(path, []).append(value)
    commas = {path: unit for path, values in found.items() if (unit := _commas(values)) is not None}
    found = {path: values for path, values in found.items() if unit_of(path[-1]) is None}
    units = {path: unit for path, values in found.items() if (unit := _unit_of_all(values)) is not None}
    units |= {
        path: "ns" for path in units if is_ollamas and path[-1] == "total_duration" and _longest(found[path]) > _NANO
    }
    longest_s = max(
        (_longest(found[path]) / (1000 if unit == "ms" else 1) for path, unit in units.items() if not _is_first(path)),
        default=0.0,
    )
    late = {path for path in units if _is_first(path) and _longest(found[path]) > longest_s}
    units = {path: "ms" if path in late and longest_s else unit for path, unit in units.items()}
    longest = {"ns": PLAUSIBLE_S[1]}  # no unit is smaller
    return commas | {
        path: unit if _is_plausible(found[path], unit, longest.get(unit, _LONGEST_UNTOLD_S)) else UNSURE
        for path, unit in units.items()
    }


def _commas(values: list[Json]) -> str | None:
    """``ms`` where all commas in spelled milliseconds are of thousands and that makes usual calls, or DECIMAL."""
    texts = [str(value).strip() for value in values if value not in (None, "")]
    spelled = [match[1].replace(",", "") for text in texts if (match := _SPELLED_MS.match(text))]
    if any(map(_SPELLED_DECIMALS.fullmatch, texts)):
        return DECIMAL
    if len(spelled) < len(texts) or not any("," in text for text in texts):
        return None
    return "ms" if _is_plausible(spelled, "ms", _LONGEST_UNTOLD_S) else DECIMAL


def likely_unit(values: Iterable[Json]) -> str | None:
    """The only unit in which durations are as long as those of calls are, or None."""
    values = list(values)
    units = [unit for unit in UNITS if _is_plausible(values, unit)]
    return units[0] if len(units) == 1 else None


def _is_plausible(values: Iterable[Json], unit: str, longest_s: float = PLAUSIBLE_S[1]) -> bool:
    numbers = [parse_number(value) for value in values if _BARE.fullmatch(str(value).strip())]
    known = sorted(number for number in numbers if number is not None and number > 0)
    per_s = 1e-3 if unit == "ms" else _PER_UNIT_S.get(unit, 1.0)
    return not known or PLAUSIBLE_S[0] <= known[len(known) // 2] * per_s <= longest_s


def with_units(record: dict[str, Json], units: Mapping[Path, str]) -> dict[str, Json]:
    """The record with those keys named after their unit (``latency_ms``), where nothing else has that name.

    A duration in an unknown unit is left out.
    """
    told: dict[str, Json] = record
    for (*outer, key), unit in units.items():
        where: Any = record.get(outer[0]) if outer else told
        if not isinstance(where, dict) or key not in where or f"{key}_{unit}" in where:
            continue
        if unit == DECIMAL or unit_of(key) is not None:
            continue
        renamed = {
            f"{key}_{unit}" if name == key else name: value
            for name, value in where.items()
            if name != key or unit != UNSURE
        }
        told = told | {outer[0]: renamed} if outer else renamed
    return told


def _durations(record: Mapping[str, Json]) -> Iterable[tuple[Path, Json]]:
    for key in duration_keys(tuple(record)):
        yield (key,), record[key]
    for outer, value in record.items():
        if isinstance(value, dict):
            for key in duration_keys(tuple(value)):
                yield (outer, key), value[key]


@lru_cache(maxsize=_KEY_SETS)
def duration_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that hold durations, by their names."""
    return tuple(key for name, key in plain_headers(keys).items() if name in _DURATIONS)


def _is_first(path: Path) -> bool:
    return next(iter(plain_headers(path[-1:]))) in _FIRST_TOKENS


def _longest(values: Iterable[Json]) -> float:
    return max((number for value in values if (number := parse_number(value)) is not None), default=0.0)


@lru_cache(maxsize=512)
def _words(column: str) -> frozenset[str]:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", without_accents(column))
    return frozenset(re.split(r"[^a-z]+", snake.lower()))
