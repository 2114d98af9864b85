"""Import jobs: filing one, its outcome, and what an interrupted one left."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from advisor.collect.accounting import findings_of
from advisor.collect.billed import describe_billed
from advisor.collect.imports import ImportOptions, ImportReport
from advisor.collect.sources import is_database
from advisor.collect.tally import Account
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.jobs import file_job, finish_job, list_active
from advisor.store.log.import_lock import only_import
from advisor.store.log.imports import count_left, discard_logs
from advisor.store.studies import delete_empty_study, find_study, list_studies
from advisor.text.import_findings import import_finding
from advisor.types import Job, Json, Status
from advisor.types.codes import Fact

SILENT_AFTER = timedelta(seconds=15)
"""A worker says every two seconds that it lives."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """What there is of an import that failed."""

    calls: int | None
    """Stored already, so that the same import goes on from there; None where nothing was kept."""
    missing: tuple[str, ...]
    """Names of files that are no longer there: uploads that were deleted, or a path that was moved."""


def what_is_left(store: Store, job: Job) -> Left:
    """Look what a failed import left, and whether its files are still there."""
    missing = [Path(path).name for path in job.arguments["paths"] if not is_database(path) and not Path(path).exists()]
    return Left(calls=count_left(store, job.arguments["study"]), missing=tuple(missing))


def is_silent(job: Job, now: datetime | None = None) -> bool:
    """Whether nobody seems to work on a running job any more; a worker takes it up again by itself."""
    at = job.heartbeat_at
    return job.status is Status.RUNNING and at is not None and (now or datetime.now(UTC)) - at > SILENT_AFTER


def import_again(store: Store, job: Job) -> Job:
    """Queue the same import once more; it goes on where it stopped."""
    return file_job(store, "import", None, job.arguments)


def discard_import(store: Store, job: Job) -> None:
    """Drop what a failed import left, and the study it made.

    Raises BadInput while another import into it waits or runs, StoreError where that was not filed as a job.
    """
    name = job.arguments["study"]
    if any(each.arguments["study"] == name for each in list_active(store, "import")):
        raise BadInput(f"Another import into {name} is running. Wait until it ends.")
    if name in {study.name for study in list_studies(store)}:
        study = find_study(store, name)
        with only_import(store, study):
            discard_logs(store, study.id)
            delete_empty_study(store, study.id)
    finish_job(store, job.id, Status.CANCELLED, error=job.error)


def file_import(
    store: Store, study_name: str, names: Sequence[str | Path], options: ImportOptions, *, delete_after: bool = False
) -> Job:
    """Queue an import of files, folders or databases.

    A database is named by the environment variable that holds its URL (``env:NAME``), so that no password is stored.
    Uploads are deleted once the import ended, unless the same import can go on later (``delete_after``).
    """
    arguments = {
        "study": study_name,
        "paths": [str(name) for name in names],
        "names": dict(options.labels),
        "redact": options.redact,
        "format": options.format,
        "columns": options.columns,
        "traffic_share": options.traffic_share,
        "durations": options.hints.durations,
        "dates": options.hints.dates,
        "model": options.hints.model,
        "delete_after": delete_after,
    }
    return file_job(store, "import", None, arguments)


def summarise(report: ImportReport) -> dict[str, Json]:
    """An import's outcome as the command line prints it."""
    counts, sums = report.counts, report.sums
    formats = report.files.formats
    return {
        "study": report.study,
        "format": formats[0] if len(set(formats)) == 1 else formats,
        "rows": counts.rows,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "duplicates": counts.duplicates,
        "joined": report.joined,
        "repeated": report.files.repeated,
        "passed_over": [{"file": file, "reason": reason} for file, reason in report.files.passed_over],
        "not_replayable": counts.not_replayable,
        "rejections": [
            {"file": file, "row": r.row, "reason": r.reason, "reason_code": r.code.value}
            for file, r in report.rejections
        ],
        "models": report.models,
        "first_at": sums.first_at.isoformat() if sums.first_at else None,
        "last_at": sums.last_at.isoformat() if sums.last_at else None,
        "usage": {kind: tokens if sums.with_usage else None for kind, tokens in vars(sums.usage).items()},
        "logged_cost_usd": sums.cost_usd,
        "unpriced_models": report.unpriced,
        "priced_as_given": list(report.given),
        "billed_beside_text": report.beside_text,
        "billed": describe_billed(report.billed),
        "understood": [_understood(account) for account in report.accounts],
        "redactions": dict(report.redactions.most_common()),
        "use_cases": [
            {"name": case.name, "samples": case.calls.total, "monthly_calls": case.calls.monthly}
            for case in report.use_cases
        ],
    }


def _understood(account: Account) -> dict[str, Json]:
    """Shares, findings and unused columns of one file in one format."""
    return {
        "file": account.file,
        "format": account.format,
        "calls": account.tally.calls,
        "turns": account.rows or None,
        "columns": account.guess,
        "share": {fact.value: round(account.tally.share(fact), 4) for fact in Fact},
        "findings": [
            {"code": found.code, "message": import_finding(found), **found.values} for found in findings_of(account)
        ],
        "unused": account.unused,
    }


def delete_uploads(job: Job) -> None:
    """Delete the uploaded files of an import that nobody will do any more, each with the folder it lies in."""
    for path in map(Path, job.arguments["paths"] if job.arguments.get("delete_after") else ()):
        with contextlib.suppress(OSError):  # what is left is swept later
            path.unlink(missing_ok=True)
            path.parent.rmdir()
