"""Adding a log to a study: read, redact, group, price, store; all of it or nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from advisor.catalog.prices import price_logged
from advisor.errors import BadInput
from advisor.ingest.digest import content_digest, digest
from advisor.ingest.log import LogFile, open_log, read_log
from advisor.ingest.redact import Redactor
from advisor.ingest.usecases import name_use_cases
from advisor.llm.written import request_digest
from advisor.store import Store
from advisor.store.logs import LogWriter, NewSample
from advisor.store.studies import change_study, create_study, delete_study, list_studies
from advisor.store.studies import name_use_cases as store_names
from advisor.study.volume import use_cases_with_volume
from advisor.types import Kind, Rejection, Sample, Study, Usage, UseCase

BATCH = 500
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
        raise BadInput(
            f"{paths[0].name}: no row could be taken. " + (f"The first says: {reason}" if reason else "It has no rows.")
        )
    study = create_study(store, study_name, is_sample=is_sample)
    try:
        if traffic_share is not None:
            change_study(store, study.id, traffic_share=traffic_share)
        for log, use_cases in zip(logs, grouped, strict=True):
            label = (names or {}).get(log.path, log.path.name)
            _import_one(store, study, log, label, use_cases, report, redact=redact, on_progress=on_progress)
    except BaseException:
        if is_new:
            delete_study(store, study.id)
        raise
    report.use_cases = use_cases_with_volume(store, study)
    return report


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


def _import_one(
    store: Store,
    study: Study,
    log: LogFile,
    label: str,
    use_cases: list[tuple[str, Kind]],
    report: ImportReport,
    *,
    redact: bool,
    on_progress: Progress,
) -> None:
    redactor = Redactor() if redact else None
    ids = store_names(store, study.id, sorted(set(use_cases)))
    before = (report.rows, report.accepted, report.rejected, report.duplicates, report.not_replayable)
    occurrences: Counter[str] = Counter()
    names = iter(use_cases)
    with store.write() as session:
        writer = LogWriter(session, study.id, name=label, format=log.format, redacted=redact)
        batch: list[NewSample] = []
        rejections: list[Rejection] = []
        seen: set[str] = set()

        def flush() -> None:
            known = writer.known([new.digest for new in batch])
            fresh = [new for new in batch if new.digest not in known]
            writer.add(fresh)
            writer.reject(rejections)
            report.duplicates += len(batch) - len(fresh)
            for new in fresh:
                _count(report, new)
            report.rejected += len(rejections)
            report.rejections += [(label, rejection) for rejection in rejections]
            batch.clear()
            rejections.clear()

        for row, item in read_log(log):
            report.rows += 1
            if isinstance(item, Rejection):
                rejections.append(item)
                continue
            key = content_digest(item)
            mark = digest(item, occurrences[key])
            occurrences[key] += 1
            name, _ = next(names)
            if mark in seen:
                report.duplicates += 1
                continue
            seen.add(mark)
            batch.append(_new_sample(item, mark, ids[name], redactor))
            if len(batch) >= BATCH:
                flush()
                on_progress(f"Storing {label}: {row:,} rows")
        flush()
        report.formats.append(log.format)
        now = (report.rows, report.accepted, report.rejected, report.duplicates, report.not_replayable)
        rows, accepted, rejected, duplicates, not_replayable = (a - b for a, b in zip(now, before, strict=True))
        writer.finish(
            rows=rows,
            accepted=accepted,
            rejected=rejected,
            duplicates=duplicates,
            not_replayable=not_replayable,
            redactions=dict(redactor.counts) if redactor else {},
        )
    if redactor:
        report.redactions += redactor.counts


def _new_sample(sample: Sample, mark: str, use_case_id: int, redactor: Redactor | None) -> NewSample:
    source: str | None = "as logged"
    cost_usd = sample.cost_usd
    if cost_usd is None:
        priced = price_logged(sample.model, sample.usage, sample.at) if sample.model and sample.usage else None
        cost_usd, source = priced if priced else (None, None)
    kept = redactor.redact(sample) if redactor else sample
    return NewSample(
        sample=kept,
        use_case_id=use_case_id,
        digest=mark,
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
