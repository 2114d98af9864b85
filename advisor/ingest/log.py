"""Opening logs and streaming their rows as Samples."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson

from advisor.errors import BadInput
from advisor.ingest.cell import is_month_first
from advisor.ingest.characters import plain, storable
from advisor.ingest.columns import choose_columns, pick
from advisor.ingest.files.rows import Container, Shape, not_an_object, read_rows, sniff
from advisor.ingest.reader import ROW_FAULTS, Reader, RowRejected
from advisor.ingest.readers import all_joiners, all_readers
from advisor.ingest.readers.table import Table
from advisor.ingest.records import Part, joined_format, part_of, unfold, wraps
from advisor.ingest.shelf import Shelf
from advisor.ingest.turns import fold_turns, role_column
from advisor.types import Json, Rejection, Sample

FORMATS: tuple[str, ...] = tuple(
    dict.fromkeys([reader.name for reader in all_readers()] + [joiner.name for joiner in all_joiners()])
)
_VOTERS = 50
_PREVIEW_ROWS = 3
_PREVIEW_CHARS = 2000
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
    preview: tuple[dict[str, str], ...]
    """The first three rows as text, long values shortened."""
    container: Container = field(default_factory=lambda: Container(shape=Shape.LINES))
    speaker: str | None = None
    """The column that tells who speaks, in a table with one row per turn."""
    month_first: bool = False
    """Whether this log writes 01/31/2025."""


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
        raise BadInput(f"The format {format!r} is not known. Use auto or one of: {', '.join(FORMATS)}.")
    container = sniff(path)
    rows = list(islice(read_rows(path, container), _VOTERS))
    first = [record for _, record in islice(Unfolded(iter(rows)), _VOTERS)]
    records = [record for record in first if isinstance(record, dict)]
    if not records:
        raise BadInput(_nothing_usable(path, [row for row in first if isinstance(row, Rejection)], container))
    headers = tuple(dict.fromkeys(name for record in records for name in record))
    speaker = (
        role_column(headers)
        if container.shape in (Shape.TABLE, Shape.PARQUET) and format == "auto" and not columns
        else None
    )
    chosen = "chat_messages" if speaker else format
    if chosen == "auto":
        chosen = "table" if columns else _vote(path, records, headers)
    mapping = choose_columns(path, headers, columns or {}) if chosen == "table" else {}
    if chosen == "table" and not {"prompt", "messages"} & set(mapping):
        raise BadInput(_no_prompt_column(path, headers))
    return LogFile(
        path=path,
        format=chosen,
        columns=mapping,
        headers=headers,
        preview=tuple({name: _shown(value) for name, value in record.items()} for record in records[:_PREVIEW_ROWS]),
        container=container,
        speaker=speaker,
        month_first=any(is_month_first(pick(record, mapping.get("time", ""))) for record in records),
    )


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
    return fold_turns(rows, log.speaker) if log.speaker else iter(Unfolded(rows))


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
                yield number + self.more, Rejection(row=number + self.more, reason=record.reason)
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
        if log.format == "table":
            self._own: Reader | None = Table(columns=log.columns, month_first=log.month_first)
            self._others: tuple[Reader, ...] = ()
        else:
            self._own = next((reader for reader in all_readers() if reader.name == log.format), None)
            self._others = tuple(reader for reader in all_readers() if reader.name not in (log.format, "table"))
        self._is_table = log.format == "table"

    def take(self, number: int, record: dict[str, Json] | Rejection) -> Sample | Rejection | Part:
        """A record as a Sample, a Rejection, or a part of a call that others complete."""
        if isinstance(record, Rejection):
            return record
        if not self._is_table:
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
            return self._reader_of(record).read(record)
        except RowRejected as rejected:
            reason = plain(str(rejected))
            return Rejection(row=number, reason=reason, span=rejected.span, parent_span=rejected.parent_span)
        except RecursionError:
            return Rejection(row=number, reason="nested too deeply")
        except ROW_FAULTS as error:  # whatever a log holds, one row never stops the others
            return unreadable(number, error)

    def _reader_of(self, record: dict[str, Json]) -> Reader:
        own = self._own
        if own is not None and own.matches(record):
            return own
        found = next((other for other in self._others if other.matches(record)), own)
        return found or all_readers()[-1]


def unreadable(number: int, error: Exception) -> Rejection:
    """The Rejection of a row that holds what nobody thought of."""
    return Rejection(row=number, reason=plain(f"not understood ({type(error).__name__}: {error})"[:_REASON_CHARS]))


def _vote(path: Path, records: list[dict[str, Json]], headers: tuple[str, ...]) -> str:
    votes = Counter(_format_of(record) for record in records)
    known = [(count, name) for name, count in votes.items() if name]
    if not known:
        raise BadInput(_no_prompt_column(path, headers))
    return max(known)[1]


def _format_of(record: dict[str, Json]) -> str | None:
    try:
        part = part_of(record)
        if part is not None:
            return joined_format(part.call)
        return next((reader.name for reader in all_readers() if reader.matches(record)), None)
    except ROW_FAULTS:
        return None


def _nothing_usable(path: Path, rejections: list[Rejection], container: Container) -> str:
    if rejections:
        where = f"{path.name}, row {rejections[0].row}: {rejections[0].reason}"
        return f"{where}. No row of the first {len(rejections)} can be read; export the log as JSON objects or as CSV."
    if container.shape is Shape.TABLE:
        return f"{path.name} has a header and no rows. Export the log again."
    return f"{path.name} holds no rows. Export the log again."


def _no_prompt_column(path: Path, headers: tuple[str, ...]) -> str:
    shown = ", ".join(headers[:30]) or "none"
    return (
        f"{path.name} is in no format that is read here ({', '.join(FORMATS)}). Its columns or keys are: {shown}. "
        "Say which holds the prompt and which the answer, for example --columns prompt=question,answer=reply."
    )


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= _PREVIEW_CHARS else text[:_PREVIEW_CHARS] + "…"
