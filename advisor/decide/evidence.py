"""From stored answers and scores to the evidence that analysis decides on: one pair per sample and candidate."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from advisor.analysis.quality.evidence import (
    Call,
    CandidateEvidence,
    JudgeAgreement,
    Limits,
    Logged,
    Pair,
    Side,
    UseCaseEvidence,
    UseCaseLog,
    Votes,
)
from advisor.collect.contract_prices import is_named
from advisor.collect.documents import has_later_turns, repeated_prompts, shared_texts
from advisor.decide.likeness import AnswersAlike
from advisor.decide.never_right import classes_of, fields_of
from advisor.decide.noise import flips_of, noise_of
from advisor.judge.agreement import Agreement, PairKey, agreement_with_judge
from advisor.judge.endpoints import endpoint_of
from advisor.judge.run_facts import RunFacts
from advisor.judge.scored_with import PERSONAL_DATA
from advisor.judge.scores import INSTRUCTS_BY_RULE, REFUSED_BY_RULE
from advisor.judge.trust import agreements_with_people
from advisor.scoring.audit import FAITHFULNESS, REFUSAL, refusal_by
from advisor.scoring.instructing import instructs_judge
from advisor.scoring.own_checks import CHECKS
from advisor.scoring.tools import offered
from advisor.scoring.validity import VALIDITY, failure_of, is_refusal, is_truncated
from advisor.text.names import main_model, recorded_name
from advisor.types import (
    Answer,
    Endpoint,
    Evidence,
    FailureKind,
    Generation,
    Lane,
    Metered,
    Preference,
    Reference,
    Score,
    StoredModel,
    StoredSample,
    UseCase,
)

MANY = 0.05
"""Share of the calls of a use case beyond which it is told that their bill is another model's, or assumed."""


def gather_evidence(facts: RunFacts) -> list[UseCaseEvidence]:
    """The evidence of every use case in the run, the largest first."""
    pooled = agreements_with_people(facts)
    cases = [case for case in facts.use_cases if not case.ignored and facts.samples_of(case)]
    return [_use_case_evidence(facts, case, pooled[case.name]) for case in cases]


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A use case in a run, with what its pairs share."""

    facts: RunFacts
    use_case: UseCase
    endpoint: Endpoint
    samples: list[StoredSample]
    texts: Mapping[int, tuple[int, ...]]
    """Sample -> the codes of the texts that others hold too."""
    classes: Mapping[int, int]
    """Sample -> the code of its class."""
    is_timed: bool

    @property
    def is_recorded(self) -> bool:
        """Whether the log's own answers are the baseline's."""
        return self.facts.run.baseline_lane is Lane.RECORDED

    @cached_property
    def logged(self) -> dict[int, tuple[Logged, Side]]:
        """Sample -> what the log says of it and the baseline's side, which the pairs of all candidates share."""
        return {sample.id: (_logged(self, sample), _baseline(self, sample)) for sample in self.samples}

    def flips(self, lane: Lane, model_id: int) -> tuple[int, int] | None:
        """How often a lane changed its mind."""
        return flips_of(self.facts, self.use_case, self.endpoint, self.samples, lane, model_id)


def _use_case_evidence(facts: RunFacts, use_case: UseCase, pooled: Agreement) -> UseCaseEvidence:
    """``pooled``: the judge beside people over all use cases and candidates that it decides."""
    endpoint, samples = endpoint_of(use_case, facts.run.baseline_lane), facts.samples_of(use_case)
    classes = classes_of(facts, use_case, samples, endpoint)
    names = tuple(dict.fromkeys(classes.values()))
    case = _Case(
        facts=facts,
        use_case=use_case,
        endpoint=endpoint,
        samples=samples,
        texts=shared_texts(samples),
        classes={sample_id: names.index(name) for sample_id, name in classes.items()},
        is_timed=any(sample.metered.at for sample in samples),
    )
    alike = AnswersAlike(facts, samples)
    return UseCaseEvidence(
        name=use_case.name,
        kind=use_case.kind,
        endpoint=endpoint,
        candidates={model.name: _candidate(case, model, alike, pooled) for model in facts.candidates},
        log=UseCaseLog(
            samples=use_case.calls.total,
            monthly_calls=facts.volumes[use_case.name].monthly_calls,
            monthly_baseline_usd=facts.volumes[use_case.name].monthly_usd,
            billed=() if case.is_recorded else _billed(facts, samples),
            is_timed=case.is_timed,
            classes=names,
            prompts=repeated_prompts(samples),
            later_turns=has_later_turns(samples),
        ),
        limits=Limits(
            margin=use_case.margin,
            max_latency_p95_s=facts.study.max_latency_p95_s,
            max_ttft_p95_s=facts.study.max_ttft_p95_s,
        ),
        baseline=recorded_name(sample.model for sample in samples) if case.is_recorded else facts.run.baseline,
        baseline_model=main_model(sample.model for sample in samples) or "" if case.is_recorded else "",
        baseline_flips=None if case.is_recorded else case.flips(Lane.BASELINE, facts.baseline_id),
        judge_reviews=pooled.n,
        is_judge_by_chance=pooled.is_by_chance,
        is_sequential=facts.run.options.early_stop,
        noise=noise_of(facts, use_case),
    )


