"""The workbook on inputs of its own reader, and how it looks."""

import io

import pytest
from openpyxl import load_workbook

from advisor.plan.dossier import dossier_of
from advisor.plan.exports import OF_REPORT
from advisor.report.formulas import TURNS
from advisor.store import Store
from advisor.store.studies import list_studies
from advisor.text.business_case.case import LABELS, NET
from advisor.types.business import Assumption
from advisor.types.dossier import Dossier, Export
from advisor.types.scenarios import CaseInput
from tests.pages.decided_study import sample_database
from tests.recalculated import recalculated

TRAFFIC, OLD, NEW = TURNS
ENDS = (
    (TRAFFIC, Assumption.VOLUME, ((70.0, 0), (130.0, 1))),
    (OLD, Assumption.OLD_PRICE, ((80.0, 0), (120.0, 1))),
    (NEW, Assumption.NEW_PRICE, ((80.0, 0), (120.0, 1))),
    (LABELS[CaseInput.SUCCESSOR_BILL], Assumption.SUCCESSOR_PRICE, ((100.0, 1),)),
)
"""(input, assumption, (its value, which end of the sensitivity))."""


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    path = tmp_path_factory.mktemp("workbook") / "advisor.db"
    sample_database(path)
    store = Store(f"sqlite:///{path}")
    return dossier_of(store, list_studies(store)[0])


@pytest.mark.parametrize(("label", "assumption", "ends"), ENDS)
def test_the_workbook_computes_the_sensitivity_of_the_report(
    dossier: Dossier, label: str, assumption: Assumption, ends: tuple[tuple[float, int], ...]
) -> None:
    """Traffic and prices are inputs of it, and Summary follows."""
    book = load_workbook(io.BytesIO(OF_REPORT[Export.WORKBOOK](dossier)))
    swing = next(each for each in dossier.case.swings if each.assumption is assumption)
    for value, end in ends:
        next(row for row in book["Inputs"].iter_rows() if row[0].value == label)[1].value = value
        content = io.BytesIO()
        book.save(content)
        shown = {row[0].value: row[1].value for row in recalculated(content.getvalue())["Summary"].iter_rows()}
        assert shown[NET.format(12)] == pytest.approx(swing.usd[end])
        assert abs(swing.usd[end] - dossier.case.net(12).point) > 1.0


def test_no_number_is_wider_than_its_column(dossier: Dossier) -> None:
    for sheet in load_workbook(io.BytesIO(OF_REPORT[Export.WORKBOOK](dossier)), data_only=True):
        for column in sheet.columns:
            shown = [f"${cell.value:,.2f}" for cell in column if isinstance(cell.value, float)]
            width = sheet.column_dimensions[column[0].column_letter].width
            assert max(map(len, shown), default=0) < width, (sheet.title, column[0].column_letter)
