"""The steps in which a use case moves: how much of the traffic, how long, and what begins, ends and takes back each."""

import math
from datetime import date

from advisor.analysis.statistics.sample_size import n_planned
from advisor.analysis.verdict.gates import LIMITS
from advisor.types import Assessment, Condition, Endpoint, Evidence, GateName, Message, Phase, UseCaseDecision
from advisor.types.assessments import MIN_REVIEWS

STEPS = (0.05, 0.25, 1.0)
"""Shares of the traffic: that the new model serves in turn, and of which one is called twice in the shadow."""
MOST_DAYS = 30
"""A step that needs more at today's volume is left out, or takes a larger share."""
DIFFERING = 0.2
"""The share of the calls that two models answer differently, where their quality is scored."""
CHECKED_CALLS = 300
"""Scored calls that show a rate of failures of 2 % to within about 2 points."""
_TIMES = {GateName.TTFT: Condition.TTFT, GateName.LATENCY: Condition.LATENCY}


def phases_for(
    decision: UseCaseDecision, chosen: Assessment, baseline: str, ends_on: date | None = None
) -> tuple[Phase, ...]:
    """The shadow, then 5 %, 25 % and all of the traffic of one use case, without steps that its volume can't fill.

    ``ends_on``: when the baseline is switched off.
    """
    calls = decision.monthly_calls
    checked = _checked(chosen)
    mirrored = next((share for share in STEPS if (_days(checked, calls, share) or 0) <= MOST_DAYS), STEPS[-1])
    shares = [share for share in STEPS[:-1] if (_days(checked, calls, share) or 0) <= MOST_DAYS]
    entry = _entry(chosen, baseline, mirrored, _days(checked, calls, mirrored))
    phases: list[Phase] = []
    for share in (0.0, *shares, STEPS[-1]):
        phases.append(
            Phase(
                traffic_share=share,
                mirrored=mirrored,
                least_days=14 if share == 1.0 else 7,
                days=_days(checked, calls, share or mirrored),
                calls=checked,
                entry=(Message.of(Condition.LAST_STEP, share=phases[-1].traffic_share),) if phases else entry,
                exit=_exit(chosen, share, baseline, ends_on),
                rollback=_rollback(chosen, share, baseline),
            )
        )
    return tuple(phases)


def _entry(chosen: Assessment, baseline: str, mirrored: float, days: int | None) -> tuple[Message, ...]:
    entry = [
        Message.of(Condition.SWITCHABLE, model=chosen.model, baseline=baseline),
        Message.of(Condition.MIRRORED, model=chosen.model, share=mirrored),
    ]
    if days and days > MOST_DAYS:
        entry.append(Message.of(Condition.TOO_FEW_CALLS, calls=_checked(chosen), days=days, pairs=MIN_REVIEWS))
    if chosen.illustrative:
        entry.append(Message.of(Condition.REAL_MODEL))
    if chosen.quality.evidence is Evidence.JUDGE and (chosen.ruling.provisional or chosen.illustrative):
        made = 0 if chosen.illustrative else chosen.trust.judge_reviews
        entry.append(Message.of(Condition.JUDGE_REVIEWED, pairs=max(MIN_REVIEWS - made, 0)))
    return (*entry, Message.of(Condition.APPROVED))


def _checked(chosen: Assessment) -> int:
    """Calls that a step has to check: enough for its quality and for its rate of failures."""
    return max(CHECKED_CALLS, compared(chosen))


def compared(chosen: Assessment) -> int:
    """Calls or pairs after which the quality of a step is clear."""
    margin = chosen.difference.margin
    return n_planned(0.81, 2 * margin) if chosen.quality.endpoint is Endpoint.PAIRWISE else n_planned(DIFFERING, margin)


def _days(checked: int, monthly_calls: float | None, share: float) -> int | None:
    """Until enough calls are checked."""
    if not monthly_calls:
        return None
    return math.ceil(checked / (monthly_calls * share / 30.4))


def _exit(chosen: Assessment, share: float, baseline: str, ends_on: date | None) -> tuple[Message, ...]:
    drop = {"baseline": baseline, "margin": chosen.difference.margin}
    conditions = [
        Message.of(Condition.QUALITY, **drop, calls=compared(chosen))
        if chosen.quality.endpoint is not Endpoint.PAIRWISE
        else Message.of(Condition.WIN_RATE, **drop, pairs=compared(chosen)),
        Message.of(Condition.FAULTS, baseline=baseline, limit=LIMITS[GateName.VALIDITY]),
        Message.of(Condition.ERRORS, limit=LIMITS[GateName.ERRORS]),
    ]
    conditions += [
        Message.of(_TIMES[gate.name], limit=gate.limit)
        for gate in chosen.gates
        if gate.name in _TIMES and gate.limit is not None
    ]
    if chosen.costs.usd_per_1k is not None:
        conditions.append(Message.of(Condition.COST, usd=chosen.costs.usd_per_1k * 1.2))
    if share == 1.0:
        until = ends_on.isoformat() if ends_on else None
        conditions.append(Message.of(Condition.FALLBACK, baseline=baseline, until=until))
    return tuple(conditions)


def _rollback(chosen: Assessment, share: float, baseline: str) -> Message:
    if share == 0.0:
        return Message.of(Condition.SHADOW_ROLLBACK, baseline=baseline)
    return Message.of(
        Condition.ROLLBACK,
        baseline=baseline,
        errors=2.5 * LIMITS[GateName.ERRORS],
        faults=2.5 * LIMITS[GateName.TRUNCATION],
        margin=chosen.difference.margin,
    )
