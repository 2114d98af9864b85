"""From keys to calls: samples, and for judges the answers to compare, read from the store a batch at a time."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.catalog.capabilities import Capabilities
from advisor.replay.calls import Call, judge_call, sample_call
from advisor.replay.obstacles import known_of, obstacle_of
from advisor.replay.plan import read_subject
from advisor.scoring.judge import judge_request
from advisor.store import Store
from advisor.store.generations import CallKey, load_generations
from advisor.store.logs import load_samples
from advisor.store.models import list_models
from advisor.types import Answer, Endpoint, Kind, Lane, Model, Role, Run, Sample

BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What the judges need to know about the use cases of a study, by name."""

    endpoints: dict[str, Endpoint]
    kinds: dict[str, Kind]


class Loader:
    """Makes the calls of one run out of their keys. Safe to use from several threads."""

    def __init__(self, store: Store, run: Run, models: Sequence[Model], decided: Decided) -> None:
        self._store, self._run, self._decided = store, run, decided
        self._models = {model.id or 0: model for model in models}
        self._baseline_id = next((m.id or 0 for m in models if m.role is Role.BASELINE), 0)

    def load(self, keys: Sequence[CallKey]) -> list[Call]:
        """The calls of these keys, in their order; one whose sample or answer is gone by now is left out."""
        samples = {sample.id or 0: sample for sample in load_samples(self._store, {key.sample_id for key in keys})}
        judged = [key.sample_id for key in keys if key.lane is Lane.JUDGE]
        answers = self._answers(judged) if judged else {}
        calls = []
        for key in keys:
            sample, model = samples.get(key.sample_id), self._models.get(key.model_id)
            if sample is None or model is None:
                continue
            call = self._judge_call(key, model, sample, answers) if key.lane is Lane.JUDGE else None
            if key.lane is not Lane.JUDGE:
                call = sample_call(key, model, sample)
            if call is not None:
                calls.append(replace(call, obstacle=obstacle_of(call, self._known.get(key.model_id, Capabilities()))))
        return calls

    @functools.cached_property
    def _known(self) -> dict[int, Capabilities]:
        """What the models are known to take; read late, because new ones are probed after this was made."""
        return {model.id or 0: known_of(model) for model in list_models(self._store, self._run.study_id)}

    def pairs(self, use_cases: Mapping[int, str]) -> Iterator[tuple[int, int]]:
        """(sample id, candidate's model id) of what judges compare: decided pairwise, and both answers are there.

        ``use_cases`` is by sample id.
        """
        endpoints = self._decided.endpoints
        ids = [id_ for id_, name in use_cases.items() if endpoints.get(name) is Endpoint.PAIRWISE]
        candidates = [id_ for id_, model in self._models.items() if model.role is Role.CANDIDATE]
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            answers = self._answers(batch)
            for sample in load_samples(self._store, batch):
                if self._baseline_answer(sample, answers) is None:
                    continue
                for candidate_id in candidates:
                    if CallKey(sample.id or 0, Lane.CANDIDATE, candidate_id, 1) in answers:
                        yield sample.id or 0, candidate_id

    def _baseline_answer(self, sample: Sample, answers: Mapping[CallKey, Answer]) -> Answer | None:
        if self._run.baseline_lane is Lane.BASELINE:
            return answers.get(CallKey(sample.id or 0, Lane.BASELINE, self._baseline_id, 1))
        return None if sample.answer is None or sample.answer.is_empty else sample.answer

    def _answers(self, sample_ids: Sequence[int]) -> dict[CallKey, Answer]:
        found = load_generations(
            self._store, self._run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE], sample_ids=sorted(set(sample_ids))
        )
        return {
            key: generation.answer
            for key, generation in found
            if generation.answer is not None and not generation.answer.is_empty
        }

    def _judge_call(self, key: CallKey, judge: Model, sample: Sample, answers: Mapping[CallKey, Answer]) -> Call | None:
        candidate_id, candidate_first = read_subject(key.subject)
        candidate = answers.get(CallKey(key.sample_id, Lane.CANDIDATE, candidate_id, 1))
        baseline = self._baseline_answer(sample, answers)
        if candidate is None or baseline is None:
            return None
        first, second = (candidate, baseline) if candidate_first else (baseline, candidate)
        kind = self._decided.kinds[sample.use_case or ""]
        return judge_call(key, judge, judge_request(sample.request, first, second, kind))
