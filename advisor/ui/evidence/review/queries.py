"""What Review reads: the queues, what people and judges said, and how a cached read notices a change of either."""

from collections.abc import Collection, Sequence

from advisor.judge.agreement import PairKey, ReviewFacts, gather_reviews, mean_reviews
from advisor.judge.pairs import load_texts
from advisor.judge.reviews import BlindPair, Queue, Reviewing, list_queue, reviewable
from advisor.judge.reviews import next_pair as find_next
from advisor.store.engine import Change
from advisor.store.run.reviews import Review, load_reviews
from advisor.store.run.runs import get_run
from advisor.store.run.samples import map_run_samples
from advisor.store.run.scores import count_turned
from advisor.store.studies import get_study
from advisor.types import Run
from advisor.ui.cache import cached
from advisor.ui.server import store


def queue(study_id: int, run_id: int, *, reviewer: str, use_case: str | None, kind: Queue) -> tuple[PairKey, ...]:
    """The pairs of a queue in their order."""
    if kind is Queue.RANDOM:
        return _queue(study_id, run_id, "", use_case, kind, ())
    return _queue(study_id, run_id, reviewer, use_case, kind, words_of_others(run_id, reviewer))


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
    equal = {pair for pair, text in texts.items() if text.baseline == text.candidate}
    turned = _turned(study_id, run_id)
    return gather_reviews(store(), run_id, names, _use_case_of(study_id, run_id), turned, equal)


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


def count_judged(run_id: int, pairs: Collection[PairKey]) -> int:
    """How many of these pairs somebody has judged, picked ones left out."""
    return len(mean_reviews(load_reviews(store(), run_id)).keys() & set(pairs))


def count_checked(study_id: int, run_id: int, name: str | None = None) -> int:
    """How many pairs, of one use case or of all, check the judge."""
    return review_facts(study_id, run_id).with_judge(name).n


@cached(Change.ANSWERS, most=16)
def _queue(
    study_id: int, run_id: int, reviewer: str, use_case: str | None, kind: Queue, said: object
) -> tuple[PairKey, ...]:
    """``said``: what others said of the pairs."""
    study, run = get_study(store(), study_id), get_run(store(), run_id)
    return list_queue(store(), study, run, Reviewing(reviewer=reviewer, use_case=use_case, queue=kind))


@cached(Change.ANSWERS, most=16)
def _turned(study_id: int, run_id: int) -> dict[str, tuple[int, int]]:
    return count_turned(store(), run_id)


@cached(Change.SETUP, shared=True, most=4)  # nobody changes it
def _use_case_of(study_id: int, run_id: int) -> dict[int, str]:
    return map_run_samples(store(), run_id)
