"""Numbers and times as the screen shows them; the words are the PDF's own (advisor.analysis.wording)."""

from datetime import UTC, date, datetime

from advisor.analysis import wording
from advisor.charts.labels import days, in_words
from advisor.types import Money

UNKNOWN = "–"


def money(amount: float | None) -> str:
    """Dollars with two significant digits."""
    return UNKNOWN if amount is None else wording.dollars(amount)


def rate(usd: float | None) -> str:
    """Dollars per 1,000 calls."""
    return UNKNOWN if usd is None else wording.to_the_cent(usd)


def money_range(amount: Money | None) -> str:
    """A range of dollars: "$410 to $520"."""
    if amount is None:
        return UNKNOWN
    low, high = wording.dollars(amount.low), wording.dollars(amount.high)
    return low if low == high else f"{low} to {high}"


def price(usd_per_mtok: float | None) -> str:
    """A price in dollars per million tokens, exact."""
    return UNKNOWN if usd_per_mtok is None else f"${usd_per_mtok:,.4f}".rstrip("0").rstrip(".")


def percent(fraction: float | None) -> str:
    """A share in points."""
    return UNKNOWN if fraction is None else wording.percent(fraction)


def seconds(value: float | None) -> str:
    """A duration: "420 ms", "1.8 s", "3 min 5 s", "2 h 10 min"."""
    if value is None:
        return UNKNOWN
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 9.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min {rest} s"


def rough(value: float | None) -> str:
    """A time to wait: "under 1 min", "about 6 min", "about 1 h 20 min"."""
    if value is None:
        return UNKNOWN
    if value < 60:
        return "under 1 min"
    minutes = round(value / 60)
    if minutes >= 20:
        minutes = 5 * round(minutes / 5)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"about {minutes} min"
    return f"about {hours} h {rest} min" if rest else f"about {hours} h"


def count(number: float | None) -> str:
    """A whole number with separators."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def a_month(number: float | None) -> str:
    """Calls or tokens a month."""
    return UNKNOWN if number is None else wording.projected(number)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1,204 calls"."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def day(at: date | None) -> str:
    """A date: "3 Mar 2026"."""
    return UNKNOWN if at is None else in_words(at)


def period(span: tuple[datetime, datetime] | None) -> str:
    """The days a log covers."""
    return "no times in the log" if span is None else days(span)


def until(at: datetime) -> float:
    """Seconds until a moment, at least 1."""
    return max((at - datetime.now(UTC)).total_seconds(), 1.0)


def ago(at: datetime | None) -> str:
    """How long ago: "just now", "5 min ago", "3 h ago", then the date."""
    if at is None:
        return UNKNOWN
    passed = (datetime.now(UTC) - at).total_seconds()
    if passed < 60:
        return "just now"
    if passed < 3600:
        return f"{passed // 60:.0f} min ago"
    return f"{passed // 3600:.0f} h ago" if passed < 86400 else f"on {day(at)}"
