"""Rows of tables: separated by comma, semicolon, tab or bar as spreadsheets write them, and Parquet."""

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, dropwhile, islice, zip_longest
from pathlib import Path
from typing import Any

from advisor.errors import BadInput
from advisor.ingest.files import bytestream
from advisor.ingest.files.bytestream import MAX_LINE_BYTES, MAX_RATIO, RATIO_COUNTS_FROM, cut_off
from advisor.ingest.files.json_cells import as_table_line
from advisor.types import Json, Rejection

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 5_000
SNIFF_ROWS = 40
_SAME = 3
_RULE = re.compile(r"\s*(:?-{3,}:?)?\s*")
_EXCEL_HINT = re.compile(r"sep=[,;\t|]\r?\n")
_IN_LIST = re.compile(r"^([A-Za-z_][\w.]*?)(?:\.(\d+)|\[(\d+)\])\.[A-Za-z_]")
"""``request.messages.0.content``: JSON whose lists were flattened too."""
_END = "\0end of table\0"
"""Added as a last line: a cell that holds it was opened by a quote that is never closed, which csv does not tell."""
_OPEN_QUOTE = "a quote is opened and never closed, so that the lines after it are lost in it"
_BATCH_ROWS = 64
"""Of up to 1 MB of text each, as conversations are at their longest."""
_BATCH_BYTES = 2**28
"""What a batch could hold at most: each row may repeat the longest value that is stored once."""
_MANY_ROWS = 2**20
"""From here on a log takes more than a byte a row."""
_BUFFER_BYTES = 2**20


def sniff_delimiter(head: bytes) -> tuple[str, bool]:
    r"""The separator under which the first rows are widest and most alike, a comma when none parts them.

    And whether quotes within cells are written ``\\"``, as MySQL does, and not doubled.
    """
    text = bytestream.text_of(head) or head.decode("utf-8", "replace")
    if _EXCEL_HINT.match(text):
        return text[4], False
    best, best_rank = (",", False), (0, 0.0, 0)
    csv.field_size_limit(MAX_LINE_BYTES)
    for delimiter in DELIMITERS:
        for is_escaped in (False, True) if '\\"' in text else (False,):
            try:
                lines = csv.reader(text.split("\n"), **dialect(delimiter, is_escaped))
                table = [row for row in islice(lines, SNIFF_ROWS) if row]
            except csv.Error:
                continue
            widths = [len(row) for row in table] or [1]
            # The first may be a title in one cell; one cell above a single wide row is a column of JSON.
            width = widths[0] if widths[0] > 1 or widths.count(widths[-1]) < _SAME else widths[-1]
            rank = ((width > 1) + (widths[0] > 1), round(widths.count(width) / len(widths), 1), width)
            if (width > 1 or delimiter == ",") and rank > best_rank:
                best, best_rank = (delimiter, is_escaped), rank
    return best


