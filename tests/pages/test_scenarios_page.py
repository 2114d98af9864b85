"""Scenarios: sliders that only look, an address that keeps them, and what saving, using and undoing change."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from advisor.decide.limits import study_limits
from advisor.jobs.work import work
from advisor.store.choice_tables import RecommendationRow
from advisor.store.jobs import DECIDE as DECIDE_JOB
from advisor.store.jobs import finish_job
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.reviews import add_reviews
from advisor.store.run.samples import list_run_samples
from advisor.store.scenarios import list_scenarios, save_scenario
from advisor.store.studies import change_study, get_study, list_studies
from advisor.text.names import Outcome
from advisor.text.scenarios import DEFAULT
from advisor.types import Preference, Recommendation, Status, Study
from advisor.types.scenarios import Assumptions, Limits, Scenario
from advisor.ui import page, queries, server
from advisor.ui.components import verdicts
from advisor.ui.decision import saved_scenarios, what_if
from tests.pages.decided_study import APP, DECIDE, assert_calm, open_page, said, sample_database
from tests.pages.tables import tables

SCENARIOS = DECIDE[0]


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenarios") / "sample.db"
    sample_database(path)
    return path


@pytest.fixture
def study(decided: Path, tmp_path: Path) -> Study:
    """The decided sample study in the app's database."""
    shutil.copy(decided, tmp_path / "advisor.db")
    return list_studies(server.store())[0]


def _at(**address: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=120).run()
    at.switch_page(SCENARIOS)
    at.query_params.update(address)
    return at.run()


def _decision(study: Study) -> Recommendation:
    report = queries.report(study.id)
    assert report is not None
    return report.recommendation


def _moved(at: AppTest) -> int:
    mark = verdicts.MARKS[Outcome.SWITCH]
    tags = [each.value for each in at.markdown if each.value.endswith("**]")]  # cards name use cases after it
    return sum(tag.startswith(f":{mark[0]}[:material/{mark[1]}: **") for tag in tags)


def test_a_slider_shows_what_would_move_and_decides_nothing(study: Study) -> None:
    before, revision = _decision(study), get_study(server.store(), study.id)
    at = open_page(SCENARIOS)
    assert_calm(at)
    assert _moved(at) == sum(each.chosen is not None for each in before.use_cases)
    for key, value in (("drop", "15"), ("confidence", "90")):
        at.select_slider(key=key).set_value(value)
    at.run()
    assert_calm(at)
    run = queries.run(before.run.id)
    asked = what_if.decision(run, Limits(margin=0.15, confidence=0.9), Assumptions())
    assert _moved(at) == sum(each.chosen is not None for each in asked.use_cases) > 0
    assert (_decision(study), get_study(server.store(), study.id)) == (before, revision)
    at.select_slider(key="p95").set_value("4").run()
    assert _moved(at) == 0, "latency was never measured"


def test_an_address_brings_a_visitor_to_the_same_numbers(study: Study) -> None:
    at = _at(drop="15", traffic="2", oneoff="50000", price="20", tab="Compare")
    assert_calm(at)
    kept = {key: at.session_state[key] for key in ("drop", "confidence", "traffic", "oneoff", "price")}
    assert kept == {"drop": "15", "confidence": "95", "traffic": "2", "oneoff": 50000, "price": 20}
    assert "doesn't pay back" in said(at)
    gone = _at(drop="wide", scenario="Gone")
    assert_calm(gone)
    assert gone.session_state["drop"] == DEFAULT


def test_the_scenario_of_an_address_sets_the_sliders(study: Study) -> None:
    at = _at(scenario="Conservative")
    assert_calm(at)
    assert (at.session_state["drop"], at.session_state["confidence"]) == ("2", "99")
    at.selectbox(key="scenario").set_value(saved_scenarios.PLANNED).run()
    assert (at.session_state["drop"], at.session_state["confidence"]) == (DEFAULT, "95")


def test_a_scenario_is_saved_used_and_undone(study: Study) -> None:
    store = server.store()
    case = next(each for each in list_use_cases(store, study.id) if each.name == "Ticket triage")
    before = study_limits(store, study)
    decided = queries.report(study.id)
    at = open_page(SCENARIOS)
    at.select_slider(key="drop").set_value("15")
    at.number_input(key=f"own_drop_{case.id}").set_value(1.0)
    at.number_input(key="oneoff").set_value(5000.0)
    at.text_input(key=saved_scenarios.NAME).set_value("Bold")
    at.button(key="save").click().run()  # before the page is redrawn for what was typed
    assert_calm(at)
    (kept,) = list_scenarios(store, study.id)
    limits = Limits(margin=0.15, use_cases={case.id: 0.01})
    assert (kept.name, kept.limits, kept.assumed, kept.chosen) == ("Bold", limits, Assumptions(one_off_usd=5000), False)
    assert study_limits(store, get_study(store, study.id)) == before
    at.session_state["tab"] = "Compare"
    at.run()
    at.button(key="use_Bold").click().run()
    assert_calm(at)
    assert study_limits(store, get_study(store, study.id)) == limits
    now = queries.report(study.id)
    assert decided is not None
    assert now is not None
    assert verdicts.changes(decided, now) in said(at)
    margins = {d.name: a.difference.margin for d in now.recommendation.use_cases for a in d.candidates}
    assert margins.pop(case.name) == 0.01
    assert set(margins.values()) == {0.15}
    at.button(key="undo").click().run()
    assert_calm(at)
    assert study_limits(store, get_study(store, study.id)) == before
    assert [each.chosen for each in list_scenarios(store, study.id)] == [False]
    at.button(key="delete_Bold").click().run()
    assert list_scenarios(store, study.id) == []


