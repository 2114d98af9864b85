"""Every colour of every chart. A colour means a role and only that, and never stands alone.

The model that use cases move to has the first colour, the other candidates have the next ones, and today's model is
grey. What was never tested is drawn hollow. style.css has the page's own colours.

All stand at least 3:1 against a white and against the dark page (WCAG 2 for marks), since a figure does not know
which theme it is shown in. The candidates' sequence also differs from itself and from the baseline by 17 or more in
CIELAB for readers with protanopia, deuteranopia and tritanopia (simulated after Machado 2009).
"""

from collections.abc import Iterable

from advisor.text.names import Outcome
from advisor.types import Recommendation

BASELINE = "#64748b"
CANDIDATES = ("#0a6bcb", "#bf8809", "#b23b08", "#329ecb", "#8c563f", "#999044")
PASS = "#2e8b57"  # noqa: S105
FAIL = "#d1434b"
UNKNOWN = "#7f8894"
REVIEW = "#b7791f"

SYMBOLS = {
    Outcome.SWITCH: "circle",
    Outcome.ROUTE: "diamond",
    Outcome.KEEP: "x",
    Outcome.NEED_MORE_DATA: "circle-open",
    Outcome.NEEDS_REVIEW: "square-open",
}
"""plotly's names."""
MARKERS = {
    Outcome.SWITCH: "o",
    Outcome.ROUTE: "D",
    Outcome.KEEP: "X",
    Outcome.NEED_MORE_DATA: "o",
    Outcome.NEEDS_REVIEW: "s",
}
"""matplotlib's names; what is undecided is drawn hollow."""


def colour_of(index: int) -> str:
    """The colour of the ``index``-th candidate of a study, counted from 0; the sequence repeats."""
    return CANDIDATES[index % len(CANDIDATES)]


def candidates_of(recommendation: Recommendation) -> tuple[str, ...]:
    """The candidates of a study in the order that fixes their colours on every page: those that are moved to first."""
    decisions = recommendation.use_cases
    chosen = [decision.chosen for decision in decisions if decision.chosen]
    return ordered([*chosen, *(a.model for decision in decisions for a in decision.candidates)])


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Without repeats, in the order of first appearance."""
    return tuple(dict.fromkeys(names))


def index_in(models: Iterable[str], name: str) -> int:
    """Where a model stands in the study's order; one that is not in it comes after the last."""
    order = list(models)
    return order.index(name) if name in order else len(order)
