"""Files on their way to the worker: which paths on the server may be named, and what is swept away."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit import config

from advisor import settings
from advisor.errors import BadInput
from advisor.store import Store
from advisor.study.jobs import file_import
from advisor.ui import uploads


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Says on which address the server listens."""

    def at(address: str) -> None:
        monkeypatch.setattr(uploads.st, "get_option", {"server.address": address}.__getitem__)

    assert config.get_option("server.address") in uploads._OWN_ADDRESSES, "the app comes private"
    return at


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    path = folder / "log.jsonl"
    path.write_text("{}\n")
    return path


def test_on_ones_own_machine_any_log_may_be_named_but_no_settings(log: Path, listen: Callable[[str], None]) -> None:
    listen("127.0.0.1")
    assert uploads.find_on_server(f" {log} ") == log
    secrets = log.parent / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text("")
    link = log.parent / "link.jsonl"
    link.symlink_to(secrets)
    for path in (secrets, link, secrets.parent):
        with pytest.raises(BadInput, match="may not be read"):
            uploads.find_on_server(str(path))
    for text in ("~nobody-of-this-name/x", "a\0b"):
        with pytest.raises(BadInput, match="Give the whole path"):
            uploads.find_on_server(text)


@pytest.mark.parametrize("why", ["sign-in", "address"])
def test_where_others_reach_the_app_only_named_folders_are_read(
    log: Path, listen: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    listen("0.0.0.0" if why == "address" else "127.0.0.1")
    if why == "sign-in":
        secrets = log.parent / "secrets.toml"
        secrets.write_text("[auth]\n")
        monkeypatch.setattr(settings, "SECRETS", secrets)
    with pytest.raises(BadInput, match="Paths on the server are off"):
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
    monkeypatch.setattr(uploads, "settings", lambda: type("Here", (), {"data_dir": tmp_path}))
    monkeypatch.setattr(uploads, "store", lambda: store)
    waiting, forgotten = (tmp_path / "uploads" / name / "log.jsonl" for name in ("waiting", "forgotten"))
    for path in (waiting, forgotten):
        path.parent.mkdir(parents=True)
        path.write_text("{}\n")
        os.utime(path.parent, (0, 0))
    file_import(store, "Mine", [waiting], redact=False, delete_after=True)
    for n in range(25):
        file_import(store, f"Other {n}", ["env:SOME_URL"], redact=False)
    uploads.sweep()
    assert (waiting.exists(), forgotten.exists()) == (True, False)
