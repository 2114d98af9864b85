"""From stored answers and scores to the evidence that analysis decides on: one pair per sample and candidate."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.collect.contract_prices import is_named
from advisor.collect.documents import has_later_turns, repeated_prompts, shared_texts
from advisor.decide.flips import flips_of
from advisor.decide.likeness import AnswersAlike
from advisor.decide.never_right import classes_of, fields_of
from advisor.decide.noise import noise_of
from advisor.judge.agreement import Agreement, agreement_with_judge
from advisor.judge.endpoints import endpoint_of
from advisor.judge.refusals import failure_of, refusal
from advisor.judge.run_facts import RunFacts
from advisor.judge.scores import INSTRUCTS_BY_RULE, REFUSED_BY_RULE
from advisor.judge.unchecked import PERSONAL_DATA
from advisor.scoring.audit import FAITHFULNESS, REFUSAL
from advisor.scoring.instructing import instructs_judge
from advisor.scoring.own_checks import CHECKS
from advisor.scoring.tools import offered
from advisor.scoring.validity import is_refusal, is_truncated
from advisor.text.names import recorded_name
from advisor.types import (
    Answer,
    Endpoint,
    Evidence,
    FailureKind,
    Lane,
    Model,
    Preference,
    Refusal,
    Sample,
    Score,
    UseCase,
)

MANY = 0.05
"""Share of the calls of a use case beyond which it is told that their bill is another model's, or assumed."""


def gather_evidence(facts: RunFacts) -> list[UseCaseEvidence]:
    """The evidence of every use case in the run, the largest first."""
    pooled = agreement_with_judge(facts.scores, facts.reviews, facts.reviews)
    return [
        _use_case_evidence(facts, use_case, pooled)
        for use_case in facts.use_cases
        if not use_case.ignored and facts.samples_of(use_case)
    ]


def _use_case_evidence(facts: RunFacts, use_case: UseCase, pooled: Agreement) -> UseCaseEvidence:
    """``pooled``: the judge beside people over all use cases and candidates; few reviews of each may do together."""
    endpoint = endpoint_of(use_case, facts.run.baseline_lane)
    samples = facts.samples_of(use_case)
    sources = {model.name: _source(facts, endpoint, samples, model) for model in facts.candidates}
    volume = facts.volumes[use_case.name]
    is_recorded = facts.run.baseline_lane is Lane.RECORDED
    ids = [sample.id or 0 for sample in samples]
    judged = [model for model in facts.candidates if sources[model.name] == Evidence.JUDGE]
    texts = shared_texts(samples)
    classes = classes_of(facts, use_case, samples, endpoint)
    names = tuple(dict.fromkeys(classes.values()))
    codes = {sample_id: names.index(name) for sample_id, name in classes.items()}
    is_timed = any(sample.at for sample in samples)
    alike = AnswersAlike(facts, samples)
    settled = {(each.use_case_id, each.model_id) for each in facts.run.settled}
    own = {
        model.name: agreement_with_judge(facts.scores, facts.reviews, [(id_, model.id or 0) for id_ in ids])
        for model in judged
    }
    checks = {name: pooled if agreed.kappa is None else agreed for name, agreed in own.items()}
    return UseCaseEvidence(
        name=use_case.name,
        kind=use_case.kind,
        endpoint=endpoint,
        evidence=sources,
        samples=use_case.samples,
        baseline=recorded_name(sample.model for sample in samples) if is_recorded else facts.run.baseline,
        billed=() if is_recorded else _billed(facts, samples),
        monthly_calls=volume.monthly_calls,
        monthly_baseline_usd=volume.monthly_usd,
        pairs={
            model.name: [
                pair
                for sample in samples
                if facts.asked(sample, model)
                and not (
                    (
                        pair := _pair(
                            facts, use_case, sample, model, endpoint, sources[model.name], texts, codes, is_timed
                        )
                    ).missing
                    and (use_case.id, model.id) in settled
                )
            ]
            for model in facts.candidates
        },
        reviews={
            model.name: sum((sample_id, model.id or 0) in facts.reviews for sample_id in ids)
            for model in facts.candidates
        },
        written_reviews={
            model.name: sum((sample_id, model.id or 0) in facts.written for sample_id in ids)
            for model in facts.candidates
        },
        flips={
            model.name: flips
            for model in facts.candidates
            if (flips := flips_of(facts, use_case, endpoint, samples, Lane.CANDIDATE, model.id or 0)) is not None
        },
        baseline_flips=None
        if is_recorded
        else flips_of(facts, use_case, endpoint, samples, Lane.BASELINE, facts.baseline_id),
        margin=use_case.margin,
        max_latency_p95_s=facts.study.max_latency_p95_s,
        max_ttft_p95_s=facts.study.max_ttft_p95_s,
        judge_reviews=pooled.n,
        kappa={name: agreed.kappa for name, agreed in checks.items() if agreed.kappa is not None},
        kappa_high={name: agreed.high for name, agreed in checks.items() if agreed.high is not None},
        kappa_reviews={
            name: agreed.n for name, agreed in checks.items() if agreed is pooled and pooled.kappa is not None
        },
        is_timed=is_timed,
        classes=names,
        fields={
            model.name: fields
            for model in facts.candidates
            if (fields := fields_of(facts, use_case, samples, model, endpoint)) is not None
        },
        near_constant={
            model.name: seen for model in facts.candidates if (seen := alike.near_constant(model)) is not None
        },
        copied={model.name: seen for model in facts.candidates if (seen := alike.copied(model)) is not None},
        prompts=repeated_prompts(samples),
        later_turns=has_later_turns(samples),
        is_sequential=facts.run.early_stop,
        noise=noise_of(facts, use_case),
    )


