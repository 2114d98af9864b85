"""Words and numbers of the report that sentences elsewhere do not need. Those that they need are analysis.wording's."""

from datetime import datetime

from advisor.analysis import gates as g
from advisor.analysis.cost import NO_SPAN
from advisor.analysis.wording import dollars, percent, points, to_the_cent
from advisor.charts.labels import difference, seconds, shorten, signed_points
from advisor.types import Assessment, Endpoint, Gate, Kind, Model, Money, Move, Recommendation, UseCaseDecision

UNKNOWN = "–"

MEASURES = {
    Endpoint.TARGET: "right answers in the log",
    Endpoint.AGREEMENT: "agreement with the live baseline",
    Endpoint.PAIRWISE: "which of two answers is better",
}
EVIDENCE = {
    "target": "compared with the right answers in the log",
    "agreement": "compared with the live baseline's answers",
    "judge": "a judge compared both answers, in both orders",
    "reviews": "people compared both answers, blind",
    "none": "nothing yet: no judge and no reviews",
}
KINDS = {kind: kind.value.replace("_", " ") for kind in Kind}


def verdict_words(assessment: Assessment) -> str:
    """The verdict on a candidate as symbol and words."""
    return f"{assessment.verdict.symbol} {assessment.words}"


def decision_words(decision: UseCaseDecision | Move) -> str:
    """The verdict on a use case as symbol and words."""
    return f"{decision.verdict.symbol} {one_line(decision.words, 80)}"


def evidence_words(assessment: Assessment) -> str:
    """Where a score comes from; some reviews of the sample study were written, as the answers were."""
    written, reviews = assessment.written_reviews, assessment.reviews
    if assessment.evidence == "reviews" and written:
        if written == reviews:
            return "compared by reviews that were written for the sample"
        return f"{EVIDENCE['reviews']}; {written:,} of the {reviews:,} reviews were written for the sample"
    return EVIDENCE.get(assessment.evidence, assessment.evidence)


def candidate_name(assessment: Assessment) -> str:
    """A candidate's name, marked where its answers are written for the sample study."""
    return assessment.name


def one_line(text: str, most: int = 160) -> str:
    """A name or reason on one line, cut visibly."""
    return shorten(text, most)


def spread(assessment: Assessment) -> str:
    """The difference from the baseline with its range."""
    return difference(assessment)


def scores(assessment: Assessment) -> str:
    """Score and, in parentheses, the baseline's on the same samples."""
    a = assessment
    if a.score is None or a.baseline_score is None:
        return UNKNOWN
    return f"{percent(a.score)} ({percent(a.baseline_score)})"


def money_range(money: Money) -> str:
    """A range of dollars: "$410 to $520"."""
    low, high = dollars(money.low), dollars(money.high)
    return low if low == high else f"{low} to {high}"


def cost(assessment: Assessment) -> str:
    """Dollars per 1,000 calls and, in parentheses, the baseline's; what is missing is named."""
    ours, theirs = assessment.cost_usd_per_1k, assessment.baseline_cost_usd_per_1k
    if ours is None:
        return f"{UNKNOWN} no price"
    return f"{to_the_cent(ours)} ({to_the_cent(theirs) if theirs is not None else UNKNOWN})"


def waiting(p50: float | None, p95: float | None, n: int) -> str:
    """Median, 95th percentile and the number of timed answers."""
    if p50 is None or p95 is None:
        return f"{UNKNOWN} not timed"
    return f"{seconds(p50)} / {seconds(p95)}, n {n:,}"


def why_no_saving(decision: UseCaseDecision) -> str:
    """Why nothing can be said about a month."""
    if decision.chosen is None:
        return "stays"
    if decision.monthly_calls is None:
        return NO_SPAN
    if decision.target is not None and decision.target.cost_usd_per_1k is None:
        return "no price"
    return "the baseline's cost is not known"


def gate_value(gate: Gate) -> str:
    """What was measured, in the gate's own unit."""
    if gate.value is None:
        return UNKNOWN
    if gate.name in (g.TTFT, g.LATENCY):
        return seconds(gate.value)
    return percent(gate.value) if gate.name in g.RATES else signed_points(gate.value)


def gate_limit(gate: Gate) -> str:
    """The limit, in the gate's own unit."""
    if gate.limit is None:
        return "no limit set"
    if gate.name in (g.TTFT, g.LATENCY):
        return f"at most {seconds(gate.limit)}"
    if gate.name in g.RATES:
        return f"at most {percent(gate.limit)}"
    return f"at most {points(gate.limit)} more than the baseline"


def gate_words(gate: Gate) -> str:
    """Whether it holds, as symbol and word."""
    if gate.passed is None:
        return "– Not measured" if gate.value is None else "– No limit set"
    if gate.passed:
        return "✓ Within"
    return "✗ Outside" if gate.beyond_doubt else "? Outside, not sure yet"


def probability(p: float | None) -> str:
    """A p value with two significant digits."""
    if p is None:
        return UNKNOWN
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"


def day(at: datetime) -> str:
    """A date: "3 Mar 2026"."""
    return f"{at.day} {at:%b %Y}"


def day_of(text: object) -> str:
    """The date in an ISO time of the import facts; as it is where it is something else."""
    try:
        return day(datetime.fromisoformat(str(text)))
    except ValueError:
        return str(text)


def price(usd_per_mtok: float | None) -> str:
    """Dollars per million tokens, exact."""
    return UNKNOWN if usd_per_mtok is None else f"${usd_per_mtok:,.4f}".rstrip("0").rstrip(".")


def illustrative_names(recommendation: Recommendation, models: tuple[Model, ...]) -> frozenset[str]:
    """The models whose answers are written for the sample study."""
    assessed = {a.model for d in recommendation.use_cases for a in d.candidates if a.illustrative}
    return frozenset(assessed | {model.name for model in models if model.illustrative})
