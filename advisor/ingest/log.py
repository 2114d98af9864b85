"""Opening logs: their format, container, columns and units, found out from the first rows."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from advisor.errors import BadInput, UnknownFormat
from advisor.ingest.call_parts import Unfolded, part_of, without_cells
from advisor.ingest.files.rows import Container, Shape, read_rows, sniff
from advisor.ingest.homemade.beside import are_sums, check_sums, facts_beside, find_day_and_hour, is_metered, knows_more
from advisor.ingest.homemade.detection import Layout
from advisor.ingest.homemade.nested import look_within, opened
from advisor.ingest.homemade.told import as_option, asks_of_sums, guessed, told_layout
from advisor.ingest.reader import ROW_FAULTS, Reader, RowRejected
from advisor.ingest.readers import all_joiners, all_readers
from advisor.ingest.records.columns import guess_columns, pick
from advisor.ingest.records.quantities import UNSURE, find_units, likely_unit
from advisor.ingest.redaction.redact import quoted, quoted_names
from advisor.ingest.totals import SOURCES, source_of
from advisor.ingest.values.json_text import at
from advisor.ingest.values.times import DateOrder, date_order, has_unclear_zone, is_slashed
from advisor.types import Json, Rejection
from advisor.types.studies import UNTOLD, Hints

FORMATS: tuple[str, ...] = tuple(
    dict.fromkeys([reader.name for reader in all_readers()] + [joiner.name for joiner in all_joiners()])
)
"""Every name of ``--format``, exact formats before general ones."""
GENERAL_RANK = 26
"""Readers from this rank on take keys for what they are called; formats below it say what their units are."""
TABLE = "table"
TURNS = "chat_messages"
"""What a table with one row a turn is read as, once its turns are put together."""
METRICS = "request_metrics"
"""The format of tables without text, which one with text under odd names must not pass for."""
COUNTED_TWICE = "Another table of this file holds calls with their text, and these counts would count them twice."
ONLY_TEXTS = (
    "This table has no model or time, and another one here does. If its rows are calls, export them as CSV and import "
    "that file."
)
_FEW = 0.1
"""The share of records in exact formats that a log of somebody's own may seem to have."""
_VOTERS, _WITNESSES = 50, 1000
"""Records that are looked at; more where the first few may not tell the unit of durations."""


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """A log whose format is known, before its rows are read."""

    path: Path
    format: str
    """One of FORMATS, or a TotalSource."""
    columns: dict[str, str]
    """Role to column of a table; empty for other formats."""
    headers: tuple[str, ...]
    """Columns of a table, or the keys seen in the first records."""
    container: Container = field(default_factory=lambda: Container(shape=Shape.LINES))
    layout: Layout | None = None
    """Of a home-made log: what its columns are taken for, and why."""
    slashed: str = ""
    """The column of times in which dates such as 01/31/2025 stand."""
    month_first: bool = False
    """Whether those are written so: the order of all of them."""
    is_order_guessed: bool = False
    """Whether none of them shows it and nobody said it."""
    is_zone_unclear: bool = False
    day_and_hour: tuple[str, str] | None = None
    """The column of the date, or the day in the file's name, and the column of the time of day."""
    is_told: bool = False
    """Whether a person said what the rows are, so that no row is taken for anything else."""
    facts: dict[str, str] = field(default_factory=dict)
    """Of a format of a general shape: role to the path where its records tell it under names of their own."""
    units: dict[tuple[str, ...], str] = field(default_factory=dict)
    """The unit of durations whose keys tell none (see find_units)."""
    likely_unit: str | None = None
    """Of durations in an unknown unit: the only one in which they are as long as calls take."""
    model: str | None = None  # of calls that name none
    is_cumulative: bool = False
    """Whether a conversation has one record for each of its answers, with all that came before."""
    examples: frozenset[str] = frozenset()
    """Answered questions that most prompts hold, as examples: digests (see rules.turn_digest)."""
    has_talks: bool = False
    """Whether some records are conversations with several answers, so that others are of one answer."""
    has_labels: bool = False
    """Whether most answers are one word: then "None" may be one of them."""

    @property
    def has_totals(self) -> bool:
        """Whether the rows are a provider's totals, and none is a call."""
        return self.format in SOURCES

    @property
    def tells_calls(self) -> bool:
        """Whether rows tell when which model was asked, what it took or in which conversation, and not only texts."""
        told = {"time", "model", "input_tokens", "output_tokens", "latency", "session"}
        return self.format != TABLE or self.has_turns or not told.isdisjoint(self.columns)

    @property
    def has_turns(self) -> bool:
        """Whether one row is one turn of a conversation."""
        return self.layout is not None and self.layout.turns is not None


