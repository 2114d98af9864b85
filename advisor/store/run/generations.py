"""Answers of models, unique by (run, sample, lane, model, epoch, subject).

A repeated call inserts nothing, and only a row that failed is ever replaced.
"""

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from advisor.store.engine import ROWS, Change, Store, read_frame, study_of
from advisor.store.log.logs import usage_of, usage_values
from advisor.store.log_tables import GroupRow, SampleRow, UseCaseRow
from advisor.store.tables import GenerationRow, GenerationTextRow, RunRow
from advisor.types import Answer, FailureKind, Generation, Lane, PriceSource, Sending, ToolCall, clean

if TYPE_CHECKING:
    import pandas as pd

BESIDES = "+"
"""Begins the subject of a judge's call that is asked besides the pairs: neither planned nor missing."""


class CallKey(NamedTuple):
    """What makes a call within a run unique."""

    sample_id: int
    lane: Lane
    model_id: int
    epoch: int
    subject: str = ""
    """Of a judge's call: which candidate in which order; else empty."""


@dataclass(frozen=True, kw_only=True)
class StoredGeneration:
    """A generation with its key, the source of its price and the digest of what was asked."""

    key: CallKey
    generation: Generation
    price_source: PriceSource | None = None
    digest: str | None = None


def save_generations(store: Store, run_id: int, batch: Sequence[StoredGeneration]) -> int:
    """Store answers in one transaction; returns how many rows are new or replaced a failure."""
    if not batch:
        return 0
    texts = {stored.key: stored.generation.answer for stored in batch}
    save, save_texts = _statements(store.engine.dialect.name)
    with store.write(study_of(RunRow, run_id), Change.ANSWERS) as session:
        connection = session.connection()  # Core statements take half the time of the same ones through the session
        written = connection.execute(save, [_values(run_id, stored) for stored in batch]).all()
        ids = {
            CallKey(sample, Lane(lane), model, epoch, subject): id_
            for id_, sample, lane, model, epoch, subject in written
        }
        answers = [_text_values(id_, answer) for key, id_ in ids.items() if (answer := texts[key]) is not None]
        if answers:
            connection.execute(save_texts, answers)
        return len(ids)


@functools.cache
def _statements(dialect: str) -> tuple[Any, Any]:
    """Save generations, and save their texts: a row that is replaced had failed and has none."""
    table: Any = GenerationRow.__table__
    texts: Any = GenerationTextRow.__table__
    new = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    save = new.on_conflict_do_update(
        index_elements=["run_id", *CallKey._fields],
        set_={c.name: new.excluded[c.name] for c in table.c if c.name != "id"},
        where=table.c.failure.is_not(None),
    ).returning(table.c.id, *(table.c[name] for name in CallKey._fields))
    return save, texts.insert()


def list_answered(store: Store, run_id: int) -> set[CallKey]:
    """The calls of a run that have an answer and are never made again."""
    query = select(
        GenerationRow.sample_id, GenerationRow.lane, GenerationRow.model_id, GenerationRow.epoch, GenerationRow.subject
    ).where(GenerationRow.run_id == run_id, GenerationRow.failure.is_(None))
    query = query.execution_options(yield_per=ROWS)
    with store.read() as session:
        return {CallKey(s, Lane(lane), m, e, subject) for s, lane, m, e, subject in session.execute(query)}


def list_made(store: Store, run_id: int) -> set[CallKey]:
    """The baseline's and candidates' calls of a run that were made, whatever came of them."""
    query = select(GenerationRow.sample_id, GenerationRow.lane, GenerationRow.model_id, GenerationRow.epoch).where(
        GenerationRow.run_id == run_id, GenerationRow.lane != Lane.JUDGE
    )
    with store.read() as session:
        rows = session.execute(query.execution_options(yield_per=ROWS))
        return {CallKey(sample, Lane(lane), model, epoch) for sample, lane, model, epoch in rows}


def list_failed(store: Store, run_id: int) -> dict[CallKey, FailureKind]:
    """The calls of a run that failed, judges' calls included, and why."""
    query = select(*(getattr(GenerationRow, name) for name in CallKey._fields), GenerationRow.failure).where(
        GenerationRow.run_id == run_id, GenerationRow.failure.is_not(None)
    )
    with store.read() as session:
        rows = session.execute(query.execution_options(yield_per=ROWS))
        return {CallKey(sample, Lane(lane), *key): FailureKind(why) for sample, lane, *key, why in rows}


def list_read(store: Store, run_id: int) -> set[tuple[int, str]]:
    """(sample id, subject) of what any judge was asked besides the pairs, and answered."""
    query = select(GenerationRow.sample_id, GenerationRow.subject).where(
        GenerationRow.run_id == run_id, GenerationRow.failure.is_(None), GenerationRow.subject.startswith(BESIDES)
    )
    with store.read() as session:
        return {(sample_id, subject) for sample_id, subject in session.execute(query)}


def list_asked(store: Store, run_id: int) -> set[int]:
    """Ids of the samples that any call of a run was made about, whatever came of it."""
    query = select(GenerationRow.sample_id).where(GenerationRow.run_id == run_id).distinct()
    with store.read() as session:
        return set(session.scalars(query))


def list_subjects(store: Store, run_id: int) -> list[tuple[int, int, str]]:
    """(sample id, judge's id, subject) of every judge's answer about a pair."""
    query = (
        select(GenerationRow.sample_id, GenerationRow.model_id, GenerationRow.subject)
        .where(
            GenerationRow.run_id == run_id,
            GenerationRow.lane == Lane.JUDGE,
            GenerationRow.failure.is_(None),
            GenerationRow.subject.not_like(f"{BESIDES}%"),
        )
        .execution_options(yield_per=ROWS)
    )
    with store.read() as session:
        return [(sample_id, judge_id, subject) for sample_id, judge_id, subject in session.execute(query)]


