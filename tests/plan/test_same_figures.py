"""The same figures on the page, in the PDF, the workbook, the web page, the text, and the JSON."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from advisor.analysis.money.business_case import business_case
from advisor.charts.rows import bill_rows
from advisor.decide.decisions import decide, latest_report
from advisor.decide.grounds import grounds_of
from advisor.decide.limits import study_limits
from advisor.decide.scenarios import use_scenario, what_if
from advisor.judge.run_facts import newest_answered
from advisor.money.projection import project
from advisor.plan.business_case import case_from, case_of, successor_option, what_if_case
from advisor.plan.dossier import dossier_of
from advisor.plan.exports import OF_REPORT
from advisor.plan.moving import case_facts, successor_factor
from advisor.report.pdf import render_pdf
from advisor.store import Store
from advisor.store.case_inputs import save_case_inputs
from advisor.store.studies import get_study, list_studies
from advisor.text.business_case.board import SAMPLE
from advisor.text.business_case.case import (
    ITEMS,
    LABELS,
    NET,
    PERCENTAGES,
    SAVED,
    case_figures,
    case_sentence,
    payback_words,
    retirement_note,
)
from advisor.text.business_case.options import bill_words, option_name
from advisor.text.headline import card_title
from advisor.text.numbers import dollars, money_range
from advisor.text.scenarios import scenario_sentence
from advisor.types import PlanStep
from advisor.types.business import CaseOption
from advisor.types.dossier import Audience, Dossier, Export
from advisor.types.scenarios import Assumptions, CaseInput, CaseInputs, InputSource, Scenario
from tests.pages.decided_study import sample_database
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
    path = tmp_path_factory.mktemp("figures") / "advisor.db"
    sample_database(path)
    opened = Store(f"sqlite:///{path}")
    save_case_inputs(opened, list_studies(opened)[0].id, ENTERED)
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


def test_pages_show_the_same_saving_by_use_case(store: Store, dossier: Dossier) -> None:
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
    book = recalculated(OF_REPORT[Export.WORKBOOK](dossier))
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
    given = what_if_case(report, facts, decided, 5000.0)
    assert given.one_off_usd == 5000.0
    assert given.net(12).point - case.net(12).point == pytest.approx(case.one_off_usd - 5000.0)


def test_a_start_entered_on_the_plan_moves_the_case(store: Store, dossier: Dossier) -> None:
    study = list_studies(store)[0]
    facts = case_facts(store, study)
    name, later = dossier.case.moving[0].use_case, facts.today + timedelta(days=61)
    entered = {(one.use_case, 0): PlanStep(starts_on=later) for one in dossier.case.moving}
    case = case_from(dossier.report, replace(facts, entered=entered))
    assert (case.start, case.moving[0].starts_in) == (facts.today, 61.0)
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


def test_documents_word_the_same_figures(dossier: Dossier) -> None:
    case = dossier.case
    pdf = squeeze(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(dossier))).pages))
    page, text = (OF_REPORT[what](dossier).decode() for what in (Export.PAGE, Export.SUMMARY))
    for figure in shown(dossier):
        assert figure in pdf
        assert figure in page
        assert figure in text
    for figure in case_figures(case).values():
        assert figure in pdf
    for option in case.options:
        assert squeeze(option_name(option)) in pdf
    assert money_range(case.net(36)) in pdf


def test_numbers_are_the_same_in_json_and_the_workbook(dossier: Dossier, tmp_path: Path) -> None:
    case, decision = dossier.case, dossier.report.recommendation
    found = json.loads(OF_REPORT[Export.FIGURES](dossier))
    book = recalculated(OF_REPORT[Export.WORKBOOK](dossier))
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
    per_unit = [summary["Cost per ticket today"], summary["Cost per ticket with the plan"]]
    assert found["usd_per_unit"] == pytest.approx(per_unit)
    sums = {row[0].value: row[1].value for row in book["Business case"].iter_rows()}
    once = {row[0].value: row[1].value for row in book["One-off cost"].iter_rows(min_row=3)}
    assert once == pytest.approx(
        {**{ITEMS[item]: usd for item, usd in case.one_off.items()}, "Total": case.one_off_usd}
    )
    for label in ("Bill today, a month", "Bill with the plan, a month", SAVED, "One-off cost", "Payback, month"):
        assert sums[label] == pytest.approx(summary[label]), label
    for label in (NET.format(12), NET.format(36), "Cost per ticket today", "Cost per ticket with the plan"):
        assert sums[label] == pytest.approx(summary[label]), label
    nets = [row[10].value for row in book["Months"].iter_rows(min_row=3)]
    assert nets == pytest.approx([month.net.point for month in case.months])
    options = {row[0].value: row[2].value for row in book["Options"].iter_rows(min_row=3)}
    known = {option_name(option): option.monthly_usd.point for option in case.options if option.monthly_usd}
    assert {name: usd for name, usd in options.items() if usd is not None} == pytest.approx(known)
    assert set(options) == {option_name(option) for option in case.options}
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


def test_formulas_carry_what_they_work_out_to(dossier: Dossier) -> None:
    """A preview doesn't calculate: no cell is blank there, and none differs from what a spreadsheet computes."""
    made = OF_REPORT[Export.WORKBOOK](dossier)
    stored, computed = load_workbook(io.BytesIO(made), data_only=True), recalculated(made)
    formulas = [
        (sheet.title, cell.coordinate)
        for sheet in load_workbook(io.BytesIO(made))
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) > 7 * len(dossier.case.months)
    for sheet, at in formulas:
        assert stored[sheet][at].value == pytest.approx(computed[sheet][at].value), (sheet, at)


def test_every_sheet_says_sample_data(dossier: Dossier) -> None:
    book = load_workbook(io.BytesIO(OF_REPORT[Export.WORKBOOK](dossier)))
    assert {sheet["A1"].value for sheet in book} == {SAMPLE}
    assert {"Guardrails", "Data location", "License", "Sign-off"} <= {*book.sheetnames}
    for what in (Export.PLAN, Export.TASKS, Export.SUMMARY):
        assert SAMPLE in OF_REPORT[what](dossier).decode()


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
    assert 2 * monthly.savings_usd.point == pytest.approx(case.saved.point), "the scenario's prices decide"
    options = {option.option: option.monthly_usd for option in case.options}
    today, plan, first = options[CaseOption.NOTHING], options[CaseOption.PLAN], plain[CaseOption.NOTHING]
    assert today is not None
    assert plan is not None
    assert first is not None
    assert today.point == pytest.approx(2 * first.point)
    assert plan.point == pytest.approx(today.point - sum(one.saved.point for one in case.moving))
    assert f"Net {money_range(case.net(12))} over 12 months" in case_sentence(case)
    store.close()
