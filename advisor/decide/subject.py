"""One candidate in one use case of a run, and what decides there."""

from collections.abc import Sequence
from typing import NamedTuple

from advisor.analysis.sampling import share_of_model
from advisor.judge.agreement import mean_reviews
from advisor.judge.endpoints import endpoint_of
from advisor.judge.run_facts import baseline_id_of
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.reviews import load_reviews
from advisor.store.run.samples import has_samples, list_of_use_case, map_run_samples
from advisor.store.run.scores import has_scores
from advisor.types import Endpoint, Role, Run, StoredModel, Study, UseCase


class Subject(NamedTuple):
    """One candidate in one use case of a run."""

    run: Run
    case: UseCase
    candidate: StoredModel
    baseline_id: int
    """Under which the baseline's scores stand."""
    endpoint: Endpoint
    is_judged: bool
    reviewed: frozenset[int]
    """Samples on which people compared both."""


def find_subject(store: Store, study: Study, run: Run, use_case: str, model: str) -> Subject | None:
    """A candidate in a use case; None where the run has no such one any more.

    Raises BadInput when the run's baseline was deleted.
    """
    models = [each for each in list_models(store, study.id) if each.id in run.plan.model_ids]
    candidate = next((each for each in models if each.name == model and each.role is Role.CANDIDATE), None)
    case = next((each for each in list_use_cases(store, study.id) if each.name == use_case and not each.ignored), None)
    if candidate is None or case is None or not has_samples(store, run.id, case.id):
        return None
    given = [sample_id for sample_id, model_id in mean_reviews(load_reviews(store, run.id)) if model_id == candidate.id]
    reviewed = frozenset(list_of_use_case(store, run.id, case.id, given))
    is_judged = has_scores(store, run.id, Endpoint.PAIRWISE.value, candidate.id, case.id)
    endpoint = endpoint_of(case, run.baseline_lane)
    if endpoint is Endpoint.AGREEMENT and (is_judged or reviewed):
        endpoint = Endpoint.PAIRWISE  # votes on the answers that differ tell which lost
    return Subject(run, case, candidate, baseline_id_of(run, models), endpoint, is_judged, reviewed)


def keep_share(store: Store, subject: Subject, sample_ids: Sequence[int]) -> Sequence[int]:
    """Of some samples those that the candidate is asked about, where it is asked about a part only."""
    most, run = subject.candidate.max_samples, subject.run
    if most is None:
        return sample_ids
    share = set(share_of_model(map_run_samples(store, run.id), most, run.options.seed))
    return [sample_id for sample_id in sample_ids if sample_id in share]
