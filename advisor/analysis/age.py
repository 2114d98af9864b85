"""How old evidence and prices are, in words; what is older than 30 days is marked."""

from datetime import UTC, datetime

from advisor.analysis.wording import count

STALE_DAYS = 30


def days_since(at: datetime, now: datetime) -> int:
    """Whole days from one day to another, both in UTC; never negative."""
    return max((now.astimezone(UTC).date() - at.astimezone(UTC).date()).days, 0)


def is_stale(at: datetime, now: datetime) -> bool:
    """Whether more than 30 days have passed."""
    return days_since(at, now) > STALE_DAYS


def age_words(at: datetime, now: datetime) -> str:
    """As in "2026-11-20, 6 days old"."""
    return f"{at.astimezone(UTC):%Y-%m-%d}, {count(days_since(at, now), 'day')} old"


def stale_evidence(measured_at: datetime | None, now: datetime) -> str | None:
    """What to say of answers that were measured long ago; None while they are fresh, or where no time is known."""
    if measured_at is None or not is_stale(measured_at, now):
        return None
    return (
        f"Stale: the answers are of {age_words(measured_at, now)}. Models and prices change behind the same name; "
        "a replay that asks the same sample anew (--fresh) shows whether this still holds."
    )
