"""One candidate's answers beside the baseline's, pair by pair, with no text that is not asked for."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, case, cast, func, null, or_, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Store, in_parts
from advisor.store.log.costs import GivenCost, cost_columns
from advisor.store.log.logs import answer_from_json, answer_of
from advisor.store.log_tables import SampleRow, SampleTextRow
from advisor.store.tables import GenerationRow, GenerationTextRow
from advisor.types import Answer, FailureKind, Json, Lane, Run


class StoredPair(NamedTuple):
    """What is stored of both first answers to one sample."""

    sample_id: int
    candidate_failure: FailureKind | None
    candidate_error: str | None
    candidate_finish_reason: str | None
    candidate_cost_usd: float | None
    candidate_latency_s: float | None
    baseline_cost_usd: float | None
    baseline_latency_s: float | None
    baseline_failure: FailureKind | None
    """None for recorded answers."""


def list_broken(store: Store, run_id: int, lane: Lane, model_id: int, finish_reasons: Collection[str]) -> set[int]:
    """Samples on which a model's first call failed, or its answer ended for one of these reasons (lower case)."""
    query = select(GenerationRow.sample_id).where(
        *_first(GenerationRow, run_id, lane, model_id),
        or_(GenerationRow.failure.is_not(None), func.lower(GenerationRow.finish_reason).in_(finish_reasons)),
    )
    return set(store.scalars(query))


def load_stored_pairs(
    store: Store,
    run: Run,
    model_id: int,
    baseline_id: int,
    sample_ids: Iterable[int],
    given: Sequence[GivenCost] = (),
) -> Iterator[StoredPair]:
    """The pairs of a candidate on some samples; those that one side was not asked about are left out."""
    query: Any = select(
        GenerationRow.sample_id,
        GenerationRow.failure,
        GenerationRow.error,
        GenerationRow.finish_reason,
        GenerationRow.cost_usd,
        GenerationRow.latency_s,
    ).where(*_first(GenerationRow, run.id, Lane.CANDIDATE, model_id))
    if run.baseline_lane is Lane.RECORDED:
        asked: Any = SampleRow
        query = query.join(SampleRow, SampleRow.id == GenerationRow.sample_id)
        query = query.add_columns(cost_columns(given)[0], asked.latency_s, null())
    else:
        asked = aliased(GenerationRow)
        same = and_(asked.sample_id == GenerationRow.sample_id, *_first(asked, run.id, Lane.BASELINE, baseline_id))
        query = query.join(asked, same).add_columns(asked.cost_usd, asked.latency_s, asked.failure)
    for some in in_parts(sample_ids):
        rows = store.rows(query.where(GenerationRow.sample_id.in_(some)))
        yield from (StoredPair(*row) for row in rows)


def load_answers(
    store: Store, run_id: int, lane: Lane, model_id: int, sample_ids: Iterable[int], *, longest: int | None = None
) -> dict[int, Answer | None]:
    """Answers of one lane by sample: the recorded ones, or a model's first ones.

    Texts come along; with ``longest`` those of a model only up to so many characters.
    """
    query: Any
    if lane is Lane.RECORDED:
        query, wanted = select(SampleTextRow.sample_id, SampleTextRow.answer), SampleTextRow.sample_id
    else:
        text: Any = GenerationTextRow.text
        if longest is not None:
            text = case((func.length(text) <= longest, text))
        query = (
            select(GenerationRow.sample_id, text, GenerationTextRow.tool_calls, GenerationRow.finish_reason)
            .join(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
            .where(*_first(GenerationRow, run_id, lane, model_id))
        )
        wanted = GenerationRow.sample_id
    found: dict[int, Answer | None] = {}
    for some in in_parts(sample_ids):
        for sample_id, *row in store.rows(query.where(wanted.in_(some))):
            found[sample_id] = answer_from_json(row[0]) if lane is Lane.RECORDED else answer_of(*row)
    return found


def load_targets(store: Store, sample_ids: Iterable[int]) -> dict[int, Json]:
    """The right answer by sample."""
    return dict(_of_texts(store, SampleTextRow.target, sample_ids))


def load_lengths(store: Store, sample_ids: Iterable[int]) -> dict[int, int]:
    """By sample the characters of its request as it is stored."""
    return dict(_of_texts(store, func.length(cast(SampleTextRow.request, Text)), sample_ids))


def _of_texts(store: Store, what: Any, sample_ids: Iterable[int]) -> Iterator[tuple[int, Any]]:
    query = select(SampleTextRow.sample_id, what)
    for some in in_parts(sample_ids):
        rows = store.rows(query.where(SampleTextRow.sample_id.in_(some)))
        yield from ((sample_id, value) for sample_id, value in rows)


def _first(row: Any, run_id: int, lane: Lane, model_id: int) -> tuple[Any, ...]:
    return (row.run_id == run_id, row.lane == lane, row.model_id == model_id, row.epoch == 1)
