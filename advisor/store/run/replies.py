"""What the judges of a run replied, by what can't be read of it."""

from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Store
from advisor.store.run.generations import IS_REPLY
from advisor.store.tables import GenerationRow
from advisor.types import FailureKind
from advisor.types.enums import About


class Replies(NamedTuple):
    """What a judge replied in a run: (replies that can't be read, all replies)."""

    votes: tuple[int, int] = (0, 0)
    """About pairs, by the newest rubric that each was judged by."""
    audits: tuple[int, int] = (0, 0)
    """About single answers."""
    example: str = ""
    """One that can't be read."""


def count_unread(store: Store, run_id: int) -> dict[int, Replies]:
    """Judge's id -> its replies."""
    row, later = GenerationRow, aliased(GenerationRow)
    is_unread = row.failure == FailureKind.UNREADABLE
    pair = ("run_id", "sample_id", "model_id", "about_model_id")
    same = (getattr(later, name) == getattr(row, name) for name in pair)
    is_outdated = select(later.id).where(*same, later.about == About.PAIR, later.rubric > row.rubric).exists()
    query = (
        select(
            row.model_id,
            row.about,
            func.sum(case((is_unread, 1), else_=0)),
            func.count(),
            func.max(case((is_unread, row.error))),
        )
        .where(row.run_id == run_id, row.about.in_([About.PAIR, About.AUDIT]), IS_REPLY, ~is_outdated)
        .group_by(row.model_id, row.about)
    )
    found: dict[int, Replies] = {}
    for judge_id, about, bad, n, example in store.rows(query):
        part = {"votes" if about == About.PAIR else "audits": (int(bad), n)}
        known = found.get(judge_id, Replies())
        found[judge_id] = known._replace(**part, example=known.example or example or "")
    return found
