"""``catalog refresh``: what it prints, and its exit codes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalog.made_lists import ListServer, answers, list_server
from tests.command import Advisor


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    with list_server(tmp_path / "snapshots", monkeypatch) as made:
        yield made


@pytest.mark.slow
def test_exit_codes_and_what_is_kept(lists: ListServer, tmp_path: Path) -> None:
    advisor = Advisor(tmp_path)
    told = advisor.run_process("catalog", "refresh")
    assert [(each["name"], each["status"]) for each in told["sources"]] == [
        ("genai-prices", "updated"),
        ("litellm", "updated"),
        ("models.dev", "updated"),
        ("huggingface", "updated"),
    ]
    kept = {path.name.rpartition("-")[0] for path in (tmp_path / "snapshots").glob("*/*.json")}
    assert kept == {"genai-prices", "litellm", "models.dev", "huggingface"}

    lists.misbehave["litellm"] = answers(500)
    lists.model("openai", "gpt-4o-mini")["prices"]["output_mtok"] = 1.2
    told = advisor.run("catalog", "refresh", code=3)
    assert [each["status"] for each in told["sources"]] == ["updated", "failed", "unchanged", "unchanged"]
    assert f"Fetching from {lists.url.removeprefix('http://')}" in advisor.said
    assert "litellm failed: it answered with HTTP status 500" in advisor.said

    assert "nonsense" in advisor.complain("catalog", "refresh", "--reviewed", "nonsense")

    for name in ("genai-prices", "models.dev", "huggingface"):
        lists.misbehave[name] = answers(500)
    told = advisor.run("catalog", "refresh", code=1)
    assert all(each["status"] == "failed" and each["kept_of"] for each in told["sources"])
    assert not advisor.database.exists()
