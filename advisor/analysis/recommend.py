"""The decision on a study: verdicts by use case and candidate, what moves, and the bill."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from advisor.analysis.bill import is_worth, left_out
from advisor.analysis.candidate import Measured, Setting, assess, measure
from advisor.analysis.candidate_cost import monthly_draws
from advisor.analysis.columns import Array, columns_of, known
from advisor.analysis.correction import holm
from advisor.analysis.cost import range_of
from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.analysis.judging import MIN_REVIEWS
from advisor.analysis.latency import quantiles
from advisor.analysis.noise import NoiseFloor, finding, noise_of
from advisor.analysis.ranking import strengths
from advisor.analysis.reported import choose, decided_by, report_on
from advisor.types import (
    Endpoint,
    Exam,
    JudgeFacts,
    Message,
    Model,
    Monthly,
    Recommendation,
    Run,
    Status,
    Study,
    UseCaseDecision,
    Verdict,
    WarningCode,
)

__all__ = ["DecisionInput", "Pair", "UseCaseEvidence", "recommend"]


@dataclass(frozen=True, kw_only=True)
class DecisionInput:
    """All that a decision on a run rests on."""

    study: Study
    run: Run
    created_at: datetime
    """Aware."""
    margin: float | None
    """A fraction; serves where a use case has none of its own."""
    confidence: float
    evidence: Sequence[UseCaseEvidence]
    models: Mapping[str, Model]
    """The registered models by name."""
    missing: int
    """Planned calls without an answer."""
    noise: NoiseFloor | None
    """Pooled over the run."""
    warnings: Sequence[Message] = ()
    """What the ``judges`` warn of joins them."""
    judges: Sequence[JudgeFacts] = ()
    exam: Exam | None = None
    """The judges'."""


def recommend(given: DecisionInput) -> Recommendation:
    """Decide every use case."""
    run, exam, confidence = given.run, given.exam, given.confidence
    tests = sum(len(item.candidates) for item in given.evidence)
    limits: dict[str, Any] = {"margin": given.margin, "confidence": confidence, "tests": tests, "exam": exam}
    measured = [
        [measure(item, name, columns_of(one.pairs), **limits) for name, one in item.candidates.items()]
        for item in given.evidence
    ]
    corrected = _correct([one for group in measured for one in group])
    differs = given.noise is not None and given.noise.is_different
    setting = Setting(
        baseline=run.baseline,
        confidence=confidence,
        tests=len(corrected),
        noise_differs=differs,
        looked=sum(one.looked.tests for group in measured for one in group),
        exam=exam,
    )
    decisions = tuple(
        _decide(item, group, corrected, given.models, setting, run.seed)
        for item, group in zip(given.evidence, measured, strict=True)
    )
    monthly = _monthly(measured, decisions, confidence, run.seed)
    lacking = left_out(monthly, decisions)
    noise = finding(given.noise)
    of_judges = (warning for judge in given.judges for warning in judge.warnings)
    warnings = [*([noise] if differs else []), *given.warnings, *of_judges]
    if lacking:
        warnings.append(Message.of(WarningCode.LACKS_BILL, use_cases=lacking))
    return Recommendation(
        study=given.study.name,
        run=run.id,
        created_at=given.created_at,
        baseline=run.baseline,
        baseline_lane=run.baseline_lane,
        confidence=confidence,
        seed=run.seed,
        sample_size=run.sample_size,
        use_cases=decisions,
        monthly=monthly,
        left_out=tuple(lacking),
        worth=is_worth(monthly, decisions),
        verdict=_overall(decisions),
        status=run.status,
        partial=given.missing > 0 or run.status is not Status.SUCCEEDED,
        missing=given.missing,
        is_sample_study=given.study.is_sample,
        noise_floor=noise,
        warnings=tuple(warning for at, warning in enumerate(warnings) if warning not in warnings[:at]),
        judges=tuple(given.judges),
        exam=exam,
        reviews_wanted=max(MIN_REVIEWS - (exam.reviews if exam else 0), 0),
        frozen=run.frozen is not None,
        run_number=run.number,
    )


def _correct(measured: Sequence[Measured]) -> dict[tuple[str, str], float]:
    """(use case, candidate) -> p corrected over all tests of the study."""
    tested = [(one, one.p) for one in measured if one.p is not None]
    corrected = holm([p for _, p in tested])
    return {(one.evidence.name, one.model): p for (one, _), p in zip(tested, corrected, strict=True)}


