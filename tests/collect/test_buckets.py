"""Logs fetched from an object store: a real server that speaks as much of S3 as reading needs."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from advisor.collect.buckets import fetch, is_bucket
from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput
from advisor.store import Store
from tests.made.log import call, write_log

KEY = "abc-secret"


class Bucket(BaseHTTPRequestHandler):
    """HEAD and GET of an object, and the list of those below a prefix."""

    objects: dict[str, bytes]
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        query = parse_qs(asked.query)
        if "closed" in self.path:
            self._answer(403, b"")
        elif "list-type" in query:
            prefix = query.get("prefix", [""])[0]
            found = {name: data for name, data in self.objects.items() if name.startswith(prefix)}
            folders = set()
            if "delimiter" in query:
                folders = {
                    prefix + name.removeprefix(prefix).split("/")[0] + "/"
                    for name in found
                    if "/" in name.removeprefix(prefix)
                }
                found = {name: data for name, data in found.items() if "/" not in name.removeprefix(prefix)}
            rows = "".join(f"<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>" for name in sorted(folders))
            rows += "".join(
                f"<Contents><Key>{name}</Key><Size>{len(data)}</Size>"
                "<LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents>"
                for name, data in found.items()
            )
            body = f"<ListBucketResult><KeyCount>{len(found)}</KeyCount><IsTruncated>false</IsTruncated>{rows}"
            self._answer(200, f"{body}</ListBucketResult>".encode())
        elif (data := self.objects.get(asked.path.removeprefix("/logs/"))) is not None:
            begin, _, end = (self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").partition("-")
            self._answer(206 if self.headers.get("Range") else 200, data[int(begin) : int(end or len(data)) + 1])
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Sun, 01 Nov 2026 00:00:00 GMT")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """What follows ``s3://logs/NAME`` in a URL for the test's store."""
    lines = [write_log(tmp_path / f"{n}.jsonl", [call(n)]).read_bytes() for n in (1, 2)]
    objects = {
        "june/1.jsonl": lines[0],
        "june/day/2.jsonl": lines[1],
        "bad/../../out.jsonl": lines[0],
        "both/a": lines[0],
        "both/a/b": lines[1],
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Filled", (Bucket,), {"objects": objects}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"?scheme=http&endpoint_override=127.0.0.1:{server.server_port}&region=x"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_an_object_and_all_below_a_prefix_are_imported(tmp_path: Path, address: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    one = import_logs(store, "One", [f"s3://logs/june/1.jsonl{address}"], ImportOptions(redact=False))
    both = import_logs(store, "Both", [f"s3://logs/june{address}"], ImportOptions(redact=False))
    assert (one.counts.accepted, both.counts.accepted) == (1, 2)


def test_names_that_begin_with_a_prefix_are_imported(tmp_path: Path, address: str) -> None:
    (tmp_path / "in").mkdir()
    copy = fetch(f"s3://logs/june/d{address}", tmp_path / "in")
    assert [path.relative_to(copy).as_posix() for path in copy.rglob("*.jsonl")] == ["day/2.jsonl"]
    (tmp_path / "top").mkdir()
    copy = fetch(f"s3://logs/ju{address}", tmp_path / "top")
    found = sorted(path.relative_to(copy).as_posix() for path in copy.rglob("*.jsonl"))
    assert found == ["june/1.jsonl", "june/day/2.jsonl"]


def test_an_object_may_have_the_name_of_a_folder(tmp_path: Path, address: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    all_ = import_logs(store, "All", [f"s3://logs/both{address}"], ImportOptions(redact=False))
    below = import_logs(store, "Below", [f"s3://logs/both/a/{address}"], ImportOptions(redact=False))
    assert (all_.counts.accepted, below.counts.accepted) == (2, 1)


def test_a_store_without_a_bucket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="names no bucket"):
        fetch("s3://?region=x", tmp_path)


def test_what_is_missing_is_said_without_the_keys(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadInput, match=r"s3://logs/july isn't there") as refused:
        fetch(f"s3://id:{KEY}@logs/july{address}", tmp_path / "in")
    assert KEY not in str(refused.value)
    with pytest.raises(BadInput, match="can't be read") as refused:
        fetch(f"s3://id:{KEY}@logs/july?nonsense=1", tmp_path / "in")
    assert KEY not in str(refused.value)
    with pytest.raises(BadInput, match=r"s3://logs/closed can't be read: your keys may not"):
        fetch(f"s3://logs/closed{address}", tmp_path / "in")


def test_no_object_leads_out_of_the_folder(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(BadInput, match="isn't a path below its bucket"):
        fetch(f"s3://logs/bad{address}", folder)
    assert not list(tmp_path.rglob("out.jsonl"))


@pytest.mark.parametrize(
    ("name", "is_one"), [("s3://b/x", True), ("abfss://c@a/x", True), ("s3:/b", False), ("s3", False)]
)
def test_only_urls_of_stores_are_buckets(name: str, is_one: bool) -> None:
    assert is_bucket(name) is is_one
    assert not is_bucket(Path(name))
