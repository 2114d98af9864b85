"""Scenarios, Plan and Report in every state of a study; the limits that people set; the files that leave."""

import re
import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.collect import use_cases
from advisor.decide.decisions import decide
from advisor.decide.limits import setting_limits
from advisor.errors import BadInput
from advisor.jobs.sample import TRAFFIC_SHARE, load_sample
from advisor.judge.run_facts import RunFacts
from advisor.measure.run_lifecycle import start_run
from advisor.report.packing import count_pages
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.reviews import add_reviews
from advisor.store.run.runs import list_runs
from advisor.store.studies import change_study, get_study, list_studies
from advisor.text.advice.steps import next_steps
from advisor.text.business_case.paper import privacy_words
from advisor.text.names import NAMES_REMAIN, decision_words, evidence_words
from advisor.text.plan import condition, risks, why
from advisor.types import (
    Endpoint,
    Kind,
    Lane,
    Preference,
    Report,
    RunOptions,
    Step,
    Study,
    Verdict,
)
from advisor.types.dossier import Export
from advisor.types.studies import Stage
from advisor.ui import navigation, queries, server, stage
from advisor.ui.components import verdicts
from advisor.ui.decision import report, scenarios
from tests.pages.decided_study import (
    DECIDE,
    HOSTILE,
    assert_calm,
    hostile_database,
    open_page,
    said,
    sample_database,
)
from tests.pages.tables import tables

ROUTING, PLAN, REPORT = DECIDE


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    path = tmp_path_factory.mktemp("decide") / "sample.db"
    return path, sample_database(path)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the app's database is, empty until a test copies one to it."""
    return tmp_path / "advisor.db"


@pytest.fixture
def study(sample: tuple[Path, Report], database: Path) -> Study:
    """The decided sample study in the app's database."""
    shutil.copy(sample[0], database)
    return list_studies(server.store())[0]


@pytest.mark.parametrize("page", DECIDE)
def test_without_a_study_the_way_to_one_is_shown(page: str) -> None:
    at = open_page(page)
    assert_calm(at)
    assert "No study yet" in said(at)


@pytest.mark.parametrize("page", DECIDE)
def test_without_a_run_the_way_to_one_is_shown(page: str) -> None:
    load_sample(server.store(), with_run=False)
    at = open_page(page)
    assert_calm(at)
    assert "Nothing to show yet" in said(at)


@pytest.mark.parametrize("page", DECIDE)
def test_while_a_replay_waits_its_progress_is_shown(page: str) -> None:
    loaded = load_sample(server.store(), with_run=False)
    start_run(server.store(), loaded, RunOptions(sample_size=12, baseline=Lane.RECORDED))
    at = open_page(page)
    assert_calm(at)
    assert len(at.get("progress")) == 1


@pytest.mark.parametrize("page", DECIDE)
def test_a_decided_study_opens(page: str, study: Study) -> None:
    at = open_page(page)
    assert_calm(at)
    of_scenarios = sum(metric.label.startswith("Saved a month,") for metric in at.metric)  # one on each card
    assert len(at.metric) - of_scenarios <= 4
    assert any(each.value.startswith("## ") for each in at.markdown)


def test_a_page_without_news_decides_nothing(study: Study) -> None:
    before = queries.report(study.id)
    at = open_page(ROUTING)
    assert_calm(at)
    assert queries.report(study.id) == before
    assert [button for button in at.button if "ecide" in button.label] == []


@pytest.mark.parametrize("page", DECIDE)
def test_a_page_shows_the_decision_of_now(page: str, study: Study) -> None:
    """A limit that was changed elsewhere, such as in another tab."""
    change_study(server.store(), study.id, margin=0.2)
    at = open_page(page)
    assert_calm(at)
    stored = queries.report(study.id)
    assert stored is not None
    assert {a.difference.margin for d in stored.recommendation.use_cases for a in d.candidates} == {0.2}
    assert stage.standing(get_study(server.store(), study.id)).stage is Stage.DECIDED


def test_every_verdict_that_changed_is_named(sample: tuple[Path, Report]) -> None:
    before = sample[1].recommendation
    first, *rest = before.use_cases
    assert first.verdict is Verdict.NEED_MORE_DATA

    def now(**change: Any) -> Report:
        return replace(sample[1], recommendation=replace(before, use_cases=(replace(first, **change), *rest)))

    kept = now(verdict=Verdict.KEEP)
    stays = decision_words(kept.recommendation.use_cases[0])
    assert verdicts.changes(kept, sample[1]) == f"{first.name}: Need more data (was: {stays})."
    moved = now(verdict=Verdict.SWITCH, chosen=first.candidates[0].model)
    assert f"{first.name}: Move to " in verdicts.changes(sample[1], moved)
    assert verdicts.changes(sample[1], sample[1]) == ""


