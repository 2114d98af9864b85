"""The same figures on the page, in the PDF, the workbook, the web page, the text, and the JSON."""

import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from advisor.analysis.money.business_case import business_case
from advisor.charts.rows import bill_rows
from advisor.decide.decisions import decide, latest_report
from advisor.decide.grounds import grounds_of
from advisor.decide.limits import study_limits
from advisor.decide.scenarios import use_scenario, what_if
from advisor.jobs.sample import load_sample
from advisor.judge.run_facts import newest_answered
from advisor.money.projection import project
from advisor.plan.business_case import case_from, case_of, what_if_case
from advisor.plan.closed_options import successor_option
from advisor.plan.dossier import dossier_of, make_dossier
from advisor.plan.exports import OF_REPORT
from advisor.plan.moving import case_facts, successor_factor
from advisor.report.pdf import render_pdf
from advisor.store import Store
from advisor.store.scenarios import save_case_inputs
from advisor.store.studies import get_study, list_studies
from advisor.text.advice.ending import retirement_note
from advisor.text.business_case.ask import why_now
from advisor.text.business_case.board import SAMPLE, strip
from advisor.text.business_case.case import (
    LABELS,
    NET,
    PERCENTAGES,
    SAVED,
    case_figures,
    case_sentence,
    item_name,
    payback_words,
)
from advisor.text.business_case.options import bill_words, option_name
from advisor.text.business_case.risks import dangers
from advisor.text.business_case.sign_off import signers
from advisor.text.business_case.tasks import owner_words, passed_words
from advisor.text.gates import criteria
from advisor.text.headline import card_title
from advisor.text.numbers import day, day_of, dollars, money_range, number, projected, pts
from advisor.text.results import difference
from advisor.text.scenarios import scenario_sentence
from advisor.text.scores import judge_words
from advisor.types import PlanStep, UseCaseDecision
from advisor.types.business import CaseOption, CostItem
from advisor.types.dossier import Audience, Danger, Dossier, Export, Paper
from advisor.types.reports import Task
from advisor.types.scenarios import Assumptions, CaseInput, CaseInputs, InputSource, Scenario
from advisor.ui.navigation import PAGES
from advisor.ui.server import Worker
from tests.pages.decided_study import APP, said, sample_database
from tests.pages.tables import tables
from tests.recalculated import recalculated

ENTERED = CaseInputs(
    entered={CaseInput.DAY_USD: 700.0, CaseInput.HAIRCUT: 0.1, CaseInput.GROWTH: 0.02, CaseInput.SUCCESSOR_BILL: 1.0},
    unit="ticket",
)

