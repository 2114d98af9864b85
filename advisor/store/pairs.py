"""One candidate's answers beside the baseline's, pair by pair, with no text that is not asked for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Text, and_, case, cast, func, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Store
from advisor.store.log_tables import SampleRow, SampleTextRow
from advisor.store.logs import answer_from_json
from advisor.store.tables import GenerationRow, GenerationTextRow, RunSampleRow
from advisor.types import Answer, FailureKind, Json, Lane, Run, ToolCall

MOST_IDS = 500
"""In one statement: databases take a limited number of parameters."""
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class StoredPair:
    """What is stored of both first answers to one sample."""

    sample_id: int
    candidate: Answer | None
    """Without its text where that is long; None where there is no answer."""
    candidate_failure: FailureKind | None
    candidate_error: str | None
    candidate_cost_usd: float | None
    candidate_latency_s: float | None
    baseline_failure: FailureKind | None
    """None for recorded answers."""
    baseline_cost_usd: float | None
    baseline_latency_s: float | None


def in_parts(items: Iterable[_Item], size: int = MOST_IDS) -> Iterator[list[_Item]]:
    """The items in their order, at most so many at a time."""
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def load_stored_pairs(
    store: Store, run: Run, model_id: int, baseline_id: int, sample_ids: Sequence[int], *, longest: int
) -> Iterator[StoredPair]:
    """The pairs of a candidate on some samples; those that one side was not asked about are left out.

    Texts of up to ``longest`` characters come along, longer ones do not.
    """
    text = case((func.length(GenerationTextRow.text) <= longest, GenerationTextRow.text))
    query = (
        select(
            GenerationRow.sample_id,
            GenerationRow.failure,
            GenerationRow.error,
            GenerationRow.cost_usd,
            GenerationRow.latency_s,
            GenerationRow.finish_reason,
            GenerationTextRow.generation_id,
            GenerationTextRow.tool_calls,
            text.label("text"),
        )
        .outerjoin(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
        .where(*_first(GenerationRow, run.id, Lane.CANDIDATE, model_id))
    )
    if run.baseline_lane is Lane.RECORDED:
        asked: Any = SampleRow
        query = query.join(SampleRow, SampleRow.id == GenerationRow.sample_id).add_columns(*_costs(asked))
    else:
        asked = aliased(GenerationRow)
        same = and_(asked.sample_id == GenerationRow.sample_id, *_first(asked, run.id, Lane.BASELINE, baseline_id))
        query = query.join(asked, same).add_columns(*_costs(asked), asked.failure.label("baseline_failure"))
    for some in in_parts(sample_ids):
        with store.read() as session:
            rows = session.execute(query.where(GenerationRow.sample_id.in_(some))).all()
        for row in rows:
            answer = None if row.generation_id is None else _answer(row.text, row.tool_calls, row.finish_reason)
            yield StoredPair(
                sample_id=row.sample_id,
                candidate=answer,
                candidate_failure=row.failure,
                candidate_error=row.error,
                candidate_cost_usd=row.cost_usd,
                candidate_latency_s=row.latency_s,
                baseline_failure=getattr(row, "baseline_failure", None),
                baseline_cost_usd=row.asked_cost_usd,
                baseline_latency_s=row.asked_latency_s,
            )


def load_answers(
    store: Store, run_id: int, lane: Lane, model_id: int, sample_ids: Sequence[int]
) -> dict[int, Answer | None]:
    """Answers of one lane by sample, texts included: the recorded ones, or a model's first ones."""
    query: Any
    if lane is Lane.RECORDED:
        query, wanted = select(SampleTextRow.sample_id, SampleTextRow.answer), SampleTextRow.sample_id
    else:
        query = (
            select(
                GenerationRow.sample_id,
                GenerationTextRow.text,
                GenerationTextRow.tool_calls,
                GenerationRow.finish_reason,
            )
            .join(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
            .where(*_first(GenerationRow, run_id, lane, model_id))
        )
        wanted = GenerationRow.sample_id
    found: dict[int, Answer | None] = {}
    for some in in_parts(sample_ids):
        with store.read() as session:
            for sample_id, *row in session.execute(query.where(wanted.in_(some))):
                found[sample_id] = answer_from_json(row[0]) if lane is Lane.RECORDED else _answer(*row)
    return found


def list_external_ids(store: Store, run_id: int) -> dict[int, str | None]:
    """The team's own id of every sample of a run, in order of ours."""
    query = (
        select(SampleRow.id, SampleRow.external_id)
        .join(RunSampleRow, RunSampleRow.sample_id == SampleRow.id)
        .where(RunSampleRow.run_id == run_id)
        .order_by(SampleRow.id)
    )
    with store.read() as session:
        return {sample_id: external for sample_id, external in session.execute(query)}


def load_targets(store: Store, sample_ids: Sequence[int]) -> dict[int, tuple[int, Json]]:
    """By sample the characters of its request as it is stored, and its right answer."""
    query = select(SampleTextRow.sample_id, func.length(cast(SampleTextRow.request, Text)), SampleTextRow.target)
    found = {}
    for some in in_parts(sample_ids):
        with store.read() as session:
            rows = session.execute(query.where(SampleTextRow.sample_id.in_(some)))
            found.update({sample_id: (length, target) for sample_id, length, target in rows})
    return found


def _first(row: Any, run_id: int, lane: Lane, model_id: int) -> tuple[Any, ...]:
    return (row.run_id == run_id, row.lane == lane, row.model_id == model_id, row.epoch == 1, row.subject == "")


def _costs(row: Any) -> tuple[Any, Any]:
    return row.cost_usd.label("asked_cost_usd"), row.latency_s.label("asked_latency_s")


def _answer(text: str | None, tool_calls: list[dict[str, Any]], finish_reason: str | None) -> Answer:
    return Answer(text=text, tool_calls=tuple(ToolCall(**call) for call in tool_calls), finish_reason=finish_reason)
