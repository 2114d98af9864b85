"""Answers that count beyond the run that asked for them: those that are used again, and judges' about control pairs."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from advisor.store.engine import Store
from advisor.store.run.generations import BESIDES, CallKey, StoredGeneration, generation_of, key_of
from advisor.store.tables import GenerationRow, GenerationTextRow, RunRow
from advisor.types import FailureKind, Lane, PriceSource, Run, Sending


class KnownAnswer(NamedTuple):
    """An answer that a study has, however many of its runs took it over."""

    id: int
    """Of one of its rows."""
    digest: str
    at: datetime
    keys: tuple[CallKey, ...]
    """The calls that have it, in any run."""
    key_here: CallKey | None
    """The one of them in the run that was asked for; None: it has not."""

    @property
    def mark(self) -> tuple[str, datetime]:
        """What tells it from every other answer."""
        return self.digest, self.at


def list_known(store: Store, run: Run, digests: Collection[str]) -> dict[str, list[KnownAnswer]]:
    """What any run of the study of ``run``, itself included, has to calls with these digests, the newest first."""
    if not digests:
        return {}
    row = GenerationRow
    query = (
        select(row.id, row.run_id, row.call_digest, row.at, *(getattr(row, name) for name in CallKey._fields))
        .join(RunRow, RunRow.id == row.run_id)
        .where(RunRow.study_id == run.study_id, row.failure.is_(None), row.call_digest.in_(list(digests)))
        .order_by(row.at.desc(), row.id.desc())
    )
    found: dict[str, dict[datetime, KnownAnswer]] = {}
    with store.read() as session:
        for id_, run_id, digest, at, sample_id, lane, *rest in session.execute(query):
            key = CallKey(sample_id, Lane(lane), *rest)
            here = key if run_id == run.id else None
            same = found.setdefault(digest, {})
            before = same.get(at, KnownAnswer(id_, digest, at, (), None))
            same[at] = before._replace(keys=(*before.keys, key), key_here=before.key_here or here)
    return {digest: list(answers.values()) for digest, answers in found.items()}


def load_known(store: Store, ids: Collection[int]) -> dict[int, StoredGeneration]:
    """Stored answers by the id of their row, as they can be stored again: marked as reused, with the times measured."""
    query = (
        select(GenerationRow, GenerationTextRow)
        .join(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
        .where(GenerationRow.id.in_(list(ids)))
    )
    with store.read() as session:
        rows = session.execute(query).all() if ids else ()
    return {
        row.id: StoredGeneration(
            key=key_of(row),
            generation=replace(generation_of(row, text), sending=Sending(attempts=0), reused=True),
            price_source=PriceSource.of(row.price_source) if row.price_source else None,
            digest=row.call_digest,
        )
        for row, text in rows
    }


CONTROL = "control"
"""Begins, after ``BESIDES``, the subject of a call about a control pair."""


def load_controls(store: Store, study_id: int, judge_id: int) -> list[tuple[CallKey, str | None]]:
    """(key, text) of a judge's answers in all runs of a study, the oldest first."""
    query = (
        select(GenerationRow, GenerationTextRow.text)
        .outerjoin(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
        .where(*_of(study_id, judge_id), GenerationRow.failure.is_(None))
        .order_by(GenerationRow.at, GenerationRow.id)
    )
    with store.read() as session:
        return [(key_of(row), text) for row, text in session.execute(query)]


def load_refused(store: Store, study_id: int, judge_id: int) -> list[tuple[int, str]]:
    """(sample id, subject) of the calls that the same request would fail again."""
    query = select(GenerationRow.sample_id, GenerationRow.subject).where(
        *_of(study_id, judge_id),
        GenerationRow.failure.in_([kind for kind in FailureKind if kind.is_refusal_of_call]),
    )
    with store.read() as session:
        return [(sample_id, subject) for sample_id, subject in session.execute(query)]


def _of(study_id: int, judge_id: int) -> tuple[ColumnElement[bool], ...]:
    """A judge's calls about control pairs."""
    return (
        GenerationRow.run_id.in_(select(RunRow.id).where(RunRow.study_id == study_id)),
        GenerationRow.model_id == judge_id,
        GenerationRow.lane == Lane.JUDGE,
        GenerationRow.subject.startswith(f"{BESIDES}{CONTROL}:"),
    )
