"""Replay: the price and where data goes before anything is spent, then progress, pausing and resuming."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from advisor.decide.decisions import decide, latest_report
from advisor.measure.registration import destination, edit_model, is_free_here
from advisor.measure.run_lifecycle import file_replay
from advisor.store import Store
from advisor.store.engine import Change
from advisor.store.jobs import claim_job, file_job, finish_job, list_jobs
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import add_model, delete_model, list_models
from advisor.store.run.runs import change_run, get_run, list_runs
from advisor.store.run.tallies import tally_run
from advisor.store.tables import StudyRow
from advisor.types import Lane, Model, Prices, Role, RunOptions, Status, Study
from advisor.ui import navigation, progress, stage, state
from advisor.ui.evidence.run import live
from tests.made.pairs import drafts, paired_run
from tests.pages.tables import tables

PAGE = "pages/evidence/run.py"
Open = Callable[..., AppTest]
Jobs = Callable[[], None]


def only_written(store: Store, study: Study) -> None:
    for model in list_models(store, study.id):
        if not model.illustrative:
            delete_model(store, model.id)


def keys(app: AppTest) -> list[str | None]:
    return [button.key for button in app.button]


def said(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption)).replace("\\", "")


def warned(app: AppTest) -> str:
    return "\n".join(part.value for part in app.warning).replace("\\", "")


def details(app: AppTest) -> AppTest:
    """The page with the box open that holds calls, hosts and use cases."""
    app.session_state["run_details"] = True
    return app.run()


def again(app: AppTest) -> AppTest:
    """Plan another run beside the one that has ended."""
    return app.button(key="run_once_more").click().run()


def history(app: AppTest) -> Any:
    """The table of runs; the box below it is opened."""
    app.session_state["run_details_ended"] = True
    return next(table for table in tables(app.run()) if "Baseline" in table)


def test_the_quote_comes_before_anything_is_filed(open_page: Open, store: Store, sample_study: Study) -> None:
    app = open_page(PAGE)
    assert not app.metric
    assert "Replay 642 samples. Free." in said(app)
    details(app)
    assert [metric.label for metric in app.metric] == ["Calls to models", "Judge votes", "Tokens", "Price"]
    assert app.metric[3].value == "free"
    assert "Nothing leaves this machine" in said(app)
    assert list_runs(store, sample_study.id) == []
    before = app.metric[0].value
    app.number_input(key="run_sample_1").set_value(50).run()
    assert int(app.metric[0].value.replace(",", "")) < int(before.replace(",", ""))


def test_a_host_outside_is_named_with_what_it_gets(open_page: Open, store: Store, sample_study: Study) -> None:
    priced: dict[str, Any] = {"prices": Prices(input=1.0, output=2.0)}
    model = Model(name="Far", litellm_id="openai/far", api_base="https://far.example/v1", **priced)
    add_model(store, sample_study.id, model)
    app = open_page(PAGE)
    assert "as logged, personal data included**, to: far.example." in said(app)
    assert re.search(r"\. \$\S+ \(\$\S+ to \$\S+\), (about|under) ", said(app))
    details(app)
    table = next(table for table in tables(app) if "Where the data goes" in table)
    assert "far.example" in set(table["Where the data goes"])
    assert re.fullmatch(r"\$\S+ \(\$\S+ to \$\S+\)", app.metric[3].value.replace("\\", ""))


def test_the_accepted_drop_is_said_and_changed_before_the_start(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    app = open_page(PAGE)
    assert "1 pt: of 100" in said(app)
    field = next(field for field in app.number_input if str(field.key).startswith("accepted_"))
    field.set_value(3.0).run()
    case_id = int(str(field.key).split("_")[1])
    assert {case.id: case.margin for case in list_use_cases(store, sample_study.id)}[case_id] == 0.03


def test_a_model_without_its_key_is_led_to_where_the_key_is_named(
    store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    model = Model(name="New", litellm_id="openai/new")
    page, label = stage.test_of(sample_study, model)
    assert (page, "OPENAI_API_KEY" in label) == (navigation.CANDIDATES, True)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert stage.test_of(sample_study, model) == (navigation.RUN, "Test new")


def test_a_server_on_this_machine_that_has_a_price_is_no_free_one_and_may_be_a_gateway(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    priced: dict[str, Any] = {"prices": Prices(input=1.0, output=2.0)}
    near = Model(name="Near", litellm_id="openai/near", api_base="http://127.0.0.1:4000/v1", **priced)
    add_model(store, sample_study.id, near)
    app = open_page(PAGE)
    assert "Nothing leaves this machine, unless the server of Near passes it on." in said(app)
    assert re.fullmatch(r"\$\S+ \(\$\S+ to \$\S+\)", details(app).metric[3].value.replace("\\", ""))
    assert not is_free_here(near)
    assert is_free_here(replace(near, prices=Prices(input=None, output=None)))


def test_an_unpriced_model_needs_a_yes(open_page: Open, store: Store, sample_study: Study) -> None:
    add_model(store, sample_study.id, Model(name="Far", litellm_id="openai/far", api_base="https://far.example/v1"))
    app = open_page(PAGE)
    assert "Price unknown" in said(app)
    assert app.button(key="run_start").disabled
    app.number_input(key="run_budget_1").set_value(1.0)
    app.checkbox(key="run_unpriced_1").check().run()
    app.button(key="run_start").click().run()
    assert not app.exception
    assert not app.error
    assert len(list_runs(store, sample_study.id)) == 1


def test_what_only_people_can_judge_is_told_before_the_replay(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    assert "no reference answers and no judge" not in warned(open_page(PAGE)), "the sample study comes with its reviews"
    with store.write(sample_study.id, Change.SETUP) as session:
        session.execute(update(StudyRow).values(is_sample=False))
    assert "Help article answers, Thread summary and Reply draft: no reference answers and no judge" in warned(
        open_page(PAGE)
    )
    add_model(store, sample_study.id, Model(name="Judge", litellm_id="openai/judge", role=Role.JUDGE))
    assert "no reference answers and no judge" not in warned(open_page(PAGE))


def test_a_live_baseline_that_is_not_registered_is_refused(open_page: Open, sample_study: Study) -> None:
    app = open_page(PAGE)
    app.radio(key="run_baseline_1").set_value(Lane.BASELINE).run()
    assert not app.error
    assert "No baseline model yet" in app.warning[0].value
    assert any(link.proto.page == "candidates" for link in app.get("page_link"))
    assert "run_start" not in keys(app)


def test_a_run_from_start_to_finish(open_page: Open, store: Store, sample_study: Study, do_jobs: Jobs) -> None:
    only_written(store, sample_study)
    app = open_page(PAGE)
    app.number_input(key="run_sample_1").set_value(40).run()
    app.button(key="run_start").click().run()
    assert not app.exception
    (run,) = list_runs(store, sample_study.id)
    assert (run.state.status, run.options.sample_size) == (Status.QUEUED, 40)
    assert "run_start" not in keys(app), "one run at a time"
    assert "run_paused" in keys(app)
    do_jobs()
    app.run()
    assert f"## Run {run.number} finished: 40 answers" in said(app)
    figures = {metric.label: metric.value.replace("\\", "") for metric in app.metric}
    assert (figures["Samples"], figures["Failed calls"]) == ("40", "0 of 40")
    assert figures["Spent"].startswith("free (list price $")
    assert "run_start" not in keys(app)
    assert list(history(app)["Status"]) == ["finished"]
    assert "run_start" in keys(again(app))


def test_what_starts_is_what_the_fields_say_though_the_page_is_not_redrawn_yet(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    app = open_page(PAGE)
    app.number_input(key="run_sample_1").set_value(40)
    app.button(key="run_start").click().run()
    assert [run.options.sample_size for run in list_runs(store, sample_study.id)] == [40]


def test_what_is_asked_adds_up_and_is_told_to_be_enough_or_not(open_page: Open, sample_study: Study) -> None:
    app = open_page(PAGE)
    app.number_input(key="run_sample_1").set_value(642).run()
    details(app)
    told = said(app)
    assert "SmolLM2 135M (built in) answers only 48 of the samples." in told
    needs = next(table for table in tables(app) if "Needed" in table).set_index("Use case")
    assert int(needs["Planned"].sum()) == 642
    assert needs.loc["Thread summary", "Enough"] == "no, the log is too small"


def test_calls_that_will_not_be_sent_are_told_before_the_run(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    at = "https://far.example/v1"
    add_model(store, sample_study.id, Model(name="Unknown", litellm_id="openai/unknown", api_base=at))
    assert "sent" not in warned(open_page(PAGE))
    old = "fireworks_ai/accounts/fireworks/models/llama-v3p2-3b-instruct"
    add_model(store, sample_study.id, Model(name="Old", litellm_id=old, api_base=at))
    app = open_page(PAGE)
    found = re.search(r"(\d+) calls to Old won't be sent and count as failed: it takes no tools.", warned(app))
    table = next(table for table in tables(details(app)) if "Where the data goes" in table)
    calls = table.set_index("Model")["Calls"]
    assert found
    assert int(found[1]) == int(calls["Unknown"]) - int(calls["Old"]) > 0


def test_a_model_without_its_key_blocks_only_itself(
    open_page: Open, store: Store, sample_study: Study, do_jobs: Jobs
) -> None:
    only_written(store, sample_study)
    priced: dict[str, Any] = {"prices": Prices(input=1.0, output=1.0)}
    for name in ("Keyless", "Second"):
        add_model(store, sample_study.id, Model(name=name, litellm_id="openai/x", key_env="NOT_SET_API_KEY", **priced))
    app = open_page(PAGE)
    app.number_input(key="run_sample_1").set_value(40).run()
    for name in ("Keyless", "Second"):
        assert f"{name} can't be called: NOT_SET_API_KEY isn't set" in warned(app)
    assert details(app).metric[0].value == "40"
    app.button(key="run_start").click().run()
    do_jobs()
    (run,) = list_runs(store, sample_study.id)
    assert (run.state.status, run.state.error, run.plan.planned) == (Status.SUCCEEDED, None, 40)
    assert tally_run(store, run.id).failed == 0, "what could not be asked has not failed"
    assert len(run.plan.model_ids) == len(list_models(store, sample_study.id)) - 2


def test_without_any_key_nothing_can_be_started(open_page: Open, store: Store, sample_study: Study) -> None:
    for model in list_models(store, sample_study.id):
        delete_model(store, model.id)
    add_model(store, sample_study.id, Model(name="Keyless", litellm_id="openai/gpt-4o", key_env="NOT_SET_API_KEY"))
    app = open_page(PAGE)
    assert "NOT_SET_API_KEY" in app.error[0].value.replace("\\", "")
    assert "run_start" not in keys(app)
    assert re.search(r"\. \$\d", said(app)), "what it would cost is told all the same"


def test_a_start_in_a_second_tab_shows_the_run(open_page: Open, store: Store, sample_study: Study) -> None:
    only_written(store, sample_study)
    first, second = open_page(PAGE), open_page(PAGE)
    for app in (first, second):
        app.button(key="run_start").click().run()
        assert not app.exception
        assert not app.error
    assert len(list_runs(store, sample_study.id)) == 1
    assert len(list_jobs(store, sample_study.id)) == 1
    assert "run_cancelled" in keys(second)
    assert "run_start" not in keys(second)


def test_what_is_answered_already_is_asked_again_only_on_demand(
    open_page: Open, store: Store, replayed_study: Study, do_jobs: Jobs
) -> None:
    (first,) = list_runs(store, replayed_study.id)
    app = again(open_page(PAGE))
    app.checkbox(key="run_fresh_1").uncheck()
    app.number_input(key="run_sample_1").set_value(first.options.sample_size).run()
    told = f"Nothing to call: earlier runs have all {first.plan.planned:,} answers"
    assert told in said(app)
    assert "run_start" not in keys(app)
    app.checkbox(key="run_fresh_1").check().run()
    assert told not in said(app)
    app.button(key="run_start").click().run()
    assert not app.exception
    do_jobs()
    assert [run.options.fresh for run in list_runs(store, replayed_study.id)] == [True, False]


def test_the_notes_tell_of_dropped_parameters_and_reused_answers(
    store: Store, replayed_study: Study, do_jobs: Jobs, tmp_path: Path
) -> None:
    def script(study_id: int, run_id: int) -> None:
        from advisor.ui import queries
        from advisor.ui.evidence.run.notices import show_notes

        show_notes(queries.study(study_id), queries.run(run_id))

    def notes(run_id: int) -> list[str]:
        app = AppTest.from_function(script, args=(replayed_study.id, run_id), default_timeout=120).run()
        assert not app.exception
        return [caption.value.replace("\\", "") for caption in app.caption]

    (first,) = list_runs(store, replayed_study.id)
    assert notes(first.id) == []
    with closing(sqlite3.connect(tmp_path / "advisor.db")) as database, database:
        database.execute(
            "UPDATE generation SET dropped_params = 'seed' WHERE id IN (SELECT id FROM generation LIMIT 1)"
        )
        database.execute(
            "UPDATE generation SET dropped_params = 'logit_bias,top_k' "
            "WHERE id IN (SELECT id FROM generation LIMIT 2 OFFSET 1)"
        )
    (ignored,) = notes(first.id)
    assert "ignores: logit_bias (2 calls), top_k (2 calls), seed (1 call). They weren't sent" in ignored
    second, _ = file_replay(store, replayed_study, RunOptions(sample_size=first.options.sample_size))
    do_jobs()
    assert (
        f"{first.plan.planned:,} answers reused from run {first.number}, free and with their measured latency."
        in notes(second.id)
    )


@pytest.mark.slow
def test_pause_cancel_and_resume_reach_the_run(
    open_page: Open, store: Store, sample_study: Study, do_jobs: Jobs
) -> None:
    only_written(store, sample_study)
    app = open_page(PAGE)
    app.button(key="run_start").click().run()
    (run,) = list_runs(store, sample_study.id)
    change_run(store, run.id, status=Status.RUNNING, owner="elsewhere:1", heartbeat_at=datetime.now(UTC))
    app.run()
    app.button(key="run_paused").click().run()
    assert get_run(store, run.id).state.wanted is Status.PAUSED
    assert app.button(key="run_cancelled").disabled
    change_run(store, run.id, status=Status.PAUSED, wanted=None)
    app.run()
    assert "paused" in app.warning[-1].value
    app.button(key="run_resume").click().run()
    assert not app.exception
    assert get_run(store, run.id).state.status is Status.QUEUED
    do_jobs()
    assert get_run(store, run.id).state.status is Status.SUCCEEDED


def test_a_run_without_its_process_is_offered_for_resuming(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    (run,) = list_runs(store, replayed_study.id)
    silent = datetime.now(UTC) - timedelta(minutes=5)
    change_run(store, run.id, status=Status.RUNNING, owner="gone:1", heartbeat_at=silent)
    app = open_page(PAGE)
    assert any("Resume it to make the missing calls." in warning.value for warning in app.warning)
    app.button(key="run_resume").click().run()
    assert get_run(store, run.id).state.status is Status.QUEUED
    assert [job.kind for job in list_jobs(store, replayed_study.id)] == ["replay"]


def test_a_run_that_a_worker_goes_on_with_is_watched_until_then(
    open_page: Open, store: Store, replayed_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page looks again and again: what it shows is the new worker's as soon as that has the run."""
    polled: list[Callable[[], bool]] = []
    poll = progress.poll
    monkeypatch.setattr(progress, "poll", lambda draw, **how: (polled.append(draw), poll(draw, **how)))
    (run,) = list_runs(store, replayed_study.id)
    job = file_job(store, "replay", replayed_study.id, {"run": run.id})
    claim_job(store, "gone:1")
    silent = datetime.now(UTC) - timedelta(minutes=5)
    change_run(store, run.id, status=Status.RUNNING, owner="gone:1", heartbeat_at=silent)
    app = open_page(PAGE)
    assert any("A worker continues it" in warning.value for warning in app.warning)
    assert "run_resume" not in keys(app)
    assert polled[-1]() is True
    change_run(store, run.id, owner="elsewhere:2", heartbeat_at=datetime.now(UTC))
    assert polled[-1]() is False, "then the page is drawn anew"
    app.run()
    assert not app.warning
    assert "run_paused" in keys(app)
    change_run(store, run.id, owner="gone:2", heartbeat_at=silent)
    finish_job(store, job.id, Status.FAILED)
    assert "run_resume" in keys(app.run())