def read_table(
    path: Path,
    delimiter: str,
    *,
    is_escaped: bool = False,
    is_headless: bool = False,
    titles: int = 0,
    has_json: bool = False,
) -> Iterator[tuple[int, dict[str, str] | Rejection]]:
    """Every data row once, numbered from 1: its cells by header, or a Rejection where it cannot be read.

    Raises BadInput for more than ``MAX_COLUMNS`` columns.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    seen = _Seen()
    lines = map(as_table_line, _lines(path, seen)) if has_json else _lines(path, seen)
    table: Iterator[list[str]] = dropwhile(names_separator, csv.reader(lines, **dialect(delimiter, is_escaped)))
    number = 0
    try:
        above = [next(table, []) for _ in range(titles)][-1:]
        cells = next((row for row in table if any(row) and row != [_END]), [])
        headers = _headers([""] * len(cells) if is_headless else _grouped(above[0], cells) if above else cells)
        _check_columns(path, len(headers))
        is_nested = _are_flattened(headers)
        table, first = (chain([cells], table), None) if is_headless else (table, cells)
        for cells in table:
            cells = [cell.strip(" ") for cell in cells] if delimiter == "|" else cells
            number += 1  # of empty rows too: a spreadsheet shows and counts them
            if is_headless:
                headers += _headers([""] * len(cells))[len(headers) :]
            if not any(cells) or cells == [_END]:
                continue
            if all(map(_RULE.fullmatch, cells)):
                continue
            if cells == first:
                yield number, Rejection(row=number, reason="the header once more")
            elif cells[-1].endswith(f"{_END}\n"):
                yield number, Rejection(row=number, reason=_OPEN_QUOTE)
            else:
                record = _record(number, headers, cells, damaged=seen.damage)
                yield number, _nested(record) if is_nested and isinstance(record, dict) else record
                seen.damage = False
    except csv.Error as error:
        number += 1
        reason = f"not readable as a table ({error}); perhaps a quote is never closed. The rest of the file is not read"
        yield number, cut_off(number, reason)
    if seen.early_end:
        yield number + 1, cut_off(number + 1)


def dialect(delimiter: str, is_escaped: bool) -> dict[str, Any]:
    """For csv.reader."""
    return {"delimiter": delimiter, "doublequote": not is_escaped, "escapechar": "\\" if is_escaped else None}


def names_separator(cells: list[str]) -> bool:
    """Whether a row is the line by which Excel names the separator."""
    return cells[:1] == ["sep="] and not any(cells[1:])


def _grouped(groups: list[str], cells: list[str]) -> list[str]:
    """Names of columns with those of their groups before them: ``Tokens`` above ``in`` and ``out``."""
    if sum(map(bool, groups)) < 2:
        return cells
    named, group = [], ""
    for above, cell in zip_longest(groups, cells, fillvalue=""):
        group = above or group
        named.append(f"{group} {cell}".strip())
    return named[: len(cells)]


def _headers(cells: list[str]) -> list[str]:
    headers: dict[str, None] = {}
    for position, cell in enumerate(cells, 1):
        name = cell.strip() or f"column {position}"
        headers[name if name not in headers else f"{name} ({position})"] = None
    return list(headers)


def _check_columns(path: Path, columns: int) -> None:
    """Raises BadInput for a table with too many columns."""
    if columns > MAX_COLUMNS:
        raise BadInput(
            f"{path.name} has {columns:,} columns, and at most {MAX_COLUMNS:,} are read. Export fewer of them."
        )


def _record(number: int, headers: list[str], cells: list[str], *, damaged: bool) -> dict[str, str] | Rejection:
    if damaged:
        return Rejection(row=number, reason=f"neither UTF-8 nor Windows-1252 text, or a line {bytestream.TOO_LONG}")
    if any(cells[len(headers) :]):
        return Rejection(row=number, reason=f"{len(cells)} cells, but the header names {len(headers)}")
    return dict(zip(headers, cells + [""] * (len(headers) - len(cells)), strict=False))


def _are_flattened(headers: list[str]) -> bool:
    """Whether lists were flattened into columns that count from 0, as no version of a model does: ``gpt4.1.answer``.

    Or from 1, where they have roles.
    """
    found = [(header, item) for header in headers if (item := _IN_LIST.match(header))]
    return any(int(item[2] or item[3]) == 0 or header.endswith(".role") for header, item in found)


def _nested(record: dict[str, str]) -> dict[str, Json]:
    """The record as it was before it was flattened; what fits nowhere keeps its name."""
    found: dict[str, Json] = {}
    paths = {name: name.replace("[", ".").replace("]", "").split(".") for name in record}
    objects = {path[0] for path in paths.values() if len(path) > 1}
    for name, cell in record.items():
        *outer, last = paths[name] if name not in objects else [f"{name} (cell)"]
        where: Json = found
        for key in outer:
            where = where.setdefault(key, {}) if isinstance(where, dict) else None
        if not isinstance(where, dict):
            found[name] = cell
        elif cell:
            where[last] = cell
    return {name: _with_lists(value) for name, value in found.items()}


def _with_lists(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(each) for key, each in value.items()}
    return [each for each in inner.values() if each] if inner and all(key.isdecimal() for key in inner) else inner


@dataclass
class _Seen:
    """What the csv module cannot tell of the lines that it was given."""

    damage: bool = False
    """Whether one could not be decoded."""
    early_end: bool = False
    """Whether the file breaks off."""


def _lines(path: Path, seen: _Seen) -> Iterator[str]:
    """Lines of a table as text with their ends."""
    for line in bytestream.lines(path):
        if isinstance(line, bytestream.Ended):
            seen.early_end = True
            break
        text = bytestream.text_of(line) if isinstance(line, bytes) else None
        seen.damage = seen.damage or text is None
        yield "?\n" if text is None else text + "\n"
    yield f"{_END}\n"


def read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """Every row once, numbered from 1. Times become ISO 8601 text, durations seconds, bytes and decimals text.

    Raises BadInput where the file cannot be read at all, or grows as no log does when it is unpacked; where it breaks
    off, the last row is a Rejection.
    """
    import pyarrow
    from pyarrow.parquet import ParquetFile

    faults = (pyarrow.ArrowException, OSError, ValueError, NotImplementedError)
    number = 0
    try:
        with ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
            for batch in file.iter_batches(batch_size=_batch_rows(path, file.metadata)):
                for record in batch.to_pylist(maps_as_pydicts="lossy"):
                    number += 1
                    yield number, {str(name): plain_value(value) for name, value in record.items()}
    except faults as error:
        if number == 0:
            raise BadInput(
                f"{path.name} is a Parquet file that can't be read ({_short(error)}). Export it again, or as JSONL."
            ) from None
        reason = f"the Parquet file is damaged from here on ({_short(error)}); the rest is not read"
        yield number + 1, cut_off(number + 1, reason)


def _batch_rows(path: Path, footer: Any) -> int:
    """How many rows to read at a time, by what the footer says. Raises BadInput for a file that isn't a log."""
    _check_columns(path, footer.num_columns)
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


def plain_value(value: Json) -> Json:
    """The value as JSON has it."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        # A struct has every field that any row has, null where this one has none.
        return {str(key): plain_value(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0].strip().rstrip(".")[:200]
