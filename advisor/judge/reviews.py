"""Blind judging of pairs by people: which pair comes next, and keeping what was said.

Two queues. The random one is the same fixed order for everybody, so that what has been judged is always a random
subset: estimates rest on it alone. The telling one holds the pairs about which somebody is in doubt; what is said of
those is kept as picked.

A pair that many draws of one request give comes up early, and is asked about once: where the order reaches an equal
one, the reviewer's word is kept for that too. Not before: equal pairs that count too soon would weigh too much.
"""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from advisor.collect.readable import split_prompt
from advisor.judge.agreement import PairKey, mean_reviews, side_of
from advisor.judge.endpoints import endpoint_of
from advisor.judge.pairs import SAME_ANSWER, load_texts
from advisor.settings import DATA
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models_of
from advisor.store.run.generations import list_pairs
from advisor.store.run.reviews import Review, add_reviews, list_doubts, load_reviews, put_reviews, remove_review
from advisor.store.run.samples import list_repeats, list_run_samples, map_run_samples
from advisor.store.run.scores import load_failed, load_scores
from advisor.types import Endpoint, Preference, Role, Run, Study

OVERLAP_EVERY = 5
"""Every so many pairs a reviewer gets one that another has judged, so that their agreement can be measured."""


class Queue(StrEnum):
    """Which pairs are offered."""

    RANDOM = "random"
    TELLING = "telling"


@dataclass(frozen=True, kw_only=True)
class BlindPair:
    """Two answers in a random order that the reviewer cannot tell apart."""

    sample_id: int
    model_id: int
    use_case: str
    before: str
    """Instructions and earlier turns; empty where there are none."""
    prompt: str
    """What is asked."""
    first: str
    second: str
    candidate_first: bool
    queue: Queue
    done: int
    """Pairs of the queue that this reviewer has judged."""
    left: int

    @property
    def key(self) -> PairKey:
        """What tells it from every other pair of the run."""
        return (self.sample_id, self.model_id)


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A review that was just kept, and what it replaced: enough to take it back."""

    pair: PairKey
    reviewer: str
    replaced: Review | None


def reviewable(store: Store, study: Study, run: Run) -> dict[str, Endpoint]:
    """The use cases whose pairs are offered: those in which comparing two answers decides, or may have to."""
    found = {
        case.name: endpoint_of(case, run.baseline_lane) for case in list_use_cases(store, study.id) if not case.ignored
    }
    return {name: endpoint for name, endpoint in found.items() if endpoint is not Endpoint.TARGET}


def _pairs(store: Store, run: Run, endpoints: Mapping[str, Endpoint]) -> list[PairKey]:
    """The pairs of these use cases; where answers should agree, those that differ."""
    compared = [name for name, endpoint in endpoints.items() if endpoint is Endpoint.PAIRWISE]
    agreeing = [name for name, endpoint in endpoints.items() if endpoint is Endpoint.AGREEMENT]
    pairs = list_pairs(store, run.id, compared)
    if agreeing:
        scores = load_failed(store, run.id, [SAME_ANSWER])
        different = {(key.sample_id, key.model_id) for key in scores}
        pairs += [pair for pair in list_pairs(store, run.id, agreeing) if pair in different]
    return pairs


@dataclass(frozen=True, kw_only=True)
class Reviewing:
    """Who reviews which pairs."""

    reviewer: str = ""
    use_cases: tuple[str, ...] = ()
    """Empty: all."""
    model_id: int | None = None
    """Of the candidate; None: all."""
    queue: Queue = Queue.RANDOM


EVERY_PAIR = Reviewing()


def list_queue(
    store: Store,
    study: Study,
    run: Run,
    reviewing: Reviewing = EVERY_PAIR,
) -> tuple[PairKey, ...]:
    """The pairs of a queue in their order, judged or not. Neither more answers nor another run change the order.

    The telling queue begins with the pairs that most reasons speak for; its pairs depend on what others have said.
    """
    endpoints, of = reviewable(store, study, run), reviewing.use_cases
    pairs = _pairs(store, run, {name: way for name, way in endpoints.items() if not of or name in of})
    pairs = [pair for pair in pairs if reviewing.model_id in (None, pair[1])]
    if reviewing.queue is Queue.RANDOM:
        return tuple(sorted(pairs, key=lambda pair: _place(run, pair)))
    doubts = _doubts(store, run, reviewing.reviewer)
    return tuple(sorted(doubts.keys() & set(pairs), key=lambda pair: (-doubts[pair], _place(run, pair))))


def next_pair(
    store: Store,
    study: Study,
    run: Run,
    reviewing: Reviewing,
    *,
    listed: Sequence[PairKey] | None = None,
    skipped: Collection[PairKey] = (),
) -> BlindPair | None:
    """The pair that a reviewer judges next; None when all are done.

    A pair that nobody has judged comes first, but every fifth is one that another reviewer has. The use case with the
    fewest judged pairs comes next, its pairs in the order of the queue. Skipped pairs come last. One that equals a pair
    which the reviewer has judged gets the same word and isn't shown; one of the same answer twice is a tie. ``listed``
    is the queue as :func:`list_queue` gave it; with it, few texts are read.
    """
    if listed is None:
        listed = list_queue(store, study, run, reviewing)
    reviewer, queue = reviewing.reviewer, reviewing.queue
    reviews = [review for review in load_reviews(store, run.id) if queue is Queue.TELLING or not review.picked]
    mine = {(r.sample_id, r.model_id): r.preference for r in reviews if r.reviewer == reviewer}
    others = {(r.sample_id, r.model_id) for r in reviews if r.reviewer != reviewer}
    still_open = [pair for pair in listed if pair not in mine]
    done = len(listed) - len(still_open)
    is_overlap = queue is Queue.RANDOM and (done + 1) % OVERLAP_EVERY == 0
    if queue is Queue.RANDOM:
        use_case_of = map_run_samples(store, run.id)
        judged = Counter(use_case_of.get(pair[0]) for pair in listed if pair in mine or pair in others)
        still_open.sort(key=lambda pair: judged[use_case_of.get(pair[0])])
        still_open.sort(key=lambda pair: (pair in others) is not is_overlap)
    still_open.sort(key=lambda pair: pair in skipped)
    for place, pair in enumerate(still_open):
        texts = load_texts(store, run, [pair]).get(pair)
        if texts is None or not texts.baseline or not texts.candidate:
            continue  # deleted meanwhile, or one side has nothing to show
        if (equal := _equal(store, run, pair, mine)) or texts.baseline == texts.candidate:
            mine[pair] = mine[equal[0]] if equal else Preference.TIE
            done += 1
            save_word(store, run, pair, mine[pair], reviewer=reviewer, picked=queue is Queue.TELLING)
            continue
        candidate_first = random.Random(f"{run.study_id}:{reviewer}:{pair[0]}:{pair[1]}").random() < 0.5
        before, prompt = split_prompt(texts.sample.request.messages)
        return BlindPair(
            sample_id=pair[0],
            model_id=pair[1],
            use_case=texts.sample.use_case or "",
            before=before,
            prompt=prompt,
            first=texts.candidate if candidate_first else texts.baseline,
            second=texts.baseline if candidate_first else texts.candidate,
            candidate_first=candidate_first,
            queue=queue,
            done=done,
            left=len(still_open) - place,
        )
    return None


def save_review(store: Store, run: Run, pair: BlindPair, choice: str, *, reviewer: str) -> Saved:
    """Keep a reviewer's choice: ``first``, ``second`` or ``tie``; one from the telling queue as picked."""
    if choice == "tie":
        preference = Preference.TIE
    else:
        preference = Preference.CANDIDATE if (choice == "first") == pair.candidate_first else Preference.BASELINE
    return save_word(store, run, pair.key, preference, reviewer=reviewer, picked=pair.queue is Queue.TELLING)


