"""Totals of the workbook as formulas on its inputs, each with its value for readers that don't calculate."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO
from math import isfinite
from typing import NamedTuple, TypeAlias
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from advisor.analysis.money.business_case import DAYS, YEAR, avoids_in, left_usd, replaced_in, warm_days
from advisor.analysis.money.cost import summed
from advisor.text.business_case import case as words
from advisor.types import Money
from advisor.types.business import DAYS_A_MONTH, BusinessCase, CostItem
from advisor.types.scenarios import WORKDAY_SECONDS, CaseInput

PAYBACK = "Payback, month"
MONTHS = (
    "Month",
    "Today's bill of what has moved",
    "Its successor's bill",
    *("New bill, low", "New bill", "New bill, high"),
    *("Saved, low", "Saved", "Saved, high"),
    *("Net, low", "Net", "Net, high"),
    "Paid back",
)
SAVED_BY = "Saved a month: "
FOLLOWS = "Totals and Summary follow Inputs. Sensitivity and Test results are from the report."
TURNS = ("Traffic (%)", "Price of today's model (%)", "Price of the new model (%)")
"""Inputs of the workbook alone, of what the report counts with."""


class Formula(NamedTuple):
    """A formula of this module's own making; every text is shown as it is."""

    text: str
    value: float | str
    """What it works out to, as the report has it."""


Cell: TypeAlias = str | float | int | date | Formula | None


