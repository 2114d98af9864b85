"""Where open models stand on leaderboards, each value with the edition it is from.

A board is rebuilt all the time: values of two editions say nothing about each other, and neither do two boards.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.open_models import DATA


class Edition(NamedTuple):
    """One state of one board: only values of the same edition can be compared."""

    board: str
    """``arena`` or ``aa``."""
    version: str
    """Empty where the source does not tell."""
    as_of: str
    """The day, or the month, of the values."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One value of one model."""

    model_id: str
    edition: Edition
    value: float
    not_of_this_model: str | None
    """What was measured where it was not this very model: such a value is shown and never compared."""
    source: str
    checked_on: str


def standings(data_dir: Path = DATA) -> tuple[Standing, ...]:
    """Every value known. Raises BadInput when the file is missing or damaged."""
    return _read(data_dir / "catalog" / "standings.csv")


def editions(data_dir: Path = DATA) -> tuple[Edition, ...]:
    """The editions in which at least two models can be compared, the newest first."""
    models: dict[Edition, int] = {}
    for standing in standings(data_dir):
        if standing.not_of_this_model is None:
            models[standing.edition] = models.get(standing.edition, 0) + 1
    kept = [edition for edition, number in models.items() if number > 1]
    return tuple(sorted(kept, key=lambda edition: (edition.as_of, edition.board), reverse=True))


@functools.cache
def _read(path: Path) -> tuple[Standing, ...]:
    return read_rows(path, _standing)


def _standing(row: dict[str, str]) -> Standing:
    return Standing(
        model_id=row["model_id"],
        edition=Edition(row["board"], row["version"], row["as_of"]),
        value=float(row["value"]),
        not_of_this_model=row["not_of_this_model"] or None,
        source=row["source"],
        checked_on=row["checked_on"],
    )
