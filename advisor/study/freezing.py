"""What a run is planned with stays, whatever is changed while it is asked and after (METHOD 1.1).

A run asks, judges and stops early by what it was planned with. A decision goes by what is set now, so that a product
manager can see what another limit would mean; but it says what was changed after the answers could be seen.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from advisor.analysis.evidence import DEFAULT_MARGINS
from advisor.analysis.wording import CHANGED
from advisor.replay.loading import Decided
from advisor.scoring.judge import suggested_rubric
from advisor.study.endpoints import endpoint_of
from advisor.study.marking import checks_words, match_words, scored_with
from advisor.text.names import KINDS, MEASURES
from advisor.text.numbers import certainty, listing, points
from advisor.types import Endpoint, Frozen, FrozenUseCase, Kind, Marking, Rubric, Run, Study, UseCase

_CHECKS = 4
"""Checks that are named one by one."""


def freeze(study: Study, use_cases: Sequence[UseCase], drawn: Collection[str], choice: Decided) -> Frozen:
    """What a run of these use cases, by name, is planned with."""
    return Frozen(
        margin=study.margin,
        confidence=study.confidence,
        max_latency_p95_s=study.max_latency_p95_s,
        max_ttft_p95_s=study.max_ttft_p95_s,
        use_cases=tuple(
            FrozenUseCase(
                case.id,
                choice.endpoints[case.name],
                case.margin,
                choice.rubrics[case.name][0].version,
                case.marking,
            )
            for case in use_cases
            if case.name in drawn
        ),
    )


def changed_since(
    run: Run,
    study: Study,
    use_cases: Sequence[UseCase],
    rubrics: Mapping[str, Sequence[Rubric]],
    *,
    margin: float | None,
    confidence: float,
) -> list[str]:
    """What a decision goes by that the run was not planned with, in words; ``margin`` and ``confidence`` decide it.

    ``use_cases`` are those that the run's samples belong to now, ``rubrics`` every version by name. Limits count as
    they are set; questions, checks and ways of comparing as the answers were last scored with. Empty where it was not
    kept what the run was planned with.
    """
    frozen = run.frozen
    if frozen is None:
        return []
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
            said += _changed_case(then[case.id], case, run, frozen.margin, margin)
            said += _changed_scoring(then[case.id], case, run, rubrics.get(case.name, ()))
    if then.keys() != {case.id for case in use_cases}:
        said.append("which calls belong to which use case")
    return said


def warning_of(changes: Sequence[str]) -> str | None:
    """What to tell about them; None where nothing was changed."""
    if not changes:
        return None
    return (
        f"{CHANGED}: {listing(list(changes), most=12)}. What is set when the answers can be "
        "seen proves less than what was set before; a new replay with these settings takes over the answers that exist."
    )


def _changed_case(
    planned: FrozenUseCase, case: UseCase, run: Run, margin_then: float | None, margin_now: float | None
) -> list[str]:
    if case.ignored:
        return [f"that {case.name} is ignored"]
    endpoint = endpoint_of(case, run.baseline_lane)
    if endpoint is not planned.endpoint:
        return [f"what decides {case.name} (from {MEASURES[planned.endpoint]} to {MEASURES[endpoint]})"]
    default = DEFAULT_MARGINS[endpoint]
    then = next(m for m in (planned.margin, margin_then, default) if m is not None)
    now = next(m for m in (case.margin, margin_now, default) if m is not None)
    if now != then:
        return [f"how much worse is acceptable for {case.name} (from {points(then, now)} to {points(now, then)})"]
    return []


def _changed_scoring(planned: FrozenUseCase, case: UseCase, run: Run, rubrics: Sequence[Rubric]) -> Iterator[str]:
    """Of what its answers were scored with."""
    scored = scored_with(run, case.id)
    if case.ignored or scored is None:
        return
    is_judged = endpoint_of(case, run.baseline_lane) is Endpoint.PAIRWISE
    if is_judged and scored.rubric is not None:
        kind = (planned.marking or scored.marking).kind
        then, now = (_questions(rubrics, version, kind) for version in (planned.rubric, scored.rubric))
        if then != now:
            versions = f"from {_version(planned.rubric)} to {_version(scored.rubric)}"
            yield f"what the judges are asked about {case.name} ({versions})"
    if planned.marking is not None:
        yield from _changed_marking(case.name, planned.marking, scored.marking, is_judged)


def _changed_marking(name: str, then: Marking, now: Marking, is_judged: bool) -> Iterator[str]:
    """Of the kind only what alters a mark: labels have to be allowed ones, and tool calls are compared as such."""
    telling = {Kind.CLASSIFICATION} if is_judged else {Kind.CLASSIFICATION, Kind.TOOL_USE}
    if then.kind is not now.kind and {then.kind, now.kind} & telling:
        yield f"the kind of {name} (from {KINDS[then.kind]} to {KINDS[now.kind]})"
    if not is_judged and then.match != now.match:
        ways = f"from “{match_words(then.match)}” to “{match_words(now.match)}”"
        yield f"how answers of {name} are compared with the right one ({ways})"
    moves = (
        ("added", [check for check in now.checks if check not in then.checks]),
        ("removed", [check for check in then.checks if check not in now.checks]),
    )
    if words := "; ".join(f"{what}: {checks_words(checks, _CHECKS)}" for what, checks in moves if checks):
        yield f"the checks of {name} ({words})"


def _questions(rubrics: Sequence[Rubric], version: int, kind: Kind) -> tuple[str, ...] | None:
    """Of a version; None where it is not there any more."""
    every = [*rubrics, suggested_rubric(kind)]
    return next((rubric.questions for rubric in every if rubric.version == version), None)


def _version(rubric: int) -> str:
    return f"version {rubric}" if rubric else "the suggested questions"


def _seconds(limit: float | None) -> str:
    return "no limit" if limit is None else f"{limit:g} s"
