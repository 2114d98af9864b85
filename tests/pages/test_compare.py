"""Quality, Cost and Latency in every state of a study, and that they show what the stored decision says."""

import json
import re
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from advisor.analysis.money.cost import is_worth
from advisor.decide.decisions import span_warnings
from advisor.jobs.sample import ILLUSTRATIVE, SAMPLE_STUDY, load_sample
from advisor.judge.endpoints import endpoint_of
from advisor.measure.run_lifecycle import start_run
from advisor.measure.studies import find_study
from advisor.plan.business_case import case_from
from advisor.plan.dossier import dossier_of
from advisor.plan.exports import OF_REPORT
from advisor.plan.moving import case_facts
from advisor.store import Store
from advisor.store.studies import change_study, get_study
from advisor.text import numbers
from advisor.text.advice.obstacles import log_lacks, what_helps, why_not
from advisor.text.advice.reasons import reason_alone
from advisor.text.advice.steps import step_for, step_words
from advisor.text.bill import bill_sentence, is_advised, volume_words
from advisor.text.gates import shown_gates
from advisor.text.headline import headline, quality_sentence
from advisor.text.names import candidate_words, outcome_words
from advisor.text.results import compared_words, difference
from advisor.text.runs import median_and_p95
from advisor.types import Exclusion, ExclusionCode, Lane, Message, Money, Monthly, Report, Role, RunOptions, WarningCode
from advisor.types.dossier import Export
from advisor.ui import queries, server
from advisor.ui.evidence.cost import unit
from advisor.ui.evidence.latency import latency
from tests.nested import changed
from tests.pages.decided_study import (
    COMPARE,
    FAILING,
    HOSTILE,
    HOSTILE_CASE,
    QUICK,
    assert_calm,
    hostile_database,
    open_page,
    said,
    sample_database,
)
from tests.pages.tables import tables

QUALITY, COST, LATENCY = COMPARE


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    path = tmp_path_factory.mktemp("compare") / "sample.db"
    return path, sample_database(path)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    path = tmp_path_factory.mktemp("compare") / "hostile.db"
    return path, hostile_database(path)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the app's database is, empty until a test copies one to it."""
    return tmp_path / "advisor.db"


@pytest.mark.parametrize("page", COMPARE)
def test_without_a_study_the_way_to_one_is_shown(page: str) -> None:
    at = open_page(page)
    assert_calm(at)
    assert "No study yet" in said(at)


@pytest.mark.parametrize("page", COMPARE)
def test_without_a_run_the_way_to_one_is_shown(page: str) -> None:
    load_sample(server.store(), with_run=False)
    at = open_page(page)
    assert_calm(at)
    assert ("Savings aren't known yet" if page == COST else "Nothing to show yet") in said(at)
    assert len(at.metric) == 0


@pytest.mark.parametrize("page", COMPARE)
def test_while_a_replay_waits_its_progress_is_shown(page: str) -> None:
    study = load_sample(server.store(), with_run=False)
    start_run(server.store(), study, RunOptions(sample_size=12, baseline=Lane.RECORDED))
    at = open_page(page)
    assert_calm(at)
    assert len(at.get("progress")) == 1
    assert len(at.metric) == 0


@pytest.mark.parametrize("page", COMPARE)
def test_a_decided_study_opens(page: str, sample: tuple[Path, Report], database: Path) -> None:
    shutil.copy(sample[0], database)
    at = open_page(page)
    assert_calm(at)
    assert len(at.metric) <= 4
    assert len(at.get("plotly_chart")) >= 1
    assert len(tables(at)) >= 1


def test_quality_says_what_the_decision_says(sample: tuple[Path, Report], database: Path) -> None:
    path, report = sample
    shutil.copy(path, database)
    recommendation = report.recommendation
    at = open_page(QUALITY)
    store = Store(f"sqlite:///{database}")
    case = case_from(report, case_facts(store, find_study(store, SAMPLE_STUDY)))
    store.close()
    assert headline(recommendation, case).startswith("Don't move yet.")
    assert quality_sentence(recommendation) in said(at)
    for row, decision in enumerate(recommendation.use_cases):
        (a,) = decision.candidates
        label = at.button(key=f"matrix_{row}_0").label.replace("\\", "").replace("·*", "·")
        assert candidate_words(a) in label
        assert label.endswith(f" · {difference(a)}{log_lacks(decision, a)}")


