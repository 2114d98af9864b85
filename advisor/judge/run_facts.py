"""Everything stored about one run, loaded once: what evidence, examples and judges are made from."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import NamedTuple

from advisor.analysis.sampling import asking_order, share_of_model
from advisor.collect.contract_prices import given_costs
from advisor.collect.readable import text_of
from advisor.collect.volume import volume_by_use_case
from advisor.errors import BadInput
from advisor.judge.agreement import PairKey, mean_reviews
from advisor.judge.endpoints import as_planned
from advisor.judge.exam import Panel
from advisor.judge.pairs import SAME_ANSWER, judged_by_hand, same_answer
from advisor.judge.reviews import REVIEWER
from advisor.judge.scores import RULE_VERSIONS, by_pair, knows
from advisor.scoring.controls import mean_sides
from advisor.scoring.judge import did_turn
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models_of
from advisor.store.run.generations import CallKey, load_generations
from advisor.store.run.reviews import load_reviews
from advisor.store.run.runs import list_runs
from advisor.store.run.samples import list_run_samples, map_requests, map_run_samples
from advisor.store.run.scores import RECORDED, ScoreKey, Vote, load_scores, load_votes
from advisor.store.run.tallies import tally_run
from advisor.types import (
    Answer,
    Endpoint,
    Evidence,
    Generation,
    Lane,
    Role,
    Run,
    Score,
    StoredModel,
    StoredSample,
    Study,
    Tally,
    UseCase,
)


class Unstored(NamedTuple):
    """What a run at work has that no score is stored of."""

    sample_ids: Collection[int]
    """What is looked at."""
    requests: Mapping[int, str]
    """By sample of the run the digest of its request, which never changes."""
    scores: Mapping[ScoreKey, Score]
    votes: Collection[Vote]


@dataclass(frozen=True, kw_only=True)
class Side:
    """What one lane gave for one sample."""

    answer: Answer | None
    generation: Generation | None


class RunFacts:
    """Everything stored about one run, loaded once."""

    def __init__(
        self, store: Store, study: Study, run: Run, *, planned: bool = False, unstored: Unstored | None = None
    ) -> None:
        """``planned``: with the use cases as the run was planned with them, else as they are now.

        ``unstored``: with the scores and votes that it has, of its samples alone.
        """
        self.study, self.run = study, run
        self.given = given_costs(store, study)
        some = list(unstored.sample_ids) if unstored else None
        samples = load_samples(store, list_run_samples(store, run.id) if some is None else some, self.given)
        self.samples = {sample.id: sample for sample in samples}
        self.requests = map_requests(store, run.id) if unstored is None else unstored.requests
        """By sample what is equal for repeats of one request."""
        self.models = {model.id: model for model in list_models_of(store, run)}
        self._names = (
            {sample_id: sample.use_case or "" for sample_id, sample in self.samples.items()}
            if some is None
            else map_run_samples(store, run.id)
        )
        self._shares = {
            model_id: set(share_of_model(self._names, model.max_samples, run.options.seed))
            for model_id, model in self.models.items()
        }
        lanes = [Lane.CANDIDATE, Lane.BASELINE]
        self.generations = dict(load_generations(store, run.id, lanes=lanes, sample_ids=some))
        self.scores = load_scores(store, run.id, explained=False) if unstored is None else unstored.scores
        self.known_rules = {rule for rule in RULE_VERSIONS if knows(run, rule)}
        """Of which rules the scores hold what they say of every answer."""
        self.use_cases = as_planned(list_use_cases(store, study.id), run.plan.frozen if planned else None)
        self.volumes = volume_by_use_case(store, study, self.given)
        reviews = load_reviews(store, run.id)
        self.reviews = mean_reviews(reviews, self._pairs_by_group())
        self.reviewed = _span(review.at for review in reviews)
        """When people judged the first and the last pair."""
        self.timed = _span(each.at for each in self.generations.values() if each.latency_s is not None)
        """When the first and the last response time was measured."""
        self.written = {(r.sample_id, r.model_id) for r in reviews} - {
            (r.sample_id, r.model_id) for r in reviews if r.reviewer != REVIEWER
        }
        """(sample id, candidate id) of the pairs that only reviews written for the sample study compare."""
        votes = load_votes(store, run.id) if unstored is None else unstored.votes
        self.judge_ids = sorted({vote.judge_id for vote in votes})
        """All that voted."""
        panel = Panel(store, run)
        self.exams = panel.exams
        """By use case, of the judges that voted there."""
        votes = panel.counting(votes, self._names)
        self.turned = _turned(votes)
        """(sample id, candidate id) -> judges whose vote turned with the order, of those that judged both."""
        self.sides = {pair: mean_sides(list(said.values())) for pair, said in by_pair(votes).items()}
        """(sample id, candidate id) -> the side that the judges' mean vote leans to in each order they all judged."""
        self.besides = dict(load_generations(store, run.id, lanes=[Lane.JUDGE], sample_ids=some, only_besides=True))
        """What the judges were asked besides the pairs."""

    @property
    def candidates(self) -> list[StoredModel]:
        """The candidates of the run in the order of registration."""
        return [model for model in self.models.values() if model.role is Role.CANDIDATE]

    def _pairs_by_group(self) -> Iterable[list[tuple[int, int]]]:
        """The pairs of every use case and candidate that people can compare."""
        groups: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for key, generation in self.generations.items():
            if key.lane is Lane.CANDIDATE and key.epoch == 1 and generation.failure is None:
                name = self.samples[key.sample_id].use_case or ""
                groups.setdefault((name, key.model_id), []).append((key.sample_id, key.model_id))
        return groups.values()

    @cached_property
    def by_hand(self) -> set[PairKey]:
        """The reviewed pairs that a person looked at, as :func:`judged_by_hand`."""
        judged = []
        for id_, model_id in self.reviews:
            if id_ in self.samples and model_id in self.models:
                sample, model = self.samples[id_], self.models[model_id]
                baseline, candidate = self.baseline(sample).answer, self.candidate(sample, model).answer
                judged.append(((id_, model_id), self.requests[id_], text_of(baseline), text_of(candidate)))
        return judged_by_hand(judged)

    def asked(self, sample: StoredSample, model: StoredModel) -> bool:
        """Whether a candidate is asked about a sample at all: a slow one answers a part of the run only."""
        return sample.id in self._shares[model.id]

    @property
    def baseline_id(self) -> int:
        """The model id under which the baseline's scores stand. Raises BadInput when the model is gone."""
        return baseline_id_of(self.run, self.models.values())

    def baseline(self, sample: StoredSample, epoch: int = 1) -> Side:
        """The baseline's answer to a sample: recorded, or replayed."""
        if self.run.baseline_lane is Lane.RECORDED:
            return Side(answer=sample.answer, generation=None)
        generation = self.generations.get(CallKey(sample.id, Lane.BASELINE, self.baseline_id, epoch))
        return Side(answer=generation.answer if generation else None, generation=generation)

    def candidate(self, sample: StoredSample, model: StoredModel) -> Side:
        """A candidate's first answer to a sample."""
        generation = self.generations.get(CallKey(sample.id, Lane.CANDIDATE, model.id, 1))
        return Side(answer=generation.answer if generation else None, generation=generation)

    def differs(self, sample: StoredSample, model: StoredModel, use_case: UseCase) -> bool | None:
        """Whether a candidate's answer is not the baseline's; None without both."""
        baseline, candidate = self.baseline(sample).answer, self.candidate(sample, model).answer
        if baseline is None or candidate is None:
            return None
        stored = self.score(sample, model.id, SAME_ANSWER)  # runs scored by an older version have none
        return (same_answer(use_case, sample, baseline, candidate) if stored is None else stored).value != 1.0

    def score(self, sample: StoredSample, model_id: int, scorer: str) -> Score | None:
        """One stored score."""
        return self.scores.get(ScoreKey(sample.id, model_id, scorer))

    def candidate_y(self, sample: StoredSample, model_id: int, endpoint: Endpoint, source: Evidence) -> float | None:
        """A candidate's score on a sample, 0 to 1, from whatever is the evidence; None: not scored."""
        if endpoint is Endpoint.PAIRWISE and source is not Evidence.JUDGE:
            return self.reviews.get((sample.id, model_id))
        score = self.score(sample, model_id, endpoint.value)
        return score.value if score else None

    def samples_of(self, use_case: UseCase) -> list[StoredSample]:
        """The run's samples of a use case, in the order of asking."""
        return self._by_use_case.get(use_case.name, [])

    @cached_property
    def _by_use_case(self) -> dict[str, list[StoredSample]]:
        found: dict[str, list[StoredSample]] = {}
        for sample_id in asking_order(self._names, self.run.options.seed):
            if sample_id in self.samples:
                found.setdefault(self._names[sample_id], []).append(self.samples[sample_id])
        return found


