"""The decision on a study: verdicts by use case and candidate, what moves, and the bill."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from advisor.analysis.bill import left_out
from advisor.analysis.candidate import Measured, Setting, assess, measure
from advisor.analysis.candidate_cost import monthly_draws
from advisor.analysis.columns import Array, columns_of, known
from advisor.analysis.correction import holm
from advisor.analysis.cost import range_of
from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.analysis.latency import quantiles
from advisor.analysis.noise import NoiseFloor, describe, noise_of
from advisor.analysis.ranking import strengths
from advisor.analysis.reported import choose, decided_by, report_on
from advisor.analysis.sentence import headline
from advisor.analysis.wording import listing
from advisor.types import (
    Endpoint,
    Exam,
    JudgeFacts,
    Lane,
    Model,
    Monthly,
    Recommendation,
    Status,
    UseCaseDecision,
    Verdict,
)

__all__ = ["Pair", "UseCaseEvidence", "recommend"]


def recommend(
    *,
    study: str,
    run: int,
    created_at: datetime,
    baseline: str,
    baseline_lane: Lane,
    confidence: float,
    seed: int,
    sample_size: int,
    margin: float | None,
    evidence: Sequence[UseCaseEvidence],
    models: Mapping[str, Model],
    status: Status,
    planned_missing: int,
    is_sample_study: bool,
    noise: NoiseFloor | None,
    warnings: Sequence[str] = (),
    excluded: Mapping[str, int] | None = None,
    judges: Sequence[JudgeFacts] = (),
    exam: Exam | None = None,
    versions: Sequence[str] = (),
    frozen: bool = False,
    run_number: int | None = None,
) -> Recommendation:
    """Decide every use case. ``margin`` (a fraction) serves where a use case has none of its own.

    ``models`` are the registered models by name; ``planned_missing`` counts planned calls without an answer;
    ``noise`` is pooled over the run. What ``judges`` warn of joins the ``warnings``; ``exam`` is theirs; ``versions``
    tell in words what the scores were made with; ``frozen``: it was kept what the run was planned with; ``run`` is its
    id and ``run_number`` its place in the study.
    """
    tests = sum(len(item.candidates) for item in evidence)
    limits: dict[str, Any] = {"margin": margin, "confidence": confidence, "tests": tests, "exam": exam}
    measured = [
        [measure(item, name, columns_of(item.pairs.get(name, [])), **limits) for name in item.candidates]
        for item in evidence
    ]
    corrected = _correct([one for group in measured for one in group])
    differs = noise is not None and noise.is_different
    setting = Setting(
        baseline=baseline,
        confidence=confidence,
        tests=len(corrected),
        noise_differs=differs,
        looked=sum(one.looked.tests for group in measured for one in group),
        exam=exam,
    )
    decisions = tuple(
        _decide(item, group, corrected, models, setting, seed) for item, group in zip(evidence, measured, strict=True)
    )
    verdict = _overall(decisions)
    monthly = _monthly(measured, decisions, confidence, seed)
    lacking = left_out(monthly, decisions)
    partial = planned_missing > 0 or status is not Status.SUCCEEDED
    warnings = [*([describe(noise)] if differs else []), *warnings, *(w for judge in judges for w in judge.warnings)]
    if lacking:
        warnings.append(f"The monthly figures leave out what is not known of {listing(lacking)}.")
    return Recommendation(
        study=study,
        run=run,
        created_at=created_at,
        baseline=baseline,
        baseline_lane=baseline_lane,
        confidence=confidence,
        seed=seed,
        sample_size=sample_size,
        use_cases=decisions,
        monthly=monthly,
        verdict=verdict,
        sentence=headline(
            decisions,
            monthly,
            lacking,
            partial=partial,
            missing=planned_missing,
            is_sample=is_sample_study,
            reviews=exam.reviews if exam else 0,
        ),
        status=status,
        partial=partial,
        is_sample_study=is_sample_study,
        noise_floor=describe(noise),
        warnings=tuple(dict.fromkeys(warnings)),
        excluded=dict(excluded or {}),
        judges=tuple(judges),
        exam=exam,
        versions=tuple(versions),
        frozen=frozen,
        run_number=run_number,
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
        samples=evidence.samples,
        monthly_calls=evidence.monthly_calls,
        monthly_baseline_usd=evidence.monthly_baseline_usd,
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
