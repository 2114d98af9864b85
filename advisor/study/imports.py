"""Adding a log to a study: read, redact, group, price, store; all of it or nothing."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from advisor.catalog.prices import price_logged
from advisor.errors import BadInput, StoreError
from advisor.ingest.digest import content_digest, digest
from advisor.ingest.log import ROW_FAULTS, LogFile, open_log, read_log, unreadable
from advisor.ingest.redact import Redactor
from advisor.ingest.usecases import name_use_cases
from advisor.llm.written import request_digest
from advisor.store import Store
from advisor.store.imports import LogWriter, NewSample, complete_logs, discard_logs
from advisor.store.studies import create_study, delete_empty_study, get_study, list_studies
from advisor.study.volume import use_cases_with_volume
from advisor.types import Kind, Rejection, Sample, Usage, UseCase

BATCH = 1000
Progress = Callable[[str], None]


@dataclass
class ImportReport:
    """What became of the rows of one import; ``rows = accepted + rejected + duplicates``."""

    study: str
    formats: list[str] = field(default_factory=list)
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    not_replayable: int = 0
    rejections: list[tuple[str, Rejection]] = field(default_factory=list)
    """(file, row and reason)."""
    models: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_at: datetime | None = None
    usage: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(Usage.__dataclass_fields__, 0)))
    """Tokens of the accepted rows by kind."""
    cost_usd: float | None = None
    """As logged, else priced from usage at the call's date; None where neither is known for any row."""
    redactions: Counter[str] = field(default_factory=Counter)
    use_cases: list[UseCase] = field(default_factory=list)


def preview_log(path: Path, *, format: str = "auto", columns: dict[str, str] | None = None) -> LogFile:
    """What a file looks like: format, columns as understood, three rows. Raises BadInput with the remedy."""
    return open_log(path, format=format, columns=columns)


def import_logs(
    store: Store,
    study_name: str,
    paths: Sequence[Path],
    *,
    redact: bool,
    format: str = "auto",
    columns: dict[str, str] | None = None,
    traffic_share: float | None = None,
    is_sample: bool = False,
    on_progress: Progress = lambda _: None,
    names: dict[Path, str] | None = None,
) -> ImportReport:
    """Add log files to a study, made now if it is new.

    Raises BadInput when nothing in the files can be taken; then nothing is stored and a new study is not made.
    """
    if traffic_share is not None and not 0 < traffic_share <= 1:
        raise BadInput("The share of the real traffic is a fraction above 0 and at most 1, such as 0.1 for a tenth.")
    logs = [open_log(path, format=format, columns=columns) for path in paths]
    is_new = study_name not in {study.name for study in list_studies(store)}
    report = ImportReport(study=study_name)
    grouped = _group(logs, on_progress)
    if not any(grouped):
        reason = next((item.reason for log in logs for _, item in read_log(log) if isinstance(item, Rejection)), None)
        raise _nothing_taken(paths[0], reason)
    redactor = Redactor() if redact else None
    study = create_study(store, study_name, is_sample=is_sample)
    writers: list[LogWriter] = []
    try:
        discard_logs(store, study.id)  # what an import left behind whose process was killed
        for log, use_cases in zip(logs, grouped, strict=True):
            label = (names or {}).get(log.path, log.path.name)
            writers.append(LogWriter(store, study.id, name=label, format=log.format, redacted=redact))
            _OneLog(log, label, writers[-1], redactor, report, on_progress).take(use_cases)
        if report.rejected == report.rows:
            raise _nothing_taken(paths[0], report.rejections[0][1].reason)
        complete_logs(store, study.id, [writer.log_id for writer in writers], traffic_share=traffic_share)
    except BaseException:
        with contextlib.suppress(StoreError):  # then it stays unseen, and the next import removes it
            discard_logs(store, study.id, [writer.log_id for writer in writers])
            if is_new:
                delete_empty_study(store, study.id)
        raise
    report.use_cases = use_cases_with_volume(store, get_study(store, study.id))
    return report


def _nothing_taken(path: Path, reason: str | None) -> BadInput:
    return BadInput(
        f"{path.name}: no row could be taken. " + (f"The first says: {reason}" if reason else "It has no rows.")
    )


