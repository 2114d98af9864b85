"""Archives, folders, Parquet, databases and large values: what is in them is read, what is not a log says so."""

import gzip
import io
import json
import logging
import os
import sqlite3
import stat
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from advisor.errors import BadInput
from advisor.ingest.files import bytestream
from advisor.ingest.files.rows import Shape, read_rows, sniff
from advisor.ingest.files.sources import open_sources
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample

GOOD = {"messages": [{"role": "user", "content": "Hi"}], "response": "Hello"}
LINE = json.dumps(GOOD).encode() + b"\n"


def zipped(path: Path, members: dict[str, bytes], **options: object) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def labels(*names: Path) -> list[str]:
    found: list[str] = []
    for name in names:
        with open_sources(name) as (sources, _):
            found += [source.label for source in sources]
    return found


# Folders and archives


def test_plain_files_are_as_they_are(tmp_path: Path) -> None:
    first, second = tmp_path / "b.jsonl", tmp_path / "README.md"
    first.write_bytes(LINE)
    second.write_bytes(LINE)
    for path in (first, second):
        with open_sources(path) as (sources, _):
            assert sources == [(path, path.name, False)], "what a person names is never passed over"


def test_a_folder_is_walked_in_order_and_what_is_no_log_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "logs"
    names = [
        "b.jsonl", "a/z.csv", "a/2.json.gz", ".hidden.jsonl", ".git/config.jsonl", "README.md", "LICENSE", "chart.png",
        "data/0af1-body_input.json.gz", "logs.db", "logs.db-wal", "batch_output.jsonl",
        "9b2f7c1e-0000-4000-8000-3c0d7f1f1c11_output.json.gz",
    ]  # fmt: skip
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(LINE)
    (folder / "circle").symlink_to(folder, target_is_directory=True)
    with caplog.at_level(logging.INFO):
        found = labels(folder)
    assert found == ["logs/a/2.json.gz", "logs/a/z.csv", "logs/b.jsonl", "logs/batch_output.jsonl", "logs/logs.db"]
    for name in ("README.md", "LICENSE", "chart.png", "0af1-body_input.json.gz", "_output.json.gz"):
        assert name in caplog.text


@pytest.mark.parametrize("make", ["folder", "archive", "documents"])
def test_nothing_to_read(tmp_path: Path, make: str) -> None:
    path = tmp_path / "logs"
    if make == "archive":
        zipped(path, {"notes.md": b"x", "__MACOSX/._log.jsonl": b"x"})
    else:
        path.mkdir()
        if make == "documents":
            (path / "paper.pdf").write_bytes(b"%PDF")
    with pytest.raises(BadInput, match="holds no log"):
        labels(path)


def test_an_archive_is_read_member_by_member_and_leaves_nothing(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "logs.zip",
        {"march/b.jsonl": LINE * 2, "march/a.csv": b"prompt,answer\nHi,Hello\n", "c.jsonl.gz": gzip.compress(LINE)},
    )
    with open_sources(path) as (sources, _):
        assert [source.label for source in sources] == [
            "logs.zip/c.jsonl.gz",
            "logs.zip/march/a.csv",
            "logs.zip/march/b.jsonl",
        ]
        assert all(source.is_found for source in sources)
        rows = [len(list(read_log(open_log(source.path)))) for source in sources]
        assert rows == [1, 1, 2]
        assert [source.path.name for source in sources] == ["c.jsonl.gz", "a.csv", "b.jsonl"], "messages name the file"
        folder = sources[0].path.parent.parent
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert not folder.exists()


def test_names_in_an_archive_never_become_paths(tmp_path: Path) -> None:
    names = ["../../evil.jsonl", "/etc/evil.jsonl", "..\\..\\evil.jsonl", "C:\\evil.jsonl", "a/..", "x\n\x1b[31m.jsonl"]
    path = zipped(tmp_path / "logs.zip", dict.fromkeys(names, LINE))
    with open_sources(path) as (sources, _):
        inside = Path(sources[0].path.parent.parent)
        assert all(inside in source.path.resolve().parents for source in sources)
        assert len({source.path for source in sources}) == len(names)
        assert all(source.label.isprintable() for source in sources)
    assert not list(tmp_path.parent.glob("evil*"))


