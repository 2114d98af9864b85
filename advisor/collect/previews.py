"""What files look like before they are imported: how each was understood, its first rows, and what will be joined."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson

from advisor.collect.accounting import account_of, unused_columns
from advisor.collect.mapping import columns_there, guess_paths
from advisor.collect.readable import both_ends, content_text, text_of
from advisor.collect.sources import MOST_FILES, open_each, open_one
from advisor.collect.tally import Account, Tally
from advisor.errors import AdvisorError, BadInput
from advisor.ingest.call_parts import Part, Unfolded, WaitingParts
from advisor.ingest.files.rows import read_rows, sniff
from advisor.ingest.files.sources import Source
from advisor.ingest.files.split_tables import LEFT
from advisor.ingest.homemade.detection import Layout
from advisor.ingest.homemade.nested import look_within, opened
from advisor.ingest.homemade.told import Heard, spoken
from advisor.ingest.messages.usage import counts_told
from advisor.ingest.reading import Reading, records_of
from advisor.ingest.redaction.redact import quoted_names
from advisor.ingest.totals import read_totals
from advisor.ingest.values.json_text import as_list, at
from advisor.types import Json, Rejection, RejectionCode, Sample
from advisor.types.prices import Total
from advisor.types.studies import UNTOLD, Hints

ROWS = 100
_FIRST_CALLS = 3
_CHARS = 1000
_BYTES = 4 * 2**20
"""Of the rows that are kept to be shown."""


class Call(NamedTuple):
    """One call as it would be imported, in words."""

    answer: str
    model: str
    at: datetime | None
    latency_s: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    not_replayable: str
    sent: tuple[tuple[str, str], ...]
    """Role and text of each message that a candidate would get."""
    tools: tuple[str, ...]
    """The names of the tools on offer."""


@dataclass(kw_only=True)
class FirstRows:
    """What the first rows are."""

    calls: int = 0
    """Rows that are calls of their own, or calls of several files however many rows each takes."""
    parts: int = 0
    """Rows that are a part of a call."""
    unplayable: Counter[str] = field(default_factory=Counter)
    """Why calls cannot be replayed."""
    rejected: Counter[tuple[str, RejectionCode]] = field(default_factory=Counter)
    """Why rows are none."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    """Format to its calls, by what they have."""
    heard: Heard = field(default_factory=Counter)
    """Rows of a table of turns by who speaks."""

    @property
    def replayable(self) -> int:
        """Calls that can be sent to another model."""
        return self.calls - self.unplayable.total()

    @property
    def reason(self) -> str:
        """The commonest reason why calls cannot be replayed."""
        return next((reason for reason, _ in self.unplayable.most_common(1)), "")

    def put(self, item: Sample | Rejection | Part, format: str) -> None:
        """Count what a row was read as, in which format."""
        if isinstance(item, Part):
            self.parts += 1
        elif isinstance(item, Rejection):
            self.rejected[item.reason, item.code] += 1
        else:
            self.calls += 1
            self.tallies.setdefault(format, Tally()).put(item)
            if item.not_replayable:
                self.unplayable[item.not_replayable] += 1


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one file looks like."""

    name: str
    """The file, folder, archive or database that was named; other files may have the same."""
    label: str
    format: str | None = None
    """One of FORMATS; None when no format was recognised."""
    problem: str | None = None
    """Why it cannot be imported as it is, with the remedy."""
    headers: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    """Role to column: of a table as it is read, of a file that was not recognised as it may be meant."""
    records: tuple[dict[str, Json], ...] = ()
    """The first ones."""
    first: tuple[Call, ...] = ()
    """Calls that stand alone, as they would be imported."""
    guess: str = ""
    """Which columns hold prompt and answer, and why, where that is found out and not known."""
    totals: tuple[Total, ...] = ()
    """Of an export of usage or cost, which holds no calls."""
    is_found: bool = False
    """Lies in a folder or an archive: with a problem it is passed over."""
    is_left: bool = False
    """Holds the rows of a joined table that match no call."""
    is_whole: bool = False
    """Whether there are no more rows than were looked at."""
    rows: FirstRows = field(default_factory=FirstRows)


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What the files of one import look like."""

    files: tuple[Look, ...]
    more: int
    """Files beyond MOST_FILES."""
    rows: FirstRows
    """Of all files, parts put together as far as they are there."""
    joined: int
    """Calls put together from several of the first rows."""
    alone: dict[str, int]
    """Format to calls of which only one part is among the first rows."""
    accounts: tuple[Account, ...] = ()
    """What was understood of the first rows, by file and format."""

    @property
    def is_whole(self) -> bool:
        """Whether there are no more rows than were looked at."""
        return not self.more and all(look.is_whole for look in self.files if look.format)


def look_at(names: Sequence[str | Path], *, columns: dict[str, str] | None = None, hints: Hints = UNTOLD) -> Looks:
    """Look at the first rows of files, folders, archives or databases. What is wrong with one is told with it."""
    files: list[Look] = []
    readings: list[Reading | None] = []
    unused: list[dict[str, str]] = []
    waiting = WaitingParts()
    with open_each(names, rows=ROWS, most=MOST_FILES) as (found, more):
        for name, source in found:
            try:
                if isinstance(source, AdvisorError):
                    raise source
                reading, problem = _opened(source, columns, hints)
                look = _look(name, source, reading or problem, waiting, len(files))
            except AdvisorError as error:
                reading, look = None, Look(name=name, label=Path(name).name or name, problem=str(error))
            unused.append(unused_columns(reading.log) if reading else {})
            files.append(look)
            readings.append(reading)
    rows, joined, alone = FirstRows(), 0, Counter[str]()
    for look in files:
        rows.calls += look.rows.calls
        rows.unplayable += look.rows.unplayable
    for call in waiting.calls():
        reading = readings[call.log]
        for item in reading.read(call.row, call.record) if reading else ():
            if reading and isinstance(item, Sample):
                rows.put(item, "")
                files[call.log].rows.tallies.setdefault(reading.format, Tally()).put(item)
                joined += call.parts > 1
                alone[files[call.log].format or ""] += call.parts == 1
    accounts = tuple(
        account_of(reading.log, look.label, format, tally, columns, look.rows.heard)
        for look, reading, columns in zip(files, readings, unused, strict=True)
        for format, tally in look.rows.tallies.items()
        if reading
    )
    return Looks(files=tuple(files), more=more, rows=rows, joined=joined, alone=dict(+alone), accounts=accounts)


def _opened(source: Source, columns: dict[str, str] | None, hints: Hints) -> tuple[Reading | None, str]:
    """What reads a file, or why nothing does."""
    try:
        return Reading(open_one(source, columns=columns, hints=hints)), ""
    except BadInput as error:
        return None, source.words(error)


def _look(name: str, source: Source, reading: Reading | str, waiting: WaitingParts, index: int) -> Look:
    look = Look(name=name, label=source.label, is_found=source.is_found, is_left=LEFT in source.label)
    if isinstance(reading, str):
        return _unknown(replace(look, problem=reading), source.path)
    log = reading.log
    if log.has_totals:
        totals = tuple(read_totals([(log.path, log.container, source.label)]))
        return replace(look, format=log.format, totals=totals, is_whole=True)
    layout, heard = log.layout, look.rows.heard
    look = replace(look, format=log.format, headers=log.headers, columns=log.columns)
    look = _tried(look, records_of(log, heard), reading, waiting, index)
    if layout and (heard or not log.is_told):
        look = replace(look, guess=spoken(layout, heard))
    if layout is None or not (layout.turns or layout.abreast or layout.models or layout.joined):
        return look
    of_file = islice(records_of(replace(log, layout=Layout(columns={}, lists=layout.lists))), ROWS)
    records = tuple(record for _, record in of_file if isinstance(record, dict))
    return replace(look, records=records, headers=_headers(records), columns=columns_there(records, log.columns))


def _unknown(look: Look, path: Path) -> Look:
    """A file in no known format with its rows, so that a person can say what they mean."""
    try:
        rows = [row for _, row in islice(Unfolded(islice(read_rows(path, sniff(path)), ROWS)), ROWS)]
    except BadInput as found:  # a bomb, say: told rather than that its first rows are in no known format
        return replace(look, problem=str(found))
    for row in rows:
        if isinstance(row, Rejection):
            look.rows.put(row, "")
    records = tuple(row for row in rows if isinstance(row, dict))
    if layout := look_within(records):
        lists = Layout(columns={}, lists=layout.lists)
        records = tuple(row for _, row in opened(enumerate(records), lists) if isinstance(row, dict))[:ROWS]
    headers = _headers(records)
    if len(headers) == 1 and quoted_names(headers) != headers[0]:
        return look  # lines of a text, such as a file of settings with its keys
    return replace(
        look, headers=headers, records=records, columns=guess_paths(records), guess=spoken(layout) if layout else ""
    )


def _headers(records: Sequence[dict[str, Json]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for record in records for name in record))


def _tried(look: Look, rows: Iterator[tuple[int, Json]], reading: Reading, waiting: WaitingParts, index: int) -> Look:
    """Read the first rows as the import would."""
    kept: list[dict[str, Json]] = []
    first: list[Call] = []
    size = 0
    for number, record in islice(rows, ROWS):
        if isinstance(record, dict) and size < _BYTES:
            kept.append(record)
            size += len(orjson.dumps(record, default=str))
        taken = reading.take(number, record)
        for item in [taken] if isinstance(taken, Part) else taken:
            look.rows.put(item, reading.format)
            if isinstance(item, Part):
                waiting.put(index, number, item)
            elif isinstance(item, Sample) and len(first) < _FIRST_CALLS:
                first.append(_call(item))
    return replace(look, records=tuple(kept), first=tuple(first), is_whole=next(rows, None) is None)


def _call(sample: Sample) -> Call:
    given, read, written, taken, _ = counts_told(sample.metered.usage)
    return Call(
        answer=text_of(sample.answer)[:_CHARS],
        model=sample.model or "",
        at=sample.metered.at,
        latency_s=sample.metered.latency_s,
        input_tokens=None if given is None else given + (read or 0) + (written or 0),
        output_tokens=taken,
        cost_usd=sample.metered.cost_usd,
        not_replayable=sample.not_replayable or "",
        sent=tuple(
            (str(message.get("role")), both_ends(content_text(message), _CHARS)) for message in sample.request.messages
        ),
        tools=tuple(
            str(at(tool, "function", "name") or at(tool, "name"))
            for tool in as_list(sample.request.params.get("tools"))
        ),
    )
