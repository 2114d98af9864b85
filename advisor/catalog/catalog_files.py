"""The catalog's own small files: rows of text into values, with one error that says which row to mend."""

import csv
import functools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from advisor.errors import BadInput

Row = TypeVar("Row")
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""Of all times."""


@functools.cache
def read_rows(path: Path, convert: Callable[[dict[str, str]], Row]) -> tuple[Row, ...]:
    """Every row as a value. Raises BadInput when the file is missing or damaged."""
    rows: list[Row] = []
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                rows.append(convert(row))
    except OSError as error:
        raise BadInput(
            f"The catalog's file {path.name} can't be read: {error}. Put it back from the repository."
        ) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = f"it has no column {error}" if isinstance(error, KeyError) else str(error)
        raise BadInput(
            f"Row {len(rows) + 1} of {path.name} is damaged and can't be read: {what}. Fix it, or restore the file "
            "from the repository."
        ) from error
    return tuple(rows)


def number(cell: str, unit: float = 1.0) -> float | None:
    """The number in a cell, of which ``unit`` make one; an empty cell: None."""
    return float(cell) / unit if cell else None


def whole(cell: str) -> int | None:
    """The whole number in a cell; an empty cell: None."""
    return int(float(cell)) if cell else None


def moment(cell: str, empty: datetime) -> datetime:
    """The time in a cell, ``empty`` for an empty one. Raises ValueError for anything else."""
    at = datetime.fromisoformat(cell) if cell else empty
    if at.tzinfo is None:
        raise ValueError(f"{cell!r} has no time zone")
    return at.astimezone(UTC)