def open_log(
    path: Path, *, format: str = "auto", columns: dict[str, str] | None = None, hints: Hints = UNTOLD
) -> LogFile:
    """Find out what a log is from its first rows.

    ``columns`` maps roles (columns.ROLES) to column names and makes the log a table. Raises BadInput, with what to do
    about it, when the file cannot be used or the format, a role or a column is not known.
    """
    if format != "auto" and format not in FORMATS:
        raise BadInput(f"Unknown format {format!r}. Use auto or one of: {', '.join(FORMATS)}.")
    container = sniff(path)
    rows = list(islice(read_rows(path, container), _VOTERS))
    if format in ("auto", METRICS) and not columns:
        source = source_of(path, (row for _, row in rows if isinstance(row, dict)))
        if source is not None:
            return LogFile(path=path, format=source, columns={}, headers=(), container=container)
    first = [record for _, record in islice(Unfolded(iter(rows)), _VOTERS)]
    records = [record for record in first if isinstance(record, dict)]
    if not records:
        raise BadInput(nothing_usable(path, [row for row in first if isinstance(row, Rejection)], container))
    chosen, layout = _understood(path, records, format, columns)
    if layout is not None:
        records = [record for _, record in opened(enumerate(records), layout) if isinstance(record, dict)]
    headers = tuple(dict.fromkeys(name for record in records for name in record))
    day_and_hour = find_day_and_hour(records, path.name)
    if layout and day_and_hour and layout.columns.get("time") in (None, day_and_hour[1]):
        layout = replace(layout, columns=layout.columns | {"time": next(filter(headers.__contains__, day_and_hour))})
    time = (layout.columns if layout else guess_columns(headers)).get("time", "")
    slashed = time if any(is_slashed(pick(record, time)) for record in records) else ""
    facts = {} if layout or _rank(chosen) < GENERAL_RANK else facts_beside(records) | (columns or {})
    deep = [path for path in ((layout.columns if layout else facts).get(role) for role in ("latency", "ttft")) if path]
    units = find_units(records, deep)
    unit: str | None = None
    if units:
        witnesses = list(islice(_records(path, container, layout), _WITNESSES))
        units = find_units(witnesses, deep)
        unsure = [names for names, unit in units.items() if unit == UNSURE]
        units = dict.fromkeys(units, hints.durations) if hints.durations else units
        if unsure and not hints.durations:
            unit = likely_unit(at(record, *unsure[0]) for record in witnesses)
    order = DateOrder(bool(slashed) and hints.dates == "month-first", is_shown=True)
    if slashed and not hints.dates:
        order = date_order(pick(record, slashed) for record in _records(path, container, layout))
    return LogFile(
        path=path,
        format=chosen,
        columns=layout.columns if layout and chosen == TABLE else {},
        headers=headers,
        container=container,
        layout=layout,
        slashed=slashed,
        month_first=order.month_first,
        is_order_guessed=not order.is_shown,
        is_zone_unclear=any(has_unclear_zone(pick(record, time)) for record in records),
        day_and_hour=day_and_hour,
        facts=facts,
        units=units,
        likely_unit=unit,
        is_told=format != "auto" or bool(columns),
        model=hints.model,
    )


def _rank(format: str) -> int:
    """Of a format's reader; below all others where its calls are put together from parts."""
    return next((reader.rank for reader in all_readers() if reader.name == format), 0)


def _records(path: Path, container: Container, layout: Layout | None) -> Iterator[dict[str, Json]]:
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]] = Unfolded(read_rows(path, container))
    rows = opened(rows, layout) if layout else rows
    return (record for _, record in rows if isinstance(record, dict))


