"""The gallery's losses are those that the decision counts, however little of the run is read for them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import change
from advisor.decide.evidence import gather_evidence
from advisor.decide.failures import Uneven, loss, mirrored, tally_kinds, top_details
from advisor.decide.pairs import compare_pairs, even_rows, narrowed, rows_of
from advisor.decide.results import load_results
from advisor.jobs.sample import ILLUSTRATIVE, LOG, SAMPLE_STUDY
from advisor.judge.pairs import load_texts
from advisor.judge.run_facts import RunFacts, newest_answered
from advisor.judge.scores import REFUSED_BY_RULE, knows, score_run
from advisor.measure.registration import register_model
from advisor.measure.rejudging import score_again
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.settings import ROOT
from advisor.store import Store
from advisor.store.engine import in_parts
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.generations import CallKey, StoredGeneration, Subject, save_generations
from advisor.store.run.runs import change_run, get_run, list_runs
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import load_failed, load_scores
from advisor.store.tables import GenerationRow, GenerationTextRow
from advisor.types import (
    Answer,
    Endpoint,
    FailureKind,
    FailureKindName,
    Generation,
    Lane,
    Model,
    Prices,
    Role,
    Run,
    RunOptions,
    Status,
    Study,
)
from advisor.types.enums import About
from tests.made.log import call
from tests.made.pairs import BETTER, OWN, TIE, WORSE, drafts, judge, paired_run

REFUSAL = "I'm sorry, but I can't help with that."


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Study, Run]:
    """The sample study, replayed through the illustrative candidate."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('losses') / 'sample.db'}")
    data = ROOT / "data"
    import_logs(store, SAMPLE_STUDY, [data / "sample" / LOG], ImportOptions(redact=False, is_sample=True))
    study = find_study(store, SAMPLE_STUDY)
    register_model(store, study, ILLUSTRATIVE)
    run = finish_run(store, start_run(store, study, RunOptions(sample_size=400, baseline=Lane.RECORDED)).id)
    return store, study, run


def counted(store: Store, study: Study, run: Run) -> dict[tuple[str, str], dict[int, float]]:
    """(use case, candidate) -> score of every sample that the decision counts as lost."""
    return {
        (case.name, model): {
            pair.sample_id: score for pair in one.pairs if (score := loss(pair, case.endpoint)) is not None
        }
        for case in gather_evidence(RunFacts(store, study, run))
        for model, one in case.candidates.items()
    }


def listed(store: Store, study: Study, run: Run, use_case: str, model: str) -> dict[int, float]:
    found = compare_pairs(store, study, run, use_case, model)
    assert found is not None
    return {regression.sample_id: regression.score for regression in found.worse}


def regressions(store: Store, study: Study, run: Run) -> tuple[Uneven, ...]:
    found = compare_pairs(store, study, run, "Triage", "Larch")
    assert found is not None
    return found.worse


def kinds_of(store: Store, study: Study, run: Run) -> dict[int, FailureKindName]:
    return {each.sample_id: each.kind for each in regressions(store, study, run)}


def end_runs(store: Store, study: Study) -> None:
    for run in list_runs(store, study.id):
        change_run(store, run.id, status=Status.SUCCEEDED)


def live_run(store: Store, study: Study) -> tuple[Run, int]:
    """A run with today's model asked again: run, the baseline's id."""
    price: dict[str, Any] = {"prices": Prices(input=1.0, output=1.0)}
    today = Model(name="Today", litellm_id="openai/today", api_base=OWN, role=Role.BASELINE, **price)
    baseline = register_model(store, study, today).id
    end_runs(store, study)
    return start_run(store, study, RunOptions(sample_size=8, baseline=Lane.BASELINE)), baseline


def put_text(store: Store, run: Run, sample: int, model: int, text: str, finish_reason: str | None) -> None:
    """Another answer in place of the one that is stored."""
    mine = (GenerationRow.run_id == run.id, GenerationRow.sample_id == sample, GenerationRow.model_id == model)
    with store.write(None) as session:
        ids = select(GenerationRow.id).where(*mine)
        session.execute(update(GenerationTextRow).where(GenerationTextRow.generation_id.in_(ids)).values(text=text))
        session.execute(update(GenerationRow).where(*mine).values(finish_reason=finish_reason))


