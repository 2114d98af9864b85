"""What a run asks, one thing after the other: its calls, the judges about them, and the judges' exam."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from advisor.analysis.sampling import asking_order
from advisor.judge.exam import answered_controls, lacking, refused_controls
from advisor.measure.replay.engine import Outcome
from advisor.measure.replay.loading import Loader
from advisor.measure.replay.ownership import owner_name
from advisor.measure.replay.plan import (
    FAST_GROWTH,
    GROWTH,
    Spared,
    lanes_of,
    plan_audits,
    plan_calls,
    plan_judge_calls,
    rounds,
)
from advisor.measure.replay.reuse import Reuse, most_lost
from advisor.measure.replay.track import slots_of
from advisor.store import Store
from advisor.store.run.generations import CallKey, list_answered, list_failed, list_made, list_read
from advisor.store.run.replies import Replies, count_unread
from advisor.store.run.runs import change_run
from advisor.store.run.samples import map_run_samples, map_use_case_ids
from advisor.store.run.tallies import REFUSED
from advisor.types import FailureKind, Lane, Role, Run, Settled, Status, StoredModel
from advisor.types.enums import About
from advisor.types.scores import is_hopeless

Settle = Callable[[], Sequence[Settled]]
"""Scores what is stored and tells what is decided by now."""


Make = Callable[[Sequence[StoredModel], Sequence[CallKey], Loader], Outcome]
"""Makes the calls of keys."""


class Asking:
    """One process that asks what a run still lacks."""

    def __init__(
        self,
        store: Store,
        run: Run,
        models: Sequence[StoredModel],
        loader: Loader,
        make: Make,
        *,
        unstored_s: float,
    ) -> None:
        """``unstored_s``: of how many last seconds answers may be lost, since nobody ended the run."""
        self._store, self._run, self._loader, self._make = store, run, loader, make
        self._lanes = lanes_of(run, models)
        self._judges = [model for model in models if model.role is Role.JUDGE and run.options.judged]
        self._use_cases = map_run_samples(store, run.id)
        self._order = asking_order(self._use_cases, run.options.seed)
        self._keys = plan_calls(self._use_cases, self._lanes, run.options.repeats, run.options.seed)
        self._reuse = Reuse(store, run, set(self._keys))
        self._unstored_s = unstored_s
        self._words: dict[CallKey, int] = {}
        """The judges' calls about pairs that came up so far -> the round in which each did."""
        self._is_examined = False
        self.outcome = Outcome()
        self._silent: set[int] = set()
        """Models that were given up without an answer, and are asked nothing more."""

    @cached_property
    def _audits(self) -> dict[int, tuple[int, ...]]:
        candidates = [model for lane, model in self._lanes if lane is Lane.CANDIDATE]
        return plan_audits(self._use_cases, candidates, self._run.options.audited, self._run.options.seed)

    def ask_all(self, settle: Settle) -> None:
        """Make every call that has no answer yet, and ask the judges about the answers."""
        self._give_up_unreadable()  # of an earlier process
        self._ask_in_rounds(settle if self._run.options.early_stop else None)
        self._ask_besides()

    def judge_again(self, judges: Sequence[StoredModel]) -> None:
        """Ask these judges about what they have not judged yet, by the rubrics that are in force."""
        self._judges = list(judges)
        self._judge(self._order)
        self._examine(self._order)
        self._ask_besides()

    def _ask_in_rounds(self, settle: Settle | None) -> None:
        """Judges follow the answers closely, so that whoever watches sees results early; ``settle`` stops early."""
        keys = self._keys
        growth = GROWTH if settle else FAST_GROWTH
        parts = rounds(self._use_cases, self._run.options.seed, growth) if settle or self._judges else [self._order]
        spared = Spared(keys, map_use_case_ids(self._store, self._run.id))
        spared.settle(self._run.settled)
        models = [model for _, model in self._lanes]
        before: list[int] = []
        calls: list[CallKey] = []
        for number, part in enumerate(parts):
            lost, now = self._not_refused(calls), set(part)
            calls = [key for key in keys if key.sample_id in now]
            made_ever = list_made(self._store, self._run.id)
            due = [key for key in [*lost, *calls] if key not in spared and not spared.would_change(key, made_ever)]
            made = self._ask(models, due)
            made += self._judge([*before, *part], spared, number)  # a late answer makes a pair of the round before
            before = part
            self._examine(part)  # what a judge is worth must be known before its vote decides anything
            self._read(part)
            if self.outcome.stopped is not None:
                return
            if settle and (
                made or number == 0
            ):  # an earlier process may have ended before it looked at what it was told
                settled = settle()
                spared.settle(settled)
                self._change(settled=[list(each) for each in settled])
        if settle is None:
            self._change(planned_judge=len(self._words))
            return
        made_ever = list_made(self._store, self._run.id)
        spared_calls = sum(key in spared and key not in made_ever for key in keys)
        answered = list_answered(self._store, self._run.id)
        planned_judge = sum(key not in spared or key in answered for key in self._words)
        self._change(spared=spared_calls, planned_judge=planned_judge)

    def _not_refused(self, keys: Sequence[CallKey]) -> list[CallKey]:
        """Those of these calls that were not refused: answered, lost, or not made as the model had been given up."""
        failed = list_failed(self._store, self._run.id) if keys else {}
        return [key for key in keys if failed.get(key) not in REFUSED]

    def _not_unread(self, keys: Sequence[CallKey]) -> list[CallKey]:
        """These judges' calls without those whose reply can't be read, which has been asked for twice."""
        failed = list_failed(self._store, self._run.id) if keys else {}
        return [key for key in keys if failed.get(key) is not FailureKind.UNREADABLE]

    def _judge(self, sample_ids: Sequence[int], spared: Spared | tuple[()] = (), number: int = 0) -> int:
        """Ask about the pairs of these samples that are new in this round, and once more what the one before it lost.

        Returns how many calls were made.
        """
        if not self._judges or self.outcome.stopped is not None:
            return 0
        before = [key for key, first in self._words.items() if first == number - 1]
        lost = self._not_unread(self._not_refused(before))
        keys = plan_judge_calls(self._loader.pairs(sample_ids), self._judges, self._run.options.seed)
        new = [key for key in keys if key not in self._words]
        self._words |= dict.fromkeys(new, number)
        self._change(planned_judge=max(len(self._words), self._run.plan.planned_judge))
        made = self._ask(self._judges, [key for key in [*lost, *new] if key not in spared])
        self._give_up_unreadable()
        return made

    def _give_up_unreadable(self) -> None:
        """Ask nothing more of a judge that can't pass any more, as too many of its votes can't be read."""
        counts = count_unread(self._store, self._run.id) if self._judges else {}
        for judge in self._judges:
            votes = counts.get(judge.id, Replies()).votes
            if is_hopeless(*votes):
                self._silent.add(judge.id)

    def _examine(self, sample_ids: Sequence[int]) -> None:
        """Ask the judges about the control pairs they still lack in this study, made from answers to these samples."""
        if self._is_examined or not self._words or self.outcome.stopped is not None:
            return
        self._is_examined = True
        if self._ask_controls(sample_ids):
            self._ask_controls(sample_ids)  # tasks of the set in place of pairs that a host refused

    def _ask_controls(self, sample_ids: Sequence[int]) -> bool:
        """Ask every judge about the control pairs it lacks; returns whether a host has refused some in the study."""
        keys: list[CallKey] = []
        study_id = self._run.study_id
        for judge in self._judges:
            held = answered_controls(self._store, study_id, judge.id)
            out = refused_controls(self._store, study_id, judge.id)
            controls = self._loader.controls(sample_ids, lacking(held, len(self._order)), held, out)
            keys += plan_judge_calls(controls, [judge], self._run.options.seed)
        self._ask_freely(keys)
        return any(refused_controls(self._store, study_id, judge.id) for judge in self._judges)

    def _ask_besides(self) -> None:
        """The baseline judged against itself, and single answers."""
        if not self._judges or self.outcome.stopped is not None:
            return
        self._ask_freely(plan_judge_calls(self._loader.repeats(self._order), self._judges, self._run.options.seed))
        self._read(self._order)

    def _read(self, sample_ids: Sequence[int]) -> None:
        """Have the first judge that can be read read single answers to these samples, those that none has read yet."""
        replies = count_unread(self._store, self._run.id) if self._judges else {}
        readers = [
            judge
            for judge in self._judges
            if judge.id not in self._silent and not is_hopeless(*replies.get(judge.id, Replies()).audits)
        ]
        if not readers or self.outcome.stopped is not None:
            return
        planned = {sample_id: self._audits[sample_id] for sample_id in sample_ids if sample_id in self._audits}
        if not planned:
            return
        read = list_read(self._store, self._run.id)
        audits = plan_judge_calls(self._loader.audits(planned), readers[:1], self._run.options.seed)
        self._ask_freely(self._not_unread([key for key in audits if (key.sample_id, key.subject) not in read]))

    def _ask_freely(self, keys: Sequence[CallKey]) -> None:
        """Ask the judges what the run is complete without."""
        before = self.outcome
        self.outcome = Outcome(wall_s=before.wall_s, lags_s=before.lags_s)
        silent = set(self._silent)
        self._ask(self._judges, keys)
        self._silent = silent  # what a judge says besides the pairs tells nothing of the pairs to come
        wish = self.outcome.stopped
        self.outcome.given_up = before.given_up
        self.outcome.stopped = None if wish is Status.BUDGET_EXCEEDED else wish

    def _ask(self, models: Sequence[StoredModel], keys: Sequence[CallKey], *, equal_too: bool = False) -> int:
        """Make those of these calls that have no answer yet; returns how many were tried.

        Judges' calls that equal one of them wait for its answer, unless ``equal_too``.
        """
        if self.outcome.stopped is not None:
            return 0
        models = [model for model in models if model.id not in self._silent]
        asked = {model.id for model in models}
        answered = list_answered(self._store, self._run.id)
        keys = [key for key in keys if key.model_id in asked and key not in answered]
        if self._unstored_s and keys:
            in_flight = sum(slots_of(model, self._run.options) for model in models)
            lost = min(len(keys), most_lost(self._store, self._run, in_flight=in_flight, unstored_s=self._unstored_s))
            self._change(asked_again=self._run.machine.asked_again + lost)
            self._unstored_s = 0.0
        first, equal = self._reuse.take_over(keys, self._loader)
        made = self._make(models, [*first, *equal] if equal_too else first, self._loader)
        self.outcome.add(made)
        self.outcome.given_up = self._still_missed(self.outcome.given_up)
        if made.given_up:
            self._silent |= {model.id for model in models if model.name in made.given_up} - self._heard()
        if equal and not equal_too:
            self._ask(models, equal, equal_too=True)
        return len(keys)

    def _heard(self) -> set[int]:
        """Ids of the models that have answered a call of the run: they may do so again."""
        return {key.model_id for key in list_answered(self._store, self._run.id)}

    def _still_missed(self, given_up: Mapping[str, str]) -> dict[str, str]:
        """Of the models that were given up, with the reason, those that lost a call that is not answered since."""
        if not given_up:
            return {}
        ids = {model.name: model.id for model in (*(model for _, model in self._lanes), *self._judges)}
        failed = list_failed(self._store, self._run.id).items()
        lost = {
            key.model_id
            for key, why in failed
            if why not in REFUSED and key.subject.about in (About.SAMPLE, About.PAIR)
        }
        return {name: why for name, why in given_up.items() if ids.get(name) in lost}

    def _change(self, **values: object) -> None:
        change_run(self._store, self._run.id, by=owner_name(), **values)
