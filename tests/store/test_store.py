"""The store on both backends: round trips, uniqueness, claims, deletion, concurrency."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, inspect, select, text

from advisor.errors import BadInput, StoreError
from advisor.ingest.values.storable import plain
from advisor.jobs.work import work
from advisor.store import Store
from advisor.store.columns import Base
from advisor.store.deletion import delete_study
from advisor.store.jobs import claim_job, file_job, finish_job, has_import, list_jobs
from advisor.store.log.logs import load_sample_facts, load_samples
from advisor.store.log.use_cases import get_row, list_use_cases, make_use_case, move_groups, set_fields
from advisor.store.models import add_model, delete_model, list_models
from advisor.store.reports import latest_report, save_report
from advisor.store.run.generations import CallKey, StoredGeneration, list_answered, load_generations, save_generations
from advisor.store.run.reviews import add_reviews, load_reviews
from advisor.store.run.runs import beat_run, change_run, claim_run, create_run, get_run, list_runs
from advisor.store.run.scores import load_scores, save_scores
from advisor.store.run.tallies import spent_usd, tally_run
from advisor.store.studies import (
    create_study,
    find_study,
    get_study,
    list_studies,
)
from advisor.store.tables import JobRow, RunRow, RunSampleRow
from advisor.types import (
    Answer,
    FailureKind,
    Generation,
    Kind,
    Lane,
    Model,
    Preference,
    Prices,
    Reference,
    Role,
    Score,
    Status,
    ToolCall,
    Usage,
)
from tests.report.made_report import small_report
from tests.store.fill import FROZEN, NOON, fill


def answered(sample_id: int, model_id: int, text: str = "billing", cost: float = 0.5) -> StoredGeneration:
    generation = Generation(
        answer=Answer(text=text, tool_calls=(ToolCall(name="f", arguments="{}"),), finish_reason="stop"),
        usage=Usage(input_tokens=3, output_tokens=2),
        cost_usd=cost,
        latency_s=0.2,
        at=NOON,
    )
    return StoredGeneration(key=CallKey(sample_id, Lane.CANDIDATE, model_id, 1), generation=generation)


def failed(sample_id: int, model_id: int) -> StoredGeneration:
    generation = Generation(failure=FailureKind.SERVER, error="500", at=NOON)
    return StoredGeneration(key=CallKey(sample_id, Lane.CANDIDATE, model_id, 1), generation=generation)


def test_a_sample_comes_back_as_it_went_in(any_store: Store) -> None:
    fill(any_store)
    sample = next(load_samples(any_store, [2]))
    assert sample.request.messages == [{"role": "user", "content": "Ticket 1"}]
    assert sample.answer == Answer(text="billing")
    assert sample.metered.usage == Usage(input_tokens=11, cache_read_tokens=4, output_tokens=2)
    assert (sample.metered.at, sample.reference, sample.use_case) == (NOON, Reference("billing"), "Triage")


def test_halves_of_a_character_are_joined_or_replaced_in_answers_as_in_samples(any_store: Store) -> None:
    _, model, run = fill(any_store)
    text = "Hi \ud83d\ude00 \ud83d\0"
    save_generations(any_store, run, [answered(1, model.id, text)])
    ((_, stored),) = load_generations(any_store, run.id, lanes=[Lane.CANDIDATE])
    assert stored.answer is not None
    assert stored.answer.text == plain(text) == "Hi \U0001f600 \ufffd"


def test_times_keep_their_instant_and_naive_ones_are_refused(any_store: Store) -> None:
    _, _, run = fill(any_store)
    change_run(any_store, run.id, started_at=datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=3))))
    assert get_run(any_store, run.id).state.started_at == datetime(2026, 1, 1, 9, tzinfo=UTC)
    with pytest.raises(Exception, match="Naive datetime"):
        change_run(any_store, run.id, started_at=datetime(2026, 1, 1, 12))  # noqa: DTZ001


def test_an_answer_is_stored_once_and_only_a_failure_is_replaced(any_store: Store) -> None:
    _, model, run = fill(any_store)
    assert model.id is not None
    assert save_generations(any_store, run, [answered(1, model.id), failed(2, model.id)]) == 2
    again = [answered(1, model.id, "other", 9.0), answered(2, model.id, "late")]
    assert save_generations(any_store, run, again) == 1
    stored = load_generations(any_store, run.id, lanes=[Lane.CANDIDATE])
    texts = {key.sample_id: generation.answer.text for key, generation in stored if generation.answer}
    assert texts == {1: "billing", 2: "late"}
    assert {key.sample_id for key in list_answered(any_store, run.id)} == {1, 2}
    assert spent_usd(any_store, run.id) == pytest.approx(1.0)


def test_a_tally_counts_what_is_there(any_store: Store) -> None:
    _, model, run = fill(any_store)
    assert model.id is not None
    save_generations(any_store, run, [answered(1, model.id), failed(2, model.id)])
    tally = tally_run(any_store, run.id)
    assert (tally.planned, tally.succeeded, tally.failed, tally.skipped) == (5, 1, 1, 3)
    assert tally.cost_usd == pytest.approx(0.5)


def test_what_a_deleted_model_cost_stays_counted(any_store: Store) -> None:
    study, model, run = fill(any_store)
    judge = add_model(any_store, study.id, Model(name="J", role=Role.JUDGE, litellm_id="openai/j"))
    vote = answered(1, judge.id, cost=0.25)
    of_judge = CallKey(1, Lane.JUDGE, judge.id, 1)
    save_generations(
        any_store, run, [answered(1, model.id), StoredGeneration(key=of_judge, generation=vote.generation)]
    )
    before, spent = tally_run(any_store, run.id), spent_usd(any_store, run.id)
    assert (before.cost_usd, before.judge.cost_usd, spent) == pytest.approx((0.5, 0.25, 0.75))
    delete_model(any_store, judge.id)
    delete_model(any_store, model.id)
    after = tally_run(any_store, run.id)
    assert after.judge.cost_usd == pytest.approx(before.judge.cost_usd)
    assert after.cost_usd == pytest.approx(before.cost_usd)
    assert spent_usd(any_store, run.id) == pytest.approx(spent)


def test_a_run_lacks_nothing_of_a_deleted_model(any_store: Store) -> None:
    study, model, run = fill(any_store)
    other = add_model(any_store, study.id, Model(name="Other", litellm_id="openai/other"))
    change_run(any_store, run.id, models=[model.id, other.id], planned=10)
    answers = [answered(n, each.id) for n in (1, 2, 3) for each in (model, other)]
    save_generations(any_store, run, answers)
    assert tally_run(any_store, run.id).missing == 4
    delete_model(any_store, other.id)
    assert tally_run(any_store, run.id).missing == 2, "what the other one still lacks"
    delete_model(any_store, model.id)
    tally = tally_run(any_store, run.id)
    assert (tally.planned, tally.missing) == (0, 0)


def test_a_run_belongs_to_one_living_process(any_store: Store) -> None:
    _, _, run = fill(any_store)
    assert claim_run(any_store, run.id, "a:1")
    assert not claim_run(any_store, run.id, "b:2")
    assert claim_run(any_store, run.id, "b:2", take_over=True)
    assert beat_run(any_store, run.id, "a:1") is Status.CANCELLED, "the old process must stop"
    change_run(any_store, run.id, heartbeat_at=datetime.now(UTC) - timedelta(minutes=1))
    assert claim_run(any_store, run.id, "c:3"), "a silent process has lost its run"


def test_runs_are_numbered_within_their_study(store: Store) -> None:
    first = fill(store, 1)[2]
    frozen: dict[str, Any] = {name: first.options.kept[name] for name in ("seed", "epochs", "sample_size")}
    frozen |= {"baseline_lane": first.baseline_lane, "baseline": first.baseline}
    asked: dict[str, Any] = {"concurrency": 1, "stream": True, "judged": False, "planned": 1, "models": []}
    study = create_study(store, "Other")
    second = create_run(store, study.id, samples={1: None}, frozen=FROZEN, **frozen, **asked)
    change_run(store, second.id, status=Status.SUCCEEDED)
    second = get_run(store, second.id)
    third = create_run(store, study.id, samples={1: None}, frozen=FROZEN, **frozen, **asked)
    assert [(run.id, run.number) for run in (first, second, third)] == [(1, 1), (2, 1), (3, 2)]
    assert list_runs(store, study.id) == [get_run(store, third.id), get_run(store, second.id)] == [third, second]


def test_a_wish_reaches_the_process_that_works(any_store: Store) -> None:
    _, _, run = fill(any_store)
    claim_run(any_store, run.id, "a:1")
    assert beat_run(any_store, run.id, "a:1") is None
    change_run(any_store, run.id, wanted=Status.PAUSED)
    assert beat_run(any_store, run.id, "a:1") is Status.PAUSED


def test_a_job_is_claimed_once(any_store: Store) -> None:
    job = file_job(any_store, "probe", None, {"model": 1})
    claimed = claim_job(any_store, "a")
    assert claimed is not None
    assert claimed.id == job.id
    assert claim_job(any_store, "b") is None
    waiting = file_job(any_store, "replay", None, {"run": 1})
    imported = file_job(any_store, "import", None, {})
    assert has_import(any_store)
    only = claim_job(any_store, "c", imports=True)
    assert (only and only.id) == imported.id, "it waits for no replay"
    assert not has_import(any_store)
    assert claim_job(any_store, "d", imports=True) is None
    other = claim_job(any_store, "e", imports=False)
    assert (other and other.id) == waiting.id
    for each in (waiting, imported):
        finish_job(any_store, each.id, Status.SUCCEEDED)
    finish_job(any_store, job.id, Status.FAILED, error="no")
    assert [(j.status, j.error) for j in list_jobs(any_store, None)][-1] == (Status.FAILED, "no")


def test_a_deleted_study_leaves_nothing(any_store: Store) -> None:
    study, model, run = fill(any_store)
    assert model.id is not None
    save_generations(any_store, run, [answered(1, model.id)])
    save_scores(any_store, run.id, [1], [(1, model.id, Score(scorer="target", value=1.0))])
    add_reviews(any_store, run.id, [(1, model.id, Preference.TIE)], reviewer="r")
    save_report(any_store, study.id, run.id, small_report())
    file_job(any_store, "replay", study.id, {})
    delete_study(any_store, study.id)
    delete_study(any_store, study.id)
    assert list_studies(any_store) == []
    assert create_study(any_store, study.name).id != study.id, "its name is free"
    with pytest.raises(BadInput, match="no longer exists"):
        get_study(any_store, study.id)
    assert len(list_jobs(any_store, None, kind="delete")) == 1
    work(any_store, once=True)
    delete_study(any_store, list_studies(any_store)[0].id)
    work(any_store, once=True)
    with any_store.write(None) as session:
        session.execute(delete(JobRow).where(JobRow.kind == "delete", JobRow.status == Status.SUCCEEDED))
    with any_store.read() as session:
        left = {t.name: len(session.execute(select(t)).all()) for t in Base.metadata.sorted_tables}
    assert not any(left.values()), left


def test_scores_and_reviews_replace_earlier_ones(any_store: Store) -> None:
    study, model, run = fill(any_store)
    assert model.id is not None
    for value in (0.0, 1.0):
        save_scores(any_store, run.id, [1], [(1, model.id, Score(scorer="target", value=value))])
        preference = Preference.CANDIDATE if value else Preference.BASELINE
        add_reviews(any_store, run.id, [(1, model.id, preference)], reviewer="r")
    assert [score.value for score in load_scores(any_store, run.id).values()] == [1.0]
    assert [review[:5] for review in load_reviews(any_store, run.id)] == [
        (1, model.id, Preference.CANDIDATE, "r", False)
    ]
    assert latest_report(any_store, study.id) is None


def test_use_cases_are_counted_and_merged(any_store: Store) -> None:
    study, _, _ = fill(any_store)
    (old,) = list_use_cases(any_store, study.id)
    other = make_use_case(any_store, study.id, "Other", Kind.CHAT, [])
    with any_store.write(None) as session:
        move_groups(session, get_row(session, old.id), get_row(session, other))
    (case,) = list_use_cases(any_store, study.id)
    assert (case.name, case.calls.total, case.calls.with_target, case.calls.replayable) == ("Other", 5, 5, 5)
    assert set(load_sample_facts(any_store, study.id)["use_case"]) == {"Other"}


def test_facts_of_samples_come_in_part(any_store: Store) -> None:
    study, _, run = fill(any_store)
    every = load_sample_facts(any_store, study.id)
    some = load_sample_facts(any_store, study.id, ("use_case", "id", "at"))
    assert set(some.columns) == {"use_case", "id", "at"}
    assert some.equals(every[list(some.columns)])
    (case,) = list_use_cases(any_store, study.id)
    with any_store.write(None) as session:
        session.execute(delete(RunSampleRow).where(RunSampleRow.sample_id > 2))
        set_fields(session, get_row(session, case.id), {"ignored": True})
    assert load_sample_facts(any_store, study.id).empty
    assert load_sample_facts(any_store, study.id, run_id=run.id).equals(every[every["id"] <= 2])


def test_a_model_with_answers_keeps_its_identity(any_store: Store) -> None:
    study, model, run = fill(any_store)
    assert model.id is not None
    save_generations(any_store, run, [answered(1, model.id)])
    change_run(any_store, run.id, status=Status.SUCCEEDED)
    from dataclasses import replace

    with pytest.raises(BadInput, match="new name"):
        add_model(any_store, study.id, replace(model, litellm_id="openai/other"))
    add_model(any_store, study.id, replace(model, prices=Prices(input=1.0)))
    assert list_models(any_store, study.id)[0].prices.input == 1.0


def test_an_unknown_study_lists_what_there_is(any_store: Store) -> None:
    with pytest.raises(BadInput, match="Import a log first"):
        find_study(any_store, "nope")
    create_study(any_store, "Mine")
    with pytest.raises(BadInput, match="Mine"):
        find_study(any_store, "nope")
    assert [study.name for study in list_studies(any_store)] == ["Mine"]


def test_no_update_is_lost_between_writers(any_store: Store) -> None:
    _, _, run = fill(any_store)

    def raise_epochs() -> None:
        for _ in range(20):
            with any_store.write(None) as session:
                row = session.get(RunRow, run.id, with_for_update=True)
                assert row is not None
                row.epochs += 1

    threads = [threading.Thread(target=raise_epochs) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert get_run(any_store, run.id).options.repeats.epochs == 1 + 6 * 20


def test_a_newer_database_is_refused(database_url: str) -> None:
    store = Store(database_url)
    with store.write(None) as session:
        session.execute(text("UPDATE schema_version SET version = 999"))
    store.close()
    with pytest.raises(StoreError, match="schema version 999"):
        Store(database_url)


def test_opening_twice_changes_nothing(database_url: str) -> None:
    first = Store(database_url)
    create_study(first, "kept")
    first.close()
    second = Store(database_url)
    assert [study.name for study in list_studies(second)] == ["kept"]
    assert "schema_version" in inspect(second.engine).get_table_names()
    second.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/db", "sqlite:////proc/no/such/place.db"])
def test_a_url_that_cannot_be_opened_says_so(url: str) -> None:
    with pytest.raises((BadInput, StoreError), match=r"ADVISOR_DATABASE_URL|folder"):
        Store(url)


@pytest.mark.parametrize(
    "rest", ["host/advisor", "host:5432/advisor", "ss:word@host:5432/advisor", "h?x=a@host/advisor"]
)
def test_a_password_with_an_at_sign_is_not_printed(rest: str) -> None:
    with pytest.raises(BadInput) as refused:
        Store(f"postgresql://ann:first@second{'' if '@' in rest else '@'}{rest}")
    assert "first" not in str(refused.value)
    assert "second" not in str(refused.value)


@pytest.mark.slow
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes, not a database. " * 40)
    with pytest.raises(StoreError, match=r"notes\.txt is damaged"):
        Store(f"sqlite:///{path}")
    assert path.read_text().startswith("These are my notes")
