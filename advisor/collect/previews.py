"""What files look like before they are imported: how each was understood, its first rows, and what will be joined."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from advisor.collect.mapping import guess_paths
from advisor.collect.readable import prompt_text, text_of
from advisor.collect.redaction import Scan, scan
from advisor.collect.sources import is_database, url_of, write_rows
from advisor.errors import AdvisorError, BadInput
from advisor.ingest.call_parts import Part, Unfolded, WaitingParts
from advisor.ingest.files.rows import Shape, read_rows, sniff
from advisor.ingest.files.sources import Source, open_first_sources, raw_folder
from advisor.ingest.log import LogFile, open_log
from advisor.ingest.reading import Reading, records_of
from advisor.ingest.redaction.redact import quoted_names
from advisor.store.log.foreign import name_of, read_foreign
from advisor.types import Json, Rejection, RejectionCode, Sample

MOST_FILES = 20
"""Of one import; the others are looked at when they are imported."""
ROWS = 100
_FIRST_CALLS = 3
_CHARS = 1000
_BYTES = 4 * 2**20
"""Of the rows that are kept to be shown."""
_SCANNED_ROWS = 500
_WHOLE_BYTES = 16 * 2**20
"""A larger log whose calls lie in several rows is scanned by its first rows: joining reads a file to its end."""


class Call(NamedTuple):
    """One call as it would be imported, in words."""

    prompt: str
    answer: str
    model: str
    at: datetime | None
    latency_s: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    not_replayable: str


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
    is_found: bool = False
    """Lies in a folder or an archive: with a problem it is passed over."""
    is_whole: bool = False
    """Whether there are no more rows than were looked at."""
    calls: int = 0
    """Of the first rows, those that are calls of their own."""
    replayable: int = 0
    reason: str = ""
    """The commonest reason why calls cannot be replayed."""
    rejected: int = 0
    rejected_for: str = ""
    """The commonest reason why rows are rejected."""
    rejected_as: RejectionCode = RejectionCode.OTHER
    """Its code."""
    parts: int = 0
    """Rows that are a part of a call."""


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What the files of one import look like."""

    files: tuple[Look, ...]
    more: int = 0
    """Files beyond MOST_FILES."""
    joined: int = 0
    """Calls put together from several of the first rows."""
    alone: dict[str, int] = field(default_factory=dict)
    """Format to calls of which only one part is among the first rows."""
    calls: int = 0
    """In the first rows, however many rows each takes."""
    replayable: int = 0
    reason: str = ""
    """The commonest reason why some cannot be replayed."""

    @property
    def is_whole(self) -> bool:
        """Whether there are no more rows than were looked at."""
        return not self.more and all(look.is_whole for look in self.files if look.format)


def look_at(names: Sequence[str | Path], *, columns: dict[str, str] | None = None) -> Looks:
    """Look at the first rows of files, folders, archives or databases. What is wrong with one is told with it."""
    files: list[Look] = []
    more = 0
    waiting = WaitingParts()
    readings: list[Reading | None] = []
    for name in names:
        try:
            with open_first([name], rows=ROWS, most=max(0, MOST_FILES - len(files))) as (sources, others):
                more += others
                for source in sources:
                    look, reading = _look(str(name), source, columns, waiting, len(files))
                    files.append(look)
                    readings.append(reading)
        except AdvisorError as error:
            files.append(Look(name=str(name), label=Path(name).name or str(name), problem=str(error)))
            readings.append(None)
    return _joined(Looks(files=tuple(files), more=more), waiting, readings)


def _joined(looks: Looks, waiting: WaitingParts, readings: Sequence[Reading | None]) -> Looks:
    """Put the parts of calls together as far as they are there, and count."""
    calls, replayable = sum(look.calls for look in looks.files), sum(look.replayable for look in looks.files)
    reasons = Counter[str]()
    for look in looks.files:
        reasons[look.reason] += look.calls - look.replayable
    joined, alone = 0, Counter[str]()
    for call in waiting.calls():
        reading = readings[call.log]
        item = reading.read(call.row, call.record) if reading else None
        if not isinstance(item, Sample):
            continue
        calls, replayable = calls + 1, replayable + (item.not_replayable is None)
        reasons[item.not_replayable or ""] += 1
        joined += call.parts > 1
        alone[looks.files[call.log].format or ""] += call.parts == 1
    return replace(
        looks, joined=joined, alone=dict(+alone), calls=calls, replayable=replayable, reason=_commonest(reasons)
    )


def _commonest(reasons: Counter[str]) -> str:
    return next((reason for reason, count in reasons.most_common() if reason and count), "")


def scan_first(names: Sequence[str | Path], *, columns: dict[str, str] | None = None) -> Scan:
    """What redaction finds in the first calls. Raises BadInput or StoreError when nothing can be read."""
    with ExitStack() as stack:
        folder = stack.enter_context(raw_folder())
        sources, _ = stack.enter_context(open_first(names, rows=_SCANNED_ROWS, most=MOST_FILES))
        logs = []
        for number, source in enumerate(sources):
            try:
                logs.append(_short(open_log(source.path, columns=columns), folder / f"{number}.jsonl"))
            except BadInput:
                continue  # told where the file is shown
        if not logs:
            raise BadInput("None of these files can be read.")
        return scan(logs, _SCANNED_ROWS)


