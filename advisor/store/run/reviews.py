"""People's reviews and notes. A review is about two answers, so it counts in every run of the study that uses both."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from advisor.errors import BadInput
from advisor.store.choice_tables import NoteRow
from advisor.store.engine import Store, study_of
from advisor.store.log_tables import SampleRow
from advisor.store.run.generations import storable
from advisor.store.run.scores import DRAW
from advisor.store.tables import GenerationRow, JudgementRow, ReviewRow, RunRow, ScoreRow
from advisor.types import Lane, Preference


class Review(NamedTuple):
    """A person's judgement of one pair."""

    sample_id: int
    model_id: int
    preference: Preference
    reviewer: str
    picked: bool
    """Picked because it tells a lot, so not part of the random subset that estimates rest on."""
    at: datetime


def add_reviews(
    store: Store,
    run_id: int,
    reviews: Iterable[tuple[int, int, Preference]],
    *,
    reviewer: str,
    picked: bool = False,
) -> list[Review]:
    """Keep a person's judgements (sample id, model id, preference) as of now; returns what they replaced."""
    now = datetime.now(UTC)
    return put_reviews(store, run_id, [Review(*review, reviewer, picked=picked, at=now) for review in reviews])


def put_reviews(store: Store, run_id: int, reviews: Iterable[Review]) -> list[Review]:
    """Keep reviews with their own times; returns the earlier ones of the same reviewer and answers, now replaced.

    A picked review never replaces one of the random subset, which would lose a pair by it: it is left out.
    """
    replaced = []
    with store.write(study_of(RunRow, run_id)) as session:
        before = _by_word(session.scalars(_about(run_id)))
        for review in reviews:
            earlier = before.pop((review.sample_id, review.model_id, review.reviewer), [])
            if review.picked and not all(row.picked for row in earlier):
                continue
            replaced += _one_each(map(_review, earlier))
            session.execute(delete(ReviewRow).where(ReviewRow.id.in_([row.id for row in earlier])))
            session.execute(insert(ReviewRow).values(run_id=run_id, **review._asdict()))
    return replaced


def remove_review(store: Store, run_id: int, sample_id: int, model_id: int, *, reviewer: str) -> None:
    """Take back one reviewer's judgement of the answers of a run to one sample; nothing where there is none."""
    with store.write(study_of(RunRow, run_id)) as session:
        rows = _by_word(session.scalars(_about(run_id))).get((sample_id, model_id, reviewer), [])
        session.execute(delete(ReviewRow).where(ReviewRow.id.in_([row.id for row in rows])))


def load_reviews(store: Store, run_id: int) -> list[Review]:
    """Every review of the answers of a run, whichever run of the study it was given in; the earliest first.

    Of a reviewer who judged the same answers in several runs the last one counts, a random pair before a picked one.
    """
    return _one_each(map(_review, store.scalars(_about(run_id))))


def list_reviews(store: Store, run_id: int) -> list[Review]:
    """The reviews that were given in a run, the earliest first."""
    query = select(ReviewRow).where(ReviewRow.run_id == run_id)
    return [_review(row) for row in store.scalars(_in_order(query))]


def mark_reviews(store: Store, run_ids: Collection[int]) -> tuple[int, int | None, datetime | None]:
    """What changes with every review of these runs: their number, the newest id and the newest time."""
    query = select(func.count(), func.max(ReviewRow.id), func.max(ReviewRow.at)).where(ReviewRow.run_id.in_(run_ids))
    with store.read() as session:
        number, newest, at = session.execute(query).one()
        return number, newest, at


def has_reviews(store: Store, run_ids: Collection[int]) -> bool:
    """Whether anybody has judged a pair of these runs."""
    return store.scalar(select(ReviewRow.id).where(ReviewRow.run_id.in_(list(run_ids))).limit(1)) is not None


@lru_cache(maxsize=64)
def _about(run_id: int) -> Any:
    """The reviews of the answers that a run holds; making the query takes longer than asking it."""
    there, here = aliased(RunRow), aliased(RunRow)
    same_baseline = and_(
        there.baseline_lane == here.baseline_lane,
        or_(here.baseline_lane == Lane.RECORDED, _is_shared(run_id, Lane.BASELINE)),
    )
    query = (
        select(ReviewRow)
        .join(there, there.id == ReviewRow.run_id)
        .join(here, here.study_id == there.study_id)
        .where(
            here.id == run_id,
            or_(ReviewRow.run_id == run_id, and_(same_baseline, _is_shared(run_id, Lane.CANDIDATE))),
        )
    )
    return _in_order(query)