def test_which_answers_are_compared_is_said(sample: tuple[Path, Report]) -> None:
    """Of the sample's use cases one has neither right answers nor reviews."""
    recommendation = sample[1].recommendation
    told = compared_words(recommendation)
    assert told.endswith("Needs a judge or human review: Reply draft.")
    first = recommendation.use_cases[0]
    lost = changed(first.candidates[0], excluded=(Exclusion(code=ExclusionCode.CANDIDATE_FAILED, n=3),))
    lossy = replace(recommendation, use_cases=(replace(first, candidates=(lost,)),))
    assert compared_words(lossy).endswith("Excluded: 3 (candidate call failed).")


def test_a_slowest_twentieth_of_few_answers_is_told_to_be_unsure() -> None:
    few, enough = (median_and_p95(2.0, 2.0, n) for n in (48, 59))
    assert enough == "median 2.0 s, p95 2.0 s"
    assert few == f"{enough} (uncertain: 48 answers)"


def test_every_use_case_can_be_looked_into(sample: tuple[Path, Report], database: Path) -> None:
    path, report = sample
    shutil.copy(path, database)
    at = open_page(QUALITY)
    cases = {case.name: case.id for case in queries.use_cases(1)}
    (model,) = queries.models(1)
    for number, decision in enumerate(report.recommendation.use_cases):
        at.button(key=f"matrix_{number}_0").click().run()
        assert_calm(at)
        assert at.query_params["use_case"] == str(cases[decision.name])
        assert at.query_params["candidate"] == str(model.id)
        assert f"{decision.name} · {model.name}" in {heading.value.replace("\\", "") for heading in at.subheader}
        assert reason_alone(decision.candidates[0]) in said(at)
        assert len(tables(at)[0]) == len(shown_gates(decision.candidates[0]))
        for gate in decision.candidates[0].gates:
            if gate.passed is False:
                assert gate.name in {message.values.get("name") for message in decision.candidates[0].ruling.why_not}
        assert all(words in said(at) for words in what_helps(decision.candidates[0])), "what fails is open"
        step = step_for(report, decision.name)
        assert step or len(what_helps(decision.candidates[0])) == len(why_not(decision.candidates[0]))
        if step is not None:
            assert step_words(report, step) in said(at), "what the reasons leave to the step is said by it"


def test_logged_text_is_never_markup(hostile: tuple[Path, Report], database: Path) -> None:
    shutil.copy(hostile[0], database)
    at = open_page(QUALITY)
    next(button for button in at.button if "Quick" in button.label).click().run()
    assert_calm(at)
    assert any(HOSTILE in code.value for code in at.code)
    for page in COMPARE:
        at.switch_page(page).run()
        assert_calm(at)
        texts = [element.value for kind in (at.markdown, at.caption, at.header) for element in kind]
        assert any("Loud" in text for text in texts) or page != QUALITY
        assert [text for text in texts if re.search(r"(?<!\\)!(?<!\\)\[|(?<!\\)<img|[^\\]\$[xy]", text)] == []
    assert HOSTILE_CASE in {decision.name for decision in hostile[1].recommendation.use_cases}


def test_cost_is_the_decision_s_and_names_what_is_missing(hostile: tuple[Path, Report], database: Path) -> None:
    shutil.copy(hostile[0], database)
    at = open_page(COST, tab="Unit economics")
    assert "the log has no times" in said(at)
    rows = next(frame for frame in tables(at) if "1k good answers" in frame).set_index("Candidate")
    assert "no price" in str(rows.loc[QUICK, "Unknown"])
    assert "the log has no times" in str(rows.loc[QUICK, "Unknown"])
    assert rows.loc[QUICK, "Candidate / 1k calls"] == "–"


def test_the_bill_equals_the_report(sample: tuple[Path, Report], database: Path) -> None:
    path, report = sample
    shutil.copy(path, database)
    recommendation, monthly = report.recommendation, report.recommendation.bill.monthly
    rows = unit.rate_rows(recommendation).set_index("Use case")
    for decision in recommendation.use_cases:
        candidate = decision.candidates[0]
        known = candidate.costs.usd_per_1k is not None and candidate.costs.usd_per_1k_successes is not None
        assert (rows.loc[decision.name, "Unknown"] == "") == known
    assert [numbers.to_the_cent(usd) for usd in (None, 0.0703, 1.674, -12.5)] == ["–", "$0.070", "$1.67", "-$12.50"]
    assert monthly is not None
    found = json.loads(OF_REPORT[Export.FIGURES](dossier_of(server.store(), find_study(server.store(), SAMPLE_STUDY))))
    usd = [numbers.dollars(each) for each in (monthly.baseline_usd, monthly.savings_usd.point, found["one_off_usd"])]
    (told,) = (line for line in said(open_page(COST)).splitlines() if line.startswith("## The bill is "))
    assert re.findall(r"\$[\d,.]*\d", told) == usd
    assert told.endswith(f", which doesn't pay back {usd[-1]} within 36 months.")


