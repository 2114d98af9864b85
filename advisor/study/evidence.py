"""From stored answers and scores to the evidence that analysis decides on: one pair per sample and candidate."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.analysis.judging import kappa
from advisor.analysis.noise import NoiseFloor, noise_floor
from advisor.replay.sampling import share_of_model
from advisor.scoring.checks import is_truncated
from advisor.scoring.refusal import is_refusal
from advisor.scoring.target import score_target
from advisor.store import Store
from advisor.store.generations import CallKey, load_generations
from advisor.store.logs import load_sample_facts, load_samples
from advisor.store.models import list_models
from advisor.store.runs import list_run_samples
from advisor.store.scores import RECORDED, ScoreKey, load_judgements, load_reviews, load_scores
from advisor.store.studies import list_use_cases
from advisor.study.endpoints import endpoint_of
from advisor.study.volume import volume_by_use_case
from advisor.types import (
    Answer,
    Endpoint,
    Generation,
    Lane,
    Model,
    Preference,
    Role,
    Run,
    Sample,
    Score,
    Study,
    UseCase,
)

WIN = {Preference.CANDIDATE: 1.0, Preference.TIE: 0.5, Preference.BASELINE: 0.0}
ENOUGH_REVIEWS = 30
"""Pairs judged by both from which on the judge is compared with the people (METHOD 1.9)."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """What one lane gave for one sample."""

    answer: Answer | None
    generation: Generation | None


class RunFacts:
    """Everything stored about one run, loaded once."""

    def __init__(self, store: Store, study: Study, run: Run) -> None:
        self.study, self.run = study, run
        self.samples = {sample.id or 0: sample for sample in load_samples(store, list_run_samples(store, run.id))}
        self.models = {model.id or 0: model for model in list_models(store, study.id) if model.id in run.model_ids}
        self._shares = {
            model_id: {sample.id for sample in share_of_model(list(self.samples.values()), model.max_samples, run.seed)}
            for model_id, model in self.models.items()
        }
        self.generations = dict(load_generations(store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE]))
        self.scores = load_scores(store, run.id)
        self.use_cases = list_use_cases(store, study.id)
        self.volumes = volume_by_use_case(load_sample_facts(store, study.id), study)
        self.judged = {(vote.sample_id, vote.model_id) for vote in load_judgements(store, run.id)}
        self.reviews = _mean_reviews(load_reviews(store, run.id))

    @property
    def candidates(self) -> list[Model]:
        """The candidates of the run in the order of registration."""
        return [model for model in self.models.values() if model.role is Role.CANDIDATE]

    def asked(self, sample: Sample, model: Model) -> bool:
        """Whether a candidate is asked about a sample at all: a slow one answers a part of the run only."""
        return sample.id in self._shares[model.id or 0]

    @property
    def baseline_id(self) -> int:
        """The model id under which the baseline's scores stand."""
        if self.run.baseline_lane is Lane.RECORDED:
            return RECORDED
        return next(model.id or 0 for model in self.models.values() if model.role is Role.BASELINE)

    def baseline(self, sample: Sample, epoch: int = 1) -> Side:
        """The baseline's answer to a sample: recorded, or replayed."""
        if self.run.baseline_lane is Lane.RECORDED:
            return Side(answer=sample.answer, generation=None)
        generation = self.generations.get(CallKey(sample.id or 0, Lane.BASELINE, self.baseline_id, epoch))
        return Side(answer=generation.answer if generation else None, generation=generation)

    def candidate(self, sample: Sample, model: Model) -> Side:
        """A candidate's first answer to a sample."""
        generation = self.generations.get(CallKey(sample.id or 0, Lane.CANDIDATE, model.id or 0, 1))
        return Side(answer=generation.answer if generation else None, generation=generation)

    def score(self, sample: Sample, model_id: int, scorer: str) -> Score | None:
        """One stored score."""
        return self.scores.get(ScoreKey(sample.id or 0, model_id, scorer))

    def samples_of(self, use_case: UseCase) -> list[Sample]:
        """The run's samples of a use case."""
        return [sample for sample in self.samples.values() if sample.use_case == use_case.name]


def gather_evidence(facts: RunFacts) -> list[UseCaseEvidence]:
    """The evidence of every use case in the run, the largest first."""
    return [
        _use_case_evidence(facts, use_case)
        for use_case in facts.use_cases
        if not use_case.ignored and facts.samples_of(use_case)
    ]


def measure_noise(facts: RunFacts) -> NoiseFloor | None:
    """The live baseline against itself where it was asked twice and right answers are known; else None."""
    if facts.run.baseline_lane is Lane.RECORDED or facts.run.epochs < 2:
        return None
    kinds = {use_case.name: use_case.kind for use_case in facts.use_cases}

    def rounds() -> Iterator[tuple[float | None, float | None]]:
        for sample in facts.samples.values():
            if sample.has_target and sample.use_case:
                answers = [facts.baseline(sample, epoch).answer for epoch in (1, 2)]
                if all(answer is not None for answer in answers):
                    first, second = (
                        score_target(kinds[sample.use_case], sample.request, sample.target, answer).value
                        for answer in answers
                    )
                    yield first, second

    return noise_floor(rounds())


