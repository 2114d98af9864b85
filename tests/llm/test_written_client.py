"""Answers from a file."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import CallError, ModelUnavailable
from advisor.llm.opening import open_client
from advisor.llm.written import request_digest
from advisor.types import FailureKind, Generation, Model, Request, ToolCall, Usage

REQUEST = Request(messages=[{"role": "user", "content": "Grüße 🐈"}], params={"temperature": 0})
MODEL = Model(name="w", litellm_id="written/glm-5.3-flash", illustrative=True)


@pytest.fixture(autouse=True)
def _own_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are those of this test."""
    monkeypatch.setattr("advisor.llm.opening.DATA", tmp_path)


def ask(folder: Path, row: dict[str, Any], request: Request = REQUEST) -> Generation:
    (folder / "sample").mkdir(exist_ok=True)
    (folder / "sample" / "illustrative.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    client = open_client(MODEL)
    return asyncio.run(client.complete(request, stream=True, timeout_s=1))


def test_the_written_answer_has_no_latency(tmp_path: Path) -> None:
    usage = {"input_tokens": 9, "cache_read_tokens": 3, "output_tokens": 4}
    row = {"digest": request_digest(REQUEST), "text": "Hallo", "tool_calls": [], "usage": usage}
    generation = ask(tmp_path, row)
    assert generation.answer is not None
    assert generation.answer.text == "Hallo"
    assert generation.usage == Usage(input_tokens=9, cache_read_tokens=3, output_tokens=4)
    assert generation.latency_s is None
    assert generation.ttft_s is None
    assert generation.at is not None


def test_tool_calls(tmp_path: Path) -> None:
    calls = [{"name": "f", "arguments": '{"x": 1}'}]
    generation = ask(tmp_path, {"digest": request_digest(REQUEST), "text": None, "tool_calls": calls, "usage": None})
    assert generation.answer is not None
    assert generation.answer.tool_calls == (ToolCall(name="f", arguments='{"x": 1}'),)
    assert generation.usage is None


def test_a_request_without_an_answer(tmp_path: Path) -> None:
    with pytest.raises(CallError) as caught:
        ask(tmp_path, {"digest": "0", "text": "x", "tool_calls": [], "usage": None})
    assert caught.value.kind == FailureKind.NOT_FOUND


def test_the_digest_is_of_the_messages_alone() -> None:
    same = Request(messages=[{"content": "Grüße 🐈", "role": "user"}], params={"temperature": 1})
    other = Request(messages=[{"role": "user", "content": "Grüße"}])
    assert request_digest(REQUEST) == request_digest(same)
    assert request_digest(REQUEST) != request_digest(other)
    assert request_digest(REQUEST) == "ce597b5bf3f55c22d7267d94fc0c57079ecf09151cb9eaec9a9a50d1c10f7c45"


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"illustrative\.jsonl"):
        open_client(MODEL)
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "illustrative.jsonl").write_text('{"digest": "a"}\nnot json\n')
    with pytest.raises(ModelUnavailable, match="line 2"):
        open_client(MODEL)
