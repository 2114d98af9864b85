"""People's reviews beside the judge's word on the same pairs, and beside one another.

Only reviews of the random subset count: pairs that were picked because they tell much are harder than the others.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TypeAlias

from advisor.analysis.statistics.agreement import MIN_KAPPA, confusion, kappa_interval
from advisor.store import Store
from advisor.store.run.reviews import Review, load_reviews
from advisor.store.run.scores import ScoreKey, load_scores
from advisor.store.run.tallies import tally_run
from advisor.types import Endpoint, Preference, Score
from advisor.types.assessments import MIN_REVIEWS

PairKey: TypeAlias = tuple[int, int]
"""Sample id and the candidate's model id."""

WIN = {Preference.CANDIDATE: 1.0, Preference.TIE: 0.5, Preference.BASELINE: 0.0}
ENOUGH_SHARED = 10
"""Pairs that two reviewers share from which on their agreement is more than chance; the interval tells how much."""
MOST_TIED = 0.8
"""Of the pairs compared: with more of them called ties by both, too few are left to tell agreement from chance."""
SIDES = (Preference.CANDIDATE, Preference.TIE, Preference.BASELINE)
"""Rows and columns of every confusion table."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How often two raters say the same of the same pairs."""

    n: int
    """Pairs that both judged."""
    same: int
    kappa: float | None = None
    """Agreement beyond chance (Cohen); None: too few pairs."""
    low: float | None = None
    high: float | None = None
    missing: int = 0
    """Pairs that are missing for kappa; with enough of them it is unknown where all votes are the same."""
    confusion: tuple[tuple[int, ...], ...] = ()
    """Counts in the order of ``SIDES``: rows are the first rater (people, or the first name), columns the second."""

    @property
    def interval(self) -> tuple[float, float, float] | None:
        """Kappa with its bounds."""
        if self.kappa is None or self.low is None or self.high is None:
            return None
        return self.kappa, self.low, self.high

    @property
    def is_by_chance(self) -> bool:
        """Whether they may agree by chance alone though enough pairs are compared."""
        return self.n >= MIN_REVIEWS and not (self.low is not None and self.low > 0)

    @property
    def is_tied(self) -> bool:
        """Whether that is because both call nearly all pairs ties: then more pairs help, and another judge doesn't."""
        return self.is_by_chance and self.confusion[1][1] > MOST_TIED * self.n

    @property
    def is_contradiction(self) -> bool:
        """Whether even the upper end of kappa is too low for a judge."""
        return self.high is not None and self.high < MIN_KAPPA


