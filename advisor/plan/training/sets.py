"""Examples for the use cases that are just short of a move: chosen, split without a leak, and with what training takes.

What decided the verdict is the test split and nothing else, so that the trained model can be decided on it. Calls that
hang together with a tested one are left out.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from advisor.analysis.training import FEW, LARGEST_B, clusters, just_short, needs, rare, split
from advisor.catalog.gpus import rentable_gpus
from advisor.catalog.open_models import open_model
from advisor.collect.readable import content_text, prompt_text, system_prompt
from advisor.decide.likeness import runs_of
from advisor.decide.losses import list_uneven
from advisor.decide.subject import find_subject
from advisor.errors import BadInput
from advisor.ingest.redaction.people import names_available
from advisor.ingest.same_calls import near_digest
from advisor.judge.endpoints import endpoint_of
from advisor.judge.run_facts import baseline_id_of
from advisor.judge.scores import labels_by_use_case
from advisor.llm.builtin import BUILTIN_ID
from advisor.plan.configuration.routes import alias_of
from advisor.plan.training.curve import learning_curve
from advisor.plan.training.examples import Judging, chat_of, good_answer, message_of, names_masked, redacted, tools_of
from advisor.plan.training.terms import terms_of
from advisor.scoring.own_checks import Checker
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts, load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.pairs import load_answers
from advisor.store.run.runs import get_run, list_runs
from advisor.store.run.samples import list_run_samples
from advisor.types import Answer, Assessment, Lane, Message, Report, Run, StoredSample, Study, UseCase, UseCaseDecision
from advisor.types.ready import Looked, Needs, Row, Split, Trainee, TrainGap, Training, TrainingSet, Tuned

MOST = 10_000
"""Calls of a use case besides those that were tested: of a longer log the newest ones."""
PAIR = 2
"""Words in a row by which requests are compared."""
RUNS = 2048
"""Pairs of words of a request that are looked at, those with the smallest hashes."""
RENTED = "h100-sxm"
"""The GPU that hours and dollars are for."""
BUILTIN = Trainee("SmolLM2 135M (built in)", "HuggingFaceTB/SmolLM2-135M-Instruct", 0.135, 0.135)
_WORDLESS = re.compile(r"[\W\d_]+")


class Call(NamedTuple):
    """One call with the answer to learn."""

    sample: StoredSample
    answer: Answer
    split: Split


def make_training(
    store: Store, study: Study, report: Report, *, is_pairs: bool = False, with_tested: bool = False
) -> Training:
    """Chats, or pairs for DPO, of every use case that is just short. Raises BadInput when the catalog is damaged.

    Where only tested calls could be trained on, they are, as if ``with_tested``.
    """
    decided = report.recommendation.run
    run = get_run(store, decided.id)
    cases = {case.name: case for case in list_use_cases(store, study.id)}
    sets: list[TrainingSet] = []
    for decision in report.recommendation.use_cases:
        short = just_short(decision)
        if short is None or decision.name not in cases:
            continue
        maker = _Maker(store, study, report, run, cases[decision.name], is_pairs)
        alias = alias_of(decision.name, {each.alias for each in sets})
        sets.append(maker.make(decision, short, alias, with_tested=with_tested))
    if sets and not with_tested and not any(each.of(Split.TRAIN) for each in sets):
        instead = make_training(store, study, report, is_pairs=is_pairs, with_tested=True)
        if instead.is_trainable:
            untested = sum(each.looked.calls - each.looked.tested for each in sets)
            return replace(instead, gaps=(Message.of(TrainGap.TESTED_TOO, untested=untested),))
    return Training(
        study=study.name,
        is_pairs=is_pairs,
        with_tested=with_tested,
        seed=decided.seed,
        sample_size=decided.sample_size,
        names_redacted=names_available(),
        sets=tuple(sets),
        gaps=() if sets else (Message.of(TrainGap.NONE_SHORT),),
    )


class _Maker:
    """What is read for one use case."""

    def __init__(self, store: Store, study: Study, report: Report, run: Run, case: UseCase, is_pairs: bool) -> None:
        self.store, self.study, self.report, self.run = store, study, report, run
        self.case, self.is_pairs = case, is_pairs

    def make(self, decision: UseCaseDecision, short: Assessment, alias: str, *, with_tested: bool) -> TrainingSet:
        """The set for one candidate."""
        failing = self._failing(short.model)
        tested = set(list_run_samples(self.store, self.run.id))
        facts = load_sample_facts(self.store, self.study.id, ("id", "use_case", "at"))
        mine = facts[facts["use_case"] == self.case.name].sort_values(["at", "id"])["id"].tolist()
        wanted = tested | failing.keys() if self.is_pairs else tested
        others = [id_ for id_ in mine if id_ not in wanted][-MOST:]
        samples = list(load_samples(self.store, [*wanted.intersection(mine), *others]))
        calls, looked = self._calls(samples, tested, failing, with_tested=with_tested)
        made = [(call, row) for call in calls if (row := _row(call, failing.get(call.sample.id)))]
        looked = replace(looked, masked=len(calls) - len(made))
        calls, rows = [call for call, _ in made], tuple(row for _, row in made)
        trained = [call for call in calls if call.split is Split.TRAIN]
        trainee, gap = self._trainee(short.model)
        gaps = [Message.of(gap, model=short.model)] if gap else []
        if not trained:
            code = TrainGap.NO_PAIRS if self.is_pairs else TrainGap.ALL_TESTED
            gaps.append(Message.of(code, use_case=self.case.name, model=short.model, tested=looked.tested))
        elif len(trained) < FEW:
            code = TrainGap.FEW_PAIRS if self.is_pairs else TrainGap.FEW
            gaps.append(Message.of(code, use_case=self.case.name, examples=len(trained), few=FEW))
        known = [(call.sample, call.answer) for call in trained]
        held = [call.sample for call in calls if call.split is Split.TEST]
        endpoint = decision.endpoint
        assert short.difference.delta is not None
        return TrainingSet(
            use_case=self.case.name,
            alias=alias,
            trainee=trainee,
            delta=short.difference.delta,
            margin=short.difference.margin,
            rows=rows,
            looked=looked,
            curve=() if self.is_pairs else learning_curve(self.case.kind, endpoint, known, held),
            needs=()
            if self.is_pairs and len(trained) < FEW
            else tuple(self._needs(trainee, [call.sample for call in trained])),
            terms=terms_of(
                self.report, short.model, sorted({call.sample.model or decision.baseline_facts.model for call in calls})
            ),
            gaps=tuple(gaps),
        )

    def _calls(
        self,
        samples: list[StoredSample],
        tested: Collection[int],
        failing: Mapping[int, Answer],
        *,
        with_tested: bool,
    ) -> tuple[list[Call], Looked]:
        names = [near_digest(sample.request) for sample in samples]
        is_tested = np.array([sample.id in tested for sample in samples], dtype=bool)
        codes = clusters(_keys(samples, names), [runs_of(_whole(sample), PAIR)[:RUNS] for sample in samples])
        placed = split(codes, is_tested, names, with_tested=with_tested)
        judging = self._judging(samples)
        worse = self._baseline_lost()
        calls: list[Call] = []
        seen: set[str] = set()
        counts = dict.fromkeys(("not_text", "no_answer", "not_lost", "repeated", "near_tested"), 0)
        for place in sorted(range(len(samples)), key=lambda place: (not is_tested[place], samples[place].id)):
            sample, to = samples[place], placed[place]
            answer = None if sample.id in worse else good_answer(sample, judging)
            if answer is None:
                counts["no_answer"] += 1
            elif self.is_pairs and (sample.id not in failing or failing[sample.id] == answer):
                counts["not_lost"] += 1
            elif chat_of(sample.request) is None:
                counts["not_text"] += 1
            elif to is None:
                counts["near_tested"] += 1
            elif names[place] in seen:
                counts["repeated"] += 1
            else:
                seen.add(names[place])
                calls.append(Call(sample, answer, to))
        calls.sort(key=lambda call: call.sample.id)
        return calls, Looked(calls=len(samples), tested=int(is_tested.sum()), **counts)

    def _judging(self, samples: list[StoredSample]) -> Judging:
        case = self.case
        replayed: Mapping[int, Answer | None] = {}
        if self.run.baseline_lane is Lane.BASELINE:
            baseline = baseline_id_of(self.run, self.report.models)
            ids = [sample.id for sample in samples if sample.answer is None]
            replayed = load_answers(self.store, self.run.id, Lane.BASELINE, baseline, ids)
        return Judging(
            case=case,
            endpoint=endpoint_of(case, self.run.baseline_lane),
            labels=labels_by_use_case(samples, {case.name: case.kind}).get(case.name),
            checker=Checker(case.checks) if case.checks else None,
            replayed=replayed,
        )

    def _baseline_lost(self) -> set[int]:
        """Calls on which a judge or people found today's answer worse than some candidate's."""
        lost: set[int] = set()
        for model in self.report.models:
            subject = find_subject(self.store, self.study, self.run, self.case.name, model.name)
            if subject and (subject.is_judged or subject.reviewed):
                lost |= {each.sample_id for each in list_uneven(self.store, self.study, subject, gains=True)}
        return lost

    def _failing(self, model: str) -> dict[int, Answer]:
        """What the candidate answered where it lost, over all runs, the newest first; only pairs need it."""
        found: dict[int, Answer] = {}
        for run in list_runs(self.store, self.study.id) if self.is_pairs else ():
            with suppress(BadInput):  # the run's baseline was deleted: who lost isn't known
                subject = find_subject(self.store, self.study, run, self.case.name, model)
                if subject is None:
                    continue
                ids = [each.sample_id for each in list_uneven(self.store, self.study, subject, gains=False)]
                answers = load_answers(self.store, run.id, Lane.CANDIDATE, subject.candidate.id, ids)
                for id_, answer in answers.items():
                    if answer and not answer.is_empty:
                        found.setdefault(id_, answer)
        return found

    def _trainee(self, name: str) -> tuple[Trainee, TrainGap | None]:
        model = next(each for each in self.report.models if each.name == name)
        if model.plain_id == BUILTIN_ID:
            return BUILTIN, None
        if model.illustrative:
            return Trainee(name, None, None, None), TrainGap.ILLUSTRATIVE
        known = open_model(model.plain_id)
        if known is None or known.hf_repo is None:
            return Trainee(name, None, None, None), TrainGap.CLOSED
        trainee = Trainee(name, known.hf_repo, known.size.total_b, known.size.active_b)
        if trainee.total_b is None:
            return trainee, TrainGap.NO_SIZE
        return trainee, TrainGap.TOO_LARGE if trainee.total_b > LARGEST_B else None

    def _needs(self, trainee: Trainee, samples: list[StoredSample]) -> Iterator[Needs]:
        gpu = next((gpu for gpu in rentable_gpus() if gpu.id == RENTED), None)
        for how in (Tuned.DPO,) if self.is_pairs else (Tuned.LORA, Tuned.QLORA):
            tokens = _tokens(samples)
            if tokens and how is Tuned.DPO:
                tokens *= 2  # the prompt with either answer
            found = needs(trainee, how, len(samples), tokens, gpu.usd_per_hour if gpu else None)
            if found:
                yield found


def _tokens(samples: list[StoredSample]) -> int | None:
    """As logged; calls without a count are taken to have the others' average. None: no call has one."""
    counted = [usage.total_input_tokens + usage.output_tokens for each in samples if (usage := each.metered.usage)]
    return round(sum(counted) / len(counted) * len(samples)) if counted else None


