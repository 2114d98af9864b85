"""Opening logs and streaming their rows as Samples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from advisor.errors import BadInput
from advisor.ingest.cell import is_month_first, is_slashed
from advisor.ingest.characters import plain, storable
from advisor.ingest.columns import choose_columns, guess_columns, pick
from advisor.ingest.dates import with_plain_date
from advisor.ingest.files.rows import Container, Shape, not_an_object, read_rows, sniff
from advisor.ingest.reader import ROW_FAULTS, Reader, RowRejected
from advisor.ingest.readers import all_readers
from advisor.ingest.readers.table import Table
from advisor.ingest.records import Part, part_of, unfold, without_cells, wraps
from advisor.ingest.refusals import no_prompt_column, nothing_usable
from advisor.ingest.shelf import Shelf
from advisor.ingest.turns import fold_turns, role_column
from advisor.ingest.units import find_units, with_units
from advisor.ingest.votes import FORMATS as FORMATS
from advisor.ingest.votes import GENERAL_RANK, vote
from advisor.types import Json, Rejection, Sample

_VOTERS = 50
_WITNESSES = 1000
"""Records that are looked at where the first few may not tell the unit of durations."""
_REASON_CHARS = 300


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """A log whose format is known, before its rows are read."""

    path: Path
    format: str
    """One of FORMATS."""
    columns: dict[str, str]
    """Role to column of a table; empty for other formats."""
    headers: tuple[str, ...]
    """Columns of a table, or the keys seen in the first records."""
    container: Container = field(default_factory=lambda: Container(shape=Shape.LINES))
    speaker: str | None = None
    """The column that tells who speaks, in a table with one row per turn."""
    slashed: str = ""
    """The column of times in which dates such as 01/31/2025 stand."""
    month_first: bool = False
    """Whether those are written so: the order of all of them."""
    is_told: bool = False
    """Whether a person said what the rows are, so that no row is taken for anything else."""
    units: dict[tuple[str, ...], str] = field(default_factory=dict)
    """The unit of durations whose keys tell none (see find_units)."""


class Found(NamedTuple):
    """One row of one of several logs."""

    log: int
    """Index of the log."""
    row: int
    item: Sample | Rejection
    joined: int = 0
    """How many more rows were put into this call."""


def open_log(path: Path, *, format: str = "auto", columns: dict[str, str] | None = None) -> LogFile:
    """Find out what a log is from its first rows.

    ``columns`` maps roles (columns.ROLES) to column names and makes the log a table. Raises BadInput, with what to do
    about it, when the file cannot be used or the format, a role or a column is not known.
    """
    if format != "auto" and format not in FORMATS:
        raise BadInput(f"Unknown format {format!r}. Use auto or one of: {', '.join(FORMATS)}.")
    container = sniff(path)
    rows = list(islice(read_rows(path, container), _VOTERS))
    first = [record for _, record in islice(Unfolded(iter(rows)), _VOTERS)]
    records = [record for record in first if isinstance(record, dict)]
    if not records:
        raise BadInput(nothing_usable(path, [row for row in first if isinstance(row, Rejection)], container))
    headers = tuple(dict.fromkeys(name for record in records for name in record))
    speaker = (
        role_column(headers)
        if container.shape in (Shape.TABLE, Shape.PARQUET) and format == "auto" and not columns
        else None
    )
    chosen = "chat_messages" if speaker else format
    if chosen == "auto":
        voted = "table" if columns else vote(records)
        if voted is None:
            raise BadInput(no_prompt_column(path, headers))
        chosen = voted
    mapping = choose_columns(path, headers, columns or {}) if chosen == "table" else {}
    if chosen == "table" and not {"prompt", "messages"} & set(mapping):
        raise BadInput(no_prompt_column(path, headers))
    time = mapping.get("time") or guess_columns(headers).get("time", "")
    slashed = time if any(is_slashed(pick(record, time)) for record in records) else ""
    if find_units(records):
        records = list(islice(_records(path, container), _WITNESSES))
    return LogFile(
        path=path,
        format=chosen,
        columns=mapping,
        headers=headers,
        container=container,
        speaker=speaker,
        slashed=slashed,
        month_first=bool(slashed) and is_month_first(pick(record, slashed) for record in _records(path, container)),
        units=find_units(records),
        is_told=format != "auto" or bool(columns),
    )


def _records(path: Path, container: Container) -> Iterator[dict[str, Json]]:
    return (record for _, record in Unfolded(read_rows(path, container)) if isinstance(record, dict))


def read_log(log: LogFile) -> Iterator[tuple[int, Sample | Rejection]]:
    """Stream one log: every row once, with its number from 1, as a Sample or a Rejection (see read_logs)."""
    for found in read_logs([log]):
        yield found.row, found.item


def read_logs(logs: Sequence[LogFile]) -> Iterator[Found]:
    """Stream logs one after the other: every row once; calls whose parts lie in several rows or logs come last.

    A row that the log's own format does not recognise is read by one that does, because files are mixed. In a table
    with one row per turn a row is a call. Raises BadInput when a file turns out to be unusable on the way.
    """
    shelf = Shelf()
    readings = [Reading(log) for log in logs]
    for index, (log, reading) in enumerate(zip(logs, readings, strict=True)):
        for number, record in records_of(log):
            item = reading.take(number, record)
            if isinstance(item, Part):
                shelf.put(index, number, item)
            else:
                yield Found(index, number, _storable(number, item))
    for joined in shelf.calls():
        item = readings[joined.log].read(joined.row, joined.record)
        yield Found(joined.log, joined.row, _storable(joined.row, item), joined.parts - 1)


def _storable(row: int, item: Sample | Rejection) -> Sample | Rejection:
    if isinstance(item, Rejection):
        return item
    try:
        return storable(item)
    except ROW_FAULTS as error:
        return unreadable(row, error)


def records_of(log: LogFile) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """The records of a log with their numbers, before anything is read out of them."""
    rows = read_rows(log.path, log.container)
    return fold_turns(_dated(log, rows), log.speaker, log.units) if log.speaker else iter(Unfolded(rows))


def _dated(log: LogFile, rows: Iterator[tuple[int, Json]]) -> Iterator[tuple[int, Json]]:
    for number, row in rows:
        is_record = isinstance(row, dict)
        yield number, with_plain_date(row, log.slashed, month_first=log.month_first) if is_record else row


def needs_order(log: LogFile) -> bool:
    """Whether a row cannot be understood without those before it."""
    return log.speaker is not None or log.format in ("llm_logs", "openai_responses")


class Unfolded:
    """Rows with those that wrap several opened, numbered as if the records within stood alone."""

    def __init__(self, rows: Iterator[tuple[int, Json]]) -> None:
        self._rows = rows
        self.more = 0
        """Rows so far beyond those of the file itself."""

    def __iter__(self) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
        for number, record in self._rows:
            if isinstance(record, Rejection):
                yield number + self.more, replace(record, row=number + self.more)
                continue
            if not wraps(record):
                yield number + self.more, record
                continue
            self.more -= 1
            for inner in opened(number, record):
                self.more += 1
                row = number + self.more
                is_row = isinstance(inner, dict | Rejection)
                yield row, inner if is_row else not_an_object(row, inner)


def opened(number: int, record: dict[str, Json]) -> Iterator[Json]:
    """What a record wraps, or a Rejection from where it cannot be opened any further."""
    try:
        yield from unfold(record)
    except ROW_FAULTS as error:
        yield unreadable(number, error)


class Reading:
    """Turns the records of one log into Samples."""

    def __init__(self, log: LogFile) -> None:
        units = {role: unit for role, column in log.columns.items() if (unit := log.units.get(_path(column)))}
        table = Table(columns=log.columns, month_first=log.month_first, units=units)
        self._own = next((r for r in (table, *all_readers()) if r.name == log.format), None)
        self._is_alone = log.format == "table" and log.is_told
        others = () if self._is_alone else all_readers()
        self._others = tuple(reader for reader in others if reader.name not in (log.format, "table"))
        self._is_table = log.format == "table"
        self._log = log

    def take(self, number: int, record: dict[str, Json] | Rejection) -> Sample | Rejection | Part:
        """A record as a Sample, a Rejection, or a part of a call that others complete."""
        if isinstance(record, Rejection):
            return record
        if not self._is_alone:
            try:
                part = part_of(record)
            except ROW_FAULTS as error:
                return unreadable(number, error)
            if part is not None:
                return part
        return self.read(number, record)

    def read(self, number: int, record: dict[str, Json] | Exception) -> Sample | Rejection:
        """A record that stands alone, or was put together from its parts (see Joined)."""
        if isinstance(record, Exception):
            return unreadable(number, record)
        try:
            reader, record = self._reader_of(record)
            if not (self._is_table and reader is self._own):
                record = self._told(record, reader)
            return reader.read(record)
        except RowRejected as rejected:
            return Rejection(
                row=number,
                reason=plain(str(rejected)),
                code=rejected.code,
                span=rejected.span,
                parent_span=rejected.parent_span,
            )
        except RecursionError:
            return Rejection(row=number, reason="nested too deeply")
        except ROW_FAULTS as error:  # whatever a log holds, one row never stops the others
            return unreadable(number, error)

    def _told(self, record: dict[str, Json], reader: Reader) -> dict[str, Json]:
        """The record with what only the whole log tells: units and the order of dates."""
        log = self._log
        if log.units and reader.rank >= GENERAL_RANK:
            record = with_units(record, log.units)
        return with_plain_date(record, log.slashed, month_first=log.month_first) if log.slashed else record

    def _reader_of(self, record: dict[str, Json]) -> tuple[Reader, dict[str, Json]]:
        own = self._own
        if own is not None and own.matches(record):
            return own, record
        found = next((other for other in self._others if other.matches(record)), None)
        if found is not None:
            return found, record
        plainer = None if self._is_alone else without_cells(record)
        if plainer is not None:
            readers = (own, *self._others) if own is not None and not self._is_table else self._others
            found = next((reader for reader in readers if reader.matches(plainer)), None)
            if found is not None:
                return found, plainer
        return own or all_readers()[-1], record


def _path(column: str) -> tuple[str, ...]:
    return tuple(column.split("."))


def unreadable(number: int, error: Exception) -> Rejection:
    """The Rejection of a row that holds what nobody thought of."""
    return Rejection(row=number, reason=plain(f"not understood ({type(error).__name__}: {error})"[:_REASON_CHARS]))
