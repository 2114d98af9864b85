"""On which measure each use case is decided, by what its samples allow (METHOD 1.3); a person may choose another."""

from advisor.replay.loading import Decided
from advisor.scoring.judge import suggested_rubric
from advisor.store import Store
from advisor.store.rubrics import load_rubrics
from advisor.store.use_cases import list_use_cases
from advisor.types import Endpoint, Kind, Lane, UseCase

STRUCTURED = (Kind.CLASSIFICATION, Kind.EXTRACTION, Kind.TOOL_USE)


def endpoint_of(use_case: UseCase, baseline_lane: Lane) -> Endpoint:
    """The person's choice; else right answers where most samples have one; else agreement; else a judge.

    Agreement needs structured output and a replay of the baseline: the recorded answer agrees with itself by
    construction.
    """
    if use_case.endpoint is Endpoint.AGREEMENT and baseline_lane is Lane.RECORDED:
        return Endpoint.PAIRWISE
    if use_case.endpoint is not None:
        return use_case.endpoint
    if use_case.with_target * 2 >= use_case.samples:
        return Endpoint.TARGET
    if use_case.kind in STRUCTURED and baseline_lane is Lane.BASELINE:
        return Endpoint.AGREEMENT
    return Endpoint.PAIRWISE


def decided(store: Store, study_id: int, baseline_lane: Lane) -> Decided:
    """Endpoints, kinds and rubrics of all use cases."""
    use_cases, rubrics = list_use_cases(store, study_id), load_rubrics(store, study_id)
    return Decided(
        endpoints={use_case.name: endpoint_of(use_case, baseline_lane) for use_case in use_cases},
        kinds={use_case.name: use_case.kind for use_case in use_cases},
        rubrics={case.name: [*rubrics.get(case.name, ()), suggested_rubric(case.kind)] for case in use_cases},
    )
