"""Where one candidate did worse than the baseline in one use case, found from what is stored without reading prompts.

It is the same count that the decision makes; the texts of a loss are read when it is shown. Only what speaks against
an answer is read: a score below the baseline's, a check that it failed, a call that failed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from advisor.analysis.quality.evidence import Call, Pair, Side
from advisor.analysis.sampling import share_of_model
from advisor.collect.contract_prices import given_costs
from advisor.decide.evidence import passed_of, source_of, value_of
from advisor.decide.failures import Regression, details_of, is_at_fault, kind_of_failure, loss, told_by
from advisor.judge.agreement import PairKey, mean_reviews
from advisor.judge.endpoints import endpoint_of
from advisor.judge.run_facts import baseline_id_of
from advisor.judge.scores import REFUSED_BY_RULE, knows
from advisor.scoring.audit import REFUSAL, refusal_by
from advisor.scoring.own_checks import CHECKS
from advisor.scoring.target import target_of_answer
from advisor.scoring.validity import LONGEST, TRUNCATED, VALIDITY, failure_of, is_refusal, is_truncated
from advisor.store import Store
from advisor.store.engine import in_parts
from advisor.store.log.costs import GivenCost
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.pairs import StoredPair, list_broken, load_answers, load_lengths, load_stored_pairs, load_targets
from advisor.store.run.reviews import load_reviews
from advisor.store.run.samples import has_samples, list_of_use_case, map_run_samples
from advisor.store.run.scores import ScoreKey, has_scores, load_failed, load_lower, load_scores
from advisor.text.names import FAILURES
from advisor.text.scores import score_words
from advisor.types import (
    ANY_OF,
    Answer,
    Endpoint,
    FailureKindName,
    Json,
    Lane,
    Role,
    Run,
    Score,
    StoredModel,
    Study,
    UseCase,
)


class _Loss(NamedTuple):
    """A pair that the candidate lost."""

    pair: Pair
    score: float
    error: str | None
    """What its call failed with."""


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What is known about one candidate in one use case, texts left out."""

    case: UseCase
    run: Run
    model_id: int
    baseline_id: int
    endpoint: Endpoint
    source: str
    """What its evidence is: ``target``, ``agreement``, ``judge``, ``reviews`` or ``none``."""
    scores: Mapping[tuple[int, str], Mapping[int, Score]]
    """(model id, scorer) -> by sample those that speak against an answer, and whatever else decides about a suspect."""
    reviews: Mapping[PairKey, float]
    suspects: Sequence[int]
    """Samples on which the candidate may have lost; on the others it did not."""

    def scores_of(self, model_id: int, scorer: str) -> Mapping[int, Score]:
        return self.scores.get((model_id, scorer), {})


def list_regressions(store: Store, study: Study, run: Run, use_case: str, model: str) -> tuple[Regression, ...] | None:
    """The candidate's regressions: the lowest score first, then the shortest request.

    A panel's mean is the lower, the more of its judges were for the baseline in both orders. None where the run has no
    such use case or candidate any more. Raises BadInput when the run's baseline was deleted.
    """
    models = [each for each in list_models(store, study.id) if each.id in run.plan.model_ids]
    candidate = next((each for each in models if each.name == model and each.role is Role.CANDIDATE), None)
    case = next((each for each in list_use_cases(store, study.id) if each.name == use_case and not each.ignored), None)
    if candidate is None or case is None or not has_samples(store, run.id, case.id):
        return None
    facts = _facts(store, run, case, candidate, baseline_id_of(run, models))
    given = given_costs(store, study)
    found: list[Regression] = []
    for some in in_parts(facts.suspects):  # what is made of them is dropped part by part: it weighs far more
        found += _described(store, facts, _lost(store, facts, some, given))
    return tuple(sorted(found, key=lambda regression: (regression.score, regression.length)))