def test_a_run_that_is_being_scored_says_so(open_page: Open, store: Store, replayed_study: Study) -> None:
    (run,) = list_runs(store, replayed_study.id)
    going: dict[str, Any] = {"status": Status.RUNNING, "owner": "elsewhere:1", "heartbeat_at": datetime.now(UTC)}
    change_run(store, run.id, resting=Status.SUCCEEDED, **going)
    assert "All calls are done. Scoring the answers." in said(open_page(PAGE))


def test_a_used_up_budget_is_raised_on_resuming(open_page: Open, store: Store, replayed_study: Study) -> None:
    (run,) = list_runs(store, replayed_study.id)
    planned: dict[str, Any] = {"planned": run.plan.planned + 5}
    change_run(store, run.id, status=Status.BUDGET_EXCEEDED, budget_usd=0.5, error="The budget is used up.", **planned)
    app = open_page(PAGE)
    assert any("5 calls not made" in warning.value for warning in app.warning)
    assert list(history(app)["Status"]) == ["stopped: budget used up, partial"]
    app.number_input(key=f"budget_{run.id}").set_value(2.0)
    app.button(key="run_resume").click().run()
    assert not app.exception
    after = get_run(store, run.id)
    assert (after.state.status, after.options.budget_usd) == (Status.QUEUED, 2.0)