def _use_case_evidence(facts: RunFacts, use_case: UseCase) -> UseCaseEvidence:
    endpoint = endpoint_of(use_case, facts.run.baseline_lane)
    samples = facts.samples_of(use_case)
    sources = {model.name: _source(facts, endpoint, samples, model) for model in facts.candidates}
    volume = facts.volumes[use_case.name]
    ids = [sample.id or 0 for sample in samples]
    return UseCaseEvidence(
        name=use_case.name,
        kind=use_case.kind,
        endpoint=endpoint,
        evidence=sources,
        samples=use_case.samples,
        monthly_calls=volume.monthly_calls,
        monthly_baseline_usd=volume.monthly_usd,
        pairs={
            model.name: [
                _pair(facts, sample, model, endpoint, sources[model.name])
                for sample in samples
                if facts.asked(sample, model)
            ]
            for model in facts.candidates
        },
        reviews={
            model.name: sum((sample_id, model.id or 0) in facts.reviews for sample_id in ids)
            for model in facts.candidates
        },
        margin=use_case.margin,
        max_latency_p95_s=facts.study.max_latency_p95_s,
        max_ttft_p95_s=facts.study.max_ttft_p95_s,
        kappa={
            model.name: agreed
            for model in facts.candidates
            if sources[model.name] == "judge" and (agreed := _kappa(facts, ids, model)) is not None
        },
    )


def _source(facts: RunFacts, endpoint: Endpoint, samples: list[Sample], model: Model) -> str:
    if endpoint is not Endpoint.PAIRWISE:
        return endpoint.value
    pairs = [(sample.id or 0, model.id or 0) for sample in samples]
    if any(pair in facts.judged for pair in pairs):
        return "judge"
    return "reviews" if any(pair in facts.reviews for pair in pairs) else "none"


def _pair(facts: RunFacts, sample: Sample, model: Model, endpoint: Endpoint, source: str) -> Pair:
    baseline, candidate = facts.baseline(sample), facts.candidate(sample, model)
    recorded = facts.run.baseline_lane is Lane.RECORDED
    generation = candidate.generation
    replayed = baseline.generation
    asked = sample if recorded else replayed
    model_id, baseline_id = model.id or 0, facts.baseline_id
    valid = facts.score(sample, model_id, "validity")
    baseline_valid = facts.score(sample, baseline_id, "validity")
    return Pair(
        sample_id=sample.id or 0,
        use_case=sample.use_case or "",
        session=sample.session,
        baseline_y=None if endpoint is Endpoint.PAIRWISE else _value(facts.score(sample, baseline_id, endpoint.value)),
        candidate_y=candidate_y(facts, sample, model_id, endpoint, source),
        baseline_cost_usd=asked.cost_usd if asked else None,
        candidate_cost_usd=generation.cost_usd if generation else None,
        baseline_latency_s=asked.latency_s if asked else None,
        candidate_latency_s=generation.latency_s if generation else None,
        baseline_ttft_s=asked.ttft_s if asked else None,
        candidate_ttft_s=generation.ttft_s if generation else None,
        baseline_failure=replayed.failure if replayed else None,
        candidate_failure=generation.failure if generation else None,
        baseline_valid=baseline_valid.passed if baseline_valid else None,
        candidate_valid=valid.passed if valid else None,
        baseline_truncated=is_truncated(baseline.answer),
        candidate_truncated=is_truncated(candidate.answer),
        baseline_refused=is_refusal(baseline.answer),
        candidate_refused=is_refusal(candidate.answer),
        baseline_text_digest=_digest(baseline.answer),
        candidate_text_digest=_digest(candidate.answer),
        baseline_unneeded=_unneeded(sample, baseline.answer),
        candidate_unneeded=_unneeded(sample, candidate.answer),
        missing=generation is None or (not recorded and replayed is None),
    )


def candidate_y(facts: RunFacts, sample: Sample, model_id: int, endpoint: Endpoint, source: str) -> float | None:
    """A candidate's score on a sample, 0 to 1, from whatever is the evidence; None: not scored."""
    if endpoint is not Endpoint.PAIRWISE:
        return _value(facts.score(sample, model_id, endpoint.value))
    if source == "judge":
        return _value(facts.score(sample, model_id, "pairwise"))
    return facts.reviews.get((sample.id or 0, model_id))


def _value(score: Score | None) -> float | None:
    return score.value if score else None


def _digest(answer: Answer | None) -> str | None:
    if answer is None or answer.is_empty:
        return None
    return hashlib.sha256(repr((answer.text, answer.tool_calls)).encode()).hexdigest()


def _unneeded(sample: Sample, answer: Answer | None) -> bool | None:
    if answer is None or not sample.has_target or sample.target is not None or "tools" not in sample.request.params:
        return None
    return bool(answer.tool_calls)


def _mean_reviews(reviews: list[tuple[int, int, Preference, str]]) -> dict[tuple[int, int], float]:
    """(sample id, model id) -> what most reviewers preferred; a split counts as a tie."""
    votes: dict[tuple[int, int], Counter[Preference]] = {}
    for sample_id, model_id, preference, _ in reviews:
        votes.setdefault((sample_id, model_id), Counter())[preference] += 1
    means = {}
    for pair, counts in votes.items():
        lead = counts[Preference.CANDIDATE] - counts[Preference.BASELINE]
        means[pair] = WIN[Preference.CANDIDATE if lead > 0 else Preference.BASELINE if lead < 0 else Preference.TIE]
    return means


def _kappa(facts: RunFacts, sample_ids: list[int], model: Model) -> float | None:
    """Agreement of judge and people beyond chance (Cohen), from 30 common pairs on."""
    both = []
    for sample_id in sample_ids:
        score = facts.scores.get(ScoreKey(sample_id, model.id or 0, "pairwise"))
        review = facts.reviews.get((sample_id, model.id or 0))
        if score is not None and score.value is not None and review is not None:
            both.append((score.value, review))
    if len(both) < ENOUGH_REVIEWS:
        return None
    return kappa([judged for judged, _ in both], [reviewed for _, reviewed in both])
