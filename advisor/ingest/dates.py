"""Dates such as 03/05/2025, which are read in one order in the whole of a log."""

from advisor.ingest.cell import is_slashed, parse_time
from advisor.types import Json


def with_plain_date(record: dict[str, Json], column: str, *, month_first: bool) -> dict[str, Json]:
    """The record with the time in this column as ISO 8601; as None where it isn't a date in this order."""
    value = record.get(column)
    if not is_slashed(value):
        return record
    moment = parse_time(value, month_first=month_first)
    return record | {column: moment and moment.isoformat()}
