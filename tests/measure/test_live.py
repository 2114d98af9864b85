"""A run at work is looked at by what is stored of it so far: nothing is written, and what is clear stays so."""

from pathlib import Path

import pytest

from advisor.analysis.sampling import asking_order
from advisor.decide.decisions import decide
from advisor.judge.scores import score_run
from advisor.measure import live
from advisor.measure.live import LiveRun
from advisor.store import Store
from advisor.store.run.samples import list_run_samples, map_run_samples
from advisor.store.run.scores import load_scores
from advisor.store.studies import find_study
from advisor.types import Run, Verdict
from tests.made.log import LABELS, call
from tests.made.pairs import BETTER, WORSE, answer, drafts, judge, paired_run, pass_exam

CALLS = 260


@pytest.fixture
def labelled(store: Store, tmp_path: Path) -> tuple[Run, int, dict[int, str]]:
    """A run without an answer: the run, its candidate, and the recorded label of every sample."""
    rows = [
        call(n, prompt=f"Which label has ticket {n}?", answer=LABELS[n % 3], expected=LABELS[n % 3])
        for n in range(CALLS)
    ]
    _, run, candidate, _ = paired_run(store, tmp_path, rows, is_answered=False)
    labels = {id_: LABELS[n % 3] for n, id_ in enumerate(list_run_samples(store, run.id))}
    return run, candidate, labels


def test_nothing_is_said_before_the_first_answer_and_nothing_is_ever_written(
    store: Store, labelled: tuple[Run, int, dict[int, str]]
) -> None:
    run, candidate, labels = labelled
    watched = LiveRun(store, run)
    assert [row.delta for row in watched.look().rows] == [None]
    answer(store, run, candidate, labels)
    assert watched.look().rows
    assert load_scores(store, run.id) == {}


def test_intervals_narrow_and_what_is_clear_is_what_the_decision_says(
    store: Store, labelled: tuple[Run, int, dict[int, str]]
) -> None:
    run, candidate, labels = labelled
    watched, order = LiveRun(store, run), asking_order(map_run_samples(store, run.id), run.options.seed)
    widths, verdicts = [], []
    for start, end in ((0, 60), (60, 140), (140, CALLS)):
        answer(store, run, candidate, {id_: labels[id_] for id_ in order[start:end]})
        (row,) = watched.look().rows
        assert row.interval is not None
        widths.append(row.interval[1] - row.interval[0])
        verdicts.append(row.verdict)
    assert widths == sorted(widths, reverse=True)
    assert (verdicts[0], verdicts[-1]) == (None, Verdict.SWITCH)
    score_run(store, run)
    (decided,) = decide(store, find_study(store, "S")).recommendation.use_cases
    assert decided.candidates[0].ruling.verdict is Verdict.SWITCH


def test_a_look_turns_no_verdict_that_only_a_fixed_sample_would(
    store: Store, labelled: tuple[Run, int, dict[int, str]]
) -> None:
    """The interval of a decision is made for one look; many looks at it would find a difference by chance."""
    run, candidate, labels = labelled
    order = asking_order(map_run_samples(store, run.id), run.options.seed)
    answer(store, run, candidate, {id_: labels[id_] for id_ in order[:80]})
    (row,) = LiveRun(store, run).look().rows
    score_run(store, run)
    (decided,) = decide(store, find_study(store, "S")).recommendation.use_cases
    assert decided.candidates[0].ruling.verdict is Verdict.SWITCH
    assert row.verdict is None
    assert row.interval is not None
    fixed = decided.candidates[0].difference.ci_low
    assert fixed is not None
    assert row.interval[0] < -row.margin <= fixed


def test_the_worst_pairs_come_first(store: Store, tmp_path: Path) -> None:
    _, run, candidate, judges = paired_run(store, tmp_path, drafts(30), judges=1, is_answered=False)
    ids = list_run_samples(store, run.id)
    answer(store, run, candidate, {id_: f"It takes {n} days." for n, id_ in enumerate(ids)})
    votes = {id_: {judges[0]: (WORSE, WORSE) if n < 3 else (BETTER, BETTER)} for n, id_ in enumerate(ids)}
    judge(store, run, candidate, votes)
    found = LiveRun(store, run).look()
    assert {worse.key for worse in found.worst} == {(id_, candidate) for id_ in ids[:3]}
    (row,) = found.rows
    assert row.n == 30
    assert row.verdict is None, "no judge has passed its exam"


def test_of_a_long_run_the_first_samples_are_looked_at(
    store: Store, labelled: tuple[Run, int, dict[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, candidate, labels = labelled
    monkeypatch.setattr(live, "SAMPLES", 100)
    answer(store, run, candidate, labels)
    (row,) = LiveRun(store, run).look().rows
    assert row.n == 100


def test_when_a_judge_passes_its_exam_what_was_seen_counts_by_its_votes_alone(store: Store, tmp_path: Path) -> None:
    _, run, candidate, (good, other) = paired_run(store, tmp_path, drafts(30), judges=2, is_answered=False)
    ids = list_run_samples(store, run.id)
    answer(store, run, candidate, {id_: f"It takes {n} days." for n, id_ in enumerate(ids)})
    judge(store, run, candidate, {id_: {good: (WORSE, WORSE), other: (BETTER, BETTER)} for id_ in ids})
    watched = LiveRun(store, run)
    assert watched.look().worst == ()
    pass_exam(store, run, good)
    assert [worse.score for worse in watched.look().worst] == [0.0] * live.WORST
