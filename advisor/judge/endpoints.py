"""On which measure each use case is decided, by what its samples allow (METHOD 1.3); a person may choose another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from advisor.analysis.quality.evidence import margin_of
from advisor.scoring.judge import suggested_rubric
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases, load_rubrics
from advisor.types import Endpoint, Frozen, FrozenUseCase, Kind, Lane, Match, Model, Role, Rubric, Run, Study, UseCase

STRUCTURED = (Kind.CLASSIFICATION, Kind.EXTRACTION, Kind.TOOL_USE)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What the judges need to know about the use cases of a study, by name."""

    endpoints: dict[str, Endpoint]
    kinds: dict[str, Kind]
    rubrics: dict[str, list[Rubric]]
    """All versions, the one in force first, the suggestion last."""
    matches: dict[str, Match | None]
    """How answers are compared, where a person chose."""


def endpoint_of(use_case: UseCase, baseline_lane: Lane) -> Endpoint:
    """The person's choice; else right answers where most samples have one; else agreement; else a judge.

    Agreement needs structured output and a replay of the baseline: the recorded answer agrees with itself by
    construction.
    """
    if use_case.endpoint is Endpoint.AGREEMENT and baseline_lane is Lane.RECORDED:
        return Endpoint.PAIRWISE
    if use_case.endpoint is not None:
        return use_case.endpoint
    if use_case.calls.with_target * 2 >= use_case.calls.total:
        return Endpoint.TARGET
    if use_case.kind in STRUCTURED and baseline_lane is Lane.BASELINE:
        return Endpoint.AGREEMENT
    return Endpoint.PAIRWISE


def moved_by_baseline(use_cases: Iterable[UseCase]) -> list[UseCase]:
    """Those that are scored in another way once today's model is asked live."""
    return [case for case in use_cases if endpoint_of(case, Lane.RECORDED) is not endpoint_of(case, Lane.BASELINE)]


def margin(study: Study, use_case: UseCase, baseline_lane: Lane) -> float:
    """The acceptable drop in force, as a fraction."""
    return margin_of(endpoint_of(use_case, baseline_lane), use_case.margin, study.margin)


def lane_of_baseline(models: Iterable[Model]) -> Lane:
    """Where today's answers come from: asked live where the study has a baseline, else the log."""
    return Lane.BASELINE if any(model.role is Role.BASELINE for model in models) else Lane.RECORDED


def is_compared(use_cases: Iterable[UseCase], baseline_lane: Lane) -> bool:
    """Whether comparing answers decides any use case, or may have to."""
    return any(not case.ignored and endpoint_of(case, baseline_lane) is not Endpoint.TARGET for case in use_cases)


def as_planned(use_cases: Sequence[UseCase], frozen: Frozen | None) -> list[UseCase]:
    """The use cases as they were when a run was planned; those that have come since as they are."""
    planned = {case.id: case for case in frozen.use_cases} if frozen else {}
    return [_as_planned(case, planned[case.id]) if case.id in planned else case for case in use_cases]


def decided(store: Store, study_id: int, baseline_lane: Lane, frozen: Frozen | None = None) -> Decided:
    """Endpoints, kinds and rubrics of all use cases: as they are now, or as a run was planned with them."""
    use_cases, rubrics = as_planned(list_use_cases(store, study_id), frozen), load_rubrics(store, study_id)
    planned = {case.id: case.rubric for case in frozen.use_cases} if frozen else {}
    return Decided(
        endpoints={case.name: endpoint_of(case, baseline_lane) for case in use_cases},
        kinds={use_case.name: use_case.kind for use_case in use_cases},
        rubrics={
            case.name: _first([*rubrics.get(case.name, ()), suggested_rubric(case.kind)], planned.get(case.id))
            for case in use_cases
        },
        matches={case.name: case.match for case in use_cases},
    )


def decided_for(store: Store, run: Run) -> Decided:
    """What was decided when a run was planned: its calls are made by that, whichever process makes them."""
    return decided(store, run.study_id, run.baseline_lane, run.plan.frozen)


def _as_planned(case: UseCase, planned: FrozenUseCase) -> UseCase:
    marking = planned.marking or case.marking
    return replace(
        case,
        endpoint=planned.endpoint,
        margin=planned.margin,
        ignored=False,
        kind=marking.kind,
        match=marking.match,
        checks=marking.checks,
    )


def _first(rubrics: list[Rubric], version: int | None) -> list[Rubric]:
    """With this version as the one in force."""
    return sorted(rubrics, key=lambda rubric: rubric.version != version)
