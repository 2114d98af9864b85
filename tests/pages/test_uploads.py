"""Files on their way to the worker: which paths on the server may be named, and what is swept away."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import streamlit as st
from streamlit import config

from advisor.collect.import_jobs import file_import
from advisor.collect.imports import ImportOptions
from advisor.errors import BadInput
from advisor.store import Store
from advisor.ui.log import uploads


class Visitor(NamedTuple):
    """Where a request comes from, as Streamlit has it."""

    headers: list[tuple[str, str]]
    remote_ip: str


@pytest.fixture
def come_from(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says who asks, and on which address the server listens."""

    def come(ip: str = "127.0.0.1", listens: str = "127.0.0.1", **headers: str) -> None:
        sent = {"Host": "localhost:8501", "Origin": "http://localhost:8501"} | headers
        visitor = Visitor([(key.replace("_", "-"), value) for key, value in sent.items()], ip)
        monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: visitor)
        monkeypatch.setattr(st, "get_option", {"server.address": listens}.__getitem__)

    assert config.get_option("server.address") == "127.0.0.1", "the app comes private"
    return come


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    path = folder / "log.jsonl"
    path.write_text("{}\n")
    return path


def test_on_ones_own_machine_any_log_may_be_named_but_no_settings(log: Path, come_from: Callable[..., None]) -> None:
    come_from()
    assert uploads.find_on_server(f" {log} ") == log
    secrets = log.parent / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text("")
    link = log.parent / "link.jsonl"
    link.symlink_to(secrets)
    for path in (secrets, link, secrets.parent):
        with pytest.raises(BadInput, match="isn't allowed"):
            uploads.find_on_server(str(path))
    for text in ("~nobody-of-this-name/x", "a\0b"):
        with pytest.raises(BadInput, match="full path"):
            uploads.find_on_server(text)


ELSEWHERE: dict[str, dict[str, str]] = {
    "the address": {"listens": "0.0.0.0"},
    "another machine": {"ip": "10.0.0.7"},
    "a proxy": {"X_Forwarded_For": "10.0.0.7"},
    "a proxy that says little": {"Via": "1.1 gateway"},
    "a proxy that keeps the host": {"Host": "advisor.example.com", "Origin": "https://advisor.example.com"},
    "a proxy that rewrites the host": {"Origin": "https://advisor.example.com"},
    "sign-in": {},
    "a guard elsewhere": {},
}


@pytest.mark.parametrize("why", ELSEWHERE)
def test_from_elsewhere_only_named_folders_are_read(
    log: Path, come_from: Callable[..., None], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    come_from(**ELSEWHERE[why])
    if why == "sign-in":
        monkeypatch.setattr(st, "secrets", {"auth": {}})
    if why == "a guard elsewhere":
        monkeypatch.setenv("ADVISOR_NO_SIGN_IN", "yes")
    with pytest.raises(BadInput, match="Server paths are off"):
        uploads.find_on_server(str(log))
    other = log.parent.parent / "other.jsonl"
    other.write_text("{}\n")
    monkeypatch.setenv("ADVISOR_LOG_DIR", os.pathsep.join([str(log.parent), str(log.parent.parent / "more")]))
    assert uploads.find_on_server(str(log)) == log
    for path in (other, log.parent / ".." / "other.jsonl", log.parent.parent / "nowhere"):
        with pytest.raises(BadInput, match="Logs are read from"):
            uploads.find_on_server(str(path))


def test_an_upload_is_kept_for_its_import_however_many_are_newer(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "DATA", tmp_path)
    monkeypatch.setattr(uploads, "store", lambda: store)
    waiting, forgotten = (tmp_path / "uploads" / name / "log.jsonl" for name in ("waiting", "forgotten"))
    for path in (waiting, forgotten):
        path.parent.mkdir(parents=True)
        path.write_text("{}\n")
        os.utime(path.parent, (0, 0))
    file_import(store, "Mine", [waiting], ImportOptions(redact=False), delete_after=True)
    for n in range(25):
        file_import(store, f"Other {n}", ["env:SOME_URL"], ImportOptions(redact=False))
    uploads.sweep()
    assert (waiting.exists(), forgotten.exists()) == (True, False)