def add_audit(store: Store, run: Run, sample: int, model: int, judge_id: int, word: str) -> None:
    """A judge's reading of one answer."""
    said = Generation(answer=Answer(text=json.dumps({"claims": [], "refusal": word})))
    key = CallKey(sample, Lane.JUDGE, judge_id, 1, Subject(About.AUDIT, model))
    save_generations(store, run, [StoredGeneration(key=key, generation=said)])


def test_every_use_case_lists_what_the_decision_counts_as_lost(sample: tuple[Store, Study, Run]) -> None:
    expected = counted(*sample)
    assert sum(map(len, expected.values())) > 20
    for (use_case, model), losses in expected.items():
        assert listed(*sample, use_case, model) == losses


def test_what_is_not_lost_is_won_or_even_as_the_decision_counts_it(sample: tuple[Store, Study, Run]) -> None:
    store, study, run = sample
    won = even = 0
    for case in gather_evidence(RunFacts(store, study, run)):
        for model, one in case.candidates.items():
            found = compare_pairs(store, study, run, case.name, model)
            assert found is not None
            lost = {pair.sample_id for pair in one.pairs if loss(pair, case.endpoint) is not None}
            gained = {
                pair.sample_id: score
                for pair in one.pairs
                if (score := loss(mirrored(pair, case.endpoint), case.endpoint)) is not None
            }
            assert {each.sample_id: each.score for each in found.better} == gained
            assert all(0 < each.by <= 1 for each in (*found.worse, *found.better))
            assert not {*found.even} & {*lost, *gained}
            assert sum(row.times for row in even_rows(found)) == len(found.even)
            won, even = won + len(gained), even + len(found.even)
    assert won > 10
    assert even > 100


def test_pairs_are_narrowed_by_what_went_wrong_and_repeats_are_one_row(sample: tuple[Store, Study, Run]) -> None:
    store, study, run = sample
    found = compare_pairs(store, study, run, "Agent actions", list_models(store, study.id)[0].name)
    assert found is not None
    for kind, number in tally_kinds(found.worse).items():
        assert len(narrowed(found.worse, cluster=kind, least=0.0)) == number
    detail, number = top_details(found.worse)[0]
    assert len(narrowed(found.worse, cluster=detail, least=0.0)) == number
    assert narrowed(found.worse, cluster="", least=1.1) == []
    first, second, third = found.worse[:3]
    same = {first.sample_id: "a", second.sample_id: "b", third.sample_id: "a"}
    assert [(row.sample_id, row.times) for row in rows_of([first, second, third], same)] == [
        (first.sample_id, 2),
        (second.sample_id, 1),
    ]