def _billed(facts: RunFacts, samples: Sequence[Sample]) -> tuple[str, ...]:
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


def _source(facts: RunFacts, endpoint: Endpoint, samples: list[Sample], model: Model) -> Evidence:
    return source_of(
        endpoint,
        (facts.score(sample, model.id or 0, Endpoint.PAIRWISE.value) is not None for sample in samples),
        ((sample.id or 0, model.id or 0) in facts.reviews for sample in samples),
    )


def _pair(
    facts: RunFacts,
    use_case: UseCase,
    sample: Sample,
    model: Model,
    endpoint: Endpoint,
    source: str,
    texts: dict[int, tuple[int, ...]],
    classes: dict[int, int],
    is_timed: bool,
) -> Pair:
    baseline, candidate = facts.baseline(sample), facts.candidate(sample, model)
    recorded = facts.run.baseline_lane is Lane.RECORDED
    generation = candidate.generation
    replayed = baseline.generation
    asked = sample if recorded else replayed
    model_id, baseline_id = model.id or 0, facts.baseline_id
    valid = facts.score(sample, model_id, "validity")
    baseline_valid = facts.score(sample, baseline_id, "validity")
    flips, judges = facts.turned.get((sample.id or 0, model_id), (0, 0))
    sides = facts.sides.get((sample.id or 0, model_id), ())

    def both(scorer: str) -> tuple[Score | None, Score | None]:
        return facts.score(sample, baseline_id, scorer), facts.score(sample, model_id, scorer)

    checked, claims, personal, audited = map(both, (CHECKS, FAITHFULNESS, PERSONAL_DATA, REFUSAL))
    by_rule, instructs = both(REFUSED_BY_RULE), both(INSTRUCTS_BY_RULE)
    failures = failure_of(replayed, baseline.answer), generation.failure if generation else None
    blocked = [failure is FailureKind.CONTENT_FILTER for failure in failures]
    return Pair(
        sample_id=sample.id or 0,
        use_case=sample.use_case or "",
        session=sample.session,
        request=facts.requests[sample.id or 0],
        texts=texts.get(sample.id or 0, ()),
        at=sample.at.timestamp() if sample.at else None if is_timed else sample.id,
        klass=classes.get(sample.id or 0, -1),
        baseline_y=None if endpoint is Endpoint.PAIRWISE else _value(facts.score(sample, baseline_id, endpoint.value)),
        candidate_y=candidate_y(facts, sample, model_id, endpoint, source),
        differs=facts.differs(sample, model, use_case) if endpoint is Endpoint.AGREEMENT else None,
        voted_y=_value(facts.score(sample, model_id, "pairwise")) if endpoint is Endpoint.AGREEMENT else None,
        baseline_cost_usd=asked.cost_usd if asked else None,
        candidate_cost_usd=generation.cost_usd if generation else None,
        recorded_cost_usd=None if recorded else sample.cost_usd,
        baseline_latency_s=asked.latency_s if asked else None,
        candidate_latency_s=generation.latency_s if generation else None,
        baseline_ttft_s=asked.ttft_s if asked else None,
        candidate_ttft_s=generation.ttft_s if generation else None,
        baseline_failure=failures[0],
        candidate_failure=failures[1],
        baseline_valid=baseline_valid.passed if baseline_valid else None,
        candidate_valid=valid.passed if valid else None,
        baseline_truncated=is_truncated(baseline.answer),
        candidate_truncated=is_truncated(candidate.answer),
        baseline_refusal=_refusal(facts, audited[0], by_rule[0], baseline.answer),
        candidate_refusal=_refusal(facts, audited[1], by_rule[1], candidate.answer),
        refusals_read=any(audited) and all(score or block for score, block in zip(audited, blocked, strict=True)),
        baseline_instructs=_instructs(facts, instructs[0], sample, baseline.answer),
        candidate_instructs=_instructs(facts, instructs[1], sample, candidate.answer),
        baseline_text_digest=_digest(baseline.answer),
        candidate_text_digest=_digest(candidate.answer),
        baseline_unneeded=_unneeded(sample, baseline.answer),
        candidate_unneeded=_unneeded(sample, candidate.answer),
        baseline_checked=checked[0].passed if checked[0] else None,
        candidate_checked=checked[1].passed if checked[1] else None,
        baseline_unsupported=_share_without(claims[0]),
        candidate_unsupported=_share_without(claims[1]),
        baseline_personal=_is_there(personal[0]),
        candidate_personal=_is_there(personal[1]),
        baseline_length=len(baseline.answer.text or "") if baseline.answer else 0,
        candidate_length=len(candidate.answer.text or "") if candidate.answer else 0,
        reviewed_y=facts.reviews.get((sample.id or 0, model_id)),
        flips=flips,
        judges=judges,
        decided=len(sides) == 2 and set(sides) != {Preference.TIE},
        agreed=len(sides) == 2 and len(set(sides)) == 1,
        missing=generation is None or (not recorded and replayed is None),
    )


