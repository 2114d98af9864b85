"""Rows of tables: separated by comma, semicolon, tab or bar as spreadsheets write them, and Parquet."""

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from advisor.errors import BadInput
from advisor.ingest.files import bytestream
from advisor.ingest.files.bytestream import MAX_LINE_BYTES, MAX_RATIO, RATIO_COUNTS_FROM, cut_off
from advisor.types import Json, Rejection

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 5_000
_SNIFF_ROWS = 40
_EXCEL_HINT = re.compile(r"sep=[,;\t|]\r?\n")
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
    best, best_rank = (",", False), (False, 0.0, 0)
    csv.field_size_limit(MAX_LINE_BYTES)
    for delimiter in DELIMITERS:
        for is_escaped in (False, True) if '\\"' in text else (False,):
            try:
                lines = csv.reader(text.split("\n"), **_dialect(delimiter, is_escaped))
                table = [row for row in islice(lines, _SNIFF_ROWS) if row]
            except csv.Error:
                continue
            width = len(table[0]) if table else 0
            rank = (width > 1, round(sum(len(row) == width for row in table) / max(len(table), 1), 1), width)
            if (width > 1 or delimiter == ",") and rank > best_rank:
                best, best_rank = (delimiter, is_escaped), rank
    return best


_SENTENCE = re.compile(r".*[.?!。？！؟…][\"'”’)»」]*\s*|.*[。？！].*", re.S)
_SENTENCE_WORDS = 6
_VALUE = re.compile(
    r"[+-]?\d[\d.,]*%?|\d{4}[-/]\d{2}[-/]\d{2}\S*( .*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}( .*)?"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|true|false|https?://\S+",
    re.I,
)


def is_headless(head: bytes, delimiter: str, *, is_escaped: bool) -> bool:
    """Whether the first row is data: a number or a time above others, or sentences and words that come again below.

    Sentences that are alike in a row, above rows where they aren't, are the questions of a form: a header.
    """
    text = bytestream.text_of(head) or head.decode("utf-8", "replace")
    try:
        table = [
            row for row in islice(csv.reader(text.split("\n"), **_dialect(delimiter, is_escaped)), _SNIFF_ROWS) if row
        ]
    except csv.Error:
        return False
    first, below = table[0] if table else [], [row for row in table[1:-1] if row != table[0]]
    if len(below) < 2 or first[0].startswith("sep="):
        return False
    values = sentences = again = 0
    for place, cell in enumerate(first):
        others = [row[place] for row in below if place < len(row) and row[place]]
        if others and all(_VALUE.fullmatch(other) for other in others):
            if not _VALUE.fullmatch(cell):
                return False
            values += 1
        elif cell in others:
            again += 1
        elif _SENTENCE.fullmatch(cell) or len(cell.split()) >= _SENTENCE_WORDS:
            sentences += 1
    if values:
        return True
    is_form = _is_alike(first) and not any(map(_is_alike, below))
    return sentences > 0 and sentences + again == sum(map(bool, first)) and not is_form


def _is_alike(row: list[str]) -> bool:
    """Whether all cells are questions, or begin with the same word."""
    cells = [cell.strip() for cell in row if cell.strip()]
    begun = {cell.split()[0].lower() for cell in cells}
    return len(cells) > 1 and (len(begun) == 1 or all(cell.endswith(("?", "？")) for cell in cells))


def read_table(
    path: Path, delimiter: str, *, is_escaped: bool = False, is_headless: bool = False
) -> Iterator[tuple[int, dict[str, str] | Rejection]]:
    """Every data row once, numbered from 1: its cells by header, or a Rejection where it cannot be read.

    Raises BadInput for more than ``MAX_COLUMNS`` columns.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    seen = _Seen()
    table: Iterator[list[str]] = csv.reader(_lines(path, seen), **_dialect(delimiter, is_escaped))
    number = 0
    try:
        cells = _header_cells(table)
        headers = _headers([""] * len(cells) if is_headless else cells)
        _check_columns(path, len(headers))
        table = chain([cells], table) if is_headless else table
        for cells in table:
            number += 1  # of empty rows too: a spreadsheet shows and counts them
            if not any(cells) or cells == [_END]:
                continue
            if cells[-1].endswith(f"{_END}\n"):
                yield number, Rejection(row=number, reason=_OPEN_QUOTE)
            else:
                yield number, _record(number, headers, cells, damaged=seen.damage)
                seen.damage = False
    except csv.Error as error:
        number += 1
        reason = f"not readable as a table ({error}); perhaps a quote is never closed. The rest of the file is not read"
        yield number, cut_off(number, reason)
    if seen.early_end:
        yield number + 1, cut_off(number + 1)


def _dialect(delimiter: str, is_escaped: bool) -> dict[str, Any]:
    return {"delimiter": delimiter, "doublequote": not is_escaped, "escapechar": "\\" if is_escaped else None}


def _header_cells(table: Iterator[list[str]]) -> list[str]:
    """The first row with anything in it, after the line by which Excel names the separator."""
    cells = next((row for row in table if any(row) and row != [_END]), [])
    return next(table, []) if cells and cells[0] == "sep=" and not any(cells[1:]) else cells


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
                    yield number, {str(name): _plain(value) for name, value in record.items()}
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


def _plain(value: Json) -> Json:
    """The value as JSON has it."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        # A struct has every field that any row has, null where this one has none.
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0].strip().rstrip(".")[:200]