TURNED = {
    CaseInput.DAY_USD: 1400.0,
    CaseInput.FALLBACK_DAYS: 200.0,
    CaseInput.FALLBACK_SHARE: 0.5,
    CaseInput.HAIRCUT: 0.25,
    CaseInput.GROWTH: 0.05,
    CaseInput.PRICE_CHANGE: 0.1,
    CaseInput.SUCCESSOR_BILL: 1.6,
    CaseInput.SUCCESSOR_DAYS: 3.0,
}
"""As somebody may enter them in the workbook."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path_factory.mktemp('figures') / 'advisor.db'}")
    save_case_inputs(opened, load_sample(opened).id, ENTERED)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def dossier(store: Store) -> Dossier:
    study = list_studies(store)[0]
    made = dossier_of(store, study)
    report = latest_report(store, study)
    assert report is not None
    assert case_of(store, study, report) == made.case, "the page shows this one"
    return made


@pytest.fixture(scope="module")
def book(dossier: Dossier) -> Workbook:
    """The workbook as a spreadsheet computes it."""
    return recalculated(OF_REPORT[Export.WORKBOOK](dossier))


def test_pages_show_the_same_saving_by_use_case(store: Store, dossier: Dossier, book: Workbook) -> None:
    """Cost, Scenarios, Business case, Excel and JSON: a month at full roll-out."""
    study, decision = list_studies(store)[0], dossier.report.recommendation
    month = project(store, study, decision, decision.confidence)
    cost = {line.name: (line.today.point, line.plan.point) for line in month.lines if line.today and line.plan}
    chart = {row.name: (row.today, row.plan.point) for row in bill_rows(decision)[1:]}
    found = json.loads(OF_REPORT[Export.FIGURES](dossier))
    figures = {
        each["name"]: (each["bill_usd"], each["bill_usd"] - (each["saved_usd"]["point"] if each["saved_usd"] else 0))
        for each in found["use_cases"]
    }
    _, header, *rows = ([cell.value for cell in row] for row in book["Use cases"].iter_rows())
    today, saved = header.index("Bill today, a month"), header.index("Saved a month")
    excel = {row[0]: (row[today], row[today] - (row[saved] or 0)) for row in rows}
    for name, bills in cost.items():
        for other in (chart, figures, excel):
            assert other[name] == pytest.approx(bills)
    assert decision.bill.monthly is not None
    assert month.total.saved == decision.bill.monthly.savings_usd
    assert dossier.case.saved.point == pytest.approx(decision.bill.monthly.savings_usd.point)
    assert sum(now - then for now, then in cost.values()) == pytest.approx(dossier.case.saved.point)
    assert dollars(dossier.case.saved.point) in card_title(decision, dossier.case)


def test_scenarios_and_business_case_have_one_payback(store: Store, dossier: Dossier) -> None:
    study, report = list_studies(store)[0], dossier.report
    grounds = grounds_of(store, study, newest_answered(store, study))
    facts = case_facts(store, study)
    decided = what_if(grounds, study_limits(store, study), Assumptions())
    case = what_if_case(report, facts, decided, 0.0)
    assert case.moving == dossier.case.moving
    assert (case.payback, case.months, case.one_off) == (
        dossier.case.payback,
        dossier.case.months,
        dossier.case.one_off,
    )
    assert payback_words(case) in scenario_sentence(decided, case)
    assert payback_words(case) in case_sentence(dossier.case)
    assert case.inputs.tested_first == dossier.ask.values["tried"]["model"], "its test comes first: it is paid for"
    tests = [dossier.ask.values[name]["work"]["usd"] for name in ("tried", "beside")]
    assert case.one_off[CostItem.TEST_CHEAPER] == sum(tests) == 2 * 700.0, "what follows today's model is tested along"
    given = what_if_case(report, facts, decided, 5000.0)
    assert given.one_off_usd == 5000.0
    assert given.net(12).point - case.net(12).point == pytest.approx(case.one_off_usd - 5000.0)
    asked = [make_dossier(report, each, schedule=dossier.schedule).ask for each in (case, given)]
    assert asked[0].values["test"] == asked[1].values["test"], "its work isn't free where the sum is given"


def test_a_start_entered_on_the_plan_moves_the_case(store: Store, dossier: Dossier) -> None:
    study = list_studies(store)[0]
    facts = case_facts(store, study)
    name, later = dossier.case.moving[0].use_case, facts.today + timedelta(days=92)
    entered = {(one.use_case, 0): PlanStep(starts_on=later) for one in dossier.case.moving}
    case = case_from(dossier.report, replace(facts, entered=entered))
    assert (case.start, case.moving[0].starts_in) == (facts.today, 92.0)
    assert case.moving[0].use_case == name
    assert case.months[1].saved.point == 0.0
    assert (case.payback or 99) > (dossier.case.payback or 0)
    assert case.net(12).point < dossier.case.net(12).point
    first = dossier.schedule.stints[0].first
    shadow = {(name, 5): PlanStep(starts_on=first + timedelta(days=10))}
    assert case_from(dossier.report, replace(facts, entered=shadow)).moving[0].ramp[0] == (0.0, 10.0)


def test_the_switch_off_counts_the_same_everywhere(store: Store, dossier: Dossier) -> None:
    """Without an entered bill, the successor's list price: it is in the note, the option, the inputs and the JSON."""
    study = list_studies(store)[0]
    facts = replace(case_facts(store, study), inputs=CaseInputs())
    case = case_from(dossier.report, facts)
    share, source = case.inputs[CaseInput.SUCCESSOR_BILL], case.inputs.source(CaseInput.SUCCESSOR_BILL)
    bills = sum(one.today_usd for one in case.moving)
    assert source is InputSource.LISTED
    assert case.saved_later == pytest.approx(case.saved.point - bills * (1 - share))
    assert f"{dollars(abs(case.saved_later or 0.0))}" in retirement_note(case)
    made = json.loads(OF_REPORT[Export.FIGURES](replace(dossier, case=case)))
    assert made["saved_later_usd"] == case.saved_later
    assert made["inputs"]["successor_bill"] == {"value": share, "source": "listed"}
    option, decision = successor_option(dossier.report, facts), dossier.report.recommendation
    factors = [successor_factor(each, facts) or 0.0 for each in decision.use_cases]
    listed = sum(
        (each.monthly_baseline_usd or 0.0) * factor for each, factor in zip(decision.use_cases, factors, strict=True)
    )
    assert option.monthly_usd is not None
    assert option.monthly_usd.point == pytest.approx(listed)
    by_hand = next(one for one in dossier.case.options if one.option is CaseOption.SUCCESSOR)
    today = sum(each.monthly_baseline_usd or 0.0 for each in decision.use_cases)
    assert by_hand.monthly_usd is not None
    assert by_hand.monthly_usd.point == pytest.approx(today * ENTERED[CaseInput.SUCCESSOR_BILL])
    assert by_hand.monthly_usd.point != pytest.approx(listed)


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def shown(dossier: Dossier) -> set[str]:
    """Figures of page one and of the money, as every document words them."""
    case, monthly = dossier.case, dossier.report.recommendation.bill.monthly
    assert monthly is not None
    options = {bill_words(case, option) for option in case.options if option.monthly_usd and not option.is_minor}
    return {dollars(monthly.savings_usd.point), dollars(case.one_off_usd), f"month {case.payback}", *options}


