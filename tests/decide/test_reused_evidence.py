"""A review and a time follow the answer that they are about into every run that reuses it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from advisor.collect.use_cases import change
from advisor.decide.decisions import decide
from advisor.judge.label_files import import_labels
from advisor.judge.reviews import Reviewing, list_queue, next_pair
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.plan.exports import export
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.generations import load_generation_facts
from advisor.store.run.reviews import add_reviews, list_reviews, load_reviews, remove_review
from advisor.store.steps import version_7
from advisor.store.tables import GenerationRow, RunRow
from advisor.types import Endpoint, Lane, Message, Preference, Role, Run, RunOptions, Study, WarningCode
from advisor.types.dossier import Export
from tests.made.pairs import BETTER, TIE, WORSE, drafts
from tests.made.run import made_study
from tests.nested import nested
from tests.server import MisbehavingServer

Replay = Callable[..., Run]
SAMPLES = 12


@pytest.fixture(params=[Lane.RECORDED, Lane.BASELINE])
def replays(request: pytest.FixtureRequest, any_store: Store, tmp_path: Path) -> Iterator[tuple[Study, Replay]]:
    """A study and how its samples are replayed, beside recorded answers and beside a live baseline."""
    lane: Lane = request.param
    answers = {"Larch": lambda _: "It takes three days.", "today": lambda _: "It takes five days."}
    roles = {"Larch": Role.CANDIDATE, "today": Role.BASELINE}
    with MisbehavingServer(answers=answers) as server:
        study = made_study(any_store, tmp_path, drafts(SAMPLES), server.url, roles)
        change(any_store, list_use_cases(any_store, study.id)[0], endpoint=Endpoint.PAIRWISE)

        def replay(size: int, **setup: object) -> Run:
            wanted = nested(RunOptions, {"sample_size": size, "baseline": lane, "stream": False, **setup})
            return finish_run(any_store, start_run(any_store, study, wanted).id)

        yield study, replay


def review_first(store: Store, study: Study, run: Run, count: int, reviewer: str = "Ann") -> list[tuple[int, int]]:
    """Review the first pairs of the queue as worse."""
    pairs = list(list_queue(store, study, run)[:count])
    add_reviews(store, run.id, [(*pair, WORSE) for pair in pairs], reviewer=reviewer)
    return pairs


def times_of(store: Store, run: Run, lane: Lane) -> list[list[Any]]:
    facts = load_generation_facts(store, run.id, ("sample_id", "lane", "latency_s", "ttft_s", "at"))
    return facts[facts["lane"] == lane].sort_values("sample_id").to_numpy().tolist()


def test_reviews_and_times_are_those_of_all_runs(any_store: Store, replays: tuple[Study, Replay]) -> None:
    study, replay = replays
    first = replay(6)
    pairs = review_first(any_store, study, first, 4)
    larger, again = replay(SAMPLES), replay(SAMPLES)
    for run in (first, larger, again):
        assert [(r.sample_id, r.model_id) for r in load_reviews(any_store, run.id)] == sorted(pairs)
        (assessment,) = decide(any_store, study).recommendation.use_cases[0].candidates
        assert assessment.trust.reviews == 4
    assert assessment.times.latency_p50_s is not None
    assert assessment.times.answered == SAMPLES
    for lane in {Lane.CANDIDATE, again.baseline_lane} - {Lane.RECORDED}:
        assert times_of(any_store, again, lane) == times_of(any_store, larger, lane), "with their own dates"
        assert set(map(tuple, times_of(any_store, first, lane))) < set(map(tuple, times_of(any_store, larger, lane)))
    assert again.state.wall_s is not None


def test_a_new_answer_has_no_review(any_store: Store, replays: tuple[Study, Replay]) -> None:
    study, replay = replays
    review_first(any_store, study, replay(6), 4)
    fresh = replay(6, fresh=True)
    assert load_reviews(any_store, fresh.id) == []
    assert load_reviews(any_store, replay(SAMPLES).id) == [], "the newest answer is the one that is reused"


def test_who_reviews_goes_on_where_the_earlier_run_ended(any_store: Store, replays: tuple[Study, Replay]) -> None:
    study, replay = replays
    first = replay(SAMPLES)
    pairs = review_first(any_store, study, first, 4)
    again = replay(SAMPLES)
    assert list_queue(any_store, study, again) == list_queue(any_store, study, first)
    offered = next_pair(any_store, study, again, Reviewing(reviewer="Ann"))
    assert offered is not None
    assert (offered.done, offered.key in pairs) == (4, False)


def test_a_reviewer_has_one_word_on_two_answers(
    any_store: Store, replays: tuple[Study, Replay], tmp_path: Path
) -> None:
    study, replay = replays
    first = replay(6)
    pair, *_ = review_first(any_store, study, first, 2)
    again = replay(6)
    replaced = add_reviews(any_store, again.id, [(*pair, BETTER)], reviewer="Ann")
    assert [r.preference for r in replaced] == [WORSE]
    assert add_reviews(any_store, again.id, [(*pair, TIE)], reviewer="Ann", picked=True) == []
    for run in (first, again):
        assert {r[:2]: r.preference for r in load_reviews(any_store, run.id)}[pair] is BETTER
    path = tmp_path / "labels.jsonl"
    assert export(any_store, study, Export.LABELS, path) == 2
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted(row["preference"] for row in rows) == sorted([Preference.BASELINE, Preference.CANDIDATE])
    assert import_labels(any_store, study, path, run=first).replaced == 2
    remove_review(any_store, again.id, *pair, reviewer="Ann")
    assert all(pair != r[:2] for run in (first, again) for r in load_reviews(any_store, run.id))
    assert sum(len(list_reviews(any_store, run.id)) for run in (first, again)) == 1


def test_that_the_machine_was_busy_follows_the_times(any_store: Store, replays: tuple[Study, Replay]) -> None:
    study, replay = replays
    with any_store.write(None) as session:
        session.execute(update(RunRow).where(RunRow.id == replay(6).id).values(loop_lag_p99_s=60.0))
    replay(6)
    assert Message.of(WarningCode.BUSY, runs=[1]) in decide(any_store, study).recommendation.remarks.warnings
    again = replay(6, fresh=True)
    with any_store.write(None) as session:
        session.execute(update(RunRow).where(RunRow.id == again.id).values(loop_lag_p99_s=0.0))
    assert not [
        each for each in decide(any_store, study).recommendation.remarks.warnings if each.code == WarningCode.BUSY
    ]


def test_an_older_database_gets_the_times_of_its_reused_answers(
    any_store: Store, replays: tuple[Study, Replay]
) -> None:
    _, replay = replays
    first, again = replay(6), replay(6)
    before = times_of(any_store, again, Lane.CANDIDATE)
    with any_store.write(None) as session:
        of_again = update(GenerationRow).where(GenerationRow.run_id == again.id)
        session.execute(of_again.values(latency_s=None, ttft_s=None, waited_s=0.0))
        session.execute(text(version_7.COPY_TIMES))
    assert times_of(any_store, again, Lane.CANDIDATE) == before == times_of(any_store, first, Lane.CANDIDATE)
