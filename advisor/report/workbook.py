"""The report as an Excel workbook: numbers as numbers, so that a reader can go on computing."""

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from advisor.text.business_case import case as words
from advisor.text.business_case.ask import ask_words, why_now
from advisor.text.business_case.board import confidence_words, dangers
from advisor.text.names import decision_words
from advisor.text.plan import condition, phase_name
from advisor.types import Money, UseCaseDecision
from advisor.types.business import BusinessCase, CaseInput
from advisor.types.dossier import Dossier
from advisor.types.texts import spell_out

if TYPE_CHECKING:
    from openpyxl import Workbook

Cell: TypeAlias = str | float | int | date | None
DOLLARS = "$#,##0.00"
SMALL = "$#,##0.00000"
"""Of a call."""
WIDEST = 70
"""Characters of a column."""


def workbook(dossier: Dossier) -> bytes:
    """All sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.title = f"{dossier.report.recommendation.study}: migration report"
    book.properties.created = book.properties.modified = dossier.report.recommendation.created_at.replace(tzinfo=None)
    _add(book, "Summary", ("What", "Value"), _summary(dossier))
    for row in book["Summary"].iter_rows(min_row=2):
        if isinstance(row[1].value, float):
            row[1].number_format = SMALL if abs(row[1].value) < 1 else DOLLARS
    _add(book, "Use cases", USE_CASES, map(_use_case, dossier.report.recommendation.use_cases), dollars=(9, 10, 11, 12))
    _add(book, "Options", ("Option", *MONTHLY, "Quality"), _options(dossier.case), dollars=range(1, 4))
    months = ((month.number, *_spread(month.saved), *_spread(month.net)) for month in dossier.case.months)
    _add(book, "Months", ("Month", *SAVED, *NET), months, dollars=range(1, 7))
    once = [(words.ITEMS[item], usd) for item, usd in dossier.case.one_off.items()]
    _add(book, "One-off cost", ("Item", "Cost"), [*once, ("Total", dossier.case.one_off_usd)], dollars=(1,))
    swings = (
        (words.ASSUMPTIONS[swing.assumption], *words.swing_words(swing), *swing.usd) for swing in dossier.case.swings
    )
    _add(
        book, "Sensitivity", ("Assumption", "Lower", "Higher", "Net if lower", "Net if higher"), swings, dollars=(3, 4)
    )
    _add(book, "Inputs", ("Input", "Value", "From"), _inputs(dossier.case))
    _add(book, "Plan", ("Use case", "Step", "Start", "End", "Owner", "Roll back when"), _steps(dossier))
    _add(book, "Risks", ("Risk", "What we do about it"), dangers(dossier, len(dossier.dangers)))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


MONTHLY = ("Bill a month, low", "Bill a month", "Bill a month, high")
SAVED = ("Saved, low", "Saved", "Saved, high")
NET = ("Net, low", "Net", "Net, high")
USE_CASES = (
    "Use case",
    "Verdict",
    "Candidate",
    "Samples",
    "Score",
    "Baseline score",
    "Difference",
    "CI low",
    "CI high",
    "Bill today, a month",
    "Saved a month, low",
    "Saved a month",
    "Saved a month, high",
)


def _summary(dossier: Dossier) -> Iterable[Sequence[Cell]]:
    decision, case = dossier.report.recommendation, dossier.case
    if decision.is_sample_study:
        yield "Sample data", "The candidate's answers are pre-recorded: they show how a decision reads."
    yield "Study", decision.study
    yield "Decided", decision.created_at.date()
    yield "Ask", ask_words(dossier)
    for reason in why_now(dossier):
        yield "Why now", reason
    yield "Bill today, a month", case.today_usd
    yield "Bill with the plan, a month", case.plan_usd
    yield words.SAVED, case.saved.point
    yield "One-off cost", case.one_off_usd
    yield "Payback, month", case.payback
    for months in (12, 36):
        yield words.NET.format(months), case.net(months).point
    if case.per_unit:
        yield f"Cost per {case.inputs.unit or 'call'} today", case.per_unit[0]
        yield f"Cost per {case.inputs.unit or 'call'} with the plan", case.per_unit[1]
    yield "Confidence", confidence_words(dossier)


def _use_case(decision: UseCaseDecision) -> Sequence[Cell]:
    shown = decision.shown
    saved = decision.target.costs.savings_usd if decision.target else None
    return (
        decision.name,
        decision_words(decision),
        shown.model if shown else None,
        shown.quality.n if shown else None,
        shown.quality.score if shown else None,
        shown.quality.baseline_score if shown else None,
        shown.difference.delta if shown else None,
        shown.difference.low if shown else None,
        shown.difference.ci_high if shown else None,
        decision.monthly_baseline_usd,
        *_spread(saved),
    )


def _options(case: BusinessCase) -> Iterable[Sequence[Cell]]:
    for option in case.options:
        yield words.option_name(option), *_spread(option.monthly_usd), words.option_quality(option)


def _inputs(case: BusinessCase) -> Iterable[Sequence[Cell]]:
    yield "Unit of work", case.inputs.unit or "call", ""
    for key in CaseInput:
        scale = 100 if key in words.PERCENTAGES else 1
        yield words.LABELS[key], case.inputs[key] * scale, words.SOURCES[case.inputs.source(key)]


def _steps(dossier: Dossier) -> Iterable[Sequence[Cell]]:
    for stint in dossier.schedule.stints:
        yield (
            stint.use_case,
            phase_name(stint.phase.traffic_share),
            stint.first,
            stint.last,
            stint.entered.owner,
            condition(stint.phase.rollback),
        )


def _spread(money: Money | None) -> tuple[Cell, Cell, Cell]:
    return (None, None, None) if money is None else (money.low, money.point, money.high)


def _add(
    book: "Workbook", title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], dollars: Iterable[int] = ()
) -> None:
    """A sheet; ``dollars`` are columns, from 0, that hold money."""
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet(title)
    sheet.append(list(header))
    for row in rows:
        sheet.append([spell_out(cell) if isinstance(cell, str) else cell for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    money = set(dollars)
    for place, column in enumerate(sheet.columns):
        texts = [len(str(cell.value)) for cell in column if cell.value is not None]
        sheet.column_dimensions[column[0].column_letter].width = min(max(texts, default=8) + 2, WIDEST)
        for cell in column[1:]:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # never a formula
            cell.alignment = Alignment(vertical="top", wrap_text=isinstance(cell.value, str))
            if place in money and cell.value is not None:
                cell.number_format = DOLLARS