def _row(call: Call, failing: Answer | None) -> Row | None:
    """None: an answer names what its prompt has a placeholder for."""
    chat = chat_of(call.sample.request) or []
    answers = [message_of(answer) for answer in (call.answer, failing) if answer]
    messages, tools = redacted([*chat, *answers], tools_of(call.sample.request))
    if names_masked(chat, messages):
        return None
    rejected = messages.pop() if failing else None
    return Row(sample_id=call.sample.id, split=call.split, messages=messages, tools=tools, rejected=rejected)


def _keys(samples: list[StoredSample], names: list[str]) -> list[list[str]]:
    """What calls share that belong together: a conversation, nearly the same request, the text that is asked."""
    asked = [_plain(prompt_text(sample.request.messages)) for sample in samples]
    opened = [_plain(_opening(sample)) for sample in samples]
    keys = [[f"near {name}"] for name in names]
    for own, sample in zip(keys, samples, strict=True):
        own += [f"session {sample.ids.session}"] if sample.ids.session else []
    for kind, texts in (("asked", asked), ("opened", opened)):
        for own, text, is_rare in zip(keys, texts, rare(texts), strict=True):
            own += [f"{kind} {text}"] if is_rare and text else []
    return keys


def _opening(sample: StoredSample) -> str:
    """The first thing a user wrote: turns of a conversation without an id have it in common."""
    return next((content_text(message) for message in sample.request.messages if message.get("role") == "user"), "")


def _plain(text: str) -> str:
    return _WORDLESS.sub("", text.casefold()) or text


def _whole(sample: StoredSample) -> str:
    return f"{system_prompt(sample.request.messages)}\n{prompt_text(sample.request.messages)}"
