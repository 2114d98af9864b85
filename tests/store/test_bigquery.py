"""A table read with Google's client from a real server: as much of BigQuery's REST API as listing rows needs."""

import base64
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput, StoreError
from advisor.store import Store
from advisor.store.log import bigquery
from advisor.store.log.foreign import name_of, read_foreign
from advisor.store.log.logs import list_logs
from advisor.store.studies import find_study

_MESSAGE = [{"name": "role", "type": "STRING"}, {"name": "content", "type": "STRING"}]
SCHEMA = [
    {"name": "id", "type": "STRING"},
    {"name": "messages", "type": "RECORD", "mode": "REPEATED", "fields": _MESSAGE},
    {"name": "answer", "type": "STRING"},
    {"name": "model", "type": "STRING"},
    {"name": "input_tokens", "type": "INTEGER"},
    {"name": "output_tokens", "type": "INTEGER"},
    {"name": "cost", "type": "NUMERIC"},
    {"name": "created_at", "type": "TIMESTAMP"},
    {"name": "day", "type": "DATE"},
    {"name": "mark", "type": "BYTES"},
    {"name": "params", "type": "JSON"},
]
BEGUN = 1_772_359_200_000_000
"""2026-03-01, 10:00 UTC, in microseconds."""


def cells(n: int) -> dict[str, Any]:
    """A row as the API gives it: every value a string in a cell."""
    message = {"v": {"f": [{"v": "user"}, {"v": f"Where is order {n}?"}]}}
    mark = base64.b64encode(b"m").decode()
    values = [
        f"r{n}", [message], f"Order {n} is on its way.", "gpt-4o", str(10 + n), "7", "0.0125",
        str(BEGUN + n * 1_000_000), "2026-03-01", mark, '{"temperature": 0.2}',
    ]  # fmt: skip
    return {"f": [{"v": value} for value in values]}


class Api(BaseHTTPRequestHandler):
    """tables.get and tabledata.list, which drops the connection as often as the table's name says."""

    protocol_version = "HTTP/1.1"
    drops: dict[str, int]
    seen: list[str]

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        _, _, _, _, project, _, dataset, _, table, *more = asked.path.split("/")
        if dataset == "closed":
            self._refuse(403, f"Access Denied: Table {project}:{dataset}.{table}: Permission denied", "accessDenied")
        elif table == "none":
            self._refuse(404, f"Not found: Table {project}:{dataset}.{table}", "notFound")
        elif table == "view" and more:
            self._refuse(400, "Cannot list a table of type VIEW.", "invalid")
        elif not more:
            place = {"projectId": project, "datasetId": dataset, "tableId": table}
            self._send(200, {"tableReference": place, "type": "TABLE", "schema": {"fields": SCHEMA}})
        else:
            self._list(table, parse_qs(asked.query).get("pageToken", ["0"])[0])

    def _list(self, table: str, token: str) -> None:
        start = int(token)
        if start and self.drops.get(table):
            self.drops[table] -= 1
            self.close_connection = True
            self.connection.close()
            return
        rows = [] if table == "empty" else [cells(n) for n in range(start, min(start + 3, 8))]
        self.seen.append(token)
        self._send(
            200, {"totalRows": "8", "rows": rows} | ({"pageToken": str(start + 3)} if start < 6 and rows else {})
        )

    def _refuse(self, status: int, message: str, reason: str) -> None:
        errors = [{"message": message, "domain": "global", "reason": reason}]
        self._send(status, {"error": {"code": status, "message": message, "errors": errors}})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The page tokens that a server of the test was asked for, with Google's client sent there."""
    tokens: list[str] = []
    handler = type("Filled", (Api,), {"seen": tokens, "drops": {"once": 1, "lost": 99}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield tokens
        server.shutdown()


def test_a_table_is_imported(tmp_path: Path, seen: list[str]) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    report = import_logs(store, "S", ["bigquery://acme/support/calls"], ImportOptions(redact=False))
    assert (report.counts.rows, report.counts.accepted) == (8, 8)
    assert [log.name for log in list_logs(store, find_study(store, "S").id)] == ["acme.support.calls"]
    assert report.models == {"gpt-4o": 8}
    assert (report.sums.usage.input_tokens, report.sums.cost_usd) == (108, pytest.approx(0.1))
    assert str(report.sums.first_at) == "2026-03-01 10:00:00+00:00"
    assert seen == ["0", "3", "6"]


def test_rows_are_streamed(seen: list[str]) -> None:
    rows = read_foreign("bigquery://acme/support/calls")
    first = next(rows)
    assert (first["id"], first["messages"]) == ("r0", [{"role": "user", "content": "Where is order 0?"}])
    assert first["params"] == {"temperature": 0.2}
    assert seen == ["0"]


def test_a_connection_that_breaks_once_loses_and_repeats_nothing(seen: list[str]) -> None:
    assert [row["id"] for row in read_foreign("bigquery://acme/support/once")] == [f"r{n}" for n in range(8)]


def test_a_connection_that_is_lost_leaves_no_half_import(
    tmp_path: Path, seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bigquery, "_RETRY_S", 0.1)
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(StoreError, match=r"support\.lost can't be read: .* \(3 rows arrived\)\. Nothing was imported"):
        import_logs(store, "S", ["bigquery://acme/support/lost"], ImportOptions(redact=False))
    with pytest.raises(BadInput, match="Unknown study"):
        find_study(store, "S")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("support/none", "acme.support.none can't be read: Not found: Table acme:support.none. Nothing"),
        ("closed/calls", "acme.closed.calls can't be read: Access Denied: Table acme:closed.calls: Permission denied"),
        ("support/view", "Cannot list a table of type VIEW. Nothing was imported. Check the names"),
        ("support/empty", "acme.support.empty has no rows. Check project, dataset and table."),
    ],
)
def test_what_cannot_be_read_is_named(seen: list[str], path: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        next(read_foreign(f"bigquery://acme/{path}"))
    assert told in str(caught.value)
    assert "http" not in str(caught.value)


def test_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bigquery, "_RETRY_S", 0.1)
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "http://127.0.0.1:1")
    with pytest.raises(StoreError, match=r"acme\.support\.calls can't be read: .* Check your network"):
        next(read_foreign("bigquery://acme/support/calls"))


def test_credentials_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(BadInput, match=r"none\.json was not found\. Set GOOGLE_APPLICATION_CREDENTIALS"):
        next(read_foreign("bigquery://acme/support/calls"))


@pytest.mark.parametrize("url", ["bigquery://acme/support", "bigquery://acme/a/b/c", "bigquery://a/b/c?key=s3cr3t"])
def test_urls_that_name_no_table_are_not_repeated(url: str) -> None:
    for use in (name_of, lambda url: next(read_foreign(url))):
        with pytest.raises(BadInput, match="Write the URL like bigquery://PROJECT/DATASET/TABLE") as caught:
            use(url)
        assert "s3cr3t" not in str(caught.value)


def test_without_the_client_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", None)
    with pytest.raises(BadInput, match=r"needs Google's client\. Run `make databases`"):
        next(read_foreign("bigquery://acme/support/calls"))
