"""What Review reads: the queues, what people and judges said, and how a cached read notices a change of either."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from advisor.judge.agreement import PairKey, ReviewFacts, gather_reviews
from advisor.judge.exam import Panel
from advisor.judge.pairs import judged_by_hand, load_texts
from advisor.judge.reviews import BlindPair, Queue, Reviewing, list_queue, reviewable
from advisor.judge.reviews import next_pair as find_next
from advisor.store.engine import Change
from advisor.store.run.reviews import Review, load_reviews
from advisor.store.run.runs import get_run
from advisor.store.run.samples import map_requests, map_run_samples
from advisor.store.studies import get_study
from advisor.types import Run
from advisor.ui.cache import cached
from advisor.ui.server import store


def queue(study_id: int, run_id: int, reviewing: Reviewing) -> tuple[PairKey, ...]:
    """The pairs of a queue in their order."""
    if reviewing.queue is Queue.RANDOM:
        return _queue(study_id, run_id, replace(reviewing, reviewer=""), ())
    return _queue(study_id, run_id, reviewing, words_of_others(run_id, reviewing.reviewer))


def next_pair(
    study_id: int, run: Run, reviewing: Reviewing, *, listed: Sequence[PairKey], skipped: Collection[PairKey]
) -> BlindPair | None:
    """The pair that a reviewer judges next; None when all are done."""
    return find_next(store(), get_study(store(), study_id), run, reviewing, listed=listed, skipped=skipped)


def words_of(run_id: int, reviewer: str) -> dict[PairKey, Review]:
    """What one reviewer said about the pairs of a run."""
    return {(r.sample_id, r.model_id): r for r in load_reviews(store(), run_id) if r.reviewer == reviewer}


def review_facts(study_id: int, run_id: int) -> ReviewFacts:
    """What people said about the pairs of a run, and what judges said about the same pairs."""
    run = get_run(store(), run_id)
    names = reviewable(store(), get_study(store(), study_id), run)
    texts = load_texts(store(), run, {(review.sample_id, review.model_id) for review in load_reviews(store(), run_id)})
    requests = _requests(study_id, run_id)
    by_hand = judged_by_hand(
        (pair, requests[pair[0]], text.baseline, text.candidate) for pair, text in texts.items() if pair[0] in requests
    )
    found = gather_reviews(store(), run_id, names, _use_case_of(study_id, run_id), by_hand)
    return replace(found, judges=_judges(study_id, run_id))


def labels(study_id: int, suffix: str) -> bytes:
    """Every review of a study as a file to download, ``.csv`` or ``.jsonl``. Raises AdvisorError."""
    from advisor.judge.label_files import render_labels

    return render_labels(store(), get_study(store(), study_id), suffix)[0]


def words_of_others(run_id: int, reviewer: str) -> tuple[object, ...]:
    """What others say, picked pairs left out; of all, where ``reviewer`` is empty."""
    return tuple(
        (review.sample_id, review.model_id, review.preference, review.reviewer)
        for review in load_reviews(store(), run_id)
        if not review.picked and review.reviewer != reviewer
    )


@cached(Change.ANSWERS, most=16)
def _queue(study_id: int, run_id: int, reviewing: Reviewing, said: object) -> tuple[PairKey, ...]:
    """``said``: what others said of the pairs."""
    return list_queue(store(), get_study(store(), study_id), get_run(store(), run_id), reviewing)


@cached(Change.SETUP, shared=True, most=4)  # nobody changes it
def _use_case_of(study_id: int, run_id: int) -> dict[int, str]:
    return map_run_samples(store(), run_id)


@cached(Change.SETUP, shared=True, most=4)  # nobody changes it
def _requests(study_id: int, run_id: int) -> dict[int, str]:
    return map_requests(store(), run_id)


@cached(Change.ANSWERS, most=16)
def _judges(study_id: int, run_id: int) -> dict[str, tuple[str, ...]]:
    return {name: exam.judges for name, exam in Panel(store(), get_run(store(), run_id)).exams.items()}