def test_cents_are_not_worth_migrating(sample: tuple[Path, Report]) -> None:
    whole = sample[1].recommendation
    moved = next(decision for decision in whole.use_cases if decision.chosen)
    bill = Monthly(baseline_usd=0.02, plan_usd=0.01, savings_usd=Money(low=0.0013, point=0.01, high=0.017))
    cents = changed(whole, monthly=bill, worth=is_worth(bill, (moved,)), use_cases=(moved,))
    store = Store(f"sqlite:///{sample[0]}")
    case = case_from(sample[1], case_facts(store, find_study(store, SAMPLE_STUDY)))
    store.close()
    assert case.moving
    assert bill_sentence(cents, case) == "You spend $0.020 a month on these calls. Not worth migrating."
    assert outcome_words(moved, pays=is_advised(cents, case)) == "Good enough"
    assert outcome_words(moved, pays=True) == "Move if the test passes"


def test_nothing_is_projected_from_calls_of_one_moment(sample: tuple[Path, Report]) -> None:
    assert volume_words(sample[1]).startswith("Projected from 660 calls logged between 12 Oct 2026 and 10 Nov 2026")
    at = "2026-10-20T08:00:00+00:00"
    alone = replace(sample[1], log={"accepted": 1, "first_at": at, "last_at": at})
    assert volume_words(alone).startswith("1 call in the log; the log has no times, or one alone")
    moment = datetime.fromisoformat(at)
    assert span_warnings((moment, moment)) == span_warnings(None)
    short = span_warnings((moment, moment + timedelta(days=2)))
    assert short == [Message.of(WarningCode.SHORT_LOG, days=2.0)]


def test_latency_equals_the_report_and_tells_where_it_was_measured(
    hostile: tuple[Path, Report], database: Path
) -> None:
    path, report = hostile
    shutil.copy(path, database)
    decision = report.recommendation.use_cases[0]
    measured = {times.model: times for times in latency.times(1, report.recommendation.run.id, decision.name)}
    quick = next(a for a in decision.candidates if a.model == QUICK)
    found = measured[QUICK].latency
    assert found is not None
    assert (found.p50, found.p95) == pytest.approx((quick.times.latency_p50_s, quick.times.latency_p95_s))
    assert found.n == quick.times.answered == 30
    assert "uncertain" in latency.note(measured[QUICK])
    assert (measured[FAILING].failed, measured[FAILING].latency) == (30, None)
    baseline = measured[report.recommendation.run.baseline]
    assert baseline.is_recorded
    assert baseline.latency is not None
    assert baseline.latency.p50 == pytest.approx(decision.baseline_facts.times.latency_p50_s)
    assert latency.timed_elsewhere([baseline])
    assert not latency.timed_elsewhere([replace(baseline, latency=None)]), "what is not known was measured nowhere"
    at = open_page(LATENCY)
    assert "measured elsewhere" in said(at)
    assert list(tables(at)[1]["Failed"]) == ["–", "0", "30"]
    other = at.button(key="measure_baseline").click().run().switch_page("pages/evidence/run.py").run()
    assert other.radio(key="run_baseline_1").value is Lane.BASELINE, "another run is planned"
    change_study(server.store(), 1, max_latency_p95_s=0.5)
    marked = list(latency.limit_rows([*measured.values()], get_study(server.store(), 1))["p95"])
    assert len(marked) == 2, "what was never timed has no row"
    assert marked[0].startswith("✗ ")


def test_written_answers_have_no_times(
    sample: tuple[Path, Report], database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(sample[0], database)
    [popover, *_] = open_page(LATENCY).get("popover")
    assert "OPENAI_API_KEY" in popover.proto.popover.label.replace("\\", "")
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    before = [endpoint_of(case, queries.baseline_lane(1)) for case in queries.use_cases(1)]
    at = open_page(LATENCY)
    assert "chosen candidate wasn't timed" in said(at)
    assert len(tables(at)[0]) == 1
    assert ILLUSTRATIVE.name in said(at)
    button = at.button(key="measure_baseline")
    assert "gpt" in button.label
    assert "$" in button.label
    at = button.click().run().switch_page("pages/evidence/run.py").run()
    assert_calm(at)
    study = get_study(server.store(), 1)
    assert [m.litellm_id for m in queries.models(1) if m.role is Role.BASELINE] == ["openai/gpt-5.1-2025-11-13"]
    assert at.radio(key=f"run_baseline_{study.id}").value is Lane.BASELINE
    assert queries.baseline_lane(1) is Lane.BASELINE
    assert [endpoint_of(case, Lane.BASELINE) for case in queries.use_cases(1)] == before, "scored as before"
