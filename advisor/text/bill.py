"""The bill of a month and of a run: what was paid for, and what is not known."""

from advisor.text.messages import Words, worded
from advisor.text.numbers import listing
from advisor.text.results import NO_TIMES
from advisor.types import BillGap, Message, PartKind

PARTS = {
    PartKind.FIRST: "first answers",
    PartKind.REPEATS: "repeats",
    PartKind.FAILED: "failed calls",
    PartKind.REUSED: "answers from earlier runs",
}
_GAPS: Words = {
    BillGap.NO_TIMES: NO_TIMES,
    BillGap.ONE_MOMENT: "all logged calls have the same time",
    BillGap.NO_PRICE: "no answer has a price",
    BillGap.USE_CASES_MISSING: lambda use_cases: f"cost of {listing(use_cases)}, not in this line",
}


def use_case(name: str) -> str:
    """A use case's name; all of them where there is none."""
    return name or "All use cases"


def bill_gap(gap: Message | None) -> str:
    """Why the dollars are not known; empty where they are."""
    return worded(_GAPS, gap) if gap else ""
