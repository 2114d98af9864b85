"""The steps of a roll-out, with the numbers that open the next one or take it back."""

import math
from datetime import date

from advisor.analysis.gates import LIMITS
from advisor.analysis.judging import MIN_REVIEWS
from advisor.analysis.samplesize import n_planned
from advisor.analysis.wording import day, dollars, number, percent, points
from advisor.types import Assessment, Endpoint, GateName, Phase, UseCaseDecision

STEPS = (("Shadow", 0.0), ("5 %", 0.05), ("25 %", 0.25), ("100 %", 1.0))
SHADOW_SHARE = 0.05
"""The share of live calls that are asked a second time in the shadow."""
CHECKED_CALLS = 300
"""Scored calls that show a rate of failures of 2 % to within about 2 points."""


def phases_for(
    decision: UseCaseDecision, chosen: Assessment, baseline: str, ends_on: date | None = None
) -> tuple[Phase, ...]:
    """Shadow, 5 %, 25 % and 100 % of the traffic of one use case. ``ends_on``: when the baseline is switched off."""
    phases = []
    previous = None
    for name, share in STEPS:
        entry = (
            _entry(chosen, baseline) if previous is None else (f'All exit conditions of the step "{previous}" hold.',)
        )
        phases.append(
            Phase(
                name=name,
                traffic_share=share,
                duration=_duration(decision.monthly_calls, share),
                entry=entry,
                exit=_exit(chosen, share, baseline, ends_on),
                rollback=_rollback(chosen, share, baseline),
            )
        )
        previous = name
    return tuple(phases)


def _entry(chosen: Assessment, baseline: str) -> tuple[str, ...]:
    entry = [f"{chosen.model} and {baseline} can be switched by one setting, without a release."]
    if chosen.illustrative:
        entry.append("A real model has been replayed and passes: these answers are illustrative.")
    if chosen.evidence == "judge":
        entry.append(f"At least {MIN_REVIEWS} pairs are reviewed by people and agree with the judge.")
    entry.append("Licence and data location are approved.")
    return tuple(entry)


def _duration(monthly_calls: float | None, share: float) -> str:
    """Long enough for a weekly rhythm and for enough checked calls."""
    least = 14 if share == 1.0 else 7
    if not monthly_calls:
        return f"at least {least} days and {CHECKED_CALLS} calls"
    daily = monthly_calls * (share or SHADOW_SHARE) / 30.4
    days = max(least, math.ceil(CHECKED_CALLS / daily))
    return f"{days} days" if days <= 60 else f"until {CHECKED_CALLS} calls are in; about {days} days at this volume"


def _exit(chosen: Assessment, share: float, baseline: str, ends_on: date | None) -> tuple[str, ...]:
    conditions = [
        f"Quality on at least {CHECKED_CALLS} checked calls is less than {points(chosen.margin)} below {baseline} "
        f"(a sure answer takes about {n_planned(0.2, chosen.margin)})."
        if chosen.endpoint is not Endpoint.PAIRWISE
        else f"Quality on at least {n_planned(0.81, 2 * chosen.margin)} compared pairs is less than "
        f"{points(chosen.margin)} below {baseline}; a tie counts one half, so of 100 comparisons it loses fewer than "
        f"{number(2 * chosen.margin)} more than it wins.",
        f"Invalid and cut-off answers are each at most {points(LIMITS[GateName.VALIDITY])} above {baseline}.",
        f"At most {percent(LIMITS[GateName.ERRORS])} of calls fail.",
    ]
    conditions += [
        f"The {gate.name} stays under {gate.limit:.1f} s."
        for gate in chosen.gates
        if gate.name in (GateName.TTFT, GateName.LATENCY) and gate.limit is not None
    ]
    if chosen.cost_usd_per_1k is not None:
        conditions.append(f"1,000 calls cost no more than {dollars(chosen.cost_usd_per_1k * 1.2)} (measured + 20 %).")
    if share == 1.0:
        until = f", at most until it is switched off on {day(ends_on)}" if ends_on else ""
        conditions.append(f"After that, {baseline} stays as a fallback for one more month{until}.")
    return tuple(conditions)


def _rollback(chosen: Assessment, share: float, baseline: str) -> str:
    if share == 0.0:
        return f"Nothing to take back: users still get {baseline}. Stop if an exit condition is surely missed."
    return (
        f"Back to {baseline} if in any hour more than {percent(2.5 * LIMITS[GateName.ERRORS])} of calls fail, if "
        f"invalid or cut-off answers rise more than {points(2.5 * LIMITS[GateName.TRUNCATION])} above {baseline}, "
        f"or if quality is surely {points(chosen.margin)} or more below it."
    )