def test_a_renamed_model_is_no_new_decision(sample: tuple[Path, Report]) -> None:
    before = sample[1]
    chosen = next(d.chosen for d in before.recommendation.use_cases if d.chosen)
    models = tuple(replace(model, name="Renamed") if model.name == chosen else model for model in before.models)
    decisions = tuple(
        replace(d, chosen="Renamed (illustrative)") if d.chosen else d for d in before.recommendation.use_cases
    )
    after = replace(before, models=models, recommendation=replace(before.recommendation, use_cases=decisions))
    assert verdicts.changes(before, after) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": 0.0},
        {"margin": 1.0},
        {"margin": float("nan")},
        {"confidence": 1.0},
        {"confidence": 0.4},
        {"max_latency_p95_s": 0.0},
        {"max_ttft_p95_s": -1.0},
        {"max_ttft_p95_s": float("nan")},
        {"use_case_margins": {"Ticket triage": 2.0}},
        {"use_case_margins": {"No such use case": 0.1}},
    ],
)
def test_limits_out_of_range_are_refused_as_a_whole(study: Study, wrong: dict[str, object]) -> None:
    right = {"margin": 0.1, "confidence": 0.9, "max_latency_p95_s": 5.0, "max_ttft_p95_s": 1.0}
    store = server.store()
    own: Any = wrong.get("use_case_margins", {})
    limits: Any = {name: value for name, value in (right | wrong).items() if name != "use_case_margins"}
    with pytest.raises(BadInput), setting_limits(store, replace(study, **limits), own):
        pass
    assert get_study(store, study.id) == study
    assert {use_case.margin for use_case in list_use_cases(store, study.id)} == {None}


def test_a_use_case_keeps_its_own_limit_until_it_is_cleared(study: Study) -> None:
    store = server.store()

    def keep(margins: dict[str, float | None]) -> dict[str, float | None]:
        limited = replace(study, margin=0.1, confidence=0.95, max_latency_p95_s=None, max_ttft_p95_s=None)
        with setting_limits(store, limited, margins):
            pass
        assert get_study(store, study.id).margin == 0.1
        return {use_case.name: use_case.margin for use_case in list_use_cases(store, study.id)}

    assert keep({"Ticket triage": 0.02})["Ticket triage"] == 0.02
    assert keep({"Agent actions": 0.3})["Ticket triage"] == 0.02
    assert keep({"Ticket triage": None})["Ticket triage"] is None


def test_the_plan_shows_every_move_and_why_the_rest_stays(database: Path) -> None:
    report = sample_database(database, TRAFFIC_SHARE)
    at = open_page(PLAN)
    assert_calm(at)
    text = said(at)
    moving = [move for move in report.plan.moves if move.phases]
    steps, limits, stays = tables(at)
    assert list(steps["Use case"]) == [move.use_case for move in moving]
    assert list(dict.fromkeys(limits["Use case"])) == [move.use_case for move in moving] != []
    assert all(limits["Failed calls"])
    for step in next_steps(report):
        assert step in text
    codes = [step.code for step in report.plan.next_steps]
    again = [button.label for button in at.main.button if (button.key or "").startswith("step_")]
    sample = list_studies(server.store())[0]
    known = {stage.place_of(step, sample)[1] for step in report.plan.next_steps if step.code in stage.WHERE}
    assert len(known & set(again)) >= len(again) - 1, "the successor has a button of its own"
    assert len(at.get("page_link")) >= sum(code in stage.WHERE for code in codes) - len(again)
    for number, (decision, move) in enumerate(report.moves):
        if decision.target is None:
            assert why(decision) in set(stays["Why"])
            continue
        at.session_state[f"move_{number}"] = True
        text = said(at.run())
        assert why(decision) in text
        entry = [condition(each) for phase in move.phases[:1] for each in phase.entry]
        for line in (*risks(decision, move), *entry):
            assert line in text


def test_steps_without_a_page_are_known() -> None:
    assert {*Step} - {*stage.WHERE} == {Step.SHADOW}


def test_the_report_offers_its_files(study: Study, sample: tuple[Path, Report]) -> None:
    at = open_page(REPORT)
    assert_calm(at)
    assert re.search(r"\d issues your readers will ask about", said(at))
    assert "1 of 6 use cases can move, but $44 a month doesn't pay back" in said(at).replace("*", "")
    labels = [button.proto.label for button in at.get("download_button")]
    files = [label for label, *_ in (*report.REPORT_FILES, *report.DATA_FILES)]
    assert labels == ["Download PDF", *files]
    assert all(button.proto.ignore_rerun for button in at.get("download_button")), "a rerun may lose the file"
    assert count_pages(report.pdf(study.id, sample[1], "board", "a4", "full")) == 1
    assert count_pages(report.pdf(study.id, sample[1], "vp", "us-letter", "full")) in (4, 5, 6)


def test_the_exports_are_whole(study: Study, sample: tuple[Path, Report]) -> None:
    import csv
    import io
    import tomllib

    rows = list(
        csv.DictReader(io.StringIO(report.file(study.id, sample[1], "full", Export.RESULTS).decode("utf-8-sig")))
    )
    assert len(rows) == sample[1].recommendation.run.sample_size
    assert {row["model"] for row in rows} == {model.name for model in sample[1].models}
    assert tomllib.loads(report.file(study.id, sample[1], "full", Export.STUDY).decode())["study"] == study.name


