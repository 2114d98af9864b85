"""Where one candidate did worse or better than the baseline in one use case, found without reading prompts.

It is the same count that the decision makes, but that of recorded answers which were cut off none is looked for; the
texts of a pair are read when it is shown. Only what speaks against an answer is read: a score below the other's, a
check that it failed, a call that failed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from advisor.analysis.quality.evidence import Call, Pair, Side
from advisor.bulk import without_cycle_search
from advisor.collect.contract_prices import given_costs
from advisor.decide.evidence import passed_of, source_of, value_of
from advisor.decide.failures import Uneven, details_of, is_at_fault, kind_of_failure, loss, mirrored, told_by
from advisor.decide.subject import Subject, keep_share
from advisor.judge.agreement import PairKey, mean_reviews
from advisor.judge.scores import REFUSED_BY_RULE, knows
from advisor.scoring.audit import REFUSAL, refusal_by
from advisor.scoring.own_checks import CHECKS
from advisor.scoring.target import target_of_answer
from advisor.scoring.validity import LONGEST, TRUNCATED, VALIDITY, failure_of, is_refusal, is_truncated
from advisor.store import Store
from advisor.store.engine import in_parts
from advisor.store.log.costs import GivenCost
from advisor.store.log.logs import load_samples
from advisor.store.run.pairs import StoredPair, list_broken, load_answers, load_lengths, load_stored_pairs, load_targets
from advisor.store.run.reviews import load_reviews
from advisor.store.run.samples import list_of_use_case
from advisor.store.run.scores import DRAW, ScoreKey, load_failed, load_leaning, load_lower, load_scores
from advisor.text.names import FAILURES
from advisor.text.scores import score_words
from advisor.types import (
    ANY_OF,
    Answer,
    Endpoint,
    Evidence,
    FailureKindName,
    Json,
    Lane,
    Run,
    Score,
    Study,
)


class _Lost(NamedTuple):
    """A pair that the candidate lost, or with its sides exchanged the baseline."""

    pair: Pair
    score: float
    error: str | None
    """What the call of the worse answer failed with."""


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What is known about one candidate in one use case, texts left out."""

    subject: Subject
    gains: bool
    """Whether the baseline's losses are looked for."""
    scores: Mapping[tuple[int, str], Mapping[int, Score]]
    """(model id, scorer) -> by sample those that speak against an answer, and whatever else decides about a suspect."""
    reviews: Mapping[PairKey, float]
    suspects: Sequence[int]
    """Samples on which the one that is looked at may have lost; on the others it did not."""

    @property
    def worse_id(self) -> int:
        """Of the model that is looked at."""
        return self.subject.baseline_id if self.gains else self.subject.candidate.id

    def scores_of(self, model_id: int, scorer: str) -> Mapping[int, Score]:
        return self.scores.get((model_id, scorer), {})


@without_cycle_search()
def list_uneven(store: Store, study: Study, subject: Subject, *, gains: bool) -> tuple[Uneven, ...]:
    """The candidate's regressions, or its improvements: the lowest score first, then the shortest request.

    A panel's mean is the lower, the more of its judges were for the other answer in both orders.
    """
    facts = _facts(store, subject, gains=gains)
    given = given_costs(store, study)
    found: list[Uneven] = []
    for some in in_parts(facts.suspects):  # what is made of them is dropped part by part: it weighs far more
        found += _described(store, facts, _lost(store, facts, some, given))
    return tuple(sorted(found, key=lambda uneven: (uneven.score, uneven.length)))


