"""One answer against another: the reference answer, the recorded one, or the live baseline's."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from advisor.scoring.target import is_same_answer, score_target, target_of_answer
from advisor.types import ANY_OF, Answer, Endpoint, Finding, Json, Sample, Score, ScoreCode, UseCase

SAME_ANSWER = "same_answer"
"""Of a candidate's answer, where answers should agree: whether it is the live baseline's."""


def score_against(endpoint: Endpoint, use_case: UseCase, sample: Sample, answer: Answer | None) -> Score | None:
    """An answer beside the right or the recorded one; None where there is nothing to compare it with."""
    if endpoint is Endpoint.TARGET and sample.has_target:
        compare = partial(score_target, use_case.kind, sample.request, sample.target, answer, use_case.match)
        return guarded(endpoint.value, compare)
    if endpoint is Endpoint.AGREEMENT and sample.answer is not None:
        return guarded(endpoint.value, partial(_agreement, use_case, sample, sample.answer, answer))
    return None


def same_answer(use_case: UseCase, sample: Sample, baseline: Answer, candidate: Answer) -> Score:
    """1 where a candidate's answer is the baseline's."""
    same = is_same_answer(use_case.kind, sample.request, baseline, candidate, use_case.match)
    return Score(scorer=SAME_ANSWER, value=float(same), passed=same)


def _agreement(use_case: UseCase, sample: Sample, recorded: Answer, answer: Answer | None) -> Score:
    target: Json = {ANY_OF: [target_of_answer(sample.request, recorded)]}  # a list in it is one answer
    score = score_target(use_case.kind, sample.request, target, answer, use_case.match)
    return replace(score, scorer=Endpoint.AGREEMENT.value)


def guarded(scorer: str, score: Callable[[], Score]) -> Score:
    """What a scorer says of one answer; an error of its own leaves this answer without a score, and no other.

    Only the kind of error is kept: its message may quote the answer.
    """
    try:
        return score()
    except Exception as error:
        return Score(scorer=scorer, value=None, findings=(Finding(ScoreCode.SCORER_FAILED, (type(error).__name__,)),))
