"""What a run would cost, before anything is spent; what is stored is neither made nor quoted again."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import NamedTuple

from advisor.analysis.sampling import asking_order
from advisor.judge.exam import answered_controls, lacking, refused_controls
from advisor.measure.draft import Draft, as_run, draft_run
from advisor.measure.registration import why_not_asked
from advisor.measure.replay.calls import Call, output_limit, sample_call
from advisor.measure.replay.loading import BATCH, Loader
from advisor.measure.replay.plan import plan_audits, plan_judge_calls, rounds
from advisor.measure.replay.planned_cost import ENOUGH, IF_THEY_DIFFER, MEASURED, Bill, Quote, Range, Size, judge_size
from advisor.measure.replay.probing import known_of, obstacle_of
from advisor.measure.replay.reuse import Reuse, asked_of_judge
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.run.generations import CallKey, Subject
from advisor.store.run.known_answers import KnownAnswer, load_known
from advisor.store.run.tallies import LaneKey, tally_lanes_elsewhere, tally_lanes_of_study
from advisor.store.run.workers import is_shared
from advisor.text.progress import no_candidate
from advisor.types import (
    Answer,
    ControlKind,
    Endpoint,
    Lane,
    Role,
    RunOptions,
    StoredModel,
    StoredSample,
    Study,
)
from advisor.types.enums import About

__all__ = ["ENOUGH", "Quote", "nobody_to_ask", "price_draft", "quote_run"]


class Priced(NamedTuple):
    """A quote, and what one call about each sample is expected to take, by id."""

    quote: Quote
    expected: dict[int, Size]


def quote_run(store: Store, study: Study, setup: RunOptions) -> Quote:
    """What a run would cost. Raises BadInput when it cannot be planned."""
    return price_draft(store, study, setup, draft_run(store, study, setup)).quote


def price_draft(store: Store, study: Study, setup: RunOptions, draft: Draft) -> Priced:
    """Price a draft, a batch of samples at a time."""
    return _Pricing(store, study, setup, draft).price()


class _Pricing:
    """Goes through a draft as its run would, with the answers that earlier runs have."""

    def __init__(self, store: Store, study: Study, setup: RunOptions, draft: Draft) -> None:
        self._store, self._setup, self._draft = store, setup, draft
        self._run = as_run(study, setup, draft)
        self._loader = Loader(store, self._run, [*draft.models, *draft.judges], draft.decided, answers=self._answers)
        self._reuse = Reuse(store, self._run, set(draft.keys))
        self._taken: dict[CallKey, KnownAnswer] = {}
        """Calls to models but judges that take over an answer, with it."""
        self._asked_of_judges: set[tuple[str, Subject]] = set()
        """What the judges' calls ask that are quoted."""
        # Where machines share the database, another one may have the key that this one lacks.
        asked = [] if is_shared(store) else [*draft.models, *draft.judges]
        self._why = {m.id: words for m in asked if (words := why_not_asked(m))}
        self._may_start = any(m.role is Role.CANDIDATE and m.id not in self._why for m in draft.models)
        self._judges = [judge for judge in draft.judges if judge.id not in self._why]
        self._models: dict[int, StoredModel] = {model.id: model for model in draft.models}
        self._known_to_take = {id_: known_of(model) for id_, model in self._models.items()}
        self._keys: dict[int, list[CallKey]] = {}
        for key in draft.keys:
            self._keys.setdefault(key.sample_id, []).append(key)
        measured = tally_lanes_of_study(store, study.id)
        new = [model for model in (*draft.models, *draft.judges) if LaneKey(model.id) not in measured]
        self._bill = Bill(measured, tally_lanes_elsewhere(store, new))
        self._expected: dict[int, Size] = {}
        self._due: set[CallKey] = set()
        """Calls to models but judges that will be made."""
        self._known, self._differ = Counter[str](), Counter[str]()
        """Pairs of answers that are there, by use case, and those of them that judges compare."""
        self._unsure: list[tuple[str, StoredModel, Size]] = []
        """Judges' calls about answers that should agree and aren't there yet."""
        self._reused = self._lost = self._pairs = self._judge_calls = self._judge_reused = 0

    def price(self) -> Priced:
        ids = self._draft.sample_ids
        for start in range(0, len(ids), BATCH):
            samples = list(load_samples(self._store, ids[start : start + BATCH]))
            calls = {sample.id: self._calls(sample) for sample in samples}
            self._taken |= self._reuse.find(call for some in calls.values() for call in some)
            for sample in samples:
                self._add_answers(sample, calls[sample.id])
            compared = [sample for sample in samples if self._is_compared(sample)] if self._draft.judges else []
            self._add_pairs(compared, self._answers([sample.id for sample in compared]))
        self._add_unsure()
        self._shut_out()
        besides = self._add_besides()
        made = len(self._draft.keys) - self._reused
        is_compared = self._judges or Endpoint.PAIRWISE not in self._draft.decided.endpoints.values()
        may_stop = self._setup.early_stop and is_compared
        first = next(rounds(self._draft.use_cases, self._run.options.seed), ids) if may_stop else ids
        quote = replace(
            self._bill.quote(
                samples=len(ids), calls=made, judge_calls=self._judge_calls, least=len(first) / max(len(ids), 1)
            ),
            control_calls=besides,
            reused=self._reused,
            judge_reused=self._judge_reused,
            lost=self._lost,
        )
        return Priced(quote, self._expected)

    def _calls(self, sample: StoredSample) -> list[Call]:
        return [sample_call(key, self._models[key.model_id], sample) for key in self._keys.get(sample.id, ())]

    def _is_compared(self, sample: StoredSample) -> bool:
        """Whether judges compare its answers; where those should agree, only the ones that differ, all at most."""
        return self._draft.decided.endpoints.get(sample.use_case or "") in (Endpoint.PAIRWISE, Endpoint.AGREEMENT)

    def _answers(self, sample_ids: Sequence[int]) -> dict[CallKey, Answer]:
        """What is taken over about these samples, but empty answers."""
        taken = {
            key: self._taken[key].id for id_ in sample_ids for key in self._keys.get(id_, ()) if key in self._taken
        }
        rows = load_known(self._store, set(taken.values()))
        stored = {key: rows[id_].generation.answer for key, id_ in taken.items() if id_ in rows}
        return {key: answer for key, answer in stored.items() if answer is not None and not answer.is_empty}

    def _to_ask(self, calls: Sequence[Call]) -> list[Call]:
        """Those of these judges' calls that will be made: no run has their answer, and no equal one is made."""
        known = self._reuse.find(calls)
        made = []
        for call in calls:
            if call.key not in known and (what := asked_of_judge(call)) not in self._asked_of_judges:
                self._asked_of_judges.add(what)
                made.append(call)
        return made

    def _add_answers(self, sample: StoredSample, calls: Sequence[Call]) -> None:
        for call in calls:
            size = Size(call.input_tokens, call.output_tokens)
            self._expected[sample.id] = size
            if call.key in self._taken:
                self._reused += 1
            elif self._may_start and (why := self._why.get(call.model.id)):
                self._bill.shut_out(call.model, why)
                self._lost += 1
            elif obstacle := obstacle_of(call, self._known_to_take[call.key.model_id]):
                self._bill.leave_out(call.model, obstacle)
            else:
                self._bill.add(call.model, size, limit=output_limit(call.request.params))
                self._due.add(call.key)

    def _add_pairs(self, samples: Sequence[StoredSample], answers: dict[CallKey, Answer]) -> None:
        """The judges' calls about these samples; those about answers that are there are known to the letter."""
        ready: list[Call] = []
        for sample in samples:
            keys = self._keys.get(sample.id, ())
            baselines = [key for key in keys if key.lane is Lane.BASELINE and key.epoch == 1]
            coming = {key for key in keys if key in self._due or key in answers}
            if not all(key in coming for key in baselines):
                continue
            version = self._loader.rubric_of(sample).version
            for key in coming:
                if key.lane is not Lane.CANDIDATE or key.epoch != 1:
                    continue
                pair = [(sample.id, Subject(About.PAIR, key.model_id, rubric=version))]
                is_known, name = {key, *baselines} <= answers.keys(), sample.use_case or ""
                self._known[name] += is_known
                if is_known and not self._loader.is_compared(sample, key.model_id, answers):
                    continue
                self._differ[name] += is_known
                about = plan_judge_calls(pair, self._judges, self._run.options.seed)
                if is_known:
                    calls = (self._loader.judge_call_of(key, self._judge(key), sample, answers) for key in about)
                    ready += [call for call in calls if call is not None]
                    continue
                self._pairs += 1
                self._judge_calls += len(about)
                for judge in map(self._judge, about):
                    size = judge_size(judge, self._expected[sample.id])
                    if self._draft.decided.endpoints.get(name) is Endpoint.AGREEMENT:
                        self._unsure.append((name, judge, size))
                    else:
                        self._bill.add(judge, size)
        for call in (made := self._to_ask(ready)):
            self._bill.add(call.model, judge_size(call.model, self._expected[call.key.sample_id]))
        self._judge_calls += len(made)
        self._judge_reused += len(ready) - len(made)

    def _add_unsure(self) -> None:
        """By how often the answers of a use case differed so far."""
        for name, judge, size in self._unsure:
            share = self._differ[name] / max(self._known[name], 1)
            measured = Range(*(min(share * each, 1.0) for each in MEASURED))
            self._bill.add(judge, size, chance=measured if self._known[name] >= ENOUGH else IF_THEY_DIFFER)

    def _judge(self, key: CallKey) -> StoredModel:
        return next(judge for judge in self._judges if judge.id == key.model_id)

    def _shut_out(self) -> None:
        """Note who can't be asked; where that is every candidate, all are priced and none starts."""
        draft = self._draft
        for model in draft.judges if self._may_start else [*draft.models, *draft.judges]:
            if why := self._why.get(model.id):
                is_judge = model.role is Role.JUDGE
                self._bill.shut_out(model, why, 2 * self._pairs if is_judge else self._bill.count(model))

    def _add_besides(self) -> int:
        """What judges are asked besides the pairs, at most; returns how many calls."""
        judges, setup, names = self._judges, self._setup, self._draft.use_cases
        if not judges:
            return 0
        order = asking_order(names, self._run.options.seed)
        lacks_answers = self._draft.lane is Lane.BASELINE and any(key.lane is Lane.BASELINE for key in self._due)
        keys: list[CallKey] = []
        due: list[tuple[StoredModel, ControlKind]] = []
        for judge in judges if self._judge_calls + self._judge_reused else ():
            held = answered_controls(self._store, self._run.study_id, judge.id)
            controls = lacking(held, len(order))
            if lacks_answers:
                due += [(judge, kind) for kind, count in controls.items() for _ in range(count)]
            else:
                refused = refused_controls(self._store, self._run.study_id, judge.id)
                found = self._loader.controls(order, controls, held, refused)
                keys += plan_judge_calls(found, [judge], self._run.options.seed)
        second = [key for key in self._draft.keys if key.lane is Lane.BASELINE and key.epoch == 2]
        repeats = self._loader.repeats([key.sample_id for key in second])
        keys += plan_judge_calls(repeats, judges, self._run.options.seed)
        candidates = [model for model in self._draft.models if model.role is Role.CANDIDATE]
        audits = plan_audits(names, candidates, setup.audited, self._run.options.seed)
        keys += plan_judge_calls(self._loader.audits(audits), judges[:1], self._run.options.seed)
        calls = [
            call for start in range(0, len(keys), BATCH) for call in self._loader.load(keys[start : start + BATCH])
        ]
        about = [(call.model, call.key.sample_id, call.key.subject) for call in self._to_ask(calls)]
        compared = {id_ for id_, name in names.items() if self._draft.decided.endpoints.get(name) is Endpoint.PAIRWISE}
        coming = [
            (key.sample_id, Subject(About.REPEAT))
            for key in second  # where one of the two answers of a baseline is still to come
            if key.sample_id in compared and {key, key._replace(epoch=1)} & self._due
        ]
        about += [(judge, id_, each) for id_, subject in coming for judge in judges for each in subject.orders]
        about += [
            (judge, id_, each)
            for id_, (judge, kind) in zip(cycle(order), due, strict=False)
            for each in Subject(About.CONTROL, control=kind).orders
        ]
        about += [(judges[0], key.sample_id, Subject(About.AUDIT, key.model_id)) for key in self._due_audits(audits)]
        for judge, sample_id, subject in about:
            size = judge_size(judge, self._expected[sample_id], reads=subject.about is About.AUDIT)
            self._bill.add(judge, size, besides=True)
        return len(about)

    def _due_audits(self, planned: Mapping[int, Sequence[int]]) -> Iterator[CallKey]:
        """The calls with answers that will be read for claims and refusals."""
        for sample_id, candidates in planned.items():
            for key in self._keys.get(sample_id, ()):
                is_read = key.lane is Lane.BASELINE or key.model_id in candidates
                if is_read and key in self._due and key.epoch == 1:
                    yield key


def nobody_to_ask(quote: Quote, models: Sequence[StoredModel]) -> str | None:
    """Why a run of these models would come to nothing: none of its candidates can be asked. None: one can."""
    why = {name: words for name, words, _ in quote.unaskable}
    candidates = [model.name for model in models if model.role is Role.CANDIDATE]
    if not all(name in why for name in candidates):
        return None
    return no_candidate({name: why[name] for name in candidates})
