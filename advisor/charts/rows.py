"""What the charts of quality, cost and latency draw, for the screen and for print alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Generic, TypeVar

from advisor.charts.colours import index_in
from advisor.text.names import IF_PASSED, Outcome, candidate_words, decision_words, on_hold, outcome
from advisor.text.numbers import around, bill_left, dollars, less, listing, pts
from advisor.text.results import NOT_COUNTED, difference_and_n
from advisor.types import Assessment, Money, Recommendation, Times, UseCaseDecision, Verdict

F = TypeVar("F")
PADDING = 0.05
"""Left of what is drawn to scale, of its length."""
MUCH_WIDER = 1.3
"""How much longer a scale has to be for some of it to be cut off."""


@dataclass(frozen=True, kw_only=True)
class Chart(Generic[F]):
    """What a figure function returns."""

    figure: F
    """A ``plotly.graph_objects.Figure`` for the screen, SVG text for print."""
    title: str
    """The take-away, which also stands above the figure."""
    alt: str
    """The take-away and the values, as a text alternative."""


@dataclass(frozen=True, kw_only=True)
class QualityRow:
    """One candidate in one use case."""

    use_case: str
    model: str
    """With its mark where it is illustrative."""
    index: int
    """Where the candidate stands among the study's candidates: its colour."""
    assessment: Assessment

    @property
    def has_interval(self) -> bool:
        """Whether there is anything to draw."""
        d = self.assessment.difference
        return self.assessment.counts and None not in (d.delta, d.low, d.ci_high)

    @property
    def why_no_interval(self) -> str:
        """A verdict may come from a guardrail alone, without any comparison of answers."""
        if not self.assessment.counts:
            return NOT_COUNTED
        return "a guardrail fails" if self.assessment.ruling.verdict is Verdict.KEEP else "no evidence yet"

    @property
    def words(self) -> str:
        """The row as a sentence for the text alternative."""
        return f"{self.model}: {difference_and_n(self.assessment)}, {candidate_words(self.assessment).lower()}"


@dataclass(frozen=True, kw_only=True)
class BillRow:
    """Dollars a month of one use case, or of all."""

    name: str
    today: float
    saved: Money
    to: str | None
    """The candidate it moves to."""
    is_whole: bool = False
    """The bill of all use cases, next to which its saving is shown."""

    @property
    def plan(self) -> Money:
        """The bill after the move."""
        return self.saved.taken_from(self.today)

    @property
    def words(self) -> tuple[str, str]:
        """Both bills: "$566 today" and "$502 ($500 to $503) after the move"."""
        left = bill_left(self.today, self.saved) if self.is_whole else around(self.plan)
        return f"{dollars(self.today)} today", f"{left} after the move"


@dataclass(frozen=True, kw_only=True)
class LatencyRow:
    """Seconds of one model in one use case."""

    use_case: str
    model: str
    index: int | None
    """None: the baseline."""
    p50: float
    p95: float
    n: int


def quality_rows(decision: UseCaseDecision, models: Sequence[str]) -> list[QualityRow]:
    """One row per candidate."""
    return [
        QualityRow(use_case=decision.name, model=a.model, index=index_in(models, a.model), assessment=a)
        for a in decision.candidates
    ]


def left_edge(rows: Sequence[QualityRow]) -> float:
    """Where the scale begins, in points: models that are rejected everywhere don't make it much longer."""
    drawn = [row for row in rows if row.has_interval]
    kept = {row.model for row in drawn if row.assessment.ruling.verdict is not Verdict.KEEP}
    ends = [(d.low or 0.0, d.ci_high or 0.0, -2 * d.margin) for d in (row.assessment.difference for row in drawn)]
    near = [end for row, end in zip(drawn, ends, strict=True) if row.model in kept]
    if not near:
        return -inf
    least, most = 100 * min(map(min, near)), 100 * max(map(max, near))
    edge = least - PADDING * (most - least)
    return edge if MUCH_WIDER * edge > 100 * min(map(min, ends)) else -inf


def quality_title(decision: UseCaseDecision) -> str:
    """The take-away for one use case."""
    candidates = decision.candidates
    if decision.target is not None:
        return f"{decision_words(decision)}: less than {pts(decision.target.difference.margin)} worse"
    if not candidates:
        return "No candidate was tried yet"
    if decision.verdict is not Verdict.KEEP and all(a.difference.delta is None for a in candidates):
        return f"{decision_words(decision)}: no candidate has evidence yet"
    if outcome(decision) is Outcome.NEEDS_REVIEW:
        return f"{decision_words(decision)}: judge votes alone don't settle it"
    if decision.verdict is Verdict.KEEP:
        passing = [a.model for a in candidates if a.ruling.verdict is Verdict.SWITCH]
        if passing:
            return f"{decision_words(decision)}: {listing(passing)} {'is' if len(passing) == 1 else 'are'} not cheaper"
        is_open = any(a.ruling.verdict is Verdict.NEED_MORE_DATA for a in candidates)
        return f"{decision_words(decision)}: no candidate is {'proven ' * is_open}good enough"
    within = any(a.difference.low is not None and a.difference.low > -a.difference.margin for a in candidates)
    reason = (
        "within the acceptable drop, but something else is still open"
        if within
        else "no candidate is proven to stay within the acceptable drop"
    )
    return f"{decision_words(decision)}: {reason}"


