"""One candidate's figures in words: score, difference, cost, waiting and gates."""

from collections.abc import Mapping

from advisor.text.numbers import (
    UNKNOWN,
    count,
    number,
    percent,
    points,
    seconds,
    signed_points,
    to_the_cent,
)
from advisor.types import Assessment, Endpoint, Json, UseCaseDecision

NO_SPAN = "the log has no times, or one alone"
"""Why nothing is known by the month, in short."""
NO_TIMES = f"{NO_SPAN}, or none that can be believed: before 2015, or in the future"


def quality(a: Assessment) -> str:
    """Score against baseline with its range and n."""
    if a.n == 0 or a.score is None or a.baseline_score is None or a.low is None or a.ci_high is None:
        return "no evidence yet"
    if a.wins is not None:
        result = f"won {a.wins}, tied {a.ties} and lost {a.losses} of {count(a.n, 'comparison')}"
    else:
        verb = "agrees with the recorded answer" if a.endpoint is Endpoint.AGREEMENT else "is right"
        result = f"{verb} on {percent(a.score)} of {count(a.n, 'answer')}, baseline {percent(a.baseline_score)}"
    low = a.low if a.better_by is None else a.better_by
    return f"{result}; {between(low, a.ci_high, a.margin)}"


def between(low: float, high: float, margin: float | None = None) -> str:
    """Where a difference from the baseline lies, in points; on which side of ``margin`` is told by the digits."""
    if high < 0:
        return f"{number(high, margin)} to {points(low, margin)} worse"
    if low > 0:
        return f"{number(low)} to {points(high)} better"
    return f"between {points(low, margin)} worse and {points(high)} better"


def difference(a: Assessment) -> str:
    """The difference from the baseline with its range: "−2 points (−5 to +1)"; a dash where there is none."""
    if a.delta is None or a.low is None or a.ci_high is None:
        return UNKNOWN
    low, high = (signed_points(bound, a.margin).split()[0] for bound in (a.low, a.ci_high))
    return f"{signed_points(a.delta, a.margin)} ({low} to {high})"


def difference_and_n(a: Assessment) -> str:
    """The difference with its range and n, or that there is none."""
    return "no evidence yet" if difference(a) == UNKNOWN else f"{difference(a)}, n {a.n:,}"


def scores(a: Assessment) -> str:
    """Score and, in parentheses, the baseline's on the same samples."""
    if a.score is None or a.baseline_score is None:
        return UNKNOWN
    return f"{percent(a.score)} ({percent(a.baseline_score)})"


def cost(a: Assessment) -> str:
    """Dollars per 1,000 calls and, in parentheses, the baseline's; what is missing is named."""
    if a.cost_usd_per_1k is None:
        return f"{UNKNOWN} no price"
    return f"{to_the_cent(a.cost_usd_per_1k)} ({to_the_cent(a.baseline_cost_usd_per_1k)})"


def waiting(p50: float | None, p95: float | None, n: int) -> str:
    """Median, 95th percentile and the number of timed answers."""
    if p50 is None or p95 is None:
        return f"{UNKNOWN} not timed"
    return f"{seconds(p50)} / {seconds(p95)}, n {n:,}"


def share_of_traffic(log: Mapping[str, Json]) -> str:
    """How much of the traffic the log is, by the import facts of a report: "0.2% of the traffic"."""
    share = log.get("traffic_share")
    if not isinstance(share, int | float) or share >= 1:
        return "all of the traffic"
    return f"{percent(share)} of the traffic"


def why_no_saving(decision: UseCaseDecision) -> str:
    """Why nothing can be said about a month."""
    if decision.chosen is None:
        return "stays"
    if decision.monthly_calls is None:
        return NO_SPAN
    if decision.target is not None and decision.target.cost_usd_per_1k is None:
        return "no price"
    return "the baseline's cost is not known"


EXAMPLE_NOTES = {
    0.0: "The candidate did worse here.",
    1.0: "The candidate did better here.",
    0.5: "Both are equally good here.",
}
"""By the candidate's outcome of a pair."""
