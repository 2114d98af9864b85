"""Prices of our own where the dated list has none for the day, or a wrong one: names that moved from model to model.

They stand in ``data/catalog/price_overrides.csv``, each with its source. A row without prices says that the name had
none that is known, or was retired: such a call is unpriced.
"""

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

from advisor.catalog.catalog_files import read_rows, since, until
from advisor.catalog.open_models import DATA
from advisor.catalog.rates import Rates
from advisor.types import PriceOrigin, PriceSource, Usage

PATH = DATA / "catalog" / "price_overrides.csv"


@dataclass(frozen=True, kw_only=True)
class PriceOverride:
    """The price of one name for some time, in dollars per million tokens."""

    provider: str
    """As genai-prices calls it."""
    model: str
    valid_from: datetime
    """Inclusive."""
    valid_to: datetime
    """Exclusive."""
    input_usd_per_mtok: float | None
    cache_read_usd_per_mtok: float | None
    cache_write_usd_per_mtok: float | None
    output_usd_per_mtok: float | None
    source: str
    checked_on: str
    note: str

    def cost_of(self, usage: Usage) -> float | None:
        """Dollars of one call, cached input at the input price where it has none of its own; None: unpriced."""
        price_in, price_out = self.input_usd_per_mtok, self.output_usd_per_mtok
        if price_in is None or price_out is None:
            return None
        cached = self.cache_read_usd_per_mtok, self.cache_write_usd_per_mtok
        return Rates.filled(price_in, *cached, price_out, self.price_source).cost_of(usage) / 1e6

    @property
    def price_source(self) -> PriceSource:
        """Of what is priced so."""
        return PriceSource(origin=PriceOrigin.OVERRIDE, version=self.checked_on, note=self.source)


def override_of(provider: str | None, name: str, at: datetime, path: Path = PATH) -> PriceOverride | None:
    """The row that holds at ``at`` (aware) for a name, spelled exactly; None: the lists know better.

    ``provider`` None: the model's own maker, the only ones that the file is about.
    """
    for row in _rows(path).get(name.lower(), ()):
        if provider in (None, row.provider) and row.valid_from <= at < row.valid_to:
            return row
    return None


def is_overridden(name: str, path: Path = PATH) -> bool:
    """Whether a name ever has a price of our own, whoever sells it."""
    return name.lower() in _rows(path)


def changes_on(name: str, at: datetime, path: Path = PATH) -> bool:
    """Whether a row for a name, whoever sells it, begins or ends within the day (UTC) of ``at``."""
    rows = _rows(path).get(name.lower())
    day = at.astimezone(UTC).date() if rows else None
    return any(
        edge.date() == day and edge.time() != time() for row in rows or () for edge in (row.valid_from, row.valid_to)
    )


@functools.cache
def _rows(path: Path) -> dict[str, list[PriceOverride]]:
    found: dict[str, list[PriceOverride]] = {}
    for row in read_rows(path, _row):
        found.setdefault(row.model, []).append(row)
    return found


def _row(row: dict[str, str]) -> PriceOverride:
    return PriceOverride(
        provider=row["provider"],
        model=row["model"].lower(),
        valid_from=since(row["valid_from"]),
        valid_to=until(row["valid_to"]),
        input_usd_per_mtok=_price(row["input_usd_per_mtok"]),
        cache_read_usd_per_mtok=_price(row["cache_read_usd_per_mtok"]),
        cache_write_usd_per_mtok=_price(row["cache_write_usd_per_mtok"]),
        output_usd_per_mtok=_price(row["output_usd_per_mtok"]),
        source=row["source"],
        checked_on=row["checked_on"],
        note=row["note"],
    )


def _price(cell: str) -> float | None:
    return float(cell) if cell else None
