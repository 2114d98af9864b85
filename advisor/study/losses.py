"""Where one candidate did worse than the baseline in one use case, found from what is stored without reading prompts.

It is the same count that the decision makes; the texts of a loss are read when it is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.analysis.evidence import Pair
from advisor.errors import BadInput
from advisor.replay.sampling import share_of_model
from advisor.scoring.audit import REFUSAL
from advisor.scoring.checks import VALIDITY, is_truncated
from advisor.scoring.own_checks import CHECKS
from advisor.scoring.refusal import LONGEST, is_refusal
from advisor.scoring.target import target_of_answer
from advisor.store import Store
from advisor.store.logs import load_samples
from advisor.store.models import list_models
from advisor.store.pairs import StoredPair, load_answers, load_stored_pairs, load_targets
from advisor.store.runs import map_run_samples
from advisor.store.scores import RECORDED, ScoreKey, load_reviews, load_scores
from advisor.store.use_cases import list_use_cases
from advisor.study.agreement import PairKey, mean_reviews
from advisor.study.endpoints import endpoint_of
from advisor.study.gallery import FailureKindName, Regression, details_of, is_at_fault, kind_of_failure, loss
from advisor.types import Answer, Endpoint, Json, Lane, Model, Role, Run, Score, Study, UseCase


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What is known about one candidate in one use case, texts and explanations left out."""

    case: UseCase
    run: Run
    model_id: int
    baseline_id: int
    endpoint: Endpoint
    source: str
    """What its evidence is: ``target``, ``agreement``, ``judge``, ``reviews`` or ``none``."""
    scores: Mapping[ScoreKey, Score]
    reviews: Mapping[PairKey, float]

    def score(self, sample_id: int, model_id: int, scorer: str) -> Score | None:
        return self.scores.get(ScoreKey(sample_id, model_id, scorer))


def list_regressions(store: Store, study: Study, run: Run, use_case: str, model: str) -> tuple[Regression, ...] | None:
    """The candidate's regressions: the lowest score first, then the shortest request.

    A panel's mean is the lower, the more of its judges were for the baseline in both orders. None where the run has no
    such use case or candidate any more. Raises BadInput when the run's baseline was deleted.
    """
    models = [each for each in list_models(store, study.id) if each.id in run.model_ids]
    candidate = next((each for each in models if each.name == model and each.role is Role.CANDIDATE), None)
    case = next((each for each in list_use_cases(store, study.id) if each.name == use_case and not each.ignored), None)
    names = map_run_samples(store, run.id)
    samples = [sample_id for sample_id, name in names.items() if name == use_case]
    if candidate is None or case is None or not samples:
        return None
    asked = set(share_of_model(names, candidate.max_samples, run.seed))
    facts = _facts(store, run, case, candidate.id or 0, _baseline_id(run, models), samples)
    stored = {
        each.sample_id: each
        for each in load_stored_pairs(
            store,
            run,
            facts.model_id,
            facts.baseline_id,
            [sample_id for sample_id in samples if sample_id in asked],
            longest=LONGEST,
        )
    }
    lost = _lost(store, facts, [_pair(facts, each) for each in stored.values()])
    found = _described(store, facts, stored, lost)
    return tuple(sorted(found, key=lambda regression: (regression.score, regression.length)))


def _facts(store: Store, run: Run, case: UseCase, model_id: int, baseline_id: int, samples: Sequence[int]) -> _Facts:
    endpoint = endpoint_of(case, run.baseline_lane)
    scores = load_scores(
        store,
        run.id,
        scorers=(endpoint.value, VALIDITY, REFUSAL, CHECKS),
        model_ids=(model_id, baseline_id),
        sample_ids=samples,
        explained=False,
    )
    source, reviews = endpoint.value, {}
    if endpoint is Endpoint.PAIRWISE:
        reviews = mean_reviews(load_reviews(store, run.id))
        if any(key.scorer == endpoint.value and key.model_id == model_id for key in scores):
            source = "judge"
        else:
            source = "reviews" if any((sample_id, model_id) in reviews for sample_id in samples) else "none"
    return _Facts(
        case=case,
        run=run,
        model_id=model_id,
        baseline_id=baseline_id,
        endpoint=endpoint,
        source=source,
        scores=scores,
        reviews=reviews,
    )


def _pair(facts: _Facts, stored: StoredPair) -> Pair:
    """What a loss is told by; of the baseline's answer only what was scored."""
    sample_id, model_id, baseline_id = stored.sample_id, facts.model_id, facts.baseline_id
    scored = facts.score(sample_id, model_id, facts.endpoint.value)
    baseline = facts.score(sample_id, baseline_id, facts.endpoint.value)
    valid, baseline_valid = (facts.score(sample_id, each, VALIDITY) for each in (model_id, baseline_id))
    checked, baseline_checked = (facts.score(sample_id, each, CHECKS) for each in (model_id, baseline_id))
    by_people = facts.endpoint is Endpoint.PAIRWISE and facts.source != "judge"
    return Pair(
        sample_id=sample_id,
        use_case=facts.case.name,
        baseline_y=None if facts.endpoint is Endpoint.PAIRWISE or baseline is None else baseline.value,
        candidate_y=facts.reviews.get((sample_id, model_id)) if by_people else scored.value if scored else None,
        baseline_cost_usd=stored.baseline_cost_usd,
        candidate_cost_usd=stored.candidate_cost_usd,
        baseline_latency_s=stored.baseline_latency_s,
        candidate_latency_s=stored.candidate_latency_s,
        baseline_failure=stored.baseline_failure,
        candidate_failure=stored.candidate_failure,
        baseline_valid=baseline_valid.passed if baseline_valid else None,
        candidate_valid=valid.passed if valid else None,
        candidate_truncated=is_truncated(stored.candidate),
        candidate_refused=_refused(facts, sample_id, model_id, stored.candidate),
        baseline_checked=baseline_checked.passed if baseline_checked else None,
        candidate_checked=checked.passed if checked else None,
    )


