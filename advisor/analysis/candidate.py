"""One candidate in one use case: everything measured, before and after the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from advisor.analysis.cost import range_of, savings_draws
from advisor.analysis.evidence import DEFAULT_MARGINS, Pair, UseCaseEvidence
from advisor.analysis.gates import Checked, check_gates
from advisor.analysis.latency import known, quantiles
from advisor.analysis.quality import Quality, assess_quality
from advisor.analysis.verdict import MIN_REVIEWS, rule
from advisor.types import Assessment, Endpoint, FailureKind, Kind, Model, Money


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A candidate's evidence in numbers; the verdict waits for the correction over all tests."""

    evidence: UseCaseEvidence
    model: str
    basis: str
    """``target``, ``agreement``, ``judge``, ``reviews`` or ``none``."""
    quality: Quality
    gates: tuple[Checked, ...]

    @property
    def p(self) -> float | None:
        """The p-value that takes part in the correction; None where no test can be made."""
        return None if self.quality.too_few is not None else self.quality.p


def measure(evidence: UseCaseEvidence, model: str, *, margin: float | None, confidence: float) -> Measured:
    """Score one candidate. The use case's own margin goes before the study's, that before the default."""
    basis = evidence.evidence.get(model, "none")
    limit = next(m for m in (evidence.margin, margin, DEFAULT_MARGINS[evidence.endpoint]) if m is not None)
    pairs = evidence.pairs.get(model, [])
    quality = assess_quality(pairs, evidence.endpoint, limit, confidence)
    if basis == "none":
        quality = Quality(n=0, margin=limit, excluded=quality.excluded)
    gates = check_gates(evidence, model, confidence)
    return Measured(evidence=evidence, model=model, basis=basis, quality=quality, gates=gates)


def assess(
    measured: Measured, model: Model | None, *, p_holm: float | None, confidence: float, seed: int
) -> Assessment:
    """The verdict with all that a reader needs beside it."""
    evidence, quality, name = measured.evidence, measured.quality, measured.model
    pairs = [pair for pair in evidence.pairs.get(name, ()) if not pair.missing]
    ruling = rule(
        quality,
        measured.gates,
        p_holm=p_holm,
        confidence=confidence,
        evidence=measured.basis,
        kappa=evidence.kappa.get(name),
        reviews=evidence.reviews.get(name, 0),
    )
    baseline_cost, cost = costs(pairs)
    latency = quantiles(known(pair.candidate_latency_s for pair in pairs))
    ttft = quantiles(known(pair.candidate_ttft_s for pair in pairs))
    failed = sum(pair.candidate_failure is not None for pair in pairs)
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
        margin=quality.margin,
        p_value=quality.p,
        p_holm=p_holm,
        verdict=ruling.verdict,
        reason=ruling.reason,
        n_needed=ruling.n_needed,
        wins=quality.wins,
        ties=quality.ties,
        losses=quality.losses,
        gates=tuple(checked.gate for checked in measured.gates),
        cost_usd_per_1k=_per_1k(cost),
        baseline_cost_usd_per_1k=_per_1k(baseline_cost),
        cost_usd_per_1k_successes=_per_1k_successes(pairs, evidence.endpoint),
        ttft_p50_s=ttft.p50,
        ttft_p95_s=ttft.p95,
        latency_p50_s=latency.p50,
        latency_p95_s=latency.p95,
        error_rate=failed / len(pairs) if pairs else None,
        savings_usd=_savings(evidence, name, confidence, seed),
        notes=_notes(measured, model, pairs, has_latency=latency.n > 0, p95_supported=latency.p95_supported),
    )


def costs(pairs: Sequence[Pair]) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """Dollars a call of baseline and candidate: on the same samples where any has both, else each on its own."""
    both = [
        (pair.baseline_cost_usd, pair.candidate_cost_usd)
        for pair in pairs
        if pair.baseline_cost_usd is not None and pair.candidate_cost_usd is not None
    ]
    if both:
        baseline, candidate = np.array(both, dtype=float).T
        return baseline, candidate
    return known(pair.baseline_cost_usd for pair in pairs), known(pair.candidate_cost_usd for pair in pairs)


