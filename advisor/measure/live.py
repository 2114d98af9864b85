"""What a run at work shows so far: looked at again and again, and stored nowhere."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import NamedTuple

from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.sampling import asking_order
from advisor.analysis.verdict.stopping import so_far
from advisor.decide.evidence import gather_evidence
from advisor.decide.failures import loss
from advisor.decide.limits import as_frozen
from advisor.judge.agreement import PairKey
from advisor.judge.exam import Panel, exam_of
from advisor.judge.run_facts import RunFacts, Unstored
from advisor.judge.scores import Measures, measures_of, score_batch
from advisor.judge.trust import take_exam
from advisor.store import Store
from advisor.store.run.generations import CallKey, list_answered
from advisor.store.run.replies import count_unread
from advisor.store.run.runs import get_run
from advisor.store.run.samples import map_requests, map_run_samples
from advisor.store.run.scores import ScoreKey, Vote
from advisor.store.studies import get_study
from advisor.types import Lane, Run, Score
from advisor.types.assessments import SoFar

SAMPLES = 2_000
"""Looked at, the first in the order of asking: those of a longer run would take too long every time."""
WORST = 4
"""Pairs that are shown."""


class Worse(NamedTuple):
    """A pair that the candidate lost."""

    use_case: str
    model: str
    key: PairKey
    score: float
    """0 to 1; pairwise below one half."""
    found: Score | None
    """What the scorer or the judge says of it."""


class Live(NamedTuple):
    """A look at a run at work."""

    rows: tuple[SoFar, ...] = ()
    worst: tuple[Worse, ...] = ()
    """The lowest scores so far of each use case, in turn."""


class LiveRun:
    """One run that is looked at; remembers the scores of what it has seen. Not for two threads at a time."""

    def __init__(self, store: Store, run: Run) -> None:
        self._store, self._run_id = store, run.id
        self._ids = set(asking_order(map_run_samples(store, run.id), run.options.seed)[:SAMPLES])
        self._requests = map_requests(store, run.id)
        self._measures: Measures | None = None
        self._trusted: Mapping[str, tuple[str, ...]] = {}
        self._answered: set[CallKey] = set()
        self._scores: dict[ScoreKey, Score] = {}
        self._votes: dict[int, list[Vote]] = {}
        """By sample."""

    def look(self) -> Live:
        """Score what is new and look at all evidence there is. Raises BadInput once the study is deleted."""
        store, run = self._store, get_run(self._store, self._run_id)
        study = as_frozen(get_study(store, run.study_id), run)
        self._score(run)
        votes = [vote for of_sample in self._votes.values() for vote in of_sample]
        unstored = Unstored(self._ids, self._requests, self._scores, votes)
        facts = RunFacts(store, study, run, planned=True, unstored=unstored)
        evidence = gather_evidence(facts)
        exam = take_exam(store, facts) or exam_of(store, run, list(count_unread(store, run.id)))  # none can be read
        rows = so_far(evidence, study.confidence, study.margin, exam)
        ids = {model.name: model.id for model in facts.candidates}
        by_case = [sorted(self._lost(item, ids), key=lambda worse: worse.score) for item in evidence]
        in_turn = [worse for nth in zip_longest(*by_case) for worse in nth if worse is not None]
        return Live(tuple(rows), tuple(in_turn[:WORST]))

    def _lost(self, item: UseCaseEvidence, ids: dict[str, int]) -> list[Worse]:
        return [
            Worse(item.name, model, key, score, self._scores.get(ScoreKey(*key, item.endpoint.value)))
            for model, candidate in item.candidates.items()
            for pair in candidate.pairs
            if (score := loss(pair, item.endpoint)) is not None and (key := (pair.sample_id, ids[model]))
        ]

    def _score(self, run: Run) -> None:
        answered = list_answered(self._store, run.id, self._ids)
        panel = Panel(self._store, run)
        if panel.trusted != self._trusted:  # what other judges' votes made of a pair no longer holds
            self._trusted, self._measures, self._scores = panel.trusted, None, {}
        fresh = self._ids if self._measures is None else {key.sample_id for key in answered - self._answered}
        is_judged = any(key.lane is Lane.JUDGE for key in answered)
        if self._measures is None or (is_judged and not self._measures.rubrics):
            self._measures = measures_of(self._store, run, run.plan.frozen)
        votes, scores = score_batch(self._store, run, sorted(fresh), self._measures, panel)
        self._votes |= {sample_id: [] for sample_id in fresh}
        for vote in votes:
            self._votes[vote.sample_id].append(vote)
        self._scores |= {ScoreKey(sample_id, model_id, score.scorer): score for sample_id, model_id, score in scores}
        self._answered = answered
