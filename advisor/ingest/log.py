"""Opening a log and streaming its rows as Samples."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import orjson

from advisor.errors import BadInput
from advisor.ingest.cell import is_month_first
from advisor.ingest.characters import plain, storable
from advisor.ingest.columns import choose_columns, pick
from advisor.ingest.reader import Reader, RowRejected
from advisor.ingest.readers import all_readers
from advisor.ingest.readers.table import Table
from advisor.ingest.rows import Container, Row, Shape, read_rows, sniff
from advisor.ingest.turns import fold_turns, role_column
from advisor.types import Json, Rejection, Sample

FORMATS: tuple[str, ...] = tuple(reader.name for reader in all_readers())
ROW_FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What odd values cause; a missing package, a full disk or memory is no fault of the row."""
_VOTERS = 50
_PREVIEW_ROWS = 3
_PREVIEW_CHARS = 2000
_REASON_CHARS = 300
_LIST_KEYS = ("data", "events", "items", "results", "runs", "spans", "calls", "records", "rows", "logs")


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


def open_log(path: Path, *, format: str = "auto", columns: dict[str, str] | None = None) -> LogFile:
    """Find out what a log is from its first rows.

    ``columns`` maps roles (columns.ROLES) to column names and makes the log a table. Raises BadInput, with what to do
    about it, when the file cannot be used or the format, a role or a column is not known.
    """
    if format != "auto" and format not in FORMATS:
        raise BadInput(f"The format {format!r} is not known. Use auto or one of: {', '.join(FORMATS)}.")
    container = sniff(path)
    first = list(islice(read_rows(path, container), _VOTERS))
    key = _list_key([row for _, row in first if isinstance(row, dict)])
    if key:
        container = Container(shape=container.shape, list_key=key)
        first = list(islice(read_rows(path, container), _VOTERS))
    records = [row for _, row in first if isinstance(row, dict)]
    if not records:
        raise BadInput(_nothing_usable(path, [row for _, row in first if isinstance(row, Rejection)], container))
    headers = tuple(dict.fromkeys(name for record in records for name in record))
    speaker = role_column(headers) if container.shape is Shape.TABLE and format == "auto" and not columns else None
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
    """Stream the log: every row once, with its number from 1, as a Sample or a Rejection.

    A row that the log's own format does not recognise is read by one that does, because files are mixed. In a table
    with one row per turn a row is a call. Raises BadInput when the file turns out to be unusable on the way.
    """
    own, others = _readers(log)
    rows: Iterator[Row] = read_rows(log.path, log.container)
    if log.speaker:
        rows = fold_turns(rows, log.speaker)
    for number, record in rows:
        if isinstance(record, Rejection):
            yield number, record
            continue
        try:
            reader = own if own.matches(record) else next((other for other in others if other.matches(record)), own)
            item: Sample | Rejection = storable(reader.read(record))
        except RowRejected as rejected:
            item = Rejection(row=number, reason=plain(str(rejected)))
        except RecursionError:
            item = Rejection(row=number, reason="nested too deeply")
        except ROW_FAULTS as error:  # whatever a log holds, one row never stops the others
            item = unreadable(number, error)
        yield number, item


def unreadable(number: int, error: Exception) -> Rejection:
    """The Rejection of a row that holds what nobody thought of."""
    return Rejection(row=number, reason=plain(f"not understood ({type(error).__name__}: {error})"[:_REASON_CHARS]))


def _readers(log: LogFile) -> tuple[Reader, tuple[Reader, ...]]:
    if log.format == "table":
        return Table(columns=log.columns, month_first=log.month_first), ()
    own = next(reader for reader in all_readers() if reader.name == log.format)
    return own, tuple(reader for reader in all_readers() if reader.name not in (log.format, "table"))


def _list_key(records: list[dict[str, Json]]) -> str | None:
    """The key under which the records only wrap lists of records, as the pages of an API do."""
    if not records or any(reader.matches(record) for record in records for reader in all_readers()):
        return None
    for key in _LIST_KEYS:
        lists = [record.get(key) for record in records]
        if all(isinstance(found, list) and found and isinstance(found[0], dict) for found in lists):
            return key
    return None


def _vote(path: Path, records: list[dict[str, Json]], headers: tuple[str, ...]) -> str:
    votes = Counter(
        next((reader.name for reader in all_readers() if reader.matches(record)), None) for record in records
    )
    known = [(count, name) for name, count in votes.items() if name]
    if not known:
        raise BadInput(_no_prompt_column(path, headers))
    return max(known)[1]


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
