"""The same calls come out of every format, however a team's export dresses them up."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_logs
from advisor.types import Sample
from tests.ingest.made_records import RECORDS, Record

Dress = Callable[[list[Record]], bytes]


def lines(records: list[Any]) -> bytes:
    return b"\n".join(orjson.dumps(record) for record in records)


def backwards(value: Any) -> Any:
    """Keys of objects in another order."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(inner) for inner in value] if isinstance(value, list) else value


def with_more(record: Record) -> Record:
    """Keys that no format has."""
    return {"_zone": None, "zz_extra": {"shard": 3, "hosts": ["a"]}, "zz_flag": True} | record | {"zz_note": ""}


def as_text(record: Record, times: int = 1) -> Record:
    """Objects and lists as JSON in text, as a column of a database holds them."""
    found = dict(record)
    for _ in range(times):
        found = {
            key: json.dumps(value) if isinstance(value, dict | list) or isinstance(record[key], dict | list) else value
            for key, value in found.items()
        }
    return found


def wrapped(key: str, **beside: Any) -> Dress:
    return lambda records: orjson.dumps({**beside, key: records})


def table(records: list[Record], *, write: Callable[[Any], str], separator: str = ",", **how: Any) -> bytes:
    file = io.StringIO()
    headers = list(dict.fromkeys(key for record in records for key in record))
    rows = csv.writer(file, delimiter=separator, **how)
    rows.writerow(headers)
    for record in records:
        rows.writerow(["" if (cell := record.get(header)) is None else write(cell) for header in headers])
    return file.getvalue().encode()


def json_cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def python_cell(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def twice_quoted(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value).replace('"', '""')


def without_empty(value: Any) -> Any:
    """Parquet holds no objects without a key."""
    if isinstance(value, dict):
        return {key: kept for key, inner in value.items() if (kept := without_empty(inner)) not in ({}, [])}
    return [without_empty(inner) for inner in value] if isinstance(value, list) else value


def parquet(records: list[Record], *, is_nested: bool) -> bytes:
    file = io.BytesIO()
    rows = [without_empty(record) if is_nested else as_text(record) for record in records]
    headers = dict.fromkeys(key for record in rows for key in record)
    pq.write_table(pa.Table.from_pylist([{key: row.get(key) for key in headers} for row in rows]), file)
    return file.getvalue()


DRESSES: dict[str, Dress] = {
    "another order of keys": lambda records: lines([backwards(record) for record in records]),
    "more keys": lambda records: lines([with_more(record) for record in records]),
    "an array": orjson.dumps,
    "a printed array": lambda records: json.dumps(records, indent=2, ensure_ascii=True).encode(),
    "printed objects": lambda records: "\n".join(json.dumps(record, indent=4) for record in records).encode(),
    "objects with nothing between": lambda records: "".join(json.dumps(record) for record in records).encode(),
    "data": wrapped("data"),
    "a page of data": wrapped("data", total=7, page=1, page_size=50, total_pages=1),
    "results": wrapped("results", next=None),
    "items": wrapped("items", cursor="x"),
    "records": wrapped("records", count=2),
    "logs": wrapped("logs"),
    "pages of data": lambda records: lines([{"data": [record], "has_more": True} for record in records]),
    "packed": lambda records: gzip.compress(lines(records)),
    "CRLF": lambda records: lines(records).replace(b"\n", b"\r\n"),
    "blank lines": lambda records: b"\n\n".join([b"", lines(records), b""]),
    "UTF-8 with a mark": lambda records: b"\xef\xbb\xbf" + lines(records),
    "UTF-16": lambda records: lines(records).decode().encode("utf-16"),
    "an array in UTF-16": lambda records: json.dumps(records).encode("utf-16-be", "replace"),
    "text within JSON": lambda records: lines([as_text(record) for record in records]),
    "text within text within JSON": lambda records: lines([as_text(record, 2) for record in records]),
    "a table": lambda records: table(records, write=json_cell),
    "a table with semicolons": lambda records: b"\xef\xbb\xbf" + table(records, write=json_cell, separator=";"),
    "a table with tabs in UTF-16": lambda records: (
        table(records, write=json_cell, separator="\t").decode().encode("utf-16")
    ),
    "a table that quotes everything": lambda records: table(records, write=json_cell, quoting=csv.QUOTE_ALL),
    "a table as MySQL writes it": lambda records: table(
        records, write=json_cell, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\"
    ),
    "a table printed by python": lambda records: table(records, write=python_cell),
    "a table with quotes doubled twice": lambda records: table(records, write=twice_quoted),
    "Parquet of text": lambda records: parquet(records, is_nested=False),
    "Parquet": lambda records: parquet(records, is_nested=True),
}


def calls(path: Path, content: bytes) -> list[tuple[Any, ...]]:
    """What matters of each call; a rejected row as its reason."""
    path.write_bytes(content)
    items = [found.item for found in read_logs([open_log(path)])]
    found = [
        (
            [(message["role"], message["content"]) for message in item.request.messages],
            item.answer and (item.answer.text, item.answer.tool_calls),
            item.model, item.metered, item.error,
            item.not_replayable,
        )
        if isinstance(item, Sample)
        else (item.reason,)
        for item in items
    ]  # fmt: skip
    return sorted(found, key=repr)


TOGETHER = (
    "anthropic_batch", "azure_apim", "claude_code", "codex", "flowise", "gemini_batch", "langchain_store",
    "librechat", "openai_batch", "openai_threads", "openhands",
)  # fmt: skip
"""Formats whose records are parts of one call."""
FILES = [
    pytest.param(records, dress, id=f"{name} {number}, {dress}")
    for name, made in RECORDS.items()
    for number, records in enumerate([made] if name in TOGETHER else [[record] for record in made], 1)
    for dress in DRESSES
]


@pytest.mark.parametrize(("records", "dress"), FILES)
def test_the_same_calls_come_out(tmp_path: Path, records: list[Record], dress: str) -> None:
    expected = calls(tmp_path / "plain.jsonl", lines(records))
    assert calls(tmp_path / "dressed", DRESSES[dress](records)) == expected
