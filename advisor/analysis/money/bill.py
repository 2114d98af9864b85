"""What follows from the figures of a decision for the bill: calls and dollars of one call, of a month, of all."""

from collections.abc import Iterable

from advisor.types import Assessment, Monthly, Recommendation, UseCaseDecision

WORTH_USD = 50.0
"""Dollars a month: a saving below this is not worth a migration."""


def calls_a_month(recommendation: Recommendation) -> float | None:
    """The calls of all use cases; None where the log has no times."""
    known = [d.monthly_calls for d in recommendation.use_cases if d.monthly_calls is not None]
    return sum(known) if known else None


def left_out(monthly: Monthly | None, decisions: Iterable[UseCaseDecision]) -> list[str]:
    """The use cases of which the figures of the month lack the bill or the saving; none where there are no figures."""
    if monthly is None:
        return []
    return [d.name for d in decisions if d.monthly_baseline_usd is None or (d.chosen and not _saves(d))]


def is_worth(monthly: Monthly | None, decisions: Iterable[UseCaseDecision]) -> bool | None:
    """Whether a month can save ``WORTH_USD``: what moves its saving, the rest at most its bill; None: not known."""
    decisions = list(decisions)
    if monthly is None or left_out(monthly, decisions):
        return None
    rest = sum(decision.monthly_baseline_usd or 0.0 for decision in decisions if decision.chosen is None)
    return max(monthly.savings_usd.high, 0.0) + rest >= WORTH_USD


def _saves(decision: UseCaseDecision) -> bool:
    """Whether it is known what its chosen candidate saves."""
    return decision.target is not None and decision.target.costs.savings_usd is not None


def usd_today(decision: UseCaseDecision) -> float | None:
    """What one call of a use case costs today, in dollars; None: not known."""
    usd = decision.monthly_baseline_usd
    return usd / decision.monthly_calls if usd is not None and decision.monthly_calls else None


def usd_a_call(a: Assessment) -> float | None:
    """What one call of a candidate costs, in dollars; None: not known."""
    return None if a.costs.usd_per_1k is None else a.costs.usd_per_1k / 1000


def usd_a_month(decision: UseCaseDecision, a: Assessment) -> float | None:
    """What a candidate would take a month for all calls of the use case: today's bill less the saving; None: not known.

    Without a bill of the log its calls are taken to cost what those of the sample do.
    """
    if decision.monthly_baseline_usd is not None and a.costs.savings_usd is not None:
        return max(decision.monthly_baseline_usd - a.costs.savings_usd.point, 0.0)
    usd = usd_a_call(a)
    return None if usd is None or decision.monthly_calls is None else usd * decision.monthly_calls