def _facts(store: Store, run: Run, case: UseCase, candidate: StoredModel, baseline_id: int) -> _Facts:
    model_id = candidate.id
    reviews = mean_reviews(load_reviews(store, run.id))
    given = [sample_id for sample_id, candidate_id in reviews if candidate_id == model_id]
    reviewed = set(list_of_use_case(store, run.id, case.id, given))
    is_judged = has_scores(store, run.id, Endpoint.PAIRWISE.value, model_id, case.id)
    endpoint = endpoint_of(case, run.baseline_lane)
    if endpoint is Endpoint.AGREEMENT and (is_judged or reviewed):
        endpoint = Endpoint.PAIRWISE  # votes on the answers that differ tell which lost
    is_compared = endpoint is Endpoint.PAIRWISE
    both, decides = (model_id, baseline_id), endpoint.value
    lower = load_lower(store, run.id, decides, model_id, baseline_id=None if is_compared else baseline_id)
    against = load_failed(store, run.id, (VALIDITY, CHECKS), both)
    faults = list_broken(store, run.id, model_id, TRUNCATED) | {
        key.sample_id
        for key, score in against.items()
        if key.model_id == model_id and key.scorer != CHECKS and not score.passed
    }
    if not is_compared:
        reviews, reviewed = {}, set()
    suspects = list_of_use_case(store, run.id, case.id, reviewed.union(faults, (key.sample_id for key in lower)))
    if candidate.max_samples is not None:
        share = set(share_of_model(map_run_samples(store, run.id), candidate.max_samples, run.options.seed))
        suspects = [sample_id for sample_id in suspects if sample_id in share]
    beside = load_scores(store, run.id, scorers=(decides,), model_ids=both, sample_ids=faults.intersection(suspects))
    beside |= _refusals(store, run, model_id, baseline_id, suspects)
    scores: dict[tuple[int, str], dict[int, Score]] = {}
    for key, score in (against | lower | beside).items():
        scores.setdefault((key.model_id, key.scorer), {})[key.sample_id] = score
    return _Facts(
        case=case,
        run=run,
        model_id=model_id,
        baseline_id=baseline_id,
        endpoint=endpoint,
        source=source_of(endpoint, [is_judged], [bool(reviewed)]),
        scores=scores,
        reviews=reviews,
        suspects=suspects,
    )


def _refusals(store: Store, run: Run, model_id: int, baseline_id: int, samples: Sequence[int]) -> dict[ScoreKey, Score]:
    """What a judge and the rule say of both sides' answers.

    The rule reads a candidate's texts where some were not scored since.
    """
    is_known = knows(run, REFUSED_BY_RULE)
    scorers = (REFUSAL, REFUSED_BY_RULE) if is_known else (REFUSAL,)
    stored = load_scores(store, run.id, scorers=scorers, model_ids=(model_id, baseline_id), sample_ids=samples)
    if is_known:
        return stored
    answers = load_answers(store, run.id, Lane.CANDIDATE, model_id, samples, longest=LONGEST)
    return stored | {
        ScoreKey(sample_id, model_id, REFUSED_BY_RULE): Score(scorer=REFUSED_BY_RULE, value=0.0, passed=False)
        for sample_id, answer in answers.items()
        if is_refusal(answer)
    }


def _pairs(facts: _Facts, stored: Iterable[StoredPair]) -> Iterator[Pair]:
    """What losses are told by; of the baseline's answers only what was scored."""
    model_id, is_compared = facts.model_id, facts.endpoint is Endpoint.PAIRWISE
    scored, valid, checked, audited, by_rule = (
        facts.scores_of(model_id, scorer)
        for scorer in (facts.endpoint.value, VALIDITY, CHECKS, REFUSAL, REFUSED_BY_RULE)
    )
    its, its_valid, its_checked = (
        facts.scores_of(facts.baseline_id, scorer) for scorer in (facts.endpoint.value, VALIDITY, CHECKS)
    )
    for each in stored:
        id_ = each.sample_id
        yield Pair(
            sample_id=id_,
            baseline=Side(
                y=None if is_compared else value_of(its.get(id_)),
                call=Call(
                    cost_usd=each.baseline_cost_usd, latency_s=each.baseline_latency_s, failure=each.baseline_failure
                ),
                valid=passed_of(its_valid.get(id_)),
                checked=passed_of(its_checked.get(id_)),
            ),
            candidate=Side(
                y=facts.reviews.get((id_, model_id), value_of(scored.get(id_))),
                call=Call(
                    cost_usd=each.candidate_cost_usd, latency_s=each.candidate_latency_s, failure=each.candidate_failure
                ),
                valid=passed_of(valid.get(id_)),
                truncated=(each.candidate_finish_reason or "").casefold() in TRUNCATED,
                refusal=refusal_by(audited.get(id_), id_ in by_rule),
                checked=passed_of(checked.get(id_)),
            ),
        )