@dataclass(frozen=True, kw_only=True)
class ReviewFacts:
    """All that was said about the pairs of a run, by people and by judges."""

    reviews: list[Review]
    scores: dict[ScoreKey, Score]
    """What judges say of the pairs that people judged."""
    pairs: dict[str, list[PairKey]]
    """By use case in which people compare answers: the pairs that they judged by hand, at random or picked."""
    is_judged: bool
    """Whether a judge has read any pair."""
    judges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By use case those that decide there."""

    @cached_property
    def made(self) -> dict[str, list[PairKey]]:
        """By use case the pairs of the random subset that people judged by hand: the reviews that count."""
        return {name: [pair for pair in pairs if pair in self._means] for name, pairs in self.pairs.items()}

    @cached_property
    def _means(self) -> dict[PairKey, float]:
        return mean_reviews(self.reviews)

    @property
    def panels(self) -> dict[tuple[str, ...], list[str]]:
        """By judges that decide together, the use cases in which they do; reviews of these check them."""
        found: dict[tuple[str, ...], list[str]] = {}
        for name in self.pairs:
            found.setdefault(self.judges.get(name, ()), []).append(name)
        return found

    def with_judge(self, names: Iterable[str]) -> Agreement:
        """Reviewers and the judge, in some use cases together."""
        pairs = [pair for name in names for pair in self.pairs.get(name, ())]
        return agreement_with_judge(self.scores, self._means, pairs)


def gather_reviews(
    store: Store,
    run_id: int,
    names: Iterable[str],
    use_case_of: Mapping[int, str],
    by_hand: Collection[PairKey],
) -> ReviewFacts:
    """What people said about the pairs of a run, and what judges said about the same pairs.

    ``by_hand``: the reviewed pairs that a person looked at.
    ``names``: the use cases in which people compare answers; ``use_case_of``: by sample.
    """
    found = load_reviews(store, run_id)
    judged = sorted({(review.sample_id, review.model_id) for review in found})
    pairs: dict[str, list[PairKey]] = {name: [] for name in sorted(names)}
    for pair in judged:
        if use_case_of.get(pair[0]) in pairs and pair in by_hand:
            pairs[use_case_of[pair[0]]].append(pair)
    scores = load_scores(
        store, run_id, scorers=[Endpoint.PAIRWISE.value], sample_ids=[pair[0] for pair in judged], explained=False
    )
    return ReviewFacts(
        reviews=found,
        scores=scores,
        pairs=pairs,
        is_judged=bool(scores) or tally_run(store, run_id).judge.succeeded > 0,
    )


def mean_reviews(reviews: Iterable[Review], groups: Iterable[Collection[PairKey]] = ()) -> dict[PairKey, float]:
    """(sample id, model id) -> what most reviewers preferred; a split counts as a tie.

    Picked reviews are left out, but where all pairs of one of ``groups`` are reviewed: then nobody chose among them.
    """
    reviews = list(reviews)
    reviewed = {(review.sample_id, review.model_id) for review in reviews}
    whole = {pair for group in groups if reviewed.issuperset(group) for pair in group}
    votes: dict[PairKey, Counter[Preference]] = {}
    for review in reviews:
        if not review.picked or (review.sample_id, review.model_id) in whole:
            votes.setdefault((review.sample_id, review.model_id), Counter())[review.preference] += 1
    return {
        pair: WIN[_leaning(counts[Preference.CANDIDATE] - counts[Preference.BASELINE])]
        for pair, counts in votes.items()
    }


def agreement_with_judge(
    scores: Mapping[ScoreKey, Score], reviews: Mapping[PairKey, float], pairs: Iterable[PairKey]
) -> Agreement:
    """People's votes (see :func:`mean_reviews`) beside the judge's on these pairs; kappa from 30 on.

    A panel's mean counts for the side it leans to. No kappa where all say one and the same throughout: that may be
    chance.
    """
    people, judged = [], []
    for pair in pairs:
        score, review = scores.get(ScoreKey(*pair, "pairwise")), reviews.get(pair)
        if score is not None and score.value is not None and review is not None:
            people.append(side_of(review))
            judged.append(side_of(score.value))
    return _agreement(people, judged, enough=MIN_REVIEWS)


def agreement_of_reviewers(reviews: Iterable[Review]) -> dict[tuple[str, str], Agreement]:
    """Every two reviewers who judged the same pairs of the random subset; kappa from 10 pairs on."""
    words: defaultdict[str, dict[PairKey, Preference]] = defaultdict(dict)
    for review in reviews:
        if not review.picked:
            words[review.reviewer][(review.sample_id, review.model_id)] = review.preference
    found = {}
    for first, second in combinations(sorted(words), 2):
        shared = [pair for pair in words[first] if pair in words[second]]
        if shared:
            said = ([words[name][pair] for pair in shared] for name in (first, second))
            found[(first, second)] = _agreement(*said, enough=ENOUGH_SHARED)
    return found


def side_of(value: float) -> Preference:
    """The side that a score of a pair, 0 to 1, leans to."""
    return _leaning(value - 0.5)


def _agreement(first: Sequence[Preference], second: Sequence[Preference], *, enough: int) -> Agreement:
    tells = len(first) >= enough and len({*first, *second}) > 1
    kappa, low, high = kappa_interval(first, second) if tells else (None, None, None)
    return Agreement(
        n=len(first),
        same=sum(one is other for one, other in zip(first, second, strict=True)),
        kappa=kappa,
        low=low,
        high=high,
        missing=max(enough - len(first), 0),
        confusion=tuple(tuple(row) for row in confusion(first, second, SIDES)) if first else (),
    )


def _leaning(lead: float) -> Preference:
    return Preference.CANDIDATE if lead > 0 else Preference.BASELINE if lead < 0 else Preference.TIE
