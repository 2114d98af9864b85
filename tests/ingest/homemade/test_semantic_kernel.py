"""Histories of Semantic Kernel, as its public code and its samples' output show them; no real file was seen."""

import json
from pathlib import Path

import pytest

from advisor.types import Json
from tests.ingest.homemade.test_odd_logs import CALLS, samples_of, talks

TURNS = [
    ("system", "You help guests."),
    *(turn for call in CALLS for turn in zip(("user", "assistant"), call, strict=True)),
]


def csharp(role: str, text: str) -> dict[str, Json]:
    more: dict[str, Json] = {"ModelId": "gpt-4o"} if role == "assistant" else {}
    return {"Role": {"Label": role}, "Items": [{"$type": "TextContent", "Text": text}], **more}


def python(role: str, text: str) -> dict[str, Json]:
    item: Json = {"metadata": {}, "content_type": "text", "text": text}
    return {"metadata": {}, "content_type": "message", "role": role, "items": [item]}


@pytest.mark.parametrize("whole", [
    [csharp(*turn) for turn in TURNS],
    {"messages": [python(*turn) for turn in TURNS]},
    [{"id": f"s{at}", "chatHistory": [csharp(*turn) for turn in TURNS]} for at in range(2)],
], ids=["csharp", "python", "several"])  # fmt: skip
def test_a_history(tmp_path: Path, whole: list[Json] | dict[str, Json]) -> None:
    (tmp_path / "log.json").write_text(json.dumps(whole))
    found = samples_of(tmp_path / "log.json")
    assert talks(found)[: len(CALLS)] == [(2 * at + 2, *call) for at, call in enumerate(CALLS)]
    assert all(call.request.messages[0] == {"role": "system", "content": "You help guests."} for call in found)
    if isinstance(whole, list):
        assert {call.model for call in found} == {"gpt-4o"}
