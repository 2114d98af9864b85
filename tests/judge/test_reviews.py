"""Which pair comes next, what estimates rest on, and how far people agree with the judge and with one another."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisor.decide.pairs import compare_pairs
from advisor.judge.agreement import (
    SIDES,
    agreement_of_reviewers,
    agreement_with_judge,
    mean_reviews,
)
from advisor.judge.pairs import judged_by_hand
from advisor.judge.reviews import (
    OVERLAP_EVERY,
    BlindPair,
    Queue,
    Reviewing,
    list_queue,
    next_pair,
    reviewable,
    save_review,
    undo_review,
)
from advisor.judge.scores import by_pair
from advisor.scoring.judge import did_turn
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.models import list_models_of
from advisor.store.run.reviews import Review, add_reviews, load_reviews
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import ScoreKey, Vote
from advisor.types import FailureKindName, Judgement, Preference, Role, Run, Score, Study
from tests.made.log import call
from tests.made.pairs import BETTER, TIE, WORSE, answer, drafts, judge, paired_run

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def judge_all(store: Store, study: Study, run: Run, reviewer: str, most: int = 1000) -> list[BlindPair]:
    """The pairs that a reviewer is offered, each judged a tie."""
    seen: list[BlindPair] = []
    while len(seen) < most and (pair := next_pair(store, study, run, Reviewing(reviewer=reviewer))) is not None:
        save_review(store, run, pair, "tie", reviewer=reviewer)
        seen.append(pair)
    return seen


def said(*words: tuple[int, str, Preference], picked: bool = False) -> list[Review]:
    return [Review(sample, 1, preference, who, picked=picked, at=NOW) for sample, who, preference in words]


def judged(*values: float) -> dict[ScoreKey, Score]:
    return {ScoreKey(n, 1, "pairwise"): Score(scorer="pairwise", value=value) for n, value in enumerate(values)}


def test_the_order_is_the_same_for_all_and_no_answer_moves_it(any_store: Store, tmp_path: Path) -> None:
    study, run, candidate, _ = paired_run(any_store, tmp_path, drafts(40))
    listed = list_queue(any_store, study, run)
    assert set(listed) == {(sample, candidate) for sample in list_run_samples(any_store, run.id)}
    assert listed != tuple(sorted(listed))
    assert listed == list_queue(any_store, study, run, Reviewing(reviewer="somebody else"))
    offered = [pair.key for pair in judge_all(any_store, study, run, "Ann")]
    assert offered == list(listed)


def test_new_pairs_come_first_and_every_fifth_is_shared(store: Store, tmp_path: Path) -> None:
    study, run, *_ = paired_run(store, tmp_path, drafts(60))
    first = {pair.key for pair in judge_all(store, study, run, "Ann", 20)}
    shared = [pair.key in first for pair in judge_all(store, study, run, "Bo", 40)]
    assert [n for n, is_shared in enumerate(shared, 1) if is_shared] == list(range(OVERLAP_EVERY, 41, OVERLAP_EVERY))


def test_a_skipped_pair_comes_back_last(store: Store, tmp_path: Path) -> None:
    study, run, *_ = paired_run(store, tmp_path, drafts(4))
    listed = list_queue(store, study, run)
    offered = []
    while (pair := next_pair(store, study, run, Reviewing(reviewer="Ann"), skipped=[listed[0]])) is not None:
        offered.append(pair.key)
        save_review(store, run, pair, "first", reviewer="Ann")
    assert offered == [*listed[1:], listed[0]]


def test_what_is_undone_is_offered_again_and_what_it_replaced_is_back(any_store: Store, tmp_path: Path) -> None:
    study, run, *_ = paired_run(any_store, tmp_path, drafts(3))
    pair = next_pair(any_store, study, run, Reviewing(reviewer="Ann"))
    assert pair is not None
    add_reviews(any_store, run.id, [(*pair.key, WORSE)], reviewer="Ann", picked=True)
    before = load_reviews(any_store, run.id)
    again = next_pair(any_store, study, run, Reviewing(reviewer="Ann"))
    assert again == pair, "what was said of a picked pair keeps no pair out of the random subset"
    saved = save_review(any_store, run, pair, "tie", reviewer="Ann")
    assert [(r.preference, r.picked) for r in load_reviews(any_store, run.id)] == [(TIE, False)]
    undo_review(any_store, run, saved)
    assert load_reviews(any_store, run.id) == before
    assert next_pair(any_store, study, run, Reviewing(reviewer="Ann")) == pair


def test_a_picked_review_never_replaces_a_random_one(store: Store, tmp_path: Path) -> None:
    study, run, *_ = paired_run(store, tmp_path, drafts(2))
    (pair,) = judge_all(store, study, run, "Ann", 1)
    assert add_reviews(store, run.id, [(*pair.key, WORSE)], reviewer="Ann", picked=True) == []
    assert [(r.preference, r.picked) for r in load_reviews(store, run.id)] == [(TIE, False)]


def test_the_telling_queue_holds_what_somebody_doubts_the_most_doubted_first(store: Store, tmp_path: Path) -> None:
    study, run, candidate, (one, two) = paired_run(store, tmp_path, drafts(6), judges=2)
    sure, turned, split, draw, contradicted, unread = list_run_samples(store, run.id)
    words = {
        sure: {one: (BETTER, BETTER), two: (BETTER, BETTER)},
        turned: {one: (BETTER, WORSE), two: (BETTER, WORSE)},
        split: {one: (BETTER, BETTER), two: (BETTER, TIE)},
        draw: {one: (TIE, TIE), two: (TIE, TIE)},
        contradicted: {one: (BETTER, BETTER), two: (BETTER, BETTER)},
    }
    judge(store, run, candidate, words)
    add_reviews(store, run.id, [(contradicted, candidate, WORSE), (sure, candidate, BETTER)], reviewer="Bo")
    listed = [sample for sample, _ in list_queue(store, study, run, Reviewing(reviewer="Ann", queue=Queue.TELLING))]
    assert set(listed[:2]) == {turned, split}
    assert set(listed[2:]) == {draw, contradicted}
    own = list_queue(store, study, run, Reviewing(reviewer="Bo", queue=Queue.TELLING))
    assert contradicted not in [sample for sample, _ in own], "one's own word is no reason to be asked again"
    pair = next_pair(store, study, run, Reviewing(reviewer="Ann", queue=Queue.TELLING))
    assert pair is not None
    save_review(store, run, pair, "tie", reviewer="Ann")
    assert [r.picked for r in load_reviews(store, run.id) if r.reviewer == "Ann"] == [True]
    assert unread not in listed


def test_estimates_rest_on_the_random_subset_alone() -> None:
    random = said((1, "a", BETTER), (2, "a", BETTER), (2, "b", WORSE))
    picked = said((1, "b", WORSE), (1, "c", WORSE), (3, "a", WORSE), picked=True)
    assert mean_reviews([*random, *picked]) == {(1, 1): 1.0, (2, 1): 0.5}
    assert agreement_of_reviewers([*random, *picked]).keys() == {("a", "b")}
    every, part = [(1, 1), (2, 1), (3, 1)], [(3, 1), (4, 1)]
    assert mean_reviews([*random, *picked], [part]) == {(1, 1): 1.0, (2, 1): 0.5}
    assert mean_reviews([*random, *picked], [every]) == {(1, 1): 0.0, (2, 1): 0.5, (3, 1): 0.0}, "nobody chose"


def test_agreement_with_the_judge_needs_thirty_pairs() -> None:
    people = {(n, 1): value for n, value in enumerate([1.0, 0.5, 0.0] * 10)}
    scores = judged(*([1.0, 0.75, 0.0] * 10))
    pairs = list(people)
    few = agreement_with_judge(scores, people, pairs[:29])
    assert (few.n, few.same, few.kappa, few.low) == (29, 19, None, None)
    found = agreement_with_judge(scores, people, [*pairs, (99, 1)])
    assert (found.n, found.same) == (30, 20)
    assert found.confusion == ((10, 0, 0), (10, 0, 0), (0, 0, 10)), SIDES
    assert found.kappa == pytest.approx(0.5)  # observed 2/3, by chance 1/3
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < found.high


def test_two_reviewers_are_compared_on_the_pairs_they_share() -> None:
    both = [(n, who, BETTER if n % 2 else WORSE) for n in range(12) for who in ("b", "a")]
    found = agreement_of_reviewers(said(*both, (50, "a", TIE), (51, "c", TIE)))
    assert found.keys() == {("a", "b")}
    agreement = found[("a", "b")]
    assert (agreement.n, agreement.same, agreement.kappa) == (12, 12, 1.0)
    assert agreement.low is not None
    assert agreement.low < 0.8, "twelve pairs do not prove perfect agreement"


def test_flips_count_judges_that_read_both_orders_and_could_be_read() -> None:
    def vote(sample: int, first: bool, preference: Preference, judge_id: int = 9, parsed: bool = True) -> Vote:
        return Vote(sample, 1, Judgement(candidate_first=first, preference=preference, parsed=parsed), judge_id)

    votes = [
        *(vote(1, first, BETTER) for first in (True, False)),
        *(vote(1, first, BETTER if first else WORSE, judge_id=8) for first in (True, False)),
        vote(2, True, BETTER),
        *(vote(3, first, TIE, parsed=first) for first in (True, False)),
        *(vote(4, first, BETTER if first else TIE) for first in (True, False)),
    ]
    turns = [did_turn(said) for pair, by_judge in by_pair(votes).items() if pair[0] <= 3 for said in by_judge.values()]
    assert (turns.count(True), len(turns) - turns.count(None)) == (1, 2)


def test_saving_and_finding_the_next_of_many_pairs_is_quick(store: Store, tmp_path: Path) -> None:
    study, run, *_ = paired_run(store, tmp_path, drafts(2000))
    listed = list_queue(store, study, run)
    assert len(listed) == 2000
    words = [(*pair, TIE) for pair in listed[:900]]
    add_reviews(store, run.id, words, reviewer="Bo")
    pair = next_pair(store, study, run, Reviewing(reviewer="Ann"), listed=listed)
    took = []
    for _ in range(10):
        assert pair is not None
        begun = time.process_time()
        save_review(store, run, pair, "first", reviewer="Ann")
        pair = next_pair(store, study, run, Reviewing(reviewer="Ann"), listed=listed)
        took.append(time.process_time() - begun)
    assert sorted(took)[5] < 0.25


def test_equal_pairs_are_judged_once_and_count_where_the_order_reaches_them(store: Store, tmp_path: Path) -> None:
    rows = [call(n, "Write to the customer." if n < 8 else f"Write to {n}.", "Dear customer, ...") for n in range(12)]
    study, run, candidate, _ = paired_run(store, tmp_path, rows, is_answered=False)
    answer(store, run, candidate, dict.fromkeys(list_run_samples(store, run.id), "Hello, ..."))
    listed = list_queue(store, study, run)
    popular = {sample.id for sample in load_samples(store, [key[0] for key in listed]) if "customer." in str(sample)}
    seen = []
    while (pair := next_pair(store, study, run, Reviewing(reviewer="Ann"))) is not None:
        seen.append(pair.key)
        reached = {(review.sample_id, review.model_id) for review in load_reviews(store, run.id)}
        assert reached == set(listed[: listed.index(pair.key)]), "a random subset, whatever repeats"
        assert pair.done == len(reached)
        saved = save_review(store, run, pair, "tie", reviewer="Ann")
    assert (len(seen), sum(key[0] in popular for key in seen)) == (5, 1)
    assert {review.preference for review in load_reviews(store, run.id)} == {TIE}
    first = next(key for key in seen if key[0] in popular)
    undo_review(store, run, replace(saved, pair=first))
    assert {key[0] for key in listed} - {review.sample_id for review in load_reviews(store, run.id)} == popular


def test_reviews_that_agree_by_chance_confirm_no_judge() -> None:
    pairs = [(n, 1) for n in range(40)]
    scores = judged(*(1.0 if n % 2 else 0.0 for n in range(40)))
    clicked_through = agreement_with_judge(scores, dict.fromkeys(pairs, 0.5), pairs)
    alike = agreement_with_judge(scores, {(n, 1): 1.0 if n % 2 else 0.0 for n in range(40)}, pairs)
    few = agreement_with_judge(scores, dict.fromkeys(pairs, 0.5), pairs[:20])
    assert [found.is_by_chance for found in (clicked_through, alike, few)] == [True, False, False]


def test_nearly_all_ties_tell_no_agreement_from_chance() -> None:
    pairs = [(n, 1) for n in range(32)]
    tied = agreement_with_judge(judged(*[0.5] * 32), {pair: 0.5 for pair in pairs} | {(0, 1): 1.0}, pairs)
    assert (tied.same, tied.kappa) == (31, 0)
    assert (tied.is_by_chance, tied.is_tied) == (True, True), "more pairs help"
    turned = {(n, 1): 0.0 if n % 3 else 1.0 for n in range(32)}
    coin = agreement_with_judge(judged(*(1.0 if n % 2 else 0.0 for n in range(32))), turned, pairs)
    assert (coin.is_by_chance, coin.is_tied) == (True, False), "another judge helps"


def test_the_use_case_with_the_fewest_reviews_comes_next(store: Store, tmp_path: Path) -> None:
    rows = [{**row, "metadata": {"use_case": "ABC"[n % 3]}} for n, row in enumerate(drafts(30))]
    study, run, _, _ = paired_run(store, tmp_path, rows)
    seen = []
    for _ in range(8):
        reviewing = Reviewing(reviewer="Ann", use_cases=("A", "B"))
        listed = list_queue(store, study, run, reviewing)
        pair = next_pair(store, study, run, reviewing, listed=listed)
        assert pair is not None
        save_review(store, run, pair, "tie", reviewer="Ann")
        seen.append(pair)
    assert {name: sum(pair.use_case == name for pair in seen) for name in "ABC"} == {"A": 4, "B": 4, "C": 0}
    own = list_queue(store, study, run, Reviewing(use_cases=("A",)))
    assert [pair.key for pair in seen if pair.use_case == "A"] == [*own[:4]], "a random part of each"


def test_the_same_answer_twice_is_a_tie_that_nobody_is_asked_about(store: Store, tmp_path: Path) -> None:
    study, run, candidate, _ = paired_run(store, tmp_path, drafts(4), is_answered=False)
    samples = list(load_samples(store, list_run_samples(store, run.id)))
    same = {sample.id for sample in samples[:2]}
    answer(
        store, run, candidate, {s.id: (s.answer.text or "") if s.id in same else "Soon." for s in samples if s.answer}
    )
    seen = judge_all(store, study, run, "Ann")
    assert {pair.sample_id for pair in seen} == {sample.id for sample in samples[2:]}
    kept = {review.sample_id: review.preference for review in load_reviews(store, run.id)}
    assert kept == dict.fromkeys((sample.id for sample in samples), TIE)


def test_equal_answers_and_repeats_are_nothing_that_a_person_judged() -> None:
    pairs = [((1, 9), "a", "x", "y"), ((2, 9), "a", "x", "y"), ((3, 9), "a", "x", "z"), ((4, 9), "b", "x", "x")]
    assert judged_by_hand(pairs) == {(1, 9), (3, 9)}


def test_where_people_decide_only_their_pairs_are_listed(store: Store, tmp_path: Path) -> None:
    study, run, candidate, (judge_id,) = paired_run(store, tmp_path, drafts(12), judges=1)
    pairs = list_queue(store, study, run)
    judge(store, run, candidate, {sample: {judge_id: (BETTER, BETTER)} for sample, _ in pairs})
    add_reviews(store, run.id, [(*pair, WORSE) for pair in pairs[:3]], reviewer="Ann")
    (name,) = reviewable(store, study, run)
    (model,) = (each.name for each in list_models_of(store, run) if each.role is Role.CANDIDATE)
    every = compare_pairs(store, study, run, name, model)
    people = compare_pairs(store, study, run, name, model, by_people=True)
    assert every is not None
    assert people is not None
    assert (len(every.worse), len(every.better), len(people.worse), len(people.better)) == (3, 9, 3, 0)
    assert {each.kind for each in every.worse} == {FailureKindName.REVIEWED_WORSE}
    assert {each.kind for each in every.better} == {FailureKindName.JUDGED_WORSE}
