"""Answers that count beyond the run that asked for them: those that are used again, and judges' about control pairs."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from advisor.store.engine import Store
from advisor.store.run.generations import (
    KEY_COLUMNS,
    CallKey,
    StoredGeneration,
    Subject,
    generation_of,
    key_of,
    key_of_row,
    with_texts,
)
from advisor.store.tables import GenerationRow, GenerationTextRow, RunRow
from advisor.types import FailureKind, PriceSource, Run, Sending
from advisor.types.enums import About


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
        select(row.id, row.run_id, row.call_digest, row.at, *KEY_COLUMNS)
        .join(RunRow, RunRow.id == row.run_id)
        .where(RunRow.study_id == run.study_id, row.failure.is_(None), row.call_digest.in_(list(digests)))
        .order_by(row.at.desc(), row.id.desc())
    )
    found: dict[str, dict[datetime, KnownAnswer]] = {}
    for id_, run_id, digest, at, *values in store.rows(query):
        key = key_of(values)
        here = key if run_id == run.id else None
        same = found.setdefault(digest, {})
        before = same.get(at, KnownAnswer(id_, digest, at, (), None))
        same[at] = before._replace(keys=(*before.keys, key), key_here=before.key_here or here)
    return {digest: list(answers.values()) for digest, answers in found.items()}


def load_known(store: Store, ids: Collection[int]) -> dict[int, StoredGeneration]:
    """Stored answers by the id of their row, as they can be stored again: marked as reused, with the times measured."""
    query = with_texts().where(GenerationRow.id.in_(list(ids)))
    rows = store.rows(query) if ids else ()
    return {
        row.id: StoredGeneration(
            key=key_of_row(row),
            generation=replace(generation_of(row), sending=Sending(attempts=0), reused=True),
            price_source=PriceSource.of(row.price_source) if row.price_source else None,
            digest=row.call_digest,
        )
        for row in rows
    }


def load_controls(store: Store, study_id: int, judge_id: int) -> list[tuple[CallKey, str | None]]:
    """(key, text) of a judge's answers in all runs of a study, the oldest first."""
    query = (
        select(GenerationTextRow.text, *KEY_COLUMNS)
        .outerjoin_from(GenerationRow, GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
        .where(*_of(study_id, judge_id), GenerationRow.failure.is_(None))
        .order_by(GenerationRow.at, GenerationRow.id)
    )
    return [(key_of(key), text) for text, *key in store.rows(query)]


def load_refused(store: Store, study_id: int, judge_id: int) -> list[tuple[int, Subject]]:
    """(sample id, subject) of the calls that the same request would fail again."""
    query = select(*KEY_COLUMNS).where(
        *_of(study_id, judge_id),
        GenerationRow.failure.in_([kind for kind in FailureKind if kind.is_refusal_of_call]),
    )
    return [(key.sample_id, key.subject) for key in map(key_of, store.rows(query))]


def _of(study_id: int, judge_id: int) -> tuple[ColumnElement[bool], ...]:
    """A judge's calls about control pairs."""
    return (
        GenerationRow.run_id.in_(select(RunRow.id).where(RunRow.study_id == study_id)),
        GenerationRow.model_id == judge_id,
        GenerationRow.about == About.CONTROL,
    )
