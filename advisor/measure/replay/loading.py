"""From keys to calls: samples, and for judges the answers to compare, read from the store a batch at a time."""

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from advisor.catalog.listed_models import Capabilities
from advisor.judge.endpoints import Decided
from advisor.judge.exam import Control
from advisor.measure.replay.calls import AUDIT_OUTPUT_TOKENS, Call, judge_call, sample_call
from advisor.measure.replay.probing import known_of, obstacle_of
from advisor.scoring.audit import audit_request
from advisor.scoring.controls import control_set, spoil
from advisor.scoring.judge import PROMPT_VERSION, judge_request, render_target, suggested_rubric
from advisor.scoring.matching import right_answers
from advisor.scoring.target import is_same_answer
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.models import list_models
from advisor.store.run.generations import CallKey, Subject, load_generations
from advisor.types import Answer, ControlKind, Endpoint, Kind, Lane, Role, Rubric, Run, StoredModel, StoredSample
from advisor.types.enums import About

BATCH = 200
LOOKED_AT = 1000
"""Answers among which those that make a control pair are looked for."""
Answers = Callable[[Sequence[int]], dict[CallKey, Answer]]
"""Ids of samples -> the answers to them that are not empty."""


class Loader:
    """Makes the calls of one run out of their keys. Safe to use from several threads."""

    def __init__(
        self, store: Store, run: Run, models: Sequence[StoredModel], decided: Decided, *, answers: Answers | None = None
    ) -> None:
        """``answers`` gives the answers to some samples, where they are not those of the run."""
        self._store, self._run, self._decided = store, run, decided
        self._answers = answers or self._answers_of_run
        self._models = {model.id: model for model in models}
        live = run.baseline_lane is Lane.BASELINE
        self._baseline_id = next((m.id for m in models if live and m.role is Role.BASELINE), 0)
        """0 stands for the recorded answers."""

    def load(self, keys: Sequence[CallKey]) -> list[Call]:
        """The calls of these keys, in their order; one whose sample or answer is gone by now is left out."""
        samples = {sample.id: sample for sample in load_samples(self._store, {key.sample_id for key in keys})}
        judged = [key.sample_id for key in keys if key.lane is Lane.JUDGE]
        answers = self._answers(judged) if judged else {}
        calls = []
        for key in keys:
            sample, model = samples.get(key.sample_id), self._models.get(key.model_id)
            if sample is None or model is None:
                continue
            is_judged = key.lane is Lane.JUDGE
            call = self.judge_call_of(key, model, sample, answers) if is_judged else sample_call(key, model, sample)
            if call is not None:
                obstacle = obstacle_of(call, self._known.get(key.model_id, Capabilities()))
                calls.append(call if obstacle is None else replace(call, obstacle=obstacle))
        return calls

    @functools.cached_property
    def _known(self) -> dict[int, Capabilities]:
        """What the models are known to take; read late, because new ones are probed after this was made."""
        return {model.id: known_of(model) for model in list_models(self._store, self._run.study_id)}

    def pairs(self, sample_ids: Sequence[int]) -> Iterator[tuple[int, Subject]]:
        """What judges compare, by sample id: two answers that decide pairwise, or that should agree and differ."""
        candidates = [id_ for id_, model in self._models.items() if model.role is Role.CANDIDATE]
        for sample, answers in self._with_answers(sample_ids):
            for candidate_id in candidates:
                if self.is_compared(sample, candidate_id, answers):
                    yield sample.id, Subject(About.PAIR, candidate_id, rubric=self.rubric_of(sample).version)

    def is_compared(self, sample: StoredSample, candidate_id: int, answers: Mapping[CallKey, Answer]) -> bool:
        """Whether judges compare a candidate's answer with the baseline's."""
        name = sample.use_case or ""
        endpoint = self._decided.endpoints.get(name)
        baseline = self._baseline_answer(sample, answers)
        candidate = answers.get(CallKey(sample.id, Lane.CANDIDATE, candidate_id, 1))
        if baseline is None or candidate is None:
            return False
        if endpoint is not Endpoint.AGREEMENT:
            return endpoint is Endpoint.PAIRWISE
        match = self._decided.matches.get(name)
        return not is_same_answer(self._decided.kinds[name], sample.request, baseline, candidate, match)

    def repeats(self, sample_ids: Sequence[int]) -> Iterator[tuple[int, Subject]]:
        """The baseline beside its own second answer, where judges decide and there is one."""
        for sample, answers in self._with_answers(sample_ids):
            decides = self._decided.endpoints.get(sample.use_case or "") is Endpoint.PAIRWISE
            if decides and all(self._baseline_answer(sample, answers, epoch) is not None for epoch in (1, 2)):
                yield sample.id, Subject(About.REPEAT, rubric=self.rubric_of(sample).version)

    def controls(
        self,
        sample_ids: Sequence[int],
        wanted: Mapping[ControlKind, int],
        held: Collection[Control],
        refused: Collection[Control],
    ) -> Iterator[tuple[int, Subject]]:
        """So many new control pairs of every kind: from answers to these samples, then from the shipped set.

        Samples with a reference answer make none: the baseline may be wrong there. A kind that a host ``refused`` comes
        from the set.
        """
        left = {kind: count for kind, count in wanted.items() if count}
        if not left or not sample_ids:
            return
        made: set[tuple[ControlKind, str]] = set()
        usable = list(islice(self._usable(sample_ids), LOOKED_AT))
        own = [kind for kind in left if kind not in {control.kind for control in refused if not control.task}]
        for sample, answer, number in ((*each, number) for number in range(len(own)) for each in usable):
            # One kind to a sample; others only where the samples don't suffice.
            for kind in sorted(own, key=lambda kind: -left[kind])[: None if number else 1]:
                spoiled = spoil(kind, sample.request, answer, self._run.study_id) if left[kind] else None
                text = repr(spoiled)
                if spoiled is None or (kind, text) in made or Control(kind, 0, sample.id) in held:
                    continue
                made.add((kind, text))
                left[kind] -= 1
                subject = Subject(
                    About.CONTROL, rubric=self.rubric_of(sample).version, control=kind, prompt=PROMPT_VERSION
                )
                yield sample.id, subject
                break
            if not any(left.values()):
                return
        for kind, count in left.items():
            tasks = [
                task for task in range(1, len(control_set()) + 1) if Control(kind, task, 0) not in {*held, *refused}
            ]
            for task in tasks[:count]:
                yield sample_ids[0], Subject(About.CONTROL, control=kind, task=task, prompt=PROMPT_VERSION)

    def _usable(self, sample_ids: Sequence[int]) -> Iterator[tuple[StoredSample, Answer]]:
        """Samples without a reference answer, with the baseline's answer."""
        for sample, answers in self._with_answers(sample_ids):
            baseline = self._baseline_answer(sample, answers)
            if baseline is not None and sample.reference is None:
                yield sample, baseline

    def audits(self, planned: Mapping[int, Sequence[int]]) -> Iterator[tuple[int, Subject]]:
        """Single answers to read: by sample those of the candidates that are ``planned``, and the baseline's."""
        for sample, answers in self._with_answers(list(planned)):
            if self._baseline_answer(sample, answers) is not None:
                yield sample.id, Subject(About.AUDIT, self._baseline_id)
            for candidate_id in planned[sample.id]:
                if CallKey(sample.id, Lane.CANDIDATE, candidate_id, 1) in answers:
                    yield sample.id, Subject(About.AUDIT, candidate_id)

    def _with_answers(self, sample_ids: Sequence[int]) -> Iterator[tuple[StoredSample, dict[CallKey, Answer]]]:
        """Samples in the order given, each with all its answers, a batch at a time."""
        for start in range(0, len(sample_ids), BATCH):
            batch = sample_ids[start : start + BATCH]
            answers = self._answers(batch)
            samples = {sample.id: sample for sample in load_samples(self._store, batch)}
            yield from ((samples[id_], answers) for id_ in batch if id_ in samples)

    def rubric_of(self, sample: StoredSample) -> Rubric:
        """The one in force."""
        return self._decided.rubrics[sample.use_case or ""][0]

    def _baseline_answer(
        self, sample: StoredSample, answers: Mapping[CallKey, Answer], epoch: int = 1
    ) -> Answer | None:
        if self._run.baseline_lane is Lane.BASELINE:
            return answers.get(CallKey(sample.id, Lane.BASELINE, self._baseline_id, epoch))
        return None if epoch > 1 or sample.answer is None or sample.answer.is_empty else sample.answer

    def _answers_of_run(self, sample_ids: Sequence[int]) -> dict[CallKey, Answer]:
        found = load_generations(
            self._store, self._run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE], sample_ids=sorted(set(sample_ids))
        )
        return {
            key: generation.answer
            for key, generation in found
            if generation.answer is not None and not generation.answer.is_empty
        }

    def judge_call_of(
        self, key: CallKey, judge: StoredModel, sample: StoredSample, answers: Mapping[CallKey, Answer]
    ) -> Call | None:
        """What a judge is asked about a sample; None without the answers that it is about."""
        subject = key.subject
        if subject.task:
            return _task_call(key, judge, subject)
        baseline = self._baseline_answer(sample, answers)
        other: Answer | None = None
        if subject.about is About.AUDIT and subject.model_id == self._baseline_id:
            other = baseline
        elif subject.about in (About.PAIR, About.AUDIT):
            other = answers.get(CallKey(key.sample_id, Lane.CANDIDATE, subject.model_id, 1))
        elif subject.about is About.REPEAT:
            other = self._baseline_answer(sample, answers, epoch=2)
        elif subject.control is not None and baseline is not None:
            other = spoil(subject.control, sample.request, baseline, self._run.study_id)
        if other is None:
            return None
        if subject.about is About.AUDIT:
            return judge_call(key, judge, audit_request(sample.request, other), output_tokens=AUDIT_OUTPUT_TOKENS)
        rubrics = self._decided.rubrics.get(sample.use_case or "", ())
        rubric = next((each for each in rubrics if each.version == subject.rubric), None)
        if baseline is None or rubric is None:
            return None
        first, second = (other, baseline) if subject.candidate_first else (baseline, other)
        kind = self._decided.kinds.get(sample.use_case or "", Kind.CHAT)
        reference = render_target(right_answers(kind, sample.reference.value)) if sample.reference else None
        return judge_call(key, judge, judge_request(sample.request, first, second, rubric.questions, reference))


def _task_call(key: CallKey, judge: StoredModel, subject: Subject) -> Call | None:
    """What a judge is asked about a task of the shipped set."""
    task = control_set()[subject.task - 1]
    spoiled = spoil(subject.control, task.request, task.answer, seed=0) if subject.control else None
    if spoiled is None:
        return None
    first, second = (spoiled, task.answer) if subject.candidate_first else (task.answer, spoiled)
    return judge_call(key, judge, judge_request(task.request, first, second, suggested_rubric(task.kind).questions))
