"""Answers of BigQuery's API: rows of bare cells, whose names and types the schema beside them tells."""

from collections.abc import Iterable

from advisor.ingest.reader import Opener, Record
from advisor.ingest.values.json_text import as_list, as_objects, at
from advisor.types import Json

_KEYS = frozenset({"schema", "rows"})
_NUMBERS = {"INTEGER": int, "INT64": int, "FLOAT": float, "FLOAT64": float}


def _open(record: Record) -> Iterable[Json]:
    """A record for each row; the page itself where its rows are no cells."""
    fields, rows = as_objects(at(record, "schema", "fields")), as_objects(record.get("rows"))
    if not fields or not rows or not all(isinstance(row.get("f"), list) for row in rows):
        return [record]
    return [_row(fields, row) for row in rows]


def _row(fields: list[Record], row: Json) -> Record:
    cells = as_list(at(row, "f"))
    return {str(field.get("name")): _value(field, at(cell, "v")) for field, cell in zip(fields, cells, strict=False)}


def _value(field: Record, value: Json) -> Json:
    if isinstance(value, list):
        return [_value(field, at(item, "v")) for item in value]
    kind = str(field.get("type")).upper()
    if kind in ("RECORD", "STRUCT"):
        return _row(as_objects(field.get("fields")), value) if isinstance(value, dict) else None
    if kind in ("BOOLEAN", "BOOL"):
        return None if value is None else str(value).lower() == "true"
    # A timestamp is in seconds since 1970, with an exponent: as a number it is one of the usual epochs.
    number = float if kind == "TIMESTAMP" else _NUMBERS.get(kind)
    return number(value) if number and isinstance(value, str) else value


OPENER = Opener(opens=lambda keys: keys >= _KEYS, open=_open)