@pytest.fixture(scope="module")
def pdf(dossier: Dossier) -> str:
    """Its text."""
    return squeeze(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(dossier))).pages))


def test_documents_word_the_same_figures(dossier: Dossier, pdf: str) -> None:
    case = dossier.case
    page, text = (OF_REPORT[what](dossier).decode() for what in (Export.PAGE, Export.SUMMARY))
    for figure in shown(dossier):
        assert figure in pdf
        assert figure in page
        assert figure in text
    for figure in case_figures(case).values():
        assert figure in pdf
    for option in case.options:
        assert squeeze(option_name(option)) in pdf
    assert sha256(OF_REPORT[Export.FIGURES](dossier)).hexdigest() in page
    assert money_range(case.net(36)) in pdf


def test_page_one_has_room_for_all_of_the_sample(dossier: Dossier) -> None:
    """On both papers, and with what it says of the bill, of the price, and of the work that the tests take."""
    for paper in Paper:
        (page,) = PdfReader(io.BytesIO(render_pdf(dossier, Audience.BOARD, paper))).pages
        text = squeeze(page.extract_text())
        assert not re.search(r"\+ \d+ more", text), paper
        assert "the price of Larch 30B is illustrative" in text
        assert "7.5 days ($5,250)" in text, "with a host, 2 days, and a judge, 1 day, at $700"
        assert "those move to it, the rest to Larch 30B where it passes; what's left moves to gpt-6-sol." in text
        assert "points (pts) worse (gpt-6-sol: the same limits)" in text
        assert "and then cost as much as today." in text, "the successor is entered at today's bill"
        assert len(PdfReader(io.BytesIO(render_pdf(dossier, Audience.VP, paper))).pages) == 6, paper


def test_numbers_are_the_same_in_json_and_the_workbook(dossier: Dossier, book: Workbook) -> None:
    case, decision = dossier.case, dossier.report.recommendation
    found = json.loads(OF_REPORT[Export.FIGURES](dossier))
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows()}
    monthly = decision.bill.monthly
    assert monthly is not None
    assert found["saved_usd"]["point"] == pytest.approx(summary[SAVED]) == monthly.savings_usd.point
    assert found["one_off_usd"] == pytest.approx(summary["One-off cost"]) == case.one_off_usd
    assert found["payback_month"] == summary["Payback, month"] == case.payback
    for months in (12, 36):
        assert found[f"net_{months}_usd"]["point"] == case.net(months).point
        assert summary[NET.format(months)] == pytest.approx(case.net(months).point, abs=1e-6)
    assert case.per_unit is not None
    per_unit = [summary["Cost per ticket today"], summary["Cost per ticket after the move"]]
    assert found["usd_per_unit"] == pytest.approx(per_unit)
    sums = {row[0].value: row[1].value for row in book["Business case"].iter_rows()}
    once = {row[0].value: row[1].value for row in book["One-off cost"].iter_rows(min_row=3)}
    assert once == pytest.approx(
        {**{item_name(case, item): usd for item, usd in case.one_off.items()}, "Total": case.one_off_usd}
    )
    for label in ("Bill today, a month", "Bill after the move, a month", SAVED, "One-off cost", "Payback, month"):
        assert sums[label] == pytest.approx(summary[label]), label
    for label in (NET.format(12), NET.format(36), "Cost per ticket today", "Cost per ticket after the move"):
        assert sums[label] == pytest.approx(summary[label]), label
    nets = [row[10].value for row in book["Months"].iter_rows(min_row=3)]
    assert nets == pytest.approx([month.net.point for month in case.months])
    options = {row[0].value: row[2].value for row in book["Options"].iter_rows(min_row=3)}
    known = {option_name(option): option.monthly_usd.point for option in case.options if option.monthly_usd}
    assert {name: usd for name, usd in options.items() if usd is not None} == pytest.approx(known)
    assert set(options) == {option_name(option) for option in case.options}
    results = [[cell.value for cell in row[1:]] for row in book["Test results"].iter_rows(min_row=3)]
    assert len(results) == len(case.outcomes) == 4
    for row, each in zip(results, found["outcomes"], strict=True):
        names = ("avoided_usd", "one_off_usd", "adopting_usd", "paid_usd")
        usd = each["bills_saved_usd"]["point"], *(each[name] for name in names), each["net_12_usd"]["point"]
        assert row[:-1] == pytest.approx([each["saved_usd"][end] for end in ("low", "point", "high")] + [*usd])
        assert row[-1] == each["payback_month"]
        assert usd[0] + usd[1] - usd[2] == pytest.approx(usd[-1])
    planned = found["outcomes"][1]
    assert planned["saved_later_usd"]["point"] == pytest.approx(found["saved_later_usd"])
    for name in ("saved_usd", "one_off_usd", "net_12_usd", "payback_month", "avoided_usd"):
        assert planned[name] == found[name]
    inputs = {key: each["value"] for key, each in found["inputs"].items()}
    assert inputs == {key.value: case.inputs[key] for key in CaseInput}


