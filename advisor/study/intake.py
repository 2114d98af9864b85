"""From the rows of a log to what is stored, in several processes where the log is large.

Reading, redacting, grouping and pricing need nothing but the row, so that they run beside each other; what needs to
see all rows (duplicates, parts of calls, the database) stays with the caller, in the order of the file.
"""

import gc
import hashlib
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from multiprocessing.connection import wait
from typing import NamedTuple

import orjson

from advisor.catalog.prices import price_logged
from advisor.ingest.characters import storable
from advisor.ingest.digest import call_digest, is_identified, near_digest
from advisor.ingest.files.chunks import Chunk, read_chunks, rows_of
from advisor.ingest.files.rows import Shape
from advisor.ingest.grouping.group import group_of
from advisor.ingest.lineage import Span
from advisor.ingest.log import LogFile, Reading, Unfolded, needs_order, records_of, unreadable
from advisor.ingest.reader import ROW_FAULTS
from advisor.ingest.records import Part
from advisor.ingest.redaction.redact import Redactor
from advisor.llm.written import canonical
from advisor.store.imports import NewSample, stored_time
from advisor.types import GroupKey, Json, Kind, Rejection, Sample, Usage

ALONE_BYTES = 16 * 2**20
"""Below this size starting other processes takes longer than it saves."""
_RECORDS = 500
_USAGE = tuple(Usage.__dataclass_fields__)
_NO_USAGE = (None,) * len(_USAGE)
_NUL = "\\u0000"
_GARBAGE = 100_000
"""Objects until circles are looked for: rows hold none, and looking takes a tenth of the time."""
_AHEAD = 2
"""Chunks in work for each process: more would only take memory."""


class Ready(NamedTuple):
    """A row that can be stored."""

    sample: NewSample
    is_identified: bool
    """Whether the provider's id tells it from every other call; else equal calls are told apart by counting them."""
    span: Span | None


@dataclass(kw_only=True, slots=True)
class Taken:
    """What became of some rows of a log, in their order."""

    ready: list[Ready] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    parts: list[tuple[int, Part]] = field(default_factory=list)
    redactions: Counter[str] = field(default_factory=Counter)
    last_row: int = 0
    bytes_read: int = 0
    """Of the file as it lies there, unpacked; 0 where it is not known."""


class Intake:
    """Reads the rows of one log."""

    def __init__(self, log: LogFile, *, redaction_key: bytes | None) -> None:
        """Without a key nothing is redacted."""
        self._log = log
        self._reading = Reading(log)
        self._redactor = Redactor(redaction_key) if redaction_key is not None else None

    def take(self, records: Iterable[tuple[int, dict[str, Json] | Rejection]]) -> Taken:
        """Read records that stand alone, or are parts of calls."""
        taken = Taken()
        for row, record in records:
            taken.last_row = row
            self._put(row, self._reading.take(row, record), taken)
        return self._finished(taken)

    def take_chunk(self, chunk: Chunk) -> Taken:
        """Read lines of JSON; rows are numbered from 1 within the chunk."""
        records = Unfolded(rows_of(chunk))
        taken = self.take(records)
        taken.last_row = chunk.line_count + records.more
        taken.bytes_read = len(chunk.lines)
        return taken

    def take_joined(self, row: int, record: dict[str, Json] | Exception) -> Taken:
        """Read a call that was put together from its parts."""
        taken = Taken(last_row=row)
        self._put(row, self._reading.read(row, record), taken)
        return self._finished(taken)

    def _put(self, row: int, item: Sample | Rejection | Part, taken: Taken) -> None:
        if isinstance(item, Part):
            taken.parts.append((row, item))
            return
        if isinstance(item, Sample):
            try:
                taken.ready.append(self._ready(item))
                return
            except ROW_FAULTS as error:  # one row never stops the others
                item = unreadable(row, error)
        taken.rejections.append(self._without_personal_data(item))

    def _ready(self, sample: Sample) -> Ready:
        """Raises TypeError for what cannot be written at all."""
        if not _is_plain(sample):
            return self._priced(storable(sample))
        try:
            ready = self._priced(sample)
        except TypeError:
            return self._priced(storable(sample))
        stored = ready.sample
        if any(_NUL in text for text in (stored.request, stored.answer, stored.target)):
            return self._priced(storable(sample))
        return ready

    def _priced(self, sample: Sample) -> Ready:
        price: tuple[float, str] | None = None
        if sample.cost_usd is not None:
            price = sample.cost_usd, "as logged"
        elif sample.model and sample.usage:
            price = price_logged(sample.model, sample.usage, sample.at)
        digest = call_digest(sample)
        kept = self._redactor.redact(sample) if self._redactor else sample
        return Ready(
            sample=new_sample(kept, digest, price),
            is_identified=is_identified(sample),
            span=Span(sample.span, sample.parent_span, sample.at, sample.latency_s) if sample.span else None,
        )

    def _without_personal_data(self, rejection: Rejection) -> Rejection:
        if not self._redactor:
            return rejection
        return Rejection(
            row=rejection.row,
            reason=self._redactor.redact_text(rejection.reason),
            span=rejection.span,
            parent_span=rejection.parent_span,
        )

    def _finished(self, taken: Taken) -> Taken:
        if self._redactor:
            taken.redactions, self._redactor.counts = self._redactor.counts, Counter()
        return taken


