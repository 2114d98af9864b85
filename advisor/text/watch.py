"""What changed since a study was measured: a decision at today's prices, and new open models."""

from advisor.text.numbers import to_the_cent
from advisor.types import UseCaseDecision, Verdict

_OUTCOMES = {
    Verdict.SWITCH: "moves to {}",
    Verdict.ROUTE: "is routed to {}",
    Verdict.KEEP: "stays",
    Verdict.NEED_MORE_DATA: "needs more data",
}


def outcome(decision: UseCaseDecision) -> str:
    """What a use case does, as a predicate: "moves to gpt-oss-20b"."""
    return _OUTCOMES[decision.verdict].format(decision.chosen or "an open model")


def new_costs(before: UseCaseDecision, now: UseCaseDecision) -> str:
    """What the models that a changed decision turns on cost at today's prices."""
    concerned = [a for a in now.candidates if a.model in (before.chosen, now.chosen)] or list(now.candidates[:1])
    costs = [f"{a.model} {_per_1k(a.costs.usd_per_1k)}" for a in concerned]
    baseline = next((a.costs.baseline_usd_per_1k for a in concerned), None)
    return f"Today's prices per 1,000 calls: {', '.join(costs)}, baseline {_per_1k(baseline)}."


def licence_change(before: str, after: str) -> str:
    """Why a new model must not be tested yet, as a clause."""
    return f"its license changed from {before} to {after}"


def found_in(snapshot: str | None) -> str:
    """Where a new model was found."""
    return f"models.dev {snapshot}" if snapshot else "the catalog"


def _per_1k(cost_usd: float | None) -> str:
    return "unknown" if cost_usd is None else to_the_cent(cost_usd)