def _understood(
    path: Path, records: Sequence[dict[str, Json]], format: str, columns: dict[str, str] | None
) -> tuple[str, Layout | None]:
    """The format of records, and what their columns mean where they are somebody's own.

    Raises BadInput where no prompt is found, or only a guess.
    """
    if columns or format == TABLE:
        layout: Layout | None = told_layout(path, records, columns or {})
        if format != TABLE and asks_of_sums(columns or {}, lambda: _understood(path, records, "auto", None)):
            return METRICS, None
    elif format != "auto":
        return format, None
    else:
        votes = Counter(name for record in records if (name := format_of(record)) is not None)
        voted = max(votes, key=lambda name: (votes[name], -FORMATS.index(name)), default=None)
        reader = next((reader for reader in all_readers() if reader.name == voted), None)
        exact = sum(many for name, many in votes.items() if _rank(name) < GENERAL_RANK)
        is_mixed = exact > _FEW * len(records)  # then each row is read by its own format
        if reader is not None and (
            is_mixed or reader.rank < GENERAL_RANK or any(_is_part(record, reader.name) for record in records)
        ):
            return reader.name, None
        layout = look_within(records)
        is_text = layout is not None and bool({"prompt", "messages"} & set(layout.columns))
        if (
            reader is not None
            and voted != TABLE
            and not (
                layout and layout.is_sure and (knows_more(layout, records) or _finds_nothing(reader, records, layout))
            )
            and not (voted == METRICS and (is_text or are_sums(records)))
        ):
            if voted == METRICS:
                check_sums(path, records)
            return reader.name, None
    if layout is None or not {"prompt", "messages"} & set(layout.columns):
        if format == "auto" and is_metered(records, columns or {}):
            if not columns:
                check_sums(path, records)
            return METRICS, None
        if summed := are_sums(records):
            raise BadInput(
                f"{path.name} has sums of several calls (`{summed}`), and no calls. Import the calls themselves, or "
                "totals with a row for each day and model and its number of requests."
            )
        raise UnknownFormat(_no_prompt_column(path, records))
    if not layout.is_sure:
        raise BadInput(_unsure(path, layout, records))
    return TURNS if layout.turns else TABLE, layout


def _finds_nothing(reader: Reader, records: Sequence[dict[str, Json]], layout: Layout) -> bool:
    """Whether a reader of general shapes gets no answer out of any record, and no reason why."""
    for record in records:
        try:
            sample = reader.read(record)
        except RowRejected:
            if reader.name != TURNS and not layout.turns:  # others know what they refuse, such as embeddings
                return False
            continue
        except ROW_FAULTS:
            continue
        if sample.error or (sample.answer is not None and not sample.answer.is_empty):
            return False
    return True


def _is_part(record: dict[str, Json], format: str) -> bool:
    """Whether the format knows this row as a part of a call."""
    with suppress(*ROW_FAULTS):
        part = part_of(record)
        return part is not None and part.format == format
    return False


def format_of(record: dict[str, Json]) -> str | None:
    """What a record alone is taken for, one of FORMATS."""
    with suppress(*ROW_FAULTS):
        part = part_of(record)
        if part is not None:
            return part.format
        *others, table = all_readers()
        plainer = without_cells(record) or {}
        exact = [reader for reader in others if reader.rank < GENERAL_RANK]
        for readers, seen in ((others, record), (exact, plainer), ([table], record), (others, plainer)):
            found = next((reader.name for reader in readers if reader.matches(seen)), None)
            if found:
                return found
    return None


def nothing_usable(path: Path, rejections: Sequence[Rejection], container: Container) -> str:
    """Of a file without a record in its first rows."""
    if rejections:
        where = f"{path.name}, row {rejections[0].row}: {quoted(rejections[0].reason)}"
        return f"{where}. No row of the first {len(rejections)} can be read; export the log as JSON objects or as CSV."
    if container.shape is Shape.TABLE:
        return f"{path.name} has a header and no rows. Export the log again."
    return f"{path.name} holds no rows. Export the log again."


def _unsure(path: Path, layout: Layout, records: Sequence[dict[str, Json]]) -> str:
    """Of a file whose columns have no telling names: the best guess, as it can be given."""
    return (
        f"Can't tell which columns of {path.name} hold prompt and answer. Best guess: {guessed(layout, records)}. "
        f"If that's right, import with --columns {shlex.quote(as_option(layout))}"
    )


def _no_prompt_column(path: Path, records: Sequence[dict[str, Json]]) -> str:
    """Of a file whose records are of no known kind."""
    headers = tuple(dict.fromkeys(name for record in records for name in record))
    return (
        f"{path.name} is in no format that is read here. Its columns or keys are: {quoted_names(headers)}. "
        "Say which holds the prompt and which the answer, for example --columns prompt=question,answer=reply "
        "(a dot leads into an object: prompt=trace.input)."
    )