@pytest.mark.parametrize("lane", [Lane.RECORDED, Lane.BASELINE])
def test_faults_are_losses_only_where_the_baseline_has_none(any_store: Store, tmp_path: Path, lane: Lane) -> None:
    rows = [call(0, prompt="Write to customer 0, please.", answer=REFUSAL), *drafts(8)[1:]]
    study, run, candidate, (one,) = paired_run(any_store, tmp_path, rows, judges=1, is_answered=False)
    baseline = 0
    if lane is Lane.BASELINE:
        (use_case,) = list_use_cases(any_store, study.id)
        change(any_store, use_case, endpoint=Endpoint.PAIRWISE)
        run, baseline = live_run(any_store, study)
    refused, cut, failed, lost, won, limited, spoken, plain = list_run_samples(any_store, run.id)
    good = Generation(answer=Answer(text="Dear customer.", finish_reason="stop"))
    given = {
        refused: Generation(answer=Answer(text=REFUSAL)),
        cut: Generation(answer=Answer(text="Dear", finish_reason="length")),
        failed: Generation(failure=FailureKind.CONTEXT_OVERFLOW, error="too long"),
        lost: good,
        won: good,
        limited: Generation(failure=FailureKind.RATE_LIMIT, error="slow down"),
        spoken: Generation(answer=Answer(text=f"{REFUSAL} {'But here is how it goes. ' * 40}")),
        plain: Generation(answer=Answer(text=f"\n {REFUSAL}\n")),
    }
    made = {CallKey(sample, Lane.CANDIDATE, candidate, 1): each for sample, each in given.items()}
    if lane is Lane.BASELINE:
        refusal = Generation(answer=Answer(text=REFUSAL))
        made |= {CallKey(sample, lane, baseline, 1): refusal if sample == refused else good for sample in given}
    save_generations(any_store, run, [StoredGeneration(key=key, generation=each) for key, each in made.items()])
    votes = {lost: (WORSE, WORSE), won: (BETTER, BETTER), plain: (WORSE, WORSE), refused: (TIE, TIE)}
    judge(any_store, run, candidate, {sample: {one: words} for sample, words in votes.items()})
    found = regressions(any_store, study, run)
    kinds = {regression.sample_id: regression.kind for regression in found}
    assert kinds == {
        cut: FailureKindName.CUT_OFF,
        failed: FailureKindName.NO_ANSWER,
        lost: FailureKindName.JUDGED_WORSE,
        plain: FailureKindName.REFUSED,
    }
    assert refused not in kinds, "by the vote"
    assert listed(any_store, study, run, "Triage", "Larch") == counted(any_store, study, run)[("Triage", "Larch")]


@pytest.mark.parametrize("finish_reason", [None, "content_filter"])
def test_refusals_are_found_alike_stored_and_in_the_texts(
    any_store: Store, tmp_path: Path, finish_reason: str | None
) -> None:
    study, run, candidate, (one,) = paired_run(any_store, tmp_path, drafts(6), judges=1)
    refusing, audited, *_ = ids = list_run_samples(any_store, run.id)
    text = REFUSAL if finish_reason is None else "No."
    for sample in (refusing, audited):  # what a text says counts only where no judge read it
        put_text(any_store, run, sample, candidate, text, finish_reason)
    add_audit(any_store, run, audited, candidate, one, "answered")
    worse = (refusing, audited)
    judge(
        any_store, run, candidate, {sample: {one: (WORSE, WORSE) if sample in worse else (TIE, TIE)} for sample in ids}
    )
    assert not knows(get_run(any_store, run.id), REFUSED_BY_RULE), "it has not ended"
    read = regressions(any_store, study, get_run(any_store, run.id))
    by_text = counted(any_store, study, get_run(any_store, run.id))
    change_run(any_store, run.id, finished_at=datetime.now(UTC))
    assert not knows(get_run(any_store, run.id), REFUSED_BY_RULE), "it ended after it was scored"
    score_run(any_store, run)
    ended = get_run(any_store, run.id)
    assert knows(ended, REFUSED_BY_RULE)
    stored = load_failed(any_store, run.id, [REFUSED_BY_RULE])
    assert {key.sample_id for key in stored} == {refusing, audited}
    assert regressions(any_store, study, ended) == read
    assert counted(any_store, study, ended) == by_text == {("Triage", "Larch"): dict.fromkeys(worse, 0.0)}
    assert {each.sample_id: each.kind for each in read or ()} == {
        refusing: FailureKindName.REFUSED,
        audited: FailureKindName.JUDGED_WORSE,
    }
    score_run(any_store, run, ids[:3])
    assert not knows(get_run(any_store, run.id), REFUSED_BY_RULE), "scored in part"


def test_a_stored_refusal_of_an_answer_that_was_replaced_since_is_not_believed(store: Store, tmp_path: Path) -> None:
    study, run, candidate, (one,) = paired_run(store, tmp_path, drafts(4), judges=1)
    first, *_ = ids = list_run_samples(store, run.id)
    put_text(store, run, first, candidate, REFUSAL, None)
    change_run(store, run.id, finished_at=datetime.now(UTC))
    judge(store, run, candidate, {sample: {one: (WORSE, WORSE) if sample == first else (TIE, TIE)} for sample in ids})
    assert kinds_of(store, study, get_run(store, run.id)) == {first: FailureKindName.REFUSED}
    put_text(store, run, first, candidate, "Dear customer.", None)
    change_run(store, run.id, finished_at=datetime.now(UTC))
    now = get_run(store, run.id)
    assert not knows(now, REFUSED_BY_RULE)
    assert load_scores(store, run.id, scorers=[REFUSED_BY_RULE]), "it is still there"
    assert kinds_of(store, study, now) == {first: FailureKindName.JUDGED_WORSE}