def _group(logs: list[LogFile], on_progress: Progress) -> list[list[tuple[str, Kind]]]:
    """Use case and kind of every acceptable row, file by file, in order."""
    sizes: list[int] = []

    def samples() -> Iterator[Sample]:
        for log in logs:
            count = 0
            for row, item in read_log(log):
                if row % 5000 == 0:
                    on_progress(f"Reading {log.path.name}: {row:,} rows")
                if isinstance(item, Sample):
                    count += 1
                    yield item
            sizes.append(count)

    named = name_use_cases(samples())
    grouped, start = [], 0
    for size in sizes:
        grouped.append(named[start : start + size])
        start += size
    return grouped


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A row that was read and not stored yet."""

    row: int
    sample: Sample
    digest: str
    use_case: tuple[str, Kind]


class _OneLog:
    """Stores one log. Reading and redacting happen between the transactions, so that others can write meanwhile."""

    def __init__(
        self,
        log: LogFile,
        label: str,
        writer: LogWriter,
        redactor: Redactor | None,
        report: ImportReport,
        on_progress: Progress,
    ) -> None:
        self._log = log
        self._label = label
        self._writer = writer
        self._redactor = redactor
        self._report = report
        self._on_progress = on_progress
        self._waiting: list[_Waiting] = []
        self._rejections: list[Rejection] = []

    def take(self, use_cases: list[tuple[str, Kind]]) -> None:
        """Store every row; ``use_cases`` are those of the acceptable rows, in order."""
        report = self._report
        before = _counts(report)
        found_before = Counter(self._redactor.counts) if self._redactor else Counter()
        occurrences: Counter[str] = Counter()
        seen: set[str] = set()
        names = iter(use_cases)
        for row, item in read_log(self._log):
            report.rows += 1
            if isinstance(item, Rejection):
                self._rejections.append(item)
                continue
            use_case = next(names, None)
            if use_case is None:
                raise BadInput(f"{self._label} changed while it was read. Import it again once it is written.")
            key = content_digest(item)
            mark = digest(item, occurrences[key])
            occurrences[key] += 1
            if mark in seen:
                report.duplicates += 1
                continue
            seen.add(mark)
            self._waiting.append(_Waiting(row, item, mark, use_case))
            if len(self._waiting) + len(self._rejections) >= BATCH:
                self._flush()
                self._on_progress(f"Storing {self._label}: {row:,} rows")
        self._flush()
        report.formats.append(self._log.format)
        redactions = self._redactor.counts - found_before if self._redactor else Counter()
        report.redactions += redactions
        counts = {name: count - before[name] for name, count in _counts(report).items()}
        self._writer.finish(**counts, redactions=dict(redactions))

    def _flush(self) -> None:
        known = self._writer.known([waiting.digest for waiting in self._waiting])
        fresh: list[NewSample] = []
        for waiting in self._waiting:
            if waiting.digest in known:
                self._report.duplicates += 1
                continue
            try:
                fresh.append(_new_sample(waiting, self._redactor))
            except ROW_FAULTS as error:  # one row never stops the others
                self._rejections.append(unreadable(waiting.row, error))
        rejections = [self._without_personal_data(rejection) for rejection in self._rejections]
        self._writer.add(fresh, rejections)
        for new in fresh:
            _count(self._report, new)
        self._report.rejected += len(rejections)
        self._report.rejections += [(self._label, rejection) for rejection in rejections]
        self._waiting.clear()
        self._rejections.clear()

    def _without_personal_data(self, rejection: Rejection) -> Rejection:
        redactor = self._redactor
        return replace(rejection, reason=redactor.redact_text(rejection.reason)) if redactor else rejection


def _counts(report: ImportReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in ("rows", "accepted", "rejected", "duplicates", "not_replayable")}


def _new_sample(waiting: _Waiting, redactor: Redactor | None) -> NewSample:
    sample, (name, kind) = waiting.sample, waiting.use_case
    source: str | None = "as logged"
    cost_usd = sample.cost_usd
    if cost_usd is None:
        priced = price_logged(sample.model, sample.usage, sample.at) if sample.model and sample.usage else None
        cost_usd, source = priced if priced else (None, None)
    kept = redactor.redact(sample) if redactor else sample
    return NewSample(
        sample=kept,
        use_case=redactor.redact_text(name) if redactor else name,
        kind=kind,
        digest=waiting.digest,
        request_digest=request_digest(kept.request),
        cost_usd=cost_usd,
        price_source=source,
    )


def _count(report: ImportReport, new: NewSample) -> None:
    sample = new.sample
    report.accepted += 1
    report.not_replayable += sample.not_replayable is not None
    if sample.model:
        report.models[sample.model] += 1
    if sample.at:
        report.first_at = min(report.first_at or sample.at, sample.at)
        report.last_at = max(report.last_at or sample.at, sample.at)
    for name in Usage.__dataclass_fields__:
        report.usage[name] += getattr(sample.usage, name) if sample.usage else 0
    if new.cost_usd is not None:
        report.cost_usd = (report.cost_usd or 0.0) + new.cost_usd