def _facts(store: Store, subject: Subject, *, gains: bool) -> _Facts:
    run, baseline_id, endpoint = subject.run, subject.baseline_id, subject.endpoint
    model_id, is_compared = subject.candidate.id, endpoint is Endpoint.PAIRWISE
    both, decides = (model_id, baseline_id), endpoint.value
    worse_id, other_id = (baseline_id, model_id) if gains else both
    lane = run.baseline_lane if gains else Lane.CANDIDATE
    if is_compared:
        lower = load_leaning(store, run.id, decides, model_id, to_candidate=gains)
    else:
        lower = load_lower(store, run.id, decides, worse_id, other_id)
    against = load_failed(store, run.id, (VALIDITY, CHECKS), both)
    faults = list_broken(store, run.id, lane, worse_id, TRUNCATED) | {
        key.sample_id
        for key, score in against.items()
        if key.model_id == worse_id and key.scorer != CHECKS and not score.passed
    }
    reviewed = subject.reviewed if is_compared else frozenset()
    ids = reviewed.union(faults, (key.sample_id for key in lower))
    suspects = keep_share(store, subject, list_of_use_case(store, run.id, subject.case.id, ids))
    beside = load_scores(store, run.id, scorers=(decides,), model_ids=both, sample_ids=faults.intersection(suspects))
    beside |= _refusals(store, run, model_id, baseline_id, suspects)
    scores: dict[tuple[int, str], dict[int, Score]] = {}
    for key, score in (against | lower | beside).items():
        scores.setdefault((key.model_id, key.scorer), {})[key.sample_id] = score
    return _Facts(
        subject=subject,
        gains=gains,
        scores=scores,
        reviews=mean_reviews(load_reviews(store, run.id)) if is_compared else {},
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
    model_id, baseline_id, endpoint = facts.subject.candidate.id, facts.subject.baseline_id, facts.subject.endpoint
    is_compared = endpoint is Endpoint.PAIRWISE
    scored, valid, checked, audited, by_rule = (
        facts.scores_of(model_id, scorer) for scorer in (endpoint.value, VALIDITY, CHECKS, REFUSAL, REFUSED_BY_RULE)
    )
    its, its_valid, its_checked = (
        facts.scores_of(baseline_id, scorer) for scorer in (endpoint.value, VALIDITY, CHECKS)
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


def _lost(store: Store, facts: _Facts, sample_ids: Sequence[int], given: Sequence[GivenCost]) -> list[_Lost]:
    """The pairs that were lost, each with the score of the worse answer, which stands as the candidate's.

    Between two answers a fault of one side is a loss only where the other has none. Of the baseline's answers those are
    read that may decide it, and no other.
    """
    (run, _, candidate, baseline_id, endpoint, *_), is_gain = facts.subject, facts.gains
    stored = list(load_stored_pairs(store, run, candidate.id, baseline_id, sample_ids, given))
    pairs = list(_pairs(facts, stored))
    answers: dict[int, Answer | None] = {}
    audited = facts.scores_of(baseline_id, REFUSAL)
    if endpoint is Endpoint.PAIRWISE:
        unread = [
            pair.sample_id
            for pair in pairs
            if is_at_fault(pair.candidate) or (is_gain and not (pair.candidate.y or 0) > DRAW)
        ]
        answers = load_answers(store, run.id, run.baseline_lane, baseline_id, unread)
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
        score = loss(pair, endpoint)
        if is_gain:
            pair = mirrored(pair, endpoint)
            score = loss(pair, endpoint) if score is None else None
        if score is not None:
            lost.append(_Lost(pair, score, None if is_gain else each.candidate_error))
    return lost


def _described(store: Store, facts: _Facts, lost: Sequence[_Lost]) -> list[Uneven]:
    """Every loss with its kind and what was written about it."""
    (run, case, candidate, _, endpoint, is_judged, reviewed), worse_id = facts.subject, facts.worse_id
    is_compared = endpoint is Endpoint.PAIRWISE
    source = source_of(endpoint, [is_judged], [bool(reviewed)])
    ids = [pair.sample_id for pair, *_ in lost]
    lengths = load_lengths(store, ids)
    rights = _rights(store, endpoint, ids)
    scored_id = candidate.id if is_compared else worse_id
    said = [facts.scores_of(*of) for of in ((scored_id, endpoint.value), (worse_id, VALIDITY), (worse_id, CHECKS))]
    kinds, tellers, reasons = {}, {}, {}
    for pair, _, error in lost:
        scored, form, checks = (by.get(pair.sample_id) for by in said)
        right = rights.get(pair.sample_id)
        told_of = source
        if (pair.sample_id, candidate.id) in facts.reviews:  # people's word stands in place of the judge's
            told_of, scored = Evidence.REVIEWS, None
        kind = kind_of_failure(pair, case.kind, told_of, scored=scored, form=form, right=right)
        told = told_by(kind, scored, form, checks)
        if kind is FailureKindName.NO_ANSWER and pair.candidate.call.failure is not None:
            reasons[pair.sample_id] = error or FAILURES[pair.candidate.call.failure]
        else:
            reasons[pair.sample_id] = score_words(told) if told else ""
        kinds[pair.sample_id], tellers[pair.sample_id] = kind, told
    labelled = [sample_id for sample_id, kind in kinds.items() if kind is FailureKindName.WRONG_LABEL]
    lane = run.baseline_lane if facts.gains else Lane.CANDIDATE
    answers = load_answers(store, run.id, lane, worse_id, labelled)
    found = []
    for pair, score, _ in lost:
        id_ = pair.sample_id
        if id_ not in lengths:
            continue
        details = details_of(kinds[id_], case.kind, pair, tellers[id_], rights.get(id_), answers.get(id_))
        theirs, ours = (pair.baseline, pair.candidate) if facts.gains else (pair.candidate, pair.baseline)
        better = 1 - score if is_compared else pair.baseline.y or 0.0
        found.append(
            Uneven(
                sample_id=id_,
                model_id=candidate.id,
                kind=kinds[id_],
                details=details,
                reason=reasons[id_],
                score=score,
                by=better - score,
                length=lengths[id_],
                costs_usd=(ours.call.cost_usd, theirs.call.cost_usd),
                latencies_s=(ours.call.latency_s, theirs.call.latency_s),
            )
        )
    return found


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
