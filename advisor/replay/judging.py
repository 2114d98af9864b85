"""Which lanes a run has, and which pairs of answers its judges must compare."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.replay.calls import Pair
from advisor.store import Store
from advisor.store.generations import CallKey, load_generations
from advisor.types import Endpoint, Kind, Lane, Model, Role, Run, Sample


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What the judges need to know about the use cases of a study, by name."""

    endpoints: dict[str, Endpoint]
    kinds: dict[str, Kind]


def lanes_of(run: Run, models: Sequence[Model]) -> list[tuple[Lane, Model]]:
    """The lanes that are replayed: every candidate, and the baseline unless its recorded answers serve."""
    lanes = [(Lane.CANDIDATE, model) for model in models if model.role is Role.CANDIDATE]
    if run.baseline_lane is Lane.BASELINE:
        lanes += [(Lane.BASELINE, model) for model in models if model.role is Role.BASELINE]
    return lanes


def judge_pairs(
    store: Store, run: Run, samples: Sequence[Sample], lanes: list[tuple[Lane, Model]], decided: Decided
) -> list[Pair]:
    """The pairs of answers that a judge must compare: use cases decided pairwise, both answers there."""
    by_id = {
        sample.id: sample
        for sample in samples
        if sample.use_case and decided.endpoints.get(sample.use_case) is Endpoint.PAIRWISE
    }
    candidates = {model.id: model for lane, model in lanes if lane is Lane.CANDIDATE}
    wanted = [Lane.CANDIDATE, Lane.BASELINE]
    answers = {
        key: generation.answer
        for key, generation in load_generations(store, run.id, lanes=wanted)
        if generation.answer is not None and not generation.answer.is_empty and key.epoch == 1
    }
    baseline_id = next((model.id for lane, model in lanes if lane is Lane.BASELINE), None)
    pairs = []
    for sample_id, sample in by_id.items():
        if run.baseline_lane is Lane.BASELINE:
            baseline = answers.get(CallKey(sample_id or 0, Lane.BASELINE, baseline_id or 0, 1))
        else:
            baseline = sample.answer
        if baseline is None or baseline.is_empty:
            continue
        for model_id, model in candidates.items():
            answer = answers.get(CallKey(sample_id or 0, Lane.CANDIDATE, model_id or 0, 1))
            if answer is not None:
                kind = decided.kinds[sample.use_case or ""]
                pairs.append(
                    Pair(sample=sample, kind=kind, candidate=model, candidate_answer=answer, baseline_answer=baseline)
                )
    return pairs
