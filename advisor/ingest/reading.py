"""Streaming the rows of logs as Samples."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

from advisor.ingest.call_parts import Part, Unfolded, WaitingParts, part_of, unreadable, without_cells
from advisor.ingest.files.rows import are_put_together, read_rows
from advisor.ingest.homemade.beside import lacks, with_facts
from advisor.ingest.homemade.conversations import fold_turns
from advisor.ingest.homemade.joined import put_together
from advisor.ingest.homemade.nested import opened
from advisor.ingest.homemade.prompt_strings import with_own_prompt
from advisor.ingest.homemade.told import Heard, listened
from advisor.ingest.log import GENERAL_RANK, LogFile
from advisor.ingest.reader import ROW_FAULTS, Reader, RowRejected
from advisor.ingest.readers import all_readers
from advisor.ingest.readers.table import table_reader
from advisor.ingest.records.quantities import UNSURE, with_units
from advisor.ingest.records.rules import NAMED_HERE, calls_of, turn_digest
from advisor.ingest.same_calls import call_digest
from advisor.ingest.values.storable import plain, storable
from advisor.ingest.values.times import with_hour, with_plain_date
from advisor.types import Json, Rejection, Sample

_LOOKED_AT = 200
"""Records that show whether conversations grow from record to record."""
_REPEATED = 0.2
_FEWEST = 3
"""Records that make what they have in common an example."""


class Found(NamedTuple):
    """One row of one of several logs."""

    log: int
    """Index of the log."""
    row: int
    item: Sample | Rejection
    joined: int = 0
    """How many more rows were put into this call."""


def read_log(log: LogFile) -> Iterator[tuple[int, Sample | Rejection]]:
    """Stream one log: every row once, with its number from 1, as a Sample or a Rejection (see read_logs)."""
    for found in read_logs([log]):
        yield found.row, found.item


def read_logs(logs: Sequence[LogFile]) -> Iterator[Found]:
    """Stream logs one after the other: every row once; calls whose parts lie in several rows or logs come last.

    A row that the log's own format does not recognise is read by one that does, because files are mixed. In a table
    with one row per turn a row is a call. Raises BadInput when a file turns out to be unusable on the way.
    """
    waiting = WaitingParts()
    readings = [Reading(log) for log in logs]
    for index, (log, reading) in enumerate(zip(logs, readings, strict=True)):
        for number, record in records_of(log):
            taken = reading.take(number, record)
            if isinstance(taken, Part):
                waiting.put(index, number, taken)
            else:
                yield from (Found(index, number, _storable(number, item)) for item in taken)
    for joined in waiting.calls():
        for at, item in enumerate(readings[joined.log].read(joined.row, joined.record)):
            yield Found(joined.log, joined.row, _storable(joined.row, item), 0 if at else joined.parts - 1)


def _storable(row: int, item: Sample | Rejection) -> Sample | Rejection:
    if isinstance(item, Rejection):
        return item
    try:
        return storable(item)
    except ROW_FAULTS as error:
        return unreadable(row, error)


def records_of(log: LogFile, heard: Heard | None = None) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """The records of a log with their numbers, before anything is read out of them.

    Who speaks in the rows of a table of turns is counted in ``heard``.
    """
    rows = iter(Unfolded(read_rows(log.path, log.container)))
    if log.layout is None:
        return rows
    rows = opened(rows, log.layout)
    rows = put_together(rows, log.layout.joined) if log.layout.joined else rows
    turns = log.layout.turns
    rows = listened(rows, turns, heard) if turns and heard is not None else rows
    return fold_turns(_dated(log, rows), log.layout, turns, log.units) if turns else rows


def _dated(log: LogFile, rows: Iterable[tuple[int, Json]]) -> Iterator[tuple[int, Json]]:
    for number, row in rows:
        if isinstance(row, dict):
            row = with_hour(row, *log.day_and_hour) if log.day_and_hour else row
            row = with_plain_date(row, log.slashed, month_first=log.month_first)
        yield number, row


def needs_order(log: LogFile) -> bool:
    """Whether a row cannot be understood without those before it."""
    layout = log.layout
    is_in_order = layout is not None and bool(layout.turns or layout.lists or layout.models or layout.joined)
    is_in_order = is_in_order or log.format in ("codex", "llm_logs", "openai_responses", "openhands")
    return is_in_order or are_put_together(log.path, log.container)


def settled(log: LogFile) -> LogFile:
    """The log with what only its calls tell: whether each answer of a conversation has a record of its own.

    Then the answers before the last are the last answers of other records, and each counts once. What most records
    with one system prompt hold before their own question is an example.
    """
    if log.has_turns or log.has_totals:
        return log
    reading = Reading(replace(log, facts={}))
    lacking: set[str] = set()
    earlier: list[tuple[str | None, str]] = []
    further: list[tuple[str | None, str]] = []
    """Of the earlier answers those after the first, for many conversations begin alike."""
    last: set[tuple[str | None, str]] = set()
    alike: dict[str, list[set[str]]] = {}
    lengths: Counter[int] = Counter()
    for number, record in islice(records_of(log), _LOOKED_AT):
        taken = reading.take(number, record)
        calls = [item for item in taken if isinstance(item, Sample)] if isinstance(taken, list) else []
        earlier += map(_said_in, calls[:-1])
        further += map(_said_in, calls[1:-1])
        if calls[1:]:
            first = calls[0].request.messages[0]
            prompt = str(first.get("content")) if first.get("role") in ("system", "developer") else ""
            alike.setdefault(prompt, []).append({turn_digest(call) for call in calls[:-1]})
        last |= set(map(_said_in, calls[-1:]))
        lacking.update(*map(lacks, calls[-1:]))
        lengths.update(len(call.answer.text.split()) for call in calls if call.answer and call.answer.text)
    told = further or earlier
    is_cumulative = sum(said in last for said in told) > _REPEATED * len(told)
    examples = frozenset[str]().union(*map(_in_most, alike.values()))
    return replace(
        log,
        facts={role: path for role, path in log.facts.items() if role in lacking},
        is_cumulative=is_cumulative,
        examples=examples,
        has_talks=not is_cumulative and any(said - examples for said in chain.from_iterable(alike.values())),
        has_labels=2 * lengths[1] > lengths.total(),
    )


def _in_most(records: Sequence[set[str]]) -> set[str]:
    """What at least half of the records hold, and some at least."""
    counts = Counter(chain.from_iterable(records))
    return {each for each, count in counts.items() if count >= max(_FEWEST, len(records) / 2)}


def _said_in(call: Sample) -> tuple[str | None, str]:
    """The conversation, where the log names it, and what was asked and answered."""
    session = call.ids.session
    named = None if session is None or session.startswith(NAMED_HERE) else session
    bare = Sample(request=call.request, answer=call.answer and replace(call.answer, finish_reason=None))
    return named, call_digest(bare)


class Reading:
    """Turns the records of one log into Samples."""

    def __init__(self, log: LogFile) -> None:
        units = {
            role: unit for role, column in log.columns.items() if (unit := log.units.get(tuple(column.split("."))))
        }
        known = {role: column for role, column in log.columns.items() if units.get(role) != UNSURE}
        table = table_reader(known, month_first=log.month_first, units=units)
        self._own = next((r for r in (table, *all_readers()) if r.name == log.format), None)
        self._is_alone = log.format == "table" and log.is_told
        others = () if self._is_alone else all_readers()
        self._others = tuple(reader for reader in others if reader.name not in (log.format, "table"))
        self._is_table = log.format == "table"
        self.log = log
        self.format = log.format
        """That the last record was read in."""

    def take(self, number: int, record: dict[str, Json] | Rejection) -> list[Sample | Rejection] | Part:
        """A record as the calls in it, a Rejection, or a part of a call that others complete."""
        if isinstance(record, Rejection):
            return [record]
        if self.log.day_and_hour:
            record = with_hour(record, *self.log.day_and_hour)
        if self._is_table and not self.log.is_told:
            record = with_own_prompt(record, self.log.columns)
        if not self._is_alone:
            try:
                part = part_of(record)
            except ROW_FAULTS as error:
                return [unreadable(number, error)]
            if part is not None:
                return part
        return self.read(number, record)

    def read(self, number: int, record: dict[str, Json] | Exception) -> list[Sample | Rejection]:
        """A record that stands alone, or was put together from its parts (see Joined)."""
        if isinstance(record, Exception):
            return [unreadable(number, record)]
        try:
            reader, record = self._reader_of(record)
            self.format = reader.name
            if not (self._is_table and reader is self._own):
                record = self._told(record, reader)
            log = self.log
            sample = reader.read(record)
            if log.facts and reader.rank >= GENERAL_RANK:
                sample = with_facts(sample, record, log.facts, log.units)
            if log.model and not sample.model:
                sample = replace(sample, model=log.model)
            return [
                *calls_of(
                    sample,
                    is_split=not log.is_cumulative,
                    examples=log.examples,
                    has_labels=log.has_labels,
                    has_talks=log.has_talks,
                )
            ]
        except RowRejected as rejected:
            rejection = Rejection(
                row=number,
                reason=plain(str(rejected)),
                code=rejected.code,
                span=rejected.span,
                parent_span=rejected.parent_span,
            )
            return [rejection]
        except RecursionError:
            return [Rejection(row=number, reason="nested too deeply")]
        except ROW_FAULTS as error:  # whatever a log holds, one row never stops the others
            return [unreadable(number, error)]

    def _told(self, record: dict[str, Json], reader: Reader) -> dict[str, Json]:
        """The record with what only the whole log tells: units and the order of dates."""
        log = self.log
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
