"""The report as an Excel workbook: numbers as numbers, so that a reader can go on computing."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from advisor.report.formulas import MONTHS, PAYBACK, TURNS, Cell, Formula, Sums, with_values
from advisor.text.business_case import case as words
from advisor.text.business_case import options
from advisor.text.business_case.ask import ask_words, why_now
from advisor.text.business_case.board import SAMPLE, confidence_words, verdicts
from advisor.text.business_case.outcomes import outcome_rows, planned_models
from advisor.text.business_case.risks import LICENCE, dangers, flow_rows
from advisor.text.business_case.sign_off import signed_words, signers
from advisor.text.business_case.tasks import task_rows
from advisor.text.gates import gate_limit, gate_value, gate_words, shown_gates
from advisor.text.names import GATES
from advisor.text.numbers import listing
from advisor.text.plan import condition, phase_name
from advisor.types import Money, UseCaseDecision
from advisor.types.business import BusinessCase
from advisor.types.dossier import Dossier
from advisor.types.scenarios import CaseInput
from advisor.types.texts import spell_out

if TYPE_CHECKING:
    from openpyxl import Workbook

DOLLARS = "$#,##0.00"
SMALL = "$#,##0.00000"
"""Of a call."""
WIDEST = 70
"""Characters of a column."""


def workbook(dossier: Dossier) -> bytes:
    """All sheets."""
    from openpyxl import Workbook

    decision, case = dossier.report.recommendation, dossier.case
    book = Workbook()
    book.remove(book.active)
    book.properties.title = f"{decision.study}: migration report"
    book.properties.created = book.properties.modified = decision.created_at.replace(tzinfo=None)
    book.calculation.fullCalcOnLoad = True
    values: list[Mapping[str, float | str]] = []
    top = 2 if decision.is_sample_study else 1

    def add(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], dollars: Iterable[int] = ()) -> None:
        values.append(_add(book, title, [*([(SAMPLE,)] if top > 1 else []), header, *rows], top, dollars))

    sums, decided = Sums(case, top), verdicts(dossier)
    add("Summary", ("What", "Value"), _summary(dossier, sums))
    for row in book["Summary"].iter_rows(min_row=top + 1):
        if row[1].data_type == "f" and row[0].value != PAYBACK:
            row[1].number_format = SMALL if str(row[0].value).startswith("Cost per ") else DOLLARS
    add("Use cases", USE_CASES, (_use_case(each, decided[each.name]) for each in decision.use_cases), (9, 10, 11, 12))
    add("Guardrails", ("Use case", "Candidate", "Guardrail", "Limit", "Measured", "Result"), _gates(dossier))
    add("Options", ("Option", *MONTHLY, "Quality"), _options(case), range(1, 4))
    add("Business case", ("What", "Value"), sums.case(), (1,))
    for row in book["Business case"].iter_rows(min_row=top + 1):
        if str(row[0].value).startswith("Cost per "):
            row[1].number_format = SMALL
        elif row[0].value == PAYBACK:
            row[1].number_format = "0"
    add("Months", MONTHS, sums.months(), range(1, 12))
    add("One-off cost", ("Item", "Cost"), sums.once(), (1,))
    add("Test results", OUTCOMES, _outcomes(dossier), range(1, 10))
    swings = (
        (words.assumption_name(case, swing.assumption), *words.swing_words(swing), *swing.usd) for swing in case.swings
    )
    add("Sensitivity", ("Assumption", "Lower", "Higher", "Net if lower", "Net if higher"), swings, (3, 4))
    add("Inputs", ("Input", "Value", "From"), _inputs(case))
    add("Plan", ("Use case", "Step", "Start", "End", "Owner", "Roll back when"), _steps(dossier))
    add("Risks", ("Risk", "What we do about it"), dangers(dossier, len(dossier.dangers)))
    add("Data location", ("Use cases", "", "Today", "After the move"), _flows(dossier, False))
    add("License", ("Use cases", "", "Today", "After the move"), _flows(dossier, True))
    add("Sign-off", ("Who", "Confirms", "By", "Name", "Date"), ((*each, None, None) for each in signers(dossier)))
    content = BytesIO()
    book.save(content)
    return with_values(content.getvalue(), values)


MONTHLY = ("Bill a month, low", "Bill a month", "Bill a month, high")
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


OUTCOMES = (
    "Test result",
    "Saved a month, low",
    "Saved a month",
    "Saved a month, high",
    "Bills saved in 12 months",
    "Work avoided",
    "Paid once",
    "Work for the successor",
    "With work for the successor",
    "Net over 12 months",
    "Payback, month",
)


def _summary(dossier: Dossier, sums: Sums) -> Iterable[Sequence[Cell]]:
    decision = dossier.report.recommendation
    yield "Study", decision.study
    yield "Report of", decision.created_at.date()
    yield "Ask", ask_words(dossier)
    for reason in why_now(dossier):
        yield "Why now", reason
    yield from sums.totals()
    yield "Signature", signed_words(dossier)
    yield "Confidence", confidence_words(dossier)


def _use_case(decision: UseCaseDecision, verdict: str) -> Sequence[Cell]:
    shown = decision.shown
    counted = shown if shown and shown.counts else None
    saved = decision.target.costs.savings_usd if decision.target else None
    return (
        decision.name,
        verdict,
        shown.model if shown else None,
        shown.quality.n if shown else None,
        counted.quality.score if counted else None,
        counted.quality.baseline_score if counted else None,
        counted.difference.delta if counted else None,
        counted.difference.low if counted else None,
        counted.difference.ci_high if counted else None,
        decision.monthly_baseline_usd,
        *_spread(saved),
    )


def _options(case: BusinessCase) -> Iterable[Sequence[Cell]]:
    for option in case.options:
        yield options.option_name(option), *_spread(option.monthly_usd), options.option_quality(option)


def _outcomes(dossier: Dossier) -> Iterable[Sequence[Cell]]:
    case, models = dossier.case, planned_models(dossier.report)
    for each, row in zip(case.outcomes, outcome_rows(case, models), strict=True):
        once, due = each.once_usd, each.adopting_usd
        usd = (each.bills.point, each.avoided_usd, once, due, once + due, each.net.point)
        yield row["Test result"], *_spread(each.saved), *usd, each.payback


def _inputs(case: BusinessCase) -> Iterable[Sequence[Cell]]:
    yield "Unit of work", case.inputs.unit or "call", ""
    for key in CaseInput:
        scale = 100 if key in words.PERCENTAGES else 1
        yield words.LABELS[key], case.inputs[key] * scale, words.SOURCES[case.inputs.source(key)]
    yield from ((label, 100.0, "of what the report counts with") for label in TURNS)


def _steps(dossier: Dossier) -> Iterable[Sequence[Cell]]:
    for what, names, task in task_rows(dossier.schedule.tasks):
        yield names, what, task.first, task.last, task.owner, None
    for stint in dossier.schedule.stints:
        yield (
            stint.use_case,
            phase_name(stint.phase.traffic_share),
            stint.first,
            stint.last,
            stint.entered.owner,
            condition(stint.phase.rollback),
        )


def _gates(dossier: Dossier) -> Iterable[Sequence[Cell]]:
    for decision in dossier.report.recommendation.use_cases:
        a = decision.shown
        for gate in shown_gates(a) if a else ():
            yield (
                decision.name,
                a.model if a else None,
                GATES[gate.name],
                gate_limit(gate),
                gate_value(gate),
                gate_words(gate),
            )


def _flows(dossier: Dossier, is_licence: bool) -> Iterable[Sequence[Cell]]:
    """Where prompts go, or what the licenses ask for."""
    for flow in dossier.data_flows:
        for label, before, after in flow_rows(flow.before, flow.after):
            if label == "Model" or (label == LICENCE) is is_licence:
                yield listing(flow.use_cases, len(flow.use_cases)), label, before, after


def _spread(money: Money | None) -> tuple[Cell, Cell, Cell]:
    return (None, None, None) if money is None else (money.low, money.point, money.high)


def _add(
    book: "Workbook", title: str, rows: Iterable[Sequence[Cell]], top: int, dollars: Iterable[int] = ()
) -> Mapping[str, float | str]:
    """A sheet with its header in row ``top``; returns the values of its formulas by cell.

    ``dollars``: columns, from 0, that hold money.
    """
    from openpyxl.styles import Alignment, Font

    sheet, values = book.create_sheet(title), dict[str, float | str]()
    for row in rows:
        sheet.append([each.text if isinstance(each, Formula) else _shown(each) for each in row])
        for cell, each in zip(sheet[sheet.max_row], row, strict=False):
            if isinstance(each, Formula):
                values[cell.coordinate] = each.value
            elif isinstance(each, str):
                cell.data_type = "s"  # never a formula
    for cell in (*sheet[1], *sheet[top]):
        cell.font = Font(bold=True)
    sheet.freeze_panes = f"A{top + 1}"
    money = set(dollars)
    for place, column in enumerate(sheet.columns):
        shown = [values.get(cell.coordinate, cell.value) for cell in column[top - 1 :]]
        texts = [len(f"-${each:,.2f}" if isinstance(each, float) else str(each)) for each in shown if each is not None]
        sheet.column_dimensions[column[0].column_letter].width = min(max(texts, default=8) + 2, WIDEST)
        for cell in column[top:]:
            cell.alignment = Alignment(vertical="top", wrap_text=cell.data_type == "s")
            if place in money and cell.value is not None:
                cell.number_format = DOLLARS
    return values


def _shown(cell: Cell) -> Cell:
    return spell_out(cell) if isinstance(cell, str) else cell
