"""Azure's log tables: how queries hand them out, and the names of their columns."""

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.types import Json


def plain_keys(record: dict[str, Json]) -> dict[str, Json]:
    """The record with lower-case keys: the portal, the API and the blobs spell ``TimeGenerated [UTC]`` differently."""
    return {key.partition(" [")[0].lower(): value for key, value in record.items()}


@dataclass(frozen=True)
class QueryResult:
    """Opens ``{"tables": [{"columns": [...], "rows": [...]}]}``."""

    name: str = "azure_tables"

    def opens(self, keys: frozenset[str]) -> bool:
        """The list of tables, alone or with statistics."""
        return "tables" in keys and keys <= {"tables", "statistics", "render", "error", "nextLink"}

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """Every row of every table as a record."""
        tables = record["tables"]
        if not isinstance(tables, list):
            return [record]
        return [row for table in tables if isinstance(table, dict) for row in _rows(table)] or [record]


def _rows(table: dict[str, Json]) -> Iterable[Json]:
    columns, rows = table.get("columns"), table.get("rows")
    names = [str(column.get("name")) for column in columns or [] if isinstance(column, dict)]
    for row in rows if isinstance(rows, list) else []:
        yield dict(zip(names, row, strict=False)) if isinstance(row, list) else row


OPENER = QueryResult()
