"""Answers of a study that can be used again, found by the digest of what was asked."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from advisor.store.engine import Store
from advisor.store.generations import CallKey, StoredGeneration, generation_of, key_of
from advisor.store.tables import GenerationRow, GenerationTextRow, RunRow
from advisor.types import Lane, PriceSource, Run


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
            generation=replace(generation_of(row, text), attempts=0, reused=True),
            price_source=PriceSource.of(row.price_source) if row.price_source else None,
            digest=row.call_digest,
        )
        for row, text in rows
    }
