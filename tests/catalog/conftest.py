"""A server of lists, and the folder that a refresh keeps them in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalog.made_lists import ListServer, list_server


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    with list_server(folder, monkeypatch) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"
