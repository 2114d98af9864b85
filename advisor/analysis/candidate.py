"""One candidate in one use case: everything measured, before and after the verdict."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from advisor.analysis.agreeing import agree
from advisor.analysis.candidate_cost import costs, monthly_draws, per_1k, per_1k_successes
from advisor.analysis.columns import Columns, known
from advisor.analysis.cost import range_of
from advisor.analysis.evidence import UseCaseEvidence, margin_of
from advisor.analysis.explain import reason, why_not
from advisor.analysis.gates import Checked, check_gates
from advisor.analysis.hidden import Looked, look
from advisor.analysis.judging import similar_length
from advisor.analysis.latency import quantiles
from advisor.analysis.notes import notes_on, on_repeats
from advisor.analysis.outcomes import Scored, score
from advisor.analysis.quality import Quality, assess_quality
from advisor.analysis.repeats import Repeats, repeats_of
from advisor.analysis.trust import orders_agree
from advisor.analysis.verdict import Facts, doubt_about_judge, rule
from advisor.analysis.votes import is_for_people, orders_of, turned_of
from advisor.types import Assessment, Cause, Caveat, Endpoint, Evidence, Exam, Model, Money, Verdict


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """A candidate's evidence in numbers; the verdict waits for the correction over all tests."""

    evidence: UseCaseEvidence
    model: str
    basis: Evidence
    """``target``, ``agreement``, ``judge``, ``reviews`` or ``none``."""
    columns: Columns
    """All pairs of the candidate."""
    quality: Quality
    gates: tuple[Checked, ...]
    counted: Columns
    """The pairs as they are scored: where answers should agree, by whether they do or by votes."""
    doubt: Cause | None = None
    """Why the judge's votes may not count, where there are any."""
    if_lost: Quality | None = None
    """The same with every pair lost on which the judge's orders differ; None: they agree often enough."""

    @property
    def p(self) -> float | None:
        """The p-value that takes part in the correction; None where no test can be made."""
        return None if self.quality.too_few is not None else self.quality.p

    @property
    def asked(self) -> Columns:
        """The pairs that were asked already."""
        return self.columns.where(~self.columns.missing)

    @cached_property
    def scored(self) -> Scored:
        """The pairs that count, with the scores next to reference or recorded answers."""
        found = self.quality.scored if self.counted is self.columns else None
        return score(self.columns, self.evidence.endpoint) if found is None else found

    @cached_property
    def looked(self) -> Looked:
        """What its mean may hide."""
        return look(self.evidence, self.model, self.columns, self.quality)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all verdicts of one decision share."""

    baseline: str
    confidence: float
    tests: int
    """Over which p-values are corrected."""
    noise_differs: bool
    looked: int = 0
    """Tests of the run for what a mean hides."""
    rivals: int = 1
    """Candidates with evidence in the use case."""
    exam: Exam | None = None
    """The judge's; None: it took none."""


def measure(
    evidence: UseCaseEvidence,
    model: str,
    columns: Columns,
    *,
    margin: float | None,
    confidence: float,
    tests: int = 1,
    exam: Exam | None = None,
) -> Measured:
    """Score one candidate on its pairs. The use case's own margin goes before the study's, that before the default.

    ``tests`` is how many use cases and candidates the run has, which a run that stops early must know beforehand;
    ``exam`` is the judge's. Where people compared every pair, or the judge isn't proven and people compared enough,
    their votes alone count.
    """
    candidate = evidence.candidates[model]
    basis = candidate.source
    limit = margin_of(evidence.endpoint, evidence.limits.margin, margin)
    threshold = tests / ((1 - confidence) / 2) if evidence.is_sequential else None

    def scored(pairs: Columns, basis: Evidence) -> tuple[Evidence, Columns, Quality]:
        if evidence.endpoint is Endpoint.AGREEMENT:
            return agree(columns, pairs, basis, limit, confidence, threshold)
        is_judged = basis == Evidence.JUDGE
        return (
            basis,
            pairs,
            assess_quality(pairs, evidence.endpoint, limit, confidence, threshold=threshold, is_judged=is_judged),
        )

    doubt = if_lost = None
    shown, counted, quality = scored(columns, basis)
    if basis == "judge":
        doubt = doubt_about_judge(exam, candidate.agreement)
        decided, agreed = orders_of(columns)
        if decided > agreed and not orders_agree(decided, agreed):
            if_lost = scored(columns.lost_where_orders_differ(), basis)[2]
        alpha = (1 - confidence) / 2
        is_led = if_lost is not None and quality.passes_at(alpha) and not if_lost.passes_at(alpha)
        if is_for_people(columns, is_doubted=doubt is not None or is_led):
            shown, counted, quality = scored(columns.by_people(), Evidence.REVIEWS)
    basis = shown
    if evidence.endpoint is not Endpoint.AGREEMENT:
        columns = counted
    if basis == "none":
        quality = Quality(n=0, margin=limit, excluded=quality.excluded)
    gates = check_gates(columns, evidence, model, confidence)
    return Measured(
        evidence=evidence,
        model=model,
        basis=basis,
        columns=columns,
        quality=quality,
        gates=gates,
        counted=counted,
        doubt=doubt,
        if_lost=if_lost,
    )


