"""The report as an Excel workbook: numbers as numbers, so that a reader can go on computing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, TypeAlias

from advisor.text.business_case import case as words
from advisor.text.business_case.ask import ask_words, why_now
from advisor.text.business_case.board import SAMPLE, confidence_words, signers
from advisor.text.business_case.risks import LICENCE, dangers, flow_rows
from advisor.text.gates import gate_limit, gate_value, gate_words, shown_gates
from advisor.text.names import GATES, decision_words
from advisor.text.numbers import listing
from advisor.text.plan import condition, phase_name
from advisor.types import Money, UseCaseDecision
from advisor.types.business import BusinessCase, CostItem
from advisor.types.dossier import Dossier
from advisor.types.scenarios import CaseInput
from advisor.types.texts import spell_out

if TYPE_CHECKING:
    from openpyxl import Workbook

Cell: TypeAlias = str | float | int | date | None
DOLLARS = "$#,##0.00"
SMALL = "$#,##0.00000"
"""Of a call."""
PAYBACK = "Payback, month"
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
    top = 2 if decision.is_sample_study else 1

    def add(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], dollars: Iterable[int] = ()) -> None:
        _add(book, title, [*([(SAMPLE,)] if top > 1 else []), header, *rows], top, dollars)

    add("Summary", ("What", "Value"), _summary(dossier))
    for row in book["Summary"].iter_rows(min_row=top + 1):
        if isinstance(row[1].value, float):
            row[1].number_format = SMALL if abs(row[1].value) < 1 else DOLLARS
    add("Use cases", USE_CASES, map(_use_case, decision.use_cases), (9, 10, 11, 12))
    add("Guardrails", ("Use case", "Candidate", "Guardrail", "Limit", "Measured", "Result"), _gates(dossier))
    add("Options", ("Option", *MONTHLY, "Quality"), _options(case), range(1, 4))
    sums = Sums(case, top)
    add("Business case", ("What", "Value"), sums.case(), (1,))
    for row in book["Business case"].iter_rows(min_row=top + 1):
        if str(row[0].value).startswith("Cost per "):
            row[1].number_format = SMALL
        elif row[0].value == PAYBACK:
            row[1].number_format = "0"
    add("Months", ("Month", *SAVED, *NET, "Paid back"), sums.months(), range(1, 7))
    add("One-off cost", ("Item", "Cost"), sums.once(), (1,))
    swings = ((words.ASSUMPTIONS[swing.assumption], *words.swing_words(swing), *swing.usd) for swing in case.swings)
    add("Sensitivity", ("Assumption", "Lower", "Higher", "Net if lower", "Net if higher"), swings, (3, 4))
    add("Inputs", ("Input", "Value", "From"), _inputs(case))
    add("Plan", ("Use case", "Step", "Start", "End", "Owner", "Roll back when"), _steps(dossier))
    add("Risks", ("Risk", "What we do about it"), dangers(dossier, len(dossier.dangers)))
    add("Data location", ("Use cases", "", "Today", "After the move"), _flows(dossier, False))
    add("License", ("Use cases", "", "Today", "After the move"), _flows(dossier, True))
    add("Sign-off", ("Who", "Confirms", "By", "Name", "Date"), ((*each, None, None) for each in signers(dossier)))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


class Formula(str):
    """A formula of this module's own making; every other text is shown as it is."""

    __slots__ = ()