def test_the_workbook_goes_on_computing(dossier: Dossier) -> None:
    """Other inputs change what is paid once and saved in every month, as in the business case."""
    book = load_workbook(io.BytesIO(OF_REPORT[Export.WORKBOOK](dossier)))
    for key, value in TURNED.items():
        row = next(row for row in book["Inputs"].iter_rows() if row[0].value == LABELS[key])
        row[1].value = value * (100 if key in PERCENTAGES else 1)
    content = io.BytesIO()
    book.save(content)
    entered = {**dossier.case.inputs.entered, **TURNED}
    assert all(one.ending for one in dossier.case.moving)
    dearer = [
        replace(one, ending=one.ending._replace(usd=one.today_usd * TURNED[CaseInput.SUCCESSOR_BILL]))
        for one in dossier.case.moving
        if one.ending
    ]
    case = business_case(
        dearer,
        replace(dossier.case.inputs, entered=entered),
        calls=dossier.case.calls,
        today_usd=dossier.case.today_usd,
    )
    shown = {row[0].value: row[1].value for row in recalculated(content.getvalue())["Business case"].iter_rows()}
    assert shown["One-off cost"] == pytest.approx(case.one_off_usd)
    for months in (12, 36):
        assert shown[NET.format(months)] == pytest.approx(case.net(months).point)
        assert abs(case.net(months).point - dossier.case.net(months).point) > 100.0
    assert shown["Payback, month"] == case.payback


def test_formulas_carry_what_they_work_out_to(dossier: Dossier, book: Workbook) -> None:
    """A preview doesn't calculate: no cell is blank there, and none differs from what a spreadsheet computes."""
    made = OF_REPORT[Export.WORKBOOK](dossier)
    stored = load_workbook(io.BytesIO(made), data_only=True)
    formulas = [
        (sheet.title, cell.coordinate)
        for sheet in load_workbook(io.BytesIO(made))
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) > 7 * len(dossier.case.months)
    for sheet, at in formulas:
        assert stored[sheet][at].value == pytest.approx(book[sheet][at].value), (sheet, at)


def test_every_sheet_says_sample_data(dossier: Dossier) -> None:
    book = load_workbook(io.BytesIO(OF_REPORT[Export.WORKBOOK](dossier)))
    assert {sheet["A1"].value for sheet in book} == {SAMPLE}
    assert {"Guardrails", "Data location", "License", "Sign-off"} <= {*book.sheetnames}
    for what in (Export.PLAN, Export.TASKS, Export.SUMMARY):
        assert SAMPLE in OF_REPORT[what](dossier).decode()


