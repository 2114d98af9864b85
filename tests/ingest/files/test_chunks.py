"""A file in chunks gives the rows of the file, whatever the chunks."""

import gzip
import json
from pathlib import Path

import pytest

from advisor.ingest.files import bytestream
from advisor.ingest.files.bytestream import read_chunks
from advisor.ingest.files.rows import read_lines
from advisor.types import Rejection


def numbered(path: Path) -> list[tuple[int, object]]:
    found: list[tuple[int, object]] = []
    before = 0
    for chunk in read_chunks(path):
        found += [
            (before + row, item.reason if isinstance(item, Rejection) else item) for row, item in read_lines(chunk)
        ]
        before += chunk.line_count
    return found


def long_lines(count: int) -> bytes:
    rows = [json.dumps({"n": n, "text": "x\u2028y" * (n % 50)}, ensure_ascii=False) for n in range(count)]
    rows[3] = ""
    rows[5] = "{cut off"
    rows[7] = "[1, 2]"
    return "\n".join(rows).encode()


@pytest.mark.parametrize("size", [1, 1000, 2**20])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b"\r\n"])
def test_chunks_hold_the_rows_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, end: bytes
) -> None:
    monkeypatch.setattr(bytestream, "CHUNK_BYTES", size)
    monkeypatch.setattr(bytestream, "_PIECE", 700)
    path = tmp_path / "log.jsonl"
    path.write_bytes(long_lines(400) + end)
    rows = dict(numbered(path))
    assert rows.keys() == set(range(1, 401)) - {4}
    assert "not JSON" in str(rows.pop(6))
    assert "a list" in str(rows.pop(8))
    assert all(item == {"n": row - 1, "text": "x\u2028y" * ((row - 1) % 50)} for row, item in rows.items())
    assert len(list(read_chunks(path))) > 1 or size == 2**20


def test_a_line_that_is_too_long_is_one_row_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytestream, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(bytestream, "_PIECE", 700)
    monkeypatch.setattr(bytestream, "MAX_LINE_BYTES", 5000)
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\n{"b": "' + b"x" * 20_000 + b'"}\n{"c": 3}\n')
    rows = numbered(path)
    assert [row for row, _ in rows] == [1, 2, 3]
    assert "longer than" in str(rows[1][1])
    assert rows[2][1] == {"c": 3}


def test_a_file_that_breaks_off_says_so_after_its_last_row(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    whole = gzip.compress(b"\n".join(json.dumps({"n": n, "x": str(n * 7919)}).encode() for n in range(50_000)))
    path.write_bytes(whole[: len(whole) // 2])
    rows = numbered(path)
    assert rows[-1][0] == len(rows)
    assert "breaks off" in str(rows[-1][1])
    assert rows[0] == (1, {"n": 0, "x": "0"})
