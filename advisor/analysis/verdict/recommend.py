"""The decision on a study: verdicts by use case and candidate, what moves, and the bill."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from advisor.analysis.latency import times_of
from advisor.analysis.money.cost import is_worth, left_out, range_of
from advisor.analysis.quality.columns import Columns, columns_of, known
from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.quality.once import once
from advisor.analysis.quality.outcomes import MIN_SCORED
from advisor.analysis.statistics.intervals import holm
from advisor.analysis.statistics.noise import NoiseFloor, finding, noise_of
from advisor.analysis.statistics.ranking import strengths
from advisor.analysis.verdict.candidate import assess
from advisor.analysis.verdict.candidate_cost import monthly_draws
from advisor.analysis.verdict.measured import Measured, Setting, measure
from advisor.analysis.verdict.rule import costs_more
from advisor.types import (
    Assessment,
    BaselineFacts,
    Bill,
    Endpoint,
    Exam,
    JudgeFacts,
    Judging,
    Message,
    Model,
    Monthly,
    Recommendation,
    Remarks,
    Run,
    Status,
    Study,
    Times,
    UseCaseDecision,
    Verdict,
    WarningCode,
)
from advisor.types.decisions import DecidedRun


def choose(candidates: Sequence[Assessment]) -> Assessment | None:
    """The cheapest that passes and does not cost more; generated answers before written, priced before unpriced."""
    passing = [a for a in candidates if a.ruling.verdict is Verdict.SWITCH and not costs_more(a.costs)]

    def rank(a: Assessment) -> tuple[bool, bool, float, float]:
        unpriced = a.costs.usd_per_1k is None
        return a.illustrative, unpriced, a.costs.usd_per_1k or 0.0, -(a.difference.delta or 0.0)

    return min(passing, key=rank, default=None)


def report_on(candidates: Sequence[Assessment]) -> Assessment | None:
    """The best candidate where none moves; None where none has enough scored samples.

    A candidate that no limit would let move, since a gate fails beyond doubt or it costs more, comes last. The order
    does not depend on the accepted drop, so a wider one never reports on a weaker candidate.
    """
    measured = [a for a in candidates if a.quality.n >= MIN_SCORED and a.difference.delta is not None]

    def rank(a: Assessment) -> tuple[bool, float, bool]:
        is_out = costs_more(a.costs) or any(gate.beyond_doubt for gate in a.gates)
        return is_out, -(a.difference.delta or 0.0), a.illustrative

    return min(measured, key=rank, default=None)


def decided_by(reported: Assessment | None, candidates: Sequence[Assessment]) -> Verdict:
    """The verdict on a use case: that of the candidate it is reported by; none moves to one that costs more."""
    if reported is not None:
        return Verdict.KEEP if costs_more(reported.costs) else reported.ruling.verdict
    is_kept = bool(candidates) and all(a.ruling.verdict is Verdict.KEEP or costs_more(a.costs) for a in candidates)
    return Verdict.KEEP if is_kept else Verdict.NEED_MORE_DATA


@dataclass(frozen=True, kw_only=True)
class DecisionInput:
    """All that a decision on a run rests on."""

    study: Study
    run: Run
    created_at: datetime
    """Aware."""
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
    columns: Mapping[tuple[str, str], Columns] | None = None
    """(Use case, candidate) -> its pairs, where they are in columns already."""


def columns_by_candidate(evidence: Sequence[UseCaseEvidence]) -> dict[tuple[str, str], Columns]:
    """(Use case, candidate) -> its pairs."""
    return {(item.name, name): columns_of(one.pairs) for item in evidence for name, one in item.candidates.items()}


def recommend(given: DecisionInput) -> Recommendation:
    """Decide every use case."""
    run, exam, confidence = given.run, given.exam, given.study.confidence
    differs = given.noise is not None and given.noise.is_different
    setting = Setting(
        baseline=run.baseline,
        confidence=confidence,
        margin=given.study.margin,
        planned=sum(len(item.candidates) for item in given.evidence),
        noise_differs=differs,
        exam=exam,
    )
    columns = columns_by_candidate(given.evidence) if given.columns is None else given.columns
    measured = [
        [measure(item, name, columns[item.name, name], setting) for name in item.candidates] for item in given.evidence
    ]
    corrected = _correct([one for group in measured for one in group])
    looked = sum(one.looked.tests for group in measured for one in group)
    setting = replace(setting, tests=len(corrected), looked=looked)
    decisions = tuple(
        _decide(item, group, corrected, given.models, setting, run.options.seed)
        for item, group in zip(given.evidence, measured, strict=True)
    )
    monthly = _monthly(measured, decisions, confidence, run.options.seed)
    lacking = left_out(monthly, decisions)
    noise = finding(given.noise)
    of_judges = (warning for judge in given.judges for warning in judge.warnings)
    warnings = [*([noise] if differs else []), *given.warnings, *of_judges]
    if lacking:
        warnings.append(Message.of(WarningCode.LACKS_BILL, use_cases=lacking))
    needs = [decision.review_need for decision in decisions]
    return Recommendation(
        study=given.study.name,
        is_sample_study=given.study.is_sample,
        run=DecidedRun(
            id=run.id,
            number=run.number,
            status=run.state.status,
            baseline=run.baseline,
            baseline_lane=run.baseline_lane,
            seed=run.options.seed,
            sample_size=run.options.sample_size,
            partial=given.missing > 0 or run.state.status is not Status.SUCCEEDED,
            missing=given.missing,
            frozen=run.plan.frozen is not None,
        ),
        created_at=given.created_at,
        confidence=confidence,
        use_cases=decisions,
        verdict=_overall(decisions),
        bill=Bill(monthly=monthly, left_out=tuple(lacking), worth=is_worth(monthly, decisions)),
        judging=Judging(
            judges=tuple(given.judges),
            exam=exam,
            reviews_wanted=max((need.left for need in needs if need and need.checks), default=0),
        ),
        remarks=Remarks(
            noise_floor=noise,
            warnings=tuple(warning for at, warning in enumerate(warnings) if warning not in warnings[:at]),
        ),
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
        baseline_facts=BaselineFacts(
            model=evidence.baseline_model or setting.baseline,
            times=_baseline_times(*(one.columns for one in measured)) if measured else Times(),
            noise=None if evidence.noise is None else noise_of(evidence.noise, evidence.endpoint, setting.confidence),
        ),
    )


def _strengths(measured: Sequence[Measured]) -> dict[str, float]:
    """Of the candidates that were compared pair by pair, where there are two or more to rank."""
    judged = [one for one in measured if one.evidence.endpoint is Endpoint.PAIRWISE and one.quality.n > 0]
    if len(judged) < 2:
        return {}
    return strengths({one.model: one.scored.candidate for one in judged})


@once
def _baseline_times(first: Columns, *others: Columns) -> Times:
    """How long the baseline took, each sample once, however many candidates answered it."""
    columns = (first, *others)
    ids = np.concatenate([each.sample_id for each in columns])
    last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
    latency = np.concatenate([each.baseline.call.latency_s for each in columns])[last]
    ttft = np.concatenate([each.baseline.call.ttft_s for each in columns])[last]
    return times_of(known(latency), known(ttft))


def _seed(seed: int, use_case: str) -> int:
    """Resamples of different use cases are independent, and the same in every process."""
    return zlib.crc32(use_case.encode()) ^ (seed & 0xFFFFFFFF)


def _overall(decisions: Sequence[UseCaseDecision]) -> Verdict:
    verdicts = {decision.verdict for decision in decisions}
    most = (Verdict.SWITCH, Verdict.NEED_MORE_DATA, Verdict.KEEP)
    return next((verdict for verdict in most if verdict in verdicts), Verdict.NEED_MORE_DATA)


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
