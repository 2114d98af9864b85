"""What stands between a row and a call: records that wrap several are opened, parts of one call are told apart."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple

from advisor.ingest.files.rows import not_an_object
from advisor.ingest.reader import ROW_FAULTS, Joiner, Opener
from advisor.ingest.readers import all_joiners, all_openers
from advisor.ingest.records.waiting import WaitingRecords
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.storable import plain
from advisor.ingest.values.typed import untyped
from advisor.types import Json, Rejection

_DEPTH = 4
"""A page of traces of spans; deeper nesting isn't a log."""
_KEY_SETS = 1024
_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Part:
    """A record that belongs to a call together with others."""

    format: str
    """Of the joiner."""
    call: str
    record: dict[str, Json]


def part_of(record: dict[str, Json]) -> Part | None:
    """The record as a part of a call, or None when it stands alone."""
    found = _part_of(record)
    if found is None and _for_keys(_filled(record))[1]:
        plainer = without_cells(record)
        return _part_of(plainer) if plainer is not None else None
    return found


def _part_of(record: dict[str, Json]) -> Part | None:
    _, joiners = _for_keys(tuple(record))
    for joiner in joiners:
        call = joiner.call_of(record)
        if call is not None:
            return Part(joiner.name, call, record)
    return None


def _filled(record: dict[str, Json]) -> tuple[str, ...]:
    """The keys that hold something."""
    values = record.values()
    if "" in values or None in values:
        return tuple(key for key, value in record.items() if value not in (None, ""))
    return tuple(record)


def without_cells(record: dict[str, Json]) -> dict[str, Json] | None:
    """The record as it was before it became a row of a table: empty cells left out, values within text decoded.

    None where it isn't another.
    """
    found = {key: decode(value) for key, value in record.items() if value not in (None, "")}
    return found if found != record else None


@lru_cache(maxsize=_KEY_SETS)
def _for_keys(keys: tuple[str, ...]) -> tuple[tuple[Opener, ...], tuple[Joiner, ...]]:
    """Most logs have few sets of keys, so that nothing is asked twice."""
    have = frozenset(keys)
    openers = tuple(opener for opener in all_openers() if opener.opens(have))
    return openers, tuple(joiner for joiner in all_joiners() if joiner.joins(have))


class Unfolded:
    """Rows with those that wrap several opened, numbered as if the records within stood alone."""

    def __init__(self, rows: Iterator[tuple[int, Json]]) -> None:
        self._rows = rows
        self.more = 0
        """Rows so far beyond those of the file itself."""

    def __iter__(self) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
        first = list(islice(self._rows, 2))
        for number, record in chain(first, self._rows):
            if isinstance(record, Rejection):
                yield number + self.more, replace(record, row=number + self.more)
                continue
            record = untyped(_by_rows(record) if len(first) == 1 else record)
            if not _for_keys(tuple(record))[0]:
                yield number + self.more, record
                continue
            self.more -= 1
            for inner in _opened(number, record):
                self.more += 1
                row = number + self.more
                yield row, inner if isinstance(inner, dict | Rejection) else not_an_object(row, inner)


def _by_rows(record: dict[str, Json]) -> dict[str, Json]:
    """A table that a file holds as one object of columns, as pandas writes it, turned into rows."""
    lists = [
        value
        for value in record.values()
        if isinstance(value, list) and not any(isinstance(cell, dict | list) for cell in value)
    ]
    if 2 <= len(lists) == len(record) and len(lists[0]) > 1 and len({len(column) for column in lists}) == 1:
        return {"rows": [dict(zip(record, row, strict=True)) for row in zip(*lists, strict=True)]}
    columns = [value for value in record.values() if isinstance(value, dict) and value.keys() == _places(len(value))]
    if len(columns) < 2 or len(columns) < len(record) or len({len(column) for column in columns}) > 1:
        return record
    return {"rows": [{name: record[name][place] for name in record} for place in columns[0]]}


@lru_cache(maxsize=4)
def _places(many: int) -> frozenset[str]:
    return frozenset(map(str, range(many)))


def _opened(number: int, record: dict[str, Json]) -> Iterator[Json]:
    """What a record wraps, or a Rejection from where it cannot be opened any further."""
    try:
        yield from _within(record, _DEPTH)
    except ROW_FAULTS as error:
        yield unreadable(number, error)


def _within(record: dict[str, Json], depth: int) -> Iterator[Json]:
    """The records inside a record that wraps several, else the record itself."""
    record = untyped(record)
    openers = _for_keys(tuple(record))[0] if depth else ()
    for opener in openers:
        within = iter(opener.open(record))
        first = next(within, record)
        if first is record:
            continue
        for inner in chain((first,), within):
            if isinstance(inner, dict):
                yield from _within(inner, depth - 1)
            else:
                yield inner
        return
    yield record


def unreadable(number: int, error: Exception) -> Rejection:
    """The Rejection of a row that holds what nobody thought of."""
    return Rejection(row=number, reason=plain(f"not understood ({type(error).__name__}: {error})"[:_REASON_CHARS]))


class Joined(NamedTuple):
    """A call put together."""

    log: int
    """Index of the log that holds its first part."""
    row: int
    record: dict[str, Json] | Exception
    """The exception where the parts do not fit together."""
    parts: int


class WaitingParts:
    """Takes parts and gives calls."""

    def __init__(self) -> None:
        self._waiting = WaitingRecords()

    def put(self, log: int, row: int, part: Part) -> None:
        """Keep one part."""
        file = log if _joiner(part.format).is_per_file else ""
        self._waiting.put(f"{part.format}\0{file}\0{part.call}", (log, row), part.record)

    def calls(self) -> Iterator[Joined]:
        """Every call once, in the order of their first parts, and none a second time."""
        for group, parts in self._waiting.groups():
            yield from _joined(_joiner(group.partition("\0")[0]), parts)


@lru_cache
def _joiner(name: str) -> Joiner:
    return next(joiner for joiner in all_joiners() if joiner.name == name)


def _joined(joiner: Joiner, parts: list[tuple[Any, dict[str, Json]]]) -> Iterator[Joined]:
    """The calls that the parts make; several may have in common what parts are grouped by."""
    places = {id(record): place for place, record in parts}
    records = [record for _, record in parts]
    try:
        calls = joiner.split(records) if joiner.split is not None else [records]
    except ROW_FAULTS as error:
        log, row = parts[0][0]
        yield Joined(log, row, error, len(records))
        return
    for own in calls:
        try:
            record: dict[str, Json] | Exception = joiner.join(own)
        except ROW_FAULTS as error:
            record = error
        log, row = min(places[id(part)] for part in own)
        yield Joined(log, row, record, len(own))
