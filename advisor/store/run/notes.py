"""What people write about a pair of answers: plain text, one note of each author."""

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from advisor.errors import BadInput
from advisor.store.choice_tables import NoteRow
from advisor.store.engine import Store, study_of
from advisor.store.log_tables import SampleRow
from advisor.store.run.generations import storable

LONGEST = 2000
"""Characters of a note."""


class Note(NamedTuple):
    """What one person wrote about a pair."""

    author: str
    text: str
    at: datetime


def list_notes(store: Store, sample_id: int, model_id: int) -> list[Note]:
    """The notes on a pair, the earliest first."""
    query = select(NoteRow).where(NoteRow.sample_id == sample_id, NoteRow.model_id == model_id)
    return [Note(row.author, row.text, row.at) for row in store.scalars(query.order_by(NoteRow.at, NoteRow.author))]


def save_note(store: Store, sample_id: int, model_id: int, *, author: str, text: str) -> None:
    """Keep a note in place of the author's earlier one. Raises BadInput for one that is empty or too long."""
    words = (storable(text) or "").strip()
    if not words or len(words) > LONGEST:
        raise BadInput(f"A note needs 1 to {LONGEST:,} characters.")
    written = {"text": words, "at": datetime.now(UTC)}
    note = insert(NoteRow).values(sample_id=sample_id, model_id=model_id, author=author, **written)
    with store.write(study_of(SampleRow, sample_id)) as session:
        session.execute(note.on_conflict_do_update(index_elements=["sample_id", "model_id", "author"], set_=written))


def remove_note(store: Store, sample_id: int, model_id: int, *, author: str) -> None:
    """Delete an author's note on a pair; nothing where there is none."""
    mine = (NoteRow.sample_id == sample_id, NoteRow.model_id == model_id, NoteRow.author == author)
    with store.write(study_of(SampleRow, sample_id)) as session:
        session.execute(delete(NoteRow).where(*mine))