def baseline_id_of(run: Run, models: Iterable[StoredModel]) -> int:
    """The model id under which the baseline's scores stand; ``models`` are those of the run.

    Raises BadInput when the model is gone.
    """
    if run.baseline_lane is Lane.RECORDED:
        return RECORDED
    found = next((model.id for model in models if model.role is Role.BASELINE), None)
    if found is None:
        raise BadInput("The baseline of this run was deleted; start a new replay.")
    return found


def _span(moments: Iterable[datetime | None]) -> tuple[datetime, datetime] | None:
    known = [at for at in moments if at is not None]
    return (min(known), max(known)) if known else None


def _turned(votes: Iterable[Vote]) -> dict[tuple[int, int], tuple[int, int]]:
    found = {}
    for pair, by_judge in by_pair(votes).items():
        turns = [turned for said in by_judge.values() if (turned := did_turn(said)) is not None]
        found[pair] = sum(turns), len(turns)
    return found


def first_answered(runs: Iterable[Run], tally: Callable[[int], Tally]) -> Run | None:
    """The one that is decided on: the first with answers of runs, newest first. ``tally`` takes a run's id."""
    return next((run for run in runs if tally(run.id).succeeded), None)


def newest_answered(store: Store, study: Study) -> Run:
    """The newest run with answers. Raises BadInput when there is none."""
    run = first_answered(list_runs(store, study.id), partial(tally_run, store))
    if run is None:
        raise BadInput(f"Study {study.name!r} has no answers yet; start a replay first.")
    return run


def answered_or_newest(store: Store, study: Study) -> Run:
    """The newest run with answers, else the newest, of which every call failed. Raises BadInput without a run."""
    runs = list_runs(store, study.id)
    if not runs:
        raise BadInput(f"Study {study.name!r} has no run yet; start a replay first.")
    return first_answered(runs, partial(tally_run, store)) or runs[0]
