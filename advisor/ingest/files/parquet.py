"""Rows of a Parquet file as JSON-like records, a few at a time."""

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from advisor.errors import BadInput
from advisor.types import Json, Rejection

_BATCH_ROWS = 64
"""Of up to 1 MB of text each, as conversations are at their longest."""
_BUFFER_BYTES = 2**20


def read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """Every row once, numbered from 1. Times become ISO 8601 text, durations seconds, bytes and decimals text.

    Raises BadInput where the file cannot be read at all; where it breaks off, the last row is a Rejection.
    """
    import pyarrow  # type: ignore[import-untyped]
    from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped]

    faults = (pyarrow.ArrowException, OSError, ValueError, NotImplementedError)
    number = 0
    try:
        with ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                for record in batch.to_pylist():
                    number += 1
                    yield number, {str(name): _plain(value) for name, value in record.items()}
    except faults as error:
        if number == 0:
            raise BadInput(
                f"{path.name} is a Parquet file that cannot be read ({_short(error)}). Export it again, or as JSONL."
            ) from None
        reason = f"the Parquet file is damaged from here on ({_short(error)}); the rest is not read"
        yield number + 1, Rejection(row=number + 1, reason=reason)


def _plain(value: Json) -> Json:
    """The value as JSON has it."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        # A struct has every field that any row has, null where this one has none.
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {str(key): _plain(item) for key, item in value}  # a column of the type map
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0].strip().rstrip(".")[:200]