def test_where_both_are_asked_the_recorded_answer_is_the_right_one(any_store: Store, tmp_path: Path) -> None:
    rows = [call(n, prompt=f"Ticket {n}: it crashed.", answer="bug") for n in range(8)]
    study, _, candidate, _ = paired_run(any_store, tmp_path, rows, is_answered=False)
    run, baseline = live_run(any_store, study)
    samples = list_run_samples(any_store, run.id)
    given = {Lane.BASELINE: ["bug"] * 7 + ["billing"], Lane.CANDIDATE: ["bug", "billing", "how_to"] + ["billing"] * 5}
    ids = {Lane.BASELINE: baseline, Lane.CANDIDATE: candidate}
    stored = [
        StoredGeneration(key=CallKey(sample, lane, ids[lane], 1), generation=Generation(answer=Answer(text=text)))
        for lane, texts in given.items()
        for sample, text in zip(samples, texts, strict=True)
    ]
    save_generations(any_store, run, stored)
    score_run(any_store, run)
    found = regressions(any_store, study, run)
    assert listed(any_store, study, run, "Triage", "Larch") == counted(any_store, study, run)[("Triage", "Larch")]
    assert tally_kinds(found) == {FailureKindName.WRONG_LABEL: 6}
    assert top_details(found) == [("billing instead of bug", 5), ("how_to instead of bug", 1)]


def test_what_is_gone_lists_nothing(sample: tuple[Store, Study, Run]) -> None:
    store, study, run = sample
    use_case, model = next(iter(counted(store, study, run)))
    assert compare_pairs(store, study, run, "gone", model) is None
    assert compare_pairs(store, study, run, use_case, "gone") is None


def test_scores_can_be_read_without_their_explanations_and_in_part(sample: tuple[Store, Study, Run]) -> None:
    store, _, run = sample
    every = load_scores(store, run.id)
    assert any(score.findings or score.reason for score in every.values())
    some = {key.sample_id for key in every if key.sample_id % 3 == 0}
    part = load_scores(store, run.id, scorers=["target"], model_ids=[0], sample_ids=some, explained=False)
    expected = {
        key: (score.value, score.passed)
        for key, score in every.items()
        if key.scorer == "target" and key.model_id == 0 and key.sample_id in some
    }
    assert {key: (score.value, score.passed) for key, score in part.items()} == expected
    assert {(score.findings, score.reason) for score in part.values()} == {((), "")}


def test_more_texts_are_read_than_fit_into_one_statement(sample: tuple[Store, Study, Run]) -> None:
    store, _, run = sample
    model = run.plan.model_ids[0]
    ids = list_run_samples(store, run.id)
    many = [*ids, *range(10**6, 10**6 + 300_000)]  # SQLite takes 250,000 parameters
    texts = load_texts(store, run, [(sample_id, model) for sample_id in many])
    assert set(texts) == {(sample_id, model) for sample_id in ids}
    assert all(pair.baseline for pair in texts.values())
    assert [len(part) for part in in_parts(range(1100))] == [500, 500, 100]


def test_the_newest_run_with_answers_is_the_one_that_is_decided(any_store: Store, tmp_path: Path) -> None:
    study, run, *_ = paired_run(any_store, tmp_path, drafts(3))
    end_runs(any_store, study)
    later = start_run(any_store, study, RunOptions(sample_size=3, baseline=Lane.RECORDED))
    assert later.id > run.id
    assert newest_answered(any_store, study).id == run.id
    assert set(load_results(any_store, study)["run"]) == {run.id}
    score_again(any_store, study, judge=None)
    assert get_run(any_store, run.id).scored_with
    assert not get_run(any_store, later.id).scored_with
