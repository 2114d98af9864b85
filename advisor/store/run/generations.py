"""Answers of models, each call unique within its run.

A repeated call inserts nothing, and only a row that failed is ever replaced.
"""

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects import postgresql, sqlite

from advisor.store.columns import CALL_KEY
from advisor.store.engine import ROWS, Change, Store, read_frame
from advisor.store.log.logs import answer_of, join_use_case, usage_of, usage_values
from advisor.store.log_tables import UseCaseRow
from advisor.store.tables import GenerationRow, GenerationTextRow
from advisor.types import Answer, ControlKind, FailureKind, Generation, Lane, PriceSource, Run, Sending, clean
from advisor.types.enums import About

if TYPE_CHECKING:
    import pandas as pd

KEY_COLUMNS: tuple[Any, ...] = tuple(getattr(GenerationRow, name) for name in CALL_KEY)
IS_BESIDES = GenerationRow.about.not_in([About.SAMPLE, About.PAIR])
"""A judge's call that is asked besides the pairs: neither planned nor missing."""
IS_REPLY = GenerationRow.failure.is_(None) | (GenerationRow.failure == FailureKind.UNREADABLE)
"""A judge replied, whether or not that can be read."""
IS_VOTE = (GenerationRow.about == About.PAIR, IS_REPLY)


class Subject(NamedTuple):
    """What a call is about. Only judges' calls have more than the defaults."""

    about: About = About.SAMPLE
    model_id: int = 0
    """The candidate of a pair, or whose answer is read; 0: the recorded one."""
    candidate_first: bool = True
    """In a control pair the spoiled answer is in the candidate's place, in a repeat the second answer."""
    rubric: int = 0
    """Version; 0: the suggestion for the kind of use case."""
    control: ControlKind | None = None
    task: int = 0
    """Number in the shipped set, from 1; 0: the control pair is made from the answer to the sample."""
    prompt: str = ""
    """Version of the judge's prompt, of a control pair."""

    @property
    def orders(self) -> tuple["Subject", ...]:
        """With the candidate first, and second; a single answer has no order."""
        if self.about is About.AUDIT:
            return (self,)
        return self._replace(candidate_first=True), self._replace(candidate_first=False)


class CallKey(NamedTuple):
    """What makes a call within a run unique."""

    sample_id: int
    lane: Lane
    model_id: int
    epoch: int
    subject: Subject = Subject()


@dataclass(frozen=True, kw_only=True)
class StoredGeneration:
    """A generation with its key, the source of its price and the digest of what was asked."""

    key: CallKey
    generation: Generation
    price_source: PriceSource | None = None
    digest: str | None = None


def save_generations(store: Store, run: Run, batch: Sequence[StoredGeneration]) -> int:
    """Store answers in one transaction; returns how many rows are new or replaced a failure."""
    if not batch:
        return 0
    rows = {columns_of(stored.key): stored for stored in batch}
    save, save_texts = _statements(store.engine.dialect.name)
    with store.write(run.study_id, Change.ANSWERS) as session:
        connection = session.connection()  # Core statements take half the time of the same ones through the session
        written = connection.execute(save, [_values(run.id, key, stored) for key, stored in rows.items()]).all()
        found = [(id_, rows[tuple(key)].generation.answer) for id_, *key in written]
        answers = [_text_values(id_, answer) for id_, answer in found if answer is not None]
        if answers:
            connection.execute(save_texts, answers)
        return len(written)


@functools.cache
def _statements(dialect: str) -> tuple[Any, Any]:
    """Save generations, and save their texts: a row that is replaced had failed and has none."""
    table: Any = GenerationRow.__table__
    texts: Any = GenerationTextRow.__table__
    new = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    save = new.on_conflict_do_update(
        index_elements=["run_id", *CALL_KEY],
        set_={c.name: new.excluded[c.name] for c in table.c if c.name != "id"},
        where=table.c.failure.is_not(None),
    ).returning(table.c.id, *(table.c[name] for name in CALL_KEY))
    return save, texts.insert()


def key_of(values: Sequence[Any]) -> CallKey:
    """The key in the columns of CALL_KEY."""
    sample_id, lane, model_id, epoch, *subject = values
    return CallKey(sample_id, lane, model_id, epoch, _subject(*subject))


_subject = functools.lru_cache(10_000)(Subject)
"""Of a large run nearly all calls share one of few."""


def columns_of(key: CallKey) -> tuple[Any, ...]:
    """The columns of CALL_KEY."""
    return (*key[:4], *key.subject)


def read_keys(store: Store, run_id: int, *conditions: ColumnElement[bool]) -> Iterator[CallKey]:
    """The calls of a run that were made, for which these conditions on their rows hold."""
    query = select(*KEY_COLUMNS).where(GenerationRow.run_id == run_id, *conditions)
    with store.read() as session:
        yield from map(key_of, session.execute(query.execution_options(yield_per=ROWS)))


def list_answered(store: Store, run_id: int, sample_ids: Collection[int] | None = None) -> set[CallKey]:
    """The calls of a run, or about some samples of it, that have an answer and are never made again."""
    some = [] if sample_ids is None else [GenerationRow.sample_id.in_(sample_ids)]
    return set(read_keys(store, run_id, GenerationRow.failure.is_(None), *some))


def list_made(store: Store, run_id: int) -> set[CallKey]:
    """The baseline's and candidates' calls of a run that were made, whatever came of them."""
    return set(read_keys(store, run_id, GenerationRow.lane != Lane.JUDGE))


