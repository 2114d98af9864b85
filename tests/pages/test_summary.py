"""Summary: the first screen, loading the sample, creating and deleting studies."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from advisor.decide.decisions import latest_report
from advisor.measure.run_lifecycle import file_replay
from advisor.plan.business_case import case_from
from advisor.plan.moving import case_facts
from advisor.store import Store
from advisor.store.deletion import delete_study
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.runs import change_run, get_run, list_runs
from advisor.store.studies import create_study, find_study, list_studies
from advisor.text.headline import card_title
from advisor.types import RunOptions, Status, Study
from advisor.ui.components import verdicts
from advisor.ui.state import address_of, study_at
from tests.pages.conftest import Open, picked
from tests.pages.decided_study import said


def test_the_first_screen_says_what_it_does_and_offers_the_sample(open_page: Open) -> None:
    app = open_page()
    assert "open-weight model" in app.markdown[0].value
    assert app.button(key="load_sample").label == "Load the sample study"
    assert "Sample data" in app.caption[0].value


def test_one_click_loads_the_sample_study_decided(
    open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    app = open_page()
    app.button(key="load_sample").click().run()
    assert not app.exception
    (study,) = list_studies(store)
    assert study.is_sample
    assert "Sample study" in app.markdown[0].value
    first = app.button(key="next_step").label.replace("\\", "")
    assert first == "Add gpt-6-luna (needs OPENAI_API_KEY)", "what the report asks for first"
    assert app.button(key="second_step").label == "Add another judge"
    assert re.search(
        r"## Move 2 of 6 use cases if Larch 30B passes its test and gpt-6-luna doesn't\. "
        r"Save \$[\d,]+ of \$[\d,]+ a month\.",
        said(app).replace("*", ""),
    )
    (worst,) = [link.proto for link in app.get("page_link") if link.proto.label == "See the worst answers"]
    labels = [link.proto.label for link in app.get("page_link")]
    assert "See the evidence" in labels
    assert "Import your own log" not in labels, "other calls prove nothing of these"
    cases = {case.name: case.id for case in list_use_cases(store, study.id)}
    assert f"use_case={cases['Agent actions']}" in worst.query_string
    assert "show=worse" in worst.query_string, "the pair is scrolled to"
    app.button(key="run_it_yourself").click().run()
    assert not app.exception
    assert app.checkbox(key="run_fresh_1").value, "nothing is taken over from the run that is shipped"
    assert len(list_runs(store, study.id)) == 1


def test_a_missing_sample_is_an_error_message(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.jobs.sample.LOG", "not_there.jsonl")
    app = open_page()
    app.button(key="load_sample").click().run()
    assert "not_there.jsonl" in app.error[0].value.replace("\\", "")


def test_a_new_study_is_created_and_opened(open_page: Open, store: Store) -> None:
    create_study(store, "First")
    app = open_page()
    app.text_input(key="new_study_name").set_value("Second")
    app.button(key="create_study").click().run()
    assert [study.name for study in list_studies(store)] == ["Second", "First"]
    assert picked(app) == "Second"


def test_a_name_in_use_or_none_is_refused(open_page: Open, store: Store) -> None:
    create_study(store, "First")
    app = open_page()
    app.text_input(key="new_study_name").set_value("First")
    app.button(key="create_study").click().run()
    assert "already" in app.error[0].value
    app.text_input(key="new_study_name").set_value("  ")
    app.button(key="create_study").click().run()
    assert "needs a name" in app.error[0].value


def test_deleting_asks_first_and_takes_all_along(open_page: Open, store: Store, sample_study: Study) -> None:
    app = open_page()
    app.button(key=f"delete_{sample_study.id}").click().run()
    assert list_studies(store) != []
    assert "with 1 log" in app.warning[0].value
    app.button(key=f"keep_{sample_study.id}").click().run()
    assert not app.warning
    app.button(key=f"delete_{sample_study.id}").click().run()
    app.button(key=f"really_delete_{sample_study.id}").click().run()
    assert not app.exception
    assert list_studies(store) == []
    assert app.button(key="load_sample")


def test_one_click_cancels_a_replay_and_deletes_its_study(open_page: Open, store: Store, sample_study: Study) -> None:
    run, _ = file_replay(store, sample_study, RunOptions(sample_size=5))
    change_run(store, run.id, status=Status.RUNNING, owner="elsewhere:1", heartbeat_at=datetime.now(UTC))
    app = open_page()
    app.button(key=f"delete_{sample_study.id}").click().run()
    assert app.button(key=f"really_delete_{sample_study.id}").label == "Cancel replay and delete study"
    app.button(key=f"really_delete_{sample_study.id}").click().run()
    assert not app.exception
    assert list_studies(store) == []
    assert get_run(store, run.id).state.wanted is Status.CANCELLED


def test_a_page_says_that_the_database_is_damaged(
    open_page: Open, store: Store, sample_study: Study, tmp_path: Path
) -> None:
    path = tmp_path / "advisor.db"
    store.close()
    data = bytearray(path.read_bytes())
    data[5 * 4096 : 9 * 4096] = b"\xff" * (4 * 4096)
    path.write_bytes(data)
    (error,) = open_page().error
    assert f"{path} is damaged" in error.value
    assert ".recover" in error.value


def texts(app: AppTest) -> list[str]:
    return [each.value.replace("\\", "") for each in app.markdown]


def test_a_study_with_answers_is_decided_by_itself(open_page: Open, store: Store, replayed_study: Study) -> None:
    assert latest_report(store, replayed_study) is None
    shown = texts(open_page())
    report = latest_report(store, replayed_study)
    assert report is not None
    assert f"## {card_title(report.recommendation, case_from(report, case_facts(store, replayed_study)))}" in shown
    for case in report.recommendation.use_cases:
        assert verdicts.tag(case) in [each.value for each in open_page().markdown]


def test_every_stage_has_one_next_step(open_page: Open, store: Store, sample_study: Study) -> None:
    app = open_page()
    assert app.button(key="next_step").label == "Start a replay"
    assert any("Open models could cut" in each for each in texts(app))
    file_replay(store, sample_study, RunOptions(sample_size=5))
    app = open_page()
    assert app.button(key="next_step").label == "Watch the replay"
    app = open_page(study=create_study(store, "Empty").name)
    assert app.button(key="next_step").label == "Import a prompt log"
    app.button(key="next_step").click().run()
    assert (app.title[0].value, picked(app)) == ("Prompt log", "Empty")


def test_the_cheaper_model_is_tested_by_one_click(
    open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page()
    assert "Add gpt" in app.button(key="run_untested").label
    app.button(key="run_untested").click().run()
    assert app.title[0].value == "Candidates"
    assert "OPENAI_API_KEY" in open_page().button(key="run_untested").label, "what it still lacks"
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    for _ in range(2):  # it is there already
        app = open_page()
        assert app.button(key="run_untested").label.startswith("Test gpt")
        app.button(key="run_untested").click().run()
        assert not app.exception
        assert app.title[0].value == "Run"
        assert [model.litellm_id for model in list_models(store, sample_study.id)].count("openai/gpt-6-luna") == 1


def test_a_study_name_is_never_markup(open_page: Open, store: Store) -> None:
    create_study(store, "![x](https://evil.example/x.png) <b>bold</b>")
    app = open_page()
    assert "](https" not in app.markdown[0].value
    assert "<b>" not in app.markdown[0].value


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(Path(__file__).resolve().parents[2] / "app.py"), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def test_every_address_names_its_study(store: Store) -> None:
    for name in ("First", "Second"):
        create_study(store, name)
    for query in ({}, {"study": "First"}):
        app = opened(**query)
        assert picked(app) == query.get("study", "Second")
        shown = app.query_params["study"]
        address = shown if isinstance(shown, str) else shown[0]
        found = study_at(address)
        assert found is not None
        assert address == address_of(found)
        assert found.name == picked(app)


def test_a_study_that_is_not_there_is_said_so_and_no_other_is_shown(store: Store) -> None:
    for name in ("First", "Second"):
        create_study(store, name)
    app = opened(study="Nobody")
    for page in (None, "pages/evidence/quality.py"):
        if page:
            app.switch_page(page).run()
        assert "Nobody" in app.warning[0].value
        assert picked(app) is None
        assert not any("Second" in each.value for each in (*app.markdown, *app.caption))
    next(button for button in app.button if "First" in button.label).click().run()
    assert (picked(app), len(app.warning)) == ("First", 0)


def test_a_study_that_another_tab_deletes_is_not_replaced_by_another(store: Store) -> None:
    for name in ("First", "Second"):
        create_study(store, name)
    app = opened(study="First")
    delete_study(store, find_study(store, "First").id)
    app.run()
    assert "First" in app.warning[0].value
    app.switch_page("pages/models/candidates.py").run()
    assert "First" in app.warning[0].value, "also on the next page"
    delete_study(store, find_study(store, "Second").id)
    app.run()
    app.button(key="start_over").click().run()
    assert not app.warning


def test_another_study_is_opened_with_one_in_the_address(open_page: Open, store: Store, sample_study: Study) -> None:
    """With two studies the address names the chosen one; Streamlit must not be left to clear that."""
    newer = create_study(store, "Newer")
    app = open_page(study=sample_study.name)
    app.query_params["study"] = sample_study.name
    app.run()
    app.button(key=f"open_study_{newer.id}").click().run()
    assert not app.exception
    assert picked(app) == "Newer"