class Sums:
    """The sheets whose totals a spreadsheet works out from Inputs and the savings of each month.

    ``top``: the row of the headers, the same on every sheet.
    """

    def __init__(self, business_case: BusinessCase, top: int) -> None:
        self._case, self._first = business_case, top + 1
        self._last = self._first + len(business_case.months) - 1
        self._total = f"'One-off cost'!$B${self._first + len(business_case.one_off)}"

    def _input(self, key: CaseInput) -> str:
        return f"Inputs!$B${self._first + 1 + [*CaseInput].index(key)}"

    def once(self) -> Iterable[Sequence[Cell]]:
        """What is paid once."""
        case, first = self._case, self._first
        changes = Counter(change for one in case.moving for change in one.changes)
        days = "+".join(f"{n}*{self._input(change)}" for change, n in changes.items())
        made = {
            CostItem.ENGINEERING: f"=({days or 0})*{self._input(CaseInput.DAY_USD)}",
            **{item: f"={self._input(days)}*{self._input(CaseInput.DAY_USD)}" for item, days in DAYS.items()},
            CostItem.EVALUATION: f"={self._input(CaseInput.EVALUATION_USD)}",
            CostItem.TRAINING: f"={self._input(CaseInput.TRAINING_USD)}",
        }
        for item, usd in case.one_off.items():
            yield words.ITEMS[item], Formula(made[item]) if item in made else usd
        last = first + len(case.one_off) - 1
        yield "Total", Formula(f"=SUM(B{first}:B{last})") if case.one_off else 0.0

    def months(self) -> Iterable[Sequence[Cell]]:
        """Saved each month, and the net so far."""
        for row, month in enumerate(self._case.months, self._first):
            stays = f"H{row + 1}" if row < self._last else "1"
            before = [f"{column}{row - 1}" if row > self._first else f"-{self._total}" for column in "EFG"]
            net = [Formula(f"={old}+{column}{row}") for old, column in zip(before, "BCD", strict=True)]
            yield month.number, *_spread(month.saved), *net, Formula(f"=IF(F{row}>=0,{stays},0)")

    def case(self) -> Iterable[Sequence[Cell]]:
        """The totals."""
        case, row = self._case, self._first
        yield "Bill today, a month", case.today_usd
        for one in case.moving:
            yield f"Saved a month: {one.use_case}", one.saved.point
        end = row + len(case.moving)
        saved, plan = end + 1, end + 2
        yield words.SAVED, Formula(f"=SUM(B{row + 1}:B{end})") if case.moving else 0.0
        if case.today_usd is not None:
            yield "Bill with the plan, a month", Formula(f"=B{row}-B{saved}")
            if case.calls:
                unit = case.inputs.unit or "call"
                for told, bill in (("today", row), ("with the plan", plan)):
                    each = f"=B{bill}/{case.calls!r}*{self._input(CaseInput.CALLS_A_UNIT)}"
                    yield f"Cost per {unit} {told}", Formula(each)
        yield "One-off cost", Formula(f"={self._total}")
        for months in (12, 36):
            yield words.NET.format(months), Formula(f"=Months!F{self._first + months - 1}")
        if case.moving:
            paid = f'=IFERROR(MATCH(1,Months!H{self._first}:H{self._last},0),"not within {len(case.months)} months")'
            yield PAYBACK, Formula(paid)
        yield "Totals follow the work and the prices in Inputs; what each month saves is from the report.", None


DAYS = {
    CostItem.TEST: CaseInput.TEST_DAYS,
    CostItem.REVIEW: CaseInput.REVIEW_DAYS,
    CostItem.APPROVAL: CaseInput.APPROVAL_DAYS,
}
"""Items that are days of work."""
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
    yield "Study", decision.study
    yield "Decided", decision.created_at.date()
    yield "Ask", ask_words(dossier)
    for reason in why_now(dossier):
        yield "Why now", reason
    yield "Bill today, a month", case.today_usd
    yield "Bill with the plan, a month", case.plan_usd
    yield words.SAVED, case.saved.point
    yield "One-off cost", case.one_off_usd
    yield PAYBACK, case.payback
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


def _add(book: "Workbook", title: str, rows: Iterable[Sequence[Cell]], top: int, dollars: Iterable[int] = ()) -> None:
    """A sheet with its header in row ``top``; ``dollars`` are columns, from 0, that hold money."""
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet(title)
    for row in rows:
        is_ours = [isinstance(cell, Formula) for cell in row]
        sheet.append(
            [spell_out(c) if isinstance(c, str) and not ours else c for c, ours in zip(row, is_ours, strict=True)]
        )
        for cell, ours in zip(sheet[sheet.max_row], is_ours, strict=False):
            if isinstance(cell.value, str) and not ours:
                cell.data_type = "s"  # never a formula
    for cell in (*sheet[1], *sheet[top]):
        cell.font = Font(bold=True)
    sheet.freeze_panes = f"A{top + 1}"
    money = set(dollars)
    for place, column in enumerate(sheet.columns):
        texts = [len(str(cell.value)) for cell in column[top - 1 :] if cell.value is not None]
        sheet.column_dimensions[column[0].column_letter].width = min(max(texts, default=8) + 2, WIDEST)
        for cell in column[top:]:
            cell.alignment = Alignment(vertical="top", wrap_text=cell.data_type == "s")
            if place in money and cell.value is not None:
                cell.number_format = DOLLARS
