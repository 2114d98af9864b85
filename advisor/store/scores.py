"""Scores, judgements of judges and reviews of people. Scoring again replaces what was there."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select

from advisor.store.engine import Store
from advisor.store.generations import storable
from advisor.store.tables import JudgementRow, ReviewRow, ScoreRow
from advisor.types import Judgement, Preference, Score

RECORDED = 0
"""Stands for the recorded answer where a score needs the model that was scored."""


class ScoreKey(NamedTuple):
    """Which answer a score is about."""

    sample_id: int
    model_id: int
    scorer: str


class Vote(NamedTuple):
    """A judge's or a person's word on one pair."""

    sample_id: int
    model_id: int
    judgement: Judgement
    judge_id: int


def save_scores(store: Store, run_id: int, sample_ids: Sequence[int], scores: Iterable[tuple[int, int, Score]]) -> int:
    """Replace the scores of some samples in a run by these (sample id, model id, score); returns how many."""
    rows = [
        {
            "run_id": run_id,
            "sample_id": sample_id,
            "model_id": model_id,
            "scorer": score.scorer,
            "value": score.value,
            "passed": score.passed,
            "explanation": storable(score.explanation),
        }
        for sample_id, model_id, score in scores
    ]
    with store.write() as session:
        session.execute(delete(ScoreRow).where(ScoreRow.run_id == run_id, ScoreRow.sample_id.in_(sample_ids)))
        if rows:
            session.execute(insert(ScoreRow), rows)
    return len(rows)


def load_scores(store: Store, run_id: int) -> dict[ScoreKey, Score]:
    """Every score of a run."""
    query = select(
        ScoreRow.sample_id, ScoreRow.model_id, ScoreRow.scorer, ScoreRow.value, ScoreRow.passed, ScoreRow.explanation
    ).where(ScoreRow.run_id == run_id)
    with store.read() as session:
        return {
            ScoreKey(sample, model, scorer): Score(scorer=scorer, value=value, passed=passed, explanation=explanation)
            for sample, model, scorer, value, passed, explanation in session.execute(query)
        }


def save_judgements(
    store: Store, run_id: int, sample_ids: Sequence[int], votes: Sequence[Vote], *, prompt_version: str
) -> None:
    """Replace the judgements of some samples in a run by these."""
    rows = [
        {
            "run_id": run_id,
            "sample_id": vote.sample_id,
            "model_id": vote.model_id,
            "judge_id": vote.judge_id,
            "candidate_first": vote.judgement.candidate_first,
            "preference": vote.judgement.preference,
            "reason": storable(vote.judgement.reason),
            "parsed": vote.judgement.parsed,
            "prompt_version": prompt_version,
        }
        for vote in votes
    ]
    with store.write() as session:
        session.execute(
            delete(JudgementRow).where(JudgementRow.run_id == run_id, JudgementRow.sample_id.in_(sample_ids))
        )
        if rows:
            session.execute(insert(JudgementRow), rows)


def add_reviews(store: Store, run_id: int, reviews: Iterable[tuple[int, int, Preference]], *, reviewer: str) -> None:
    """Keep a person's judgements (sample id, model id, preference); a later one replaces an earlier."""
    with store.write() as session:
        for sample_id, model_id, preference in reviews:
            same: Any = (
                ReviewRow.run_id == run_id,
                ReviewRow.sample_id == sample_id,
                ReviewRow.model_id == model_id,
                ReviewRow.reviewer == reviewer,
            )
            session.execute(delete(ReviewRow).where(*same))
            session.add(
                ReviewRow(
                    run_id=run_id,
                    sample_id=sample_id,
                    model_id=model_id,
                    preference=preference,
                    reviewer=reviewer,
                    at=datetime.now(UTC),
                )
            )


def load_reviews(store: Store, run_id: int) -> list[tuple[int, int, Preference, str]]:
    """Every review of a run's answers: (sample id, model id, preference, reviewer)."""
    query = select(ReviewRow.sample_id, ReviewRow.model_id, ReviewRow.preference, ReviewRow.reviewer).where(
        ReviewRow.run_id == run_id
    )
    with store.read() as session:
        return [(sample, model, Preference(p), reviewer) for sample, model, p, reviewer in session.execute(query)]
