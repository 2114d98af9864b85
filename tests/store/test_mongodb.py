"""A collection read with pymongo from a real socket: a server that speaks as much of MongoDB as reading needs."""

import itertools
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import bson
import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput, StoreError
from advisor.store import Store
from advisor.store.log.foreign import name_of, read_foreign
from advisor.store.log.logs import list_logs, load_sample_facts, load_samples
from advisor.store.studies import find_study

SECRET = "s3cr3t@pw"
USER = "ann:s3cr3t%40pw@"
_HELLO = {
    "isWritablePrimary": True,
    "ismaster": True,
    "maxBsonObjectSize": 2**24,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 1000,
    "minWireVersion": 0,
    "maxWireVersion": 25,
    "logicalSessionTimeoutMinutes": 30,
}
_BATCH = 3


class Answering(socketserver.BaseRequestHandler):
    """OP_MSG, and OP_QUERY for the first hello of a connection."""

    server: "Server"

    def handle(self) -> None:
        while head := self._take(16):
            length, number, _, code = struct.unpack("<iiii", head)
            body = self._take(length - 16)
            if code == 2013:
                asked, begin = bson.decode(body[5:]), struct.pack("<IB", 0, 0)
            else:
                asked = bson.decode(body[body.index(b"\0", 4) + 9 :])
                begin = struct.pack("<iqii", 8, 0, 0, 1)
            came = self._answer(asked)
            if came is None:
                return
            packed = begin + bson.encode({"ok": 1.0} | came)
            op = 2013 if code == 2013 else 1
            self.request.sendall(struct.pack("<iiii", 16 + len(packed), 1, number, op) + packed)

    def _take(self, count: int) -> bytes:
        try:
            return self.request.recv(count, socket.MSG_WAITALL)
        except ConnectionError:
            return b""

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """What a server answers; None: the connection is dropped."""
        command = next(iter(asked))
        self.server.seen.append(command)
        collection = asked.get(command if command == "find" else "collection")
        if command in ("hello", "ismaster", "isMaster"):
            return _HELLO
        if command == "saslStart":
            if asked["mechanism"] == "PLAIN" and asked["payload"] == f"\0ann\0{SECRET}".encode():
                return {"conversationId": 1, "done": True, "payload": b""}
            return {"ok": 0.0, "errmsg": "Authentication failed.", "code": 18, "codeName": "AuthenticationFailed"}
        if command in ("find", "getMore") and collection == "closed":
            errmsg = 'not authorized on chat to execute command { find: "closed", filter: {} }'
            return {"ok": 0.0, "errmsg": errmsg, "code": 13, "codeName": "Unauthorized"}
        if command == "find":
            return self._batch("firstBatch", f"{asked['$db']}.{collection}", 0)
        if command == "getMore":
            return None if collection == "lost" else self._batch("nextBatch", f"chat.{collection}", asked["getMore"])
        return {}

    def _batch(self, key: str, name: str, start: int) -> dict[str, Any]:
        held = self.server.collections.get(name, [])
        more = start + _BATCH if start + _BATCH < len(held) else 0
        return {"cursor": {"id": bson.Int64(more), "ns": name, key: held[start : start + _BATCH]}}


class Server(socketserver.ThreadingTCPServer):
    """Collections by database and name."""

    daemon_threads = True

    def __init__(self, collections: dict[str, list[dict[str, Any]]]) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.collections = collections
        self.seen: list[str] = []
        self.place = f"127.0.0.1:{self.server_address[1]}"


def document(n: int) -> dict[str, Any]:
    """A call as an application keeps it, with an id of its own and types of MongoDB below."""
    return {
        "_id": f"call-{n}",
        "session": UUID(int=n),
        "request": {"messages": [{"role": "user", "content": f"Where is order {n}?"}], "model": "gpt-4o"},
        "response": {"text": f"Order {n} is on its way.", "at": datetime(2026, 3, 1, 10, n, tzinfo=UTC)},
        "usage": {"prompt_tokens": bson.Int64(10 + n), "completion_tokens": 2},
        "cost": bson.Decimal128("0.0125"),
        "created_at": datetime(2026, 3, 1, 10, n, tzinfo=UTC),
    }


@pytest.fixture
def server() -> Iterator[Server]:
    codec: Any = bson.CodecOptions(uuid_representation=bson.binary.UuidRepresentation.STANDARD)
    held = [bson.decode(bson.encode(document(n), codec_options=codec)) for n in range(8)]
    held[5]["expires_at"] = bson.DatetimeMS(9 * 10**15)  # in the year 287168
    with Server({"chat.calls": held, "chat.lost": held, "chat.my calls": held[:1]}) as running:
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        running.shutdown()


