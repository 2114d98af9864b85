"""The same figures on the page, in the PDF, the workbook, the web page, the text, and the JSON."""

import io
import json
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from advisor.decide.decisions import decide, latest_report
from advisor.decide.limits import study_limits
from advisor.decide.scenarios import use_scenario
from advisor.plan.business_case import case_of
from advisor.plan.dossier import dossier_of
from advisor.plan.exports import OF_REPORT
from advisor.report.pdf import render_pdf
from advisor.store import Store
from advisor.store.case_inputs import save_case_inputs
from advisor.store.studies import get_study, list_studies
from advisor.text.business_case.case import bill_words, case_figures, case_sentence, option_name
from advisor.text.numbers import dollars, money_range
from advisor.types.business import CaseInput, CaseInputs, CaseOption
from advisor.types.dossier import Audience, Dossier, Export
from advisor.types.scenarios import Assumptions, Scenario
from tests.pages.decided_study import sample_database

ENTERED = CaseInputs(entered={CaseInput.DAY_USD: 1200.0, CaseInput.HAIRCUT: 0.1, CaseInput.GROWTH: 0.02}, unit="ticket")


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    path = tmp_path_factory.mktemp("figures") / "advisor.db"
    sample_database(path)
    store = Store(f"sqlite:///{path}")
    study = list_studies(store)[0]
    save_case_inputs(store, study.id, ENTERED)
    made = dossier_of(store, study)
    report = latest_report(store, study)
    assert report is not None
    assert case_of(store, study, report) == made.case, "the page shows this one"
    store.close()
    return made


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
    book = load_workbook(io.BytesIO(OF_REPORT[Export.WORKBOOK](dossier)))
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows()}
    monthly = decision.bill.monthly
    assert monthly is not None
    assert found["saved_usd"]["point"] == pytest.approx(summary["Saved a month"]) == monthly.savings_usd.point
    assert found["one_off_usd"] == pytest.approx(summary["One-off cost"]) == case.one_off_usd
    assert found["payback_month"] == summary["Payback, month"] == case.payback
    for months in (12, 36):
        assert found[f"net_{months}_usd"]["point"] == case.net(months).point
        assert summary[f"Net, {months} months"] == pytest.approx(case.net(months).point, abs=1e-6)
    assert case.per_unit is not None
    per_unit = [summary["Cost per ticket today"], summary["Cost per ticket with the plan"]]
    assert found["usd_per_unit"] == pytest.approx(per_unit)
    nets = [row[5].value for row in book["Months"].iter_rows(min_row=2)]
    assert nets == pytest.approx([month.net.point for month in case.months])
    options = {row[0].value: row[2].value for row in book["Options"].iter_rows(min_row=2)}
    known = {option_name(option): option.monthly_usd.point for option in case.options if option.monthly_usd}
    assert {name: usd for name, usd in options.items() if usd is not None} == pytest.approx(known)
    assert set(options) == {option_name(option) for option in case.options}
    inputs = {key: each["value"] for key, each in found["inputs"].items()}
    assert inputs == {key.value: case.inputs[key] for key in CaseInput}


def test_a_board_gets_one_page(dossier: Dossier) -> None:
    assert len(PdfReader(io.BytesIO(render_pdf(dossier, Audience.BOARD))).pages) == 1
    assert len(PdfReader(io.BytesIO(render_pdf(dossier, Audience.VP))).pages) == 6


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
    options = {option.option: option.monthly_usd for option in case.options}
    today, plan, first = options[CaseOption.NOTHING], options[CaseOption.PLAN], plain[CaseOption.NOTHING]
    assert today is not None
    assert plan is not None
    assert first is not None
    assert today.point == pytest.approx(2 * first.point)
    assert plan.point == pytest.approx(today.point - sum(one.saved.point for one in case.moving))
    assert f"Net {money_range(case.net(12))} in 12 months" in case_sentence(case)
    store.close()