def _is_plain(sample: Sample) -> bool:
    """Whether nothing odd is in the short texts; the long ones are looked at when they are written down."""
    short = (sample.external_id, sample.session, sample.model, sample.use_case, sample.error, sample.not_replayable)
    return all(text is None or text.isprintable() for text in short)


def new_sample(sample: Sample, digest: str, price: tuple[float, str] | None) -> NewSample:
    """A sample as it is stored, with its price and where that comes from. Raises TypeError for what no JSON holds."""
    answer, usage = sample.answer, sample.usage
    cost_usd, source = price or (None, None)
    messages = canonical(sample.request)
    return NewSample(
        digest=digest,
        group=_shared(*group_of(sample)),
        facts=(
            hashlib.sha256(messages).hexdigest(),
            near_digest(messages),
            sample.external_id,
            sample.session,
            sample.model,
            *([getattr(usage, name) for name in _USAGE] if usage else _NO_USAGE),
            sample.cost_usd,
            cost_usd,
            source,
            sample.latency_s,
            sample.ttft_s,
            stored_time(sample.at),
            answer is not None and not answer.is_empty,
            sample.has_target,
            sample.error,
            sample.not_replayable,
        ),
        request=f'{{"messages":{messages.decode()},"params":{_json(sample.request.params)}}}',
        answer=_json(answer),
        target=_json(sample.target) if sample.has_target else "null",
    )


@lru_cache(maxsize=4096)
def _shared(label: str | None, template: str, shape: Kind) -> GroupKey:
    """The same object for the same key: then it goes from process to process once for many rows."""
    return GroupKey(label, template, shape)


def _json(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def take_log(log: LogFile, *, redaction_key: bytes | None) -> Iterator[Taken]:
    """Read a log from its first row to its last, beside each other where it is large and there are processors.

    Raises BadInput when the file turns out to be unusable on the way.
    """
    processes = os.cpu_count() or 1
    if processes == 1 or log.path.stat().st_size < ALONE_BYTES:
        intake = Intake(log, redaction_key=redaction_key)
        for batch in _batches(log):
            yield intake.take(batch)
        return
    has_server = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if has_server else "spawn")
    if has_server:
        context.set_forkserver_preload([__name__])
    pool = ProcessPoolExecutor(processes, context, initializer=_start, initargs=(log, redaction_key))
    threshold = gc.get_threshold()
    gc.set_threshold(_GARBAGE)
    try:
        is_lines = log.container.shape is Shape.LINES and not needs_order(log)
        if is_lines:
            rows = 0
            for taken in _in_order(pool, read_chunks(log.path), ahead=_AHEAD * processes):
                yield _moved(taken, rows)
                rows += taken.last_row
        else:
            yield from _in_order(pool, _batches(log), ahead=_AHEAD * processes)
    finally:
        gc.set_threshold(*threshold)
        pool.shutdown(wait=False, cancel_futures=True)


Records = list[tuple[int, dict[str, Json] | Rejection]]
_here: Intake
"""Of a process that reads for another."""


def _batches(log: LogFile) -> Iterator[Records]:
    records = records_of(log)
    while batch := list(islice(records, _RECORDS)):
        yield batch


def _in_order(pool: ProcessPoolExecutor, work: Iterable[Chunk | Records], *, ahead: int) -> Iterator[Taken]:
    waiting: deque[Future[Taken]] = deque()
    for batch in work:
        waiting.append(pool.submit(_take, batch))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _start(log: LogFile, redaction_key: bytes | None) -> None:
    global _here
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller is interrupted and ends us
    threading.Thread(target=_end_with_caller, daemon=True).start()
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    _here = Intake(log, redaction_key=redaction_key)


def _end_with_caller() -> None:
    """A caller that was killed cannot end us."""
    caller = multiprocessing.parent_process()
    if caller is not None:
        wait([caller.sentinel])
        os._exit(1)


def _take(batch: Chunk | Records) -> Taken:
    return _here.take_chunk(batch) if isinstance(batch, Chunk) else _here.take(batch)


def _moved(taken: Taken, rows: int) -> Taken:
    """The same with rows counted from the start of the file."""
    taken.rejections = [replace(rejection, row=rejection.row + rows) for rejection in taken.rejections]
    taken.parts = [(row + rows, part) for row, part in taken.parts]
    return taken