@pytest.mark.parametrize("name", saved_scenarios.RESERVED)
def test_a_built_in_name_is_refused(study: Study, name: str) -> None:
    at = open_page(SCENARIOS)
    at.text_input(key=saved_scenarios.NAME).set_value(name).run()
    at.button(key="save").click().run()
    assert [each.message for each in at.exception] == []
    assert len(at.error) == 1
    assert list_scenarios(server.store(), study.id) == []


def test_deleting_the_picked_scenario_resets_the_sliders(study: Study) -> None:
    at = open_page(SCENARIOS)
    at.select_slider(key="drop").set_value("15").run()
    at.text_input(key=saved_scenarios.NAME).set_value("Bold").run()
    at.button(key="save").click().run()
    at.session_state["tab"] = "Compare"
    at.run()
    assert at.selectbox(key="scenario").value == "Bold"
    at.button(key="delete_Bold").click().run()
    assert_calm(at)
    assert at.selectbox(key="scenario").value == saved_scenarios.CURRENT
    assert at.session_state["drop"] == DEFAULT


def test_a_scenario_without_a_name_is_refused(study: Study) -> None:
    at = open_page(SCENARIOS)
    at.button(key="save_use").click().run()
    assert [each.message for each in at.exception] == []
    assert len(at.error) == 1
    assert list_scenarios(server.store(), study.id) == []


def test_limits_set_elsewhere_are_where_the_sliders_begin(study: Study) -> None:
    change_study(server.store(), study.id, margin=0.075, confidence=0.92, max_latency_p95_s=9.0, max_ttft_p95_s=2.5)
    at = open_page(SCENARIOS)
    assert_calm(at)
    sliders = {key: at.select_slider(key=key).value for key in ("drop", "confidence", "p95", "ttft")}
    assert sliders == {"drop": "7.5", "confidence": "92", "p95": "9", "ttft": "2.5"}


@pytest.mark.parametrize("tab", ["Compare", "By use case"])
def test_every_tab_opens(study: Study, tab: str) -> None:
    at = _at(tab=tab)
    assert_calm(at)
    assert len(at.get("plotly_chart")) == 1, "the frontier is next to the sliders"
    drawn = {"Compare": len(at.metric) - 3, "By use case": len(tables(at))}
    assert [name for name, n in drawn.items() if n] == [tab]


def test_the_evidence_is_read_again_after_a_review_and_not_after_a_saved_scenario(study: Study) -> None:
    store, run, limits = server.store(), queries.runs(study.id)[0], Limits()
    first = what_if.decision(run, limits, Assumptions())
    save_scenario(store, study.id, Scenario(name="As now", limits=limits))
    assert what_if.decision(run, limits, Assumptions()).created_at == first.created_at
    (candidate,) = run.plan.model_ids
    add_reviews(store, run.id, [(list_run_samples(store, run.id)[0], candidate, Preference.TIE)], reviewer="Ann")
    assert what_if.decision(run, limits, Assumptions()).created_at > first.created_at


def test_of_visitors_at_an_outdated_study_one_decides(study: Study) -> None:
    change_study(server.store(), study.id, margin=0.07)
    before = _decision(study).created_at
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(page.update, [study] * 3))
    assert _decision(study).created_at > before
    assert server.store().scalar(select(func.count()).select_from(RecommendationRow)) == 2


def test_a_worker_decides_a_large_study(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "LARGE", 0)
    change_study(server.store(), study.id, margin=0.07)
    before = _decision(study).created_at
    for _ in range(2):
        assert_calm(_at())
    (job,) = queries.jobs(study.id, DECIDE_JOB)
    assert job.status is Status.QUEUED
    assert _decision(study).created_at == before
    work(server.store(), once=True, imports=True)
    assert _decision(study).created_at > before
    assert _moved(_at()) > 0


def test_why_a_worker_could_not_decide_is_said(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "LARGE", 0)
    change_study(server.store(), study.id, margin=0.07)
    _at()
    (job,) = queries.jobs(study.id, DECIDE_JOB)
    finish_job(server.store(), job.id, Status.FAILED, error="No space left")
    assert [each.value for each in _at().error] == ["No space left"]
    assert len(queries.jobs(study.id, DECIDE_JOB)) == 1
