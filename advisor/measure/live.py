"""What a run at work shows so far: looked at again and again, and stored nowhere."""

from dataclasses import replace
from typing import NamedTuple

from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.sampling import asking_order
from advisor.analysis.verdict.stopping import so_far
from advisor.decide.evidence import gather_evidence
from advisor.decide.failures import loss
from advisor.judge.agreement import PairKey
from advisor.judge.exam import Panel
from advisor.judge.run_facts import RunFacts, Unstored
from advisor.judge.scores import Measures, measures_of, score_batch
from advisor.judge.trust import take_exam
from advisor.store import Store
from advisor.store.run.generations import CallKey, list_answered
from advisor.store.run.runs import get_run
from advisor.store.run.samples import map_run_samples
from advisor.store.run.scores import ScoreKey, Vote
from advisor.store.studies import get_study
from advisor.types import Lane, Run, Score, Study
from advisor.types.assessments import SoFar

SAMPLES = 2_000
"""Looked at, the first in the order of asking: those of a longer run would take too long every time."""
WORST = 10
"""Pairs that are shown."""


class Worse(NamedTuple):
    """A pair that the candidate lost."""

    use_case: str
    model: str
    key: PairKey
    score: float
    """0 to 1; pairwise below one half."""


class Live(NamedTuple):
    """A look at a run at work."""

    rows: tuple[SoFar, ...] = ()
    worst: tuple[Worse, ...] = ()
    """The lowest scores so far."""


def as_frozen(study: Study, run: Run) -> Study:
    """With the limits that the run was planned with: one that is moved between two looks is none."""
    limits = ("margin", "confidence", "max_latency_p95_s", "max_ttft_p95_s")
    frozen = run.plan.frozen
    return study if frozen is None else replace(study, **{name: getattr(frozen, name) for name in limits})


class LiveRun:
    """One run that is looked at; remembers the scores of what it has seen. Not for two threads at a time."""

    def __init__(self, store: Store, run: Run) -> None:
        self._store, self._run_id = store, run.id
        self._ids = set(asking_order(map_run_samples(store, run.id), run.options.seed)[:SAMPLES])
        self._measures: Measures | None = None
        self._answered: set[CallKey] = set()
        self._scores: dict[ScoreKey, Score] = {}
        self._votes: dict[int, list[Vote]] = {}
        """By sample."""

    def look(self) -> Live:
        """Score what is new and look at all evidence there is. Raises BadInput once the study is deleted."""
        store, run = self._store, get_run(self._store, self._run_id)
        study = as_frozen(get_study(store, run.study_id), run)
        self._score(run)
        unstored = Unstored(self._ids, self._scores, [vote for votes in self._votes.values() for vote in votes])
        facts = RunFacts(store, study, run, planned=True, unstored=unstored)
        evidence = gather_evidence(facts)
        rows = so_far(evidence, study.confidence, study.margin, take_exam(store, facts))
        ids = {model.name: model.id for model in facts.candidates}
        lost = sorted((worse for item in evidence for worse in _lost(item, ids)), key=lambda worse: worse.score)
        return Live(tuple(rows), tuple(lost[:WORST]))

    def _score(self, run: Run) -> None:
        answered = {key for key in list_answered(self._store, run.id) if key.sample_id in self._ids}
        fresh = self._ids if self._measures is None else {key.sample_id for key in answered - self._answered}
        is_judged = any(key.lane is Lane.JUDGE for key in answered)
        if self._measures is None or (is_judged and not self._measures.rubrics):
            self._measures = measures_of(self._store, run, run.plan.frozen)
        votes, scores = score_batch(self._store, run, sorted(fresh), self._measures, Panel(self._store, run))
        self._votes |= {sample_id: [] for sample_id in fresh}
        for vote in votes:
            self._votes[vote.sample_id].append(vote)
        self._scores |= {ScoreKey(sample_id, model_id, score.scorer): score for sample_id, model_id, score in scores}
        self._answered = answered


def _lost(item: UseCaseEvidence, ids: dict[str, int]) -> list[Worse]:
    return [
        Worse(item.name, model, (pair.sample_id, ids[model]), score)
        for model, candidate in item.candidates.items()
        for pair in candidate.pairs
        if (score := loss(pair, item.endpoint)) is not None
    ]
