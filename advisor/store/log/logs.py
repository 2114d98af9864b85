"""Imported logs and their samples. A log whose import is not complete is not there yet (see ``store.log.imports``)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from advisor.store.columns import value_of
from advisor.store.engine import Store, in_parts, read_frame
from advisor.store.log.costs import GivenCost, cost_columns
from advisor.store.log_tables import GroupRow, LogRow, RejectionRow, SampleRow, SampleTextRow, UseCaseRow
from advisor.store.studies import incomplete_logs
from advisor.store.tables import RunSampleRow
from advisor.types import (
    Answer,
    CallIds,
    Json,
    Log,
    Metered,
    PriceSource,
    Reference,
    Rejection,
    Request,
    StoredSample,
    ToolCall,
    Usage,
)

if TYPE_CHECKING:
    import pandas as pd

BATCH = 1000
_NO_FACTS = ("study_id", "log_id", "group_id", "digest", "near_digest", "external_id")


def list_logs(store: Store, study_id: int) -> list[Log]:
    """The logs of a study, the newest first."""
    query = select(LogRow).where(LogRow.study_id == study_id, LogRow.complete).order_by(LogRow.id.desc())
    return [value_of(Log, row) for row in store.scalars(query)]


def list_rejections(store: Store, log_id: int, limit: int = 1000) -> list[Rejection]:
    """The first rejected rows of a log."""
    query = select(RejectionRow).where(RejectionRow.log_id == log_id).order_by(RejectionRow.row).limit(limit)
    return [value_of(Rejection, row) for row in store.scalars(query)]


def list_not_replayable(store: Store, study_id: int) -> dict[str, int]:
    """Reason -> how many samples cannot be asked again."""
    query = (
        select(SampleRow.not_replayable, func.count())
        .where(SampleRow.study_id == study_id, SampleRow.not_replayable.is_not(None))
        .where(SampleRow.log_id.not_in(incomplete_logs(study_id)))
        .group_by(SampleRow.not_replayable)
        .order_by(func.count().desc())
    )
    return {str(reason): count for reason, count in store.rows(query)}


def count_text_only(store: Store, log_ids: Collection[int] | Select[int]) -> int:
    """How many calls of these logs have a cost without what the provider billed next to text."""
    of_these = SampleRow.log_id.in_(log_ids)
    with store.read() as session:
        codes = text_only_codes(session, of_these)
        query = select(func.count()).where(of_these, SampleRow.price_source.in_(codes))
        return (session.scalar(query) or 0) if codes else 0


def text_only_codes(session: Session, of_these: ColumnElement[bool]) -> list[str]:
    """The sources of such costs, as stored, among these samples."""
    codes = session.scalars(select(SampleRow.price_source).where(of_these).distinct())
    return [code for code in codes if code and PriceSource.of(code).text_only]


def join_use_case(query: Any, sample_id: Any) -> Any:
    """A query with the sample, group and use case of the samples in a column."""
    return (
        query.join(SampleRow, SampleRow.id == sample_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
    )


def load_sample_facts(
    store: Store,
    study_id: int,
    columns: Collection[str] | None = None,
    *,
    run_id: int | None = None,
    given: Sequence[GivenCost] = (),
) -> "pd.DataFrame":
    """Every sample of a study without its texts, one row each; with ``run_id`` the samples of that run.

    Columns: id, use_case, session, model, the token columns, cost_usd, price_source, logged_cost_usd, latency_s,
    ttft_s, at, has_answer, has_target, error, not_replayable, request_digest; or those of them in ``columns``: the
    fewer, the sooner. Of a study without ignored use cases, of a run with them.
    """
    known = {column.name: column for column in SampleRow.__table__.c if column.name not in _NO_FACTS}
    known["use_case"] = UseCaseRow.name.label("use_case")
    known["cost_usd"], known["price_source"] = cost_columns(given)
    query = (
        select(*[column for name, column in known.items() if columns is None or name in columns])
        .select_from(SampleRow)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
        .where(SampleRow.study_id == study_id)
        .order_by(SampleRow.id)
    )
    if run_id is None:
        query = query.where(UseCaseRow.ignored.is_(False), SampleRow.log_id.not_in(incomplete_logs(study_id)))
    else:
        query = query.join(RunSampleRow, RunSampleRow.sample_id == SampleRow.id).where(RunSampleRow.run_id == run_id)
    with store.read() as session:
        return read_frame(session, query)


def load_samples(store: Store, sample_ids: Iterable[int], given: Sequence[GivenCost] = ()) -> Iterator[StoredSample]:
    """The samples with these ids, texts included, in order of id."""
    samples = _SAMPLES.add_columns(cost_columns(given)[0])
    for some in in_parts(sorted(set(sample_ids)), BATCH):
        rows = store.rows(samples.where(SampleRow.id.in_(some)))
        yield from map(_sample, rows)


def answer_from_json(value: Json) -> Answer | None:
    """An Answer as it was stored."""
    if value is None:
        return None
    return answer_of(value["text"], value["tool_calls"], value["finish_reason"])


def answer_of(text: str | None, tool_calls: Iterable[dict[str, Any]], finish_reason: str | None) -> Answer:
    """An Answer from its stored parts."""
    return Answer(text=text, tool_calls=tuple(ToolCall(**call) for call in tool_calls), finish_reason=finish_reason)


def usage_of(row: Any) -> Usage | None:
    """The usage columns of a row, or None where those of a side are empty."""
    if row.input_tokens is None or row.output_tokens is None:
        return None
    return Usage(**{name: getattr(row, name) for name in Usage.__dataclass_fields__})


def usage_values(usage: Usage | None) -> dict[str, int | None]:
    """The usage columns of a row to be written."""
    return dict.fromkeys(Usage.__dataclass_fields__) if usage is None else vars(usage)


_COLUMNS: tuple[Any, ...] = (
    SampleRow.id,
    SampleRow.external_id,
    SampleRow.session,
    SampleRow.model,
    *(getattr(SampleRow, name) for name in Usage.__dataclass_fields__),
    SampleRow.latency_s,
    SampleRow.ttft_s,
    SampleRow.at,
    SampleRow.has_target,
    SampleRow.error,
    SampleRow.not_replayable,
    SampleTextRow.request,
    SampleTextRow.answer,
    SampleTextRow.target,
    UseCaseRow.name.label("use_case"),
)
"""Columns, not whole rows: they are read in half the time."""

_SAMPLES = join_use_case(select(*_COLUMNS).select_from(SampleTextRow), SampleTextRow.sample_id).order_by(SampleRow.id)


def _sample(row: Any) -> StoredSample:
    return value_of(
        StoredSample,
        row,
        request=Request(**row.request),
        answer=answer_from_json(row.answer),
        ids=value_of(CallIds, row),
        metered=value_of(Metered, row, usage=usage_of(row)),
        reference=Reference(row.target) if row.has_target else None,
    )
