"""Adding a log to a study: read, redact, group, price, store; all of it or nothing."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from advisor.collect.accounting import lacking
from advisor.collect.billed import Exports
from advisor.collect.contract_prices import given_costs, unpriced_models
from advisor.collect.grouping import group_study
from advisor.collect.intake import Intake
from advisor.collect.processes import take_log
from advisor.collect.redaction import redaction_key
from advisor.collect.sources import open_all, open_logs, without_repeats
from advisor.collect.storing import RowCounts, Stored, Storing, fingerprint
from advisor.collect.tally import Account
from advisor.collect.volume import use_cases_with_volume
from advisor.errors import AdvisorError, BadInput, StoreError
from advisor.ingest.call_parts import WaitingParts
from advisor.ingest.log import LogFile
from advisor.ingest.redaction.redact import quoted
from advisor.settings import DATA
from advisor.store import Store
from advisor.store.log.import_lock import only_import
from advisor.store.log.imports import LogWriter, complete_logs, discard_logs, list_digests
from advisor.store.log.logs import count_text_only
from advisor.store.log.traffic import Sums, roll_up, sum_by_model, sum_logs
from advisor.store.studies import create_study, delete_empty_study, get_study, list_studies
from advisor.text.import_findings import import_finding
from advisor.types import JobPhase, Progress, Rejection, Study, UseCase
from advisor.types.prices import Billed
from advisor.types.studies import UNTOLD, Hints

_ASK_S = 1.0
_LOGS_AT_ONCE = 100


class ImportStopped(AdvisorError):
    """A person stopped an import; nothing of it is kept."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """What was read, and what was not."""

    formats: list[str]
    """Of each log."""
    repeated: list[str]
    """Files that were named once more, and were read once."""
    passed_over: list[tuple[str, str]]
    """(file, reason) of files in folders and archives that are in no known format."""


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What became of one import."""

    study: str
    files: Files
    counts: RowCounts
    joined: int
    """Rows that were put into the call of another row, and count with it."""
    rejections: list[tuple[str, Rejection]]
    """(file, row and reason) of the first REJECTIONS_TOLD."""
    redactions: Counter[str]
    models: dict[str, int]
    """Calls by model."""
    sums: Sums
    """Of the calls that are there. A cost is as logged, else priced from usage: at a price given for the study, else at
    the list's of the call's date.
    """
    given: tuple[str, ...]
    """Models in the study's logs that are priced as given for the study where the log tells no cost."""
    beside_text: int
    """Priced calls for which more was billed than tokens of text: no cost holds that."""
    use_cases: list[UseCase]
    accounts: list[Account]
    """What was understood, by file and format."""
    unpriced: dict[str, int]
    """Model without a price -> its calls, of the whole study."""
    billed: Billed | None
    """What exports of usage and cost tell, of the whole study."""


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How logs are read."""

    redact: bool
    format: str = "auto"
    columns: dict[str, str] | None = None
    """Our field -> the column of a table that holds it."""
    hints: Hints = UNTOLD
    is_strict: bool = False
    """Whether nothing is imported where no call has what its format holds."""
    traffic_share: float | None = None
    """The part of the traffic that the log holds, above 0 and at most 1."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """The names to show of uploaded files, by path."""
    is_sample: bool = False


def import_logs(
    store: Store,
    study_name: str,
    names: Sequence[str | Path],
    options: ImportOptions,
    *,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> ImportReport:
    """Add logs to a study, made now if it is new: files, folders, archives, or databases by their URL.

    Raises BadInput when nothing in the logs can be taken, ImportStopped once ``is_stopped``; then nothing is stored and
    a new study is not made. Interrupted from outside it leaves what it stored, unseen, and the same import again goes
    on from there. Raises StoreError while another import into the study runs.
    """
    if options.traffic_share is not None and not 0 < options.traffic_share <= 1:
        raise BadInput("The traffic share must be above 0 and at most 1, such as 0.1 for 10%.")
    stop = _Stop(is_stopped)
    with open_all(names, check=stop.check) as (found, _):
        sources, repeated = without_repeats(found)
        opened, passed_over = open_logs(
            sources, format=options.format, columns=options.columns, hints=options.hints, check=stop.check
        )
        files = [(log, options.labels.get(str(log.path), label)) for log, label in opened]
        logs = [(log, label) for log, label in files if not log.has_totals]
        is_new = study_name not in {study.name for study in list_studies(store)}
        key = redaction_key(DATA) if options.redact else None
        study = create_study(store, study_name, is_sample=options.is_sample)
        with only_import(store, study):
            try:
                exports = Exports(store, study, files, stop.check)
                importing = _Importing(store, study, logs, key, on_progress, stop)
                importing.run()
                if options.is_strict:
                    importing.check_complete()
                importing.complete(study.id, traffic_share=options.traffic_share)
                billed = exports.keep(options.traffic_share)
            except Exception as error:
                if not isinstance(error, StoreError):  # a full disk or a lock passes: then it goes on later
                    with contextlib.suppress(StoreError):
                        discard_logs(store, study.id)
                        if is_new:
                            delete_empty_study(store, study.id)
                raise
    read = Files(formats=[log.format for log, _ in files], repeated=repeated, passed_over=passed_over)
    return importing.report(get_study(store, study.id), read, billed)


class _Stop:
    """Asks whether a person stopped the import."""

    def __init__(self, is_stopped: Callable[[], bool]) -> None:
        self._is_stopped = is_stopped
        self._asked = float("-inf")

    def check(self) -> None:
        """May be called for every row. Raises ImportStopped."""
        if time.monotonic() - self._asked >= _ASK_S:
            self.check_now()

    def check_now(self) -> None:
        """The last look. Raises ImportStopped."""
        self._asked = time.monotonic()
        if self._is_stopped():
            raise ImportStopped("The import was stopped; nothing of it is kept.")


class _Importing:
    """One import of some logs, from the first row to the counts."""

    def __init__(
        self,
        store: Store,
        study: Study,
        logs: Sequence[tuple[LogFile, str]],
        key: bytes | None,
        on_progress: Callable[[Progress], None],
        stop: _Stop,
    ) -> None:
        self._store = store
        self._key = key
        self._waiting = WaitingParts()
        self._joined = 0
        self._rejections: list[tuple[str, Rejection]] = []
        self._on_progress = on_progress
        self._stop = stop
        self._storing: list[Storing] = []
        self.accounts: list[Account] = []
        """What was understood, by file and format, once every row is read."""
        stored = Stored(list_digests(store, study.id))
        alike: Counter[str] = Counter()
        for log, label in logs:
            mark = fingerprint(log, label, redacted=key is not None, check=stop.check)
            alike[mark] += 1  # two copies of a file are two logs
            writer = LogWriter(
                store,
                study.id,
                name=label,
                format=log.format,
                redacted=key is not None,
                fingerprint=f"{mark}-{alike[mark]}",
            )
            self._storing.append(Storing(writer, log, label, stored, self._rejections))
        discard_logs(store, study.id, but=self.log_ids)  # what other imports left behind

    @property
    def log_ids(self) -> list[int]:
        """The logs as they are stored."""
        return [storing.writer.log_id for storing in self._storing]

    def run(self) -> None:
        """Store every row. Raises BadInput when none could be taken, ImportStopped when a person stopped it."""
        for index, storing in enumerate(self._storing):
            for taken in take_log(storing.log, redaction_key=self._key, heard=storing.heard):
                self._check(storing.progress)
                for row, part in taken.parts:
                    self._waiting.put(index, row, part)
                storing.take(taken)
        self._join()
        for storing in self._storing:
            storing.finish()
        self.accounts = [
            account for storing in self._storing for account in storing.accounts(redacted=self._key is not None)
        ]
        if self._storing and not any(storing.counts.rows > storing.counts.rejected for storing in self._storing):
            if not self._rejections:
                raise BadInput(f"{self._storing[0].label}: nothing to import. It has no rows.")
            label, first = self._rejections[0]
            raise BadInput(f"{label}: no row could be imported. The first error: {quoted(first.reason)}")

    def check_complete(self) -> None:
        """Raises BadInput where no call of a file has what its format holds."""
        missing = [(account.file, message) for account in self.accounts for message in lacking(account)]
        if missing:
            told = " ".join(f"{file}: {import_finding(message)}" for file, message in missing)
            raise BadInput(f"Nothing was imported, because --strict is set. {told}")

    def complete(self, study_id: int, *, traffic_share: float | None) -> None:
        """Sort the calls into use cases, count them, and let everybody see them."""
        self._on_progress(Progress(phase=JobPhase.GROUPING))
        group_study(self._store, study_id, check=self._stop.check)
        for start in range(0, len(self._storing), _LOGS_AT_ONCE):
            self._stop.check()
            roll_up(self._store, self.log_ids[start : start + _LOGS_AT_ONCE])
        for storing in self._storing:
            self._stop.check()
            storing.write_counts(sum_logs(self._store, [storing.writer.log_id]))
        self._stop.check_now()
        complete_logs(self._store, study_id, self.log_ids, traffic_share=traffic_share)

    def report(self, study: Study, files: Files, billed: Billed | None) -> ImportReport:
        """The counts of everything."""
        given = given_costs(self._store, study)
        return ImportReport(
            study=study.name,
            files=files,
            counts=RowCounts(
                **{
                    name: sum(getattr(storing.counts, name) for storing in self._storing)
                    for name in RowCounts.__dataclass_fields__
                }
            ),
            joined=self._joined,
            rejections=self._rejections,
            redactions=sum((storing.redactions for storing in self._storing), Counter()),
            models={name: part.calls for name, part in sum_by_model(self._store, self.log_ids).items()},
            sums=sum_logs(self._store, self.log_ids, given),
            given=tuple(sorted({cost.model for cost in given})),
            beside_text=count_text_only(self._store, self.log_ids),
            use_cases=use_cases_with_volume(self._store, study),
            accounts=self.accounts,
            unpriced=unpriced_models(self._store, study),
            billed=billed,
        )

    def _join(self) -> None:
        for storing in self._storing:  # a call that stands whole in any log comes before one put together
            storing.flush()
        intakes: dict[int, Intake] = {}
        for number, joined in enumerate(self._waiting.calls()):
            if number % 1000 == 0:
                self._check(Progress(phase=JobPhase.JOINING, done=number))
            storing = self._storing[joined.log]
            if joined.log not in intakes:
                intakes[joined.log] = Intake(storing.log, redaction_key=self._key)
            storing.take(intakes[joined.log].take_joined(joined.row, joined.record))
            self._joined += joined.parts - 1

    def _check(self, progress: Progress) -> None:
        self._stop.check()
        self._on_progress(progress)
