"""Imported logs and their samples. One transaction per import: a log is there whole or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

from advisor.store.engine import Store
from advisor.store.tables import (
    LogRow,
    RejectionRow,
    SampleRow,
    SampleTextRow,
    UseCaseRow,
)
from advisor.types import Answer, Json, Log, Rejection, Request, Sample, ToolCall, Usage

BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class NewSample:
    """A sample on its way in, with what the import found out about it."""

    sample: Sample
    use_case_id: int
    digest: str
    request_digest: str
    cost_usd: float | None
    price_source: str | None


class LogWriter:
    """Adds one log in one transaction; use it inside :meth:`Store.write`."""

    def __init__(self, session: Session, study_id: int, *, name: str, format: str, redacted: bool) -> None:
        self._session = session
        self._study_id = study_id
        self._row = LogRow(
            study_id=study_id,
            name=name,
            format=format,
            redacted=redacted,
            rows=0,
            accepted=0,
            duplicates=0,
            not_replayable=0,
            rejected=0,
            redactions={},
            imported_at=datetime.now(UTC),
        )
        session.add(self._row)
        session.flush()

    def known(self, digests: Sequence[str]) -> set[str]:
        """Which of these digests the study holds already."""
        query = select(SampleRow.digest).where(SampleRow.study_id == self._study_id, SampleRow.digest.in_(digests))
        return set(self._session.scalars(query))

    def add(self, samples: Sequence[NewSample]) -> None:
        """Insert samples whose digests are new."""
        if not samples:
            return
        rows = [_sample_values(self._study_id, self._row.id, new) for new in samples]
        ids = self._session.scalars(insert(SampleRow).returning(SampleRow.id, sort_by_parameter_order=True), rows)
        texts = [
            {
                "sample_id": sample_id,
                "request": asdict(new.sample.request),
                "answer": asdict(new.sample.answer) if new.sample.answer else None,
                "target": new.sample.target,
            }
            for sample_id, new in zip(ids.all(), samples, strict=True)
        ]
        self._session.execute(insert(SampleTextRow), texts)

    def reject(self, rejections: Sequence[Rejection]) -> None:
        """Keep the number and reason of rows that could not be taken."""
        if rejections:
            rows = [{"log_id": self._row.id, "row": r.row, "reason": r.reason} for r in rejections]
            self._session.execute(insert(RejectionRow), rows)

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
        self._row.rows, self._row.accepted, self._row.rejected = rows, accepted, rejected
        self._row.duplicates, self._row.not_replayable, self._row.redactions = duplicates, not_replayable, redactions
        self._session.flush()


def list_logs(store: Store, study_id: int) -> list[Log]:
    """The logs of a study, the newest first."""
    with store.read() as session:
        rows = session.scalars(select(LogRow).where(LogRow.study_id == study_id).order_by(LogRow.id.desc()))
        return [
            Log(
                id=row.id,
                name=row.name,
                format=row.format,
                redacted=row.redacted,
                rows=row.rows,
                accepted=row.accepted,
                rejected=row.rejected,
                duplicates=row.duplicates,
                not_replayable=row.not_replayable,
                redactions=row.redactions,
                imported_at=row.imported_at,
            )
            for row in rows
        ]


def list_rejections(store: Store, log_id: int, limit: int = 1000) -> list[Rejection]:
    """The first rejected rows of a log."""
    query = select(RejectionRow).where(RejectionRow.log_id == log_id).order_by(RejectionRow.row).limit(limit)
    with store.read() as session:
        return [Rejection(row=row.row, reason=row.reason) for row in session.scalars(query)]


def list_not_replayable(store: Store, study_id: int) -> dict[str, int]:
    """Reason -> how many samples cannot be asked again."""
    query = (
        select(SampleRow.not_replayable, func.count())
        .where(SampleRow.study_id == study_id, SampleRow.not_replayable.is_not(None))
        .group_by(SampleRow.not_replayable)
        .order_by(func.count().desc())
    )
    with store.read() as session:
        return {str(reason): count for reason, count in session.execute(query)}


def load_sample_facts(store: Store, study_id: int) -> pd.DataFrame:
    """Every sample of a study without its texts, one row each.

    Columns: id, use_case, session, model, the token columns, cost_usd, price_source, logged_cost_usd, latency_s,
    ttft_s, at, has_answer, has_target, error, not_replayable, request_digest.
    """
    columns = [
        column
        for column in SampleRow.__table__.c
        if column.name not in ("study_id", "log_id", "use_case_id", "digest", "external_id")
    ]
    query = (
        select(*columns, UseCaseRow.name.label("use_case"))
        .join(UseCaseRow, UseCaseRow.id == SampleRow.use_case_id)
        .where(SampleRow.study_id == study_id, UseCaseRow.ignored.is_(False))
        .order_by(SampleRow.id)
    )
    with store.read() as session:
        connection: Connection = session.connection()
        return pd.read_sql(query, connection)


def load_samples(store: Store, sample_ids: Iterable[int]) -> Iterator[Sample]:
    """The samples with these ids, texts included, in order of id."""
    wanted = sorted(set(sample_ids))
    for start in range(0, len(wanted), BATCH):
        query = (
            select(SampleRow, SampleTextRow, UseCaseRow.name)
            .join(SampleTextRow, SampleTextRow.sample_id == SampleRow.id)
            .join(UseCaseRow, UseCaseRow.id == SampleRow.use_case_id)
            .where(SampleRow.id.in_(wanted[start : start + BATCH]))
            .order_by(SampleRow.id)
        )
        with store.read() as session:
            rows = session.execute(query).all()
        for row, text, use_case in rows:
            yield _sample(row, text, use_case)


def answer_from_json(value: Json) -> Answer | None:
    """An Answer as it was stored."""
    if value is None:
        return None
    calls = tuple(ToolCall(**call) for call in value["tool_calls"])
    return Answer(text=value["text"], tool_calls=calls, finish_reason=value["finish_reason"])


def usage_of(row: Any) -> Usage | None:
    """The usage columns of a row, or None where they are empty."""
    if row.input_tokens is None:
        return None
    return Usage(
        input_tokens=row.input_tokens,
        cache_read_tokens=row.cache_read_tokens,
        cache_write_tokens=row.cache_write_tokens,
        output_tokens=row.output_tokens,
        reasoning_tokens=row.reasoning_tokens,
    )


def usage_values(usage: Usage | None) -> dict[str, int | None]:
    """The usage columns of a row to be written."""
    if usage is None:
        return dict.fromkeys(Usage.__dataclass_fields__)
    return asdict(usage)


def _sample_values(study_id: int, log_id: int, new: NewSample) -> dict[str, Any]:
    sample = new.sample
    return {
        "study_id": study_id,
        "log_id": log_id,
        "use_case_id": new.use_case_id,
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


def _sample(row: SampleRow, text: SampleTextRow, use_case: str) -> Sample:
    return Sample(
        id=row.id,
        request=Request(**text.request),
        answer=answer_from_json(text.answer),
        use_case=use_case,
        external_id=row.external_id,
        session=row.session,
        model=row.model,
        usage=usage_of(row),
        cost_usd=row.cost_usd,
        latency_s=row.latency_s,
        ttft_s=row.ttft_s,
        at=row.at,
        target=text.target,
        has_target=row.has_target,
        error=row.error,
        not_replayable=row.not_replayable,
    )
