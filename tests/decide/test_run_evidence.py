"""What stored answers and judgements become: panels, answers that change, a baseline that is gone."""

import json
from pathlib import Path

import pytest

from advisor.decide.evidence import gather_evidence
from advisor.errors import BadInput
from advisor.judge.agreement import agreement_with_judge
from advisor.judge.run_facts import RunFacts
from advisor.judge.scores import score_run
from advisor.measure.run_lifecycle import start_run
from advisor.store import Store
from advisor.store.models import delete_model
from advisor.store.run.generations import CallKey, StoredGeneration, Subject, save_generations
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import ScoreKey, load_scores
from advisor.types import Answer, Generation, Lane, Repeats, Role, Run, RunOptions, Score
from advisor.types.enums import About
from tests.made.log import call
from tests.made.study import study_with


def answered(store: Store, run: Run, texts: dict[CallKey, str]) -> None:
    rows = [StoredGeneration(key=k, generation=Generation(answer=Answer(text=text))) for k, text in texts.items()]
    save_generations(store, run, rows)


def judged(sample: int, judge: int, candidate: int, *verdicts: str) -> dict[CallKey, str]:
    """The judge's verdict with the candidate first, then second."""
    return {
        CallKey(sample, Lane.JUDGE, judge, 1, Subject(About.PAIR, candidate, first)): json.dumps(
            {"reason": "r", "verdict": verdict}
        )
        for first, verdict in zip((True, False), verdicts, strict=False)
    }


def test_a_panel_counts_judges_not_votes_and_one_order_not_at_all(any_store: Store, tmp_path: Path) -> None:
    roles = (Role.CANDIDATE, Role.JUDGE, Role.JUDGE, Role.JUDGE)
    study, (candidate, *judges) = study_with(any_store, tmp_path, [call(n) for n in range(4)], *roles)
    run = start_run(any_store, study, RunOptions())
    samples = sorted(list_run_samples(any_store, run.id))
    panel, partial, alone, against = samples
    texts = {CallKey(sample, Lane.CANDIDATE, candidate, 1): "billing" for sample in samples}
    for judge, verdicts in zip(judges, (("A", "B"), ("A", "B"), ("B", "A")), strict=True):
        texts |= judged(panel, judge, candidate, *verdicts)
    texts |= judged(partial, judges[0], candidate, "A", "B") | judged(partial, judges[1], candidate, "B")
    texts |= judged(alone, judges[0], candidate, "A")
    texts |= judged(against, judges[0], candidate, "A", "A")
    answered(any_store, run, texts)
    score_run(any_store, run)
    scores = {key: score.value for key, score in load_scores(any_store, run.id).items() if key.scorer == "pairwise"}
    assert scores == {
        ScoreKey(panel, candidate, "pairwise"): pytest.approx(2 / 3),
        ScoreKey(partial, candidate, "pairwise"): 1.0,
        ScoreKey(against, candidate, "pairwise"): 0.5,
    }
    (found,) = gather_evidence(RunFacts(any_store, study, run))
    by_sample = {pair.sample_id: pair.candidate.y for pair in found.candidates["m0"].pairs}
    assert (found.candidates["m0"].source, by_sample[alone]) == ("judge", None)


def test_half_a_judgement_is_no_evidence(store: Store, tmp_path: Path) -> None:
    study, (candidate, judge) = study_with(store, tmp_path, [call(1)], Role.CANDIDATE, Role.JUDGE)
    run = start_run(store, study, RunOptions())
    (sample,) = list_run_samples(store, run.id)
    key = CallKey(sample, Lane.CANDIDATE, candidate, 1)
    answered(store, run, {key: "billing"} | judged(sample, judge, candidate, "A"))
    score_run(store, run)
    (found,) = gather_evidence(RunFacts(store, study, run))
    assert found.candidates["m0"].source == "none"


@pytest.mark.parametrize("has_target", [True, False])
def test_answers_that_change_between_epochs_are_counted(store: Store, tmp_path: Path, *, has_target: bool) -> None:
    """With right answers the score must change; without, the text, but for case and white space."""
    more = {"target": "billing"} if has_target else {}
    rows = [call(n, **more) for n in range(4)]
    study, (candidate, baseline) = study_with(store, tmp_path, rows, Role.CANDIDATE, Role.BASELINE)
    run = start_run(store, study, RunOptions(repeats=Repeats(epochs=2)))
    first, second, third, fourth = sorted(list_run_samples(store, run.id))
    asked_twice = {first: ("billing", "bug"), second: ("bug", "other"), third: ("Billing", "billing ")}
    texts: dict[CallKey, str] = {}
    for sample, pair in asked_twice.items():
        texts |= {CallKey(sample, Lane.CANDIDATE, candidate, n): text for n, text in enumerate(pair, 1)}
        texts |= {CallKey(sample, Lane.BASELINE, baseline, n): "billing" for n in (1, 2)}
    answered(store, run, texts | {CallKey(fourth, Lane.CANDIDATE, candidate, 1): "bug"})
    (found,) = gather_evidence(RunFacts(store, study, run))
    assert found.candidates["m0"].flips == (1 if has_target else 2, 3)
    assert found.baseline_flips == (0, 3)


def test_a_deleted_baseline_is_named(store: Store, tmp_path: Path) -> None:
    study, (_, baseline) = study_with(store, tmp_path, [call(1)], Role.CANDIDATE, Role.BASELINE)
    run = start_run(store, study, RunOptions())
    delete_model(store, baseline)
    with pytest.raises(BadInput, match="baseline of this run was deleted; start a new replay"):
        gather_evidence(RunFacts(store, study, run))


def test_the_mean_of_a_panel_agrees_with_people_by_the_side_it_leans_to() -> None:
    panel, people = [0.25, 0.5, 2 / 3, 1.0] * 10, [0.0, 0.5, 1.0, 1.0] * 10
    scores = {ScoreKey(n, 1, "pairwise"): Score(scorer="pairwise", value=value) for n, value in enumerate(panel)}
    reviews = {(n, 1): value for n, value in enumerate(people)}
    assert agreement_with_judge(scores, reviews, [(n, 1) for n in range(40)]).kappa == 1.0
    assert agreement_with_judge(scores, reviews, [(n, 1) for n in range(29)]).kappa is None
