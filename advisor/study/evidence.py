"""From stored answers and scores to the evidence that analysis decides on: one pair per sample and candidate."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.analysis.noise import NoiseFloor, noise_floor
from advisor.errors import BadInput
from advisor.replay.sampling import share_of_model
from advisor.scoring.checks import is_truncated
from advisor.scoring.refusal import is_refusal
from advisor.scoring.target import score_target
from advisor.store import Store
from advisor.store.generations import CallKey, load_generations
from advisor.store.logs import load_samples
from advisor.store.models import list_models
from advisor.store.runs import list_run_samples
from advisor.store.scores import RECORDED, ScoreKey, load_reviews, load_scores
from advisor.store.use_cases import list_use_cases
from advisor.study.agreement import judge_kappa, mean_reviews
from advisor.study.endpoints import endpoint_of
from advisor.study.volume import volume_by_use_case
from advisor.types import (
    Answer,
    Endpoint,
    Generation,
    Lane,
    Model,
    Role,
    Run,
    Sample,
    Score,
    Study,
    UseCase,
)


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
        use_cases = {sample_id: sample.use_case or "" for sample_id, sample in self.samples.items()}
        self._shares = {
            model_id: set(share_of_model(use_cases, model.max_samples, run.seed))
            for model_id, model in self.models.items()
        }
        self.generations = dict(load_generations(store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE]))
        self.scores = load_scores(store, run.id)
        self.use_cases = list_use_cases(store, study.id)
        self.volumes = volume_by_use_case(store, study)
        self.reviews = mean_reviews(load_reviews(store, run.id))

    @property
    def candidates(self) -> list[Model]:
        """The candidates of the run in the order of registration."""
        return [model for model in self.models.values() if model.role is Role.CANDIDATE]

    def asked(self, sample: Sample, model: Model) -> bool:
        """Whether a candidate is asked about a sample at all: a slow one answers a part of the run only."""
        return sample.id in self._shares[model.id or 0]

    @property
    def baseline_id(self) -> int:
        """The model id under which the baseline's scores stand. Raises BadInput when the model is gone."""
        if self.run.baseline_lane is Lane.RECORDED:
            return RECORDED
        found = next((model.id or 0 for model in self.models.values() if model.role is Role.BASELINE), None)
        if found is None:
            raise BadInput(f"The baseline of run {self.run.id} was deleted; start a new replay.")
        return found

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
    if facts.run.baseline_lane is Lane.RECORDED or (facts.run.epochs < 2 and not facts.run.repeated):
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
    judged = [model for model in facts.candidates if sources[model.name] == "judge"]
    kappas = {model.name: judge_kappa(facts.scores, facts.reviews, ids, model.id or 0) for model in judged}
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
        flips={
            model.name: flips
            for model in facts.candidates
            if (flips := _flips(facts, use_case, endpoint, samples, Lane.CANDIDATE, model.id or 0)) is not None
        },
        baseline_flips=None
        if facts.run.baseline_lane is Lane.RECORDED
        else _flips(facts, use_case, endpoint, samples, Lane.BASELINE, facts.baseline_id),
        margin=use_case.margin,
        max_latency_p95_s=facts.study.max_latency_p95_s,
        max_ttft_p95_s=facts.study.max_ttft_p95_s,
        kappa={name: agreed for name, agreed in kappas.items() if agreed is not None},
    )


def _source(facts: RunFacts, endpoint: Endpoint, samples: list[Sample], model: Model) -> str:
    if endpoint is not Endpoint.PAIRWISE:
        return endpoint.value
    if any(facts.score(sample, model.id or 0, "pairwise") for sample in samples):
        return "judge"
    return "reviews" if any((sample.id or 0, model.id or 0) in facts.reviews for sample in samples) else "none"


def _flips(
    facts: RunFacts, use_case: UseCase, endpoint: Endpoint, samples: list[Sample], lane: Lane, model_id: int
) -> tuple[int, int] | None:
    """(samples on which a lane changed its mind, samples answered repeatedly); None where nothing was.

    Where right answers decide, a change is another score; elsewhere another text, but for case and white space.
    """
    changed = repeated = 0
    for sample in samples:
        keys = (CallKey(sample.id or 0, lane, model_id, epoch) for epoch in range(1, facts.run.epochs + 1))
        given = [facts.generations[key].answer for key in keys if key in facts.generations]
        answers = [answer for answer in given if answer is not None]
        if len(answers) < 2 or (endpoint is Endpoint.TARGET and not sample.has_target):
            continue
        if endpoint is Endpoint.TARGET:
            seen = {score_target(use_case.kind, sample.request, sample.target, answer).value for answer in answers}
            different = len(seen) > 1
        else:
            different = len({_normalised(answer) for answer in answers}) > 1
        changed, repeated = changed + different, repeated + 1
    return (changed, repeated) if repeated else None


def _normalised(answer: Answer) -> tuple[object, ...]:
    return (" ".join((answer.text or "").casefold().split()), answer.tool_calls)


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