def test_archives_within_archives(tmp_path: Path) -> None:
    def wrap(content: bytes, times: int) -> bytes:
        for _ in range(times):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("inner.zip", content)
            content = packed.getvalue()
        return content

    inner = zipped(tmp_path / "inner.zip", {"log.jsonl": LINE}).read_bytes()
    (tmp_path / "two.zip").write_bytes(wrap(inner, 1))
    assert labels(tmp_path / "two.zip") == ["two.zip/inner.zip/log.jsonl"]
    (tmp_path / "five.zip").write_bytes(wrap(inner, 4))
    with pytest.raises(BadInput, match="too many nested archives"):
        labels(tmp_path / "five.zip")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("log.jsonl", "w") as member:
        for _ in range(64):
            member.write(bytes(2**20))

    def never(*_: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    with pytest.raises(BadInput, match="too much for a log"):
        labels(bomb)


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = zipped(tmp_path / "liar.zip", {"log.jsonl": bytes(2**20)})
    content = path.read_bytes().replace((2**20).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(content)
    with pytest.raises(BadInput, match="damaged zip archive"):
        labels(path)


def test_what_an_archive_may_be_instead(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"letter\.docx is a document"):
        labels(zipped(tmp_path / "letter.docx", {"[Content_Types].xml": b"x", "word/document.xml": b"x"}))
    locked = zipped(tmp_path / "locked.zip", {"log.jsonl": LINE})
    content = bytearray(locked.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[central + 8] |= 1
    locked.write_bytes(content)
    with pytest.raises(BadInput, match="password"):
        labels(locked)
    cut = zipped(tmp_path / "cut.zip", {"log.jsonl": LINE * 100})
    cut.write_bytes(cut.read_bytes()[:-30])
    with pytest.raises(BadInput, match="damaged zip archive"):
        labels(cut)
    torn = zipped(tmp_path / "torn.zip", {"log.jsonl": os.urandom(5000)})
    content = bytearray(torn.read_bytes())
    content[2000:2100] = bytes(100)
    torn.write_bytes(content)
    with pytest.raises(BadInput, match="damaged zip archive"):
        labels(torn)


def test_the_disk_is_measured_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    path = zipped(tmp_path / "logs.zip", {"log.jsonl": LINE})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))
    with pytest.raises(BadInput, match="has room for 0 MB"):
        labels(path)


def test_gzip_of_several_members_and_of_other_things(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress(LINE) + gzip.compress(LINE * 2))
    assert len(list(read_log(open_log(path)))) == 3
    for content, words in (
        (
            zipped(tmp_path / "a.zip", {"a": b"b"}).read_bytes(),
            "holds a zip archive or a spreadsheet, packed once more",
        ),
        (gzip.compress(LINE), "gzip file within a gzip file"),
        (b"SQLite format 3\0" + bytes(100), "holds a SQLite database"),
    ):
        path.write_bytes(gzip.compress(content))
        with pytest.raises(BadInput, match=f"{words}.*Unpack it"):
            open_log(path)


# Parquet


def test_parquet_rows_are_json(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    table = pyarrow.table(
        {
            "prompt": ["Hi", None],
            "at": pyarrow.array([datetime(2025, 1, 2, 3, 4, 5, 678, tzinfo=UTC), None], pyarrow.timestamp("us", "UTC")),
            "naive": pyarrow.array([datetime(2025, 1, 2), None], pyarrow.timestamp("ms")),  # noqa: DTZ001
            "day": [date(2025, 1, 2), None],
            "took": [timedelta(milliseconds=1500), None],
            "cost": [Decimal("0.0012"), None],
            "raw": [b"caf\xc3\xa9", None],
            "score": [float("nan"), 1.5],
            "turns": [[{"role": "user", "content": "x"}], []],
            "tags": pyarrow.array([[("k", "v")], None], pyarrow.map_(pyarrow.string(), pyarrow.string())),
            "n": [2**40, 0],
        }
    )
    parquet.write_table(table, path)
    (first_number, first), (_, second) = read_rows(path, sniff(path))
    assert sniff(path).shape is Shape.PARQUET
    assert first_number == 1
    assert first == {
        "prompt": "Hi",
        "at": "2025-01-02T03:04:05.000678+00:00",
        "naive": "2025-01-02T00:00:00",
        "day": "2025-01-02",
        "took": 1.5,
        "cost": "0.0012",
        "raw": "café",
        "score": None,
        "turns": [{"role": "user", "content": "x"}],
        "tags": {"k": "v"},
        "n": 2**40,
    }
    json.dumps(second)


def test_a_table_in_parquet_is_read_like_one_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    count = 500
    parquet.write_table(
        pyarrow.table(
            {
                "question": [f"Q{n}" for n in range(count)],
                "answer": [f"A{n}" for n in range(count)],
                "input_tokens": list(range(count)),
                "output_tokens": [1] * count,
                "latency_ms": [250.0] * count,
                "created_at": [datetime(2025, 1, 2, tzinfo=UTC)] * count,
            }
        ),
        path,
        row_group_size=100,
    )
    samples = [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]
    assert len(samples) == count
    last = samples[-1]
    assert (last.request.messages[0]["content"], last.metered.latency_s) == ("Q499", 0.25)
    assert last.answer is not None
    assert last.answer.text == "A499"
    assert last.metered.usage is not None
    assert last.metered.usage.input_tokens == 499
    assert last.metered.at == datetime(2025, 1, 2, tzinfo=UTC)


def test_damaged_parquet(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1" + bytes(200))
    with pytest.raises(BadInput, match=r"log\.parquet is a Parquet file that can't be read.*Export it again"):
        open_log(path)
    parquet.write_table(
        pyarrow.table({"prompt": [os.urandom(500).hex() for _ in range(400)]}),
        path,
        row_group_size=100,
        compression=None,
    )
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 120_000] = bytes(120_000)
    path.write_bytes(content)
    rows = list(read_rows(path, sniff(path)))
    assert len(rows) > 100
    assert isinstance(rows[-1][1], Rejection)
    assert "damaged from here on" in rows[-1][1].reason


# Databases


def test_other_databases(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE orders (id INTEGER)")
        database.execute("CREATE TABLE customers (id INTEGER)")
    database.close()
    with pytest.raises(BadInput, match=r"shop\.db has no table"), open_sources(path):
        pass
    path.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
    with pytest.raises(BadInput, match="SQLite database that can't be read"):
        open_log(path)


# Large JSON values


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Values over 300 KB count as too long for memory; a piece of the file is that long."""
    monkeypatch.setattr(bytestream, "MAX_LINE_BYTES", 300_000)
    return iter([300_000])


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda records: {"object": "list", "note": {"a": [1, "]"]}, "data": records, "has_more": False, "after": ["x"]},
        lambda records: {"results": records},
        lambda records: {"meta": None, "data": {"count": 3, "items": records, "next": 4}},
    ],
)
def test_a_huge_object_that_wraps_a_list_is_read_by_element(
    tmp_path: Path, small_limit: Iterator[int], wrap: object, indent: int | None
) -> None:
    records = [GOOD | {"id": f"r{n}", "note": f"é{n} [" * 300} for n in range(2000)]
    path = tmp_path / "page.json"
    path.write_text(json.dumps(wrap(records), indent=indent, ensure_ascii=False), encoding="utf-8")  # type: ignore[operator]
    assert path.stat().st_size > 2**20
    rows = list(read_rows(path, sniff(path)))
    assert [number for number, _ in rows] == list(range(1, 2001))
    text = [json.dumps(record) for _, record in rows]
    assert all(f'"r{n}"' in found and found.count('"messages"') == 1 for n, found in enumerate(text))


def test_other_huge_values_say_what_the_limit_is(tmp_path: Path, small_limit: Iterator[int]) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"messages": [{"role": "user", "content": "x" * 5000}] * 500}), encoding="utf-8")
    ((_, only),) = read_rows(path, sniff(path))
    assert isinstance(only, Rejection)
    assert "MB" in only.reason


def test_a_long_first_line_is_still_a_line(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    long = json.dumps(GOOD | {"note": "x" * (3 * 2**20)}).encode() + b"\n"
    path.write_bytes(long + b"{broken\n" + LINE)
    assert sniff(path).shape is Shape.LINES
    assert [type(item) for _, item in read_log(open_log(path))] == [Sample, Rejection, Sample]


def test_of_a_large_archive_only_the_first_files_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "logs.zip"
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.jsonl", LINE)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.zip", inner.getvalue())
        for number in range(50):
            archive.writestr(f"b/{number:02d}.jsonl", LINE)
    with open_sources(path, 8) as (sources, more):
        assert [source.label for source in sources] == [
            *(f"logs.zip/a.zip/{number}.jsonl" for number in range(5)),
            *(f"logs.zip/b/{number:02d}.jsonl" for number in range(3)),
        ]
        unpacked = [path for path in sources[0].path.parent.parent.rglob("*") if path.is_file()]
        assert len(unpacked) == 9  # with the archive in the archive
        assert more == 47
    with open_sources(path, 100) as (sources, more):
        assert (len(sources), more) == (55, 0)
    with open_sources(path, 0) as (sources, more):
        assert (len(sources), more) == (0, 51)


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for path in (tmp_path / "outside.jsonl", folder / "inside.jsonl"):
        path.write_bytes(LINE)
    (folder / "out.jsonl").symlink_to(tmp_path / "outside.jsonl")
    (folder / "link.jsonl").symlink_to(folder / "inside.jsonl")
    assert labels(folder) == ["logs/inside.jsonl", "logs/link.jsonl"]
    assert "out.jsonl" in caplog.text