class Sums:
    """The sheets whose totals a spreadsheet works out from Inputs.

    ``top``: the row of the headers, the same on every sheet.
    """

    def __init__(self, business_case: BusinessCase, top: int) -> None:
        self._case, self._first = business_case, top + 1
        self._last = self._first + len(business_case.months) - 1
        turned = (f"Inputs!$B${self._first + 1 + len(CaseInput) + place}/100" for place in range(len(TURNS)))
        self._traffic, self._old, self._new = turned
        self._total = f"'One-off cost'!$B${self._first + len(business_case.one_off)}"

    def _input(self, key: CaseInput) -> str:
        """Its cell; a percentage as a share."""
        cell = f"Inputs!$B${self._first + 1 + [*CaseInput].index(key)}"
        return f"{cell}/100" if key in words.PERCENTAGES else cell

    def once(self) -> Iterable[Sequence[Cell]]:
        """What is paid once."""
        case, first, day = self._case, self._first, self._input(CaseInput.DAY_USD)
        seconds = self._input(CaseInput.LABEL_SECONDS)
        changes = Counter(change for one in case.moving for change in one.changes)
        days = "+".join(f"{n}*{self._input(change)}" for change, n in changes.items())
        made = {
            CostItem.ENGINEERING: f"=({days or 0})*{day}",
            CostItem.TEST_CHEAPER: f"={len(case.inputs.first_tests)}*{self._test_days()}*{day}",
            **{item: f"={self._input(days)}*{day}" for item, days in DAYS.items()},
            CostItem.LABELS: f"={sum(one.labels for one in case.moving)}*{seconds}/{WORKDAY_SECONDS}*{day}",
            CostItem.EVALUATION: f"={self._input(CaseInput.EVALUATION_USD)}",
            CostItem.TRAINING: f"={self._input(CaseInput.TRAINING_USD)}",
            CostItem.SHADOW: f"={case.one_off.get(CostItem.SHADOW, 0.0)!r}*{self._traffic}*{self._new}",
            CostItem.FALLBACK: self._fallback(),
        }
        for item, usd in case.one_off.items():
            yield words.item_name(case, item), Formula(made[item], usd) if item in made else usd
        last = first + len(case.one_off) - 1
        yield "Total", Formula(f"=SUM(B{first}:B{last})", case.one_off_usd) if case.one_off else 0.0

    def _test_days(self) -> str:
        """Of a model that comes first: its own where no other is still to be tested."""
        inputs, key = self._case.inputs, CaseInput.TEST_DAYS
        days = inputs.test_work["days"]
        return self._input(key) if inputs[key] == days else f"{days!r}"

    def _fallback(self) -> str:
        """Today's model answers a share of the calls once more, at most until it is switched off."""
        days, share = self._input(CaseInput.FALLBACK_DAYS), self._input(CaseInput.FALLBACK_SHARE)
        known = [(left_usd(one), warm_days(one)) for one in self._case.moving]
        bills = [f"{usd!r}*{f'MIN({days},{most!r})' if isfinite(most) else days}" for usd, most in known]
        return f"=({'+'.join(bills) or 0})*{share}/{DAYS_A_MONTH!r}*{self._traffic}*{self._old}"

    def months(self) -> Iterable[Sequence[Cell]]:
        """The bills of what has moved, what is saved each month, and the net so far."""
        case = self._case
        short = max((month.number for month in case.months if month.net.point < 0), default=0)
        for row, month in enumerate(case.months, self._first):
            parts = [replaced_in(one, month.number) for one in case.moving]
            stays = f"M{row + 1}" if row < self._last else "1"
            before = [f"{column}{row - 1}" if row > self._first else f"-{self._total}" for column in "JKL"]
            net = [f"={old}+{column}{row}" for old, column in zip(before, "GHI", strict=True)]
            yield (
                month.number,
                self._turned(sum(each.today_usd for each in parts), self._old),
                self._successor(sum(each.successor_usd for each in parts)),
                *(self._turned(usd, self._new) for usd in _ends(summed(tuple(each.new for each in parts)))),
                *map(Formula, self._saved(row, month.number), _ends(month.saved)),
                *map(Formula, net, _ends(month.net)),
                Formula(f"=IF(K{row}>=0,{stays},0)", int(month.number > short)),
            )

    def _turned(self, usd: float, price: str) -> Formula:
        """A bill of the report, with other traffic and prices."""
        return Formula(f"={usd!r}*{self._traffic}*{price}", usd)

    def _successor(self, usd: float) -> Cell:
        """A bill with the successor, in proportion to its input."""
        share = self._case.inputs[CaseInput.SUCCESSOR_BILL] or 1.0
        return Formula(f"={usd / share!r}*{self._input(CaseInput.SUCCESSOR_BILL)}*{self._traffic}", usd)

    def _saved(self, row: int, month: int) -> Iterable[str]:
        """Low, point and high: the highest new bill saves least."""
        price, growth = (f"1+{self._input(key)}" for key in (CaseInput.PRICE_CHANGE, CaseInput.GROWTH))
        replaced = f"(B{row}+C{row})*POWER({price},{(month - 1) // YEAR})"
        kept = f"POWER({growth},{month - 1})*(1-{self._input(CaseInput.HAIRCUT)})"
        due = sum(avoids_in(one, month) for one in self._case.moving)
        avoided = f"+{due}*{self._input(CaseInput.SUCCESSOR_DAYS)}*{self._input(CaseInput.DAY_USD)}" if due else ""
        return [f"=({replaced}-{column}{row})*{kept}{avoided}" for column in "FED"]

    def case(self) -> Iterable[Sequence[Cell]]:
        """The totals."""
        case, row = self._case, self._first
        today = case.today_usd
        yield "Bill today, a month", None if today is None else self._turned(today, self._old)
        for one in case.moving:
            new = one.today_usd - one.saved.point
            saved_usd = f"=({one.today_usd!r}*{self._old}-{new!r}*{self._new})*{self._traffic}"
            yield f"{SAVED_BY}{one.use_case}", Formula(saved_usd, one.saved.point)
        end = row + len(case.moving)
        saved, plan = end + 1, end + 2
        yield words.SAVED, Formula(f"=SUM(B{row + 1}:B{end})", case.saved.point) if case.moving else 0.0
        if case.plan_usd is not None:
            yield "Bill after the move, a month", Formula(f"=B{row}-B{saved}", case.plan_usd)
            told = (("today", row), ("after the move", plan))
            for (when, bill), usd in zip(told, case.per_unit or (), strict=False):
                each = f"=B{bill}/({case.calls!r}*{self._traffic})*{self._input(CaseInput.CALLS_A_UNIT)}"
                yield f"Cost per {case.inputs.unit or 'call'} {when}", Formula(each, usd)
        yield "One-off cost", Formula(f"={self._total}", case.one_off_usd)
        for months in (12, 36):
            net = Formula(f"=Months!K{self._first + months - 1}", case.net(months).point)
            yield words.NET.format(months), net
        if case.moving:
            never = f"not within {len(case.months)} months"
            paid = f'=IFERROR(MATCH(1,Months!M{self._first}:M{self._last},0),"{never}")'
            yield PAYBACK, Formula(paid, case.payback or never)
        yield FOLLOWS, None

    def totals(self) -> Iterable[Sequence[Cell]]:
        """The same totals, taken from the sheet of the case."""
        for row, (label, cell) in enumerate(self.case(), self._first):
            if isinstance(cell, Formula) and not str(label).startswith(SAVED_BY):
                yield label, Formula(f"='Business case'!$B${row}", cell.value)


def _ends(money: Money) -> tuple[float, float, float]:
    return money.low, money.point, money.high


def with_values(workbook: bytes, values: Sequence[Mapping[str, float | str]]) -> bytes:
    """A workbook of openpyxl, which can't store the value of a formula, with that of each.

    ``values``: of every sheet in order, by cell.
    """
    made = BytesIO()
    with ZipFile(BytesIO(workbook)) as read, ZipFile(made, "w", ZIP_DEFLATED) as written:
        for item in read.infolist():
            content = read.read(item)
            if found := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", item.filename):
                content = _filled(content.decode(), values[int(found[1]) - 1]).encode()
            written.writestr(item, content)
    return made.getvalue()


def _filled(sheet: str, values: Mapping[str, float | str]) -> str:
    def fill(cell: re.Match[str]) -> str:
        value = values[cell["at"]]
        kind = ' t="str"' * isinstance(value, str)
        return f'<c r="{cell["at"]}"{cell["style"]}{kind}>{cell["formula"]}<v>{escape(str(value))}</v></c>'

    return _FORMULA.sub(fill, sheet)


_FORMULA = re.compile(r'<c r="(?P<at>[A-Z]+\d+)"(?P<style>(?: s="\d+")?)>(?P<formula><f>[^<]*</f>)<v ?/></c>')