def facts_of(
    measured: Measured,
    model: Model | None,
    setting: Setting,
    *,
    p_holm: float | None,
    caveats: tuple[Caveat, ...] = (),
) -> Facts:
    """All that the verdict rests on."""
    evidence, name, asked = measured.evidence, measured.model, measured.asked
    baseline_cost, cost = map(per_1k, costs(asked))
    candidate = evidence.candidates[name]
    is_judged = candidate.source is Evidence.JUDGE
    return Facts(
        model=name,
        baseline=setting.baseline,
        basis=measured.basis,
        confidence=setting.confidence,
        endpoint=evidence.endpoint,
        quality=measured.quality,
        gates=measured.gates,
        caveats=caveats,
        p_holm=p_holm,
        tests=setting.tests,
        rivals=setting.rivals,
        doubt=measured.doubt,
        agreement=candidate.agreement,
        judge_reviews=evidence.judge_reviews,
        exam=setting.exam if is_judged else None,
        orders=orders_of(measured.columns) if is_judged else (0, 0),
        if_lost=measured.if_lost,
        noise_differs=setting.noise_differs,
        cost_usd_per_1k=cost,
        baseline_cost_usd_per_1k=baseline_cost,
    )


def assess(
    measured: Measured,
    model: Model | None,
    setting: Setting,
    *,
    p_holm: float | None,
    seed: int,
    strength: float | None = None,
) -> Assessment:
    """The verdict with all that a reader needs beside it; ``strength`` is what models are ranked by."""
    evidence, quality, name, asked = measured.evidence, measured.quality, measured.model, measured.asked
    candidate = evidence.candidates[name]
    caveats = measured.looked.shown(setting.looked)
    facts = facts_of(measured, model, setting, p_holm=p_holm, caveats=caveats)
    ruling = rule(facts)
    turned, both_orders = turned_of(measured.columns) if candidate.source is Evidence.JUDGE else (0, 0)
    latency, ttft = (quantiles(known(s)) for s in (asked.candidate.latency_s, asked.candidate.ttft_s))
    similar, similar_n = _similar_length(measured)
    repeats = repeats_of(quality.scored, evidence) if quality.scored else Repeats()
    return Assessment(
        model=name,
        illustrative=model is not None and model.illustrative,
        licence=model.licence if model else None,
        endpoint=evidence.endpoint,
        evidence=measured.basis,
        n=quality.n,
        answered=latency.n,
        excluded=quality.excluded,
        score=quality.score,
        baseline_score=quality.baseline_score,
        delta=quality.delta,
        ci_low=quality.low,
        ci_high=quality.high,
        bound=None if p_holm is None else facts.low,
        better_by=None if p_holm is None else facts.better_by,
        margin=quality.margin,
        p_value=quality.p,
        p_holm=p_holm,
        verdict=ruling.verdict,
        reason=reason(facts, ruling),
        provisional=ruling.verdict is Verdict.SWITCH and facts.provisional,
        n_needed=ruling.n_needed,
        wins=quality.wins,
        ties=quality.ties,
        losses=quality.losses,
        gates=tuple(checked.gate for checked in measured.gates),
        caveats=caveats,
        cost_usd_per_1k=facts.cost_usd_per_1k,
        baseline_cost_usd_per_1k=facts.baseline_cost_usd_per_1k,
        cost_usd_per_1k_successes=None
        if measured.basis == Evidence.NONE
        else per_1k_successes(measured.scored, evidence.endpoint),
        ttft_p50_s=ttft.p50,
        ttft_p95_s=ttft.p95,
        latency_p50_s=latency.p50,
        latency_p95_s=latency.p95,
        error_rate=int(asked.candidate.failed.sum()) / len(asked) if len(asked) else None,
        savings_usd=_savings(measured, setting.confidence, seed),
        notes=(
            *on_repeats(repeats, evidence.endpoint, ruling.verdict, setting.baseline),
            *notes_on(evidence, name, model, quality, asked, latency),
        ),
        why_not=why_not(facts, ruling),
        method=quality.method,
        is_clustered=quality.groups is not None,
        reviews=int(np.sum(~np.isnan(asked.reviewed_y))),
        written_reviews=candidate.written_reviews,
        judge_flip_rate=turned / both_orders if both_orders else None,
        orders_decided=facts.orders[0],
        orders_agreed=facts.orders[1],
        similar_length_score=similar,
        similar_length_n=similar_n,
        distinct_requests=repeats.distinct,
        repeated_requests=repeats.most,
        strength=strength,
    )


def _savings(measured: Measured, confidence: float, seed: int) -> Money | None:
    drawn = monthly_draws(measured.evidence, measured.asked, seed)
    return None if drawn is None else range_of(*drawn, confidence)


def _similar_length(measured: Measured) -> tuple[float | None, int]:
    """The win rate among answers of about the same length, and how many they are."""
    if measured.evidence.endpoint is not Endpoint.PAIRWISE or measured.basis == "none":
        return None, 0
    pairs, candidate = measured.scored[:2]
    return similar_length(candidate, pairs.candidate.length, pairs.baseline.length)