def monthly_draws(evidence: UseCaseEvidence, model: str, seed: int) -> tuple["np.ndarray[Any, Any]", float] | None:
    """Resampled dollars a month saved by a move, and the estimate; None without times or prices.

    The baseline's costs are scaled so that they add up to the use case's bill in the log: a replayed baseline may have
    another price than the log's calls had, and the plan must start from what is paid today.
    """
    baseline, candidate = costs([pair for pair in evidence.pairs.get(model, ()) if not pair.missing])
    if evidence.monthly_calls is None or len(baseline) == 0 or len(baseline) != len(candidate):
        return None
    paid = float(baseline.mean()) * evidence.monthly_calls
    if evidence.monthly_baseline_usd is not None and paid > 0:
        baseline = baseline * (evidence.monthly_baseline_usd / paid)
    point = float((baseline - candidate).mean()) * evidence.monthly_calls
    return savings_draws(baseline, candidate, evidence.monthly_calls, seed), point


def _savings(evidence: UseCaseEvidence, model: str, confidence: float, seed: int) -> Money | None:
    drawn = monthly_draws(evidence, model, seed)
    return None if drawn is None else range_of(*drawn, confidence)


def _per_1k(dollars: "np.ndarray[Any, Any]") -> float | None:
    return float(dollars.mean()) * 1000 if len(dollars) else None


def _per_1k_successes(pairs: Sequence[Pair], endpoint: Endpoint) -> float | None:
    """Dollars per 1,000 answers that are right (pairwise: at least a tie)."""
    enough = 0.5 if endpoint is Endpoint.PAIRWISE else 1.0
    scored = [
        (pair.candidate_cost_usd, pair.candidate_y >= enough)
        for pair in pairs
        if pair.candidate_cost_usd is not None and pair.candidate_y is not None
    ]
    successes = sum(success for _, success in scored)
    return sum(cost for cost, _ in scored) / successes * 1000 if successes else None


def _notes(
    measured: Measured, model: Model | None, pairs: Sequence[Pair], *, has_latency: bool, p95_supported: bool
) -> tuple[str, ...]:
    evidence, name = measured.evidence, measured.model
    sessions = [pair.session for pair in pairs if pair.session is not None]
    shares_sessions = len(set(sessions)) < len(sessions)
    reviews = evidence.reviews.get(name, 0)
    facts = (
        (model is not None and model.illustrative, "Its answers are written for the sample study, not generated."),
        (
            measured.basis == "judge" and reviews < MIN_REVIEWS,
            f"The judge is not yet checked by people ({reviews} of {MIN_REVIEWS} reviews).",
        ),
        (
            shares_sessions or evidence.kind is Kind.CHAT,
            "Later turns were asked with the recorded conversation before them, so nothing is known about whole "
            "conversations.",
        ),
        (
            measured.quality.clusters is not None,
            f"The answers come from {measured.quality.clusters} conversations; the range allows for that.",
        ),
        (has_latency and not p95_supported, "Fewer than 59 timed answers: the p95 is not sure."),
        (not has_latency and bool(pairs), "Its response times were not measured."),
        (
            bool(pairs) and all(pair.candidate_cost_usd is None for pair in pairs),
            "It has no price, so what it costs is not known.",
        ),
        (
            any(pair.candidate_failure is FailureKind.CONTEXT_OVERFLOW for pair in pairs),
            "Some prompts do not fit its context window.",
        ),
        (
            any(pair.candidate_failure is FailureKind.UNSUPPORTED for pair in pairs),
            "Some prompts hold images or need tools, which it does not take.",
        ),
        (
            model is not None and model.probe is not None and bool(model.probe.cannot),
            f"It cannot {' or '.join(model.probe.cannot)}." if model and model.probe else "",
        ),
    )
    return tuple(words for holds, words in facts if holds)