def save_word(store: Store, run: Run, pair: PairKey, preference: Preference, *, reviewer: str, picked: bool) -> Saved:
    """Keep what a reviewer says of a pair in place of what he said before."""
    replaced = add_reviews(store, run.id, [(*pair, preference)], reviewer=reviewer, picked=picked)
    return Saved(pair=pair, reviewer=reviewer, replaced=replaced[0] if replaced else None)


def undo_review(store: Store, run: Run, saved: Saved) -> None:
    """Take a review back, so that its pair and equal ones are open again; what it had replaced is put back."""
    own = {(r.sample_id, r.model_id) for r in load_reviews(store, run.id) if r.reviewer == saved.reviewer}
    for pair in (saved.pair, *_equal(store, run, saved.pair, own)):
        remove_review(store, run.id, *pair, reviewer=saved.reviewer)
    if saved.replaced is not None:
        put_reviews(store, run.id, [saved.replaced])


def _equal(store: Store, run: Run, pair: PairKey, among: Collection[PairKey]) -> list[PairKey]:
    """Those of some pairs that are another draw of the same request with the same two answers."""
    repeats = [(id_, pair[1]) for id_ in list_repeats(store, run.id, pair[0])]
    repeats = [each for each in repeats if each in among]
    texts = load_texts(store, run, [pair, *repeats]) if repeats else {}
    answers = {each: (text.baseline, text.candidate) for each, text in texts.items()}
    return [each for each in repeats if answers.get(each) == answers.get(pair)]


def _place(run: Run, pair: PairKey) -> bytes:
    """Where a pair stands in the random order, the same in every run of the study; no other pair moves it."""
    return hashlib.blake2b(f"{run.study_id}:{pair[0]}:{pair[1]}".encode(), digest_size=8).digest()


def _doubts(store: Store, run: Run, reviewer: str) -> Counter[PairKey]:
    """How many reasons there are to look at a pair; none where no judge has read it.

    Its judges changed their word with the order, or contradict one another, or the score is a draw, or it contradicts
    what people said, the reviewer left out.
    """
    reasons = list_doubts(store, run.id, Endpoint.PAIRWISE.value)
    people = mean_reviews(review for review in load_reviews(store, run.id) if review.reviewer != reviewer)
    scores = load_scores(
        store,
        run.id,
        scorers=[Endpoint.PAIRWISE.value],
        sample_ids=[sample_id for sample_id, _ in people],
        explained=False,
    )
    for key, score in scores.items():
        pair = (key.sample_id, key.model_id)
        if score.value is not None and pair in people and side_of(people[pair]) is not side_of(score.value):
            reasons[pair] += 1
    return reasons


REVIEWS = "reviews.jsonl"
REVIEWER = "written for the sample"


def add_written_reviews(store: Store, run: Run) -> None:
    """Add the reviews that were written for the sample to a run of the sample study, once.

    Where judges vote, people compare a part only.
    """
    path = DATA / "sample" / REVIEWS
    models = list_models_of(store, run)
    candidate = next((model for model in models if model.illustrative and model.role is Role.CANDIDATE), None)
    if candidate is None or not path.is_file():
        return
    if any(review.reviewer == REVIEWER for review in load_reviews(store, run.id)):
        return
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    is_judged = any(model.role is Role.JUDGE for model in models)
    written = {row["id"]: Preference(row["preference"]) for row in rows if not is_judged or row.get("beside_judges")}
    reviews = [
        (sample.id, candidate.id, written[sample.ids.external_id])
        for sample in load_samples(store, list_run_samples(store, run.id))
        if sample.ids.external_id in written
    ]
    add_reviews(store, run.id, reviews, reviewer=REVIEWER)
