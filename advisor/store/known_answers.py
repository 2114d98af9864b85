"""Answers of a study that can be used again, found by the digest of what was asked."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from advisor.store.engine import Store
from advisor.store.generations import StoredGeneration, generation_of, key_of
from advisor.store.tables import GenerationRow, GenerationTextRow, RunRow
from advisor.types import Run


def list_known(store: Store, study_id: int, digests: Iterable[str]) -> set[str]:
    """Which of these calls, by digest, some run of the study has an answer to."""
    query = (
        select(GenerationRow.call_digest)
        .join(RunRow, RunRow.id == GenerationRow.run_id)
        .where(
            RunRow.study_id == study_id,
            GenerationRow.failure.is_(None),
            GenerationRow.call_digest.in_(list(digests)),
        )
    )
    with store.read() as session:
        return {digest for digest in session.scalars(query) if digest is not None}


def find_answers(store: Store, run: Run, digests: Iterable[str]) -> dict[str, StoredGeneration]:
    """What other runs of the study have to calls with these digests, as it can be stored in ``run``: marked as reused.

    The newest answer to each call, with the times that were measured and when.
    """
    query = (
        select(GenerationRow, GenerationTextRow)
        .join(RunRow, RunRow.id == GenerationRow.run_id)
        .join(GenerationTextRow, GenerationTextRow.generation_id == GenerationRow.id)
        .where(
            RunRow.study_id == run.study_id,
            RunRow.id != run.id,
            GenerationRow.failure.is_(None),
            GenerationRow.call_digest.in_(list(digests)),
        )
        .order_by(GenerationRow.at, GenerationRow.id)
    )
    with store.read() as session:
        rows = session.execute(query).all()
    found = {}
    for row, text in rows:
        generation = replace(generation_of(row, text), attempts=0, reused=True)
        found[str(row.call_digest)] = StoredGeneration(
            key=key_of(row), generation=generation, price_source=row.price_source, digest=row.call_digest
        )
    return found