def _candidate(case: _Case, model: StoredModel, alike: AnswersAlike, pooled: Agreement) -> CandidateEvidence:
    facts, model_id = case.facts, model.id
    source = _source(facts, case.endpoint, case.samples, model)
    keys = [(sample.id, model_id) for sample in case.samples]
    reviews = sum(key in facts.by_hand for key in keys)
    is_settled = any((each.use_case_id, each.model_id) == (case.use_case.id, model_id) for each in facts.run.settled)
    pairs = [_pair(case, sample, model, source) for sample in case.samples if facts.asked(sample, model)]
    return CandidateEvidence(
        source=source,
        pairs=[pair for pair in pairs if not (pair.missing and is_settled)],
        reviews=reviews,
        written_reviews=sum(key in facts.written & facts.by_hand for key in keys),
        agreement=_agreement(facts, keys, reviews, pooled) if source is Evidence.JUDGE else None,
        flips=case.flips(Lane.CANDIDATE, model_id),
        fields=fields_of(facts, case.use_case, case.samples, model, case.endpoint),
        near_constant=alike.near_constant(model),
        copied=alike.copied(model),
        same_texts=sum(pair.is_same_text for pair in pairs),
        exam=facts.exams.get(case.use_case.name),
    )


def _agreement(facts: RunFacts, keys: list[PairKey], reviews: int, pooled: Agreement) -> JudgeAgreement | None:
    """On the candidate's own pairs, else over all of the run."""
    own = agreement_with_judge(facts.scores, facts.reviews, [key for key in keys if key in facts.by_hand])
    agreed, n = (pooled, pooled.n) if own.kappa is None else (own, reviews)
    return None if agreed.kappa is None else JudgeAgreement(kappa=agreed.kappa, high=agreed.high, reviews=n)


def _billed(facts: RunFacts, samples: Sequence[StoredSample]) -> tuple[str, ...]:
    """The models that answered these samples in the log; none where nearly all are the baseline's called again.

    Few of others leave the bill the baseline's.
    """
    baseline = facts.models[facts.baseline_id]
    names = Counter(sample.model for sample in samples if sample.model)
    others = sum(calls for name, calls in names.items() if not is_named(baseline, name))
    return tuple(name for name, _ in names.most_common()) if others > MANY * names.total() else ()


def source_of(endpoint: Endpoint, judged: Iterable[bool], reviewed: Iterable[bool]) -> Evidence:
    """What the evidence about a candidate is: ``target``, ``agreement``, ``judge``, ``reviews`` or ``none``.

    ``judged`` and ``reviewed`` tell of each of its pairs whether judges or people compared it.
    """
    if endpoint is Endpoint.TARGET:
        return Evidence.TARGET
    alone = Evidence.AGREEMENT if endpoint is Endpoint.AGREEMENT else Evidence.NONE
    return Evidence.JUDGE if any(judged) else Evidence.REVIEWS if any(reviewed) else alone


def _source(facts: RunFacts, endpoint: Endpoint, samples: list[StoredSample], model: StoredModel) -> Evidence:
    return source_of(
        endpoint,
        (facts.score(sample, model.id, Endpoint.PAIRWISE.value) is not None for sample in samples),
        ((sample.id, model.id) in facts.reviews for sample in samples),
    )


