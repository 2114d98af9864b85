"""Storing the rows of a log in their order: duplicates, calls within calls, counts."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from advisor.collect.accounting import account_of, unused_columns
from advisor.collect.intake import Ready, Taken
from advisor.collect.tally import Account, Tally
from advisor.ingest.homemade.told import Heard, nameless
from advisor.ingest.log import LogFile
from advisor.ingest.same_calls import NestedSpans, Span, occurrence_digest
from advisor.store.log.imports import LogWriter
from advisor.store.log.traffic import Sums
from advisor.types import JobPhase, NewSample, Progress, Rejection

BATCH = 5000
_BATCH_CHARS = 2**23
_PIECE = 2**20
_FILTER_BYTES = 2**24
REJECTIONS_TOLD = 1000
"""Rejected rows that the report of an import names; all are stored."""


@dataclass(kw_only=True)
class RowCounts:
    """What became of the rows; ``rows = accepted + rejected + duplicates``."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    not_replayable: int = 0
    """Of the accepted ones."""


class Storing:
    """Stores the rows of one log in the order they come, and counts them."""

    def __init__(
        self, writer: LogWriter, log: LogFile, label: str, stored: "Stored", told: list[tuple[str, Rejection]]
    ) -> None:
        """``told`` is shared by the logs of an import: (label, rejection) of the first rejected rows."""
        self.writer = writer
        self.log = log
        self.label = label
        self.counts = RowCounts()
        self.redactions: Counter[str] = Counter()
        self.heard: Heard = Counter()
        self._tallies: dict[str, Tally] = {}
        self._spans = NestedSpans()
        self._occurrences: dict[int, int] = {}
        self._seen: set[int] = set()
        self._stored = stored
        self._told = told
        self._ready: list[Ready] = []
        self._chars = 0
        """Of the texts that wait."""
        self._rejections: list[Rejection] = []
        self._size = log.path.stat().st_size
        self._read = 0

    @property
    def progress(self) -> Progress:
        """How far the file is read: in bytes where they are counted, else in rows."""
        phase = JobPhase.RESUMING if self.writer.is_resumed else JobPhase.READING
        if self._read and self._size:
            return Progress(phase=phase, subject=self.label, done=self._read, total=self._size)
        return Progress(phase=phase, subject=self.label, done=self.counts.rows)

    def take(self, taken: Taken) -> None:
        """Rows that were read."""
        self._read += taken.bytes_read
        self.redactions += taken.redactions
        for format, tally in taken.tallies.items():
            self._tallies.setdefault(format, Tally()).add(tally)
        self._rejections += taken.rejections
        self._ready += taken.ready
        self._chars += taken.chars
        if len(self._ready) + len(self._rejections) >= BATCH or self._chars >= _BATCH_CHARS:
            self.flush()

    def accounts(self, *, redacted: bool) -> list[Account]:
        """What was understood, by format; ``redacted``: without values of columns that aren't used and of speakers."""
        unused, heard = unused_columns(self.log), self.heard
        if redacted:
            unused, heard = dict.fromkeys(unused, ""), nameless(heard)
        return [
            account_of(self.log, self.label, format, tally, unused, heard)
            for format, tally in sorted(self._tallies.items())
        ]

    def finish(self) -> None:
        """Store the rest and drop calls that wrap others."""
        self.flush()
        self.counts.duplicates += self.writer.remove(self._spans.outer_calls())

    def write_counts(self, sums: Sums) -> None:
        """The accepted rows are those that are there."""
        self.counts.accepted, self.counts.not_replayable = sums.calls, sums.not_replayable
        self.writer.finish(**asdict(self.counts), redactions=dict(self.redactions))

    def flush(self) -> None:
        """Store what waits."""
        counted = [ready.sample if ready.is_identified else self._counted(ready) for ready in self._ready]
        known = self.writer.known([sample.digest for sample in counted if self._stored.add(sample.digest)])
        fresh: dict[str, NewSample] = {}
        for sample, ready in zip(counted, self._ready, strict=True):
            if ready.span:
                self._spans.add(ready.span, sample.digest)
            if sample.digest in fresh or self._is_known(sample.digest, known):
                self.counts.duplicates += 1
            elif sample.digest not in known:
                fresh[sample.digest] = sample
        for rejection in self._rejections:
            if rejection.span:
                self._spans.add(Span(rejection.span, rejection.parent_span))
        self.writer.add(list(fresh.values()), self._rejections)
        self.counts.rows += len(self._ready) + len(self._rejections)
        self.counts.rejected += len(self._rejections)
        self._told += [(self.label, each) for each in self._rejections[: REJECTIONS_TOLD - len(self._told)]]
        self._ready, self._rejections, self._chars = [], [], 0

    def _counted(self, ready: Ready) -> NewSample:
        """Equal calls without an id of the provider are told apart by counting them within the file."""
        mark = int(ready.sample.digest[:16], 16)
        occurrence = self._occurrences.get(mark, 0)
        self._occurrences[mark] = occurrence + 1
        if occurrence == 0:
            return ready.sample
        return ready.sample._replace(digest=occurrence_digest(ready.sample.digest, occurrence))

    def _is_known(self, digest: str, known: dict[str, bool]) -> bool:
        """Whether the study has it, from elsewhere or from further up in this file."""
        if not self.writer.is_resumed or known.get(digest) is False:
            return digest in known
        mark = int(digest[:16], 16)  # what the interrupted import left is this file's own
        is_again = mark in self._seen
        self._seen.add(mark)
        return is_again


class Stored:
    """Tells in little memory which digests the study surely does not hold, so that the database is hardly asked."""

    def __init__(self, digests: Iterable[str]) -> None:
        self._bits = bytearray(_FILTER_BYTES)
        for digest in digests:
            self.add(digest)

    def add(self, digest: str) -> bool:
        """A digest that is stored now; returns whether it may have been before (False: surely not)."""
        place = int(digest[:12], 16) % (8 * _FILTER_BYTES)
        at, bit = place >> 3, 1 << (place & 7)
        before = self._bits[at]
        self._bits[at] = before | bit
        return bool(before & bit)


def fingerprint(log: LogFile, label: str, *, redacted: bool, check: Callable[[], None]) -> str:
    """The same for the same bytes read with the same choices; ``check`` may end it by raising.

    Neither size nor time tell: what is unpacked or copied again is new, and a changed file may be as long as before.
    """
    choices = json.dumps(
        [label, log.format, log.columns, redacted, sorted(log.units.items()), log.month_first, log.model],
        sort_keys=True,
    )
    mark = hashlib.blake2b(choices.encode(), digest_size=16)
    with log.path.open("rb") as file:
        while piece := file.read(_PIECE):
            mark.update(piece)
            check()
    return mark.hexdigest()
