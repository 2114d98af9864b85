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


def stale_evidence(oldest_at: datetime | None, run_at: datetime | None, now: datetime) -> str | None:
    """What to say of a run whose oldest answer is old; None while that is fresh, or where there is none.

    ``run_at``: when the run began; what is older was taken over from an earlier one.
    """
    if oldest_at is None or not is_stale(oldest_at, now):
        return None
    age = age_words(oldest_at, now)
    is_older = run_at is not None and oldest_at < run_at
    whose = f"some answers are older than the replay itself, taken over from earlier ones; the oldest is of {age}"
    return (
        f"Stale: {whose if is_older else f'the oldest answer is of {age}'}. Models and prices change behind the same "
        "name; a replay that asks everything again (--fresh on the command line, “Ask everything again” under More "
        "settings on the page Replay) shows whether this still holds."
    )