def _lost(store: Store, facts: _Facts, sample_ids: Sequence[int], given: Sequence[GivenCost]) -> list[_Loss]:
    """The pairs that the candidate lost, with its score.

    Between two answers a fault of the candidate's is a loss only where the baseline has none: of those its answer is
    read, of no other.
    """
    stored = list(load_stored_pairs(store, facts.run, facts.model_id, facts.baseline_id, sample_ids, given))
    pairs = list(_pairs(facts, stored))
    answers: dict[int, Answer | None] = {}
    audited = facts.scores_of(facts.baseline_id, REFUSAL)
    if facts.endpoint is Endpoint.PAIRWISE:
        lane = facts.run.baseline_lane
        faults = [pair.sample_id for pair in pairs if is_at_fault(pair.candidate)]
        answers = load_answers(store, facts.run.id, lane, facts.baseline_id, faults)
    lost = []
    for pair, each in zip(pairs, stored, strict=True):
        if pair.sample_id in answers:
            answer = answers[pair.sample_id]
            ours = pair.baseline
            side = replace(
                ours,
                call=replace(ours.call, failure=ours.call.failure or failure_of(None, answer)),
                truncated=is_truncated(answer),
                refusal=refusal_by(audited.get(pair.sample_id), is_refusal(answer)),
            )
            pair = replace(pair, baseline=side)
        score = loss(pair, facts.endpoint)
        if score is not None:
            lost.append(_Loss(pair, score, each.candidate_error))
    return lost


def _described(store: Store, facts: _Facts, lost: Sequence[_Loss]) -> list[Regression]:
    """Every loss with its kind and what was written about it."""
    ids = [pair.sample_id for pair, *_ in lost]
    lengths = load_lengths(store, ids)
    rights = _rights(store, facts.endpoint, ids)
    said = [facts.scores_of(facts.model_id, scorer) for scorer in (facts.endpoint.value, VALIDITY, CHECKS)]
    kinds, tellers, reasons = {}, {}, {}
    for pair, _, error in lost:
        scored, form, checks = (by.get(pair.sample_id) for by in said)
        right = rights.get(pair.sample_id)
        kind = kind_of_failure(pair, facts.case.kind, facts.source, scored=scored, form=form, right=right)
        told = told_by(kind, scored, form, checks)
        if kind is FailureKindName.NO_ANSWER and pair.candidate.call.failure is not None:
            reasons[pair.sample_id] = error or FAILURES[pair.candidate.call.failure]
        else:
            reasons[pair.sample_id] = score_words(told) if told else ""
        kinds[pair.sample_id], tellers[pair.sample_id] = kind, told
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
                tellers[pair.sample_id],
                rights.get(pair.sample_id),
                answers.get(pair.sample_id),
            ),
            reason=reasons[pair.sample_id],
            score=score,
            length=lengths[pair.sample_id],
            baseline_cost_usd=pair.baseline.call.cost_usd,
            candidate_cost_usd=pair.candidate.call.cost_usd,
            baseline_latency_s=pair.baseline.call.latency_s,
            candidate_latency_s=pair.candidate.call.latency_s,
        )
        for pair, score, _ in lost
        if pair.sample_id in lengths
    ]


def _rights(store: Store, endpoint: Endpoint, sample_ids: Sequence[int]) -> dict[int, Json]:
    """The right answer by sample, where one is compared with."""
    if endpoint is Endpoint.TARGET:
        return load_targets(store, sample_ids)
    if endpoint is Endpoint.PAIRWISE:
        return {}
    return {
        sample.id: {ANY_OF: [target_of_answer(sample.request, sample.answer)]}
        for sample in load_samples(store, sample_ids)
        if sample.answer is not None
    }