@contextmanager
def open_first(names: Sequence[str | Path], *, rows: int, most: int) -> Iterator[tuple[list[Source], int]]:
    """Like ``open_all``, but of ``most`` files, and of a database its first rows; and how many more files there are."""
    with ExitStack() as stack:
        sources: list[Source] = []
        more = 0
        for name in names:
            if isinstance(name, str) and is_database(name):
                url = url_of(name)
                path = stack.enter_context(raw_folder()) / "rows.jsonl"
                write_rows(path, islice(read_foreign(url), rows))
                sources.append(Source(path, name_of(url)))
            else:
                found, others = stack.enter_context(open_first_sources([Path(name)], most - len(sources)))
                sources += found
                more += others
        yield sources, more


def _look(
    name: str, source: Source, columns: dict[str, str] | None, waiting: WaitingParts, index: int
) -> tuple[Look, Reading | None]:
    look = Look(name=name, label=source.label, is_found=source.is_found)
    try:
        log = open_log(source.path, columns=columns)
    except BadInput as error:
        try:
            rows = _rows(source.path)
        except BadInput as found:  # a bomb, say: told rather than that its first rows are in no known format
            return replace(look, problem=str(found)), None
        records = tuple(row for row in rows if isinstance(row, dict))
        look = replace(look, **_rejected([row for row in rows if isinstance(row, Rejection)]))
        headers = tuple(dict.fromkeys(name for record in records for name in record))
        if len(headers) == 1 and quoted_names(headers) != headers[0]:
            return replace(look, problem=str(error)), None  # lines of a text, such as a file of settings with its keys
        return replace(look, problem=str(error), headers=headers, records=records, columns=guess_paths(records)), None
    reading = Reading(log)
    look = replace(look, format=log.format, headers=log.headers, columns=log.columns)
    return _tried(look, log, reading, waiting, index), reading


def _tried(look: Look, log: LogFile, reading: Reading, waiting: WaitingParts, index: int) -> Look:
    """Read the first rows as the import would."""
    kept: list[dict[str, Json]] = []
    first: list[Call] = []
    counts, reasons, rejections = Counter[str](), Counter[str](), list[Rejection]()
    size = 0
    rows = records_of(log)
    for number, record in islice(rows, ROWS):
        if isinstance(record, dict) and size < _BYTES:
            kept.append(record)
            size += len(orjson.dumps(record, default=str))
        item = reading.take(number, record)
        if isinstance(item, Part):
            waiting.put(index, number, item)
            counts["parts"] += 1
        elif isinstance(item, Rejection):
            rejections.append(item)
        else:
            counts["calls"] += 1
            counts["replayable"] += item.not_replayable is None
            reasons[item.not_replayable or ""] += 1
            if len(first) < _FIRST_CALLS:
                first.append(_call(item))
    is_whole = next(rows, None) is None
    return replace(
        look,
        records=tuple(kept),
        first=tuple(first),
        is_whole=is_whole,
        calls=counts["calls"],
        replayable=counts["replayable"],
        reason=_commonest(reasons),
        parts=counts["parts"],
        **_rejected(rejections),
    )


def _rejected(rejections: Sequence[Rejection]) -> dict[str, Any]:
    """What a Look tells of rejected rows."""
    why = Counter((each.reason, each.code) for each in rejections).most_common(1)
    return {"rejected": len(rejections)} | ({"rejected_for": why[0][0][0], "rejected_as": why[0][0][1]} if why else {})


def _call(sample: Sample) -> Call:
    usage = sample.metered.usage
    return Call(
        prompt=prompt_text(sample.request.messages)[:_CHARS] if sample.request.messages else "",
        answer=text_of(sample.answer)[:_CHARS],
        model=sample.model or "",
        at=sample.metered.at,
        latency_s=sample.metered.latency_s,
        input_tokens=usage.total_input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        cost_usd=sample.metered.cost_usd,
        not_replayable=sample.not_replayable or "",
    )


def _rows(path: Path) -> tuple[dict[str, Json] | Rejection, ...]:
    """The first rows of a file in no known format. Raises BadInput where it holds no rows at all."""
    found = Unfolded(iter(islice(read_rows(path, sniff(path)), ROWS)))
    return tuple(row for _, row in islice(found, ROWS))


def _short(log: LogFile, path: Path) -> LogFile:
    if log.container.shape is Shape.TABLE or log.path.stat().st_size < _WHOLE_BYTES:
        return log
    rows = islice(read_rows(log.path, log.container), _SCANNED_ROWS)
    write_rows(path, (record for _, record in rows if isinstance(record, dict)))
    return open_log(path, format=log.format, columns=log.columns or None)