def overview_title(recommendation: Recommendation) -> str:
    """The take-away over all use cases."""
    decisions = recommendation.use_cases
    if not decisions:
        return "Nothing to decide yet: the study has no use cases"
    if len(decisions) == 1:
        words = decision_words(decisions[0])
        return f"{decisions[0].name}: {words[0].lower()}{words[1:]}"
    moved = sum(decision.chosen is not None for decision in decisions)
    held = on_hold(decisions)
    total = f"{len(decisions)} use cases"
    is_tested = not any(decision.target and decision.target.illustrative for decision in decisions)
    can = f"{moved} of {total} can move{'' if is_tested else f' {IF_PASSED}'}"
    title = can if moved else f"None of {total} can move{' yet' * bool(held)}"
    stay = sum(outcome(decision) is Outcome.KEEP for decision in decisions)
    kept = f"{stay} {'stays' if stay == 1 else 'stay'}" if stay and moved else ""
    return "; ".join(filter(None, (title, ", ".join(filter(None, (held, kept))))))


def overview_alt(decisions: Sequence[UseCaseDecision], title: str, baseline: str) -> str:
    """The text alternative of a chart of differences."""
    parts = []
    for decision in decisions:
        rows = quality_rows(decision, ())
        limits = sorted({row.assessment.difference.margin for row in rows})
        limit = f", acceptable drop {listing([pts(m) for m in limits])}" if limits else ""
        parts.append(f"{decision.name}{limit}: {'; '.join(row.words for row in rows) or 'no candidate'}")
    return f"{title}. Quality difference from {baseline} with its CI. {'. '.join(parts)}."


def bill_rows(recommendation: Recommendation) -> list[BillRow]:
    """The whole bill first, then the use cases from the most expensive; empty where the bill is not known."""
    monthly = recommendation.bill.monthly
    if monthly is None:
        return []
    total = BillRow(name="All use cases", today=monthly.baseline_usd, saved=monthly.savings_usd, to=None, is_whole=True)
    rows = [row for decision in recommendation.use_cases if (row := _bill_row(decision)) is not None]
    return [total, *sorted(rows, key=lambda row: -row.today)]


def _bill_row(decision: UseCaseDecision) -> BillRow | None:
    today = decision.monthly_baseline_usd
    if today is None:
        return None
    chosen = decision.target
    if chosen is None or chosen.costs.savings_usd is None:
        return BillRow(name=decision.name, today=today, saved=Money(low=0.0, point=0.0, high=0.0), to=None)
    return BillRow(name=decision.name, today=today, saved=chosen.costs.savings_usd, to=chosen.model)


def bill_title(recommendation: Recommendation) -> str:
    """The take-away on money."""
    monthly = recommendation.bill.monthly
    if monthly is None:
        return "The plan's saving is unknown"
    today, low, high = monthly.baseline_usd, monthly.savings_usd.low, monthly.savings_usd.high
    if not any(decision.chosen for decision in recommendation.use_cases):
        return f"The bill stays at {dollars(today)} a month: nothing moves"
    title = f"What can move takes the bill from {dollars(today)} to {less(today, monthly.savings_usd.point)} a month"
    if low < 0 < high:
        return f"{title}, but that isn't certain"
    return title


def bill_alt(recommendation: Recommendation) -> str:
    """The text alternative of the bill."""
    rows = "; ".join(f"{row.name}: {', '.join(row.words)}" for row in bill_rows(recommendation))
    return f"{bill_title(recommendation)}. {rows}." if rows else f"{bill_title(recommendation)}."


def latency_rows(decisions: Sequence[UseCaseDecision], models: Sequence[str]) -> list[LatencyRow]:
    """The baseline and every candidate with measured times, by use case."""
    rows = []
    for decision in decisions:
        timed: list[tuple[str, int | None, Times]] = [(decision.baseline, None, decision.baseline_facts.times)]
        timed += [(a.model, index_in(models, a.model), a.times) for a in decision.candidates]
        for model, index, times in timed:
            p50, p95, n = times.latency_p50_s, times.latency_p95_s, times.answered
            if p50 is not None and p95 is not None:
                rows.append(LatencyRow(use_case=decision.name, model=model, index=index, p50=p50, p95=p95, n=n))
    return rows
