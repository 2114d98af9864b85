"""``catalog refresh`` as a process: what it prints, and its exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.settings import ROOT
from tests.catalog.made_lists import ListServer, answers, list_server


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    with list_server(tmp_path / "snapshots", monkeypatch) as made:
        yield made


def refresh(database: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "catalog", "refresh", "--json", *arguments],
        cwd=ROOT,
        env=os.environ | {"ADVISOR_DATABASE_URL": f"sqlite:///{database}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def test_exit_codes_and_what_is_kept(lists: ListServer, tmp_path: Path) -> None:
    database = tmp_path / "advisor.db"
    code, told, said = refresh(database)
    assert code == 0
    assert [(each["name"], each["status"]) for each in told["sources"]] == [
        ("genai-prices", "updated"),
        ("litellm", "updated"),
        ("models.dev", "updated"),
        ("huggingface", "updated"),
    ]
    assert f"Asking {lists.url.removeprefix('http://')} for" in said
    kept = {path.name.rpartition("-")[0] for path in (tmp_path / "snapshots").glob("*/*.json")}
    assert kept == {"genai-prices", "litellm", "models.dev", "huggingface"}

    lists.misbehave["litellm"] = answers(500)
    lists.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 60.0
    code, told, said = refresh(database)
    assert code == 3
    assert [each["status"] for each in told["sources"]] == ["held", "failed", "unchanged", "unchanged"]
    assert "litellm failed: it answered with HTTP status 500" in said

    code, told, _ = refresh(database, "--reviewed", "genai-prices")
    assert (code, told["sources"][0]["status"]) == (3, "updated")

    code, told, _ = refresh(database, "--reviewed", "nonsense")
    assert code == 2
    assert "nonsense" in told["error"]

    for name in ("genai-prices", "models.dev", "huggingface"):
        lists.misbehave[name] = answers(500)
    code, told, _ = refresh(database)
    assert code == 1
    assert all(each["status"] == "failed" and each["kept_of"] for each in told["sources"])
    assert not database.exists()
