"""A row of prompt and answer with an attachment can't be asked again without it."""

import json
from pathlib import Path

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Json, Sample

NONE: list[Json] = [None, "", "[]", "null", "[null]", 0, 0.0, "0", "N/A", False, "{}", "none"]
SOME: list[Json] = [
    "photo-1.png", ["invoice.pdf"], '["invoice.pdf"]', "https://files.example.com/a1", "image/png",
    [{"name": "a", "size": 3}], '[{"id": 7}]', {"path": "up/load.bin"}, 2, "1", 1.0, True,
]  # fmt: skip


@pytest.mark.parametrize("name", ["attachments", "Attachment", "attachment_url", "has_attachment", "attachmentCount"])
@pytest.mark.parametrize("sides", [("prompt", "response"), ("question", "answer"), ("frage", "antwort")])
def test_only_rows_with_an_attachment_lack_it(tmp_path: Path, name: str, sides: tuple[str, str]) -> None:
    cells = [cell for pair in zip(NONE, SOME, strict=True) for cell in pair]
    rows = [{sides[0]: f"What is item {at}?", sides[1]: f"It is {at}.", name: c} for at, c in enumerate(cells)]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    calls = [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]
    assert [bool(call.not_replayable) for call in calls] == [False, True] * len(SOME)
    assert [call.answer and call.answer.text for call in calls] == [row[sides[1]] for row in rows]
    assert all(f"What is item {at}?" in json.dumps(call.request.messages) for at, call in enumerate(calls))
