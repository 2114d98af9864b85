"""Rows of a Parquet file as JSON-like records, a few at a time."""

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from advisor.errors import BadInput
from advisor.ingest.files.bytestream import MAX_LINE_BYTES, MAX_RATIO, RATIO_COUNTS_FROM, cut_off
from advisor.ingest.files.delimited import check_columns
from advisor.types import Json, Rejection

_BATCH_ROWS = 64
"""Of up to 1 MB of text each, as conversations are at their longest."""
_BATCH_BYTES = 2**28
"""What a batch could hold at most: each row may repeat the longest value that is stored once."""
_MANY_ROWS = 2**20
"""From here on a log takes more than a byte a row."""
_BUFFER_BYTES = 2**20


def read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """Every row once, numbered from 1. Times become ISO 8601 text, durations seconds, bytes and decimals text.

    Raises BadInput where the file cannot be read at all, or grows as no log does when it is unpacked; where it breaks
    off, the last row is a Rejection.
    """
    import pyarrow  # type: ignore[import-untyped]
    from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped]

    faults = (pyarrow.ArrowException, OSError, ValueError, NotImplementedError)
    number = 0
    try:
        with ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
            for batch in file.iter_batches(batch_size=_batch_rows(path, file.metadata)):
                for record in batch.to_pylist():
                    number += 1
                    yield number, {str(name): _plain(value) for name, value in record.items()}
    except faults as error:
        if number == 0:
            raise BadInput(
                f"{path.name} is a Parquet file that cannot be read ({_short(error)}). Export it again, or as JSONL."
            ) from None
        reason = f"the Parquet file is damaged from here on ({_short(error)}); the rest is not read"
        yield number + 1, cut_off(number + 1, reason)


def _batch_rows(path: Path, footer: Any) -> int:
    """How many rows to read at a time, by what the footer says. Raises BadInput for a file that isn't a log."""
    check_columns(path, footer.num_columns)
    size, largest = path.stat().st_size, 1
    for group in map(footer.row_group, range(footer.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            unpacked = column.total_uncompressed_size
            is_bomb = unpacked > RATIO_COUNTS_FROM and unpacked > column.total_compressed_size * MAX_RATIO
            if is_bomb or unpacked > MAX_LINE_BYTES * max(1, group.num_rows):
                raise BadInput(
                    f"{path.name} unpacks to {unpacked // 2**20:,} MB in {group.num_rows:,} rows, too much for a "
                    "log. If it is one, export it as JSONL."
                )
            largest = max(largest, unpacked)
    if footer.num_rows > max(_MANY_ROWS, size):
        raise BadInput(
            f"{path.name} has {footer.num_rows:,} rows in {size:,} bytes, too much for a log. If it is one, "
            "export it as JSONL."
        )
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // largest))


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