def test_what_the_plan_leaves_open_is_said(dossier: Dossier) -> None:
    """The model that follows is a risk until it is tested; work before the tests is paid for."""
    due = next(each for each in dossier.schedule.tasks if each.task.code == Task.REPLACE)
    test = next(each for each in dossier.schedule.tasks if each.task.code == Task.TEST_CHEAPER)
    danger = next(each for each in dossier.dangers if each.code == Danger.SUCCESSOR)
    assert danger.values["models"] == test.task.values["along"] == [due.task.values["successor"]]
    assert danger.values["use_cases"] == [case.name for case in dossier.report.recommendation.use_cases]
    assert danger.values["by"] == test.last.isoformat() < due.first.isoformat()
    assert dossier.schedule.stop
    assert dossier.schedule.stop.values["by"] < due.task.values["by"], "who stops still has to move"
    once, tasks = dossier.case.one_off, {each.task.code for each in dossier.schedule.tasks}
    assert (once[CostItem.HOST], once[CostItem.JUDGE]) == (2 * 700.0, 700.0)
    assert {Task.HOST, Task.JUDGE} <= tasks
    assert not dossier.ask.values["rises"], "the successor is entered at today's bill: waiting costs no more later"


def test_page_one_takes_back_by_the_limits_of_the_plan(dossier: Dossier) -> None:
    (back,) = (remedy for risk, remedy in dangers(dossier) if risk == "Answers get worse for users.")
    moves = [move for move in dossier.report.plan.moves if move.phases]
    assert moves
    for move in moves:
        quality, *others = criteria(move)[1].items()
        assert quality[1].removeprefix("clearly ").removesuffix(" or more") in back
        assert all(f"{label.lower()} {limit}" in back for label, limit in others)
        assert len(others) == 2


def test_who_approves_what_passes_and_when_is_said_once_everywhere(dossier: Dossier) -> None:
    """By whoever signs page one; the base of the figures is confirmed while the tests run."""
    move = next(each for each in dossier.schedule.tasks if each.task.code == Task.MOVE)
    by = {(who, what): on for who, what, on in signers(dossier)}
    assert by["Signer of page one", "Moving to what passed its test"] == day(move.last)
    assert f"your approval by {day(move.last)}" in " ".join(why_now(dossier))
    assert owner_words(move) == "signer of page one"
    invoice = next(on for (_, what), on in by.items() if "on the invoice" in what)
    test = next(each for each in dossier.schedule.tasks if each.task.code == Task.TEST_CHEAPER)
    assert invoice == day(test.last)
    assert test.last < move.first


def test_what_holds_where_the_first_test_passes_is_in_every_plan(dossier: Dossier, pdf: str) -> None:
    passed = passed_words(dossier.schedule, dossier.case, dossier.data_flows).values()
    documents = [OF_REPORT[what](dossier).decode() for what in (Export.PLAN, Export.PAGE)]
    assert len([*filter(None, passed)]) == 3
    assert all(line in squeeze(text) for line in passed for text in (*documents, pdf))


def test_a_board_gets_one_page(dossier: Dossier) -> None:
    assert len(PdfReader(io.BytesIO(render_pdf(dossier, Audience.BOARD))).pages) == 1
    assert len(PdfReader(io.BytesIO(render_pdf(dossier, Audience.VP))).pages) <= 6


def test_a_scenario_is_carried_into_the_report(tmp_path: Path) -> None:
    """Twice the traffic, candidates 50 % more expensive, and a one-off cost of its own."""
    path = tmp_path / "advisor.db"
    sample_database(path)
    store = Store(f"sqlite:///{path}")
    study = list_studies(store)[0]
    before = dossier_of(store, study).case
    assumed = Assumptions(traffic=2.0, price=1.5, one_off_usd=9000.0)
    use_scenario(store, study, Scenario(name="Busy", limits=study_limits(store, study), assumed=assumed))
    made = dossier_of(store, get_study(store, study.id), decide(store, get_study(store, study.id)))
    case, plain = made.case, {option.option: option.monthly_usd for option in before.options}
    assert case.one_off_usd == 9000.0
    for one, was in zip(case.moving, before.moving, strict=True):
        assert one.today_usd == pytest.approx(2 * was.today_usd)
        assert one.saved.point == pytest.approx(2 * (was.saved.point - 0.5 * (was.today_usd - was.saved.point)))
    monthly = made.report.recommendation.bill.monthly
    assert monthly is not None
    assert monthly.savings_usd.point == pytest.approx(case.saved.point), "the scenario's prices decide"
    assert monthly.baseline_usd == pytest.approx(case.today_usd)
    saved = {each.name: each.target for each in made.report.recommendation.use_cases}
    for one in case.moving:
        target = saved[one.use_case]
        assert target is not None
        assert target.costs.savings_usd == one.saved, "as page one and the case have it"
    options = {option.option: option.monthly_usd for option in case.options}
    today, plan, first = options[CaseOption.NOTHING], options[CaseOption.PLAN], plain[CaseOption.NOTHING]
    assert today is not None
    assert plan is not None
    assert first is not None
    assert today.point == pytest.approx(2 * first.point)
    assert plan.point == pytest.approx(today.point - sum(one.saved.point for one in case.moving))
    assert f"Net {money_range(case.net(12))} over 12 months" in case_sentence(case)
    store.close()


