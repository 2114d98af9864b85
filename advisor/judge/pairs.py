"""The two answers of a pair: as text, and one compared with the other."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial

from advisor.collect.readable import text_of
from advisor.judge.agreement import PairKey
from advisor.scoring.target import is_same_answer, score_target, target_of_answer
from advisor.store import Store
from advisor.store.engine import in_parts
from advisor.store.log.logs import load_samples
from advisor.store.run.generations import load_generations
from advisor.types import ANY_OF, Answer, Endpoint, Finding, Json, Lane, Run, Sample, Score, ScoreCode, UseCase


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """One sample with the baseline's and a candidate's first answer as text; empty where there is none."""

    sample: Sample
    baseline: str
    candidate: str


def load_texts(store: Store, run: Run, pairs: Collection[PairKey]) -> dict[PairKey, SideBySide]:
    """The texts of some pairs of a run; nothing else is read."""
    ids = sorted({sample_id for sample_id, _ in pairs})
    samples = {sample.id: sample for sample in load_samples(store, ids)}
    answers: dict[tuple[int, int | None], str] = {}
    for some in in_parts(ids):
        for key, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE], sample_ids=some):
            side = key.model_id if key.lane is Lane.CANDIDATE else None
            if key.epoch == 1:
                answers[(key.sample_id, side)] = text_of(generation.answer)
    recorded = run.baseline_lane is Lane.RECORDED
    return {
        pair: SideBySide(
            sample=samples[pair[0]],
            baseline=text_of(samples[pair[0]].answer) if recorded else answers.get((pair[0], None), ""),
            candidate=answers.get(pair, ""),
        )
        for pair in pairs
        if pair[0] in samples
    }


Judged = Iterable[tuple[PairKey, str, str, str]]
"""Pairs, each with what is equal for repeats of its request, the baseline's answer, and the candidate's."""


def judged_by_hand(judged: Judged) -> set[PairKey]:
    """Of pairs with reviews those that a person looked at: one of each request with the same two answers.

    The same answer twice is a tie of itself, and repeats get the same word.
    """
    found: dict[tuple[int, str, str, str], PairKey] = {}
    for pair, request, baseline, candidate in sorted(judged):
        if baseline != candidate:
            found.setdefault((pair[1], request, baseline, candidate), pair)
    return set(found.values())


SAME_ANSWER = "same_answer"
"""Of a candidate's answer, where answers should agree: whether it is the live baseline's."""


def score_against(endpoint: Endpoint, use_case: UseCase, sample: Sample, answer: Answer | None) -> Score | None:
    """An answer beside the right or the recorded one; None where there is nothing to compare it with."""
    if endpoint is Endpoint.TARGET and sample.reference:
        compare = partial(score_target, use_case.kind, sample.request, sample.reference.value, answer, use_case.match)
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