def test_a_collection_is_imported_and_its_password_is_nowhere(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    monkeypatch.setenv("CHAT_URL", f"mongodb://{USER}{server.place}/chat/calls?authMechanism=PLAIN")
    report = import_logs(store, "S", ["env:CHAT_URL"], ImportOptions(redact=False))
    assert (report.counts.rows, report.counts.accepted) == (8, 8)
    study = find_study(store, "S")
    assert [log.name for log in list_logs(store, study.id)] == [f"{server.place}/chat/calls"]
    samples = list(load_samples(store, load_sample_facts(store, study.id)["id"]))
    assert samples[7].request.messages == [{"role": "user", "content": "Where is order 7?"}]
    assert samples[7].answer is not None
    assert samples[7].answer.text == "Order 7 is on its way."
    metered = samples[7].metered
    assert (metered.cost_usd, metered.at) == (0.0125, datetime(2026, 3, 1, 10, 7, tzinfo=UTC))
    assert metered.usage is not None
    assert (metered.usage.input_tokens, metered.usage.output_tokens) == (17, 2)
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_documents_are_streamed_and_nothing_is_left_open(server: Server) -> None:
    rows: Any = read_foreign(f"mongodb://{server.place}/chat/calls")
    assert [row["_id"] for row in itertools.islice(rows, 2)] == ["call-0", "call-1"]
    assert server.seen.count("find") == 1
    assert "getMore" not in server.seen
    rows.close()
    assert "killCursors" in server.seen


def test_names_may_be_escaped(server: Server) -> None:
    assert len(list(read_foreign(f"mongodb://{server.place}/chat/my%20calls"))) == 1


@pytest.mark.parametrize("collection", ["none", "Calls"])
def test_a_collection_that_is_not_there(server: Server, collection: str) -> None:
    with pytest.raises(BadInput, match=f"{server.place}/chat/{collection} has no documents. Check the names"):
        next(read_foreign(f"mongodb://{server.place}/chat/{collection}"))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"{USER}HOST/chat/calls", "Authentication failed. Check user, password and authSource"),
        (f"{USER.replace('40', '41')}HOST/chat/calls?authMechanism=PLAIN", "Authentication failed. Check user"),
        ("HOST/chat/closed", "not authorized on chat. Check user"),
    ],
)
def test_a_user_who_may_not_read(server: Server, path: str, told: str) -> None:
    with pytest.raises(BadInput, match=r"chat/\w+ can't be read: ") as caught:
        next(read_foreign(f"mongodb://{path.replace('HOST', server.place)}"))
    assert told in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_connection_that_is_lost_leaves_no_half_import(tmp_path: Path, server: Server) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    url = f"mongodb://{USER}{server.place}/chat/lost?authMechanism=PLAIN"
    with pytest.raises(StoreError, match=r"chat/lost can't be read: .*closed \(3 documents arrived\)") as caught:
        import_logs(store, "S", [url], ImportOptions(redact=False))
    assert "Nothing was imported" in str(caught.value)
    assert SECRET not in str(caught.value)
    with pytest.raises(BadInput, match="Unknown study"):
        find_study(store, "S")


@pytest.mark.parametrize(
    "begin",
    [f"mongodb://{USER}127.0.0.1:1", f"mongodb://{USER}no-such-host.invalid", f"mongodb://{USER}127.0.0.1:99999"],
)
def test_no_server(begin: str) -> None:
    with pytest.raises(StoreError, match="chat/calls can't be read: ") as caught:
        next(read_foreign(f"{begin}/chat/calls?serverSelectionTimeoutMS=200"))
    assert SECRET not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert "Topology" not in str(caught.value)


def test_a_file_with_certificates_that_is_not_there() -> None:
    with pytest.raises(StoreError, match=r"chat/calls can't be read: .*'/no/ca\.pem'\. Nothing was imported") as caught:
        next(read_foreign(f"mongodb://{USER}127.0.0.1:1/chat/calls?tls=true&tlsCAFile=/no/ca.pem"))
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("path", ["", "db", "db/", "db/calls/more", "a@db/calls"])
def test_urls_that_name_no_collection_are_not_repeated(path: str) -> None:
    for use in (name_of, lambda url: next(read_foreign(url))):
        with pytest.raises(BadInput, match="Write the URL like mongodb://") as caught:
            use(f"mongodb://ann:{SECRET.partition('@')[0]}@host/{path}")
        assert "s3cr3t" not in str(caught.value)


def test_names_for_display() -> None:
    assert name_of(f"mongodb+srv://{USER}cluster.example/chat/calls?retryReads=true") == "cluster.example/chat/calls"
    assert name_of("mongodb://a.example:1,b.example:2/chat/calls.2026") == "a.example:1,b.example:2/chat/calls.2026"


def test_without_pymongo_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymongo", None)
    with pytest.raises(BadInput, match=r"needs pymongo\. Run `make databases`"):
        next(read_foreign("mongodb://host/chat/calls"))