SCREENS = {
    "pages/summary/summary.py": ("",),
    "pages/log/prompt_log.py": ("Use cases", "Models"),
    "pages/log/use_cases.py": ("",),
    "pages/models/candidates.py": ("",),
    "pages/evidence/run.py": ("",),
    "pages/evidence/quality.py": ("",),
    "pages/evidence/cost.py": ("Monthly bill", "Other savings", "Self-hosting", "Unit economics"),
    "pages/evidence/latency.py": ("By use case",),
    "pages/evidence/review.py": ("Agreement",),
    "pages/decision/scenarios.py": ("Compare", "By use case"),
    "pages/decision/business_case.py": ("By month", "Sensitivity", "One-off cost"),
    "pages/decision/plan.py": ("",),
    "pages/decision/report.py": ("Page 1", "Questions"),
}
"""Pages with the tabs on which figures of the report stand."""
OTHERS = {"pages/models/catalog.py", "pages/decision/files.py", "pages/settings/settings.py"}
"""Pages without any: prices of models that nobody chose, archives, and the installation."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """What one page says with one of its tabs open."""

    words: str
    """Texts, alternative texts of charts, buttons, and cells of tables."""
    metrics: dict[str, str]
    tables: list[pd.DataFrame]


@pytest.fixture(scope="module")
def screens(store: Store, dossier: Dossier) -> dict[str, Screen]:
    """By page and tab, each opened once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADVISOR_DATABASE_URL", str(store.engine.url))
        patch.setattr(Worker, "ensure", lambda worker: None)
        patch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # AppTest leaves the page's there
        return {f"{page} {tab}".strip(): _read(page, tab) for page, tabs in SCREENS.items() for tab in tabs}


def _read(page: str, tab: str) -> Screen:
    app = AppTest.from_file(APP, default_timeout=120)
    app.switch_page(page).query_params.update({"tab": tab} if tab else {})
    app.run()
    assert not app.exception
    found = tables(app)
    drawn = [element.proto.alt for element in app.get("plotly_chart")]
    labels = [element.label.replace("\\", "") for element in app.button]
    cells = [str(cell) for table in found for row in table.itertuples(index=False) for cell in row]
    return Screen(
        words=squeeze("\n".join([said(app).replace("**", ""), *drawn, *labels, *cells])),
        metrics={element.label: element.value for element in app.metric},
        tables=found,
    )


def test_every_page_is_walked() -> None:
    assert {*SCREENS} | OTHERS == {path for pages in PAGES.values() for path, *_ in pages}