def _pair(case: _Case, sample: StoredSample, model: StoredModel, source: Evidence) -> Pair:
    facts, sample_id, model_id = case.facts, sample.id, model.id
    logged, baseline = case.logged[sample_id]
    theirs = facts.candidate(sample, model)
    generation = theirs.generation
    call = _call(generation, generation.failure if generation else None)
    y = facts.candidate_y(sample, model_id, case.endpoint, source)
    candidate = _side(facts, sample, model_id, theirs.answer, call, y)
    audited = [facts.score(sample, id_, REFUSAL) is not None for id_ in (facts.baseline_id, model_id)]
    blocked = [side.call.failure is FailureKind.CONTENT_FILTER for side in (baseline, candidate)]
    flips, judges = facts.turned.get((sample_id, model_id), (0, 0))
    leans = facts.sides.get((sample_id, model_id), ())
    is_agreement = case.endpoint is Endpoint.AGREEMENT
    return Pair(
        sample_id=sample_id,
        logged=logged,
        baseline=baseline,
        candidate=candidate,
        votes=Votes(
            reviewed_y=facts.reviews.get((sample_id, model_id)),
            voted_y=value_of(facts.score(sample, model_id, Endpoint.PAIRWISE.value)) if is_agreement else None,
            flips=flips,
            judges=judges,
            decided=len(leans) == 2 and set(leans) != {Preference.TIE},
            agreed=len(leans) == 2 and len(set(leans)) == 1,
        ),
        differs=facts.differs(sample, model, case.use_case) if is_agreement else None,
        refusals_read=any(audited) and all(read or block for read, block in zip(audited, blocked, strict=True)),
        missing=generation is None or (not case.is_recorded and facts.baseline(sample).generation is None),
    )


def _logged(case: _Case, sample: StoredSample) -> Logged:
    return Logged(
        session=sample.ids.session,
        request=case.facts.requests[sample.id],
        texts=case.texts.get(sample.id, ()),
        at=sample.metered.at.timestamp() if sample.metered.at else None if case.is_timed else sample.id,
        klass=case.classes.get(sample.id, -1),
        recorded_cost_usd=None if case.is_recorded else sample.metered.cost_usd,
    )


def _baseline(case: _Case, sample: StoredSample) -> Side:
    facts, endpoint = case.facts, case.endpoint
    ours = facts.baseline(sample)
    call = _call(sample.metered if case.is_recorded else ours.generation, failure_of(ours.generation, ours.answer))
    score = None if endpoint is Endpoint.PAIRWISE else facts.score(sample, facts.baseline_id, endpoint.value)
    return _side(facts, sample, facts.baseline_id, ours.answer, call, value_of(score))


def _call(asked: Metered | Generation | None, failure: FailureKind | None) -> Call:
    if asked is None:
        return Call(failure=failure)
    return Call(cost_usd=asked.cost_usd, latency_s=asked.latency_s, ttft_s=asked.ttft_s, failure=failure)


def _side(
    facts: RunFacts, sample: StoredSample, model_id: int, answer: Answer | None, call: Call, y: float | None
) -> Side:
    """An answer with what scorers found in it."""

    def found(scorer: str) -> Score | None:
        return facts.score(sample, model_id, scorer)

    refused = found(REFUSED_BY_RULE) is not None if REFUSED_BY_RULE in facts.known_rules else is_refusal(answer)
    by_rule = INSTRUCTS_BY_RULE in facts.known_rules
    supported, personal = value_of(found(FAITHFULNESS)), value_of(found(PERSONAL_DATA))
    return Side(
        y=y,
        call=call,
        valid=passed_of(found(VALIDITY)),
        truncated=is_truncated(answer),
        refusal=refusal_by(found(REFUSAL), refused),
        instructs=found(INSTRUCTS_BY_RULE) is not None if by_rule else instructs_judge(sample.request, answer),
        text_digest=_digest(answer),
        unneeded=_unneeded(sample, answer),
        checked=passed_of(found(CHECKS)),
        unsupported=None if supported is None else 1 - supported,
        personal=None if personal is None else personal > 0,
        length=len(answer.text or "") if answer else 0,
    )


def value_of(score: Score | None) -> float | None:
    return score.value if score else None


def passed_of(score: Score | None) -> bool | None:
    return score.passed if score else None


def _digest(answer: Answer | None) -> str | None:
    if answer is None or answer.is_empty:
        return None
    return hashlib.sha256(repr((answer.text, answer.tool_calls)).encode()).hexdigest()


def _unneeded(sample: StoredSample, answer: Answer | None) -> bool | None:
    if answer is None or sample.reference != Reference(None) or not offered(sample.request):
        return None
    return bool(answer.tool_calls)
