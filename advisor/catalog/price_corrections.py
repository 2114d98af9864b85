"""Where the dated list is wrong, by two files of the catalog, each row with its source.

``price_overrides.csv``: names that moved from model to model. A row without prices says that the name had none that is
known, or was retired: such a call is unpriced. ``price_hours.csv``: from when to when, and on which days, the hours of
a provider count, and where that is simple, by how much; genai-prices knows hours, but no weekdays and no first day. At
any other time a call is priced as at an hour of the same day with the standard price.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import FIRST, LAST, moment, number, read_rows
from advisor.catalog.rates import KINDS, Rates
from advisor.settings import DATA
from advisor.types import PriceOrigin, PriceSource

OVERRIDES, HOURS = DATA / "catalog" / "price_overrides.csv", DATA / "catalog" / "price_hours.csv"
_SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class PriceOverride:
    """The price of one name for some time."""

    provider: str
    """As genai-prices calls it."""
    model: str
    valid_from: datetime
    """Inclusive."""
    valid_to: datetime
    """Exclusive."""
    rates: Rates | None
    """None: unpriced."""


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


def override_of(provider: str | None, name: str, at: datetime, path: Path = OVERRIDES) -> PriceOverride | None:
    """The row that holds at ``at`` (aware) for a name, spelled exactly; None: the lists know better.

    ``provider`` None: the model's own maker, the only ones that the file is about.
    """
    for row in overrides_of(name, path):
        if provider in (None, row.provider) and row.valid_from <= at < row.valid_to:
            return row
    return None


def changes_on(rows: Sequence[PriceOverride], at: datetime) -> bool:
    """Whether a row begins or ends within the day (UTC) of ``at``."""
    day = at.astimezone(UTC).date()
    return any(edge.date() == day and edge.time() != time() for row in rows for edge in (row.valid_from, row.valid_to))


def overrides_of(name: str, path: Path = OVERRIDES) -> Sequence[PriceOverride]:
    """The rows for a name, whoever sells it."""
    return _overrides(path).get(name.lower(), ())


def hour_price(provider: str, model: str, at: datetime) -> HourPrice:
    """How to find the price that a model had at ``at`` (aware): mostly by asking for ``at`` itself."""
    known = [row for row in read_rows(HOURS, _hours_row) if row.provider == provider and model in row.models]
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
def _overrides(path: Path) -> dict[str, list[PriceOverride]]:
    found: dict[str, list[PriceOverride]] = {}
    for row in read_rows(path, _override):
        found.setdefault(row.model, []).append(row)
    return found


def _override(row: dict[str, str]) -> PriceOverride:
    paid_in, read, write, out = (number(row[f"{kind}_usd_per_mtok"], 1e6) for kind in KINDS)
    source = PriceSource(origin=PriceOrigin.OVERRIDE, version=row["checked_on"], note=row["source"])
    return PriceOverride(
        provider=row["provider"],
        model=row["model"].lower(),
        valid_from=moment(row["valid_from"], FIRST),
        valid_to=moment(row["valid_to"], LAST),
        rates=None if paid_in is None or out is None else Rates.filled(paid_in, read, write, out, source),
    )


def _hours_row(row: dict[str, str]) -> PriceHours:
    return PriceHours(
        provider=row["provider"],
        models=frozenset(row["models"].split()),
        valid_from=moment(row["valid_from"], FIRST),
        valid_to=moment(row["valid_to"], LAST),
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
