"""Adding logs in short transactions: nobody sees a log before its import is complete."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from advisor.errors import StoreError
from advisor.store.engine import Store
from advisor.store.logs import usage_values
from advisor.store.studies import incomplete_logs, resolve_use_cases
from advisor.store.tables import LogRow, RejectionRow, SampleRow, SampleTextRow, StudyRow, UseCaseRow
from advisor.types import Kind, Rejection, Sample

BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class NewSample:
    """A sample on its way in, with what the import found out about it."""

    sample: Sample
    use_case: str
    """As the log calls it."""
    kind: Kind
    digest: str
    request_digest: str
    cost_usd: float | None
    price_source: str | None


class LogWriter:
    """Adds one log batch by batch, each in a short transaction of its own; it stays unseen until ``complete_logs``."""

    def __init__(self, store: Store, study_id: int, *, name: str, format: str, redacted: bool) -> None:
        """Raises StoreError when the study was deleted meanwhile."""
        self._store = store
        self._study_id = study_id
        counts = dict.fromkeys(("rows", "accepted", "duplicates", "not_replayable", "rejected"), 0)
        with store.write() as session:
            row = LogRow(
                study_id=study_id,
                name=name,
                format=format,
                redacted=redacted,
                redactions={},
                imported_at=datetime.now(UTC),
                **counts,
            )
            session.add(row)
            session.flush()
            self.log_id = row.id

    def known(self, digests: Sequence[str]) -> set[str]:
        """Which of these digests the study holds already."""
        query = select(SampleRow.digest).where(SampleRow.study_id == self._study_id, SampleRow.digest.in_(digests))
        with self._store.read() as session:
            return set(session.scalars(query))

    def add(self, samples: Sequence[NewSample], rejections: Sequence[Rejection] = ()) -> None:
        """Insert samples whose digests are new, and number and reason of rows that could not be taken.

        Raises StoreError when the log was removed meanwhile.
        """
        rows = [_sample_values(self._study_id, self.log_id, new) for new in samples]
        texts = [
            {
                "request": asdict(new.sample.request),
                "answer": asdict(new.sample.answer) if new.sample.answer else None,
                "target": new.sample.target,
            }
            for new in samples
        ]
        refused = [{"log_id": self.log_id, "row": r.row, "reason": r.reason} for r in rejections]
        with self._store.write() as session:
            _check_there(session, [self.log_id])
            if refused:
                session.execute(insert(RejectionRow), refused)
            if not samples:
                return
            names = {new.use_case: new.kind for new in samples}
            use_cases = resolve_use_cases(session, self._study_id, names.items())
            for row, new in zip(rows, samples, strict=True):
                row["use_case_id"] = use_cases[new.use_case]
            ids = session.scalars(insert(SampleRow).returning(SampleRow.id, sort_by_parameter_order=True), rows)
            numbered = [{"sample_id": sample_id, **text} for sample_id, text in zip(ids.all(), texts, strict=True)]
            session.execute(insert(SampleTextRow), numbered)

    def finish(
        self,
        *,
        rows: int,
        accepted: int,
        rejected: int,
        duplicates: int,
        not_replayable: int,
        redactions: dict[str, int],
    ) -> None:
        """Write the counts; ``rows = accepted + rejected + duplicates``."""
        counts = {
            "rows": rows,
            "accepted": accepted,
            "rejected": rejected,
            "duplicates": duplicates,
            "not_replayable": not_replayable,
            "redactions": redactions,
        }
        with self._store.write() as session:
            session.execute(update(LogRow).where(LogRow.id == self.log_id).values(**counts))


def complete_logs(store: Store, study_id: int, log_ids: Sequence[int], *, traffic_share: float | None = None) -> None:
    """Let everybody see these logs of a study, and set what share of the real traffic it holds, both at once.

    Raises StoreError when one of them was removed meanwhile.
    """
    with store.write() as session:
        _check_there(session, log_ids)
        session.execute(update(LogRow).where(LogRow.id.in_(log_ids)).values(complete=True))
        if traffic_share is not None:
            session.execute(update(StudyRow).where(StudyRow.id == study_id).values(traffic_share=traffic_share))


def discard_logs(store: Store, study_id: int, log_ids: Sequence[int] | None = None) -> None:
    """Remove these logs of a study, or all that are incomplete, with all they brought."""
    if log_ids is None:
        with store.read() as session:
            log_ids = list(session.scalars(incomplete_logs(study_id)))
    if not log_ids:
        return
    some = select(SampleRow.id).where(SampleRow.log_id.in_(log_ids)).limit(BATCH)
    deleted = BATCH
    while deleted:  # not at once: a long deletion would keep others from writing
        with store.write() as session:
            deleted = len(
                session.scalars(delete(SampleRow).where(SampleRow.id.in_(some)).returning(SampleRow.id)).all()
            )
    with store.write() as session:
        session.execute(delete(LogRow).where(LogRow.id.in_(log_ids)))
        unused = ~select(SampleRow.id).where(SampleRow.use_case_id == UseCaseRow.id).exists()
        session.execute(delete(UseCaseRow).where(UseCaseRow.study_id == study_id, unused))


def _check_there(session: Session, log_ids: Sequence[int]) -> None:
    there = session.scalars(select(LogRow.id).where(LogRow.id.in_(log_ids))).all()
    if len(there) != len(log_ids):
        raise StoreError(
            "The study was deleted or another import into it began meanwhile; nothing of this one was kept. "
            "Import one after the other."
        )


def _sample_values(study_id: int, log_id: int, new: NewSample) -> dict[str, Any]:
    sample = new.sample
    return {
        "study_id": study_id,
        "log_id": log_id,
        "digest": new.digest,
        "request_digest": new.request_digest,
        "external_id": sample.external_id,
        "session": sample.session,
        "model": sample.model,
        **usage_values(sample.usage),
        "logged_cost_usd": sample.cost_usd,
        "cost_usd": new.cost_usd,
        "price_source": new.price_source,
        "latency_s": sample.latency_s,
        "ttft_s": sample.ttft_s,
        "at": sample.at,
        "has_answer": sample.answer is not None and not sample.answer.is_empty,
        "has_target": sample.has_target,
        "error": sample.error,
        "not_replayable": sample.not_replayable,
    }