def test_a_bill_without_range_is_told_so(sample: tuple[Path, Report]) -> None:
    whole = sample[1]
    bills = scenarios.mix_rows(whole.recommendation, defaultdict(str))["Bill with this mix"]
    assert [bill for bill in bills if len({*bill.split(" to ")}) < bill.count("$")] == []


def test_who_forwards_the_report_is_told_what_it_shows(sample: tuple[Path, Report]) -> None:
    whole = sample[1]
    assert "Personal data was not replaced" in privacy_words(replace(whole, log={**whole.log, "redacted": False}))
    redacted = replace(whole, log={**whole.log, "redacted": True})
    assert f"was replaced at import; {NAMES_REMAIN}" in privacy_words(redacted)
    assert NAMES_REMAIN not in privacy_words(replace(redacted, log={**redacted.log, "names_redacted": True}))


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Help desk 2026", "help-desk-2026"),
        ("../../etc/passwd", "etc-passwd"),
        ("漢字", "study"),
        ("a" * 200, "a" * 60),
    ],
)
def test_file_names_are_safe(name: str, stem: str) -> None:
    assert report.file_stem(name) == stem


def test_logged_names_are_never_markup(database: Path, tmp_path: Path) -> None:
    hostile_database(database)
    for page in DECIDE:
        at: AppTest = open_page(page)
        assert_calm(at)
        texts = [element.value for kind in (at.markdown, at.caption, at.warning, at.success) for element in kind]
        assert [text for text in texts if "![" in text or "**Loud**" in text or HOSTILE in text] == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": Kind.CHAT},
        {"endpoint": Endpoint.PAIRWISE},
        {"margin": 0.2},
        {"ignored": True},
    ],
)
def test_a_use_case_changed_after_the_decision_makes_it_stale(study: Study, change: dict[str, object]) -> None:
    store = server.store()
    assert stage.standing(study).stage is Stage.DECIDED
    changed = next(case for case in list_use_cases(store, study.id) if case.name == "Ticket triage")
    use_cases.change(store, changed, **change)
    assert stage.standing(study).stage is Stage.OUTDATED


def test_own_reviews_of_written_answers_are_told_from_those_that_were_written(study: Study) -> None:
    store = server.store()
    run = list_runs(store, study.id)[0]
    facts = RunFacts(store, study, run)
    (model,) = facts.candidates
    own = [sample.id for sample in facts.samples.values() if sample.use_case == "Reply draft"][:26]
    add_reviews(store, run.id, [(id_ or 0, model.id, Preference.TIE) for id_ in own], reviewer="me")
    decided = decide(store, study)
    found = {d.name: d.candidates[0] for d in decided.recommendation.use_cases}
    assert (found["Reply draft"].trust.reviews, found["Reply draft"].trust.written_reviews) == (26, 0)
    assert evidence_words(found["Reply draft"]) == "people compared both answers, blind"
    written = found["Thread summary"]
    assert written.trust.reviews == written.trust.written_reviews > 0
    assert evidence_words(written) == "compared by reviews that were written for the sample"


def test_what_is_decided_needs_no_more_calls(study: Study, sample: tuple[Path, Report]) -> None:
    at = open_page(navigation.RUN)
    at.session_state["run_details"] = True
    at.button(key="run_once_more").click().run()
    assert_calm(at)
    needs = next(frame for frame in tables(at) if "Needed" in frame).set_index("Use case")
    told = {name: words == "decided already" for name, words in needs["Enough"].items()}
    assert told == {d.name: d.verdict is not Verdict.NEED_MORE_DATA for d in sample[1].recommendation.use_cases}


@pytest.mark.parametrize("change", [{"margin": 0.2}, {"confidence": 0.9}, {"max_ttft_p95_s": 1.0}])
def test_limits_changed_and_changed_back_are_noticed(study: Study, change: dict[str, float]) -> None:
    store = server.store()
    as_it_was = {name: getattr(study, name) for name in change}
    change_study(store, study.id, **change)
    assert stage.standing(get_study(store, study.id)).stage is Stage.OUTDATED
    change_study(store, study.id, **as_it_was)
    assert stage.standing(get_study(store, study.id)).stage is Stage.DECIDED


def test_a_limit_cleared_after_the_decision_makes_it_stale(study: Study) -> None:
    store = server.store()
    change_study(store, study.id, margin=0.2, max_latency_p95_s=9.0)
    decide(store, get_study(store, study.id))
    assert stage.standing(get_study(store, study.id)).stage is Stage.DECIDED
    change_study(store, study.id, margin=None)
    assert stage.standing(get_study(store, study.id)).stage is Stage.OUTDATED
    change_study(store, study.id, margin=0.2, max_latency_p95_s=None)
    assert stage.standing(get_study(store, study.id)).stage is Stage.OUTDATED
