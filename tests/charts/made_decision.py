"""Decisions with chosen numbers, for the charts."""

from advisor.types import (
    Assessment,
    BaselineFacts,
    Endpoint,
    Kind,
    Money,
    Monthly,
    Recommendation,
    Times,
    UseCaseDecision,
    Verdict,
)
from tests.made_input import made_assessment, made_recommendation

BASELINE = "closed"


def assessment(
    model: str,
    *,
    verdict: Verdict = Verdict.NEED_MORE_DATA,
    delta: float | None = 0.0,
    low: float | None = -0.03,
    high: float | None = 0.03,
    margin: float = 0.05,
    cost: float | None = 1.5,
) -> Assessment:
    """One candidate; the baseline scores 0.9 at $4 per 1,000 calls."""
    return made_assessment(
        model=model,
        n=200 if delta is not None else 0,
        answered=200,
        score=0.9 + delta if delta is not None else None,
        baseline_score=0.9 if delta is not None else None,
        delta=delta,
        ci_low=low,
        ci_high=high,
        margin=margin,
        verdict=verdict,
        usd_per_1k=cost,
        baseline_usd_per_1k=4.0,
        latency_p50_s=0.6,
        latency_p95_s=1.9,
        savings_usd=Money(low=50, point=60, high=70),
    )


def decision(
    *,
    name: str = "Classify",
    candidates: tuple[Assessment, ...],
    verdict: Verdict = Verdict.NEED_MORE_DATA,
    chosen: str | None = None,
) -> UseCaseDecision:
    """One use case of $100 a month."""
    return UseCaseDecision(
        name=name,
        kind=Kind.CLASSIFICATION,
        endpoint=Endpoint.TARGET,
        samples=1000,
        monthly_calls=25_000,
        monthly_baseline_usd=100.0,
        baseline=BASELINE,
        candidates=candidates,
        verdict=verdict,
        chosen=chosen,
        baseline_facts=BaselineFacts(model=BASELINE, times=Times(answered=200, latency_p50_s=1.1, latency_p95_s=3.3)),
    )


def recommendation(
    *, use_cases: tuple[UseCaseDecision, ...] | None = None, cases: int = 1, candidates: int = 1
) -> Recommendation:
    """A study that moves every use case to its first candidate, unless the use cases are given."""
    if use_cases is None:
        use_cases = tuple(
            decision(
                name=f"use case {i}",
                candidates=tuple(assessment(f"model {j}", verdict=Verdict.SWITCH) for j in range(candidates)),
                verdict=Verdict.SWITCH,
                chosen="model 0",
            )
            for i in range(cases)
        )
    n = len(use_cases)
    savings = Money(low=50 * n, point=60 * n, high=70 * n)
    return made_recommendation(
        use_cases,
        baseline=BASELINE,
        monthly=Monthly(baseline_usd=100.0 * n, plan_usd=40.0 * n, savings_usd=savings),
        verdict=Verdict.SWITCH,
    )
