"""What a run is planned with stays, whatever is changed while it is asked and after (METHOD 1.1).

A run asks, judges and stops early by what it was planned with. A decision goes by what is set now, so that a product
manager can see what another limit would mean; but it says what was changed after the answers could be seen.
"""

from collections.abc import Collection, Sequence

from advisor.analysis.evidence import DEFAULT_MARGINS
from advisor.analysis.wording import CHANGED, certainty, listing, points
from advisor.replay.loading import Decided
from advisor.report.wording import MEASURES
from advisor.study.endpoints import endpoint_of
from advisor.types import Frozen, FrozenUseCase, Lane, Study, UseCase


def freeze(study: Study, use_cases: Sequence[UseCase], drawn: Collection[str], choice: Decided) -> Frozen:
    """What a run of these use cases, by name, is planned with."""
    return Frozen(
        margin=study.margin,
        confidence=study.confidence,
        max_latency_p95_s=study.max_latency_p95_s,
        max_ttft_p95_s=study.max_ttft_p95_s,
        use_cases=tuple(
            FrozenUseCase(case.id, choice.endpoints[case.name], case.margin, choice.rubrics[case.name][0].version)
            for case in use_cases
            if case.name in drawn
        ),
    )


def changed_since(
    frozen: Frozen, study: Study, use_cases: Sequence[UseCase], lane: Lane, *, margin: float | None, confidence: float
) -> list[str]:
    """What a decision goes by that the run was not planned with, in words; ``margin`` and ``confidence`` decide it.

    ``use_cases`` are those that the run's samples belong to now.
    """
    said = []
    if confidence != frozen.confidence:
        said.append(f"how sure it must be (from {certainty(frozen.confidence)} to {certainty(confidence)})")
    times = (
        ("whole answer", frozen.max_latency_p95_s, study.max_latency_p95_s),
        ("first word", frozen.max_ttft_p95_s, study.max_ttft_p95_s),
    )
    said += [
        f"the longest wait for the {what} (from {_seconds(planned)} to {_seconds(now)})"
        for what, planned, now in times
        if planned != now
    ]
    then = {case.id: case for case in frozen.use_cases}
    for case in use_cases:
        if case.id in then:
            said += _changed_case(then[case.id], case, lane, frozen.margin, margin)
    if then.keys() != {case.id for case in use_cases}:
        said.append("which calls belong to which use case")
    return said


def warning_of(changes: Sequence[str]) -> str | None:
    """What to tell about them; None where nothing was changed."""
    if not changes:
        return None
    return (
        f"{CHANGED}: {listing(list(changes), most=6)}. What is set when the answers can be "
        "seen proves less than what was set before; a new replay with these settings takes over the answers that exist."
    )


def _changed_case(
    planned: FrozenUseCase, case: UseCase, lane: Lane, margin_then: float | None, margin_now: float | None
) -> list[str]:
    if case.ignored:
        return [f"that {case.name} is ignored"]
    endpoint = endpoint_of(case, lane)
    if endpoint is not planned.endpoint:
        return [f"what decides {case.name} (from {MEASURES[planned.endpoint]} to {MEASURES[endpoint]})"]
    default = DEFAULT_MARGINS[endpoint]
    then = next(m for m in (planned.margin, margin_then, default) if m is not None)
    now = next(m for m in (case.margin, margin_now, default) if m is not None)
    if now != then:
        return [f"how much worse is acceptable for {case.name} (from {points(then, now)} to {points(now, then)})"]
    return []


def _seconds(limit: float | None) -> str:
    return "no limit" if limit is None else f"{limit:g} s"