def _is_shared(run_id: int, lane: Lane) -> Any:
    """Whether the answer that was reviewed is the run's too: a reused answer keeps its digest and its time."""
    reviewed, ours = aliased(GenerationRow), aliased(GenerationRow)
    query = select(reviewed.id).where(
        reviewed.run_id == ReviewRow.run_id,
        reviewed.sample_id == ReviewRow.sample_id,
        reviewed.lane == lane,
        reviewed.epoch == 1,
        ours.run_id == run_id,
        ours.sample_id == reviewed.sample_id,
        ours.lane == lane,
        ours.model_id == reviewed.model_id,
        ours.epoch == 1,
        ours.call_digest == reviewed.call_digest,
        ours.at == reviewed.at,
    )
    return (query.where(reviewed.model_id == ReviewRow.model_id) if lane is Lane.CANDIDATE else query).exists()


def _by_word(rows: Iterable[ReviewRow]) -> dict[tuple[int, int, str], list[ReviewRow]]:
    """The rows in which a reviewer judges a pair: several where it was judged in several runs."""
    found: dict[tuple[int, int, str], list[ReviewRow]] = {}
    for row in rows:
        found.setdefault((row.sample_id, row.model_id, row.reviewer), []).append(row)
    return found


def _in_order(query: Any) -> Any:
    return query.order_by(ReviewRow.at, ReviewRow.sample_id, ReviewRow.model_id, ReviewRow.id)


def _one_each(reviews: Iterable[Review]) -> list[Review]:
    """The review that counts of each reviewer and pair, from the earliest first."""
    found: dict[tuple[int, int, str], Review] = {}
    for review in reviews:
        key = (review.sample_id, review.model_id, review.reviewer)
        if review.picked and key in found and not found[key].picked:
            continue
        found.pop(key, None)
        found[key] = review
    return list(found.values())


def _review(row: ReviewRow) -> Review:
    return Review(row.sample_id, row.model_id, row.preference, row.reviewer, picked=bool(row.picked), at=row.at)


def list_doubts(store: Store, run_id: int, scorer: str) -> Counter[tuple[int, int]]:
    """(sample id, candidate's model id) -> how many of three doubts there are about it; pairs without any are left out.

    A judge changed its word with the order of the answers; the judges differ from one another; the pair's score by
    ``scorer`` is a draw. A pair without a score is in no doubt.
    """
    word = JudgementRow.preference
    pair = (JudgementRow.sample_id, JudgementRow.model_id)
    of_run = select(*pair).where(JudgementRow.run_id == run_id)
    unlike = of_run.group_by(*pair).having(func.min(word) != func.max(word)).subquery()  # few; the rest needs no more
    said = (
        of_run.add_columns(func.min(word).label("low"), func.max(word).label("high"))
        .join(unlike, and_(unlike.c.sample_id == pair[0], unlike.c.model_id == pair[1]))
        .group_by(*pair, JudgementRow.judge_id)
        .subquery()
    )
    low, high = said.c.low, said.c.high
    differ = or_(func.min(low) != func.max(low), func.min(high) != func.max(high))
    reasons = func.max(case((low != high, 1), else_=0)) + case((differ, 1), else_=0)
    told = (
        select(said.c.sample_id, said.c.model_id, reasons.label("reasons"))
        .group_by(said.c.sample_id, said.c.model_id)
        .having(reasons > 0)
        .subquery()
    )
    scored = and_(ScoreRow.run_id == run_id, ScoreRow.scorer == scorer, ScoreRow.value.is_not(None))
    same = and_(scored, told.c.sample_id == ScoreRow.sample_id, told.c.model_id == ScoreRow.model_id)
    of_words = select(told.c.sample_id, told.c.model_id, told.c.reasons).join(ScoreRow, same)
    draws = select(ScoreRow.sample_id, ScoreRow.model_id).where(scored, ScoreRow.value == DRAW)
    with store.read() as session:  # two statements: together they take twice the time
        doubts = Counter({(sample, model): number for sample, model, number in session.execute(of_words)})
        doubts.update((sample, model) for sample, model in session.execute(draws))
    return doubts


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