def list_failed(store: Store, run_id: int) -> dict[CallKey, FailureKind]:
    """The calls of a run that failed, judges' calls included, and why."""
    query = select(GenerationRow.failure, *KEY_COLUMNS).where(
        GenerationRow.run_id == run_id, GenerationRow.failure.is_not(None)
    )
    with store.read() as session:
        rows = session.execute(query.execution_options(yield_per=ROWS))
        return {key_of(key): why for why, *key in rows}


def list_read(store: Store, run_id: int) -> set[tuple[int, Subject]]:
    """(sample id, subject) of the single answers that any judge has read."""
    is_read = (GenerationRow.about == About.AUDIT, GenerationRow.failure.is_(None))
    return {(key.sample_id, key.subject) for key in read_keys(store, run_id, *is_read)}


def list_asked(store: Store, run_id: int) -> set[int]:
    """Ids of the samples that any call of a run was made about, whatever came of it."""
    query = select(GenerationRow.sample_id).where(GenerationRow.run_id == run_id).distinct()
    return set(store.scalars(query))


def list_pair_calls(store: Store, run_id: int) -> list[CallKey]:
    """Every judge's call about a pair that has an answer, readable or not."""
    return list(read_keys(store, run_id, *IS_VOTE))


def list_judges(store: Store, run_id: int) -> list[tuple[str, int, int]]:
    """(use case, judge's id, version of the rubric) of every judge's answer about a pair, each once: there are few."""
    query = join_use_case(
        select(UseCaseRow.name, GenerationRow.model_id, GenerationRow.rubric), GenerationRow.sample_id
    ).where(GenerationRow.run_id == run_id, *IS_VOTE)
    return [(name, judge_id, rubric) for name, judge_id, rubric in store.rows(query.distinct())]


def list_pairs(store: Store, run_id: int, use_cases: Iterable[str]) -> list[tuple[int, int]]:
    """(sample id, candidate's model id) of every first answer in these use cases, without loading a text."""
    query = (
        join_use_case(select(GenerationRow.sample_id, GenerationRow.model_id), GenerationRow.sample_id)
        .where(
            GenerationRow.run_id == run_id,
            GenerationRow.lane == Lane.CANDIDATE,
            GenerationRow.epoch == 1,
            GenerationRow.failure.is_(None),
            UseCaseRow.name.in_(list(use_cases)),
        )
        .order_by(GenerationRow.sample_id, GenerationRow.model_id)
    )
    return [(sample_id, model_id) for sample_id, model_id in store.rows(query)]


def load_generation_facts(store: Store, run_id: int, columns: Collection[str] | None = None) -> "pd.DataFrame":
    """Every baseline and candidate generation of a run without its text, one row each; ``columns``: only these.

    Columns: sample_id, lane, model_id, epoch, the token columns, cost_usd, price_source, ttft_s, latency_s, waited_s,
    attempts, failure, error, finish_reason, dropped_params, at, reused.
    """
    left_out = {"id", "run_id", "call_digest", *CALL_KEY[4:]}
    known = [c for c in GenerationRow.__table__.c if c.name not in left_out]
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
    """Generations with their texts, in order of sample, from one snapshot.

    ``only_besides`` leaves the pairs out of what the judges were asked.
    """
    query = with_texts().where(GenerationRow.run_id == run_id, GenerationRow.lane.in_(list(lanes)))
    if sample_ids is not None:
        query = query.where(GenerationRow.sample_id.in_(sample_ids))
    if only_besides:
        query = query.where(IS_BESIDES)
    query = query.order_by(GenerationRow.sample_id, GenerationRow.id)
    with store.read() as session:
        for row in session.execute(query.execution_options(yield_per=ROWS)):
            yield key_of_row(row), generation_of(row)


def with_texts() -> Any:
    """Generations with their texts, column by column, which are read in half the time; failed ones have no text."""
    columns: Any = GenerationRow.__table__.c
    return (
        select(*columns, GenerationTextRow.text, GenerationTextRow.tool_calls)
        .select_from(GenerationRow)
        .outerjoin(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
    )


def key_of_row(row: Any) -> CallKey:
    """The key of a stored generation."""
    return key_of([getattr(row, name) for name in CALL_KEY])


def generation_of(row: Any) -> Generation:
    """A stored generation, from a row of ``with_texts``."""
    return Generation(
        answer=None if row.tool_calls is None else answer_of(row.text, row.tool_calls, row.finish_reason),
        usage=usage_of(row),
        sending=Sending(waited_s=row.waited_s, attempts=row.attempts),
        dropped_params=tuple(row.dropped_params.split(",")) if row.dropped_params else (),
        reused=bool(row.reused),
        cost_usd=row.cost_usd,
        ttft_s=row.ttft_s,
        latency_s=row.latency_s,
        failure=row.failure,
        error=row.error,
        at=row.at,
    )


def storable(text: str | None) -> str | None:
    """A model's text without what no database takes."""
    return None if text is None else clean(text)


def _values(run_id: int, key: tuple[Any, ...], stored: StoredGeneration) -> dict[str, Any]:
    generation = stored.generation
    return {
        "run_id": run_id,
        **dict(zip(CALL_KEY, key, strict=True)),
        **usage_values(generation.usage),
        "cost_usd": generation.cost_usd,
        "ttft_s": generation.ttft_s,
        "latency_s": generation.latency_s,
        "failure": generation.failure,
        "price_source": stored.price_source and stored.price_source.code,
        **vars(generation.sending),
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
