"""Numbers, money, times and lists in English: the same number has the same form everywhere."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from advisor.types import Money

UNKNOWN = "–"


def _half_up(value: float, place: int = 0) -> Decimal:
    """Rounded as people do: half goes away from zero. Digits after the fifteenth are residue."""
    return Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-place), ROUND_HALF_UP, Context(prec=400)) + 0


def _digits(value: float, digits: int) -> float:
    return float(_half_up(value, digits - 1 - math.floor(math.log10(abs(value))))) if value else value


def percent(fraction: float | None) -> str:
    """A share in whole points; more decimals where whole points would hide it."""
    if fraction is None:
        return UNKNOWN
    size = fraction * 100
    if 0.0005 <= abs(size) < 0.1:
        return f"{size:.1g}%"
    return f"{_half_up(size, _decimals_of(size))}%"


def pts(fraction: float, beside: float | None = None) -> str:
    """The size of a difference of shares, with as many decimals as tell it from ``beside``: "4.8 pts"."""
    text = number(fraction, beside)
    return f"{text} pt" if text == "1" else f"{text} pts"


def number(fraction: float, beside: float | None = None) -> str:
    """The same without its unit."""
    text, decimals = _rounded(fraction), 0
    while beside is not None and decimals < 5 and abs(fraction) != abs(beside) and text == _rounded(beside):
        decimals += 1
        longer = f"{_half_up(abs(fraction) * 100, decimals)}"
        text = text if float(longer) == float(text) else longer
    return text


def _rounded(fraction: float) -> str:
    value = abs(fraction) * 100
    return f"{_half_up(value, _decimals_of(value))}"


def _decimals_of(value: float) -> int:
    return int(abs(value) < 10 and abs(value - round(value)) >= 0.05)


def signed(fraction: float, margin: float | None = None) -> str:
    """With its direction: "+4.8 pts", "-40 pts", "0 pts"; the digits tell a loss from the ``margin``."""
    size = pts(fraction, margin if fraction < 0 else None)
    return size if size == "0 pts" else f"{'+' if fraction > 0 else '-'}{size}"


def probability(p: float | None) -> str:
    """A p value with two significant digits."""
    if p is None:
        return UNKNOWN
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"


def dollars(amount: float | None) -> str:
    """Two significant digits, from $1,000 on three: $14,600, $1,230, $410, $1.20, $0.036."""
    if amount is None:
        return UNKNOWN
    if not round(amount, 9):  # a sum of floats leaves a residue
        return "$0"
    return in_dollars(rounded_dollars(amount) or 0.0, _decimals(amount))


def in_dollars(amount: float, decimals: int = 0) -> str:
    """Dollars with so many decimals: "-$5,000"."""
    return f"{'-' if amount < 0 else ''}${abs(_half_up(amount, decimals)):,.{decimals}f}"


def rounded_dollars(amount: float | None) -> float | None:
    """The amount that ``dollars`` shows, for a column that can be sorted."""
    return _digits(amount, 3 if abs(amount) >= 1_000 else 2) if amount else amount


def less(usd: float | None, saved: float) -> str:
    """A bill less what is saved, as a reader subtracts what is shown of both: $11,300 less $2,910 is $8,390."""
    if usd is None:
        return UNKNOWN
    digits = min((_decimals(each) for each in (usd, saved) if round(each, 9)), default=0)
    left = round((rounded_dollars(usd) or 0.0) - (rounded_dollars(saved) or 0.0), digits)
    if not left or left < 0 < usd - saved:  # what is shown of both is the same: the little that is left
        return dollars(usd - saved)
    return in_dollars(left, digits)


def _decimals(amount: float) -> int:
    shown = abs(rounded_dollars(amount) or 0.0)
    return 0 if shown >= 10 else max(1 - math.floor(math.log10(abs(amount))), 2)


def bill_left(usd: float, saved: Money) -> str:
    """The same with its range, where the saving shows one."""
    low, point, high = (less(usd, each) for each in (saved.high, saved.point, saved.low))
    return point if _is_narrow(saved) else f"{point} ({low} to {high})"


def to_the_cent(usd: float | None) -> str:
    """Dollars per 1,000 calls, with the digits that show how two of them differ; below a dollar two tell it."""
    if usd is None or abs(usd) < 1:
        return dollars(usd)
    return in_dollars(usd, 2)


def price(usd_per_mtok: float | None) -> str:
    """A price in dollars per million tokens, exact: "$2.50", "$0.0875"."""
    if usd_per_mtok is None:
        return UNKNOWN
    return f"${usd_per_mtok:,.{2 if round(usd_per_mtok, 2) == round(usd_per_mtok, 4) else 4}f}"


NARROW = 0.01
"""Of an amount: a range within it would claim to know more than a projection can."""


def money_range(amount: Money | None, point: str = "") -> str:
    """A range of dollars: "$410 to $520"; the amount alone, or ``point``, where the range is narrow."""
    if amount is None:
        return UNKNOWN
    if _is_narrow(amount):
        return point or dollars(amount.point)
    return f"{dollars(amount.low)} to {dollars(amount.high)}"


def _is_narrow(amount: Money) -> bool:
    is_narrow = amount.high - amount.low <= NARROW * abs(amount.point)
    return is_narrow or dollars(amount.low) == dollars(amount.high)


def quoted(price: Money) -> str:
    """What a run is to cost: "about $1.20", "$1.20 ($0.90 to $1.60)"."""
    point, span = dollars(price.point), money_range(price)
    return f"about {point}" if span == point else f"{point} ({span})"


def cent_range(amount: Money | None) -> str:
    """A range of dollars per 1,000 calls."""
    if amount is None:
        return UNKNOWN
    low, high = to_the_cent(amount.low), to_the_cent(amount.high)
    return low if low == high else f"{low} to {high}"


def around(money: Money | None) -> str:
    """An amount with its range, where its digits show one: "$410 ($380 to $450)"."""
    if money is None:
        return UNKNOWN
    low, high, usd = dollars(money.low), dollars(money.high), dollars(money.point)
    return usd if low == high else f"{usd} ({low} to {high})"


def rounded_calls(number: float) -> str:
    """Calls in words: "12,000", "3.4 million", "1.5 billion"."""
    if number >= 1e9:
        return f"{_digits(number / 1e9, 3):,.4g} billion"
    return f"{_digits(number / 1e6, 3):,.4g} million" if number >= 1e6 else projected(number)


def saving(money: Money) -> str:
    """A month's saving as a range: "save $410 to $520 a month"."""
    low, high = dollars(money.low), dollars(money.high)
    if low == high == "$0":
        return "save nothing"
    if money.high <= 0:
        return f"spend {dollars(-money.high)} to {dollars(-money.low)} more a month"
    if money.low < 0:
        return f"save up to {high} a month (it may cost {dollars(-money.low)} more)"
    return f"save {money_range(money)} a month"


