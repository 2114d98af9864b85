"""Scoring the stored answers of a run: right answers, agreement, validity, judges' words. No model is called."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from advisor.replay.loading import Decided
from advisor.replay.plan import read_subject
from advisor.scoring.checks import validity
from advisor.scoring.judge import PROMPT_VERSION, parse_judgement, score_panel
from advisor.scoring.labels import find_labels
from advisor.scoring.target import score_target, target_of_answer
from advisor.store import Store
from advisor.store.generations import CallKey, load_generations
from advisor.store.logs import load_samples
from advisor.store.runs import list_run_samples
from advisor.store.scores import RECORDED, Vote, save_judgements, save_scores
from advisor.store.use_cases import list_use_cases
from advisor.study.endpoints import decided
from advisor.types import Answer, Endpoint, Generation, Judgement, Kind, Lane, Run, Sample, Score

BATCH = 500
"""Samples scored at a time: a long run stays small in memory."""
ENOUGH_ANSWERS = 30
"""Right and recorded answers together from which on a set of labels is taken as known."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """How much there was to score."""

    scores: int
    judgements: int


def score_run(store: Store, run: Run) -> Scored:
    """Score every stored answer of a run again, replacing earlier scores, some samples at a time."""
    choice = decided(list_use_cases(store, run.study_id), run.baseline_lane)
    sample_ids = list_run_samples(store, run.id)
    labels = labels_by_use_case(load_samples(store, sample_ids), choice.kinds)
    scored = judged = 0
    for start in range(0, len(sample_ids), BATCH):
        batch = sample_ids[start : start + BATCH]
        samples = {sample.id or 0: sample for sample in load_samples(store, batch)}
        votes = list(read_votes(store, run, batch))
        save_judgements(store, run.id, batch, votes, prompt_version=PROMPT_VERSION)
        scores = [*_score_answers(store, run, samples, choice, labels), *_score_votes(votes)]
        scored += save_scores(store, run.id, batch, scores)
        judged += len(votes)
    return Scored(scores=scored, judgements=judged)


def _score_answers(
    store: Store, run: Run, samples: dict[int, Sample], choice: Decided, labels: dict[str, tuple[str, ...]]
) -> Iterator[tuple[int, int, Score]]:
    generations = dict(load_generations(store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE], sample_ids=list(samples)))
    for sample_id, model_id, answer in _answers(samples, generations, run):
        sample = samples[sample_id]
        name = sample.use_case or ""
        yield sample_id, model_id, validity(sample.request, answer, labels.get(name))
        endpoint = choice.endpoints.get(name)
        if endpoint is Endpoint.TARGET and sample.has_target:
            yield sample_id, model_id, score_target(choice.kinds[name], sample.request, sample.target, answer)
        elif endpoint is Endpoint.AGREEMENT and sample.answer is not None:
            recorded = target_of_answer(sample.request, sample.answer)
            score = score_target(choice.kinds[name], sample.request, recorded, answer)
            yield sample_id, model_id, replace(score, scorer="agreement")


def _score_votes(votes: list[Vote]) -> Iterator[tuple[int, int, Score]]:
    for (sample_id, model_id), by_judge in _by_pair(votes).items():
        score = score_panel(list(by_judge.values()))
        if score.value is not None:
            yield sample_id, model_id, score


def labels_by_use_case(samples: Iterable[Sample], kinds: dict[str, Kind]) -> dict[str, tuple[str, ...]]:
    """The allowed labels of every classification use case, as far as its right and recorded answers show them.

    A use case with few answers has no known set: a label that is right but rare must not count as invalid.
    """
    answers: dict[str, list[str]] = {}
    for sample in samples:
        name = sample.use_case or ""
        if kinds.get(name) is Kind.CLASSIFICATION:
            known = [sample.target if isinstance(sample.target, str) else None, sample.answer and sample.answer.text]
            answers.setdefault(name, []).extend(text for text in known if text)
    found = {name: find_labels(texts) for name, texts in answers.items() if len(texts) >= ENOUGH_ANSWERS}
    return {name: labels for name, labels in found.items() if labels and len(labels) > 1}


def read_votes(store: Store, run: Run, sample_ids: Sequence[int]) -> Iterator[Vote]:
    """What the judges' stored answers about some samples say, in whichever wording they were asked."""
    for key, generation in load_generations(store, run.id, lanes=[Lane.JUDGE], sample_ids=sample_ids):
        if generation.failure is None and generation.answer is not None:
            candidate_id, candidate_first = read_subject(key.subject)
            judgement = parse_judgement(generation.answer.text, candidate_first=candidate_first)
            yield Vote(key.sample_id, candidate_id, judgement, key.model_id)


def _answers(
    samples: dict[int, Sample], generations: dict[CallKey, Generation], run: Run
) -> Iterator[tuple[int, int, Answer | None]]:
    """(sample id, model id, answer) of all that is scored: first epochs, and the recorded answers."""
    for key, generation in generations.items():
        if key.epoch == 1 and generation.failure is None and key.sample_id in samples:
            yield key.sample_id, key.model_id, generation.answer
    for sample_id, sample in samples.items():
        if sample.answer is not None and run.baseline_lane is Lane.RECORDED:
            yield sample_id, RECORDED, sample.answer


def _by_pair(votes: list[Vote]) -> dict[tuple[int, int], dict[int, list[Judgement]]]:
    """(sample id, model id) -> judge id -> its judgements."""
    pairs: dict[tuple[int, int], dict[int, list[Judgement]]] = {}
    for vote in votes:
        by_judge = pairs.setdefault((vote.sample_id, vote.model_id), {})
        by_judge.setdefault(vote.judge_id, []).append(vote.judgement)
    return pairs
