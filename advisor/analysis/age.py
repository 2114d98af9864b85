"""How old evidence and prices are; what is older than 30 days is marked."""

from datetime import UTC, datetime

from advisor.types import Message, WarningCode

STALE_DAYS = 30


def days_since(at: datetime, now: datetime) -> int:
    """Whole days from one day to another, both in UTC; never negative."""
    return max((now.astimezone(UTC).date() - at.astimezone(UTC).date()).days, 0)


def is_stale(at: datetime, now: datetime) -> bool:
    """Whether more than 30 days have passed."""
    return days_since(at, now) > STALE_DAYS


def stale_evidence(oldest_at: datetime | None, run_at: datetime | None, now: datetime) -> Message | None:
    """That the oldest answer of a run is old; None while it is fresh, or where there is none.

    ``run_at``: when the run began; what is older was taken over from an earlier one.
    """
    if oldest_at is None or not is_stale(oldest_at, now):
        return None
    is_older = run_at is not None and oldest_at < run_at
    at, days = oldest_at.astimezone(UTC).isoformat(), days_since(oldest_at, now)
    return Message.of(WarningCode.STALE, at=at, days=days, is_older=is_older)
