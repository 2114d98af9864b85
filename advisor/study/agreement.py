"""People's reviews beside the judge's word on the same pairs."""

from collections import Counter
from collections.abc import Iterable, Mapping

from advisor.analysis.judging import kappa
from advisor.store.scores import ScoreKey
from advisor.types import Preference, Score

WIN = {Preference.CANDIDATE: 1.0, Preference.TIE: 0.5, Preference.BASELINE: 0.0}
ENOUGH_REVIEWS = 30
"""Pairs judged by both from which on the judge is compared with the people (METHOD 1.9)."""


def mean_reviews(reviews: Iterable[tuple[int, int, Preference, str]]) -> dict[tuple[int, int], float]:
    """(sample id, model id) -> what most reviewers preferred; a split counts as a tie."""
    votes: dict[tuple[int, int], Counter[Preference]] = {}
    for sample_id, model_id, preference, _ in reviews:
        votes.setdefault((sample_id, model_id), Counter())[preference] += 1
    return {
        pair: WIN[_leaning(counts[Preference.CANDIDATE] - counts[Preference.BASELINE])]
        for pair, counts in votes.items()
    }


def judge_kappa(
    scores: Mapping[ScoreKey, Score],
    reviews: Mapping[tuple[int, int], float],
    sample_ids: Iterable[int],
    model_id: int,
) -> float | None:
    """Agreement of judge and people beyond chance (Cohen), from 30 common pairs on.

    A panel's mean counts for the side it leans to.
    """
    judged, reviewed = [], []
    for sample_id in sample_ids:
        score, review = scores.get(ScoreKey(sample_id, model_id, "pairwise")), reviews.get((sample_id, model_id))
        if score is not None and score.value is not None and review is not None:
            judged.append(_leaning(score.value - 0.5))
            reviewed.append(_leaning(review - 0.5))
    return kappa(judged, reviewed) if len(judged) >= ENOUGH_REVIEWS else None


def _leaning(lead: float) -> Preference:
    return Preference.CANDIDATE if lead > 0 else Preference.BASELINE if lead < 0 else Preference.TIE
