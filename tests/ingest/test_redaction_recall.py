"""A set of strings of our own in prompts: what is found, what is left alone, and that no secret reaches the database.

``data/redaction.jsonl`` holds one object a line: the kind, the text, and the exact values in it that must go; a text
without values looks like its kind and must stay. Persons and values are invented, checksums are right.
"""

import json
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.redaction.people import names_available
from advisor.ingest.redaction.redact import Redactor
from advisor.store import Store
from advisor.study.imports import import_logs
from advisor.types import Request, Sample

SET = Path(__file__).parent / "data" / "redaction.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
KINDS = sorted({row["kind"] for row in ROWS})
NAMES = "PERSON"


def redacted(text: str) -> tuple[str, dict[str, int]]:
    redactor = Redactor()
    result = redactor.redact(Sample(request=Request(messages=[{"role": "user", "content": text}])))
    return str(result.request.messages[0]["content"]), dict(redactor.counts)


def without_names(row: dict[str, Any]) -> bool:
    return row["kind"] != NAMES


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_the_kind_is_found(kind: str) -> None:
    if kind == NAMES and not names_available():
        pytest.skip("no spaCy model is installed: names of people are not looked for")
    rows = [row for row in ROWS if row["kind"] == kind and row["values"]]
    missed = [value for row in rows for value in row["values"] if value in redacted(row["text"])[0]]
    total = sum(len(row["values"]) for row in rows)
    assert total >= 4
    assert len(missed) <= (0.2 * total if kind == NAMES else 0), f"{len(missed)} of {total}: {missed}"


@pytest.mark.parametrize("kind", KINDS)
def test_what_looks_like_the_kind_stays(kind: str) -> None:
    if kind == NAMES and not names_available():
        pytest.skip("no spaCy model is installed: names of people are not looked for")
    texts = [row["text"] for row in ROWS if row["kind"] == kind and not row["values"]]
    assert len(texts) >= 3
    wrong = {text: found for text in texts if (found := redacted(text)[1]) and set(found) != {NAMES}}
    assert wrong == {}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != NAMES])
def test_a_value_is_called_by_its_kind(kind: str) -> None:
    labels: dict[str, int] = defaultdict(int)
    for row in ROWS:
        if row["kind"] == kind and row["values"]:
            for label, count in redacted(row["text"])[1].items():
                labels[label] += count
    labels.pop(NAMES, None)
    assert labels[kind] >= 0.9 * sum(labels.values()), dict(labels)


def test_the_set_is_large_enough() -> None:
    assert len(KINDS) >= 12
    assert sum(len(row["values"]) for row in ROWS) >= 200
    assert sum(not row["values"] for row in ROWS) >= 100


def test_no_secret_reaches_the_database(tmp_path: Path) -> None:
    rows = [row for row in ROWS if row["values"] and without_names(row)]
    log = tmp_path / "calls.jsonl"
    log.write_text("".join(json.dumps(call(index, row["text"])) + "\n" for index, row in enumerate(rows)))
    database = tmp_path / "advisor.db"
    store = Store(f"sqlite:///{database}")
    report = import_logs(store, "Planted", [log], redact=True, data_dir=tmp_path / "data")
    store.close()
    assert report.accepted == len(rows)
    stored = everything_in(database)
    assert "You answer customers" in stored
    assert [value for row in rows for value in row["values"] if is_in(value, stored)] == []


def call(index: int, text: str) -> dict[str, Any]:
    """A logged call with ``text`` wherever a log may hold text."""
    arguments = json.dumps({"note": text, "deep": [{"text": text}]})
    tool_call = {"id": "call_1", "type": "function", "function": {"name": "save", "arguments": arguments}}
    schema = {"type": "object", "properties": {"note": {"type": "string", "description": text, "default": text}}}
    return {
        "id": f"row {index}: {text}",
        "session_id": text,
        "use_case": text,
        "error": text if index % 7 == 0 else None,
        "request": {
            "model": "gpt-4o",
            "stop": [text[:200]],
            "tools": [{"type": "function", "function": {"name": "save", "description": text, "parameters": schema}}],
            "messages": [
                {"role": "system", "content": f"You answer customers. {text}"},
                {"role": "user", "content": [{"type": "text", "text": text}]},
                {"role": "assistant", "content": None, "tool_calls": [tool_call]},
                {"role": "tool", "tool_call_id": "call_1", "content": json.dumps({"result": text})},
                {"role": "user", "content": f"```json\n{json.dumps({'quoted': text})}\n```\nCall {index}"},
            ],
        },
        "response": {
            "id": f"chatcmpl-{index}",
            "object": "chat.completion",
            "model": "gpt-4o",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "tool_calls",
                    "message": {"role": "assistant", "content": text, "tool_calls": [tool_call]},
                }
            ],
        },
    }


def everything_in(database: Path) -> str:
    """Every value of every table as text, and the raw bytes of the files too."""
    with sqlite3.connect(database) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        values = [
            str(value) for table in tables for row in connection.execute(f"SELECT * FROM {table}") for value in row
        ]
    raw = [path.read_bytes().decode("utf-8", errors="replace") for path in database.parent.glob("advisor.db*")]
    return "\n".join([*values, *raw])


def is_in(value: str, stored: str) -> bool:
    """As it is, and as JSON writes it once or twice."""
    once = json.dumps(value)[1:-1]
    return any(
        form in stored for form in (value, once, json.dumps(once)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    )