def projected(number: float | None) -> str:
    """Calls or tokens a month, with three digits: the rest of a projection is noise."""
    if number is None:
        return UNKNOWN
    return "under 1" if 0 < number < 0.5 else whole(_digits(number, 3))


def whole(number: float | None) -> str:
    """A whole number with separators."""
    return UNKNOWN if number is None else f"{_half_up(number):,}"


def all_of(use_cases: int) -> str:
    """All use cases that there are."""
    return {1: "the use case", 2: "both use cases"}.get(use_cases, f"all {use_cases} use cases")


def count(n: int, noun: str) -> str:
    """A number with its noun: "1 use case", "1,204 calls"."""
    return f"{n} {noun}" if n == 1 else f"{n:,} {noun}s"


def about(n: int, noun: str) -> str:
    """A number that is a forecast, rounded to three digits: "about 1,260 samples"."""
    return f"{'about ' if n > 10 else ''}{count(int(_digits(n, 3)), noun)}"


def listing(names: Sequence[str], most: int = 4) -> str:
    """Join names as in "a, b and c"; long lists are cut to "a, b, c and 5 more"."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def shorten(text: str, most: int = 160) -> str:
    """One line of at most ``most`` characters, cut visibly."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def seconds(value: float | None) -> str:
    """A duration: "420 ms", "1.8 s", "14 s", "3 min 5 s", "2 h 10 min"."""
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


def day(at: date | None) -> str:
    """A date: "3 Mar 2026"."""
    return UNKNOWN if at is None else f"{at.day} {at:%b %Y}"


def aged(at: datetime, age_days: int) -> str:
    """A day and how long ago it was: "20 Nov 2026, 6 days old"."""
    return f"{day(at)}, {count(age_days, 'day')} old"


def day_of(text: object) -> str:
    """The date in an ISO time of the import facts; as it is where it is something else."""
    try:
        return day(datetime.fromisoformat(str(text)))
    except ValueError:
        return str(text)


def days(span: tuple[date, date]) -> str:
    """A first and a last day: "3 Mar 2026 – 5 Mar 2026", one day once."""
    first, last = day(span[0]), day(span[1])
    return first if first == last else f"{first} – {last}"


def in_days(span: tuple[date, date]) -> str:
    """A first and a last day in a sentence: "in October 2026", "on 3 Mar 2026", "from 3 Mar 2026 to 5 Mar 2026"."""
    first, last = span
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and (first.year, first.month) == (last.year, last.month):
        return f"in {first:%B %Y}"
    return f"on {day(first)}" if first == last else f"from {day(first)} to {day(last)}"


def period(span: tuple[datetime, datetime] | None) -> str:
    """The days a log covers."""
    return "no times in the log" if span is None else days(span)


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