def test_while_no_number_moves_nothing_is_claimed_that_is_not_sure(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    """The judges of the pairs may not be planned for yet."""
    (run,) = list_runs(store, replayed_study.id)
    going: dict[str, Any] = {"status": Status.RUNNING, "owner": "elsewhere:1", "heartbeat_at": datetime.now(UTC)}
    change_run(store, run.id, **going)
    told = "All calls planned so far are done. Left:"
    assert f"{told} scoring." in said(open_page(PAGE))
    judge = add_model(store, replayed_study.id, Model(name="J", litellm_id="openai/j", role=Role.JUDGE))
    change_run(store, run.id, models=[*run.plan.model_ids, judge.id])
    assert f"{told} judge votes, the judges' exam and scoring." in said(open_page(PAGE))
    change_run(store, run.id, planned_judge=2)
    assert told not in said(open_page(PAGE))


def test_what_cannot_stop_early_is_told_where_that_is_chosen_and_beside_the_run(
    open_page: Open, store: Store, sample_study: Study, tmp_path: Path
) -> None:
    told = "No early stop for "
    with closing(sqlite3.connect(tmp_path / "advisor.db")) as database, database:
        database.execute("UPDATE sample SET session = 's'")
    app = open_page(PAGE)
    assert told not in warned(app)
    app.checkbox(key="run_early_1").check().run()
    assert told in warned(app)
    app.button(key="run_start").click().run()
    assert told in said(app)


def test_failures_are_told_by_model_with_their_reason(
    open_page: Open, store: Store, replayed_study: Study, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "advisor.db")) as database, database:
        database.execute(
            "UPDATE generation SET failure = 'rate_limit', error = 'too fast' "
            "WHERE id IN (SELECT id FROM generation LIMIT 3)"
        )
    app = open_page(PAGE)
    assert {metric.label: metric.value for metric in app.metric}["Failed calls"].startswith("3 of ")
    assert "3 calls failed" in app.warning[0].value
    table = next(table for table in tables(app) if "Example" in table)
    assert list(table["Failed calls"]) == [3]
    assert list(table["Why"]) == ["rate limit"]
    assert "illustrative" in table["Model"][0]


