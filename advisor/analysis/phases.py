"""The steps of a roll-out, with the numbers that open the next one or take it back."""

import math
from datetime import date

from advisor.analysis.gates import LIMITS
from advisor.analysis.judging import MIN_REVIEWS
from advisor.analysis.samplesize import n_planned
from advisor.types import Assessment, Condition, Endpoint, Evidence, GateName, Message, Phase, UseCaseDecision

SHARES = (0.0, 0.05, 0.25, 1.0)
SHADOW_SHARE = 0.05
"""The share of live calls that are made a second time in the shadow."""
CHECKED_CALLS = 300
"""Scored calls that show a rate of failures of 2 % to within about 2 points."""
_TIMES = {GateName.TTFT: Condition.TTFT, GateName.LATENCY: Condition.LATENCY}


def phases_for(
    decision: UseCaseDecision, chosen: Assessment, baseline: str, ends_on: date | None = None
) -> tuple[Phase, ...]:
    """Shadow, 5 %, 25 % and 100 % of the traffic of one use case. ``ends_on``: when the baseline is switched off."""
    entries = [_entry(chosen, baseline), *((Message.of(Condition.LAST_STEP, share=share),) for share in SHARES)]
    return tuple(
        Phase(
            traffic_share=share,
            least_days=14 if share == 1.0 else 7,
            days=_days(decision.monthly_calls, share),
            calls=CHECKED_CALLS,
            entry=entry,
            exit=_exit(chosen, share, baseline, ends_on),
            rollback=_rollback(chosen, share, baseline),
        )
        for share, entry in zip(SHARES, entries, strict=False)
    )


def _entry(chosen: Assessment, baseline: str) -> tuple[Message, ...]:
    entry = [Message.of(Condition.SWITCHABLE, model=chosen.model, baseline=baseline)]
    if chosen.illustrative:
        entry.append(Message.of(Condition.REAL_MODEL))
    if chosen.evidence is Evidence.JUDGE:
        entry.append(Message.of(Condition.JUDGE_REVIEWED, pairs=MIN_REVIEWS))
    return (*entry, Message.of(Condition.APPROVED))


def _days(monthly_calls: float | None, share: float) -> int | None:
    """Until enough calls are checked."""
    if not monthly_calls:
        return None
    return math.ceil(CHECKED_CALLS / (monthly_calls * (share or SHADOW_SHARE) / 30.4))


def _exit(chosen: Assessment, share: float, baseline: str, ends_on: date | None) -> tuple[Message, ...]:
    compared = {"baseline": baseline, "margin": chosen.margin}
    conditions = [
        Message.of(Condition.QUALITY, **compared, calls=CHECKED_CALLS, sure=n_planned(0.2, chosen.margin))
        if chosen.endpoint is not Endpoint.PAIRWISE
        else Message.of(Condition.WIN_RATE, **compared, pairs=n_planned(0.81, 2 * chosen.margin)),
        Message.of(Condition.FAULTS, baseline=baseline, limit=LIMITS[GateName.VALIDITY]),
        Message.of(Condition.ERRORS, limit=LIMITS[GateName.ERRORS]),
    ]
    conditions += [
        Message.of(_TIMES[gate.name], limit=gate.limit)
        for gate in chosen.gates
        if gate.name in _TIMES and gate.limit is not None
    ]
    if chosen.cost_usd_per_1k is not None:
        conditions.append(Message.of(Condition.COST, usd=chosen.cost_usd_per_1k * 1.2))
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
        margin=chosen.margin,
    )
