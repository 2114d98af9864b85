"""Reads a log in as many processes as there are processors where it is large, the caller's among them.

What needs to see all rows (duplicates, parts of calls, the database) stays with the caller, in the order of the file.
"""

import gc
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait

from advisor.collect.intake import Intake, Taken
from advisor.ingest.files.bytestream import Chunk, is_gzip, read_chunks
from advisor.ingest.files.rows import Shape
from advisor.ingest.homemade.told import Heard
from advisor.ingest.log import LogFile
from advisor.ingest.reading import needs_order, records_of
from advisor.types import Json, Rejection

ALONE_BYTES = 16 * 2**20
"""Below this size starting other processes takes longer than it saves."""
_PACKED = 10
"""How many times as large a packed log is unpacked, about."""
_RECORDS = 500
_BATCH_BYTES = 2**21
_ENOUGH_BYTES = 2**22
"""In work for each other process, so that none waits while the caller stores a batch."""
_AHEAD_BYTES = 2**25
MOST_HERE_BYTES = 2**22
"""Of a chunk that the caller reads itself: a longer one is a single line, which may wrap very many records."""
_GARBAGE = 100_000
"""Objects until circles are looked for: rows hold none, and looking takes a tenth of the time."""
_here: Intake
"""Of a process that reads for another."""


def take_log(log: LogFile, *, redaction_key: bytes | None, heard: Heard | None = None) -> Iterator[Taken]:
    """Read a log from its first row to its last, beside each other where it is large and there are processors.

    Who speaks in a table of turns is counted in ``heard``. Raises BadInput when the file turns out to be unusable.
    """
    processes = os.cpu_count() or 1
    intake = Intake(log, redaction_key=redaction_key)
    with log.path.open("rb") as file:
        is_packed = log.container.shape is Shape.PARQUET or is_gzip(file)
    if processes == 1 or log.path.stat().st_size * (_PACKED if is_packed else 1) < ALONE_BYTES:
        for batch in _batches(log, heard):
            yield intake.take(batch.records)
        return
    has_server = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if has_server else "spawn")
    if has_server:
        context.set_forkserver_preload([__name__])
    others = processes - 1
    pool = ProcessPoolExecutor(others, context, initializer=_start, initargs=(log, redaction_key))
    threshold = gc.get_threshold()
    gc.set_threshold(_GARBAGE)
    try:
        is_lines = log.container.shape is Shape.LINES and not needs_order(log)
        work = read_chunks(log.path) if is_lines else _batches(log, heard)
        rows = 0  # before a chunk, which counts its own; batches have the numbers of the file
        for slices in _in_order(pool, intake, work, enough=_ENOUGH_BYTES * others):
            taken = Taken()
            for taken in map(pickle.loads, slices):
                taken.bytes_read = 0 if is_packed else taken.bytes_read
                yield _moved(taken, rows)
            rows += taken.last_row if is_lines else 0
    finally:
        gc.set_threshold(*threshold)
        pool.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True)
class _Batch:
    """Some records of a log."""

    records: list[tuple[int, dict[str, Json] | Rejection]] = field(default_factory=list)
    size: int = 0
    """Bytes, as they go from process to process."""


def _batches(log: LogFile, heard: Heard | None) -> Iterator[_Batch]:
    batch = _Batch()
    for item in records_of(log, heard):
        batch.records.append(item)
        batch.size += len(pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
        if len(batch.records) >= _RECORDS or batch.size >= _BATCH_BYTES:
            yield batch
            batch = _Batch()
    if batch.records:
        yield batch


def _in_order(
    pool: ProcessPoolExecutor, intake: Intake, work: Iterable[Chunk | _Batch], *, enough: int
) -> Iterator[list[bytes]]:
    """What ``_take`` gives for each: in other processes, or in this one while they start or have ``enough`` to do."""
    waiting: deque[tuple[int, Future[list[bytes]]]] = deque()
    size = 0
    ready = pool.submit(os.getpid)
    for batch in work:
        own = batch.size if isinstance(batch, _Batch) else len(batch.lines)
        while waiting and (waiting[0][1].done() or size + own > _AHEAD_BYTES):
            done, future = waiting.popleft()
            size -= done
            yield future.result()
        is_here = own <= MOST_HERE_BYTES and (
            not ready.done() or sum(each for each, future in waiting if not future.done()) >= enough
        )
        waiting.append((own, _done(_take(intake, batch)) if is_here else pool.submit(_take_here, batch)))
        size += own
    for _, future in waiting:
        yield future.result()


def _done(taken: list[bytes]) -> Future[list[bytes]]:
    future: Future[list[bytes]] = Future()
    future.set_result(taken)
    return future


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


def _take_here(batch: Chunk | _Batch) -> list[bytes]:
    return _take(_here, batch)


def _take(intake: Intake, batch: Chunk | _Batch) -> list[bytes]:
    """What became of the rows, in slices. Pickled they take a fraction of the memory, and are opened one by one."""
    taken = intake.take_chunk(batch) if isinstance(batch, Chunk) else [intake.take(batch.records)]
    return [pickle.dumps(each, pickle.HIGHEST_PROTOCOL) for each in taken]


def _moved(taken: Taken, rows: int) -> Taken:
    """The same with rows counted from the start of the file."""
    taken.rejections = [replace(rejection, row=rejection.row + rows) for rejection in taken.rejections]
    taken.parts = [(row + rows, part) for row, part in taken.parts]
    return taken