@pytest.mark.parametrize("is_at_work", [False, True])
def test_failed_calls_of_judges_are_told_apart(
    open_page: Open, store: Store, replayed_study: Study, tmp_path: Path, *, is_at_work: bool
) -> None:
    with closing(sqlite3.connect(tmp_path / "advisor.db")) as database, database:
        database.execute(
            "UPDATE generation SET failure = 'unsupported', error = 'no', lane = 'judge' "
            "WHERE id IN (SELECT id FROM generation LIMIT 3)"
        )
    if is_at_work:
        (run,) = list_runs(store, replayed_study.id)
        change_run(store, run.id, status=Status.RUNNING, owner="elsewhere:1", heartbeat_at=datetime.now(UTC))
    (failed,) = (metric for metric in open_page(PAGE).metric if metric.label == "Failed calls")
    assert (failed.value, failed.delta) == ("0 of 117", "3 of 3 by judges")


def test_only_the_run_that_is_shipped_took_what_was_recorded(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    (run,) = list_runs(store, replayed_study.id)
    change_run(store, run.id, wall_s=141.0, fresh=True)
    assert {metric.label: metric.value for metric in open_page(PAGE).metric}["Took"] == "2 min 21 s"


@pytest.mark.parametrize(
    ("litellm_id", "api_base", "words"),
    [
        ("builtin/smollm2", None, "this machine"),
        ("openai/x", "http://127.0.0.1:8000/v1", "this machine"),
        ("openai/x", "https://llm.example.org:8443/v1", "llm.example.org"),
        ("groq/openai/gpt-oss-20b", None, "api.groq.com"),
        ("gpt-4o", None, "the provider of gpt-4o"),
    ],
)
def test_destinations(litellm_id: str, api_base: str | None, words: str) -> None:
    assert destination(Model(name="M", litellm_id=litellm_id, api_base=api_base)) == words


def test_without_a_candidate_it_says_what_to_do(open_page: Open, store: Store, sample_study: Study) -> None:
    for model in (m for m in list_models(store, sample_study.id) if m.role is Role.CANDIDATE):
        delete_model(store, model.id)
    app = open_page(PAGE)
    assert "needs a candidate" in said(app)
    assert "run_start" not in keys(app)


def test_answers_deleted_with_their_model_are_not_missing(open_page: Open, store: Store, replayed_study: Study) -> None:
    decide(store, replayed_study)
    for model in list_models(store, replayed_study.id):
        delete_model(store, model.id)
    assert tally_run(store, list_runs(store, replayed_study.id)[0].id).missing == 0
    app = open_page(PAGE)
    assert "Run 1: its answers were deleted with their model" in said(app)
    assert "run_resume" not in keys(app)
    assert warned(app) == ""
    assert list(history(app)["Answers"]) == ["deleted"]
    summary = said(open_page("pages/summary/summary.py"))
    assert "log imported, no candidate yet" in summary
    assert "Stay on" not in summary


def test_what_was_spent_follows_new_prices(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = open_page(PAGE)
    before = history(app)["Spent"][0]
    model = next(model for model in list_models(store, replayed_study.id) if model.illustrative)
    edit_model(store, replace(model, prices=Prices(input=1000.0, output=1000.0)))
    assert history(app)["Spent"][0] != before


def test_the_page_starts_with_enough_and_says_openly_when_it_is_not(
    open_page: Open, store: Store, tmp_path: Path
) -> None:
    for name, calls in (("Long", 300), ("Short", 40)):
        study, run, *_ = paired_run(store, tmp_path, drafts(calls), name=name, is_answered=False)
        add_model(store, study.id, Model(name="Judge", litellm_id="openai/gpt-4o-mini", role=Role.JUDGE))
        change_run(store, run.id, status=Status.CANCELLED)
    app = open_page(PAGE, study_wanted="Long")
    again(app)
    assert "Replay 159 samples, enough to decide the use case if the judge passes its exam." in said(app)
    assert "too few samples" not in warned(app)
    app.select_slider(key="run_size_1").set_value("Everything").run()
    assert "Replay 300 samples, " in said(app)
    app.number_input(key="run_sample_1").set_value(100).run()
    assert "Replay 100 samples." in said(app)
    assert re.search(
        r"May not decide .* \(100 of about 159\): too few samples\. A sample of 159 is enough\.", warned(app)
    )
    app.checkbox(key="run_fresh_1").check().run()
    app.session_state["study_wanted"] = "Short"
    again(app.run())
    assert not app.checkbox(key="run_fresh_2").value
    assert "Replay 40 samples. " in said(app), "nothing chosen for another study is taken along"
    assert re.search(r"May not decide .* \(40 of about \d+\): too few samples\. The log has no more\.", warned(app))


def test_whoever_watched_a_run_to_its_end_sees_the_result_once(
    open_page: Open, store: Store, replayed_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = list_runs(store, replayed_study.id)
    polled: list[Callable[[], bool]] = []
    poll = progress.poll
    monkeypatch.setattr(progress, "poll", lambda draw, **how: (polled.append(draw), poll(draw, **how)))
    change_run(store, run.id, status=Status.RUNNING, owner="elsewhere:1", heartbeat_at=datetime.now(UTC))
    app = open_page(PAGE)
    assert polled[-1]() is True
    change_run(store, run.id, status=Status.PAUSED)
    app.session_state[state.SAW_END] = run.id
    assert app.run().button(key="run_resume"), "what was stopped stays in sight"
    change_run(store, run.id, status=Status.SUCCEEDED)
    assert "## Run 1 finished" in said(open_page(PAGE)), "who comes later stays"
    app.session_state[state.SAW_END] = run.id
    app.run()
    assert app.title[0].value == "Quality"
    assert latest_report(store, replayed_study) is not None, "which is up to date"
    assert "## Run 1 finished" in said(app.switch_page(PAGE).run())


def test_a_run_at_work_shows_what_is_clear_and_the_first_regressions(
    open_page: Open, store: Store, replayed_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PATIENCE_S", 60.0)
    (run,) = list_runs(store, replayed_study.id)
    change_run(store, run.id, status=Status.RUNNING, owner="elsewhere:1", heartbeat_at=datetime.now(UTC))
    app = open_page(PAGE)
    assert re.search(r"\d of \d use cases decided so far", said(app))
    assert app.code, "open from the start"
    assert len(app.code) % 3 == 0
