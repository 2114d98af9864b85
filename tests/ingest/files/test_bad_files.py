"""Files that cannot be used say why and what to do; the memory stays bounded."""

import gzip
import json
import tracemalloc
import zlib
from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.ingest.files.rows import sniff
from advisor.ingest.log import FORMATS, nothing_usable, open_log
from advisor.ingest.reading import read_log
from advisor.types import Rejection, RejectionCode, Sample

GOOD = {"messages": [{"role": "user", "content": "Hi"}], "response": "Hello"}


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n \r\n", "is empty"),
        (b"\xef\xbb\xbf", "empty|no rows"),
        (bytes(range(256)) * 40, "binary"),
        (b"SQLite format 3\0" + bytes(200), "SQLite"),
        (b"PK\x03\x04" + bytes(200), "zip"),
        (b"\x1f\x8b\x08\x00broken", "damaged gzip"),
        (b"[1, 2, 3]", "not a JSON object but a number"),
        (b'["a", "b"]', "not a JSON object but text"),
        (b'{"messages": [{"role": "us', "cut off"),
        (b"{}\n{}\n", "in no format"),
        (b'{"a": 1}\n', "--columns"),
        (b"prompt,answer\n", "a header and no rows"),
        (b"just some words\nand more\n", "in no format"),
        (b"1\n2\n3\n", "in no format"),
        (b"prompt,answer\n\x81\x8d,b\n", "neither UTF-8"),
    ],
)
def test_unusable_files(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        open_log(write(tmp_path / "log.jsonl", content))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not found"):
        open_log(tmp_path / "absent.jsonl")
    with pytest.raises(BadInput, match="folder"):
        open_log(tmp_path)


def test_unknown_names(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", b"question,reply\nHi,Hello\n")
    with pytest.raises(BadInput, match=", ".join(FORMATS)):
        open_log(path, format="carrier-pigeon")
    with pytest.raises(BadInput, match=r"no column 'missing'.*question, reply"):
        open_log(path, columns={"prompt": "missing"})
    with pytest.raises(BadInput, match="'colour'"):
        open_log(path, columns={"colour": "question"})


def test_one_endless_line_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "endless.jsonl"
    with path.open("wb") as file:
        file.write(b'{"messages": "')
        for _ in range(100):
            file.write(b"x" * 2**20)
    tracemalloc.start()
    with pytest.raises(BadInput, match="64 MB"):
        open_log(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 2**20


def test_a_long_line_between_good_ones_is_one_rejection(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    good = json.dumps(GOOD).encode() + b"\n"
    path.write_bytes(good + b'{"messages": "' + b"x" * (65 * 2**20) + b'"}\n' + good)
    rows = [item for _, item in read_log(open_log(path))]
    assert [type(item) for item in rows] == [Sample, Rejection, Sample]
    assert "64 MB" in rows[1].reason  # type: ignore[union-attr]


def test_gzip_bombs(tmp_path: Path) -> None:
    zeros = tmp_path / "zeros.jsonl.gz"
    with gzip.open(zeros, "wb") as file:
        for _ in range(80):
            file.write(bytes(2**20))
    with pytest.raises(BadInput):
        open_log(zeros)
    blank = tmp_path / "blank.jsonl.gz"
    with gzip.open(blank, "wb") as file:
        file.write(json.dumps(GOOD).encode() + b"\n")
        for _ in range(80):
            file.write(b"\n" * 2**20)
    with pytest.raises(BadInput, match="too much for a log"):
        list(read_log(open_log(blank)))


def test_a_gzip_file_that_breaks_off_keeps_what_was_read(tmp_path: Path) -> None:
    lines = b"".join(json.dumps(GOOD | {"id": f"{n}-{hash(str(n))}"}).encode() + b"\n" for n in range(20_000))
    packed = gzip.compress(lines)
    path = write(tmp_path / "cut.jsonl.gz", packed[: len(packed) // 2])
    rows = [item for _, item in read_log(open_log(path))]
    assert sum(isinstance(item, Sample) for item in rows) > 1000
    assert isinstance(rows[-1], Rejection)
    assert "breaks off" in rows[-1].reason


@pytest.mark.parametrize("pack", [False, True])
def test_an_array_reads_like_lines(tmp_path: Path, pack: bool) -> None:
    records = [GOOD | {"id": n} for n in range(3)]
    content = json.dumps([*records[:1], "noise", *records[1:]], indent=2).encode()
    path = write(tmp_path / "log.json", gzip.compress(content) if pack else content)
    rows = list(read_log(open_log(path)))
    assert [number for number, _ in rows] == [1, 2, 3, 4]
    assert isinstance(rows[1][1], Rejection)
    assert [item.ids.external_id for _, item in rows if isinstance(item, Sample)] == ["0", "1", "2"]


def test_an_array_larger_than_a_piece_and_cut_off(tmp_path: Path) -> None:
    records = [GOOD | {"id": n, "note": "é" * 5000} for n in range(200)]
    content = json.dumps(records, ensure_ascii=False).encode()
    path = write(tmp_path / "log.json", content[:-4000])
    rows = [item for _, item in read_log(open_log(path))]
    assert sum(isinstance(item, Sample) for item in rows) == 199
    assert isinstance(rows[-1], Rejection)


ITEM = json.dumps(GOOD).encode()


@pytest.mark.parametrize(
    "content", [b"[%b,%b," % (ITEM, ITEM), b"[\n%b,\n%b\n" % (ITEM, ITEM), b"[[%b,%b]" % (ITEM, ITEM)]
)
def test_an_array_that_is_never_closed_says_so_once(tmp_path: Path, content: bytes) -> None:
    rows = list(read_log(open_log(write(tmp_path / "log.json", content))))
    assert [number for number, _ in rows] == [1, 2, 3]
    assert [type(item) for _, item in rows] == [Sample, Sample, Rejection]
    assert isinstance(rows[-1][1], Rejection)
    assert "ends in the middle" in rows[-1][1].reason


def test_brackets_that_close_are_no_end_in_the_middle(tmp_path: Path) -> None:
    content = b"[%b]\n[%b]\n" % (ITEM, ITEM)
    rows = [item for _, item in read_log(open_log(write(tmp_path / "log.json", content)))]
    assert [type(item) for item in rows] == [Sample, Sample]


def test_packed_values_that_break_off_between_two_say_so(tmp_path: Path) -> None:
    first = json.dumps(GOOD, indent=1).encode()
    packed = zlib.compressobj(wbits=31)
    content = packed.compress(first + b"\n" + first + b"\n") + packed.flush(zlib.Z_FULL_FLUSH)
    rows = [item for _, item in read_log(open_log(write(tmp_path / "log.json.gz", content)))]
    assert [type(item) for item in rows] == [Sample, Sample, Rejection]
    assert isinstance(rows[-1], Rejection)
    assert rows[-1].code is RejectionCode.CUT_OFF


@pytest.mark.parametrize("cell", ["ann@example.com", "4111 1111 1111 1111", "Where is my parcel?", "+49 170 1234567"])
def test_a_message_quotes_of_a_file_only_what_looks_like_a_name(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path / "log.csv", f"customer_blob,{cell}\nHi,Hello\n".encode())
    for columns in (None, {"prompt": "missing"}):
        with pytest.raises(BadInput, match="customer_blob, column 2") as raised:
            open_log(path, columns=columns)
        assert cell not in str(raised.value)


def test_a_reason_in_a_message_holds_no_personal_data(tmp_path: Path) -> None:
    turn = {"from": "ann@example.com", "value": "Hi"}
    path = write(tmp_path / "log.jsonl", json.dumps({"conversations": [turn]}).encode())
    rows = [item for _, item in read_log(open_log(path))]
    assert isinstance(rows[0], Rejection)
    assert nothing_usable(path, [rows[0]], sniff(path)).count("<EMAIL_1>") == 1


def test_pages_of_an_interface_are_unwrapped(tmp_path: Path) -> None:
    page = {"object": "list", "data": [GOOD, GOOD], "has_more": False}
    lines = write(tmp_path / "pages.jsonl", b"\n".join([json.dumps(page).encode()] * 2))
    assert [number for number, _ in read_log(open_log(lines))] == [1, 2, 3, 4]
    pretty = write(tmp_path / "page.json", json.dumps(page, indent=2).encode())
    assert sum(isinstance(item, Sample) for _, item in read_log(open_log(pretty))) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("shape", ["lines", "array", "table"])
def test_encodings(tmp_path: Path, encoding: str, shape: str) -> None:
    text = {
        "lines": json.dumps(GOOD | {"response": "Grüße – ça va?"}, ensure_ascii=False) + "\n",
        "array": json.dumps([GOOD | {"response": "Grüße – ça va?"}], ensure_ascii=False),
        "table": "prompt,response\nHi,Grüße – ça va?\n",
    }[shape]
    path = write(tmp_path / "log", text.encode(encoding))
    ((_, sample),) = read_log(open_log(path))
    assert isinstance(sample, Sample)
    assert sample.answer is not None
    assert sample.answer.text == "Grüße – ça va?"


def test_odd_json_values(tmp_path: Path) -> None:
    lone = b'{"messages": [{"role": "user", "content": "half \\ud83d"}], "response": "ok", "score": NaN}\n'
    deep = b'{"messages": [{"role": "user", "content": "x"}], "metadata": ' + b"[" * 5000 + b"]" * 5000 + b"}\n"
    path = write(tmp_path / "odd.jsonl", lone + deep + b"null\n" + b'{"messages": []}\n')
    rows = [item for _, item in read_log(open_log(path))]
    assert isinstance(rows[0], Sample)
    rows[0].request.messages[0]["content"].encode("utf-8")
    reasons = [item.reason for item in rows[1:] if isinstance(item, Rejection)]
    assert reasons == ["nested too deeply", "not a JSON object but null", "the list of messages is empty"]


def test_empty_rows_of_a_table_count_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", b"prompt,answer\na,b\n,\n\n,b\n,\nc,d\n,\n")
    assert [(number, type(item)) for number, item in read_log(open_log(path))] == [
        (1, Sample),
        (4, Rejection),
        (6, Sample),
    ]


def test_table_traps(tmp_path: Path) -> None:
    huge = "y" * 200_000
    path = tmp_path / "log.csv"
    path.write_text(
        f'id|prompt|response|response\n1|"two\nlines, and ""quotes"""|{huge}|\n\n'
        '2|a|b|c|d\n3|5" pipe|ok\n4||x|\n5|"never closed|x\n6|z|z',
        encoding="utf-8",
    )
    rows = dict(read_log(open_log(path)))
    first = rows[1]
    assert isinstance(first, Sample)
    assert first.request.messages[0]["content"] == 'two\nlines, and "quotes"'
    assert first.answer is not None
    assert first.answer.text == huge
    assert isinstance(rows[4], Sample)
    reasons = {number: item.reason for number, item in rows.items() if isinstance(item, Rejection)}
    assert reasons.keys() == {3, 5, 6}
    assert "5 cells" in reasons[3]
    assert reasons[5] == "no prompt found"
