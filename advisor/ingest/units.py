"""The unit of durations whose keys tell none: one for the whole log, because 90 ms beside 900 ms is not 90 s."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from advisor.ingest.cell import parse_number
from advisor.ingest.columns import SYNONYMS, guess_unit, plain_headers, unit_of
from advisor.types import Json

Path = tuple[str, ...]
"""Keys of a record, or of an object in it."""
_FIRST_TOKENS = frozenset(SYNONYMS["ttft"])
_DURATIONS = frozenset(SYNONYMS["latency"]) | _FIRST_TOKENS
_KEY_SETS = 1024


def find_units(records: Iterable[Mapping[str, Json]]) -> dict[Path, str]:
    """``s`` or ``ms`` for each key of bare durations, from many records, which may hold them in an object.

    The time to the first token cannot be longer than the call, which tells the unit where its own numbers are small.
    """
    found: dict[Path, list[Json]] = {}
    for record in records:
        for path, value in _durations(record):
            found.setdefault(path, []).append(value)
    units = {path: unit for path, values in found.items() if (unit := guess_unit(values, path[-1])) is not None}
    longest_s = max(
        (_longest(found[path]) / (1000 if unit == "ms" else 1) for path, unit in units.items() if not _is_first(path)),
        default=0.0,
    )
    late = {path for path in units if _is_first(path) and _longest(found[path]) > longest_s}
    return {path: "ms" if path in late and longest_s else unit for path, unit in units.items()}


def with_units(record: dict[str, Json], units: Mapping[Path, str]) -> dict[str, Json]:
    """The record with those keys named after their unit (``latency_ms``), where nothing else has that name."""
    told: dict[str, Json] = record
    for (*outer, key), unit in units.items():
        where: Any = record.get(outer[0]) if outer else told
        if not isinstance(where, dict) or key not in where or f"{key}_{unit}" in where:
            continue
        renamed = {f"{key}_{unit}" if name == key else name: value for name, value in where.items()}
        told = told | {outer[0]: renamed} if outer else renamed
    return told


def _durations(record: Mapping[str, Json]) -> Iterable[tuple[Path, Json]]:
    for key in _untold(tuple(record)):
        yield (key,), record[key]
    for outer, value in record.items():
        if isinstance(value, dict):
            for key in _untold(tuple(value)):
                yield (outer, key), value[key]


@lru_cache(maxsize=_KEY_SETS)
def _untold(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for name, key in plain_headers(keys).items() if name in _DURATIONS and unit_of(key) is None)


def _is_first(path: Path) -> bool:
    return next(iter(plain_headers(path[-1:]))) in _FIRST_TOKENS


def _longest(values: Iterable[Json]) -> float:
    return max((number for value in values if (number := parse_number(value)) is not None), default=0.0)
