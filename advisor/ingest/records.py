"""What stands between a row and a call: records that wrap several are opened, parts of one call are told apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from advisor.ingest.cell import decode
from advisor.ingest.reader import Joiner, Opener, Splitter
from advisor.ingest.readers import all_joiners, all_openers
from advisor.types import Json

_DEPTH = 4
"""A page of traces of spans; deeper nesting isn't a log."""
_KEY_SETS = 1024


@dataclass(frozen=True, slots=True)
class Part:
    """A record that belongs to a call together with others."""

    call: str
    record: dict[str, Json]


def wraps(record: dict[str, Json]) -> bool:
    """Whether the record may wrap several, by its keys."""
    return _for_keys(tuple(record))[0] is not None


def unfold(record: dict[str, Json], depth: int = _DEPTH) -> Iterator[Json]:
    """The records inside a record that wraps several, else the record itself."""
    opener, _ = _for_keys(tuple(record))
    if opener is None or depth == 0:
        yield record
        return
    for inner in opener.open(record):
        if inner is record or not isinstance(inner, dict):
            yield inner
        else:
            yield from unfold(inner, depth - 1)


def part_of(record: dict[str, Json]) -> Part | None:
    """The record as a part of a call, or None when it stands alone."""
    found = _part_of(record)
    if found is None and _for_keys(tuple(key for key, value in record.items() if value not in (None, "")))[1]:
        plainer = without_cells(record)
        return _part_of(plainer) if plainer is not None else None
    return found


def _part_of(record: dict[str, Json]) -> Part | None:
    _, joiners = _for_keys(tuple(record))
    for joiner in joiners:
        call = joiner.call_of(record)
        if call is not None:
            return Part(f"{joiner.name}\0{call}", record)
    return None


def without_cells(record: dict[str, Json]) -> dict[str, Json] | None:
    """The record as it was before it became a row of a table: empty cells left out, values within text decoded.

    None where it isn't another.
    """
    found = {key: decode(value) for key, value in record.items() if value not in (None, "")}
    return found if found != record else None


def split(call: str, records: list[dict[str, Json]]) -> list[list[dict[str, Json]]]:
    """The parts of each call, where several calls have the same in common."""
    joiner = _joiner_of(call)
    return joiner.split(records) if isinstance(joiner, Splitter) and len(records) > 1 else [records]


def join(call: str, records: list[dict[str, Json]]) -> dict[str, Json]:
    """One record from the parts of a call."""
    return _joiner_of(call).join(records)


def joined_format(call: str) -> str:
    """The name of the format whose parts these are."""
    return _joiner_of(call).name


def _joiner_of(call: str) -> Joiner:
    name = call.partition("\0")[0]
    return next(joiner for joiner in all_joiners() if joiner.name == name)


@lru_cache(maxsize=_KEY_SETS)
def _for_keys(keys: tuple[str, ...]) -> tuple[Opener | None, tuple[Joiner, ...]]:
    """Most logs have few sets of keys, so that nothing is asked twice."""
    have = frozenset(keys)
    opener = next((opener for opener in all_openers() if opener.opens(have)), None)
    return opener, tuple(joiner for joiner in all_joiners() if joiner.joins(have))
