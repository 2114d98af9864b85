"""Scoring the stored answers of a run: right answers, agreement, validity, judges' words. No model is called."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

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

ENOUGH_ANSWERS = 30
"""Right and recorded answers together from which on a set of labels is taken as known."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """How much there was to score."""

    scores: int
    judgements: int


def score_run(store: Store, run: Run) -> Scored:
    """Score every stored answer of a run again, replacing earlier scores."""
    use_cases = list_use_cases(store, run.study_id)
    choice = decided(use_cases, run.baseline_lane)
    samples = {sample.id or 0: sample for sample in load_samples(store, list_run_samples(store, run.id))}
    generations = dict(load_generations(store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE]))
    labels = labels_by_use_case(samples, choice.kinds)
    votes = list(read_votes(store, run))
    save_judgements(store, run.id, votes, prompt_version=PROMPT_VERSION)
    scores: list[tuple[int, int, Score]] = []
    for sample_id, model_id, answer in _answers(samples, generations, run):
        sample = samples[sample_id]
        name = sample.use_case or ""
        scores.append((sample_id, model_id, validity(sample.request, answer, labels.get(name))))
        endpoint = choice.endpoints.get(name)
        if endpoint is Endpoint.TARGET and sample.has_target:
            scores.append(
                (sample_id, model_id, score_target(choice.kinds[name], sample.request, sample.target, answer))
            )
        elif endpoint is Endpoint.AGREEMENT and sample.answer is not None:
            recorded = target_of_answer(sample.request, sample.answer)
            score = score_target(choice.kinds[name], sample.request, recorded, answer)
            scores.append((sample_id, model_id, replace(score, scorer="agreement")))
    for (sample_id, model_id), by_judge in _by_pair(votes).items():
        score = score_panel(list(by_judge.values()))
        if score.value is not None:
            scores.append((sample_id, model_id, score))
    return Scored(scores=save_scores(store, run.id, scores), judgements=len(votes))


def labels_by_use_case(samples: dict[int, Sample], kinds: dict[str, Kind]) -> dict[str, tuple[str, ...]]:
    """The allowed labels of every classification use case, as far as its right and recorded answers show them.

    A use case with few answers has no known set: a label that is right but rare must not count as invalid.
    """
    answers: dict[str, list[str]] = {}
    for sample in samples.values():
        name = sample.use_case or ""
        if kinds.get(name) is Kind.CLASSIFICATION:
            known = [sample.target if isinstance(sample.target, str) else None, sample.answer and sample.answer.text]
            answers.setdefault(name, []).extend(text for text in known if text)
    found = {name: find_labels(texts) for name, texts in answers.items() if len(texts) >= ENOUGH_ANSWERS}
    return {name: labels for name, labels in found.items() if labels and len(labels) > 1}


def read_votes(store: Store, run: Run) -> Iterator[Vote]:
    """What the judges' stored answers say, whichever wording of the question they were asked with."""
    for key, generation in load_generations(store, run.id, lanes=[Lane.JUDGE]):
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
