"""The calls of a study one by one, as arrays: what sums by the hour cannot tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import case, literal, literal_column, select

from advisor.store.engine import Store
from advisor.store.log.logs import text_only_codes
from advisor.store.log_tables import GroupRow, LogRow, SampleRow, UseCaseRow
from advisor.store.studies import finished_logs

Array = np.ndarray[Any, Any]
_CHUNK = 1000
"""Rows turned into arrays at once: holding all of them first takes twice the time."""


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Every call of a study but those of ignored use cases; all arrays have shape (n,) and the same order."""

    at: Array
    """datetime64[us], UTC; NaT where the log does not tell."""
    latency_s: Array
    """NaN where the log does not tell."""
    group: Array
    """Which calls the log treats alike."""
    request: Array
    """Equal for calls with the same messages, tools and parameters."""
    near: Array
    """Equal for calls whose messages differ in case, digits, spaces and punctuation only."""
    session: Array
    """Equal for calls of one conversation or agent run; 0 where the log does not tell."""
    replayable: Array
    failed: Array
    in_batch: Array
    """Whether the call comes from a provider's batch file."""
    logged_cost_usd: Array
    """NaN where the log itself does not tell."""
    text_only: Array
    """Whether the cost leaves out what the provider billed next to text."""


def load_calls(store: Store, study_id: int, *, batch_formats: Sequence[str]) -> Calls:
    """The calls of a study; those of logs in one of ``batch_formats`` were made in batches."""
    ours = (
        select(GroupRow.id)
        .join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
        .where(GroupRow.study_id == study_id, UseCaseRow.ignored.is_(False))
    )
    columns: tuple[Any, ...] = (
        literal_column("sample.at"),  # as the driver gives it: making aware datetimes takes longer than all the rest
        SampleRow.latency_s,
        SampleRow.group_id,
        SampleRow.request_digest,
        SampleRow.near_digest,
        SampleRow.session,
        SampleRow.log_id,
        case((SampleRow.not_replayable.is_(None), literal(1)), else_=literal(0)),
        case((SampleRow.error.is_(None), literal(0)), else_=literal(1)),
        SampleRow.logged_cost_usd,
    )
    of_these = SampleRow.log_id.in_(finished_logs(study_id))
    batches = select(LogRow.id).where(LogRow.study_id == study_id, LogRow.format.in_(batch_formats))
    with store.read() as session:
        batch_logs = list(session.scalars(batches))
        text_only = SampleRow.price_source.in_(text_only_codes(session, of_these))
        query = select(*columns, case((text_only, literal(1)), else_=literal(0)))
        query = query.where(SampleRow.group_id.in_(ours), of_these)
        cursor: Any = session.connection().execute(query).cursor
        chunks = []
        while rows := cursor.fetchmany(_CHUNK):
            chunks.append(_arrays(rows, batch_logs))
    chunks = chunks or [_arrays([], batch_logs)]
    return Calls(**{name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]})


def _arrays(rows: Sequence[tuple[Any, ...]], batch_logs: Sequence[int]) -> dict[str, Array]:
    columns = zip(*rows, strict=True) if rows else [()] * 11
    at, latency, group, request, near, session, log, replayable, failed, cost, text_only = columns
    return {
        "at": np.array(at, dtype="datetime64[us]"),
        "latency_s": np.array(latency, dtype=float),
        "group": np.array(group, dtype=np.int64),
        "request": _marks(request),
        "near": _marks(near),
        "session": _marks(session),
        "replayable": np.array(replayable, dtype=bool),
        "failed": np.array(failed, dtype=bool),
        "in_batch": np.isin(np.array(log, dtype=np.int64), batch_logs),
        "logged_cost_usd": np.array(cost, dtype=float),
        "text_only": np.array(text_only, dtype=bool),
    }


def _marks(texts: Sequence[str | None]) -> Array:
    """A number of 64 bits for each text: equal ones are found in a tenth of the time."""
    return np.fromiter((hash(text) if text else 0 for text in texts), np.int64, len(texts))