def _sentences(found: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """How pages and documents say a figure -> what it is in the JSON."""
    bill, saved = dollars(found["bill_usd"]), dollars(found["saved_usd"]["point"])
    net, net_36 = (dollars(found[f"net_{months}_usd"]["point"]) for months in (12, 36))
    options = {each["option"]: each for each in found["options"]}
    sibling, moved = options["sibling"]["monthly_usd"], [each for each in found["use_cases"] if each["saved_usd"]]
    starts = {share: [each["start"] for each in found["steps"] if each["traffic_share"] == share] for share in (0, 1)}
    best, *_, worst = found["outcomes"]
    swings = [usd for each in found["sensitivity"] for usd in each["net_12_usd"]]
    usd, on = r"(-?\$[\d,.]*\d)", r"(\d+ \w+ \d{4})"
    return {
        rf"[Ss]ave {usd} of {usd} a month": (saved, bill),
        rf"[Ss]ave {usd} a month(?:, unless \S+ passes its test)?\. (?:Pays|Stay)": (saved,),
        rf"use cases would save {usd} a month": (saved,),
        rf"can move and save {usd} a month": (saved,),
        rf"the tested move saves {usd}\.": (saved,),
        rf"Open models: saves {usd};": (saved,),
        rf"You spend {usd}/month": (bill,),
        rf"calls and {usd} a month": (bill,),
        rf"The bill is {usd} a month today": (bill,),
        rf"Today: {usd};": (bill,),
        rf"After the move: {usd}\.": (_left(found),),
        rf"Over all use cases, a ticket costs {usd} today and {usd} after": (*map(dollars, found["usd_per_unit"]),),
        rf"gpt-6-luna might save {usd} to {usd} a month": tuple(
            dollars(found["bill_usd"] - sibling[bound]) for bound in ("high", "low")
        ),
        r"[Pp]ays back in month (\d+)": (str(found["payback_month"]),),
        rf"[Nn]et {usd} over 12 months, {usd} over 36": (net, net_36),
        rf"Net over 12 months: {usd} to {usd}, with one assumption off, if Larch 30B passes, not": (
            dollars(min(swings)),
            dollars(max(swings)),
        ),
        rf"passes on all \d+ use cases: {usd} to {usd}; if only \S+ passes: {usd}": (
            *(dollars(best["net_12_usd"][end]) for end in ("low", "high")),
            dollars(worst["net_12_usd"]["point"]),
        ),
        rf"retires in \d+ days \({on}\)": (day_of(options["nothing"]["retires"]),),
        rf"shadow from {on}, all traffic from {on}": (day_of(min(starts[0])), day_of(max(starts[1]))),
        r"(\d+) of (\d+) use cases can move": (str(len(moved)), str(len(found["use_cases"]))),
        r"Move (\d+) of (\d+) use cases": (str(len(moved)), str(len(found["use_cases"]))),
    }


def _left(found: dict[str, Any]) -> str:
    """The bill after the move, as a reader subtracts what is shown; the JSON has it to less than a hundred."""
    bill, saved = (float(re.sub(r"[$,]", "", dollars(usd))) for usd in (found["bill_usd"], found["saved_usd"]["point"]))
    assert bill - saved == pytest.approx(found["plan_usd"], abs=55), "11,284 and 2,914, rounded by 50 and 5 at most"
    return f"${bill - saved:,.0f}"


NOT_REPORTED = {"Latency p50 / p95", "Failed calls", "Took"}
"""Metrics of the log and of a run that no document has."""


def _metrics(found: dict[str, Any], dossier: Dossier) -> dict[str, str]:
    """Every other metric of a page -> what it is in the JSON."""
    bill, saved, once = dollars(found["bill_usd"]), dollars(found["saved_usd"]["point"]), dollars(found["one_off_usd"])
    decision, net = dossier.report.recommendation, dollars(found["net_12_usd"]["point"])
    return {
        "Bill today, a month": bill,
        "Spend/month": bill,
        "Calls/month": projected(dossier.case.calls),
        "With this scenario": _left(found),
        "Saved a month, 2 of 6 move": saved,
        "Saved a month, 1 of 6 move": dollars(min(each["saved_usd"]["point"] for each in _moved(found))),
        "Net over 12 months": net,
        "Net over 36 months": dollars(found["net_36_usd"]["point"]),
        "One-off cost": once,
        "Payback": payback_words(dossier.case).removeprefix("Pays back in "),
        "Samples": f"{decision.run.sample_size:,}",
        "Spent": f"free (list price {dollars(found['inputs']['evaluation_usd']['value'])})",
    }


def _columns(case: UseCaseDecision) -> dict[str, str]:
    """What a table says of a use case under a heading."""
    assert case.monthly_baseline_usd
    saved = case.target.costs.savings_usd.point if case.target and case.target.costs.savings_usd else 0.0
    bill, plan = dollars(case.monthly_baseline_usd), dollars(case.monthly_baseline_usd - saved)
    calls = projected(case.monthly_calls)
    times, margin = case.baseline_facts.times, case.candidates[0].difference.margin
    return {
        **dict.fromkeys(("Today", "Bill today", "Spend/month"), bill),
        **dict.fromkeys(("After the move", "Bill with this mix"), plan),
        **dict.fromkeys(("Calls a month", "Calls/month"), calls),
        **dict.fromkeys(("Calls", "Calls in the log"), f"{case.samples}"),
        "Acceptable drop, pts": number(margin),
        "Acceptable drop": pts(margin),
        "Timed answers": f"{times.answered}",
        **(
            {"A move would save a month": dollars(saved), "Saving/month": f"{dollars(saved)}, measured"}
            if saved
            else {}
        ),
    }


def _moved(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in found["use_cases"] if each["saved_usd"]]


def test_screens_say_the_figures_of_the_json(screens: dict[str, Screen], dossier: Dossier, pdf: str) -> None:
    """So do the PDF, the web page and the text."""
    rules, compared = _sentences(json.loads(OF_REPORT[Export.FIGURES](dossier))), set[str]()
    page, text = (OF_REPORT[what](dossier).decode() for what in (Export.PAGE, Export.SUMMARY))
    words = {name: screen.words for name, screen in screens.items()} | {"pdf": pdf, "html": page, "text": text}
    for name, said_there in words.items():
        for pattern, figures in rules.items():
            for match in re.finditer(pattern, squeeze(said_there)):
                assert match.groups() == figures, (name, match.group())
                compared |= {pattern}
    assert compared == {*rules}


def test_metrics_are_those_of_the_json(screens: dict[str, Screen], dossier: Dossier) -> None:
    expected, compared = _metrics(json.loads(OF_REPORT[Export.FIGURES](dossier)), dossier), set[str]()
    for name, screen in screens.items():
        for label in screen.metrics.keys() - NOT_REPORTED:
            assert screen.metrics[label].replace("\\", "") == expected[label], (name, label)
            compared |= {label}
    assert compared == {*expected}


def test_tables_of_use_cases_have_the_figures_of_the_decision(screens: dict[str, Screen], dossier: Dossier) -> None:
    """Where a table has several rows of one, the first is the baseline's or the chosen candidate's."""
    compared, cases = set[str](), dossier.report.recommendation.use_cases
    for name, table in ((name, table) for name, screen in screens.items() for table in screen.tables):
        for case in cases if "Use case" in table else ():
            for row in table[table["Use case"] == case.name].head(1).to_dict("records"):
                expected = _columns(case)
                for heading, value in ((heading, value) for heading, value in expected.items() if heading in row):
                    assert str(row[heading]).replace(",", "") == value.replace(",", ""), (name, case.name, heading)
                    compared |= {heading}
    assert compared == {heading for case in cases for heading in _columns(case)}


def test_quality_is_the_same_on_screen_and_on_paper(screens: dict[str, Screen], dossier: Dossier, pdf: str) -> None:
    decision = dossier.report.recommendation
    for a in (a for case in decision.use_cases for a in case.candidates):
        assert difference(a) in screens["pages/evidence/quality.py"].words
        assert difference(a) in pdf
    for judge in decision.judging.judges:
        told = judge_words(judge)
        assert told in screens["pages/evidence/quality.py"].words
        assert told in pdf


def test_tables_of_the_report_are_those_of_its_screens(screens: dict[str, Screen], dossier: Dossier, pdf: str) -> None:
    """Options, test results, one-off cost, criteria, what stays and why, the six questions; days by the JSON."""
    found, printed = json.loads(OF_REPORT[Export.FIGURES](dossier)), _letters(pdf)
    steps = found["steps"]
    days, *others = screens["pages/decision/plan.py"].tables
    for name in ("business_case.py One-off cost", "scenarios.py By use case", "report.py Questions"):
        others += screens[f"pages/decision/{name}"].tables
    assert len(others) == 10
    for table in others:
        for heading in {*table} - {"Latency limits"}:
            for cell in table[heading]:
                assert _letters(str(cell)) in printed, (heading, cell)
    results = next(table for table in others if "Test result" in table)
    page = _letters(unescape(re.sub("<[^>]*>", "", OF_REPORT[Export.PAGE](dossier).decode())))
    for row in results.itertuples(index=False):
        assert _letters("".join(row)) in page, "a row of the web page"
    paid = [each["paid_usd"] for each in found["outcomes"]]
    shown = [float(re.sub(r"[$,]", "", usd)) for usd in results["With work for gpt-6-sol"]]
    assert shown == pytest.approx(paid, rel=0.005), "all that is paid, by result, as a reader adds it"
    spans = [f"{day_of(step['start'])} – {day_of(step['end'])}" for step in steps]
    assert [cell for row in days.itertuples(index=False) for cell in row[1:]] == spans


def test_summary_has_the_verdicts_of_page_one(screens: dict[str, Screen], dossier: Dossier) -> None:
    for cell in strip(dossier):
        assert cell["word"].partition(" ")[2] in screens["pages/summary/summary.py"].words
    assert "Move if the test passes" in screens["pages/summary/summary.py"].words


def _letters(text: str) -> str:
    """Lines of the PDF break anywhere."""
    return re.sub(r"\W", "", text)
