"""What a run is planned with stays, whatever is changed while it is asked and after (METHOD 1.1).

A run asks, judges and stops early by what it was planned with. A decision goes by what is set now, so that a product
manager can see what another limit would mean; but it says what was changed after the answers could be seen.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from advisor.analysis.quality.evidence import margin_of
from advisor.judge.endpoints import Decided, endpoint_of
from advisor.judge.scored_with import named_checks, scored_with, stored_match
from advisor.scoring.judge import suggested_rubric
from advisor.types import Change, Endpoint, Frozen, FrozenUseCase, Kind, Marking, Message, Rubric, Run, Study, UseCase


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
) -> list[Message]:
    """What a decision by the limits of ``study`` rests on that the run was not planned with.

    ``use_cases`` are those that the run's samples belong to now, ``rubrics`` every version by name. Limits count as
    they are set; questions, checks and ways of comparing as the answers were last scored with. Empty where it was not
    kept what the run was planned with.
    """
    frozen = run.plan.frozen
    if frozen is None:
        return []
    limits = (
        (Change.CONFIDENCE, frozen.confidence, study.confidence),
        (Change.LATENCY, frozen.max_latency_p95_s, study.max_latency_p95_s),
        (Change.TTFT, frozen.max_ttft_p95_s, study.max_ttft_p95_s),
    )
    said = [Message.of(code, before=planned, now=now) for code, planned, now in limits if planned != now]
    then = {case.id: case for case in frozen.use_cases}
    for case in use_cases:
        if case.id in then:
            said += _changed_case(then[case.id], case, run, frozen.margin, study.margin)
            said += _changed_scoring(then[case.id], case, run, rubrics.get(case.name, ()))
    if then.keys() != {case.id for case in use_cases}:
        said.append(Message.of(Change.USE_CASES))
    return said


def _changed_case(
    planned: FrozenUseCase, case: UseCase, run: Run, margin_then: float | None, margin_now: float | None
) -> list[Message]:
    if case.ignored:
        return [Message.of(Change.IGNORED, use_case=case.name)]
    endpoint = endpoint_of(case, run.baseline_lane)
    if endpoint is not planned.endpoint:
        ends = {"before": planned.endpoint.value, "now": endpoint.value}
        return [Message.of(Change.ENDPOINT, use_case=case.name, **ends)]
    then, now = margin_of(endpoint, planned.margin, margin_then), margin_of(endpoint, case.margin, margin_now)
    return [Message.of(Change.MARGIN, use_case=case.name, before=then, now=now)] if now != then else []


def _changed_scoring(planned: FrozenUseCase, case: UseCase, run: Run, rubrics: Sequence[Rubric]) -> Iterator[Message]:
    """Of what its answers were scored with."""
    scored = scored_with(run, case.id)
    if case.ignored or scored is None:
        return
    is_judged = endpoint_of(case, run.baseline_lane) is Endpoint.PAIRWISE
    if is_judged and scored.rubric is not None:
        kind = (planned.marking or scored.marking).kind
        then, now = (_questions(rubrics, version, kind) for version in (planned.rubric, scored.rubric))
        if then != now:
            yield Message.of(Change.RUBRIC, use_case=case.name, before=planned.rubric, now=scored.rubric)
    if planned.marking is not None:
        yield from _changed_marking(case.name, planned.marking, scored.marking, is_judged)


def _changed_marking(name: str, then: Marking, now: Marking, is_judged: bool) -> Iterator[Message]:
    """Of the kind only what alters a mark: labels have to be allowed ones, and tool calls are compared as such."""
    telling = {Kind.CLASSIFICATION} if is_judged else {Kind.CLASSIFICATION, Kind.TOOL_USE}
    if then.kind is not now.kind and {then.kind, now.kind} & telling:
        yield Message.of(Change.KIND, use_case=name, before=then.kind.value, now=now.kind.value)
    if not is_judged and then.match != now.match:
        yield Message.of(Change.MATCH, use_case=name, before=stored_match(then.match), now=stored_match(now.match))
    added = named_checks(check for check in now.checks if check not in then.checks)
    removed = named_checks(check for check in then.checks if check not in now.checks)
    if added or removed:
        yield Message.of(Change.CHECKS, use_case=name, added=added, removed=removed)


def _questions(rubrics: Sequence[Rubric], version: int, kind: Kind) -> tuple[str, ...] | None:
    """Of a version; None where it is not there any more."""
    every = [*rubrics, suggested_rubric(kind)]
    return next((rubric.questions for rubric in every if rubric.version == version), None)