def list_asked_by(store: Store, run_id: int) -> list[tuple[str, int, str]]:
    """(use case, judge's id, subject) of every judge's answer about a pair, each once: there are few."""
    query = (
        select(UseCaseRow.name, GenerationRow.model_id, GenerationRow.subject)
        .join(SampleRow, SampleRow.id == GenerationRow.sample_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
        .where(
            GenerationRow.run_id == run_id,
            GenerationRow.lane == Lane.JUDGE,
            GenerationRow.failure.is_(None),
            GenerationRow.subject.not_like(f"{BESIDES}%"),
        )
        .distinct()
    )
    with store.read() as session:
        return [(name, judge_id, subject) for name, judge_id, subject in session.execute(query)]


def list_pairs(store: Store, run_id: int, use_cases: Iterable[str]) -> list[tuple[int, int]]:
    """(sample id, candidate's model id) of every first answer in these use cases, without loading a text."""
    query = (
        select(GenerationRow.sample_id, GenerationRow.model_id)
        .join(SampleRow, SampleRow.id == GenerationRow.sample_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
        .where(
            GenerationRow.run_id == run_id,
            GenerationRow.lane == Lane.CANDIDATE,
            GenerationRow.epoch == 1,
            GenerationRow.failure.is_(None),
            UseCaseRow.name.in_(list(use_cases)),
        )
        .order_by(GenerationRow.sample_id, GenerationRow.model_id)
    )
    with store.read() as session:
        return [(sample_id, model_id) for sample_id, model_id in session.execute(query)]


def load_generation_facts(store: Store, run_id: int, columns: Collection[str] | None = None) -> "pd.DataFrame":
    """Every baseline and candidate generation of a run without its text, one row each; ``columns``: only these.

    Columns: sample_id, lane, model_id, epoch, the token columns, cost_usd, price_source, ttft_s, latency_s, waited_s,
    attempts, failure, error, finish_reason, dropped_params, at, reused.
    """
    known = [c for c in GenerationRow.__table__.c if c.name not in ("id", "run_id", "subject", "call_digest")]
    query = (
        select(*[c for c in known if columns is None or c.name in columns])
        .where(GenerationRow.run_id == run_id, GenerationRow.lane != Lane.JUDGE)
        .order_by(GenerationRow.id)
    )
    with store.read() as session:
        return read_frame(session, query)


def load_generations(
    store: Store,
    run_id: int,
    *,
    lanes: Iterable[Lane],
    sample_ids: Sequence[int] | None = None,
    only_besides: bool = False,
) -> Iterator[tuple[CallKey, Generation]]:
    """Generations with their texts, in order of sample, all at once from one snapshot.

    ``only_besides`` leaves the pairs out of what the judges were asked.
    """
    query = (
        select(GenerationRow, GenerationTextRow)
        .outerjoin(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
        .where(GenerationRow.run_id == run_id, GenerationRow.lane.in_(list(lanes)))
        .order_by(GenerationRow.sample_id, GenerationRow.id)
    )
    if sample_ids is not None:
        query = query.where(GenerationRow.sample_id.in_(sample_ids))
    if only_besides:
        query = query.where(GenerationRow.subject.startswith(BESIDES))
    with store.read() as session:
        rows = session.execute(query).all()
    for row, text in rows:
        yield key_of(row), generation_of(row, text)


def key_of(row: GenerationRow) -> CallKey:
    """The key of a stored generation."""
    return CallKey(row.sample_id, Lane(row.lane), row.model_id, row.epoch, row.subject)


def generation_of(row: GenerationRow, text: GenerationTextRow | None) -> Generation:
    """A stored generation with its text."""
    answer = None
    if text is not None:
        calls = tuple(ToolCall(**call) for call in text.tool_calls)
        answer = Answer(text=text.text, tool_calls=calls, finish_reason=row.finish_reason)
    return Generation(
        answer=answer,
        usage=usage_of(row),
        cost_usd=row.cost_usd,
        ttft_s=row.ttft_s,
        latency_s=row.latency_s,
        sending=Sending(waited_s=row.waited_s, attempts=row.attempts),
        failure=row.failure,
        error=row.error,
        dropped_params=tuple(row.dropped_params.split(",")) if row.dropped_params else (),
        at=row.at,
        reused=bool(row.reused),
    )


def storable(text: str | None) -> str | None:
    """A model's text without what no database takes."""
    return None if text is None else clean(text)


def _values(run_id: int, stored: StoredGeneration) -> dict[str, Any]:
    generation = stored.generation
    return {
        "run_id": run_id,
        **stored.key._asdict(),
        **usage_values(generation.usage),
        "cost_usd": generation.cost_usd,
        "price_source": stored.price_source and stored.price_source.code,
        "ttft_s": generation.ttft_s,
        "latency_s": generation.latency_s,
        **vars(generation.sending),
        "failure": generation.failure,
        "error": storable(generation.error),
        "finish_reason": generation.answer.finish_reason if generation.answer else None,
        "dropped_params": ",".join(generation.dropped_params) or None,
        "at": generation.at or datetime.now(UTC),
        "call_digest": stored.digest,
        "reused": generation.reused,
    }


def _text_values(generation_id: int, answer: Answer) -> dict[str, Any]:
    calls = [{"name": storable(call.name), "arguments": storable(call.arguments)} for call in answer.tool_calls]
    return {"generation_id": generation_id, "text": storable(answer.text), "tool_calls": calls}