def candidate_y(facts: RunFacts, sample: Sample, model_id: int, endpoint: Endpoint, source: str) -> float | None:
    """A candidate's score on a sample, 0 to 1, from whatever is the evidence; None: not scored."""
    if endpoint is not Endpoint.PAIRWISE:
        return _value(facts.score(sample, model_id, endpoint.value))
    if source == "judge":
        return _value(facts.score(sample, model_id, "pairwise"))
    return facts.reviews.get((sample.id or 0, model_id))


def _refusal(facts: RunFacts, audited: Score | None, stored: Score | None, answer: Answer | None) -> Refusal | None:
    return refusal(audited, stored is not None if REFUSED_BY_RULE in facts.known_rules else is_refusal(answer))


def _instructs(facts: RunFacts, stored: Score | None, sample: Sample, answer: Answer | None) -> bool:
    return stored is not None if INSTRUCTS_BY_RULE in facts.known_rules else instructs_judge(sample.request, answer)


def _share_without(score: Score | None) -> float | None:
    """The share of claims without support."""
    return None if score is None or score.value is None else 1 - score.value


def _is_there(score: Score | None) -> bool | None:
    return None if score is None or score.value is None else score.value > 0


def _value(score: Score | None) -> float | None:
    return score.value if score else None


def _digest(answer: Answer | None) -> str | None:
    if answer is None or answer.is_empty:
        return None
    return hashlib.sha256(repr((answer.text, answer.tool_calls)).encode()).hexdigest()


def _unneeded(sample: Sample, answer: Answer | None) -> bool | None:
    if answer is None or not sample.has_target or sample.target is not None or not offered(sample.request):
        return None
    return bool(answer.tool_calls)
