"""Which label was given for which right one: the confusion matrix of a classification, for one model."""

from collections import Counter
from dataclasses import dataclass

from advisor.scoring.matching import label_pair
from advisor.store import Store
from advisor.store.generations import load_generations
from advisor.store.logs import load_samples
from advisor.store.models import list_models
from advisor.store.runs import map_run_samples
from advisor.store.use_cases import list_use_cases
from advisor.study.scores import labels_by_use_case
from advisor.types import Kind, Lane, Run

MOST_LABELS = 30
"""A larger table tells nobody anything."""


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Counts of (right label, given label); given None: no label, or none of the known ones."""

    labels: tuple[str, ...]
    """The right ones, the most frequent first; at most 30."""
    counts: dict[tuple[str, str | None], int]
    n: int
    right: int


def confusion_of(store: Store, run: Run, use_case: str, model: str) -> Confusion | None:
    """How a candidate's first answers fall on the labels; None where the use case has no right labels."""
    case = next((case for case in list_use_cases(store, run.study_id) if case.name == use_case), None)
    if case is None or case.kind is not Kind.CLASSIFICATION:
        return None
    ids = [sample_id for sample_id, name in map_run_samples(store, run.id).items() if name == use_case]
    samples = {sample.id: sample for sample in load_samples(store, ids) if sample.has_target}
    model_id = next((m.id for m in list_models(store, run.study_id) if m.name == model), None)
    known = labels_by_use_case(samples.values(), {use_case: case.kind}).get(use_case, ())
    counts: Counter[tuple[str, str | None]] = Counter()
    made = load_generations(store, run.id, lanes=[Lane.CANDIDATE], sample_ids=sorted(filter(None, samples)))
    for key, generation in made:
        if key.model_id == model_id and key.epoch == 1 and generation.failure is None:
            pair = label_pair(case.kind, samples[key.sample_id].target, generation.answer, known)
            if pair is not None:
                counts[pair] += 1
    if not counts:
        return None
    frequent = Counter[str]()
    for (right, _), n in counts.items():
        frequent[right] += n
    return Confusion(
        labels=tuple(label for label, _ in frequent.most_common(MOST_LABELS)),
        counts=dict(counts),
        n=counts.total(),
        right=sum(n for (right, given), n in counts.items() if right == given),
    )