def _lost(store: Store, facts: _Facts, pairs: Sequence[Pair]) -> list[tuple[Pair, float]]:
    """The pairs that the candidate lost, with its score.

    Between two answers a fault of the candidate's is a loss only where the baseline has none: of those its answer is
    read, of no other.
    """
    answers: dict[int, Answer | None] = {}
    if facts.endpoint is Endpoint.PAIRWISE:
        lane = facts.run.baseline_lane
        faults = [pair.sample_id for pair in pairs if is_at_fault(pair)]
        answers = load_answers(store, facts.run.id, lane, facts.baseline_id, faults)
    lost = []
    for pair in pairs:
        if pair.sample_id in answers:
            answer = answers[pair.sample_id]
            pair = replace(
                pair,
                baseline_truncated=is_truncated(answer),
                baseline_refused=_refused(facts, pair.sample_id, facts.baseline_id, answer),
            )
        score = loss(pair, facts.endpoint)
        if score is not None:
            lost.append((pair, score))
    return lost


def _described(
    store: Store, facts: _Facts, stored: Mapping[int, StoredPair], lost: Sequence[tuple[Pair, float]]
) -> list[Regression]:
    """Every loss with its kind and what was written about it."""
    ids = [pair.sample_id for pair, _ in lost]
    scorers = (facts.endpoint.value, VALIDITY, CHECKS)
    words = load_scores(store, facts.run.id, scorers=scorers, model_ids=[facts.model_id], sample_ids=ids)
    targets = load_targets(store, ids)
    rights = _rights(store, facts.endpoint, ids, targets)
    kinds, written = {}, {}
    for pair, _ in lost:
        said = {
            scorer: found.explanation if (found := words.get(ScoreKey(pair.sample_id, facts.model_id, scorer))) else ""
            for scorer in scorers
        }
        scored, form, checks = (said[scorer] for scorer in scorers)
        right = rights.get(pair.sample_id)
        kind = kind_of_failure(pair, facts.case.kind, facts.source, scored=scored, form=form, right=right)
        by_kind = {FailureKindName.INVALID_FORM: form or scored, FailureKindName.FAILED_CHECK: checks}
        if kind is FailureKindName.NO_ANSWER and pair.candidate_failure is not None:
            failure = pair.candidate_failure.value.replace("_", " ")
            by_kind[kind] = stored[pair.sample_id].candidate_error or failure
        kinds[pair.sample_id], written[pair.sample_id] = kind, by_kind.get(kind, scored)
    labelled = [sample_id for sample_id, kind in kinds.items() if kind is FailureKindName.WRONG_LABEL]
    answers = load_answers(store, facts.run.id, Lane.CANDIDATE, facts.model_id, labelled)
    return [
        Regression(
            sample_id=pair.sample_id,
            model_id=facts.model_id,
            kind=kinds[pair.sample_id],
            details=details_of(
                kinds[pair.sample_id],
                facts.case.kind,
                pair,
                written[pair.sample_id],
                rights.get(pair.sample_id),
                answers.get(pair.sample_id),
            ),
            reason=written[pair.sample_id],
            score=score,
            length=targets[pair.sample_id][0],
            baseline_cost_usd=pair.baseline_cost_usd,
            candidate_cost_usd=pair.candidate_cost_usd,
            baseline_latency_s=pair.baseline_latency_s,
            candidate_latency_s=pair.candidate_latency_s,
        )
        for pair, score in lost
        if pair.sample_id in targets
    ]


def _rights(
    store: Store, endpoint: Endpoint, sample_ids: Sequence[int], targets: Mapping[int, tuple[int, Json]]
) -> dict[int, Json]:
    """The right answer by sample, where one is compared with."""
    if endpoint is Endpoint.TARGET:
        return {sample_id: target for sample_id, (_, target) in targets.items()}
    if endpoint is Endpoint.PAIRWISE:
        return {}
    return {
        sample.id or 0: target_of_answer(sample.request, sample.answer)
        for sample in load_samples(store, sample_ids)
        if sample.answer is not None
    }


def _refused(facts: _Facts, sample_id: int, model_id: int, answer: Answer | None) -> bool:
    """As a judge read it, else by rule, which calls no long text a refusal."""
    audited = facts.score(sample_id, model_id, REFUSAL)
    return not audited.passed if audited is not None else is_refusal(answer)


def _baseline_id(run: Run, models: Sequence[Model]) -> int:
    if run.baseline_lane is Lane.RECORDED:
        return RECORDED
    found = next((model.id for model in models if model.role is Role.BASELINE), None)
    if found is None:
        raise BadInput(f"The baseline of run {run.id} was deleted; start a new replay.")
    return found
