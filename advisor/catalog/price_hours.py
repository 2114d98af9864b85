"""When dear and cheap hours hold: genai-prices knows the hours of a day, but no weekdays and no first day.

``data/catalog/price_hours.csv`` says from when to when, and on which days, the hours of a provider count, and where
that is simple, by how much. At any other time a call is priced as at an hour of the same day with the standard price.
"""

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows, since, until
from advisor.catalog.open_models import DATA

PATH = DATA / "catalog" / "price_hours.csv"
_SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class PriceHours:
    """For some time the price of these models depended on the hour."""

    provider: str
    """As genai-prices calls it."""
    models: frozenset[str]
    valid_from: datetime
    valid_to: datetime
    hours: tuple[tuple[time, time], ...]
    """UTC, the end exclusive; none: as genai-prices has them."""
    factor: float
    """What the standard price is multiplied by in these hours."""
    weekdays_only: bool
    not_on: frozenset[date]
    """Holidays, in the provider's own time."""
    utc_offset: timedelta
    otherwise_at: time
    """An hour (UTC) with the standard price."""

    def counts(self, at: datetime) -> bool:
        """Whether the hour of the day counted on the day of ``at``."""
        local = (at.astimezone(UTC) + self.utc_offset).date()
        is_off = local in self.not_on or (self.weekdays_only and local.weekday() >= _SATURDAY)
        return self.valid_from <= at < self.valid_to and not is_off


class HourPrice(NamedTuple):
    """How the price of an hour is found."""

    at: datetime
    """The time to ask genai-prices for."""
    factor: float
    """What its price is multiplied by."""


def hour_price(provider: str, model: str, at: datetime, path: Path = PATH) -> HourPrice:
    """How to find the price that a model had at ``at`` (aware): mostly by asking for ``at`` itself."""
    known = [row for row in _rows(path) if row.provider == provider and model in row.models]
    if not known:
        return HourPrice(at, 1.0)
    counting = next((row for row in known if row.counts(at)), None)
    if counting and not counting.hours:
        return HourPrice(at, 1.0)
    utc = at.astimezone(UTC)
    is_within = counting is not None and any(start <= utc.time() < end for start, end in counting.hours)
    standard = datetime.combine(utc.date(), (counting or known[0]).otherwise_at, UTC)
    return HourPrice(standard, counting.factor if counting and is_within else 1.0)


@functools.cache
def _rows(path: Path) -> tuple[PriceHours, ...]:
    return read_rows(path, _row)


def _row(row: dict[str, str]) -> PriceHours:
    return PriceHours(
        provider=row["provider"],
        models=frozenset(row["models"].split()),
        valid_from=since(row["valid_from"]),
        valid_to=until(row["valid_to"]),
        hours=tuple(_window(words) for words in row["hours_utc"].split()),
        factor=float(row["factor"] or 1),
        weekdays_only=row["weekdays_only"] == "yes",
        not_on=frozenset(date.fromisoformat(day) for day in row["not_on"].split()),
        utc_offset=timedelta(hours=float(row["utc_offset_hours"])),
        otherwise_at=time.fromisoformat(row["otherwise_at_utc"]),
    )


def _window(words: str) -> tuple[time, time]:
    start, _, end = words.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end)