def _decide(
    evidence: UseCaseEvidence,
    measured: Sequence[Measured],
    corrected: Mapping[tuple[str, str], float],
    models: Mapping[str, Model],
    setting: Setting,
    seed: int,
) -> UseCaseDecision:
    strong = _strengths(measured)
    rivals = sum(one.quality.n > 0 for one in measured)
    setting = replace(setting, baseline=evidence.baseline or setting.baseline, rivals=rivals)
    candidates = tuple(
        assess(
            one,
            models.get(one.model),
            setting,
            p_holm=corrected.get((evidence.name, one.model)),
            seed=_seed(seed, evidence.name),
            strength=strong.get(one.model),
        )
        for one in measured
    )
    chosen = choose(candidates)
    reported = chosen or report_on(candidates)
    latency, ttft = (quantiles(known(seconds)) for seconds in _baseline_times(measured))
    return UseCaseDecision(
        name=evidence.name,
        kind=evidence.kind,
        endpoint=evidence.endpoint,
        samples=evidence.log.samples,
        monthly_calls=evidence.log.monthly_calls,
        monthly_baseline_usd=evidence.log.monthly_baseline_usd,
        candidates=candidates,
        verdict=decided_by(reported, candidates),
        chosen=chosen.model if chosen else None,
        reported=reported.model if reported else None,
        baseline=setting.baseline,
        baseline_latency_p50_s=latency.p50,
        baseline_latency_p95_s=latency.p95,
        baseline_ttft_p50_s=ttft.p50,
        baseline_answered=latency.n,
        noise=None if evidence.noise is None else noise_of(evidence.noise, evidence.endpoint, setting.confidence),
    )


def _strengths(measured: Sequence[Measured]) -> dict[str, float]:
    """Of the candidates that were compared pair by pair, where there are two or more to rank."""
    judged = [one for one in measured if one.evidence.endpoint is Endpoint.PAIRWISE and one.quality.n > 0]
    if len(judged) < 2:
        return {}
    return strengths({one.model: one.scored.candidate for one in judged})


def _baseline_times(measured: Sequence[Measured]) -> tuple[Array, Array]:
    """Latency and TTFT of the baseline, each sample once, however many candidates answered it."""
    if not measured:
        return np.empty(0), np.empty(0)
    ids = np.concatenate([one.columns.sample_id for one in measured])
    last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
    latency = np.concatenate([one.columns.baseline.latency_s for one in measured])
    return latency[last], np.concatenate([one.columns.baseline.ttft_s for one in measured])[last]


def _seed(seed: int, use_case: str) -> int:
    """Resamples of different use cases are independent, and the same in every process."""
    return zlib.crc32(use_case.encode()) ^ (seed & 0xFFFFFFFF)


def _overall(decisions: Sequence[UseCaseDecision]) -> Verdict:
    verdicts = {decision.verdict for decision in decisions}
    for verdict in (Verdict.SWITCH, Verdict.NEED_MORE_DATA, Verdict.KEEP):
        if verdict in verdicts:
            return verdict
    return Verdict.NEED_MORE_DATA


def _monthly(
    measured: Sequence[Sequence[Measured]],
    decisions: Sequence[UseCaseDecision],
    confidence: float,
    seed: int,
) -> Monthly | None:
    """The bill before and after, as far as it is known; None where no bill, or of no moved use case the saving, is."""
    draws, point, baseline = np.zeros(1), 0.0, 0.0
    counted = moved = 0
    for group, decision in zip(measured, decisions, strict=True):
        chosen = next((one for one in group if one.model == decision.chosen), None)
        drawn = monthly_draws(chosen.evidence, chosen.asked, _seed(seed, decision.name)) if chosen else None
        if decision.monthly_baseline_usd is not None:
            baseline, counted = baseline + decision.monthly_baseline_usd, counted + 1
            if drawn is not None:
                draws, point, moved = draws + drawn[0], point + drawn[1], moved + 1
    if counted == 0 or (moved == 0 and any(decision.chosen for decision in decisions)):
        return None
    savings = range_of(draws, point, confidence)
    return Monthly(baseline_usd=baseline, plan_usd=max(baseline - point, 0.0), savings_usd=savings)
