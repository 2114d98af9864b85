"""Numbers and lists in plain words, the same in every sentence."""

import math
from collections.abc import Sequence
from datetime import date

from advisor.types import Assessment, Endpoint, FailureKind, Money, Recommendation, UseCaseDecision

CHANGED = "Changed after the replay was planned"
"""Begins the warning that names what a decision goes by and the run was not planned with."""

FAILED = {
    FailureKind.RATE_LIMIT: "rate limit",
    FailureKind.SERVER: "server error",
    FailureKind.TIMEOUT: "timeout",
    FailureKind.NETWORK: "no connection",
    FailureKind.AUTH: "key missing or refused",
    FailureKind.BAD_REQUEST: "request refused",
    FailureKind.NOT_FOUND: "unknown model",
    FailureKind.CONTEXT_OVERFLOW: "prompt too long",
    FailureKind.CONTENT_FILTER: "content filter",
    FailureKind.UNSUPPORTED: "unsupported request",
    FailureKind.INVALID_RESPONSE: "unreadable answer",
}
"""Why calls failed, in a word or two."""


def percent(fraction: float) -> str:
    """A share in whole points; more decimals where whole points would hide it."""
    points = fraction * 100
    if 0.0005 <= abs(points) < 0.05:
        return f"{points:.1g} %"
    return f"{points:.0f} %" if abs(points) >= 10 or abs(points - round(points)) < 0.05 else f"{points:.1f} %"


def points(fraction: float, beside: float | None = None) -> str:
    """The size of a difference of shares; with as many decimals as tell it from ``beside``."""
    text = number(fraction, beside)
    return f"{text} point" if text == "1" else f"{text} points"


def number(fraction: float, beside: float | None = None) -> str:
    """The same without its unit."""
    text, decimals = _rounded(fraction), 1
    while beside is not None and decimals < 5 and abs(fraction) != abs(beside) and text == _rounded(beside):
        decimals += 1
        longer = f"{abs(fraction) * 100:.{decimals}f}"
        text = text if float(longer) == float(text) else longer
    return text


def signed(fraction: float) -> str:
    """A difference of shares with its direction: "+4.8 pts", "-40 pts"."""
    text = _rounded(fraction)
    return f"{'' if text == '0' else '+' if fraction > 0 else '-'}{text} pts"


def certainty(confidence: float) -> str:
    """How sure one bound of a two-sided interval is: 97.5 % where the interval is of 95 %."""
    return f"{50 * (1 + confidence):.4g} %"


def baseline_of(decision: UseCaseDecision, recommendation: Recommendation) -> str:
    """The model that a use case is compared with and stays on."""
    return decision.baseline or recommendation.baseline


def baselines_of(recommendation: Recommendation) -> str:
    """All models that use cases are compared with."""
    names = dict.fromkeys(baseline_of(decision, recommendation) for decision in recommendation.use_cases)
    return listing([*names] or [recommendation.baseline])


def run_of(recommendation: Recommendation) -> str:
    """The run that a decision rests on, as pages and report call it."""
    return "an earlier run" if recommendation.run_number is None else f"run {recommendation.run_number}"


def _rounded(fraction: float) -> str:
    value = abs(fraction) * 100
    return f"{value:.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:.1f}"


def dollars(amount: float) -> str:
    """Two significant digits: $410, $1,200, $1.20, $0.036."""
    if amount == 0:
        return "$0"
    digits = 1 - math.floor(math.log10(abs(amount)))
    rounded = round(amount, digits)
    text = f"{abs(rounded):,.0f}" if abs(rounded) >= 10 else f"{abs(rounded):.{max(digits, 2)}f}"
    return f"{'-' if rounded < 0 else ''}${text}"


def to_the_cent(usd: float) -> str:
    """Dollars per 1,000 calls, with the digits that show how two of them differ; below a dollar two tell it."""
    return dollars(usd) if abs(usd) < 1 else f"{'-' if usd < 0 else ''}${abs(usd):,.2f}"


def saving(money: Money) -> str:
    """A month's saving as a range: "save $410 to $520 a month"."""
    low, high = dollars(money.low), dollars(money.high)
    if money.high <= 0:
        return (
            "save nothing"
            if low == high == "$0"
            else f"spend {dollars(-money.high)} to {dollars(-money.low)} more a month"
        )
    if money.low < 0:
        return f"save up to {high} a month (not sure: it may cost {dollars(-money.low)} more)"
    return f"save about {low} a month" if low == high else f"save {low} to {high} a month"


def projected(number: float) -> str:
    """Calls or tokens a month, with three digits: the rest of a projection is noise."""
    return "under 1" if 0 < number < 0.5 else f"{float(f'{number:.3g}'):,.0f}"


def day(on: date) -> str:
    """A day: "14 Jan 2027"."""
    return f"{on.day} {on:%b %Y}"


def listing(names: Sequence[str], most: int = 4) -> str:
    """Join names as in "a, b and c"; long lists are cut to "a, b, c and 5 more"."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def count(n: int, noun: str) -> str:
    """A number with its noun: "1 use case", "2 use cases"."""
    return f"{n} {noun}" if n == 1 else f"{n:,} {noun}s"


def quality(assessment: Assessment) -> str:
    """Score against baseline with its range and n."""
    a = assessment
    if a.n == 0 or a.score is None or a.baseline_score is None or a.low is None or a.ci_high is None:
        return "no evidence yet"
    if a.wins is not None:
        result = f"won {a.wins}, tied {a.ties} and lost {a.losses} of {count(a.n, 'comparison')}"
    else:
        verb = "agrees with the recorded answer" if a.endpoint is Endpoint.AGREEMENT else "is right"
        result = f"{verb} on {percent(a.score)} of {count(a.n, 'answer')}, baseline {percent(a.baseline_score)}"
    low = a.low if a.better_by is None else a.better_by
    return f"{result}; {difference(low, a.ci_high, a.margin)}"


def difference(low: float, high: float, margin: float | None = None) -> str:
    """Where a difference from the baseline lies, in points; on which side of ``margin`` is told by the digits."""
    if high < 0:
        return f"{number(high, margin)} to {points(low, margin)} worse"
    if low > 0:
        return f"{number(low)} to {points(high)} better"
    return f"between {points(low, margin)} worse and {points(high)} better"
